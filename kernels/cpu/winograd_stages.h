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

/* Factors of a product's step: with bfloat16, vectors of 32-bit numbers hold 2 neighbours each,
 * which are multiplied and added up at once. */
#ifdef LW_BF16
enum { LW_FACTORS = 2 };
#else
enum { LW_FACTORS = 1 };
#endif

/* The values of a phase at the points, the first so many down and across. */
typedef struct {
  int rows, columns;
} LwWinogradPoints;

LW_INLINE LwWinogradPoints
lw_winograd_points (LwWinogradPhase phase, int rows, int columns)
{
  return (LwWinogradPoints){ rows - phase.odd_y, columns - phase.odd_x };
}

/* Numbers from 0 on that are left of x + step · number = end, at most `most`. */
LW_INLINE int
lw_winograd_count (int x, int end, int step, int most)
{
  const int count = x < end ? (end - x + step - 1) / step : 0;

  return count < most ? count : most;
}

/* Writes a vector or, with bfloat16, two: one behind the other or, if interleaved, number by number
 * in turns. */
LW_INLINE void
lw_winograd_store (LwNumber *at, LwVec first, LwVec second, bool interleaved)
{
#ifdef LW_BF16
  __m512i both = (__m512i)_mm512_cvtne2ps_pbh ((__m512)second, (__m512)first);

  if (interleaved) {
    const __m512i in_turns =
        _mm512_set_epi16 (31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22,
                          6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);

    both = _mm512_permutexvar_epi16 (in_turns, both);
  }
  _mm512_store_si512 (at, both);
#else
  (void)second;
  (void)interleaved;
  lw_vec_store (at, first);
#endif
}

/* sum + the product of the row with the factors at `at`, the same for all lanes. */
LW_INLINE LwVec
lw_winograd_add (LwVec sum, const LwNumber *at, LwVec row)
{
#ifdef LW_BF16
  const int32_t factors = *(const int32_t __attribute__ ((may_alias)) *)at;

  return (LwVec)_mm512_dpbf16_ps ((__m512)sum, (__m512bh)row,
                                  (__m512bh)_mm512_set1_epi32 (factors));
#else
  return sum + *at * row;
#endif
}

/* Bᵀ d B of the tiles first … first + count − 1, all panels, to v [α²][in panels][group][16]; with
 * bfloat16 and `paired` to [α²][in panels][group / 2][16][2], an odd last tile's pair being 0. */
void LW_CPU (winograd_input) (const LwWinogradPlan *plan, LwWinogradSource in, int64_t first,
                              int64_t count, bool paired, LwNumber *v);

/* A dY Aᵀ of the same tiles, panels from … to − 1, to d, laid out as v if paired. With bfloat16,
 * `sums`, unless NULL, [16 · out panels], += the numbers of dY. */
void LW_CPU (winograd_gradient) (const LwWinogradPlan *plan, LwWinogradSource out, int64_t first,
                                 int64_t count, int from, int to, LwNumber *d, float *sums);

/* Aᵀ s A of sums s [α²][out panels][group][16], panels from … to − 1, to the output's pixels. */
void LW_CPU (winograd_output) (const LwWinogradPlan *plan, const float *s, int64_t first,
                               int64_t count, int from, int to, const LwWinogradTarget *target);

/* G g Gᵀ of 16 × 16 channels, input panel `in` and output panel `out`, to u [α²][out panels]
 * [16 · in panels][16]; with bfloat16 [8 · in panels][16][2], a pair being two input channels.
 * `turned`: w holds the weights of the convolution whose data gradient this one is,
 * [kernel][kernel][out][in], to be turned by 180°. */
void LW_CPU (winograd_weights) (const LwWinogradPlan *plan, const float *w, bool turned, int in,
                                int out, LwNumber *u);

/* dw += Gᵀ (Σ over chunks of du) G for the same channels; du [chunk][α²][out panels]
 * [16 · in panels][16]. */
void LW_CPU (winograd_weight_gradient) (const LwWinogradPlan *plan, const float *du, int in,
                                        int out, float *dw);

/* What the tiles first … first + count − 1 read or write of an image: rows × columns pixels each.
 */
typedef struct {
  const char *pixels;
  int h, w, padding, rows, columns;
  int step;             /* pixels from tile to tile: of the plan's, so many */
  int64_t pixel, bytes; /* from one to the next, and of one, in bytes */
  int64_t first, count; /* count 0: nothing */
} LwWinogradAhead;

enum { LW_AHEAD = 3 };

/* s = v u at each point, `count` tiles, output panels from … to − 1. Does whole blocks of
 * tiles: v must have lw_winograd_rows () of them. Meanwhile memory fetches what `ahead` says: what
 * the next group reads, and what this one's outputs need. */
void LW_CPU (winograd_product) (const LwWinogradPlan *plan, const LwNumber *v, const LwNumber *u,
                                int64_t count, int from, int to, float *s,
                                const LwWinogradAhead ahead[LW_AHEAD]);

/* du = vᵀ d, or du += it with `add`, at each point; v and d are paired. */
void LW_CPU (winograd_outer_product) (const LwWinogradPlan *plan, const LwNumber *v,
                                      const LwNumber *d, int64_t count, int from, int to, bool add,
                                      float *du, const LwWinogradAhead ahead[LW_AHEAD]);
