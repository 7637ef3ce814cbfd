/* Products of matrices by cuBLAS, which stores them by columns: read that way, our C [m][n] is
 * Cᵀ = op (B)ᵀ · op (A)ᵀ, so the operands change places and nothing needs to be transposed. */
#include "kernels/cuda/device.h"

bool
lw_cuda_matmul (LwDevice *device, const LwCudaProduct *product, GError **error)
{
  const LwCudaProduct p = *product;
  const float one = 1;

  return lw_cuda_check_blas (cublasSgemm (device->blas, p.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N,
                                          p.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N, p.n, p.m, p.k,
                                          &one, p.b, p.transpose_b ? p.k : p.n, p.a,
                                          p.transpose_a ? p.m : p.k, &p.keep, p.c, p.n),
                             "cublasSgemm", error);
}
