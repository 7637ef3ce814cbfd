/* Every algorithm for convolutions, on every instruction set that this processor has, in every
 * direction: against the definition in double precision on layers of the networks, the same bits
 * for every number of threads, sums into what was there, and batches that are not full. With
 * bfloat16, what goes in is rounded first. */
#include "kernels/cpu/cpu.h"
#include "tests/support/conv_case.h"

#include <math.h>

typedef enum { FP32 = 1, BF16 = 2 } Precisions;

static const struct {
  const char *name;
  Precisions precisions; /* that have it */
  double bf16;           /* relative L2 of values with bfloat16, whose rounding alone is 1.7e-3 */
} algorithms[] = {
  { "gemm", FP32 | BF16, 3e-3 },
  { "direct", FP32 | BF16, 3e-3 },
  { "Winograd F(6,3)", FP32, 0 },
  { "Winograd F(4,3)", FP32 | BF16, 1.6e-2 },
  { "Winograd F(3,3)", FP32 | BF16, 1e-2 },
  { "Winograd F(4,5)", FP32, 0 },
  { "Winograd F(6x3,3)", BF16, 2.5e-2 },
  { "Winograd F(3,5)", BF16, 3e-2 },
  { "Winograd F(6,2) stride 2", FP32, 0 },
  { "Winograd F(4,2) stride 2", FP32 | BF16, 1.4e-2 },
  { "Winograd F(3,2) stride 2", FP32 | BF16, 6e-3 },
#ifdef LW_WITH_ONEDNN
  { "oneDNN", FP32 | BF16, 3e-3 },
#endif
};

enum { N_ALGORITHMS = G_N_ELEMENTS (algorithms) };

/* Relative L2 with float32, and of the gradients that stay float32. */
#define TOLERANCE 1e-5
/* Of a mean, in standard deviations, and of Σ (y − mean)², relative. */
#define SUMS_TOLERANCE 1e-5

/* An instruction set of float32, or behind them bfloat16. */
static bool
is_bf16 (gconstpointer setup)
{
  return GPOINTER_TO_INT (setup) == LW_N_CPU_ISAS;
}

static bool
has (gconstpointer setup, int algorithm)
{
  return algorithms[algorithm].precisions & (is_bf16 (setup) ? BF16 : FP32);
}

/* A weight gradient of Winograd's comes from rounded points, that of others from exact products. */
static double
tolerance_of (gconstpointer setup, int algorithm, LwDirection direction)
{
  if (!is_bf16 (setup) || (direction == LW_BACKWARD_WEIGHTS &&
                           !g_str_has_prefix (algorithms[algorithm].name, "Winograd")))
    return TOLERANCE;
  return algorithms[algorithm].bf16;
}

#define CONV2D(NAME, C, H, W, O, K, S, P, N)                                                       \
  {                                                                                                \
    .name = NAME, .op = LW_OP_CONV2D, .x = { C, H, W, false }, .outputs = O,                       \
    .window = { K, S, P }, .batch = N, .n = N, .measured = true                                    \
  }

/* Layers of the networks, some with smaller maps or fewer outputs; batches that oneDNN's slices
 * divide evenly and others. */
static const LwKernelCase layers[] = {
  CONV2D ("few inputs", 6, 14, 14, 40, 5, 1, 0, 5),
  CONV2D ("few outputs", 40, 28, 28, 6, 5, 1, 2, 5),
  CONV2D ("AlexNet's first", 1, 65, 65, 96, 11, 4, 1, 2),
  CONV2D ("AlexNet's second", 96, 13, 13, 128, 5, 1, 2, 1),
  CONV2D ("AlexNet's third", 256, 12, 12, 64, 3, 1, 1, 1),
  CONV2D ("VGG's first", 1, 40, 40, 64, 3, 1, 1, 3),
  CONV2D ("VGG's second", 64, 28, 28, 64, 3, 1, 1, 2),
  CONV2D ("ResNet's first", 1, 48, 48, 64, 7, 2, 3, 3),
  CONV2D ("ResNet's with stride", 64, 24, 24, 64, 3, 2, 1, 2),
  CONV2D ("ResNet's last with stride", 256, 6, 6, 64, 3, 2, 1, 8),
  CONV2D ("ResNet's last", 512, 3, 3, 96, 3, 1, 1, 8),
  CONV2D ("ResNet's skip", 64, 24, 24, 128, 1, 2, 0, 4),
  CONV2D ("NiN's 1×1", 96, 13, 13, 96, 1, 1, 0, 3),
  CONV2D ("GoogLeNet's 5×5", 32, 12, 12, 96, 5, 1, 2, 3),
  CONV2D ("DenseNet's growth", 160, 12, 12, 32, 3, 1, 1, 3),
  CONV2D ("odd", 33, 9, 10, 17, 3, 1, 1, 3),
};

static const LwBackend *
backend_of (gconstpointer setup)
{
  const LwBackend *backend = is_bf16 (setup)
                                 ? lw_cpu_bf16_backend ()
                                 : lw_cpu_backend_for ((LwCpuIsa)GPOINTER_TO_INT (setup));

  if (backend == NULL || backend->count (NULL) == 0) {
    g_test_skip ("this processor lacks the instructions");
    return NULL;
  }
  return backend;
}

static LwKernelData *
data_new (gconstpointer setup, const LwKernelSubject *subject)
{
  LwKernelData *data = lw_kernel_data_new (subject);

  if (is_bf16 (setup))
    lw_kernel_data_round (subject, data);
  return data;
}

/* By algorithm and direction; −1: it was never used. */
typedef double Errors[N_ALGORITHMS][LW_N_DIRECTIONS];

static void
check_layer (gconstpointer setup, const LwKernelCase *layer, Errors worst)
{
  const LwBackend *backend = backend_of (setup);
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (layer);
  g_autoptr (LwKernelData) data = data_new (setup, subject);
  g_autoptr (LwConvTruth) truth = lw_conv_truth_new (subject, data);
  const double *const wanted[] = { truth->y, truth->dx, truth->dweight };
  static const char *const arrays[] = { "y", "dx", "dweight" };

  for (int i = 0; i < N_ALGORITHMS; i++) {
    if (!has (setup, i))
      continue;

    LwDevice *device = lw_conv_open (backend, subject, 2, algorithms[i].name);
    g_autoptr (LwKernelResult) result =
        lw_kernel_run (backend, device, subject, data, LW_KERNEL_TRAINING);

    for (int d = 0; d < LW_N_DIRECTIONS; d++) {
      const double error = lw_conv_distance (lw_kernel_result_find (result, arrays[d]), wanted[d]);

      if (!lw_conv_uses (backend, device, subject, algorithms[i].name, (LwDirection)d))
        continue;
      worst[i][d] = MAX (worst[i][d], error);
      if (!(error <= tolerance_of (setup, i, (LwDirection)d))) {
        g_test_message ("%s, %s, %s: relative error %g", layer->name, algorithms[i].name, arrays[d],
                        error);
        g_test_fail ();
      }
    }
    g_assert_cmpfloat (lw_conv_distance (lw_kernel_result_find (result, "dbias"), truth->dbias), <=,
                       TOLERANCE);
    backend->close (device);
  }
}

static void
test_accuracy (gconstpointer setup)
{
  Errors worst;

  if (backend_of (setup) == NULL)
    return;
  for (int i = 0; i < N_ALGORITHMS; i++)
    for (int d = 0; d < LW_N_DIRECTIONS; d++)
      worst[i][d] = -1;
  for (size_t i = 0; i < G_N_ELEMENTS (layers); i++)
    check_layer (setup, &layers[i], worst);
  for (int i = 0; i < N_ALGORITHMS; i++) {
    const bool needs_vectors = g_str_has_prefix (algorithms[i].name, "Winograd");

    if (!has (setup, i))
      continue;
    g_test_message ("%s: forward %.1e, data %.1e, weights %.1e", algorithms[i].name, worst[i][0],
                    worst[i][1], worst[i][2]);
    for (int d = 0; d < LW_N_DIRECTIONS; d++)
      if (!needs_vectors || GPOINTER_TO_INT (setup) != LW_CPU_BASELINE)
        g_assert_cmpfloat (worst[i][d], >=, 0);
  }
}

static void
check_bits (gconstpointer setup, const LwKernelCase *layer, const char *name)
{
  const LwBackend *backend = backend_of (setup);
  static const int counts[] = { 1, 1, 2, 3, 5 };
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (layer);
  g_autoptr (LwKernelData) data = data_new (setup, subject);
  g_autoptr (LwKernelResult) first = NULL;

  for (size_t t = 0; t < G_N_ELEMENTS (counts); t++) {
    LwDevice *device = lw_conv_open (backend, subject, counts[t], name);
    g_autoptr (LwKernelResult) result =
        lw_kernel_run (backend, device, subject, data, LW_KERNEL_ACCUMULATE);

    backend->close (device);
    if (first == NULL) {
      first = g_steal_pointer (&result);
    } else if (!lw_kernel_results_equal (first, result)) {
      g_test_message ("%s, %s: other bits with %d threads", layer->name, name, counts[t]);
      g_test_fail ();
    }
  }
}

static void
test_threads (gconstpointer setup)
{
  const LwBackend *backend = backend_of (setup);

  for (size_t i = 0; backend != NULL && i < G_N_ELEMENTS (layers); i++)
    for (int j = 0; j < N_ALGORITHMS; j++)
      if (has (setup, j))
        check_bits (setup, &layers[i], algorithms[j].name);
}

/* The sums that the algorithm kept, if it makes them, are those of the numbers that it wrote. */
static bool
check_sums (const LwKernelSubject *subject, const LwKernelResult *result, const char *algorithm)
{
  const LwKernelArray *y = lw_kernel_result_find (result, "y");
  const LwKernelArray *mean = lw_kernel_result_find (result, "kept_mean");
  const LwKernelArray *squares = lw_kernel_result_find (result, "kept_squares");
  const int64_t channels = subject->y_shape.c, n = subject->info->n;
  const int64_t plane = lw_shape_size (subject->y_shape) / channels;
  const double pixels = (double)(n * plane);

  for (int64_t c = 0; mean != NULL && c < channels; c++) {
    double sum = 0, square = 0;

    for (int64_t i = 0; i < n * plane; i++)
      sum += (double)y->values[(i / plane * channels + c) * plane + i % plane];
    sum /= pixels;
    for (int64_t i = 0; i < n * plane; i++)
      square += pow ((double)y->values[(i / plane * channels + c) * plane + i % plane] - sum, 2);
    if (!(fabs ((double)mean->values[c] - sum) <=
          SUMS_TOLERANCE * sqrt (square / pixels) + 1e-7 * fabs (sum)) ||
        !(fabs ((double)squares->values[c] - square) <= SUMS_TOLERANCE * square)) {
      g_test_message ("%s, %s, channel %d: mean %.9g, not %.9g, squares %.9g, not %.9g",
                      subject->info->name, algorithm, (int)c, (double)mean->values[c], sum,
                      (double)squares->values[c], square);
      g_test_fail ();
      return true;
    }
  }
  return mean != NULL;
}

/* What the variants of a call give is what the plain one gives, whatever was there before. */
static void
check_variants (gconstpointer setup, const LwKernelCase *layer, int algorithm)
{
  const LwBackend *backend = backend_of (setup);
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (layer);
  g_autoptr (LwKernelData) data = data_new (setup, subject);
  g_autoptr (LwConvTruth) truth = lw_conv_truth_new (subject, data);
  LwDevice *device = lw_conv_open (backend, subject, 3, algorithms[algorithm].name);
  /* Where it does not apply, another one takes its place. */
  const double tolerance = is_bf16 (setup) ? 3e-2 : TOLERANCE;

  for (int v = 0; v <= LW_KERNEL_INFERENCE; v++) {
    g_autoptr (LwKernelResult) result =
        lw_kernel_run (backend, device, subject, data, (LwKernelVariant)v);
    const LwKernelArray *dx = lw_kernel_result_find (result, "dx");
    const LwKernelArray *dweight = lw_kernel_result_find (result, "dweight");

    check_sums (subject, result, algorithms[algorithm].name);
    g_assert_cmpfloat (lw_conv_distance (lw_kernel_result_find (result, "y"), truth->y), <=,
                       tolerance);
    if (dx != NULL)
      g_assert_cmpfloat (lw_conv_distance (dx, truth->dx), <=, tolerance);
    if (dweight != NULL)
      g_assert_cmpfloat (lw_conv_distance (dweight, truth->dweight), <=, tolerance);
  }
  backend->close (device);
}

static void
test_variants (gconstpointer setup)
{
  static const LwKernelCase cases[] = {
    CONV2D ("full", 24, 12, 11, 40, 3, 1, 1, 5),
    { .name = "not full",
      .op = LW_OP_CONV2D,
      .x = { 24, 12, 11, false },
      .outputs = 40,
      .window = { 3, 1, 1 },
      .batch = 5,
      .n = 3,
      .measured = true },
    CONV2D ("few channels", 3, 15, 14, 18, 3, 1, 1, 4),
    { .name = "stride 2, not full",
      .op = LW_OP_CONV2D,
      .x = { 24, 12, 11, false },
      .outputs = 40,
      .window = { 3, 2, 1 },
      .batch = 5,
      .n = 3,
      .measured = true },
  };
  const LwBackend *backend = backend_of (setup);

  for (size_t i = 0; backend != NULL && i < G_N_ELEMENTS (cases); i++)
    for (int j = 0; j < N_ALGORITHMS; j++)
      if (has (setup, j))
        check_variants (setup, &cases[i], j);
}

/* --- what a batch normalization has to know --------------------------------------------------- */

/* Channels are far from 0 or near it, and what is near may be hidden by a border of zeros. */
static void
move_channels (const LwKernelSubject *subject, LwKernelData *data, float bias, float x)
{
  const int64_t n = subject->info->n * lw_shape_size (subject->x_shape[0]);

  for (int32_t o = 0; o < subject->y_shape.c; o++)
    data->param[LW_ROLE_BIAS][o] += (o % 2 == 0 ? bias : 0);
  for (int64_t i = 0; i < n; i++)
    data->x[0][i] += x;
}

static void
test_sums (gconstpointer setup)
{
  static const struct {
    float bias, x;
  } moves[] = { { 0, 0 }, { 300, 0 }, { -3, 40 } };
  const LwBackend *backend = backend_of (setup);
  int made[N_ALGORITHMS] = { 0 };

  for (size_t i = 0; backend != NULL && i < G_N_ELEMENTS (layers); i++)
    for (size_t m = 0; m < G_N_ELEMENTS (moves); m++) {
      g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (&layers[i]);
      g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);

      move_channels (subject, data, moves[m].bias, moves[m].x);
      if (is_bf16 (setup))
        lw_kernel_data_round (subject, data);
      for (int j = 0; j < N_ALGORITHMS; j++) {
        if (!has (setup, j))
          continue;

        LwDevice *device = lw_conv_open (backend, subject, 2, algorithms[j].name);
        g_autoptr (LwKernelResult) result =
            lw_kernel_run (backend, device, subject, data, LW_KERNEL_WITHOUT_DX);

        if (lw_conv_uses (backend, device, subject, algorithms[j].name, LW_FORWARD))
          made[j] += check_sums (subject, result, algorithms[j].name);
        backend->close (device);
      }
    }
  for (int j = 0; backend != NULL && j < N_ALGORITHMS; j++)
    if (has (setup, j) && (!g_str_has_prefix (algorithms[j].name, "Winograd") ||
                           GPOINTER_TO_INT (setup) != LW_CPU_BASELINE)) {
      g_test_message ("%s makes sums of %d layers", algorithms[j].name, made[j]);
      if (is_bf16 (setup) || g_str_equal (algorithms[j].name, "oneDNN"))
        g_assert_cmpint (made[j], ==, 0);
      else
        g_assert_cmpint (made[j], >, 0);
    }
}

int
main (int argc, char **argv)
{
  static const char *const isas[] = { "baseline", "avx2", "avx512", "bf16" };
  static const struct {
    const char *name;
    GTestDataFunc test;
  } tests[] = {
    { "accuracy", test_accuracy },
    { "threads", test_threads },
    { "variants", test_variants },
    { "sums", test_sums },
  };

  g_test_init (&argc, &argv, NULL);
  for (int isa = 0; isa <= LW_N_CPU_ISAS; isa++)
    for (size_t i = 0; i < G_N_ELEMENTS (tests); i++) {
      g_autofree char *path = g_strdup_printf ("/conv-algorithms/%s/%s", isas[isa], tests[i].name);

      g_test_add_data_func (path, GINT_TO_POINTER (isa), tests[i].test);
    }
  return g_test_run ();
}
