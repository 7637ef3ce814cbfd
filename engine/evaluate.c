#include "engine/evaluate.h"

#include "engine/data/loader.h"
#include "engine/i18n.h"

#include <math.h>
#include <string.h>

static LwEvaluation *
evaluation_new (int32_t count, int32_t classes, bool keep_logits)
{
  LwEvaluation *evaluation = g_new0 (LwEvaluation, 1);

  evaluation->count = count;
  evaluation->classes = classes;
  evaluation->labels = g_new (int32_t, count);
  evaluation->predicted = g_new (int32_t, count);
  if (keep_logits)
    evaluation->logits = g_new (float, (gsize)count *(gsize)classes);
  evaluation->confusion = g_new0 (int32_t, (gsize)classes * (gsize)classes);
  return evaluation;
}

void
lw_evaluation_free (LwEvaluation *evaluation)
{
  if (evaluation == NULL)
    return;
  g_free (evaluation->labels);
  g_free (evaluation->predicted);
  g_free (evaluation->logits);
  g_free (evaluation->confusion);
  g_free (evaluation);
}

/* log Σ exp z, with the largest logit taken out so that nothing overflows. */
static double
log_sum_exp (const float *logits, int32_t n)
{
  double largest = (double)logits[0], sum = 0;

  for (int32_t i = 1; i < n; i++)
    largest = MAX (largest, (double)logits[i]);
  for (int32_t i = 0; i < n; i++)
    sum += exp ((double)logits[i] - largest);
  return largest + log (sum);
}

void
lw_evaluation_probabilities (const LwEvaluation *evaluation, int32_t index,
                             double *ret_probabilities)
{
  const float *logits = evaluation->logits + (gsize)index * (gsize)evaluation->classes;
  const double total = log_sum_exp (logits, evaluation->classes);

  for (int32_t i = 0; i < evaluation->classes; i++)
    ret_probabilities[i] = exp ((double)logits[i] - total);
}

/* Counts what the logits of the examples from `first` on say; their labels are there. */
static void
take (LwEvaluation *evaluation, int32_t first, const float *logits, int32_t n)
{
  const gsize classes = (gsize)evaluation->classes;

  for (int32_t i = 0; i < n; i++, logits += classes) {
    const int32_t label = evaluation->labels[first + i];
    int32_t predicted = 0;

    for (int32_t c = 1; c < evaluation->classes; c++)
      if (logits[c] > logits[predicted])
        predicted = c;
    evaluation->predicted[first + i] = predicted;
    if (label < 0)
      continue;
    evaluation->correct += predicted == label;
    evaluation->loss += log_sum_exp (logits, evaluation->classes) - (double)logits[label];
    evaluation->confusion[(gsize)label * classes + (gsize)predicted]++;
  }
}

/* From sums to means. */
static LwEvaluation *
finish (LwEvaluation *evaluation, bool labelled)
{
  const double n = labelled ? evaluation->count : NAN;

  evaluation->accuracy = evaluation->correct / n;
  evaluation->loss /= n;
  return evaluation;
}

static bool
check_fit (LwGraph *graph, const LwDataset *dataset, LwSplit split, GError **error)
{
  const LwShape input = lw_graph_input_shape (graph);

  if (lw_dataset_channels (dataset) != input.c) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("the network takes images with %d channels, and those of %s have %d"), input.c,
                 lw_dataset_name (dataset), lw_dataset_channels (dataset));
    return false;
  }
  if (lw_dataset_classes (dataset) > lw_graph_classes (graph)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%s has %d classes, and the network knows %d"), lw_dataset_name (dataset),
                 lw_dataset_classes (dataset), lw_graph_classes (graph));
    return false;
  }
  if (lw_dataset_size (dataset, split) == 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("%s has no images of this split"),
                 lw_dataset_name (dataset));
    return false;
  }
  return true;
}

LwEvaluation *
lw_evaluate_split (LwSession *session, LwDataset *dataset, LwSplit split, int32_t limit,
                   bool keep_logits, const LwBnProgress *progress, GError **error)
{
  LwGraph *graph = lw_session_graph (session);
  const LwShape input = lw_graph_input_shape (graph);
  const LwLoaderOptions options = {
    .split = split,
    .height = input.h,
    .width = input.w,
    .batch = lw_plan_batch (lw_session_plan (session, LW_MODE_INFERENCE)),
    .limit = limit,
  };
  const gsize classes = (gsize)lw_graph_classes (graph);
  g_autoptr (LwLoader) loader = NULL;
  g_autoptr (LwEvaluation) evaluation = NULL;
  g_autofree float *batch_logits = NULL;

  if (!check_fit (graph, dataset, split, error))
    return NULL;
  loader = lw_loader_new (dataset, &options, error);
  if (loader == NULL)
    return NULL;
  evaluation = evaluation_new (lw_loader_examples (loader), (int32_t)classes, keep_logits);
  if (!keep_logits)
    batch_logits = g_new (float, (gsize)options.batch *classes);
  for (int32_t done = 0, n; done < evaluation->count; done += n) {
    float *logits = keep_logits ? evaluation->logits + (gsize)done * classes : batch_logits;
    LwBatch batch = { NULL };
    const int32_t *labels;

    if (!lw_bn_progress_tell (progress, (double)done / evaluation->count, error))
      return NULL;
    n = batch.n = lw_loader_next (loader, &batch.images, &labels);
    memcpy (evaluation->labels + done, labels, (gsize)n * sizeof *labels);
    if (!lw_session_infer (session, &batch, NULL, NULL, logits, NULL, error))
      return NULL;
    take (evaluation, done, logits, n);
  }
  return finish (g_steal_pointer (&evaluation), true);
}

LwEvaluation *
lw_evaluate_pass (LwBnPass *pass, LwSession *session, LwDataset *dataset, LwSplit split,
                  int32_t limit, uint64_t seed, LwBnStatistics statistics,
                  const LwBnProgress *progress, GError **error)
{
  LwGraph *graph = lw_session_graph (session);
  const int32_t all = lw_dataset_size (dataset, split);
  const int32_t n = limit > 0 ? MIN (limit, all) : all;
  g_autoptr (LwEvaluation) evaluation = NULL;

  if (!check_fit (graph, dataset, split, error))
    return NULL;
  evaluation = evaluation_new (n, lw_graph_classes (graph), true);
  for (int32_t i = 0; i < n; i++)
    evaluation->labels[i] = lw_dataset_label (dataset, split, i);
  if (!lw_bn_pass_predict (pass, dataset, split, n, seed, statistics, progress, evaluation->logits,
                           error))
    return NULL;
  take (evaluation, 0, evaluation->logits, n);
  return finish (g_steal_pointer (&evaluation), true);
}

LwEvaluation *
lw_evaluate_image (LwSession *session, const float *image, GError **error)
{
  g_autoptr (LwEvaluation) evaluation =
      evaluation_new (1, lw_graph_classes (lw_session_graph (session)), true);
  const LwBatch batch = { .images = image, .n = 1 };

  evaluation->labels[0] = -1;
  if (!lw_session_infer (session, &batch, NULL, NULL, evaluation->logits, NULL, error))
    return NULL;
  take (evaluation, 0, evaluation->logits, 1);
  return finish (g_steal_pointer (&evaluation), false);
}
