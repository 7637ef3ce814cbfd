/* The CUDA backend's kernels in bfloat16 and TF32 on the processor, against the reference backend,
 * which is given the same rounded numbers: all kernel cases and variants, and shapes whose numbers
 * are moved 128 bits at a time, the same bits in every order of threads. What a graphics card does
 * not know it refuses. */
#include "kernels/cuda/cuda.h"
#include "kernels/reference/reference.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/kernel_check.h"

#include <math.h>
#include <string.h>

/* Relative L2. float32 sums in another order; a result rounded to 8 bits is off by 2⁻⁹ at most,
 * 1.7e-3 in the mean of squares, as on the processor (tests/host/test-cpu-bf16.c); each of two
 * factors that are rounded to 11 bits by 2⁻¹¹ at most. */
#define EXACT_TOLERANCE 1e-5
#define BF16_TOLERANCE  4e-3
#define TF32_TOLERANCE  1e-3

#define MAP(c, h, w)                                                                               \
  {                                                                                                \
    c, h, w, false                                                                                 \
  }
#define EACH(OP, NAME, X)                                                                          \
  {                                                                                                \
    .name = NAME, .op = LW_OP_##OP, .x = X, .batch = 3, .n = 2                                     \
  }

/* Channels of whole vectors of 4 or 8 numbers; sums in several stretches. */
static const LwKernelCase vector_cases[] = {
  EACH (RELU, "vector relu", MAP (16, 3, 3)),
  EACH (TANH, "vector tanh", MAP (8, 3, 5)),
  EACH (ADD, "vector add", MAP (24, 3, 3)),
  EACH (BATCH_NORM, "vector batch norm", MAP (72, 5, 4)),
  EACH (BATCH_NORM, "vector batch norm, stretches", MAP (40, 24, 25)),
  EACH (BATCH_NORM, "batch norm of 4, stretches", MAP (4, 26, 25)),
  EACH (GLOBAL_AVG_POOL, "vector global avg pool", MAP (24, 5, 3)),
  EACH (GLOBAL_AVG_POOL, "vector global avg pool, wide", MAP (264, 2, 3)),
  EACH (FLATTEN, "flatten squares", MAP (40, 6, 7)),
  { .name = "wide relu, not of whole vectors",
    .op = LW_OP_SIGMOID,
    .x = { 301, 1, 1, true },
    .batch = 3,
    .n = 3 },
  { .name = "vector dropout",
    .op = LW_OP_DROPOUT,
    .x = MAP (8, 3, 3),
    .dropout = 0.3,
    .batch = 3,
    .n = 2 },
  { .name = "vector dropout flat",
    .op = LW_OP_DROPOUT,
    .x = { 2056, 1, 1, true },
    .dropout = 0.5,
    .batch = 2,
    .n = 2 },
  { .name = "vector max pool",
    .op = LW_OP_MAX_POOL,
    .x = MAP (16, 7, 6),
    .window = { 3, 2, 1 },
    .batch = 2,
    .n = 2 },
  { .name = "max pool of many cells",
    .op = LW_OP_MAX_POOL,
    .x = MAP (8, 18, 19),
    .window = { 17, 1, 0 },
    .batch = 1,
    .n = 1 },
  { .name = "vector avg pool",
    .op = LW_OP_AVG_POOL,
    .x = MAP (8, 5, 6),
    .window = { 2, 2, 0 },
    .batch = 2,
    .n = 2 },
  { .name = "vector concat",
    .op = LW_OP_CONCAT,
    .x = MAP (1, 3, 4),
    .joined = { 8, 16, 8 },
    .batch = 2,
    .n = 2 },
  { .name = "vector conv2d 3×3",
    .op = LW_OP_CONV2D,
    .x = MAP (8, 5, 6),
    .outputs = 16,
    .window = { 3, 1, 1 },
    .batch = 2,
    .n = 2 },
  { .name = "vector conv2d 1×1",
    .op = LW_OP_CONV2D,
    .x = MAP (24, 5, 4),
    .outputs = 8,
    .window = { 1, 1, 0 },
    .batch = 2,
    .n = 2 },
  { .name = "vector conv2d 5×5 stride 2",
    .op = LW_OP_CONV2D,
    .x = MAP (8, 7, 8),
    .outputs = 24,
    .window = { 5, 2, 2 },
    .batch = 2,
    .n = 1 },
  { .name = "vector linear",
    .op = LW_OP_LINEAR,
    .x = { 24, 1, 1, true },
    .outputs = 16,
    .batch = 5,
    .n = 4 },
};

static LwDevice *devices[3], *oracle; /* by LwPrecision */

static LwDevice *
open_device (LwPrecision precision)
{
  g_autoptr (GError) error = NULL;
  LwDevice *device = lw_cuda_backend.open (0, &(LwDeviceOptions){ .precision = precision }, &error);

  g_assert_no_error (error);
  return device;
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

/* The gradients of sigmoid and tanh are made from y, and 1 − y of a rounded y has few digits. */
static double
tolerance_of (const LwKernelCase *info, LwPrecision precision)
{
  if (precision != LW_PRECISION_BF16)
    return EXACT_TOLERANCE;
  return info->op == LW_OP_SIGMOID || info->op == LW_OP_TANH ? 2e-2 : BF16_TOLERANCE;
}

static void
check_variant (const LwKernelSubject *subject, const LwKernelData *data, LwPrecision precision,
               LwKernelVariant variant)
{
  LwKernelResult *expected = lw_kernel_run (&lw_reference_backend, oracle, subject, data, variant);
  g_autoptr (LwKernelResult) first = NULL;

  /* The other variants run the same kernels. */
  for (int order = 0; order < (variant == LW_KERNEL_TRAINING ? LW_N_ORDERS : 1); order++) {
    g_autofree char *test = g_strdup_printf ("%s, precision %d, variant %d, order %d",
                                             subject->info->name, precision, variant, order);
    LwKernelResult *result;

    lw_emulation_set_order ((LwOrder)order, 1);
    result = lw_kernel_run (&lw_cuda_backend, devices[precision], subject, data, variant);
    if (first == NULL) {
      first = result;
      continue;
    }
    if (!lw_kernel_results_equal (result, first))
      g_test_fail_printf ("%s: other numbers than in order 0", test);
    lw_kernel_result_free (result);
  }
  if (variant == LW_KERNEL_ACCUMULATE) {
    restore_sums (expected);
    restore_sums (first);
  }

  g_autofree char *test =
      g_strdup_printf ("%s, precision %d, variant %d", subject->info->name, precision, variant);

  lw_kernel_compare_results (test, first, expected, tolerance_of (subject->info, precision));
  lw_kernel_result_free (expected);
}

static void
check_case (const LwKernelCase *info, LwPrecision precision)
{
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
  g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);

  /* Of such numbers products are exact in TF32, too. */
  lw_kernel_data_round (subject, data);
  for (int variant = 0; variant <= LW_KERNEL_INFERENCE; variant++)
    check_variant (subject, data, precision, (LwKernelVariant)variant);
}

/* What is large, and adds nothing where every access is looked at. */
static bool
is_long (const LwKernelCase *info)
{
  return lw_emulation_checks_accesses () && info->n * lw_shape_size (info->x) > 6000;
}

static void
test_bf16 (void)
{
  for (int i = 0; i < lw_n_kernel_cases; i++)
    if (!is_long (&lw_kernel_cases[i]))
      check_case (&lw_kernel_cases[i], LW_PRECISION_BF16);
}

static void
test_vectors (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (vector_cases); i++)
    if (!is_long (&vector_cases[i])) {
      check_case (&vector_cases[i], LW_PRECISION_FP32);
      check_case (&vector_cases[i], LW_PRECISION_BF16);
    }
}

static bool
multiplies (const LwKernelCase *info)
{
  return info->op == LW_OP_CONV2D || info->op == LW_OP_LINEAR;
}

/* The largest relative difference of an array. */
static double
difference (const LwKernelResult *a, const LwKernelResult *b)
{
  double worst = 0;

  for (int i = 0; i < b->n_arrays; i++) {
    double off = 0, length = 0;

    for (int64_t k = 0; k < b->arrays[i].n; k++) {
      const double value = (double)b->arrays[i].values[k];
      const double distance = (double)a->arrays[i].values[k] - value;

      off += distance * distance;
      length += value * value;
    }
    worst = MAX (worst, sqrt (off / length));
  }
  return worst;
}

/* Factors are rounded to TF32, and only those. */
static void
test_tf32 (void)
{
  double worst = 0;

  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  for (int i = 0; i < lw_n_kernel_cases; i++) {
    const LwKernelCase *info = &lw_kernel_cases[i];

    if (is_long (info) || (!multiplies (info) && info->op != LW_OP_BATCH_NORM))
      continue;
    check_case (info, LW_PRECISION_TF32);

    g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
    g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);
    g_autoptr (LwKernelResult) expected =
        lw_kernel_run (&lw_reference_backend, oracle, subject, data, LW_KERNEL_TRAINING);
    g_autoptr (LwKernelResult) result = lw_kernel_run (&lw_cuda_backend, devices[LW_PRECISION_TF32],
                                                       subject, data, LW_KERNEL_TRAINING);

    lw_kernel_compare_results (info->name, result, expected,
                               multiplies (info) ? TF32_TOLERANCE : EXACT_TOLERANCE);
    if (multiplies (info))
      worst = MAX (worst, difference (result, expected));
  }
  g_test_message ("largest relative difference in TF32: %.1e", worst);
  g_assert_cmpfloat (worst, >, 5e-5);
}

static void
test_not_a_number (void)
{
  lw_kernel_check_not_a_number (&lw_cuda_backend, devices[LW_PRECISION_BF16]);
}

/* Numbers become bfloat16 as the definition says: nearest, ties to even. */
static void
test_rounding (void)
{
  static const struct {
    float value, rounded;
  } pairs[] = {
    { 1, 1 },
    { 0x1.01p0f, 0x1p0f },        /* a tie, to even: down */
    { 0x1.03p0f, 0x1.04p0f },     /* a tie, to even: up */
    { 0x1.010002p0f, 0x1.02p0f }, /* just above a tie */
    { -0x1.ffp3f, -0x1p4f },      /* carries into the exponent */
    { INFINITY, INFINITY },
    { 0x1.fffffep127f, INFINITY },
    { 0x1p-149f, 0 },
  };
  const LwShape shape = { (int32_t)G_N_ELEMENTS (pairs) + 1, 1, 1, true };
  LwDevice *device = devices[LW_PRECISION_BF16];
  float host[G_N_ELEMENTS (pairs) + 1], result[G_N_ELEMENTS (pairs) + 1];
  g_autoptr (GError) error = NULL;
  void *memory = lw_cuda_backend.alloc (device, 64, &error);

  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++)
    host[i] = pairs[i].value;
  host[G_N_ELEMENTS (pairs)] = NAN;
  g_assert_cmpint (lw_cuda_backend.value_bytes (device, shape, 3), ==,
                   2 * 3 * (G_N_ELEMENTS (pairs) + 1));
  g_assert_true (lw_cuda_backend.upload_value (device, memory, shape, 1, host, &error));
  g_assert_true (lw_cuda_backend.download_value (device, memory, shape, 1, result, &error));
  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++)
    g_assert_cmpfloat (result[i], ==, pairs[i].rounded);
  g_assert_true (isnan (result[G_N_ELEMENTS (pairs)]));
  lw_cuda_backend.free (device, memory, 64);
}

static void
test_refused (void)
{
  static const LwEmulationHardware old = { 1, 7, 5, (size_t)1 << 30 };
  static const LwEmulationHardware usual = { 1, 8, 9, (size_t)1 << 30 };

  lw_emulation_set_hardware (&old);
  for (int precision = LW_PRECISION_BF16; precision <= LW_PRECISION_TF32; precision++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (lw_cuda_backend.open (
        0, &(LwDeviceOptions){ .precision = (LwPrecision)precision }, &error));
    g_assert_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED);
    g_test_message ("%s", error->message);
    g_assert_nonnull (strstr (error->message, "7.5"));
    g_assert_nonnull (strstr (error->message, precision == LW_PRECISION_BF16 ? "bf16" : "tf32"));
  }
  lw_cuda_backend.close (open_device (LW_PRECISION_FP32));
  lw_emulation_set_hardware (&usual);
  lw_cuda_backend.close (open_device (LW_PRECISION_BF16));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  for (int i = 0; i < 3; i++)
    devices[i] = open_device ((LwPrecision)i);
  oracle = lw_kernel_open (&lw_reference_backend, 1);
  g_test_add_func ("/cuda-precisions/rounding", test_rounding);
  g_test_add_func ("/cuda-precisions/not-a-number", test_not_a_number);
  g_test_add_func ("/cuda-precisions/bf16", test_bf16);
  g_test_add_func ("/cuda-precisions/vectors", test_vectors);
  g_test_add_func ("/cuda-precisions/tf32", test_tf32);
  g_test_add_func ("/cuda-precisions/refused", test_refused);
  status = g_test_run ();
  for (int i = 0; i < 3; i++)
    lw_cuda_backend.close (devices[i]);
  lw_reference_backend.close (oracle);
  return status;
}
