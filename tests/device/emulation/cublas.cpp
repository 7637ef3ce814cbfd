/* The calls of cuBLAS that the engine makes, and which types go together. */
#include "tests/device/emulation/products.hpp"
#include "tests/device/emulation/stream.hpp"

struct cublasContext {
  int device;
  cudaStream_t stream;
  cublasMath_t mode;
  void *workspace;
};

namespace lw_emulation {

int
device_of (cublasHandle_t handle)
{
  return handle->device;
}

static cublasStatus_t
give (cublasHandle_t handle, const Product &product)
{
  product_check (product);
  if (handle->device != current_device ())
    refuse ("%s: the handle is of device %d, and device %d is current", product.name,
            handle->device, current_device ());
  if (capturing () && product.workspace == nullptr)
    refuse ("%s while a stream is captured takes memory: give cuBLAS some with cublasSetWorkspace",
            product.name);
  enqueue (handle->stream, product.name, [=] { product_run (product); });
  return CUBLAS_STATUS_SUCCESS;
}

/* Which types go together with sums in float32 (cuBLAS manual, "cublasGemmEx"), and whether float32
 * is rounded to TF32 on tensor cores. */
static bool
check_types (const char *name, const cublasContext *handle, cudaDataType a, cudaDataType b,
             cudaDataType c, cublasComputeType_t compute)
{
  const bool floats = a == CUDA_R_32F && b == CUDA_R_32F && c == CUDA_R_32F;
  const bool bf16 = a == CUDA_R_16BF && b == CUDA_R_16BF && (c == CUDA_R_16BF || c == CUDA_R_32F);
  const bool plain = compute == CUBLAS_COMPUTE_32F || compute == CUBLAS_COMPUTE_32F_PEDANTIC;

  if (!(floats && (plain || compute == CUBLAS_COMPUTE_32F_FAST_TF32)) && !(bf16 && plain))
    refuse ("%s: types %d, %d and %d with compute type %d do not go together or are not emulated",
            name, int (a), int (b), int (c), int (compute));
  return floats && (compute == CUBLAS_COMPUTE_32F_FAST_TF32 ||
                    (compute == CUBLAS_COMPUTE_32F && handle->mode == CUBLAS_TF32_TENSOR_OP_MATH));
}

static Matrix
matrix_of (const void *at, cudaDataType type, cublasOperation_t operation, int rows, int columns,
           int ld)
{
  return {
    static_cast<char *> (const_cast<void *> (at)), type, operation != CUBLAS_OP_N, rows, columns, ld
  };
}

} // namespace lw_emulation

using namespace lw_emulation;

extern "C" {

cublasStatus_t
cublasCreate_v2 (cublasHandle_t *ret_handle)
{
  LW_ALONE;
  LW_CUBLAS_CALL;
  *ret_handle = new cublasContext{ current_device (), nullptr, CUBLAS_DEFAULT_MATH, nullptr };
  count_live (&LwEmulationLive::handles, 1);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasDestroy_v2 (cublasHandle_t handle)
{
  LW_ALONE;
  delete handle;
  count_live (&LwEmulationLive::handles, -1);
  LW_CUBLAS_CALL;
  return CUBLAS_STATUS_SUCCESS;
}

/* The workspace is then cuBLAS's own again (cuBLAS manual, "cublasSetStream"). */
cublasStatus_t
cublasSetStream_v2 (cublasHandle_t handle, cudaStream_t stream)
{
  LW_ALONE;
  LW_CUBLAS_CALL;
  stream_of (stream);
  handle->stream = stream;
  handle->workspace = nullptr;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasSetWorkspace_v2 (cublasHandle_t handle, void *workspace, size_t bytes)
{
  LW_ALONE;
  LW_CUBLAS_CALL;
  memory_check_range (workspace, bytes, "workspace of cuBLAS");
  if (bytes < WORKSPACE_MARK || reinterpret_cast<uintptr_t> (workspace) % 256 != 0)
    refuse ("cublasSetWorkspace: %zu bytes at %p: at least %zu at a multiple of 256 are needed",
            bytes, workspace, size_t (WORKSPACE_MARK));
  handle->workspace = workspace;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasSetMathMode (cublasHandle_t handle, cublasMath_t mode)
{
  LW_ALONE;
  LW_CUBLAS_CALL;
  if (mode != CUBLAS_PEDANTIC_MATH && mode != CUBLAS_DEFAULT_MATH &&
      mode != CUBLAS_TF32_TENSOR_OP_MATH &&
      mode != CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION)
    refuse ("cublasSetMathMode: mode %d is not emulated", int (mode));
  handle->mode = mode;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasGetMathMode (cublasHandle_t handle, cublasMath_t *ret_mode)
{
  LW_ALONE;
  LW_CUBLAS_CALL;
  *ret_mode = handle->mode;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasGetVersion_v2 (cublasHandle_t, int *ret_version)
{
  LW_ALONE;
  LW_CUBLAS_CALL;
  *ret_version = CUBLAS_VERSION;
  return CUBLAS_STATUS_SUCCESS;
}

const char *
cublasGetStatusString (cublasStatus_t status)
{
  LW_ALONE;
  return status == CUBLAS_STATUS_SUCCESS        ? "success"
         : status == CUBLAS_STATUS_ALLOC_FAILED ? "the resource allocation failed"
                                                : "the function failed to launch on the GPU";
}

cublasStatus_t
cublasSgemm_v2 (cublasHandle_t handle, cublasOperation_t transpose_a, cublasOperation_t transpose_b,
                int m, int n, int k, const float *alpha, const float *a, int lda, const float *b,
                int ldb, const float *beta, float *c, int ldc)
{
  LW_ALONE;
  LW_CUBLAS_CALL;
  return give (handle,
               { "cublasSgemm", matrix_of (a, CUDA_R_32F, transpose_a, m, k, lda),
                 matrix_of (b, CUDA_R_32F, transpose_b, k, n, ldb),
                 matrix_of (c, CUDA_R_32F, CUBLAS_OP_N, m, n, ldc), *alpha, *beta,
                 handle->mode == CUBLAS_TF32_TENSOR_OP_MATH, 1, 0, 0, 0, handle->workspace });
}

cublasStatus_t
cublasSgemmStridedBatched (cublasHandle_t handle, cublasOperation_t transpose_a,
                           cublasOperation_t transpose_b, int m, int n, int k, const float *alpha,
                           const float *a, int lda, long long stride_a, const float *b, int ldb,
                           long long stride_b, const float *beta, float *c, int ldc,
                           long long stride_c, int batch)
{
  LW_ALONE;
  LW_CUBLAS_CALL;
  return give (handle,
               { "cublasSgemmStridedBatched", matrix_of (a, CUDA_R_32F, transpose_a, m, k, lda),
                 matrix_of (b, CUDA_R_32F, transpose_b, k, n, ldb),
                 matrix_of (c, CUDA_R_32F, CUBLAS_OP_N, m, n, ldc), *alpha, *beta,
                 handle->mode == CUBLAS_TF32_TENSOR_OP_MATH, batch, stride_a, stride_b, stride_c,
                 handle->workspace });
}

/* The algorithm is a hint, and none since compute capability 8.0. */
cublasStatus_t
cublasGemmStridedBatchedEx (cublasHandle_t handle, cublasOperation_t transpose_a,
                            cublasOperation_t transpose_b, int m, int n, int k, const void *alpha,
                            const void *a, cudaDataType a_type, int lda, long long stride_a,
                            const void *b, cudaDataType b_type, int ldb, long long stride_b,
                            const void *beta, void *c, cudaDataType c_type, int ldc,
                            long long stride_c, int batch, cublasComputeType_t compute,
                            cublasGemmAlgo_t)
{
  LW_ALONE;
  LW_CUBLAS_CALL;

  const char *name = "cublasGemmStridedBatchedEx";
  const bool tf32 = check_types (name, handle, a_type, b_type, c_type, compute);

  return give (handle, { name, matrix_of (a, a_type, transpose_a, m, k, lda),
                         matrix_of (b, b_type, transpose_b, k, n, ldb),
                         matrix_of (c, c_type, CUBLAS_OP_N, m, n, ldc),
                         *static_cast<const float *> (alpha), *static_cast<const float *> (beta),
                         tf32, batch, stride_a, stride_b, stride_c, handle->workspace });
}

cublasStatus_t
cublasGemmEx (cublasHandle_t handle, cublasOperation_t transpose_a, cublasOperation_t transpose_b,
              int m, int n, int k, const void *alpha, const void *a, cudaDataType a_type, int lda,
              const void *b, cudaDataType b_type, int ldb, const void *beta, void *c,
              cudaDataType c_type, int ldc, cublasComputeType_t compute, cublasGemmAlgo_t)
{
  LW_ALONE;
  LW_CUBLAS_CALL;

  const bool tf32 = check_types ("cublasGemmEx", handle, a_type, b_type, c_type, compute);

  return give (handle,
               { "cublasGemmEx", matrix_of (a, a_type, transpose_a, m, k, lda),
                 matrix_of (b, b_type, transpose_b, k, n, ldb),
                 matrix_of (c, c_type, CUBLAS_OP_N, m, n, ldc), *static_cast<const float *> (alpha),
                 *static_cast<const float *> (beta), tf32, 1, 0, 0, 0, handle->workspace });
}

} // extern "C"
