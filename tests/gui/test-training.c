/* Trainings as a person runs them: by the buttons, watching what the window shows. */
#include "engine/formats/safetensors.h"
#include "engine/run_record.h"
#include "tests/gui/harness.h"
#include "ui/bn-chart.h"
#include "ui/bn-table.h"
#include "ui/bn-view.h"
#include "ui/chart-export.h"
#include "ui/export-actions.h"
#include "ui/feature-strip.h"
#include "ui/map-view.h"

#include <math.h>
#include <string.h>

static void
stop (Gui *gui, LwRunItem *run)
{
  if (gui_button (gui->window, "Stop") != NULL)
    gui_press (gui_button (gui->window, "Stop"));
  else
    gui_shortcut (gui, "<Control><Shift>period");
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_STOPPED);
  gui_assert_soon (gui_live (gui) == NULL);
}

/* Makes a finished run of two epochs. */
static LwRunItem *
finish_short_run (Gui *gui)
{
  LwRunItem *run;

  gui_choose_small_run (gui, 160, 2);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = lw_workbench_run (gui->workbench)) != NULL);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_FINISHED);
  gui_assert_soon (gui_live (gui) == NULL);
  return run;
}

static void
whole_run (Gui *gui)
{
  LwRunItem *run;
  g_autofree char *status = NULL;

  gui_press (gui_row (gui, 0, 1));
  gui_shortcut (gui, "<Control>2");
  g_assert_nonnull (gui_label (gui->window, "LeNet + BN"));
  g_assert_cmpstr (gui_figure (gui, "Iteration"), ==, "–");
  run = finish_short_run (gui);

  /* 160 images in batches of 32, twice, and two tests. */
  g_assert_cmpint (gui_steps (run), ==, 10);
  g_assert_cmpint (lw_series_length (lw_run_item_series (run, LW_CURVE_TRAIN_LOSS)), ==, 10);
  g_assert_cmpint (lw_series_length (lw_run_item_series (run, LW_CURVE_TRAIN_ACCURACY)), ==, 10);
  g_assert_cmpint (lw_series_length (lw_run_item_series (run, LW_CURVE_TEST_ACCURACY)), ==, 2);
  g_assert_cmpstr (gui_figure (gui, "Finished"), ==, "2 / 2 epochs");
  g_assert_true (g_str_has_prefix (gui_figure (gui, "Best test accuracy"), "0."));
  g_assert_true (g_str_has_prefix (gui_figure (gui, "Last"), "0."));
  g_assert_cmpstr (gui_figure (gui, "Examples/s"), !=, "–");

  /* The sidebar's row says the best test accuracy, the buttons what can be done next. */
  g_object_get (run, "status", &status, NULL);
  g_assert_nonnull (gui_label (gui_row (gui, 1, 0), status));
  g_assert_cmpfloat (g_ascii_strtod (status, NULL), >, 0);
  g_assert_nonnull (gui_button (gui->window, "Continue 5 Epochs"));
  g_assert_nonnull (gui_button (gui->window, "Export"));
  g_assert_null (gui_button (gui->window, "Stop"));
  g_assert_nonnull (gui_button (gui->window, "Copy"));
  g_assert_false (gtk_widget_is_sensitive (gui_setting (gui, "learning-rate")));
}

/* One step more of what is shown, also where another network is the draft. */
static void
step_of_shown (Gui *gui)
{
  LwRunItem *run = finish_short_run (gui), *live;

  lw_workbench_select_model (gui->workbench, lw_model_find ("lenet", NULL));
  lw_workbench_select_run (gui->workbench, run);
  gui_shortcut (gui, "<Control>period");
  gui_assert_soon ((live = gui_live (gui)) != NULL);
  g_assert_cmpstr (lw_options_model (lw_run_item_settings (live)->options)->name, ==, "lenet-bn");
  gui_assert_soon (lw_run_item_state (live) == LW_RUN_PAUSED);
  g_assert_cmpint (gui_steps (live), ==, 1);
  stop (gui, live);
}

/* The inspector says by which algorithms the selected run computes a layer; of other layers and of
 * architectures, which have not run, it says nothing. */
static void
algorithms (Gui *gui)
{
  LwRunItem *run = finish_short_run (gui);
  LwRunRecord record;

  g_assert_true (lw_run_record_read (lw_run_item_folder (run), &record, NULL));
  g_assert_nonnull (record.algorithms);
  lw_algorithm_list_add (record.algorithms, lw_graph_node (lw_run_item_graph (run), 1)->name,
                         (const char *const[]){ "direct", NULL, "gemm" });
  g_assert_true (
      lw_run_record_write (&record, lw_run_item_graph (run), lw_run_item_folder (run), NULL));
  lw_run_record_clear (&record);
  gui_shortcut (gui, "<Control>1");
  lw_workbench_select_layer (gui->workbench, 1);
  gui_assert_soon (gui_label (gui->window, "forward: direct, weights") != NULL);
  g_assert_nonnull (gui_label (gui->window, "Algorithm"));
  lw_workbench_select_layer (gui->workbench, 2);
  gui_assert_soon (gui_label (gui->window, "forward: direct, weights") == NULL);
  lw_workbench_select_layer (gui->workbench, 1);
  gui_press (gui_row (gui, 0, 0));
  gui_assert_soon (gui_label (gui->window, "forward: direct, weights") == NULL);
}

static void
pause_and_step (Gui *gui)
{
  LwRunItem *run = gui_start_long (gui);
  GtkWidget *charts = gui_find (GTK_WIDGET (gui->window), LW_TYPE_CHART_VIEW);
  g_autofree char *figure = g_strdup (gui_figure (gui, "Iteration"));
  const guint picture = gui_picture (charts);
  int64_t before;

  /* Points arrive in the curves, on the screen and in the strip. */
  gui_assert_soon (g_strcmp0 (gui_figure (gui, "Iteration"), figure) != 0);
  gui_assert_soon (gui_picture (charts) != picture);

  /* The step that is under way when the key is pressed is the last. */
  gui_shortcut (gui, "<Control>space");
  lw_run_item_sync (run);
  before = gui_steps (run);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_PAUSED);
  g_assert_cmpint (gui_steps (run), <=, before + 2);
  before = gui_steps (run);
  gui_wait (0.3);
  g_assert_cmpint (gui_steps (run), ==, before);
  g_assert_nonnull (gui_button (gui->window, "Go On"));
  g_assert_nonnull (gui_label (gui_row (gui, 1, 0), "paused"));

  for (int i = 1; i <= 3; i++) {
    gui_press (gui_button (gui->window, "Step"));
    gui_assert_soon (gui_steps (run) == before + i && lw_run_item_state (run) == LW_RUN_PAUSED);
    gui_wait (0.1);
    g_assert_cmpint (gui_steps (run), ==, before + i);
  }
  gui_press (gui_button (gui->window, "Go On"));
  gui_assert_soon (gui_steps (run) > before + 5);
  g_assert_nonnull (gui_button (gui->window, "Pause"));
  stop (gui, run);
}

static void
step_before_training (Gui *gui)
{
  LwRunItem *run;

  gui_choose_small_run (gui, 160, 2);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Step"));
  gui_assert_soon ((run = gui_live (gui)) != NULL);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_PAUSED);
  gui_wait (0.1);
  g_assert_cmpint (gui_steps (run), ==, 1);
  stop (gui, run);
}

static void
learning_rate (Gui *gui)
{
  LwRunItem *run = gui_start_long (gui);
  GtkWidget *rate = gui_setting (gui, "learning-rate");
  guint n;

  g_assert_false (gtk_widget_is_sensitive (gui_setting (gui, "batch")));
  gui_type_number (rate, "0.125");
  gui_assert_soon (lw_run_item_changes (run, &n) != NULL && n == 1);
  g_assert_cmpfloat (lw_run_item_changes (run, &n)[0].learning_rate, ==, 0.125f);
  gui_assert_soon (g_strcmp0 (gui_figure (gui, "Learning rate"), "0.125") == 0);
  stop (gui, run);
  g_assert_false (gtk_widget_is_sensitive (rate));
}

/* Waits until what a widget shows has changed `times` times. */
static void
assert_changes (GtkWidget *widget, int times)
{
  guint picture = gui_picture (widget);

  g_test_message ("%s shall change", G_OBJECT_TYPE_NAME (widget));
  for (int i = 0; i < times; i++) {
    gui_assert_soon (gui_picture (widget) != picture);
    picture = gui_picture (widget);
  }
}

static void
live_views (Gui *gui)
{
  LwRunItem *run = gui_start_long (gui);

  assert_changes (gui_find (GTK_WIDGET (gui->window), LW_TYPE_FEATURE_STRIP), 3);
  gui_shortcut (gui, "<Control>3");
  gui_assert_soon (gui_find (GTK_WIDGET (gui->window), LW_TYPE_MAP_VIEW) != NULL);
  gui_assert_soon (gui_label (gui->window, "after iteration ") != NULL);
  assert_changes (gui_find (GTK_WIDGET (gui->window), LW_TYPE_MAP_VIEW), 3);
  gui_press (gui_button (gui->window, "Next layer"));
  assert_changes (gui_find (GTK_WIDGET (gui->window), LW_TYPE_MAP_VIEW), 2);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Batch Norm")), TRUE);
  gui_assert_soon (gui_label (gui->window, "Channel 0: one batch") != NULL);
  gui_assert_soon (gui_find (GTK_WIDGET (gui->window), LW_TYPE_BN_CHART) != NULL);
  assert_changes (gui_find (GTK_WIDGET (gui->window), LW_TYPE_BN_CHART), 3);
  assert_changes (gui_find (GTK_WIDGET (gui->window), LW_TYPE_BN_TABLE), 2);

  /* Stopped, the views stay as they are: of the saved run. */
  stop (gui, run);
  gui_wait (0.3);
  g_assert_nonnull (gui_find (GTK_WIDGET (gui->window), LW_TYPE_BN_CHART));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Feature Maps")), TRUE);
  gui_assert_soon (gui_label (gui->window, "best weights: epoch ") != NULL);
}

static void
go_on_for_epochs (Gui *gui)
{
  LwRunItem *run = finish_short_run (gui), *longer;
  const double first = lw_series_y (lw_run_item_series (run, LW_CURVE_TEST_ACCURACY))[0];
  LwSeries *tests;

  g_object_ref (run);
  gui_press (gui_button (gui->window, "Continue 5 Epochs"));
  gui_assert_soon (lw_workbench_run (gui->workbench) != run);
  longer = lw_workbench_run (gui->workbench);
  gui_assert_soon (lw_run_item_state (longer) == LW_RUN_FINISHED);
  tests = lw_run_item_series (longer, LW_CURVE_TEST_ACCURACY);
  g_assert_cmpint (lw_series_length (tests), ==, 7);
  g_assert_cmpfloat (lw_series_y (tests)[0], ==, first);
  g_assert_cmpstr (lw_run_item_folder (longer), ==, lw_run_item_folder (run));
  g_assert_cmpint (g_list_model_get_n_items (lw_workbench_runs (gui->workbench)), ==, 1);
  gui_assert_soon (g_strcmp0 (gui_figure (gui, "Finished"), "7 / 7 epochs") == 0);
  g_object_unref (run);
}

/* --- exports -----------------------------------------------------------------------------------
 */

static char *
read_export (const char *path, const char *beginning)
{
  char *content;
  gsize length;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  g_assert_cmpint (length, >, 500);
  g_assert_true (memcmp (content, beginning, strlen (beginning)) == 0);
  return content;
}

/* On a thread. */
static char *
export_files (Gui *gui, const char *action, const char *name, const char *beginning)
{
  g_autofree char *path = gui_scratch (name);
  g_autofree char *said = g_strdup_printf ("Saved %s", name);

  lw_window_export (gui->window, action, path);
  gui_assert_soon (g_strcmp0 (gui_toast (gui), said) == 0);
  return read_export (path, beginning);
}

static bool
write_charts (Gui *gui, const char *path, GError **error)
{
  LwChartView *charts =
      LW_CHART_VIEW (gui_find (lw_main_window_page (gui->window, "train"), LW_TYPE_CHART_VIEW));
  const LwChartExport export = lw_chart_export_default (charts);

  return lw_chart_export_write (charts, &export, path, error);
}

static char *
export_charts (Gui *gui, const char *name, const char *beginning)
{
  g_autofree char *path = gui_scratch (name);
  g_autoptr (GError) error = NULL;

  write_charts (gui, path, &error);
  g_assert_no_error (error);
  return read_export (path, beginning);
}

static void
exports (Gui *gui)
{
  LwRunItem *run = finish_short_run (gui);
  g_autofree char *svg = export_charts (gui, "charts.svg", "<?xml");
  g_autofree char *png = export_charts (gui, "charts.png", "\x89PNG");
  g_autofree char *pdf = export_charts (gui, "charts.pdf", "%PDF");
  g_autofree char *csv =
      export_files (gui, "export-metrics", "metrics.csv", "run,step,epoch,wall_time_s,split,");
  g_autofree char *weights = export_files (gui, "export-weights", "weights.safetensors", "");
  g_autofree char *path = gui_scratch ("weights.safetensors");
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, &error);

  g_assert_no_error (error);
  /* Words as words, not as shapes of letters alone. */
  g_assert_nonnull (strstr (svg, ">Accuracy<"));
  g_assert_nonnull (strstr (csv, ",test,accuracy,"));
  g_assert_nonnull (lw_tensor_file_find (file, "0.weight"));
  g_assert_null (lw_tensor_file_find (file, "optimizer.step"));
  g_assert_cmpint (lw_run_item_state (run), ==, LW_RUN_FINISHED);

  /* A name that says no format is answered with a sentence. */
  g_assert_false (write_charts (gui, "/nowhere/charts.jpeg", &error));
  g_assert_nonnull (strstr (error->message, ".svg"));
}

/* --- the next day ------------------------------------------------------------------------------
 */

typedef struct {
  float best;
  double last_loss;
} Memory;

static void
train_and_remember (Gui *gui)
{
  Memory *memory = gui->data;
  LwRunItem *run = finish_short_run (gui);

  memory->best = lw_run_item_progress (run).best_test_accuracy;
  memory->last_loss = lw_series_y (lw_run_item_series (run, LW_CURVE_TRAIN_LOSS))[9];
}

static void
find_again (Gui *gui)
{
  const Memory *memory = gui->data;
  LwRunItem *run;

  gui_assert_soon (g_list_model_get_n_items (lw_workbench_runs (gui->workbench)) == 1);
  gui_assert_soon (gui_row (gui, 1, 0) != NULL);
  gui_press (gui_row (gui, 1, 0));
  run = lw_workbench_run (gui->workbench);
  g_assert_nonnull (run);
  g_assert_cmpint (lw_run_item_state (run), ==, LW_RUN_FINISHED);
  g_assert_cmpfloat (fabsf (lw_run_item_progress (run).best_test_accuracy - memory->best), <, 1e-6);
  g_assert_cmpint (lw_series_length (lw_run_item_series (run, LW_CURVE_TRAIN_LOSS)), ==, 10);
  g_assert_cmpfloat (
      fabs (lw_series_y (lw_run_item_series (run, LW_CURVE_TRAIN_LOSS))[9] - memory->last_loss), <,
      1e-5);
  gui_shortcut (gui, "<Control>2");
  gui_assert_soon (g_strcmp0 (gui_figure (gui, "Finished"), "2 / 2 epochs") == 0);

  /* Its statistics and maps are read back when they are looked at. */
  gui_shortcut (gui, "<Control>3");
  gui_assert_soon (gui_label (gui->window, "best weights: epoch ") != NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Batch Norm")), TRUE);
  gui_assert_soon (gui_find (GTK_WIDGET (gui->window), LW_TYPE_BN_CHART) != NULL);
  gui_press (gui_row (gui, 0, 0));
  gui_press (gui_row (gui, 1, 0));
  gui_assert_soon (gui_find (GTK_WIDGET (gui->window), LW_TYPE_BN_CHART) != NULL);
}

static void
next_day (void)
{
  Memory memory = { 0 };

  gui_run (train_and_remember, &memory);
  gui_run (find_again, &memory);
}

/* --- precision -------------------------------------------------------------------------------- */

static LwBackend exact, rounding; /* the device that has both, and its table for bfloat16 */

static const LwBackend *
variant (const LwDeviceOptions *options)
{
  return options->precision == LW_PRECISION_BF16 ? &rounding : &exact;
}

static void
find_no_precision (Gui *gui)
{
  gui_shortcut (gui, "<Control>2");
  gui_unfold_settings (gui);
  gui_assert_soon (gui_label (gui->window, "Threads") != NULL);
  g_assert_null (gui_label (gui->window, "Precision"));
}

static void
choose_precision (Gui *gui)
{
  GtkWidget *choice;

  gui_shortcut (gui, "<Control>2");
  gui_unfold_settings (gui);
  gui_assert_soon (gui_label (gui->window, "Precision") != NULL);
  choice = gui_setting (gui, "precision");
  g_assert_cmpint (lw_workbench_settings (gui->workbench)->precision, ==, LW_PRECISION_FP32);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (choice), 1);
  g_assert_cmpint (lw_workbench_settings (gui->workbench)->precision, ==, LW_PRECISION_BF16);
}

/* Offered where the device has it, and only there. */
static void
precision (void)
{
  static const LwBackend *const both[] = { &exact, NULL };
  const LwBackend *const *before = gui_backends;

  gui_run (find_no_precision, NULL);
  exact = rounding = *before[0];
  exact.variant = rounding.variant = variant;
  gui_backends = both;
  gui_run (choose_precision, NULL);
  gui_backends = before;
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/training/whole-run", whole_run, NULL },
    { "/training/step-of-shown", step_of_shown, NULL },
    { "/training/algorithms", algorithms, NULL },
    { "/training/pause-and-step", pause_and_step, NULL },
    { "/training/step-before-training", step_before_training, NULL },
    { "/training/learning-rate", learning_rate, NULL },
    { "/training/live-views", live_views, NULL },
    { "/training/go-on-for-epochs", go_on_for_epochs, NULL },
    { "/training/exports", exports, NULL },
    { "/training/next-day", NULL, next_day },
    { "/training/precision", NULL, precision },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
