#include "ui/draw/scale.h"

#include "ui/draw/shapes.h"
#include "ui/draw/ticks.h"

#include <math.h>

#define BAR_HEIGHT 9.0
#define BAR_GAP    6.0

LwScale
lw_scale_for (const float *values, size_t n)
{
  double least = 0.0, most = 0.0;

  for (size_t i = 0; i < n; i++) {
    if (!isfinite (values[i]))
      continue;
    least = MIN (least, (double)values[i]);
    most = MAX (most, (double)values[i]);
  }
  if (least < 0.0) {
    most = MAX (most, -least);
    return (LwScale){ LW_MAP_SIGNED, -most, most };
  }
  return (LwScale){ LW_MAP_SEQUENTIAL, 0.0, most > 0.0 ? most : 1.0 };
}

LwScale
lw_scale_chosen (const float *values, size_t n, LwColours colours)
{
  LwScale scale = lw_scale_for (values, n);
  double least = 0.0, most = 0.0;

  if (colours == LW_COLOURS_AUTOMATIC)
    return scale;
  if (colours == LW_COLOURS_SIGNED)
    return (LwScale){ LW_MAP_SIGNED, -scale.max, scale.max };
  for (size_t i = 0; i < n; i++) {
    if (!isfinite (values[i]))
      continue;
    least = MIN (least, (double)values[i]);
    most = MAX (most, (double)values[i]);
  }
  if (!(most > least))
    most = least + 1.0;
  return (LwScale){ colours == LW_COLOURS_GREY ? LW_MAP_GREY : LW_MAP_SEQUENTIAL, least, most };
}

double
lw_scale_low (const LwScale *scale)
{
  return scale->map == LW_MAP_SIGNED ? -scale->max : scale->min;
}

int
lw_scale_decimals (const LwScale *scale)
{
  const double most = MAX (fabs (scale->max), fabs (lw_scale_low (scale)));

  return most >= 0.5 || !(most > 0.0) ? 2 : most >= 0.05 ? 3 : 4;
}

LwColour
lw_scale_colour (const LwScale *scale, bool dark, double value)
{
  double t;

  if (!isfinite (value))
    return lw_map_colour (scale->map, dark, NAN);
  switch (scale->map) {
  case LW_MAP_SIGNED:
    t = scale->max > 0.0 ? value / scale->max : 0.0;
    break;
  case LW_MAP_EXPLOSION:
    t = value > 0.0 && scale->min > 0.0 && scale->max > scale->min
            ? log (value / scale->min) / log (scale->max / scale->min)
            : 0.0;
    break;
  default:
    t = scale->max > scale->min ? (value - scale->min) / (scale->max - scale->min) : 0.0;
    if (scale->map == LW_MAP_COST)
      t = sqrt (MAX (t, 0.0));
    break;
  }
  return lw_map_colour (scale->map, dark, t);
}

static void
end_texts (const LwScale *scale, char low[LW_TICK_TEXT], char high[LW_TICK_TEXT])
{
  bool small = fabs (scale->max) < 100.0 && fabs (scale->max) >= 0.01;

  if (small) {
    lw_value_text_fixed (lw_scale_low (scale), lw_scale_decimals (scale), low);
    lw_value_text_fixed (scale->max, lw_scale_decimals (scale), high);
  } else {
    lw_value_text (lw_scale_low (scale), low);
    lw_value_text (scale->max, high);
  }
}

double
lw_colour_bar_width (LwText *text, const LwScale *scale, double bar_width)
{
  char low[LW_TICK_TEXT], high[LW_TICK_TEXT];

  end_texts (scale, low, high);
  return lw_text_width (text, LW_TEXT_DETAIL, low) + lw_text_width (text, LW_TEXT_DETAIL, high) +
         2.0 * BAR_GAP + bar_width;
}

void
lw_colour_bar_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwScale *scale,
                     double x, double middle, double bar_width, double align)
{
  enum { STOPS = 24 };
  double baseline = middle + lw_text_middle (LW_TEXT_DETAIL);
  char low[LW_TICK_TEXT], high[LW_TICK_TEXT];
  cairo_pattern_t *ramp;

  if (!(bar_width > 0.0))
    return;
  x -= align * lw_colour_bar_width (text, scale, bar_width);
  end_texts (scale, low, high);
  lw_text_paint (cr, text, LW_TEXT_DETAIL, low, x, baseline, 0.0, theme->dim, 1.0);
  x += lw_text_width (text, LW_TEXT_DETAIL, low) + BAR_GAP;
  ramp = cairo_pattern_create_linear (x, 0.0, x + bar_width, 0.0);
  for (int i = 0; i <= STOPS; i++) {
    double t = (double)i / STOPS;
    LwColour colour =
        lw_map_colour (scale->map, theme->dark, scale->map == LW_MAP_SIGNED ? 2.0 * t - 1.0 : t);

    cairo_pattern_add_color_stop_rgb (ramp, t, colour.r, colour.g, colour.b);
  }
  cairo_save (cr);
  cairo_new_path (cr);
  lw_path_rounded (cr, x, middle - BAR_HEIGHT / 2.0, bar_width, BAR_HEIGHT, 3.0);
  cairo_set_source (cr, ramp);
  cairo_fill (cr);
  cairo_restore (cr);
  cairo_pattern_destroy (ramp);
  lw_text_paint (cr, text, LW_TEXT_DETAIL, high, x + bar_width + BAR_GAP, baseline, 0.0, theme->dim,
                 1.0);
}
