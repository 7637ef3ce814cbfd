#include "engine/run.h"

#include "engine/checkpoint.h"
#include "engine/formats/file.h"
#include "engine/i18n.h"
#include "engine/live_setting.h"
#include "engine/metrics.h"
#include "engine/number.h"
#include "engine/run_record.h"

#include <string.h>

/* The newest event's word on the best epoch; ties go to the earlier one. */
static void
find_best (LwRun *run)
{
  for (int64_t i = 0; i < lw_run_log_length (run->log); i++) {
    const LwEvent *event = lw_run_log_get (run->log, i);

    if (event->kind != LW_EVENT_EPOCH ||
        (run->best_epoch > 0 && event->test_accuracy <= run->best_test_accuracy))
      continue;
    run->best_epoch = (int32_t)CLAMP (event->epoch + 0.5, 1, G_MAXINT32);
    run->best_test_accuracy = event->test_accuracy;
  }
}

/* What run.json says while training may be the word of a program that was killed since. */
static LwRunState
true_state (LwRunState written, const char *folder)
{
  if (written >= LW_RUN_FINISHED)
    return written;
  return lw_run_is_trained (folder) ? LW_RUN_RUNNING : LW_RUN_STOPPED;
}

/* Everything but the events. */
static LwRun *
open_without_log (const char *folder, GError **error)
{
  g_autoptr (LwRun) run = g_new0 (LwRun, 1);
  LwRunRecord record;

  if (!lw_run_record_read (folder, &record, error))
    return NULL;
  run->folder = g_canonicalize_filename (folder, NULL);
  lw_run_notes_read (run->folder, &run->notes, NULL);
  run->name = run->notes.name != NULL ? g_strdup (run->notes.name)
              : record.name != NULL   ? g_steal_pointer (&record.name)
                                      : lw_run_default_name (run->folder);
  run->settings = g_steal_pointer (&record.settings);
  run->device = record.device != NULL ? g_steal_pointer (&record.device) : g_strdup ("");
  run->classes = g_steal_pointer (&record.classes);
  run->algorithms = g_steal_pointer (&record.algorithms);
  run->message = g_steal_pointer (&record.message);
  run->group = record.group;
  record.group = (LwRunGroup){ NULL };
  run->state = true_state (record.state, folder);
  run->started_unix = record.started_unix;
  run->total_steps = record.total_steps;
  run->steps_per_epoch = record.steps_per_epoch;
  run->peak_memory = record.peak_memory;
  run->log = lw_run_log_new ();
  lw_run_record_clear (&record);
  run->graph = lw_model_build (run->settings->options, error);
  return run->graph != NULL ? g_steal_pointer (&run) : NULL;
}

LwRun *
lw_run_open (const char *folder, GError **error)
{
  g_autoptr (LwRun) run = open_without_log (folder, error);
  g_autofree char *metrics = g_build_filename (folder, "metrics.csv", NULL);

  if (run == NULL || !lw_metrics_read (metrics, run->log, error))
    return NULL;
  find_best (run);
  return g_steal_pointer (&run);
}

LwRun *
lw_run_open_growing (const char *folder, LwMetricsTail **ret_tail, GError **error)
{
  g_autoptr (LwRun) run = open_without_log (folder, error);
  g_autofree char *metrics = g_build_filename (folder, "metrics.csv", NULL);
  g_autoptr (LwMetricsTail) tail = lw_metrics_tail_new (metrics);
  LwTailResult result;

  if (run == NULL)
    return NULL;
  while ((result = lw_metrics_tail_read (tail, run->log)) == LW_TAIL_MORE)
    ;
  if (result == LW_TAIL_TOO_LONG) {
    lw_metrics_refuse_long (metrics, error);
    return NULL;
  }
  if (result == LW_TAIL_REPLACED) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("\"%s\" changed while it was read, or is damaged."), metrics);
    lw_error_make_plain (error);
    return NULL;
  }
  find_best (run);
  *ret_tail = g_steal_pointer (&tail);
  return g_steal_pointer (&run);
}

void
lw_run_free (LwRun *run)
{
  if (run == NULL)
    return;
  g_free (run->folder);
  g_free (run->name);
  g_strfreev (run->classes);
  lw_settings_free (run->settings);
  g_clear_pointer (&run->graph, lw_graph_unref);
  lw_run_log_unref (run->log);
  g_free (run->device);
  g_free (run->message);
  lw_run_group_clear (&run->group);
  lw_run_notes_clear (&run->notes);
  lw_algorithm_list_free (run->algorithms);
  g_free (run);
}

/* --- the list --------------------------------------------------------------------------------- */

typedef struct {
  char *folder;
  int64_t started;
} LwListedRun;

static int
compare_runs (gconstpointer a, gconstpointer b)
{
  const LwListedRun *x = a, *y = b;

  if (x->started != y->started)
    return x->started < y->started ? 1 : -1;
  return strcmp (y->folder, x->folder);
}

char **
lw_runs_list (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (LwListedRun));
  char **folders;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    LwRunRecord record;
    LwListedRun listed;

    if (!lw_run_record_read (path, &record, NULL))
      continue;
    listed = (LwListedRun){ g_steal_pointer (&path), record.started_unix };
    g_array_append_val (runs, listed);
    lw_run_record_clear (&record);
  }
  g_clear_pointer (&dir, g_dir_close);
  g_array_sort (runs, compare_runs);
  folders = g_new0 (char *, runs->len + 1);
  for (guint i = 0; i < runs->len; i++)
    folders[i] = g_array_index (runs, LwListedRun, i).folder;
  return folders;
}

/* --- checkpoints ------------------------------------------------------------------------------ */

static bool
has_checkpoint (const char *folder, int64_t step)
{
  g_autofree char *path = lw_checkpoint_path (folder, step);

  return step >= 0 && g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

/* "40, 120 and 160": what there is. */
static char *
list_steps (const GArray *steps)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < steps->len; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT,
                            i == 0                ? ""
                            : i + 1 == steps->len ? " and "
                                                  : ", ",
                            g_array_index (steps, int64_t, i));
  return g_string_free (text, FALSE);
}

char *
lw_run_checkpoint (const LwRun *run, const char *which, GError **error)
{
  g_autoptr (GArray) steps = lw_checkpoint_list (run->folder);
  g_autofree char *all = list_steps (steps);
  LwRunRecord record;
  int64_t step = -1;

  if (steps->len == 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_IO,
                 _ ("The run \"%s\" has no checkpoint yet; the first is written after an epoch."),
                 run->name);
    return NULL;
  }
  if (strcmp (which, "last") != 0 && strcmp (which, "best") != 0) {
    if (!lw_number_parse_signed (which, &step) || !has_checkpoint (run->folder, step)) {
      g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                   _ ("The run \"%s\" has no checkpoint \"%s\"; there are last, best and the steps "
                      "%s."),
                   run->name, which, all);
      return NULL;
    }
    return lw_checkpoint_path (run->folder, step);
  }
  if (!lw_run_record_read (run->folder, &record, error))
    return NULL;
  step = strcmp (which, "best") == 0 ? record.best_checkpoint : record.last_checkpoint;
  if (step < 0 && strcmp (which, "best") == 0)
    step = record.last_checkpoint; /* no test yet: the last is the best there is */
  lw_run_record_clear (&record);
  if (!has_checkpoint (run->folder, step))
    step = g_array_index (steps, int64_t, steps->len - 1);
  return lw_checkpoint_path (run->folder, step);
}

/* --- export ----------------------------------------------------------------------------------- */

/* A cell as RFC 4180 has it: quoted where it holds a comma, a quote or a line's end. */
static void
append_cell (GString *csv, const char *text)
{
  if (strpbrk (text, ",\"\r\n") == NULL) {
    g_string_append (csv, text);
    return;
  }
  g_string_append_c (csv, '"');
  for (; *text != '\0'; text++)
    g_string_append_len (csv, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
  g_string_append_c (csv, '"');
}

static void
append_value (GString *csv, const char *run, const LwEvent *event, const char *split,
              const char *metric, float value)
{
  char epoch[LW_NUMBER_SIZE], time[LW_NUMBER_SIZE], text[LW_NUMBER_SIZE];

  append_cell (csv, run);
  g_ascii_formatd (epoch, sizeof epoch, "%.9g", event->epoch);
  g_ascii_formatd (time, sizeof time, "%.9g", event->time_s);
  g_ascii_formatd (text, sizeof text, "%.9g", (double)value);
  g_string_append_printf (csv, ",%" G_GINT64_FORMAT ",%s,%s,%s,%s,%s\n", event->step, epoch, time,
                          split, metric, text);
}

static void
append_event (GString *csv, const char *run, const LwEvent *event)
{
  switch (event->kind) {
  case LW_EVENT_STEP:
    append_value (csv, run, event, "train", "loss", event->loss);
    append_value (csv, run, event, "train", "accuracy", event->accuracy);
    append_value (csv, run, event, "train", "learning_rate", event->learning_rate);
    append_value (csv, run, event, "train", "examples_per_second", event->examples_per_second);
    break;
  case LW_EVENT_EPOCH:
    append_value (csv, run, event, "train", "epoch_loss", event->loss);
    append_value (csv, run, event, "train", "epoch_accuracy", event->accuracy);
    append_value (csv, run, event, "test", "loss", event->test_loss);
    append_value (csv, run, event, "test", "accuracy", event->test_accuracy);
    break;
  case LW_EVENT_SETTING: {
    g_autofree char *name = g_strdelimit (g_strdup (lw_live_name (event->setting)), "-", '_');

    append_value (csv, run, event, "setting", name, (float)event->value);
    break;
  }
  case LW_EVENT_START:
  case LW_EVENT_END:
    break;
  }
}

bool
lw_run_export_csv (const LwRun *run, const char *path, GError **error)
{
  g_autoptr (LwReplacement) file = lw_replacement_new (path, error);
  g_autoptr (GString) csv = g_string_new ("run,step,epoch,wall_time_s,split,metric,value\n");

  if (file == NULL)
    return false;
  for (int64_t i = 0; i < lw_run_log_length (run->log); i++) {
    append_event (csv, run->name, lw_run_log_get (run->log, i));
    if (csv->len < 65536)
      continue;
    if (!lw_replacement_write (file, csv->str, csv->len, error))
      return false;
    g_string_truncate (csv, 0);
  }
  return lw_replacement_write (file, csv->str, csv->len, error) &&
         lw_replacement_commit (file, error);
}
