/* Kernels with one mistake each, and right twins that look alike. */
#include "tests/device/planted.cuh"

namespace {

/* --- barriers --------------------------------------------------------------------------------- */

template <bool right>
__global__ void
rotate (const float *x, float *y)
{
  LW_SHARED (float, tile, [THREADS]);

  tile[threadIdx.x] = x[threadIdx.x];
  if (right)
    __syncthreads ();
  y[threadIdx.x] = tile[(threadIdx.x + 1) % THREADS];
}

template <bool right>
bool
run_rotate ()
{
  Bench bench;

  check (lw_launch (rotate<right>, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  return bench.is_input (1);
}

/* The next round overwrites what others still read. */
template <bool right>
__global__ void
add_rounds (const float *x, float *y)
{
  LW_SHARED (float, tile, [THREADS]);
  float sum = 0;

  for (int round = 0; round < ROUNDS; round++) {
    tile[threadIdx.x] = x[round * THREADS + threadIdx.x];
    __syncthreads ();
    for (int i = 0; i < THREADS; i++)
      sum += tile[(threadIdx.x + i) % THREADS] * float (i % 3);
    if (right)
      __syncthreads ();
  }
  y[threadIdx.x] = sum;
}

template <bool right>
bool
run_add_rounds ()
{
  Bench bench;

  check (lw_launch (add_rounds<right>, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  return bench.is ([&] (int thread) {
    float sum = 0;

    for (int round = 0; round < ROUNDS; round++)
      for (int i = 0; i < THREADS; i++)
        sum += bench.host[round * THREADS + (thread + i) % THREADS] * float (i % 3);
    return sum;
  });
}

template <bool right>
__global__ void
swap_neighbours (const float *x, float *y)
{
  LW_SHARED (float, tile, [THREADS]);

  tile[threadIdx.x] = x[threadIdx.x];
  if (right)
    __syncwarp ();
  y[threadIdx.x] = tile[threadIdx.x ^ 1];
}

template <bool right>
bool
run_swap ()
{
  Bench bench;

  check (lw_launch (swap_neighbours<right>, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  return bench.is ([&] (int i) { return bench.host[i ^ 1]; });
}

/* Sixteen lanes exchange among themselves and wait for each other alone. */
__global__ void
swap_in_half (const float *x, float *y)
{
  LW_SHARED (float, tile, [THREADS]);

  tile[threadIdx.x] = x[threadIdx.x];
  __syncwarp ();
  if (threadIdx.x % 32 < 16) {
    const float other = tile[threadIdx.x ^ 1];

    __syncwarp (0xffff);
    tile[threadIdx.x] = other;
    __syncwarp (0xffff);
    y[threadIdx.x] = tile[threadIdx.x ^ 2];
  } else {
    y[threadIdx.x] = tile[threadIdx.x];
  }
}

bool
run_swap_in_half ()
{
  Bench bench;

  check (lw_launch (swap_in_half, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  return bench.is ([&] (int i) { return bench.host[i % 32 < 16 ? i ^ 3 : i]; });
}

/* Sixteen lanes read what the other ones write, and wait only for each other. */
__global__ void
read_other_half (const float *x, float *y)
{
  LW_SHARED (float, tile, [THREADS]);

  tile[threadIdx.x] = 0;
  __syncthreads ();
  if (threadIdx.x % 32 < 16) {
    __syncwarp (0xffff);
    y[threadIdx.x] = tile[threadIdx.x + 16];
  } else {
    tile[threadIdx.x] = x[threadIdx.x];
    y[threadIdx.x] = x[threadIdx.x];
  }
}

bool
run_read_other_half ()
{
  Bench bench;

  check (lw_launch (read_other_half, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  return bench.is ([&] (int i) { return bench.host[i % 32 < 16 ? i + 16 : i]; });
}

/* Four lanes write a byte each of one word, and read another one's, with nothing between. */
__global__ void
exchange_bytes (float *y)
{
  LW_SHARED (unsigned char, bytes, [THREADS]);
  const unsigned i = threadIdx.x, other = i / 4 * 4 + (i + 2) % 4;

  bytes[i] = 0;
  __syncthreads ();
  bytes[i] = (unsigned char)(i + 1);
  y[i] = bytes[other];
}

bool
run_exchange_bytes ()
{
  Bench bench;

  check (lw_launch (exchange_bytes, 1, THREADS, 0, bench.stream, bench.y));
  return bench.is ([] (int i) { return i / 4 * 4 + (i + 2) % 4 + 1; });
}

enum Divergence { HALF_WAITS, SOME_RETURN, TWO_BARRIERS };

template <Divergence how>
__global__ void
diverge (const float *x, float *y)
{
  LW_SHARED (float, tile, [THREADS]);

  tile[threadIdx.x] = x[threadIdx.x];
  if (how == SOME_RETURN && threadIdx.x >= 100)
    return;
  if (how == SOME_RETURN || threadIdx.x < 64)
    __syncthreads ();
  else if (how == TWO_BARRIERS)
    __syncthreads ();
  y[threadIdx.x] = tile[threadIdx.x];
}

template <Divergence how>
bool
run_diverge ()
{
  Bench bench;

  check (lw_launch (diverge<how>, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  return bench.is_input (0);
}

template <bool right>
__global__ void
shuffle (const float *x, float *y)
{
  const float value = x[threadIdx.x];

  if (right || threadIdx.x % 32 < 16)
    y[threadIdx.x] = __shfl_xor_sync (~0u, value, 1);
  else
    y[threadIdx.x] = x[threadIdx.x ^ 1];
}

template <bool right>
bool
run_shuffle ()
{
  Bench bench;

  check (lw_launch (shuffle<right>, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  return bench.is ([&] (int i) { return bench.host[i ^ 1]; });
}

/* --- bounds ----------------------------------------------------------------------------------- */

enum Bound { INDEX, POINTER, ROW, DYNAMIC, GLOBAL_READ, GLOBAL_WRITE, GLOBAL_BEHIND, VECTOR };

template <Bound what>
__global__ void
overrun (const float *x, float *y)
{
  LW_SHARED (float, tile, [THREADS]);
  LW_SHARED (float, rows, [4][32]);
  const unsigned i = threadIdx.x;

  tile[i] = rows[i / 32][i % 32] = x[i];
  if (what == DYNAMIC) {
    LW_DYNAMIC_SHARED (float, dynamic);

    dynamic[i] = x[i];
    __syncthreads ();
    y[i] = dynamic[i + 1];
  }
  __syncthreads ();
  if (what == INDEX)
    y[i] = tile[i + 1];
  if (what == POINTER) {
    const float *at = tile + i;

    y[i] = at[1];
  }
  if (what == ROW)
    y[i] = rows[i / 32][i % 32 + 1];
  if (what == GLOBAL_READ)
    y[i] = x[ROUNDS * i + ROUNDS];
  if (what == GLOBAL_BEHIND && i <= 100)
    y[i] = x[(i + 1) % THREADS];
  if (what == GLOBAL_WRITE)
    y[i + 1] = x[(i + 1) % THREADS];
  if (what == VECTOR)
    y[i] = reinterpret_cast<const float4 *> (x + 1)[i % 32].x;
}

template <Bound what>
bool
run_overrun ()
{
  Bench bench;

  check (lw_launch (overrun<what>, 1, THREADS, what == DYNAMIC ? THREADS * sizeof (float) : 0,
                    bench.stream, bench.x, bench.y));
  return bench.is ([&] (int i) {
    return what == VECTOR ? bench.host[i % 32 * 4 + 1] : bench.host[(i + 1) % THREADS];
  });
}

/* A buffer that does not fill its last 256 bytes. */
bool
run_behind ()
{
  Bench bench;
  float *small;

  check (cudaMalloc (reinterpret_cast<void **> (&small), 100 * sizeof (float)));
  check (lw_launch (overrun<GLOBAL_BEHIND>, 1, THREADS, 0, bench.stream, bench.x, small));
  check (cudaStreamSynchronize (bench.stream));
  check (cudaFree (small));
  return true;
}

/* --- what was never written, and races between blocks ----------------------------------------- */

__global__ void
add_to_nothing (const float *x, float *y)
{
  y[threadIdx.x] += x[threadIdx.x];
}

bool
run_unwritten ()
{
  Bench bench;

  check (lw_launch (add_to_nothing, 1, THREADS, 0, bench.stream, bench.x, bench.y));
  return bench.is_input (0);
}

__global__ void
half_written (float *y)
{
  LW_SHARED (float, tile, [THREADS]);

  if (threadIdx.x < THREADS / 2)
    tile[threadIdx.x] = 0;
  __syncthreads ();
  y[threadIdx.x] = tile[threadIdx.x];
}

bool
run_unwritten_shared ()
{
  Bench bench;

  check (lw_launch (half_written, 1, THREADS, 0, bench.stream, bench.y));
  return bench.is ([] (int) { return 0; });
}

enum Counting { ATOMIC, PLAIN, MIXED };

template <Counting how>
__global__ void
count_blocks (float *y)
{
  if (threadIdx.x != 0)
    return;
  if (how == ATOMIC || (how == MIXED && blockIdx.x == 0))
    atomicAdd (y, 1.0f);
  else
    y[0] += 1;
}

template <Counting how>
bool
run_count ()
{
  Bench bench;

  check (cudaMemsetAsync (bench.y, 0, THREADS * sizeof (float), bench.stream));
  check (lw_launch (count_blocks<how>, 8, 32, 0, bench.stream, bench.y));
  return bench.is ([] (int i) { return i == 0 ? 8 : 0; });
}

/* A block reads what another one of the same launch writes. */
__global__ void
wait_for_nobody (const float *x, float *y)
{
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;

  y[i] = x[i];
  __syncthreads ();
  y[i] = x[i] + y[(i + 32) % THREADS] * 0;
}

bool
run_between_blocks ()
{
  Bench bench;

  check (cudaMemsetAsync (bench.y, 0, THREADS * sizeof (float), bench.stream));
  check (lw_launch (wait_for_nobody, 4, 32, 0, bench.stream, bench.x, bench.y));
  return bench.is_input (0);
}

} // namespace

#define LW_BOTH(message) message, message
/* Which comes first depends on the order. */
#define LW_RACE "*race between threads*of tile*|*reads what was never written*of tile*"

const LwPlanted lw_planted_kernels[] = {
  { "barrier", run_rotate<true>, true, "", "" },
  { "no-barrier", run_rotate<false>, false, LW_RACE, nullptr },
  { "barrier-in-loop", run_add_rounds<true>, true, "", "" },
  { "no-barrier-in-loop", run_add_rounds<false>, false, LW_RACE, nullptr },
  { "syncwarp", run_swap<true>, true, "", "" },
  { "no-syncwarp", run_swap<false>, false, LW_RACE, nullptr },
  { "syncwarp-of-half", run_swap_in_half, true, "", "" },
  { "syncwarp-of-other-half", run_read_other_half, false, nullptr, nullptr },
  { "bytes-of-a-word", run_exchange_bytes, false, nullptr, nullptr },
  { "half-waits", run_diverge<HALF_WAITS>, false,
    LW_BOTH ("*divergent barrier*have returned*wait in __syncthreads at*") },
  { "some-return", run_diverge<SOME_RETURN>, false,
    LW_BOTH ("*divergent barrier*have returned*wait in __syncthreads at*") },
  { "two-barriers", run_diverge<TWO_BARRIERS>, false,
    LW_BOTH ("*divergent barrier*wait in __syncthreads at*wait in __syncthreads at*") },
  { "shuffle", run_shuffle<true>, true, "", "" },
  { "shuffle-of-half", run_shuffle<false>, false,
    LW_BOTH ("*names lane*which has returned*|*divergent barrier*wait in a shuffle*") },
  { "shared-index", run_overrun<INDEX>, false, "*index 128 is out of the array's bounds*",
    nullptr },
  { "shared-pointer", run_overrun<POINTER>, false, "*out of bounds: byte 512 of tile*", nullptr },
  { "shared-row", run_overrun<ROW>, false, "*index 32 is out of the array's bounds*", nullptr },
  { "shared-dynamic", run_overrun<DYNAMIC>, false,
    LW_BOTH ("*out of bounds: byte 512 of dynamic shared memory*") },
  { "global-read", run_overrun<GLOBAL_READ>, false,
    LW_BOTH ("*reads*out of bounds: byte 2048 of a buffer of 2048 bytes*") },
  { "global-write", run_overrun<GLOBAL_WRITE>, false,
    LW_BOTH ("*writes*out of bounds: byte 512 of a buffer of 512 bytes*") },
  { "global-behind", run_behind, false, "*writes*out of bounds: byte 400 of a buffer of 400 bytes*",
    "*byte 400 of a buffer of 400 bytes was written, behind its end, seen after overrun*" },
  { "misaligned", run_overrun<VECTOR>, false, "*is not aligned*", "" },
  { "unwritten", run_unwritten, false, "*reads what was never written*of a buffer*", nullptr },
  { "unwritten-shared", run_unwritten_shared, false, "*reads what was never written*of tile*",
    nullptr },
  { "atomics", run_count<ATOMIC>, true, "", "" },
  { "no-atomics", run_count<PLAIN>, false, "*race between blocks*", "" },
  { "atomics-and-not", run_count<MIXED>, false, "*race between blocks*", "" },
  { "between-blocks", run_between_blocks, false, "*race between blocks*", "" },
  { nullptr, nullptr, false, nullptr, nullptr },
};
