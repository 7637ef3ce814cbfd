/* The pointer over LwChartView. */
#include "ui/chart-legend-menu.h"
#include "ui/chart-view-private.h"

#include <math.h>

/* A press that moves less is a click. */
#define CLICK_SLACK 6
#define WHEEL_STEP  1.25
/* Moves with a longer rest between them are steps of their own on the way back. */
#define REST_US (900 * 1000)

bool
lw_chart_view_has_plots (LwChartView *self)
{
  return self->layout.n_plots > 0 && self->layout.plots[0].plot.width >= 1;
}

static const cairo_rectangle_t *
first_plot (LwChartView *self)
{
  return &self->layout.plots[0].plot;
}

static bool
over_plots (LwChartView *self, double x, double y)
{
  const cairo_rectangle_t *first = first_plot (self);
  const cairo_rectangle_t *last = &self->layout.plots[MAX (self->layout.n_plots - 1, 0)].plot;

  return lw_chart_view_has_plots (self) && x >= first->x && x <= first->x + first->width &&
         y >= first->y && y <= last->y + last->height;
}

static double
share_of (LwChartView *self, double x)
{
  return (x - first_plot (self)->x) / first_plot (self)->width;
}

static LwChartRange
shown_range (LwChartView *self)
{
  const LwChartRange *range = &self->zoom.range;

  /* The layout is that of the last frame, since when more may have happened. */
  return isnan (range->min) || isnan (range->max) ? lw_chart_view_shown (self) : *range;
}

static double
floor_of (LwChartView *self)
{
  return self->axes.log_x ? NAN : 0;
}

/* Moves that follow one another quickly are one step back. */
static void
note_move (LwChartView *self)
{
  const gint64 now = g_get_monotonic_time ();

  if (now - self->moved_us > REST_US)
    lw_chart_zoom_settle (&self->zoom);
  self->moved_us = now;
}

/* --- the rule ----------------------------------------------------------------------------------
 */

static void
point_at (LwChartView *self, double x, double y)
{
  if (self->entries->len > 0 && over_plots (self, x, y)) {
    self->rule_x = lw_chart_data_x (&self->layout, x);
    self->pointer_y = y;
  } else {
    self->rule_x = NAN;
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion (LwChartView *self, double x, double y)
{
  const int key =
      isnan (self->drag_from) && !over_plots (self, x, y) ? lw_chart_view_key_at (self, x, y) : -1;

  self->pointer_x = x;
  if (key != self->highlighted) {
    self->highlighted = key;
    gtk_widget_set_cursor_from_name (GTK_WIDGET (self), key >= 0 ? "pointer" : NULL);
    gtk_widget_queue_draw (GTK_WIDGET (self));
  }
  if (isnan (self->drag_from) && !self->panning && !self->pinned)
    point_at (self, x, y);
}

static void
leave (LwChartView *self)
{
  self->highlighted = -1;
  self->pointer_x = NAN;
  if (!self->pinned)
    self->rule_x = self->pointer_y = NAN;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* What the rule reads out, for those who do not see it. */
void
lw_chart_view_say_readout (LwChartView *self)
{
  g_autofree char *words = lw_chart_view_readout (self);

  if (words != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    g_strdelimit (words, "\t\n", ' '), -1);
}

/* --- drag and click ----------------------------------------------------------------------------
 */

static void
drag_begin (LwChartView *self, double x, double y, GtkGesture *drag)
{
  const GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (drag));

  self->dragged = false;
  self->panning = false;
  self->press_x = x;
  self->press_inside = over_plots (self, x, y);
  if (!self->press_inside)
    return;
  self->panning = (state & GDK_SHIFT_MASK) != 0;
  self->pan_from = shown_range (self);
  lw_chart_zoom_settle (&self->zoom);
}

static void
drag_update (LwChartView *self, double dx)
{
  if (!self->press_inside || (!self->dragged && fabs (dx) < CLICK_SLACK))
    return;
  self->dragged = true;
  if (self->panning) {
    lw_chart_zoom_pan (&self->zoom, self->pan_from, self->axes.log_x,
                       -dx / first_plot (self)->width, floor_of (self));
    lw_chart_view_zoomed (self);
    return;
  }
  self->drag_from = self->press_x;
  self->drag_to = self->press_x + dx;
  if (!self->pinned)
    self->rule_x = NAN;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_end (LwChartView *self)
{
  const double left = first_plot (self)->x, right = left + first_plot (self)->width;
  const double begin = CLAMP (fmin (self->drag_from, self->drag_to), left, right);
  const double end = CLAMP (fmax (self->drag_from, self->drag_to), left, right);
  const bool zooms = !isnan (self->drag_from) && end - begin >= CLICK_SLACK;

  self->drag_from = self->drag_to = NAN;
  self->panning = false;
  lw_chart_zoom_settle (&self->zoom);
  if (zooms)
    lw_chart_view_zoom_to (self, lw_chart_data_x (&self->layout, begin),
                           lw_chart_data_x (&self->layout, end));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* A second press undoes what the first did: a double click does one thing. */
static void
pressed (LwChartView *self, int n, double x, double y)
{
  const int key = lw_chart_view_key_at (self, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (key >= 0) {
    lw_chart_view_set_hidden (self, key, !lw_chart_view_style (self, key).hidden);
    if (n == 2)
      lw_chart_view_isolate (self, key);
    return;
  }
  if (n == 1) {
    self->was_pinned = self->pinned;
  } else if (n == 2 && over_plots (self, x, y)) {
    self->pinned = self->was_pinned;
    self->dragged = true; /* its release pins nothing */
    lw_chart_view_fit (self);
  }
}

static void
released (LwChartView *self, int n, double x, double y)
{
  if (n != 1 || self->dragged || self->panning || !over_plots (self, x, y))
    return;
  if (self->pinned) {
    self->pinned = false;
    point_at (self, x, y);
    return;
  }
  point_at (self, x, y);
  self->pinned = !isnan (self->rule_x);
  lw_chart_view_say_readout (self);
}

static void
pressed_right (LwChartView *self, int n, double x, double y)
{
  const int key = lw_chart_view_key_at (self, x, y);

  (void)n;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (key >= 0)
    lw_chart_legend_menu_open (self, key, x, y);
}

/* --- zoom --------------------------------------------------------------------------------------
 */

void
lw_chart_view_scale (LwChartView *self, double at, double factor)
{
  LwChartRange whole;

  if (!lw_chart_view_has_plots (self))
    return;
  note_move (self);
  lw_chart_zoom_scale (&self->zoom, shown_range (self), self->axes.log_x, CLAMP (at, 0, 1), factor,
                       floor_of (self));
  if (factor > 1) {
    const LwChartRange range = self->zoom.range;

    /* Farther out than everything is everything. */
    self->zoom.range = (LwChartRange){ NAN, NAN };
    whole = lw_chart_view_shown (self);
    if (!(range.min <= whole.min && range.max >= whole.max))
      self->zoom.range = range;
  }
  lw_chart_view_zoomed (self);
}

void
lw_chart_view_pan (LwChartView *self, double share)
{
  if (!lw_chart_view_has_plots (self))
    return;
  note_move (self);
  lw_chart_zoom_pan (&self->zoom, shown_range (self), self->axes.log_x, share, floor_of (self));
  lw_chart_view_zoomed (self);
}

static gboolean
scroll (LwChartView *self, double dx, double dy, GtkEventController *controller)
{
  const GdkModifierType state = gtk_event_controller_get_current_event_state (controller);

  if ((state & GDK_CONTROL_MASK) != 0) {
    lw_chart_view_scale (self, isnan (self->pointer_x) ? 0.5 : share_of (self, self->pointer_x),
                         pow (WHEEL_STEP, dy));
    return TRUE;
  }
  if ((state & GDK_SHIFT_MASK) != 0 || dx != 0) {
    lw_chart_view_pan (self, 0.1 * (dx != 0 ? dx : dy));
    return TRUE;
  }
  return FALSE;
}

/* --- set-up ------------------------------------------------------------------------------------
 */

void
lw_chart_view_add_input (LwChartView *self)
{
  GtkEventController *pointer = gtk_event_controller_motion_new ();
  GtkEventController *wheel =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *drag = gtk_gesture_drag_new (), *click = gtk_gesture_click_new ();
  GtkGesture *right = gtk_gesture_click_new ();
  GtkEventController *const all[] = { pointer,
                                      wheel,
                                      keys,
                                      GTK_EVENT_CONTROLLER (drag),
                                      GTK_EVENT_CONTROLLER (click),
                                      GTK_EVENT_CONTROLLER (right) };

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (right), GDK_BUTTON_SECONDARY);
  g_signal_connect_swapped (pointer, "enter", G_CALLBACK (motion), self);
  g_signal_connect_swapped (pointer, "motion", G_CALLBACK (motion), self);
  g_signal_connect_swapped (pointer, "leave", G_CALLBACK (leave), self);
  g_signal_connect_swapped (wheel, "scroll", G_CALLBACK (scroll), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (lw_chart_view_key_pressed), self);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end), self);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed), self);
  g_signal_connect_swapped (click, "released", G_CALLBACK (released), self);
  g_signal_connect_swapped (right, "pressed", G_CALLBACK (pressed_right), self);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    gtk_widget_add_controller (GTK_WIDGET (self), all[i]);
}
