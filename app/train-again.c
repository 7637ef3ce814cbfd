/* layerwise train --resume and --repeat: trainings that take another run's settings. */
#include "app/train-again.h"

#include "app/app.h"
#include "app/backends.h"
#include "engine/run_record.h"

#include <glib/gi18n.h>
#include <inttypes.h>

/* Options that are settings of the same name; switches have a value here. */
const LwTrainSetting lw_train_settings[] = {
  { "data", "data", NULL },
  { "resize", "resize", NULL },
  { "limit-train", "limit-train", NULL },
  { "limit-test", "limit-test", NULL },
  { "epochs", "epochs", NULL },
  { "steps", "steps", NULL },
  { "batch", "batch", NULL },
  { "learning-rate", "learning-rate", NULL },
  { "seed", "seed", NULL },
  { "no-shuffle", "shuffle", "false" },
  { "augment", "augment", NULL }, /* before those that change parts of it */
  { "flip", "flip", "true" },
  { "crop-padding", "crop-padding", NULL },
  { "crop-area", "crop-area", NULL },
  { "brightness", "brightness", NULL },
  { "contrast", "contrast", NULL },
  { "saturation", "saturation", NULL },
  { "hue", "hue", NULL },
  { "normalize", "normalize", NULL },
  { "optimizer", "optimizer", NULL },
  { "momentum", "momentum", NULL },
  { "weight-decay", "weight-decay", NULL },
  { "nesterov", "nesterov", "true" },
  { "schedule", "schedule", NULL },
  { "warmup-epochs", "warmup-epochs", NULL },
  { "patience", "patience", NULL },
  { "init", "init", NULL },
  { "init-partial", "init-partial", NULL },
  { "device", "device", NULL },
  { "precision", "precision", NULL },
  { "threads", "threads", NULL },
  { "batch-norm-statistics", "batch-norm-statistics", NULL },
  { "algorithms", "algorithms", NULL },
  { "checkpoint-every", "checkpoint-every", NULL },
  { "snapshots", "snapshots", NULL },
  { NULL, NULL, NULL },
};

/* Ways to train that keep a run's own settings. */
typedef struct {
  const char *name, *keeps[4]; /* options that may be given beside it */
  const char *sentence;
} OwnSettings;

static const OwnSettings resumes = {
  "resume",
  { "epochs", "steps" },
  N_ ("--resume goes on with the run's own settings, so --%s cannot be given; only --epochs and "
      "--steps may be raised")
};
static const OwnSettings repeats = {
  "repeat",
  { "output", "device", "threads" },
  N_ ("--repeat takes the run's own settings, so --%s cannot be given; only --output, --device and "
      "--threads can")
};

/* Any other option is a mistake. */
static bool
check_own_settings (const LwArgs *args, const OwnSettings *way, const char *folder,
                    const LwSettings *settings, GError **error)
{
  static const char *const others[] = { "set",    "input",  "classes", "names",
                                        "output", "resume", "repeat",  NULL };
  const char *model = lw_args_get (args, 0), *own = lw_options_model (settings->options)->name;
  const char *given = NULL;

  if (model != NULL && !g_str_equal (model, own)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("%s is a run of %s, not of %s"), folder, own,
                 model);
    return false;
  }
  for (guint i = 0; lw_train_settings[i].option != NULL && given == NULL; i++) {
    const char *option = lw_train_settings[i].option;

    if (lw_args_flag (args, option) && !g_strv_contains (way->keeps, option))
      given = option;
  }
  for (int i = 0; others[i] != NULL && given == NULL; i++) {
    if (lw_args_flag (args, others[i]) && !g_str_equal (others[i], way->name) &&
        !g_strv_contains (way->keeps, others[i]))
      given = others[i];
  }
  if (given == NULL)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ (way->sentence), given);
  return false;
}

static bool
check_raised (const char *option, int64_t value, int64_t own, GError **error)
{
  if (value == 0 || value >= own)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("--%s of a resumed run can only be raised; it is %" PRId64), option, own);
  return false;
}

/* Another number of workers adds up in another order. */
static void
note_workers (const LwCollective *collective, int32_t workers)
{
  if (lw_collective_size (collective) != workers)
    lw_app_note (ngettext ("The run was trained by %d worker; with %d its numbers differ in their "
                           "last digits.",
                           "The run was trained by %d workers; with %d its numbers differ in their "
                           "last digits.",
                           (gulong)workers),
                 workers, lw_collective_size (collective));
}

LwTrainer *
lw_train_resumed (const LwArgs *args, LwCollective *collective, LwDataset **ret_dataset,
                  int *ret_status, GError **error)
{
  const char *folder = lw_args_value (args, "resume");
  g_autoptr (LwSettings) settings = NULL;
  LwRunRecord record;
  int64_t epochs = 0, steps = 0;
  int32_t workers;

  *ret_status = LW_EXIT_USAGE;
  if (!lw_args_integer (args, "epochs", 1, 1000000, &epochs, error) ||
      !lw_args_integer (args, "steps", 1, G_GINT64_CONSTANT (1000000000000), &steps, error))
    return NULL;
  *ret_status = LW_EXIT_FAILED;
  if (!lw_run_record_read (folder, &record, error))
    return NULL;
  settings = g_steal_pointer (&record.settings);
  workers = record.workers;
  lw_run_record_clear (&record);
  if (!check_own_settings (args, &resumes, folder, settings, error) ||
      !check_raised ("epochs", epochs, settings->epochs, error) ||
      !check_raised ("steps", steps, settings->steps, error)) {
    *ret_status = LW_EXIT_USAGE;
    return NULL;
  }
  *ret_dataset = lw_dataset_open (settings->data, error);
  if (*ret_dataset == NULL)
    return NULL;
  note_workers (collective, workers);
  return lw_trainer_resume_shared (folder, lw_app_backends (), collective, *ret_dataset,
                                   (int32_t)epochs, steps, error);
}

LwTrainer *
lw_train_repeated (const LwArgs *args, LwCollective *collective, LwDataset **ret_dataset,
                   bool *ret_differs, int *ret_status, GError **error)
{
  const char *folder = lw_args_value (args, "repeat");
  g_autoptr (LwSettings) settings = NULL;
  LwTrainer *trainer;
  LwRunRecord record;
  int64_t threads = 0;
  int32_t workers;

  *ret_status = LW_EXIT_USAGE;
  if (!lw_args_integer (args, "threads", 1, 1024, &threads, error))
    return NULL;
  *ret_status = LW_EXIT_FAILED;
  if (!lw_run_record_read (folder, &record, error))
    return NULL;
  settings = g_steal_pointer (&record.settings);
  *ret_differs = lw_args_flag (args, "device") || lw_args_flag (args, "threads") ||
                 record.workers != lw_collective_size (collective);
  workers = record.workers;
  lw_run_record_clear (&record);
  if (!check_own_settings (args, &repeats, folder, settings, error)) {
    *ret_status = LW_EXIT_USAGE;
    return NULL;
  }
  *ret_dataset = lw_dataset_open (settings->data, error);
  if (*ret_dataset == NULL)
    return NULL;
  note_workers (collective, workers);
  trainer = lw_trainer_repeat_shared (folder, lw_app_backends (), collective, *ret_dataset,
                                      lw_args_value (args, "output"),
                                      lw_args_value (args, "device"), (int32_t)threads, error);
  if (trainer == NULL && lw_args_flag (args, "device") &&
      g_error_matches (*error, LW_ERROR, LW_ERROR_UNKNOWN))
    *ret_status = LW_EXIT_USAGE;
  return trainer;
}
