#include "ui/bn-studying.h"

#include "engine/priority.h"
#include "ui/run-weights.h"

/* At most a fiftieth of the time, and not more often than eyes can follow. */
#define REST_FACTOR 50
#define LEAST_US    (G_USEC_PER_SEC / 2)

struct _LwBnStudying {
  GObject parent;
  LwWorkbench *workbench; /* NULL once it is gone: a thread may keep this one longer */
  LwRunItem *run;
  LwNodeId layer;
  int64_t step;       /* of the weights */
  GCancellable *busy; /* what is under way */
  LwBnStudy *study;
  bool live; /* it was live when the study's weights were taken */
  char *problem;
  gint64 began_us, due_us;
};

G_DEFINE_FINAL_TYPE (LwBnStudying, lw_bn_studying, G_TYPE_OBJECT)

static guint changed_signal;

typedef struct {
  LwBnStudying *self;
  GCancellable *cancellable;
  LwRunWeights *weights;
  LwNodeId layer;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_object_unref (job->self);
  g_object_unref (job->cancellable);
  lw_run_weights_free (job->weights);
  g_free (job);
}

static bool
may_go_on (double share, void *cancellable)
{
  (void)share;
  return !g_cancellable_is_cancelled (cancellable);
}

static void
study_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  LwRunWeights *weights = job->weights;
  const LwBnProgress progress = { may_go_on, cancellable };
  const int32_t images = lw_bn_study_images (weights->graph, weights->settings->batch);
  g_autoptr (LwSession) session = NULL;
  GError *error = NULL;
  LwBnStudy *study = NULL;

  (void)source;
  lw_thread_give_way ();
  if (!g_cancellable_is_cancelled (cancellable))
    session = lw_run_weights_open (weights, images, &error);
  if (session != NULL)
    study = lw_bn_study_new (session, weights->dataset, weights->settings, weights->step,
                             job->layer, &progress, &error);
  if (study != NULL)
    g_task_return_pointer (task, study, (GDestroyNotify)lw_bn_study_free);
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_new_error (task, LW_ERROR, LW_ERROR_CANCELLED, "It was cancelled.");
}

static void
studied (GObject *source, GAsyncResult *result, gpointer data)
{
  LwBnStudying *self = LW_BN_STUDYING (source);
  g_autoptr (GError) error = NULL;
  LwBnStudy *study = g_task_propagate_pointer (G_TASK (result), &error);
  const gint64 now = g_get_monotonic_time ();

  (void)data;
  if (g_task_get_cancellable (G_TASK (result)) != self->busy) {
    lw_bn_study_free (study); /* another one has been started since */
    return;
  }
  g_clear_object (&self->busy);
  g_clear_pointer (&self->problem, g_free);
  g_clear_pointer (&self->study, lw_bn_study_free);
  if (study != NULL) {
    self->study = study;
  } else if (!g_error_matches (error, LW_ERROR, LW_ERROR_CANCELLED)) {
    self->problem = g_strdup (error->message);
  }
  self->due_us = now + MAX (LEAST_US, REST_FACTOR * (now - self->began_us));
  g_signal_emit (self, changed_signal, 0);
}

static void
weights_ready (LwRunWeights *weights, gpointer data)
{
  Job *job = data;
  LwBnStudying *self = job->self;

  job->weights = weights;
  if (job->cancellable == self->busy) {
    g_autoptr (GTask) task = g_task_new (self, job->cancellable, studied, NULL);

    self->began_us = g_get_monotonic_time (); /* waiting for the training costs it nothing */
    g_task_set_check_cancellable (task, FALSE);
    g_task_set_task_data (task, job, job_free);
    g_task_run_in_thread (task, study_thread);
  } else {
    job_free (job);
  }
}

static void
begin (LwBnStudying *self)
{
  Job *job = g_new0 (Job, 1);

  self->busy = g_cancellable_new ();
  self->live = self->step == LW_NEWEST_STEP && lw_run_item_is_live (self->run);
  *job = (Job){ g_object_ref (self), g_object_ref (self->busy), NULL, self->layer };
  lw_run_weights_fetch (self->workbench, self->run, self->step, weights_ready, job);
}

static void
cancel (LwBnStudying *self)
{
  if (self->busy != NULL)
    g_cancellable_cancel (self->busy);
  g_clear_object (&self->busy);
}

void
lw_bn_studying_look (LwBnStudying *self, LwRunItem *run, LwNodeId layer, int64_t step)
{
  const bool there = run != NULL && layer != LW_NO_NODE;
  const bool same = run == self->run && layer == self->layer;

  if (!same || step != self->step) {
    cancel (self);
    if (!same)
      g_clear_pointer (&self->study, lw_bn_study_free);
    g_clear_pointer (&self->problem, g_free);
    g_set_object (&self->run, run);
    self->layer = layer;
    self->step = step;
    if (there)
      begin (self);
    g_signal_emit (self, changed_signal, 0);
    return;
  }
  /* A live run's weights change; those of one that has ended changed once more. */
  if (there && self->busy == NULL && (self->study != NULL || self->problem != NULL) && self->live &&
      (!lw_run_item_is_live (run) || g_get_monotonic_time () >= self->due_us))
    begin (self);
}

bool
lw_bn_studying_is_busy (LwBnStudying *self)
{
  return self->busy != NULL;
}

const LwBnStudy *
lw_bn_studying_study (LwBnStudying *self)
{
  return self->study;
}

const char *
lw_bn_studying_problem (LwBnStudying *self)
{
  return self->problem;
}

static void
lw_bn_studying_dispose (GObject *object)
{
  LwBnStudying *self = LW_BN_STUDYING (object);

  cancel (self);
  g_clear_object (&self->run);
  g_clear_pointer (&self->study, lw_bn_study_free);
  g_clear_pointer (&self->problem, g_free);
  g_clear_weak_pointer (&self->workbench);
  G_OBJECT_CLASS (lw_bn_studying_parent_class)->dispose (object);
}

static void
lw_bn_studying_class_init (LwBnStudyingClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_bn_studying_dispose;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_bn_studying_init (LwBnStudying *self)
{
  self->layer = LW_NO_NODE;
  self->step = LW_NEWEST_STEP;
}

LwBnStudying *
lw_bn_studying_new (LwWorkbench *workbench)
{
  LwBnStudying *self = g_object_new (LW_TYPE_BN_STUDYING, NULL);

  g_set_weak_pointer (&self->workbench, workbench);
  return self;
}
