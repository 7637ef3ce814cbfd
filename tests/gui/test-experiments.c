/* Experiments through the window: one is run to its end, another while it is looked at; both are
 * there again after a restart, until their runs' folders are gone. */
#include "tests/gui/harness.h"
#include "ui/experiment-list.h"
#include "ui/experiment-page.h"
#include "ui/experiments-view.h"
#include "ui/inspect-page.h"

#include <string.h>

static LwExperimentsView *
view_of (Gui *gui)
{
  return LW_EXPERIMENTS_VIEW (gui_find (GTK_WIDGET (gui->window), LW_TYPE_EXPERIMENTS_VIEW));
}

static LwExperimentSet *
set_of (Gui *gui)
{
  return lw_experiments_view_set (view_of (gui));
}

static GtkWidget *
page_of (Gui *gui)
{
  return gui_find (GTK_WIDGET (gui->window), LW_TYPE_EXPERIMENT_PAGE);
}

static LwExperimentState
state_of (Gui *gui, const char *name)
{
  return lw_experiment_set_progress (set_of (gui), lw_experiment_by_name (name), LW_SIZE_QUICK)
      .state;
}

static void
open_experiments (Gui *gui)
{
  gui_shortcut (gui, "<Control>4");
  gui_press (gui_button (gui->window, "Experiments"));
  gui_assert_soon (view_of (gui) != NULL);
}

static void
choose (Gui *gui, const char *name)
{
  lw_experiment_list_choose (
      LW_EXPERIMENT_LIST (gui_find (GTK_WIDGET (gui->window), LW_TYPE_EXPERIMENT_LIST)),
      lw_experiment_by_name (name));
  gui_assert_soon (lw_experiment_page_experiment (LW_EXPERIMENT_PAGE (page_of (gui))) ==
                   lw_experiment_by_name (name));
}

/* A mapped image of that icon in the row of an experiment that is the only finished one. */
static bool
has_icon (GtkWidget *root, const char *name)
{
  if (GTK_IS_IMAGE (root) && gtk_widget_get_mapped (root) &&
      g_strcmp0 (gtk_image_get_icon_name (GTK_IMAGE (root)), name) == 0)
    return true;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (has_icon (child, name))
      return true;
  return false;
}

static void
run_one (Gui *gui)
{
  LwRunItem *run;

  open_experiments (gui);
  lw_experiment_set_limit (set_of (gui), "limit-train=640 limit-test=64 batch=32 epochs=2");
  choose (gui, "bn-faster");
  g_assert_nonnull (gui_label (page_of (gui), "Batch norm · not run yet, 2 runs"));
  g_assert_false (has_icon (GTK_WIDGET (view_of (gui)), "object-select-symbolic"));
  gui_press (gui_button (page_of (gui), "Run"));
  gui_assert_soon (state_of (gui, "bn-faster") == LW_EXPERIMENT_RUNNING);
  gui_assert_soon (gui_label (view_of (gui), "1 of 2") != NULL);
  gui_assert_soon (gui_label (page_of (gui), "“LeNet + BN” trains") != NULL);
  g_assert_nonnull (gui_button (page_of (gui), "Stop"));
  gui_assert_soon (gui_label (view_of (gui), "2 of 2") != NULL ||
                   state_of (gui, "bn-faster") == LW_EXPERIMENT_DONE);
  gui_assert_soon (state_of (gui, "bn-faster") == LW_EXPERIMENT_DONE);
  gui_assert_soon (gui_label (page_of (gui), "Batch norm · finished, 2 runs") != NULL);
  gui_assert_soon (has_icon (GTK_WIDGET (view_of (gui)), "object-select-symbolic"));
  run = lw_experiment_set_run (set_of (gui), lw_experiment_by_name ("bn-faster"), LW_SIZE_QUICK, 1);
  g_assert_nonnull (run);
  g_assert_cmpstr (lw_run_item_group (run)->name, ==, "Does batch norm make training faster?");
  g_assert_cmpstr (lw_run_item_group (run)->label, ==, "LeNet");
  g_assert_cmpstr (lw_options_model (lw_run_item_settings (run)->options)->name, ==, "lenet");
}

/* What the page says of it now: the answer, and a number. */
static void
check_result (Gui *gui)
{
  LwNumbers numbers[LW_EXPERIMENT_RUNS];
  g_autofree char *answer = NULL, *loss = NULL;
  const LwExperiment *experiment = lw_experiment_by_name ("bn-faster");

  lw_experiment_set_numbers (set_of (gui), experiment, LW_SIZE_QUICK, numbers);
  g_assert_cmpint (numbers[0].epochs, ==, 2);
  answer = lw_experiment_answer (experiment, numbers, 2, NULL);
  loss = lw_measure_text (&numbers[0], LW_MEASURE_FIRST_LOSS, NULL);
  gui_assert_soon (gui_label (page_of (gui), answer) != NULL);
  gui_assert_soon (gui_label (page_of (gui), loss) != NULL);
  g_assert_nonnull (gui_button (page_of (gui), "Again"));
  lw_experiment_set_numbers (set_of (gui), experiment, LW_SIZE_QUICK, numbers);
  gui_assert_soon ((lw_experiment_set_numbers (set_of (gui), experiment, LW_SIZE_QUICK, numbers),
                    numbers[0].values[LW_MEASURE_GRADIENT] > 0));
}

/* By the list's own button; the network is looked at after its training. */
static void
run_studied (Gui *gui)
{
  LwNumbers numbers[LW_EXPERIMENT_RUNS];

  gui_press (gui_button (view_of (gui), "Run: Why does the test accuracy jump at rate 1.0?"));
  gui_assert_soon (state_of (gui, "bn-jump") == LW_EXPERIMENT_DONE);
  gui_assert_soon ((lw_experiment_set_numbers (set_of (gui), lw_experiment_by_name ("bn-jump"),
                                               LW_SIZE_QUICK, numbers),
                    numbers[0].values[LW_MEASURE_BN_FRESH] >= 0));
  gui_assert_soon (gui_label (page_of (gui), "Batch norm · finished, 1 run") != NULL);
}

static void
first (Gui *gui)
{
  run_one (gui);
  check_result (gui);
  run_studied (gui);
}

/* Stopped by hand it is not done; a card leads to Inspect; the size is a choice. */
static void
second (Gui *gui)
{
  LwRunItem *run;

  open_experiments (gui);
  gui_assert_soon (state_of (gui, "bn-faster") == LW_EXPERIMENT_DONE);
  gui_assert_soon (state_of (gui, "bn-jump") == LW_EXPERIMENT_DONE);
  choose (gui, "bn-faster");
  check_result (gui);

  gui_press (gui_button (page_of (gui), "Book"));
  gui_assert_soon (gui_label (page_of (gui), "Batch norm · not run yet") != NULL);
  gui_press (gui_button (page_of (gui), "Quick"));
  gui_assert_soon (gui_label (page_of (gui), "Batch norm · finished") != NULL);

  choose (gui, "lenet-activation");
  lw_experiment_set_limit (set_of (gui), "limit-train=64 limit-test=64 batch=32 epochs=10000");
  gui_press (gui_button (page_of (gui), "Run"));
  gui_assert_soon (gui_live (gui) != NULL && gui_steps (gui_live (gui)) > 1);
  gui_press (gui_button (page_of (gui), "Stop"));
  gui_assert_soon (state_of (gui, "lenet-activation") == LW_EXPERIMENT_PARTLY);
  gui_assert_soon (gui_live (gui) == NULL);
  gui_assert_soon (gui_label (page_of (gui), "Not all of its runs ended") != NULL);

  choose (gui, "bn-faster");
  run = lw_experiment_set_run (set_of (gui), lw_experiment_by_name ("bn-faster"), LW_SIZE_QUICK, 1);
  gui_press (gui_button (page_of (gui), "See the distributions"));
  gui_assert_soon (g_str_equal (gui_page (gui), "inspect"));
  g_assert_nonnull (run);
  g_assert_true (lw_workbench_run (gui->workbench) == run);
}

static void
third (Gui *gui)
{
  open_experiments (gui);
  gui_assert_soon (state_of (gui, "bn-jump") == LW_EXPERIMENT_DONE);
  gui_wait (0.3);
  g_assert_cmpint (state_of (gui, "bn-faster"), !=, LW_EXPERIMENT_DONE);
  choose (gui, "lenet-activation");
  gui_press (gui_button (page_of (gui), "ReLU at rate 0.9"));
  gui_assert_soon (g_str_equal (gui_page (gui), "train"));
  g_assert_cmpfloat (lw_workbench_settings (gui->workbench)->learning_rate, ==, 0.9);
}

static char *folder_of_one;

static void
remember (Gui *gui)
{
  LwRunItem *run;

  open_experiments (gui);
  gui_assert_soon ((run = lw_experiment_set_run (set_of (gui), lw_experiment_by_name ("bn-faster"),
                                                 LW_SIZE_QUICK, 0)) != NULL);
  folder_of_one = g_strdup (lw_run_item_folder (run));
}

static void
whole (void)
{
  gui_run (first, NULL);
  gui_run (second, NULL);
  gui_run (remember, NULL);
  gui_remove (folder_of_one);
  gui_run (third, NULL);
  g_free (folder_of_one);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = { { "/experiments/run-restart-gone", NULL, whole }, { NULL } };

  return gui_main (argc, argv, tests);
}
