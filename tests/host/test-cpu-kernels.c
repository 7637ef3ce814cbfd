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
open_cpu (gconstpointer setup, int threads)
{
  LwDevice *device = lw_kernel_open (backend_of (setup), threads);

  if (GPOINTER_TO_INT (setup) % 2)
    lw_cpu_use_lanes (device);
  return device;
}

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

  LwDevice *oracle = lw_kernel_open (&lw_reference_backend, 2);
  LwDevice *device = open_cpu (setup, 2);

  lw_kernel_check_backend (backend, device, &lw_reference_backend, oracle, TOLERANCE);
  for (int i = 0; i < lw_n_kernel_large_cases; i++)
    check_case (&lw_kernel_large_cases[i], backend, device, oracle);
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

#ifdef __SANITIZE_ADDRESS__
static const int counts[] = { 1, 5 }; /* two is what all cases run with */
#else
static const int counts[] = { 1, 2, 3, 5 };
#endif

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
  const LwBackend *backend = backend_of (setup);
  LwDevice *devices[G_N_ELEMENTS (counts)];

  if (backend == NULL)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (counts); i++)
    devices[i] = open_cpu (setup, counts[i]);
  for (int i = 0; i < lw_n_kernel_cases; i++)
    check_bits (&lw_kernel_cases[i], backend, devices, G_N_ELEMENTS (counts));
  for (int i = 0; i < lw_n_kernel_large_cases; i++)
    check_bits (&lw_kernel_large_cases[i], backend, devices, G_N_ELEMENTS (counts));
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

  LwDevice *device = open_cpu (setup, 2), *oracle = lw_kernel_open (&lw_reference_backend, 2);
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
