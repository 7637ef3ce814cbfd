/* What convolutions have measured (conv2d_sums.c) is taken from them. Other sums read x once: the
 * mean and the sum of squared differences of each stretch of 64 pixels, which stays in the first
 * cache meanwhile, are merged in double precision (Chan, Golub and LeVeque, "Updating formulae and
 * a pairwise algorithm for computing sample variances", 1979). */
#include "kernels/cpu/batch_norm.h"

enum { STRETCH = LW_NORM_STRETCH, ITEMS = LW_NORM_ITEMS, WIDE = LW_NORM_WIDE, MERGED = 256 };

static int64_t
fold_of (const LwStep *step)
{
  const int64_t channels = step->y_shape.c;
  int64_t fold = 1;

  if (step->x_pixel[0] || step->y_pixel || step->dx_pixel[0] || step->dy_pixel)
    return 1; /* pixels do not lie side by side */
  while (channels * fold < WIDE * LW_LANES)
    fold *= 2;
  return fold;
}

/* Whole panels of channels that another step has measured in the same way. */
static int64_t
measured_before (const LwNorm *norm)
{
  const LwStep *other = lw_link (norm->step).measured;

  if (norm->backward || other == NULL || norm->fold > 1 || fold_of (other) > 1)
    return 0;
  return other->y_shape.c / 16 * 16;
}

/* The last channels of value `id` that come from convolutions which kept their sums: how many. */
static int64_t
count_kept (const LwStep *steps, LwNodeId id)
{
  const LwStep *step = &steps[id];
  int64_t kept = 0;

  if (step->op == LW_OP_CONV2D)
    return step->state != NULL ? step->y_shape.c : 0;
  for (int32_t i = step->n_x; step->op == LW_OP_CONCAT && i-- > 0;) {
    const int64_t more = count_kept (steps, step->node->inputs[i]);

    kept += more;
    if (more < step->x_shape[i].c)
      break;
  }
  return kept;
}

static bool
takes_kept (const LwNorm *norm)
{
  return !norm->backward && norm->step->training && norm->step->steps != NULL;
}

/* The column from which on none has to be summed. */
static int64_t
kept_from (const LwNorm *norm)
{
  const LwStep *step = norm->step;
  int64_t kept;

  if (!takes_kept (norm))
    return norm->width;
  kept = count_kept (step->steps, step->node->inputs[0]);
  return kept < norm->channels && norm->fold > 1 ? norm->width : norm->channels - kept;
}

/* The two sums of channel c, where the convolution that made it kept them. This is asked of each
 * channel by itself, wherever it lies: who measures it too (link.h) then has the same ones. */
static bool
read_kept (const LwNorm *norm, int64_t c, double *ret_a, double *ret_b)
{
  const LwStep *steps = norm->step->steps, *step;
  const double *kept;

  if (!takes_kept (norm))
    return false;
  step = &steps[norm->step->node->inputs[0]];
  while (step->op == LW_OP_CONCAT) {
    int32_t i = 0;

    for (; c >= step->x_shape[i].c; i++)
      c -= step->x_shape[i].c;
    step = &steps[step->node->inputs[i]];
  }
  if (step->op != LW_OP_CONV2D || step->state == NULL)
    return false;
  kept = step->state;
  *ret_a = kept[c];
  *ret_b = kept[step->y_shape.c + c];
  return true;
}

LwNorm
LW_CPU (norm_new) (const LwStep *step, bool backward)
{
  const LwShape shape = step->y_shape;
  LwNorm norm = { .step = step,
                  .channels = shape.c,
                  .pixels = step->n * lw_pixels (shape),
                  .fold = fold_of (step),
                  .backward = backward,
                  .relu = lw_link (step).relu,
                  .sums = step->workspace };

  norm.width = norm.channels * norm.fold;
  norm.rows = norm.pixels / norm.fold;
  norm.x_row = lw_pixel (step->x_pixel[0], shape) * norm.fold;
  norm.y_row = lw_pixel (step->y_pixel, shape) * norm.fold;
  norm.dx_row = lw_pixel (step->dx_pixel[0], shape) * norm.fold;
  norm.dy_row = lw_pixel (step->dy_pixel, shape) * norm.fold;
  norm.stretches = (norm.rows + STRETCH - 1) / STRETCH;
  norm.items = MIN (ITEMS, norm.stretches);
  norm.mean = (float *)(norm.sums + ITEMS * 2 * norm.width);
  norm.factor = norm.mean + norm.width;
  norm.offset = norm.factor + norm.width;
  norm.first = measured_before (&norm);
  norm.last = kept_from (&norm);
  norm.slope = norm.offset + norm.width;
  norm.shift = norm.slope + norm.width;
  return norm;
}

size_t
LW_CPU (batch_norm_workspace_bytes) (LwDevice *device, const LwStep *step)
{
  const int64_t width = step->y_shape.c * fold_of (step);

  (void)device;
  return (size_t)width * (ITEMS * 2 * sizeof (double) + 5 * sizeof (float));
}

/* means, squares [n]: of `before` rows; become those of `count` more, too. */
static void
merge (double before, double count, const float *restrict mean, const float *restrict squares,
       int64_t n, double *restrict to_mean, double *restrict to_squares)
{
  const double share = count / (before + count), weight = before * share;

  for (int64_t i = 0; i < n; i++) {
    const double difference = (double)mean[i] - to_mean[i];

    to_mean[i] += difference * share;
    to_squares[i] += (double)squares[i] + difference * difference * weight;
  }
}

/* Columns of `vectors` vectors: means and squared differences of the rows, merged. */
LW_INLINE void
measure_columns (int vectors, const LwNorm *norm, int64_t row, int64_t rows, int64_t before,
                 int64_t column, double *mean, double *squares)
{
  const LwNumber *x = (const LwNumber *)norm->step->x[0] + row * norm->x_row + column;
  const float share = 1 / (float)rows;
  float means[WIDE * LW_LANES], differences[WIDE * LW_LANES];
  LwVec sum[WIDE], square[WIDE];

#pragma GCC unroll 4
  for (int i = 0; i < vectors; i++)
    sum[i] = square[i] = (LwVec){ 0 };
  for (int64_t r = 0; r < rows; r++)
#pragma GCC unroll 4
    for (int i = 0; i < vectors; i++)
      sum[i] += lw_load (x + r * norm->x_row + i * LW_LANES);
#pragma GCC unroll 4
  for (int i = 0; i < vectors; i++)
    sum[i] *= share;
  for (int64_t r = 0; r < rows; r++)
#pragma GCC unroll 4
    for (int i = 0; i < vectors; i++) {
      const LwVec d = lw_load (x + r * norm->x_row + i * LW_LANES) - sum[i];

      square[i] += d * d;
    }
#pragma GCC unroll 4
  for (int i = 0; i < vectors; i++) {
    lw_vec_store (means + i * LW_LANES, sum[i]);
    lw_vec_store (differences + i * LW_LANES, square[i]);
  }
  merge ((double)before, (double)rows, means, differences, vectors * LW_LANES, mean + column,
         squares + column);
}

/* Σ dy and Σ dy (x − mean) */
LW_INLINE void
sum_columns (int vectors, bool relu, const LwNorm *norm, int64_t row, int64_t rows, int64_t column,
             double *sum, double *product)
{
  const LwNumber *x = (const LwNumber *)norm->step->x[0] + row * norm->x_row + column;
  const LwNumber *dy = (const LwNumber *)norm->step->dy + row * norm->dy_row + column;
  float sums[WIDE * LW_LANES], products[WIDE * LW_LANES];
  LwVec s[WIDE], p[WIDE], mean[WIDE], factor[WIDE], shift[WIDE];

#pragma GCC unroll 4
  for (int i = 0; i < vectors; i++) {
    s[i] = p[i] = (LwVec){ 0 };
    mean[i] = lw_vec_load (norm->mean + column + i * LW_LANES);
    factor[i] = lw_vec_load (norm->factor + column + i * LW_LANES);
    shift[i] = lw_vec_load (norm->shift + column + i * LW_LANES);
  }
  for (int64_t r = 0; r < rows; r++)
#pragma GCC unroll 4
    for (int i = 0; i < vectors; i++) {
      const LwVec centred = lw_load (x + r * norm->x_row + i * LW_LANES) - mean[i];
      LwVec d = lw_load (dy + r * norm->dy_row + i * LW_LANES);

      if (relu)
        d = lw_vec_relu_gradient (centred * factor[i] + shift[i], d);
      s[i] += d;
      p[i] += d * centred;
    }
#pragma GCC unroll 4
  for (int i = 0; i < vectors; i++) {
    lw_vec_store (sums + i * LW_LANES, s[i]);
    lw_vec_store (products + i * LW_LANES, p[i]);
  }
  for (int i = 0; i < vectors * LW_LANES; i++) {
    sum[column + i] += (double)sums[i];
    product[column + i] += (double)products[i];
  }
}

/* --- wide maps: row by row ---------------------------------------------------------------------
 * A processor reads ahead of who reads memory in its order. Sums in registers would leave each row
 * in the middle, so here they are in memory, which the first cache keeps. */

enum { PANEL = 512 }; /* columns */

typedef struct {
  _Alignas(64) float a[PANEL], b[PANEL]; /* sums, or means and squared differences */
} Panel;

/* `count` columns from i on: a += x */
LW_INLINE void
add_numbers (const LwNumber *x, Panel *panel, int64_t i, int64_t count)
{
  lw_vec_store (panel->a + i, lw_vec_load (panel->a + i) + lw_load_some (x + i, count));
}

/* b += Σ (x − a)² over the rows */
LW_INLINE void
add_squares (const LwNorm *norm, const LwNumber *x, int64_t rows, int vectors, Panel *panel,
             int64_t i, int64_t count)
{
  LwVec mean[WIDE], sum[WIDE];

#pragma GCC unroll 4
  for (int k = 0; k < vectors; k++) {
    mean[k] = lw_vec_load (panel->a + i + k * LW_LANES);
    sum[k] = (LwVec){ 0 };
  }
  for (int64_t r = 0; r < rows; r++)
#pragma GCC unroll 4
    for (int k = 0; k < vectors; k++) {
      const LwVec d = lw_load_some (x + r * norm->x_row + i + k * LW_LANES, count) - mean[k];

      sum[k] += d * d;
    }
#pragma GCC unroll 4
  for (int k = 0; k < vectors; k++)
    lw_vec_store (panel->b + i + k * LW_LANES, sum[k]);
}

static void
measure_panel (const LwNorm *norm, int64_t row, int64_t rows, int64_t column, int64_t columns,
               Panel *panel)
{
  const LwNumber *x = (const LwNumber *)norm->step->x[0] + row * norm->x_row + column;
  const float share = 1 / (float)rows;
  int64_t i = 0;

  for (int64_t r = 0; r < rows; r++) {
    for (i = 0; i + LW_LANES <= columns; i += LW_LANES)
      add_numbers (x + r * norm->x_row, panel, i, LW_LANES);
    if (i < columns)
      add_numbers (x + r * norm->x_row, panel, i, columns - i);
  }
  for (i = 0; i < columns; i++)
    panel->a[i] *= share;
  for (i = 0; i + WIDE * LW_LANES <= columns; i += WIDE * LW_LANES)
    add_squares (norm, x, rows, WIDE, panel, i, LW_LANES);
  for (; i + LW_LANES <= columns; i += LW_LANES)
    add_squares (norm, x, rows, 1, panel, i, LW_LANES);
  if (i < columns)
    add_squares (norm, x, rows, 1, panel, i, columns - i);
}

/* a += dy, b += dy (x − mean) */
LW_INLINE void
add_products (const LwNorm *norm, bool relu, const LwNumber *x, const LwNumber *dy, int64_t column,
              Panel *panel, int64_t i, int64_t count)
{
  const LwVec centred =
      lw_load_some (x + i, count) - lw_vec_load_some (norm->mean + column + i, count);
  LwVec d = lw_load_some (dy + i, count);

  if (relu)
    d = lw_vec_relu_gradient (centred * lw_vec_load_some (norm->factor + column + i, count) +
                                  lw_vec_load_some (norm->shift + column + i, count),
                              d);
  lw_vec_store (panel->a + i, lw_vec_load (panel->a + i) + d);
  lw_vec_store (panel->b + i, lw_vec_load (panel->b + i) + d * centred);
}

LW_INLINE void
sum_panel (const LwNorm *norm, bool relu, int64_t row, int64_t rows, int64_t column,
           int64_t columns, Panel *panel)
{
  const LwNumber *x = (const LwNumber *)norm->step->x[0] + row * norm->x_row + column;
  const LwNumber *dy = (const LwNumber *)norm->step->dy + row * norm->dy_row + column;

  for (int64_t r = 0; r < rows; r++, x += norm->x_row, dy += norm->dy_row) {
    int64_t i = 0;

    for (; i + LW_LANES <= columns; i += LW_LANES)
      add_products (norm, relu, x, dy, column, panel, i, LW_LANES);
    if (i < columns)
      add_products (norm, relu, x, dy, column, panel, i, columns - i);
  }
}

static void
sum_panels (const LwNorm *norm, int64_t row, int64_t rows, int64_t before, double *a, double *b)
{
  for (int64_t column = norm->first; column < norm->last; column += PANEL) {
    const int64_t columns = MIN (PANEL, norm->last - column);
    Panel panel = { 0 };

    if (!norm->backward) {
      measure_panel (norm, row, rows, column, columns, &panel);
      merge ((double)before, (double)rows, panel.a, panel.b, columns, a + column, b + column);
      continue;
    }
    if (norm->relu)
      sum_panel (norm, true, row, rows, column, columns, &panel);
    else
      sum_panel (norm, false, row, rows, column, columns, &panel);
    for (int64_t i = 0; i < columns; i++) {
      a[column + i] += (double)panel.a[i];
      b[column + i] += (double)panel.b[i];
    }
  }
}

/* Becomes part of a, b [width], of `before` rows so far. */
static void
sum_stretch (const LwNorm *norm, int64_t row, int64_t rows, int64_t before, double *a, double *b)
{
  const int64_t column = norm->first;

  if (norm->last - column != WIDE * LW_LANES)
    sum_panels (norm, row, rows, before, a, b);
  else if (!norm->backward)
    measure_columns (WIDE, norm, row, rows, before, column, a, b);
  else if (norm->relu)
    sum_columns (WIDE, true, norm, row, rows, column, a, b);
  else
    sum_columns (WIDE, false, norm, row, rows, column, a, b);
}

static int64_t
first_row (const LwNorm *norm, int64_t item)
{
  return MIN (norm->stretches * item / norm->items * STRETCH, norm->rows);
}

static void
sum_items (const void *data, int64_t first, int64_t last, int thread)
{
  const LwNorm *norm = data;

  (void)thread;
  for (int64_t item = first; item < last; item++) {
    double *a = norm->sums + item * 2 * norm->width, *b = a + norm->width;
    const int64_t start = first_row (norm, item), end = first_row (norm, item + 1);

    for (int64_t i = norm->first; i < norm->last; i++)
      a[i] = b[i] = 0;
    for (int64_t row = start; row < end; row += STRETCH)
      sum_stretch (norm, row, MIN (STRETCH, end - row), row - start, a, b);
  }
}

/* The sums of all items become the first one's, in order. Items are stretches of columns. */
static void
merge_items (const void *data, int64_t first, int64_t last, int thread)
{
  const LwNorm *norm = data;
  const int64_t start = MAX (first * MERGED, norm->first), end = MIN (last * MERGED, norm->last);
  double *restrict a = norm->sums, *restrict b = a + norm->width;

  (void)thread;
  for (int64_t item = 1; item < norm->items; item++) {
    const double *mean = norm->sums + item * 2 * norm->width, *squares = mean + norm->width;
    const double before = (double)first_row (norm, item);
    const double count = (double)first_row (norm, item + 1) - before;
    const double share = count / (before + count), weight = before * share;

    for (int64_t i = start; i < end && norm->backward; i++) {
      a[i] += mean[i];
      b[i] += squares[i];
    }
    for (int64_t i = start; i < end && !norm->backward; i++) {
      const double difference = mean[i] - a[i];

      a[i] += difference * share;
      b[i] += squares[i] + difference * difference * weight;
    }
  }
}

void
LW_CPU (norm_sum) (LwDevice *device, const LwNorm *norm)
{
  if (norm->first >= norm->last)
    return;
  lw_pool_run (device->pool, norm->items, sum_items, norm);
  if (norm->items > 1)
    lw_pool_run (device->pool, (norm->last + MERGED - 1) / MERGED, merge_items, norm);
}

static float
gradient_at (const LwNorm *norm, int64_t column, float x, float dy)
{
  return lw_norm_gradient (norm->relu, dy, x, norm->mean[column], norm->factor[column],
                           norm->shift[column]);
}

/* `before` numbers of mean a and squared differences b, and `count` others. */
static void
merge_one (double before, double count, double mean, double squares, double *a, double *b)
{
  const double difference = mean - *a, share = count / (before + count);

  *a += difference * share;
  *b += squares + difference * difference * before * share;
}

/* Also of the pixels that make no whole row; then there is no distance between pixels. */
void
LW_CPU (norm_add_up) (const LwNorm *norm, int64_t c, double *ret_a, double *ret_b)
{
  double count = 0;

  if (read_kept (norm, c, ret_a, ret_b))
    return;
  if (c < norm->first) {
    const LwStep *other = lw_link (norm->step).measured;

    *ret_a = lw_norm_sums (other)[c];
    *ret_b = lw_norm_sums (other)[other->y_shape.c + c];
    return;
  }
  *ret_a = *ret_b = 0;
  for (int64_t i = c; i < norm->width && norm->items > 0; i += norm->channels) {
    const double a = norm->sums[i], b = norm->sums[norm->width + i];

    if (norm->backward)
      *ret_a += a, *ret_b += b;
    else
      merge_one (count, (double)norm->rows, a, b, ret_a, ret_b);
    count += (double)norm->rows;
  }
  for (int64_t pixel = norm->rows * norm->fold; pixel < norm->pixels; pixel++) {
    const int64_t at = pixel * norm->channels + c;
    const float x = lw_number (((const LwNumber *)norm->step->x[0])[at]);

    if (norm->backward) {
      const double dy =
          (double)gradient_at (norm, c, x, lw_number (((const LwNumber *)norm->step->dy)[at]));

      *ret_a += dy, *ret_b += dy * (double)(x - norm->mean[c]);
    } else
      merge_one (count++, 1, (double)x, 0, ret_a, ret_b);
  }
}
