/* Keys of LwChartView. */
#include "ui/chart-legend-menu.h"
#include "ui/chart-view-private.h"

#include <math.h>

#define KEY_STEP  1.25
#define MOST_ROWS 128

static void
close_rule (LwChartView *self)
{
  lw_chart_view_set_rule (self, NAN, false);
  self->pointer_y = NAN;
}

/* --- moving ------------------------------------------------------------------------------------
 */

static double
data_at (LwChartView *self, double share)
{
  const cairo_rectangle_t *plot = &self->layout.plots[0].plot;

  return lw_chart_data_x (&self->layout, plot->x + share * plot->width);
}

/* Where the rule stands between the axis' ends. */
static double
rule_share (LwChartView *self)
{
  const cairo_rectangle_t *plot = &self->layout.plots[0].plot;

  return (lw_chart_pixel_x (&self->layout, self->rule_x) - plot->x) / plot->width;
}

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
  if (series == NULL || !lw_chart_view_has_plots (self))
    return;
  if (points == G_MININT)
    index = (gint64)lw_series_lower_bound (series, self->layout.x_min);
  else if (points == G_MAXINT)
    index = (gint64)lw_series_upper_bound (series, self->layout.x_max) - 1;
  else if (isnan (self->rule_x))
    index = (gint64)lw_series_lower_bound (series, data_at (self, 0.5));
  else
    index = point_beside (self, series, points);
  index = CLAMP (index, 0, (gint64)lw_series_length (series) - 1);
  self->rule_x = CLAMP (lw_series_x (series)[index], self->layout.x_min, self->layout.x_max);
  lw_chart_view_say_readout (self);
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
  lw_chart_view_say_readout (self);
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
    lw_chart_view_scale (self, isnan (self->rule_x) ? 0.5 : rule_share (self),
                         key == GDK_KEY_minus || key == GDK_KEY_KP_Subtract ? KEY_STEP
                                                                            : 1 / KEY_STEP);
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
      lw_chart_view_pan (self, key == GDK_KEY_Left ? -0.1 : 0.1);
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

gboolean
lw_chart_view_key_pressed (LwChartView *self, guint key, guint code, GdkModifierType state)
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
