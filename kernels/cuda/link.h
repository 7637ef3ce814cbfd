/* Steps that do the work of others (LwBackend's link): the passes over memory that a pass over the
 * graph saves. The results are the same bits with links and without.
 *
 *  - max (0, ·) in place behind a batch normalization is done where that writes y, and its gradient
 *    where the batch normalization reads dy: it makes y again from x and so knows where it was
 *    positive.
 *  - A batch normalization in front of a sum of two only measures; the sum normalizes while it
 *    adds, and applies max (0, ·) behind it as well. Backward, the gradient of that is made where
 *    the sum hands its gradient on.
 *  - A sum of two behind a convolution whose algorithm can, and what the sum does besides, is done
 *    where the convolution writes y: the other input is added there, and the sum's own y is written
 *    (link_residual.c). Backward nothing changes, as nobody asks for the convolution's y.
 *  - Elsewhere the gradient of max (0, ·) is made where the gradient that arrives there is written
 *    last, by a pooling or a convolution, which clears it where its own input is not positive; of
 *    activations that a concat joins, all at once.
 *  - max (0, ·) in place behind a linear layer, or a convolution whose algorithm can, is done where
 *    the bias is added.
 *  - In LeNet a convolution of few channels, its activation and its pooling are one kernel, and so
 *    are the gradients of the last two (stage.cu).
 *  - Global average pooling, a last linear layer of few outputs, softmax and cross-entropy are one
 *    kernel in training (tail.cu).
 * Private to this folder. */
#pragma once

#include "kernels/cuda/stage.h"
#include "kernels/cuda/tail.h"

G_BEGIN_DECLS

typedef struct {
  bool forward_done, backward_done; /* another step does it */
  bool relu;                        /* y ← max (0, y) in the end */
  bool relu_gradient;               /* dy counts only where y is positive */
  bool waits;            /* of a batch normalization: forward leaves y to the sum behind it */
  bool clears;           /* backward ends with dx[0] ← 0 where x[0], nowhere negative, is 0 */
  const LwStep *norm;    /* of a sum: its first input is what this one leaves */
  const LwStep *sum;     /* of a convolution: it computes that as well */
  LwCudaConvStage stage; /* that this step is a part of; its conv NULL: of none */
  LwCudaTail tail;       /* whose end this step is a part of; its loss NULL: of none */
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

/* x[0] where dx[0] is to be cleared where that is not positive; else NULL. */
static inline const void *
lw_cuda_link_mask (const LwStep *step)
{
  return step->link != NULL && lw_cuda_link_of (step)->clears ? step->x[0] : NULL;
}

static inline const LwStep *
lw_cuda_link_norm (const LwStep *step)
{
  return step->link != NULL ? lw_cuda_link_of (step)->norm : NULL;
}

/* The sum whose y this convolution writes in place of its own; NULL: none. */
static inline const LwStep *
lw_cuda_link_sum (const LwStep *step)
{
  return step->link != NULL ? lw_cuda_link_of (step)->sum : NULL;
}

/* The stage that this step is a part of, computed together in that direction; NULL: of none. */
static inline const LwCudaConvStage *
lw_cuda_link_stage_of (const LwStep *step, bool backward)
{
  const LwCudaConvStage *stage = step->link != NULL ? &lw_cuda_link_of (step)->stage : NULL;

  return stage != NULL && (backward ? stage->backward : stage->forward) ? stage : NULL;
}

/* The only reader of step `id`; NULL: there are none or several. */
LwStep *lw_cuda_only_reader (LwStep *steps, LwNodeId id);
/* link_stage.c: marks the steps of the stage that this convolution begins, if it does. */
void lw_cuda_link_stage (const LwDevice *device, LwStep *steps, LwStep *conv);

/* link_residual.c: a convolution that computes the sum behind it, once what else belongs to that is
 * known. */
void lw_cuda_link_residual (const LwDevice *device, LwStep *steps, LwStep *conv);

/* The end that this step is a part of; NULL: of none. */
static inline const LwCudaTail *
lw_cuda_link_tail_of (const LwStep *step)
{
  return step->link != NULL && lw_cuda_link_of (step)->tail.loss != NULL
             ? &lw_cuda_link_of (step)->tail
             : NULL;
}

/* link_tail.c: marks the steps of the network's end, once all have links; frees what it made. */
bool lw_cuda_link_tail (LwDevice *device, LwStep *steps, int32_t n, GError **error);
void lw_cuda_unlink_tail (LwDevice *device, const LwStep *loss);

/* Rows of the backend's table. */
const char *lw_cuda_linked_algorithm (LwDevice *device, const LwStep *step, LwDirection direction);
bool lw_cuda_link (LwDevice *device, LwStep *steps, int32_t n, GError **error);
void lw_cuda_unlink (LwDevice *device, LwStep *steps, int32_t n);

G_END_DECLS
