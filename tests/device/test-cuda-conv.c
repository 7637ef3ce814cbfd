/* Implicit GEMM by itself, on the processor: in each kind of numbers and with each tile, forward
 * with all that may be done to sums on their way out, and both gradients, against bare sums in
 * double. Shapes cross the borders of tiles in rows, columns and along K; maps are channels of
 * wider ones, whose other numbers must stay. The same bits in every order. */
#include "kernels/cuda/conv_implicit.h"
#include "kernels/cuda/cuda.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/formula.h"

#include <math.h>
#include <string.h>

typedef struct {
  const char *name;
  LwShape x;
  int32_t outputs;
  LwWindow window;
  int32_t n, gap; /* numbers between a pixel's channels and the next pixel's */
} Case;

/* In channels: many outputs, many inputs, stride with classes of different size, and what cannot be
 * read 16 bytes at a time. */
static const Case cases[] = {
  { "136 outputs", { 8, 7, 9, false }, 136, { 3, 1, 1 }, 3, 8 },
  { "136 inputs", { 136, 5, 7, false }, 8, { 2, 1, 0 }, 6, 0 },
  { "stride 2", { 16, 9, 6, false }, 40, { 3, 2, 1 }, 9, 0 },
  { "stride 4", { 8, 11, 12, false }, 16, { 3, 4, 2 }, 2, 8 },
  { "3 inputs", { 3, 6, 7, false }, 37, { 5, 1, 2 }, 4, 1 },
};

static const double tolerances[] = {
  [LW_CUDA_EXACT] = 1e-5, [LW_CUDA_TF32] = 3e-4, [LW_CUDA_BF16] = 1e-2
};
static LwDevice *device;

/* --- numbers ---------------------------------------------------------------------------------- */

static uint16_t
to_bf16 (float number)
{
  uint32_t bits;

  memcpy (&bits, &number, sizeof bits);
  return (uint16_t)((bits + 0x7fffU + (bits >> 16 & 1)) >> 16);
}

static float
from_bf16 (uint16_t number)
{
  const uint32_t bits = (uint32_t)number << 16;
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

/* A matrix of numbers in device memory, each row followed by a gap of NaN. */
typedef struct {
  int64_t rows, columns, gap;
  bool half;
  void *memory;
  size_t bytes;
} Matrix;

static void
matrix_upload (Matrix *matrix, const double *values)
{
  const int64_t wide = matrix->columns + matrix->gap;
  g_autofree float *numbers = g_new (float, matrix->rows *wide);
  g_autofree uint16_t *halves = g_new (uint16_t, matrix->rows * wide);
  g_autoptr (GError) error = NULL;

  for (int64_t i = 0; i < matrix->rows * wide; i++) {
    const int64_t column = i % wide;

    numbers[i] =
        column < matrix->columns ? (float)values[i / wide * matrix->columns + column] : NAN;
    halves[i] = to_bf16 (numbers[i]);
  }
  lw_cuda_upload (device, matrix->memory, matrix->half ? (void *)halves : (void *)numbers,
                  matrix->bytes, &error);
  g_assert_no_error (error);
}

static Matrix
matrix_new (int64_t rows, int64_t columns, int64_t gap, bool half, const double *values)
{
  Matrix matrix = { rows, columns, gap,
                    half, NULL,    (size_t)(rows * (columns + gap)) * (half ? 2 : 4) };
  g_autoptr (GError) error = NULL;

  matrix.memory = lw_cuda_alloc (device, matrix.bytes, &error);
  g_assert_no_error (error);
  matrix_upload (&matrix, values);
  return matrix;
}

static float *
matrix_download (const Matrix *matrix, const char *what)
{
  const int64_t wide = matrix->columns + matrix->gap;
  float *values = g_new (float, matrix->rows * matrix->columns);
  g_autofree char *bytes = g_malloc (matrix->bytes);
  g_autoptr (GError) error = NULL;

  lw_cuda_download (device, bytes, matrix->memory, matrix->bytes, &error);
  g_assert_no_error (error);
  for (int64_t i = 0; i < matrix->rows * wide; i++) {
    const int64_t column = i % wide;
    const float value =
        matrix->half ? from_bf16 (((uint16_t *)(void *)bytes)[i]) : ((float *)(void *)bytes)[i];

    if (column < matrix->columns)
      values[i / wide * matrix->columns + column] = value;
    else if (!isnan (value))
      g_error ("%s: what lies between the pixels was written", what);
  }
  return values;
}

static void
matrix_free (Matrix *matrix)
{
  lw_cuda_free (device, matrix->memory, matrix->bytes);
}

/* --- expected --------------------------------------------------------------------------------- */

typedef struct {
  const Case *info;
  LwShape y_shape;
  int64_t cells, pixels, taps;
  double *x, *w, *bias, *residual, *dy;
  double *y, *dx, *dw, *db;
} Expected;

static double *
formula (const char *name, int64_t n, bool half)
{
  double *values = g_new (double, n);
  const uint64_t seed = lw_formula_seed (name);

  for (int64_t i = 0; i < n; i++) {
    const float value = (float)(2 * lw_formula_uniform (seed, i) - 1);

    values[i] = (double)(half ? from_bf16 (to_bf16 (value)) : value);
  }
  return values;
}

/* One pair of a cell and a window place. */
static void
expect_pair (Expected *e, int64_t pixel, int64_t cell, int64_t place)
{
  const int64_t inputs = e->info->x.c, outputs = e->info->outputs;

  for (int64_t o = 0; o < outputs; o++)
    for (int64_t c = 0; c < inputs; c++) {
      const int64_t y = pixel * outputs + o, x = cell * inputs + c;
      const int64_t w = o * e->taps + place * inputs + c;

      e->y[y] += e->x[x] * e->w[w];
      e->dx[x] += e->dy[y] * e->w[w];
      e->dw[w] += e->dy[y] * e->x[x];
    }
}

static void
expect_pixel (Expected *e, int64_t pixel)
{
  const LwShape x = e->info->x, y = e->y_shape;
  const LwWindow window = e->info->window;
  const int64_t example = pixel / (y.h * y.w), i = pixel / y.w % y.h, j = pixel % y.w;

  for (int64_t place = 0; place < window.kernel * window.kernel; place++) {
    const int64_t a = i * window.stride + place / window.kernel - window.padding;
    const int64_t b = j * window.stride + place % window.kernel - window.padding;

    if (a >= 0 && a < x.h && b >= 0 && b < x.w)
      expect_pair (e, pixel, (example * x.h + a) * x.w + b, place);
  }
}

static Expected
expect (const Case *info, bool half)
{
  const LwWindow window = info->window;
  Expected e = { .info = info };
  const int32_t h = (info->x.h + 2 * window.padding - window.kernel) / window.stride + 1;
  const int32_t w = (info->x.w + 2 * window.padding - window.kernel) / window.stride + 1;
  const int64_t outputs = info->outputs;

  e.y_shape = (LwShape){ info->outputs, h, w, false };
  e.cells = (int64_t)info->n * info->x.h * info->x.w;
  e.pixels = (int64_t)info->n * h * w;
  e.taps = (int64_t)window.kernel * window.kernel * info->x.c;
  e.x = formula ("x", e.cells * info->x.c, half);
  e.w = formula ("w", outputs * e.taps, half);
  e.dy = formula ("dy", e.pixels * outputs, half);
  e.bias = formula ("bias", outputs, false);
  e.residual = formula ("residual", e.pixels * outputs, half);
  e.y = g_new0 (double, e.pixels *outputs);
  e.dx = g_new0 (double, e.cells * info->x.c);
  e.dw = g_new0 (double, outputs *e.taps);
  e.db = g_new0 (double, outputs);
  for (int64_t pixel = 0; pixel < e.pixels; pixel++) {
    expect_pixel (&e, pixel);
    for (int64_t o = 0; o < outputs; o++)
      e.db[o] += e.dy[pixel * outputs + o];
  }
  return e;
}

static void
expected_clear (Expected *e)
{
  double *all[] = { e->x, e->w, e->dy, e->bias, e->residual, e->y, e->dx, e->dw, e->db };

  for (size_t i = 0; i < G_N_ELEMENTS (all); i++)
    g_free (all[i]);
}

static void
compare (const char *what, const float *values, const double *expected, int64_t n, double tolerance)
{
  double difference = 0, length = 0;

  for (int64_t i = 0; i < n; i++) {
    difference += ((double)values[i] - expected[i]) * ((double)values[i] - expected[i]);
    length += expected[i] * expected[i];
  }
  /* Not `>`: NaN has to fail. */
  if (!(sqrt (difference) <= tolerance * sqrt (length))) {
    g_test_message ("%s is off by %.3g of its length (%.3g allowed)", what,
                    sqrt (difference / length), tolerance);
    g_test_fail ();
  }
}

/* --- the runs --------------------------------------------------------------------------------- */

typedef struct {
  const Expected *e;
  LwCudaImplicit job;
  LwOrder order;
  float *first[6]; /* of order 0: what the others must equal */
  int n_results;
} Run;

/* Owns `values`. */
static void
take (Run *run, const char *what, float *values, const double *expected, int64_t n,
      double tolerance)
{
  static const char *const numbers[] = { "float32", "TF32", "bfloat16" };
  const int number = run->n_results++;
  g_autofree char *text =
      g_strdup_printf ("%s, %s, tile %d, order %d: %s", run->e->info->name,
                       numbers[run->job.numbers], (int)run->job.tile, (int)run->order, what);

  if (run->first[number] == NULL) {
    compare (text, values, expected, n, tolerance);
    run->first[number] = values;
    return;
  }
  if (memcmp (values, run->first[number], sizeof *values * (size_t)n) != 0)
    g_test_fail_printf ("%s: other numbers than in the first order", text);
  g_free (values);
}

static bool
is_half (const Run *run)
{
  return run->job.numbers == LW_CUDA_BF16;
}

/* What the kernel says of y's channels in each row tile, against y as it was written. */
static void
check_moments (Run *run, const Matrix *moments, const float *y)
{
  const int64_t outputs = run->e->info->outputs, tile = lw_cuda_implicit_row_tile (&run->job);
  g_autofree double *expected = g_new0 (double, moments->rows * 2 * outputs);

  for (int64_t row = 0; row < moments->rows; row++)
    for (int64_t o = 0; o < outputs; o++) {
      const int64_t end = MIN ((row + 1) * tile, run->e->pixels), n = end - row * tile;
      double *mean = &expected[(row * outputs + o) * 2], *squares = mean + 1;

      for (int64_t pixel = row * tile; pixel < end; pixel++)
        *mean += (double)y[pixel * outputs + o] / (double)n;
      for (int64_t pixel = row * tile; pixel < end; pixel++)
        *squares +=
            ((double)y[pixel * outputs + o] - *mean) * ((double)y[pixel * outputs + o] - *mean);
    }
  take (run, "moments", matrix_download (moments, "moments"), expected, moments->rows * 2 * outputs,
        is_half (run) ? 1e-2 : 1e-5);
}

/* Maps without gaps five examples at a time, as if they were too large. */
static bool
run_in_parts (const Run *run, LwDirection direction, GError **error)
{
  const int64_t x = lw_shape_size (run->job.x_shape), y = lw_shape_size (run->job.y_shape);

  return lw_cuda_implicit_run (device, &run->job, direction,
                               run->e->info->gap > 0 ? INT32_MAX : 5 * MAX (x, y), error);
}

static void
check_forward (Run *run)
{
  const Expected *e = run->e;
  const int64_t outputs = e->info->outputs, tile = lw_cuda_implicit_row_tile (&run->job);
  const bool finish = e->info->gap > 0; /* else the sums as they are */
  g_autofree double *expected = g_new (double, e->pixels *outputs);
  g_autofree double *nothing = g_new0 (double, e->pixels *outputs * 2);
  Matrix y = matrix_new (e->pixels, outputs, e->info->gap, is_half (run), nothing);
  Matrix bias = matrix_new (1, outputs, 0, false, e->bias);
  Matrix residual = matrix_new (e->pixels, outputs, e->info->gap, is_half (run), e->residual);
  Matrix moments = matrix_new ((e->pixels + tile - 1) / tile, 2 * outputs, 0, false, nothing);
  g_autoptr (GError) error = NULL;

  run->job.y = y.memory;
  if (finish) {
    run->job.bias = bias.memory;
    run->job.residual = residual.memory;
    run->job.relu = true;
    run->job.moments = moments.memory;
  }
  for (int64_t i = 0; i < e->pixels * outputs; i++)
    expected[i] = finish ? MAX (e->y[i] + e->bias[i % outputs] + e->residual[i], 0) : e->y[i];
  g_assert_true (finish ? lw_cuda_implicit_forward (device, &run->job, &error)
                        : run_in_parts (run, LW_FORWARD, &error));

  float *values = matrix_download (&y, "y");

  take (run, "y", values, expected, e->pixels * outputs, tolerances[run->job.numbers]);
  if (finish)
    check_moments (run, &moments, run->first[0]);
  matrix_free (&y);
  matrix_free (&bias);
  matrix_free (&residual);
  matrix_free (&moments);
}

static void
check_data (Run *run)
{
  const Expected *e = run->e;
  const int64_t n = e->cells * e->info->x.c;
  const bool accumulate = e->info->gap > 0;
  g_autofree double *before = g_new (double, n), *expected = g_new (double, n);
  g_autoptr (GError) error = NULL;

  for (int64_t i = 0; i < n; i++) {
    before[i] = accumulate ? 0.5 : (double)NAN;
    expected[i] = e->dx[i] + (accumulate ? 0.5 : 0);
  }

  Matrix dx = matrix_new (e->cells, e->info->x.c, e->info->gap, is_half (run), before);

  run->job.dx = dx.memory;
  run->job.accumulate = accumulate;
  g_assert_true (run_in_parts (run, LW_BACKWARD_DATA, &error));
  take (run, "dx", matrix_download (&dx, "dx"), expected, n, tolerances[run->job.numbers]);
  matrix_free (&dx);
}

static void
check_weights (Run *run)
{
  const Expected *e = run->e;
  const int64_t outputs = e->info->outputs, n = outputs * e->taps;
  const int32_t splits = e->info->gap > 0 ? 1 : 3;
  g_autofree double *ones = g_new (double, n + outputs);
  g_autofree double *expected = g_new (double, n + outputs);
  g_autofree double *nothing = g_new (double, splits *(n + outputs));
  g_autoptr (GError) error = NULL;

  for (int64_t i = 0; i < splits * (n + outputs); i++)
    nothing[i] = (double)NAN;
  for (int64_t i = 0; i < n + outputs; i++) {
    ones[i] = 1;
    expected[i] = 1 + (i < n ? e->dw[i] : e->db[i - n]);
  }

  Matrix dw = matrix_new (outputs, e->taps, 0, false, ones);
  Matrix db = matrix_new (1, outputs, 0, false, ones);
  Matrix partial = matrix_new (splits, n + outputs, 0, false, nothing);

  run->job.dw = dw.memory;
  run->job.db = db.memory;
  run->job.splits = splits;
  run->job.partial = splits > 1 ? partial.memory : NULL;
  g_assert_true (run_in_parts (run, LW_BACKWARD_WEIGHTS, &error));
  /* Sums of exact products, but for TF32's rounding. */
  take (run, "dw", matrix_download (&dw, "dw"), expected, n,
        run->job.numbers == LW_CUDA_TF32 ? 3e-4 : 1e-5);
  take (run, "db", matrix_download (&db, "db"), expected + n, outputs, 1e-5);
  matrix_free (&dw);
  matrix_free (&db);
  matrix_free (&partial);
}

static void
check_tile (const Expected *e, LwCudaNumberType numbers, LwCudaTile tile)
{
  const Case *info = e->info;
  const bool half = numbers == LW_CUDA_BF16;
  /* All orders for the first case and two tiles; otherwise, and where each access is looked at,
   * one.
   */
  const bool one = info != cases || tile % 2 == 1 || lw_emulation_checks_accesses ();
  Run run = { .e = e };

  for (int order = one ? LW_ORDER_REVERSE : 0;
       order < (one ? LW_ORDER_RANDOM : lw_emulation_orders ()); order++) {
    Matrix x = matrix_new (e->cells, info->x.c, info->gap, half, e->x);
    Matrix w = matrix_new (info->outputs, e->taps, 0, half, e->w);
    Matrix dy = matrix_new (e->pixels, info->outputs, info->gap, half, e->dy);

    run.order = (LwOrder)order;
    run.n_results = 0;
    run.job = (LwCudaImplicit){ .numbers = numbers,
                                .tile = tile,
                                .window = info->window,
                                .n = info->n,
                                .x_shape = info->x,
                                .y_shape = e->y_shape,
                                .x_pixel = info->x.c + info->gap,
                                .y_pixel = info->outputs + info->gap,
                                .x = x.memory,
                                .w = w.memory,
                                .dy = dy.memory };
    lw_emulation_set_order (run.order, 1);
    check_forward (&run);
    check_data (&run);
    check_weights (&run);
    matrix_free (&x);
    matrix_free (&w);
    matrix_free (&dy);
  }
  for (int i = 0; i < run.n_results; i++)
    g_free (run.first[i]);
}

static void
test_numbers (gconstpointer user_data)
{
  const LwCudaNumberType numbers = (LwCudaNumberType)GPOINTER_TO_INT (user_data);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    Expected e = expect (&cases[i], numbers == LW_CUDA_BF16);

    /* The first two cross the borders of all tiles. */
    for (int tile = i < 2 ? 0 : LW_CUDA_TILE_64_64; tile < LW_CUDA_N_TILES; tile++)
      check_tile (&e, numbers, (LwCudaTile)tile);
    expected_clear (&e);
  }
}

int
main (int argc, char **argv)
{
  int status;
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  device = lw_cuda_open (0, NULL, &error);
  g_assert_no_error (error);
  g_test_add_data_func ("/cuda-conv/float32", GINT_TO_POINTER (LW_CUDA_EXACT), test_numbers);
  g_test_add_data_func ("/cuda-conv/tf32", GINT_TO_POINTER (LW_CUDA_TF32), test_numbers);
  g_test_add_data_func ("/cuda-conv/bfloat16", GINT_TO_POINTER (LW_CUDA_BF16), test_numbers);
  status = g_test_run ();
  lw_cuda_close (device);
  return status;
}
