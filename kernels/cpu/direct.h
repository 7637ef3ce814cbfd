/* Images with their border of zeros, copied once into a cache: then a window's row is one stretch
 * of memory whatever its place, and the kernels read the copy itself instead of packed patches.
 * Worth it where there are few channels. With bfloat16 the copy holds a pair for each number, the
 * number itself and another one of its row, so that a kernel finds all pairs that it multiplies
 * with in one piece. Private to this folder. */
#pragma once

#include "kernels/cpu/conv2d.h"
#include "kernels/cpu/pairs.h"

#include <string.h>

G_BEGIN_DECLS

typedef struct {
  const LwNumber *image; /* [n][shape.h][shape.w][shape.c] */
  LwShape shape;
  int64_t padding; /* may be negative */
  int64_t line;    /* numbers of a row of the copy */
  int64_t apart;   /* from a number to the second one of its pair (bfloat16) */
} LwBordered;

/* An image is done in bands of rows, so that a copy of what they need stays in the first cache and
 * few images keep all threads busy. */
typedef struct {
  int64_t rows;   /* of the output in a band */
  int64_t bands;  /* of an image */
  int64_t copied; /* rows of the copy */
} LwBands;

static inline LwBands
lw_bands (int64_t height, LwWindow window)
{
  enum { COPIED = 32 };
  LwBands bands = { .rows = MAX (1, (COPIED - window.kernel) / window.stride + 1) };

  bands.bands = (height + bands.rows - 1) / bands.rows;
  bands.rows = (height + bands.bands - 1) / bands.bands;
  bands.bands = (height + bands.rows - 1) / bands.rows;
  bands.copied = window.stride * (bands.rows - 1) + window.kernel;
  return bands;
}

/* Numbers of 32 bits of a copy, with what vectors may read past its end, and of a row of numbers
 * that become pairs. */
static inline int64_t
lw_bordered_size (const LwBordered *bordered, const LwBands *bands)
{
  const int64_t row = LW_PAIR == 2 ? (bordered->line + bordered->apart + 2 * LW_LANES) / 2 : 0;

  return (bands->copied * bordered->line + row + 31) / 16 * 16;
}

/* copy [line] ← row y of the image n, with its border. */
static inline void
lw_bordered_row (const LwBordered *bordered, int64_t n, int64_t y, LwNumber *copy)
{
  const LwShape shape = bordered->shape;
  const int64_t width = (int64_t)shape.w * shape.c, border = bordered->padding * shape.c;
  const int64_t left = CLAMP (border, 0, bordered->line);
  const int64_t right = CLAMP (border + width, left, bordered->line);

  if (y < 0 || y >= shape.h || right <= left) {
    memset (copy, 0, sizeof *copy * (size_t)bordered->line);
    return;
  }
  memset (copy, 0, sizeof *copy * (size_t)left);
  memcpy (copy + left, bordered->image + n * lw_shape_size (shape) + y * width + left - border,
          sizeof *copy * (size_t)(right - left));
  memset (copy + right, 0, sizeof *copy * (size_t)(bordered->line - right));
}

/* copy [rows][line] ← rows `first` … of the bordered image n. */
static inline void
lw_bordered_copy (const LwBordered *bordered, const LwBands *bands, int64_t n, int64_t first,
                  int64_t rows, float *copy)
{
#ifdef LW_BF16
  LwNumber *row = (LwNumber *)(copy + bands->copied * bordered->line);

  memset (row + bordered->line, 0, sizeof *row * (size_t)(bordered->apart + LW_LANES));
#endif
  for (int64_t r = 0; r < rows; r++, copy += bordered->line) {
#ifdef LW_BF16
    const int64_t line = bordered->line;

    lw_bordered_row (bordered, n, first + r - bordered->padding, row);
    for (int64_t i = 0; i < line; i += LW_LANES)
      lw_vec_store_part (copy + i, lw_load_pairs (row + i, row + i + bordered->apart),
                         MIN (LW_LANES, line - i));
#else
    lw_bordered_row (bordered, n, first + r - bordered->padding, copy);
#endif
  }
  (void)bands;
}

/* dw and dbias, in direct_weights.c. */
size_t LW_CPU (direct_weights_workspace) (const LwDevice *device, const LwStep *step);
void LW_CPU (direct_weights) (LwDevice *device, const LwStep *step);

extern const LwConvAlgorithm LW_CPU (conv_direct);

G_END_DECLS
