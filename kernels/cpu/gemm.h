/* Products of matrices: patches of an image (patches.h) times weights, for the forward pass and the
 * data gradient, and patches, transposed, times a gradient, for the weight gradient. A linear layer
 * is the same with images of one pixel.
 *
 * Blocks as Goto and van de Geijn divide a product ("Anatomy of high-performance matrix
 * multiplication", ACM TOMS 2008): a panel of weights of LW_DEPTH × LW_PANEL numbers stays in the
 * first cache while a block of packed patches passes by from the second, LW_TILE rows at a time,
 * and LW_TILE × LW_PANEL sums stay in registers. Private to this folder. */
#pragma once

#include "kernels/cpu/device.h"
#include "kernels/cpu/patches.h"

G_BEGIN_DECLS

/* Rows and columns of sums that fit in the registers, two vectors wide. */
#if LW_LANES == 16
enum { LW_TILE = 14 };
#else
enum { LW_TILE = 6 };
#endif
enum {
  LW_PANEL = 2 * LW_LANES,
  LW_DEPTH = 256, /* of a sum before it goes to memory: a multiple of LW_STRIP */
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

/* panel [depth][width] ← rows first … first + depth − 1, columns from `column` on, zeros beyond the
 * last one. */
void LW_CPU (pack_panel) (const LwWeights *weights, int64_t first, int64_t depth, int64_t column,
                          float *panel);

/* What happens to sums on their way to memory. */
typedef struct {
  const float *bias; /* or NULL */
  bool add, relu;
} LwFinish;

LW_INLINE void
lw_finish_row (const float *sums, float *y, int64_t columns, LwFinish finish)
{
  if (finish.bias)
    for (int64_t i = 0; i < columns; i++)
      y[i] = sums[i] + finish.bias[i] + (finish.add ? y[i] : 0);
  else if (finish.add)
    for (int64_t i = 0; i < columns; i++)
      y[i] += sums[i];
  else
    for (int64_t i = 0; i < columns; i++)
      y[i] = sums[i];
  if (finish.relu)
    for (int64_t i = 0; i < columns; i++)
      y[i] = y[i] < 0 ? 0 : y[i];
}

/* y[row] (+)= patches · weights + bias; row (n, i, j) lies at y + n · example + i · line +
 * j · pixel. */
typedef struct {
  LwPatches patches;
  LwWeights weights;
  const float *bias; /* or NULL */
  float *y;
  int64_t example, line, pixel;
  bool accumulate;
  bool relu; /* y ← max (0, y) in the end */
  float *workspace;
} LwProduct;

size_t LW_CPU (multiply_workspace) (const LwDevice *device, const LwProduct *product);
void LW_CPU (multiply) (LwDevice *device, const LwProduct *product);

/* dw [depth][columns] += patchesᵀ · dy; dbias [columns] += Σ of dy's rows. Either may be NULL. dy
 * [rows of the patches][columns]. */
typedef struct {
  LwPatches patches;
  const float *dy;
  int64_t columns;
  float *dw, *dbias;
  float *workspace;
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
