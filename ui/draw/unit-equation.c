#include "ui/draw/unit-equation.h"

#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define MOST_WRITTEN 9 /* values of a window that are all written out */

/* An equation on the way: what is written is added up as it is written. */
typedef struct {
  GPtrArray *pieces;
  const LwUnitFigure *figure;
  const LwUnitArithmetic *unit;
  int decimals, step;
  bool begun; /* the line has a number already */
} Setter;

int
lw_unit_decimals (const LwUnitFigure *figure)
{
  const LwUnitArithmetic *unit = figure->arithmetic;
  int32_t shown[LW_UNIT_MOST_TERMS];
  float numbers[LW_UNIT_MOST_TERMS + 2];
  int n = lw_unit_figure_shown (figure, shown);
  LwScale scale;

  for (int i = 0; i < n; i++)
    numbers[i] = (float)unit->terms[shown[i]].sum;
  numbers[n++] = (float)unit->value;
  if (unit->has_bias)
    numbers[n++] = (float)unit->bias;
  scale = lw_scale_for (numbers, (size_t)n);
  return lw_scale_decimals (&scale);
}

char *
lw_unit_number (double value, int decimals)
{
  char words[LW_TICK_TEXT];

  if (fabs (value) < 9999.5)
    lw_value_text_fixed (value, decimals, words);
  else
    lw_value_text (value, words);
  return g_strdup (words);
}

static double
rounded (double value, int decimals)
{
  const double tens = pow (10, decimals);

  return round (value * tens) / tens;
}

static void
piece_free (gpointer data)
{
  LwPiece *piece = data;

  g_free (piece->words);
  g_free (piece->caption);
  g_free (piece);
}

static void
take (Setter *set, LwPieceKind kind, char *words, const char *caption)
{
  LwPiece *piece = g_new0 (LwPiece, 1);

  piece->kind = kind;
  piece->step = set->step;
  piece->words = words;
  piece->caption = g_strdup (caption);
  g_ptr_array_add (set->pieces, piece);
}

static void
sign (Setter *set, const char *words)
{
  take (set, LW_PIECE_SIGN, g_strdup (words), NULL);
}

static void
number (Setter *set, double value, const char *caption)
{
  take (set, LW_PIECE_NUMBER, lw_unit_number (value, set->decimals), caption);
  set->begun = true;
}

/* "+ 3.92" or "− 0.23"; the first one has its own minus and no plus. Returns what is written. */
static double
summand (Setter *set, double value, const char *word, const char *caption)
{
  if (!set->begun && word == NULL) {
    number (set, value, caption);
    return rounded (value, set->decimals);
  }
  if (set->begun || rounded (value, set->decimals) < 0)
    sign (set, rounded (value, set->decimals) < 0 ? "−" : "+");
  if (word != NULL)
    take (set, LW_PIECE_WORD, g_strdup (word), NULL);
  number (set, fabs (value), caption);
  return rounded (value, set->decimals);
}

/* A factor behind a sign has brackets when it is negative. */
static void
factor (Setter *set, double value, const char *caption)
{
  const bool negative = rounded (value, set->decimals) < 0;
  g_autofree char *words = lw_unit_number (value, set->decimals);

  take (set, LW_PIECE_NUMBER, negative ? g_strdup_printf ("(%s)", words) : g_steal_pointer (&words),
        caption);
}

/* `written`: what the numbers give as they are written. */
static void
result (Setter *set, double value, double written, const char *caption)
{
  const double unit = pow (10, -set->decimals);

  sign (set, fabs (rounded (value, set->decimals) - written) > unit * 0.5 ? "≈" : "=");
  take (set, LW_PIECE_RESULT, lw_unit_number (value, set->decimals), caption);
  set->begun = true;
}

static void
begin_step (Setter *set)
{
  set->step++;
  set->begun = false;
}

/* --- operations ----------------------------------------------------------------------------------
 */

static void
set_sum (Setter *set)
{
  int32_t shown[LW_UNIT_MOST_TERMS];
  const int n = lw_unit_figure_shown (set->figure, shown);
  int n_others;
  const double others = lw_unit_figure_others (set->figure, &n_others);
  double written = 0;

  for (int i = 0; i < n; i++)
    written += summand (set, set->unit->terms[shown[i]].sum, NULL, NULL);
  if (n_others > 0) {
    g_autofree char *words =
        g_strdup_printf (ngettext ("%d other", "%d others", n_others), n_others);

    written += summand (set, others, words, NULL);
  }
  if (set->unit->has_bias)
    written += summand (set, set->unit->bias, _ ("bias"), NULL);
  result (set, set->unit->value, written, NULL);
}

static void
set_window (Setter *set, bool max)
{
  const LwUnitArithmetic *unit = set->unit;
  const int n = unit->rows * unit->columns;
  const float *patch = unit->terms[0].patch;
  double written = 0, sum = 0;

  if (n > MOST_WRITTEN && max) {
    take (set, LW_PIECE_WORD, g_strdup_printf (ngettext ("largest of %d", "largest of %d", n), n),
          NULL);
    result (set, unit->value, rounded (unit->value, set->decimals), NULL);
    return;
  }
  sign (set, max ? "max (" : "(");
  for (int i = 0; i < n && n <= MOST_WRITTEN; i++) {
    sum += (double)patch[i];
    if (!max) {
      written += summand (set, (double)patch[i], NULL, NULL);
      continue;
    }
    if (unit->padding != NULL && unit->padding[i])
      continue;
    if (set->begun)
      sign (set, ",");
    number (set, (double)patch[i], NULL);
  }
  if (n > MOST_WRITTEN) {
    for (int i = 0; i < n; i++)
      sum += (double)patch[i];
    take (set, LW_PIECE_WORD, g_strdup_printf (_ ("sum of %d values:"), n), NULL);
    number (set, sum, NULL);
    written = rounded (sum, set->decimals);
  }
  sign (set, ")");
  if (!max) {
    sign (set, "/");
    take (set, LW_PIECE_NUMBER, g_strdup_printf ("%d", n), NULL);
  }
  result (set, unit->value, rounded (max ? unit->value : written / n, set->decimals), NULL);
}

static void
set_normalization (Setter *set)
{
  const LwUnitArithmetic *unit = set->unit;
  const double x = rounded (unit->terms[0].sum, set->decimals);
  const double mean = rounded (unit->mean, set->decimals);
  const double variance = rounded (unit->variance, set->decimals);
  const double normalized = rounded (unit->normalized, set->decimals);
  char epsilon[LW_TICK_TEXT];

  lw_value_text (unit->epsilon, epsilon);
  sign (set, "(");
  number (set, unit->terms[0].sum, _ ("input"));
  summand (set, -unit->mean, NULL, _ ("mean"));
  sign (set, ")");
  sign (set, "/");
  sign (set, "√(");
  number (set, unit->variance, _ ("variance"));
  sign (set, "+");
  take (set, LW_PIECE_NUMBER, g_strdup (epsilon), "ε");
  sign (set, ")");
  result (set, unit->normalized,
          rounded ((x - mean) / sqrt (fmax (variance + unit->epsilon, 1e-30)), set->decimals),
          _ ("normalized"));
  begin_step (set);
  number (set, unit->normalized, _ ("normalized"));
  sign (set, "·");
  factor (set, unit->gamma, "γ");
  summand (set, unit->beta, NULL, "β");
  result (set, unit->value,
          rounded (normalized * rounded (unit->gamma, set->decimals) +
                       rounded (unit->beta, set->decimals),
                   set->decimals),
          NULL);
}

static void
set_function (Setter *set)
{
  const double x = set->unit->terms[0].sum, seen = rounded (x, set->decimals);
  double written = fmax (seen, 0);

  if (set->unit->op == LW_OP_RELU) {
    sign (set, "max (");
    take (set, LW_PIECE_NUMBER, g_strdup ("0"), NULL);
    sign (set, ",");
    number (set, x, _ ("input"));
    sign (set, ")");
  } else if (set->unit->op == LW_OP_SIGMOID) {
    written = 1 / (1 + exp (-seen));
    sign (set, "1 / (1 + exp (");
    number (set, -x, _ ("− input"));
    sign (set, "))");
  } else {
    written = tanh (seen);
    sign (set, "tanh (");
    number (set, x, _ ("input"));
    sign (set, ")");
  }
  result (set, set->unit->value, rounded (written, set->decimals), NULL);
}

/* Numbers of other layers, one of each. */
static void
set_taken (Setter *set)
{
  const LwNode *node = lw_graph_node (set->figure->graph, set->unit->unit.node);
  double written = 0;

  for (int32_t i = 0; i < set->unit->n_terms; i++) {
    const LwUnitTerm *term = &set->unit->terms[i];
    const LwNode *from = lw_graph_node (set->figure->graph, node->inputs[term->input]);

    written += summand (set, term->sum, NULL, from->title);
  }
  if (set->unit->n_terms > 0)
    result (set, set->unit->value, written, NULL);
  else
    take (set, LW_PIECE_RESULT, lw_unit_number (set->unit->value, set->decimals), NULL);
}

GPtrArray *
lw_unit_pieces (const LwUnitFigure *figure)
{
  Setter set = { .pieces = g_ptr_array_new_with_free_func (piece_free),
                 .figure = figure,
                 .unit = figure->arithmetic,
                 .decimals = lw_unit_decimals (figure) };

  switch (figure->arithmetic->op) {
  case LW_OP_CONV2D:
  case LW_OP_LINEAR:
    set_sum (&set);
    break;
  case LW_OP_MAX_POOL:
    set_window (&set, true);
    break;
  case LW_OP_AVG_POOL:
  case LW_OP_GLOBAL_AVG_POOL:
    set_window (&set, false);
    break;
  case LW_OP_BATCH_NORM:
    set_normalization (&set);
    break;
  case LW_OP_RELU:
  case LW_OP_SIGMOID:
  case LW_OP_TANH:
    set_function (&set);
    break;
  default:
    set_taken (&set);
    break;
  }
  return set.pieces;
}
