/* Convolutions: which algorithm a step takes, and the rows of the kernel table, which hand each
 * direction to it. */
#include "kernels/cuda/conv2d.h"

const LwCudaConv *
lw_cuda_conv_rule (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  for (const LwCudaConv *const *conv = lw_cuda_convs; *conv != NULL; conv++)
    if ((*conv)->preferred != NULL && (*conv)->preferred (device, step, direction) &&
        (*conv)->fits (device, step, direction))
      return *conv;
  return lw_cuda_convs[0];
}

const LwCudaConv *
lw_cuda_conv_of (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  LwConvKey key = lw_conv_key (step, direction);
  const LwCudaConv *chosen;

  key.before = lw_cuda_conv_counts (device, step, direction);
  chosen = g_hash_table_lookup (device->choices, &key);
  return chosen != NULL ? chosen : lw_cuda_conv_rule (device, step, direction);
}

LwConvBefore
lw_cuda_conv_before (const LwStep *step)
{
  int32_t n;
  const LwNodeId *readers = lw_graph_readers (step->graph, step->id, &n);
  const LwNode *reader = n == 1 && step->id != lw_graph_output (step->graph)
                             ? lw_graph_node (step->graph, readers[0])
                             : NULL;

  if (reader == NULL || readers[0] != step->id + 1)
    return LW_CONV_BEFORE_NOTHING;
  if (reader->op == LW_OP_BATCH_NORM)
    return LW_CONV_BEFORE_NORM;
  return reader->op == LW_OP_ADD && reader->n_inputs == 2 && reader->inputs[0] != reader->inputs[1]
             ? LW_CONV_BEFORE_SUM
             : LW_CONV_BEFORE_NOTHING;
}

LwConvBefore
lw_cuda_conv_counts (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  const LwConvBefore before =
      direction == LW_FORWARD ? lw_cuda_conv_before (step) : LW_CONV_BEFORE_NOTHING;

  return before == LW_CONV_BEFORE_NORM && !device->trains ? LW_CONV_BEFORE_NOTHING : before;
}

int32_t
lw_cuda_conv_tile_before (LwDevice *device, const LwStep *norm)
{
  const LwStep *conv = norm->steps != NULL ? &norm->steps[norm->node->inputs[0]] : NULL;
  const LwCudaConv *algorithm;

  if (conv == NULL || conv->op != LW_OP_CONV2D || !conv->training ||
      lw_cuda_conv_before (conv) != LW_CONV_BEFORE_NORM)
    return 0;
  algorithm = lw_cuda_conv_of (device, conv, LW_FORWARD);
  return algorithm->tile != NULL ? algorithm->tile (device, conv) : 0;
}

size_t
lw_cuda_conv2d_workspace_bytes (LwDevice *device, const LwStep *step)
{
  size_t most = 0;

  for (int direction = 0; direction < (step->training ? LW_N_DIRECTIONS : 1); direction++) {
    const LwCudaConv *conv = lw_cuda_conv_of (device, step, direction);

    if (conv->workspace_bytes != NULL)
      most = MAX (most, conv->workspace_bytes (device, step, direction));
  }
  return most;
}

bool
lw_cuda_conv2d_forward (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_cuda_conv_of (device, step, LW_FORWARD)->run (device, step, LW_FORWARD, error);
}

bool
lw_cuda_conv2d_backward (LwDevice *device, const LwStep *step, GError **error)
{
  if (step->dparam[LW_ROLE_WEIGHT] != NULL && !lw_cuda_conv_of (device, step, LW_BACKWARD_WEIGHTS)
                                                   ->run (device, step, LW_BACKWARD_WEIGHTS, error))
    return false;
  return step->dx[0] == NULL || lw_cuda_conv_of (device, step, LW_BACKWARD_DATA)
                                    ->run (device, step, LW_BACKWARD_DATA, error);
}

const char *
lw_cuda_conv2d_algorithm (LwDevice *device, const LwStep *step, LwDirection direction)
{
  return lw_cuda_conv_of (device, step, direction)->name;
}
