/* Convolutions: which algorithm a step takes, and the rows of the kernel table, which hand each
 * direction to it. */
#include "kernels/common/choice.h"
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
  const LwCudaConv *chosen = lw_conv_chosen (device->choices, step, direction);

  return chosen != NULL ? chosen : lw_cuda_conv_rule (device, step, direction);
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
