/* Convolution of a group of images. Borders of zeros are copied around the input. Forward: a block
 * of output channels × columns is added up in registers, so that a weight serves several columns
 * and an input several channels. The data gradient is gathered: each number of dx from the windows
 * that contain it, for several channels at once. The weights' gradients are vectors as long as
 * pixels are added up; then their lanes are summed, group by group, and the groups in order.
 * `kept`: [group][out][in · window] and [group][out]. */
#include "kernels/cpu/lanes.h"

enum {
  COLUMNS = LW_LANES == 16 ? 4 : 2,  /* of a block of the output, by 6 channels */
  GRADIENTS = LW_LANES == 16 ? 4 : 2 /* output channels of a block of weights, by 5 columns */
};

/* The input with its border. */
typedef struct {
  int64_t channels, rows, columns;
  int64_t outputs, kernel, stride, y_rows, y_columns;
} Shape;

static Shape
shape_of (const LwStep *step)
{
  const LwShape x = step->x_shape[0], y = step->y_shape;
  const LwWindow window = step->node->window;

  return (Shape){ .channels = x.c,
                  .rows = x.h + 2 * window.padding,
                  .columns = x.w + 2 * window.padding,
                  .outputs = y.c,
                  .kernel = window.kernel,
                  .stride = window.stride,
                  .y_rows = y.h,
                  .y_columns = y.w };
}

static int64_t
weights_of (const Shape *shape)
{
  return shape->channels * shape->kernel * shape->kernel;
}

static size_t
border_bytes (const LwStep *step)
{
  const Shape shape = shape_of (step);

  if (step->node->window.padding == 0)
    return 0;
  return sizeof (float) * LW_LANES * (size_t)(shape.channels * shape.rows * shape.columns);
}

/* x itself, or its copy with a border. */
static const float *
with_border (const LwStep *step, const Shape *shape, const float *x, float *copy)
{
  const LwShape map = step->x_shape[0];
  const int64_t padding = step->node->window.padding;
  const size_t side = sizeof (float) * LW_LANES * (size_t)padding;
  const size_t line = sizeof (float) * LW_LANES * (size_t)shape->columns;
  float *to = copy;

  if (padding == 0)
    return x;
  for (int64_t c = 0; c < map.c; c++)
    for (int64_t i = -padding; i < map.h + padding; i++, to += shape->columns * LW_LANES) {
      if (i < 0 || i >= map.h) {
        memset (to, 0, line);
        continue;
      }
      memset (to, 0, side);
      memcpy (to + padding * LW_LANES, x + (c * map.h + i) * map.w * LW_LANES,
              sizeof (float) * LW_LANES * (size_t)map.w);
      memset (to + (padding + map.w) * LW_LANES, 0, side);
    }
  return copy;
}

/* --- forward ---------------------------------------------------------------------------------- */

/* x: the first window's corner; w: of the first output channel. */
LW_INLINE void
forward_block (int outputs, int columns, int64_t stride, const Shape *s, const float *x,
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
forward_rows (int outputs, int64_t stride, const Shape *s, const float *x, const float *w,
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
forward_all (int64_t stride, const Shape *s, const float *x, const float *w, const float *bias,
             float *y)
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

void
LW_CPU (lanes_conv_forward) (const LwLanes *lanes, const float *x, float *y)
{
  const LwStep *step = lanes->step;
  const Shape shape = shape_of (step);
  const float *w = step->param[LW_ROLE_WEIGHT], *bias = step->param[LW_ROLE_BIAS];

  x = with_border (step, &shape, x, (float *)lanes->scratch);
  if (shape.stride == 1)
    forward_all (1, &shape, x, w, bias, y);
  else
    forward_all (shape.stride, &shape, x, w, bias, y);
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
weights_block (int outputs, int columns, int64_t stride, const Shape *s, const float *x,
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
weights_rows (int outputs, int64_t stride, const Shape *s, const float *x, const float *dy,
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
  const Shape shape = shape_of (step);

  return sizeof (float) * LW_LANES * GRADIENTS * (size_t)weights_of (&shape);
}

static void
weights_gradient (const Shape *s, const float *x, const float *dy, float *vectors, float *sums)
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

static void
bias_gradient (const Shape *s, const float *dy, float *sums)
{
  const int64_t pixels = s->y_rows * s->y_columns;

  for (int64_t o = 0; o < s->outputs; o++) {
    LwVec sum[4] = { { 0 } };
    int64_t i = 0;

    for (; i + 4 <= pixels; i += 4, dy += 4 * LW_LANES)
      for (int k = 0; k < 4; k++)
        sum[k] += lw_vec_load (dy + k * LW_LANES);
    for (; i < pixels; i++, dy += LW_LANES)
      sum[0] += lw_vec_load (dy);
    sum[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    LW_CPU (lanes_sum) ((const float *)sum, 1, sums + o);
  }
}

/* --- all three -------------------------------------------------------------------------------- */

static float *
kept_weights (const LwStep *step, const char *kept, int64_t group)
{
  const Shape shape = shape_of (step);

  return (float *)kept + group * shape.outputs * (weights_of (&shape) + 1);
}

LwLanesNeed
LW_CPU (lanes_conv_need) (const LwStep *step)
{
  const Shape shape = shape_of (step);
  LwLanesNeed need = { 0, border_bytes (step) };

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
  (void)step;
  (void)kept;
}

void
LW_CPU (lanes_conv_backward) (const LwLanes *lanes, const float *x, const float *dy, float *dx,
                              bool accumulate)
{
  const LwStep *step = lanes->step;
  const Shape shape = shape_of (step);
  float *sums = kept_weights (step, lanes->kept, lanes->group);

  if (step->dparam[LW_ROLE_WEIGHT]) {
    x = with_border (step, &shape, x, (float *)lanes->scratch);
    weights_gradient (&shape, x, dy, (float *)(lanes->scratch + border_bytes (step)), sums);
  }
  if (step->dparam[LW_ROLE_BIAS])
    bias_gradient (&shape, dy, sums + shape.outputs * weights_of (&shape));
  if (dx)
    gather_data (step, dy, dx, accumulate);
}

static void
add_groups (const LwStep *step, int32_t n, const char *kept, int64_t first, int64_t count,
            float *to)
{
  for (int64_t group = 0; to && group < lw_groups (n); group++) {
    const float *from = kept_weights (step, kept, group) + first;

    for (int64_t i = 0; i < count; i++)
      to[i] += from[i];
  }
}

void
LW_CPU (lanes_conv_add_gradients) (const LwStep *step, int32_t n, const char *kept)
{
  const Shape shape = shape_of (step);
  const int64_t weights = shape.outputs * weights_of (&shape);

  add_groups (step, n, kept, 0, weights, step->dparam[LW_ROLE_WEIGHT]);
  add_groups (step, n, kept, weights, shape.outputs, step->dparam[LW_ROLE_BIAS]);
}
