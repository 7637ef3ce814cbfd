/* The legend of coloured numbers: "MACs per box … millions", a bar with ticks, a share. */
#include "ui/draw/diagram-colour-private.h"
#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>

#define WIDTH      164.0
#define TITLE      18.0
#define BAR_TOP    24.0
#define BAR_HEIGHT 9.0
#define TICKS      45.0 /* middle of the numbers */
#define TICK_ROOM  8.0
#define NAME       64.0 /* middles of the last two lines */
#define SHARE      79.0
#define HEIGHT     88.0
#define NOTE       42.0
#define GAP        14.0
#define STOPS      24
#define MOST_TICKS 12

static const char *
title_of (const LwDiagramColours *colours)
{
  switch (colours->by) {
  case LW_COLOUR_PARAMETERS:
    return _ ("Parameters per box");
  case LW_COLOUR_COUNT:
    return colours->count == LW_COUNT_MACS    ? _ ("MACs per box")
           : colours->count == LW_COUNT_FLOPS ? _ ("FLOPs (2 × MACs) per box")
                                              : _ ("Operations per box");
  case LW_COLOUR_MEMORY:
    return _ ("Output memory");
  case LW_COLOUR_FORWARD:
    return _ ("Forward time");
  case LW_COLOUR_BACKWARD:
    return _ ("Backward time");
  default:
    return _ ("Gradient norm");
  }
}

/* What the numbers at the bar are divided by, and its name; NULL: none. */
static double
unit_of (const LwDiagramColours *colours, const char **ret_name)
{
  const double most = colours->most;
  *ret_name = colours->note;
  if (colours->by == LW_COLOUR_MEMORY) {
    *ret_name = most >= 1024 * 1024 ? _ ("MiB") : most >= 1024 ? _ ("KiB") : _ ("bytes");
    return most >= 1024 * 1024 ? 1024 * 1024 : most >= 1024 ? 1024 : 1;
  }
  if (colours->by == LW_COLOUR_PARAMETERS || colours->by == LW_COLOUR_COUNT) {
    *ret_name = most >= 1e9   ? _ ("billions")
                : most >= 1e6 ? _ ("millions")
                : most >= 1e3 ? _ ("thousands")
                              : NULL;
    return most >= 1e9 ? 1e9 : most >= 1e6 ? 1e6 : most >= 1e3 ? 1e3 : 1;
  }
  return 1;
}

static void
number_text (double value, char *text, gsize size)
{
  if (value >= 999.5)
    g_snprintf (text, size, "%.0f", value);
  else
    g_snprintf (text, size, "%.3g", value);
}

static double
tick_at (double value, double most, double width)
{
  return width * sqrt (value / most);
}

/* 0 and the largest at the ends; between them 5, 2, 1 · 10ⁿ from the right, where there is room. */
static void
paint_ticks (cairo_t *cr, const LwDiagramColours *colours, const LwTheme *theme, double unit,
             double x, double y, double width)
{
  LwText *text = lw_diagram_layout_text (colours->layout);
  const double most = colours->most / unit, middle = y + lw_text_middle (LW_TEXT_DETAIL);
  double lefts[MOST_TICKS + 2], rights[MOST_TICKS + 2];
  char words[32];
  int n = 0;

  lw_text_paint (cr, text, LW_TEXT_DETAIL, "0", x, middle, 0, theme->dim, 1);
  lefts[n] = x;
  rights[n++] = x + lw_text_width (text, LW_TEXT_DETAIL, "0");
  if (!(most > 0))
    return;
  number_text (most, words, sizeof words);
  lw_text_paint (cr, text, LW_TEXT_DETAIL, words, x + width, middle, 1, theme->dim, 1);
  lefts[n] = x + width - lw_text_width (text, LW_TEXT_DETAIL, words);
  rights[n++] = x + width;
  for (double power = pow (10, floor (log10 (most))); power > most / 1e3; power /= 10)
    for (int k = 0; k < 3 && n < MOST_TICKS; k++) {
      const double value = power * (k == 0 ? 5 : k == 1 ? 2 : 1);
      const double at = x + tick_at (value, most, width);
      bool free = value < most;

      number_text (value, words, sizeof words);
      const double half = lw_text_width (text, LW_TEXT_DETAIL, words) / 2;
      for (int i = 0; i < n && free; i++)
        free = at + half + TICK_ROOM < lefts[i] || at - half - TICK_ROOM > rights[i];
      if (!free)
        continue;
      lw_text_paint (cr, text, LW_TEXT_DETAIL, words, at, middle, 0.5, theme->dim, 1);
      lefts[n] = at - half;
      rights[n++] = at + half;
    }
}

static void
paint_bar (cairo_t *cr, const LwTheme *theme, double x, double y, double width)
{
  cairo_pattern_t *ramp = cairo_pattern_create_linear (x, 0, x + width, 0);
  for (int i = 0; i <= STOPS; i++) {
    const LwColour colour = lw_map_colour (LW_MAP_COST, theme->dark, (double)i / STOPS);
    cairo_pattern_add_color_stop_rgb (ramp, (double)i / STOPS, colour.r, colour.g, colour.b);
  }
  cairo_save (cr);
  cairo_new_path (cr);
  lw_path_rounded (cr, x, y, width, BAR_HEIGHT, 3);
  cairo_set_source (cr, ramp);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, theme->border, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_restore (cr);
  cairo_pattern_destroy (ramp);
}

double
lw_diagram_colours_legend (cairo_t *cr, const LwDiagramColours *colours, const LwTheme *theme,
                           LwDiagramSpot spot, double x, double y, double *ret_width)
{
  LwText *text = lw_diagram_layout_text (colours->layout);
  const char *title = title_of (colours), *unit_name;
  const double unit = unit_of (colours, &unit_name);
  const bool chosen = spot.node != LW_NO_NODE || spot.block >= 0;
  g_autofree char *name = lw_diagram_colours_name (colours, spot);
  g_autofree char *value =
      lw_diagram_colours_words (colours, chosen ? lw_diagram_colours_value (colours, spot)
                                                : lw_diagram_colours_total (colours));
  g_autofree char *first = g_strdup_printf ("%s: %s", name, value);
  g_autofree char *second = !colours->known ? g_strdup (colours->note ? colours->note : "")
                            : chosen        ? lw_diagram_colours_percent_words (colours, spot)
                                            : g_strdup ("");
  double width = lw_text_width (text, LW_TEXT_DETAIL_BOLD, title);
  if (colours->known && unit_name)
    width += GAP + lw_text_width (text, LW_TEXT_DETAIL, unit_name);
  width = MAX (MAX (width, WIDTH), lw_text_width (text, LW_TEXT_DETAIL, second));
  if (colours->known)
    width = MAX (width, lw_text_width (text, LW_TEXT_DETAIL, first));
  if (ret_width)
    *ret_width = width;
  if (!cr)
    return colours->known ? HEIGHT : NOTE;
  const double middle = lw_text_middle (LW_TEXT_DETAIL);
  lw_text_paint (cr, text, LW_TEXT_DETAIL_BOLD, title, x, y + TITLE / 2 + middle, 0, theme->text,
                 1);
  if (!colours->known) {
    lw_text_paint (cr, text, LW_TEXT_DETAIL, second, x, y + NOTE - 12 + middle, 0, theme->dim, 1);
    return NOTE;
  }
  lw_text_paint (cr, text, LW_TEXT_DETAIL, unit_name, x + width, y + TITLE / 2 + middle, 1,
                 theme->dim, 1);
  paint_bar (cr, theme, x, y + BAR_TOP, width);
  paint_ticks (cr, colours, theme, unit, x, y + TICKS, width);
  lw_text_paint (cr, text, LW_TEXT_DETAIL, first, x, y + NAME + middle, 0, theme->text, 1);
  lw_text_paint (cr, text, LW_TEXT_DETAIL, second, x, y + SHARE + middle, 0, theme->dim, 1);
  return HEIGHT;
}
