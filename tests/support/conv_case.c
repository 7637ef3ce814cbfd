#include "tests/support/conv_case.h"

#include <math.h>
#include <string.h>

typedef struct {
  int64_t n, c, h, w, o, oh, ow;
  int64_t kernel, stride, padding;
} Sizes;

static Sizes
sizes_of (const LwKernelSubject *subject)
{
  const LwShape x = subject->x_shape[0], y = subject->y_shape;
  const LwWindow window = subject->node->window;

  return (Sizes){ subject->info->n, x.c,           x.h,           x.w, y.c, y.h, y.w,
                  window.kernel,    window.stride, window.padding };
}

/* Where a row or column of the window over place `at` lies in the image; −1: outside. */
static int64_t
place (const Sizes *s, int64_t at, int64_t cell, int64_t size)
{
  const int64_t i = at * s->stride - s->padding + cell;

  return i >= 0 && i < size ? i : -1;
}

/* One row of the window in one channel: y += w x, dx += w dy, dw += x dy along a row of outputs. */
static void
add_row (const Sizes *s, int64_t v, const float *x, double w, double *y, const float *dy,
         double *dx, double *dw)
{
  for (int64_t j = 0; j < s->ow; j++) {
    const int64_t i = place (s, j, v, s->w);

    if (i < 0)
      continue;
    y[j] += w * (double)x[i];
    dx[i] += w * (double)dy[j];
    *dw += (double)x[i] * (double)dy[j];
  }
}

static void
add_image (const Sizes *s, const LwKernelData *data, int64_t n, LwConvTruth *truth)
{
  for (int64_t o = 0; o < s->o; o++)
    for (int64_t i = 0; i < s->oh; i++) {
      const int64_t line = ((n * s->o + o) * s->oh + i) * s->ow;

      for (int64_t j = 0; j < s->ow; j++) {
        truth->y[line + j] = (double)data->param[LW_ROLE_BIAS][o];
        truth->dbias[o] += (double)data->dy[line + j];
      }
      for (int64_t c = 0; c < s->c; c++)
        for (int64_t u = 0; u < s->kernel; u++) {
          const int64_t row = place (s, i, u, s->h);
          const int64_t from = ((n * s->c + c) * s->h + row) * s->w;

          for (int64_t v = 0; v < s->kernel && row >= 0; v++) {
            const int64_t at = ((o * s->c + c) * s->kernel + u) * s->kernel + v;

            add_row (s, v, data->x[0] + from, (double)data->param[LW_ROLE_WEIGHT][at],
                     truth->y + line, data->dy + line, truth->dx + from, &truth->dweight[at]);
          }
        }
    }
}

LwConvTruth *
lw_conv_truth_new (const LwKernelSubject *subject, const LwKernelData *data)
{
  const Sizes s = sizes_of (subject);
  LwConvTruth *truth = g_new (LwConvTruth, 1);

  truth->y = g_new0 (double, s.n *s.o *s.oh *s.ow);
  truth->dx = g_new0 (double, s.n *s.c *s.h *s.w);
  truth->dweight = g_new0 (double, s.o *s.c *s.kernel *s.kernel);
  truth->dbias = g_new0 (double, s.o);
  for (int64_t n = 0; n < s.n; n++)
    add_image (&s, data, n, truth);
  return truth;
}

void
lw_conv_truth_free (LwConvTruth *truth)
{
  g_free (truth->y);
  g_free (truth->dx);
  g_free (truth->dweight);
  g_free (truth->dbias);
  g_free (truth);
}

double
lw_conv_distance (const LwKernelArray *got, const double *want)
{
  double difference = 0, size = 0;

  for (int64_t i = 0; i < got->n; i++) {
    difference += ((double)got->values[i] - want[i]) * ((double)got->values[i] - want[i]);
    size += want[i] * want[i];
  }
  return sqrt (difference / size);
}

LwDevice *
lw_conv_open (const LwBackend *backend, const LwKernelSubject *subject, int threads,
              const char *algorithm)
{
  const LwAlgorithmChoice choice = { subject->node->name, { algorithm, algorithm, algorithm } };
  const LwDeviceOptions options = { .threads = threads, .choices = &choice, .n_choices = 1 };
  g_autoptr (GError) error = NULL;
  LwDevice *device = backend->open (0, &options, &error);

  g_assert_no_error (error);
  g_assert_true (backend->adapt (device, subject->graph, subject->info->batch, true, &error));
  return device;
}

bool
lw_conv_uses (const LwBackend *backend, LwDevice *device, const LwKernelSubject *subject,
              const char *algorithm, LwDirection direction)
{
  const LwStep step = { .op = LW_OP_CONV2D,
                        .graph = subject->graph,
                        .node = subject->node,
                        .id = subject->id,
                        .batch = subject->info->batch,
                        .n = subject->info->n,
                        .training = true,
                        .n_x = 1,
                        .x_shape = { subject->x_shape[0] },
                        .y_shape = subject->y_shape };

  return strcmp (backend->kernels[LW_OP_CONV2D].algorithm (device, &step, direction), algorithm) ==
         0;
}
