/* What cublas.cpp and cublaslt.cpp (the calls) and products.cpp (the numbers) share. */
#pragma once

#include "tests/device/emulation/internal.hpp"

#include <cublas_v2.h>

namespace lw_emulation {

/* op (X) where X has leading dimension `ld`: [rows][columns] of op (X). */
struct Matrix {
  char *at;
  cudaDataType type;
  bool transposed;
  int rows, columns, ld;
};

/* C ← α op (A) op (B) + β C, `batch` times with strides in numbers. */
struct Product {
  const char *name;
  Matrix a, b, c;
  float alpha, beta;
  bool tf32;
  int batch;
  long long stride_a, stride_b, stride_c;
  void *workspace;
  /* Of one product: + bias [rows], max (0, ·), and beside it Σ over k of B's columns. */
  const float *bias = nullptr;
  bool relu = false;
  float *sums = nullptr;
};

enum : size_t { WORKSPACE_MARK = 256 };

void product_check (const Product &product); /* sizes and addresses; refuses */
void product_run (const Product &product);

int device_of (cublasHandle_t handle);

} // namespace lw_emulation

/* It launches kernels, so the runtime has its errors too. */
#define LW_CUBLAS_CALL                                                                             \
  do {                                                                                             \
    if (lw_emulation::call_fails ()) {                                                             \
      return lw_emulation::remember (lw_emulation::failing_code ()) == cudaErrorMemoryAllocation   \
                 ? CUBLAS_STATUS_ALLOC_FAILED                                                      \
                 : CUBLAS_STATUS_EXECUTION_FAILED;                                                 \
    }                                                                                              \
  } while (0)
