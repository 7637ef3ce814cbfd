/* Products of cuBLAS in all the ways that the engine asks for, and with one mistake each. */
#include "tests/device/planted.cuh"

#include <cmath>
#include <cublasLt.h>
#include <cublas_v2.h>
#include <cuda_bf16.h>
#include <vector>

namespace {

enum { M = 5, N = 7, K = 12, BATCH = 3, WORKSPACE = 4096 };

enum Mistake {
  NONE,
  LEADING_DIMENSION,
  TOO_SHORT,
  OVERLAPPING,
  TYPES,
  MISALIGNED,
  HOST_MATRIX,
  ONE_WORKSPACE,
  NO_EVENT,
  LEAKED_HANDLE,
  LAYOUT,
  NO_WORKSPACE,
  OTHER_SHAPE,
  OTHER_TYPE,
  SHORT_BIAS,
  IN_PLACE,
};

void
check (cublasStatus_t status)
{
  if (status != CUBLAS_STATUS_SUCCESS) {
    fprintf (stderr, "%s\n", cublasGetStatusString (status));
    exit (1);
  }
}

float
float_of (float x)
{
  return x;
}

float
float_of (__nv_bfloat16 x)
{
  return __bfloat162float (x);
}

/* To TF32, by the definition: 11 bits in all, ties away from zero. */
float
tf32 (float x)
{
  int exponent;
  const double mantissa = std::frexp (x, &exponent);

  return float (std::ldexp (std::round (std::ldexp (mantissa, 11)), exponent - 11));
}

/* BATCH matrices of numbers that neither TF32 nor bf16 has. */
template <class T> struct Matrices {
  std::vector<T> host;
  T *memory;
  int rows, columns;

  Matrices (cudaStream_t stream, int n_rows, int n_columns, int seed)
      : rows (n_rows), columns (n_columns)
  {
    for (int i = 0; i < BATCH * rows * columns; i++)
      host.push_back (T (float ((i * 37 + seed) % 101 - 50) / 7));
    ::check (cudaMalloc (reinterpret_cast<void **> (&memory), host.size () * sizeof (T)));
    ::check (cudaMemcpyAsync (memory, host.data (), host.size () * sizeof (T),
                              cudaMemcpyHostToDevice, stream));
  }
  ~Matrices ()
  {
    ::check (cudaFree (memory));
  }
  /* Stored by columns. */
  float at (int matrix, int row, int column, bool transposed) const
  {
    const int i = transposed ? column + row * rows : row + column * rows;

    return float_of (host[size_t (matrix * rows * columns + i)]);
  }
};

template <class T> constexpr cudaDataType type_of = CUDA_R_32F;
template <> constexpr cudaDataType type_of<__nv_bfloat16> = CUDA_R_16BF;

/* C ← 2 op (A) op (B) − C, a batch or one. */
template <class In, class Out, bool fast, bool transpose_a, bool transpose_b, Mistake mistake>
bool
run_product ()
{
  Bench bench;
  cublasHandle_t handle;
  const float alpha = 2, beta = -1;
  const cublasOperation_t op_a = transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N;
  const cublasOperation_t op_b = transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N;
  const int ld_a = transpose_a ? K : M, ld_b = transpose_b ? N : K;
  const cublasComputeType_t compute = fast ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
  const int shift = mistake == MISALIGNED ? 1 : 0;
  bool right = true;

  check (cublasCreate (&handle));
  check (cublasSetStream (handle, bench.stream));
  {
    Matrices<In> a (bench.stream, transpose_a ? K : M, transpose_a ? M : K, 1);
    Matrices<In> b (bench.stream, transpose_b ? N : K, transpose_b ? K : N, 2);
    Matrices<Out> c (bench.stream, M, N, 3);
    std::vector<Out> result (c.host.size ());
    const void *at = mistake == HOST_MATRIX ? (const void *)a.host.data () : a.memory;

    at = static_cast<const char *> (at) + shift;
    check (cublasGemmEx (handle, op_a, op_b, M, N, K, &alpha, at, type_of<In>,
                         mistake == LEADING_DIMENSION ? 4 : ld_a, b.memory,
                         mistake == TYPES ? CUDA_R_16F : type_of<In>, ld_b, &beta, c.memory,
                         type_of<Out>, mistake == TOO_SHORT ? 100 : M, compute,
                         CUBLAS_GEMM_DEFAULT));
    check (cublasGemmStridedBatchedEx (
        handle, op_a, op_b, M, N, K, &alpha, a.memory + M * K, type_of<In>, ld_a, M * K,
        b.memory + K * N, type_of<In>, ld_b, K * N, &beta, c.memory + M * N, type_of<Out>, M,
        mistake == OVERLAPPING ? M : M * N, BATCH - 1, compute, CUBLAS_GEMM_DEFAULT));
    ::check (cudaMemcpyAsync (result.data (), c.memory, result.size () * sizeof (Out),
                              cudaMemcpyDeviceToHost, bench.stream));
    ::check (cudaStreamSynchronize (bench.stream));
    for (int i = 0; i < BATCH * M * N; i++) {
      const int matrix = i / (M * N), row = i % M, column = i / M % N;
      const double before = float_of (c.host[size_t (i)]);
      double sum = 0, size = std::fabs (before);

      for (int k = 0; k < K; k++) {
        const float x = a.at (matrix, row, k, transpose_a);
        const float y = b.at (matrix, k, column, transpose_b);
        const double product = double (fast ? tf32 (x) : x) * double (fast ? tf32 (y) : y);

        sum += product;
        size += std::fabs (product);
      }
      sum = 2 * sum - before;
      /* bf16 keeps 8 bits. */
      right = right && std::fabs (double (float_of (result[size_t (i)])) - sum) <=
                           1e-6 * size + (sizeof (Out) == 2 ? std::fabs (sum) / 256 : 0);
    }
  }
  check (cublasDestroy (handle));
  return right;
}

/* Two products of one stream or of two, with a workspace for each or one for both. */
template <Mistake mistake>
bool
run_workspace ()
{
  Bench bench;
  cublasHandle_t handles[2];
  cudaStream_t second;
  cudaEvent_t ready;
  const float alpha = 1, beta = 0;
  void *workspace;

  ::check (cudaMalloc (&workspace, 2 * WORKSPACE));
  ::check (cudaStreamCreateWithFlags (&second, cudaStreamNonBlocking));
  ::check (cudaEventCreateWithFlags (&ready, cudaEventDisableTiming));
  {
    Matrices<float> a (bench.stream, M, K, 1), b (bench.stream, K, N, 2);
    Matrices<float> c (bench.stream, M, N, 3), d (bench.stream, M, N, 3);

    ::check (cudaEventRecord (ready, bench.stream));
    if (mistake != NO_EVENT)
      ::check (cudaStreamWaitEvent (second, ready, 0));
    for (int i = 0; i < 2; i++) {
      check (cublasCreate (&handles[i]));
      check (cublasSetStream (handles[i], i == 0 ? bench.stream : second));
      check (cublasSetWorkspace (handles[i],
                                 static_cast<char *> (workspace) +
                                     (mistake == ONE_WORKSPACE ? 0 : i * WORKSPACE),
                                 WORKSPACE));
      check (cublasSetMathMode (handles[i], CUBLAS_PEDANTIC_MATH));
      check (cublasSgemmStridedBatched (handles[i], CUBLAS_OP_N, CUBLAS_OP_N, M, N, K, &alpha,
                                        a.memory, M, M * K, b.memory, K, K * N, &beta,
                                        i == 0 ? c.memory : d.memory, M, M * N, BATCH));
    }
    ::check (cudaDeviceSynchronize ());
  }
  for (int i = mistake == LEAKED_HANDLE ? 1 : 0; i < 2; i++)
    check (cublasDestroy (handles[i]));
  ::check (cudaEventDestroy (ready));
  ::check (cudaStreamDestroy (second));
  ::check (cudaFree (workspace));
  return true;
}

/* C ← max (0, A · B + bias) by cublasLt. */
template <Mistake mistake>
bool
run_epilogue ()
{
  Bench bench;
  cublasHandle_t handle;
  cublasLtMatmulDesc_t work;
  cublasLtMatrixLayout_t layouts[3];
  cublasLtMatmulPreference_t preference;
  cublasLtMatmulHeuristicResult_t answer;
  const float one = 1, zero = 0;
  const uint32_t epilogue = CUBLASLT_EPILOGUE_RELU_BIAS;
  const uint32_t schemes =
      mistake == IN_PLACE ? CUBLASLT_REDUCTION_SCHEME_MASK : CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
  const uint64_t bytes = WORKSPACE;
  void *workspace;
  int n = 0;
  bool right = true;

  check (cublasCreate (&handle));
  ::check (cudaMalloc (&workspace, WORKSPACE));
  check (cublasLtMatmulDescCreate (&work, CUBLAS_COMPUTE_32F, CUDA_R_32F));
  check (cublasLtMatrixLayoutCreate (&layouts[0], CUDA_R_32F, M, K, M));
  check (cublasLtMatrixLayoutCreate (&layouts[1], CUDA_R_32F, mistake == LAYOUT ? K - 1 : K, N, K));
  check (cublasLtMatrixLayoutCreate (&layouts[2], CUDA_R_32F, M, N, M));
  check (cublasLtMatmulPreferenceCreate (&preference));
  check (cublasLtMatmulPreferenceSetAttribute (preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                               &bytes, sizeof bytes));
  check (cublasLtMatmulPreferenceSetAttribute (
      preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &schemes, sizeof schemes));
  {
    Matrices<float> a (bench.stream, M, K, 1), b (bench.stream, K, N, 2);
    Matrices<float> c (bench.stream, M, N, 3), bias (bench.stream, M, 1, 4);
    std::vector<float> result (M * N);
    const float *vector = bias.memory + (mistake == SHORT_BIAS ? BATCH * M - 1 : 0);

    check (cublasLtMatmulDescSetAttribute (work, CUBLASLT_MATMUL_DESC_EPILOGUE, &epilogue,
                                           sizeof epilogue));
    check (cublasLtMatmulDescSetAttribute (work, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &vector,
                                           sizeof vector));
    check (cublasLtMatmulAlgoGetHeuristic ((cublasLtHandle_t)handle, work, layouts[0], layouts[1],
                                           layouts[2], layouts[2], preference, 1, &answer, &n));
    if (mistake == OTHER_SHAPE) {
      check (cublasLtMatrixLayoutDestroy (layouts[1]));
      check (cublasLtMatrixLayoutDestroy (layouts[2]));
      check (cublasLtMatrixLayoutCreate (&layouts[1], CUDA_R_32F, K, N - 1, K));
      check (cublasLtMatrixLayoutCreate (&layouts[2], CUDA_R_32F, M, N - 1, M));
    }
    if (mistake == OTHER_TYPE) {
      const int32_t type = CUDA_R_16BF;

      check (cublasLtMatmulDescSetAttribute (work, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, &type,
                                             sizeof type));
    }
    check (cublasLtMatmul ((cublasLtHandle_t)handle, work, &one, a.memory, layouts[0], b.memory,
                           layouts[1], &zero, c.memory, layouts[2], c.memory, layouts[2],
                           &answer.algo, workspace, mistake == NO_WORKSPACE ? 0 : WORKSPACE,
                           bench.stream));
    ::check (cudaMemcpyAsync (result.data (), c.memory, result.size () * sizeof (float),
                              cudaMemcpyDeviceToHost, bench.stream));
    ::check (cudaStreamSynchronize (bench.stream));
    for (int i = 0; i < M * N; i++) {
      double sum = bias.at (0, i % M, 0, false), size = std::fabs (sum);

      for (int k = 0; k < K; k++) {
        const double product = double (a.at (0, i % M, k, false)) * b.at (0, k, i / M, false);

        sum += product;
        size += std::fabs (product);
      }
      right = right && std::fabs (result[size_t (i)] - std::fmax (sum, 0)) <= 1e-6 * size;
    }
  }
  check (cublasLtMatmulDescDestroy (work));
  for (cublasLtMatrixLayout_t layout : layouts)
    check (cublasLtMatrixLayoutDestroy (layout));
  check (cublasLtMatmulPreferenceDestroy (preference));
  ::check (cudaFree (workspace));
  check (cublasDestroy (handle));
  return right;
}

} // namespace

#define LW_BOTH(message)    message, message
#define LW_PRODUCT(mistake) run_product<float, float, false, false, false, mistake>

const LwPlanted lw_planted_products[] = {
  { "product", LW_PRODUCT (NONE), true, "", "" },
  { "product-tf32", run_product<float, float, true, true, false, NONE>, true, "", "" },
  { "product-bf16", run_product<__nv_bfloat16, __nv_bfloat16, false, false, true, NONE>, true, "",
    "" },
  { "product-bf16-to-float", run_product<__nv_bfloat16, float, false, true, true, NONE>, true, "",
    "" },
  { "workspaces", run_workspace<NONE>, true, "", "" },
  { "leading-dimension", LW_PRODUCT (LEADING_DIMENSION), false,
    LW_BOTH ("*matrix A of cublasGemmEx: its columns have 5 numbers and stand 4 apart*") },
  { "product-too-short", LW_PRODUCT (TOO_SHORT), false,
    LW_BOTH ("*matrix C of cublasGemmEx: 2420 bytes from byte 0 of a buffer of 420*") },
  { "product-overlapping", LW_PRODUCT (OVERLAPPING), false,
    LW_BOTH ("*the results stand 5 apart and have 35 numbers*") },
  { "product-types", LW_PRODUCT (TYPES), false, LW_BOTH ("*types 0, 2 and 0 with compute type*") },
  { "product-misaligned", LW_PRODUCT (MISALIGNED), false,
    LW_BOTH ("*matrix A of cublasGemmEx*is not aligned*") },
  { "product-of-host-memory", LW_PRODUCT (HOST_MATRIX), false,
    LW_BOTH ("*matrix A of cublasGemmEx*is no device memory*") },
  { "product-no-event", run_workspace<NO_EVENT>, false, "*race between streams*|*never written*",
    "" },
  { "one-workspace", run_workspace<ONE_WORKSPACE>, false, "*race between streams: cublas*", "" },
  { "leaked-handle", run_workspace<LEAKED_HANDLE>, false,
    LW_BOTH ("*1 cuBLAS handles were not freed*") },
  { "epilogue", run_epilogue<NONE>, true, "", "" },
  { "epilogue-layout", run_epilogue<LAYOUT>, false, LW_BOTH ("*5 × 12 by 11 × 7 is not 5 × 7*") },
  { "epilogue-workspace", run_epilogue<NO_WORKSPACE>, false,
    LW_BOTH ("*a workspace of 0 bytes*where the algorithm needs 256*") },
  { "epilogue-other-shape", run_epilogue<OTHER_SHAPE>, false,
    LW_BOTH ("*the algorithm was not given for this product*") },
  { "epilogue-other-type", run_epilogue<OTHER_TYPE>, false,
    LW_BOTH ("*epilogue 6 with types 0, 0, 0 and a vector of type 14 does not exist*") },
  { "epilogue-short-bias", run_epilogue<SHORT_BIAS>, false,
    LW_BOTH ("*vector of cublasLtMatmul's epilogue: 20 bytes*") },
  { "epilogue-in-place", run_epilogue<IN_PLACE>, false, LW_BOTH ("*sums in place*are allowed*") },
  { nullptr, nullptr, false, nullptr, nullptr },
};
