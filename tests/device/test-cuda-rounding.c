/* How far float32 is from the truth: each algorithm of the convolution that computes in float32, on
 * layers like those of the networks, against sums in double precision. What it prints stands in the
 * heads of kernels/cuda/conv_*.cu. */
#include "kernels/cuda/cuda.h"
#include "tests/device/emulation/emulation.h"
#include "tests/device/force_conv.h"
#include "tests/support/kernel_check.h"

#include <math.h>

/* ‖a − b‖ / ‖b‖ */
#define TOLERANCE 1e-5

#define CONV2D(NAME, C, SIDE, OUTPUTS, K, S, P, N)                                                 \
  {                                                                                                \
    .name = NAME, .op = LW_OP_CONV2D, .x = { C, SIDE, SIDE, false }, .outputs = OUTPUTS,           \
    .window = { K, S, P }, .batch = N, .n = N                                                      \
  }

static const LwKernelCase layers[] = {
  CONV2D ("VGG, first", 1, 28, 64, 3, 1, 1, 4),   CONV2D ("VGG", 128, 14, 256, 3, 1, 1, 1),
  CONV2D ("VGG, last", 512, 7, 512, 3, 1, 1, 1),  CONV2D ("AlexNet, first", 1, 95, 96, 11, 4, 1, 2),
  CONV2D ("AlexNet", 192, 12, 256, 3, 1, 1, 1),   CONV2D ("ResNet, first", 1, 48, 64, 7, 2, 3, 4),
  CONV2D ("ResNet", 64, 24, 64, 3, 1, 1, 2),      CONV2D ("ResNet, last", 512, 3, 512, 3, 1, 1, 4),
  CONV2D ("GoogLeNet", 96, 12, 128, 3, 1, 1, 2),  CONV2D ("DenseNet", 128, 12, 32, 3, 1, 1, 4),
  CONV2D ("LeNet, first", 1, 28, 6, 5, 1, 2, 16), CONV2D ("LeNet, second", 6, 14, 16, 5, 1, 0, 16),
};

/* Of one layer. NCHW; weights [out][in][kh][kw]. */
typedef struct {
  const LwKernelSubject *subject;
  const LwKernelData *data;
  double *y, *dx, *dweight;
} Truth;

/* One tap (u, v) of the window for a row i of one output channel o and one input channel c. */
static void
add_row (Truth *truth, int32_t example, int32_t o, int32_t c, int32_t u, int32_t v, int32_t i)
{
  const LwShape from = truth->subject->x_shape[0], to = truth->subject->y_shape;
  const LwWindow window = truth->subject->info->window;
  const int32_t row = i * window.stride + u - window.padding;
  const int64_t weight = ((int64_t)(o * from.c + c) * window.kernel + u) * window.kernel + v;
  const int64_t y = ((int64_t)(example * to.c + o) * to.h + i) * to.w;
  const int64_t x = ((int64_t)(example * from.c + c) * from.h + row) * from.w;
  const double w = (double)truth->data->param[LW_ROLE_WEIGHT][weight];
  const float *xs = truth->data->x[0] + x, *dys = truth->data->dy + y;
  double sum = 0;

  if (row < 0 || row >= from.h)
    return;
  for (int32_t j = 0; j < to.w; j++) {
    const int32_t column = j * window.stride + v - window.padding;

    if (column < 0 || column >= from.w)
      continue;
    truth->y[y + j] += w * (double)xs[column];
    truth->dx[x + column] += w * (double)dys[j];
    sum += (double)dys[j] * (double)xs[column];
  }
  truth->dweight[weight] += sum;
}

static void
compute (Truth *truth)
{
  const LwShape from = truth->subject->x_shape[0], to = truth->subject->y_shape;
  const LwKernelCase *info = truth->subject->info;
  const int64_t map = (int64_t)to.h * to.w;

  truth->y = g_new (double, info->n *lw_shape_size (to));
  truth->dx = g_new0 (double, info->n *lw_shape_size (from));
  truth->dweight = g_new0 (double, lw_kernel_tensor (truth->subject, LW_ROLE_WEIGHT)->size);
  for (int64_t i = 0; i < info->n * lw_shape_size (to); i++)
    truth->y[i] = (double)truth->data->param[LW_ROLE_BIAS][i / map % to.c];
  for (int32_t example = 0; example < info->n; example++)
    for (int32_t o = 0; o < to.c; o++)
      for (int32_t c = 0; c < from.c; c++)
        for (int32_t tap = 0; tap < info->window.kernel * info->window.kernel; tap++)
          for (int32_t i = 0; i < to.h; i++)
            add_row (truth, example, o, c, tap / info->window.kernel, tap % info->window.kernel, i);
}

static double
error_of (const LwKernelResult *result, const char *name, const double *truth)
{
  const LwKernelArray *array = lw_kernel_result_find (result, name);
  double difference = 0, length = 0;

  for (int64_t i = 0; i < array->n; i++) {
    difference += ((double)array->values[i] - truth[i]) * ((double)array->values[i] - truth[i]);
    length += truth[i] * truth[i];
  }
  return sqrt (difference / length);
}

/* --- the test --------------------------------------------------------------------------------- */

typedef struct {
  LwDevice *device;
  double most[LW_N_DIRECTIONS];
} Errors;

/* The errors of one algorithm, in the directions that fit it. */
static void
measure (const LwCudaConv *conv, const Truth *truth, Errors *errors)
{
  const LwKernelSubject *subject = truth->subject;
  static const char *const names[LW_N_DIRECTIONS] = { "y", "dx", "dweight" };
  const double *const values[LW_N_DIRECTIONS] = { truth->y, truth->dx, truth->dweight };
  const LwStep step = { .op = LW_OP_CONV2D,
                        .graph = subject->graph,
                        .node = subject->node,
                        .batch = subject->info->batch,
                        .n = subject->info->n,
                        .training = true,
                        .n_x = 1,
                        .x_shape[0] = subject->x_shape[0],
                        .y_shape = subject->y_shape };
  const LwBackend backend = lw_test_force_conv (conv, false);
  g_autoptr (LwKernelResult) result = NULL;

  for (int i = 0; i < LW_N_DIRECTIONS; i++) {
    if (!conv->fits (errors->device, &step, (LwDirection)i))
      continue;
    if (result == NULL)
      result = lw_kernel_run (&backend, errors->device, subject, truth->data, LW_KERNEL_TRAINING);

    const double error = error_of (result, names[i], values[i]);

    errors->most[i] = MAX (errors->most[i], error);
    if (!(error <= TOLERANCE))
      g_test_fail_printf ("%s by %s: %s is off by %.1e", subject->info->name, conv->name, names[i],
                          error);
  }
}

/* Layers outermost: the truth takes longer than the algorithms do. */
static void
test_rounding (void)
{
  enum { MOST = 8 };
  LwDevice *device = lw_kernel_open (&lw_cuda_backend, 1);
  Errors errors[MOST] = { 0 };

  for (size_t layer = 0; layer < G_N_ELEMENTS (layers); layer++) {
    g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (&layers[layer]);
    g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);
    Truth truth = { .subject = subject, .data = data };

    for (int64_t i = 0; i < layers[layer].n * lw_shape_size (layers[layer].x); i++)
      data->x[0][i] = MAX (data->x[0][i], 0.0f); /* as behind a ReLU */
    compute (&truth);
    for (int i = 0; i < MOST && lw_cuda_convs[i] != NULL; i++) {
      errors[i].device = device;
      measure (lw_cuda_convs[i], &truth, &errors[i]);
    }
    g_free (truth.y);
    g_free (truth.dx);
    g_free (truth.dweight);
  }
  for (int i = 0; i < MOST && lw_cuda_convs[i] != NULL; i++)
    g_test_message ("%s: forward %.1e, data gradient %.1e, weight gradient %.1e",
                    lw_cuda_convs[i]->name, errors[i].most[LW_FORWARD],
                    errors[i].most[LW_BACKWARD_DATA], errors[i].most[LW_BACKWARD_WEIGHTS]);
  lw_cuda_backend.close (device);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cuda-rounding/convolutions", test_rounding);
  return g_test_run ();
}
