/* Steps that do the work of others (LwBackend's link): the passes over memory that a pass over the
 * graph saves. The results are the same bits with links and without.
 *
 *  - Global average pooling, a last linear layer of few outputs, softmax and cross-entropy are one
 *    kernel forward (tail.cu).
 * Private to this folder. */
#pragma once

#include "kernels/cuda/tail.h"

G_BEGIN_DECLS

typedef struct {
  LwCudaTail tail; /* whose end this step is a part of; loss NULL: of none */
} LwCudaLink;

static inline const LwCudaLink *
lw_cuda_link_of (const LwStep *step)
{
  return (const LwCudaLink *)step->link;
}

/* The end that this step is a part of; NULL: of none. */
static inline const LwCudaTail *
lw_cuda_link_tail_of (const LwStep *step)
{
  const LwCudaLink *link = lw_cuda_link_of (step);

  return link != NULL && link->tail.loss != NULL ? &link->tail : NULL;
}

/* Rows of the backend's table. */
bool lw_cuda_link (LwDevice *device, LwStep *steps, int32_t n, GError **error);
void lw_cuda_unlink (LwDevice *device, LwStep *steps, int32_t n);

/* link_tail.c: marks the steps of the network's end, once all have links. */
void lw_cuda_link_tail (const LwDevice *device, LwStep *steps, int32_t n);

G_END_DECLS
