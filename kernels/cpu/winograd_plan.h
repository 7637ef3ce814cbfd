/* How a call of Winograd's convolution is divided: what its stages and both instruction sets share.
 * Private to this folder. */
#pragma once

#include "kernels/cpu/winograd.h"

/* Channels go in panels of 16 numbers, one cache line; the last is filled up with zeros. */
enum { LW_PANEL = 16 };

/* One convolution "in → out". Forward: x → y. The data gradient is the convolution dy → dx with the
 * padding kernel − 1 − padding, perhaps negative. The weight gradient has x for in, dy for out.
 *
 * Transformed pixels lie as [α²][panels][group][16], transformed weights as
 * [α²][out panels][16 · in panels][16]: at each of the α² points the matrix product reads what it
 * needs in order. A cache line is added between points, because distances that are powers of two
 * put all points of a tile into the same few places of the cache.
 *
 * With bfloat16, transformed pixels and weights are bfloat16, too, and what the products add up,
 * float32 (winograd_stages.h says how numbers are paired).
 *
 * A convolution of stride 2 is four of stride 1, one for each phase of x: the pixels of even or odd
 * rows and columns, counted from the padding on. Down and across, the even phase has the kernel's
 * taps 0 and 2, the odd one tap 1. Phases are channels that have panels of their own, one phase
 * behind the other; (m × m, 2 × 2) is computed of them. Where a phase has one tap, the value at
 * infinity, in the last of the α points, is 0 and is left out. */
typedef struct {
  LwWinogradVariant variant;
  int m_y, m_x, kernel, points; /* outputs of a tile down and across; points = α² */
  int window;                   /* the convolution's kernel: of stride 2, 3, and a phase's is 2 */
  int padding;                  /* rows that the first tile begins before the input's first */
  int before;                   /* the same of the output, where that has phases */
  int64_t n;
  int in_h, in_w, in_c, out_h, out_w, out_c;
  int64_t in_stride, out_stride; /* numbers from pixel to pixel */
  int in_phases, out_phases;     /* 4 on the side whose pixels are twice as dense, or 1 */
  int in_panels, out_panels;     /* of all phases */
  int tiles_y, tiles_x;
  int64_t tiles; /* n · tiles_y · tiles_x, numbered in this order */

  int64_t group, groups; /* tiles that go through all stages together */
  int64_t chunks;        /* of whole groups; each sums its own weight gradient */
  int parts;             /* the output panels, divided, so that few groups keep all threads busy */

  int64_t in_step, out_step, weight_step; /* numbers from point to point */
  int64_t weights;                        /* numbers of transformed weights, at all points */
  int64_t weight_bytes;                   /* of `weights` numbers */
  int64_t in_bytes;                       /* of a group, transformed, at all points */
  int64_t scratch;                        /* bytes a thread: transformed in and out of a group */
} LwWinogradPlan;

/* Tiles in a block of the forward product's micro-kernels. */
#define LW_WINOGRAD_TALL(lanes)  ((lanes) == 16 ? 14 : 6)
#define LW_WINOGRAD_SHORT(lanes) ((lanes) == 16 ? 8 : 4)

static inline int64_t
lw_winograd_divide_up (int64_t a, int64_t b)
{
  return (a + b - 1) / b;
}

/* The next block when `left` tiles are left: tall ones, and at the end what leaves fewest unused.
 */
static inline int
lw_winograd_block (int64_t left, int tall, int small)
{
  return left <= small || (left > tall && left <= 2 * small) ? small : tall;
}

/* Tiles in all blocks that `count` tiles take; never falls when count grows. */
static inline int64_t
lw_winograd_rows (int64_t count, int tall, int small)
{
  int64_t rows = 0;

  while (rows < count)
    rows += lw_winograd_block (count - rows, tall, small);
  return rows;
}

/* A phase of x: does it have the odd rows, and the odd columns? In this order phases that have
 * values at a point lie together. */
typedef struct {
  bool odd_y, odd_x;
} LwWinogradPhase;

static inline LwWinogradPhase
lw_winograd_phase (int phases, int number)
{
  if (phases == 1)
    return (LwWinogradPhase){ false, false };
  return (LwWinogradPhase){ number >= 2, number == 0 || number == 3 };
}

typedef struct {
  int from, to;
} LwWinogradPanels;

/* The panels that have values at a point, of `panels` in `phases`. */
static inline LwWinogradPanels
lw_winograd_panels (const LwWinogradPlan *plan, int point, int panels, int phases)
{
  const int alpha_y = plan->m_y + plan->kernel - 1, alpha_x = plan->m_x + plan->kernel - 1;
  const bool last_y = point / alpha_x == alpha_y - 1, last_x = point % alpha_x == alpha_x - 1;

  if (phases == 1)
    return (LwWinogradPanels){ 0, panels };
  return (LwWinogradPanels){ last_x ? panels / 4 : 0, panels / 4 * (last_y ? 2 : last_x ? 3 : 4) };
}

/* A thread's part of a job's items takes a cache line behind the threads' scratch. */
enum { LW_WINOGRAD_SHARE_BYTES = 64 };

/* Pixels to be transformed. With `mask`, a number counts only where the mask's is above 0. */
typedef struct {
  const void *pixels, *mask; /* LwNumber */
} LwWinogradSource;

/* Blocks of tiles are even, so that groups begin with a stretch whoever computes them. */
enum { LW_WINOGRAD_STRETCH = 2 };

/* What becomes of an output. */
typedef struct {
  void *pixels;      /* LwNumber */
  const float *bias; /* or NULL */
  bool relu, accumulate;
  const void *positive; /* in the end an output is 0 where this is not above 0; or NULL */
  int64_t positive_stride;
  bool stream; /* write past the caches: the output is larger than they are */
  LwSums sums; /* of what is written; a stretch is LW_WINOGRAD_STRETCH tiles */
} LwWinogradTarget;

/* Tile number t begins at (y, x) of its example n, counted in output pixels. */
typedef struct {
  int64_t n;
  int y, x;
} LwWinogradTile;

static inline LwWinogradTile
lw_winograd_tile (const LwWinogradPlan *plan, int64_t tile)
{
  const int64_t per_example = (int64_t)plan->tiles_y * plan->tiles_x;
  const int within = (int)(tile % per_example);

  return (LwWinogradTile){ .n = tile / per_example,
                           .y = within / plan->tiles_x * plan->m_y,
                           .x = within % plan->tiles_x * plan->m_x };
}

/* The jobs of one instruction set. */
typedef struct {
  void (*convolve) (const LwWinogradPool *pool, const LwWinogradPlan *plan, LwWinogradSource in,
                    const float *w, bool turned, LwWinogradTarget out, char *workspace);
  void (*weight_gradient) (const LwWinogradPool *pool, const LwWinogradPlan *plan,
                           LwWinogradSource in, LwWinogradSource out, float *dw, float *dbias,
                           char *workspace);
} LwWinogradJobs;

extern const LwWinogradJobs lw_cpu_avx2_winograd_jobs, lw_cpu_avx512_winograd_jobs,
    lw_cpu_avx512bf16_winograd_jobs;
