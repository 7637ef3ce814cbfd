/* Shared objects that no program may take for its CUDA module: PLANTED is 0 for one without the
 * symbol, 1 for one of another interface, 2 for one whose struct is another. */
#include "kernels/cuda/module.h"

#if PLANTED > 0
const LwCudaModule *
lw_cuda_module (void)
{
  static const LwCudaModule module = { .abi = PLANTED == 2 ? LW_CUDA_MODULE_ABI + 1
                                                           : LW_CUDA_MODULE_ABI,
                                       .interface = "another",
                                       .toolkit = 13000 };

  return &module;
}
#endif
