#include "ui/draw/unit-arithmetic.h"

#include "ui/draw/function-plot.h"
#include "ui/draw/shapes.h"
#include "ui/draw/unit-equation.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define HEAD         22.0  /* colour bars */
#define SIDE         54.0  /* of a small patch */
#define LARGE        180.0 /* of one with its values written in */
#define SINGLE       40.0  /* of one number */
#define BETWEEN      14.0  /* patch and kernel */
#define BESIDE       190.0 /* room for an equation */
#define GAP          16.0  /* between blocks */
#define LABEL        20.0  /* below a block */
#define LINE         26.0  /* of the equation */
#define LINE_CAPTION 15.0
#define SPACE        6.0

/* Where everything is, for a width. */
typedef struct {
  int32_t shown[LW_UNIT_MOST_TERMS];
  int n, n_others;
  double cell, others;
  double tile_width, tile_height, block; /* of a block: its width */
  bool kernels, products;                /* beside each patch */
  int columns, lines;
  double top, equation; /* of blocks, and of the equation */
  double left;          /* of the equation */
  LwScale patch, kernel;
} Layout;

int
lw_unit_figure_shown (const LwUnitFigure *figure, int32_t ret_terms[LW_UNIT_MOST_TERMS])
{
  const LwUnitArithmetic *unit = figure->arithmetic;
  const bool all = unit->n_terms <= LW_UNIT_MOST_TERMS;
  const int n = all ? unit->n_terms : LW_UNIT_LARGEST_TERMS;

  for (int i = 0; i < n; i++)
    ret_terms[i] = all ? i : unit->largest[i];
  return n;
}

double
lw_unit_figure_others (const LwUnitFigure *figure, int *ret_n)
{
  const LwUnitArithmetic *unit = figure->arithmetic;
  int32_t shown[LW_UNIT_MOST_TERMS];
  const int n = lw_unit_figure_shown (figure, shown);
  double sum = 0;

  for (int i = n; i < unit->n_terms; i++)
    sum += unit->terms[unit->largest[i]].sum;
  *ret_n = unit->n_terms - n;
  return sum;
}

/* --- where things are ----------------------------------------------------------------------------
 */

static bool
has_pictures (const LwUnitArithmetic *unit)
{
  return unit->n_terms > 0 && (unit->terms[0].kernel != NULL || unit->rows * unit->columns > 1);
}

static bool
has_plot (const LwUnitArithmetic *unit)
{
  return unit->op == LW_OP_RELU || unit->op == LW_OP_SIGMOID || unit->op == LW_OP_TANH;
}

/* One scale for all patches, one for all kernels: they can be compared. */
static void
find_scales (Layout *at, const LwUnitArithmetic *unit)
{
  const size_t cells = (size_t)unit->rows * (size_t)unit->columns;
  g_autofree float *values = g_new (float, cells *MAX ((size_t)at->n, 1));

  for (int i = 0; i < at->n; i++)
    memcpy (values + (size_t)i * cells, unit->terms[at->shown[i]].patch, sizeof (float) * cells);
  at->patch = lw_scale_for (values, cells * (size_t)at->n);
  if (!at->kernels)
    return;
  for (int i = 0; i < at->n; i++)
    memcpy (values + (size_t)i * cells, unit->terms[at->shown[i]].kernel, sizeof (float) * cells);
  at->kernel = lw_scale_chosen (values, cells * (size_t)at->n, LW_COLOURS_SIGNED);
}

static void
size_blocks (Layout *at, const LwUnitArithmetic *unit, double cell)
{
  const int tiles = 1 + at->kernels + at->products;

  at->cell = cell;
  at->tile_width = cell * unit->columns;
  at->tile_height = cell * unit->rows;
  at->block = fmax (tiles * at->tile_width + (tiles - 1) * BETWEEN, at->kernels ? 98.0 : 78.0);
}

static Layout
lay_out (const LwUnitFigure *figure, double width)
{
  const LwUnitArithmetic *unit = figure->arithmetic;
  const double longer = MAX (1, MAX (unit->rows, unit->columns));
  Layout at = { .top = HEAD };
  int blocks;

  at.n = lw_unit_figure_shown (figure, at.shown);
  at.others = lw_unit_figure_others (figure, &at.n_others);
  if (!has_pictures (unit)) {
    at.n = at.n_others = 0;
    at.top = 4;
    at.equation = at.top + (has_plot (unit) ? 0 : 4);
    at.left = has_plot (unit) ? LW_FUNCTION_WIDTH + 28 : 0;
    return at;
  }
  at.kernels = unit->terms[0].kernel != NULL;
  at.products = at.kernels && at.n == 1 && longer > 1;
  blocks = at.n + (at.n_others > 0);
  /* Cells with their values, where all fit into one line. */
  size_blocks (&at, unit, longer == 1 ? SINGLE : LW_TILE_TEXT_CELL);
  if (longer > 1 && (at.cell * longer > LARGE + 10 || blocks * (at.block + GAP) - GAP > width)) {
    at.products = false;
    size_blocks (&at, unit,
                 fmax (1, floor ((at.kernels || longer <= 9 ? SIDE : 2 * SIDE) / longer)));
  }
  at.columns = CLAMP ((int)((width + GAP) / (at.block + GAP)), 1, MAX (blocks, 1));
  at.lines = (blocks + at.columns - 1) / at.columns;
  at.equation = at.top + at.lines * (at.tile_height + LABEL + 10);
  if (blocks == 1 && width - at.block >= BESIDE) { /* the equation stands beside the only block */
    at.left = at.block + GAP + 8;
    at.equation = at.top + fmax (0, at.tile_height / 2 - LINE);
  }
  find_scales (&at, unit);
  return at;
}

static cairo_rectangle_t
block_place (const Layout *at, int which)
{
  return (cairo_rectangle_t){ which % at->columns * (at->block + GAP),
                              at->top + which / at->columns * (at->tile_height + LABEL + 10),
                              at->block, at->tile_height + LABEL };
}

static cairo_rectangle_t
tile_place (const Layout *at, int which, int tile)
{
  const cairo_rectangle_t block = block_place (at, which);
  const int tiles = 1 + at->kernels + at->products;
  const double used = tiles * at->tile_width + (tiles - 1) * BETWEEN;

  return (cairo_rectangle_t){ floor (block.x + (block.width - used) / 2) +
                                  tile * (at->tile_width + BETWEEN),
                              block.y, at->tile_width, at->tile_height };
}

static LwTile
tile_of (const LwUnitArithmetic *unit, const float *values, LwScale scale)
{
  return (LwTile){ .kind = LW_TILE_MAP,
                   .values = values,
                   .rows = unit->rows,
                   .columns = unit->columns,
                   .scale = scale };
}

int
lw_unit_figure_at (const LwUnitFigure *figure, LwText *text, double width, double x, double y,
                   int *ret_cell)
{
  const Layout at = lay_out (figure, width);

  (void)text;
  for (int i = 0; i < at.n; i++) {
    const cairo_rectangle_t block = block_place (&at, i);
    const LwTile tile =
        tile_of (figure->arithmetic, figure->arithmetic->terms[at.shown[i]].patch, at.patch);
    int row, column;

    if (x < block.x || y < block.y || x >= block.x + block.width || y >= block.y + block.height)
      continue;
    *ret_cell = -1;
    for (int j = 0; j < 1 + at.kernels + at.products; j++)
      if (lw_tile_at (&tile, tile_place (&at, i, j), x, y, &row, &column))
        *ret_cell = row * tile.columns + column;
    return i;
  }
  return -1;
}

/* --- the equation --------------------------------------------------------------------------------
 */

static LwTextStyle
style_of (LwPieceKind kind)
{
  return kind == LW_PIECE_RESULT ? LW_TEXT_HEADING : LW_TEXT_BODY;
}

/* No space behind an opening bracket and before a closing one or a comma. */
static bool
is_tight (const LwPiece *before, const LwPiece *piece)
{
  return g_str_has_suffix (before->words, "(") || g_str_has_prefix (piece->words, ")") ||
         g_str_equal (piece->words, ",");
}

/* Sets the pieces in lines from (left, top); `cr` NULL: only measures. Returns the lower end. */
static double
set_equation (cairo_t *cr, const LwTheme *theme, LwText *text, const LwUnitFigure *figure,
              double left, double top, double width)
{
  g_autoptr (GPtrArray) pieces = lw_unit_pieces (figure);
  double x = left, y = top, line = LINE;

  for (guint i = 0; i < pieces->len; i++)
    if (((LwPiece *)g_ptr_array_index (pieces, i))->caption != NULL)
      line = LINE + LINE_CAPTION;
  for (guint i = 0; i < pieces->len; i++) {
    const LwPiece *piece = g_ptr_array_index (pieces, i);
    const LwPiece *before = i > 0 ? g_ptr_array_index (pieces, i - 1) : NULL;
    const LwPiece *next = i + 1 < pieces->len ? g_ptr_array_index (pieces, i + 1) : NULL;
    const double words = lw_text_width (text, style_of (piece->kind), piece->words);
    const double room = fmax (words, lw_text_width (text, LW_TEXT_DETAIL, piece->caption));
    /* A sign goes to the next line with its number. */
    const double needed =
        room + (piece->kind == LW_PIECE_SIGN && next != NULL
                    ? SPACE + lw_text_width (text, style_of (next->kind), next->words)
                    : 0);
    const LwColour colour = piece->kind == LW_PIECE_SIGN || piece->kind == LW_PIECE_WORD
                                ? (theme != NULL ? theme->dim : (LwColour){ 0, 0, 0, 1 })
                                : (theme != NULL ? theme->text : (LwColour){ 0, 0, 0, 1 });

    if (before != NULL && before->step != piece->step) {
      x = left;
      y += line;
    } else if (before != NULL) {
      x += is_tight (before, piece) ? 1 : SPACE;
      if (x + needed > left + width && x > left) {
        x = left + 16;
        y += line;
      }
    }
    if (cr != NULL) {
      lw_text_paint (cr, text, style_of (piece->kind), piece->words, x + room / 2,
                     y + LINE / 2 + lw_text_middle (LW_TEXT_BODY), 0.5, colour, 1);
      if (piece->caption != NULL)
        lw_text_paint (cr, text, LW_TEXT_DETAIL, piece->caption, x + room / 2,
                       y + LINE + LINE_CAPTION / 2 - 4 + lw_text_middle (LW_TEXT_DETAIL), 0.5,
                       theme->dim, 1);
    }
    x += room;
  }
  return y + line;
}

double
lw_unit_figure_height (const LwUnitFigure *figure, LwText *text, double width)
{
  const Layout at = lay_out (figure, width);
  const double end = set_equation (NULL, NULL, text, figure, at.left, at.equation, width - at.left);
  const double pictures = has_plot (figure->arithmetic) ? at.top + LW_FUNCTION_HEIGHT + 4
                          : at.n > 0 ? at.top + at.lines * (at.tile_height + LABEL + 10)
                                     : 0;

  return ceil (fmax (end, pictures));
}

/* --- painting ------------------------------------------------------------------------------------
 */

/* The padding is no part of the map: hatched. */
static void
paint_padding (cairo_t *cr, const LwTheme *theme, const LwUnitArithmetic *unit, const LwTile *tile,
               cairo_rectangle_t place)
{
  for (int i = 0; unit->padding != NULL && i < unit->rows * unit->columns; i++) {
    const cairo_rectangle_t cell = lw_tile_cell (tile, place, i / unit->columns, i % unit->columns);

    if (!unit->padding[i])
      continue;
    cairo_save (cr);
    cairo_rectangle (cr, cell.x, cell.y, cell.width, cell.height);
    cairo_clip (cr);
    lw_set_colour (cr, theme->canvas, 1);
    cairo_paint (cr);
    lw_set_colour (cr, theme->dim, 0.55);
    cairo_set_line_width (cr, 1);
    for (double x = -cell.height; x < cell.width; x += 5) {
      cairo_move_to (cr, cell.x + x, cell.y + cell.height);
      cairo_line_to (cr, cell.x + x + cell.height, cell.y);
    }
    cairo_stroke (cr);
    cairo_restore (cr);
  }
}

static void
paint_tile (cairo_t *cr, const LwTheme *theme, LwText *text, const LwUnitArithmetic *unit,
            const LwTile *tile, cairo_rectangle_t place, bool padded)
{
  lw_tile_paint (cr, theme, tile, place, 4);
  if (padded)
    paint_padding (cr, theme, unit, tile, place);
  lw_tile_paint_values (cr, theme, text, tile, place);
  cairo_new_path (cr);
  lw_path_rounded (cr, place.x + 0.5, place.y + 0.5, place.width - 1, place.height - 1, 4);
  lw_set_colour (cr, theme->border, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

/* "channel 3  −0.23", the number bold. */
static void
paint_label (cairo_t *cr, const LwTheme *theme, LwText *text, const char *words, const char *value,
             const cairo_rectangle_t *block)
{
  const double first = lw_text_width (text, LW_TEXT_DETAIL, words);
  const double second = lw_text_width (text, LW_TEXT_TABLE_BOLD, value);
  const double left = block->x + (block->width - first - second - 5) / 2;
  const double baseline = block->y + block->height - LABEL / 2 + 2 + lw_text_middle (LW_TEXT_TABLE);

  lw_text_paint (cr, text, LW_TEXT_DETAIL, words, left, baseline, 0, theme->dim, 1);
  lw_text_paint (cr, text, LW_TEXT_TABLE_BOLD, value, left + first + 5, baseline, 0, theme->text,
                 1);
}

static void
paint_products (cairo_t *cr, const LwTheme *theme, LwText *text, const LwUnitArithmetic *unit,
                const LwUnitTerm *term, cairo_rectangle_t place)
{
  const size_t cells = (size_t)unit->rows * (size_t)unit->columns;
  g_autofree float *products = g_new (float, cells);
  LwTile tile;

  for (size_t i = 0; i < cells; i++)
    products[i] = term->patch[i] * term->kernel[i];
  tile = tile_of (unit, products, lw_scale_chosen (products, cells, LW_COLOURS_SIGNED));
  paint_tile (cr, theme, text, unit, &tile, place, false);
}

static void
paint_block (cairo_t *cr, const LwTheme *theme, LwText *text, const LwUnitFigure *figure,
             const Layout *at, int which)
{
  const LwUnitArithmetic *unit = figure->arithmetic;
  const LwUnitTerm *term = &unit->terms[at->shown[which]];
  const cairo_rectangle_t block = block_place (at, which), place = tile_place (at, which, 0);
  const LwTile patch = tile_of (unit, term->patch, at->patch);
  const double middle = place.y + place.height / 2 + lw_text_middle (LW_TEXT_BODY);
  g_autofree char *words = g_strdup_printf (_ ("channel %d"), term->channel);
  g_autofree char *value = lw_unit_number (term->sum, lw_unit_decimals (figure));

  paint_tile (cr, theme, text, unit, &patch, place, true);
  if (unit->op == LW_OP_MAX_POOL)
    lw_tile_paint_unit (cr, theme, &patch, place, term->strongest / unit->columns,
                        term->strongest % unit->columns);
  if (at->kernels) {
    const LwTile kernel = tile_of (unit, term->kernel, at->kernel);

    paint_tile (cr, theme, text, unit, &kernel, tile_place (at, which, 1), false);
    lw_text_paint (cr, text, LW_TEXT_BODY, at->products ? "×" : "·",
                   place.x + place.width + BETWEEN / 2, middle, 0.5, theme->dim, 1);
  }
  if (at->products) {
    paint_products (cr, theme, text, unit, term, tile_place (at, which, 2));
    lw_text_paint (cr, text, LW_TEXT_BODY, "=", tile_place (at, which, 2).x - BETWEEN / 2, middle,
                   0.5, theme->dim, 1);
  }
  paint_label (cr, theme, text, words, value, &block);
  if (which == figure->selected)
    lw_paint_selection (cr, theme, block.x, block.y, block.width, block.height, 6, 2);
}

/* The other contributions: no picture, their number and sum. */
static void
paint_others (cairo_t *cr, const LwTheme *theme, LwText *text, const LwUnitFigure *figure,
              const Layout *at)
{
  static const double dash[] = { 4, 4 };
  const cairo_rectangle_t block = block_place (at, at->n);
  g_autofree char *words =
      g_strdup_printf (ngettext ("%d other", "%d others", at->n_others), at->n_others);
  g_autofree char *value = lw_unit_number (at->others, lw_unit_decimals (figure));

  cairo_save (cr);
  cairo_new_path (cr);
  lw_path_rounded (cr, block.x + 0.5, block.y + 0.5, block.width - 1, at->tile_height - 1, 6);
  cairo_set_dash (cr, dash, 2, 0);
  cairo_set_line_width (cr, 1);
  lw_set_colour (cr, theme->dim, 0.7);
  cairo_stroke (cr);
  cairo_restore (cr);
  lw_text_paint (cr, text, LW_TEXT_CAPTION, "Σ", block.x + block.width / 2,
                 block.y + at->tile_height / 2 + lw_text_middle (LW_TEXT_CAPTION), 0.5, theme->dim,
                 1);
  paint_label (cr, theme, text, words, value, &block);
}

/* "patch ▒▒▒ 0 … 1   kernel ▒▒▒ ±0.7   ▨ padding". */
static void
paint_legend (cairo_t *cr, const LwTheme *theme, LwText *text, const LwUnitArithmetic *unit,
              const Layout *at)
{
  const double middle = HEAD / 2 - 4, baseline = middle + lw_text_middle (LW_TEXT_DETAIL);
  const char *patch = unit->op == LW_OP_LINEAR ? _ ("input") : _ ("patch");
  const char *kernel = unit->op == LW_OP_LINEAR ? _ ("weights") : _ ("kernel");
  double x = 0;

  lw_text_paint (cr, text, LW_TEXT_DETAIL, patch, x, baseline, 0, theme->dim, 1);
  x += lw_text_width (text, LW_TEXT_DETAIL, patch) + 8;
  lw_colour_bar_paint (cr, theme, text, &at->patch, x, middle, 50, 0);
  x += lw_colour_bar_width (text, &at->patch, 50) + 24;
  if (at->kernels) {
    lw_text_paint (cr, text, LW_TEXT_DETAIL, kernel, x, baseline, 0, theme->dim, 1);
    x += lw_text_width (text, LW_TEXT_DETAIL, kernel) + 8;
    lw_colour_bar_paint (cr, theme, text, &at->kernel, x, middle, 50, 0);
    x += lw_colour_bar_width (text, &at->kernel, 50) + 24;
  }
  if (unit->padding != NULL) {
    LwUnitArithmetic one = { .rows = 1, .columns = 1, .padding = (bool[1]){ true } };
    const float zero = 0;
    const LwTile tile = tile_of (&one, &zero, at->patch);

    paint_padding (cr, theme, &one, &tile, (cairo_rectangle_t){ x, middle - 6, 12, 12 });
    lw_text_paint (cr, text, LW_TEXT_DETAIL,
                   unit->op == LW_OP_MAX_POOL ? _ ("padding, left out") : _ ("padding: 0"), x + 18,
                   baseline, 0, theme->dim, 1);
  }
}

void
lw_unit_figure_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwUnitFigure *figure,
                      double width)
{
  const LwUnitArithmetic *unit = figure->arithmetic;
  const Layout at = lay_out (figure, width);

  if (at.n > 0)
    paint_legend (cr, theme, text, unit, &at);
  for (int i = 0; i < at.n; i++)
    paint_block (cr, theme, text, figure, &at, i);
  if (at.n_others > 0)
    paint_others (cr, theme, text, figure, &at);
  if (has_plot (unit))
    lw_function_paint (cr, theme, unit->op, unit->terms[0].sum, at.top);
  set_equation (cr, theme, text, figure, at.left, at.equation + (has_plot (unit) ? 20 : 0),
                width - at.left);
}
