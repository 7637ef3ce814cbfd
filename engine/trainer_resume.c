/* Runs that were begun before: resumed where they stood, or repeated from their beginning. */
#include "engine/trainer_private.h"

#include "engine/device_choice.h"
#include "engine/i18n.h"

#include <inttypes.h>
#include <string.h>

/* --- resuming --------------------------------------------------------------------------------- */

/* `epochs` and `steps`, where given, replace the settings'; neither may go below what it was. */
static bool
raise_end (LwSettings *settings, const LwRunRecord *record, int32_t epochs, int64_t steps,
           GError **error)
{
  int64_t total;

  if (epochs > 0 && steps <= 0)
    settings->steps = 0;
  if (epochs > 0)
    settings->epochs = epochs;
  if (steps > 0)
    settings->steps = steps;
  total = settings->steps > 0 ? settings->steps : settings->epochs * record->steps_per_epoch;
  if (total >= record->total_steps)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("The run was to take %" PRId64 " steps (%" PRId64
                  " an epoch); when it is resumed it can become longer, not shorter."),
               record->total_steps, record->steps_per_epoch);
  return false;
}

/* What cannot differ if the rest of the run shall be the same as without the break. */
static bool
check_same_data (const LwTrainer *trainer, const LwRunRecord *record, GError **error)
{
  if (trainer->train_examples == record->train_examples &&
      trainer->test_examples == record->test_examples)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("The run was trained with %d images and tested with %d of %s, but this data set "
                  "gives %d and %d; resume it with the data that it began with."),
               record->train_examples, record->test_examples,
               record->data_name != NULL ? record->data_name : _ ("its data set"),
               trainer->train_examples, trainer->test_examples);
  return false;
}

static bool
open_checkpoint (LwTrainer *trainer, int64_t step, GError **error)
{
  g_autofree char *path = lw_checkpoint_path (trainer->folder, step);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, error);
  LwPosition position;

  if (file == NULL || !lw_checkpoint_position (file, name, &position, error))
    return false;
  if (position.step != step || position.best_step > step) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("\"%s\" says that it is of step %" PRId64 "; it was renamed or damaged."), name,
                 position.step);
    return false;
  }
  trainer->position = position;
  trainer->resume_file = g_steal_pointer (&file);
  return true;
}

/* The one that run.json names; if that is damaged, the newest other that is whole. A run that was
 * killed before its first checkpoint starts again. */
static bool
find_checkpoint (LwTrainer *trainer, int64_t last, GError **error)
{
  g_autoptr (GArray) steps = lw_checkpoint_list (trainer->folder);
  g_autoptr (GError) first = NULL;

  if (last >= 0 && open_checkpoint (trainer, last, &first))
    return true;
  for (guint i = steps->len; i-- > 0;)
    if (open_checkpoint (trainer, g_array_index (steps, int64_t, i), first == NULL ? &first : NULL))
      return true;
  if (first == NULL)
    return lw_trainer_check_init (trainer, error);
  g_propagate_error (error, g_steal_pointer (&first));
  return false;
}

static bool
is_same_change (const LwEvent *a, const LwEvent *b)
{
  return a->kind == LW_EVENT_SETTING && b->kind == LW_EVENT_SETTING && a->step == b->step &&
         a->setting == b->setting && a->value == b->value;
}

/* `changes`: what run.json says was still to be repeated when it was last written; of which the
 * log, `events` long before the checkpoint, may hold the first since. */
static void
find_replay (LwTrainer *trainer, const LwRunLog *log, int64_t events, const GArray *changes)
{
  guint done = 0;

  trainer->replay = g_array_new (FALSE, FALSE, sizeof (LwEvent));
  for (int64_t i = 0; i < lw_run_log_length (log); i++) {
    const LwEvent *event = lw_run_log_get (log, i);

    if (event->kind != LW_EVENT_SETTING)
      continue;
    if (i >= events)
      g_array_append_val (trainer->replay, *event);
    for (guint k = done; changes != NULL && k < changes->len; k++)
      if (is_same_change (event, &g_array_index (changes, LwEvent, k))) {
        done = k + 1; /* those before it changed nothing */
        break;
      }
  }
  if (changes != NULL)
    g_array_append_vals (trainer->replay, &g_array_index (changes, LwEvent, done),
                         changes->len - done);
}

/* Of the rows after the checkpoint only the changed settings count, as far as they can be read. */
static bool
load_log (LwTrainer *trainer, const char *path, const GArray *changes, GError **error)
{
  const int64_t before = trainer->resume_file != NULL ? trainer->position.events : 0;
  g_autoptr (LwRunLog) all = lw_run_log_new ();
  g_autoptr (GError) damage = NULL;
  bool whole;

  lw_run_log_spill (all, trainer->folder);
  whole = lw_metrics_read (path, all, &damage);
  if (lw_run_log_length (all) < before) {
    if (whole)
      g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                   _ ("\"%s\" has lost rows that its checkpoint counts on; it was shortened."),
                   path);
    else
      g_propagate_error (error, g_steal_pointer (&damage));
    return false;
  }
  for (int64_t i = 0; i < before; i++)
    lw_run_log_append (trainer->log, lw_run_log_get (all, i));
  find_replay (trainer, all, before, changes);
  return true;
}

/* What the files say of the time before the checkpoint. */
static bool
load_past (LwTrainer *trainer, const GArray *changes, GError **error)
{
  g_autofree char *metrics = g_build_filename (trainer->folder, "metrics.csv", NULL);
  g_autofree char *path = g_build_filename (trainer->folder, "bn-history.safetensors", NULL);
  const bool from_start = trainer->resume_file == NULL;
  LwBnHistory *history;

  if (!load_log (trainer, metrics, changes, error))
    return false;
  if (from_start)
    return true;
  lw_records_resume (trainer->records, trainer->folder, trainer->position.step);
  if (trainer->history == NULL)
    return true;
  /* A picture, not a part of the training: without it the run goes on with a new one. */
  history = lw_bn_history_load (trainer->graph, path, NULL);
  if (history != NULL) {
    lw_bn_history_free (trainer->history);
    trainer->history = history;
    lw_bn_history_truncate (history, trainer->position.step);
  }
  return true;
}

static LwTrainer *
resume (const char *folder, LwRunRecord *record, const LwBackend *const *backends,
        LwCollective *collective, LwDataset *dataset, int32_t epochs, int64_t steps, GError **error)
{
  g_autoptr (LwSettings) settings = lw_settings_copy (record->settings);
  const char *device = settings->device;
  LwTrainer *trainer;
  int unused;

  if (!raise_end (settings, record, epochs, steps, error))
    return NULL;
  /* Only the same backend and the same algorithms continue with the same bits. A run that does not
   * name its algorithms began before they were timed. */
  if (record->algorithms == NULL)
    settings->algorithms = LW_ALGORITHMS_FIXED;
  if (strcmp (device, "auto") == 0 && record->device != NULL &&
      lw_device_choose (backends, record->device, &unused, NULL) != NULL)
    device = record->device;
  trainer = lw_trainer_prepare (g_steal_pointer (&settings), backends, collective, device, dataset,
                                error);
  if (trainer == NULL)
    return NULL;
  trainer->resumed = true;
  if (record->threads > 0 && record->workers == lw_collective_size (collective))
    trainer->threads = record->threads;
  trainer->folder = g_canonicalize_filename (folder, NULL);
  lw_run_log_spill (trainer->log, trainer->folder);
  if (!check_same_data (trainer, record, error))
    goto fail;
  trainer->lock_fd = lw_run_lock (trainer->folder, error);
  if (trainer->lock_fd < 0 || !find_checkpoint (trainer, record->last_checkpoint, error) ||
      !load_past (trainer, record->changes, error))
    goto fail;
  lw_trainer_fill_record (trainer);
  trainer->record.name =
      record->name != NULL ? g_strdup (record->name) : lw_run_default_name (trainer->folder);
  trainer->record.group = lw_run_group_copy (&record->group);
  trainer->record.started_unix = record->started_unix;
  trainer->record.algorithms = g_steal_pointer (&record->algorithms);
  trainer->record.patience_from = record->patience_from;
  if (record->state == LW_RUN_FINISHED && (epochs > 0 || steps > 0))
    trainer->record.patience_from = (int32_t)(trainer->position.step / trainer->steps_per_epoch);
  trainer->record.last_checkpoint = trainer->resume_file != NULL ? trainer->position.step : -1;
  trainer->record.best_checkpoint =
      trainer->position.best_epoch > 0 ? trainer->position.best_step : -1;
  return lw_trainer_launch (trainer, error);

fail:
  lw_trainer_dispose (trainer);
  return NULL;
}

LwTrainer *
lw_trainer_resume (const char *run_folder, const LwBackend *const *backends, LwDataset *dataset,
                   int32_t epochs, int64_t steps, GError **error)
{
  return lw_trainer_resume_shared (run_folder, backends, NULL, dataset, epochs, steps, error);
}

LwTrainer *
lw_trainer_resume_shared (const char *run_folder, const LwBackend *const *backends,
                          LwCollective *collective, LwDataset *dataset, int32_t epochs,
                          int64_t steps, GError **error)
{
  LwRunRecord record;
  LwTrainer *trainer;

  if (!lw_run_record_read (run_folder, &record, error))
    return NULL;
  trainer = resume (run_folder, &record, backends, collective, dataset, epochs, steps, error);
  lw_run_record_clear (&record);
  return trainer;
}

/* --- repeating -------------------------------------------------------------------------------- */

/* All changes of its log, and where it ended if that was not its own end. */
static bool
repeat_log (LwTrainer *trainer, const char *folder, LwRunState state, GError **error)
{
  g_autofree char *metrics = g_build_filename (folder, "metrics.csv", NULL);
  g_autoptr (LwRunLog) log = lw_run_log_new ();

  if (!lw_metrics_read (metrics, log, error))
    return false;
  find_replay (trainer, log, 0, NULL);
  if (state != LW_RUN_FINISHED && state != LW_RUN_DIVERGED && lw_run_log_length (log) > 0)
    trainer->last_step = lw_run_log_get (log, lw_run_log_length (log) - 1)->step;
  return true;
}

static LwTrainer *
repeat (const char *folder, LwRunRecord *record, const LwBackend *const *backends,
        LwCollective *collective, LwDataset *dataset, const char *output, const char *device,
        int32_t threads, GError **error)
{
  g_autoptr (LwSettings) settings = lw_settings_copy (record->settings);
  g_autofree char *own = NULL, *initial = g_build_filename (folder, LW_INITIAL_WEIGHTS, NULL);
  const bool elsewhere =
      device != NULL && record->device != NULL && strcmp (device, record->device) != 0;
  LwTrainer *trainer;

  if (record->algorithms == NULL)
    settings->algorithms = LW_ALGORITHMS_FIXED;
  if (threads > 0 || (record->threads > 0 && record->workers == lw_collective_size (collective)))
    settings->threads = threads > 0 ? threads : record->threads;
  if (device == NULL) /* "auto" may be another one here */
    device = record->device != NULL && strcmp (settings->device, "auto") == 0 ? record->device
                                                                              : settings->device;
  if ((settings->init != NULL || settings->init_partial != NULL) &&
      g_file_test (initial, G_FILE_TEST_EXISTS)) {
    g_clear_pointer (&settings->init_partial, g_free);
    g_free (settings->init);
    settings->init = g_steal_pointer (&initial);
  }
  if (device != settings->device) {
    g_free (settings->device);
    settings->device = g_strdup (device);
  }
  own = g_strdup (settings->device);
  trainer =
      lw_trainer_prepare (g_steal_pointer (&settings), backends, collective, own, dataset, error);
  if (trainer == NULL)
    return NULL;
  if (!check_same_data (trainer, record, error) ||
      !repeat_log (trainer, folder, record->state, error)) {
    lw_trainer_dispose (trainer);
    return NULL;
  }
  trainer->record.patience_from = record->patience_from;
  if (!elsewhere)
    trainer->record.algorithms = g_steal_pointer (&record->algorithms);
  return lw_trainer_begin_folder (trainer, output, error);
}

LwTrainer *
lw_trainer_repeat (const char *run_folder, const LwBackend *const *backends, LwDataset *dataset,
                   const char *output, const char *device, int32_t threads, GError **error)
{
  return lw_trainer_repeat_shared (run_folder, backends, NULL, dataset, output, device, threads,
                                   error);
}

LwTrainer *
lw_trainer_repeat_shared (const char *run_folder, const LwBackend *const *backends,
                          LwCollective *collective, LwDataset *dataset, const char *output,
                          const char *device, int32_t threads, GError **error)
{
  LwRunRecord record;
  LwTrainer *trainer;

  if (!lw_run_record_read (run_folder, &record, error))
    return NULL;
  if (lw_run_is_locked (run_folder) ||
      (record.state < LW_RUN_FINISHED && lw_run_is_trained (run_folder))) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("The run in \"%s\" is still being trained; repeat it when it has ended."),
                 run_folder);
    trainer = NULL;
  } else
    trainer =
        repeat (run_folder, &record, backends, collective, dataset, output, device, threads, error);
  lw_run_record_clear (&record);
  return trainer;
}
