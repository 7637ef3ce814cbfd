/* A unit's arithmetic in words: captions, text to be copied, and for those who hear it. */
#include "engine/op.h"
#include "ui/draw/unit-equation.h"

#include <glib/gi18n.h>
#include <math.h>

#define MOST_PRODUCTS 9
#define MOST_CELLS    121 /* of a patch that is copied whole */

char *
lw_unit_words (const LwGraph *graph, LwUnit unit)
{
  const LwNode *node = lw_graph_node (graph, unit.node);

  if (node->shape.flat)
    return g_strdup_printf (_ ("%s, unit %d"), node->title, unit.channel);
  return g_strdup_printf (_ ("%s, map %d, row %d, column %d"), node->title, unit.channel, unit.row,
                          unit.column);
}

/* Where the one number of a layer that moves numbers about comes from. */
static char *
origin_caption (const LwUnitFigure *figure)
{
  const LwUnitArithmetic *unit = figure->arithmetic;
  g_autofree char *words = NULL;
  LwUnit origin;

  if (!lw_unit_origin (figure->graph, unit, 0, -1, &origin))
    return g_strdup ("");
  words = lw_unit_words (figure->graph, origin);
  if (unit->op == LW_OP_DROPOUT)
    return g_strdup_printf (_ ("dropout hands numbers on when the network is used: from %s"),
                            words);
  return g_strdup_printf (_ ("comes from %s"), words);
}

char *
lw_unit_figure_caption (const LwUnitFigure *figure)
{
  const LwUnitArithmetic *unit = figure->arithmetic;
  const int n = unit->n_terms, cells = unit->rows * unit->columns;

  switch (unit->op) {
  case LW_OP_CONV2D:
    if (n > LW_UNIT_MOST_TERMS)
      return g_strdup_printf (_ ("patch × kernel: the %d largest contributions of %d channels"),
                              LW_UNIT_LARGEST_TERMS, n);
    return g_strdup_printf (ngettext ("patch × kernel of the input channel",
                                      "patch × kernel for each of the %d input channels", n),
                            n);
  case LW_OP_LINEAR:
    if (cells > 1)
      return g_strdup_printf (_ ("map × weights: the %d largest contributions of %d channels"),
                              MIN (n, LW_UNIT_LARGEST_TERMS), n);
    return g_strdup_printf (_ ("input × weight: the %d largest contributions of %d inputs"),
                            n > LW_UNIT_MOST_TERMS ? LW_UNIT_LARGEST_TERMS : n, n);
  case LW_OP_MAX_POOL:
    return g_strdup_printf (_ ("the largest value of a window of %d × %d"), unit->rows,
                            unit->columns);
  case LW_OP_AVG_POOL:
    return g_strdup_printf (_ ("the mean of a window of %d × %d"), unit->rows, unit->columns);
  case LW_OP_GLOBAL_AVG_POOL:
    return g_strdup_printf (_ ("the mean of the whole map of %d × %d"), unit->rows, unit->columns);
  case LW_OP_BATCH_NORM:
    return g_strdup (_ ("normalized with the running statistics, scaled and shifted"));
  case LW_OP_RELU:
    return g_strdup (_ ("ReLU: the input where it is positive, else 0"));
  case LW_OP_SIGMOID:
    return g_strdup (_ ("sigmoid of the input"));
  case LW_OP_TANH:
    return g_strdup (_ ("hyperbolic tangent of the input"));
  case LW_OP_ADD:
    return g_strdup (_ ("the sum of the paths at the same place"));
  case LW_OP_INPUT:
    return g_strdup (_ ("a number of the picture itself"));
  default:
    return origin_caption (figure);
  }
}

char *
lw_unit_figure_equation (const LwUnitFigure *figure)
{
  g_autoptr (GPtrArray) pieces = lw_unit_pieces (figure);
  GString *line = g_string_new (NULL);
  int step = 0;

  for (guint i = 0; i < pieces->len; i++) {
    const LwPiece *piece = g_ptr_array_index (pieces, i);
    const bool tight = line->len == 0 || g_str_has_suffix (line->str, "\n") ||
                       g_str_has_suffix (line->str, "(") || g_str_equal (piece->words, ",") ||
                       g_str_has_prefix (piece->words, ")");

    if (piece->step != step)
      g_string_append_c (line, '\n');
    else if (!tight)
      g_string_append_c (line, ' ');
    step = piece->step;
    g_string_append (line, piece->words);
  }
  return g_string_free (line, FALSE);
}

/* --- one term ------------------------------------------------------------------------------------
 */

static double
product (const LwUnitTerm *term, int cell)
{
  return (double)term->patch[cell] * (double)term->kernel[cell];
}

static int
larger_product (const void *a, const void *b, void *data)
{
  const LwUnitTerm *term = data;
  const double left = fabs (product (term, *(const int *)a));
  const double right = fabs (product (term, *(const int *)b));

  return left > right ? -1 : left < right ? 1 : *(const int *)a - *(const int *)b;
}

char *
lw_unit_figure_products (const LwUnitFigure *figure, int32_t index)
{
  const LwUnitArithmetic *unit = figure->arithmetic;
  const int decimals = lw_unit_decimals (figure) + 1, n = unit->rows * unit->columns;
  const LwUnitTerm *term = &unit->terms[index];
  g_autofree int *cells = g_new (int, MAX (n, 1));
  g_autofree char *sum = lw_unit_number (term->sum, lw_unit_decimals (figure));
  GString *words = g_string_new (NULL);

  if (term->kernel == NULL) {
    g_string_append_printf (words, _ ("Channel %d: %s"), term->channel, sum);
    return g_string_free (words, FALSE);
  }
  g_string_append_printf (
      words,
      ngettext ("Channel %d, %d product, together %s", "Channel %d, %d products, together %s", n),
      term->channel, n, sum);
  for (int i = 0; i < n; i++)
    cells[i] = i;
  g_qsort_with_data (cells, n, sizeof (int), larger_product, (gpointer)term);
  for (int i = 0; i < MIN (n, MOST_PRODUCTS); i++) {
    g_autofree char *a = lw_unit_number ((double)term->patch[cells[i]], decimals);
    g_autofree char *b = lw_unit_number ((double)term->kernel[cells[i]], decimals);
    g_autofree char *c = lw_unit_number (product (term, cells[i]), decimals);

    g_string_append_printf (words, "\n%s × %s = %s", a, b, c);
  }
  if (n > MOST_PRODUCTS)
    g_string_append (words, "\n…");
  return g_string_free (words, FALSE);
}

/* --- all of it -----------------------------------------------------------------------------------
 */

static void
append_table (GString *text, const char *title, const LwUnitArithmetic *unit, const float *cells)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (cells == NULL || unit->rows * unit->columns > MOST_CELLS)
    return;
  g_string_append_printf (text, "%s\n", title);
  for (int row = 0; row < unit->rows; row++)
    for (int column = 0; column < unit->columns; column++)
      g_string_append_printf (text, "%s%s",
                              g_ascii_formatd (number, sizeof number, "%.6g",
                                               (double)cells[row * unit->columns + column]),
                              column + 1 < unit->columns ? "\t" : "\n");
}

char *
lw_unit_figure_text (const LwUnitFigure *figure)
{
  const LwUnitArithmetic *unit = figure->arithmetic;
  g_autofree char *words = lw_unit_words (figure->graph, unit->unit);
  g_autofree char *caption = lw_unit_figure_caption (figure);
  g_autofree char *equation = lw_unit_figure_equation (figure);
  GString *text = g_string_new (NULL);
  int32_t shown[LW_UNIT_MOST_TERMS];
  const int n = lw_unit_figure_shown (figure, shown);

  g_string_append_printf (text, "%s: %s\n", words, caption);
  for (int i = 0; i < n; i++) {
    const LwUnitTerm *term = &unit->terms[shown[i]];
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_printf (text, "\n");
    g_string_append_printf (text, _ ("channel %d: %s"), term->channel,
                            g_ascii_formatd (number, sizeof number, "%.6g", term->sum));
    g_string_append_c (text, '\n');
    append_table (text, _ ("values"), unit, term->patch);
    append_table (text, _ ("weights"), unit, term->kernel);
  }
  g_string_append_printf (text, "\n%s\n", equation);
  return g_string_free (text, FALSE);
}

/* Signs as words: a screen reader passes over most of them. */
static void
append_spoken (GString *text, const char *words)
{
  static const struct {
    const char *sign, *spoken;
  } signs[] = {
    { "+", N_ ("plus") },       { "−", N_ ("minus") },
    { "·", N_ ("times") },      { "=", N_ ("equals") },
    { "≈", N_ ("is about") },   { "/", N_ ("divided by") },
    { "√(", N_ ("root of (") }, { "max (", N_ ("largest of (") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (signs); i++)
    if (g_str_equal (words, signs[i].sign)) {
      g_string_append_printf (text, " %s", _ (signs[i].spoken));
      return;
    }
  g_string_append_printf (text, " %s", words);
}

char *
lw_unit_figure_describe (const LwUnitFigure *figure)
{
  g_autoptr (GPtrArray) pieces = lw_unit_pieces (figure);
  g_autofree char *words = lw_unit_words (figure->graph, figure->arithmetic->unit);
  g_autofree char *caption = lw_unit_figure_caption (figure);
  GString *text = g_string_new (NULL);
  int32_t shown[LW_UNIT_MOST_TERMS];
  const int n = lw_unit_figure_shown (figure, shown);
  int step = 0;

  g_string_append_printf (text, _ ("%s: %s."), words, caption);
  for (guint i = 0; i < pieces->len; i++) {
    const LwPiece *piece = g_ptr_array_index (pieces, i);

    if (piece->step != step)
      g_string_append (text, ";");
    step = piece->step;
    if (piece->kind == LW_PIECE_SIGN)
      append_spoken (text, piece->words);
    else
      g_string_append_printf (text, " %s", piece->words);
    if (piece->caption != NULL)
      g_string_append_printf (text, " (%s)", piece->caption);
  }
  if (figure->selected >= 0 && figure->selected < n) {
    g_autofree char *products = lw_unit_figure_products (figure, shown[figure->selected]);

    g_string_append_printf (text, ". %s", products);
  }
  return g_string_free (text, FALSE);
}
