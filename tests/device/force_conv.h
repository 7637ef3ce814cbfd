/* The CUDA backend with the algorithm of its convolutions given, whichever one a session would
 * take: for tests of each of them. One thread; one algorithm at a time. */
#pragma once

#include "kernels/cuda/conv2d.h"

G_BEGIN_DECLS

/* `conv` takes every direction that fits it, the first of lw_cuda_convs the others, until the next
 * call. With `relu`, forward ends with max (0, ·) and dx is cleared where x is not positive, as if
 * linked to activations. */
LwBackend lw_test_force_conv (const LwCudaConv *conv, bool relu);

G_END_DECLS
