#include "kernels/cpu/cpu.h"

#include "kernels/cpu/isa.h"

const LwBackend *
lw_cpu_backend_for (LwCpuIsa isa)
{
  switch (isa) {
#ifdef __x86_64__
  case LW_CPU_AVX512:
    return &lw_cpu_avx512_backend;
  case LW_CPU_AVX2:
    return &lw_cpu_avx2_backend;
#endif
  case LW_CPU_BASELINE:
    return &lw_cpu_baseline_backend;
  default:
    return NULL;
  }
}

const LwBackend *
lw_cpu_backend (void)
{
  int isa = LW_N_CPU_ISAS - 1;

  /* The baseline works everywhere. */
  for (; isa > LW_CPU_BASELINE; isa--) {
    const LwBackend *backend = lw_cpu_backend_for ((LwCpuIsa)isa);

    if (backend != NULL && backend->count (NULL) > 0)
      return backend;
  }
  return &lw_cpu_baseline_backend;
}
