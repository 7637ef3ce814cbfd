/* The reference backend divides work among threads: results must have the same bits for every
 * number of threads, on shapes that are cut in many ways, and the pool must do each item once. */
#include "kernels/common/threads.h"
#include "kernels/reference/device.h"
#include "kernels/reference/reference.h"
#include "tests/support/kernel_check.h"

#include <stdatomic.h>
#include <string.h>

static const int counts[] = { 1, 2, 3, 5 };

/* --- the pool --------------------------------------------------------------------------------- */

static void
count_items (const void *job, int64_t first, int64_t last, int thread)
{
  int *const *done = job;

  g_assert_cmpint (first, <, last);
  for (int64_t i = first; i < last; i++)
    (*done)[i] += 1 + 1000 * thread;
}

static void
test_pool (void)
{
  for (int threads = 1; threads <= 8; threads++) {
    LwDevice *device = lw_kernel_open (&lw_reference_backend, threads);

    for (int64_t n = 0; n < 200; n++) {
      g_autofree int *done = g_new0 (int, n + 1);
      int *const job = done;

      lw_ref_parallel_for (device, n, count_items, &job);
      for (int64_t i = 0; i < n; i++) {
        g_assert_cmpint (done[i] % 1000, ==, 1);
        g_assert_cmpint (done[i] / 1000, <, threads);
        g_assert_cmpint (done[i] / 1000, >=, i > 0 ? done[i - 1] / 1000 : 0);
      }
      g_assert_cmpint (done[n], ==, 0);
    }
    lw_reference_backend.close (device);
  }
}

/* Items for whoever is free: each once, too, in no order that could be promised. */
static void
test_items (void)
{
  for (int threads = 1; threads <= 8; threads++) {
    LwPool *pool = lw_pool_new (threads, NULL);

    for (int64_t n = 0; n < 200; n++) {
      g_autofree int *done = g_new0 (int, n + 1);
      int *const job = done;

      lw_pool_run_items (pool, n, count_items, &job);
      for (int64_t i = 0; i < n; i++) {
        g_assert_cmpint (done[i] % 1000, ==, 1);
        g_assert_cmpint (done[i] / 1000, <, threads);
      }
      g_assert_cmpint (done[n], ==, 0);
    }
    lw_pool_free (pool);
  }
}

enum { HELPED = 40 /* items */ };

/* The first item waits until all others are done. */
static void
wait_for_others (const void *job, int64_t first, int64_t last, int thread)
{
  atomic_int *const *left = job;
  const gint64 end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  (void)last;
  (void)thread;
  if (first != 0)
    atomic_fetch_sub (*left, 1);
  else
    while (atomic_load (*left) > 0 && g_get_monotonic_time () < end)
      g_usleep (100);
}

/* A thread that is held up leaves the rest of its share to the others. */
static void
test_help (void)
{
  for (int threads = 2; threads <= 4; threads++) {
    LwPool *pool = lw_pool_new (threads, NULL);
    atomic_int left = HELPED - 1;
    atomic_int *const job = &left;
    const gint64 begin = g_get_monotonic_time ();

    lw_pool_run_items (pool, HELPED, wait_for_others, &job);
    g_assert_cmpint (atomic_load (&left), ==, 0);
    g_assert_cmpint (g_get_monotonic_time () - begin, <, 30 * G_USEC_PER_SEC);
    lw_pool_free (pool);
  }
}

/* --- the same bits ---------------------------------------------------------------------------- */

/* Larger than the table's: several blocks, panels and slices in every direction. */
static const LwKernelCase large_cases[] = {
  { .name = "conv2d of many rows",
    .op = LW_OP_CONV2D,
    .x = { 20, 6, 7, false },
    .outputs = 200,
    .window = { 3, 1, 1 },
    .batch = 5,
    .n = 5 },
  { .name = "conv2d of few columns",
    .op = LW_OP_CONV2D,
    .x = { 1, 20, 20, false },
    .outputs = 6,
    .window = { 5, 1, 2 },
    .batch = 33,
    .n = 31 },
  { .name = "conv2d of long sums",
    .op = LW_OP_CONV2D,
    .x = { 64, 17, 19, false },
    .outputs = 10,
    .window = { 3, 2, 1 },
    .batch = 2,
    .n = 2 },
  { .name = "conv2d 1×1 of long sums",
    .op = LW_OP_CONV2D,
    .x = { 300, 5, 5, false },
    .outputs = 40,
    .window = { 1, 1, 0 },
    .batch = 7,
    .n = 7 },
  { .name = "conv2d of large images",
    .op = LW_OP_CONV2D,
    .x = { 3, 50, 61, false },
    .outputs = 8,
    .window = { 7, 2, 3 },
    .batch = 3,
    .n = 3 },
  { .name = "linear",
    .op = LW_OP_LINEAR,
    .x = { 700, 1, 1, true },
    .outputs = 300,
    .batch = 250,
    .n = 230 },
  { .name = "batch norm", .op = LW_OP_BATCH_NORM, .x = { 7, 30, 31, false }, .batch = 11, .n = 11 },
  { .name = "relu", .op = LW_OP_RELU, .x = { 7, 40, 41, false }, .batch = 5, .n = 5 },
  { .name = "sigmoid", .op = LW_OP_SIGMOID, .x = { 7, 40, 41, false }, .batch = 5, .n = 5 },
  { .name = "tanh", .op = LW_OP_TANH, .x = { 7, 40, 41, false }, .batch = 5, .n = 5 },
  { .name = "dropout",
    .op = LW_OP_DROPOUT,
    .x = { 7, 40, 41, false },
    .dropout = 0.5,
    .batch = 5,
    .n = 5 },
  { .name = "global avg pool",
    .op = LW_OP_GLOBAL_AVG_POOL,
    .x = { 7, 40, 41, false },
    .batch = 5,
    .n = 5 },
  { .name = "cross entropy",
    .op = LW_OP_CROSS_ENTROPY,
    .x = { 1000, 1, 1, true },
    .batch = 70,
    .n = 70 },
};

static void
check_bits (const LwKernelCase *info)
{
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
  g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);
  g_autoptr (LwKernelResult) first = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (counts); i++) {
    LwDevice *device = lw_kernel_open (&lw_reference_backend, counts[i]);
    g_autoptr (LwKernelResult) result =
        lw_kernel_run (&lw_reference_backend, device, subject, data, LW_KERNEL_ACCUMULATE);

    if (first && !lw_kernel_results_equal (result, first)) {
      g_test_message ("%s: %d threads compute other bits than one", info->name, counts[i]);
      g_test_fail ();
    }
    if (!first)
      first = g_steal_pointer (&result);
    lw_reference_backend.close (device);
  }
}

static void
test_bits (void)
{
  for (int i = 0; i < lw_n_kernel_cases; i++)
    check_bits (&lw_kernel_cases[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (large_cases); i++)
    check_bits (&large_cases[i]);
}

/* Several tensors, cut into blocks that begin in one and end in another. */
static void
test_optimizer_bits (void)
{
  static const size_t sizes[] = { 10, 20000, 1, 8192, 30001, 8193 };
  enum { TENSORS = G_N_ELEMENTS (sizes), WHOLE = 80000 };
  g_autofree float *first = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (counts); i++) {
    LwDevice *device = lw_kernel_open (&lw_reference_backend, counts[i]);
    g_autofree float *memory = g_new (float, 4 * WHOLE);
    void *at[4][TENSORS];
    size_t bytes[TENSORS], used = 0;
    g_autoptr (GError) error = NULL;

    for (int64_t k = 0; k < 4 * WHOLE; k++)
      memory[k] = (float)(k * 7919 % 10007) / 10007;
    for (size_t k = 0; k < TENSORS; k++) {
      for (int j = 0; j < 4; j++)
        at[j][k] = memory + j * WHOLE + used;
      bytes[k] = sizes[k] * sizeof (float);
      used += sizes[k];
    }
    for (int t = 1; t <= 3; t++) {
      const LwUpdate update = { .optimizer = t == 3 ? LW_OPTIMIZER_ADAM : LW_OPTIMIZER_SGD,
                                .learning_rate = 0.1f,
                                .momentum = t == 2 ? 0.9f : 0,
                                .weight_decay = 0.01f,
                                .nesterov = t == 2,
                                .t = t,
                                .n = TENSORS,
                                .w = at[0],
                                .dw = (const void *const *)at[1],
                                .m = at[2],
                                .v = at[3],
                                .bytes = bytes };

      lw_reference_backend.update (device, &update, &error);
      g_assert_no_error (error);
    }
    if (first)
      g_assert_cmpmem (memory, sizeof (float) * 4 * WHOLE, first, sizeof (float) * 4 * WHOLE);
    else
      first = g_steal_pointer (&memory);
    lw_reference_backend.close (device);
  }
}

/* --- large convolutions against their definition ---------------------------------------------- */

static void
check_definition (const LwKernelCase *info, LwDevice *device)
{
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
  g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);
  g_autoptr (LwKernelResult) result =
      lw_kernel_run (&lw_reference_backend, device, subject, data, LW_KERNEL_TRAINING);
  static const char *const names[] = { "y", "dx", "dweight", "dbias" };
  float *expected[4];

  for (int i = 0; i < 4; i++)
    expected[i] = g_new (float, lw_kernel_result_find (result, names[i])->n);
  lw_conv2d_definition (&(LwConv2dDefinition){ .n = info->n,
                                               .from = subject->x_shape[0],
                                               .to = subject->y_shape,
                                               .window = info->window,
                                               .x = data->x[0],
                                               .w = data->param[LW_ROLE_WEIGHT],
                                               .bias = data->param[LW_ROLE_BIAS],
                                               .dy = data->dy,
                                               .y = expected[0],
                                               .dx = expected[1],
                                               .dw = expected[2],
                                               .dbias = expected[3] });
  for (int i = 0; i < 4; i++) {
    const LwKernelArray *array = lw_kernel_result_find (result, names[i]);

    lw_kernel_compare (info->name, names[i], array->values, expected[i], array->n, 2e-6);
    g_free (expected[i]);
  }
}

static void
test_definition (void)
{
  LwDevice *device = lw_kernel_open (&lw_reference_backend, 2);

  for (int i = 0; i < lw_n_kernel_cases; i++)
    if (lw_kernel_cases[i].op == LW_OP_CONV2D)
      check_definition (&lw_kernel_cases[i], device);
  for (size_t i = 0; i < G_N_ELEMENTS (large_cases); i++)
    if (large_cases[i].op == LW_OP_CONV2D)
      check_definition (&large_cases[i], device);
  lw_reference_backend.close (device);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernels-threads/pool", test_pool);
  g_test_add_func ("/kernels-threads/items", test_items);
  g_test_add_func ("/kernels-threads/help", test_help);
  g_test_add_func ("/kernels-threads/bits", test_bits);
  g_test_add_func ("/kernels-threads/optimizer-bits", test_optimizer_bits);
  g_test_add_func ("/kernels-threads/definition", test_definition);
  return g_test_run ();
}
