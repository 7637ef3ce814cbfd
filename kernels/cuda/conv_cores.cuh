/* What multiplies the tiles of conv_implicit.cuh once they lie in shared memory: sums += A · Bᵀ for
 * A [M][K] and B [N][K], K being 64 bytes of numbers. A block's warps lie over M × N in rectangles;
 * each thread has the sums of some rows and columns in registers. Two ways with the same face:
 *
 *  - Fma: float32, exact. A thread has 8 × 8 or 8 × 4 sums: for 64 of them it reads 16 numbers from
 *    shared memory, four at a time.
 *  - TensorCore: a warp multiplies 16 × 8 × 16 bf16 or 16 × 8 × 8 TF32 numbers in one instruction
 *    (tensor.cuh says who has which number).
 *
 * Where a number lies in shared memory: without gaps, so that three stages of 128 + 128 rows are
 * 48 KiB, what every device gives without being asked. So that the threads of a warp, which read 16
 * bytes each of neighbouring rows, find them in different banks, the 16-byte pieces of a row change
 * places by a pattern that repeats after 8 rows (exclusive or). An operand of which numbers along K
 * lie together in global memory is stored by rows of K; one of which rows lie together, by K. */
#pragma once

#include "kernels/cuda/number.cuh"
#include "kernels/cuda/tensor.cuh"

namespace {

template <class Number, int ROWS, bool ALONG_K> struct Tile {
  static constexpr int VECTOR = 16 / (int)sizeof (Number); /* numbers in 16 bytes */
  static constexpr int K = 64 / (int)sizeof (Number);
  static constexpr int NUMBERS = ROWS * K;

  __device__ static int at (int row, int k)
  {
    if (ALONG_K)
      return row * K + ((k / VECTOR) ^ (row / 2 % 4)) * VECTOR + k % VECTOR;

    const int turn = sizeof (Number) == 4 ? k % 4 * 2 : ROWS < 64 ? k / 2 % 4 : k % 8;

    return k * ROWS + ((row / VECTOR) ^ turn) * VECTOR + row % VECTOR;
  }
};

/* A block's tile of the product and a warp's part of it. */
template <int TILE_M, int TILE_N, int PART_M, int PART_N> struct Shape {
  static constexpr int M = TILE_M, N = TILE_N, WARP_M = PART_M, WARP_N = PART_N;
  static constexpr int THREADS = M / WARP_M * (N / WARP_N) * 32;

  /* The first row and column of the thread's warp. */
  __device__ static int first_row ()
  {
    return (int)threadIdx.x / 32 / (N / WARP_N) * WARP_M;
  }
  __device__ static int first_column ()
  {
    return (int)threadIdx.x / 32 % (N / WARP_N) * WARP_N;
  }
};

/* --- float32 ---------------------------------------------------------------------------------- */

template <class Shape, bool A_ALONG_K, bool B_ALONG_K> struct Fma : Shape {
  using Number = float;
  static constexpr bool EXACT = true;
  using A = Tile<float, Shape::M, A_ALONG_K>;
  using B = Tile<float, Shape::N, B_ALONG_K>;
  static constexpr int ROWS = 8, LANES_M = Shape::WARP_M / ROWS, LANES_N = 32 / LANES_M;
  static constexpr int COLUMNS = Shape::WARP_N / LANES_N;
  static constexpr int PACK = B_ALONG_K ? 1 : 4; /* columns that lie side by side */
  /* On a multiprocessor at once; 168 registers a thread are left for three of 128 threads. */
  static constexpr int BLOCKS = Shape::THREADS > 128 ? 1 : 3;
  static constexpr int GROUPS = Shape::M / ROWS; /* of threads with the same columns */

  float sums[ROWS][COLUMNS];

  __device__ void clear ()
  {
    LW_UNROLL
    for (int i = 0; i < ROWS; i++)
      LW_UNROLL
    for (int j = 0; j < COLUMNS; j++)
      sums[i][j] = 0;
  }
  __device__ float &value (int i, int j)
  {
    return sums[i][j];
  }
  /* Single rows side by side with other lanes', or four of one's own. */
  __device__ static int row (int i)
  {
    const int lane = (int)threadIdx.x % 32 / LANES_N;

    return Shape::first_row () +
           (A_ALONG_K ? i * LANES_M + lane : i / 4 * 4 * LANES_M + lane * 4 + i % 4);
  }
  __device__ static int column (int j)
  {
    const int lane = (int)threadIdx.x % LANES_N;

    return Shape::first_column () +
           (B_ALONG_K ? j * LANES_N + lane : j / 4 * 4 * LANES_N + lane * 4 + j % 4);
  }
  __device__ static int group ()
  {
    return Shape::first_row () / ROWS + (int)threadIdx.x % 32 / LANES_N;
  }

  __device__ static void read4 (float (&to)[4], const float *from)
  {
    const float4 four = *reinterpret_cast<const float4 *> (from);

    to[0] = four.x;
    to[1] = four.y;
    to[2] = four.z;
    to[3] = four.w;
  }
  /* part[j][step] = B [column (j)][k + step], for four steps. */
  __device__ static void read_b (float (&part)[COLUMNS][4], const float *b, int k)
  {
    if constexpr (B_ALONG_K) {
      LW_UNROLL
      for (int j = 0; j < COLUMNS; j++)
        read4 (part[j], b + B::at (column (j), k));
    } else {
      LW_UNROLL
      for (int step = 0; step < 4; step++)
        LW_UNROLL
      for (int j = 0; j < COLUMNS; j += 4) {
        float four[4];

        read4 (four, b + B::at (column (j), k + step));
        LW_UNROLL
        for (int at = 0; at < 4; at++)
          part[j + at][step] = four[at];
      }
    }
  }
  __device__ void multiply (const float *a, const float *b)
  {
    /* Else the compiler reads far ahead, for which there are no registers. */
    LW_UNROLL_NONE
    for (int k = 0; k < A::K; k += 4) {
      float part[COLUMNS][4], four[4];

      read_b (part, b, k);
      if constexpr (A_ALONG_K) {
        LW_UNROLL
        for (int i = 0; i < ROWS; i++) {
          read4 (four, a + A::at (row (i), k));
          LW_UNROLL
          for (int step = 0; step < 4; step++)
            LW_UNROLL
          for (int j = 0; j < COLUMNS; j++)
            sums[i][j] = fmaf (four[step], part[j][step], sums[i][j]);
        }
      } else {
        LW_UNROLL
        for (int step = 0; step < 4; step++)
          LW_UNROLL
        for (int i = 0; i < ROWS; i += 4) {
          read4 (four, a + A::at (row (i), k + step));
          LW_UNROLL
          for (int at = 0; at < 4; at++)
            LW_UNROLL
          for (int j = 0; j < COLUMNS; j++)
            sums[i + at][j] = fmaf (four[at], part[j][step], sums[i + at][j]);
        }
      }
    }
  }
};

/* --- tensor cores ----------------------------------------------------------------------------- */

/* Number: LwBf16, or float for TF32. */
template <class Storage, class Shape, bool A_ALONG_K, bool B_ALONG_K> struct TensorCore : Shape {
  using Number = Storage;
  static constexpr bool EXACT = false;
  using A = Tile<Number, Shape::M, A_ALONG_K>;
  using B = Tile<Number, Shape::N, B_ALONG_K>;
  static constexpr bool HALF = sizeof (Number) == 2;
  static constexpr int STEP = HALF ? 16 : 8; /* an instruction's k: 32 bytes */
  static constexpr int TILES_M = Shape::WARP_M / 16, TILES_N = Shape::WARP_N / 8;
  static constexpr int ROWS = 2 * TILES_M, COLUMNS = 2 * TILES_N;
  static constexpr int PACK = 2;
  static constexpr int GROUPS = Shape::M / Shape::WARP_M * 8;
  /* While one waits at a barrier, others multiply. Where numbers are read one by one there are no
   * registers for a second one. */
  static constexpr int BLOCKS = Shape::THREADS <= 128 ? 3 : HALF || A_ALONG_K ? 2 : 1;

  float sums[TILES_M][TILES_N][4];

  __device__ void clear ()
  {
    LW_UNROLL
    for (int i = 0; i < TILES_M; i++)
      LW_UNROLL
    for (int j = 0; j < TILES_N; j++)
      LW_UNROLL
    for (int at = 0; at < 4; at++)
      sums[i][j][at] = 0;
  }
  __device__ float &value (int i, int j)
  {
    return sums[i / 2][j / 2][i % 2 * 2 + j % 2];
  }
  __device__ static int lane ()
  {
    return (int)threadIdx.x % 32;
  }
  __device__ static int row (int i)
  {
    return Shape::first_row () + i * 8 + lane () / 4;
  }
  __device__ static int column (int j)
  {
    return Shape::first_column () + j / 2 * 8 + lane () % 4 * 2 + j % 2;
  }
  __device__ static int group ()
  {
    return Shape::first_row () / Shape::WARP_M * 8 + lane () / 4;
  }

  /* Of TF32 numbers stored by k, which no instruction brings; the bits as they are. */
  __device__ static uint32_t bits (const Number *at)
  {
    return HALF ? 0 : *reinterpret_cast<const uint32_t *> (at);
  }
  __device__ static void read_a (uint32_t (&part)[4], const Number *a, int first, int k)
  {
    const int i = lane ();

    if constexpr (A_ALONG_K)
      lw_load_matrices (part, a + A::at (first + i % 16, k + i / 16 * (STEP / 2)));
    else if constexpr (HALF)
      lw_load_matrices_transposed (part, a + A::at (first + i / 8 % 2 * 8, k + i / 16 * 8 + i % 8));
    else
      LW_UNROLL
    for (int at = 0; at < 4; at++)
      part[at] = bits (a + A::at (first + at % 2 * 8 + i / 4, k + at / 2 * 4 + i % 4));
    round (part);
  }
  /* For two neighbouring tiles of 8 columns. */
  __device__ static void read_b (uint32_t (&part)[4], const Number *b, int first, int k)
  {
    const int i = lane ();

    if constexpr (B_ALONG_K)
      lw_load_matrices (part, b + B::at (first + i / 16 * 8 + i % 8, k + i / 8 % 2 * (STEP / 2)));
    else if constexpr (HALF)
      lw_load_matrices_transposed (part, b + B::at (first + i / 16 * 8, k + i / 8 % 2 * 8 + i % 8));
    else
      LW_UNROLL
    for (int at = 0; at < 4; at++)
      part[at] = bits (b + B::at (first + at / 2 * 8 + i / 4, k + at % 2 * 4 + i % 4));
    round (part);
  }
  __device__ static void round (uint32_t (&part)[4])
  {
    if (!HALF)
      LW_UNROLL
    for (int at = 0; at < 4; at++)
      part[at] = lw_tf32 (part[at]);
  }
  __device__ void multiply (const Number *a, const Number *b)
  {
    LW_UNROLL_NONE
    for (int k = 0; k < A::K; k += STEP) {
      uint32_t part_a[TILES_M][4], part_b[TILES_N / 2][4];

      LW_UNROLL
      for (int i = 0; i < TILES_M; i++)
        read_a (part_a[i], a, Shape::first_row () + i * 16, k);
      LW_UNROLL
      for (int j = 0; j < TILES_N / 2; j++)
        read_b (part_b[j], b, Shape::first_column () + j * 16, k);
      LW_UNROLL
      for (int i = 0; i < TILES_M; i++)
        LW_UNROLL
      for (int j = 0; j < TILES_N; j++) {
        const uint32_t b0 = part_b[j / 2][j % 2 * 2], b1 = part_b[j / 2][j % 2 * 2 + 1];

        if constexpr (HALF)
          lw_mma_bf16 (sums[i][j], part_a[i], b0, b1);
        else
          lw_mma_tf32 (sums[i][j], part_a[i], b0, b1);
      }
    }
  }
};

/* --- which one -------------------------------------------------------------------------------- */

using Shape128x128 = Shape<128, 128, 64, 32>;
using Shape128x64 = Shape<128, 64, 64, 32>;
using Shape64x64 = Shape<64, 64, 32, 32>;
using Shape128x32 = Shape<128, 32, 32, 32>;
using Shape32x128 = Shape<32, 128, 32, 32>;

} // namespace
