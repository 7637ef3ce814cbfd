/* The stages of Winograd's convolution, compiled once for AVX2 and once for AVX-512. Private to
 * this folder. */
#pragma once

#include "kernels/cpu/simd.h"
#include "kernels/cpu/winograd_plan.h"

/* Vectors in a panel; rows (tiles) of the two sizes of the forward product's micro-kernel, and how
 * many output panels it covers. Its sums, tall × wide vectors, fill the registers: 6 · 2 of 16 and
 * 14 · 2 of 32. The weight gradient's has LW_DEPTH input channels for rows. */
#if LW_LANES == 16
#define LW_WIDE 2
enum { LW_VECS = 1, LW_DEPTH = 8 };
#else
#define LW_WIDE 1
enum { LW_VECS = LW_PANEL / LW_LANES, LW_DEPTH = 6 };
#endif
enum { LW_TALL = LW_WINOGRAD_TALL (LW_LANES), LW_SHORT = LW_WINOGRAD_SHORT (LW_LANES) };

/* Before a loop of a constant count over arrays of vectors, which then become registers; and before
 * a long one. */
#if defined __clang__
#define LW_UNROLL      _Pragma ("unroll")
#define LW_UNROLL_SOME _Pragma ("unroll 4")
#else
#define LW_UNROLL      _Pragma ("GCC unroll 16")
#define LW_UNROLL_SOME _Pragma ("GCC unroll 4")
#endif

/* Bᵀ d B of the tiles first … first + count − 1, all panels, to v [α²][in panels][group][16]. */
void LW_CPU (winograd_input) (const LwWinogradPlan *plan, LwWinogradSource in, int64_t first,
                              int64_t count, float *v);

/* A dY Aᵀ of the same tiles, panels from … to − 1, to d [α²][out panels][group][16]. */
void LW_CPU (winograd_gradient) (const LwWinogradPlan *plan, LwWinogradSource out, int64_t first,
                                 int64_t count, int from, int to, float *d);

/* Aᵀ s A of sums s [α²][out panels][group][16], panels from … to − 1, to the output's pixels. */
void LW_CPU (winograd_output) (const LwWinogradPlan *plan, const float *s, int64_t first,
                               int64_t count, int from, int to, const LwWinogradTarget *target);

/* G g Gᵀ of 16 × 16 channels, input panel `in` and output panel `out`, to u [α²][out panels]
 * [16 · in panels][16]. `turned`: w holds the weights of the convolution whose data gradient this
 * one is, [kernel][kernel][out][in], to be turned by 180°. */
void LW_CPU (winograd_weights) (const LwWinogradPlan *plan, const float *w, bool turned, int in,
                                int out, float *u);

/* dw += Gᵀ (Σ over chunks of du) G for the same channels; du [chunk][α²][…] as u. */
void LW_CPU (winograd_weight_gradient) (const LwWinogradPlan *plan, const float *du, int in,
                                        int out, float *dw);

/* s = v u at each point, `count` tiles, output panels from … to − 1. Does whole blocks of
 * tiles: v must have lw_winograd_rows () of them. */
void LW_CPU (winograd_product) (const LwWinogradPlan *plan, const float *v, const float *u,
                                int64_t count, int from, int to, float *s);

/* du = vᵀ d, or du += it with `add`, at each point. */
void LW_CPU (winograd_outer_product) (const LwWinogradPlan *plan, const float *v, const float *d,
                                      int64_t count, int from, int to, bool add, float *du);
