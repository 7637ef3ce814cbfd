#include "engine/divergence.h"
#include "engine/i18n.h"

#include <inttypes.h>
#include <math.h>

#define JUMP    10.0  /* of a weight's length in one step */
#define LEAP    100.0 /* of outputs in one step */
#define GROWTH  2.0   /* of a weight's length over all kept steps */
#define NOTHING 1e-12 /* lengths below it have no factor */

LwDivergence *
lw_divergence_new (int32_t n_layers, int32_t n_steps)
{
  LwDivergence *divergence = g_new0 (LwDivergence, 1);

  divergence->n_layers = n_layers;
  divergence->n_steps = n_steps;
  divergence->layers = g_new0 (LwNodeId, n_layers + 1);
  divergence->outputs = g_new0 (float, (gsize)n_layers *(gsize)n_steps + 1);
  divergence->weights = g_new0 (float, (gsize)n_layers *(gsize)n_steps + 1);
  return divergence;
}

LwDivergence *
lw_divergence_copy (const LwDivergence *divergence)
{
  const gsize n = (gsize)divergence->n_layers * (gsize)divergence->n_steps;
  LwDivergence *copy = g_memdup2 (divergence, sizeof *divergence);

  copy->layers =
      g_memdup2 (divergence->layers, sizeof (LwNodeId) * ((gsize)divergence->n_layers + 1));
  copy->outputs = g_memdup2 (divergence->outputs, sizeof (float) * (n + 1));
  copy->weights = g_memdup2 (divergence->weights, sizeof (float) * (n + 1));
  return copy;
}

void
lw_divergence_free (LwDivergence *divergence)
{
  if (divergence == NULL)
    return;
  g_free (divergence->layers);
  g_free (divergence->outputs);
  g_free (divergence->weights);
  g_free (divergence);
}

float
lw_divergence_output (const LwDivergence *divergence, int32_t layer, int32_t step)
{
  return divergence->outputs[(gsize)layer * (gsize)divergence->n_steps + (gsize)step];
}

float
lw_divergence_weight (const LwDivergence *divergence, int32_t layer, int32_t step)
{
  return divergence->weights[(gsize)layer * (gsize)divergence->n_steps + (gsize)step];
}

int64_t
lw_divergence_step (const LwDivergence *divergence)
{
  return divergence->n_steps > 0 ? divergence->steps[divergence->n_steps - 1] : 0;
}

/* --- where it began ----------------------------------------------------------------------------
 */

/* 0 where one of them is not known or next to nothing. */
static double
factor (float before, float after)
{
  if (!isfinite (before) || isnan (after) || (double)before < NOTHING)
    return 0;
  return (double)after / (double)before;
}

typedef float (*LwDivergenceValue) (const LwDivergence *, int32_t layer, int32_t step);

/* The earliest column in which a value is `least` times that of the column before. */
static bool
find_jump (const LwDivergence *divergence, LwDivergenceValue value, double least, LwBeganHow how,
           LwDivergenceOrigin *ret_origin)
{
  for (int32_t t = 1; t < divergence->n_steps; t++)
    for (int32_t l = 0; l < divergence->n_layers; l++) {
      const double f = factor (value (divergence, l, t - 1), value (divergence, l, t));

      if (f < least)
        continue;
      *ret_origin = (LwDivergenceOrigin){ how, l, t, f };
      return true;
    }
  return false;
}

static bool
find_growth (const LwDivergence *divergence, LwDivergenceOrigin *ret_origin)
{
  const int32_t last = divergence->n_steps - 1;
  double most = GROWTH;
  bool found = false;

  for (int32_t l = 0; l < divergence->n_layers; l++) {
    const double f = factor (lw_divergence_weight (divergence, l, 0),
                             lw_divergence_weight (divergence, l, last));

    if (f < most)
      continue;
    *ret_origin = (LwDivergenceOrigin){ LW_BEGAN_GROWTH, l, last, f };
    most = f;
    found = true;
  }
  return found;
}

LwDivergenceOrigin
lw_divergence_origin (const LwDivergence *divergence)
{
  LwDivergenceOrigin origin = { LW_BEGAN_UNKNOWN, -1, -1, 0 };
  const int32_t last = divergence->n_steps - 1;

  if (last < 0 || find_jump (divergence, lw_divergence_weight, JUMP, LW_BEGAN_STEP, &origin) ||
      find_jump (divergence, lw_divergence_output, LEAP, LW_BEGAN_OUTPUTS, &origin) ||
      find_growth (divergence, &origin))
    return origin;
  for (int32_t l = 0; l < divergence->n_layers; l++)
    if (!isfinite (lw_divergence_output (divergence, l, last)))
      return (LwDivergenceOrigin){ LW_BEGAN_INPUT, l, last, 0 };
  return origin;
}

/* --- words -------------------------------------------------------------------------------------
 */

char *
lw_divergence_number (double value)
{
  static const char *const superscripts[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
  const double size = fabs (value);
  g_autofree char *exponent = NULL;
  char digits[32];
  GString *text;
  double mantissa;
  int power;

  if (isnan (value))
    return g_strdup ("NaN");
  if (isinf (value))
    return g_strdup (value > 0 ? "∞" : "−∞");
  if (size < 9999.5 && (size >= 0.005 || size == 0))
    return g_strdup (
        g_ascii_formatd (digits, sizeof digits, size < 9.995 ? "%.2f" : "%.0f", value));
  power = (int)floor (log10 (size));
  mantissa = size / pow (10, power);
  if (mantissa >= 9.95) { /* "10.0" */
    mantissa /= 10;
    power++;
  }
  exponent = g_strdup_printf ("%d", ABS (power));
  text = g_string_new (value < 0 ? "−" : "");
  g_string_append (text, g_ascii_formatd (digits, sizeof digits, "%.1f", mantissa));
  g_string_append (text, power < 0 ? "·10⁻" : "·10");
  for (const char *digit = exponent; *digit != '\0'; digit++)
    g_string_append (text, superscripts[*digit - '0']);
  return g_string_free (text, FALSE);
}

char *
lw_layer_path (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  GString *text = g_string_new (node->title);

  for (LwBlockId block = node->block; block > LW_ROOT_BLOCK;
       block = lw_graph_block (graph, block)->parent) {
    g_string_prepend (text, ", ");
    g_string_prepend (text, lw_graph_block (graph, block)->title);
  }
  return g_string_free (text, FALSE);
}

/* "the step of iteration 2", or of several where some were left out. */
static char *
steps_before (const LwDivergence *divergence, int32_t column)
{
  const int64_t first = divergence->steps[column - 1], last = divergence->steps[column] - 1;

  if (first == last)
    return g_strdup_printf (_ ("the step of iteration %" PRId64), first);
  return g_strdup_printf (_ ("the steps of iterations %" PRId64 " to %" PRId64), first, last);
}

char *
lw_divergence_sentence (const LwDivergence *divergence, const LwGraph *graph)
{
  const LwDivergenceOrigin origin = lw_divergence_origin (divergence);
  g_autofree char *layer = NULL, *times = NULL, *steps = NULL;

  if (origin.how == LW_BEGAN_UNKNOWN)
    return NULL;
  layer = lw_layer_path (graph, divergence->layers[origin.layer]);
  times = lw_divergence_number (origin.factor);
  switch (origin.how) {
  case LW_BEGAN_STEP:
    steps = steps_before (divergence, origin.column);
    return g_strdup_printf (_ ("It began in %s: %s made its weights %s times longer."), layer,
                            steps, times);
  case LW_BEGAN_OUTPUTS:
    steps = steps_before (divergence, origin.column);
    return g_strdup_printf (_ ("It began in %s: %s made its outputs %s times larger."), layer,
                            steps, times);
  case LW_BEGAN_GROWTH:
    return g_strdup_printf (
        _ ("It grew fastest in %s: its weights became %s times longer over the last iterations."),
        layer, times);
  case LW_BEGAN_INPUT:
  case LW_BEGAN_UNKNOWN:
    break;
  }
  return g_strdup_printf (_ ("It shows first in %s, whose outputs are no finite numbers."), layer);
}
