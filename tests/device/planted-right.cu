/* Kernels without mistakes that a check might take for one: neighbours in one word, many readers
 * before one writer, incomplete warps, votes, constant tables, vectors, memory of one's own. */
#include "tests/device/planted.cuh"

#include <stdint.h>

namespace {

/* Neighbouring threads read and write halves of the same word, in place. */
__global__ void
double_halves (uint16_t *halves)
{
  halves[threadIdx.x] = (uint16_t)(halves[threadIdx.x] * 2);
}

__global__ void
widen (const float *x, uint16_t *halves, float *y)
{
  if (y == nullptr)
    halves[threadIdx.x] = (uint16_t)x[threadIdx.x];
  else
    y[threadIdx.x] = halves[threadIdx.x];
}

bool
run_halves ()
{
  Bench bench;
  uint16_t *halves;

  check (cudaMalloc (reinterpret_cast<void **> (&halves), THREADS * sizeof (uint16_t)));
  check (lw_launch (widen, 1, THREADS, 0, bench.stream, bench.x, halves, nullptr));
  check (lw_launch (double_halves, 1, THREADS, 0, bench.stream, halves));
  check (lw_launch (widen, 1, THREADS, 0, bench.stream, bench.x, halves, bench.y));

  const bool right = bench.is ([&] (int i) { return 2 * bench.host[i]; });

  check (cudaFree (halves));
  return right;
}

/* All read what one then writes: the whole block, and each warp. */
__global__ void
pass_on (const float *x, float *y)
{
  LW_SHARED (float, block, [1]);
  LW_SHARED (float, warps, [THREADS / 32]);
  const unsigned warp = threadIdx.x / 32;
  float sum = 0;

  for (int round = 0; round < 3; round++) {
    if (threadIdx.x == 0)
      block[0] = x[round];
    if (threadIdx.x % 32 == 0)
      warps[warp] = x[round + 1];
    __syncwarp ();
    sum += warps[warp];
    __syncthreads ();
    sum += block[0];
    __syncthreads ();
  }
  y[threadIdx.x] = sum;
}

bool
run_pass_on ()
{
  Bench bench;
  const float *x = bench.host;

  check (lw_launch (pass_on, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  return bench.is ([&] (int) { return x[0] + 2 * x[1] + 2 * x[2] + x[3]; });
}

/* The last warp has 8 lanes, and many threads have nothing to do. */
__global__ void
incomplete (const float *x, float *y)
{
  LW_SHARED (float, tile, [40]);
  const unsigned i = threadIdx.x, first = blockIdx.x * 40;

  tile[i] = first + i < THREADS ? x[first + i] : 0;
  __syncwarp ();
  if (i % 2 == 0) {
    const float kept = tile[i];

    tile[i] = tile[i + 1];
    tile[i + 1] = kept;
  }
  __syncwarp ();
  if (first + i < THREADS)
    y[first + i] = tile[i];
}

bool
run_incomplete ()
{
  Bench bench;

  check (lw_launch (incomplete, 4, 40, 0, bench.stream, bench.x, bench.y));
  return bench.is ([&] (int i) { return bench.host[i ^ 1]; });
}

/* Votes of blocks and warps, and shuffles in segments. */
__global__ void
vote (float *y)
{
  const int i = (int)threadIdx.x, lane = i % 32;
  const bool all = __all_sync (~0u, lane < 32), none = __any_sync (~0u, lane > 31);
  const unsigned ballot = __ballot_sync (~0u, lane < 4);
  const int up = __shfl_up_sync (~0u, lane, 1, 8), down = __shfl_down_sync (~0u, lane, 1, 8);
  const int first = __shfl_sync (~0u, lane, 0, 8);
  const int count = __syncthreads_count (i < 7);
  const bool some = __syncthreads_or (i == 3), every = __syncthreads_and (i != 3);
  const bool segment = up == (lane % 8 == 0 ? lane : lane - 1) &&
                       down == (lane % 8 == 7 ? lane : lane + 1) && first == lane / 8 * 8;

  y[i] = all && !none && ballot == 15 && count == 7 && some && !every && segment;
}

bool
run_vote ()
{
  Bench bench;

  check (lw_launch (vote, 1, THREADS, 0, bench.stream, bench.y));
  return bench.is ([] (int) { return 1; });
}

/* A constant table, an array of the thread's own, a vector, dynamic shared memory, integer atomics.
 */
__global__ void
mixture (const float *x, float *y, int *counter)
{
  static constexpr int order[4] = { 3, 1, 2, 0 };
  LW_DYNAMIC_SHARED (float4, tile);
  float own[4];
  const unsigned i = threadIdx.x;

  tile[i] = reinterpret_cast<const float4 *> (x)[i];
  __syncthreads ();

  const float4 other = tile[(i + 1) % 32];

  own[0] = other.x, own[1] = other.y, own[2] = other.z, own[3] = other.w;
  for (unsigned k = 0; k < 4; k++)
    y[4 * i + k] = own[order[(k + i) % 4]];
  atomicAdd (counter, 1);
  atomicMax (counter, 0);
}

bool
run_mixture ()
{
  static const int order[4] = { 3, 1, 2, 0 };
  Bench bench;
  int *counter, n = 0;

  check (cudaMalloc (reinterpret_cast<void **> (&counter), sizeof (int)));
  check (cudaMemsetAsync (counter, 0, sizeof (int), bench.stream));
  check (lw_launch (mixture, 1, 32, 32 * sizeof (float4), bench.stream, bench.x, bench.y, counter));
  check (cudaMemcpyAsync (&n, counter, sizeof n, cudaMemcpyDeviceToHost, bench.stream));

  const bool right = bench.is (
      [&] (int i) { return bench.host[(i / 4 + 1) % 32 * 4 + order[(i % 4 + i / 4) % 4]]; });

  check (cudaFree (counter));
  return right && n == 32;
}

} // namespace

const LwPlanted lw_planted_right[] = {
  { "halves-of-words", run_halves, true, "", "" },
  { "many-readers", run_pass_on, true, "", "" },
  { "incomplete-warps", run_incomplete, true, "", "" },
  { "votes", run_vote, true, "", "" },
  { "mixture", run_mixture, true, "", "" },
  { nullptr, nullptr, false, nullptr, nullptr },
};
