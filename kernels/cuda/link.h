/* Steps that do the work of others (LwBackend's link): the passes over memory that a pass over the
 * graph saves. The results are the same bits with links and without.
 *
 *  - max (0, ·) in place behind a batch normalization is done where that writes y, and its gradient
 *    where the batch normalization reads dy: it makes y again from x and so knows where it was
 *    positive.
 *  - A batch normalization in front of a sum of two only measures; the sum normalizes while it
 *    adds, and applies max (0, ·) behind it as well. Backward, the gradient of that is made where
 *    the sum hands its gradient on.
 *  - max (0, ·) in place behind a linear layer, or a convolution whose algorithm can, is done where
 *    the bias is added.
 * Private to this folder. */
#pragma once

#include "kernels/cuda/device.h"

G_BEGIN_DECLS

typedef struct {
  bool forward_done, backward_done; /* another step does it */
  bool relu;                        /* y ← max (0, y) in the end */
  bool relu_gradient;               /* dy counts only where y is positive */
  bool waits;         /* of a batch normalization: forward leaves y to the sum behind it */
  const LwStep *norm; /* of a sum: its first input is what this one leaves */
} LwCudaLink;

static inline const LwCudaLink *
lw_cuda_link_of (const LwStep *step)
{
  return (const LwCudaLink *)step->link;
}

static inline bool
lw_cuda_link_relu (const LwStep *step)
{
  return step->link != NULL && lw_cuda_link_of (step)->relu;
}

static inline bool
lw_cuda_link_relu_gradient (const LwStep *step)
{
  return step->link != NULL && lw_cuda_link_of (step)->relu_gradient;
}

static inline bool
lw_cuda_link_waits (const LwStep *step)
{
  return step->link != NULL && lw_cuda_link_of (step)->waits;
}

/* Whether there is nothing left to do for an activation. */
static inline bool
lw_cuda_link_done (const LwStep *step, bool backward)
{
  const LwCudaLink *link = lw_cuda_link_of (step);

  return link != NULL && (backward ? link->backward_done : link->forward_done);
}

static inline const LwStep *
lw_cuda_link_norm (const LwStep *step)
{
  return step->link != NULL ? lw_cuda_link_of (step)->norm : NULL;
}

/* Rows of the backend's table. */
const char *lw_cuda_linked_algorithm (LwDevice *device, const LwStep *step, LwDirection direction);
bool lw_cuda_link (LwDevice *device, LwStep *steps, int32_t n, GError **error);
void lw_cuda_unlink (LwDevice *device, LwStep *steps, int32_t n);

G_END_DECLS
