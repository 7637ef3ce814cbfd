/* The charts of the Train page as a person uses them: the rule and its table, zoom and the way
 * back, the legend, the axes. */
#include "engine/analysis.h"
#include "tests/gui/chart-steps.h"
#include "ui/chart-toolbar.h"
#include "ui/chart-view-private.h"

#include <math.h>
#include <string.h>

/* --- the rule ----------------------------------------------------------------------------------
 */

/* Its word gives way to what is said of the run's health. */
#define FOLLOW "Keep all of a running training in view; only while fitted"

static void
note_text (GObject *clipboard, GAsyncResult *result, gpointer data)
{
  *(char **)data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);
}

static char *
clipboard_text (LwChartView *view)
{
  char *text = NULL;

  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (view)), NULL, note_text,
                                 &text);
  gui_assert_soon (text != NULL);
  return text;
}

static void
rule (Gui *gui)
{
  LwRunItem *run = charts_finish_run (gui, 3);
  LwChartView *view = charts_view (gui);
  const guint without = gui_picture (GTK_WIDGET (view));
  g_autofree char *read = NULL, *copied = NULL;
  bool pinned;
  double x;

  /* Over the plots it follows the pointer; the nearest row comes first. */
  charts_move (view, charts_x (view, 2.2), charts_y (view, 0));
  g_assert_cmpfloat_with_epsilon (lw_chart_view_rule (view, &pinned), 2.2, 0.01);
  g_assert_false (pinned);
  g_assert_cmpuint (gui_picture (GTK_WIDGET (view)), !=, without);
  read = lw_chart_view_readout (view);
  g_assert_nonnull (strstr (read, "Train loss\t"));
  g_assert_nonnull (strstr (read, "Test accuracy\t"));
  g_assert_true (strstr (read, "loss\t") < strstr (read, "accuracy\t"));
  g_free (read);
  charts_move (view, charts_x (view, 2.2), charts_y (view, 1));
  read = lw_chart_view_readout (view);
  g_assert_true (strstr (read, "accuracy\t") < strstr (read, "loss\t"));
  charts_move (view, 2, 2);
  g_assert_true (isnan (lw_chart_view_rule (view, NULL)));

  /* A click pins it; it stays when the pointer goes, and is copied. */
  charts_click (view, 1, charts_x (view, 1.4), charts_y (view, 1));
  x = lw_chart_view_rule (view, &pinned);
  g_assert_true (pinned);
  g_assert_cmpfloat_with_epsilon (x, 1.4, 0.01);
  charts_move (view, charts_x (view, 0.3), charts_y (view, 0));
  g_assert_cmpfloat (lw_chart_view_rule (view, &pinned), ==, x);
  g_assert_true (charts_key (view, GDK_KEY_c, GDK_CONTROL_MASK));
  copied = clipboard_text (view);
  g_assert_true (g_str_has_prefix (copied, "name\t"));
  g_assert_nonnull (strstr (copied, "Train accuracy\t"));

  /* Keys: to the points before and after, to the ends, Enter pins, Esc closes. */
  g_assert_true (charts_key (view, GDK_KEY_Left, 0));
  g_assert_cmpfloat (lw_chart_view_rule (view, &pinned), <, x);
  g_assert_true (charts_key (view, GDK_KEY_End, 0));
  g_assert_cmpfloat (lw_chart_view_rule (view, NULL), ==, 3.0);
  g_assert_true (charts_key (view, GDK_KEY_Home, 0));
  g_assert_cmpfloat (lw_chart_view_rule (view, NULL), <=, 1.0);
  g_assert_true (charts_key (view, GDK_KEY_Return, 0));
  lw_chart_view_rule (view, &pinned);
  g_assert_false (pinned);
  g_assert_true (charts_key (view, GDK_KEY_Escape, 0));
  g_assert_true (isnan (lw_chart_view_rule (view, NULL)));
  g_assert_false (charts_key (view, GDK_KEY_Escape, 0)); /* nothing is left to close */
  /* Without a pointer the arrows visit the first curve's points. */
  charts_key (view, GDK_KEY_Home, 0);
  x = lw_chart_view_rule (view, NULL);
  charts_key (view, GDK_KEY_Right, 0);
  g_assert_cmpfloat_with_epsilon (lw_chart_view_rule (view, NULL),
                                  lw_series_x (lw_run_item_series (run, LW_CURVE_TRAIN_LOSS))[1],
                                  1e-9);
  /* Down chooses rows: the last is a row of the chart below. */
  for (int i = 0; i < 6; i++)
    charts_key (view, GDK_KEY_Down, 0);
  g_free (read);
  read = lw_chart_view_readout (view);
  g_assert_nonnull (strstr (read, "accuracy\t"));
  g_assert_true (strstr (read, "accuracy\t") < strstr (read, "loss\t"));
}

/* --- zoom --------------------------------------------------------------------------------------
 */

static void
zoom_history (Gui *gui)
{
  const LwChartRange shown = { 0, 100 };
  LwChartZoom zoom;

  (void)gui;
  lw_chart_zoom_init (&zoom);
  g_assert_true (lw_chart_zoom_is_fitted (&zoom));
  g_assert_false (lw_chart_zoom_back (&zoom));
  lw_chart_zoom_to (&zoom, 20, 10); /* no range */
  g_assert_true (lw_chart_zoom_is_fitted (&zoom));
  lw_chart_zoom_to (&zoom, 10, 20);
  lw_chart_zoom_to (&zoom, 12, 14);
  g_assert_true (lw_chart_zoom_back (&zoom));
  g_assert_cmpfloat (zoom.range.max, ==, 20);
  /* A row of moves is one step. */
  for (int i = 0; i < 5; i++)
    lw_chart_zoom_pan (&zoom, zoom.range, false, 0.1, 0);
  g_assert_cmpfloat_with_epsilon (zoom.range.min, 15, 1e-9);
  g_assert_cmpfloat_with_epsilon (zoom.range.max, 25, 1e-9);
  g_assert_true (lw_chart_zoom_back (&zoom));
  g_assert_cmpfloat (zoom.range.min, ==, 10);
  /* Not below the floor, and not narrower for it. */
  lw_chart_zoom_pan (&zoom, zoom.range, false, -3, 0);
  g_assert_cmpfloat (zoom.range.min, ==, 0);
  g_assert_cmpfloat_with_epsilon (zoom.range.max, 10, 1e-9);
  lw_chart_zoom_settle (&zoom);
  lw_chart_zoom_scale (&zoom, shown, false, 0.25, 0.5, 0);
  g_assert_cmpfloat_with_epsilon (zoom.range.min, 12.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (zoom.range.max, 62.5, 1e-9);
  lw_chart_zoom_settle (&zoom);
  lw_chart_zoom_scale (&zoom, (LwChartRange){ 1, 10000 }, true, 0.5, 0.5, NAN);
  g_assert_cmpfloat_with_epsilon (zoom.range.min, 10, 1e-9);
  g_assert_cmpfloat_with_epsilon (zoom.range.max, 1000, 1e-6);
  lw_chart_zoom_fit (&zoom);
  while (lw_chart_zoom_back (&zoom))
    ;
  g_assert_true (lw_chart_zoom_is_fitted (&zoom));
  lw_chart_zoom_clear (&zoom);
}

static bool
is_on (gpointer root, const char *words)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (gui_button (root, words)));
}

static void
zoom (Gui *gui)
{
  LwChartView *view;
  LwChartRange range;

  charts_finish_run (gui, 3);
  view = charts_view (gui);
  g_assert_false (lw_chart_view_is_zoomed (view));
  g_assert_true (is_on (gui->window, "Fit"));
  charts_drag (view, 1, 2);
  range = lw_chart_view_shown (view);
  g_assert_cmpfloat_with_epsilon (range.min, 1, 0.01);
  g_assert_cmpfloat_with_epsilon (range.max, 2, 0.01);
  g_assert_false (is_on (gui->window, "Fit"));
  charts_drag (view, 1.25, 1.75);
  charts_key (view, GDK_KEY_Right, GDK_SHIFT_MASK);
  g_assert_cmpfloat_with_epsilon (lw_chart_view_shown (view).min, 1.3, 0.02);
  charts_key (view, GDK_KEY_plus, 0);
  g_assert_cmpfloat (lw_chart_view_shown (view).max - lw_chart_view_shown (view).min, <, 0.45);
  /* Back: the moves by keys, then one drag, then the other. */
  g_assert_true (charts_key (view, GDK_KEY_BackSpace, 0));
  g_assert_cmpfloat_with_epsilon (lw_chart_view_shown (view).min, 1.25, 0.01);
  charts_key (view, GDK_KEY_BackSpace, 0);
  g_assert_cmpfloat_with_epsilon (lw_chart_view_shown (view).max, 2, 0.01);
  charts_key (view, GDK_KEY_BackSpace, 0);
  g_assert_false (lw_chart_view_is_zoomed (view));
  g_assert_false (charts_key (view, GDK_KEY_BackSpace, 0));
  /* A double click fits, and pins nothing. */
  charts_drag (view, 1, 2);
  charts_click (view, 2, charts_x (view, 1.5), charts_y (view, 0));
  {
    bool pinned;

    lw_chart_view_rule (view, &pinned);
    g_assert_false (pinned);
  }
  g_assert_false (lw_chart_view_is_zoomed (view));
  charts_drag (view, 1, 2);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Fit")), TRUE);
  g_assert_false (lw_chart_view_is_zoomed (view));
  /* Farther out than everything is everything. */
  charts_key (view, GDK_KEY_minus, 0);
  g_assert_false (lw_chart_view_is_zoomed (view));
  g_assert_false (gtk_widget_is_sensitive (gui_button (gui->window, FOLLOW)));
}

static void
follow (Gui *gui)
{
  LwRunItem *run;
  LwChartView *view;
  double max;

  gui_choose_small_run (gui, 160, 10000);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = gui_live (gui)) != NULL);
  gui_assert_soon (gui_steps (run) > 6);
  view = charts_view (gui);
  gui_assert_soon (is_on (gui->window, FOLLOW));
  max = lw_chart_view_shown (view).max;
  gui_assert_soon (lw_chart_view_shown (view).max > max);
  /* Off, or zoomed, the range stays while data arrive. */
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, FOLLOW)), FALSE);
  max = lw_chart_view_shown (view).max;
  gui_assert_soon (lw_run_item_progress (run).epoch > max + 1);
  g_assert_cmpfloat (lw_chart_view_shown (view).max, ==, max);
  g_assert_false (is_on (gui->window, FOLLOW));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, FOLLOW)), TRUE);
  g_assert_cmpfloat (lw_chart_view_shown (view).max, >, max);
  charts_drag (view, 0.5, 1.5);
  g_assert_false (is_on (gui->window, FOLLOW));
  gui_press (gui_button (gui->window, "Stop"));
  gui_assert_soon (gui_live (gui) == NULL);
}

/* --- legend ------------------------------------------------------------------------------------
 */

static void
legend (Gui *gui)
{
  LwChartView *view;
  double x, y;
  guint plain, dimmed;

  charts_finish_run (gui, 3);
  view = charts_view (gui);
  charts_legend_place (view, 1, &x, &y);
  charts_move (view, 2, 2);
  plain = gui_picture (GTK_WIDGET (view));
  charts_move (view, x, y);
  dimmed = gui_picture (GTK_WIDGET (view));
  g_assert_cmpuint (dimmed, !=, plain);
  charts_click (view, 1, x, y);
  g_assert_true (lw_chart_view_style (view, 1).hidden);
  g_assert_false (lw_chart_view_style (view, 0).hidden);
  charts_click (view, 1, x, y);
  g_assert_false (lw_chart_view_style (view, 1).hidden);
  charts_click (view, 2, x, y);
  g_assert_true (lw_chart_view_style (view, 0).hidden);
  g_assert_false (lw_chart_view_style (view, 1).hidden);
  charts_click (view, 2, x, y);
  g_assert_false (lw_chart_view_style (view, 0).hidden);
  /* A right click: the palette of one. */
  charts_click_right (view, x, y);
  gui_assert_soon (gui_button (view, "Green") != NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (view, "Green")), TRUE);
  g_assert_cmpint (lw_chart_view_style (view, 1).colour, ==, 2);
  g_assert_cmpint (lw_chart_view_style (view, 0).colour, ==, 0);
  gtk_popover_popdown (GTK_POPOVER (gui_find (GTK_WIDGET (view), GTK_TYPE_POPOVER)));
  gui_assert_soon (gui_button (view, "Green") == NULL);
  /* The menu key: all of them, with a check each. */
  g_assert_true (charts_key (view, GDK_KEY_Menu, 0));
  gui_assert_soon (gui_find (GTK_WIDGET (view), GTK_TYPE_CHECK_BUTTON) != NULL);
  gtk_check_button_set_active (
      GTK_CHECK_BUTTON (gui_find (GTK_WIDGET (view), GTK_TYPE_CHECK_BUTTON)), FALSE);
  g_assert_true (lw_chart_view_style (view, 0).hidden);
  gtk_popover_popdown (GTK_POPOVER (gui_find (GTK_WIDGET (view), GTK_TYPE_POPOVER)));
  gui_wait (0.3);
}

/* --- axes --------------------------------------------------------------------------------------
 */

/* The drop-down that offers this as its last choice. */
static GtkWidget *
drop_down_with (GtkWidget *root, const char *last)
{
  if (GTK_IS_DROP_DOWN (root)) {
    GListModel *model = gtk_drop_down_get_model (GTK_DROP_DOWN (root));

    if (GTK_IS_STRING_LIST (model) &&
        g_strcmp0 (gtk_string_list_get_string (GTK_STRING_LIST (model),
                                               g_list_model_get_n_items (model) - 1),
                   last) == 0)
      return root;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = drop_down_with (child, last);

    if (found != NULL)
      return found;
  }
  return NULL;
}

static void
x_choice (Gui *gui)
{
  LwRunItem *run = charts_finish_run (gui, 3);
  LwChartView *view = charts_view (gui);
  GtkWidget *choice = drop_down_with (GTK_WIDGET (gui->window), "MACs");
  const double macs = (double)lw_graph_cost (lw_run_item_graph (run)).macs;
  /* Fifteen steps of 32 images. */
  const double ends[LW_N_X] = { 3, 15, lw_run_item_progress (run).elapsed_s, 15 * 32,
                                3 * macs * 15 * 32 };

  g_assert_nonnull (choice);
  for (int x = LW_N_X - 1; x >= 0; x--) {
    g_autofree char *words = NULL;

    gtk_drop_down_set_selected (GTK_DROP_DOWN (choice), (guint)x);
    gui_wait (0.05);
    g_assert_cmpint (lw_chart_view_x (view), ==, x);
    charts_key (view, GDK_KEY_End, 0);
    g_assert_cmpfloat_with_epsilon (lw_chart_view_rule (view, NULL), ends[x], 1e-6 * ends[x]);
    g_assert_cmpfloat (lw_chart_view_shown (view).max, >=, ends[x]);
    words = lw_chart_view_describe (view);
    g_assert_nonnull (strstr (words, lw_chart_x_name ((LwChartX)x)));
  }
}

static GtkWidget *
field (GtkWidget *root, const char *name)
{
  if (GTK_IS_ENTRY (root) || GTK_IS_CHECK_BUTTON (root)) {
    g_autofree char *label = gtk_test_accessible_check_property (
        GTK_ACCESSIBLE (root), GTK_ACCESSIBLE_PROPERTY_LABEL, name);

    if (label == NULL)
      return root;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = field (child, name);

    if (found != NULL)
      return found;
  }
  return NULL;
}

static void
type (GtkWidget *root, const char *name, const char *text)
{
  GtkWidget *entry = field (root, name);

  g_assert_nonnull (entry);
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  g_signal_emit_by_name (entry, "activate");
  gui_wait (0.05);
}

static void
check (GtkWidget *root, const char *name, bool on)
{
  gtk_check_button_set_active (GTK_CHECK_BUTTON (field (root, name)), on);
  gui_wait (0.05);
}

/* The toolbar has other menus too. */
static GtkMenuButton *
axes_button (GtkWidget *widget)
{
  const char *tooltip = gtk_widget_get_tooltip_text (widget);

  if (GTK_IS_MENU_BUTTON (widget) && g_str_has_prefix (tooltip != NULL ? tooltip : "", "Axes"))
    return GTK_MENU_BUTTON (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkMenuButton *found = axes_button (child);

    if (found != NULL)
      return found;
  }
  return NULL;
}

static void
axes (Gui *gui)
{
  LwChartView *view;
  GtkWidget *root;
  const LwChartPlot *loss, *accuracy;

  charts_finish_run (gui, 3);
  view = charts_view (gui);
  loss = &view->layout.plots[0];
  accuracy = &view->layout.plots[1];
  gtk_menu_button_popup (axes_button (gui_find (GTK_WIDGET (gui->window), LW_TYPE_CHART_TOOLBAR)));
  root = GTK_WIDGET (gui->window);
  gui_assert_soon (gui_label (root, "zero") != NULL);

  type (root, "Loss, from", "0.5");
  type (root, "Loss, to", "2,25");
  g_assert_cmpfloat (loss->y_min, ==, 0.5);
  g_assert_cmpfloat (loss->y_max, ==, 2.25);
  type (root, "Loss, to", "0.25");
  g_assert_nonnull (gui_label (root, "The end has to be above the beginning."));
  g_assert_cmpfloat (loss->y_max, ==, 2.25);
  type (root, "Loss, to", "many");
  g_assert_nonnull (gui_label (root, "Type a number"));
  type (root, "Loss, to", "");
  type (root, "Loss, from", "");
  g_assert_cmpfloat (loss->y_min, ==, 0);
  check (root, "Loss, include zero", false);
  g_assert_cmpfloat (loss->y_min, >, 0);
  check (root, "Loss, logarithmic", true);
  g_assert_true (loss->log_y);
  g_assert_true (is_on (gui->window, "Log loss"));
  check (root, "Accuracy, include zero", false);
  g_assert_cmpfloat (accuracy->y_max, <, 1);
  check (root, "Accuracy, include zero", true);
  g_assert_cmpfloat (accuracy->y_min, ==, 0);
  g_assert_cmpfloat (accuracy->y_max, ==, 1);
  type (root, "x axis, from", "1");
  type (root, "x axis, to", "2");
  g_assert_cmpfloat (lw_chart_view_shown (view).min, ==, 1);
  g_assert_cmpfloat (lw_chart_view_shown (view).max, ==, 2);
  check (root, "x axis, logarithmic", true);
  g_assert_false (lw_chart_view_is_zoomed (view));
  g_assert_cmpfloat (lw_chart_view_shown (view).min, >, 0);
  gui_press (gui_button (root, "Automatic"));
  g_assert_false (lw_chart_view_axes (view).loss.log);
  g_assert_cmpfloat (lw_chart_view_shown (view).min, ==, 0);
  gtk_popover_popdown (
      GTK_POPOVER (gtk_widget_get_ancestor (field (root, "Loss, to"), GTK_TYPE_POPOVER)));
  gui_wait (0.2);
  /* L, and how much is smoothed. */
  g_assert_true (charts_key (view, GDK_KEY_l, 0));
  g_assert_true (lw_chart_view_log_loss (view));
  type (root, "Weight of the smoothing", "0.9995");
  g_assert_cmpfloat (lw_chart_view_smoothing (view), ==, 0.999);
  type (root, "Weight of the smoothing", "0,5");
  g_assert_cmpfloat (lw_chart_view_smoothing (view), ==, 0.5);
  type (root, "Weight of the smoothing", "1.5");
  g_assert_cmpfloat (lw_chart_view_smoothing (view), ==, 0.5);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/charts/rule", rule, NULL },     { "/charts/zoom-history", zoom_history, NULL },
    { "/charts/zoom", zoom, NULL },     { "/charts/follow", follow, NULL },
    { "/charts/legend", legend, NULL }, { "/charts/x-choice", x_choice, NULL },
    { "/charts/axes", axes, NULL },     { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
