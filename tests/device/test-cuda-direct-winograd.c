/* The direct convolution and Winograd's, whichever algorithm a session would take, beyond what
 * test-cuda-kernels has: shapes that cross their tiles, each kernel and stride, in all directions,
 * variants and orders of threads, with guards around every buffer, against the reference backend.
 */
#include "kernels/cuda/cuda.h"
#include "kernels/reference/reference.h"
#include "tests/device/emulation/emulation.h"
#include "tests/device/force_conv.h"
#include "tests/support/kernel_check.h"

/* Relative L2; float32 sums in another order; results rounded to bfloat16. */
#define TOLERANCE      1e-5
#define TOLERANCE_BF16 3e-3

#define CONV2D(NAME, C, H, W, OUTPUTS, K, S, P, BATCH, N)                                          \
  {                                                                                                \
    .name = NAME, .op = LW_OP_CONV2D, .x = { C, H, W, false }, .outputs = OUTPUTS,                 \
    .window = { K, S, P }, .batch = BATCH, .n = N                                                  \
  }

/* First layers: several tiles, outputs and pixels beside multiples of a block's, each kernel and
 * stride, a map too high for a tile of all its rows, and more tiles than the weights' gradient has
 * blocks. Others: tiles of 4 × 4 cut off on both sides, several stretches of examples. */
static const LwKernelCase cases[] = {
  CONV2D ("first 3×3", 1, 19, 35, 34, 3, 1, 1, 3, 2),
  CONV2D ("first 3×3 stride 2", 3, 18, 9, 4, 3, 2, 0, 2, 2),
  CONV2D ("first 3×3 stride 4", 3, 18, 17, 5, 3, 4, 1, 2, 2),
  CONV2D ("first 5×5", 1, 28, 28, 6, 5, 1, 2, 2, 2),
  CONV2D ("first 5×5 of six", 6, 14, 14, 16, 5, 1, 0, 2, 1),
  CONV2D ("first 5×5 stride 2", 3, 13, 12, 9, 5, 2, 4, 2, 2),
  CONV2D ("first 5×5 stride 4", 1, 9, 22, 2, 5, 4, 0, 2, 2),
  CONV2D ("first 7×7", 2, 9, 10, 3, 7, 1, 3, 2, 2),
  CONV2D ("first 7×7 stride 2", 3, 31, 27, 12, 7, 2, 3, 2, 2),
  CONV2D ("first 7×7 stride 4", 1, 20, 15, 5, 7, 4, 9, 2, 2),
  CONV2D ("first 11×11", 1, 12, 13, 1, 11, 1, 5, 2, 2),
  CONV2D ("first 11×11 stride 2", 1, 14, 17, 4, 11, 2, 2, 2, 2),
  CONV2D ("first 11×11 stride 4", 3, 31, 35, 9, 11, 4, 1, 2, 2),
  CONV2D ("first 11×11 stride 4 high", 1, 1067, 11, 3, 11, 4, 0, 1, 1),
  CONV2D ("first 3×3 many tiles", 8, 3, 3, 4, 3, 1, 1, 71, 70),
  CONV2D ("3×3 ragged", 9, 7, 13, 10, 3, 1, 1, 5, 4),
  CONV2D ("3×3 without padding", 8, 10, 6, 12, 3, 1, 0, 3, 2),
};

static LwDevice *device, *bf16, *oracle;

static bool
fits_somewhere (const LwCudaConv *conv, const LwDevice *on, const LwKernelSubject *subject)
{
  LwStep step = { .op = LW_OP_CONV2D,
                  .graph = subject->graph,
                  .node = subject->node,
                  .id = subject->id,
                  .batch = subject->info->batch,
                  .n = subject->info->n,
                  .training = true,
                  .n_x = 1,
                  .x_shape[0] = subject->x_shape[0],
                  .y_shape = subject->y_shape };
  bool fits = false;

  for (int direction = 0; direction < LW_N_DIRECTIONS; direction++)
    fits = fits || conv->fits (on, &step, (LwDirection)direction);
  return fits;
}

static void
check (const LwCudaConv *conv, const LwKernelCase *info, LwKernelVariant variant)
{
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
  g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);
  g_autoptr (LwKernelResult) expected = NULL, first = NULL;
  const LwBackend backend = lw_test_force_conv (conv, false);

  expected = lw_kernel_run (&lw_reference_backend, oracle, subject, data, variant);
  for (int order = 0; order < LW_N_ORDERS; order++) {
    g_autofree char *test =
        g_strdup_printf ("%s by %s, variant %d, order %d", info->name, conv->name, variant, order);
    g_autoptr (LwKernelResult) result = NULL;

    lw_emulation_set_order ((LwOrder)order, 1);
    result = lw_kernel_run (&backend, device, subject, data, variant);
    lw_kernel_compare_results (test, result, expected, TOLERANCE);
    if (first != NULL && !lw_kernel_results_equal (result, first))
      g_test_fail_printf ("%s: other numbers than in order 0", test);
    if (first == NULL)
      first = g_steal_pointer (&result);
  }
}

/* With max (0, ·) behind it, and x what another one has left. */
static void
check_relu (const LwCudaConv *conv, const LwKernelCase *info)
{
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
  g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);
  g_autoptr (LwKernelResult) expected = NULL, result = NULL;
  g_autofree char *test = g_strdup_printf ("%s by %s, max (0, ·)", info->name, conv->name);
  const LwKernelArray *y, *dx;
  const LwBackend backend = lw_test_force_conv (conv, true);

  expected = lw_kernel_run (&lw_reference_backend, oracle, subject, data, LW_KERNEL_TRAINING);
  result = lw_kernel_run (&backend, device, subject, data, LW_KERNEL_TRAINING);
  y = lw_kernel_result_find (expected, "y");
  dx = lw_kernel_result_find (expected, "dx");
  for (int64_t i = 0; i < y->n; i++)
    y->values[i] = MAX (y->values[i], 0.0f);
  for (int64_t i = 0; i < dx->n; i++)
    dx->values[i] = data->x[0][i] > 0 ? dx->values[i] : 0;
  lw_kernel_compare_results (test, result, expected, TOLERANCE);
}

/* Numbers that bfloat16 has, sums in float32: what is left is the rounding of the results. */
static void
check_bf16 (const LwCudaConv *conv, const LwKernelCase *info, LwKernelVariant variant)
{
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
  g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);
  g_autoptr (LwKernelResult) expected = NULL, result = NULL;
  g_autofree char *test =
      g_strdup_printf ("%s by %s in bfloat16, variant %d", info->name, conv->name, variant);
  const LwBackend backend = lw_test_force_conv (conv, false);

  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  lw_kernel_data_round (subject, data);
  expected = lw_kernel_run (&lw_reference_backend, oracle, subject, data, variant);
  result = lw_kernel_run (&backend, bf16, subject, data, variant);
  lw_kernel_compare_results (test, result, expected, TOLERANCE_BF16);
}

static bool
check_case (const LwCudaConv *conv, const LwKernelCase *info)
{
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);

  if (fits_somewhere (conv, bf16, subject)) {
    check_bf16 (conv, info, LW_KERNEL_TRAINING);
    check_bf16 (conv, info, LW_KERNEL_ACCUMULATE);
  }
  if (!fits_somewhere (conv, device, subject))
    return false;
  check_relu (conv, info);
  for (int variant = 0; variant <= LW_KERNEL_INFERENCE; variant++)
    if (variant != LW_KERNEL_IN_PLACE) /* as the first one */
      check (conv, info, (LwKernelVariant)variant);
  return true;
}

static void
test_algorithm (gconstpointer data)
{
  const LwCudaConv *conv = data;
  int n = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    n += check_case (conv, &cases[i]);
  g_test_message ("%s: %d cases", conv->name, n);
  g_assert_cmpint (n, >, 0);
}

int
main (int argc, char **argv)
{
  const LwDeviceOptions options = { .precision = LW_PRECISION_BF16 };
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  device = lw_kernel_open (&lw_cuda_backend, 1);
  bf16 = lw_cuda_backend.open (0, &options, &error);
  g_assert_no_error (error);
  oracle = lw_kernel_open (&lw_reference_backend, 1);
  g_test_add_data_func ("/cuda-direct-winograd/direct", &lw_cuda_conv_direct, test_algorithm);
  g_test_add_data_func ("/cuda-direct-winograd/winograd", &lw_cuda_conv_winograd, test_algorithm);
  status = g_test_run ();
  lw_cuda_backend.close (device);
  lw_cuda_backend.close (bf16);
  lw_reference_backend.close (oracle);
  return status;
}
