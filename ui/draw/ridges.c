#include "ui/draw/ridges.h"

#include "ui/draw/shapes.h"
#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define AXIS_HEIGHT 18.0
#define PEAK        0.44 /* of the plot's height: the highest curve */
#define LABEL_ROOM  300.0
#define LABEL_WIDTH 92.0
#define LINE_HEIGHT 16.0

typedef struct {
  const LwRidges *ridges;
  cairo_rectangle_t plot;
  double peak, step, highest;
} Layout;

static bool
has_values (const LwDistribution *d)
{
  return d->count > d->not_finite && d->high > d->low;
}

static double
bin_width (const LwDistribution *d)
{
  return ((double)d->high - (double)d->low) / LW_DISTRIBUTION_BINS;
}

/* Of the finite values, in data units. */
static double
density (const LwDistribution *d, int bin)
{
  return d->bins[bin] / (double)(d->count - d->not_finite) / bin_width (d);
}

static double
highest_density (const LwDistribution *d)
{
  double highest = 0;

  for (int i = 0; has_values (d) && i < LW_DISTRIBUTION_BINS; i++)
    highest = MAX (highest, density (d, i));
  return highest;
}

static Layout
lay_out (const LwRidges *ridges, cairo_rectangle_t place)
{
  Layout l = { .ridges = ridges, .plot = place };

  l.plot.height = floor (place.height - AXIS_HEIGHT);
  if (ridges->labels != NULL && place.width > LABEL_ROOM)
    l.plot.width -= LABEL_WIDTH;
  l.peak = ridges->n > 1 ? floor (l.plot.height * PEAK) : l.plot.height - 2;
  l.step = ridges->n > 1 ? (l.plot.height - l.peak) / (ridges->n - 1) : 0;
  for (int i = 0; i < ridges->n; i++)
    l.highest = MAX (l.highest, highest_density (&ridges->ridges[i]));
  if (ridges->other != NULL)
    l.highest = MAX (l.highest, highest_density (ridges->other));
  return l;
}

static bool
is_drawable (const Layout *l)
{
  return l->plot.height > 8 && l->plot.width > 8 && l->ridges->max > l->ridges->min &&
         isfinite (l->ridges->max - l->ridges->min);
}

static double
base_of (const Layout *l, int ridge)
{
  return l->plot.y + l->plot.height - l->step * (l->ridges->n - 1 - ridge);
}

static double
height_of (const Layout *l, const LwDistribution *d, int bin)
{
  return l->highest > 0 && has_values (d) ? sqrt (density (d, bin) / l->highest) * l->peak : 0;
}

static double
pixel_x (const Layout *l, double value)
{
  return l->plot.x + l->plot.width * (value - l->ridges->min) / (l->ridges->max - l->ridges->min);
}

double
lw_ridges_base (const LwRidges *ridges, cairo_rectangle_t place, int ridge)
{
  const Layout l = lay_out (ridges, place);

  return base_of (&l, ridge);
}

double
lw_ridges_height (const LwRidges *ridges, cairo_rectangle_t place, int ridge, int bin)
{
  const Layout l = lay_out (ridges, place);

  return height_of (&l, &ridges->ridges[ridge], bin);
}

/* --- painting --------------------------------------------------------------------------------- */

static LwColour
blend (LwColour ground, LwColour colour, double share)
{
  return (LwColour){ ground.r + (colour.r - ground.r) * share,
                     ground.g + (colour.g - ground.g) * share,
                     ground.b + (colour.b - ground.b) * share, 1 };
}

/* The curve, along the whole width of the plot. */
static void
trace (cairo_t *cr, const Layout *l, const LwDistribution *d, double base)
{
  const double left = l->plot.x, right = left + l->plot.width;
  const double low = (double)d->low, width = bin_width (d);

  cairo_move_to (cr, MIN (left, pixel_x (l, low)), base);
  cairo_line_to (cr, pixel_x (l, low), base);
  cairo_line_to (cr, pixel_x (l, low), base - height_of (l, d, 0));
  for (int i = 0; i < LW_DISTRIBUTION_BINS; i++)
    cairo_line_to (cr, pixel_x (l, low + (i + 0.5) * width), base - height_of (l, d, i));
  cairo_line_to (cr, pixel_x (l, (double)d->high),
                 base - height_of (l, d, LW_DISTRIBUTION_BINS - 1));
  cairo_line_to (cr, pixel_x (l, (double)d->high), base);
  cairo_line_to (cr, MAX (right, pixel_x (l, (double)d->high)), base);
}

/* How strong a curve is, by its age: 0 the oldest, 1 the newest. */
static double
strength (const LwRidges *ridges, int ridge)
{
  return ridges->n > 1 ? (double)ridge / (ridges->n - 1) : 1;
}

static void
paint_ridge (cairo_t *cr, const Layout *l, int ridge)
{
  const LwRidges *ridges = l->ridges;
  const double t = strength (ridges, ridge);
  const bool newest = ridge == ridges->n - 1;

  if (!has_values (&ridges->ridges[ridge]))
    return;
  trace (cr, l, &ridges->ridges[ridge], base_of (l, ridge));
  lw_set_colour (cr, blend (ridges->ground, ridges->colour, 0.10 + 0.42 * t), 0.86);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, blend (ridges->ground, ridges->colour, newest ? 1 : 0.40 + 0.4 * t), 1);
  cairo_set_line_width (cr, newest ? 2 : 1);
  cairo_stroke (cr);
}

static void
paint_other (cairo_t *cr, const Layout *l)
{
  static const double dash[2] = { 4, 2.5 };

  if (l->ridges->other == NULL || !has_values (l->ridges->other))
    return;
  trace (cr, l, l->ridges->other, base_of (l, l->ridges->n - 1));
  lw_set_colour (cr, l->ridges->other_colour, 1);
  cairo_set_line_width (cr, 1.6);
  cairo_set_dash (cr, dash, 2, 0);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

static void
paint_tints (cairo_t *cr, const Layout *l)
{
  for (int i = 0; i < l->ridges->n_tints; i++) {
    const double from = MAX (pixel_x (l, l->ridges->tints[i].from), l->plot.x);
    const double to = MIN (pixel_x (l, l->ridges->tints[i].to), l->plot.x + l->plot.width);

    if (to > from)
      cairo_rectangle (cr, from, l->plot.y, to - from, l->plot.height);
  }
  lw_set_colour (cr, l->ridges->colour, 0.17);
  cairo_fill (cr);
}

/* Numbers are centred under their lines but stay within 8 px of the plot; the second of two that
 * would touch is left out. */
static void
paint_axis (cairo_t *cr, const LwTheme *theme, LwText *text, const Layout *l)
{
  const double bottom = floor (l->plot.y + l->plot.height) + 0.5;
  const double baseline = l->plot.y + l->plot.height + 10 + lw_text_middle (LW_TEXT_DETAIL);
  double used = -INFINITY;
  LwTicks ticks;

  lw_ticks_linear (l->ridges->min, l->ridges->max, MIN (5, lw_ticks_room (l->plot.width, 34)),
                   false, true, &ticks);
  cairo_set_line_width (cr, 1);
  for (int i = 0; i < ticks.n; i++) {
    const double x = pixel_x (l, ticks.tick[i].value);
    const double width = lw_text_width (text, LW_TEXT_DETAIL, ticks.tick[i].text);
    const double left = CLAMP (x - width / 2, l->plot.x - 8,
                               MAX (l->plot.x - 8, l->plot.x + l->plot.width + 8 - width));

    cairo_move_to (cr, floor (x) + 0.5, l->plot.y);
    cairo_line_to (cr, floor (x) + 0.5, bottom);
    lw_set_colour (cr, theme->grid, 1);
    cairo_stroke (cr);
    if (left < used + 6)
      continue;
    used = left + width;
    lw_text_paint (cr, text, LW_TEXT_DETAIL, ticks.tick[i].text, left, baseline, 0, theme->dim, 1);
  }
}

/* As many as do not touch, the newest first. */
static void
paint_labels (cairo_t *cr, const LwTheme *theme, LwText *text, const Layout *l,
              cairo_rectangle_t place)
{
  double used = INFINITY;

  if (l->ridges->labels == NULL || l->plot.width >= place.width)
    return;
  for (int i = l->ridges->n - 1; i >= 0; i--) {
    const double base = base_of (l, i);

    if (base > used - LINE_HEIGHT + 2)
      continue;
    used = base;
    lw_text_paint (cr, text, i == l->ridges->n - 1 ? LW_TEXT_DETAIL_BOLD : LW_TEXT_DETAIL,
                   l->ridges->labels[i], l->plot.x + l->plot.width + 8, base, 0, theme->dim, 1);
  }
}

void
lw_ridges_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwRidges *ridges,
                 cairo_rectangle_t place)
{
  const Layout l = lay_out (ridges, place);

  if (!is_drawable (&l))
    return;
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  paint_axis (cr, theme, text, &l);
  paint_tints (cr, &l);
  paint_labels (cr, theme, text, &l, place);
  cairo_rectangle (cr, l.plot.x, l.plot.y - 2, l.plot.width, l.plot.height + 3);
  cairo_clip (cr);
  for (int i = 0; i < ridges->n; i++)
    paint_ridge (cr, &l, i);
  paint_other (cr, &l);
  cairo_restore (cr);
}

/* --- reading ---------------------------------------------------------------------------------- */

static int
bin_of (const LwDistribution *d, double value)
{
  const double place = (value - (double)d->low) / bin_width (d);

  if (!has_values (d) || !(place >= 0 && place <= LW_DISTRIBUTION_BINS))
    return -1;
  return MIN ((int)place, LW_DISTRIBUTION_BINS - 1);
}

int
lw_ridges_at (const LwRidges *ridges, cairo_rectangle_t place, double x, double y,
              double *ret_value)
{
  const Layout l = lay_out (ridges, place);
  const double value = ridges->min + (x - l.plot.x) / l.plot.width * (ridges->max - ridges->min);
  int nearest = -1;

  if (!is_drawable (&l) || x < l.plot.x || x > l.plot.x + l.plot.width || y < l.plot.y ||
      y > l.plot.y + l.plot.height + 2)
    return -1;
  *ret_value = value;
  for (int i = ridges->n - 1; i >= 0; i--) {
    const int bin = bin_of (&ridges->ridges[i], value);
    const double base = base_of (&l, i);

    if (!has_values (&ridges->ridges[i]))
      continue;
    if (bin >= 0 && y <= base && y >= base - height_of (&l, &ridges->ridges[i], bin))
      return i;
    if (nearest < 0 || fabs (y - base) < fabs (y - base_of (&l, nearest)))
      nearest = i;
  }
  return nearest;
}

bool
lw_ridges_bin (const LwRidges *ridges, int ridge, double value, double *ret_from, double *ret_to,
               double *ret_share)
{
  const LwDistribution *d = &ridges->ridges[ridge];
  const int bin = bin_of (d, value);

  if (bin < 0)
    return false;
  *ret_from = (double)d->low + bin * bin_width (d);
  *ret_to = *ret_from + bin_width (d);
  *ret_share = d->bins[bin] / (double)(d->count - d->not_finite);
  return true;
}

char *
lw_ridges_words (const LwRidges *ridges, int ridge, double value)
{
  char from_text[LW_TICK_TEXT], to_text[LW_TICK_TEXT], share_text[LW_TICK_TEXT];
  double from, to, share;

  if (!lw_ridges_bin (ridges, ridge, value, &from, &to, &share))
    return g_strdup (_ ("No value here"));
  lw_value_text (from, from_text);
  lw_value_text (to, to_text);
  lw_value_text (share * 100, share_text);
  return g_strdup_printf (_ ("%s to %s: %s %% of the values"), from_text, to_text, share_text);
}

static void
paint_rule (cairo_t *cr, const LwTheme *theme, const Layout *l, double x)
{
  cairo_move_to (cr, floor (x) + 0.5, l->plot.y);
  cairo_line_to (cr, floor (x) + 0.5, l->plot.y + l->plot.height);
  lw_set_colour (cr, theme->dim, 0.8);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static void
paint_readout (cairo_t *cr, const LwTheme *theme, LwText *text, const char *heading,
               const char *words, double x, double y, cairo_rectangle_t bounds)
{
  const double width = 20 + MAX (lw_text_width (text, LW_TEXT_TABLE_BOLD, heading),
                                 lw_text_width (text, LW_TEXT_TABLE, words));
  const double height = 14 + 2 * LINE_HEIGHT;
  double left = x + 12, top = y - height - 8;

  if (left + width > bounds.x + bounds.width - 4)
    left = x - 12 - width;
  left = CLAMP (left, bounds.x + 4, MAX (bounds.x + 4, bounds.x + bounds.width - width - 4));
  top = CLAMP (top, bounds.y + 4, MAX (bounds.y + 4, bounds.y + bounds.height - height - 4));
  lw_paint_card (cr, theme, left, top, width, height, 9);
  lw_text_paint (cr, text, LW_TEXT_TABLE_BOLD, heading, left + 10,
                 top + 7 + LINE_HEIGHT / 2 + lw_text_middle (LW_TEXT_TABLE), 0, theme->text, 1);
  lw_text_paint (cr, text, LW_TEXT_TABLE, words, left + 10,
                 top + 7 + 1.5 * LINE_HEIGHT + lw_text_middle (LW_TEXT_TABLE), 0, theme->text, 1);
}

void
lw_ridges_paint_hover (cairo_t *cr, const LwTheme *theme, LwText *text, const LwRidges *ridges,
                       cairo_rectangle_t place, int ridge, double value, const char *heading,
                       cairo_rectangle_t bounds)
{
  const Layout l = lay_out (ridges, place);
  g_autofree char *words = NULL;
  int bin;

  if (!is_drawable (&l) || ridge < 0 || ridge >= ridges->n)
    return;
  words = lw_ridges_words (ridges, ridge, value);
  bin = bin_of (&ridges->ridges[ridge], value);
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  paint_rule (cr, theme, &l, pixel_x (&l, value));
  cairo_save (cr);
  cairo_rectangle (cr, l.plot.x, l.plot.y - 2, l.plot.width, l.plot.height + 3);
  cairo_clip (cr);
  trace (cr, &l, &ridges->ridges[ridge], base_of (&l, ridge));
  lw_set_colour (cr, theme->text, 1);
  cairo_set_line_width (cr, 1.6);
  cairo_stroke (cr);
  cairo_restore (cr);
  if (bin >= 0)
    lw_paint_marker (cr, LW_MARKER_DOT, pixel_x (&l, value),
                     base_of (&l, ridge) - height_of (&l, &ridges->ridges[ridge], bin), theme->text,
                     ridges->ground);
  paint_readout (cr, theme, text, heading, words, pixel_x (&l, value),
                 base_of (&l, ridge) - (bin >= 0 ? height_of (&l, &ridges->ridges[ridge], bin) : 0),
                 bounds);
  cairo_restore (cr);
}
