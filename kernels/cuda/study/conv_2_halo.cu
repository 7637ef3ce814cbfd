/* Convolution, rung 2: a tile of x with its halo in shared memory.
 *
 * Idea: windows overlap. The 8 × 8 pixels of y of a block need 10 × 10 of x, a border of one more
 * than the tile: each number that is brought serves up to 9 windows and 32 outputs. A thread has
 * the 8 pixels of a row: in a step (a channel, a row of the window) 10 numbers of x and 3 of w in
 * registers make 24 multiply-adds.
 * Cost: for 8 channels a block brings 10² · 8 · 4 = 3.1 KiB of x and 9 · 8 · 32 · 4 = 9 KiB of w
 * for 2 · 64 · 32 · 72 = 294912 FLOPs: 24 FLOPs a byte. A thread reads 52 bytes of shared memory
 * for 48 FLOPs. The tile fits the window, not the product: few pixels share the weights that a
 * block brings, and the last tiles of a small map stand half outside. */
#include "kernels/cuda/study/tiles.cuh"

namespace {

enum { SIDE = 8, HALO = SIDE + 2, OUTPUTS = 32, DEPTH = 8, THREADS = 256 };

__device__ void
bring (const LwStudyProblem &p, int top, int left, int first, int first_output,
       float (&x_tile)[HALO][HALO][DEPTH], float (&w_tile)[9][DEPTH][OUTPUTS])
{
  for (int e = (int)threadIdx.x; e < HALO * HALO * DEPTH; e += THREADS) {
    const int c = e % DEPTH, j = e / DEPTH % HALO, i = e / DEPTH / HALO;
    const int a = top + i - 1, b = left + j - 1;
    const bool inside = a >= 0 && a < p.h && b >= 0 && b < p.w && first + c < p.channels;
    const size_t pixel = (size_t)(((int)blockIdx.z * p.h + a) * p.w + b);

    x_tile[i][j][c] = inside ? p.a[pixel * (size_t)p.channels + (size_t)(first + c)] : 0;
  }
  for (int e = (int)threadIdx.x; e < 9 * DEPTH * OUTPUTS; e += THREADS) {
    const int o = e % OUTPUTS, c = e / OUTPUTS % DEPTH, place = e / OUTPUTS / DEPTH;

    w_tile[place][c][o] = first + c < p.channels ? lw_study_at (p.b, place * p.channels + first + c,
                                                                first_output + o, p.k, p.n)
                                                 : 0;
  }
}

/* Grid (tiles of a map, outputs / 32, images). */
__global__ void
halo (LwStudyProblem p, int tiles_across)
{
  LW_SHARED (float, x_tile, [HALO][HALO][DEPTH]);
  LW_SHARED (float, w_tile, [9][DEPTH][OUTPUTS]);
  const int top = (int)blockIdx.x / tiles_across * SIDE;
  const int left = (int)blockIdx.x % tiles_across * SIDE;
  const int o = (int)threadIdx.x % OUTPUTS, i = (int)threadIdx.x / OUTPUTS;
  const int output = (int)blockIdx.y * OUTPUTS + o;
  float sums[SIDE] = {};

  for (int first = 0; first < p.channels; first += DEPTH) {
    bring (p, top, left, first, (int)blockIdx.y * OUTPUTS, x_tile, w_tile);
    __syncthreads ();
    for (int c = 0; c < DEPTH; c++)
      for (int u = 0; u < 3; u++) {
        float row[HALO];

        for (int j = 0; j < HALO; j++)
          row[j] = x_tile[i + u][j][c];
        for (int v = 0; v < 3; v++) {
          const float weight = w_tile[u * 3 + v][c][o];

          for (int j = 0; j < SIDE; j++)
            sums[j] += row[j + v] * weight;
        }
      }
    __syncthreads ();
  }
  for (int j = 0; j < SIDE; j++)
    if (top + i < p.h && left + j < p.w && output < p.n)
      p.c[(size_t)(((int)blockIdx.z * p.h + top + i) * p.w + left + j) * (size_t)p.n +
          (size_t)output] = sums[j];
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  const unsigned across = lw_study_blocks (p->w, SIDE);

  return lw_launch (halo,
                    dim3 (across * lw_study_blocks (p->h, SIDE), lw_study_blocks (p->n, OUTPUTS),
                          (unsigned)p->images),
                    THREADS, 0, stream, *p, (int)across);
}

} // namespace

extern const LwStudyRung lw_study_halo = {
  "tiles with a halo", LW_STUDY_FP32, nullptr, nullptr, nullptr, run
};
