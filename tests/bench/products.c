/* How fast the CPU backend's matrix products are: convolutions that Winograd's transforms do not
 * serve, and linear layers, each in three directions, beside the peak of the processor's
 * multiply-adds that the same program measured. Prints a table; see README.md. */
#include "app/bench-machine.h"
#include "kernels/cpu/cpu.h"
#include "tests/support/kernel_cases.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define CONV(NAME, C, SIDE, OUTPUTS, K, S, P)                                                      \
  {                                                                                                \
    .name = NAME, .op = LW_OP_CONV2D, .x = { C, SIDE, SIDE, false }, .outputs = OUTPUTS,           \
    .window = {                                                                                    \
      K,                                                                                           \
      S,                                                                                           \
      P                                                                                            \
    }                                                                                              \
  }
#define LINEAR(NAME, INPUTS, OUTPUTS)                                                              \
  {                                                                                                \
    .name = NAME, .op = LW_OP_LINEAR, .x = { INPUTS, 1, 1, true }, .outputs = OUTPUTS              \
  }

/* Every kind of product that the networks hold, at the book's sizes. */
static const LwKernelCase layers[] = {
  CONV ("alexnet 11x11/4 1-96 @224", 1, 224, 96, 11, 4, 1),
  CONV ("resnet18 7x7/2 1-64 @96", 1, 96, 64, 7, 2, 3),
  CONV ("vgg11-small 3x3 1-16 @224", 1, 224, 16, 3, 1, 1),
  CONV ("nin 1x1 96-96 @54", 96, 54, 96, 1, 1, 0),
  CONV ("nin 1x1 256-256 @26", 256, 26, 256, 1, 1, 0),
  CONV ("nin 1x1 384-384 @12", 384, 12, 384, 1, 1, 0),
  CONV ("nin 1x1 10-10 @5", 10, 5, 10, 1, 1, 0),
  CONV ("googlenet 1x1 64-64 @24", 64, 24, 64, 1, 1, 0),
  CONV ("googlenet 1x1 192-64 @12", 192, 12, 64, 1, 1, 0),
  CONV ("googlenet 1x1 192-16 @12", 192, 12, 16, 1, 1, 0),
  CONV ("googlenet 1x1 256-128 @12", 256, 12, 128, 1, 1, 0),
  CONV ("googlenet 1x1 480-192 @6", 480, 6, 192, 1, 1, 0),
  CONV ("googlenet 1x1 512-24 @6", 512, 6, 24, 1, 1, 0),
  CONV ("googlenet 1x1 512-112 @6", 512, 6, 112, 1, 1, 0),
  CONV ("googlenet 1x1 832-384 @3", 832, 3, 384, 1, 1, 0),
  CONV ("googlenet 1x1 832-48 @3", 832, 3, 48, 1, 1, 0),
  CONV ("densenet 1x1 192-96 @24", 192, 24, 96, 1, 1, 0),
  CONV ("densenet 1x1 240-120 @6", 240, 6, 120, 1, 1, 0),
  CONV ("resnet18 1x1/2 64-128 @24", 64, 24, 128, 1, 2, 0),
  CONV ("resnet18 1x1/2 256-512 @6", 256, 6, 512, 1, 2, 0),
  CONV ("resnet18 3x3/2 64-128 @24", 64, 24, 128, 3, 2, 1),
  CONV ("resnet18 3x3/2 128-256 @12", 128, 12, 256, 3, 2, 1),
  CONV ("resnet18 3x3/2 256-512 @6", 256, 6, 512, 3, 2, 1),
  LINEAR ("alexnet 6400-4096", 6400, 4096),
  LINEAR ("alexnet 4096-4096", 4096, 4096),
  LINEAR ("alexnet 4096-10", 4096, 10),
  LINEAR ("vgg11-small 6272-4096", 6272, 4096),
  LINEAR ("resnet18 512-10", 512, 10),
};

typedef enum { FORWARD, DATA, WEIGHTS, N_DIRECTIONS } Direction;

static int batch = 128, rounds = 7, threads = 1;
static char *isa_name, *match;
static gboolean cpu_time;

static const GOptionEntry options[] = {
  { "isa", 0, 0, G_OPTION_ARG_STRING, &isa_name, "baseline, avx2 or avx512; the best", "NAME" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &threads, "Threads, 1 unless given", "N" },
  { "batch", 0, 0, G_OPTION_ARG_INT, &batch, "Examples, 128 unless given", "N" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "The best of so many counts; 7", "N" },
  { "match", 0, 0, G_OPTION_ARG_STRING, &match, "Layers whose names contain this", "TEXT" },
  { "cpu-time", 0, 0, G_OPTION_ARG_NONE, &cpu_time,
    "Processor time by thread in place of the clock, where others use the machine too", NULL },
  { NULL },
};

static double
now_s (void)
{
  struct timespec time;

  clock_gettime (cpu_time ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return ((double)time.tv_sec + 1e-9 * (double)time.tv_nsec) / (cpu_time ? threads : 1);
}

static const LwBackend *
find_backend (void)
{
  static const char *const names[] = { "baseline", "avx2", "avx512" };

  for (int i = 0; isa_name != NULL && i < LW_N_CPU_ISAS; i++)
    if (strcmp (names[i], isa_name) == 0)
      return lw_cpu_backend_for ((LwCpuIsa)i);
  return isa_name == NULL ? lw_cpu_backend () : NULL;
}

/* --- one layer -------------------------------------------------------------------------------- */

typedef struct {
  const LwBackend *backend;
  LwDevice *device;
  LwKernelSubject *subject;
  LwStep step;
  GPtrArray *memory;
} Layer;

/* Small numbers, so that no sum grows beyond what gradients look like. */
static void *
numbers (Layer *layer, size_t bytes)
{
  g_autoptr (GError) error = NULL;
  float *memory = layer->backend->alloc (layer->device, MAX (bytes, 4), &error);

  if (memory == NULL)
    g_error ("%s", error->message);
  for (size_t i = 0; i < bytes / sizeof (float); i++)
    memory[i] = (float)((int64_t)(i * 7919 % 2003) - 1001) / 1e5f;
  g_ptr_array_add (layer->memory, memory);
  return memory;
}

static void *
value (Layer *layer, LwShape shape)
{
  return numbers (layer, layer->backend->value_bytes (layer->device, shape, batch));
}

static void
bind (Layer *layer)
{
  const LwKernel *kernel = &layer->backend->kernels[layer->subject->info->op];
  LwStep *step = &layer->step;
  g_autoptr (GError) error = NULL;

  step->x[0] = value (layer, step->x_shape[0]);
  step->y = value (layer, step->y_shape);
  step->dy = value (layer, step->y_shape);
  step->dx[0] = value (layer, step->x_shape[0]);
  for (int role = 0; role <= LW_ROLE_BIAS; role++) {
    const LwTensorInfo *tensor = lw_kernel_tensor (layer->subject, (LwTensorRole)role);
    const size_t bytes = layer->backend->tensor_bytes (layer->device, tensor);

    step->param[role] = numbers (layer, bytes);
    step->dparam[role] = numbers (layer, bytes);
  }
  step->workspace = numbers (layer, kernel->workspace_bytes (layer->device, step));
  if (kernel->prepare && !kernel->prepare (layer->device, step, &error))
    g_error ("%s", error->message);
}

static double
run_s (const Layer *layer, Direction direction)
{
  const LwKernel *kernel = &layer->backend->kernels[layer->subject->info->op];
  LwStep step = layer->step;
  g_autoptr (GError) error = NULL;

  if (direction == DATA)
    memset (step.dparam, 0, sizeof step.dparam);
  else
    step.dx[0] = NULL;

  const double begin_s = now_s ();
  const bool ok =
      (direction == FORWARD ? kernel->forward : kernel->backward) (layer->device, &step, &error);
  const double time_s = now_s () - begin_s;

  if (!ok)
    g_error ("%s", error->message);
  return time_s;
}

/* Multiplications and additions of one direction. */
static double
operations (const LwStep *step)
{
  const LwWindow window = step->node->window;
  const double window_size = step->op == LW_OP_CONV2D ? window.kernel * window.kernel : 1;

  return 2 * window_size * step->x_shape[0].c * (double)lw_shape_size (step->y_shape) * batch;
}

static void
measure (const LwBackend *backend, LwDevice *device, const LwKernelCase *info, double peak,
         double best_s[N_DIRECTIONS])
{
  const LwKernelCase sized = { .name = info->name,
                               .op = info->op,
                               .x = info->x,
                               .outputs = info->outputs,
                               .window = info->window,
                               .batch = batch,
                               .n = batch };
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (&sized);
  g_autoptr (GPtrArray) memory = g_ptr_array_new ();
  Layer layer = { backend,
                  device,
                  subject,
                  { .op = sized.op,
                    .graph = subject->graph,
                    .node = subject->node,
                    .id = subject->id,
                    .batch = batch,
                    .n = batch,
                    .training = true,
                    .n_x = 1,
                    .x_shape = { subject->x_shape[0] },
                    .y_shape = subject->y_shape },
                  memory };
  const LwKernel *kernel = &backend->kernels[sized.op];

  bind (&layer);
  for (int i = 0; i < N_DIRECTIONS; i++)
    best_s[i] = INFINITY;
  for (int round = 0; round < rounds; round++)
    for (int i = 0; i < N_DIRECTIONS; i++)
      if (i != DATA || info->x.c > 1) /* nobody wants the gradient of images */
        best_s[i] = MIN (best_s[i], run_s (&layer, (Direction)i));
  g_print ("%-28s", info->name);
  for (int i = 0; i < N_DIRECTIONS; i++) {
    const double gflops = 1e-9 * operations (&layer.step) / best_s[i];

    if (isinf (best_s[i]))
      g_print ("  %7s %4s ", "-", "-");
    else
      g_print ("  %7.1f %3.0f %%", gflops, 100 * gflops / peak);
  }
  g_print ("\n");
  if (kernel->release)
    kernel->release (device, &layer.step);
  for (guint i = 0; i < memory->len; i++)
    backend->free (device, g_ptr_array_index (memory, i), 0);
}

/* The best that one core was seen to do, for all of them: others may use the machine. */
static double
peak_gflops (void)
{
  double peak = 0;

  for (int i = 0; i < 3; i++)
    peak = MAX (peak, threads * lw_bench_machine (1).peak_gflops);
  return peak;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 1;
  }

  const LwBackend *backend = find_backend ();

  if (backend == NULL || backend->count (&error) < 1 || batch < 1 || rounds < 1 || threads < 1) {
    g_printerr ("This processor lacks the instructions, or a number is below 1.\n");
    return 1;
  }

  LwDevice *device = backend->open (0, &(LwDeviceOptions){ .threads = threads }, &error);
  const double peak = peak_gflops ();
  double sums_s[N_DIRECTIONS] = { 0 };

  if (device == NULL)
    g_error ("%s", error->message);
  g_print ("%d threads, batch %d, peak %.1f GFLOP/s\n%-28s  %-13s  %-13s  %s\n", threads, batch,
           peak, "layer", "forward", "data", "weights");
  for (size_t i = 0; i < G_N_ELEMENTS (layers); i++)
    if (match == NULL || strstr (layers[i].name, match)) {
      double best_s[N_DIRECTIONS];

      measure (backend, device, &layers[i], peak, best_s);
      for (int k = 0; k < N_DIRECTIONS; k++)
        sums_s[k] += isinf (best_s[k]) ? 0 : best_s[k];
    }
  g_print ("%-28s", "all, ms");
  for (int k = 0; k < N_DIRECTIONS; k++)
    g_print ("  %7.1f      ", 1e3 * sums_s[k]);
  g_print ("\n");
  backend->close (device);
  return 0;
}
