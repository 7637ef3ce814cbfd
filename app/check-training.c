#include "app/check.h"
#include "engine/models.h"
#include "engine/rng.h"
#include "engine/session.h"

#include <math.h>

enum { STEPS = 3, BATCH = 4, SEED = 5 };

/* Batch normalization of few values makes rounding visible, and so does a ReLU that decides
 * otherwise: small steps, smooth activations. */
const LwCheckNetwork lw_check_networks[] = {
  { "lenet", "lenet", 28, { NULL }, 0.1f },
  { "lenet-bn", "lenet-bn", 28, { NULL }, 0.1f },
  { "alexnet, narrow", "alexnet", 67, { "width", "0.0625", NULL }, 0.01f },
  { "resnet18, narrow", "resnet18", 48, { "width", "0.0625", "activation", "tanh", NULL }, 3e-4f },
};
const int lw_n_check_networks = G_N_ELEMENTS (lw_check_networks);

typedef struct {
  double losses[STEPS];
  GArray *before, *after; /* float, all trained tensors */
} Training;

static void
clear (Training *training)
{
  g_clear_pointer (&training->before, g_array_unref);
  g_clear_pointer (&training->after, g_array_unref);
}

static LwGraph *
build (const LwCheckNetwork *network, GError **error)
{
  const LwModel *model = lw_model_find (network->model, error);
  g_autoptr (LwOptions) options = model != NULL ? lw_options_new (model) : NULL;

  if (options == NULL ||
      !lw_options_set_input (options, (LwShape){ 1, network->side, network->side, false }, error))
    return NULL;
  for (int i = 0; network->options[i] != NULL; i += 2)
    if (!lw_options_set (options, network->options[i], network->options[i + 1], error))
      return NULL;
  return lw_model_build (options, error);
}

/* NULL and a sentence; else all float tensors one after another. */
static GArray *
read_tensors (LwSession *session, GError **error)
{
  const LwGraph *graph = lw_session_graph (session);
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (float));

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    const guint at = values->len;

    if (tensor->dtype != LW_F32)
      continue;
    g_array_set_size (values, at + (guint)tensor->size);
    if (!lw_session_get_tensor (session, i, &g_array_index (values, float, at), error))
      return NULL;
  }
  return g_steal_pointer (&values);
}

static bool
step (LwSession *session, const LwCheckNetwork *network, int number, double *ret_loss,
      GError **error)
{
  const int64_t size = BATCH * (int64_t)network->side * network->side;
  const int32_t n = number == 1 ? BATCH - 1 : BATCH; /* a batch that is not full */
  g_autofree float *images = g_new (float, size);
  const LwStream pixels = lw_stream (SEED, LW_STREAM_DATA, 0, (uint32_t)number);
  int32_t labels[BATCH];
  const LwBatch batch = { images, labels, n };
  const LwStepSettings settings = { .learning_rate = network->learning_rate,
                                    .momentum = 0.5f,
                                    .weight_decay = 1e-4f,
                                    .seed = SEED,
                                    .iteration = number };
  LwBatchResult result;

  for (int64_t i = 0; i < size; i++)
    images[i] = lw_stream_uniform (&pixels, (uint64_t)i);
  for (int32_t i = 0; i < BATCH; i++)
    labels[i] = (number * BATCH + i) % 10;
  if (!lw_session_train (session, &batch, &settings, NULL, NULL, &result, error))
    return false;
  *ret_loss = result.loss_sum / n;
  return true;
}

static bool
train (const LwBackend *backend, int device, LwPrecision precision, const LwCheckNetwork *network,
       Training *training, GError **error)
{
  const LwSessionOptions options = { .batch = BATCH,
                                     .momentum = true,
                                     .device.precision = precision };
  g_autoptr (LwGraph) graph = build (network, error);
  g_autoptr (LwSession) session =
      graph != NULL ? lw_session_new (graph, backend, device, &options, error) : NULL;

  if (session == NULL || !lw_session_initialize (session, SEED, error))
    return false;
  training->before = read_tensors (session, error);
  if (training->before == NULL)
    return false;
  for (int i = 0; i < STEPS; i++)
    if (!step (session, network, i, &training->losses[i], error))
      return false;
  training->after = read_tensors (session, error);
  return training->after != NULL;
}

/* How far what was learned is off, of the length of the reference's update. */
static double
update_error (const Training *ours, const Training *reference)
{
  double off = 0, length = 0;

  for (guint i = 0; i < reference->after->len; i++) {
    const double expected = g_array_index (reference->after, float, i);
    const double change = expected - g_array_index (reference->before, float, i);
    const double difference = g_array_index (ours->after, float, i) - expected;

    off += difference * difference;
    length += change * change;
  }
  return sqrt (off / length);
}

/* Losses of three steps, and of what was learned the length of the difference. float32: rounding
 * grows from step to step; with fewer bits it begins larger. */
static double
tolerance_of (LwPrecision precision, bool losses)
{
  if (precision == LW_PRECISION_FP32)
    return losses ? 1e-4 : 2e-3;
  return precision == LW_PRECISION_TF32 ? (losses ? 2e-3 : 5e-2) : (losses ? 2e-2 : 3e-1);
}

static LwCheckRow
row (const LwCheckOptions *options, const LwCheckNetwork *network, bool losses, double error)
{
  const double tolerance = tolerance_of (options->precision, losses);

  return (LwCheckRow){ .operation = "training",
                       .name = network->name,
                       .direction = losses ? "losses" : "update",
                       .error = error,
                       .tolerance = tolerance,
                       .passed = error <= tolerance }; /* NaN is not */
}

bool
lw_check_training (const LwCheckOptions *options, const LwCheckNetwork *network,
                   LwCheckRow ret_rows[2], GError **error)
{
  Training ours = { 0 }, reference = { 0 };
  const bool done =
      train (options->oracle, 0, LW_PRECISION_FP32, network, &reference, error) &&
      train (options->backend, options->device_index, options->precision, network, &ours, error);
  double worst = 0;

  for (int i = 0; done && i < STEPS; i++) {
    const double off = fabs (ours.losses[i] - reference.losses[i]) / reference.losses[i];

    worst = !(off <= worst) ? off : worst; /* NaN stays */
  }
  if (done) {
    ret_rows[0] = row (options, network, true, worst);
    ret_rows[1] = row (options, network, false, update_error (&ours, &reference));
  }
  clear (&ours);
  clear (&reference);
  return done;
}
