/* The CPU backend's kernels for bfloat16 against the reference backend: all kernel cases with
 * guards around every buffer, and the same bits for every number of threads. What goes in is
 * rounded to bfloat16 first, so that only the arithmetic and the rounding of what comes out differ.
 */
#include "kernels/cpu/cpu.h"
#include "kernels/reference/reference.h"
#include "tests/support/kernel_check.h"

#include <math.h>
#include <string.h>

/* Relative L2. A result rounded to 8 bits is off by 2⁻⁹ at most, 1.7e-3 in the mean of squares. */
#define TOLERANCE 4e-3

static const LwBackend *
backend_here (void)
{
  const LwBackend *backend = lw_cpu_bf16_backend ();

  if (backend == NULL || backend->count (NULL) == 0) {
    g_test_skip ("this processor lacks the instructions");
    return NULL;
  }
  return backend;
}

static LwKernelData *
data_new (const LwKernelSubject *subject)
{
  LwKernelData *data = lw_kernel_data_new (subject);

  lw_kernel_data_round (subject, data);
  return data;
}

/* The gradients of sigmoid and tanh are made from y, and 1 − y of a rounded y has few digits. What
 * Winograd's transforms cost (winograd.h); the same convolutions as products: test-products. */
static double
tolerance_of (const LwKernelCase *info)
{
  const LwWindow window = info->window;

  if (info->op == LW_OP_CONV2D && MIN (info->x.c, info->outputs) >= 16) {
    if (window.kernel == 3 && window.stride == 2)
      return 1.4e-2;
    if ((window.kernel == 3 || window.kernel == 5) && window.stride == 1)
      return window.kernel == 5 ? 3e-2 : 2e-2;
  }
  return info->op == LW_OP_SIGMOID || info->op == LW_OP_TANH ? 2e-2 : TOLERANCE;
}

/* dx was added to something and rounded then: the sums are compared. */
static void
restore_sums (LwKernelResult *result)
{
  for (int i = 0; i < result->n_arrays; i++)
    if (g_str_has_prefix (result->arrays[i].name, "dx"))
      for (int64_t k = 0; k < result->arrays[i].n; k++)
        result->arrays[i].values[k] += LW_KERNEL_BEFORE;
}

static void
check_case (const LwKernelCase *info, const LwBackend *backend, LwDevice *device, LwDevice *oracle)
{
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
  g_autoptr (LwKernelData) data = data_new (subject);

  for (int variant = 0; variant <= LW_KERNEL_INFERENCE; variant++) {
    const LwKernelVariant v = (LwKernelVariant)variant;
    g_autoptr (LwKernelResult) expected =
        lw_kernel_run (&lw_reference_backend, oracle, subject, data, v);
    g_autoptr (LwKernelResult) result = lw_kernel_run (backend, device, subject, data, v);
    g_autofree char *test = g_strdup_printf ("%s, variant %d", info->name, variant);

    if (v == LW_KERNEL_ACCUMULATE) {
      restore_sums (expected);
      restore_sums (result);
    }
    lw_kernel_compare_results (test, result, expected, tolerance_of (info));
  }
}

static void
test_cases (void)
{
  const LwBackend *backend = backend_here ();

  if (backend == NULL)
    return;

  LwDevice *oracle = lw_kernel_open (&lw_reference_backend, 2);
  LwDevice *device = lw_kernel_open (backend, 2);

  for (int i = 0; i < lw_n_kernel_cases; i++)
    check_case (&lw_kernel_cases[i], backend, device, oracle);
  for (int i = 0; i < lw_n_kernel_large_cases; i++)
    check_case (&lw_kernel_large_cases[i], backend, device, oracle);
  backend->close (device);
  lw_reference_backend.close (oracle);
}

static void
check_bits (const LwKernelCase *info, const LwBackend *backend, LwDevice *one, LwDevice *three)
{
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
  g_autoptr (LwKernelData) data = data_new (subject);
  g_autoptr (LwKernelResult) a = lw_kernel_run (backend, one, subject, data, LW_KERNEL_TRAINING);
  g_autoptr (LwKernelResult) b = lw_kernel_run (backend, three, subject, data, LW_KERNEL_TRAINING);

  if (!lw_kernel_results_equal (a, b)) {
    g_test_message ("%s: other bits with three threads", info->name);
    g_test_fail ();
  }
}

static void
test_threads (void)
{
  const LwBackend *backend = backend_here ();

  if (backend == NULL)
    return;

  LwDevice *one = lw_kernel_open (backend, 1), *three = lw_kernel_open (backend, 3);

  for (int i = 0; i < lw_n_kernel_cases; i++)
    check_bits (&lw_kernel_cases[i], backend, one, three);
  for (int i = 0; i < lw_n_kernel_large_cases; i++)
    check_bits (&lw_kernel_large_cases[i], backend, one, three);
  backend->close (one);
  backend->close (three);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cpu-bf16/cases", test_cases);
  g_test_add_func ("/cpu-bf16/threads", test_threads);
  return g_test_run ();
}
