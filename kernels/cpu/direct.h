/* Images with their border of zeros, copied once into a cache: then a window's row is one stretch
 * of memory whatever its place, and the kernels read the copy itself instead of packed patches.
 * Worth it where there are few channels. Private to this folder. */
#pragma once

#include "kernels/cpu/conv2d.h"

#include <string.h>

G_BEGIN_DECLS

typedef struct {
  const float *image; /* [n][shape.h][shape.w][shape.c] */
  LwShape shape;
  int64_t padding; /* may be negative */
  int64_t rows;    /* of the copy */
  int64_t line;    /* numbers of such a row */
} LwBordered;

/* Numbers of a copy, with what vectors may read past its end. */
static inline int64_t
lw_bordered_size (const LwBordered *bordered)
{
  return (bordered->rows * bordered->line + 31) / 16 * 16;
}

static inline void
lw_bordered_copy (const LwBordered *bordered, int64_t n, float *copy)
{
  const LwShape shape = bordered->shape;
  const float *image = bordered->image + n * lw_shape_size (shape);
  const int64_t width = (int64_t)shape.w * shape.c, left = bordered->padding * shape.c;
  const int64_t first = CLAMP (left, 0, bordered->line);
  const int64_t last = CLAMP (left + width, first, bordered->line);

  memset (copy, 0, sizeof (float) * (size_t)lw_bordered_size (bordered));
  for (int64_t r = 0; r < bordered->rows; r++) {
    const int64_t y = r - bordered->padding;

    if (y >= 0 && y < shape.h && last > first)
      memcpy (copy + r * bordered->line + first, image + y * width + first - left,
              sizeof (float) * (size_t)(last - first));
  }
}

/* dw and dbias, in direct_weights.c. */
size_t LW_CPU (direct_weights_workspace) (const LwDevice *device, const LwStep *step);
void LW_CPU (direct_weights) (LwDevice *device, const LwStep *step);

extern const LwConvAlgorithm LW_CPU (conv_direct);

G_END_DECLS
