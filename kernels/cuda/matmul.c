/* Products of matrices by cuBLAS, which stores them by columns: read that way, our C [m][n] is
 * Cᵀ = op (B)ᵀ · op (A)ᵀ, so the operands change places and nothing needs to be transposed.
 *
 * Of float32, exact products are cublasSgemm's in pedantic mode (device.c). With TF32, tensor cores
 * read the factors rounded to 10 bits behind the point; products of bfloat16 are exact. Sums are
 * float32 in all of them, and what is stored in bfloat16 is rounded once (cuBLAS manual,
 * "cublasGemmEx"). */
#include "kernels/cuda/device.h"

static bool
multiply_exactly (LwDevice *device, const LwCudaProduct *p, int lda, int ldb, int ldc,
                  GError **error)
{
  const float one = 1;

  return lw_cuda_check_blas (cublasSgemm (device->blas, p->transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N,
                                          p->transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N, p->n, p->m,
                                          p->k, &one, p->b, ldb, p->a, lda, &p->keep, p->c, ldc),
                             "cublasSgemm", error);
}

bool
lw_cuda_matmul (LwDevice *device, const LwCudaProduct *p, GError **error)
{
  const float one = 1;
  const int lda = (int)(p->lda != 0 ? p->lda : p->transpose_a ? p->m : p->k);
  const int ldb = (int)(p->ldb != 0 ? p->ldb : p->transpose_b ? p->k : p->n);
  const int ldc = (int)(p->ldc != 0 ? p->ldc : p->n);
  const cudaDataType type = device->bf16 ? CUDA_R_16BF : CUDA_R_32F;
  const cublasComputeType_t compute =
      device->precision == LW_PRECISION_TF32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;

  if (device->precision == LW_PRECISION_FP32)
    return multiply_exactly (device, p, lda, ldb, ldc, error);
  return lw_cuda_check_blas (cublasGemmEx (device->blas, p->transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N,
                                           p->transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N, p->n, p->m,
                                           p->k, &one, p->b, type, ldb, p->a, type, lda, &p->keep,
                                           p->c, p->exact ? CUDA_R_32F : type, ldc, compute,
                                           CUBLAS_GEMM_DEFAULT),
                             "cublasGemmEx", error);
}
