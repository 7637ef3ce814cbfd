#include "tests/device/force_conv.h"

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/link.h"

static const LwCudaConv *forced;
static bool with_relu;

static const LwCudaConv *
conv_of (LwDevice *on, const LwStep *step, LwDirection direction)
{
  return forced->fits (on, step, direction) ? forced : lw_cuda_convs[0];
}

static size_t
workspace_bytes (LwDevice *on, const LwStep *step)
{
  size_t most = 0;

  for (int direction = 0; direction < LW_N_DIRECTIONS; direction++) {
    const LwCudaConv *conv = conv_of (on, step, (LwDirection)direction);

    if (conv->workspace_bytes != NULL)
      most = MAX (most, conv->workspace_bytes (on, step, (LwDirection)direction));
  }
  return most;
}

static bool
run (LwDevice *on, const LwStep *step, LwDirection direction, GError **error)
{
  return conv_of (on, step, direction)->run (on, step, direction, error);
}

/* As a step that does an activation's work, if that is wanted. */
static LwStep
linked (const LwStep *step, LwCudaLink *link)
{
  LwStep copy = *step;

  *link = (LwCudaLink){ .relu = with_relu, .clears = with_relu };
  copy.link = link;
  return copy;
}

static bool
forward (LwDevice *on, const LwStep *step, GError **error)
{
  LwCudaLink link;
  const LwStep copy = linked (step, &link);

  return run (on, &copy, LW_FORWARD, error);
}

static bool
backward (LwDevice *on, const LwStep *step, GError **error)
{
  LwCudaLink link;
  const LwStep copy = linked (step, &link);

  return (step->dparam[LW_ROLE_WEIGHT] == NULL || run (on, &copy, LW_BACKWARD_WEIGHTS, error)) &&
         (step->dx[0] == NULL || run (on, &copy, LW_BACKWARD_DATA, error));
}

LwBackend
lw_test_force_conv (const LwCudaConv *conv, bool relu)
{
  LwBackend backend = lw_cuda_backend;
  LwKernel *kernel = &backend.kernels[LW_OP_CONV2D];

  forced = conv;
  with_relu = relu;
  kernel->workspace_bytes = workspace_bytes;
  kernel->forward = forward;
  kernel->backward = backward;
  return backend;
}
