/* Convolution of a group with 5 × 5 windows at stride 1, by rows. A row of a window over four
 * columns of the output is Winograd's F(4, 5): eight multiplications where there are twenty
 * (winograd-matrices.py). Rows of the input are transformed once for all output channels and all
 * rows of the window; products are added up before one transform gives four columns of the output.
 *
 *   X[p] = (Bᵀ x)[p]   W[p] = (G w)[p]   y = Aᵀ Σ over c, u of W[o,c,u] · X[c, i + u]
 *
 * and the exact adjoint backward, with D = A dy:
 *
 *   dx = B Σ over o, u of W[o,c,u] · D[o, i − u]     dw = Gᵀ Σ over i of D[o,i] · X[c, i + u]
 *
 * Transformed numbers are [point][channel][row][tile]. `kept`: W [point][out][in · 5], then a
 * group's own [point][out][in · 5] and [out] of gradients, [group]. */
#include "kernels/cpu/lanes_conv.h"
#include "kernels/cpu/winograd_1d.h"

enum {
  POINTS = 8,
  CHANNELS = 6, /* at once, by COLUMNS tiles */
  COLUMNS = LW_LANES == 16 ? 4 : 2,
  GRADIENTS = LW_LANES == 16 ? 4 : 2 /* output channels at once of the weights' gradient, by 5 */
};

/* Between a number's points: all of it, and a line that keeps them apart in the cache. */
static int64_t
point_stride (int64_t channels, int64_t rows, int64_t tiles)
{
  return (channels * rows * tiles / 2 * 2 + 1) * LW_LANES;
}

static int64_t
x_stride (const LwConvShape *s)
{
  return point_stride (s->channels, s->rows, s->tiles);
}

static int64_t
dy_stride (const LwConvShape *s)
{
  return point_stride (s->outputs, s->y_rows, s->tiles);
}

#define TABLE (&lw_winograd_f45)

/* --- transforms ------------------------------------------------------------------------------- */

/* Bᵀ of each eight columns of the input, which overlap by four. */
static void
transform_input (const LwConvShape *s, const float *x, float *to)
{
  const int64_t stride = x_stride (s);

  for (int64_t line = 0; line < s->channels * s->rows; line++, x += s->columns * LW_LANES)
    for (int64_t tile = 0; tile < s->tiles; tile++, to += LW_LANES) {
      LwVec in[POINTS], out[POINTS];

      LW_UNROLL
      for (int k = 0; k < POINTS; k++)
        in[k] = lw_vec_load (x + (4 * tile + k) * LW_LANES);
      lw_winograd_apply (lw_winograd_bt (TABLE), out, in);
      LW_UNROLL
      for (int k = 0; k < POINTS; k++)
        lw_vec_store (to + k * stride, out[k]);
    }
}

/* A of each four columns of dy; columns beside it are zero. */
static void
transform_gradient (const LwConvShape *s, const float *dy, float *to)
{
  const int64_t stride = dy_stride (s);

  for (int64_t line = 0; line < s->outputs * s->y_rows; line++, dy += s->y_columns * LW_LANES)
    for (int64_t tile = 0; tile < s->tiles; tile++, to += LW_LANES) {
      const int64_t columns = MIN (4, s->y_columns - 4 * tile);
      LwVec in[4], out[POINTS];

      LW_UNROLL
      for (int k = 0; k < 4; k++)
        in[k] = k < columns ? lw_vec_load (dy + (4 * tile + k) * LW_LANES) : (LwVec){ 0 };
      lw_winograd_apply (lw_winograd_a (TABLE), out, in);
      LW_UNROLL
      for (int k = 0; k < POINTS; k++)
        lw_vec_store (to + k * stride, out[k]);
    }
}

/* W [point][out][in · 5]: G of each row of a window. */
void
LW_CPU (lanes_rows_prepare) (const LwStep *step, char *kept)
{
  const LwConvShape s = lw_conv_shape (step);
  const int64_t rows = s.outputs * s.channels * 5;
  const float *w = step->param[LW_ROLE_WEIGHT];
  float *to = (float *)kept;

  for (int k = 0; k < POINTS; k++)
    for (int64_t i = 0; i < rows; i++) {
      float sum = 0;

      for (int v = 0; v < 5; v++)
        sum += TABLE->g[k][v] * w[i * 5 + v];
      *to++ = sum;
    }
}

/* --- products --------------------------------------------------------------------------------- */

/* Sums over `inner` channels and the window's rows first … last − 1 of W · number, for some outer
 * channels and columns side by side. Strides are between channels and rows, points, of each. */
typedef struct {
  int64_t inner, first, last;
  int64_t w_outer, w_inner, w_point;
  int64_t x_inner, x_row, x_point;
} Product;

/* At one point: to [CHANNELS][COLUMNS] vectors. */
LW_INLINE void
multiply_block (int channels, int columns, const Product *p, const float *w, const float *x,
                float *to)
{
  LwVec sum[CHANNELS][4];

  LW_UNROLL
  for (int o = 0; o < channels; o++)
    LW_UNROLL
  for (int j = 0; j < columns; j++)
    sum[o][j] = (LwVec){ 0 };
  for (int64_t c = 0; c < p->inner; c++)
    for (int64_t u = p->first; u < p->last; u++) {
      const float *own = w + c * p->w_inner + u, *from = x + c * p->x_inner + u * p->x_row;
      LwVec numbers[4];

      LW_UNROLL
      for (int j = 0; j < columns; j++)
        numbers[j] = lw_vec_load (from + j * LW_LANES);
      LW_UNROLL
      for (int o = 0; o < channels; o++)
        LW_UNROLL
      for (int j = 0; j < columns; j++)
        sum[o][j] += own[o * p->w_outer] * numbers[j];
    }
  LW_UNROLL
  for (int o = 0; o < channels; o++)
    LW_UNROLL
  for (int j = 0; j < columns; j++)
    lw_vec_store (to + (o * COLUMNS + j) * LW_LANES, sum[o][j]);
}

LW_INLINE void
multiply_columns (int columns, int64_t channels, const Product *p, const float *w, const float *x,
                  float *to)
{
  for (int k = 0; k < POINTS; k++) {
    const float *own = w + k * p->w_point, *from = x + k * p->x_point;

    if (channels == CHANNELS)
      multiply_block (CHANNELS, columns, p, own, from, to);
    else if (channels == 4)
      multiply_block (4, columns, p, own, from, to);
    else
      multiply_block (1, columns, p, own, from, to);
    to += CHANNELS * COLUMNS * LW_LANES;
  }
}

/* At all points: to [point][CHANNELS][COLUMNS]. */
static void
multiply (int64_t channels, int64_t columns, const Product *p, const float *w, const float *x,
          float *to)
{
  if (columns == COLUMNS)
    multiply_columns (COLUMNS, channels, p, w, x, to);
  else if (columns == 2)
    multiply_columns (2, channels, p, w, x, to);
  else
    multiply_columns (1, channels, p, w, x, to);
}

/* How many channels, or columns, of `n` to do next. */
static int64_t
next_channels (int64_t n)
{
  return n >= CHANNELS ? CHANNELS : n >= 4 ? 4 : 1;
}

static int64_t
next_columns (int64_t n)
{
  return n >= COLUMNS ? COLUMNS : n >= 2 ? 2 : 1;
}

/* --- forward ---------------------------------------------------------------------------------- */

/* Aᵀ of one tile's points to its columns of the output. */
LW_INLINE void
finish_tile (const LwConvShape *s, const float *sums, int64_t tile, float bias, float *y)
{
  const int64_t columns = MIN (4, s->y_columns - tile % s->tiles * 4);
  LwVec in[POINTS], out[4];

  y += (tile / s->tiles * s->y_columns + tile % s->tiles * 4) * LW_LANES;
  LW_UNROLL
  for (int k = 0; k < POINTS; k++)
    in[k] = lw_vec_load (sums + k * CHANNELS * COLUMNS * LW_LANES);
  lw_winograd_apply_transposed (lw_winograd_a (TABLE), out, in);
  LW_UNROLL
  for (int k = 0; k < 4; k++)
    if (k < columns)
      lw_vec_store (y + k * LW_LANES, out[k] + bias);
}

typedef struct {
  float *border, *x, *dy, *vectors;
} Scratch;

static Scratch
scratch_of (const LwConvShape *s, char *memory)
{
  Scratch scratch;

  scratch.border = (float *)memory;
  scratch.x = (float *)(memory + lw_conv_border_bytes (s));
  scratch.dy = scratch.x + POINTS * x_stride (s);
  scratch.vectors = scratch.dy + POINTS * dy_stride (s);
  return scratch;
}

void
LW_CPU (lanes_rows_forward) (const LwLanes *lanes, const float *x, float *y)
{
  const LwStep *step = lanes->step;
  const LwConvShape s = lw_conv_shape (step);
  const Scratch scratch = scratch_of (&s, lanes->scratch);
  const float *w = (const float *)lanes->kept, *bias = step->param[LW_ROLE_BIAS];
  const int64_t window = s.channels * 5, plane = s.y_rows * s.y_columns * LW_LANES;
  const Product product = { .inner = s.channels,
                            .last = 5,
                            .w_outer = window,
                            .w_inner = 5,
                            .w_point = s.outputs * window,
                            .x_inner = s.rows * s.tiles * LW_LANES,
                            .x_row = s.tiles * LW_LANES,
                            .x_point = x_stride (&s) };
  LwVec sums[POINTS * CHANNELS * COLUMNS];

  transform_input (&s, LW_CPU (lanes_border) (step, &s, x, scratch.border), scratch.x);
  for (int64_t o = 0, channels; o < s.outputs; o += channels) {
    channels = next_channels (s.outputs - o);
    for (int64_t tile = 0, columns; tile < s.y_rows * s.tiles; tile += columns) {
      columns = next_columns (s.y_rows * s.tiles - tile);
      multiply (channels, columns, &product, w + o * window, scratch.x + tile * LW_LANES,
                (float *)sums);
      for (int64_t i = 0; i < channels; i++)
        for (int64_t j = 0; j < columns; j++)
          finish_tile (&s, (const float *)&sums[i * COLUMNS + j], tile + j, bias ? bias[o + i] : 0,
                       y + (o + i) * plane);
    }
  }
}

/* --- data gradient ---------------------------------------------------------------------------- */

/* A row of dx. Each tile's eight columns overlap four of the next one's. sums [tile][…]. */
static void
finish_row (const LwConvShape *s, const LwStep *step, const float *sums, float *dx, bool accumulate)
{
  const int64_t width = step->x_shape[0].w, padding = step->node->window.padding;
  const int64_t block = POINTS * CHANNELS * COLUMNS * LW_LANES;
  LwVec carry[4] = { { 0 } };

  for (int64_t tile = 0; tile <= s->tiles; tile++) {
    LwVec in[POINTS], out[POINTS] = { { 0 } };

    if (tile < s->tiles) {
      const float *from = sums + tile / COLUMNS * block + tile % COLUMNS * LW_LANES;

      LW_UNROLL
      for (int k = 0; k < POINTS; k++)
        in[k] = lw_vec_load (from + k * CHANNELS * COLUMNS * LW_LANES);
      lw_winograd_apply_transposed (lw_winograd_bt (TABLE), out, in);
    }
    LW_UNROLL
    for (int k = 0; k < 4; k++) {
      const int64_t column = 4 * tile + k - padding;
      float *to = dx + column * LW_LANES;
      const LwVec value = carry[k] + out[k];

      if (column >= 0 && column < width)
        lw_vec_store (to, accumulate ? lw_vec_load (to) + value : value);
      carry[k] = out[k + 4];
    }
  }
}

/* Blocks of columns in a row of tiles. */
static int64_t
blocks_of (const LwConvShape *s)
{
  return (s->tiles + COLUMNS - 1) / COLUMNS;
}

static void
data_gradient (const LwConvShape *s, const LwStep *step, const Scratch *scratch, const float *w,
               float *dx, bool accumulate)
{
  const LwShape map = step->x_shape[0];
  const int64_t window = s->channels * 5, padding = step->node->window.padding;
  const int64_t line = s->tiles * LW_LANES;
  const int64_t block = POINTS * CHANNELS * COLUMNS * LW_LANES;
  Product product = { .inner = s->outputs,
                      .w_outer = 5,
                      .w_inner = window,
                      .w_point = s->outputs * window,
                      .x_inner = s->y_rows * line,
                      .x_row = -line,
                      .x_point = dy_stride (s) };

  for (int64_t c = 0, channels; c < map.c; c += channels) {
    channels = next_channels (map.c - c);
    for (int64_t i = 0; i < map.h; i++) {
      const float *dy = scratch->dy + (i + padding) * line;

      product.first = MAX (0, i + padding - s->y_rows + 1);
      product.last = MIN (5, i + padding + 1);
      for (int64_t tile = 0, columns; tile < s->tiles; tile += columns) {
        columns = next_columns (s->tiles - tile);
        multiply (channels, columns, &product, w + c * 5, dy + tile * LW_LANES,
                  scratch->vectors + tile / COLUMNS * block + tile % COLUMNS * LW_LANES);
      }
      for (int64_t k = 0; k < channels; k++)
        finish_row (s, step, scratch->vectors + k * COLUMNS * LW_LANES,
                    dx + ((c + k) * map.h + i) * map.w * LW_LANES, accumulate);
    }
  }
}

/* --- weights' gradient ------------------------------------------------------------------------ */

/* At one point, of one input channel: to [outputs][in · 5] vectors. */
LW_INLINE void
weights_block (int outputs, const LwConvShape *s, const float *x, const float *dy, float *to)
{
  const int64_t plane = s->y_rows * s->tiles * LW_LANES, line = s->tiles * LW_LANES;
  LwVec sum[GRADIENTS][5];

  LW_UNROLL
  for (int o = 0; o < outputs; o++)
    LW_UNROLL
  for (int u = 0; u < 5; u++)
    sum[o][u] = (LwVec){ 0 };
  for (int64_t at = 0; at < plane; at += LW_LANES) {
    LwVec d[GRADIENTS];

    LW_UNROLL
    for (int o = 0; o < outputs; o++)
      d[o] = lw_vec_load (dy + o * plane + at);
    LW_UNROLL
    for (int u = 0; u < 5; u++) {
      const LwVec number = lw_vec_load (x + u * line + at);

      LW_UNROLL
      for (int o = 0; o < outputs; o++)
        sum[o][u] += d[o] * number;
    }
  }
  LW_UNROLL
  for (int o = 0; o < outputs; o++)
    LW_UNROLL
  for (int u = 0; u < 5; u++)
    lw_vec_store (to + (o * s->channels * 5 + u) * LW_LANES, sum[o][u]);
}

static void
weights_gradient (const LwConvShape *s, const Scratch *scratch, float *sums)
{
  const int64_t plane = s->y_rows * s->tiles * LW_LANES;

  for (int64_t k = 0; k < POINTS; k++)
    for (int64_t o = 0; o < s->outputs;) {
      const float *x = scratch->x + k * x_stride (s);
      const float *dy = scratch->dy + k * dy_stride (s) + o * plane;
      const int64_t outputs = s->outputs - o >= GRADIENTS ? GRADIENTS : 1;

      for (int64_t c = 0; c < s->channels; c++) {
        float *to = scratch->vectors + c * 5 * LW_LANES;
        const float *from = x + c * s->rows * s->tiles * LW_LANES;

        if (outputs == GRADIENTS)
          weights_block (GRADIENTS, s, from, dy, to);
        else
          weights_block (1, s, from, dy, to);
      }
      LW_CPU (lanes_sum)
      (scratch->vectors, outputs * s->channels * 5, sums + (k * s->outputs + o) * s->channels * 5);
      o += outputs;
    }
}

/* --- all three -------------------------------------------------------------------------------- */

static int64_t
weights_of (const LwConvShape *s)
{
  return s->outputs * s->channels * 5 * POINTS;
}

static float *
kept_sums (const LwConvShape *s, char *kept, int64_t group)
{
  return (float *)kept + weights_of (s) + group * (weights_of (s) + s->outputs);
}

LwLanesNeed
LW_CPU (lanes_rows_need) (const LwStep *step)
{
  const LwConvShape s = lw_conv_shape (step);
  const int64_t groups = step->training ? lw_groups (step->batch) : 0;
  const int64_t sums = blocks_of (&s) * POINTS * CHANNELS * COLUMNS;
  const int64_t vectors = MAX (sums, GRADIENTS * s.channels * 5) * LW_LANES;

  return (LwLanesNeed){
    .kept = sizeof (float) * (size_t)(weights_of (&s) + groups * (weights_of (&s) + s.outputs)),
    .scratch = lw_conv_border_bytes (&s) +
               sizeof (float) * (size_t)(POINTS * x_stride (&s) +
                                         (step->training ? POINTS * dy_stride (&s) + vectors : 0))
  };
}

void
LW_CPU (lanes_rows_backward) (const LwLanes *lanes, const float *x, const float *dy, float *dx,
                              bool accumulate)
{
  const LwStep *step = lanes->step;
  const LwConvShape s = lw_conv_shape (step);
  const Scratch scratch = scratch_of (&s, lanes->scratch);
  float *sums = kept_sums (&s, lanes->kept, lanes->group);

  if (step->dparam[LW_ROLE_BIAS])
    LW_CPU (lanes_plane_sums) (dy, s.outputs, s.y_rows * s.y_columns, sums + weights_of (&s));
  transform_gradient (&s, dy, scratch.dy);
  if (step->dparam[LW_ROLE_WEIGHT]) {
    transform_input (&s, LW_CPU (lanes_border) (step, &s, x, scratch.border), scratch.x);
    weights_gradient (&s, &scratch, sums);
  }
  if (dx)
    data_gradient (&s, step, &scratch, (const float *)lanes->kept, dx, accumulate);
}

/* The groups' gradients are added up in the first one's memory, then taken back from the points. */
void
LW_CPU (lanes_rows_add_gradients) (const LwStep *step, int32_t n, char *kept)
{
  const LwConvShape s = lw_conv_shape (step);
  const int64_t rows = s.outputs * s.channels * 5, all = weights_of (&s) + s.outputs;
  float *dw = step->dparam[LW_ROLE_WEIGHT], *dbias = step->dparam[LW_ROLE_BIAS];
  float *total = kept_sums (&s, kept, 0);

  for (int64_t group = 1; group < lw_groups (n); group++) {
    const float *from = kept_sums (&s, kept, group);

    for (int64_t i = 0; i < all; i++)
      total[i] += from[i];
  }
  for (int64_t i = 0; dw && i < rows; i++)
    for (int v = 0; v < 5; v++)
      for (int k = 0; k < POINTS; k++)
        dw[i * 5 + v] += TABLE->g[k][v] * total[k * rows + i];
  for (int64_t o = 0; dbias && o < s.outputs; o++)
    dbias[o] += total[weights_of (&s) + o];
}
