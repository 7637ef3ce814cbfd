/* A stage of LeNet in two kernels, forward and backward: 5 × 5 convolution of few channels,
 * activation, 2 × 2 pooling (stage.cu); link_stage.c says of which steps. Private to this folder.
 */
#pragma once

#include "kernels/cuda/device.h"

G_BEGIN_DECLS

/* The same ones in the links of all three. */
typedef struct {
  const LwStep *conv, *activation, *pool; /* conv NULL: no stage */
  bool forward;                           /* all is done at the convolution */
  bool backward; /* at the pooling, down to the gradient of what the convolution wrote */
} LwCudaConvStage;

bool lw_cuda_conv_stage_forward (LwDevice *device, const LwCudaConvStage *stage, GError **error);
bool lw_cuda_conv_stage_gradient (LwDevice *device, const LwCudaConvStage *stage, GError **error);

G_END_DECLS
