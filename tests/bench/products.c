/* How fast the CPU backend's matrix products are: convolutions that Winograd's transforms do not
 * serve, and linear layers, each in three directions, beside the peak of the processor's
 * multiply-adds that the same program measured; in float32, in bfloat16, or in both by turns.
 * Prints a table; see README.md. */
#include "kernels/common/machine.h"
#include "tests/bench/options.h"
#include "kernels/check/cases.h"

#include <math.h>
#include <string.h>

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
  LINEAR ("alexnet 6400-4096", 6400, 4096),
  LINEAR ("alexnet 4096-4096", 4096, 4096),
  LINEAR ("alexnet 4096-10", 4096, 10),
  LINEAR ("vgg11-small 6272-4096", 6272, 4096),
  LINEAR ("resnet18 512-10", 512, 10),
};

typedef enum { FORWARD, DATA, WEIGHTS, N_DIRECTIONS } Direction;

static int rounds = 7;

static const GOptionEntry options[] = {
  { "precision", 0, 0, G_OPTION_ARG_STRING, &precision, "fp32, bf16 or both; fp32", "NAME" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "The best of so many counts; 7", "N" },
  BENCH_OPTIONS,
  { NULL },
};

/* --- one layer -------------------------------------------------------------------------------- */

typedef struct {
  const LwBackend *backend;
  LwDevice *device;
  bool bf16;
  double peak; /* GFLOP/s */
} Table;

typedef struct {
  const LwBackend *backend;
  LwDevice *device;
  bool bf16;
  LwKernelSubject *subject;
  LwStep step;
  GPtrArray *memory;
} Layer;

/* Small numbers, so that no sum grows beyond what gradients look like; in bfloat16, the upper
 * halves of such. */
static void *
numbers (Layer *layer, size_t bytes, bool bf16)
{
  g_autoptr (GError) error = NULL;
  const size_t size = bf16 ? sizeof (uint16_t) : sizeof (float);
  char *memory = layer->backend->alloc (layer->device, MAX (bytes, 4), &error);

  if (memory == NULL)
    g_error ("%s", error->message);
  for (size_t i = 0; i < bytes / size; i++) {
    const float number = (float)((int64_t)(i * 7919 % 2003) - 1001) / 1e5f;

    memcpy (memory + i * size, (const char *)&number + sizeof number - size, size);
  }
  g_ptr_array_add (layer->memory, memory);
  return memory;
}

static void *
value (Layer *layer, LwShape shape)
{
  return numbers (layer, layer->backend->value_bytes (layer->device, shape, batch), layer->bf16);
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

    step->param[role] = numbers (layer, bytes, false);
    step->dparam[role] = numbers (layer, bytes, false);
  }
  step->workspace = numbers (layer, kernel->workspace_bytes (layer->device, step), false);
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

static LwKernelCase
sized (const LwKernelCase *info)
{
  LwKernelCase whole = *info;

  whole.batch = whole.n = batch;
  return whole;
}

/* Rounds of all directions, on all tables by turns; seconds. */
static void
measure (const Table *tables, int n_tables, const LwKernelCase *info,
         double best_s[2][N_DIRECTIONS])
{
  const LwKernelCase whole = sized (info);
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (&whole);
  Layer runs[2];

  for (int t = 0; t < n_tables; t++) {
    runs[t] = (Layer){ tables[t].backend,
                       tables[t].device,
                       tables[t].bf16,
                       subject,
                       { .op = whole.op,
                         .graph = subject->graph,
                         .node = subject->node,
                         .id = subject->id,
                         .batch = batch,
                         .n = batch,
                         .training = true,
                         .n_x = 1,
                         .x_shape = { subject->x_shape[0] },
                         .y_shape = subject->y_shape },
                       g_ptr_array_new () };
    bind (&runs[t]);
    for (int i = 0; i < N_DIRECTIONS; i++)
      best_s[t][i] = INFINITY;
  }
  for (int round = 0; round < rounds; round++)
    for (int i = 0; i < N_DIRECTIONS; i++)
      for (int t = 0; t < n_tables; t++)
        if (i != DATA || info->x.c > 1) /* nobody wants the gradient of images */
          best_s[t][i] = MIN (best_s[t][i], run_s (&runs[t], (Direction)i));
  for (int t = 0; t < n_tables; t++) {
    const LwKernel *kernel = &tables[t].backend->kernels[whole.op];

    if (kernel->release)
      kernel->release (tables[t].device, &runs[t].step);
    for (guint i = 0; i < runs[t].memory->len; i++)
      tables[t].backend->free (tables[t].device, g_ptr_array_index (runs[t].memory, i), 0);
    g_ptr_array_unref (runs[t].memory);
  }
}

/* The last table's speed, beside its peak and, where there are two, the first one's time. */
static void
print_row (const Table *tables, int n_tables, const LwKernelCase *info,
           double best_s[2][N_DIRECTIONS])
{
  const LwKernelCase whole = sized (info);
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (&whole);
  const LwStep step = { .op = whole.op,
                        .node = subject->node,
                        .x_shape = { subject->x_shape[0] },
                        .y_shape = subject->y_shape };
  const Table *last = &tables[n_tables - 1];

  g_print ("%-28s", info->name);
  for (int i = 0; i < N_DIRECTIONS; i++) {
    const double time_s = best_s[n_tables - 1][i], gflops = 1e-9 * operations (&step) / time_s;

    if (isinf (time_s))
      g_print ("  %7s %4s ", "-", "-");
    else
      g_print ("  %7.1f %3.0f %%", gflops, 100 * gflops / last->peak);
    if (n_tables > 1 && isinf (time_s))
      g_print ("  %5s", "-");
    else if (n_tables > 1)
      g_print ("  %5.2f", best_s[0][i] / time_s);
  }
  g_print ("\n");
}

/* The best that one core was seen to do, for all of them: others may use the machine. */
static double
peak_gflops (bool bf16)
{
  double peak = 0;

  for (int i = 0; i < 3; i++) {
    const LwMachine machine = lw_machine_measure (1);

    peak = MAX (peak, bf16 ? machine.peak_bf16_gflops : machine.peak_gflops);
  }
  return threads * peak;
}

/* Opens what --precision says, float32 first; 0: it cannot be. */
static int
open_tables (Table tables[2], GError **error)
{
  const bool both = g_strcmp0 (precision, "both") == 0;
  const bool bf16 = both || g_strcmp0 (precision, "bf16") == 0;
  int n = 0;

  if (precision != NULL && !bf16 && strcmp (precision, "fp32") != 0)
    return 0;
  if (both || !bf16)
    tables[n++] = (Table){ .backend = find_backend () };
  if (bf16)
    tables[n++] = (Table){ .backend = lw_cpu_bf16_backend (), .bf16 = true };
  for (int t = 0; t < n; t++) {
    if (tables[t].backend == NULL || tables[t].backend->count (error) < 1)
      return 0;
    tables[t].device = tables[t].backend->open (0, &(LwDeviceOptions){ .threads = threads }, error);
    if (tables[t].device == NULL)
      return 0;
    tables[t].peak = peak_gflops (tables[t].bf16);
  }
  return n;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  Table tables[2];
  double sums_s[2][N_DIRECTIONS] = { 0 };

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 1;
  }

  const int n_tables = batch < 1 || rounds < 1 || threads < 1 ? 0 : open_tables (tables, &error);

  if (n_tables == 0) {
    g_printerr ("This processor lacks the instructions, or an option's value makes no sense.\n");
    return 1;
  }
  g_print ("%d threads, batch %d, peak %.1f GFLOP/s", threads, batch, tables[n_tables - 1].peak);
  if (n_tables > 1)
    g_print (" in bfloat16, %.1f in float32; the last of three: how many times faster",
             tables[0].peak);
  g_print ("\n%-28s  %-*s  %-*s  %s\n", "layer", n_tables > 1 ? 20 : 13, "forward",
           n_tables > 1 ? 20 : 13, "data", "weights");
  for (size_t i = 0; i < G_N_ELEMENTS (layers); i++)
    if (is_wanted (layers[i].name)) {
      double best_s[2][N_DIRECTIONS];

      measure (tables, n_tables, &layers[i], best_s);
      print_row (tables, n_tables, &layers[i], best_s);
      for (int t = 0; t < n_tables; t++)
        for (int k = 0; k < N_DIRECTIONS; k++)
          sums_s[t][k] += isinf (best_s[t][k]) ? 0 : best_s[t][k];
    }
  g_print ("%-28s", "all, ms");
  for (int k = 0; k < N_DIRECTIONS; k++) {
    g_print ("  %7.1f      ", 1e3 * sums_s[n_tables - 1][k]);
    if (n_tables > 1)
      g_print ("  %5.2f", sums_s[0][k] / sums_s[1][k]);
  }
  g_print ("\n");
  for (int t = 0; t < n_tables; t++)
    tables[t].backend->close (tables[t].device);
  return 0;
}
