/* LeNet's stages: which steps stage.cu computes together. */
#include "kernels/cuda/conv2d.h"
#include "kernels/cuda/link.h"
#include "kernels/cuda/link_overlap.h"

static LwCudaStretch
output_of (const LwDevice *device, const LwStep *step)
{
  return lw_cuda_stretch (device, step, step->y, step->y_shape, step->y_pixel);
}

/* No block writes what others still read: x. */
static bool
can_go_forward (const LwDevice *device, const LwCudaConvStage *stage)
{
  const LwStep *conv = stage->conv, *pool = stage->pool;
  const LwCudaStretch x =
      lw_cuda_stretch (device, conv, conv->x[0], conv->x_shape[0], conv->x_pixel[0]);
  const LwCudaStretch winners = { pool->state, pool->batch * lw_shape_size (pool->y_shape) };

  return !lw_cuda_overlap (x, output_of (device, pool)) && !lw_cuda_overlap (x, winners) &&
         (!conv->training || !lw_cuda_overlap (x, output_of (device, stage->activation)));
}

/* The pooling's gradient has no other reader, and what is written is not read by other threads. */
static bool
can_go_backward (const LwDevice *device, const LwCudaConvStage *stage)
{
  const LwStep *activation = stage->activation, *pool = stage->pool;
  const LwShape map = activation->y_shape;
  const LwCudaStretch written =
      lw_cuda_stretch (device, activation, activation->dx[0], map, activation->dx_pixel[0]);
  const LwCudaStretch dy = lw_cuda_stretch (device, pool, pool->dy, pool->y_shape, pool->dy_pixel);
  const LwCudaStretch winners = { pool->state, pool->batch * lw_shape_size (pool->y_shape) };

  return activation->training && pool->dy != NULL && activation->dx[0] != NULL &&
         pool->dx[0] == activation->dy && !(pool->accumulate & 1) &&
         !(activation->accumulate & 1) && !lw_cuda_overlap (written, dy) &&
         !lw_cuda_overlap (written, output_of (device, activation)) &&
         !lw_cuda_overlap (written, winners);
}

static bool
is_activation (LwOp op)
{
  return op == LW_OP_RELU || op == LW_OP_SIGMOID || op == LW_OP_TANH;
}

static bool
halves (const LwStep *step)
{
  const LwWindow window = step->node->window;

  return (step->op == LW_OP_MAX_POOL || step->op == LW_OP_AVG_POOL) && window.kernel == 2 &&
         window.stride == 2 && window.padding == 0 && !step->node->ceil_mode;
}

void
lw_cuda_link_stage (const LwDevice *device, LwStep *steps, LwStep *conv)
{
  const LwWindow window = conv->node->window;
  LwCudaConvStage stage = { .conv = conv };

  if (window.kernel != 5 || window.stride != 1 ||
      lw_cuda_conv_of (device, conv, LW_FORWARD) != &lw_cuda_conv_direct)
    return;
  stage.activation = lw_cuda_only_reader (steps, conv->id);
  if (stage.activation == NULL || !is_activation (stage.activation->op))
    return;
  stage.pool = lw_cuda_only_reader (steps, stage.activation->id);
  if (stage.pool == NULL || !halves (stage.pool))
    return;
  stage.forward = can_go_forward (device, &stage);
  stage.backward = can_go_backward (device, &stage);
  for (int i = 0; i < 3; i++) {
    const LwStep *step = i == 0 ? conv : i == 1 ? stage.activation : stage.pool;
    LwCudaLink *link = step->link;

    link->stage = stage;
    link->forward_done |= stage.forward && step != conv;
    link->backward_done |= stage.backward && step == stage.activation;
  }
}
