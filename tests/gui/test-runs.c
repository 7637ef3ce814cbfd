/* The table of runs: sorting, filter, ticks and what they plot, names, notes and stars that are
 * there again after a restart, deleting and undoing it, cloning, what differs, export. */
#include "engine/metrics.h"
#include "engine/run.h"
#include "engine/run_record.h"
#include "tests/gui/run-steps.h"
#include "ui/run-settings.h"

#include <glib/gstdio.h>
#include <string.h>

static LwRunItem *
row (const Runs *r, guint place)
{
  g_autoptr (LwRunItem) run = g_list_model_get_item (lw_runs_table_rows (r->table), place);

  return run; /* the table keeps it */
}

static guint
n_rows (const Runs *r)
{
  return g_list_model_get_n_items (lw_runs_table_rows (r->table));
}

static void
act (const Runs *r, const char *action)
{
  g_autofree char *name = g_strconcat ("runs.", action, NULL);

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (r->runs), name, NULL));
}

/* Whether a label with this text is there, and all of it can be read. */
static bool
is_whole (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text) &&
      gtk_widget_get_mapped (widget))
    return !pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (is_whole (child, text))
      return true;
  return false;
}

/* --- tests ---------------------------------------------------------------------------------------
 */

static void
sorting (Gui *gui)
{
  LwRunItem *a = runs_train (gui, "0.1", "7"), *b = runs_train (gui, "0.3", "7"),
            *c = runs_train (gui, "0.2", "9");
  const Runs r = runs_open (gui);
  GtkWidget *entry = gui_find (lw_compare_runs_tools (r.runs), GTK_TYPE_SEARCH_ENTRY);

  gui_assert_soon (n_rows (&r) == 3);
  { /* names are whole, though the columns do not all fit */
    LwRunNotes notes = lw_run_notes_copy (lw_run_item_notes (a));

    lw_run_notes_set_name (&notes, "LeNet + ReLU, 2");
    lw_run_item_set_notes (a, &notes);
    lw_run_notes_clear (&notes);
    gui_wait (0.2);
    g_assert_true (is_whole (GTK_WIDGET (r.table), "LeNet + ReLU, 2"));
  }
  lw_runs_table_sort (r.table, LW_RUN_COLUMN_RATE, GTK_SORT_ASCENDING);
  g_assert_true (row (&r, 0) == a && row (&r, 1) == c && row (&r, 2) == b);
  lw_runs_table_sort (r.table, LW_RUN_COLUMN_RATE, GTK_SORT_DESCENDING);
  g_assert_true (row (&r, 0) == b && row (&r, 2) == a);
  gtk_widget_activate_action (GTK_WIDGET (r.runs), "runs.sort", "i", LW_RUN_COLUMN_BEST);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpfloat (lw_run_item_progress (row (&r, i)).best_test_accuracy, >=,
                       lw_run_item_progress (row (&r, i + 1)).best_test_accuracy);

  gtk_editable_set_text (GTK_EDITABLE (entry), "lr>0.15 lenet");
  gui_assert_soon (n_rows (&r) == 2);
  gtk_editable_set_text (GTK_EDITABLE (entry), "LR<=0.2 seed=9");
  gui_assert_soon (n_rows (&r) == 1 && row (&r, 0) == c);
  gtk_editable_set_text (GTK_EDITABLE (entry), "resnet");
  gui_assert_soon (n_rows (&r) == 0);
  gtk_editable_set_text (GTK_EDITABLE (entry), "");
  gui_assert_soon (n_rows (&r) == 3);

  /* the network is the same, rate and seed are not */
  gui_assert_soon (lw_runs_table_shows (r.table, LW_RUN_COLUMN_BATCH));
  gtk_switch_set_active (GTK_SWITCH (gui_find (lw_compare_runs_tools (r.runs), GTK_TYPE_SWITCH)),
                         TRUE);
  gui_assert_soon (!lw_runs_table_shows (r.table, LW_RUN_COLUMN_BATCH));
  g_assert_false (lw_runs_table_shows (r.table, LW_RUN_COLUMN_PARAMETERS));
  g_assert_true (lw_runs_table_shows (r.table, LW_RUN_COLUMN_RATE));
  g_assert_true (lw_runs_table_shows (r.table, LW_RUN_COLUMN_SEED));
  lw_run_ticks_set (lw_compare_runs_ticks (r.runs), &c, 1, false);
  gui_assert_soon (!lw_runs_table_shows (r.table, LW_RUN_COLUMN_SEED)); /* both ticked have 7 */

  { /* an export has what is shown */
    g_autofree char *csv = gui_scratch ("runs.csv"), *md = gui_scratch ("runs.md");
    g_autofree char *text = NULL, *words = NULL;

    g_assert_true (lw_compare_runs_export (r.runs, csv, NULL));
    g_assert_true (g_file_get_contents (csv, &text, NULL, NULL));
    g_assert_nonnull (strstr (text, "Learning rate"));
    g_assert_null (strstr (text, "Batch"));
    g_assert_nonnull (strstr (text, "0.3"));
    g_assert_true (lw_compare_runs_export (r.runs, md, NULL));
    g_assert_true (g_file_get_contents (md, &words, NULL, NULL));
    g_assert_true (g_str_has_prefix (words, "|"));
  }
}

static void
ticks (Gui *gui)
{
  LwRunItem *a = runs_train (gui, "0.1", "7"), *b = runs_train (gui, "0.3", "7");
  const Runs r = runs_open (gui);
  LwRunTicks *ticks = lw_compare_runs_ticks (r.runs);

  gui_assert_soon (lw_chart_view_n_keys (r.charts) == 2);
  g_assert_cmpint (lw_run_ticks_colour (a), !=, lw_run_ticks_colour (b));
  g_assert_cmpint (lw_chart_view_style (r.charts, 0).colour, ==, lw_run_ticks_colour (b));
  gui_assert_soon (gui_label (lw_compare_runs_tools (r.runs), "2 of 2 runs plotted") != NULL);

  lw_runs_table_select (r.table, a);
  runs_key (&r, GDK_KEY_space);
  g_assert_false (lw_run_ticks_has (ticks, a));
  gui_assert_soon (lw_chart_view_n_keys (r.charts) == 1);
  runs_key (&r, GDK_KEY_space);
  gui_assert_soon (lw_chart_view_n_keys (r.charts) == 2);
  act (&r, "untick-all");
  gui_assert_soon (gui_label (r.runs, "Tick runs to plot them") != NULL);
  lw_run_ticks_set (ticks, &b, 1, true);
  gui_assert_soon (lw_chart_view_n_keys (r.charts) == 1);

  /* a colour chosen in the legend is the run's */
  lw_chart_view_set_colour (r.charts, 0, 4);
  g_assert_cmpint (lw_run_ticks_colour (b), ==, 4);
  gui_assert_soon (strstr (runs_notes_file (b), "\"colour\": 4") != NULL);

  act (&r, "show");
  g_assert_true (lw_workbench_run (gui->workbench) == a);
  act (&r, "clone");
  g_assert_cmpstr (gui_page (gui), ==, "train");
  g_assert_null (lw_workbench_run (gui->workbench));
  g_assert_cmpfloat (lw_workbench_settings (gui->workbench)->learning_rate, ==, 0.1);
}

/* Names, notes, stars and ticks are there again in the next window. */
static char *remembered;

static void
write_notes (Gui *gui)
{
  LwRunItem *a = runs_train (gui, "0.1", "7"), *b = runs_train (gui, "0.3", "7");
  const Runs r = runs_open (gui);
  GtkWidget *table = GTK_WIDGET (r.table), *view;

  remembered = g_strdup (lw_run_item_folder (a));
  gui_assert_soon (n_rows (&r) == 2 && lw_run_ticks_has (lw_compare_runs_ticks (r.runs), b));
  lw_runs_table_select (r.table, a);
  runs_key (&r, GDK_KEY_F2);
  gui_assert_soon (gui_find (table, GTK_TYPE_ENTRY) != NULL);
  gtk_editable_set_text (GTK_EDITABLE (gui_find (table, GTK_TYPE_ENTRY)), "baseline");
  g_signal_emit_by_name (gui_find (table, GTK_TYPE_ENTRY), "activate");
  g_assert_cmpstr (lw_run_item_title (a), ==, "baseline");
  gui_assert_soon (gui_label (gui_row (gui, 1, 1), "baseline") != NULL); /* the sidebar's row */
  gui_assert_soon (gui_find (table, GTK_TYPE_ENTRY) == NULL);

  act (&r, "note");
  gui_assert_soon (gui_find (table, GTK_TYPE_TEXT_VIEW) != NULL);
  view = gui_find (table, GTK_TYPE_TEXT_VIEW);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), "two\nlines", -1);
  gui_press (gui_button (table, "Save"));
  runs_key (&r, GDK_KEY_s);
  g_assert_true (lw_run_item_notes (a)->star);
  lw_run_ticks_set (lw_compare_runs_ticks (r.runs), &b, 1, false);
}

static void
read_notes (Gui *gui)
{
  LwRunItem *a;
  Runs r;

  gui_assert_soon (g_list_model_get_n_items (lw_workbench_runs (gui->workbench)) == 2);
  a = lw_workbench_find_run (gui->workbench, remembered);
  g_assert_nonnull (a);
  g_assert_cmpstr (lw_run_item_title (a), ==, "baseline");
  g_assert_cmpstr (lw_run_item_network (a), ==, "LeNet + BN");
  g_assert_cmpstr (lw_run_item_notes (a)->note, ==, "two\nlines");
  g_assert_true (lw_run_item_notes (a)->star);
  g_assert_cmpint (lw_run_item_peak_memory (a), >, 0);
  r = runs_open (gui);
  gui_assert_soon (gui_label (lw_compare_runs_tools (r.runs), "1 of 2 runs plotted") != NULL);
  g_assert_true (lw_run_ticks_has (lw_compare_runs_ticks (r.runs), a));
  g_assert_cmpstr (lw_chart_view_key_name (r.charts, 0), ==, "baseline");
}

static void
restart (void)
{
  gui_run (write_notes, NULL);
  gui_run (read_notes, NULL);
  g_clear_pointer (&remembered, g_free);
}

/* Undo before the toast is gone; else the trash; several at once; nothing that trains. */
static void
deleting (Gui *gui)
{
  LwRunItem *a = runs_train (gui, "0.1", "7");
  g_autofree char *folder = g_strdup (lw_run_item_folder (a));
  Runs r;

  runs_train (gui, "0.3", "7");
  r = runs_open (gui);
  gui_assert_soon (n_rows (&r) == 2);
  lw_workbench_select_run (gui->workbench, a);
  runs_key (&r, GDK_KEY_Delete);
  g_assert_cmpuint (n_rows (&r), ==, 1);
  g_assert_null (lw_workbench_run (gui->workbench));
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR)); /* nothing has happened yet */
  gui_assert_soon (gui_button (gui->window, "Undo") != NULL);
  gui_press (gui_button (gui->window, "Undo"));
  gui_assert_soon (n_rows (&r) == 2);
  gui_wait (0.3);
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));

  lw_runs_table_select (r.table, a);
  act (&r, "delete");
  gui_assert_soon (gui_toast (gui) != NULL && gui_button (gui->window, "Undo") != NULL);
  {
    GtkWidget *undo = gui_button (gui->window, "Undo"), *toast = undo;

    while (toast != NULL && !g_str_equal (G_OBJECT_TYPE_NAME (toast), "AdwToastWidget"))
      toast = gtk_widget_get_parent (toast);
    gtk_widget_activate_action (toast, "toast.dismiss", NULL);
  }
  gui_assert_soon (!g_file_test (folder, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (n_rows (&r), ==, 1);
  gui_assert_soon (lw_workbench_find_run (gui->workbench, folder) == NULL);
}

static char *left;

static void
delete_and_close (Gui *gui)
{
  LwRunItem *a = runs_train (gui, "0.1", "7");
  const Runs r = runs_open (gui);

  left = g_strdup (lw_run_item_folder (a));
  gui_assert_soon (n_rows (&r) == 1);
  lw_runs_table_select (r.table, a);
  act (&r, "delete");
  g_assert_true (g_file_test (left, G_FILE_TEST_IS_DIR));
}

/* What could still be undone is done when the window goes. */
static void
closing (void)
{
  gui_run (delete_and_close, NULL);
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
  g_clear_pointer (&left, g_free);
}

static void
live (Gui *gui)
{
  g_autoptr (GError) error = NULL;
  LwRunItem *run;
  Runs r;

  gui_choose_small_run (gui, 64, 10000);
  run = lw_workbench_train (gui->workbench, &error);
  g_assert_no_error (error);
  r = runs_open (gui);
  gui_assert_soon (n_rows (&r) == 1);
  lw_runs_table_select (r.table, run);
  act (&r, "delete");
  g_assert_cmpuint (n_rows (&r), ==, 1);
  gui_assert_soon (gui_toast (gui) != NULL && strstr (gui_toast (gui), "stop it first") != NULL);
  act (&r, "star"); /* may be said of a run at work */
  gui_assert_soon (strstr (runs_notes_file (run), "\"star\": true") != NULL);
  lw_trainer_stop (lw_run_item_trainer (run));
  gui_assert_soon (gui_live (gui) == NULL);
  g_assert_true (lw_run_item_notes (run)->star);
}

/* As people read them. */
static void
words (void)
{
  g_autoptr (LwSettings) settings =
      lw_settings_new (lw_options_new (lw_model_find ("lenet", NULL)));
  g_autoptr (GPtrArray) all = lw_run_settings_list (settings), some = NULL;

  g_assert_cmpstr (lw_run_settings_value (all, "Training images"), ==, "all");
  g_assert_cmpstr (lw_run_settings_value (all, "Test images"), ==, "all");
  g_assert_cmpstr (lw_run_settings_value (all, "Shuffle"), ==, "yes");
  g_assert_true (lw_settings_set (settings, "limit-train", "600", NULL));
  g_assert_true (lw_settings_set (settings, "learning-rate", "0.025", NULL));
  some = lw_run_settings_list (settings);
  g_assert_cmpstr (lw_run_settings_value (some, "Training images"), ==, "600");
  g_assert_cmpstr (lw_run_settings_value (some, "Learning rate"), ==, "0.025");
}

#define MANY 1000

/* Runs as folders, as if they had been trained: description and one test. */
static void
make_many (void)
{
  g_autofree char *runs = lw_runs_folder ();
  g_autoptr (LwSettings) settings =
      lw_settings_new (lw_options_new (lw_model_find ("lenet", NULL)));
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, NULL);

  for (int i = 0; i < MANY; i++) {
    g_autofree char *name = g_strdup_printf ("run-%04d", i);
    g_autofree char *folder = g_build_filename (runs, name, NULL);
    g_autofree char *metrics = g_build_filename (folder, "metrics.csv", NULL);
    g_autoptr (LwRunLog) log = lw_run_log_new ();
    LwEvent event = { .kind = LW_EVENT_EPOCH, .step = 10, .epoch = 1, .time_s = 1 };
    LwMetrics *file;
    LwRunRecord record = { .state = LW_RUN_FINISHED,
                           .settings = settings,
                           .device = (char *)"reference",
                           .started_unix = 1000 + i,
                           .last_checkpoint = -1,
                           .best_checkpoint = -1,
                           .total_steps = 10,
                           .steps_per_epoch = 10 };

    settings->seed = (uint64_t)i;
    event.test_accuracy = (float)(i * 37 % MANY) / MANY;
    g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
    file = lw_metrics_new (metrics, log, NULL);
    g_assert_nonnull (file);
    g_assert_true (lw_metrics_append (file, &event, NULL));
    g_assert_true (lw_metrics_flush (file, false, NULL));
    lw_metrics_free (file);
    g_assert_true (lw_run_record_write (&record, graph, folder, NULL));
  }
}

/* The longest turn of the main loop while `expression` is waited for. */
static gint64 longest_us;

static void
turn (void)
{
  const gint64 begun_us = g_get_monotonic_time ();

  gui_iterate ();
  longest_us = MAX (longest_us, g_get_monotonic_time () - begun_us);
}

static void
look_at_many (Gui *gui)
{
  Runs r;
  GtkAdjustment *down;

  gui_assert_soon (g_list_model_get_n_items (lw_workbench_runs (gui->workbench)) == MANY);
  r = runs_open (gui);
  gui_assert_soon (n_rows (&r) == MANY);
  gui_wait (0.5);
  longest_us = 0;
  down = gtk_scrolled_window_get_vadjustment (
      GTK_SCROLLED_WINDOW (gui_find (GTK_WIDGET (r.table), GTK_TYPE_SCROLLED_WINDOW)));
  for (int i = 0; i < 60; i++) { /* a page in each few turns */
    gtk_adjustment_set_value (down, gtk_adjustment_get_value (down) + 150);
    for (int k = 0; k < 5; k++)
      turn ();
  }
  g_assert_cmpfloat (gtk_adjustment_get_value (down), >, 8000);
  g_test_message ("scrolling: longest turn %.0f ms", (double)longest_us / 1000);
  g_assert_cmpint (longest_us, <, 250000);
  longest_us = 0;
  lw_runs_table_sort (r.table, LW_RUN_COLUMN_SEED, GTK_SORT_DESCENDING);
  for (int k = 0; k < 60; k++)
    turn ();
  g_test_message ("sorting: longest turn %.0f ms", (double)longest_us / 1000);
  g_assert_cmpint (longest_us, <, 1000000);
  g_assert_cmpint ((int)lw_run_item_settings (row (&r, 0))->seed, ==, MANY - 1);
}

static void
many (void)
{
  make_many ();
  gui_run (look_at_many, NULL);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/runs/sorting", sorting, NULL },
    { "/runs/ticks", ticks, NULL },
    { "/runs/restart", NULL, restart },
    { "/runs/deleting", deleting, NULL },
    { "/runs/closing", NULL, closing },
    { "/runs/live", live, NULL },
    { "/runs/words", NULL, words },
    { "/runs/many", NULL, many },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
