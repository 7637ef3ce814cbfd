#include "ui/bn-measuring.h"

#include "engine/analysis.h"
#include "engine/priority.h"
#include "ui/run-weights.h"

#include <stdatomic.h>

#define FRESH_BATCHES 32
#define POLL_MS       100
/* What a measurement may take: about a minute on two cores. */
#define MOST_MACS  1.2e12
#define LEAST_TEST 256
#define MOST_BYTES (600 * 1024 * 1024)
#define SMALL_MACS 2e10 /* measured unasked */

typedef struct {
  gatomicrefcount count;
  atomic_int permille;
  atomic_bool cancelled;
} Progress;

struct _LwBnMeasuring {
  GObject parent;
  LwWorkbench *workbench; /* NULL once it is gone: a thread may keep this one longer */
  LwRunItem *run;         /* that is asked about */
  bool known;             /* `result` is of it */
  LwBnAccuracies result;
  char *problem;

  LwRunItem *measured; /* that is being measured */
  Progress *progress;
  guint poll_id;
};

G_DEFINE_FINAL_TYPE (LwBnMeasuring, lw_bn_measuring, G_TYPE_OBJECT)

static guint changed_signal;

static Progress *
progress_ref (Progress *progress)
{
  g_atomic_ref_count_inc (&progress->count);
  return progress;
}

static void
progress_unref (Progress *progress)
{
  if (g_atomic_ref_count_dec (&progress->count))
    g_free (progress);
}

typedef struct {
  LwBnMeasuring *self;
  LwRunWeights *weights;
  Progress *progress;
  LwBnAccuracies accuracies;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_object_unref (job->self);
  lw_run_weights_free (job->weights);
  progress_unref (job->progress);
  g_free (job);
}

/* --- on a worker thread ----------------------------------------------------------------------- */

static bool
tell (double share, void *data)
{
  Progress *progress = data;

  atomic_store (&progress->permille, (int)(1000 * share));
  return !atomic_load (&progress->cancelled);
}

/* The run's own batch, as far as there is memory: with it the batches' statistics are those that
 * the training saw. */
static int32_t
batch_of (const LwRunWeights *weights)
{
  int32_t batch = MAX (weights->settings->batch, 1);
  LwMemory memory;

  while (batch > 2 && (!lw_graph_memory (weights->graph, batch, 0, &memory, NULL) ||
                       memory.inference_activations > MOST_BYTES))
    batch /= 2;
  return batch;
}

static int32_t
images_of (const LwRunWeights *weights, int32_t batch)
{
  const double macs = (double)lw_graph_cost (weights->graph).macs;
  const double images = (MOST_MACS / MAX (macs, 1) - (double)FRESH_BATCHES * batch) / 3;

  return (int32_t)CLAMP (images, LEAST_TEST, G_MAXINT32 / 2);
}

static void
measure_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  LwRunWeights *weights = job->weights;
  const int32_t batch = batch_of (weights);
  const LwBnProgress progress = { tell, job->progress };
  g_autoptr (LwSession) session = NULL;
  GError *error = NULL;

  (void)source;
  (void)cancellable;
  lw_thread_give_way ();
  session = lw_run_weights_open (weights, batch, &error);
  if (session == NULL ||
      !lw_bn_accuracies (session, weights->dataset, weights->settings, weights->step,
                         images_of (weights, batch), FRESH_BATCHES, &progress, &job->accuracies,
                         &error) ||
      !lw_bn_accuracies_save (&job->accuracies, weights->folder, &error))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* --- the window's side ------------------------------------------------------------------------ */

static void
end (LwBnMeasuring *self)
{
  g_clear_object (&self->measured);
  g_clear_pointer (&self->progress, progress_unref);
  g_clear_handle_id (&self->poll_id, g_source_remove);
}

static void
measured (GObject *source, GAsyncResult *result, gpointer data)
{
  LwBnMeasuring *self = LW_BN_MEASURING (source);
  const Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  const bool done = g_task_propagate_boolean (G_TASK (result), &error);

  (void)data;
  if (job->progress != self->progress)
    return; /* given up */
  if (self->measured == self->run) {
    g_clear_pointer (&self->problem, g_free);
    if (done) {
      self->known = true;
      self->result = job->accuracies;
    } else if (!g_error_matches (error, LW_ERROR, LW_ERROR_CANCELLED)) {
      self->problem = g_strdup (error->message);
    }
  }
  end (self);
  g_signal_emit (self, changed_signal, 0);
}

static void
weights_ready (LwRunWeights *weights, gpointer data)
{
  Job *job = data;

  job->weights = weights;
  if (job->progress == job->self->progress) {
    g_autoptr (GTask) task = g_task_new (job->self, NULL, measured, NULL);

    g_task_set_task_data (task, job, job_free);
    g_task_run_in_thread (task, measure_thread);
  } else {
    job_free (job);
  }
}

static gboolean
poll_progress (gpointer data)
{
  g_signal_emit (data, changed_signal, 0);
  return G_SOURCE_CONTINUE;
}

static void
give_up (LwBnMeasuring *self)
{
  if (self->progress != NULL)
    atomic_store (&self->progress->cancelled, true);
  end (self);
}

static void
start (LwBnMeasuring *self, LwRunItem *run)
{
  Job *job = g_new0 (Job, 1);

  give_up (self);
  g_clear_pointer (&self->problem, g_free);
  self->progress = g_new0 (Progress, 1);
  g_atomic_ref_count_init (&self->progress->count);
  self->measured = g_object_ref (run);
  self->poll_id = g_timeout_add (POLL_MS, poll_progress, self);
  job->self = g_object_ref (self);
  job->progress = progress_ref (self->progress);
  lw_run_weights_fetch (self->workbench, run, LW_NEWEST_STEP, weights_ready, job);
  g_signal_emit (self, changed_signal, 0);
}

void
lw_bn_measuring_start (LwBnMeasuring *self)
{
  if (self->run != NULL)
    start (self, self->run);
}

void
lw_bn_measuring_cancel (LwBnMeasuring *self)
{
  give_up (self);
  g_signal_emit (self, changed_signal, 0);
}

bool
lw_bn_measuring_is_busy (LwBnMeasuring *self, double *ret_share)
{
  const bool busy = self->measured != NULL && self->measured == self->run;

  if (busy)
    *ret_share = atomic_load (&self->progress->permille) / 1000.0;
  return busy;
}

const LwBnAccuracies *
lw_bn_measuring_result (LwBnMeasuring *self)
{
  return self->known ? &self->result : NULL;
}

const char *
lw_bn_measuring_problem (LwBnMeasuring *self)
{
  return self->problem;
}

/* --- what was measured earlier ---------------------------------------------------------------- */

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  LwBnAccuracies *read = g_new (LwBnAccuracies, 1);

  (void)source;
  (void)cancellable;
  if (!lw_bn_accuracies_load (data, read))
    g_clear_pointer (&read, g_free);
  g_task_return_pointer (task, read, g_free);
}

static bool is_small (LwRunItem *run);

static void
was_read (GObject *source, GAsyncResult *result, gpointer data)
{
  LwBnMeasuring *self = LW_BN_MEASURING (source);
  const char *folder = g_task_get_task_data (G_TASK (result));
  g_autofree LwBnAccuracies *read = g_task_propagate_pointer (G_TASK (result), NULL);

  (void)data;
  if (self->workbench == NULL || self->known || self->run == NULL ||
      !g_str_equal (lw_run_item_folder (self->run), folder))
    return;
  if (read != NULL) {
    self->known = true;
    self->result = *read;
    g_signal_emit (self, changed_signal, 0);
  } else if (self->measured == NULL && is_small (self->run)) {
    start (self, self->run);
  }
}

void
lw_bn_measuring_set_run (LwBnMeasuring *self, LwRunItem *run)
{
  g_autoptr (GTask) task = NULL;

  if (run == self->run)
    return;
  g_set_object (&self->run, run);
  self->known = false;
  g_clear_pointer (&self->problem, g_free);
  if (run != NULL) {
    task = g_task_new (self, NULL, was_read, NULL);
    g_task_set_task_data (task, g_strdup (lw_run_item_folder (run)), g_free);
    g_task_run_in_thread (task, read_thread);
  }
  g_signal_emit (self, changed_signal, 0);
}

/* --- by itself -------------------------------------------------------------------------------- */

static bool
has_batch_norm (LwGraph *graph)
{
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    if (lw_graph_node (graph, id)->op == LW_OP_BATCH_NORM)
      return true;
  return false;
}

/* Whether it has ended and takes no more than a second or two. */
static bool
is_small (LwRunItem *run)
{
  LwGraph *graph = lw_run_item_graph (run);
  const LwSettings *settings = lw_run_item_settings (run);
  const double images = settings->limit_test > 0 ? settings->limit_test : 10000;
  const double passes = 3 * images + FRESH_BATCHES * (double)settings->batch;

  return lw_run_item_state (run) == LW_RUN_FINISHED && has_batch_norm (graph) &&
         passes * (double)lw_graph_cost (graph).macs < SMALL_MACS;
}

static void
run_ended (LwBnMeasuring *self, LwRunItem *run)
{
  if (self->measured == NULL && is_small (run))
    start (self, run);
}

static void
lw_bn_measuring_dispose (GObject *object)
{
  LwBnMeasuring *self = LW_BN_MEASURING (object);

  give_up (self);
  g_clear_object (&self->run);
  g_clear_pointer (&self->problem, g_free);
  g_clear_weak_pointer (&self->workbench);
  G_OBJECT_CLASS (lw_bn_measuring_parent_class)->dispose (object);
}

static void
lw_bn_measuring_class_init (LwBnMeasuringClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_bn_measuring_dispose;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_bn_measuring_init (LwBnMeasuring *self)
{
  (void)self;
}

LwBnMeasuring *
lw_bn_measuring_new (LwWorkbench *workbench)
{
  LwBnMeasuring *self = g_object_new (LW_TYPE_BN_MEASURING, NULL);

  g_set_weak_pointer (&self->workbench, workbench);
  g_signal_connect_object (workbench, "run-ended", G_CALLBACK (run_ended), self, G_CONNECT_SWAPPED);
  return self;
}
