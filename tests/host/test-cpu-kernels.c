/* The CPU backend's kernels, on every instruction set that this processor has and in both layouts
 * (channels last; the batch in lanes), against the reference backend: all kernel cases with guards
 * around every buffer, larger shapes that are cut in many ways, the same bits for every number of
 * threads, and the optimizers. */
#include "kernels/cpu/cpu.h"
#include "kernels/reference/reference.h"
#include "tests/support/kernel_check.h"

#include <math.h>
#include <string.h>

/* Relative L2; float32 sums in another order, and what Winograd transforms cost. */
#define TOLERANCE 1e-5

/* What a test runs on: an instruction set and a layout. */
#define SETUP(isa, lanes) GINT_TO_POINTER (2 * (isa) + (lanes))

static const LwBackend *
backend_of (gconstpointer setup)
{
  const LwBackend *backend = lw_cpu_backend_for ((LwCpuIsa)(GPOINTER_TO_INT (setup) / 2));

  if (backend == NULL || backend->count (NULL) == 0) {
    g_test_skip ("this processor lacks the instructions");
    return NULL;
  }
  return backend;
}

static LwDevice *
open_device (const LwBackend *backend, int threads)
{
  g_autoptr (GError) error = NULL;
  LwDevice *device = backend->open (0, &(LwDeviceOptions){ .threads = threads }, &error);

  g_assert_no_error (error);
  return device;
}

static LwDevice *
open_cpu (gconstpointer setup, int threads)
{
  LwDevice *device = open_device (backend_of (setup), threads);

  if (GPOINTER_TO_INT (setup) % 2)
    lw_cpu_use_lanes (device);
  return device;
}

#define CONV2D(NAME, C, H, W, O, K, S, P, N)                                                       \
  {                                                                                                \
    .name = NAME, .op = LW_OP_CONV2D, .x = { C, H, W, false }, .outputs = O,                       \
    .window = { K, S, P }, .batch = N, .n = N                                                      \
  }
#define MAP(NAME, OP, C, H, W, N)                                                                  \
  {                                                                                                \
    .name = NAME, .op = LW_OP_##OP, .x = { C, H, W, false }, .batch = N, .n = N                    \
  }

/* Beside the blocks of the products: 6, 14, 16, 32 numbers, 84 and 168 rows, 128 and 256 columns,
 * more and fewer than 1024 rows; every first layer, every kind of stride. */
static const LwKernelCase large_cases[] = {
  CONV2D ("first layer of LeNet", 1, 28, 28, 6, 5, 1, 2, 9),
  CONV2D ("first layer of AlexNet", 1, 64, 67, 96, 11, 4, 1, 3),
  CONV2D ("first layer of ResNet", 1, 50, 48, 64, 7, 2, 3, 3),
  CONV2D ("first layer in colour", 3, 33, 31, 20, 3, 1, 1, 3),
  CONV2D ("few rows, long sums", 96, 5, 5, 40, 3, 1, 1, 7),
  CONV2D ("many rows, long sums", 40, 13, 14, 72, 3, 1, 1, 8),
  CONV2D ("many rows, stride 2", 32, 24, 23, 64, 3, 2, 1, 9),
  CONV2D ("1×1", 130, 13, 12, 70, 1, 1, 0, 8),
  CONV2D ("1×1, stride 2", 64, 14, 13, 33, 1, 2, 0, 9),
  CONV2D ("5×5", 20, 14, 15, 50, 5, 1, 2, 6),
  CONV2D ("stride 3 over 5×5", 5, 30, 31, 17, 5, 3, 2, 4),
  CONV2D ("one pixel, stride 2", 24, 1, 1, 40, 3, 2, 1, 5),
  CONV2D ("two pixels, stride 3", 24, 2, 1, 40, 3, 3, 1, 5),
  CONV2D ("only the bias sees a pixel", 2, 1, 1, 3, 3, 1, 3, 5),
  { .name = "linear",
    .op = LW_OP_LINEAR,
    .x = { 700, 1, 1, true },
    .outputs = 300,
    .batch = 250,
    .n = 230 },
  { .name = "linear of many",
    .op = LW_OP_LINEAR,
    .x = { 60, 1, 1, true },
    .outputs = 85,
    .batch = 1100,
    .n = 1031 },
  MAP ("batch norm of few channels", BATCH_NORM, 6, 28, 27, 11),
  MAP ("batch norm of many channels", BATCH_NORM, 203, 7, 6, 11),
  MAP ("batch norm past the caches", BATCH_NORM, 32, 91, 91, 8),
  { .name = "maximum past the caches, some pixels in no window",
    .op = LW_OP_MAX_POOL,
    .x = { 16, 129, 131, false },
    .window = { 2, 3, 0 },
    .batch = 8,
    .n = 8 },
  { .name = "maximum of a large window",
    .op = LW_OP_MAX_POOL,
    .x = { 19, 40, 41, false },
    .window = { 17, 3, 8 },
    .batch = 3,
    .n = 3 },
  MAP ("relu", RELU, 7, 40, 41, 5),
  MAP ("sigmoid", SIGMOID, 7, 40, 41, 5),
  MAP ("tanh", TANH, 7, 40, 41, 5),
  MAP ("global average", GLOBAL_AVG_POOL, 70, 13, 14, 5),
  MAP ("flatten", FLATTEN, 50, 7, 6, 5),
  { .name = "dropout of maps",
    .op = LW_OP_DROPOUT,
    .x = { 19, 9, 11, false },
    .dropout = 0.3,
    .batch = 6,
    .n = 5 },
  { .name = "dropout of vectors",
    .op = LW_OP_DROPOUT,
    .x = { 1203, 1, 1, true },
    .dropout = 0.5,
    .batch = 9,
    .n = 9 },
  CONV2D ("second layer of LeNet", 6, 12, 12, 16, 5, 1, 0, 37),
  CONV2D ("second layer of LeNet, narrow", 3, 14, 13, 8, 5, 1, 0, 16),
  CONV2D ("5×5 of a full batch", 7, 9, 11, 13, 5, 1, 2, 64),
  CONV2D ("3×3 of a full batch", 4, 11, 10, 11, 3, 1, 1, 32),
  { .name = "max pool 2×2 of an incomplete batch",
    .op = LW_OP_MAX_POOL,
    .x = { 5, 9, 8, false },
    .window = { 2, 2, 0 },
    .batch = 40,
    .n = 35 },
  MAP ("batch norm of a full batch", BATCH_NORM, 5, 9, 7, 48),
  { .name = "batch norm of vectors",
    .op = LW_OP_BATCH_NORM,
    .x = { 84, 1, 1, true },
    .batch = 64,
    .n = 53 },
  { .name = "cross entropy",
    .op = LW_OP_CROSS_ENTROPY,
    .x = { 1000, 1, 1, true },
    .batch = 70,
    .n = 70 },
};

static void
check_case (const LwKernelCase *info, const LwBackend *backend, LwDevice *device, LwDevice *oracle)
{
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
  g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);

  for (int variant = 0; variant <= LW_KERNEL_INFERENCE; variant++) {
    const LwKernelVariant v = (LwKernelVariant)variant;
    g_autoptr (LwKernelResult) expected =
        lw_kernel_run (&lw_reference_backend, oracle, subject, data, v);
    g_autoptr (LwKernelResult) result = lw_kernel_run (backend, device, subject, data, v);
    g_autofree char *test = g_strdup_printf ("%s, variant %d", info->name, variant);

    lw_kernel_compare_results (test, result, expected, TOLERANCE);
  }
}

static void
test_cases (gconstpointer setup)
{
  const LwBackend *backend = backend_of (setup);

  if (backend == NULL)
    return;

  LwDevice *oracle = open_device (&lw_reference_backend, 2);
  LwDevice *device = open_cpu (setup, 2);

  lw_kernel_check_backend (backend, device, &lw_reference_backend, oracle, TOLERANCE);
  for (size_t i = 0; i < G_N_ELEMENTS (large_cases); i++)
    check_case (&large_cases[i], backend, device, oracle);
  backend->close (device);
  lw_reference_backend.close (oracle);
}

/* Every operation has a row, and the oracle's rows are the same. */
static void
test_complete (gconstpointer setup)
{
  const LwBackend *backend = backend_of (setup);

  for (int op = 0; backend != NULL && op < LW_N_OPS; op++) {
    g_assert_true (backend->kernels[op].forward != NULL);
    g_assert_true (backend->kernels[op].backward != NULL);
  }
}

/* --- threads ---------------------------------------------------------------------------------- */

static void
check_bits (const LwKernelCase *info, const LwBackend *backend, LwDevice *const devices[], int n)
{
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
  g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);
  g_autoptr (LwKernelResult) first =
      lw_kernel_run (backend, devices[0], subject, data, LW_KERNEL_ACCUMULATE);

  for (int i = 0; i < n; i++) {
    g_autoptr (LwKernelResult) result =
        lw_kernel_run (backend, devices[i], subject, data, LW_KERNEL_ACCUMULATE);

    if (!lw_kernel_results_equal (result, first)) {
      g_test_message ("%s: the same bits were not computed again, device %d", info->name, i);
      g_test_fail ();
    }
  }
}

static void
test_threads (gconstpointer setup)
{
  static const int counts[] = { 1, 2, 3, 5 };
  const LwBackend *backend = backend_of (setup);
  LwDevice *devices[G_N_ELEMENTS (counts)];

  if (backend == NULL)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (counts); i++)
    devices[i] = open_cpu (setup, counts[i]);
  for (int i = 0; i < lw_n_kernel_cases; i++)
    check_bits (&lw_kernel_cases[i], backend, devices, G_N_ELEMENTS (counts));
  for (size_t i = 0; i < G_N_ELEMENTS (large_cases); i++)
    check_bits (&large_cases[i], backend, devices, G_N_ELEMENTS (counts));
  for (size_t i = 0; i < G_N_ELEMENTS (counts); i++)
    backend->close (devices[i]);
}

/* --- special numbers -------------------------------------------------------------------------- */

static float
run_one (const LwBackend *backend, LwDevice *device, LwOp op, float x)
{
  const LwKernelCase info = {
    .name = "one", .op = op, .x = { 20, 1, 1, true }, .batch = 1, .n = 1
  };
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (&info);
  g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);

  for (int i = 0; i < 20; i++)
    data->x[0][i] = x;

  g_autoptr (LwKernelResult) result =
      lw_kernel_run (backend, device, subject, data, LW_KERNEL_INFERENCE);
  const LwKernelArray *y = lw_kernel_result_find (result, "y");

  for (int64_t i = 1; i < y->n; i++)
    g_assert_true (y->values[i] == y->values[0] || isnan (y->values[0]));
  return y->values[0];
}

/* Activations over the whole range, to the last bits; NaN stays visible. */
static void
test_activations (gconstpointer setup)
{
  const LwBackend *backend = backend_of (setup);

  if (backend == NULL)
    return;

  LwDevice *device = open_cpu (setup, 1);

  for (double x = -100; x <= 100; x += x > -2 && x < 2 ? 0.0137 : 0.731) {
    const double at = (double)(float)x, sigmoid = 1 / (1 + exp (-at));

    g_assert_cmpfloat_with_epsilon ((double)run_one (backend, device, LW_OP_SIGMOID, (float)x),
                                    sigmoid, 3e-7 * sigmoid + 1e-37);
    g_assert_cmpfloat_with_epsilon ((double)run_one (backend, device, LW_OP_TANH, (float)x),
                                    tanh (at), 3e-7 * fabs (tanh (at)));
  }
  g_assert_true (isnan (run_one (backend, device, LW_OP_RELU, NAN)));
  g_assert_true (isnan (run_one (backend, device, LW_OP_SIGMOID, NAN)));
  g_assert_true (isnan (run_one (backend, device, LW_OP_TANH, NAN)));
  g_assert_cmpfloat (run_one (backend, device, LW_OP_SIGMOID, INFINITY), ==, 1);
  g_assert_cmpfloat (run_one (backend, device, LW_OP_SIGMOID, -INFINITY), ==, 0);
  g_assert_cmpfloat (run_one (backend, device, LW_OP_TANH, -INFINITY), ==, -1);
  backend->close (device);
}

/* --- the optimizers --------------------------------------------------------------------------- */

enum { WEIGHTS = 20011 };

static float *
optimize (const LwBackend *backend, LwDevice *device)
{
  static const int rows = 4;
  float *memory = g_new (float, rows *WEIGHTS);
  void *at[4];
  const size_t bytes = WEIGHTS * sizeof (float);

  for (int i = 0; i < rows * WEIGHTS; i++)
    memory[i] = (float)(i * 7919 % 10007) / 10007;
  for (int i = 0; i < rows; i++)
    at[i] = memory + i * WEIGHTS;
  for (int t = 1; t <= 4; t++) {
    const LwUpdate update = { .optimizer = t == 4 ? LW_OPTIMIZER_ADAM : LW_OPTIMIZER_SGD,
                              .learning_rate = 0.1f,
                              .momentum = t == 2 || t == 3 ? 0.9f : 0,
                              .weight_decay = 0.01f,
                              .nesterov = t == 3,
                              .t = t,
                              .n = 1,
                              .w = &at[0],
                              .dw = (const void *const *)&at[1],
                              .m = &at[2],
                              .v = &at[3],
                              .bytes = &bytes };
    g_autoptr (GError) error = NULL;

    backend->update (device, &update, &error);
    g_assert_no_error (error);
  }
  return memory;
}

static void
test_optimizers (gconstpointer setup)
{
  const LwBackend *backend = backend_of (setup);

  if (backend == NULL)
    return;

  LwDevice *device = open_cpu (setup, 2), *oracle = open_device (&lw_reference_backend, 2);
  g_autofree float *result = optimize (backend, device);
  g_autofree float *expected = optimize (&lw_reference_backend, oracle);

  for (int i = 0; i < 4; i++)
    lw_kernel_compare ("optimizer", "row", result + i * WEIGHTS, expected + i * WEIGHTS, WEIGHTS,
                       1e-6);
  backend->close (device);
  lw_reference_backend.close (oracle);
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "baseline", "avx2", "avx512" };
  static const char *const layouts[] = { "channels-last", "lanes" };
  static const struct {
    const char *name;
    GTestDataFunc test;
  } tests[] = {
    { "complete", test_complete },     { "cases", test_cases },
    { "threads", test_threads },       { "activations", test_activations },
    { "optimizers", test_optimizers },
  };

  g_test_init (&argc, &argv, NULL);
  for (int isa = 0; isa < LW_N_CPU_ISAS; isa++)
    for (int lanes = 0; lanes < 2; lanes++)
      for (size_t i = 0; i < G_N_ELEMENTS (tests); i++) {
        g_autofree char *path =
            g_strdup_printf ("/cpu-kernels/%s/%s/%s", names[isa], layouts[lanes], tests[i].name);

        g_test_add_data_func (path, SETUP (isa, lanes), tests[i].test);
      }
  return g_test_run ();
}
