/* Runs that other programs train, beside the window, and folders of runs that are somewhere else.
 */
#include "tests/gui/harness.h"
#include "tests/support/program.h"
#include "ui/continue-button.h"
#include "ui/run-watcher.h"

#include <string.h>

static guint
n_runs (Gui *gui)
{
  return g_list_model_get_n_items (lw_workbench_runs (gui->workbench));
}

/* It appears, grows, ends and is deleted, and nothing here can pause it meanwhile. */
static void
outside (Gui *gui)
{
  g_autofree char *runs = lw_runs_folder (), *folder = g_build_filename (runs, "outside", NULL);
  GPid child = lw_start_training ("lenet", folder);
  LwRunItem *run;
  int64_t steps;
  size_t points;

  gui_assert_soon (n_runs (gui) == 1);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_row (gui, 1, 0));
  run = lw_workbench_run (gui->workbench);
  g_assert_nonnull (run);
  g_assert_true (lw_run_item_is_elsewhere (run));
  g_assert_false (lw_run_item_is_live (run));
  gui_assert_soon (gui_button (gui->window, "Pause") != NULL);
  g_assert_false (gtk_widget_is_sensitive (gui_button (gui->window, "Pause")));
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (gui_button (gui->window, "Pause")),
                            "Another program trains this run"));
  for (int i = 0; i < 2; i++) {
    steps = gui_steps (run);
    points = lw_series_length (lw_run_item_series (run, LW_CURVE_TRAIN_LOSS));
    gui_assert_soon (gui_steps (run) > steps);
    g_assert_cmpuint (lw_series_length (lw_run_item_series (run, LW_CURVE_TRAIN_LOSS)), >, points);
  }
  g_assert_true (lw_workbench_run (gui->workbench) == run); /* it grew, and is no other */

  lw_stop_training (child);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_STOPPED);
  gui_assert_soon (gui_find (GTK_WIDGET (gui->window), LW_TYPE_CONTINUE_BUTTON) != NULL);
  g_assert_true (
      gtk_widget_is_sensitive (gui_find (GTK_WIDGET (gui->window), LW_TYPE_CONTINUE_BUTTON)));
  gui_remove (folder);
  gui_assert_soon (n_runs (gui) == 0);
  g_assert_null (lw_workbench_run (gui->workbench));
}

/* A further folder is remembered. */
static void
open_further (Gui *gui)
{
  g_autofree char *further = gui_scratch ("shared"),
                  *folder = g_build_filename (further, "a", NULL);
  g_autoptr (GError) error = NULL;
  GPid child = lw_start_training ("lenet", folder);

  gui_assert_soon (g_file_test (folder, G_FILE_TEST_IS_DIR));
  g_assert_true (lw_workbench_open_runs (gui->workbench, further, &error));
  gui_assert_soon (n_runs (gui) == 1);
  lw_stop_training (child);
  g_assert_false (lw_workbench_open_runs (gui->workbench, further, &error));
  g_assert_nonnull (error);
}

static void
find_further (Gui *gui)
{
  g_autofree char *further = gui_scratch ("shared");

  gui_assert_soon (n_runs (gui) == 1);
  lw_run_watcher_remove_folder (lw_workbench_watcher (gui->workbench), further);
  gui_assert_soon (n_runs (gui) == 0);
}

static void
further_folder (void)
{
  gui_run (open_further, NULL);
  gui_run (find_further, NULL);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/elsewhere/outside", outside, NULL },
    { "/elsewhere/further-folder", NULL, further_folder },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
