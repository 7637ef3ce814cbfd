/* The CUDA backend's kernels on the processor, against the reference backend: all kernel cases and
 * variants with guards around every buffer, in several orders of threads, the optimizers, and the
 * same bits in every order. */
#include "kernels/cuda/conv2d.h"
#include "kernels/cuda/cuda.h"
#include "kernels/reference/reference.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/kernel_check.h"

/* Relative L2; float32 sums in another order; results that are rounded to 8 bits. */
#define TOLERANCE      1e-5
#define BF16_TOLERANCE 4e-3

static LwDevice *devices[3], *oracle; /* by LwPrecision */
static const LwBackend *tested = &lw_cuda_backend;

static void
check_variant (const LwKernelSubject *subject, const LwKernelData *data, LwPrecision precision,
               LwKernelVariant variant)
{
  const bool half = precision == LW_PRECISION_BF16;
  g_autoptr (LwKernelResult) expected =
      lw_kernel_run (&lw_reference_backend, oracle, subject, data, variant);
  g_autoptr (LwKernelResult) first = NULL;

  for (int order = 0; order < lw_emulation_orders (); order++) {
    g_autofree char *test = g_strdup_printf ("%s, precision %d, variant %d, order %d",
                                             subject->info->name, precision, variant, order);

    lw_emulation_set_order ((LwOrder)order, 1);

    LwKernelResult *result = lw_kernel_run (tested, devices[precision], subject, data, variant);

    if (first == NULL) {
      lw_kernel_compare_results (test, result, expected, half ? BF16_TOLERANCE : TOLERANCE);
      first = result;
      continue;
    }
    if (!lw_kernel_results_equal (result, first))
      g_test_fail_printf ("%s: other numbers than in order 0", test);
    lw_kernel_result_free (result);
  }
}

static void
test_case (gconstpointer user_data)
{
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (user_data);
  g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);

  for (int variant = 0; variant <= LW_KERNEL_INFERENCE; variant++)
    check_variant (subject, data, LW_PRECISION_FP32, (LwKernelVariant)variant);
}

/* --- algorithms of convolutions --------------------------------------------------------------- */

/* The one that is looked at; columns in directions that it does not fit. */
static const LwCudaConv *algorithm;

static const LwCudaConv *
algorithm_of (LwDevice *on, const LwStep *step, LwDirection direction)
{
  return algorithm->fits (on, step, direction) ? algorithm : &lw_cuda_conv_columns;
}

static size_t
algorithm_bytes (LwDevice *on, const LwStep *step)
{
  size_t most = 0;

  for (int direction = 0; direction < LW_N_DIRECTIONS; direction++) {
    const LwCudaConv *conv = algorithm_of (on, step, (LwDirection)direction);

    if (conv->workspace_bytes != NULL)
      most = MAX (most, conv->workspace_bytes (on, step, (LwDirection)direction));
  }
  return most;
}

static bool
run_algorithm (LwDevice *on, const LwStep *step, LwDirection direction, GError **error)
{
  return algorithm_of (on, step, direction)->run (on, step, direction, error);
}

static bool
algorithm_forward (LwDevice *on, const LwStep *step, GError **error)
{
  return run_algorithm (on, step, LW_FORWARD, error);
}

static bool
algorithm_backward (LwDevice *on, const LwStep *step, GError **error)
{
  return run_algorithm (on, step, LW_BACKWARD_WEIGHTS, error) &&
         (step->dx[0] == NULL || run_algorithm (on, step, LW_BACKWARD_DATA, error));
}

/* Each algorithm of the table by itself, whichever a step would take, also in bfloat16 and TF32; of
 * numbers that are rounded already, products are exact there, too. */
static void
test_algorithms (gconstpointer user_data)
{
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (user_data);
  g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);
  LwBackend table = lw_cuda_backend;

  table.kernels[LW_OP_CONV2D].workspace_bytes = algorithm_bytes;
  table.kernels[LW_OP_CONV2D].forward = algorithm_forward;
  table.kernels[LW_OP_CONV2D].backward = algorithm_backward;
  tested = &table;
  for (int i = 0; lw_cuda_convs[i] != NULL; i++) {
    algorithm = lw_cuda_convs[i];
    for (int variant = 0; variant <= LW_KERNEL_WITHOUT_DX; variant++)
      check_variant (subject, data, LW_PRECISION_FP32, (LwKernelVariant)variant);
  }
  lw_kernel_data_round (subject, data);
  for (int i = 0; lw_cuda_convs[i] != NULL; i++) {
    algorithm = lw_cuda_convs[i];
    check_variant (subject, data, LW_PRECISION_BF16, LW_KERNEL_TRAINING);
    check_variant (subject, data, LW_PRECISION_TF32, LW_KERNEL_TRAINING);
  }
  tested = &lw_cuda_backend;
}

/* Every operation has its row, as the reference has. */
static void
test_complete (void)
{
  for (int op = 0; op < LW_N_OPS; op++)
    if (lw_cuda_backend.kernels[op].forward == NULL || lw_cuda_backend.kernels[op].backward == NULL)
      g_test_fail_printf ("%s has no kernel", lw_op_info ((LwOp)op)->name);
}

static void
test_not_a_number (void)
{
  lw_kernel_check_not_a_number (&lw_cuda_backend, devices[LW_PRECISION_FP32]);
}

/* --- the optimizers --------------------------------------------------------------------------- */

/* More than one launch holds. */
enum { TENSORS = 70, STEPS = 5 };

typedef struct {
  void *memory[TENSORS];
  float *host[TENSORS];
} Slot;

static size_t
size_of (int tensor)
{
  return tensor == 3 ? 3001 : (size_t)(tensor % 7 * 41 + 1);
}

static void
fill (const LwBackend *backend, LwDevice *on, Slot *slot, int seed)
{
  for (int t = 0; t < TENSORS; t++) {
    const LwTensorInfo info = {
      .name = "w", .dtype = LW_F32, .rank = 1, .size = (int64_t)size_of (t)
    };
    g_autoptr (GError) error = NULL;

    slot->host[t] = g_new (float, size_of (t));
    for (size_t i = 0; i < size_of (t); i++)
      slot->host[t][i] = (float)(((int)i * 7919 + seed * 131 + t) % 10007) / 10007;
    slot->memory[t] = backend->alloc (on, size_of (t) * sizeof (float), &error);
    g_assert_no_error (error);
    backend->upload_tensor (on, slot->memory[t], &info, slot->host[t], &error);
    g_assert_no_error (error);
  }
}

/* What is in memory goes to `host`, and memory is freed. */
static void
read_back (const LwBackend *backend, LwDevice *on, Slot *slot)
{
  for (int t = 0; t < TENSORS; t++) {
    const LwTensorInfo info = {
      .name = "w", .dtype = LW_F32, .rank = 1, .size = (int64_t)size_of (t)
    };
    g_autoptr (GError) error = NULL;

    backend->download_tensor (on, slot->memory[t], &info, slot->host[t], &error);
    g_assert_no_error (error);
    backend->free (on, slot->memory[t], size_of (t) * sizeof (float));
  }
}

static void
optimize (const LwBackend *backend, LwDevice *on, Slot slots[4])
{
  size_t bytes[TENSORS];

  for (int t = 0; t < TENSORS; t++)
    bytes[t] = size_of (t) * sizeof (float);
  for (int i = 0; i < 4; i++)
    fill (backend, on, &slots[i], i);
  for (int t = 1; t <= STEPS; t++) {
    const LwUpdate update = { .optimizer = t >= 4 ? LW_OPTIMIZER_ADAM : LW_OPTIMIZER_SGD,
                              .learning_rate = 0.1f,
                              .momentum = t == 2 || t == 3 ? 0.9f : 0,
                              .weight_decay = 0.01f,
                              .nesterov = t == 3,
                              .t = t == 2 ? 1 : t,
                              .n = TENSORS,
                              .w = slots[0].memory,
                              .dw = (const void *const *)slots[1].memory,
                              .m = slots[2].memory,
                              .v = slots[3].memory,
                              .bytes = bytes };
    g_autoptr (GError) error = NULL;

    backend->update (on, &update, &error);
    g_assert_no_error (error);
  }
  for (int i = 0; i < 4; i++)
    read_back (backend, on, &slots[i]);
}

static void
test_optimizers (void)
{
  Slot expected[4], result[4];

  optimize (&lw_reference_backend, oracle, expected);
  for (int order = 0; order < lw_emulation_orders (); order++) {
    lw_emulation_set_order ((LwOrder)order, 1);
    optimize (&lw_cuda_backend, devices[LW_PRECISION_FP32], result);
    for (int i = 0; i < 4; i++)
      for (int t = 0; t < TENSORS; t++) {
        lw_kernel_compare ("optimizer", "slot", result[i].host[t], expected[i].host[t],
                           (int64_t)size_of (t), TOLERANCE);
        g_free (result[i].host[t]);
      }
  }
  for (int i = 0; i < 4; i++)
    for (int t = 0; t < TENSORS; t++)
      g_free (expected[i].host[t]);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  for (int i = 0; i < 3; i++) {
    g_autoptr (GError) error = NULL;

    devices[i] =
        lw_cuda_backend.open (0, &(LwDeviceOptions){ .precision = (LwPrecision)i }, &error);
    g_assert_no_error (error);
  }
  oracle = lw_kernel_open (&lw_reference_backend, 1);
  g_test_add_func ("/cuda-kernels/complete", test_complete);
  g_test_add_func ("/cuda-kernels/not-a-number", test_not_a_number);
  g_test_add_func ("/cuda-kernels/optimizers", test_optimizers);
  for (int i = 0; i < lw_n_kernel_cases; i++) {
    g_autofree char *path = g_strconcat ("/cuda-kernels/", lw_kernel_cases[i].name, NULL);

    g_test_add_data_func (path, &lw_kernel_cases[i],
                          lw_kernel_cases[i].op == LW_OP_CONV2D ? test_algorithms : test_case);
  }
  status = g_test_run ();
  for (int i = 0; i < 3; i++)
    lw_cuda_backend.close (devices[i]);
  lw_reference_backend.close (oracle);
  return status;
}
