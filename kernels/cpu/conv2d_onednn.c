/* oneDNN (onednn_batch.h) as an algorithm of the table. It computes whole batches; incomplete ones
 * are matrix products. */
#include "kernels/cpu/choice.h"
#include "kernels/cpu/onednn_batch.h"

static bool
has_bias (const LwStep *step)
{
  for (int32_t i = 0; i < step->node->n_tensors; i++)
    if (lw_graph_tensor (step->graph, step->node->tensors[i])->role == LW_ROLE_BIAS)
      return true;
  return false;
}

static LwOnednnBatch *
new_convolution (const LwStep *step, LwDirection direction, int threads)
{
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;
  const LwOnednnShape shape = { .n = step->batch,
                                .h = from.h,
                                .w = from.w,
                                .in = from.c,
                                .out_h = to.h,
                                .out_w = to.w,
                                .out = to.c,
                                .kernel = window.kernel,
                                .stride = window.stride,
                                .padding = window.padding,
                                .bias = has_bias (step),
                                .bf16 = sizeof (LwNumber) == 2 };

  return lw_onednn_batch_new (&shape, (LwOnednnDirection)direction, threads);
}

static bool
applies (const LwStep *step, LwDirection direction)
{
  g_autoptr (LwOnednnBatch) convolution = new_convolution (step, direction, 1);

  return convolution != NULL;
}

/* Made when a plan first asks for its workspace, so that steps only find it. */
static size_t
workspace (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  const size_t product = LW_CPU (conv_gemm).workspace (device, step, direction);
  const LwConvKey key = lw_conv_key (step, direction);
  LwOnednnBatch *convolution = g_hash_table_lookup (device->onednn, &key);

  if (convolution == NULL) {
    convolution = new_convolution (step, direction, device->threads);
    if (convolution != NULL)
      g_hash_table_insert (device->onednn, g_memdup2 (&key, sizeof key), convolution);
  }
  return convolution != NULL ? MAX (product, lw_onednn_batch_workspace (convolution)) : product;
}

/* NULL: the batch is incomplete, or the library had no code for it. */
static LwOnednnBatch *
find (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  const LwConvKey key = lw_conv_key (step, direction);

  return step->n == step->batch ? g_hash_table_lookup (device->onednn, &key) : NULL;
}

static void
forward (LwDevice *device, const LwStep *step, LwConvEnd end)
{
  LwOnednnBatch *convolution = find (device, step, LW_FORWARD);

  if (convolution == NULL)
    LW_CPU (conv_gemm).forward (device, step, end);
  else if (!lw_onednn_batch_forward (convolution, device->pool, step->x[0],
                                     step->param[LW_ROLE_WEIGHT], step->param[LW_ROLE_BIAS],
                                     end.relu, step->y, step->workspace))
    device->library_failed = true;
}

static void
backward_data (LwDevice *device, const LwStep *step)
{
  LwOnednnBatch *convolution = find (device, step, LW_BACKWARD_DATA);

  if (convolution == NULL)
    LW_CPU (conv_gemm).backward_data (device, step);
  else if (!lw_onednn_batch_data (convolution, device->pool, step->dy, step->param[LW_ROLE_WEIGHT],
                                  step->dx[0], step->accumulate & 1, step->workspace))
    device->library_failed = true;
}

static void
backward_weights (LwDevice *device, const LwStep *step)
{
  LwOnednnBatch *convolution =
      step->dparam[LW_ROLE_WEIGHT] != NULL ? find (device, step, LW_BACKWARD_WEIGHTS) : NULL;

  if (convolution == NULL)
    LW_CPU (conv_gemm).backward_weights (device, step);
  else if (!lw_onednn_batch_weights (convolution, device->pool, step->x[0], step->dy,
                                     step->dparam[LW_ROLE_WEIGHT], step->dparam[LW_ROLE_BIAS],
                                     step->workspace))
    device->library_failed = true;
}

const LwConvAlgorithm LW_CPU (conv_onednn) = {
  .name = "oneDNN",
  .applies = applies,
  .workspace = workspace,
  .forward = forward,
  .backward_data = backward_data,
  .backward_weights = backward_weights,
};
