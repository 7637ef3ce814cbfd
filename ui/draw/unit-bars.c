#include "ui/draw/unit-bars.h"

#include "ui/draw/shapes.h"
#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define BAR_HEIGHT 12.0
#define NUMBER     34.0 /* room for a number */
#define NAME       84.0 /* room for a name */
#define VALUE      52.0 /* room for a value */

double
lw_unit_bars_height (const LwUnitBars *bars)
{
  return MAX (bars->n, 0) * LW_UNIT_BAR_ROW;
}

int
lw_unit_bars_at (const LwUnitBars *bars, double y)
{
  const double row = floor (y / LW_UNIT_BAR_ROW);

  return row >= 0.0 && row < bars->n ? (int)row : -1;
}

static void
value_words (double value, const LwScale *scale, char ret_text[LW_TICK_TEXT])
{
  if (fabs (value) < 99.995)
    lw_value_text_fixed (value, lw_scale_decimals (scale), ret_text);
  else
    lw_value_text (value, ret_text);
}

static void
paint_bar (cairo_t *cr, const LwTheme *theme, const LwUnitBars *bars, double value, double left,
           double width, double middle)
{
  const double low = MIN (lw_scale_low (&bars->scale), 0.0), high = MAX (bars->scale.max, 0.0);
  const double zero = left + width * (high > low ? -low / (high - low) : 0.0);
  double end;

  cairo_set_line_width (cr, 1.0);
  lw_set_colour (cr, theme->grid, 1.0);
  cairo_move_to (cr, floor (zero) + 0.5, middle - LW_UNIT_BAR_ROW / 2.0);
  cairo_line_to (cr, floor (zero) + 0.5, middle + LW_UNIT_BAR_ROW / 2.0);
  cairo_stroke (cr);
  if (!isfinite (value) || !(high > low))
    return;
  end = left + width * CLAMP ((value - low) / (high - low), 0.0, 1.0);
  cairo_rectangle (cr, MIN (zero, end), middle - BAR_HEIGHT / 2.0, MAX (fabs (end - zero), 1.0),
                   BAR_HEIGHT);
  lw_set_colour (cr, lw_scale_colour (&bars->scale, theme->dark, value), 1.0);
  cairo_fill_preserve (cr);
  /* Values near zero have nearly the ground's colour. */
  lw_set_colour (cr, theme->dim, 0.5);
  cairo_stroke (cr);
}

void
lw_unit_bars_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwUnitBars *bars,
                    double x, double y, double width)
{
  const double room = bars->names != NULL ? NAME : NUMBER;
  double left, top, right, bottom;
  int first, last;

  if (bars->values == NULL || bars->n <= 0 || width <= room + VALUE + 8.0)
    return;
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0.0);
  cairo_clip_extents (cr, &left, &top, &right, &bottom);
  first = (int)CLAMP (floor ((top - y) / LW_UNIT_BAR_ROW), 0.0, bars->n);
  last = (int)CLAMP (floor ((bottom - y) / LW_UNIT_BAR_ROW), -1.0, bars->n - 1.0);
  for (int i = first; i <= last; i++) {
    const double middle = y + (i + 0.5) * LW_UNIT_BAR_ROW;
    const bool selected = i == bars->selected;
    const LwTextStyle style = selected ? LW_TEXT_DETAIL_BOLD : LW_TEXT_DETAIL;
    char number[16], words[LW_TICK_TEXT];

    if (selected) {
      lw_set_colour (cr, theme->accent, 0.14);
      lw_path_rounded (cr, x, middle - LW_UNIT_BAR_ROW / 2.0 + 1.0, width, LW_UNIT_BAR_ROW - 2.0,
                       5.0);
      cairo_fill (cr);
    }
    g_snprintf (number, sizeof number, "%d", i);
    lw_text_paint (cr, text, style, bars->names != NULL ? bars->names[i] : number, x + 4.0,
                   middle + lw_text_middle (style), 0.0, selected ? theme->text : theme->dim, 1.0);
    paint_bar (cr, theme, bars, bars->values[i], x + room, width - room - VALUE, middle);
    value_words (bars->values[i], &bars->scale, words);
    lw_text_paint (cr, text, style, words, x + width - 4.0, middle + lw_text_middle (style), 1.0,
                   theme->text, 1.0);
  }
  cairo_restore (cr);
}

char *
lw_unit_bars_describe (const LwUnitBars *bars)
{
  char words[LW_TICK_TEXT];

  if (bars->values == NULL || bars->selected < 0 || bars->selected >= bars->n)
    return g_strdup_printf (ngettext ("%d unit", "%d units", bars->n), bars->n);
  value_words (bars->values[bars->selected], &bars->scale, words);
  return g_strdup_printf (ngettext ("%d unit, unit %d selected, value %s",
                                    "%d units, unit %d selected, value %s", bars->n),
                          bars->n, bars->selected, words);
}
