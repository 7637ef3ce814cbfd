/* What convolutions have measured (conv2d_sums.c) is taken from them. Other sums read x once: the
 * mean and the sum of squared differences of each stretch of 64 pixels, which stays in the first
 * cache meanwhile, are merged in double precision (Chan, Golub and LeVeque, "Updating formulae and
 * a pairwise algorithm for computing sample variances", 1979). */
#include "kernels/cpu/batch_norm.h"

enum { STRETCH = LW_NORM_STRETCH, ITEMS = LW_NORM_ITEMS, WIDE = LW_NORM_WIDE };

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

/* The column from which on all have been measured so. */
static int64_t
kept_from (const LwNorm *norm)
{
  const LwStep *step = norm->step;
  int64_t kept;

  if (norm->backward || !step->training || step->steps == NULL)
    return norm->width;
  kept = count_kept (step->steps, step->node->inputs[0]);
  return kept < norm->channels && norm->fold > 1 ? norm->width : norm->channels - kept;
}

/* The two sums of channel c, one of these. */
static void
read_kept (const LwNorm *norm, int64_t c, double *ret_a, double *ret_b)
{
  const LwStep *steps = norm->step->steps, *step = &steps[norm->step->node->inputs[0]];
  const double *kept;

  while (step->op == LW_OP_CONCAT) {
    int32_t i = 0;

    for (; c >= step->x_shape[i].c; i++)
      c -= step->x_shape[i].c;
    step = &steps[step->node->inputs[i]];
  }
  kept = step->state;
  *ret_a = kept[c];
  *ret_b = kept[step->y_shape.c + c];
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
merge (double before, double count, const float *mean, const float *squares, int64_t n,
       double *to_mean, double *to_squares)
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

static float
gradient_at (const LwNorm *norm, int64_t column, float x, float dy)
{
  return lw_norm_gradient (norm->relu, dy, x, norm->mean[column], norm->factor[column],
                           norm->shift[column]);
}

/* One column alone, what does not fill a vector. */
static void
sum_column (const LwNorm *norm, int64_t row, int64_t rows, int64_t before, int64_t column,
            double *a, double *b)
{
  const LwNumber *x = (const LwNumber *)norm->step->x[0] + row * norm->x_row + column;
  double sum = 0, product = 0;

  if (norm->backward) {
    const LwNumber *dy = (const LwNumber *)norm->step->dy + row * norm->dy_row + column;

    for (int64_t r = 0; r < rows; r++) {
      const float at = lw_number (x[r * norm->x_row]);
      const double d = (double)gradient_at (norm, column, at, lw_number (dy[r * norm->dy_row]));

      sum += d;
      product += d * (double)(at - norm->mean[column]);
    }
    a[column] += sum;
    b[column] += product;
    return;
  }
  for (int64_t r = 0; r < rows; r++)
    sum += (double)lw_number (x[r * norm->x_row]);
  sum /= (double)rows;
  for (int64_t r = 0; r < rows; r++)
    product += ((double)lw_number (x[r * norm->x_row]) - sum) *
               ((double)lw_number (x[r * norm->x_row]) - sum);

  const float mean = (float)sum, squares = (float)product;

  merge ((double)before, (double)rows, &mean, &squares, 1, &a[column], &b[column]);
}

static void
sum_vectors (int vectors, const LwNorm *norm, int64_t row, int64_t rows, int64_t before,
             int64_t column, double *a, double *b)
{
  if (!norm->backward)
    measure_columns (vectors, norm, row, rows, before, column, a, b);
  else if (norm->relu)
    sum_columns (vectors, true, norm, row, rows, column, a, b);
  else
    sum_columns (vectors, false, norm, row, rows, column, a, b);
}

static void
sum_stretch (const LwNorm *norm, int64_t row, int64_t rows, int64_t before, double *a, double *b)
{
  int64_t column = norm->first;

  for (; column + WIDE * LW_LANES <= norm->last; column += WIDE * LW_LANES)
    sum_vectors (WIDE, norm, row, rows, before, column, a, b);
  for (; column + LW_LANES <= norm->last; column += LW_LANES)
    sum_vectors (1, norm, row, rows, before, column, a, b);
  for (; column < norm->last; column++)
    sum_column (norm, row, rows, before, column, a, b);
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

void
LW_CPU (norm_sum) (LwDevice *device, const LwNorm *norm)
{
  if (norm->first < norm->last)
    lw_pool_run (device->pool, norm->items, sum_items, norm);
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

  if (c >= norm->last) {
    read_kept (norm, c, ret_a, ret_b);
    return;
  }
  if (c < norm->first) {
    const LwStep *other = lw_link (norm->step).measured;

    *ret_a = lw_norm_sums (other)[c];
    *ret_b = lw_norm_sums (other)[other->y_shape.c + c];
    return;
  }
  *ret_a = *ret_b = 0;
  for (int64_t item = 0; item < norm->items; item++)
    for (int64_t i = c; i < norm->width; i += norm->channels) {
      const double *sums = norm->sums + item * 2 * norm->width;
      const double rows = (double)(first_row (norm, item + 1) - first_row (norm, item));

      if (norm->backward)
        *ret_a += sums[i], *ret_b += sums[norm->width + i];
      else
        merge_one (count, rows, sums[i], sums[norm->width + i], ret_a, ret_b);
      count += rows;
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
