/* The reference backend's kernels, one case after another: the output against the formula in double
 * precision, the gradients against its finite differences, and that memory is treated as
 * engine/backend.h promises. */
#include "engine/processors.h"
#include "kernels/reference/reference.h"
#include "tests/support/kernel_check.h"
#include "tests/support/kernel_formula.h"

#include <stdlib.h>
#include <string.h>

/* Of float32 sums of some hundred products. */
#define TOLERANCE 2e-6
/* Half the distance of the two points; larger loses to curvature, smaller to rounding. */
#define DISTANCE 1e-5
/* At most so many elements of an array are tried one by one. */
#define MOST_ELEMENTS 400

typedef struct {
  const LwKernelSubject *subject;
  const LwKernelData *data;
  LwKernelPoint *point;
  double *y;
} Differences;

/* L = Σ dy · y, whose gradient by y is dy; of the loss, the mean over the examples. */
static double
projection (const Differences *d)
{
  const int64_t n = lw_kernel_formula_size (d->subject);
  double sum = 0;

  lw_kernel_formula (d->subject, d->point, d->y);
  if (d->subject->info->op == LW_OP_CROSS_ENTROPY)
    return d->y[0] / d->subject->info->n;
  for (int64_t i = 0; i < n; i++)
    sum += (double)d->data->dy[i] * d->y[i];
  return sum;
}

/* Compares a gradient with (L(x + h) − L(x − h)) / 2h, element by element, evenly spread. */
static void
check_gradient (const Differences *d, const LwKernelResult *result, const char *name, double *at)
{
  const LwKernelArray *array = lw_kernel_result_find (result, name);
  const int64_t stride = (array->n + MOST_ELEMENTS - 1) / MOST_ELEMENTS;
  const int64_t n = (array->n + stride - 1) / stride;
  g_autofree float *expected = g_new (float, n);
  g_autofree float *got = g_new (float, n);

  for (int64_t i = 0; i < n; i++) {
    const double x = at[i * stride];
    double above, below;

    at[i * stride] = x + DISTANCE;
    above = projection (d);
    at[i * stride] = x - DISTANCE;
    below = projection (d);
    at[i * stride] = x;
    expected[i] = (float)((above - below) / (2 * DISTANCE));
    got[i] = array->values[i * stride];
  }
  lw_kernel_compare (d->subject->info->name, name, got, expected, n, TOLERANCE);
}

static void
check_gradients (const LwKernelSubject *subject, const LwKernelData *data,
                 const LwKernelResult *result)
{
  g_autoptr (LwKernelPoint) point = lw_kernel_point_new (subject, data);
  g_autofree double *y = g_new (double, lw_kernel_formula_size (subject));
  const Differences d = { subject, data, point, y };

  for (int i = 0; i < subject->n_x; i++) {
    if (lw_kernel_first_use (subject, i) != i)
      continue; /* its gradient is part of the first one's */

    g_autofree char *name = i == 0 ? g_strdup ("dx") : g_strdup_printf ("dx%d", i);

    check_gradient (&d, result, name, point->x[i]);
  }
  if (point->param[LW_ROLE_WEIGHT]) {
    check_gradient (&d, result, "dweight", point->param[LW_ROLE_WEIGHT]);
    check_gradient (&d, result, "dbias", point->param[LW_ROLE_BIAS]);
  }
}

static void
check_output (const LwKernelSubject *subject, const LwKernelData *data,
              const LwKernelResult *result)
{
  const LwKernelArray *y = lw_kernel_result_find (result, "y");
  g_autoptr (LwKernelPoint) point = lw_kernel_point_new (subject, data);
  g_autofree double *exact = g_new (double, y->n);
  g_autofree float *expected = g_new (float, y->n);

  g_assert_cmpint (y->n, ==, lw_kernel_formula_size (subject));
  lw_kernel_formula (subject, point, exact);
  for (int64_t i = 0; i < y->n; i++)
    expected[i] = (float)exact[i];
  lw_kernel_compare (subject->info->name, "y", y->values, expected, y->n, TOLERANCE);
}

/* Batch statistics, and how the running ones follow them. */
static void
check_statistics (const LwKernelSubject *subject, const LwKernelData *data,
                  const LwKernelResult *result)
{
  const int32_t channels = subject->y_shape.c;
  const bool training = !subject->info->inference;
  g_autoptr (LwKernelPoint) point = lw_kernel_point_new (subject, data);

  g_assert_cmpint (result->batches, ==, data->batches + training);
  for (int32_t c = 0; c < channels; c++) {
    double mean, variance, expected[4];
    int64_t count;
    static const char *const names[] = { "running_mean", "running_var", "batch_mean", "batch_var" };

    lw_kernel_formula_statistics (subject, point, c, &mean, &variance, &count);
    expected[0] = (double)data->param[LW_ROLE_RUNNING_MEAN][c];
    expected[1] = (double)data->param[LW_ROLE_RUNNING_VAR][c];
    expected[2] = mean;
    expected[3] = variance;
    if (training) {
      expected[0] = 0.9 * expected[0] + 0.1 * mean;
      expected[1] = 0.9 * expected[1] + 0.1 * variance * (double)count / (double)(count - 1);
    }
    for (int i = 0; i < (training ? 4 : 2); i++) {
      const LwKernelArray *array = lw_kernel_result_find (result, names[i]);

      g_assert_cmpfloat_with_epsilon ((double)array->values[c], expected[i], 1e-6);
    }
  }
}

/* What does not change when the result is asked for in another way. */
static void
check_variants (LwDevice *device, const LwKernelSubject *subject, const LwKernelData *data,
                const LwKernelResult *result)
{
  const LwBackend *backend = &lw_reference_backend;
  g_autoptr (LwKernelResult) again =
      lw_kernel_run (backend, device, subject, data, LW_KERNEL_TRAINING);
  g_autoptr (LwKernelResult) in_place =
      lw_kernel_run (backend, device, subject, data, LW_KERNEL_IN_PLACE);
  g_autoptr (LwKernelResult) added =
      lw_kernel_run (backend, device, subject, data, LW_KERNEL_ACCUMULATE);
  g_autoptr (LwKernelResult) without =
      lw_kernel_run (backend, device, subject, data, LW_KERNEL_WITHOUT_DX);

  g_assert_true (lw_kernel_results_equal (again, result));
  g_assert_true (lw_kernel_results_equal (in_place, result));
  /* A sum is rounded to the last bit of the larger number. */
  lw_kernel_compare_results (subject->info->name, added, result, 5e-6);
  g_assert_null (lw_kernel_result_find (without, "dx"));
  lw_kernel_compare_results (subject->info->name, result, without, 0);
}

/* Inference: running statistics are used and stay, and dropout drops nothing. */
static void
check_inference (LwDevice *device, const LwKernelSubject *subject, const LwKernelData *data)
{
  LwKernelCase info = *subject->info;
  LwKernelSubject inference = *subject;
  g_autoptr (LwKernelResult) result =
      lw_kernel_run (&lw_reference_backend, device, subject, data, LW_KERNEL_INFERENCE);

  info.inference = true;
  inference.info = &info;
  check_output (&inference, data, result);
  if (info.op == LW_OP_BATCH_NORM)
    check_statistics (&inference, data, result);
}

static void
test_case (gconstpointer user_data)
{
  const LwKernelCase *info = user_data;
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
  g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);
  g_autoptr (GError) error = NULL;
  LwDevice *device = lw_reference_backend.open (0, &(LwDeviceOptions){ .threads = 2 }, &error);

  g_assert_no_error (error);

  g_autoptr (LwKernelResult) result =
      lw_kernel_run (&lw_reference_backend, device, subject, data, LW_KERNEL_TRAINING);

  if (info->op == LW_OP_INPUT) {
    const LwKernelArray *y = lw_kernel_result_find (result, "y");

    lw_kernel_compare (info->name, "y", y->values, data->dy, y->n, 0);
  } else {
    check_output (subject, data, result);
    check_inference (device, subject, data);
    check_variants (device, subject, data, result);
    if (!info->ties)
      check_gradients (subject, data, result);
    if (info->op == LW_OP_BATCH_NORM)
      check_statistics (subject, data, result);
  }
  lw_reference_backend.close (device);
}

/* Nothing can be forgotten: every operation has a reference kernel and a case. */
static void
test_complete (void)
{
  for (int op = 0; op < LW_N_OPS; op++) {
    const LwKernel *kernel = &lw_reference_backend.kernels[op];
    int cases = 0;

    for (int i = 0; i < lw_n_kernel_cases; i++)
      cases += (int)lw_kernel_cases[i].op == op;
    if (kernel->forward == NULL || kernel->backward == NULL || cases == 0) {
      g_test_message ("%s: %s forward, %s backward, %d cases", lw_op_info ((LwOp)op)->name,
                      kernel->forward ? "has" : "lacks", kernel->backward ? "has" : "lacks", cases);
      g_test_fail ();
    }
  }
}

static void
test_not_a_number (void)
{
  LwDevice *device = lw_kernel_open (&lw_reference_backend, 1);

  lw_kernel_check_not_a_number (&lw_reference_backend, device);
  lw_reference_backend.close (device);
}

static void
expect_error (LwOp op, const LwStep *step, LwDevice *device, int code, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (lw_reference_backend.kernels[op].forward (device, step, &error));
  g_assert_error (error, LW_ERROR, code);
  g_assert_nonnull (strstr (error->message, part));
}

/* What a student can bring about is a sentence. */
static void
test_errors (void)
{
  const LwBackend *backend = &lw_reference_backend;
  LwDevice *device = backend->open (0, NULL, NULL);
  const float x[3] = { 1, 2, 3 };
  const int32_t labels[2] = { 1, 3 };
  float y[2];
  LwNode node = { .op = LW_OP_BATCH_NORM, .name = "1" };
  LwStep step = { .op = LW_OP_BATCH_NORM,
                  .node = &node,
                  .batch = 1,
                  .n = 1,
                  .training = true,
                  .n_x = 1,
                  .x_shape = { { 3, 1, 1, true } },
                  .y_shape = { 3, 1, 1, true },
                  .x = { x },
                  .y = y };
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (device);
  expect_error (LW_OP_BATCH_NORM, &step, device, LW_ERROR_INVALID, "more than one value");
  step.op = LW_OP_CROSS_ENTROPY;
  step.labels = &labels[1];
  expect_error (LW_OP_CROSS_ENTROPY, &step, device, LW_ERROR_INVALID, "label 3");

  step.op = LW_OP_CONV2D;
  step.x_shape[0] = (LwShape){ 1, 20000, 20000, false };
  g_assert_false (backend->kernels[LW_OP_CONV2D].prepare (device, &step, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED);
  g_clear_error (&error);

  g_assert_null (backend->alloc (device, SIZE_MAX - 10, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_MEMORY);
  g_clear_error (&error);
  backend->close (device);

  g_assert_null (backend->open (1, NULL, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_UNKNOWN);
  g_clear_error (&error);
  g_assert_null (backend->open (0, &(LwDeviceOptions){ .threads = -1 }, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (backend->open (0, &(LwDeviceOptions){ .precision = LW_PRECISION_BF16 }, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED);
}

static void
test_description (void)
{
  g_autofree char *text = lw_reference_backend.describe (0);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (lw_reference_backend.count (&error), ==, 1);
  g_assert_cmpint (atoi (text), ==, lw_processors ());
  g_assert_nonnull (strstr (text, " thread"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernels/complete", test_complete);
  g_test_add_func ("/kernels/description", test_description);
  g_test_add_func ("/kernels/errors", test_errors);
  g_test_add_func ("/kernels/not-a-number", test_not_a_number);
  for (int i = 0; i < lw_n_kernel_cases; i++) {
    g_autofree char *path = g_strconcat ("/kernels/", lw_kernel_cases[i].name, NULL);

    g_test_add_data_func (path, &lw_kernel_cases[i], test_case);
  }
  return g_test_run ();
}
