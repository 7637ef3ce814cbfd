/* The CPU backend's products by themselves, on every instruction set and in bfloat16, against plain
 * loops in double precision: images, outputs and gradients that are slices of wider maps, and
 * everything that may happen to a sum on its way to memory. What lies beside a slice is NaN where
 * it must not be read and stays as it was where it must not be written. */
#include "kernels/cpu/cpu.h"
#include "tests/host/product_forms.h"
#include "tests/support/formula.h"

#include <math.h>
#include <string.h>

/* Numbers behind the end of a buffer that nobody may touch. */
enum { GUARD = 64 };
#define UNTOUCHED 12345.5f

/* The image has `beside` more channels than are used, and so have y, the mask and dy. */
typedef struct {
  const char *name;
  int32_t n, h, w, c, outputs, kernel, stride, padding, beside;
} Case;

static const Case cases[] = {
  { "one number", 1, 1, 1, 1, 1, 1, 1, 0, 0 },
  { "pixels", 3, 5, 7, 19, 21, 1, 1, 0, 5 },
  { "whole vectors", 2, 6, 5, 32, 64, 1, 1, 0, 32 },
  { "many pixels, long sums", 9, 12, 11, 300, 45, 1, 1, 0, 20 },
  { "few outputs", 8, 12, 12, 70, 10, 1, 1, 0, 6 },
  { "few vectors, many outputs", 37, 1, 1, 530, 700, 1, 1, 0, 3 },
  { "many vectors", 1100, 1, 1, 17, 33, 1, 1, 0, 1 },
  { "pixels, stride 2", 3, 9, 8, 33, 34, 1, 2, 0, 2 },
  { "windows", 3, 7, 8, 20, 17, 3, 1, 1, 4 },
  { "windows, stride 2", 5, 18, 17, 18, 40, 3, 2, 1, 16 },
  { "large windows, stride 3", 2, 17, 16, 3, 9, 5, 3, 2, 1 },
  { "no window sees a pixel", 2, 3, 4, 6, 7, 1, 4, 3, 2 },
  { "more than the caches hold", 27, 55, 54, 12, 64, 1, 1, 0, 0 },
  { "long sums, many outputs", 2, 16, 17, 523, 531, 1, 1, 0, 1 },
  { "few vectors, odd long sums", 19, 1, 1, 1029, 290, 1, 1, 0, 0 },
  { "windows, odd long sums", 3, 6, 5, 123, 35, 3, 1, 1, 0 },
};

/* Data in bfloat16 are rounded first, weights only where they are multiplied. */
typedef struct {
  const Case *info;
  bool bf16;
  LwPatches patches;
  int64_t pixels, rows, depth, pixel, y_pixel;
  float *image, *weights, *bias, *mask, *dy;
  float *turned; /* the weights, [kernel][kernel][outputs][c], the window's last cell first */
  void *image_values, *mask_values, *dy_values; /* as memory holds them */
} Data;

static float *
numbers (const char *name, int64_t n)
{
  const uint64_t seed = lw_formula_seed (name);
  float *values = g_new (float, n + GUARD);

  for (int64_t i = 0; i < n + GUARD; i++)
    values[i] = (float)(2 * lw_formula_uniform (seed, i) - 1);
  return values;
}

static float
rounded (float value)
{
  uint32_t bits;

  memcpy (&bits, &value, sizeof bits);
  bits = (bits + 0x7fffU + (bits >> 16 & 1)) & 0xffff0000U;
  memcpy (&value, &bits, sizeof bits);
  return value;
}

static float *
round_numbers (float *values, int64_t n, bool bf16)
{
  for (int64_t i = 0; bf16 && i < n; i++)
    values[i] = rounded (values[i]);
  return values;
}

/* As memory holds them, at a line of the caches; to be freed with free. bfloat16 is the upper half
 * of a float, on processors whose lower bytes come first. */
static void *
values_new (const float *values, int64_t n, bool bf16)
{
  const size_t size = bf16 ? sizeof (uint16_t) : sizeof (float), left_out = sizeof (float) - size;
  char *memory = NULL;

  g_assert_cmpint (posix_memalign ((void **)&memory, 64, size * (size_t)n), ==, 0);
  for (int64_t i = 0; i < n; i++)
    memcpy (memory + (size_t)i * size, (const char *)&values[i] + left_out, size);
  return memory;
}

static void
values_read (const char *memory, int64_t n, bool bf16, float *values)
{
  const size_t size = bf16 ? sizeof (uint16_t) : sizeof (float), left_out = sizeof (float) - size;

  for (int64_t i = 0; i < n; i++) {
    values[i] = 0;
    memcpy ((char *)&values[i] + left_out, memory + (size_t)i * size, size);
  }
}

/* Numbers of pixels of which only the first `used` of `pixel` may be read. */
static float *
slice (const char *name, int64_t pixels, int64_t pixel, int64_t used)
{
  float *values = numbers (name, pixels * pixel);

  for (int64_t p = 0; p < pixels; p++)
    for (int64_t i = used; i < pixel; i++)
      values[p * pixel + i] = NAN;
  return values;
}

static float *
turn (const float *weights, const Case *info)
{
  const int64_t cells = (int64_t)info->kernel * info->kernel, outputs = info->outputs, c = info->c;
  float *turned = g_new (float, cells *outputs *c + GUARD);

  for (int64_t cell = 0; cell < cells; cell++)
    for (int64_t o = 0; o < outputs; o++)
      for (int64_t i = 0; i < c; i++)
        turned[((cells - 1 - cell) * outputs + o) * c + i] = weights[(cell * c + i) * outputs + o];
  return turned;
}

static Data
data_new (const Case *info, bool bf16)
{
  Data data = { .info = info, .bf16 = bf16, .pixel = info->c + info->beside };
  const int32_t reach = 2 * info->padding - info->kernel;

  data.y_pixel = info->outputs + info->beside;
  data.pixels = (int64_t)info->n * info->h * info->w;
  data.image = round_numbers (slice ("image", data.pixels, data.pixel, info->c),
                              data.pixels * data.pixel, bf16);
  data.image_values = values_new (data.image, data.pixels * data.pixel, bf16);
  data.patches = (LwPatches){ .image = data.image_values,
                              .shape = { info->c, info->h, info->w, false },
                              .pixel_stride = info->beside > 0 ? data.pixel : 0,
                              .n = info->n,
                              .rows = (info->h + reach) / info->stride + 1,
                              .columns = (info->w + reach) / info->stride + 1,
                              .stride = info->stride,
                              .top = -info->padding,
                              .left = -info->padding,
                              .window_h = info->kernel,
                              .window_w = info->kernel };
  data.rows = lw_patches_rows (&data.patches);
  data.depth = lw_patches_depth (&data.patches);
  data.weights = numbers ("weights", data.depth * info->outputs);
  data.turned = turn (data.weights, info);
  data.bias = numbers ("bias", info->outputs);
  data.mask = slice ("mask", data.rows, data.y_pixel, info->outputs);
  data.dy = slice ("dy", data.rows, data.y_pixel, info->outputs);
  round_numbers (data.mask, data.rows * data.y_pixel, bf16);
  round_numbers (data.dy, data.rows * data.y_pixel, bf16);
  data.mask_values = values_new (data.mask, data.rows * data.y_pixel, bf16);
  data.dy_values = values_new (data.dy, data.rows * data.y_pixel, bf16);
  return data;
}

static void
data_clear (Data *data)
{
  g_free (data->image);
  g_free (data->weights);
  g_free (data->turned);
  g_free (data->bias);
  g_free (data->mask);
  g_free (data->dy);
  free (data->image_values);
  free (data->mask_values);
  free (data->dy_values);
}

/* One row of the matrix of patches. */
static void
patch_of (const Data *data, int64_t row, double *patch)
{
  const LwPatches *p = &data->patches;
  const int64_t positions = (int64_t)p->rows * p->columns;
  const int64_t n = row / positions, i = row % positions / p->columns, j = row % p->columns;

  for (int64_t k = 0; k < data->depth; k++) {
    const int64_t c = k % p->shape.c, cell = k / p->shape.c;
    const int64_t y = p->stride * i + p->top + cell / p->window_w;
    const int64_t x = p->stride * j + p->left + cell % p->window_w;

    patch[k] = y < 0 || y >= p->shape.h || x < 0 || x >= p->shape.w
                   ? 0
                   : (double)data->image[((n * p->shape.h + y) * p->shape.w + x) * data->pixel + c];
  }
}

/* --- products --------------------------------------------------------------------------------- */

typedef struct {
  bool bias, accumulate, relu, mask;
} Ending;

/* Every ending that a layer has: alone, forward before a ReLU, backward behind one. */
static const Ending endings[] = {
  { false, false, false, false }, { true, false, false, false }, { true, false, true, false },
  { false, true, false, false },  { false, false, false, true }, { false, true, false, true },
  { true, true, true, true },
};

/* y before, the same for every run: rows are `y_pixel` numbers. */
static float *
new_y (const Data *data)
{
  float *y = numbers ("y", data->rows * data->y_pixel);

  for (int64_t i = data->rows * data->y_pixel; i < data->rows * data->y_pixel + GUARD; i++)
    y[i] = UNTOUCHED;
  return round_numbers (y, data->rows * data->y_pixel + GUARD, data->bf16);
}

/* [rows][outputs], what all endings begin with. */
static double *
expected_sums (const Data *data)
{
  const int64_t outputs = data->info->outputs;
  double *all = g_new0 (double, data->rows *outputs);
  g_autofree double *patch = g_new (double, data->depth);
  g_autofree float *weights =
      g_memdup2 (data->weights, sizeof (float) * (size_t)(data->depth * outputs));

  round_numbers (weights, data->depth * outputs, data->bf16);
  for (int64_t row = 0; row < data->rows; row++) {
    double *sums = all + row * outputs;

    patch_of (data, row, patch);
    for (int64_t k = 0; k < data->depth; k++)
      for (int64_t o = 0; o < outputs; o++)
        sums[o] += patch[k] * (double)weights[k * outputs + o];
  }
  return all;
}

static float *
expected_product (const Data *data, const double *sums, Ending ending)
{
  const int64_t outputs = data->info->outputs;
  float *y = new_y (data);

  for (int64_t row = 0; row < data->rows; row++) {
    for (int64_t o = 0; o < outputs; o++) {
      float *at = y + row * data->y_pixel + o;
      double sum = sums[row * outputs + o] + (ending.bias ? (double)data->bias[o] : 0) +
                   (ending.accumulate ? (double)*at : 0);

      if (ending.relu)
        sum = MAX (sum, 0);
      if (ending.mask && !(data->mask[row * data->y_pixel + o] > 0))
        sum = 0;
      *at = (float)sum;
    }
  }
  return y;
}

static void *
new_workspace (size_t bytes)
{
  float *workspace = NULL;

  g_assert_cmpint (posix_memalign ((void **)&workspace, 64, bytes + GUARD * sizeof (float)), ==, 0);
  memset (workspace, 0xff, bytes);
  for (int i = 0; i < GUARD; i++)
    workspace[bytes / sizeof (float) + (size_t)i] = UNTOUCHED;
  return workspace;
}

static void
free_workspace (float *workspace, size_t bytes)
{
  for (int i = 0; i < GUARD; i++)
    g_assert_cmpfloat (workspace[bytes / sizeof (float) + (size_t)i], ==, UNTOUCHED);
  free (workspace);
}

/* y lies in a buffer of its own, as memory holds it, read afterwards. */
static float *
run_product (const Products *isa, LwDevice *device, const Data *data, Ending ending, bool turned)
{
  const LwPatches *patches = &data->patches;
  const int64_t n = data->rows * data->y_pixel + GUARD;
  float *y = new_y (data);
  LwProduct product = { .patches = *patches,
                        .weights = { .w = data->weights, .columns = data->info->outputs },
                        .bias = ending.bias ? data->bias : NULL,
                        .example = patches->rows * patches->columns * data->y_pixel,
                        .line = patches->columns * data->y_pixel,
                        .pixel = data->y_pixel,
                        .accumulate = ending.accumulate,
                        .relu = ending.relu,
                        .y = values_new (y, n, data->bf16),
                        .mask = ending.mask ? data->mask_values : NULL };

  if (turned)
    product.weights = (LwWeights){ .w = data->turned,
                                   .columns = data->info->outputs,
                                   .turned = true,
                                   .kernel = data->info->kernel,
                                   .window_w = data->info->kernel,
                                   .first_u = data->info->kernel - 1,
                                   .first_v = data->info->kernel - 1,
                                   .step = 1,
                                   .inner = data->info->c };

  const size_t workspace = isa->multiply_workspace (device, &product);

  product.workspace = new_workspace (workspace);
  isa->multiply (device, &product);
  free_workspace (product.workspace, workspace);
  values_read ((const char *)product.y, n, data->bf16, y);
  free (product.y);
  return y;
}

/* ‖a − b‖ ≤ tolerance · ‖b‖ over the rows' first `used` numbers; the same bits elsewhere. */
static void
compare (const char *name, const float *a, const float *b, int64_t rows, int64_t pixel,
         int64_t used, double tolerance)
{
  double difference = 0, size = 0;
  int64_t changed = memcmp (a + rows * pixel, b + rows * pixel, GUARD * sizeof (float)) != 0;

  for (int64_t row = 0; row < rows; row++)
    for (int64_t i = 0; i < pixel; i++) {
      const double x = (double)a[row * pixel + i], y = (double)b[row * pixel + i];

      if (i >= used)
        changed += memcmp (a + row * pixel + i, b + row * pixel + i, sizeof (float)) != 0;
      else
        difference += (x - y) * (x - y), size += y * y;
    }
  if (!(sqrt (difference) <= tolerance * sqrt (size)) || changed > 0) {
    g_test_message ("%s: off by %g of %g, %d numbers changed beside it", name, sqrt (difference),
                    sqrt (size), (int)changed);
    g_test_fail ();
  }
}

/* The same bits with more threads, and where the weights are stored turned. */
static void
check_product (const Products *isa, LwDevice *const devices[2], const Data *data)
{
  const int64_t n = data->rows * data->y_pixel + GUARD;
  g_autofree double *sums = expected_sums (data);

  for (size_t i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree float *expected = expected_product (data, sums, endings[i]);
    g_autofree float *y = run_product (isa, devices[0], data, endings[i], false);
    g_autofree float *again = run_product (isa, devices[1], data, endings[i], i % 2 == 1);
    g_autofree char *name = g_strdup_printf ("%s, ending %d", data->info->name, (int)i);

    compare (name, y, expected, data->rows, data->y_pixel, data->info->outputs,
             data->bf16 ? 3e-3 : 1e-5);
    g_assert_cmpmem (y, sizeof (float) * (size_t)n, again, sizeof (float) * (size_t)n);
  }
}

/* --- weight gradients ------------------------------------------------------------------------- */

/* dw, then dbias, both with 1 in them before. */
static float *
new_gradients (const Data *data)
{
  const int64_t n = (data->depth + 1) * data->info->outputs;
  float *gradients = g_new (float, n + GUARD);

  for (int64_t i = 0; i < n + GUARD; i++)
    gradients[i] = i < n ? 1 : UNTOUCHED;
  return gradients;
}

static float *
expected_gradients (const Data *data)
{
  const int64_t outputs = data->info->outputs, n = (data->depth + 1) * outputs;
  float *gradients = new_gradients (data);
  g_autofree double *patch = g_new (double, data->depth + 1);
  g_autofree double *sums = g_new0 (double, n);

  patch[data->depth] = 1;
  for (int64_t row = 0; row < data->rows; row++) {
    patch_of (data, row, patch);
    for (int64_t k = 0; k <= data->depth; k++)
      for (int64_t o = 0; o < outputs; o++)
        sums[k * outputs + o] += patch[k] * (double)data->dy[row * data->y_pixel + o];
  }
  for (int64_t i = 0; i < n; i++)
    gradients[i] += (float)sums[i];
  return gradients;
}

static float *
run_gradients (const Products *isa, LwDevice *device, const Data *data)
{
  float *gradients = new_gradients (data);
  LwGradient gradient = { .patches = data->patches,
                          .dy = data->dy_values,
                          .columns = data->info->outputs,
                          .dy_pixel = data->info->beside > 0 ? data->y_pixel : 0,
                          .dw = gradients,
                          .dbias = gradients + data->depth * data->info->outputs };
  const size_t workspace = isa->gradient_workspace (device, &gradient);

  gradient.workspace = new_workspace (workspace);
  isa->gradient (device, &gradient);
  free_workspace (gradient.workspace, workspace);
  return gradients;
}

static void
check_gradients (const Products *isa, LwDevice *const devices[2], const Data *data)
{
  const int64_t outputs = data->info->outputs;
  const size_t bytes = sizeof (float) * (size_t)((data->depth + 1) * outputs + GUARD);
  g_autofree float *expected = expected_gradients (data);
  g_autofree float *gradients = run_gradients (isa, devices[0], data);
  g_autofree float *again = run_gradients (isa, devices[1], data);

  compare (data->info->name, gradients, expected, data->depth + 1, outputs, outputs, 1e-5);
  g_assert_cmpmem (gradients, bytes, again, bytes);
}

/* --- all of it -------------------------------------------------------------------------------- */

static void
test_cases (gconstpointer isa)
{
  const Products *tested = &products[GPOINTER_TO_INT (isa)];
  const LwBackend *backend =
      tested->bf16 ? lw_cpu_bf16_backend () : lw_cpu_backend_for ((LwCpuIsa)GPOINTER_TO_INT (isa));
  LwDevice *devices[2];
  g_autoptr (GError) error = NULL;

  if (backend == NULL || backend->count (NULL) == 0) {
    g_test_skip ("this processor lacks the instructions");
    return;
  }
  for (int i = 0; i < 2; i++) {
    devices[i] = backend->open (0, &(LwDeviceOptions){ .threads = 1 + 2 * i }, &error);
    g_assert_no_error (error);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    Data data = data_new (&cases[i], tested->bf16);

    check_product (tested, devices, &data);
    check_gradients (tested, devices, &data);
    data_clear (&data);
  }
  for (int i = 0; i < 2; i++)
    backend->close (devices[i]);
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "baseline", "avx2", "avx512", "bf16" };

  g_test_init (&argc, &argv, NULL);
  for (int isa = 0; isa < (int)G_N_ELEMENTS (names); isa++) {
    g_autofree char *path = g_strdup_printf ("/products/%s", names[isa]);

    g_test_add_data_func (path, GINT_TO_POINTER (isa), test_cases);
  }
  return g_test_run ();
}
