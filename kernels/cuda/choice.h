/* Which algorithm computes a convolution on this card (kernels/common/choice.h): what of choosing
 * is CUDA's own. Private to this folder; one thread. */
#pragma once

#include "kernels/common/choice.h"
#include "kernels/cuda/conv2d.h"

G_BEGIN_DECLS

/* As LwBackend's adapt: fills device->choices. */
bool lw_cuda_conv_choose (LwDevice *device, const LwGraph *graph, int32_t batch, bool training,
                          GError **error);

/* choice_timing.c: in about two seconds. False: the device failed. */
bool lw_cuda_conv_time (LwDevice *device, LwConvQuestion *questions, int32_t n, GError **error);

G_END_DECLS
