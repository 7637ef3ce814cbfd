/* Compare: ready comparisons through the menu, rows by pointer and keys, a third architecture,
 * pictures, training one after the other, runs as bubbles. */
#include "engine/analysis.h"
#include "tests/gui/harness.h"
#include "ui/compare-canvas.h"
#include "ui/compare-heads.h"
#include "ui/compare-page.h"
#include "ui/compare-runs.h"
#include "ui/export-actions.h"

#include <string.h>

typedef struct {
  Gui *gui;
  GtkWidget *page, *canvas;
  LwCompareSet *set;
} Compare;

static Compare
compare (Gui *gui)
{
  Compare c = { .gui = gui };

  gui_resize (gui, 1280, 800);
  gui_shortcut (gui, "<Control>4");
  g_assert_cmpstr (gui_page (gui), ==, "compare");
  c.page = lw_main_window_page (gui->window, "compare");
  c.set = lw_compare_page_set (LW_COMPARE_PAGE (c.page));
  gui_assert_soon (gui_find (c.page, LW_TYPE_COMPARE_CANVAS) != NULL);
  c.canvas = gui_find (c.page, LW_TYPE_COMPARE_CANVAS);
  gui_assert_soon (gtk_widget_get_width (c.canvas) > 400);
  return c;
}

/* A click on the box of a row in a column; `n`: 2 is the second of a double click. */
static void
click_row (const Compare *c, int row, int column, int n)
{
  GtkEventController *click = gui_controller (c->canvas, GTK_TYPE_GESTURE_CLICK);
  int n_bands;
  const LwCompareBand *bands =
      lw_compare_layout_bands (lw_compare_canvas_layout (LW_COMPARE_CANVAS (c->canvas)), &n_bands);
  double x, width, y;

  g_assert_cmpint (row, <, n_bands);
  lw_compare_layout_column (lw_compare_canvas_layout (LW_COMPARE_CANVAS (c->canvas)), column, &x,
                            &width);
  x += width - 20;
  y = bands[row].y + 12;
  lw_compare_canvas_locate (LW_COMPARE_CANVAS (c->canvas), column, &x, &y);
  g_signal_emit_by_name (click, "released", n, x, y);
}

static void
key (const Compare *c, guint value)
{
  gboolean used = FALSE;

  g_signal_emit_by_name (gui_controller (c->canvas, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed",
                         value, 0, 0, &used);
  g_assert_true (used);
}

static void
scroll (const Compare *c, double x, double dy)
{
  gboolean used = FALSE;

  g_signal_emit_by_name (gui_controller (c->canvas, GTK_TYPE_EVENT_CONTROLLER_MOTION), "motion", x,
                         300.0);
  g_signal_emit_by_name (gui_controller (c->canvas, GTK_TYPE_EVENT_CONTROLLER_SCROLL), "scroll",
                         0.0, dy, &used);
}

/* The menu's button that has this title on its first line. */
static GtkWidget *
ready_button (GtkWidget *root, const char *title)
{
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = NULL;

    if (GTK_IS_BUTTON (child) && gtk_widget_get_mapped (child) && gui_label (child, title) != NULL)
      return child;
    found = ready_button (child, title);
    if (found != NULL)
      return found;
  }
  return NULL;
}

static void
open_ready (const Compare *c, const LwReadyComparison *ready)
{
  GtkWidget *menu = gui_find (c->page, GTK_TYPE_MENU_BUTTON);
  GtkWidget *button;

  g_assert_nonnull (menu);
  gtk_menu_button_popup (GTK_MENU_BUTTON (menu));
  gui_assert_soon (ready_button (c->page, ready->title) != NULL);
  button = ready_button (c->page, ready->title);
  g_assert_nonnull (gui_label (button, ready->look)); /* what to look for */
  gui_press (button);
  gui_assert_soon (lw_compare_set_ready (c->set) == ready);
}

/* --- tests ---------------------------------------------------------------------------------------
 */

static void
ready (Gui *gui)
{
  const Compare c = compare (gui);

  for (int i = 0; i < lw_n_ready_comparisons (); i++) {
    const LwReadyComparison *one = lw_ready_comparison (i);
    const guint picture = gui_picture (c.canvas);
    int n;
    const LwCompareQuantity *q;

    open_ready (&c, one);
    gui_assert_soon (gui_label (c.page, one->question) != NULL);
    g_assert_nonnull (gui_label (c.page, one->look));
    q = lw_comparison_quantities (lw_compare_set_comparison (c.set), &n);
    for (int k = 0; k < 2; k++) { /* the table's numbers, and the columns' names */
      g_autofree char *value = lw_compare_value_text (&q[0], q[0].values[k]);

      g_assert_nonnull (gui_label (c.page, value));
      gui_assert_soon (gui_label (c.page, lw_compare_set_titles (c.set)[k]) != NULL);
    }
    if (i != 2) /* AlexNet and NiN were there already */
      gui_assert_soon (gui_picture (c.canvas) != picture);
  }
}

static void
rows (Gui *gui)
{
  const Compare c = compare (gui);
  const LwCompareLayout *layout;
  double width, height, opened;

  g_assert_cmpint (lw_compare_set_row (c.set), ==, -1);
  click_row (&c, 1, 0, 1);
  g_assert_cmpint (lw_compare_set_row (c.set), ==, 1);
  g_assert_cmpstr (lw_compare_canvas_description (LW_COMPARE_CANVAS (c.canvas)), ==,
                   "conv 1, changed: AlexNet conv 1, 11 by 11, stride 4, 11.7 k parameters; NiN "
                   "NiN block 1, 11 by 11, stride 4 + two 1 by 1, 30.3 k parameters");
  /* both layers' details at the right */
  gui_assert_soon (gui_label (c.page, "conv 1, NiN block 1: changed") != NULL);
  g_assert_nonnull (gui_label (c.page, "11,712"));
  g_assert_nonnull (gui_label (c.page, "30,336"));
  click_row (&c, 6, 0, 1);
  gui_assert_soon (gui_label (c.page, "conv 4 and conv 5: only in AlexNet") != NULL);

  key (&c, GDK_KEY_Home);
  g_assert_cmpint (lw_compare_set_row (c.set), ==, 0);
  key (&c, GDK_KEY_Down);
  g_assert_cmpint (lw_compare_set_row (c.set), ==, 1);
  layout = lw_compare_canvas_layout (LW_COMPARE_CANVAS (c.canvas));
  lw_compare_layout_size (layout, &width, &height);
  key (&c, GDK_KEY_Return); /* NiN block 1 shows its three convolutions */
  layout = lw_compare_canvas_layout (LW_COMPARE_CANVAS (c.canvas));
  lw_compare_layout_size (layout, &width, &opened);
  g_assert_cmpfloat (opened, ==, height + 3 * 18);
  key (&c, GDK_KEY_Return);
  key (&c, GDK_KEY_End);
  g_assert_cmpint (lw_compare_set_row (c.set), ==,
                   lw_comparison_n_rows (lw_compare_set_comparison (c.set)) - 1);
  gui_press (gui_button (c.page, "Back to the question"));
  g_assert_cmpint (lw_compare_set_row (c.set), ==, -1);
  gui_assert_soon (gui_label (c.page, "Where do the parameters go?") != NULL);
}

static double
y_of (const Compare *c, int column)
{
  double x = 0, y = 0;

  lw_compare_canvas_locate (LW_COMPARE_CANVAS (c->canvas), column, &x, &y);
  return y;
}

static void
panning (Gui *gui)
{
  const Compare c = compare (gui);
  GtkWidget *linked = gui_find (c.page, GTK_TYPE_SWITCH);
  const double top = y_of (&c, 0);

  scroll (&c, 100, 2);
  g_assert_cmpfloat (y_of (&c, 0), <, top);
  g_assert_cmpfloat (y_of (&c, 0), ==, y_of (&c, 1));
  scroll (&c, 100, -20);
  g_assert_cmpfloat (y_of (&c, 0), ==, top);

  gtk_switch_set_active (GTK_SWITCH (linked), FALSE);
  scroll (&c, 100, 1);
  g_assert_cmpfloat (y_of (&c, 0), <, top);
  g_assert_cmpfloat (y_of (&c, 1), ==, top);
  scroll (&c, gtk_widget_get_width (c.canvas) - 100, 1);
  g_assert_cmpfloat (y_of (&c, 1), <, top);
  click_row (&c, 3, 1, 1); /* where it stands now */
  g_assert_cmpint (lw_compare_set_row (c.set), ==, 3);
  gtk_switch_set_active (GTK_SWITCH (linked), TRUE);
  g_assert_cmpfloat (y_of (&c, 0), ==, y_of (&c, 1));

  lw_compare_canvas_zoom_by (LW_COMPARE_CANVAS (c.canvas), 1);
  g_assert_cmpfloat (lw_compare_canvas_zoom (LW_COMPARE_CANVAS (c.canvas)), ==, 1.25);
  lw_compare_canvas_zoom_by (LW_COMPARE_CANVAS (c.canvas), 0);
  g_assert_cmpfloat (lw_compare_canvas_zoom (LW_COMPARE_CANVAS (c.canvas)), ==, 1);
}

static void
third (Gui *gui)
{
  const Compare c = compare (gui);
  GtkWidget *heads = gui_find (c.page, LW_TYPE_COMPARE_HEADS);

  gui_press (gui_button (c.page, "Add architecture"));
  g_assert_cmpint (lw_compare_set_n (c.set), ==, 3);
  gui_assert_soon (lw_compare_heads_list (LW_COMPARE_HEADS (heads), 2) != NULL);
  gui_press (gui_button (c.page, "Add architecture"));
  g_assert_cmpint (lw_compare_set_n (c.set), ==, 4);
  gui_assert_soon (!gtk_widget_is_sensitive (gui_button (c.page, "Add architecture")));

  /* the third column becomes ResNet-18 by its list */
  gui_assert_soon (lw_compare_heads_list (LW_COMPARE_HEADS (heads), 3) != NULL);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (lw_compare_heads_list (LW_COMPARE_HEADS (heads), 2)),
                              7);
  g_assert_cmpstr (lw_compare_set_titles (c.set)[2], ==, lw_model (7)->title);
  gui_assert_soon (gui_button (c.page, "Remove ResNet-18") != NULL); /* the heads are new */
  gui_press (gui_button (c.page, "Remove AlexNet"));
  gui_assert_soon (lw_compare_set_n (c.set) == 3);
  g_assert_cmpstr (lw_compare_set_titles (c.set)[0], ==, "NiN");
  gui_assert_soon (gui_button (c.page, "Train all") != NULL);
  gui_resize (gui, 800, 600);
  gui_assert_soon (gtk_widget_get_width (c.page) <= 800);
  gui_picture (c.canvas);
}

static bool
offers (GtkWidget *list, const char *title)
{
  GListModel *names = gtk_drop_down_get_model (GTK_DROP_DOWN (list));

  for (guint i = 0; i < g_list_model_get_n_items (names); i++)
    if (g_str_equal (gtk_string_list_get_string (GTK_STRING_LIST (names), i), title))
      return true;
  return false;
}

/* What is turned on another page makes no work here until it is looked at. */
static void
hidden (Gui *gui)
{
  const Compare c = compare (gui);
  LwCompareHeads *heads = LW_COMPARE_HEADS (gui_find (c.page, LW_TYPE_COMPARE_HEADS));
  GtkWidget *list = lw_compare_heads_list (heads, 0);

  lw_workbench_select_model (gui->workbench, lw_model_find ("lenet", NULL));
  gui_shortcut (gui, "<Control>1");
  g_assert_true (lw_workbench_turn (gui->workbench, "pooling", "max", NULL));
  gui_wait (0.3);
  g_assert_true (lw_compare_heads_list (heads, 0) == list);
  gui_shortcut (gui, "<Control>4");
  g_assert_true (offers (lw_compare_heads_list (heads, 0), "LeNet, max"));
  g_assert_true (lw_workbench_turn (gui->workbench, "pooling", "average", NULL));
  gui_assert_soon (!offers (lw_compare_heads_list (heads, 0), "LeNet, max"));
}

static void
pictures (Gui *gui)
{
  static const char *const endings[] = { "svg", "pdf", "png" };

  compare (gui);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree char *name = g_strconcat ("comparison.", endings[i], NULL);
    g_autofree char *path = gui_scratch (name);
    g_autofree char *data = NULL;
    gsize size;

    lw_window_export (gui->window, "export-comparison", path);
    g_assert_true (g_file_get_contents (path, &data, &size, NULL));
    g_assert_cmpuint (size, >, 4000);
    if (i == 0)
      g_assert_nonnull (strstr (data, ">NiN block 4<"));
  }
}

static const char *
choice_of (LwRunItem *run, const char *knob)
{
  return lw_options_choice (lw_run_item_settings (run)->options, knob);
}

/* A variant of a thin LeNet and then LeNet itself, then both as bubbles. Neither what the draft had
 * before nor the first run's knobs are the second's. */
static void
training (Gui *gui)
{
  const Compare c = compare (gui);
  g_autoptr (LwOptions) lenet = lw_compare_options ("lenet:width=0.125", NULL);
  g_autoptr (LwOptions) relu = lw_compare_options ("lenet:width=0.125,activation=relu", NULL);
  GListModel *runs = lw_workbench_runs (gui->workbench);
  GtkWidget *chart;

  lw_workbench_select_model (gui->workbench, lw_model_find ("lenet", NULL));
  g_assert_true (lw_workbench_turn (gui->workbench, "pooling", "max", NULL));
  gui_press (gui_button (c.page, "Runs"));
  gui_assert_soon (gui_label (c.page, "No runs yet") != NULL);
  gui_press (gui_button (c.page, "Architectures"));
  g_assert_true (lw_compare_set_replace (c.set, 0, relu, NULL));
  g_assert_true (lw_compare_set_replace (c.set, 1, lenet, NULL));
  gui_assert_soon (gui_button (c.page, "Train both") != NULL);
  gui_press (gui_button (c.page, "Train both"));
  g_assert_cmpstr (gui_page (gui), ==, "train");
  gui_assert_soon (g_list_model_get_n_items (runs) == 2);
  gui_assert_soon (gui_live (gui) == NULL && g_list_model_get_n_items (runs) == 2);
  {
    g_autoptr (LwRunItem) second = g_list_model_get_item (runs, 0);
    g_autoptr (LwRunItem) first = g_list_model_get_item (runs, 1);

    g_assert_cmpint (lw_run_item_state (first), ==, LW_RUN_FINISHED);
    g_assert_cmpint (lw_run_item_state (second), ==, LW_RUN_FINISHED);
    g_assert_cmpstr (lw_run_item_title (second), ==, "LeNet");
    g_assert_cmpstr (choice_of (first, "activation"), ==, "relu");
    g_assert_cmpstr (choice_of (first, "pooling"), ==, "average");
    g_assert_cmpstr (choice_of (second, "activation"), ==, "sigmoid");
    g_assert_cmpstr (choice_of (second, "pooling"), ==, "average");
  }

  gui_shortcut (gui, "<Control>4");
  gui_press (gui_button (c.page, "Runs"));
  gui_assert_soon (gui_find (c.page, GTK_TYPE_DRAWING_AREA) != NULL);
  chart = gui_find (c.page, LW_TYPE_COMPARE_RUNS);
  gui_assert_soon (g_str_has_prefix (lw_compare_runs_description (LW_COMPARE_RUNS (chart)),
                                     "2 runs; best: LeNet"));
  gui_assert_soon (gui_label (c.page, "2 of 2 runs") != NULL);
  {
    g_autoptr (GPtrArray) ticked =
        lw_run_ticks_runs (lw_compare_runs_ticks (LW_COMPARE_RUNS (chart)));

    g_assert_cmpuint (ticked->len, ==, 2);
    lw_run_ticks_set (lw_compare_runs_ticks (LW_COMPARE_RUNS (chart)),
                      (LwRunItem *const *)ticked->pdata, 2, false);
  }
  gui_assert_soon (gui_label (c.page, "Tick runs to plot them") != NULL);
}

/* As many of the newest as there are colours; one that comes while they are seen joins
 * them, and the oldest leaves. */
static void
ticks (Gui *gui)
{
  const Compare c = compare (gui);

  gui_shortcut (gui, "<Control>1");
  gui_choose_small_run (gui, 32, 1);
  for (int i = 0; i < 9; i++) {
    g_autoptr (GError) error = NULL;

    if (i == 8) { /* the last one while the list is looked at */
      gui_shortcut (gui, "<Control>4");
      gui_press (gui_button (c.page, "Runs"));
      gui_assert_soon (gui_label (c.page, "6 of 8 runs") != NULL);
    }
    lw_workbench_train (gui->workbench, &error);
    g_assert_no_error (error);
    gui_assert_soon (gui_live (gui) == NULL);
  }
  gui_assert_soon (gui_label (c.page, "6 of 9 runs") != NULL);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/compare/ready", ready, NULL },
    { "/compare/rows", rows, NULL },
    { "/compare/panning", panning, NULL },
    { "/compare/third", third, NULL },
    { "/compare/hidden", hidden, NULL },
    { "/compare/pictures", pictures, NULL },
    { "/compare/training", training, NULL },
    { "/compare/ticks", ticks, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
