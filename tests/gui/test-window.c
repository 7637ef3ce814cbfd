/* The frame: architectures, pages, widths, light and dark, and that a closed window leaves nothing
 * behind. */
#include "engine/models.h"
#include "tests/gui/harness.h"
#include "ui/chart-view.h"
#include "ui/feature-maps-view.h"
#include "ui/sidebar.h"

static void
architectures (Gui *gui)
{
  for (int i = lw_n_book_models () - 1; i >= 0; i--) {
    gui_press (gui_row (gui, 0, i));
    g_assert_true (lw_workbench_model (gui->workbench) == lw_model (i));
    g_assert_null (lw_workbench_run (gui->workbench));
    g_assert_cmpint (lw_graph_input_shape (lw_workbench_graph (gui->workbench)).h, ==,
                     lw_model (i)->input.h);
  }
}

static GtkWidget *
relative_row (GtkWidget *more, int model)
{
  GtkListBox *list = GTK_LIST_BOX (gui_find (more, GTK_TYPE_LIST_BOX));

  return GTK_WIDGET (gtk_list_box_get_row_at_index (list, model - lw_n_book_models ()));
}

/* The other members of the families: folded at first, chosen as the nine are, and unfolded when one
 * is chosen elsewhere. */
static void
relatives (Gui *gui)
{
  GtkWidget *sidebar = gui_find (GTK_WIDGET (gui->window), LW_TYPE_SIDEBAR);
  GtkWidget *more = gui_find (sidebar, GTK_TYPE_EXPANDER);

  g_assert_false (gtk_expander_get_expanded (GTK_EXPANDER (more)));
  g_assert_null (gui_find (more, GTK_TYPE_LIST_BOX));
  gui_press (more);
  gui_assert_soon (gui_find (more, GTK_TYPE_LIST_BOX) != NULL);
  for (int i = lw_n_book_models (); i < lw_n_models (); i++) {
    GtkWidget *row = relative_row (more, i);

    g_assert_nonnull (gui_label (row, lw_model (i)->title));
    gui_press (row);
    g_assert_true (lw_workbench_model (gui->workbench) == lw_model (i));
    g_assert_true (gtk_list_box_row_is_selected (GTK_LIST_BOX_ROW (row)));
    g_assert_false (gtk_list_box_row_is_selected (GTK_LIST_BOX_ROW (gui_row (gui, 0, 0))));
  }
  gui_press (gui_row (gui, 0, 0));
  g_assert_false (
      gtk_list_box_row_is_selected (GTK_LIST_BOX_ROW (relative_row (more, lw_n_models () - 1))));
  gui_press (more);
  gui_assert_soon (gui_find (more, GTK_TYPE_LIST_BOX) == NULL);
  lw_workbench_select_model (gui->workbench, lw_model_find ("resnet50", NULL));
  gui_assert_soon (gui_find (more, GTK_TYPE_LIST_BOX) != NULL);
}

static void
pages (Gui *gui)
{
  static const char *const names[] = { "explore", "train", "inspect", "compare" };
  static const char *const keys[] = { "<Control>1", "<Control>2", "<Control>3", "<Control>4" };
  g_assert_cmpstr (gui_page (gui), ==, "explore");
  for (int model = 0; model < lw_n_book_models (); model += 3) {
    gui_press (gui_row (gui, 0, model));
    for (int i = 3; i >= 0; i--) {
      gui_shortcut (gui, keys[i]);
      gui_assert_soon (g_strcmp0 (gui_page (gui), names[i]) == 0);
      gui_wait (0.1); /* painted */
    }
  }
  /* Untrained, the Inspect page shows maps of initial weights. */
  gui_shortcut (gui, "<Control>3");
  gui_assert_soon (gui_label (gui->window, "initial, random weights") != NULL);
}

static void
sidebar (Gui *gui)
{
  gui_resize (gui, 1280, 800);
  g_assert_nonnull (gui_find (GTK_WIDGET (gui->window), LW_TYPE_SIDEBAR));
  gui_shortcut (gui, "F9");
  gui_assert_soon (gui_find (GTK_WIDGET (gui->window), LW_TYPE_SIDEBAR) == NULL);
  gui_shortcut (gui, "F9");
  gui_assert_soon (gui_find (GTK_WIDGET (gui->window), LW_TYPE_SIDEBAR) != NULL);
}

/* The frame gets by with any width from the least one on; a page that does not is cut off at the
 * right. */
static void
assert_nothing_is_cut (Gui *gui)
{
  GtkWidget *frame = gui_find (GTK_WIDGET (gui->window), GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *across = gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (frame));

  g_test_message ("%s: %.0f of %.0f pixels", gui_page (gui), gtk_adjustment_get_page_size (across),
                  gtk_adjustment_get_upper (across));
  gui_assert_soon (gtk_adjustment_get_upper (across) <= gtk_adjustment_get_page_size (across));
}

/* Warnings are fatal: about sizes below the least, about adjustments, about styles. */
static void
sizes_and_colours (Gui *gui)
{
  static const int sizes[][2] = { { 1280, 800 }, { 800, 600 }, { 1190, 700 }, { 1020, 640 },
                                  { 960, 700 },  { 880, 600 }, { 1100, 720 } };
  static const char *const keys[] = { "<Control>1", "<Control>2", "<Control>3", "<Control>4" };
  static const char *const models[] = { "lenet-bn", "densenet" };
  AdwStyleManager *style = adw_style_manager_get_default ();

  for (int dark = 0; dark < 2; dark++) {
    lw_workbench_select_model (gui->workbench, lw_model_find (models[dark], NULL));
    adw_style_manager_set_color_scheme (style, dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                                    : ADW_COLOR_SCHEME_FORCE_LIGHT);
    g_assert_cmpint (adw_style_manager_get_dark (style), ==, dark);
    for (guint size = 0; size < G_N_ELEMENTS (sizes); size++) {
      gui_resize (gui, sizes[size][0], sizes[size][1]);
      for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
        gui_shortcut (gui, keys[i]);
        gui_wait (0.1);
        assert_nothing_is_cut (gui);
      }
      lw_main_window_show_page (gui->window, "welcome");
      gui_wait (0.1);
      assert_nothing_is_cut (gui);
    }
  }
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_DEFAULT);
}

/* Narrow: the settings come from the side when their button is pressed. */
static void
narrow_settings (Gui *gui)
{
  gui_resize (gui, 800, 600);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Settings"));
  gui_assert_soon (gui_setting (gui, "batch") != NULL);
}

/* The pictures really change with the colours. */
static void
dark_pictures (Gui *gui)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  GtkWidget *charts;
  guint light;
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_LIGHT);
  gui_shortcut (gui, "<Control>2");
  gui_assert_soon ((charts = gui_find (GTK_WIDGET (gui->window), LW_TYPE_CHART_VIEW)) != NULL);
  gui_wait (0.3);
  light = gui_picture (charts);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_DARK);
  gui_assert_soon (gui_picture (charts) != light);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_DEFAULT);
}

/* The list of keys fits into the least width of a window. */
static void
shortcuts (Gui *gui)
{
  GListModel *windows = gtk_window_get_toplevels ();
  GtkWidget *list = NULL;
  /* Labels of GTK 4.8's own warn there of a width below 0. */
  const GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);

  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.show-help-overlay", NULL);
  gui_wait (0.3);
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

    if (GTK_IS_SHORTCUTS_WINDOW (window))
      list = window;
  }
  g_assert_nonnull (list);
  gui_assert_soon (gtk_widget_get_width (list) > 0);
  g_assert_cmpint (gtk_widget_get_width (list), <=, 800);
  gtk_window_close (GTK_WINDOW (list));
  gui_wait (0.1);
  g_log_set_always_fatal (fatal);
}

static void
count_gone (gpointer data, GObject *where)
{
  (void)where;
  ++*(int *)data;
}

static void
watch_all (GtkWidget *widget, int *n, int *gone)
{
  /* The project's own classes; GTK's are GTK's matter. */
  if (g_str_has_prefix (G_OBJECT_TYPE_NAME (widget), "Lw")) {
    g_object_weak_ref (G_OBJECT (widget), count_gone, gone);
    ++*n;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    watch_all (child, n, gone);
}

typedef struct {
  int n, gone, threads;
} Remains;

static void
run_and_watch (Gui *gui)
{
  Remains *remains = gui->data;
  LwRunItem *run;

  remains->threads = gui_own_threads ();
  gui_choose_small_run (gui, 64, 1);
  gui_shortcut (gui, "<Control>3");
  gui_wait (0.2);
  gui_shortcut (gui, "<Control>space");
  gui_assert_soon ((run = lw_workbench_run (gui->workbench)) != NULL);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_FINISHED);
  gui_wait (0.2);
  watch_all (GTK_WIDGET (gui->window), &remains->n, &remains->gone);
  g_assert_cmpint (remains->n, >, 25);
  g_object_weak_ref (G_OBJECT (gui->workbench), count_gone, &remains->gone);
  g_object_weak_ref (G_OBJECT (run), count_gone, &remains->gone);
}

static void
nothing_is_left (void)
{
  Remains remains = { 0 };

  gui_run (run_and_watch, &remains);
  gui_assert_soon (remains.gone == remains.n + 2);
  gui_assert_soon (gui_own_threads () <= remains.threads);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/window/architectures", architectures, NULL },
    { "/window/relatives", relatives, NULL },
    { "/window/pages", pages, NULL },
    { "/window/sidebar", sidebar, NULL },
    { "/window/sizes-and-colours", sizes_and_colours, NULL },
    { "/window/narrow-settings", narrow_settings, NULL },
    { "/window/dark-pictures", dark_pictures, NULL },
    { "/window/shortcuts", shortcuts, NULL },
    { "/window/nothing-is-left", NULL, nothing_is_left },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
