/* Shared objects in the place of the CUDA module. PLANTED is 0 for one without the symbol, 1 for
 * one of another interface, 2 for one whose struct is another, which no program may take; 3 for one
 * that fits, and whose ReLU computes something else. */
#include "kernels/cuda/interface.h"
#include "kernels/cuda/module.h"
#include "kernels/reference/reference.h"

#if PLANTED == 3
static LwBackend backend;

static bool
wrong_relu (LwDevice *device, const LwStep *step, GError **error)
{
  const bool done = lw_reference_backend.kernels[LW_OP_RELU].forward (device, step, error);

  ((float *)step->y)[0] += 0.01f;
  return done;
}

__attribute__ ((constructor)) static void
plant (void)
{
  backend = lw_reference_backend;
  backend.name = "cuda";
  backend.kernels[LW_OP_RELU].forward = wrong_relu;
}
#endif

#if PLANTED > 0
const LwCudaModule *
lw_cuda_module (void)
{
  static const LwCudaModule module = {
    .abi = PLANTED == 2 ? LW_CUDA_MODULE_ABI + 1 : LW_CUDA_MODULE_ABI,
    .interface = PLANTED == 3 ? LW_CUDA_INTERFACE : "another",
    .toolkit = 13000,
#if PLANTED == 3
    .backend = &backend,
#endif
  };

  return &module;
}
#endif
