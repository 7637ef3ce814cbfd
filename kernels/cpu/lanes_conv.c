/* Convolution of a group of images. Borders of zeros are copied around the input. Forward: a block
 * of output channels × columns is added up in registers, so that a weight serves several columns
 * and an input several channels. The data gradient is gathered: each number of dx from the windows
 * that contain it, for several channels at once. The weights' gradients are vectors as long as
 * pixels are added up; then their lanes are summed, group by group, and the groups in order.
 * `kept`: [group][out][in · window] and [group][out]. */
#include "kernels/cpu/lanes_conv.h"

enum {
  COLUMNS = LW_LANES == 16 ? 4 : 2,  /* of a block of the output, by 6 channels */
  GRADIENTS = LW_LANES == 16 ? 4 : 2 /* output channels of a block of weights, by 5 columns */
};

static int64_t
weights_of (const LwConvShape *shape)
{
  return shape->channels * shape->kernel * shape->kernel;
}

/* --- forward ---------------------------------------------------------------------------------- */

/* x: the first window's corner; w: of the first output channel. */
LW_INLINE void
forward_block (int outputs, int columns, int64_t stride, const LwConvShape *s, const float *x,
               const float *w, const float *bias, float *y)
{
  const int64_t weights = weights_of (s), plane = s->y_rows * s->y_columns;
  LwVec sum[6][4];

#pragma GCC unroll 6
  for (int o = 0; o < outputs; o++)
#pragma GCC unroll 4
    for (int j = 0; j < columns; j++)
      sum[o][j] = lw_vec_all (bias ? bias[o] : 0);
  for (int64_t c = 0; c < s->channels; c++)
    for (int64_t u = 0; u < s->kernel; u++) {
      const float *line = x + (c * s->rows + u) * s->columns * LW_LANES;

      for (int64_t v = 0; v < s->kernel; v++, line += LW_LANES, w++) {
        LwVec pixels[4];

#pragma GCC unroll 4
        for (int j = 0; j < columns; j++)
          pixels[j] = lw_vec_load (line + j * stride * LW_LANES);
#pragma GCC unroll 6
        for (int o = 0; o < outputs; o++)
#pragma GCC unroll 4
          for (int j = 0; j < columns; j++)
            sum[o][j] += w[o * weights] * pixels[j];
      }
    }
#pragma GCC unroll 6
  for (int o = 0; o < outputs; o++)
#pragma GCC unroll 4
    for (int j = 0; j < columns; j++)
      lw_vec_store (y + (o * plane + j) * LW_LANES, sum[o][j]);
}

LW_INLINE void
forward_rows (int outputs, int64_t stride, const LwConvShape *s, const float *x, const float *w,
              const float *bias, float *y)
{
  for (int64_t i = 0; i < s->y_rows; i++) {
    const float *line = x + i * stride * s->columns * LW_LANES;
    float *to = y + i * s->y_columns * LW_LANES;
    int64_t j = 0;

    for (; j + COLUMNS <= s->y_columns; j += COLUMNS)
      forward_block (outputs, COLUMNS, stride, s, line + j * stride * LW_LANES, w, bias,
                     to + j * LW_LANES);
    for (; j < s->y_columns; j++)
      forward_block (outputs, 1, stride, s, line + j * stride * LW_LANES, w, bias,
                     to + j * LW_LANES);
  }
}

LW_INLINE void
forward_all (int64_t stride, const LwConvShape *s, const float *x, const float *w,
             const float *bias, float *y)
{
  for (int64_t o = 0; o < s->outputs;) {
    const float *own = w + o * weights_of (s), *own_bias = bias ? bias + o : NULL;
    float *to = y + o * s->y_rows * s->y_columns * LW_LANES;

    if (o + 6 <= s->outputs)
      forward_rows (6, stride, s, x, own, own_bias, to), o += 6;
    else if (o + 4 <= s->outputs)
      forward_rows (4, stride, s, x, own, own_bias, to), o += 4;
    else
      forward_rows (1, stride, s, x, own, own_bias, to), o += 1;
  }
}

/* --- data gradient ---------------------------------------------------------------------------- */

/* Windows first … last − 1 along one dimension contain place `at` of the input. */
static void
windows_of (LwWindow window, int32_t windows, int32_t at, int32_t *first, int32_t *last)
{
  const int32_t end = at + window.padding;

  *first = end < window.kernel ? 0 : (end - window.kernel) / window.stride + 1;
  *last = MIN (windows, end / window.stride + 1);
}

LW_INLINE void
data_block (int channels, const LwStep *step, int64_t first_channel, int32_t i, int32_t j,
            const float *dy, float *dx, bool accumulate)
{
  const LwShape map = step->x_shape[0], y = step->y_shape;
  const LwWindow window = step->node->window;
  const int64_t square = (int64_t)window.kernel * window.kernel, weights = map.c * square;
  const int64_t plane = lw_pixels (map) * LW_LANES, y_plane = lw_pixels (y) * LW_LANES;
  const float *all = (const float *)step->param[LW_ROLE_WEIGHT] + first_channel * square;
  int32_t top, bottom, left, right;
  LwVec sum[8];

  windows_of (window, y.h, i, &top, &bottom);
  windows_of (window, y.w, j, &left, &right);
#pragma GCC unroll 8
  for (int c = 0; c < channels; c++)
    sum[c] = (LwVec){ 0 };
  for (int32_t row = top; row < bottom; row++)
    for (int32_t column = left; column < right; column++) {
      const int32_t u = i + window.padding - window.stride * row;
      const int32_t v = j + window.padding - window.stride * column;
      const float *w = all + u * window.kernel + v;
      const float *from = dy + ((int64_t)row * y.w + column) * LW_LANES;

      for (int32_t o = 0; o < y.c; o++, from += y_plane, w += weights) {
        const LwVec d = lw_vec_load (from);

#pragma GCC unroll 8
        for (int c = 0; c < channels; c++)
          sum[c] += w[c * square] * d;
      }
    }
#pragma GCC unroll 8
  for (int c = 0; c < channels; c++) {
    float *to = dx + c * plane;

    lw_vec_store (to, accumulate ? lw_vec_load (to) + sum[c] : sum[c]);
  }
}

static void
gather_data (const LwStep *step, const float *dy, float *dx, bool accumulate)
{
  const LwShape map = step->x_shape[0];

  for (int32_t c = 0; c < map.c;) {
    const int channels = map.c - c >= 8 ? 8 : map.c - c >= 6 ? 6 : map.c - c >= 3 ? 3 : 1;
    float *to = dx + c * lw_pixels (map) * LW_LANES;

    for (int32_t i = 0; i < map.h; i++)
      for (int32_t j = 0; j < map.w; j++, to += LW_LANES)
        switch (channels) {
        case 8:
          data_block (8, step, c, i, j, dy, to, accumulate);
          break;
        case 6:
          data_block (6, step, c, i, j, dy, to, accumulate);
          break;
        case 3:
          data_block (3, step, c, i, j, dy, to, accumulate);
          break;
        default:
          data_block (1, step, c, i, j, dy, to, accumulate);
        }
    c += channels;
  }
}

/* --- weights' gradient ------------------------------------------------------------------------ */

/* to [outputs][weights] vectors, at a row of a window of one channel; x: that row's first input. */
LW_INLINE void
weights_block (int outputs, int columns, int64_t stride, const LwConvShape *s, const float *x,
               const float *dy, float *to)
{
  const int64_t weights = weights_of (s), plane = s->y_rows * s->y_columns * LW_LANES;
  LwVec sum[4][5];

#pragma GCC unroll 4
  for (int o = 0; o < outputs; o++)
#pragma GCC unroll 5
    for (int v = 0; v < columns; v++)
      sum[o][v] = (LwVec){ 0 };
  for (int64_t i = 0; i < s->y_rows; i++) {
    const float *line = x + i * stride * s->columns * LW_LANES;

    for (int64_t j = 0; j < s->y_columns; j++, line += stride * LW_LANES, dy += LW_LANES) {
      LwVec d[4];

#pragma GCC unroll 4
      for (int o = 0; o < outputs; o++)
        d[o] = lw_vec_load (dy + o * plane);
#pragma GCC unroll 5
      for (int v = 0; v < columns; v++) {
        const LwVec pixel = lw_vec_load (line + v * LW_LANES);

#pragma GCC unroll 4
        for (int o = 0; o < outputs; o++)
          sum[o][v] += d[o] * pixel;
      }
    }
  }
#pragma GCC unroll 4
  for (int o = 0; o < outputs; o++)
#pragma GCC unroll 5
    for (int v = 0; v < columns; v++)
      lw_vec_store (to + (o * weights + v) * LW_LANES, sum[o][v]);
}

LW_INLINE void
weights_rows (int outputs, int64_t stride, const LwConvShape *s, const float *x, const float *dy,
              float *to)
{
  for (int64_t c = 0; c < s->channels; c++)
    for (int64_t u = 0; u < s->kernel; u++) {
      const float *line = x + (c * s->rows + u) * s->columns * LW_LANES;
      float *row = to + (c * s->kernel + u) * s->kernel * LW_LANES;
      int64_t v = 0;

      for (; v + 5 <= s->kernel; v += 5)
        weights_block (outputs, 5, stride, s, line + v * LW_LANES, dy, row + v * LW_LANES);
      for (; v + 3 <= s->kernel; v += 3)
        weights_block (outputs, 3, stride, s, line + v * LW_LANES, dy, row + v * LW_LANES);
      for (; v < s->kernel; v++)
        weights_block (outputs, 1, stride, s, line + v * LW_LANES, dy, row + v * LW_LANES);
    }
}

static size_t
vectors_bytes (const LwStep *step)
{
  const LwConvShape shape = lw_conv_shape (step);

  return sizeof (float) * LW_LANES * GRADIENTS * (size_t)weights_of (&shape);
}

static void
weights_gradient (const LwConvShape *s, const float *x, const float *dy, float *vectors,
                  float *sums)
{
  const int64_t weights = weights_of (s), plane = s->y_rows * s->y_columns * LW_LANES;

  for (int64_t o = 0; o < s->outputs;) {
    const int64_t outputs = s->outputs - o >= GRADIENTS ? GRADIENTS : 1;
    const float *d = dy + o * plane;

    if (outputs == GRADIENTS && s->stride == 1)
      weights_rows (GRADIENTS, 1, s, x, d, vectors);
    else if (outputs == GRADIENTS)
      weights_rows (GRADIENTS, s->stride, s, x, d, vectors);
    else
      weights_rows (1, s->stride, s, x, d, vectors);
    LW_CPU (lanes_sum) (vectors, outputs * weights, sums + o * weights);
    o += outputs;
  }
}

/* --- all three -------------------------------------------------------------------------------- */

static float *
kept_weights (const LwConvShape *shape, const char *kept, int64_t group)
{
  return (float *)kept + group * shape->outputs * (weights_of (shape) + 1);
}

LwLanesNeed
LW_CPU (lanes_conv_need) (const LwStep *step)
{
  const LwConvShape shape = lw_conv_shape (step);
  LwLanesNeed need = { 0, lw_conv_border_bytes (&shape) };

  if (lw_conv_has_rows (step))
    return LW_CPU (lanes_rows_need) (step);
  if (step->training) {
    need.kept = sizeof (float) *
                (size_t)(lw_groups (step->batch) * shape.outputs * (weights_of (&shape) + 1));
    need.scratch += vectors_bytes (step);
  }
  return need;
}

void
LW_CPU (lanes_conv_prepare) (const LwStep *step, char *kept)
{
  if (lw_conv_has_rows (step))
    LW_CPU (lanes_rows_prepare) (step, kept);
}

void
LW_CPU (lanes_conv_forward) (const LwLanes *lanes, const float *x, float *y)
{
  const LwStep *step = lanes->step;
  const LwConvShape shape = lw_conv_shape (step);
  const float *w = step->param[LW_ROLE_WEIGHT], *bias = step->param[LW_ROLE_BIAS];

  if (lw_conv_has_rows (step)) {
    LW_CPU (lanes_rows_forward) (lanes, x, y);
    return;
  }
  x = LW_CPU (lanes_border) (step, &shape, x, (float *)lanes->scratch);
  if (shape.stride == 1)
    forward_all (1, &shape, x, w, bias, y);
  else
    forward_all (shape.stride, &shape, x, w, bias, y);
}

void
LW_CPU (lanes_conv_backward) (const LwLanes *lanes, const float *x, const float *dy, float *dx,
                              bool accumulate)
{
  const LwStep *step = lanes->step;
  const LwConvShape shape = lw_conv_shape (step);
  float *sums;

  if (lw_conv_has_rows (step)) {
    LW_CPU (lanes_rows_backward) (lanes, x, dy, dx, accumulate);
    return;
  }
  sums = kept_weights (&shape, lanes->kept, lanes->group);
  if (step->dparam[LW_ROLE_WEIGHT]) {
    x = LW_CPU (lanes_border) (step, &shape, x, (float *)lanes->scratch);
    weights_gradient (&shape, x, dy, (float *)(lanes->scratch + lw_conv_border_bytes (&shape)),
                      sums);
  }
  if (step->dparam[LW_ROLE_BIAS])
    LW_CPU (lanes_plane_sums)
  (dy, shape.outputs, shape.y_rows * shape.y_columns, sums + shape.outputs * weights_of (&shape));
  if (dx)
    gather_data (step, dy, dx, accumulate);
}

static void
add_groups (const LwConvShape *shape, int32_t n, const char *kept, int64_t first, int64_t count,
            float *to)
{
  for (int64_t group = 0; to && group < lw_groups (n); group++) {
    const float *from = kept_weights (shape, kept, group) + first;

    for (int64_t i = 0; i < count; i++)
      to[i] += from[i];
  }
}

void
LW_CPU (lanes_conv_add_gradients) (const LwStep *step, int32_t n, char *kept)
{
  const LwConvShape shape = lw_conv_shape (step);
  const int64_t weights = shape.outputs * weights_of (&shape);

  if (lw_conv_has_rows (step)) {
    LW_CPU (lanes_rows_add_gradients) (step, n, kept);
    return;
  }
  add_groups (&shape, n, kept, 0, weights, step->dparam[LW_ROLE_WEIGHT]);
  add_groups (&shape, n, kept, weights, shape.outputs, step->dparam[LW_ROLE_BIAS]);
}
