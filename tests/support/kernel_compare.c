#include "tests/support/kernel_check.h"

#include <math.h>
#include <string.h>

const LwKernelArray *
lw_kernel_result_find (const LwKernelResult *result, const char *name)
{
  for (int i = 0; i < result->n_arrays; i++)
    if (strcmp (result->arrays[i].name, name) == 0)
      return &result->arrays[i];
  return NULL;
}

void
lw_kernel_compare (const char *test, const char *array, const float *a, const float *b, int64_t n,
                   double tolerance)
{
  double difference = 0, length = 0;

  for (int64_t i = 0; i < n; i++) {
    difference += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    length += (double)b[i] * (double)b[i];
  }
  difference = sqrt (difference);
  length = sqrt (length);
  /* Not `>`: NaN has to fail. */
  if (!(difference <= tolerance * length + 1e-7 * sqrt ((double)n))) {
    g_test_message ("%s: %s is off by %.3g of its length %.3g (%.3g allowed)", test, array,
                    difference / length, length, tolerance);
    g_test_fail ();
  }
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

bool
lw_kernel_results_equal (const LwKernelResult *a, const LwKernelResult *b)
{
  if (a->n_arrays != b->n_arrays || a->batches != b->batches)
    return false;
  for (int i = 0; i < a->n_arrays; i++)
    if (a->arrays[i].n != b->arrays[i].n || memcmp (a->arrays[i].values, b->arrays[i].values,
                                                    sizeof (float) * (size_t)a->arrays[i].n) != 0)
      return false;
  return true;
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
  static const LwOp ops[] = { LW_OP_RELU,     LW_OP_SIGMOID,  LW_OP_TANH,
                              LW_OP_MAX_POOL, LW_OP_AVG_POOL, LW_OP_CROSS_ENTROPY };

  for (size_t k = 0; k < G_N_ELEMENTS (ops); k++) {
    const bool flat = ops[k] == LW_OP_CROSS_ENTROPY;
    const LwKernelCase info = { .name = lw_op_info (ops[k])->name,
                                .op = ops[k],
                                .x =
                                    flat ? (LwShape){ 4, 1, 1, true } : (LwShape){ 1, 2, 2, false },
                                .window = { 2, 2, 0 },
                                .batch = 1,
                                .n = 1 };
    g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (&info);
    g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);

    for (int at = 0; at < 4; at++) {
      const float kept = data->x[0][at];
      bool found = false;

      data->x[0][at] = NAN;

      g_autoptr (LwKernelResult) result =
          lw_kernel_run (backend, device, subject, data, LW_KERNEL_TRAINING);
      const LwKernelArray *y = lw_kernel_result_find (result, "y");

      for (int64_t i = 0; i < y->n; i++)
        found = found || isnan (y->values[i]);
      if (!found)
        g_test_fail_printf ("%s: NaN in place %d is lost", info.name, at);
      data->x[0][at] = kept;
    }
  }
}
