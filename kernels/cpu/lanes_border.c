/* Borders of zeros around a group's maps, and sums over them. */
#include "kernels/cpu/lanes_conv.h"

const float *
LW_CPU (lanes_border) (const LwStep *step, const LwConvShape *shape, const float *x, float *copy)
{
  const LwShape map = step->x_shape[0];
  const int64_t padding = step->node->window.padding;
  const size_t number = sizeof (float) * LW_LANES, line = number * (size_t)shape->columns;
  const size_t left = number * (size_t)padding, middle = number * (size_t)map.w;
  char *to = (char *)copy;

  if (!shape->borders)
    return x;
  for (int64_t c = 0; c < map.c; c++)
    for (int64_t i = -padding; i < map.h + padding; i++, to += line) {
      if (i < 0 || i >= map.h) {
        memset (to, 0, line);
        continue;
      }
      memset (to, 0, left);
      memcpy (to + left, x + (c * map.h + i) * map.w * LW_LANES, middle);
      memset (to + left + middle, 0, line - left - middle);
    }
  return copy;
}

void
LW_CPU (lanes_plane_sums) (const float *planes, int64_t n, int64_t pixels, float *sums)
{
  for (int64_t first = 0; first < n; first += LW_LANES) {
    const int64_t count = MIN (LW_LANES, n - first);
    LwVec totals[LW_LANES];

    for (int64_t plane = 0; plane < count; plane++) {
      LwVec sum[4] = { { 0 } };
      int64_t i = 0;

      for (; i + 4 <= pixels; i += 4, planes += 4 * LW_LANES)
#pragma GCC unroll 4
        for (int k = 0; k < 4; k++)
          sum[k] += lw_vec_load (planes + k * LW_LANES);
      for (; i < pixels; i++, planes += LW_LANES)
        sum[0] += lw_vec_load (planes);
      totals[plane] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
    LW_CPU (lanes_sum) ((const float *)totals, count, sums + first);
  }
}
