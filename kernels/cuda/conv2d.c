/* Convolutions: the table of their algorithms. Tests put another one in its place. */
#include "kernels/cuda/conv2d.h"

const LwCudaConv *const lw_cuda_convs[] = { &lw_cuda_conv_columns, &lw_cuda_conv_direct,
                                            &lw_cuda_conv_winograd, &lw_cuda_conv_implicit, NULL };
