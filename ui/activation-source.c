#include "ui/activation-source.h"

#include "engine/observe.h"
#include "engine/priority.h"
#include "ui/devices.h"

#include <glib/gi18n.h>

#define POLL_MS     66
#define INTERVAL_MS 120

struct _LwActivationSource {
  GObject parent;
  LwWorkbench *workbench;
  LwNodeId layer;
  int32_t image;
  bool active;

  /* live */
  LwRunItem *run;
  LwProbe *probe, *prediction_probe;
  const LwProbeFrame *frame, *prediction_frame;
  guint poll_id;

  /* saved or untrained */
  LwObservation *observation;
  GCancellable *observing;
  bool trained;
  LwRunProgress progress; /* of the saved run */
  char *problem;
};

G_DEFINE_FINAL_TYPE (LwActivationSource, lw_activation_source, G_TYPE_OBJECT)

static guint updated_signal;

static void restart (LwActivationSource *self);

static LwTrainer *
trainer_of (LwActivationSource *self)
{
  return self->run != NULL ? lw_run_item_trainer (self->run) : NULL;
}

static void
forget (LwActivationSource *self)
{
  LwTrainer *trainer = trainer_of (self);
  LwProbe **probes[] = { &self->probe, &self->prediction_probe };

  for (guint i = 0; i < G_N_ELEMENTS (probes); i++) {
    if (*probes[i] == NULL)
      continue;
    if (trainer != NULL)
      lw_trainer_unwatch (trainer, *probes[i]);
    g_clear_pointer (probes[i], lw_probe_unref);
  }
  self->frame = self->prediction_frame = NULL;
  g_clear_handle_id (&self->poll_id, g_source_remove);
  g_clear_object (&self->run);
  if (self->observing != NULL)
    g_cancellable_cancel (self->observing);
  g_clear_object (&self->observing);
  g_clear_pointer (&self->observation, lw_observation_free);
  g_clear_pointer (&self->problem, g_free);
}

/* The test image as the network's input; NULL and a problem when it does not fit. */
static float *
network_input (LwActivationSource *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const LwShape shape = lw_graph_input_shape (lw_workbench_graph (self->workbench));
  float *input;

  if (dataset == NULL)
    return NULL;
  if (lw_dataset_channels (dataset) != shape.c) {
    self->problem = g_strdup_printf (
        _ ("This run's network reads images with %d channel(s); those of %s have %d."), shape.c,
        lw_dataset_name (dataset), lw_dataset_channels (dataset));
    return NULL;
  }
  self->image = CLAMP (self->image, 0, lw_dataset_size (dataset, LW_SPLIT_TEST) - 1);
  input = g_new (float, lw_shape_size (shape));
  lw_resize (lw_dataset_image (dataset, LW_SPLIT_TEST, self->image), shape.c,
             lw_dataset_height (dataset), lw_dataset_width (dataset), input, shape.h, shape.w);
  return input;
}

/* --- live: probes ------------------------------------------------------------------------------
 */

static gboolean
poll_probes (gpointer data)
{
  LwActivationSource *self = data;
  const LwProbeFrame *frame = lw_probe_take (self->probe);
  const LwProbeFrame *prediction = lw_probe_take (self->prediction_probe);

  if (frame != NULL)
    self->frame = frame;
  if (prediction != NULL)
    self->prediction_frame = prediction;
  if (frame != NULL || prediction != NULL)
    g_signal_emit (self, updated_signal, 0);
  if (lw_run_item_is_live (self->run))
    return G_SOURCE_CONTINUE;
  self->poll_id = 0;
  restart (self); /* the run has ended: its saved weights from now on */
  return G_SOURCE_REMOVE;
}

static void
watch (LwActivationSource *self, LwRunItem *run, const float *input)
{
  LwTrainer *trainer = lw_run_item_trainer (run);

  self->run = g_object_ref (run);
  self->probe = lw_trainer_watch_activation (trainer, self->layer, input, INTERVAL_MS);
  self->prediction_probe = lw_trainer_watch_prediction (trainer, input, INTERVAL_MS);
  self->poll_id = g_timeout_add (POLL_MS, poll_probes, self);
}

/* --- saved or untrained: one pass on a worker thread ---------------------------------------------
 */

typedef struct {
  LwGraph *graph;
  const LwBackend *backend;
  char *folder; /* of a saved run, or NULL */
  uint64_t seed;
  float *input;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  lw_graph_unref (job->graph);
  g_free (job->folder);
  g_free (job->input);
  g_free (job);
}

typedef struct {
  LwObservation *observation;
  bool trained; /* false: initial weights */
} Outcome;

static void
outcome_free (gpointer data)
{
  Outcome *outcome = data;

  lw_observation_free (outcome->observation);
  g_free (outcome);
}

static void
observe_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;
  g_autoptr (LwRun) run = job->folder != NULL ? lw_run_open (job->folder, NULL) : NULL;
  g_autofree char *weights = run != NULL ? lw_run_checkpoint (run, "best", NULL) : NULL;
  LwObservation *observation;
  Outcome *outcome;

  (void)source;
  (void)cancellable;
  lw_thread_give_way ();
  if (weights == NULL && run != NULL)
    weights = lw_run_checkpoint (run, "last", NULL);
  observation = lw_observe (job->graph, job->backend, weights, job->seed, job->input, &error);
  if (observation == NULL) {
    g_task_return_error (task, error);
    return;
  }
  outcome = g_new (Outcome, 1);
  *outcome = (Outcome){ observation, weights != NULL };
  g_task_return_pointer (task, outcome, outcome_free);
}

static void
observed (GObject *source, GAsyncResult *result, gpointer data)
{
  LwActivationSource *self = LW_ACTIVATION_SOURCE (source);
  g_autoptr (GError) error = NULL;
  Outcome *outcome = g_task_propagate_pointer (G_TASK (result), &error);

  (void)data;
  if (g_task_get_cancellable (G_TASK (result)) != self->observing) {
    g_clear_pointer (&outcome, outcome_free); /* another one has been started since */
    return;
  }
  g_clear_object (&self->observing);
  if (outcome != NULL) {
    self->observation = g_steal_pointer (&outcome->observation);
    self->trained = outcome->trained;
    outcome_free (outcome);
  } else {
    self->problem = g_strdup (error->message);
  }
  g_signal_emit (self, updated_signal, 0);
}

static void
observe (LwActivationSource *self, LwRunItem *run, float *input)
{
  Job *job = g_new0 (Job, 1);
  g_autoptr (GTask) task = NULL;

  if (run != NULL)
    self->progress = lw_run_item_progress (run);
  job->folder = run != NULL ? g_strdup (lw_run_item_folder (run)) : NULL;
  job->graph = lw_graph_ref (lw_workbench_graph (self->workbench));
  job->backend = lw_first_backend (lw_workbench_backends (self->workbench));
  job->seed = lw_workbench_settings (self->workbench)->seed;
  job->input = input;
  self->observing = g_cancellable_new ();
  task = g_task_new (self, self->observing, observed, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, observe_thread);
}

static LwNodeId
first_layer (LwGraph *graph)
{
  LwNodeId convolution = LW_NO_NODE;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);

    if (lw_op_info (node->op)->kind == LW_KIND_ACTIVATION && !node->shape.flat)
      return id;
    if (node->op == LW_OP_CONV2D && convolution == LW_NO_NODE)
      convolution = id;
  }
  return convolution != LW_NO_NODE ? convolution : lw_graph_output (graph);
}

static void
restart (LwActivationSource *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);
  LwGraph *graph = lw_workbench_graph (self->workbench);
  g_autofree float *input = NULL;

  forget (self);
  if (self->layer == LW_NO_NODE || self->layer >= lw_graph_n_nodes (graph))
    self->layer = first_layer (graph);
  if (self->active) {
    input = network_input (self);
    if (input != NULL && run != NULL && lw_run_item_is_live (run))
      watch (self, run, input);
    else if (input != NULL)
      observe (self, run, g_steal_pointer (&input));
  }
  g_signal_emit (self, updated_signal, 0);
}

/* --- what is asked for -------------------------------------------------------------------------
 */

static void
selection_changed (LwActivationSource *self)
{
  self->layer = LW_NO_NODE;
  restart (self);
}

void
lw_activation_source_set_layer (LwActivationSource *self, LwNodeId layer)
{
  if (layer == self->layer)
    return;
  self->layer = layer;
  if (self->observation != NULL && layer != LW_NO_NODE)
    g_signal_emit (self, updated_signal, 0); /* all layers are there already */
  else
    restart (self);
}

LwNodeId
lw_activation_source_layer (LwActivationSource *self)
{
  return self->layer;
}

void
lw_activation_source_set_image (LwActivationSource *self, int32_t index)
{
  if (index == self->image)
    return;
  self->image = index;
  restart (self);
}

int32_t
lw_activation_source_image (LwActivationSource *self)
{
  return self->image;
}

void
lw_activation_source_set_active (LwActivationSource *self, bool active)
{
  if (self->active == active)
    return;
  self->active = active;
  restart (self);
}

const float *
lw_activation_source_values (LwActivationSource *self, LwShape *ret_shape)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);

  if (self->layer == LW_NO_NODE || self->layer >= lw_graph_n_nodes (graph))
    return NULL;
  *ret_shape = lw_graph_node (graph, self->layer)->shape;
  if (self->frame != NULL)
    return self->frame->values;
  return self->observation != NULL ? lw_observation_values (self->observation, self->layer) : NULL;
}

const float *
lw_activation_source_probabilities (LwActivationSource *self)
{
  if (self->prediction_frame != NULL)
    return self->prediction_frame->values;
  return self->observation != NULL ? lw_observation_probabilities (self->observation) : NULL;
}

int64_t
lw_activation_source_step (LwActivationSource *self, int32_t *ret_epoch)
{
  *ret_epoch = self->progress.best_epoch;
  if (self->frame != NULL)
    return self->frame->step;
  if (!self->trained)
    return -1;
  /* One that was stopped in its first epoch has only its last weights. */
  return self->progress.best_epoch > 0 ? -2 : self->progress.step;
}

const char *
lw_activation_source_problem (LwActivationSource *self)
{
  return self->problem != NULL ? self->problem : lw_workbench_dataset_error (self->workbench);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static void
lw_activation_source_dispose (GObject *object)
{
  forget (LW_ACTIVATION_SOURCE (object));
  G_OBJECT_CLASS (lw_activation_source_parent_class)->dispose (object);
}

static void
lw_activation_source_class_init (LwActivationSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_activation_source_dispose;
  updated_signal = g_signal_new ("updated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_activation_source_init (LwActivationSource *self)
{
  self->layer = LW_NO_NODE;
}

LwActivationSource *
lw_activation_source_new (LwWorkbench *workbench)
{
  LwActivationSource *self = g_object_new (LW_TYPE_ACTIVATION_SOURCE, NULL);

  self->workbench = workbench;
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (restart), self,
                           G_CONNECT_SWAPPED);
  return self;
}
