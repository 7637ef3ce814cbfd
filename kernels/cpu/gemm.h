/* Products of matrices: patches of an image (patches.h) times weights, for the forward pass and the
 * data gradient, and patches, transposed, times a gradient, for the weight gradient. A linear layer
 * is the same with images of one pixel.
 *
 * Blocks as Goto and van de Geijn divide a product ("Anatomy of high-performance matrix
 * multiplication", ACM TOMS 2008): a panel of weights of LW_DEPTH × LW_PANEL numbers stays in the
 * first cache while a block of packed patches passes by from the second, LW_TILE rows at a time,
 * and LW_TILE × LW_PANEL sums stay in registers. Weights are float32; in the table for bfloat16
 * they are rounded while they are packed, and sums stay float32 until they are complete. Private to
 * this folder. */
#pragma once

#include "kernels/cpu/device.h"
#include "kernels/cpu/gemm_tile.h"
#include "kernels/cpu/patches.h"
#include "kernels/cpu/stretches.h"

G_BEGIN_DECLS

enum {
  LW_STRETCH_ROWS = 42, /* 3 tiles of 14 rows, 7 of 6 */
  /* Of a sum before it goes to memory: a multiple of LW_STRIP. */
  LW_DEPTH = 1024 / sizeof (LwNumber),
};

/* A matrix of weights, [depth][columns]. Plain: stored so. Turned: of weights
 * [kernel][kernel][columns][inner], row (u, v, o) is the window's cell (first_u − step · u,
 * first_v − step · v), transposed. */
typedef struct {
  const float *w;
  int64_t columns;
  bool turned;
  int32_t kernel, window_w; /* of the weights, of the patches */
  int32_t first_u, first_v, step;
  int64_t inner;
} LwWeights;

/* Rows first … first + depth − 1, columns left … right − 1; `left` is a multiple of LW_PANEL, and
 * `right`, unless it is the last. They go to rows to_row … of panels that hold `height` rows each,
 * and to the panel of the column to_column. */
typedef struct {
  int64_t first, depth, left, right;
  int64_t height, to_row, to_column;
} LwPanels;

/* to [panel][height / LW_PAIR][width][LW_PAIR] ← weights, zeros beyond the last column and the last
 * row; `first`, `height` and `to_row` are multiples of LW_PAIR. */
void LW_CPU (pack_weights) (const LwWeights *weights, const LwPanels *panels, LwNumber *to);

/* y[row] (+)= patches · weights + bias; row (n, i, j) lies at y + n · example + i · line +
 * j · pixel. Patches without a cell are zero. */
typedef struct {
  LwPatches patches;
  LwWeights weights;
  const float *bias; /* or NULL */
  LwNumber *y;
  int64_t example, line, pixel;
  bool accumulate;
  bool relu; /* y ← max (0, y) in the end */
  /* Or NULL; in the end y ← 0 where the mask, laid out like y, is not positive. */
  const LwNumber *mask;
  LwSums sums;     /* of y, in stretches of LW_STRETCH_ROWS rows */
  void *workspace; /* aligned to lines of the caches */
} LwProduct;

size_t LW_CPU (multiply_workspace) (const LwDevice *device, const LwProduct *product);
void LW_CPU (multiply) (LwDevice *device, const LwProduct *product);

/* dw [depth][columns] += patchesᵀ · dy; dbias [columns] += Σ of dy's rows. Either may be NULL. dy
 * [rows of the patches][columns], from a row to the next `dy_pixel` numbers, or `columns` if 0. */
typedef struct {
  LwPatches patches;
  const LwNumber *dy;
  int64_t columns, dy_pixel;
  float *dw, *dbias;
  void *workspace; /* aligned to lines of the caches */
} LwGradient;

size_t LW_CPU (gradient_workspace) (const LwDevice *device, const LwGradient *gradient);
void LW_CPU (gradient) (LwDevice *device, const LwGradient *gradient);

/* The width of the panel that begins at `column`: the last one may be a single vector. */
static inline int64_t
lw_panel_width (int64_t columns, int64_t column)
{
  return columns - column <= LW_LANES ? LW_LANES : LW_PANEL;
}

/* Columns with what the last panel is wider. */
static inline int64_t
lw_panels_width (int64_t columns)
{
  const int64_t last = columns > 0 ? (columns - 1) / LW_PANEL * LW_PANEL : 0;

  return last + lw_panel_width (columns, last);
}

G_END_DECLS
