#include "ui/draw/class-rows.h"

#include "engine/analysis.h"
#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define HEAD        30.0
#define SIDE        52.0
#define GAP         6.0
#define ROW         (SIDE + 2 * GAP)
#define LONGEST     150.0 /* of a name */
#define LEAST_BARS  60.0
#define MOST_BARS   140.0
#define BAR         10.0
#define BETWEEN     4.0 /* the two bars */
#define LEAST_TILES 3

static int32_t
most_of (const LwClassRows *rows)
{
  int32_t most = 1;

  for (int split = 0; split < 2; split++)
    for (int32_t i = 0; i < rows->classes; i++)
      most = MAX (most, rows->counts[split][i]);
  return most;
}

void
lw_class_rows_layout (const LwClassRows *rows, LwText *text, double room,
                      LwClassRowsLayout *ret_layout)
{
  g_autofree char *longest = lw_format_exact (most_of (rows));
  const double tiles = LEAST_TILES * (SIDE + GAP);
  double names = 0;

  for (int32_t i = 0; i < rows->classes; i++)
    names = MAX (names, lw_text_width (text, LW_TEXT_TABLE, rows->names[i]));
  *ret_layout = (LwClassRowsLayout){
    .names = MIN (ceil (names), LONGEST),
    .numbers = ceil (lw_text_width (text, LW_TEXT_DETAIL, longest)) + 6,
    .head = HEAD,
    .row = ROW,
    .side = SIDE,
    .height = HEAD + rows->classes * ROW,
  };
  ret_layout->bars = CLAMP (room - ret_layout->names - ret_layout->numbers - 24 - 2 * tiles,
                            LEAST_BARS, MOST_BARS);
  ret_layout->left = ret_layout->names + 12 + ret_layout->bars + ret_layout->numbers + 12;
  ret_layout->columns = CLAMP ((int32_t)((room - ret_layout->left - GAP) / (SIDE + GAP)),
                               LEAST_TILES, MAX (rows->per_class, LEAST_TILES));
  ret_layout->width = ret_layout->left + GAP + ret_layout->columns * (SIDE + GAP);
}

cairo_rectangle_t
lw_class_rows_place (const LwClassRowsLayout *layout, int32_t row, int32_t column)
{
  return (cairo_rectangle_t){ layout->left + GAP + column * (layout->side + GAP),
                              layout->head + row * layout->row + GAP, layout->side, layout->side };
}

bool
lw_class_rows_at (const LwClassRows *rows, const LwClassRowsLayout *layout, double x, double y,
                  int32_t *ret_row, int32_t *ret_column)
{
  const double row = floor ((y - layout->head) / layout->row);
  const double column = floor ((x - layout->left - GAP) / (layout->side + GAP));

  if (row < 0 || row >= rows->classes || x < 0 || x > layout->width)
    return false;
  *ret_row = (int32_t)row;
  *ret_column =
      column >= 0 && column < MIN (layout->columns, rows->per_class) ? (int32_t)column : -1;
  return true;
}

/* What of a long name fits, with "…"; g_free. */
static char *
shorten (LwText *text, const char *name, double room)
{
  g_autofree char *part = g_strdup (name);

  if (lw_text_width (text, LW_TEXT_TABLE, name) <= room)
    return g_steal_pointer (&part);
  while (*part != '\0') {
    g_autofree char *shown = NULL;

    *g_utf8_prev_char (part + strlen (part)) = '\0';
    shown = g_strconcat (part, "…", NULL);
    if (lw_text_width (text, LW_TEXT_TABLE, shown) <= room)
      return g_steal_pointer (&shown);
  }
  return g_strdup ("…");
}

static void
paint_bars (cairo_t *cr, const LwTheme *theme, LwText *text, const LwClassRows *rows,
            const LwClassRowsLayout *layout, int32_t row, double middle, int32_t most)
{
  const double x = layout->names + 12;

  for (int split = 0; split < 2; split++) {
    const int32_t count = rows->counts[split][row];
    const double y = middle + (split == 0 ? -BAR - BETWEEN / 2 : BETWEEN / 2);
    const double width = count > 0 ? MAX (layout->bars * count / most, 1.5) : 0;
    g_autofree char *number = lw_format_exact (count);

    lw_path_rounded (cr, x, y, width, BAR, 2);
    lw_set_colour (cr, theme->series[split], 1);
    cairo_fill (cr);
    lw_text_paint (cr, text, LW_TEXT_DETAIL, number, x + width + 5,
                   y + BAR / 2 + lw_text_middle (LW_TEXT_DETAIL), 0, theme->dim, 1);
  }
}

static void
paint_tiles (cairo_t *cr, const LwTheme *theme, const LwClassRows *rows,
             const LwClassRowsLayout *layout, int32_t row)
{
  for (int32_t column = 0; column < MIN (layout->columns, rows->per_class); column++) {
    const LwTile *tile = &rows->tiles[row * rows->per_class + column];
    const cairo_rectangle_t place = lw_class_rows_place (layout, row, column);
    const cairo_rectangle_t fit = lw_tile_fit (tile, place);

    if (tile->values == NULL && tile->bytes == NULL)
      continue;
    lw_tile_paint (cr, theme, tile, fit, 4);
    if (row == rows->row && column == rows->column)
      lw_paint_selection (cr, theme, fit.x, fit.y, fit.width, fit.height, 4, 0);
  }
}

static void
paint_legend (cairo_t *cr, const LwTheme *theme, LwText *text, const LwClassRowsLayout *layout)
{
  const char *words[2] = { _ ("training"), _ ("test") };
  double x = layout->names + 12;

  for (int split = 0; split < 2; split++) {
    lw_path_rounded (cr, x, HEAD / 2 - 5, 10, 10, 3);
    lw_set_colour (cr, theme->series[split], 1);
    cairo_fill (cr);
    lw_text_paint (cr, text, LW_TEXT_CAPTION, words[split], x + 15,
                   HEAD / 2 + lw_text_middle (LW_TEXT_CAPTION), 0, theme->dim, 1);
    x += 15 + lw_text_width (text, LW_TEXT_CAPTION, words[split]) + 12;
  }
}

void
lw_class_rows_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwClassRows *rows,
                     const LwClassRowsLayout *layout)
{
  const int32_t most = most_of (rows);
  double left, top, right, bottom;
  int32_t first, last;

  cairo_clip_extents (cr, &left, &top, &right, &bottom);
  first = (int32_t)CLAMP ((top - layout->head) / layout->row, 0, rows->classes);
  last = (int32_t)CLAMP (ceil ((bottom - layout->head) / layout->row), 0, rows->classes);
  paint_legend (cr, theme, text, layout);
  for (int32_t row = first; row < last; row++) {
    const double middle = layout->head + (row + 0.5) * layout->row;
    g_autofree char *name = shorten (text, rows->names[row], layout->names);

    lw_text_paint (cr, text, LW_TEXT_TABLE, name, 0, middle + lw_text_middle (LW_TEXT_TABLE), 0,
                   theme->text, 1);
    paint_bars (cr, theme, text, rows, layout, row, middle, most);
    if (rows->tiles != NULL)
      paint_tiles (cr, theme, rows, layout, row);
  }
}

char *
lw_class_rows_describe (const LwClassRows *rows, int32_t row)
{
  g_autofree char *trains = lw_format_exact (rows->counts[0][row]);
  g_autofree char *tests = lw_format_exact (rows->counts[1][row]);

  return g_strdup_printf (_ ("%s: %s training and %s test images"), rows->names[row], trains,
                          tests);
}
