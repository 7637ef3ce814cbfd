/* A run on another machine, which is this one behind a program that stands for ssh: it is trained
 * there by the command line, followed here, lost and found again, and let go. */
#include "tests/gui/run-steps.h"
#include "tests/remote/far-side.h"
#include "tests/support/program.h"
#include "ui/continue-button.h"
#include "ui/follow-actions.h"
#include "ui/follow-bar.h"
#include "ui/follow-dialog.h"
#include "ui/recent-addresses.h"
#include "ui/runs-folders.h"

#include <stdio.h>
#include <string.h>

static guint
n_runs (Gui *gui)
{
  return g_list_model_get_n_items (lw_workbench_runs (gui->workbench));
}

static GPid
train_there (const char *name)
{
  g_autofree char *folder = far_path (name);
  g_autofree char *description = g_build_filename (folder, "run.json", NULL);
  const GPid child = lw_start_training ("lenet-bn", folder);

  gui_assert_soon (g_file_test (description, G_FILE_TEST_EXISTS));
  return child;
}

static GtkWidget *
dialog_of (Gui *gui)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  (void)gui;
  for (GList *at = windows; at != NULL; at = at->next)
    if (LW_IS_FOLLOW_DIALOG (at->data) && gtk_widget_get_mapped (at->data))
      return at->data;
  return NULL;
}

static void
type_address (Gui *gui, const char *address)
{
  GtkWidget *entry = gui_find (dialog_of (gui), GTK_TYPE_ENTRY);

  gtk_editable_set_text (GTK_EDITABLE (entry), address);
  gui_press (gui_button (dialog_of (gui), "Follow"));
}

static size_t
points (LwRunItem *run)
{
  return lw_series_length (lw_run_item_series (run, LW_CURVE_TRAIN_LOSS));
}

static bool
bar_says (Gui *gui, const char *beginning)
{
  GtkWidget *bar = gui_find (GTK_WIDGET (gui->window), LW_TYPE_FOLLOW_BAR);

  return bar != NULL && gui_label (bar, beginning) != NULL;
}

/* What cannot be changed from here says why. */
static void
assert_off (GtkWidget *button)
{
  g_assert_nonnull (button);
  g_assert_false (gtk_widget_is_sensitive (button));
  g_assert_nonnull (
      strstr (gtk_widget_get_tooltip_text (button), "on far and is only followed here"));
}

static void
assert_read_only (Gui *gui, LwRunItem *run)
{
  g_autofree char *notes = g_build_filename (lw_run_item_folder (run), "notes.json", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (g_action_group_get_action_enabled (G_ACTION_GROUP (gui->window), "continue"));
  g_assert_false (
      g_action_group_get_action_enabled (G_ACTION_GROUP (gui->window), "open-run-folder"));
  g_assert_false (lw_workbench_continue (gui->workbench, run, 1, &error));
  g_assert_nonnull (error);
  /* Its colour beside other runs is only shown. */
  lw_run_item_choose_colour (run, 3);
  gui_wait (0.3);
  g_assert_cmpint (lw_run_item_notes (run)->colour, ==, 3);
  g_assert_false (g_file_test (notes, G_FILE_TEST_EXISTS));
}

static int64_t
health_version (LwRunItem *run)
{
  LwRecords *records = lw_run_item_records (run);

  return records != NULL ? lw_record_version (lw_records_get (records, LW_RECORD_HEALTH)) : 0;
}

/* The run of a folder of runs, chosen in the dialog; its charts grow while it is trained there. */
static void
follow (Gui *gui)
{
  g_autofree char *mirror = NULL;
  GPid child = train_there ("runs/outside run");
  GtkWidget *go_on;
  LwRunItem *run;
  int64_t version;
  size_t before;

  gui_shortcut (gui, "<Control><Shift>o");
  gui_assert_soon (dialog_of (gui) != NULL);
  g_assert_false (gtk_widget_is_sensitive (gui_button (dialog_of (gui), "Follow")));
  type_address (gui, "nonsense");
  gui_assert_soon (gui_label (dialog_of (gui), "“nonsense” is no address") != NULL);
  type_address (gui, "nowhere:runs");
  gui_assert_soon (gui_label (dialog_of (gui), "No machine is called nowhere") != NULL);
  type_address (gui, "me@far:runs");
  gui_assert_soon (dialog_of (gui) != NULL && gui_label (dialog_of (gui), "1 run on far") != NULL);
  g_assert_nonnull (gui_label (dialog_of (gui), "outside run"));
  gui_press (gui_button (dialog_of (gui), "Follow"));
  gui_assert_soon (dialog_of (gui) == NULL);
  gui_assert_soon (n_runs (gui) == 1 && lw_workbench_run (gui->workbench) != NULL);
  g_assert_cmpstr (gui_page (gui), ==, "train");

  run = lw_workbench_run (gui->workbench);
  g_assert_true (lw_run_item_is_elsewhere (run));
  g_assert_nonnull (lw_run_item_followed (run));
  gui_assert_soon (bar_says (gui, "Followed on far over SSH"));
  g_assert_nonnull (gui_label (gui_row (gui, 1, 0), "on far"));
  gui_assert_soon (gui_button (gui->window, "Pause") != NULL);
  assert_off (gui_button (gui->window, "Pause"));
  assert_off (gui_button (gui->window, "Stop"));
  assert_read_only (gui, run);
  before = points (run);
  gui_assert_soon (points (run) > before);
  /* Records come with each epoch, and are read again. */
  gui_assert_soon (health_version (run) > 0);
  version = health_version (run);
  gui_assert_soon (health_version (run) > version);
  gui_assert_soon (lw_run_item_bn_history (run) != NULL);

  /* Lost, and found again at a press. */
  far_set_down (true);
  far_cut ();
  gui_assert_soon (bar_says (gui, "Not connected to far"));
  g_assert_nonnull (gui_label (gui_row (gui, 1, 0), "not connected"));
  g_assert_true (lw_workbench_run (gui->workbench) == run); /* what was seen stays */
  gui_assert_soon (gui_button (gui->window, "Connect Now") != NULL);
  far_set_down (false);
  gui_press (gui_button (gui->window, "Connect Now"));
  gui_assert_soon (bar_says (gui, "Followed on far over SSH"));
  g_assert_null (gui_button (gui->window, "Connect Now"));
  before = points (run);
  gui_assert_soon (points (run) > before);

  /* The end there is the end here. */
  lw_stop_training (child);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_STOPPED);
  gui_assert_soon (gui_find (GTK_WIDGET (gui->window), LW_TYPE_CONTINUE_BUTTON) != NULL);
  go_on = gtk_widget_get_first_child (gui_find (GTK_WIDGET (gui->window), LW_TYPE_CONTINUE_BUTTON));
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (go_on), "is only followed here"));
  /* Of its two halves the one that would train is off; the other has Train Again, a new run. */
  g_assert_false (gtk_widget_is_sensitive (gui_find (go_on, GTK_TYPE_BUTTON)));
  assert_read_only (gui, run);

  mirror = g_strdup (lw_run_item_folder (run));
  g_assert_true (g_file_test (mirror, G_FILE_TEST_IS_DIR));
  gui_press (gui_button (gui->window, "Stop Following"));
  gui_assert_soon (n_runs (gui) == 0);
  g_assert_null (lw_workbench_run (gui->workbench));
  g_assert_false (g_file_test (mirror, G_FILE_TEST_EXISTS));
  g_assert_nonnull (gui_toast (gui));
  gui_wait (1);
  g_assert_cmpuint (n_runs (gui), ==, 0);
  {
    g_autofree char *there = far_path ("runs/outside run/run.json");

    g_assert_true (g_file_test (there, G_FILE_TEST_EXISTS));
  }
}

/* In the table of runs: what a key cannot do it says, and Delete takes the run off the list. */
static void
use_table (Gui *gui, LwRunItem *run)
{
  const Runs r = runs_open (gui);

  gui_assert_soon (g_list_model_get_n_items (lw_runs_table_rows (r.table)) == 1);
  lw_runs_table_select (r.table, run);
  assert_off (gui_button (
      r.table, "This run is on far and is only followed here: nothing is changed there"));
  g_assert_null (gui_toast (gui));
  runs_key (&r, GDK_KEY_s);
  gui_assert_soon (gui_toast (gui) != NULL);
  lw_assert_contains (gui_toast (gui), "is only followed here");
  g_assert_cmpstr (runs_notes_file (run), ==, "");
  runs_key (&r, GDK_KEY_Delete);
  gui_assert_soon (n_runs (gui) == 0);
}

/* What was followed before is a press away, also after a restart; in the table of runs Delete lets
 * it go, and the folder there stays. */
static void
again (Gui *gui)
{
  g_auto (GStrv) recent = lw_recent_addresses_read ();
  g_autofree char *there = far_path ("runs/outside run/run.json"), *mirror = NULL;
  g_autofree char *large = g_strnfill (3000000, 'w'), *weights = NULL;
  GtkWidget *list;
  LwRunItem *run;

  g_assert_cmpstr (recent[0], ==, "me@far:runs/outside run");
  g_assert_null (recent[1]);
  gui_shortcut (gui, "<Control><Shift>o");
  gui_assert_soon (dialog_of (gui) != NULL);
  list = gui_find (dialog_of (gui), GTK_TYPE_LIST_BOX);
  g_signal_emit_by_name (list, "row-activated",
                         gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0));
  gui_assert_soon (n_runs (gui) == 1);
  gui_assert_soon (dialog_of (gui) == NULL);
  run = lw_workbench_run (gui->workbench);
  g_assert_nonnull (run);
  g_assert_cmpint (lw_run_item_state (run), ==, LW_RUN_STOPPED);
  mirror = g_strdup (lw_run_item_folder (run));

  /* The same again is no second one. */
  lw_follow_actions_open (gui->window, "me@far:runs/outside run");
  gui_wait (0.5);
  g_assert_null (dialog_of (gui));
  g_assert_cmpuint (n_runs (gui), ==, 1);

  /* A folder that goes and comes back. */
  {
    g_autofree char *folder = far_path ("runs"), *moved = far_path ("moved");

    g_assert_cmpint (rename (folder, moved), ==, 0);
    gui_assert_soon (bar_says (gui, "The run's folder is gone"));
    g_assert_cmpint (rename (moved, folder), ==, 0);
    gui_assert_soon (bar_says (gui, "Followed on far over SSH"));
  }

  /* The feature maps under the charts look at its weights: large ones come too. */
  far_write ("runs/outside run/checkpoints/step-999999.safetensors", large, 3000000);
  weights = g_build_filename (mirror, "checkpoints", "step-999999.safetensors", NULL);
  gui_assert_soon (g_file_test (weights, G_FILE_TEST_EXISTS));
  use_table (gui, run);
  g_assert_false (g_file_test (mirror, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (there, G_FILE_TEST_EXISTS));
}

/* The command line names it. */
static void
named (Gui *gui)
{
  gui_assert_soon (n_runs (gui) == 1 && lw_workbench_run (gui->workbench) != NULL);
  g_assert_cmpstr (
      lw_followed_run_address (lw_run_item_followed (lw_workbench_run (gui->workbench))), ==,
      "far:runs/outside run");
  gui_assert_soon (g_strcmp0 (gui_page (gui), "train") == 0);
}

/* Cancel ends a connection that does not come about, and the window can be closed meanwhile. */
static void
cancel (Gui *gui)
{
  gui_shortcut (gui, "<Control><Shift>o");
  gui_assert_soon (dialog_of (gui) != NULL);
  type_address (gui, "mute:runs");
  gui_assert_soon (gui_label (dialog_of (gui), "Connecting to mute") != NULL);
  gui_press (gui_button (dialog_of (gui), "Cancel"));
  gui_assert_soon (gui_find (dialog_of (gui), GTK_TYPE_ENTRY) != NULL);
  type_address (gui, "mute:runs");
  gui_wait (0.2);
}

/* The eight that were followed last, the last first, beside what else is remembered. */
static void
remembered (void)
{
  static const char *const folders[] = { "/a;b", "/ünï \n", NULL };
  g_auto (GStrv) recent = NULL, kept = NULL;

  lw_runs_folders_write (folders);
  for (int i = 0; i < 12; i++) {
    g_autofree char *address = g_strdup_printf ("h%d:a;b", i);

    lw_recent_addresses_add (address);
  }
  lw_recent_addresses_add ("h9:a;b");
  recent = lw_recent_addresses_read ();
  g_assert_cmpuint (g_strv_length (recent), ==, 8);
  g_assert_cmpstr (recent[0], ==, "h9:a;b");
  g_assert_cmpstr (recent[1], ==, "h11:a;b");
  g_assert_cmpstr (recent[7], ==, "h4:a;b");
  kept = lw_runs_folders_read ();
  g_assert_true (g_strv_equal ((const char *const *)kept, folders));
}

static void
whole (void)
{
  static const char *const arguments[] = { "layerwise-workbench", "--follow",
                                           "far:runs/outside run", NULL };

  far_begin ();
  gui_run (follow, NULL);
  gui_run (again, NULL);
  gui_arguments = arguments;
  gui_run (named, NULL);
  gui_arguments = NULL;
  far_end ();
}

static void
cancelled (void)
{
  far_begin ();
  gui_run (cancel, NULL);
  far_end ();
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/follow/training", NULL, whole },
    { "/follow/cancel", NULL, cancelled },
    { "/follow/remembered", NULL, remembered },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
