/* Products by tensor cores with copies that run ahead, right ones and with one mistake each.
 *
 * C [m][n] ← A [m][k] · B, all numbers small integers, so that every order of summation gives the
 * same. A block of four warps has 32 rows and 64 columns of C, each warp 16 by 32; two stages of 32
 * along k lie in shared memory, of which one is multiplied while the other arrives. */
#include "kernels/cuda/tensor.cuh"
#include "tests/device/planted.cuh"

#include <cmath>
#include <cuda_bf16.h>
#include <vector>

namespace {

enum { ROWS = 32, COLUMNS = 64, DEPTH = 32, WARP_COLUMNS = 32 };
enum { M = 50, N = 72, K = 72 }; /* no multiples of a block's */

enum Mistake {
  NONE,
  NO_WAIT,
  WRONG_GROUP,
  NO_COMMIT,
  NO_BARRIER,
  NO_BARRIER_IN_LOOP,
  DIVERGENT,
  TWO_INSTRUCTIONS,
  MISALIGNED_ROW,
  MISALIGNED_COPY,
  COPY_TO_GLOBAL,
  COPY_TOO_FAR,
  NOT_ROUNDED,
};

/* bf16: b [k][n]. */
struct alignas (16) StageBf16 {
  __nv_bfloat16 a[ROWS][DEPTH + 8], b[DEPTH][COLUMNS + 8];
};

/* TF32: b [n][k]. */
struct alignas (16) StageTf32 {
  float a[ROWS][DEPTH + 4], b[COLUMNS][DEPTH + 4];
};

/* To where row `row` and column `column` of the target lie 16 bytes of the source's; 0 where the
 * source ends. */
template <Mistake mistake, class T>
__device__ inline void
bring (T *to, const T *from, int row, int column, int rows, int columns)
{
  const bool there = (row < rows || mistake == COPY_TOO_FAR) && column < columns;
  const int wrong = mistake == MISALIGNED_COPY ? 1 : 0;

  lw_copy_async<16> (mistake == COPY_TO_GLOBAL ? (void *)from : to,
                     from + (there ? row * columns + column + wrong : 0), there ? 16 : 0);
}

template <Mistake mistake>
__device__ inline void
bring_stage (StageBf16 &stage, const __nv_bfloat16 *a, const __nv_bfloat16 *b, int k)
{
  const int thread = (int)threadIdx.x, row = thread / 4, column = thread % 4 * 8;

  bring<mistake> (&stage.a[row][column], a, (int)blockIdx.y * ROWS + row, k + column, M, K);
  for (int i = 0; i < 2; i++) {
    const int part = thread + i * THREADS, depth = part / 8, across = part % 8 * 8;

    bring<mistake> (&stage.b[depth][across], b, k + depth, (int)blockIdx.x * COLUMNS + across, K,
                    N);
  }
}

template <Mistake mistake>
__device__ inline void
bring_stage (StageTf32 &stage, const float *a, const float *b, int k)
{
  for (int i = 0; i < 2; i++) {
    const int part = (int)threadIdx.x + i * THREADS, row = part / 8, column = part % 8 * 4;

    bring<mistake> (&stage.a[row][column], a, (int)blockIdx.y * ROWS + row, k + column, M, K);
  }
  for (int i = 0; i < 4; i++) {
    const int part = (int)threadIdx.x + i * THREADS, row = part / 8, column = part % 8 * 4;

    bring<mistake> (&stage.b[row][column], b, (int)blockIdx.x * COLUMNS + row, k + column, N, K);
  }
}

/* sums[j] += 16 rows of the stage's a times 8 columns of its b. */
template <Mistake mistake>
__device__ inline void
multiply_stage (const StageBf16 &stage, int row, int column, float (&sums)[4][4])
{
  const int lane = (int)threadIdx.x % 32;

  for (int k = 0; k < DEPTH; k += 16) {
    uint32_t a[4], b[4];

    lw_load_matrices (
        a, &stage.a[row + lane % 16][k + lane / 16 * 8 + (mistake == MISALIGNED_ROW ? 1 : 0)]);
    for (int j = 0; j < 4; j += 2) {
      lw_load_matrices_transposed (b, &stage.b[k + lane % 16][column + j * 8 + lane / 16 * 8]);
      if (mistake == DIVERGENT && lane >= 16)
        continue;
      if (mistake == TWO_INSTRUCTIONS && lane >= 16)
        lw_mma_bf16 (sums[j], a, b[0], b[1]);
      else
        lw_mma_bf16 (sums[j], a, b[0], b[1]);
      lw_mma_bf16 (sums[j + 1], a, b[2], b[3]);
    }
  }
}

template <Mistake mistake>
__device__ inline void
multiply_stage (const StageTf32 &stage, int row, int column, float (&sums)[4][4])
{
  const int lane = (int)threadIdx.x % 32;

  for (int k = 0; k < DEPTH; k += 8) {
    uint32_t a[4], b[4];

    lw_load_matrices (a, &stage.a[row + lane % 16][k + lane / 16 * 4]);
    for (int i = 0; i < 4 && mistake != NOT_ROUNDED; i++)
      a[i] = lw_tf32 (a[i]);
    for (int j = 0; j < 4; j += 2) {
      lw_load_matrices (b,
                        &stage.b[column + j * 8 + lane / 16 * 8 + lane % 8][k + lane / 8 % 2 * 4]);
      for (int i = 0; i < 4; i++)
        b[i] = lw_tf32 (b[i]);
      lw_mma_tf32 (sums[j], a, b[0], b[1]);
      lw_mma_tf32 (sums[j + 1], a, b[2], b[3]);
    }
  }
}

template <class Stage, class T, Mistake mistake>
__global__ void
multiply (const T *a, const T *b, float *c)
{
  LW_SHARED (Stage, stages, [2]);
  const int warp = (int)threadIdx.x / 32, g = (int)threadIdx.x % 32 / 4, t = (int)threadIdx.x % 4;
  const int row = warp / 2 * 16, column = warp % 2 * WARP_COLUMNS;
  float sums[4][4] = {};

  bring_stage<mistake> (stages[0], a, b, 0);
  lw_copy_commit ();
  for (int k = 0, now = 0; k < K; k += DEPTH, now = !now) {
    if (k + DEPTH < K)
      bring_stage<mistake> (stages[!now], a, b, k + DEPTH);
    if (mistake != NO_COMMIT)
      lw_copy_commit ();
    if (mistake == WRONG_GROUP)
      lw_copy_wait<2> ();
    else if (mistake != NO_WAIT)
      lw_copy_wait<1> ();
    if (mistake != NO_BARRIER)
      __syncthreads ();
    multiply_stage<mistake> (stages[now], row, column, sums);
    if (mistake != NO_BARRIER_IN_LOOP)
      __syncthreads ();
  }
  if (mistake == WRONG_GROUP)
    lw_copy_wait<0> ();
  for (int j = 0; j < 4; j++)
    for (int i = 0; i < 4; i++) {
      const int at_row = (int)blockIdx.y * ROWS + row + g + i / 2 * 8;
      const int at_column = (int)blockIdx.x * COLUMNS + column + j * 8 + 2 * t + i % 2;

      if (at_row < M && at_column < N)
        c[at_row * N + at_column] = sums[j][i];
    }
}

/* Distinct enough that a number in the wrong place shows. */
int
number_at (int row, int column, int seed)
{
  return (row * 7 + column * 11 + row * column + seed) % 17 - 8;
}

float
value_of (float x)
{
  return x;
}

float
value_of (__nv_bfloat16 x)
{
  return __bfloat162float (x);
}

template <class T>
T *
upload (cudaStream_t stream, const std::vector<T> &values)
{
  T *memory;

  check (cudaMalloc (reinterpret_cast<void **> (&memory), values.size () * sizeof (T)));
  check (cudaMemcpyAsync (memory, values.data (), values.size () * sizeof (T),
                          cudaMemcpyHostToDevice, stream));
  return memory;
}

template <class Stage, class T, bool b_transposed, Mistake mistake>
bool
run_multiply ()
{
  const float unit = mistake == NOT_ROUNDED ? 1 + 1.0f / 4096 : 1;
  std::vector<T> a (M * K), b (K * N);
  std::vector<float> c (M * N);
  cudaStream_t stream;
  bool right = true;

  for (int i = 0; i < M * K; i++)
    a[size_t (i)] = T (unit * float (number_at (i / K, i % K, 1)));
  for (int k = 0; k < K; k++)
    for (int j = 0; j < N; j++)
      b[size_t (b_transposed ? j * K + k : k * N + j)] = T (float (number_at (k, j, 2)));
  check (cudaStreamCreateWithFlags (&stream, cudaStreamNonBlocking));

  T *device_a = upload (stream, a), *device_b = upload (stream, b);
  float *device_c = upload (stream, c);

  check (lw_launch (multiply<Stage, T, mistake>,
                    dim3 ((N + COLUMNS - 1) / COLUMNS, (M + ROWS - 1) / ROWS), THREADS, 0, stream,
                    device_a, device_b, device_c));
  check (cudaMemcpyAsync (c.data (), device_c, c.size () * sizeof (float), cudaMemcpyDeviceToHost,
                          stream));
  check (cudaStreamSynchronize (stream));
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) {
      float sum = 0;

      for (int k = 0; k < K; k++)
        sum += value_of (a[size_t (i * K + k)]) *
               value_of (b[size_t (b_transposed ? j * K + k : k * N + j)]);
      right = right && c[size_t (i * N + j)] == sum;
    }
  check (cudaFree (device_a));
  check (cudaFree (device_b));
  check (cudaFree (device_c));
  check (cudaStreamDestroy (stream));
  return right;
}

template <Mistake mistake>
bool
run_bf16 ()
{
  return run_multiply<StageBf16, __nv_bfloat16, false, mistake> ();
}

template <Mistake mistake>
bool
run_tf32 ()
{
  return run_multiply<StageTf32, float, true, mistake> ();
}

/* --- small copies, and rounding --------------------------------------------------------------- */

/* 4 and 8 bytes, and parts of them. */
__global__ void
copy_parts (const float *x, float *y)
{
  LW_SHARED (float, tile, [THREADS]);
  const int i = (int)threadIdx.x;

  if (i < THREADS / 2)
    lw_copy_async<4> (&tile[i], x + i, i % 2 == 0 ? 4 : 0);
  else if (i % 2 == 0)
    lw_copy_async<8> (&tile[i], x + i, 4);
  lw_copy_commit ();
  lw_copy_wait<0> ();
  __syncthreads ();
  y[i] = tile[i];
}

bool
run_parts ()
{
  Bench bench;

  check (lw_launch (copy_parts, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  return bench.is ([&] (int i) { return i % 2 == 0 ? bench.host[i] : 0; });
}

__global__ void
round_all (const float *x, float *y, bool bf16)
{
  y[threadIdx.x] = bf16 ? __bfloat162float (__float2bfloat16_rn (x[threadIdx.x]))
                        : __uint_as_float (lw_tf32 (x[threadIdx.x]));
}

/* Ties away from zero or to even, with `bits` behind the point; by the definition. */
float
rounded (float value, int bits, bool to_even)
{
  int exponent;
  const double scaled = std::ldexp (double (std::frexp (value, &exponent)), bits + 1);
  const double whole = to_even ? std::nearbyint (scaled) : std::round (scaled);

  return float (std::ldexp (whole, exponent - bits - 1));
}

/* Numbers around ties of both formats, of either sign, up to where a carry reaches the exponent. */
template <bool bf16>
bool
run_rounding ()
{
  const int bits = bf16 ? 7 : 10;
  Bench bench;

  for (int i = 0; i < THREADS; i++) {
    const float unit = std::ldexp (1.0f, -bits), tie = unit / 2;
    const float base = i < 8 ? 2 - unit : 1 + unit * float (i / 8);

    bench.host[i] = (i % 2 == 0 ? 1.0f : -1.0f) *
                    (base + tie + std::ldexp (float (i / 2 % 4 - 1), -23)) *
                    std::ldexp (1.0f, i - 60);
  }
  check (cudaMemcpyAsync (bench.x, bench.host, sizeof bench.host, cudaMemcpyHostToDevice,
                          bench.stream));
  check (lw_launch (round_all, 1, THREADS, 0, bench.stream, bench.x, bench.y, bf16));
  return bench.is ([&] (int i) { return rounded (bench.host[i], bits, bf16); });
}

} // namespace

#define LW_BOTH(message) message, message
#define LW_EARLY         "*reads what cp.async copies, before its thread has waited*of stages*"

const LwPlanted lw_planted_tensor[] = {
  { "mma-bf16", run_bf16<NONE>, true, "", "" },
  { "mma-tf32", run_tf32<NONE>, true, "", "" },
  { "copy-parts", run_parts, true, "", "" },
  { "round-bf16", run_rounding<true>, true, "", "" },
  { "round-tf32", run_rounding<false>, true, "", "" },
  { "copy-no-wait", run_bf16<NO_WAIT>, false, LW_EARLY, "*nobody waited for*copies*" },
  { "copy-wrong-group", run_bf16<WRONG_GROUP>, false, LW_EARLY, nullptr },
  { "copy-no-commit", run_bf16<NO_COMMIT>, false, LW_EARLY, "*nobody waited for*copies*" },
  { "copy-no-barrier", run_bf16<NO_BARRIER>, false,
    "*race between threads*of stages*|*reads what was never written*of stages*|" LW_EARLY,
    nullptr },
  { "copy-no-barrier-in-loop", run_bf16<NO_BARRIER_IN_LOOP>, false,
    "*race between threads*of stages*|" LW_EARLY, nullptr },
  { "copy-misaligned", run_bf16<MISALIGNED_COPY>, false,
    LW_BOTH ("*cp.async from*must be multiples of 16*") },
  { "copy-to-global", run_bf16<COPY_TO_GLOBAL>, false,
    LW_BOTH ("*cp.async to*not in shared memory*") },
  { "copy-too-far", run_tf32<COPY_TOO_FAR>, false, LW_BOTH ("*reads*out of bounds*of a buffer*") },
  { "mma-divergent", run_bf16<DIVERGENT>, false, LW_BOTH ("*ldmatrix*|*mma*") },
  { "mma-two-instructions", run_bf16<TWO_INSTRUCTIONS>, false,
    LW_BOTH ("*lanes of a warp meet in different operations*") },
  { "ldmatrix-misaligned", run_bf16<MISALIGNED_ROW>, false,
    LW_BOTH ("*ldmatrix: a row's address must be a multiple of 16*of stages*") },
  { "mma-not-rounded", run_tf32<NOT_ROUNDED>, false,
    LW_BOTH ("*mma.m16n8k8 with*round with lw_tf32*") },
  { nullptr, nullptr, false, nullptr, nullptr },
};
