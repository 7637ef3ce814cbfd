/* Winograd's convolution: 3 × 3 and 5 × 5 kernels of stride 1 with 3.2 to 6.2 times fewer
 * multiplications than the definition has, and 3 × 3 kernels of stride 2 with 1.7 to 1.9 times
 * fewer.
 *
 * The output is cut into tiles of m × m pixels. A tile d of α × α = (m + r − 1)² input pixels, a
 * kernel g of r × r weights and an output tile Y are taken to α² points, where convolution is a
 * product number by number, and for all channels together a matrix product at each point:
 *
 *   forward          Y  = Aᵀ [Σ_c (G g Gᵀ) ⊙ (Bᵀ d B)] A
 *   data gradient    the same with dy for x and with g turned by 180°, channels exchanged
 *   weight gradient  dg = Gᵀ [Σ_tiles (A dY Aᵀ) ⊙ (Bᵀ d B)] G, the exact adjoint in g
 *
 * (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", arXiv 1509.09308, 2015;
 * winograd-matrices.py derives A, B and G.) The points' powers cost precision: the relative error
 * ‖y − y*‖₂ / ‖y*‖₂ against double precision, the largest of the network layers that
 * tests/host/test-winograd.c has, on random numbers, x as after a ReLU:
 *
 *                  fewer products   forward   data gradient   weight gradient
 *   F(6×6, 3×3)        5.1 ×        6.3e-6       4.0e-6           2.3e-6
 *   F(4×4, 3×3)        4.0 ×        3.3e-6       2.1e-6           1.6e-6
 *   F(3×3, 3×3)        3.2 ×        2.5e-6       1.2e-6           0.9e-6
 *   F(4×4, 5×5)        6.2 ×        4.6e-6       4.3e-6           2.1e-6
 *
 *   F(6×6, 2×2)        1.9 ×        5.1e-6       4.9e-6           1.1e-6      stride 2
 *   F(4×4, 2×2)        1.8 ×        2.3e-6       1.1e-6           3.8e-7      stride 2
 *   F(3×3, 2×2)        1.7 ×        8.0e-7       8.1e-7           1.8e-7      stride 2
 *
 * With stride 2, pixels of even and of odd padded rows and columns are four images, the phases of
 * x, and the convolution is the sum of four of stride 1. Down the image, and across it, the even
 * ones e meet the kernel's taps 0 and 2, the odd ones o tap 1 alone:
 *
 *   y_i = g_0 e_i + g_2 e_{i+1} + g_1 o_i
 *
 * All are taken to the points of F(m, 2), where they are added up like channels. One tap is two of
 * which the second is 0, and so is its value at infinity, the last of the α points: a tile takes
 * (2 m + 1)² products, not 4 α², where the definition has 9 m².
 *
 * An infinite or NaN pixel makes the whole tile NaN, not only what depends on it.
 *
 * With bfloat16, pixels, their gradients and masks are bfloat16 in memory (uint16_t: the upper
 * halves of float32 numbers), and so are the numbers at the points; weights, bias, their gradients
 * and all sums are float32. Rounding the numbers at the points costs more than the rounding of what
 * goes in and out, the more the further apart the points' powers are: those variants have points of
 * their own, and F(6×6, 3×3) and F(4×4, 5×5), which would be off by 4 to 5 %, are not offered, nor
 * is F(6×6, 2×2). The same errors, of inputs and weights that are bfloat16 and outputs that are
 * rounded:
 *
 *                  fewer products   forward   data gradient   weight gradient
 *   F(6×3, 3×3)        4.1 ×        1.5e-2       1.9e-2           1.5e-2
 *   F(4×4, 3×3)        4.0 ×        1.0e-2       1.2e-2           1.0e-2
 *   F(3×3, 3×3)        3.2 ×        6.5e-3       7.7e-3           6.1e-3
 *   F(3×3, 5×5)        4.6 ×        1.9e-2       2.3e-2           1.9e-2
 *   F(4×4, 2×2)        1.8 ×        7.9e-3       9.3e-3           8.8e-3      stride 2
 *   F(3×3, 2×2)        1.7 ×        3.6e-3       4.0e-3           3.4e-3      stride 2
 *
 * Layout: values are NHWC, float32 or bfloat16: pixel (n, y, x) begins at number (n·H + y)·W + x,
 * times x_stride or y_stride, which is at least the number of channels; larger, the value is a part
 * of a concatenation. Weights are HWIO [kernel][kernel][in][out]. No alignment is asked for but 64
 * bytes for the workspace.
 *
 * Threads: a call divides its work through the caller's pool and returns when all is done. Results
 * are bit-identical from call to call and for every number of threads; between instruction sets
 * they differ in the last bits. Nothing is kept between calls. */
#pragma once

#include "kernels/cpu/stretches.h"

#include <stdbool.h>
#include <stddef.h>

/* F(m × m, r × r): LW_WINOGRAD_Fmr; F63_33 is F(6 × 3, 3 × 3), 6 rows of outputs high. */
typedef enum {
  LW_WINOGRAD_F63, /* float32 only */
  LW_WINOGRAD_F43,
  LW_WINOGRAD_F33,
  LW_WINOGRAD_F45,    /* float32 only */
  LW_WINOGRAD_F63_33, /* bfloat16 only */
  LW_WINOGRAD_F35,    /* bfloat16 only */
  LW_WINOGRAD_F62,    /* stride 2, r × r being the even phase's taps; float32 only */
  LW_WINOGRAD_F42,    /* the same in both */
  LW_WINOGRAD_F32,    /* the same in both */
  LW_N_WINOGRAD
} LwWinogradVariant;

typedef enum {
  LW_WINOGRAD_FORWARD,
  LW_WINOGRAD_BACKWARD_DATA,
  LW_WINOGRAD_BACKWARD_WEIGHTS,
} LwWinogradDirection;

/* x [n][h][w][in] → y [n][(h + 2·padding − kernel) / stride + 1][(w + …][out]. dx is laid out as x,
 * dy as y. */
typedef struct {
  int32_t n, h, w, in, out;
  int32_t kernel, stride, padding; /* padding from 0 on; more than the kernel is allowed */
  int64_t x_stride, y_stride;
} LwWinogradShape;

/* Who computes. */
typedef struct {
  int lanes;   /* numbers in a vector: 8 (AVX2) or 16 (AVX-512), at most lw_winograd_lanes () */
  int threads; /* from 1 on */
  /* Calls fn (data, i) once for each i from 0 to n − 1, n ≤ threads, in any order, at the same time
   * or not, and returns after all have returned. */
  void (*parallel) (void *pool, int n, void (*fn) (void *data, int index), void *data);
  void *pool;
  bool bf16; /* pixels are bfloat16: needs 16 lanes and lw_winograd_has_bf16 () */
} LwWinogradPool;

/* The widest vectors that both this processor and this build have: 16, 8, or 0, with which nothing
 * below but lw_winograd_applies and lw_winograd_products may be called. */
int lw_winograd_lanes (void);

/* Whether processor and build have the instructions for bfloat16: AVX-512 BF16. */
bool lw_winograd_has_bf16 (void);

/* Whether the variant, in bfloat16 or in float32, computes convolutions of this shape: its kernel's
 * size, its stride, and at least one output pixel. The functions below ask for it. */
bool lw_winograd_applies (const LwWinogradShape *shape, LwWinogradVariant variant, bool bf16);

/* Multiplications per pair of channels: tiles × α², or tiles × (2 m + 1)² with stride 2. To rank
 * variants by before timing the best two; the definition has n × output pixels × kernel². */
double lw_winograd_products (const LwWinogradShape *shape, LwWinogradVariant variant, bool bf16,
                             LwWinogradDirection direction);

/* Bytes of workspace of a call with this many examples or fewer, a multiple of 64. */
size_t lw_winograd_workspace (const LwWinogradPool *pool, const LwWinogradShape *shape,
                              LwWinogradVariant variant, LwWinogradDirection direction);

/* The stretches whose sums forward makes. */
LwStretches
lw_winograd_stretches (const LwWinogradShape *shape, LwWinogradVariant variant, bool bf16);

/* y = x ∗ w + bias or, with `add`, y += it; then max (0, y) with `relu` (NaN stays NaN). bias [out]
 * may be NULL. `sums`, unless NULL, are made of y; not with `add`. */
void
lw_winograd_forward (const LwWinogradPool *pool, const LwWinogradShape *shape,
                     LwWinogradVariant variant, const void *x, const float *w, const float *bias,
                     bool add, bool relu, void *y, const LwSums *sums, void *workspace);

/* dx = the gradient, or dx += it with `accumulate`. With `y`, laid out as dy, dy counts only where
 * y > 0: the gradient through a ReLU that made y; NULL: dy counts everywhere. With `positive`,
 * whose pixels are `positive_stride` numbers apart, dx becomes 0 in the end where it is not above
 * 0: the gradient through the ReLU that made x; NULL: nowhere. */
void lw_winograd_backward_data (const LwWinogradPool *pool, const LwWinogradShape *shape,
                                LwWinogradVariant variant, const void *dy, const void *y,
                                const float *w, void *dx, bool accumulate, const void *positive,
                                int64_t positive_stride, void *workspace);

/* dw += the weights' gradient and, unless NULL, dbias [out] += Σ dy; y as above. */
void lw_winograd_backward_weights (const LwWinogradPool *pool, const LwWinogradShape *shape,
                                   LwWinogradVariant variant, const void *x, const void *dy,
                                   const void *y, float *dw, float *dbias, void *workspace);
