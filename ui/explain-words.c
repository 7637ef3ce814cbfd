#include "ui/explain-words.h"

#include <glib/gi18n.h>
#include <math.h>

const char *
lw_explain_method_words (LwExplainMethod method)
{
  switch (method) {
  case LW_EXPLAIN_GRADIENT:
    return _ (
        "How much the class's score changes when a pixel does: the gradient of the score with "
        "respect to the image, its largest size over the channels (Simonyan et al. 2014).");
  case LW_EXPLAIN_GRADIENT_SIGNED:
    return _ (
        "More light in orange pixels raises the class's score, more light in blue ones lowers "
        "it: the gradient of the score with respect to the image (Simonyan et al. 2014).");
  default:
    return _ ("Each map of the layer is weighted by the mean gradient of the class's score with "
              "respect to it; their sum, where it is positive, speaks for the class (Selvaraju et "
              "al. 2017).");
  }
}

static bool
is_zero (const float *map, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (map[i] != 0)
      return false;
  return true;
}

char *
lw_explain_map_words (const float *map, int rows, int columns, double score)
{
  if (is_zero (map, (gsize)rows * (gsize)columns))
    return g_strdup_printf (_ ("score %.2f; zero everywhere: nothing here speaks for this class"),
                            score);
  return g_strdup_printf (_ ("score %.2f, map of %d × %d"), score, rows, columns);
}

char *
lw_explain_weights_words (LwPredictionsSource *source, int64_t step)
{
  const LwPredictionSet *set = lw_predictions_source_set (source);
  LwRunItem *run = lw_predictions_source_run (source);
  int64_t steps;

  if (step < 0 || set == NULL || run == NULL)
    return g_strdup ("");
  steps = set->epoch > 0 ? (int64_t)llround ((double)set->step / set->epoch) : 0;
  if (steps <= 0)
    return g_strdup ("");
  if (step == set->step)
    return g_strdup_printf (_ ("weights after epoch %.4g"), (double)step / (double)steps);
  return g_strdup_printf (_ ("weights after epoch %.4g, the nearest that were saved"),
                          (double)step / (double)steps);
}
