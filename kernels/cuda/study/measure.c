#include "kernels/cuda/study/measure.h"
#include "kernels/cuda/study/check.h"

#include <cublas_v2.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Steps that do not count; then as many as take so long, within bounds. */
enum { WARM_UP = 3, LEAST = 5, MOST = 200 };
static const double MEASURED_MS = 300;

struct LwStudyBench {
  LwStudyProblem problem;
  cudaStream_t stream;
  cudaEvent_t begin, end;
  cublasHandle_t blas;
  float *right, *c; /* host */
};

/* One run of something, for the clock. */
typedef struct {
  const LwStudyRung *rung; /* NULL: cuBLAS */
  LwStudyNumbers numbers;
} Work;

/* 32-bit lanes of a multiprocessor (CUDA C++ Programming Guide, "Arithmetic Instructions"). */
static int
lanes_of (int major, int minor)
{
  return major == 7 || (major == 8 && minor == 0) ? 64 : major >= 8 ? 128 : 0;
}

cudaError_t
lw_study_device (LwStudyDevice *ret_device)
{
  struct cudaDeviceProp properties;
  int khz = 0;
  cudaError_t code = cudaGetDeviceProperties (&properties, 0);

  if (code == cudaSuccess)
    code = cudaDeviceGetAttribute (&khz, cudaDevAttrClockRate, 0);
  if (code != cudaSuccess)
    return code;
  memset (ret_device, 0, sizeof *ret_device);
  memcpy (ret_device->name, properties.name, sizeof ret_device->name - 1);
  ret_device->major = properties.major;
  ret_device->minor = properties.minor;
  ret_device->multiprocessors = properties.multiProcessorCount;
  ret_device->clock_mhz = khz / 1e3;
  ret_device->fp32_gflops =
      2e-6 * khz * properties.multiProcessorCount * lanes_of (properties.major, properties.minor);
  return cudaSuccess;
}

static cudaError_t
code_of (cublasStatus_t status)
{
  return status == CUBLAS_STATUS_SUCCESS ? cudaSuccess : cudaErrorUnknown;
}

/* Of a convolution's windows in float32; a multiple of 16. */
static size_t
columns_bytes (const LwStudyProblem *p)
{
  return (lw_study_columns.scratch_bytes (p) + 15) / 16 * 16;
}

static size_t
scratch_of (const LwStudyProblem *p, const LwStudyRung *const *ladder)
{
  size_t most = p->images > 0 ? columns_bytes (p) + lw_study_bf16.scratch_bytes (p) : 0;

  for (; *ladder != NULL; ladder++) {
    const size_t bytes = (*ladder)->scratch_bytes != NULL ? (*ladder)->scratch_bytes (p) : 0;

    most = bytes > most ? bytes : most;
  }
  return most;
}

/* `host` is scratch. */
static cudaError_t
fill (const LwStudyBench *bench, const float *memory, float *host, size_t n, unsigned seed)
{
  cudaError_t code;

  lw_study_fill (host, n, seed);
  code = cudaMemcpyAsync ((void *)memory, host, n * sizeof (float), cudaMemcpyHostToDevice,
                          bench->stream);
  return code == cudaSuccess ? cudaStreamSynchronize (bench->stream) : code;
}

static cudaError_t
take (LwStudyBench *bench, size_t scratch)
{
  LwStudyProblem *p = &bench->problem;
  const size_t a = lw_study_a_size (p), b = lw_study_b_size (p), c = lw_study_c_size (p);
  float *host = malloc ((a > b ? a : b) * sizeof (float));
  cudaError_t code = cudaStreamCreateWithFlags (&bench->stream, cudaStreamNonBlocking);

  bench->right = malloc (c * sizeof (float));
  bench->c = malloc (c * sizeof (float));
  if (host == NULL || bench->right == NULL || bench->c == NULL)
    code = cudaErrorMemoryAllocation;
  if (code == cudaSuccess)
    code = cudaEventCreate (&bench->begin);
  if (code == cudaSuccess)
    code = cudaEventCreate (&bench->end);
  if (code == cudaSuccess)
    code = code_of (cublasCreate (&bench->blas));
  if (code == cudaSuccess)
    code = code_of (cublasSetStream (bench->blas, bench->stream));
  if (code == cudaSuccess)
    code = cudaMalloc ((void **)&p->a, a * sizeof (float));
  if (code == cudaSuccess)
    code = cudaMalloc ((void **)&p->b, b * sizeof (float));
  if (code == cudaSuccess)
    code = cudaMalloc ((void **)&p->c, c * sizeof (float));
  if (code == cudaSuccess && scratch > 0)
    code = cudaMalloc (&p->scratch, scratch);
  if (code == cudaSuccess)
    code = fill (bench, p->a, host, a, 1);
  if (code == cudaSuccess)
    code = fill (bench, p->b, host, b, 2);
  free (host);
  return code;
}

/* --- the clock -------------------------------------------------------------------------------- */

static cudaError_t
multiply_by_cublas (LwStudyBench *bench, LwStudyNumbers numbers)
{
  const LwStudyProblem *p = &bench->problem;
  const bool narrow = numbers == LW_STUDY_BF16;
  const cudaDataType_t type = narrow ? CUDA_R_16BF : CUDA_R_32F;
  const size_t behind = narrow && p->images > 0 ? columns_bytes (p) : 0;
  const char *a = narrow || p->images > 0 ? (const char *)p->scratch + behind : (const void *)p->a;
  const void *b = narrow ? a + (size_t)p->m * (size_t)p->k * 2 : (const void *)p->b;
  const float one = 1, zero = 0;

  /* By columns it is Cᵀ = Bᵀ · Aᵀ. */
  return code_of (
      cublasGemmEx (bench->blas, CUBLAS_OP_N, CUBLAS_OP_N, p->n, p->m, p->k, &one, b, type, p->n, a,
                    type, p->k, &zero, p->c, CUDA_R_32F, p->n,
                    numbers == LW_STUDY_TF32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F,
                    CUBLAS_GEMM_DEFAULT));
}

/* Of a convolution cuBLAS multiplies the columns, in bfloat16 where that is asked for. */
static cudaError_t
prepare (LwStudyBench *bench, Work work)
{
  LwStudyProblem product = bench->problem;

  if (work.rung != NULL)
    return work.rung->prepare != NULL ? work.rung->prepare (&bench->problem, bench->stream)
                                      : cudaSuccess;
  if (product.images > 0) {
    const cudaError_t code = lw_study_columns.run (&product, bench->stream);

    if (code != cudaSuccess)
      return code;
    product.a = product.scratch;
    product.scratch = (char *)product.scratch + columns_bytes (&product);
  }
  return work.numbers == LW_STUDY_BF16 ? lw_study_bf16.prepare (&product, bench->stream)
                                       : cudaSuccess;
}

static cudaError_t
run_once (LwStudyBench *bench, Work work, float *ret_ms)
{
  cudaError_t code = cudaEventRecord (bench->begin, bench->stream);

  if (code == cudaSuccess)
    code = work.rung != NULL ? work.rung->run (&bench->problem, bench->stream)
                             : multiply_by_cublas (bench, work.numbers);
  if (code == cudaSuccess)
    code = cudaEventRecord (bench->end, bench->stream);
  if (code == cudaSuccess)
    code = cudaEventSynchronize (bench->end);
  return code == cudaSuccess ? cudaEventElapsedTime (ret_ms, bench->begin, bench->end) : code;
}

static int
compare_times (const void *a, const void *b)
{
  const float x = *(const float *)a, y = *(const float *)b;

  return (x > y) - (x < y);
}

static cudaError_t
time_work (LwStudyBench *bench, Work work, double *ret_ms)
{
  float times[MOST];
  double sum = 0;
  int n = 0;
  cudaError_t code = prepare (bench, work);

  for (int i = 0; i < WARM_UP && code == cudaSuccess; i++)
    code = run_once (bench, work, &times[0]);
  while (code == cudaSuccess && n < MOST && (n < LEAST || sum < MEASURED_MS)) {
    code = run_once (bench, work, &times[n]);
    sum += (double)times[n++];
  }
  if (code != cudaSuccess)
    return code;
  qsort (times, (size_t)n, sizeof times[0], compare_times);
  *ret_ms = (double)times[n / 2];
  return cudaSuccess;
}

/* --- results ---------------------------------------------------------------------------------- */

static cudaError_t
read_c (LwStudyBench *bench, float *to)
{
  const cudaError_t code =
      cudaMemcpyAsync (to, bench->problem.c, lw_study_c_size (&bench->problem) * sizeof (float),
                       cudaMemcpyDeviceToHost, bench->stream);

  return code == cudaSuccess ? cudaStreamSynchronize (bench->stream) : code;
}

LwStudyBench *
lw_study_bench_new (const LwStudyProblem *problem, const LwStudyRung *const *ladder,
                    cudaError_t *ret_code)
{
  LwStudyBench *bench = calloc (1, sizeof *bench);
  const Work right = { NULL, LW_STUDY_FP32 };
  float ms;

  *ret_code = cudaErrorMemoryAllocation;
  if (bench == NULL)
    return NULL;
  bench->problem = *problem;
  *ret_code = take (bench, scratch_of (problem, ladder));
  if (*ret_code == cudaSuccess)
    *ret_code = prepare (bench, right);
  if (*ret_code == cudaSuccess)
    *ret_code = run_once (bench, right, &ms);
  if (*ret_code == cudaSuccess)
    *ret_code = read_c (bench, bench->right);
  if (*ret_code == cudaSuccess)
    return bench;
  lw_study_bench_free (bench);
  return NULL;
}

void
lw_study_bench_free (LwStudyBench *bench)
{
  LwStudyProblem *p = &bench->problem;

  cudaFree ((void *)p->a);
  cudaFree ((void *)p->b);
  cudaFree (p->c);
  cudaFree (p->scratch);
  if (bench->blas != NULL)
    cublasDestroy (bench->blas);
  if (bench->begin != NULL)
    cudaEventDestroy (bench->begin);
  if (bench->end != NULL)
    cudaEventDestroy (bench->end);
  if (bench->stream != NULL)
    cudaStreamDestroy (bench->stream);
  free (bench->right);
  free (bench->c);
  free (bench);
}

cudaError_t
lw_study_time_cublas (LwStudyBench *bench, LwStudyNumbers numbers, double *ret_ms)
{
  return time_work (bench, (Work){ NULL, numbers }, ret_ms);
}

cudaError_t
lw_study_time (LwStudyBench *bench, const LwStudyRung *rung, LwStudyTime *ret_time)
{
  const size_t n = lw_study_c_size (&bench->problem);
  double difference = 0, length = 0;
  cudaError_t code;

  *ret_time = (LwStudyTime){ 0, 0 };
  /* So that numbers which a rung leaves out are not those of the rung before. */
  code = cudaMemsetAsync (bench->problem.c, 0xff, n * sizeof (float), bench->stream);
  if (code == cudaSuccess)
    code = time_work (bench, (Work){ rung, rung->numbers }, &ret_time->ms);
  if (code == cudaSuccess)
    code = read_c (bench, bench->c);
  for (size_t i = 0; i < n && code == cudaSuccess; i++) {
    const double right = (double)bench->right[i], off = (double)bench->c[i] - right;

    difference += off * off;
    length += right * right;
  }
  ret_time->error = length > 0 ? sqrt (difference / length) : 0;
  return code;
}
