#include "kernels/cpu/cpu.h"

#include "kernels/cpu/isa.h"

#include <string.h>

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

/* The one that the variable LAYERWISE_CPU names is the best that is wanted. */
static int
best_wanted (void)
{
  static const char *const names[LW_N_CPU_ISAS] = { "baseline", "avx2", "avx512" };
  const char *wanted = g_getenv ("LAYERWISE_CPU");

  for (int isa = 0; wanted != NULL && isa < LW_N_CPU_ISAS; isa++)
    if (strcmp (wanted, names[isa]) == 0)
      return isa;
  return LW_N_CPU_ISAS - 1;
}

const LwBackend *
lw_cpu_backend (void)
{
  int isa = best_wanted ();

  /* The baseline works everywhere. */
  for (; isa > LW_CPU_BASELINE; isa--) {
    const LwBackend *backend = lw_cpu_backend_for ((LwCpuIsa)isa);

    if (backend != NULL && backend->count (NULL) > 0)
      return backend;
  }
  return &lw_cpu_baseline_backend;
}

const LwBackend *
lw_cpu_bf16_backend (void)
{
#ifdef __x86_64__
  return &lw_cpu_avx512bf16_backend;
#else
  return NULL;
#endif
}

const LwBackend *
lw_cpu_variant (const LwBackend *backend, const LwDeviceOptions *options)
{
  const LwBackend *bf16 = lw_cpu_bf16_backend ();

  return options->precision == LW_PRECISION_BF16 && best_wanted () == LW_N_CPU_ISAS - 1 &&
                 bf16 != NULL && bf16->count (NULL) > 0
             ? bf16
             : backend;
}
