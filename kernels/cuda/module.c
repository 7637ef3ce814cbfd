#include "kernels/cuda/module.h"

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/interface.h"
#include "kernels/cuda/nccl.h"

#include <cuda_runtime_api.h>

const LwCudaModule *
lw_cuda_module (void)
{
  static const LwCudaModule module = { .abi = LW_CUDA_MODULE_ABI,
                                       .interface = LW_CUDA_INTERFACE,
                                       .toolkit = CUDART_VERSION,
                                       .backend = &lw_cuda_backend,
                                       .describe_nccl = lw_cuda_nccl_describe };

  return &module;
}
