#include "engine/bn_study.h"

#include "engine/analysis.h"
#include "engine/data/loader.h"
#include "engine/i18n.h"

#include <math.h>
#include <string.h>

#define MOST_MACS  2e10
#define MOST_BYTES (400 * 1024 * 1024)

/* Normalized values are drawn from −4 to 4 deviations. */
#define DEVIATIONS 4.0

int32_t
lw_bn_study_images (const LwGraph *graph, int32_t batch)
{
  const double macs = (double)lw_graph_cost (graph).macs;
  int32_t n = MAX (1, batch);
  LwMemory memory;

  if (macs > 0)
    n = (int32_t)CLAMP (MOST_MACS / macs, MIN (n, 8), n);
  while (n > 8 && (!lw_graph_memory (graph, n, 0, &memory, NULL) ||
                   memory.inference_activations > MOST_BYTES))
    n /= 2;
  return n;
}

/* --- axes ------------------------------------------------------------------------------------- */

/* The next of 1, 2, 5 · 10ⁿ that is not below `length`. */
static double
round_length (double length)
{
  const double decade = pow (10, floor (log10 (length)));
  const double steps[] = { 1, 2, 5, 10 };

  for (int i = 0; i < 3; i++)
    if (steps[i] * decade >= length * (1 - 1e-9))
      return steps[i] * decade;
  return 10 * decade;
}

/* Around both ways of arriving: five deviations, or as far as there are values, to round ends. */
static void
set_axis (LwBnSpread *spread, const double lowest[], const double highest[])
{
  double low = INFINITY, high = -INFINITY, step;

  for (int way = 0; way < LW_N_BN_STATISTICS; way++) {
    const double reach = 5 * spread->deviation[way];

    low = fmin (low, fmax (lowest[way], spread->mean[way] - reach));
    high = fmax (high, fmin (highest[way], spread->mean[way] + reach));
  }
  if (!isfinite (low) || !isfinite (high) || !(high - low > 1e-12)) {
    spread->min = (isfinite (low) ? low : 0) - 1;
    spread->max = (isfinite (high) ? high : 0) + 1;
    return;
  }
  step = round_length ((high - low) / 8);
  spread->min = floor (low / step) * step;
  spread->max = ceil (high / step) * step;
}

/* --- counting --------------------------------------------------------------------------------- */

/* value = x · factor + shift into the stage's bins. */
static void
count (LwBnSpread *spread, int way, double value)
{
  const double place = (value - spread->min) / (spread->max - spread->min);

  if (!isfinite (value))
    return;
  if (place < 0 || place > 1)
    spread->outside[way]++;
  else
    spread->counts[way][MIN ((int)(place * LW_BN_BINS), LW_BN_BINS - 1)]++;
}

typedef struct {
  LwBnStudy *study;
  float *x[LW_N_BN_STATISTICS]; /* [n][c][h][w] */
  LwBnStatistics way;
} Look;

static bool
keep (const LwBnInput *input, void *data, GError **error)
{
  Look *look = data;
  LwBnStudy *study = look->study;
  const gsize size = (gsize)input->n * (gsize)lw_shape_size (input->shape);

  look->x[look->way] = g_try_malloc_n (size, sizeof (float));
  if (look->x[look->way] == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is not enough memory left to look at what arrives at this layer."));
    return false;
  }
  memcpy (look->x[look->way], input->x, sizeof (float) * size);
  for (int32_t c = 0; c < input->shape.c; c++) {
    LwBnSpread *arrives = &study->channels[c].stages[LW_BN_ARRIVES];

    arrives->mean[look->way] = input->mean[c];
    arrives->deviation[look->way] = sqrt (input->variance[c]);
    if (look->way == LW_BN_BATCH) {
      study->channels[c].mean[LW_BN_BATCH] = input->mean[c];
      study->channels[c].variance[LW_BN_BATCH] = input->variance[c];
    }
  }
  return true;
}

static void
find_extremes (const float *x, const LwBnStudy *study, int32_t c, double *ret_low, double *ret_high)
{
  const int64_t pixels = (int64_t)study->shape.h * study->shape.w,
                size = lw_shape_size (study->shape);

  *ret_low = INFINITY;
  *ret_high = -INFINITY;
  for (int32_t i = 0; i < study->images; i++)
    for (int64_t k = 0; k < pixels; k++) {
      const double value = (double)x[i * size + c * pixels + k];

      *ret_low = fmin (*ret_low, value);
      *ret_high = fmax (*ret_high, value);
    }
}

static void
spread_channel (LwBnStudy *study, const Look *look, int32_t c, double epsilon)
{
  const int64_t pixels = (int64_t)study->shape.h * study->shape.w,
                size = lw_shape_size (study->shape);
  LwBnChannel *channel = &study->channels[c];
  LwBnSpread *arrives = &channel->stages[LW_BN_ARRIVES],
             *normalized = &channel->stages[LW_BN_NORMALIZED],
             *shifted = &channel->stages[LW_BN_SHIFTED];
  double low[LW_N_BN_STATISTICS], high[LW_N_BN_STATISTICS];
  const double reach = fabs (channel->beta) + 3 * fabs (channel->gamma);

  for (int way = 0; way < LW_N_BN_STATISTICS; way++)
    find_extremes (look->x[way], study, c, &low[way], &high[way]);
  set_axis (arrives, low, high);
  normalized->max = DEVIATIONS;
  shifted->max = reach <= DEVIATIONS || !isfinite (reach) ? DEVIATIONS : round_length (reach);
  normalized->min = -normalized->max;
  shifted->min = -shifted->max;
  for (int way = 0; way < LW_N_BN_STATISTICS; way++) {
    const double scale = 1 / sqrt (channel->variance[way] + epsilon);

    for (int32_t i = 0; i < study->images; i++)
      for (int64_t k = 0; k < pixels; k++) {
        const double x = (double)look->x[way][i * size + c * pixels + k];
        const double hat = (x - channel->mean[way]) * scale;

        count (arrives, way, x);
        count (normalized, way, hat);
        count (shifted, way, channel->gamma * hat + channel->beta);
      }
    normalized->mean[way] = (arrives->mean[way] - channel->mean[way]) * scale;
    normalized->deviation[way] = arrives->deviation[way] * scale;
    shifted->mean[way] = channel->gamma * normalized->mean[way] + channel->beta;
    shifted->deviation[way] = fabs (channel->gamma) * normalized->deviation[way];
  }
}

/* --- making ----------------------------------------------------------------------------------- */

static bool
read_parameters (LwBnStudy *study, LwSession *session, const LwBnPass *pass, GError **error)
{
  const LwNode *node = lw_graph_node (lw_session_graph (session), study->layer);
  g_autofree float *gamma = g_new (float, study->shape.c), *beta = g_new (float, study->shape.c);
  const float *mean, *variance;

  if (!lw_session_get_tensor (session, node->tensors[LW_ROLE_WEIGHT], gamma, error) ||
      !lw_session_get_tensor (session, node->tensors[LW_ROLE_BIAS], beta, error))
    return false;
  lw_bn_pass_running (pass, study->layer, &mean, &variance);
  for (int32_t c = 0; c < study->shape.c; c++) {
    study->channels[c].gamma = (double)gamma[c];
    study->channels[c].beta = (double)beta[c];
    study->channels[c].mean[LW_BN_RUNNING] = (double)mean[c];
    study->channels[c].variance[LW_BN_RUNNING] = (double)variance[c];
  }
  return true;
}

static int32_t
training_images (LwDataset *dataset, const LwSettings *settings)
{
  const int32_t all = lw_dataset_size (dataset, LW_SPLIT_TRAIN);

  return settings->limit_train > 0 ? MIN (settings->limit_train, all) : all;
}

/* The batch that the training takes after `step` steps. */
static bool
gather_batch (const LwBnStudy *study, const LwGraph *graph, LwDataset *dataset,
              const LwSettings *settings, float *images, GError **error)
{
  const int32_t n = training_images (dataset, settings);
  const int64_t steps = ((int64_t)n + settings->batch - 1) / MAX (settings->batch, 1);
  g_autofree int32_t *order = g_new (int32_t, MAX (n, 1)),
                     *labels = g_new (int32_t, MAX (study->images, 1));
  int64_t begin;

  if (n < 1 || lw_dataset_channels (dataset) != lw_graph_input_shape (graph).c) {
    g_set_error (
        error, LW_ERROR, LW_ERROR_INVALID,
        _ ("The training images of %s do not fit this network; choose the data set that it "
           "was trained on."),
        lw_dataset_name (dataset));
    return false;
  }
  if (settings->shuffle)
    lw_shuffled_order (settings->seed, study->step / MAX (steps, 1), n, order);
  for (int32_t i = 0; i < n && !settings->shuffle; i++)
    order[i] = i;
  begin = MIN ((study->step % MAX (steps, 1)) * settings->batch, n - study->images);
  lw_bn_gather_training (dataset, settings, study->step / MAX (steps, 1), order + begin,
                         study->images, images, labels);
  return true;
}

static bool
fill (LwBnStudy *study, LwSession *session, Look *look, LwDataset *dataset,
      const LwSettings *settings, const LwBnProgress *progress, GError **error)
{
  const LwGraph *graph = lw_session_graph (session);
  const LwBnLook looks = { study->layer, true, keep, look };
  g_autoptr (LwBnPass) pass = lw_bn_pass_new (session, error);
  g_autofree float *images =
      g_try_malloc_n ((gsize)MAX (study->images, 1),
                      sizeof (float) * (gsize)lw_shape_size (lw_graph_input_shape (graph)));

  if (pass == NULL)
    return false;
  if (images == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is not enough memory left for a batch of %d images."), study->images);
    return false;
  }
  if (!read_parameters (study, session, pass, error) ||
      !gather_batch (study, graph, dataset, settings, images, error))
    return false;
  for (int way = 0; way < LW_N_BN_STATISTICS; way++) {
    look->way = (LwBnStatistics)way;
    if (!lw_bn_progress_tell (progress, way / 3.0, error) ||
        !lw_bn_pass_infer (pass, &(LwBatch){ .images = images, .n = study->images },
                           (LwBnStatistics)way, &looks, NULL, NULL, error))
      return false;
  }
  for (int32_t c = 0; c < study->shape.c; c++) {
    if (c % 16 == 0 && !lw_bn_progress_tell (progress, (2 + (double)c / study->shape.c) / 3, error))
      return false;
    spread_channel (study, look, c, lw_graph_node (graph, study->layer)->epsilon);
  }
  return true;
}

LwBnStudy *
lw_bn_study_new (LwSession *session, LwDataset *dataset, const LwSettings *settings, int64_t step,
                 LwNodeId layer, const LwBnProgress *progress, GError **error)
{
  const LwGraph *graph = lw_session_graph (session);
  g_autoptr (LwBnStudy) study = NULL;
  Look look = { 0 };
  bool done;

  if (layer < 0 || layer >= lw_graph_n_nodes (graph) ||
      lw_graph_node (graph, layer)->op != LW_OP_BATCH_NORM) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("Layer %d is no batch normalization."),
                 layer);
    return NULL;
  }
  study = g_new0 (LwBnStudy, 1);
  study->layer = layer;
  study->shape = lw_graph_node (graph, layer)->shape;
  study->images = MIN (lw_plan_batch (lw_session_plan (session, LW_MODE_INFERENCE)),
                       training_images (dataset, settings));
  study->step = MAX (step, 0);
  study->channels = g_new0 (LwBnChannel, study->shape.c);
  look.study = study;
  done = fill (study, session, &look, dataset, settings, progress, error);
  for (int way = 0; way < LW_N_BN_STATISTICS; way++)
    g_free (look.x[way]);
  return done ? g_steal_pointer (&study) : NULL;
}

void
lw_bn_study_free (LwBnStudy *study)
{
  if (study == NULL)
    return;
  g_free (study->channels);
  g_free (study);
}
