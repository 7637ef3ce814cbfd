/* Convolutions as products of matrices of which one is never stored (conv_implicit.cuh), in three
 * directions. Here is what the host asks of them; conv_implicit.c makes one of the algorithms of
 * conv2d.h of it. Everything is device memory and the caller's. Private to this folder. */
#pragma once

#include "kernels/cuda/device.h"

G_BEGIN_DECLS

/* In what numbers maps and weights are stored and multiplied; sums are float32 always. */
typedef enum {
  LW_CUDA_EXACT, /* float32, multiplied as such */
  LW_CUDA_TF32,  /* float32, rounded to 10 bits behind the point for tensor cores */
  LW_CUDA_BF16   /* bfloat16, on tensor cores */
} LwCudaNumberType;

/* Rows and columns of the product that a block computes. */
typedef enum {
  LW_CUDA_TILE_128_128,
  LW_CUDA_TILE_128_64, /* gradient of weights: as the next one */
  LW_CUDA_TILE_64_64,
  LW_CUDA_TILE_128_32, /* gradient of weights: 32 outputs, 128 of a window's numbers */
  LW_CUDA_N_TILES
} LwCudaTile;

typedef struct {
  LwCudaNumberType numbers;
  LwCudaTile tile;
  LwWindow window;
  int32_t n;                /* examples that are present */
  LwShape x_shape, y_shape; /* y has the outputs as channels */
  /* Numbers from a pixel to the next one of x and dx, of y and dy: of the map itself, or of a wider
   * one of which it is some channels. */
  int32_t x_pixel, y_pixel;
  const void *x, *w, *dy;
  void *y, *dx;
  bool accumulate; /* dx += */

  /* Forward, what is done to the sums on their way to y, each if it is not NULL: + bias [outputs],
   * + residual (as y; with `norm` what that batch normalization makes of it), max (·, 0), and then
   * into moments [row tiles][outputs] of y as it is stored the mean and Σ (y − mean)² over the
   * tile's pixels, as float2. */
  const float *bias;
  const void *residual;
  const LwStep *norm;
  bool relu;
  void *moments;

  /* Gradients of weights and bias, which are float32 and added to; each of `splits` stretches of
   * pixels is summed for itself. db may be NULL. */
  float *dw, *db;
  int32_t splits;
  float *partial; /* [splits][outputs · k·k·C + outputs]; not used where splits is 1 */
} LwCudaImplicit;

/* Pixels of a row tile of the moments. */
int32_t lw_cuda_implicit_row_tile (const LwCudaImplicit *job);

/* conv_forward.cu, conv_data.cu, conv_weights.cu */
bool lw_cuda_implicit_forward (LwDevice *device, const LwCudaImplicit *job, GError **error);
bool lw_cuda_implicit_data (LwDevice *device, const LwCudaImplicit *job, GError **error);
bool lw_cuda_implicit_weights (LwDevice *device, const LwCudaImplicit *job, GError **error);

/* One of the three, for as many examples at a time as have at most `most` numbers in x or y, gaps
 * included, at least one: places in a map are counted in 32 bits. Without moments. */
bool lw_cuda_implicit_run (LwDevice *device, const LwCudaImplicit *job, LwDirection direction,
                           int64_t most, GError **error);

/* Strides that lw_cuda_implicit_data knows. */
enum { LW_CUDA_MAX_STRIDE = 8 };
/* Maps with their padding are narrower and lower than this. */
enum { LW_CUDA_MAX_SIDE = 16384 };

G_END_DECLS
