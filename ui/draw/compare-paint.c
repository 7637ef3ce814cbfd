/* Rows, boxes, signs and edges of networks beside each other. */
#include "ui/draw/compare-private.h"
#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>

#define LINE_1      12.0 /* middles of a box's lines, from its top */
#define LINE_2      26.0
#define BAND_TINT   0.075
#define PART_TINT   0.16
#define BAND_RADIUS 10.0

typedef struct {
  cairo_t *cr;
  const LwCompareLayout *layout;
  const LwTheme *theme;
  const LwComparePaint *paint;
  int64_t most; /* the largest parameters or MACs of a box */
} Painter;

static double
shift_of (const Painter *p, int column)
{
  return p->paint->shift != NULL ? p->paint->shift[column] : 0;
}

static LwColour
sign_colour (const LwTheme *theme, LwCompareSign sign)
{
  switch (sign) {
  case LW_SIGN_CHANGED:
    return theme->kind_line[LW_KIND_ACTIVATION];
  case LW_SIGN_REMOVED:
    return theme->error;
  case LW_SIGN_ADDED:
    return theme->kind_line[LW_KIND_POOLING];
  default:
    return theme->dim;
  }
}

static void
words (const Painter *p, LwTextStyle style, const char *string, double x, double middle,
       double align, LwColour colour)
{
  lw_text_paint (p->cr, p->layout->text, style, string, x, middle + lw_text_middle (style), align,
                 colour, 1);
}

/* --- signs -------------------------------------------------------------------------------------
 */

/* Strokes, not letters: they look alike in all fonts. */
static void
paint_sign (cairo_t *cr, LwCompareSign sign, double x, double y, double size, LwColour colour)
{
  const double half = size / 2, apart = size * 0.22;
  cairo_new_path (cr);
  if (sign == LW_SIGN_SAME || sign == LW_SIGN_CHANGED) {
    cairo_move_to (cr, x - half, y - apart);
    cairo_line_to (cr, x + half, y - apart);
    cairo_move_to (cr, x - half, y + apart);
    cairo_line_to (cr, x + half, y + apart);
  } else {
    cairo_move_to (cr, x - half, y);
    cairo_line_to (cr, x + half, y);
  }
  if (sign == LW_SIGN_CHANGED) {
    cairo_move_to (cr, x + size * 0.28, y - size * 0.55);
    cairo_line_to (cr, x - size * 0.28, y + size * 0.55);
  } else if (sign == LW_SIGN_ADDED) {
    cairo_move_to (cr, x, y - half);
    cairo_line_to (cr, x, y + half);
  }
  lw_set_colour (cr, colour, 1);
  cairo_set_line_width (cr, 1.6);
  cairo_stroke (cr);
}

static void
paint_mark (const Painter *p, const LwCompareMark *mark)
{
  const LwCompareRow *row = lw_comparison_row (p->layout->comparison, mark->row);
  const double y =
      mark->y + shift_of (p, row->cells[mark->left].title != NULL ? mark->left : mark->left + 1);
  const LwColour colour = sign_colour (p->theme, mark->sign);
  cairo_new_path (p->cr);
  cairo_arc (p->cr, mark->x, y, LW_COMPARE_SIGN, 0, 2 * G_PI);
  lw_set_colour (p->cr, p->theme->canvas, 1);
  cairo_fill_preserve (p->cr);
  lw_set_colour (p->cr, colour, 1);
  cairo_set_line_width (p->cr, 1.4);
  cairo_stroke (p->cr);
  paint_sign (p->cr, mark->sign, mark->x, y, 8, colour);
}

/* --- ground ------------------------------------------------------------------------------------
 */

static bool
moved_apart (const Painter *p)
{
  for (int k = 1; k < p->layout->n; k++)
    if (shift_of (p, k) != shift_of (p, 0))
      return true;
  return false;
}

/* One tint behind the whole row, or one behind each column where they are moved apart. */
static void
paint_bands (const Painter *p)
{
  const LwCompareLayout *layout = p->layout;
  const bool apart = moved_apart (p);
  for (guint i = 0; i < layout->bands->len; i++) {
    const LwCompareBand *band = &g_array_index (layout->bands, LwCompareBand, i);
    const bool selected = (int)i == p->paint->selected;
    const LwColour colour = selected ? p->theme->accent : sign_colour (p->theme, band->sign);
    if (band->sign == LW_SIGN_SAME && !selected)
      continue;
    for (int k = 0; k < (apart ? layout->n : 1); k++) {
      double x, width;
      lw_compare_layout_column (layout, k, &x, &width);
      if (!apart) {
        x = LW_COMPARE_BAND_INSET;
        width = layout->width - 2 * LW_COMPARE_BAND_INSET;
      } else {
        x -= LW_COMPARE_BAND_INSET;
        width += 2 * LW_COMPARE_BAND_INSET;
      }
      lw_path_rounded (p->cr, x, band->y + shift_of (p, k), width, band->height, BAND_RADIUS);
      lw_set_colour (p->cr, colour, selected ? 2 * BAND_TINT : BAND_TINT);
      cairo_fill (p->cr);
    }
  }
}

static void
paint_edge (const Painter *p, const LwCompareEdge *edge)
{
  cairo_t *cr = p->cr;
  const double shift = shift_of (p, edge->column), end = edge->bottom + shift;
  lw_set_colour (cr, p->theme->edge, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_move_to (cr, edge->x, edge->top + shift);
  cairo_line_to (cr, edge->x, end - 5);
  cairo_stroke (cr);
  cairo_move_to (cr, edge->x, end);
  cairo_line_to (cr, edge->x - 3, end - 7);
  cairo_line_to (cr, edge->x + 3, end - 7);
  cairo_close_path (cr);
  cairo_fill (cr);
  if (edge->label != NULL)
    words (p, LW_TEXT_DETAIL, edge->label, edge->label_x, edge->label_y + shift, 0, p->theme->dim);
}

/* --- boxes -------------------------------------------------------------------------------------
 */

static int64_t
cost_of (const Painter *p, LwCost cost)
{
  return p->paint->colour == LW_COMPARE_BY_PARAMETERS ? cost.parameters : cost.macs;
}

static LwColour
cost_colour (const Painter *p, LwCost cost)
{
  const double share = p->most > 0 ? sqrt ((double)cost_of (p, cost) / (double)p->most) : 0;
  return lw_map_colour (LW_MAP_COST, p->theme->dark, share);
}

static void
paint_chevron (const Painter *p, double x, double y, bool down, LwColour colour)
{
  cairo_t *cr = p->cr;
  cairo_save (cr);
  cairo_translate (cr, x, y);
  if (down)
    cairo_rotate (cr, G_PI / 2);
  cairo_move_to (cr, -2, -4);
  cairo_line_to (cr, 2, 0);
  cairo_line_to (cr, -2, 4);
  cairo_restore (cr);
  lw_set_colour (cr, colour, 0.85);
  cairo_set_line_width (cr, 1.6);
  cairo_stroke (cr);
}

/* The stripe is the box's left edge: a filled path in the line's colour, clipped. */
static void
paint_ground (const Painter *p, const cairo_rectangle_t *r, LwColour fill, LwColour line,
              double radius, bool stripe)
{
  cairo_t *cr = p->cr;
  cairo_save (cr);
  lw_path_rounded (cr, r->x, r->y, r->width, r->height, radius);
  cairo_clip (cr);
  lw_set_colour (cr, p->theme->canvas, 1);
  cairo_paint (cr);
  lw_set_colour (cr, fill, 1);
  cairo_paint (cr);
  if (stripe) {
    cairo_rectangle (cr, r->x, r->y, 4, r->height);
    lw_set_colour (cr, line, 1);
    cairo_fill (cr);
  }
  cairo_restore (cr);
}

static void
paint_part (const Painter *p, const LwComparePart *part, double shift, bool last)
{
  cairo_t *cr = p->cr;
  cairo_rectangle_t r = part->rect;
  r.y += shift;
  cairo_save (cr);
  /* the last one has the box's lower corners */
  lw_path_rounded (cr, r.x, r.y - (last ? r.height : 0), r.width, r.height * (last ? 2 : 1),
                   last ? LW_COMPARE_RADIUS : 0);
  cairo_clip (cr);
  cairo_rectangle (cr, r.x, r.y, r.width, r.height);
  cairo_clip (cr);
  lw_set_colour (cr, p->theme->canvas, 1);
  cairo_paint (cr);
  lw_set_colour (cr, p->theme->kind_fill[part->kind], 1);
  cairo_paint (cr);
  cairo_rectangle (cr, r.x, r.y, 4, r.height);
  lw_set_colour (cr, p->theme->kind_line[part->kind], 1);
  cairo_fill (cr);
  cairo_rectangle (cr, r.x + 4, r.y, r.width - 4, 1);
  lw_set_colour (cr, p->theme->text, PART_TINT);
  cairo_fill (cr);
  cairo_restore (cr);
  words (p, LW_TEXT_DETAIL, part->title, r.x + LW_COMPARE_PAD_LEFT, r.y + r.height / 2, 0,
         p->theme->text);
  words (p, LW_TEXT_DETAIL, part->value, r.x + r.width - LW_COMPARE_PAD, r.y + r.height / 2, 1,
         p->theme->dim);
}

static void
paint_box (const Painter *p, const LwCompareBox *box)
{
  const LwCompareCell *cell =
      &lw_comparison_row (p->layout->comparison, box->row)->cells[box->column];
  const bool by_cost = p->paint->colour != LW_COMPARE_BY_KIND && !box->pill;
  const LwKind kind = box->pill ? LW_KIND_DATA : cell->kind;
  LwColour fill = p->theme->kind_fill[kind], line = p->theme->kind_line[kind];
  LwColour name = p->theme->text, dim = p->theme->dim;
  cairo_rectangle_t r = box->rect, body = box->body;
  const double radius = box->pill ? r.height / 2 : LW_COMPARE_RADIUS;
  const double shift = shift_of (p, box->column);
  r.y += shift;
  body.y += shift;
  if (by_cost) {
    fill = cost_colour (p, cell->cost);
    name = dim = line = lw_contrast (fill);
    line.a = 0.45;
  }
  paint_ground (p, &r, fill, line, radius, !box->pill && !by_cost);
  for (int i = 0; i < box->n_parts; i++)
    paint_part (p, &g_array_index (p->layout->parts, LwComparePart, box->first_part + i), shift,
                i == box->n_parts - 1);
  lw_path_rounded (p->cr, r.x + 0.5, r.y + 0.5, r.width - 1, r.height - 1, radius - 0.5);
  lw_set_colour (p->cr, line, 0.85);
  cairo_set_line_width (p->cr, 1);
  cairo_stroke (p->cr);
  if (box->pill) {
    words (p, LW_TEXT_NAME, box->name, r.x + r.width / 2, r.y + r.height / 2, 0.5, name);
    return;
  }
  double x = body.x + LW_COMPARE_PAD_LEFT;
  const double right = body.x + body.width - LW_COMPARE_PAD;
  if (box->folds) {
    paint_chevron (p, x + 4, body.y + LINE_1, box->open, name);
    x += LW_COMPARE_CHEVRON;
  }
  words (p, LW_TEXT_NAME, box->name, x, body.y + LINE_1, 0, name);
  words (p, LW_TEXT_DETAIL, box->detail, right, body.y + LINE_1, 1, dim);
  words (p, LW_TEXT_DETAIL, box->left, body.x + LW_COMPARE_PAD_LEFT, body.y + LINE_2, 0, dim);
  words (p, LW_TEXT_DETAIL, box->right, right, body.y + LINE_2, 1, dim);
}

static void
paint_rings (const Painter *p)
{
  for (guint i = 0; i < p->layout->boxes->len; i++) {
    const LwCompareBox *box = &g_array_index (p->layout->boxes, LwCompareBox, i);
    if (box->row == p->paint->selected)
      lw_paint_selection (p->cr, p->theme, box->rect.x, box->rect.y + shift_of (p, box->column),
                          box->rect.width, box->rect.height,
                          box->pill ? box->rect.height / 2 : LW_COMPARE_RADIUS,
                          p->paint->focused ? 2 : 1);
  }
}

void
lw_compare_paint (cairo_t *cr, const LwCompareLayout *layout, const LwTheme *theme,
                  const LwComparePaint *paint)
{
  Painter p = { cr, layout, theme, paint, 0 };
  double top, bottom, left, right;
  for (int i = 0; i < lw_comparison_n_rows (layout->comparison); i++)
    for (int k = 0; k < layout->n; k++)
      p.most = MAX (p.most, cost_of (&p, lw_comparison_row (layout->comparison, i)->cells[k].cost));
  cairo_clip_extents (cr, &left, &top, &right, &bottom);
  paint_bands (&p);
  for (guint i = 0; i < layout->edges->len; i++)
    paint_edge (&p, &g_array_index (layout->edges, LwCompareEdge, i));
  for (guint i = 0; i < layout->boxes->len; i++) {
    const LwCompareBox *box = &g_array_index (layout->boxes, LwCompareBox, i);
    const double y = box->rect.y + shift_of (&p, box->column);
    if (y + box->rect.height >= top && y <= bottom)
      paint_box (&p, box);
  }
  for (guint i = 0; i < layout->marks->len; i++)
    paint_mark (&p, &g_array_index (layout->marks, LwCompareMark, i));
  if (paint->selected >= 0)
    paint_rings (&p);
}

/* --- legend ------------------------------------------------------------------------------------
 */

static double
legend_entry (const Painter *p, LwCompareSign sign, const char *text, double x, double y)
{
  paint_sign (p->cr, sign, x + 4, y, 7, sign_colour (p->theme, sign));
  words (p, LW_TEXT_DETAIL, text, x + 15, y, 0, p->theme->dim);
  return x + 15 + lw_text_width (p->layout->text, LW_TEXT_DETAIL, text) + 18;
}

/* The costs' ramp with its ends; `right`: where it ends. Returns where it begins. */
static double
paint_ramp (const Painter *p, double right, double y)
{
  g_autofree char *most = lw_format_short ((double)p->most);
  g_autofree char *text = g_strdup_printf (
      p->paint->colour == LW_COMPARE_BY_PARAMETERS ? _ ("%s params") : _ ("%s MACs"), most);
  double x = right - lw_text_width (p->layout->text, LW_TEXT_DETAIL, text);
  words (p, LW_TEXT_DETAIL, text, right, y, 1, p->theme->dim);
  x -= 66;
  for (int i = 0; i < 60; i++) {
    cairo_rectangle (p->cr, x + i, y - 4, 1.2, 8);
    lw_set_colour (p->cr, lw_map_colour (LW_MAP_COST, p->theme->dark, i / 59.0), 1);
    cairo_fill (p->cr);
  }
  words (p, LW_TEXT_DETAIL, "0", x - 5, y, 1, p->theme->dim);
  return x - 16;
}

void
lw_compare_paint_legend (cairo_t *cr, const LwCompareLayout *layout, const LwTheme *theme,
                         const char *const *titles, LwCompareColour colour, double x, double y,
                         double width)
{
  const LwComparePaint paint = { .selected = -1, .colour = colour };
  Painter p = { cr, layout, theme, &paint, 0 };
  const double right = x + width;
  double end = right;
  const bool pair = layout->n == 2;
  g_autofree char *removed = lw_compare_sign_words (LW_SIGN_REMOVED, titles[0], titles[1]);
  g_autofree char *added = lw_compare_sign_words (LW_SIGN_ADDED, titles[0], titles[1]);
  for (int i = 0; i < lw_comparison_n_rows (layout->comparison); i++)
    for (int k = 0; k < layout->n; k++)
      p.most = MAX (p.most, cost_of (&p, lw_comparison_row (layout->comparison, i)->cells[k].cost));
  if (colour != LW_COMPARE_BY_KIND)
    end = paint_ramp (&p, right, y);
  x = legend_entry (&p, LW_SIGN_SAME, _ ("same"), x, y);
  x = legend_entry (&p, LW_SIGN_CHANGED, _ ("changed"), x, y);
  x = legend_entry (&p, LW_SIGN_REMOVED, pair ? removed : _ ("only at the left"), x, y);
  x = legend_entry (&p, LW_SIGN_ADDED, pair ? added : _ ("only at the right"), x, y);
  const LwOp hidden = lw_comparison_hidden_activation (layout->comparison);
  if (hidden == LW_N_OPS || colour != LW_COMPARE_BY_KIND)
    return;
  g_autofree char *note = g_strdup_printf (_ ("%s layers hidden"), lw_op_info (hidden)->label);
  if (x + lw_text_width (layout->text, LW_TEXT_DETAIL, note) <= end)
    words (&p, LW_TEXT_DETAIL, note, end, y, 1, theme->dim);
}
