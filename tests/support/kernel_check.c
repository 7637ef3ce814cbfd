#include "tests/support/kernel_check.h"

#include "kernels/check/judge.h"

LwDevice *
lw_kernel_open (const LwBackend *backend, int threads)
{
  g_autoptr (GError) error = NULL;
  LwDevice *device = backend->open (0, &(LwDeviceOptions){ .threads = threads }, &error);

  g_assert_no_error (error);
  return device;
}

LwKernelResult *
lw_kernel_run (const LwBackend *backend, LwDevice *device, const LwKernelSubject *subject,
               const LwKernelData *data, LwKernelVariant variant)
{
  g_autoptr (GError) error = NULL;
  LwKernelResult *result = lw_kernel_try (backend, device, subject, data, variant, &error);

  g_assert_no_error (error);
  return result;
}

void
lw_kernel_compare (const char *test, const char *array, const float *a, const float *b, int64_t n,
                   double tolerance)
{
  const LwKernelDistance distance = lw_kernel_distance (a, b, n);

  if (lw_kernel_is_near (distance, n, tolerance))
    return;
  g_test_message ("%s: %s is off by %.3g of its length %.3g (%.3g allowed)", test, array,
                  distance.off / distance.length, distance.length, tolerance);
  g_test_fail ();
}

void
lw_kernel_compare_results (const char *test, const LwKernelResult *result,
                           const LwKernelResult *expected, double tolerance)
{
  for (int i = 0; i < expected->n_arrays; i++) {
    const LwKernelArray *b = &expected->arrays[i];
    const LwKernelArray *a = lw_kernel_result_find (result, b->name);

    g_assert_nonnull (a);
    g_assert_cmpint (a->n, ==, b->n);
    lw_kernel_compare (test, b->name, a->values, b->values, b->n, tolerance);
  }
  g_assert_cmpint (result->batches, ==, expected->batches);
}

void
lw_kernel_check_backend (const LwBackend *backend, LwDevice *device, const LwBackend *oracle,
                         LwDevice *oracle_device, double tolerance)
{
  for (int i = 0; i < lw_n_kernel_cases; i++) {
    const LwKernelCase *info = &lw_kernel_cases[i];

    if (backend->kernels[info->op].forward == NULL)
      continue;

    g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
    g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);

    for (int variant = 0; variant <= LW_KERNEL_INFERENCE; variant++) {
      const LwKernelVariant v = (LwKernelVariant)variant;
      g_autoptr (LwKernelResult) expected = lw_kernel_run (oracle, oracle_device, subject, data, v);
      g_autoptr (LwKernelResult) result = lw_kernel_run (backend, device, subject, data, v);
      g_autofree char *test = g_strdup_printf ("%s, variant %d", info->name, variant);

      lw_kernel_compare_results (test, result, expected, tolerance);
    }
  }
}

void
lw_kernel_check_not_a_number (const LwBackend *backend, LwDevice *device)
{
  for (int i = 0; i < lw_n_not_a_number_ops; i++) {
    g_autoptr (GError) error = NULL;
    const int lost = lw_kernel_loses_nan (backend, device, lw_not_a_number_ops[i], &error);

    g_assert_no_error (error);
    if (lost >= 0)
      g_test_fail_printf ("%s: NaN in place %d is lost", lw_op_info (lw_not_a_number_ops[i])->name,
                          lost);
  }
}
