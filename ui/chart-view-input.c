/* Pointer and keys of LwChartView. */
#include "ui/chart-legend-menu.h"
#include "ui/chart-view-private.h"

#include <math.h>

/* A press that moves less is a click. */
#define CLICK_SLACK 6
#define WHEEL_STEP  1.25
#define MOST_ROWS   128
/* Moves with a longer rest between them are steps of their own on the way back. */
#define REST_US (900 * 1000)

static bool
has_plots (LwChartView *self)
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

  return has_plots (self) && x >= first->x && x <= first->x + first->width && y >= first->y &&
         y <= last->y + last->height;
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
static void
say_readout (LwChartView *self)
{
  g_autofree char *words = lw_chart_view_readout (self);

  if (words != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    g_strdelimit (words, "\t\n", ' '), -1);
}

static void
close_rule (LwChartView *self)
{
  lw_chart_view_set_rule (self, NAN, false);
  self->pointer_y = NAN;
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
  say_readout (self);
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

static void
scale (LwChartView *self, double at, double factor)
{
  LwChartRange whole;

  if (!has_plots (self))
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

static void
pan (LwChartView *self, double share)
{
  if (!has_plots (self))
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
    scale (self, isnan (self->pointer_x) ? 0.5 : share_of (self, self->pointer_x),
           pow (WHEEL_STEP, dy));
    return TRUE;
  }
  if ((state & GDK_SHIFT_MASK) != 0 || dx != 0) {
    pan (self, 0.1 * (dx != 0 ? dx : dy));
    return TRUE;
  }
  return FALSE;
}

/* --- keys --------------------------------------------------------------------------------------
 */

/* All are needed to find the nearest. */
static bool
nearest_row (const LwRunPicture *picture, const LwChartLayout *layout, LwReadout *ret_row)
{
  LwReadout rows[MOST_ROWS];
  const int n = lw_charts_readout (&picture->stack, layout, rows, MOST_ROWS);

  if (n > 0)
    *ret_row = rows[0];
  return n > 0;
}

/* The curve whose points the arrows visit: that of the nearest row, else the first shown. */
static const LwSeries *
visited_series (const LwRunPicture *picture, const LwChartLayout *layout)
{
  LwReadout row;

  if (nearest_row (picture, layout, &row))
    return picture->charts[row.chart].lines[row.line].series;
  for (int c = 0; c < picture->stack.n_charts; c++) {
    for (int i = 0; i < picture->charts[c].n_lines; i++) {
      const LwChartLine *line = &picture->charts[c].lines[i];

      if (!line->hidden && line->series != NULL && lw_series_length (line->series) > 0)
        return line->series;
    }
  }
  return NULL;
}

/* The point `points` farther than the rule, and at least a pixel: of a long run many lie on one. */
static gint64
point_beside (LwChartView *self, const LwSeries *series, int points)
{
  const double pixel = lw_chart_pixel_x (&self->layout, self->rule_x);

  if (points > 0)
    return MAX ((gint64)lw_series_lower_bound (series, lw_chart_data_x (&self->layout, pixel + 1)),
                (gint64)lw_series_upper_bound (series, self->rule_x) + points - 1);
  return MIN ((gint64)lw_series_upper_bound (series, lw_chart_data_x (&self->layout, pixel - 1)) -
                  1,
              (gint64)lw_series_lower_bound (series, self->rule_x) + points);
}

/* G_MININT, G_MAXINT: to the first and the last point shown. Without a rule to the middle. */
static void
move_rule (LwChartView *self, int points)
{
  LwRunPicture picture = { 0 };
  const LwSeries *series;
  gint64 index;

  lw_chart_view_lay_out (self, &picture, &self->layout);
  series = visited_series (&picture, &self->layout);
  lw_run_picture_clear (&picture);
  if (series == NULL || !has_plots (self))
    return;
  if (points == G_MININT)
    index = (gint64)lw_series_lower_bound (series, self->layout.x_min);
  else if (points == G_MAXINT)
    index = (gint64)lw_series_upper_bound (series, self->layout.x_max) - 1;
  else if (isnan (self->rule_x))
    index = (gint64)lw_series_lower_bound (
        series,
        lw_chart_data_x (&self->layout, first_plot (self)->x + first_plot (self)->width / 2));
  else
    index = point_beside (self, series, points);
  index = CLAMP (index, 0, (gint64)lw_series_length (series) - 1);
  self->rule_x = CLAMP (lw_series_x (series)[index], self->layout.x_min, self->layout.x_max);
  say_readout (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The next row up or down on the screen becomes the nearest. */
static void
choose_row (LwChartView *self, int direction)
{
  LwRunPicture picture = { 0 };
  LwReadout rows[MOST_ROWS];
  double best = NAN;
  int n;

  if (isnan (self->rule_x))
    move_rule (self, 1);
  lw_chart_view_lay_out (self, &picture, &self->layout);
  n = lw_charts_readout (&picture.stack, &self->layout, rows, MOST_ROWS);
  lw_run_picture_clear (&picture);
  for (int i = 0; i < n; i++) {
    const double y = rows[i].pixel_y;

    if (isnan (y) || (!isnan (self->pointer_y) && (y - self->pointer_y) * direction <= 0.01))
      continue;
    if (isnan (best) || (y - best) * direction < 0)
      best = y;
  }
  if (!isnan (best))
    self->pointer_y = best;
  say_readout (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
copy (LwChartView *self)
{
  g_autofree char *text = lw_chart_view_readout (self);

  if (text != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static bool
key_with_control (LwChartView *self, guint key)
{
  switch (key) {
  case GDK_KEY_c:
  case GDK_KEY_C:
    if (isnan (self->rule_x))
      return false;
    copy (self);
    return true;
  case GDK_KEY_0:
  case GDK_KEY_KP_0:
    lw_chart_view_fit (self);
    return true;
  case GDK_KEY_plus:
  case GDK_KEY_equal:
  case GDK_KEY_KP_Add:
  case GDK_KEY_minus:
  case GDK_KEY_KP_Subtract:
    scale (self,
           isnan (self->rule_x) ? 0.5
                                : share_of (self, lw_chart_pixel_x (&self->layout, self->rule_x)),
           key == GDK_KEY_minus || key == GDK_KEY_KP_Subtract ? WHEEL_STEP : 1 / WHEEL_STEP);
    return true;
  default:
    return false;
  }
}

static bool
key_alone (LwChartView *self, guint key, bool shift)
{
  switch (key) {
  case GDK_KEY_Left:
  case GDK_KEY_Right:
    if (shift)
      pan (self, key == GDK_KEY_Left ? -0.1 : 0.1);
    else
      move_rule (self, key == GDK_KEY_Left ? -1 : 1);
    return true;
  case GDK_KEY_Up:
  case GDK_KEY_Down:
    choose_row (self, key == GDK_KEY_Up ? -1 : 1);
    return true;
  case GDK_KEY_Home:
  case GDK_KEY_End:
    move_rule (self, key == GDK_KEY_End ? G_MAXINT : G_MININT);
    return true;
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
  case GDK_KEY_space:
    lw_chart_view_set_rule (self, self->rule_x, !self->pinned);
    return true;
  case GDK_KEY_Escape:
    if (isnan (self->rule_x))
      return false;
    close_rule (self);
    return true;
  case GDK_KEY_BackSpace:
    return lw_chart_view_zoom_back (self);
  case GDK_KEY_f:
  case GDK_KEY_F:
    lw_chart_view_fit (self);
    return true;
  case GDK_KEY_l:
  case GDK_KEY_L:
    lw_chart_view_set_log_loss (self, !lw_chart_view_log_loss (self));
    return true;
  case GDK_KEY_plus:
  case GDK_KEY_equal:
  case GDK_KEY_KP_Add:
  case GDK_KEY_minus:
  case GDK_KEY_KP_Subtract:
    return key_with_control (self, key);
  case GDK_KEY_Menu:
    lw_chart_legend_menu_open (self, -1, NAN, NAN);
    return true;
  case GDK_KEY_F10:
    if (shift)
      lw_chart_legend_menu_open (self, -1, NAN, NAN);
    return shift;
  default:
    return false;
  }
}

static gboolean
key_pressed (LwChartView *self, guint key, guint code, GdkModifierType state)
{
  (void)code;
  if ((state & GDK_ALT_MASK) != 0)
    return FALSE;
  if ((state & GDK_CONTROL_MASK) == 0)
    return key_alone (self, key, (state & GDK_SHIFT_MASK) != 0);
  if (key == GDK_KEY_Left || key == GDK_KEY_Right) {
    move_rule (self, key == GDK_KEY_Left ? -10 : 10);
    return TRUE;
  }
  return key_with_control (self, key);
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
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end), self);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed), self);
  g_signal_connect_swapped (click, "released", G_CALLBACK (released), self);
  g_signal_connect_swapped (right, "pressed", G_CALLBACK (pressed_right), self);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    gtk_widget_add_controller (GTK_WIDGET (self), all[i]);
}
