/* What the poolings share: which cells of a window lie inside the map, and which windows contain a
 * pixel. Private to this folder. */
#pragma once

#include "kernels/cpu/kernels.h"

G_BEGIN_DECLS

/* Cells first … last − 1 of a window along one dimension lie inside the map; cell 0 is at `start`.
 */
typedef struct {
  int32_t start, first, last;
} LwPoolPart;

static inline LwPoolPart
lw_pool_cells (LwWindow window, int32_t size, int32_t i)
{
  const int32_t start = window.stride * i - window.padding;

  return (LwPoolPart){ start, MAX (0, -start), MIN (window.kernel, size - start) };
}

/* Windows first … last − 1 along one dimension contain place `at`. */
static inline LwPoolPart
lw_pool_windows (LwWindow window, int32_t windows, int32_t at)
{
  const int32_t end = at + window.padding; /* window i covers s·i … s·i + k − 1 here */
  const int32_t first = end < window.kernel ? 0 : (end - window.kernel) / window.stride + 1;

  return (LwPoolPart){ 0, first, MIN (windows, end / window.stride + 1) };
}

G_END_DECLS
