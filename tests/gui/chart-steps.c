#include "tests/gui/chart-steps.h"

#include "ui/chart-view-private.h"

LwRunItem *
charts_finish_run (Gui *gui, int epochs)
{
  LwRunItem *run;

  gui_choose_small_run (gui, 160, epochs);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = lw_workbench_run (gui->workbench)) != NULL);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_FINISHED);
  gui_assert_soon (gui_live (gui) == NULL);
  gui_wait (0.1);
  return run;
}

LwChartView *
charts_view (Gui *gui)
{
  GtkWidget *view = gui_find (GTK_WIDGET (gui->window), LW_TYPE_CHART_VIEW);

  g_assert_nonnull (view);
  gui_assert_soon (LW_CHART_VIEW (view)->layout.n_plots == 2);
  return LW_CHART_VIEW (view);
}

double
charts_x (LwChartView *view, double x)
{
  gui_wait (0.05); /* painted as it is now */
  return lw_chart_pixel_x (&view->layout, x);
}

double
charts_y (LwChartView *view, int chart)
{
  const cairo_rectangle_t *plot = &view->layout.plots[chart].plot;

  return plot->y + plot->height / 2;
}

void
charts_legend_place (LwChartView *view, int key, double *ret_x, double *ret_y)
{
  gui_wait (0.05);
  for (double y = 4; y < view->layout.plots[0].plot.y; y += 4) {
    for (double x = 4; x < view->layout.area.width; x += 4) {
      if (lw_chart_view_key_at (view, x, y) != key)
        continue;
      *ret_x = x + 6;
      *ret_y = y + 4;
      return;
    }
  }
  g_error ("the legend has no entry %d", key);
}

static GtkEventController *
controller_of (LwChartView *view, GType type, guint button)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (GTK_WIDGET (view));

  for (guint i = 0; i < g_list_model_get_n_items (all); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (all, i);

    if (G_OBJECT_TYPE (controller) == type &&
        (button == 0 || gtk_gesture_single_get_button (GTK_GESTURE_SINGLE (controller)) == button))
      return controller;
  }
  g_error ("the charts have no %s", g_type_name (type));
}

void
charts_move (LwChartView *view, double x, double y)
{
  g_signal_emit_by_name (controller_of (view, GTK_TYPE_EVENT_CONTROLLER_MOTION, 0), "motion", x, y);
  gui_wait (0.03);
}

void
charts_click (LwChartView *view, int n, double x, double y)
{
  GtkEventController *click = controller_of (view, GTK_TYPE_GESTURE_CLICK, GDK_BUTTON_PRIMARY);
  GtkEventController *drag = controller_of (view, GTK_TYPE_GESTURE_DRAG, 0);

  for (int i = 1; i <= n; i++) {
    g_signal_emit_by_name (drag, "drag-begin", x, y);
    g_signal_emit_by_name (click, "pressed", i, x, y);
    g_signal_emit_by_name (click, "released", i, x, y);
    g_signal_emit_by_name (drag, "drag-end", 0.0, 0.0);
  }
  gui_wait (0.03);
}

void
charts_click_right (LwChartView *view, double x, double y)
{
  g_signal_emit_by_name (controller_of (view, GTK_TYPE_GESTURE_CLICK, GDK_BUTTON_SECONDARY),
                         "pressed", 1, x, y);
  gui_wait (0.2);
}

void
charts_drag (LwChartView *view, double from, double to)
{
  const double begin = charts_x (view, from), dx = charts_x (view, to) - begin;
  const double y = charts_y (view, 1);
  GtkEventController *drag = controller_of (view, GTK_TYPE_GESTURE_DRAG, 0);

  g_signal_emit_by_name (drag, "drag-begin", begin, y);
  for (int step = 1; step <= 4; step++)
    g_signal_emit_by_name (drag, "drag-update", dx * step / 4, 0.0);
  g_signal_emit_by_name (drag, "drag-end", dx, 0.0);
  gui_wait (0.05);
}

bool
charts_key (LwChartView *view, guint key, GdkModifierType state)
{
  gboolean used = FALSE;

  g_signal_emit_by_name (controller_of (view, GTK_TYPE_EVENT_CONTROLLER_KEY, 0), "key-pressed", key,
                         0, state, &used);
  gui_wait (0.03);
  return used;
}
