#include "engine/prediction_set.h"

#include <math.h>

#define LARGEST 20.0 /* of the log-odds: p from 2·10⁻⁹ on */

void
lw_prediction_set_free (LwPredictionSet *set)
{
  if (set == NULL)
    return;
  g_free (set->labels);
  g_free (set->predicted);
  g_free (set->log_odds);
  g_free (set);
}

static uint16_t
pack (double log_odds)
{
  if (isnan (log_odds))
    return 0;
  log_odds = CLAMP (log_odds, -LARGEST, LARGEST);
  return (uint16_t)lround ((log_odds + LARGEST) / (2 * LARGEST) * UINT16_MAX);
}

/* With s = Σ exp z: ln (p / (1 − p)) = z − ln (s − exp z). The largest is taken off first. */
void
lw_log_odds_pack (const float *logits, int32_t classes, uint16_t *ret_log_odds)
{
  double largest = -INFINITY, sum = 0;

  for (int32_t c = 0; c < classes; c++)
    if ((double)logits[c] > largest)
      largest = (double)logits[c];
  for (int32_t c = 0; c < classes; c++)
    if (!isnan (logits[c]))
      sum += exp ((double)logits[c] - largest);
  for (int32_t c = 0; c < classes; c++) {
    const double z = (double)logits[c] - largest;

    ret_log_odds[c] = pack (z - log (MAX (sum - exp (z), 0)));
  }
}

float
lw_log_odds_probability (uint16_t log_odds)
{
  const double x = (double)log_odds / UINT16_MAX * 2 * LARGEST - LARGEST;

  return (float)(1 / (1 + exp (-x)));
}

/* The number kept for a class of an example; NULL: none. */
static const uint16_t *
kept (const LwPredictionSet *set, int32_t example, int32_t label)
{
  const uint16_t *row = set->log_odds + (gsize)example * (gsize)set->width;

  if (set->width == set->classes)
    return row + label;
  if (label == set->predicted[example])
    return row;
  return label == set->labels[example] ? row + 1 : NULL;
}

float
lw_prediction_set_probability (const LwPredictionSet *set, int32_t example, int32_t label)
{
  const uint16_t *number = kept (set, example, label);

  return number != NULL ? lw_log_odds_probability (*number) : NAN;
}

int32_t *
lw_prediction_set_confusion (const LwPredictionSet *set)
{
  int32_t *counts = g_new0 (int32_t, (gsize)set->classes * (gsize)set->classes);

  for (int32_t i = 0; i < set->n; i++)
    counts[(gsize)set->labels[i] * (gsize)set->classes + set->predicted[i]]++;
  return counts;
}

/* The most confident first; of equals the earlier example. */
static int
by_confidence (gconstpointer a, gconstpointer b, gpointer data)
{
  const LwPredictionSet *set = data;
  const int32_t i = *(const int32_t *)a, j = *(const int32_t *)b;
  const uint16_t p = *kept (set, i, set->predicted[i]), q = *kept (set, j, set->predicted[j]);

  if (p != q)
    return p > q ? -1 : 1;
  return i < j ? -1 : i > j;
}

static int32_t *
sorted (const LwPredictionSet *set, GArray *found, int32_t most, int32_t *ret_n)
{
  g_array_sort_with_data (found, by_confidence, (gpointer)set);
  *ret_n = MIN ((int32_t)found->len, most);
  return (int32_t *)(void *)g_array_free (found, FALSE);
}

int32_t *
lw_prediction_set_cell (const LwPredictionSet *set, int32_t label, int32_t predicted,
                        int32_t *ret_n)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (int32_t));

  for (int32_t i = 0; i < set->n; i++)
    if ((label < 0 || set->labels[i] == label) && (predicted < 0 || set->predicted[i] == predicted))
      g_array_append_val (found, i);
  return sorted (set, found, G_MAXINT32, ret_n);
}

int32_t *
lw_prediction_set_mistakes (const LwPredictionSet *set, int32_t most, int32_t *ret_n)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (int32_t));

  for (int32_t i = 0; i < set->n; i++)
    if (set->labels[i] != set->predicted[i])
      g_array_append_val (found, i);
  return sorted (set, found, most, ret_n);
}
