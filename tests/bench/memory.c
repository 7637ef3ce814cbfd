/* How fast the CPU backend's kernels that memory holds back are: batch normalization, pooling,
 * dropout, activations, sums, the loss, optimizers, each beside copying as many bytes in the same
 * run. What a kernel reads lies beyond the caches: it goes through several sets of buffers. Prints
 * a table; see README.md. */
#include "engine/memplan.h"
#include "kernels/common/threads.h"
#include "kernels/cpu/link.h"
#include "tests/bench/memory_cases.h"
#include "tests/bench/options.h"

#include <math.h>
#include <string.h>

/* AlexNet's parameters in three pieces. */
static const int64_t parameters[] = { 26214400, 16777216, 3707904 };

/* One thing to measure, and memory that it goes through. */
typedef struct {
  bool (*run) (void *data, int set, GError **error);
  void *data;
  double bytes;
  int sets;
} Subject;

static int rounds = 15;

static const GOptionEntry options[] = {
  { "precision", 0, 0, G_OPTION_ARG_STRING, &precision, "fp32 or bf16; fp32", "NAME" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "The median of so many counts; 15", "N" },
  BENCH_OPTIONS,
  { NULL },
};

static const LwBackend *backend;
static LwDevice *device;
static int64_t number_bytes = sizeof (float);

/* --- copying ---------------------------------------------------------------------------------- */

enum { SPREAD = 192 << 20 }; /* the sets of what is measured take at least so much together */

static LwPool *copiers;
static char *copied, *copy; /* [SPREAD] */

typedef struct {
  int64_t at, bytes;
} Copy;

static void
copy_share (const void *data, int64_t first, int64_t last, int thread)
{
  const Copy *job = data;

  (void)thread;
  for (int64_t i = first; i < last; i++)
    memcpy (copy + job->at + i * job->bytes, copied + job->at + i * job->bytes, (size_t)job->bytes);
}

/* Seconds that it takes to read and write so many bytes together. */
static double
copy_s (double bytes, int round)
{
  const int64_t share = MAX (64, (int64_t)MIN (bytes / 2, SPREAD) / threads / 64 * 64);
  const int64_t places = SPREAD / (share * threads);
  const Copy job = { round % places * share * threads, share };
  const double begin_s = now_s ();

  lw_pool_run (copiers, threads, copy_share, &job);
  return (now_s () - begin_s) * bytes / (2 * (double)(share * threads));
}

/* --- one row of the table --------------------------------------------------------------------- */

static int
compare (const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
median (double *numbers)
{
  qsort (numbers, (size_t)rounds, sizeof *numbers, compare);
  return numbers[rounds / 2];
}

/* The share is the median of the rounds'; in each the copy comes directly before. */
static void
measure (const char *layer, const char *call, const Subject *subject)
{
  g_autofree double *times = g_new (double, rounds), *shares = g_new (double, rounds);
  g_autoptr (GError) error = NULL;

  for (int round = -subject->sets; round < rounds; round++) {
    const int set = (round + subject->sets) % subject->sets;
    const double copied_s = copy_s (subject->bytes, round + subject->sets), begin_s = now_s ();

    if (!subject->run (subject->data, set, &error))
      g_error ("%s", error->message);
    if (round >= 0) {
      times[round] = now_s () - begin_s;
      shares[round] = copied_s / times[round];
    }
  }
  g_print ("%-34s  %-20s  %8.2f  %8.3f  %6.1f  %4.0f %%\n", layer, call, 1e-6 * subject->bytes,
           1e3 * median (times), 1e-9 * subject->bytes / times[rounds / 2], 100 * median (shares));
}

static int
sets_for (double bytes)
{
  return (int)CLAMP (ceil (SPREAD / bytes), 1, 64);
}

static const size_t arena_bytes = (size_t)3 << 30;

/* Memory of a row, from the front: all in one piece, as a plan's. */
typedef struct {
  char *memory;
  size_t taken;
} Arena;

static Arena
arena_new (void)
{
  static char *memory;
  g_autoptr (GError) error = NULL;

  if (memory == NULL)
    memory = backend->alloc (device, arena_bytes, &error);
  if (memory == NULL)
    g_error ("%s", error->message);
  return (Arena){ memory, 0 };
}

/* Small numbers of both signs; in bfloat16 the upper halves of such. */
static void *
numbers (Arena *arena, size_t bytes, bool bf16)
{
  const size_t size = bf16 ? sizeof (uint16_t) : sizeof (float);
  char *at = arena->memory + arena->taken;

  arena->taken += (bytes + LW_ALIGNMENT - 1) / LW_ALIGNMENT * LW_ALIGNMENT;
  if (arena->taken > arena_bytes)
    g_error ("The batch is too large.");
  for (size_t i = 0; i < bytes / size; i++) {
    const float number = (float)((int64_t)(i * 7919 % 2003) - 1001) / 1e3f;

    memcpy (at + i * size, (const char *)&number + sizeof number - size, size);
  }
  return at;
}

/* --- layers ----------------------------------------------------------------------------------- */

typedef struct {
  const Call *call;
  LwStep *steps, *sums; /* [sets]; the sum behind a batch normalization */
  LwCpuLink link, sum_link;
} Layer;

static bool
run_layer (void *data, int set, GError **error)
{
  Layer *layer = data;
  LwStep *step = layer->call->normalizes ? &layer->sums[set] : &layer->steps[set];
  const LwKernel *kernel = &backend->kernels[step->op];

  layer->sum_link.norm = layer->call->normalizes ? &layer->steps[set] : NULL;
  return (layer->call->backward ? kernel->backward : kernel->forward) (device, step, error);
}

static void *
value (Arena *memory, LwShape shape)
{
  return numbers (memory, backend->value_bytes (device, shape, batch), number_bytes == 2);
}

static LwStep
bind (Arena *memory, Layer *layer, const LwKernelSubject *subject)
{
  const Call *call = layer->call;
  const LwKernel *kernel = &backend->kernels[subject->info->op];
  LwStep step = { .op = subject->info->op,
                  .graph = subject->graph,
                  .node = subject->node,
                  .id = subject->id,
                  .batch = batch,
                  .n = batch,
                  .training = !call->evaluation,
                  .n_x = subject->n_x,
                  .y_shape = subject->y_shape,
                  .accumulate = call->adds ? ~0U : 0 };
  g_autoptr (GError) error = NULL;

  step.dy = value (memory, step.y_shape);
  for (int i = 0; i < step.n_x; i++) {
    step.x_shape[i] = subject->x_shape[i];
    step.x[i] = value (memory, step.x_shape[i]);
    if (call->backward && !call->sums)
      step.dx[i] = call->in_place && i == 0 ? (void *)step.dy : value (memory, step.x_shape[i]);
  }
  step.y = value (memory, step.y_shape);
  for (int role = 0; role < LW_MAX_TENSORS && step.node != NULL; role++) {
    const LwTensorInfo *tensor = lw_kernel_tensor (subject, (LwTensorRole)role);
    const size_t bytes = tensor ? backend->tensor_bytes (device, tensor) : 0;

    if (tensor == NULL)
      continue;
    step.param[role] = numbers (memory, bytes, false);
    step.dparam[role] = numbers (memory, bytes, false);
    if (role == LW_ROLE_RUNNING_VAR)
      for (size_t i = 0; i < bytes / sizeof (float); i++)
        ((float *)step.param[role])[i] = 1;
  }
  if (subject->info->op == LW_OP_CROSS_ENTROPY) {
    int32_t *labels = numbers (memory, sizeof (int32_t) * (size_t)batch, false);

    for (int i = 0; i < batch; i++)
      labels[i] = i % step.x_shape[0].c;
    step.labels = labels;
  }
  if (kernel->state_bytes)
    step.state = numbers (memory, kernel->state_bytes (device, &step), false);
  if (kernel->workspace_bytes)
    step.workspace = numbers (memory, kernel->workspace_bytes (device, &step), false);
  step.link = &layer->link;
  if (kernel->prepare && !kernel->prepare (device, &step, &error))
    g_error ("%s", error->message);
  return step;
}

/* y ← max (0, batch normalization + another map) */
static LwStep
sum_behind (Arena *memory, Layer *layer, const LwStep *norm)
{
  LwStep sum = *norm;

  sum.op = LW_OP_ADD;
  sum.n_x = 2;
  sum.x_shape[1] = norm->y_shape;
  sum.x[0] = norm->y;
  sum.x[1] = value (memory, norm->y_shape);
  sum.link = &layer->sum_link;
  return sum;
}

static void
measure_layer (const LwKernelCase *info, const Call *call)
{
  LwKernelCase whole = *info;
  Arena memory = arena_new ();
  Layer layer = { .call = call,
                  .link = { .relu = call->relu, .measures = call->measures || call->normalizes },
                  .sum_link = { .relu = true } };
  g_autoptr (GError) error = NULL;

  whole.batch = whole.n = batch;

  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (&whole);
  const double x = (double)lw_shape_size (subject->x_shape[0]) * batch;
  const double y = (double)lw_shape_size (subject->y_shape) * batch;
  Subject measured = { .run = run_layer,
                       .data = &layer,
                       .bytes =
                           (double)number_bytes * (call->x * x + call->y * y) + call->state * y };

  measured.sets = sets_for (measured.bytes);
  layer.steps = g_new0 (LwStep, measured.sets);
  layer.sums = g_new0 (LwStep, measured.sets);
  for (int i = 0; i < measured.sets; i++) {
    layer.steps[i] = bind (&memory, &layer, subject);
    layer.sums[i] = sum_behind (&memory, &layer, &layer.steps[i]);
    if (!call->evaluation && /* what backward wants is there */
        !backend->kernels[info->op].forward (device, &layer.steps[i], &error))
      g_error ("%s", error->message);
  }
  measure (info->name, call->name, &measured);
  for (int i = 0; i < measured.sets; i++)
    if (backend->kernels[info->op].release)
      backend->kernels[info->op].release (device, &layer.steps[i]);
  g_free (layer.steps);
  g_free (layer.sums);
}

/* --- optimizers ------------------------------------------------------------------------------- */

static bool
run_update (void *data, int set, GError **error)
{
  (void)set;
  return backend->update (device, data, error);
}

static bool
run_zero (void *data, int set, GError **error)
{
  const LwUpdate *update = data;

  (void)set;
  for (int i = 0; i < update->n; i++)
    if (!backend->zero (device, (void *)update->dw[i], update->bytes[i], error))
      return false;
  return true;
}

static void
measure_update (const char *name, LwOptimizer optimizer, float momentum, double maps)
{
  enum { N = G_N_ELEMENTS (parameters) };
  Arena memory = arena_new ();
  void *at[4][N];
  size_t bytes[N];
  LwUpdate update = { .optimizer = optimizer,
                      .learning_rate = 1e-6f,
                      .momentum = momentum,
                      .t = 2,
                      .n = N,
                      .w = at[0],
                      .dw = (const void *const *)at[1],
                      .m = at[2],
                      .v = at[3],
                      .bytes = bytes };
  Subject measured = { .run = maps > 1 ? run_update : run_zero, .data = &update, .sets = 1 };

  for (int i = 0; i < N; i++) {
    bytes[i] = sizeof (float) * (size_t)parameters[i];
    measured.bytes += maps * (double)bytes[i];
    for (int k = 0; k < 4; k++)
      at[k][i] = numbers (&memory, bytes[i], false);
    for (int64_t k = 0; k < parameters[i]; k++)
      ((float *)at[3][i])[k] = 1e-3f;
  }
  measure ("alexnet's parameters", name, &measured);
}

static const struct {
  const char *name;
  LwOptimizer optimizer;
  float momentum;
  double maps;
} updates[] = {
  { "zeroing", LW_OPTIMIZER_SGD, 0, 1 },
  { "SGD", LW_OPTIMIZER_SGD, 0, 3 },
  { "SGD, momentum", LW_OPTIMIZER_SGD, 0.9f, 5 },
  { "Adam", LW_OPTIMIZER_ADAM, 0, 7 },
};

/* --- the whole table -------------------------------------------------------------------------- */

static bool
open_device (GError **error)
{
  backend = find_backend ();
  if (g_strcmp0 (precision, "bf16") == 0) {
    backend = lw_cpu_bf16_backend ();
    number_bytes = 2;
  } else if (precision != NULL && strcmp (precision, "fp32") != 0)
    return false;
  if (backend == NULL || backend->count (error) < 1 || batch < 2 || rounds < 1 || threads < 1)
    return false;
  device = backend->open (0, &(LwDeviceOptions){ .threads = threads }, error);
  copiers = lw_pool_new (threads, error);
  return device != NULL && copiers != NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  double rates[5];

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  if (!open_device (&error)) {
    g_printerr ("This processor lacks the instructions, or an option's value makes no sense.\n");
    return 1;
  }
  copied = backend->alloc (device, 2 * SPREAD, &error);
  if (copied == NULL)
    g_error ("%s", error->message);
  memset (copied, 1, 2 * SPREAD);
  copy = copied + SPREAD;
  for (int i = 0; i < 5; i++)
    rates[i] = 2e-9 * SPREAD / copy_s (2.0 * SPREAD, 0);
  qsort (rates, 5, sizeof *rates, compare);
  g_print ("%d threads, batch %d, copying reads and writes %.1f GB/s\n", threads, batch, rates[2]);
  g_print ("%-34s  %-20s  %8s  %8s  %6s  %6s\n", "layer", "what", "MB", "ms", "GB/s", "share");
  for (size_t i = 0; i < G_N_ELEMENTS (layers); i++)
    for (size_t k = 0; is_wanted (layers[i].name) && k < G_N_ELEMENTS (calls); k++)
      if (calls[k].op == layers[i].op)
        measure_layer (&layers[i], &calls[k]);
  for (size_t i = 0; is_wanted ("alexnet's parameters") && i < G_N_ELEMENTS (updates); i++)
    measure_update (updates[i].name, updates[i].optimizer, updates[i].momentum, updates[i].maps);
  lw_pool_free (copiers);
  backend->free (device, copied, 2 * SPREAD);
  backend->close (device);
  return 0;
}
