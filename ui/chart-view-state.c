/* The range of the x axis, the legend's styles and the rule of LwChartView. */
#include "ui/chart-view-private.h"

#include <glib/gi18n.h>
#include <math.h>

/* --- range -------------------------------------------------------------------------------------
 */

void
lw_chart_view_fit (LwChartView *self)
{
  lw_chart_zoom_fit (&self->zoom);
  lw_chart_view_zoomed (self);
}

bool
lw_chart_view_is_zoomed (LwChartView *self)
{
  return !lw_chart_zoom_is_fitted (&self->zoom);
}

void
lw_chart_view_zoom_to (LwChartView *self, double x_min, double x_max)
{
  if (isnan (x_min) && isnan (x_max))
    lw_chart_zoom_fit (&self->zoom);
  else
    lw_chart_zoom_to (&self->zoom, x_min, x_max);
  lw_chart_view_zoomed (self);
}

bool
lw_chart_view_zoom_back (LwChartView *self)
{
  if (!lw_chart_zoom_back (&self->zoom))
    return false;
  lw_chart_view_zoomed (self);
  return true;
}

LwChartRange
lw_chart_view_shown (LwChartView *self)
{
  LwRunPicture picture = { 0 };
  LwChartLayout layout;

  lw_chart_view_lay_out (self, &picture, &layout);
  lw_run_picture_clear (&picture);
  return (LwChartRange){ layout.x_min, layout.x_max };
}

bool
lw_chart_view_can_follow (LwChartView *self)
{
  for (guint e = 0; e < self->entries->len; e++) {
    LwChartEntry *entry = self->entries->pdata[e];

    for (int r = 0; r < lw_chart_entry_n_runs (entry); r++) {
      const LwRunState state =
          lw_run_item_state (lw_run_curves_run (lw_chart_entry_run (entry, r)));

      if (state <= LW_RUN_PAUSED)
        return true;
    }
  }
  return false;
}

bool
lw_chart_view_follows (LwChartView *self)
{
  return !lw_chart_view_is_zoomed (self) && lw_chart_view_can_follow (self);
}

void
lw_chart_view_set_follow (LwChartView *self, bool follow)
{
  if (follow == !lw_chart_view_is_zoomed (self))
    return;
  if (follow) {
    lw_chart_view_fit (self);
  } else {
    const LwChartRange shown = lw_chart_view_shown (self);

    lw_chart_view_zoom_to (self, shown.min, shown.max);
  }
}

/* --- legend ------------------------------------------------------------------------------------
 */

static LwChartStyle *
style_of (LwChartView *self, int key)
{
  return &g_array_index (self->styles, LwChartStyle, key);
}

int
lw_chart_view_n_keys (LwChartView *self)
{
  return (int)self->styles->len;
}

const char *
lw_chart_view_key_name (LwChartView *self, int key)
{
  if (self->by_role)
    return key == 0 ? _ ("train") : _ ("test");
  return lw_chart_entry_name (self->entries->pdata[key]);
}

LwChartStyle
lw_chart_view_style (LwChartView *self, int key)
{
  return *style_of (self, key);
}

void
lw_chart_view_set_hidden (LwChartView *self, int key, bool hidden)
{
  style_of (self, key)->hidden = hidden;
  lw_chart_view_styles_changed (self);
}

void
lw_chart_view_isolate (LwChartView *self, int key)
{
  bool alone = !style_of (self, key)->hidden;

  for (int k = 0; k < lw_chart_view_n_keys (self); k++)
    alone = alone && (k == key || style_of (self, k)->hidden);
  for (int k = 0; k < lw_chart_view_n_keys (self); k++)
    style_of (self, k)->hidden = !alone && k != key;
  lw_chart_view_styles_changed (self);
}

void
lw_chart_view_set_colour (LwChartView *self, int key, int colour)
{
  style_of (self, key)->colour = CLAMP (colour, 0, 5);
  lw_chart_view_styles_changed (self);
}

/* --- rule --------------------------------------------------------------------------------------
 */

void
lw_chart_view_set_rule (LwChartView *self, double x, bool pinned)
{
  self->rule_x = x;
  self->pinned = pinned && !isnan (x);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

double
lw_chart_view_rule (LwChartView *self, bool *ret_pinned)
{
  if (ret_pinned != NULL)
    *ret_pinned = self->pinned;
  return self->rule_x;
}

char *
lw_chart_view_readout (LwChartView *self)
{
  LwRunPicture picture = { 0 };
  LwChartLayout layout;
  char *text;

  lw_chart_view_lay_out (self, &picture, &layout);
  text = lw_charts_readout_text (&picture.stack, &layout);
  lw_run_picture_clear (&picture);
  return text;
}
