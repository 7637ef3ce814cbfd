/* layerwise experiment: a question, the few trainings that answer it, and the answer. */
#include "app/app.h"
#include "app/backends.h"
#include "app/json-writer.h"
#include "app/table.h"
#include "app/together.h"
#include "app/train-report.h"
#include "engine/experiment_file.h"
#include "engine/experiment_study.h"
#include "engine/record_health.h"
#include "engine/trainer.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>

#define POLL_US 10000

typedef struct {
  const LwExperiment *experiment;
  LwExperimentSize size;
  const LwArgs *args;
  bool json, interrupted;
  LwTrainer *trainer; /* that goes on; NULL: none */
  LwExperimentResult *result;
  LwNumbers numbers[LW_EXPERIMENT_RUNS];
} Work;

/* --- the list --------------------------------------------------------------------------------- */

static char *
about (double seconds)
{
  if (seconds < 90)
    return g_strdup_printf (_ ("about %.0f s"), seconds);
  if (seconds < 5400)
    return g_strdup_printf (_ ("about %.0f min"), seconds / 60);
  return g_strdup_printf (_ ("about %.0f h"), seconds / 3600);
}

static void
print_list (void)
{
  g_autoptr (LwTable) table = lw_table_new ("llrrr");

  lw_table_cell (table, "%s", _ ("name"));
  lw_table_cell (table, "%s", _ ("question"));
  lw_table_cell (table, "%s", _ ("runs"));
  lw_table_cell (table, "%s", _ ("quick"));
  lw_table_cell (table, "%s", _ ("--book"));
  for (int i = 0; i < lw_n_experiments (); i++) {
    const LwExperiment *experiment = lw_experiment (i);

    lw_table_cell (table, "%s", experiment->name);
    lw_table_cell (table, "%s", _ (experiment->question));
    lw_table_cell (table, "%d", experiment->n_runs);
    for (int size = 0; size < LW_N_SIZES; size++)
      lw_table_take (table, about (lw_experiment_seconds (experiment, (LwExperimentSize)size)));
  }
  lw_table_print (table, 0);
}

static void
list_as_json (LwJson *json)
{
  lw_json_begin_array (json, NULL);
  for (int i = 0; i < lw_n_experiments (); i++) {
    const LwExperiment *experiment = lw_experiment (i);

    lw_json_begin_object (json, NULL);
    lw_json_string (json, "name", experiment->name);
    lw_json_string (json, "chapter", experiment->chapter);
    lw_json_string (json, "question", experiment->question);
    lw_json_integer (json, "runs", experiment->n_runs);
    lw_json_double (json, "quick_seconds", lw_experiment_seconds (experiment, LW_SIZE_QUICK));
    lw_json_double (json, "book_seconds", lw_experiment_seconds (experiment, LW_SIZE_BOOK));
    lw_json_end_object (json);
  }
  lw_json_end_array (json);
}

/* --- the runs --------------------------------------------------------------------------------- */

static gboolean
on_interrupt (void *data)
{
  Work *work = data;

  work->interrupted = true;
  if (work->trainer != NULL)
    lw_trainer_stop (work->trainer);
  return G_SOURCE_CONTINUE;
}

static bool
follow_data (LwSettings *settings, const LwDataset *dataset, GError **error)
{
  g_autofree char *classes = g_strdup_printf ("%d", lw_dataset_classes (dataset));
  LwShape input = lw_options_input (settings->options);

  input.c = lw_dataset_channels (dataset);
  return lw_options_set_input (settings->options, input, error) &&
         lw_options_set (settings->options, "classes", classes, error);
}

static LwSettings *
settings_of (const Work *work, int run, LwDataset **ret_dataset, GError **error)
{
  static const char *const fields[] = { "data", "device", "threads" };
  g_autoptr (LwSettings) settings =
      lw_experiment_settings (work->experiment, work->size, run, error);

  for (guint i = 0; settings != NULL && i < G_N_ELEMENTS (fields); i++) {
    const char *value = lw_args_value (work->args, fields[i]);

    if (value != NULL && !lw_settings_set (settings, fields[i], value, error))
      return NULL;
  }
  if (settings == NULL)
    return NULL;
  *ret_dataset = lw_dataset_open (settings->data, error);
  if (*ret_dataset == NULL || !follow_data (settings, *ret_dataset, error))
    return NULL;
  for (const char *const *set = lw_args_values (work->args, "set"); *set != NULL; set++)
    if (!lw_experiment_change (settings, *set, error))
      return NULL;
  return lw_settings_check (settings, error) ? g_steal_pointer (&settings) : NULL;
}

/* To its end, printing what it says unless standard output is for JSON. */
static bool
train (Work *work, int run, LwDataset *dataset, GError **error)
{
  LwTrainer *trainer = work->trainer;
  LwTrainReport *report = work->json ? NULL : lw_train_report_new (trainer, dataset, false);
  const int32_t limit = lw_trainer_settings (trainer)->limit_test;
  const int32_t all = lw_dataset_size (dataset, LW_SPLIT_TEST);
  bool good = true;

  lw_trainer_start (trainer);
  for (bool ended = false; !ended;) {
    ended = lw_trainer_state (trainer) >= LW_RUN_FINISHED;
    if (report != NULL && !lw_train_report_update (report))
      lw_trainer_stop (trainer);
    while (g_main_context_iteration (NULL, FALSE))
      ; /* an interrupt */
    if (!ended)
      g_usleep (POLL_US);
  }
  lw_trainer_join (trainer);
  if (report != NULL) {
    good = lw_train_report_finish (report, work->interrupted, error) != LW_EXIT_FAILED ||
           lw_trainer_state (trainer) == LW_RUN_DIVERGED;
    lw_train_report_free (report);
  }
  if (good && lw_trainer_state (trainer) == LW_RUN_FAILED) {
    g_autofree char *message = lw_trainer_message (trainer);

    g_clear_error (error);
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, "%s", message != NULL ? message : "");
    good = false;
  }
  if (good)
    g_clear_error (error); /* that it diverged is a result */
  lw_experiment_measure (work->experiment, lw_trainer_settings (trainer),
                         lw_trainer_graph (trainer), lw_trainer_log (trainer),
                         lw_trainer_state (trainer), &work->numbers[run]);
  work->numbers[run].values[LW_MEASURE_GRADIENT] = lw_gradient_ratio (
      lw_records_health (lw_trainer_records (trainer)), lw_trainer_graph (trainer));
  /* Of other data than the book's there may be few. */
  work->numbers[run].test_images = limit > 0 ? MIN (limit, all) : all;
  work->result->folders[run] = g_strdup (lw_trainer_folder (trainer));
  return good;
}

static bool
train_one (Work *work, int run, GError **error)
{
  const char *label = _ (work->experiment->runs[run].label);
  const LwRunGroup group = { work->result->group, (char *)_ (work->experiment->question),
                             (char *)label };
  g_autoptr (LwDataset) dataset = NULL;
  g_autoptr (LwSettings) settings = settings_of (work, run, &dataset, error);
  bool good;

  if (settings == NULL)
    return false;
  if (!work->json)
    lw_app_print (_ ("%sRun %d of %d: %s\n"), run > 0 ? "\n" : "", run + 1,
                  work->experiment->n_runs, label);
  work->trainer = lw_trainer_new (settings, lw_app_backends (), dataset, NULL, error);
  if (work->trainer == NULL)
    return false;
  lw_trainer_set_group (work->trainer, &group);
  good = train (work, run, dataset, error);
  g_clear_pointer (&work->trainer, lw_trainer_free);
  return good;
}

/* So that the workbench shows it too. Replaces what an earlier time left. */
static bool
keep_result (Work *work, GError **error)
{
  g_autofree char *path = lw_experiment_results_path (), *json = NULL;
  g_autoptr (GPtrArray) results = lw_experiment_results_read (path, NULL);

  if (results == NULL)
    results = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_experiment_result_free);
  for (guint i = 0; i < results->len; i++) {
    const LwExperimentResult *other = results->pdata[i];

    if (other->experiment == work->experiment && other->size == work->size)
      g_ptr_array_remove_index (results, i--);
  }
  g_ptr_array_add (results, work->result);
  json = lw_experiment_results_to_json (results);
  g_ptr_array_steal_index (results, results->len - 1);
  return lw_experiment_results_write (path, json, error);
}

/* --- the result ------------------------------------------------------------------------------- */

static void
print_result (const Work *work)
{
  const LwExperiment *experiment = work->experiment;
  g_autofree char *answer =
      lw_experiment_answer (experiment, work->numbers, experiment->n_runs, lw_app_translate);
  g_autofree char *alignment = g_strnfill ((gsize)experiment->n_runs + 1, 'r');
  g_autoptr (LwTable) table = NULL;

  alignment[0] = 'l';
  table = lw_table_new (alignment);
  lw_app_print ("\n%s\n", _ (experiment->question));
  lw_args_print_wrapped (answer, 0, lw_args_help_width ());
  lw_app_print ("\n");
  lw_table_cell (table, "%s", "");
  for (int i = 0; i < experiment->n_runs; i++)
    lw_table_cell (table, "%s", _ (experiment->runs[i].label));
  for (int row = 0; experiment->rows[row] != LW_MEASURE_NONE; row++) {
    lw_table_take (table, lw_measure_title (experiment, experiment->rows[row], lw_app_translate));
    for (int i = 0; i < experiment->n_runs; i++)
      lw_table_take (table,
                     lw_measure_text (&work->numbers[i], experiment->rows[row], lw_app_translate));
  }
  lw_table_print (table, 0);
  lw_app_print ("\n");
  lw_args_print_wrapped (_ (experiment->limits), 0, lw_args_help_width ());
}

/* For programs, in English. */
static void
result_as_json (const Work *work, LwJson *json)
{
  const LwExperiment *experiment = work->experiment;
  g_autofree char *answer =
      lw_experiment_answer (experiment, work->numbers, experiment->n_runs, NULL);

  lw_json_begin_object (json, NULL);
  lw_json_string (json, "experiment", experiment->name);
  lw_json_string (json, "question", experiment->question);
  lw_json_string (json, "size", lw_experiment_size_name (work->size));
  lw_json_string (json, "answer", answer);
  lw_json_string (json, "limits", experiment->limits);
  lw_json_begin_array (json, "runs");
  for (int i = 0; i < experiment->n_runs; i++) {
    lw_json_begin_object (json, NULL);
    lw_json_string (json, "label", experiment->runs[i].label);
    lw_json_string (json, "run", work->result->folders[i]);
    lw_json_begin_object (json, "measured");
    for (int row = 0; experiment->rows[row] != LW_MEASURE_NONE; row++)
      lw_json_double (json, lw_measure_name (experiment->rows[row]),
                      work->numbers[i].values[experiment->rows[row]]);
    lw_json_end_object (json);
    lw_json_end_object (json);
  }
  lw_json_end_array (json);
  lw_json_end_object (json);
}

/* While the trained network is looked at. */
static bool
go_on (double share, void *data)
{
  const Work *work = data;

  (void)share;
  while (g_main_context_iteration (NULL, FALSE))
    ; /* an interrupt */
  return !work->interrupted;
}

static void
say_result (const Work *work)
{
  g_autoptr (LwJson) json = NULL;

  if (!work->json) {
    print_result (work);
    return;
  }
  json = lw_json_new ();
  result_as_json (work, json);
  lw_json_print (json);
}

/* What was measured is said in any case: that it cannot be kept takes nothing of it away. */
static int
do_experiment (Work *work, GError **error)
{
  const LwBnProgress progress = { go_on, work };
  bool studied;

  for (int i = 0; i < work->experiment->n_runs; i++) {
    lw_numbers_init (&work->numbers[i]);
    if (!train_one (work, i, error))
      return LW_EXIT_FAILED;
    if (work->interrupted)
      return LW_EXIT_INTERRUPTED;
  }
  studied = lw_study_run (work->experiment->study, work->result->folders[0], lw_app_backends (),
                          &progress, &work->numbers[0], error);
  if (work->interrupted) {
    g_clear_error (error);
    return keep_result (work, error) ? LW_EXIT_INTERRUPTED : LW_EXIT_FAILED;
  }
  say_result (work);
  return keep_result (work, studied ? error : NULL) && studied ? LW_EXIT_DONE : LW_EXIT_FAILED;
}

static int
run (const LwArgs *args, GError **error)
{
  Work work = { .args = args,
                .json = lw_args_flag (args, "json"),
                .size = lw_args_flag (args, "book") ? LW_SIZE_BOOK : LW_SIZE_QUICK };
  guint signals[2];
  int status;

  if (lw_args_n (args) == 0) {
    g_autoptr (LwJson) json = lw_json_new ();

    if (!work.json) {
      print_list ();
      return LW_EXIT_DONE;
    }
    list_as_json (json);
    lw_json_print (json);
    return LW_EXIT_DONE;
  }
  if (lw_together_is_one_of_several ()) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("An experiment trains in one process; start it without mpirun or srun."));
    return LW_EXIT_FAILED;
  }
  work.experiment = lw_experiment_find (lw_args_get (args, 0), error);
  if (work.experiment == NULL)
    return LW_EXIT_USAGE;
  signal (SIGPIPE, SIG_IGN);
  signals[0] = g_unix_signal_add (SIGINT, on_interrupt, &work);
  signals[1] = g_unix_signal_add (SIGTERM, on_interrupt, &work);
  work.result = g_new0 (LwExperimentResult, 1);
  work.result->experiment = work.experiment;
  work.result->size = work.size;
  work.result->group = lw_run_group_new_id ();
  status = do_experiment (&work, error);
  lw_experiment_result_free (work.result);
  for (int i = 0; i < 2; i++)
    g_source_remove (signals[i]);
  return status;
}

static const LwArgOption options[] = {
  { "book", NULL, NULL,
    N_ ("Trains with the book's settings, which takes hours; without it quick ones, a few "
        "minutes."),
    false },
  { "data", NULL, "NAME|PATH", N_ ("fashion-mnist (default), shapes, or a folder, as for train."),
    false },
  { "set", NULL, "KEY=VALUE", N_ ("Changes a setting or knob of all its runs (repeatable)."),
    true },
  { "device", NULL, "NAME", N_ ("auto (default), or one that \"layerwise doctor\" lists."), false },
  { "threads", NULL, "N", N_ ("Threads of the processor (default: all cores)."), false },
  { "json", NULL, NULL, N_ ("One JSON document on standard output."), false },
  { NULL, NULL, NULL, NULL, false },
};

const LwCommand lw_command_experiment = {
  .name = "experiment",
  .synopsis = "[NAME] [--book] [--json]",
  .summary = N_ ("answers a question of the book by a few trainings"),
  .description =
      N_ ("Without a NAME it lists the questions. With one it trains what the question needs, one "
          "run after the other, and prints the answer that the numbers give, the numbers, and what "
          "they do not show. The workbench shows the result too, under Compare, Experiments."),
  .options = options,
  .examples = N_ ("experiment|The questions, with their runs and times\n"
                  "experiment bn-faster|Does batch norm make training faster?\n"
                  "experiment lenet-activation --set epochs=3|The same with fewer epochs"),
  .least = 0,
  .most = 1,
  .arguments = N_ ("the NAME of an experiment"),
  .run = run,
};
