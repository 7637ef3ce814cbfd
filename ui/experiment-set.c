#include "ui/experiment-set-private.h"

#include "engine/priority.h"
#include "ui/run-queue.h"

#include <glib/gi18n.h>

#define ADVANCE_MS 400

G_DEFINE_FINAL_TYPE (LwExperimentSet, lw_experiment_set, G_TYPE_OBJECT)

enum { CHANGED, ADVANCED, N_SIGNALS };
static guint signals[N_SIGNALS];

static int
n_slots (void)
{
  return lw_n_experiments () * LW_N_SIZES;
}

LwWorkbench *
lw_experiment_set_workbench (LwExperimentSet *self)
{
  return self->workbench;
}

LwExperimentSlot *
lw_experiment_slot (LwExperimentSet *self, const LwExperiment *experiment, LwExperimentSize size)
{
  return &self->slots[(experiment - lw_experiment (0)) * LW_N_SIZES + (int)size];
}

static LwRunQueue *
queue_of (LwExperimentSet *self)
{
  return lw_workbench_queue (self->workbench);
}

static void
clear_study (LwExperimentSlot *slot)
{
  slot->studied = LW_NOT_STUDIED;
  slot->serial = 0;
  g_clear_pointer (&slot->filters, lw_filters_free);
  g_clear_pointer (&slot->message, g_free);
}

/* --- the file -----------------------------------------------------------------------------------
 */

static void
writing_failed (gpointer data, const char *sentence)
{
  g_signal_emit_by_name (LW_EXPERIMENT_SET (data)->workbench, "complained", sentence);
}

/* What is not ours as the file has it. */
static void
read_file (LwExperimentSet *self)
{
  g_autofree char *path = lw_experiment_results_path ();
  g_autoptr (GPtrArray) results = lw_experiment_results_read (path, NULL);

  for (guint i = 0; results != NULL && i < results->len; i++) {
    LwExperimentResult *result = results->pdata[i];
    LwExperimentSlot *slot = lw_experiment_slot (self, result->experiment, result->size);

    if (slot->ours)
      continue;
    if (slot->result != NULL && g_strcmp0 (slot->result->folders[0], result->folders[0]) != 0)
      clear_study (slot); /* it was of another run */
    lw_experiment_result_free (slot->result);
    slot->result = result;
    results->pdata[i] = NULL;
  }
}

/* With what the command line, or another window, has added meanwhile. */
static void
save (LwExperimentSet *self)
{
  g_autoptr (GPtrArray) results = g_ptr_array_new ();

  read_file (self);
  for (int i = 0; i < n_slots (); i++)
    if (self->slots[i].result != NULL)
      g_ptr_array_add (results, self->slots[i].result);
  lw_queue_writer_put (self->writer, lw_experiment_results_to_json (results), self->gone,
                       writing_failed, self);
}

/* --- runs ---------------------------------------------------------------------------------------
 */

LwRunItem *
lw_experiment_slot_run (LwExperimentSet *self, const LwExperimentSlot *slot, int run)
{
  return slot->result != NULL && slot->result->folders[run] != NULL
             ? lw_workbench_find_run (self->workbench, slot->result->folders[run])
             : NULL;
}

LwRunItem *
lw_experiment_set_run (LwExperimentSet *self, const LwExperiment *experiment, LwExperimentSize size,
                       int run)
{
  return lw_experiment_slot_run (self, lw_experiment_slot (self, experiment, size), run);
}

/* All have ended with something to say. */
static bool
is_trained (LwExperimentSet *self, const LwExperimentSlot *slot)
{
  if (slot->result == NULL)
    return false;
  for (int i = 0; i < slot->result->experiment->n_runs; i++) {
    LwRunItem *run = lw_experiment_slot_run (self, slot, i);

    if (run == NULL ||
        (lw_run_item_state (run) != LW_RUN_FINISHED && lw_run_item_state (run) != LW_RUN_DIVERGED))
      return false;
  }
  return true;
}

static LwQueueProgress
queue_progress (LwExperimentSet *self, const LwExperimentSlot *slot)
{
  return slot->result != NULL && slot->result->group != NULL
             ? lw_run_queue_progress (queue_of (self), slot->result->group)
             : (LwQueueProgress){ .remaining_s = -1 };
}

/* What the queue has begun since the last look. True: there was something. */
static bool
take_folders (LwExperimentSet *self, LwExperimentSlot *slot)
{
  g_autoptr (GPtrArray) runs = NULL;
  bool taken = false;

  if (slot->result == NULL || slot->result->group == NULL)
    return false;
  runs = lw_run_queue_group (queue_of (self), slot->result->group);
  for (guint i = 0; i < runs->len; i++) {
    const LwQueueEntry *entry = lw_queued_run_entry (runs->pdata[i]);

    for (int k = 0; k < slot->result->experiment->n_runs && entry->folder != NULL; k++) {
      const char *label = slot->result->labels[k] != NULL
                              ? slot->result->labels[k]
                              : _ (slot->result->experiment->runs[k].label);

      if (g_strcmp0 (entry->group.label, label) != 0 ||
          g_strcmp0 (entry->folder, slot->result->folders[k]) == 0)
        continue;
      g_free (slot->result->folders[k]);
      slot->result->folders[k] = g_strdup (entry->folder);
      slot->ours = taken = true;
    }
  }
  return taken;
}

/* --- looking at trained networks ----------------------------------------------------------------
 */

typedef struct {
  LwStudy study;
  int slot;
  guint serial;
  char *folder;
  const LwBackend *const *backends;
  LwNumbers numbers;
  LwFilters *filters;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->filters, lw_filters_free);
  g_free (job->folder);
  g_free (job);
}

static void
study_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;

  (void)source;
  (void)cancellable;
  lw_thread_give_way ();
  lw_numbers_init (&job->numbers);
  if (job->study == LW_STUDY_FILTERS)
    job->filters = lw_filters_read (job->folder, NULL);
  if (lw_study_load (job->study, job->folder, &job->numbers) ||
      lw_study_run (job->study, job->folder, job->backends, NULL, &job->numbers, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
studied (GObject *source, GAsyncResult *result, gpointer data)
{
  LwExperimentSet *self = LW_EXPERIMENT_SET (source);
  Job *job = g_task_get_task_data (G_TASK (result));
  LwExperimentSlot *slot = &self->slots[job->slot];
  g_autoptr (GError) error = NULL;
  const bool done = g_task_propagate_boolean (G_TASK (result), &error);

  (void)data;
  if (slot->serial != job->serial)
    return; /* of runs that are no longer its */
  slot->studied = done ? LW_STUDIED : LW_NOT_STUDIABLE;
  slot->study = job->numbers;
  slot->filters = g_steal_pointer (&job->filters);
  slot->message = done ? NULL : g_strdup (error->message);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
study (LwExperimentSet *self, int index)
{
  LwExperimentSlot *slot = &self->slots[index];
  g_autoptr (GTask) task = NULL;
  Job *job;

  if (slot->studied != LW_NOT_STUDIED || slot->result == NULL ||
      slot->result->experiment->study == LW_STUDY_NONE || !is_trained (self, slot))
    return;
  job = g_new0 (Job, 1);
  job->study = slot->result->experiment->study;
  job->slot = index;
  job->serial = slot->serial = ++self->serial;
  job->folder = g_strdup (slot->result->folders[0]);
  job->backends = lw_workbench_backends (self->workbench);
  slot->studied = LW_STUDYING;
  task = g_task_new (self, self->gone, studied, NULL);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, study_thread);
}

/* --- what goes on -------------------------------------------------------------------------------
 */

LwExperimentProgress
lw_experiment_set_progress (LwExperimentSet *self, const LwExperiment *experiment,
                            LwExperimentSize size)
{
  const LwExperimentSlot *slot = lw_experiment_slot (self, experiment, size);
  const LwQueueProgress queue = queue_progress (self, slot);
  LwExperimentProgress progress = { .remaining_s = queue.remaining_s, .fraction = queue.fraction };
  int found = 0;

  for (int i = 0; i < experiment->n_runs; i++) {
    LwRunItem *run = lw_experiment_slot_run (self, slot, i);

    found += run != NULL;
    if (run != NULL)
      progress.train_s += lw_run_item_progress (run).elapsed_s;
  }
  progress.current = MIN (queue.done + queue.failed + queue.cancelled + 1, experiment->n_runs);
  progress.message = slot->message;
  if (queue.running > 0)
    progress.state = LW_EXPERIMENT_RUNNING;
  else if (queue.waiting > 0)
    progress.state = queue.done > 0 ? LW_EXPERIMENT_RUNNING : LW_EXPERIMENT_WAITING;
  else if (slot->studied == LW_STUDYING)
    progress.state = LW_EXPERIMENT_STUDYING;
  else if (is_trained (self, slot))
    progress.state = LW_EXPERIMENT_DONE;
  else
    progress.state = found > 0 ? LW_EXPERIMENT_PARTLY : LW_EXPERIMENT_NEW;
  return progress;
}

static bool
is_any_active (LwExperimentSet *self)
{
  for (int i = 0; i < n_slots (); i++) {
    const LwQueueProgress progress = queue_progress (self, &self->slots[i]);

    if (progress.running > 0 || progress.waiting > 0)
      return true;
  }
  return false;
}

static gboolean
advance (gpointer data)
{
  LwExperimentSet *self = data;

  if (is_any_active (self)) {
    g_signal_emit (self, signals[ADVANCED], 0);
    return G_SOURCE_CONTINUE;
  }
  self->advance_id = 0;
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static void
look (LwExperimentSet *self)
{
  bool taken = false;

  for (int i = 0; i < n_slots (); i++) {
    taken = take_folders (self, &self->slots[i]) || taken;
    study (self, i);
  }
  if (taken)
    save (self);
  if (self->advance_id == 0 && is_any_active (self))
    self->advance_id = g_timeout_add (ADVANCE_MS, advance, self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* --- start and stop -----------------------------------------------------------------------------
 */

void
lw_experiment_set_limit (LwExperimentSet *self, const char *changes)
{
  g_free (self->limit);
  self->limit = g_strdup (changes);
}

LwSettings *
lw_experiment_set_settings (LwExperimentSet *self, const LwExperiment *experiment,
                            LwExperimentSize size, int run, GError **error)
{
  g_autoptr (LwSettings) settings = lw_experiment_settings (experiment, size, run, error);
  g_autoptr (LwSettings) recipe = NULL;
  g_autofree char *classes = NULL;
  LwShape input;

  if (settings == NULL)
    return NULL;
  /* Data, device and threads are the window's. */
  recipe = lw_workbench_recipe (self->workbench, settings->options, false);
  g_free (settings->data);
  g_free (settings->device);
  settings->data = g_strdup (recipe->data);
  settings->device = g_strdup (recipe->device);
  settings->threads = recipe->threads;
  input = lw_options_input (settings->options);
  input.c = lw_options_input (recipe->options).c;
  classes = lw_options_get (recipe->options, "classes");
  if (!lw_options_set_input (settings->options, input, error) ||
      !lw_options_set (settings->options, "classes", classes, error) ||
      !lw_experiment_change (settings, self->limit, error) || !lw_settings_check (settings, error))
    return NULL;
  return g_steal_pointer (&settings);
}

bool
lw_experiment_set_start (LwExperimentSet *self, const LwExperiment *experiment,
                         LwExperimentSize size, GError **error)
{
  LwExperimentSlot *slot = lw_experiment_slot (self, experiment, size);
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_sweep_run_free);

  for (int i = 0; i < experiment->n_runs; i++) {
    LwSettings *settings = lw_experiment_set_settings (self, experiment, size, i, error);
    LwSweepRun *run;

    if (settings == NULL)
      return false;
    run = g_new0 (LwSweepRun, 1);
    run->settings = settings;
    run->label = g_strdup (_ (experiment->runs[i].label));
    g_ptr_array_add (runs, run);
  }
  lw_experiment_set_stop (self, experiment, size);
  lw_experiment_result_free (slot->result);
  clear_study (slot);
  slot->result = g_new0 (LwExperimentResult, 1);
  slot->result->experiment = experiment;
  slot->result->size = size;
  slot->ours = true;
  for (int i = 0; i < experiment->n_runs; i++)
    slot->result->labels[i] = g_strdup (((const LwSweepRun *)runs->pdata[i])->label);
  slot->result->group = lw_run_queue_add_group (queue_of (self), runs, _ (experiment->question));
  save (self);
  look (self);
  return true;
}

void
lw_experiment_set_stop (LwExperimentSet *self, const LwExperiment *experiment,
                        LwExperimentSize size)
{
  const LwExperimentSlot *slot = lw_experiment_slot (self, experiment, size);
  g_autoptr (GPtrArray) runs = NULL;

  if (slot->result == NULL || slot->result->group == NULL)
    return;
  runs = lw_run_queue_group (queue_of (self), slot->result->group);
  for (guint i = 0; i < runs->len; i++) {
    LwQueuedRun *run = runs->pdata[i];
    LwRunItem *item = lw_queued_run_item (run);

    if (lw_queued_run_state (run) == LW_QUEUED_WAITING)
      lw_run_queue_remove (queue_of (self), run);
    else if (lw_queued_run_state (run) == LW_QUEUED_RUNNING && item != NULL &&
             lw_run_item_trainer (item) != NULL)
      lw_trainer_stop (lw_run_item_trainer (item));
  }
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static void
lw_experiment_set_dispose (GObject *object)
{
  LwExperimentSet *self = LW_EXPERIMENT_SET (object);

  g_cancellable_cancel (self->gone);
  g_clear_handle_id (&self->advance_id, g_source_remove);
  if (self->writer != NULL)
    lw_queue_writer_flush (self->writer);
  g_clear_pointer (&self->writer, lw_queue_writer_unref);
  G_OBJECT_CLASS (lw_experiment_set_parent_class)->dispose (object);
}

static void
lw_experiment_set_finalize (GObject *object)
{
  LwExperimentSet *self = LW_EXPERIMENT_SET (object);

  for (int i = 0; i < n_slots (); i++) {
    lw_experiment_result_free (self->slots[i].result);
    clear_study (&self->slots[i]);
  }
  g_free (self->slots);
  g_free (self->limit);
  g_object_unref (self->gone);
  G_OBJECT_CLASS (lw_experiment_set_parent_class)->finalize (object);
}

static void
lw_experiment_set_class_init (LwExperimentSetClass *klass)
{
  static const char *const names[N_SIGNALS] = { "changed", "advanced" };

  G_OBJECT_CLASS (klass)->dispose = lw_experiment_set_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_experiment_set_finalize;
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_experiment_set_init (LwExperimentSet *self)
{
  self->slots = g_new0 (LwExperimentSlot, n_slots ());
  self->gone = g_cancellable_new ();
}

LwExperimentSet *
lw_experiment_set_new (LwWorkbench *workbench)
{
  LwExperimentSet *self = g_object_new (LW_TYPE_EXPERIMENT_SET, NULL);
  g_autofree char *path = lw_experiment_results_path ();

  self->workbench = workbench;
  self->writer = lw_queue_writer_new_for (path);
  read_file (self);
  g_signal_connect_object (queue_of (self), "changed", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (lw_workbench_runs (workbench), "items-changed", G_CALLBACK (look), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "run-ended", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
  look (self);
  return self;
}
