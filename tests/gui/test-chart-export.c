/* Charts of several runs and groups in one view, and the window that exports them. */
#include "tests/gui/chart-steps.h"
#include "ui/chart-entry.h"
#include "ui/chart-export-dialog.h"

#include <math.h>
#include <string.h>

/* --- several runs ------------------------------------------------------------------------------
 */

typedef struct {
  GtkWidget *window;
  LwChartView *view;
  LwRunItem *runs[3];
} Several;

static void
train_three (Gui *gui, Several *several)
{
  for (int i = 0; i < 3; i++) {
    g_autofree char *seed = g_strdup_printf ("%d", i + 1);

    gui_choose_small_run (gui, 160, 2 + i % 2);
    g_assert_true (lw_workbench_set (gui->workbench, "seed", seed, NULL));
    gui_shortcut (gui, "<Control>2");
    gui_press (gui_button (gui->window, "Train"));
    gui_assert_soon (gui_live (gui) != NULL);
    several->runs[i] = g_object_ref (gui_live (gui));
    gui_assert_soon (lw_run_item_state (several->runs[i]) == LW_RUN_FINISHED);
    gui_assert_soon (gui_live (gui) == NULL);
    gui_press (gui_row (gui, 0, 0));
  }
  several->view = LW_CHART_VIEW (lw_chart_view_new ());
  several->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (several->window), 700, 500);
  gtk_window_set_child (GTK_WINDOW (several->window), GTK_WIDGET (several->view));
  gtk_window_present (GTK_WINDOW (several->window));
  gui_assert_soon (gtk_widget_get_width (GTK_WIDGET (several->view)) > 100);
}

static void
clear (Several *several)
{
  gtk_window_destroy (GTK_WINDOW (several->window));
  for (int i = 0; i < 3; i++)
    g_object_unref (several->runs[i]);
}

static int
rows_of (const char *readout)
{
  int n = -1; /* its head */

  for (const char *c = readout; *c != '\0'; c++)
    n += *c == '\n';
  return n;
}

static void
several_runs (Gui *gui)
{
  Several s = { 0 };
  LwChartRun runs[3];
  g_autofree char *text = NULL, *groups_text = NULL;
  double x, y;

  train_three (gui, &s);
  for (int i = 0; i < 3; i++)
    runs[i] = (LwChartRun){ s.runs[i], i == 0 ? "first, lr 1" : NULL, i };
  lw_chart_view_set_runs (s.view, runs, 3, LW_CURVES_TEST);
  gui_wait (0.1);
  g_assert_cmpint (lw_chart_view_n_keys (s.view), ==, 3);
  g_assert_cmpstr (lw_chart_view_key_name (s.view, 0), ==, "first, lr 1");
  for (int key = 0; key < 3; key++)
    g_assert_cmpint (lw_chart_view_style (s.view, key).colour, ==, key);
  lw_chart_view_set_rule (s.view, 2, false);
  text = lw_chart_view_readout (s.view);
  g_assert_cmpint (rows_of (text), ==, 6);
  g_assert_nonnull (strstr (text, "first, lr 1\t"));

  /* One legend, above, for both charts. */
  charts_legend_place (s.view, 2, &x, &y);
  charts_click (s.view, 1, x, y);
  g_assert_true (lw_chart_view_style (s.view, 2).hidden);
  g_free (text);
  lw_chart_view_set_rule (s.view, 2, false);
  text = lw_chart_view_readout (s.view);
  g_assert_cmpint (rows_of (text), ==, 4);
  lw_chart_view_set_colour (s.view, 0, 4);
  /* One that explodes does not flatten the others; hidden it does no harm. */
  g_assert_false (lw_chart_view_log_loss (s.view));
  lw_series_append (lw_run_item_series (s.runs[1], LW_CURVE_TEST_LOSS), 4, 1e6);
  gui_wait (0.1);
  g_assert_true (lw_chart_view_log_loss (s.view));
  lw_chart_view_set_hidden (s.view, 1, true);
  g_assert_false (lw_chart_view_log_loss (s.view));
  lw_chart_view_set_hidden (s.view, 1, false);
  /* The same runs keep what was chosen; train and test together have a row each. */
  runs[0].name = "renamed";
  lw_chart_view_set_runs (s.view, runs, 3, LW_CURVES_BOTH);
  g_assert_true (lw_chart_view_style (s.view, 2).hidden);
  g_assert_cmpint (lw_chart_view_style (s.view, 0).colour, ==, 4);
  lw_chart_view_set_rule (s.view, 2, false);
  g_free (text);
  text = lw_chart_view_readout (s.view);
  g_assert_cmpint (rows_of (text), ==, 8);
  g_assert_nonnull (strstr (text, "renamed, train\t"));

  /* A group of seeds is one entry with a range. */
  {
    const LwChartGroup groups[] = { { s.runs, 3, "three seeds", 1 } };

    lw_chart_view_set_groups (s.view, groups, 1, LW_CURVES_TEST);
    gui_wait (0.1);
    lw_chart_view_set_rule (s.view, 2, false);
    groups_text = lw_chart_view_readout (s.view);
    g_assert_cmpint (rows_of (groups_text), ==, 2);
    g_assert_nonnull (strstr (groups_text, "\tmin\tmax\n"));
  }
  lw_chart_view_set_runs (s.view, NULL, 0, LW_CURVES_TEST);
  gui_wait (0.1);
  g_assert_cmpint (lw_chart_view_n_keys (s.view), ==, 0);
  g_assert_null (lw_chart_view_readout (s.view));
  clear (&s);
}

/* The mean and the ends of a group, by hand. */
static void
group_values (Gui *gui)
{
  Several s = { 0 };
  g_autoptr (LwChartEntry) entry = NULL;
  LwEntryCurve curve;
  double sum = 0, low = INFINITY, high = -INFINITY;

  train_three (gui, &s);
  entry = lw_chart_entry_new (&(LwChartGroup){ .runs = s.runs, .n_runs = 3 });
  while (!lw_chart_entry_update (entry))
    ;
  curve = lw_chart_entry_curve (entry, LW_CURVE_TEST_ACCURACY);
  for (int i = 0; i < 3; i++) {
    const double value = lw_series_y (lw_run_item_series (s.runs[i], LW_CURVE_TEST_ACCURACY))[1];

    sum += value;
    low = fmin (low, value);
    high = fmax (high, value);
  }
  g_assert_cmpuint (lw_series_length (curve.raw), ==, 3);
  g_assert_cmpfloat_with_epsilon (lw_series_y (curve.raw)[1], sum / 3, 1e-9);
  g_assert_cmpfloat (lw_series_y (curve.low)[1], ==, low);
  g_assert_cmpfloat (lw_series_y (curve.high)[1], ==, high);
  clear (&s);
}

/* --- the window --------------------------------------------------------------------------------
 */

static LwChartExportDialog *
open_dialog (Gui *gui)
{
  g_autoptr (GListModel) all = NULL;

  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.export-charts", NULL);
  gui_wait (0.3);
  all = gtk_window_get_toplevels ();
  g_object_ref (all);
  for (guint i = 0; i < g_list_model_get_n_items (all); i++) {
    g_autoptr (GObject) window = g_list_model_get_item (all, i);

    if (LW_IS_CHART_EXPORT_DIALOG (window))
      return LW_CHART_EXPORT_DIALOG (window);
  }
  g_error ("there is no window");
}

/* The row with this title, of a type. */
static GtkWidget *
row (GtkWidget *root, GType type, const char *title)
{
  if (g_type_is_a (G_OBJECT_TYPE (root), type) &&
      g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = row (child, type, title);

    if (found != NULL)
      return found;
  }
  return NULL;
}

static void
choose (LwChartExportDialog *dialog, const char *title, guint which)
{
  adw_combo_row_set_selected (ADW_COMBO_ROW (row (GTK_WIDGET (dialog), ADW_TYPE_COMBO_ROW, title)),
                              which);
  gui_wait (0.05);
}

/* Saves, waits until the window has closed, and reads the file. */
static char *
save (LwChartExportDialog *dialog, const char *name, gsize *ret_length)
{
  g_autofree char *path = gui_scratch (name);
  char *content;

  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *)&dialog);
  lw_chart_export_dialog_save (dialog, path);
  gui_assert_soon (dialog == NULL);
  g_assert_true (g_file_get_contents (path, &content, ret_length, NULL));
  return content;
}

static guint32
big_endian (const char *bytes)
{
  const guint8 *b = (const guint8 *)bytes;

  return (guint32)b[0] << 24 | (guint32)b[1] << 16 | (guint32)b[2] << 8 | b[3];
}

static void
files (Gui *gui)
{
  LwChartExportDialog *dialog;
  g_autofree char *svg = NULL, *png = NULL, *pdf = NULL;
  gsize length;

  charts_finish_run (gui, 3);
  dialog = open_dialog (gui);
  g_assert_cmpstr (lw_chart_export_dialog_summary (dialog), ==, "SVG, 900 × 640");
  gtk_editable_set_text (GTK_EDITABLE (row (GTK_WIDGET (dialog), ADW_TYPE_ENTRY_ROW, "Title")),
                         "My three epochs");
  svg = save (dialog, "charts.svg", &length);
  gui_assert_soon (g_strcmp0 (gui_toast (gui), "Saved charts.svg") == 0);
  /* Title, settings, axes and legend are text. */
  g_assert_nonnull (strstr (svg, ">My three epochs<"));
  g_assert_nonnull (strstr (svg, ">lr 0.5 · seed 42<"));
  g_assert_nonnull (strstr (svg, ">train<"));
  g_assert_nonnull (strstr (svg, ">epoch<"));
  g_assert_nonnull (strstr (svg, ">Accuracy<"));

  /* PNG at three times the size; the window remembers. */
  dialog = open_dialog (gui);
  choose (dialog, "Format", LW_CHART_PNG);
  choose (dialog, "Scale", 2);
  g_assert_cmpstr (lw_chart_export_dialog_summary (dialog), ==, "PNG, 2,700 × 1,920 pixels");
  choose (dialog, "Colours", 1);
  png = save (dialog, "charts.png", &length);
  g_assert_cmpuint (big_endian (png + 16), ==, 2700);
  g_assert_cmpuint (big_endian (png + 20), ==, 1920);
  dialog = open_dialog (gui);
  g_assert_cmpstr (lw_chart_export_dialog_summary (dialog), ==, "PNG, 2,700 × 1,920 pixels");
  choose (dialog, "Format", LW_CHART_PDF);
  pdf = save (dialog, "charts.pdf", &length);
  g_assert_true (g_str_has_prefix (pdf, "%PDF"));

  /* What goes wrong is said in the window, which stays. */
  dialog = open_dialog (gui);
  lw_chart_export_dialog_save (dialog, "/nowhere/charts.pdf");
  gui_wait (0.2);
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (dialog)));
  gtk_window_close (GTK_WINDOW (dialog));
}

/* What is visible: of the shown curves the shown range. */
static void
numbers (Gui *gui)
{
  LwRunItem *run = charts_finish_run (gui, 3);
  LwChartView *view = charts_view (gui);
  g_autofree char *folder = g_path_get_basename (lw_run_item_folder (run));
  g_autofree char *csv = NULL, *part = NULL, *test_row = NULL;
  g_auto (GStrv) lines = NULL, few = NULL;
  LwChartExportDialog *dialog = open_dialog (gui);
  gsize length;

  choose (dialog, "Format", LW_CHART_CSV);
  csv = save (dialog, "all.csv", &length);
  lines = g_strsplit (csv, "\n", -1);
  g_assert_cmpstr (lines[0], ==, "run,step,epoch,wall_time_s,split,metric,value");
  /* Fifteen steps and three tests with two numbers each, and the empty end. */
  g_assert_cmpint (g_strv_length (lines), ==, 1 + 2 * (15 + 3) + 1);
  test_row = g_strdup_printf ("%s,10,2,", folder);
  g_assert_nonnull (strstr (csv, test_row));

  lw_chart_view_zoom_to (view, 1.5, 2.5);
  lw_chart_view_set_hidden (view, 0, true);
  dialog = open_dialog (gui);
  choose (dialog, "Format", LW_CHART_CSV);
  part = save (dialog, "part.csv", &length);
  few = g_strsplit (part, "\n", -1);
  g_assert_cmpint (g_strv_length (few), ==, 1 + 2 + 1);
  g_assert_true (g_str_has_prefix (few[1], test_row));
  g_assert_nonnull (strstr (few[1], ",test,loss,"));
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/chart-export/several-runs", several_runs, NULL },
    { "/chart-export/group-values", group_values, NULL },
    { "/chart-export/files", files, NULL },
    { "/chart-export/numbers", numbers, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
