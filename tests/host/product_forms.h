/* The CPU backend's products as they are compiled for each instruction set: gemm.h declares those
 * of its own file alone. */
#pragma once

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/gemm.h"

/* The compiled forms of gemm.h, by instruction set; the last one computes in bfloat16. */
typedef struct {
  bool bf16;
  size_t (*multiply_workspace) (const LwDevice *device, const LwProduct *product);
  void (*multiply) (LwDevice *device, const LwProduct *product);
  size_t (*gradient_workspace) (const LwDevice *device, const LwGradient *gradient);
  void (*gradient) (LwDevice *device, const LwGradient *gradient);
} Products;

#define DECLARE(ISA)                                                                               \
  size_t lw_cpu_##ISA##_multiply_workspace (const LwDevice *device, const LwProduct *product);     \
  void lw_cpu_##ISA##_multiply (LwDevice *device, const LwProduct *product);                       \
  size_t lw_cpu_##ISA##_gradient_workspace (const LwDevice *device, const LwGradient *gradient);   \
  void lw_cpu_##ISA##_gradient (LwDevice *device, const LwGradient *gradient);
#define PRODUCTS(ISA, BF16)                                                                        \
  {                                                                                                \
    BF16, lw_cpu_##ISA##_multiply_workspace, lw_cpu_##ISA##_multiply,                              \
        lw_cpu_##ISA##_gradient_workspace, lw_cpu_##ISA##_gradient                                 \
  }
#ifdef __x86_64__
DECLARE (avx2)
DECLARE (avx512)
DECLARE (avx512bf16)
#endif
static const Products products[LW_N_CPU_ISAS + 1] = {
  [LW_CPU_BASELINE] = PRODUCTS (baseline, false),
#ifdef __x86_64__
  [LW_CPU_AVX2] = PRODUCTS (avx2, false),
  [LW_CPU_AVX512] = PRODUCTS (avx512, false),
  [LW_N_CPU_ISAS] = PRODUCTS (avx512bf16, true),
#endif
};
