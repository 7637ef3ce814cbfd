/* Included before code that is compiled for the emulation: a call of CUDA or cuBLAS whose result
 * nobody looks at is then a warning, and in tests an error. NVIDIA's headers have a macro in each
 * declaration for calling conventions; the attribute takes its place. lw_launch has [[nodiscard]].
 */
#pragma once

#include <vector_types.h>

#undef CUDARTAPI
#define CUDARTAPI    __attribute__ ((warn_unused_result))
#define CUBLASWINAPI __attribute__ ((warn_unused_result))

#include <cublasLt.h>
#include <cublas_v2.h>
#include <cuda_runtime_api.h>
