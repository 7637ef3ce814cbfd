/* Winograd's minimal filtering F(4, 3), one-dimensional, on numbers in registers: four outputs of
 * three weights of six inputs by six products, y = Aᵀ [(G g) ⊙ (Bᵀ d)]; the points are 0, ±1, ±2
 * and infinity. Applied to the columns and then to the rows of a tile it is F(4×4, 3×3): 36
 * products in place of 144. (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
 * arXiv 1509.09308, 2015, section 4.3; ../cpu/winograd-matrices.py derives the matrices.)
 *
 * As y is linear in g, its gradient is the adjoint: dg = Gᵀ [(A dy) ⊙ (Bᵀ d)], with the same
 * products. Rows of a pair of points ±p agree in even columns and are opposite in odd ones: each
 * half is computed once. Private to this folder. */
#pragma once

#include "kernels/cuda/launch.cuh"

/* Points of a tile across or down; its outputs; the weights. */
enum { LW_POINTS = 6, LW_TILE = 4, LW_TAPS = 3 };

/* Bᵀ d */
struct LwWinogradInput {
  __device__ void operator() (const float (&d)[LW_POINTS], float (&to)[LW_POINTS]) const
  {
    const float even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1];
    const float even2 = d[4] - d[2], odd2 = 2 * (d[3] - d[1]);

    to[0] = 4 * d[0] - 5 * d[2] + d[4];
    to[1] = even + odd;
    to[2] = even - odd;
    to[3] = even2 + odd2;
    to[4] = even2 - odd2;
    to[5] = 4 * d[1] - 5 * d[3] + d[5];
  }
};

/* G g */
struct LwWinogradWeights {
  static constexpr float SIXTH = 1.0f / 6;

  __device__ void operator() (const float (&g)[LW_TAPS], float (&to)[LW_POINTS]) const
  {
    const float even = -(g[0] + g[2]) * SIXTH, even2 = (0.25f * g[0] + g[2]) * SIXTH;

    to[0] = 0.25f * g[0];
    to[1] = even - g[1] * SIXTH;
    to[2] = even + g[1] * SIXTH;
    to[3] = even2 + g[1] * (0.5f * SIXTH);
    to[4] = even2 - g[1] * (0.5f * SIXTH);
    to[5] = g[2];
  }
};

/* Aᵀ m */
struct LwWinogradOutput {
  __device__ void operator() (const float (&m)[LW_POINTS], float (&y)[LW_TILE]) const
  {
    const float sum = m[1] + m[2], difference = m[1] - m[2];
    const float sum2 = m[3] + m[4], difference2 = m[3] - m[4];

    y[0] = m[0] + sum + sum2;
    y[1] = difference + 2 * difference2;
    y[2] = sum + 4 * sum2;
    y[3] = difference + 8 * difference2 + m[5];
  }
};

/* A dy */
struct LwWinogradGradient {
  __device__ void operator() (const float (&dy)[LW_TILE], float (&to)[LW_POINTS]) const
  {
    const float even = dy[0] + dy[2], odd = dy[1] + dy[3];
    const float even2 = dy[0] + 4 * dy[2], odd2 = 2 * dy[1] + 8 * dy[3];

    to[0] = dy[0];
    to[1] = even + odd;
    to[2] = even - odd;
    to[3] = even2 + odd2;
    to[4] = even2 - odd2;
    to[5] = dy[3];
  }
};

/* Gᵀ p */
struct LwWinogradWeightGradient {
  static constexpr float SIXTH = 1.0f / 6;

  __device__ void operator() (const float (&p)[LW_POINTS], float (&dg)[LW_TAPS]) const
  {
    const float sum = p[1] + p[2], difference = p[1] - p[2];
    const float sum2 = p[3] + p[4], difference2 = p[3] - p[4];

    dg[0] = 0.25f * p[0] + (0.25f * sum2 - sum) * SIXTH;
    dg[1] = (0.5f * difference2 - difference) * SIXTH;
    dg[2] = (sum2 - sum) * SIXTH + p[5];
  }
};

/* `transform` on the columns of a tile, then on its rows. */
template <int FROM, int TO, class Transform>
__device__ static inline void
lw_winograd_square (const float (&from)[FROM][FROM], float (&to)[TO][TO], Transform transform)
{
  float half[TO][FROM];

  LW_UNROLL
  for (int column = 0; column < FROM; column++) {
    float in[FROM], out[TO];

    LW_UNROLL
    for (int row = 0; row < FROM; row++)
      in[row] = from[row][column];
    transform (in, out);
    LW_UNROLL
    for (int row = 0; row < TO; row++)
      half[row][column] = out[row];
  }
  LW_UNROLL
  for (int row = 0; row < TO; row++)
    transform (half[row], to[row]);
}
