#include "engine/analysis.h"
#include "ui/draw/confusion.h"
#include "ui/draw/scale.h"
#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>

#define FRAMED_CELL 20.0 /* smaller ones have no frames and no gaps */
#define BAR         40.0 /* of the share found */
#define BAR_HEIGHT  9.0
#define BAR_GAP     14.0
#define NAME_GAP    8.0
#define LEGEND_BAR  150.0

typedef struct {
  cairo_t *cr;
  const LwTheme *theme;
  LwText *text;
  const LwConfusion *m;
  const LwConfusionLayout *l;
  LwScale scale; /* of mistakes: by the square root, so that rare ones show as well */
  double clip[4];
} Painter;

static int32_t
class_at (const Painter *p, int32_t place)
{
  return p->m->order != NULL ? p->m->order[place] : place;
}

static LwColour
grey (const LwTheme *theme)
{
  return theme->kind_fill[LW_KIND_JOIN];
}

static void
paint_cell (const Painter *p, int32_t i, int32_t j)
{
  const int32_t row = class_at (p, i), column = class_at (p, j);
  const int32_t count = p->m->counts[(gsize)row * (gsize)p->m->classes + (gsize)column];
  const double side = p->l->cell, x = p->l->left + side * j, y = p->l->top + side * i;
  const bool framed = side >= FRAMED_CELL, right = row == column;
  const LwColour fill = right       ? grey (p->theme)
                        : count > 0 ? lw_scale_colour (&p->scale, p->theme->dark, count)
                                    : p->theme->canvas;
  const LwTextStyle style = side >= 34 ? right ? LW_TEXT_TABLE_BOLD : LW_TEXT_TABLE
                            : right    ? LW_TEXT_DETAIL_BOLD
                                       : LW_TEXT_DETAIL;
  char number[16];

  if (framed) {
    lw_path_rounded (p->cr, x + 1, y + 1, side - 2, side - 2, 3);
    lw_set_colour (p->cr, fill, 1);
    cairo_fill_preserve (p->cr);
    cairo_set_line_width (p->cr, 1);
    lw_set_colour (p->cr, p->theme->border, 1);
    cairo_stroke (p->cr);
  } else if (count > 0 || right) {
    cairo_rectangle (p->cr, x, y, side - 0.5, side - 0.5);
    lw_set_colour (p->cr, fill, 1);
    cairo_fill (p->cr);
  }
  if (count == 0)
    return;
  g_snprintf (number, sizeof number, "%d", count);
  if (lw_text_width (p->text, style, number) <= side - 4)
    lw_text_paint (p->cr, p->text, style, number, x + side / 2,
                   y + side / 2 + lw_text_middle (style), 0.5,
                   right ? p->theme->text : lw_contrast (fill), 1);
}

/* The first and the last place, of rows or columns, that the clip shows. */
static void
range (const Painter *p, double begin, double low, double high, int32_t *ret_first,
       int32_t *ret_last)
{
  const double last = p->m->classes - 1;

  *ret_first = (int32_t)CLAMP (floor ((low - begin) / p->l->cell), 0, last + 1);
  *ret_last = (int32_t)CLAMP (floor ((high - begin) / p->l->cell), -1, last);
}

static void
paint_cells (const Painter *p)
{
  int32_t rows[2], columns[2];

  range (p, p->l->top, p->clip[1], p->clip[3], &rows[0], &rows[1]);
  range (p, p->l->left, p->clip[0], p->clip[2], &columns[0], &columns[1]);
  if (p->l->cell < FRAMED_CELL) {
    const double side = p->l->cell * p->m->classes;

    cairo_set_line_width (p->cr, 1);
    lw_set_colour (p->cr, p->theme->border, 1);
    cairo_rectangle (p->cr, p->l->left - 0.5, p->l->top - 0.5, side + 1, side + 1);
    cairo_stroke (p->cr);
  }
  for (int32_t i = rows[0]; i <= rows[1]; i++)
    for (int32_t j = columns[0]; j <= columns[1]; j++)
      paint_cell (p, i, j);
}

static void
paint_column_name (const Painter *p, int32_t j)
{
  const int32_t column = class_at (p, j);
  const bool marked = column == p->m->column;
  const LwTextStyle style = marked ? LW_TEXT_TABLE_BOLD : LW_TEXT_CAPTION;
  const LwColour colour = marked ? p->theme->text : p->theme->dim;
  const double x = p->l->left + p->l->cell * (j + 0.5), bottom = p->l->top - NAME_GAP;
  const char *name = p->m->names[column];

  if (p->l->upright) {
    cairo_save (p->cr);
    cairo_translate (p->cr, x + lw_text_middle (style), bottom + 3);
    cairo_rotate (p->cr, -G_PI / 2);
    lw_text_paint (p->cr, p->text, style, name, 0, 0, 0, colour, 1);
    cairo_restore (p->cr);
    return;
  }
  /* Names of neighbours stand on two heights, so that each has two cells' width. */
  lw_text_paint (p->cr, p->text, style, name, x, j % 2 == 1 ? bottom - 16 : bottom, 0.5, colour, 1);
  if (j % 2 == 1) {
    cairo_set_line_width (p->cr, 1);
    lw_set_colour (p->cr, p->theme->border, 1);
    cairo_move_to (p->cr, floor (x) + 0.5, bottom - 11);
    cairo_line_to (p->cr, floor (x) + 0.5, bottom + 3);
    cairo_stroke (p->cr);
  }
}

/* A bar of `share` in a strip; along y it grows upwards. */
static void
paint_share (const Painter *p, double x, double y, double width, double height, bool upright,
             double share)
{
  const double part = MAX (share, 0.02);

  lw_path_rounded (p->cr, x, y, width, height, 3);
  lw_set_colour (p->cr, p->theme->grid, 1);
  cairo_fill (p->cr);
  if (share <= 0)
    return;
  if (upright)
    lw_path_rounded (p->cr, x, y + height * (1 - part), width, height * part, 2);
  else
    lw_path_rounded (p->cr, x, y, width * part, height, 3);
  lw_set_colour (p->cr, p->theme->series[0], 1);
  cairo_fill (p->cr);
}

static void
paint_row_ends (const Painter *p, int32_t i)
{
  const int32_t row = class_at (p, i);
  const bool marked = row == p->m->row;
  const LwTextStyle style = marked ? LW_TEXT_TABLE_BOLD : LW_TEXT_CAPTION;
  const double middle = p->l->top + p->l->cell * (i + 0.5);
  const double x = p->l->left + p->l->cell * p->m->classes + BAR_GAP;
  const double share = lw_confusion_recall (p->m, row);
  char number[16];

  lw_text_paint (p->cr, p->text, style, p->m->names[row], p->l->left - NAME_GAP,
                 middle + lw_text_middle (style), 1, p->theme->text, marked ? 1 : 0.85);
  if (isnan (share))
    return;
  paint_share (p, x, middle - MIN (BAR_HEIGHT, p->l->cell - 4) / 2, BAR,
               MIN (BAR_HEIGHT, p->l->cell - 4), false, share);
  g_snprintf (number, sizeof number, "%.3f", share);
  lw_text_paint (p->cr, p->text, marked ? LW_TEXT_TABLE_BOLD : LW_TEXT_TABLE, number, x + BAR + 9,
                 middle + lw_text_middle (LW_TEXT_TABLE), 0, p->theme->text, 1);
}

static void
paint_column_foot (const Painter *p, int32_t j)
{
  const double share = lw_confusion_precision (p->m, class_at (p, j));
  const double top = p->l->top + p->l->cell * p->m->classes, x = p->l->left + p->l->cell * j;
  char number[16];

  if (isnan (share))
    return;
  g_snprintf (number, sizeof number, "%.2f", share);
  if (lw_text_width (p->text, LW_TEXT_DETAIL, number) <= p->l->cell - 4)
    lw_text_paint (p->cr, p->text, LW_TEXT_DETAIL, number, x + p->l->cell / 2,
                   top + 12 + lw_text_middle (LW_TEXT_DETAIL), 0.5, p->theme->text, 1);
  else
    paint_share (p, x + p->l->cell / 2 - 3, top + 4, 6, 18, true, share);
}

static void
paint_titles (const Painter *p)
{
  const double side = p->l->cell * p->m->classes;
  const double right = p->l->left + side + BAR_GAP;

  lw_text_paint (p->cr, p->text, LW_TEXT_NAME, _ ("predicted"), p->l->left + side / 2, 14, 0.5,
                 p->theme->text, 1);
  lw_text_paint (p->cr, p->text, LW_TEXT_CAPTION, _ ("found"), right, p->l->top - NAME_GAP, 0,
                 p->theme->dim, 1);
  lw_text_paint (p->cr, p->text, LW_TEXT_CAPTION, _ ("precision"), p->l->left - NAME_GAP,
                 p->l->top + side + 12 + lw_text_middle (LW_TEXT_CAPTION), 1, p->theme->dim, 1);
  cairo_save (p->cr);
  cairo_translate (p->cr, 13, p->l->top + side / 2);
  cairo_rotate (p->cr, -G_PI / 2);
  lw_text_paint (p->cr, p->text, LW_TEXT_NAME, _ ("true class"), 0, 0, 0.5, p->theme->text, 1);
  cairo_restore (p->cr);
}

/* Numbers stand below the bar where the colour of such a count is. */
static void
paint_legend_bar (const Painter *p, double x, double middle)
{
  static const int steps[] = { 10, 50, 100, 500, 1000, 5000 };
  const int most = (int)p->scale.max;
  double free_from = x + 14;
  char number[16];

  for (int i = 0; i < (int)LEGEND_BAR; i++) {
    const double t = (i + 0.5) / LEGEND_BAR;

    lw_set_colour (p->cr, lw_map_colour (LW_MAP_COST, p->theme->dark, t), 1);
    cairo_rectangle (p->cr, x + i, middle - 5, 1.2, 10);
    cairo_fill (p->cr);
  }
  g_snprintf (number, sizeof number, "%d", most);
  const double last = x + LEGEND_BAR - lw_text_width (p->text, LW_TEXT_DETAIL, number) / 2 - 8;

  lw_text_paint (p->cr, p->text, LW_TEXT_DETAIL, "0", x, middle + 18, 0.5, p->theme->dim, 1);
  lw_text_paint (p->cr, p->text, LW_TEXT_DETAIL, number, x + LEGEND_BAR, middle + 18, 0.5,
                 p->theme->dim, 1);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    const double at = x + LEGEND_BAR * sqrt ((double)steps[i] / most);
    double half;

    g_snprintf (number, sizeof number, "%d", steps[i]);
    half = lw_text_width (p->text, LW_TEXT_DETAIL, number) / 2;
    if (steps[i] >= most || at - half < free_from || at + half > last)
      continue;
    lw_text_paint (p->cr, p->text, LW_TEXT_DETAIL, number, at, middle + 18, 0.5, p->theme->dim, 1);
    free_from = at + half + 8;
  }
}

static void
paint_legend (const Painter *p)
{
  const double middle = p->l->height - 24, baseline = middle + lw_text_middle (LW_TEXT_CAPTION);
  double x = p->l->left;

  lw_path_rounded (p->cr, x, middle - 5, 10, 10, 2);
  lw_set_colour (p->cr, grey (p->theme), 1);
  cairo_fill_preserve (p->cr);
  cairo_set_line_width (p->cr, 1);
  lw_set_colour (p->cr, p->theme->dim, 0.8);
  cairo_stroke (p->cr);
  x += 16;
  lw_text_paint (p->cr, p->text, LW_TEXT_CAPTION, _ ("right"), x, baseline, 0, p->theme->dim, 1);
  x += lw_text_width (p->text, LW_TEXT_CAPTION, _ ("right")) + 18;
  lw_text_paint (p->cr, p->text, LW_TEXT_CAPTION, _ ("wrong:"), x, baseline, 0, p->theme->dim, 1);
  x += lw_text_width (p->text, LW_TEXT_CAPTION, _ ("wrong:")) + 12;
  paint_legend_bar (p, x, middle);
  if (p->l->images > 0) {
    g_autofree char *images = lw_format_exact (p->l->images);
    g_autofree char *words = g_strdup_printf (_ ("of %s in each row"), images);

    lw_text_paint (p->cr, p->text, LW_TEXT_CAPTION, words, x + LEGEND_BAR + 20, baseline, 0,
                   p->theme->dim, 1);
  }
}

void
lw_confusion_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwConfusion *m,
                    const LwConfusionLayout *l)
{
  Painter p = { cr, theme, text, m, l, { LW_MAP_COST, 0, MAX (1, l->most) }, { 0 } };
  int32_t first, last;

  cairo_clip_extents (cr, &p.clip[0], &p.clip[1], &p.clip[2], &p.clip[3]);
  paint_titles (&p);
  paint_cells (&p);
  range (&p, l->left, p.clip[0] - l->cell, p.clip[2] + l->cell, &first, &last);
  for (int32_t j = first; j <= last; j++) {
    paint_column_name (&p, j);
    paint_column_foot (&p, j);
  }
  range (&p, l->top, p.clip[1], p.clip[3], &first, &last);
  for (int32_t i = first; i <= last; i++)
    paint_row_ends (&p, i);
  paint_legend (&p);
  if (m->row >= 0 && m->column >= 0) {
    const cairo_rectangle_t cell = lw_confusion_cell (m, l, m->row, m->column);

    lw_paint_selection (cr, theme, cell.x + 1, cell.y + 1, cell.width - 2, cell.height - 2, 3, 0.5);
  }
}
