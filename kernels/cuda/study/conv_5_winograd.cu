/* Convolution, rung 5: fewer multiplications.
 *
 *   y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A        d: 4 × 4 of x, g: 3 × 3 of w, y: 2 × 2
 *
 * Idea: Winograd's minimal filtering F(2×2, 3×3) (Lavin and Gray 2016, section 4.1): 16
 * multiplications give four outputs of a channel that took 36. The sums over channels are 16
 * products of matrices, one for each place of the 4 × 4:
 *
 *   V_p [tiles][channels] · U_p [channels][n] = M_p [tiles][n],  p = 0 … 15
 *
 * by rung 8, in one launch; kernels before and after transform. All in exact float32: the
 * coefficients are 0, ½ and 1.
 * Cost: 1 / 2.25 of the products' FLOPs. V is 4 times x (tiles overlap), M 4 times y, each written
 * and read: as bytes about 8 · (channels + n) · 4 a pixel, which is why it pays with many channels
 * only, and why fused kernels keep V and M on the chip (kernels/cuda/conv_winograd*.cu). */
#include "kernels/cuda/study/warp_tiles.cuh"

namespace {

enum { THREADS = 256 };

/* Tiles of 2 × 2 outputs; where V, U and M lie in the scratch. */
struct Tiles {
  int down, across, n;
  float *v, *u, *m;

  __host__ __device__ Tiles (const LwStudyProblem &p)
      : down ((p.h + 1) / 2), across ((p.w + 1) / 2), n (p.images * down * across),
        v ((float *)p.scratch), u (v + (size_t)16 * (size_t)n * (size_t)p.channels),
        m (u + (size_t)16 * (size_t)p.channels * (size_t)p.n)
  {
  }
};

/* Bᵀ d of four numbers that lie `step` apart. */
__device__ void
transform_four (float *d, int step)
{
  const float d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];

  d[0] = d0 - d2, d[step] = d1 + d2, d[2 * step] = d2 - d1, d[3 * step] = d1 - d3;
}

/* A thread a tile's channel. */
__global__ void
transform_x (LwStudyProblem p)
{
  const Tiles tiles (p);
  const size_t t = (size_t)blockIdx.x * THREADS + threadIdx.x;
  const int c = (int)(t % (size_t)p.channels), tile = (int)(t / (size_t)p.channels);
  const int image = tile / (tiles.down * tiles.across);
  const int top = tile / tiles.across % tiles.down * 2 - 1, left = tile % tiles.across * 2 - 1;
  float d[16];

  if (tile >= tiles.n)
    return;
  for (int e = 0; e < 16; e++) {
    const int a = top + e / 4, b = left + e % 4;

    d[e] = a >= 0 && a < p.h && b >= 0 && b < p.w
               ? p.a[(size_t)((image * p.h + a) * p.w + b) * (size_t)p.channels + (size_t)c]
               : 0;
  }
  for (int e = 0; e < 4; e++)
    transform_four (d + e, 4);
  for (int e = 0; e < 4; e++)
    transform_four (d + 4 * e, 1);
  for (int e = 0; e < 16; e++)
    tiles.v[(size_t)e * (size_t)tiles.n * (size_t)p.channels + t] = d[e];
}

/* G g Gᵀ, a thread a channel of an output. G's rows: (1,0,0), (½,½,½), (½,−½,½), (0,0,1). */
__global__ void
transform_w (LwStudyProblem p)
{
  const Tiles tiles (p);
  const int t = (int)(blockIdx.x * THREADS + threadIdx.x), all = p.channels * p.n;
  float half[4][3];

  if (t >= all)
    return;
  for (int v = 0; v < 3; v++) {
    const float g0 = p.b[(size_t)v * (size_t)all + (size_t)t];
    const float g1 = p.b[(size_t)(3 + v) * (size_t)all + (size_t)t];
    const float g2 = p.b[(size_t)(6 + v) * (size_t)all + (size_t)t];

    half[0][v] = g0, half[3][v] = g2;
    half[1][v] = 0.5f * (g0 + g1 + g2), half[2][v] = 0.5f * (g0 - g1 + g2);
  }
  for (int e = 0; e < 4; e++) {
    float *u = tiles.u + (size_t)(4 * e) * (size_t)all + (size_t)t;

    u[0] = half[e][0];
    u[(size_t)all] = 0.5f * (half[e][0] + half[e][1] + half[e][2]);
    u[(size_t)all * 2] = 0.5f * (half[e][0] - half[e][1] + half[e][2]);
    u[(size_t)all * 3] = half[e][2];
  }
}

/* Grid as rung 8's, and one layer of blocks for each of the 16 products. */
__global__ void
__launch_bounds__ (LW_STUDY_THREADS, 2) products (LwStudyProblem p)
{
  LW_SHARED (LwStudyTiles, shared, [1]);
  const Tiles tiles (p);
  const size_t e = blockIdx.z, c = (size_t)p.channels, n = (size_t)p.n, rows = (size_t)tiles.n;

  lw_study_warp_tiles (shared, LwStudyMatrix{ tiles.v + e * rows * c, tiles.n, p.channels },
                       tiles.u + e * c * n, tiles.m + e * rows * n, tiles.n, p.n, p.channels);
}

/* Aᵀ m A, a thread an output of a tile. Aᵀ's rows: (1,1,1,0), (0,1,−1,−1). */
__global__ void
transform_y (LwStudyProblem p)
{
  const Tiles tiles (p);
  const size_t t = (size_t)blockIdx.x * THREADS + threadIdx.x;
  const int o = (int)(t % (size_t)p.n), tile = (int)(t / (size_t)p.n);
  const int image = tile / (tiles.down * tiles.across);
  const int top = tile / tiles.across % tiles.down * 2, left = tile % tiles.across * 2;
  float half[2][4];

  if (tile >= tiles.n)
    return;
  for (int j = 0; j < 4; j++) {
    const float *m = tiles.m + (size_t)j * (size_t)tiles.n * (size_t)p.n + t;
    const size_t row = (size_t)4 * (size_t)tiles.n * (size_t)p.n;
    const float m0 = m[0], m1 = m[row], m2 = m[2 * row], m3 = m[3 * row];

    half[0][j] = m0 + m1 + m2, half[1][j] = m1 - m2 - m3;
  }
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++)
      if (top + i < p.h && left + j < p.w)
        p.c[(size_t)((image * p.h + top + i) * p.w + left + j) * (size_t)p.n + (size_t)o] =
            j == 0 ? half[i][0] + half[i][1] + half[i][2] : half[i][1] - half[i][2] - half[i][3];
}

bool
fits (const LwStudyProblem *p)
{
  return p->channels % 4 == 0 && p->n % 4 == 0;
}

size_t
scratch_bytes (const LwStudyProblem *p)
{
  const Tiles tiles (*p);
  const size_t rows = (size_t)tiles.n, c = (size_t)p->channels, n = (size_t)p->n;

  return 16 * sizeof (float) * (rows * c + c * n + rows * n);
}

unsigned
blocks (int rows, int columns)
{
  return (unsigned)(((size_t)rows * (size_t)columns + THREADS - 1) / THREADS);
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  const Tiles tiles (*p);
  dim3 grid = lw_study_tile_grid (tiles.n, p->n);
  cudaError_t code;

  grid.z = 16;
  code = lw_launch (transform_x, blocks (tiles.n, p->channels), THREADS, 0, stream, *p);
  if (code == cudaSuccess)
    code = lw_launch (transform_w, blocks (p->channels, p->n), THREADS, 0, stream, *p);
  if (code == cudaSuccess)
    code = lw_launch (products, grid, LW_STUDY_THREADS, 0, stream, *p);
  if (code == cudaSuccess)
    code = lw_launch (transform_y, blocks (tiles.n, p->n), THREADS, 0, stream, *p);
  return code;
}

} // namespace

extern const LwStudyRung lw_study_winograd = { "Winograd F(2×2, 3×3)", LW_STUDY_FP32, fits,
                                               scratch_bytes,          nullptr,       run };
