/* Patches: what a sliding window sees at each of its positions, as the rows of a matrix that is
 * never stored as a whole. Position (n, i, j), counted through the batch, is a row; its columns are
 * the window's cells (u, v, c), row by row of the window, channels innermost, as pixels lie in
 * memory:
 *
 *   P[(n,i,j), (u,v,c)] = image[n, stride·i + top + u, stride·j + left + v, c],  0 outside.
 *
 * The gradient of a convolution's input is a product with patches of the output's gradient. With a
 * stride s the pixels of the input fall into s² classes by their remainders, and each class meets
 * only each s-th cell of the window: a convolution with stride 1 and a smaller window.
 *
 * Packed, a block of the matrix is cut into strips of 16 columns, [strip][row][16]: packing copies
 * whole vectors, the products of gemm.c read along a row, those of gradient.c down the rows, of
 * which in bfloat16 two are one. Private to this folder. */
#pragma once

#include "engine/graph.h"
#include "kernels/cpu/ahead.h"
#include "kernels/cpu/pairs.h"
#include "kernels/cpu/simd.h"

G_BEGIN_DECLS

enum { LW_STRIP = 16 };

typedef struct {
  const LwNumber *image; /* [n][shape.h][shape.w][shape.c] */
  LwShape shape;
  int64_t pixel_stride; /* numbers from a pixel to the next, if more than shape.c; else 0 */
  int64_t n;
  int32_t rows, columns; /* positions of the window in an image */
  int32_t stride, top, left;
  int32_t window_h, window_w;
} LwPatches;

static inline int64_t
lw_patches_rows (const LwPatches *patches)
{
  return patches->n * patches->rows * patches->columns;
}

static inline int64_t
lw_patches_depth (const LwPatches *patches)
{
  return (int64_t)patches->window_h * patches->window_w * patches->shape.c;
}

static inline int64_t
lw_patches_pixel (const LwPatches *patches)
{
  return patches->pixel_stride > 0 ? patches->pixel_stride : patches->shape.c;
}

static inline int64_t
lw_strips (int64_t columns)
{
  return (columns + LW_STRIP - 1) / LW_STRIP;
}

/* to[strip][row][16] ← rows `row` … `row + rows − 1`, columns `column` … `column + columns − 1` of
 * P; `column` is a multiple of 16. A strip takes `height` rows. The last pair of columns is filled
 * up with zeros; what is left of the last strip is undefined. `down`: pairs are of rows, [strip]
 * [row / LW_PAIR][16][LW_PAIR], the last one filled up, and `height` is a multiple of LW_PAIR. */
typedef struct {
  int64_t row, rows, column, columns;
  int64_t height;
  LwNumber *to;
  bool down;
} LwPatchBlock;
void LW_CPU (pack_patches) (const LwPatches *patches, const LwPatchBlock *block);

/* What a block reads of the image and earlier rows do not, or as much of it as may wait in the
 * second cache; nothing where there are no rows. */
LwAhead LW_CPU (patches_ahead) (const LwPatches *patches, const LwPatchBlock *block);

G_END_DECLS
