#include "ui/layer-timing.h"

#include "engine/free_memory.h"
#include "engine/priority.h"
#include "engine/rng.h"
#include "engine/session.h"

#include <glib/gi18n.h>
#include <stdlib.h>

/* A batch this large keeps all cores busy and is over soon. */
#define BATCH     8
#define LEAST     2
#define MOST      12
#define ENOUGH_US (1200 * 1000)
#define SEED      42
#define RATE      1e-4f

void
lw_layer_times_free (LwLayerTimes *times)
{
  g_free (times->forward_ms);
  g_free (times->backward_ms);
  g_free (times->forward_work);
  g_free (times->backward_work);
  lw_algorithm_list_free (times->algorithms);
  g_free (times);
}

/* --- on the thread -----------------------------------------------------------------------------
 */

typedef struct {
  LwGraph *graph;
  LwTimedDevice device;
  char *cache_folder;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  lw_graph_unref (job->graph);
  g_free (job->cache_folder);
  g_free (job);
}

typedef struct {
  GCancellable *cancellable;
  double *samples[2]; /* [n_nodes][MOST], forward and backward */
  LwWork *works[2];   /* [n_nodes] */
  LwAlgorithmList *algorithms;
  LwPrecision precision;
  int32_t n_nodes;
  int step;       /* −1: warming up */
  gint64 mark_us; /* when the last layer was over */
} Clock;

/* Once for each layer: off the clock, in the steps that warm up. */
static void
note_work (Clock *clock, LwSession *session, const LwStep *step, bool backward)
{
  const char *names[LW_N_DIRECTIONS];

  clock->works[backward][step->id] = lw_step_work (step, backward, clock->precision);
  if (backward)
    return;
  for (int d = 0; d < LW_N_DIRECTIONS; d++)
    names[d] = lw_session_algorithm (session, step, (LwDirection)d);
  lw_algorithm_list_add (clock->algorithms, step->node->name, names);
}

/* The loss, whose id is the number of nodes, is nobody's layer. */
static bool
on_step (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  Clock *clock = data;

  if (!lw_session_synchronize (session, error) ||
      g_cancellable_set_error_if_cancelled (clock->cancellable, error))
    return false;
  if (clock->step >= 0 && step->id < clock->n_nodes && step->op != LW_OP_INPUT)
    clock->samples[backward][step->id * MOST + clock->step] =
        1e-3 * (double)(g_get_monotonic_time () - clock->mark_us);
  if (clock->step < 0 && step->id < clock->n_nodes && step->op != LW_OP_INPUT)
    note_work (clock, session, step, backward);
  clock->mark_us = g_get_monotonic_time ();
  return true;
}

static int
compare (const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double *
medians (double *samples, int32_t n_nodes, int n)
{
  double *result = g_new (double, n_nodes);

  for (int32_t i = 0; i < n_nodes; i++) {
    double *of = samples + i * MOST;

    qsort (of, (size_t)n, sizeof *of, compare);
    result[i] = (of[(n - 1) / 2] + of[n / 2]) / 2;
  }
  return result;
}

/* Half as large until it fits in half of the free memory: the rest is other people's. */
static int32_t
fitting_batch (const LwGraph *graph)
{
  const int64_t available = lw_free_host_memory ();
  int32_t batch = BATCH;
  LwMemory memory;

  while (
      batch > 1 && available > 0 &&
      (!lw_graph_memory (graph, batch, 0, &memory, NULL) || memory.training_total > available / 2))
    batch /= 2;
  return batch;
}

static bool
run_steps (LwSession *session, const LwBatch *batch, Clock *clock, GError **error)
{
  LwStepSettings settings = { .learning_rate = RATE, .seed = SEED };
  LwBatchResult result;
  const gint64 begin = g_get_monotonic_time ();

  for (clock->step = -1; clock->step < MOST; clock->step++) {
    if (clock->step >= LEAST && g_get_monotonic_time () - begin > ENOUGH_US)
      break;
    clock->mark_us = g_get_monotonic_time ();
    if (!lw_session_train (session, batch, &settings, on_step, clock, &result, error))
      return false;
    settings.iteration++;
  }
  return true;
}

static LwLayerTimes *
measure (const Job *job, Clock *clock, GError **error)
{
  const int32_t n = clock->n_nodes, size = fitting_batch (job->graph);
  const int64_t pixels = lw_shape_size (lw_graph_input_shape (job->graph)) * size;
  const LwStream stream = lw_stream (SEED, LW_STREAM_DATA, 0, 0);
  const LwSessionOptions options = { .batch = size,
                                     .inference_batch = 1,
                                     .links = LW_LINKS_ALWAYS,
                                     .device = { .precision = job->device.precision,
                                                 .algorithms = LW_ALGORITHMS_TIMED,
                                                 .cache_folder = job->cache_folder } };
  g_autoptr (LwSession) session =
      lw_session_new (job->graph, job->device.backend, job->device.index, &options, error);
  g_autofree float *images = g_try_new (float, pixels);
  g_autofree int32_t *labels = g_new (int32_t, size);
  const LwBatch batch = { images, labels, size };
  LwLayerTimes *times;

  if (session == NULL || g_cancellable_set_error_if_cancelled (clock->cancellable, error))
    return NULL;
  if (images == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is no memory left to measure the layers."));
    return NULL;
  }
  for (int64_t i = 0; i < pixels; i++)
    images[i] = lw_stream_uniform (&stream, (uint64_t)i);
  for (int32_t i = 0; i < size; i++)
    labels[i] = i % lw_graph_classes (job->graph);
  if (!lw_session_initialize (session, SEED, error) || !run_steps (session, &batch, clock, error))
    return NULL;
  times = g_new0 (LwLayerTimes, 1);
  times->batch = size;
  times->n_nodes = n;
  times->forward_ms = medians (clock->samples[0], n, clock->step);
  times->backward_ms = medians (clock->samples[1], n, clock->step);
  times->forward_work = g_steal_pointer (&clock->works[0]);
  times->backward_work = g_steal_pointer (&clock->works[1]);
  times->algorithms = g_steal_pointer (&clock->algorithms);
  times->peaks = lw_session_peaks (session);
  return times;
}

static void
timing_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Job *job = data;
  const int32_t n = lw_graph_n_nodes (job->graph);
  Clock clock = { .cancellable = cancellable,
                  .algorithms = lw_algorithm_list_new (),
                  .precision = job->device.precision,
                  .n_nodes = n };
  LwLayerTimes *times;
  GError *error = NULL;

  (void)source;
  lw_thread_give_way ();
  for (int d = 0; d < 2; d++) {
    clock.samples[d] = g_new0 (double, (gsize)n *MOST);
    clock.works[d] = g_new0 (LwWork, n);
  }
  times = measure (job, &clock, &error);
  for (int d = 0; d < 2; d++) {
    g_free (clock.samples[d]);
    g_free (clock.works[d]);
  }
  lw_algorithm_list_free (clock.algorithms);
  if (times != NULL)
    g_task_return_pointer (task, times, (GDestroyNotify)lw_layer_times_free);
  else
    g_task_return_error (task, error);
}

/* --- on the caller's ---------------------------------------------------------------------------
 */

void
lw_layer_timing_start (LwGraph *graph, const LwTimedDevice *device, GCancellable *cancellable,
                       GAsyncReadyCallback done, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, done, data);
  Job *job = g_new0 (Job, 1);

  *job = (Job){ lw_graph_ref (graph), *device, lw_algorithms_cache_folder () };
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, timing_thread);
}

LwLayerTimes *
lw_layer_timing_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

char *
lw_layer_timing_key (const LwGraph *graph, const LwTimedDevice *device)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);
    const int32_t numbers[] = { node->op,
                                node->shape.c,
                                node->shape.h,
                                node->shape.w,
                                node->window.kernel,
                                node->window.stride,
                                node->window.padding };

    g_checksum_update (sum, (const guchar *)numbers, sizeof numbers);
    g_checksum_update (sum, (const guchar *)node->inputs,
                       (gssize)sizeof *node->inputs * node->n_inputs);
  }
  return g_strdup_printf ("%s:%d %d %s", device->backend->name, device->index,
                          (int)device->precision, g_checksum_get_string (sum));
}
