/* The CUDA backend: NVIDIA's graphics cards, one device a card. Own kernels, and cuBLAS for
 * products of matrices.
 *
 * Layouts: values are NHWC, float32 or bfloat16, a pixel's channels together, which is how
 * convolutions read them; weights of convolutions are [out][kh][kw][in] accordingly, all else is in
 * PyTorch's order.
 * Threads: a device is used by one thread at a time, which need not be always the same. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

extern const LwBackend lw_cuda_backend;

G_END_DECLS
