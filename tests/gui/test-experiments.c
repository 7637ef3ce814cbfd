/* Experiments through the window: one is run to its end, another while it is looked at; both are
 * there again after a restart, until their runs' folders are gone. */
#include "tests/gui/harness.h"
#include "ui/chart-export-dialog.h"
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

/* --- export --- */

/* The window that the window's menu opens. */
static LwChartExportDialog *
open_dialog (Gui *gui)
{
  g_autoptr (GListModel) all = g_object_ref (gtk_window_get_toplevels ());
  LwChartExportDialog *dialog = NULL;

  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.export-experiment", NULL);
  gui_wait (0.3);
  for (guint i = 0; i < g_list_model_get_n_items (all); i++) {
    g_autoptr (GObject) window = g_list_model_get_item (all, i);

    if (LW_IS_CHART_EXPORT_DIALOG (window))
      dialog = LW_CHART_EXPORT_DIALOG (window);
  }
  return dialog;
}

/* Chooses a format in the window, saves, waits until it has closed, and reads the file. */
static char *export(Gui *gui, LwChartFormat format, const char *name)
{
  LwChartExportDialog *dialog = open_dialog (gui);
  g_autofree char *path = gui_scratch (name);
  char *content = NULL;

  g_assert_nonnull (dialog);
  adw_combo_row_set_selected (ADW_COMBO_ROW (gui_find (GTK_WIDGET (dialog), ADW_TYPE_COMBO_ROW)),
                              format);
  gui_wait (0.1);
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *)&dialog);
  lw_chart_export_dialog_save (dialog, path);
  gui_assert_soon (dialog == NULL);
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  return content;
}

static int
lines_with (const char *text, const char *part)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  int n = 0;

  for (int i = 0; lines[i] != NULL; i++)
    n += strstr (lines[i], part) != NULL;
  return n;
}

/* Offered on this page alone; curves of both charts under one legend; their numbers; the table. */
static void
check_export (Gui *gui)
{
  const LwExperiment *experiment = lw_experiment_by_name ("bn-faster");
  LwRunItem *run = lw_experiment_set_run (set_of (gui), experiment, LW_SIZE_QUICK, 1);
  LwNumbers numbers[LW_EXPERIMENT_RUNS];
  g_autofree char *svg = NULL, *csv = NULL, *table = NULL, *markdown = NULL;
  g_autofree char *answer = NULL, *loss = NULL, *raw = NULL, *folder = NULL;

  choose (gui, "bn-faster");
  svg = export(gui, LW_CHART_SVG, "experiment.svg");
  gui_assert_soon (g_strcmp0 (gui_toast (gui), "Saved experiment.svg") == 0);
  g_assert_nonnull (strstr (svg, ">Does batch norm make training faster?<"));
  g_assert_nonnull (strstr (svg, ">Train loss<"));
  g_assert_nonnull (strstr (svg, ">Test accuracy<"));
  g_assert_nonnull (strstr (svg, ">LeNet + BN<"));
  g_assert_nonnull (strstr (svg, ">LeNet<"));

  /* Of each run 40 steps' losses and two tests' accuracies, as the charts show them. */
  csv = export(gui, LW_CHART_CSV, "curves.csv");
  g_assert_cmpint (lines_with (csv, ",train,loss,"), ==, 2 * 40);
  g_assert_cmpint (lines_with (csv, ",test,accuracy,"), ==, 2 * 2);
  g_assert_cmpint (lines_with (csv, ",train,accuracy,") + lines_with (csv, ",test,loss,"), ==, 0);

  lw_experiment_set_numbers (set_of (gui), experiment, LW_SIZE_QUICK, numbers);
  answer = lw_experiment_answer (experiment, numbers, 2, NULL);
  loss = lw_measure_text (&numbers[1], LW_MEASURE_FIRST_LOSS, NULL);
  markdown = export(gui, LW_CHART_TABLE_MARKDOWN, "table.md");
  g_assert_true (g_str_has_prefix (markdown, "# Does batch norm make training faster?\n\n"));
  g_assert_nonnull (strstr (markdown, answer));
  g_assert_nonnull (strstr (markdown, loss));
  g_assert_cmpint (lines_with (markdown, "| LeNet + BN |"), ==, 1);
  g_assert_nonnull (strstr (markdown, experiment->limits));

  table = export(gui, LW_CHART_TABLE_CSV, "table.csv");
  raw = g_strdup_printf (",%.9g\r\n", numbers[1].values[LW_MEASURE_FIRST_LOSS]);
  folder = g_path_get_basename (lw_run_item_folder (run));
  g_assert_true (g_str_has_prefix (table, "Measured,LeNet + BN,LeNet\r\n"));
  g_assert_nonnull (strstr (table, raw));
  g_assert_nonnull (strstr (table, folder));
  g_assert_nonnull (strstr (table, "\nQuestion,Does batch norm make training faster?"));
  g_assert_cmpint (lines_with (table, "Answer,"), ==, 1);

  /* Before anything has been trained there is a table, and no curve. */
  choose (gui, "lenet-activation");
  {
    LwChartExportDialog *dialog = open_dialog (gui);

    g_assert_nonnull (dialog);
    adw_combo_row_set_selected (ADW_COMBO_ROW (gui_find (GTK_WIDGET (dialog), ADW_TYPE_COMBO_ROW)),
                                LW_CHART_PDF);
    lw_chart_export_dialog_save (dialog, "/nowhere/curves.pdf");
    gui_wait (0.2);
    g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (dialog)));
    gtk_window_close (GTK_WINDOW (dialog));
    gui_wait (0.1);
  }
  gui_shortcut (gui, "<Control>2");
  gui_wait (0.3);
  g_assert_null (open_dialog (gui));
  gui_shortcut (gui, "<Control>4");
  gui_wait (0.3);
}

static void
first (Gui *gui)
{
  run_one (gui);
  check_result (gui);
  check_export (gui);
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
