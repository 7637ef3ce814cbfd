#include "engine/bn_pass.h"

#include "engine/data/loader.h"
#include "engine/i18n.h"

#include <inttypes.h>
#include <string.h>

typedef struct {
  LwNodeId node, producer;
  LwShape shape;
  int32_t tensors[2];      /* running mean and variance */
  float *running[2];       /* [c] */
  double *mean, *variance; /* [c], of the last batch that was looked at */
  double *sums[2];         /* [c], while they are measured afresh */
} Layer;

struct LwBnPass {
  LwSession *session;
  int32_t n_layers;
  Layer *layers;
  float *x;      /* [batch][largest map that arrives at one] */
  float *values; /* [largest c] */
  bool changed;  /* the session's running values are a batch's */

  /* Of the batch that runs. */
  LwBnStatistics statistics;
  const LwBnLook *look;
  int32_t n;
  bool gathers, ended;
};

LwSession *
lw_bn_session_new (LwGraph *graph, const LwBackend *backend, int device_index, int32_t batch,
                   LwPrecision precision, GError **error)
{
  const LwSessionOptions options = { .inference_batch = batch,
                                     .device = { .precision = precision } };

  return lw_session_new (graph, backend, device_index, &options, error);
}

static void
layer_init (Layer *layer, const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const int32_t c = node->shape.c;

  *layer = (Layer){ .node = id,
                    .producer = node->inputs[0],
                    .shape = node->shape,
                    .tensors = { node->tensors[LW_ROLE_RUNNING_MEAN],
                                 node->tensors[LW_ROLE_RUNNING_VAR] },
                    .mean = g_new0 (double, c),
                    .variance = g_new0 (double, c) };
  for (int i = 0; i < 2; i++) {
    layer->running[i] = g_new0 (float, c);
    layer->sums[i] = g_new0 (double, c);
  }
}

LwBnPass *
lw_bn_pass_new (LwSession *session, GError **error)
{
  const LwGraph *graph = lw_session_graph (session);
  const int64_t batch = lw_plan_batch (lw_session_plan (session, LW_MODE_INFERENCE));
  g_autoptr (LwBnPass) pass = g_new0 (LwBnPass, 1);
  int64_t largest = 0;
  int32_t channels = 0;

  pass->session = session;
  pass->layers = g_new0 (Layer, lw_graph_n_nodes (graph));
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    Layer *layer = &pass->layers[pass->n_layers];

    if (lw_graph_node (graph, id)->op != LW_OP_BATCH_NORM)
      continue;
    layer_init (layer, graph, id);
    pass->n_layers++;
    largest = MAX (largest, lw_shape_size (layer->shape));
    channels = MAX (channels, layer->shape.c);
    for (int i = 0; i < 2; i++)
      if (!lw_session_get_tensor (session, layer->tensors[i], layer->running[i], error))
        return NULL;
  }
  if (pass->n_layers == 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("%s has no batch normalization."),
                 lw_graph_title (graph));
    return NULL;
  }
  pass->values = g_new (float, channels);
  pass->x = g_try_malloc_n ((gsize)(batch * largest), sizeof *pass->x);
  if (pass->x == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is not enough memory left to look at what arrives at a batch "
                    "normalization in batches of %" PRId64 " images."),
                 batch);
    return NULL;
  }
  return g_steal_pointer (&pass);
}

void
lw_bn_pass_free (LwBnPass *pass)
{
  if (pass == NULL)
    return;
  for (int32_t i = 0; i < pass->n_layers; i++) {
    g_free (pass->layers[i].mean);
    g_free (pass->layers[i].variance);
    for (int k = 0; k < 2; k++) {
      g_free (pass->layers[i].running[k]);
      g_free (pass->layers[i].sums[k]);
    }
  }
  g_free (pass->layers);
  g_free (pass->x);
  g_free (pass->values);
  g_free (pass);
}

/* --- one batch -------------------------------------------------------------------------------- */

/* μ = 1/m Σ x and σ² = 1/m Σ (x − μ)² of each channel, m = n·h·w. */
static void
measure (Layer *layer, const float *x, int32_t n)
{
  const int64_t pixels = (int64_t)layer->shape.h * layer->shape.w;
  const int64_t stride = pixels * layer->shape.c;
  const double m = (double)(n * pixels);

  for (int32_t c = 0; c < layer->shape.c; c++) {
    const float *channel = x + c * pixels;
    double sum = 0, squares = 0, mean;

    for (int32_t i = 0; i < n; i++)
      for (int64_t k = 0; k < pixels; k++)
        sum += (double)channel[i * stride + k];
    mean = sum / m;
    for (int32_t i = 0; i < n; i++)
      for (int64_t k = 0; k < pixels; k++) {
        const double distance = (double)channel[i * stride + k] - mean;

        squares += distance * distance;
      }
    layer->mean[c] = mean;
    layer->variance[c] = squares / m;
  }
}

/* The session's layer normalizes with these from now on. */
static bool
set_running (LwBnPass *pass, const Layer *layer, const double *mean, const double *variance,
             GError **error)
{
  const double *from[2] = { mean, variance };

  for (int i = 0; i < 2; i++) {
    for (int32_t c = 0; c < layer->shape.c; c++)
      pass->values[c] = (float)from[i][c];
    if (!lw_session_set_tensor (pass->session, layer->tensors[i], pass->values, error))
      return false;
  }
  return true;
}

/* As PyTorch keeps them: of the variance the unbiased estimate, σ² m / (m − 1). */
static void
add_up (Layer *layer, int32_t n)
{
  const double m = (double)n * layer->shape.h * layer->shape.w;

  for (int32_t c = 0; c < layer->shape.c; c++) {
    layer->sums[0][c] += layer->mean[c];
    layer->sums[1][c] += layer->variance[c] * m / MAX (m - 1, 1);
  }
}

static bool
arrive (LwBnPass *pass, Layer *layer, const LwStep *step, GError **error)
{
  const LwBnLook *look = pass->look;
  const bool looks = look != NULL && (look->node == LW_NO_NODE || look->node == layer->node);

  if (pass->statistics == LW_BN_RUNNING && !looks)
    return true;
  if (!lw_session_download (pass->session, step, pass->n, pass->x, error))
    return false;
  measure (layer, pass->x, pass->n);
  if (pass->gathers)
    add_up (layer, pass->n);
  if (looks) {
    const LwBnInput input = { layer->node, layer->shape, pass->n,
                              pass->x,     layer->mean,  layer->variance };

    if (!look->see (&input, look->data, error))
      return false;
    if (look->last) {
      pass->ended = true;
      g_set_error (error, LW_ERROR, LW_ERROR_CANCELLED, _ ("The pass ends here."));
      return false;
    }
  }
  return pass->statistics == LW_BN_RUNNING ||
         set_running (pass, layer, layer->mean, layer->variance, error);
}

/* After each step: its value may be what a batch normalization reads next. */
static bool
hook (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  LwBnPass *pass = data;

  (void)session;
  (void)backward;
  for (int32_t i = 0; i < pass->n_layers; i++)
    if (pass->layers[i].producer == step->id && !arrive (pass, &pass->layers[i], step, error))
      return false;
  return true;
}

static bool
put_back (LwBnPass *pass, GError **error)
{
  for (int32_t i = 0; pass->changed && i < pass->n_layers; i++)
    for (int k = 0; k < 2; k++)
      if (!lw_session_set_tensor (pass->session, pass->layers[i].tensors[k],
                                  pass->layers[i].running[k], error))
        return false;
  pass->changed = false;
  return true;
}

bool
lw_bn_pass_infer (LwBnPass *pass, const LwBatch *batch, LwBnStatistics statistics,
                  const LwBnLook *look, float *ret_logits, LwBatchResult *ret_result,
                  GError **error)
{
  const bool hooked = statistics == LW_BN_BATCH || look != NULL;
  GError *failure = NULL;
  bool done;

  if (statistics == LW_BN_RUNNING && !put_back (pass, error))
    return false;
  pass->statistics = statistics;
  pass->look = look;
  pass->n = batch->n;
  pass->ended = false;
  if (statistics == LW_BN_BATCH)
    pass->changed = true;
  done = lw_session_infer (pass->session, batch, hooked ? hook : NULL, pass, ret_logits, ret_result,
                           &failure);
  pass->look = NULL;
  if (done || !pass->ended) {
    if (!done)
      g_propagate_error (error, failure);
    return done;
  }
  g_error_free (failure);
  return true;
}

/* --- many ------------------------------------------------------------------------------------- */

void
lw_bn_gather (LwDataset *dataset, LwSplit split, LwShape input, const int32_t *order, int32_t n,
              float *ret_images, int32_t *ret_labels)
{
  const int64_t size = lw_shape_size (input);

  for (int32_t i = 0; i < n; i++) {
    const int32_t index = order != NULL ? order[i] : i;

    lw_resize (lw_dataset_image (dataset, split, index), input.c, lw_dataset_height (dataset),
               lw_dataset_width (dataset), ret_images + i * size, input.h, input.w);
    ret_labels[i] = lw_dataset_label (dataset, split, index);
  }
}

void
lw_bn_gather_training (LwDataset *dataset, const LwSettings *settings, int64_t epoch,
                       const int32_t *order, int32_t n, float *ret_images, int32_t *ret_labels)
{
  const LwShape input = lw_options_input (settings->options);
  const int64_t size = lw_shape_size (input);

  if (lw_augmentation_is_none (&settings->augmentation)) {
    lw_bn_gather (dataset, LW_SPLIT_TRAIN, input, order, n, ret_images, ret_labels);
    return;
  }
  for (int32_t i = 0; i < n; i++) {
    ret_labels[i] = lw_dataset_label (dataset, LW_SPLIT_TRAIN, order[i]);
    lw_augment_image (&settings->augmentation, settings->seed, epoch, order[i],
                      lw_dataset_image (dataset, LW_SPLIT_TRAIN, order[i]), input.c,
                      lw_dataset_height (dataset), lw_dataset_width (dataset),
                      ret_images + i * size, input.h, input.w);
  }
}

bool
lw_bn_progress_tell (const LwBnProgress *progress, double share, GError **error)
{
  if (progress == NULL || progress->tell (share, progress->data))
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_CANCELLED, _ ("It was cancelled."));
  return false;
}

static bool
check_images (const LwGraph *graph, LwDataset *dataset, GError **error)
{
  if (lw_dataset_channels (dataset) == lw_graph_input_shape (graph).c &&
      lw_dataset_classes (dataset) <= lw_graph_classes (graph))
    return true;
  g_set_error (
      error, LW_ERROR, LW_ERROR_INVALID,
      _ ("The images of %s do not fit this network; choose the data set that it was trained "
         "on."),
      lw_dataset_name (dataset));
  return false;
}

/* Memory for a batch of images. */
static float *
batch_memory (const LwGraph *graph, int32_t batch, GError **error)
{
  float *images = g_try_malloc_n (
      (gsize)batch, sizeof *images * (gsize)lw_shape_size (lw_graph_input_shape (graph)));

  if (images == NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is not enough memory left for a batch of %d images."), batch);
  return images;
}

bool
lw_bn_pass_predict (LwBnPass *pass, LwDataset *dataset, LwSplit split, int32_t n, uint64_t seed,
                    LwBnStatistics statistics, const LwBnProgress *progress, float *ret_logits,
                    GError **error)
{
  const LwGraph *graph = lw_session_graph (pass->session);
  const LwShape input = lw_graph_input_shape (graph);
  const gsize classes = (gsize)lw_graph_classes (graph);
  const int32_t batch = MIN (lw_plan_batch (lw_session_plan (pass->session, LW_MODE_INFERENCE)), n);
  g_autofree int32_t *order = g_new (int32_t, MAX (n, 1)), *labels = g_new (int32_t, MAX (n, 1));
  g_autofree float *logits = g_new (float, classes *(gsize)MAX (batch, 1));
  g_autofree float *images = NULL;

  if (!check_images (graph, dataset, error))
    return false;
  images = batch_memory (graph, MAX (batch, 1), error);
  if (images == NULL)
    return false;
  lw_shuffled_order (seed, 0, n, order);
  for (int32_t done = 0; done < n; done += batch) {
    const int32_t begin = MIN (done, n - batch);

    if (!lw_bn_progress_tell (progress, (double)done / n, error))
      return false;
    lw_bn_gather (dataset, split, input, order + begin, batch, images, labels);
    if (!lw_bn_pass_infer (pass, &(LwBatch){ .images = images, .n = batch }, statistics, NULL,
                           logits, NULL, error))
      return false;
    for (int32_t i = done - begin; i < batch; i++)
      memcpy (ret_logits + classes * (gsize)order[begin + i], logits + classes * (gsize)i,
              sizeof *logits * classes);
  }
  return lw_bn_progress_tell (progress, 1, error);
}

int32_t
lw_bn_pass_refresh (LwBnPass *pass, LwDataset *dataset, const LwSettings *settings, int32_t batches,
                    const LwBnProgress *progress, GError **error)
{
  const LwGraph *graph = lw_session_graph (pass->session);
  const int32_t all = lw_dataset_size (dataset, LW_SPLIT_TRAIN);
  const int32_t n = settings->limit_train > 0 ? MIN (settings->limit_train, all) : all;
  const int32_t batch = MIN (lw_plan_batch (lw_session_plan (pass->session, LW_MODE_INFERENCE)), n);
  const int32_t count = batch > 0 ? MIN (batches, n / batch) : 0;
  g_autofree int32_t *order = g_new (int32_t, MAX (n, 1)),
                     *labels = g_new (int32_t, MAX (batch, 1));
  g_autofree float *images = NULL;

  if (!check_images (graph, dataset, error))
    return 0;
  if (count < 1) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%s has no training images to measure running statistics on."),
                 lw_dataset_name (dataset));
    return 0;
  }
  images = batch_memory (graph, batch, error);
  if (images == NULL)
    return 0;
  lw_shuffled_order (settings->seed, 0, n, order);
  for (int32_t i = 0; i < pass->n_layers; i++)
    for (int k = 0; k < 2; k++)
      memset (pass->layers[i].sums[k], 0, sizeof (double) * (gsize)pass->layers[i].shape.c);
  for (int32_t done = 0; done < count; done++) {
    bool ran;

    if (!lw_bn_progress_tell (progress, (double)done / count, error))
      return 0;
    lw_bn_gather_training (dataset, settings, 0, order + done * batch, batch, images, labels);
    pass->gathers = true;
    ran = lw_bn_pass_infer (pass, &(LwBatch){ .images = images, .n = batch }, LW_BN_BATCH, NULL,
                            NULL, NULL, error);
    pass->gathers = false;
    if (!ran)
      return 0;
  }
  for (int32_t i = 0; i < pass->n_layers; i++)
    for (int k = 0; k < 2; k++)
      for (int32_t c = 0; c < pass->layers[i].shape.c; c++)
        pass->layers[i].running[k][c] = (float)(pass->layers[i].sums[k][c] / count);
  return put_back (pass, error) ? count : 0;
}

bool
lw_bn_pass_running (const LwBnPass *pass, LwNodeId node, const float **ret_mean,
                    const float **ret_variance)
{
  for (int32_t i = 0; i < pass->n_layers; i++)
    if (pass->layers[i].node == node) {
      *ret_mean = pass->layers[i].running[0];
      *ret_variance = pass->layers[i].running[1];
      return true;
    }
  return false;
}
