/* The reference backend: plain, readable, multi-threaded C, no library. The oracle that the faster
 * backends are tested against, and the textbook. One device: the processor.
 *
 * Layouts: values are contiguous NCHW float32, tensors contiguous in PyTorch's order.
 * Threads: a device owns a pool; its results are bit-identical for every number of threads. */
#pragma once

#include "engine/backend.h"
#include "kernels/common/threads.h"

G_BEGIN_DECLS

extern const LwBackend lw_reference_backend;

/* A convolution as its definition, sum by sum in double precision: what conv2d.c is tested against.
 * x [n][from.c][from.h][from.w], w [to.c][from.c][kernel][kernel], bias [to.c], y and dy
 * [n][to.c][to.h][to.w]. All is written, nothing added. Any of the results may be NULL; dy is not
 * read when dx, dw and dbias are NULL. */
typedef struct {
  int32_t n;
  LwShape from, to;
  LwWindow window;
  const float *x, *w, *bias, *dy;
  float *y, *dx, *dw, *dbias;
} LwConv2dDefinition;

void lw_conv2d_definition (const LwConv2dDefinition *c);

G_END_DECLS
