/* The end of a classifier in few kernels: global average pooling, linear layer, softmax and
 * cross-entropy. few.cu has the linear layer by itself, tail.cu all of them together, link_tail.c
 * says of which steps. Private to this folder. */
#pragma once

#include "kernels/cuda/device.h"

G_BEGIN_DECLS

/* few.cu: linear layers whose sums are made here and not by cuBLAS, whether linked or not. */
bool lw_cuda_few_fits (const LwStep *step);
bool lw_cuda_few_forward (LwDevice *device, const LwStep *step, GError **error);
bool lw_cuda_few_data_gradient (LwDevice *device, const LwStep *step, GError **error);
/* Of the bias as well, of `dy`. */
bool
lw_cuda_few_weight_gradient (LwDevice *device, const LwStep *step, const void *dy, GError **error);

/* The steps of a network's end, the same ones in the links of all of them; pool or linear may be
 * NULL, not both. Forward all is done at the loss, which also writes the gradient of its input. */
typedef struct {
  const LwStep *pool, *linear, *loss; /* loss NULL: no such end */
  /* Where there are both: memory of its own for the gradient of the linear layer's output, from the
   * loss to the pooling. There the gradient of its input is made of it; that of the layer's input
   * is never written. */
  void *gradient;
} LwCudaTail;

/* cross_entropy.cu: the loss of what the workspace holds for each example. */
bool lw_cuda_add_losses (LwDevice *device, const LwStep *loss, GError **error);

/* tail.cu */
bool lw_cuda_tail_forward (LwDevice *device, const LwCudaTail *tail, GError **error);
bool lw_cuda_tail_data_gradient (LwDevice *device, const LwCudaTail *tail, GError **error);

G_END_DECLS
