#include "ui/draw/divergence-table.h"

#include "engine/op.h"
#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define HEAD       19.0
#define ROW        22.0
#define CELL       20.0
#define GAP        2.0
#define MARK       9.0
#define NAME_SHARE 0.34 /* of the width, at most, for names */
#define LEAST      64.0 /* a name's */
#define DECADES    38.5 /* the largest 32-bit number is 3.4·10³⁸ */

double
lw_divergence_table_height (const LwDivergence *divergence)
{
  return HEAD + ROW * divergence->n_layers;
}

/* Blocks' names go first, from the outermost, then the end of the layer's own. */
static char *
fitting_name (LwText *text, LwTextStyle style, const LwGraph *graph, LwNodeId id, double width)
{
  g_autofree char *path = lw_layer_path (graph, id);
  const char *words = path;
  char *cut;

  while (lw_text_width (text, style, words) > width && strstr (words, ", ") != NULL)
    words = strstr (words, ", ") + 2;
  cut = g_strdup (words);
  for (glong n = g_utf8_strlen (words, -1) - 1; n > 1 && lw_text_width (text, style, cut) > width;
       n--) {
    g_autofree char *part = g_utf8_substring (words, 0, n);

    g_free (cut);
    cut = g_strconcat (part, "…", NULL);
  }
  return cut;
}

/* Where the columns begin and how wide they are. */
typedef struct {
  double name, first, column;
} LwDivergencePlaces;

static LwDivergencePlaces
places (LwText *text, const LwGraph *graph, const LwDivergence *divergence, double width)
{
  LwDivergencePlaces at = { MARK + 8, 0, 0 };
  double widest = LEAST;

  for (int32_t l = 0; l < divergence->n_layers; l++) {
    g_autofree char *path = lw_layer_path (graph, divergence->layers[l]);

    widest = MAX (widest, lw_text_width (text, LW_TEXT_TABLE_BOLD, path));
  }
  at.first = at.name + MIN (widest, MAX (NAME_SHARE * width - at.name, LEAST)) + 12;
  at.column = (width - at.first) / MAX (divergence->n_steps, 1);
  return at;
}

static void
paint_head (cairo_t *cr, const LwTheme *theme, LwText *text, const LwDivergence *divergence,
            const LwDivergencePlaces *at, const LwDivergenceOrigin *origin)
{
  const double base = HEAD / 2 + lw_text_middle (LW_TEXT_CAPTION) - 1;

  lw_text_paint (cr, text, LW_TEXT_CAPTION, _ ("iteration"), 0, base, 0, theme->dim, 1);
  for (int32_t t = 0; t < divergence->n_steps; t++) {
    g_autofree char *step = g_strdup_printf ("%" G_GINT64_FORMAT, divergence->steps[t]);
    const bool last = t == divergence->n_steps - 1, began = t == origin->column - 1;

    lw_text_paint (cr, text, last || began ? LW_TEXT_TABLE_BOLD : LW_TEXT_CAPTION, step,
                   at->first + (t + 1) * at->column - GAP - 6, base, 1,
                   last    ? theme->error
                   : began ? theme->warning
                           : theme->dim,
                   1);
  }
}

/* The root of the power of ten: trainings spend most of their time in the lowest decades. */
static LwColour
colour_of (const LwTheme *theme, float value)
{
  const double power = value > 0 ? log10 ((double)value) + 1 : 0;

  if (!isfinite (value))
    return theme->dark ? (LwColour){ 0.80, 0.22, 0.22, 1 } : theme->error;
  return lw_map_colour (LW_MAP_EXPLOSION, theme->dark, sqrt (CLAMP (power / DECADES, 0, 1)));
}

static void
paint_cell (cairo_t *cr, const LwTheme *theme, LwText *text, float value, cairo_rectangle_t place,
            bool began)
{
  const LwColour ground = colour_of (theme, value);
  const bool strong = began || !isfinite (value);
  const LwTextStyle style = strong ? LW_TEXT_TABLE_BOLD : LW_TEXT_TABLE;
  g_autofree char *words = lw_divergence_number ((double)value);
  const char *sign = isfinite (value) ? "" : "! ";
  g_autofree char *signed_words = g_strconcat (sign, words, NULL);

  lw_path_rounded (cr, place.x, place.y, place.width, place.height, 4);
  lw_set_colour (cr, ground, 1);
  cairo_fill (cr);
  lw_text_paint (cr, text, style,
                 lw_text_width (text, style, signed_words) < place.width - 8 ? signed_words : words,
                 place.x + place.width - 5, place.y + place.height / 2 + lw_text_middle (style), 1,
                 lw_contrast (ground), 1);
  if (!began)
    return;
  lw_path_rounded (cr, place.x + 0.5, place.y - 0.5, place.width - 1, place.height + 1, 5);
  lw_set_colour (cr, theme->accent, 1);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
}

static void
paint_row (cairo_t *cr, const LwTheme *theme, LwText *text, const LwGraph *graph,
           const LwDivergence *divergence, const LwDivergencePlaces *at,
           const LwDivergenceOrigin *origin, int32_t l)
{
  const LwNodeId id = divergence->layers[l];
  const double y = HEAD + ROW * l, middle = y + ROW / 2;
  const LwTextStyle style = l == origin->layer ? LW_TEXT_TABLE_BOLD : LW_TEXT_TABLE;
  g_autofree char *name = fitting_name (text, style, graph, id, at->first - at->name - 10);

  lw_path_rounded (cr, 0, middle - MARK / 2, MARK, MARK, 2);
  lw_set_colour (cr, theme->kind_line[lw_op_info (lw_graph_node (graph, id)->op)->kind], 1);
  cairo_fill (cr);
  lw_text_paint (cr, text, style, name, at->name, middle + lw_text_middle (style), 0, theme->text,
                 1);
  for (int32_t t = 0; t < divergence->n_steps; t++)
    paint_cell (cr, theme, text, lw_divergence_output (divergence, l, t),
                (cairo_rectangle_t){ at->first + t * at->column, middle - CELL / 2,
                                     at->column - GAP, CELL },
                l == origin->layer && t == origin->column);
}

void
lw_divergence_table_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwGraph *graph,
                           const LwDivergence *divergence, double width)
{
  const LwDivergencePlaces at = places (text, graph, divergence, width);
  const LwDivergenceOrigin origin = lw_divergence_origin (divergence);
  double left, top, right, bottom;

  cairo_clip_extents (cr, &left, &top, &right, &bottom);
  paint_head (cr, theme, text, divergence, &at, &origin);
  for (int32_t l = 0; l < divergence->n_layers; l++)
    if (HEAD + ROW * (l + 1) >= top && HEAD + ROW * l <= bottom)
      paint_row (cr, theme, text, graph, divergence, &at, &origin, l);
}

char *
lw_divergence_table_describe (const LwGraph *graph, const LwDivergence *divergence)
{
  GString *text = g_string_new (_ ("Iterations"));

  for (int32_t t = 0; t < divergence->n_steps; t++)
    g_string_append_printf (text, "%s %" G_GINT64_FORMAT, t == 0 ? "" : ",", divergence->steps[t]);
  for (int32_t l = 0; l < divergence->n_layers; l++) {
    g_autofree char *path = lw_layer_path (graph, divergence->layers[l]);

    g_string_append_printf (text, "; %s:", path);
    for (int32_t t = 0; t < divergence->n_steps; t++) {
      g_autofree char *value =
          lw_divergence_number ((double)lw_divergence_output (divergence, l, t));

      g_string_append_printf (text, "%s %s", t == 0 ? "" : ",", value);
    }
  }
  return g_string_free (text, FALSE);
}
