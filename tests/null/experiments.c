/* Experiments: the table fits the models; numbers, filters, the results' file. */
#include "engine/analysis.h"
#include "engine/experiment_file.h"
#include "engine/experiment_study.h"

#include <math.h>
#include <string.h>

/* --- the table ----------------------------------------------------------------------------------
 */

static void
check_run (const LwExperiment *experiment, LwExperimentSize size, int run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwSettings) settings = lw_experiment_settings (experiment, size, run, &error);
  g_autoptr (LwGraph) graph = NULL;

  g_assert_no_error (error);
  lw_settings_check (settings, &error);
  g_assert_no_error (error);
  graph = lw_model_build (settings->options, &error);
  g_assert_no_error (error);
  for (int other = 0; other < run; other++) {
    g_autoptr (LwSettings) before = lw_experiment_settings (experiment, size, other, NULL);
    g_autofree char *a = lw_settings_to_json (settings), *b = lw_settings_to_json (before);

    g_assert_cmpstr (a, !=, b);
    g_assert_cmpstr (experiment->runs[run].label, !=, experiment->runs[other].label);
  }
}

static void
check_next (const LwExperiment *experiment, const LwExperimentNext *next)
{
  g_autoptr (LwSettings) settings = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (next->run, <, experiment->n_runs);
  if (next->kind == LW_NEXT_EXPERIMENT) {
    g_assert_nonnull (lw_experiment_by_name (next->what));
    g_assert_true (lw_experiment_by_name (next->what) != experiment);
    return;
  }
  g_assert_nonnull (next->title);
  g_assert_nonnull (next->detail);
  if (next->kind != LW_NEXT_TRAIN)
    return;
  settings = lw_experiment_settings (experiment, LW_SIZE_QUICK, next->run, NULL);
  lw_experiment_change (settings, next->what, &error);
  g_assert_no_error (error);
  lw_settings_check (settings, &error);
  g_assert_no_error (error);
}

static void
test_table (void)
{
  static const char *const chapters[] = { "LeNet",     "AlexNet",    "VGG",    "NiN",
                                          "GoogLeNet", "Batch norm", "ResNet", "DenseNet" };
  guint chapter = 0;

  g_assert_cmpint (lw_n_experiments (), >=, 10);
  for (int i = 0; i < lw_n_experiments (); i++) {
    const LwExperiment *experiment = lw_experiment (i);

    if (strcmp (experiment->chapter, chapters[chapter]) != 0)
      g_assert_cmpstr (experiment->chapter, ==, chapters[++chapter]); /* in the book's order */
    g_assert_true (lw_experiment_by_name (experiment->name) == experiment);
    g_assert_cmpint (experiment->seconds, <=, 180);
    g_assert_true (g_str_has_suffix (experiment->question, "?"));
    g_assert_true (g_str_has_suffix (experiment->limits, "."));
    g_assert_cmpfloat (lw_experiment_seconds (experiment, LW_SIZE_BOOK), >=, experiment->seconds);
    for (int size = 0; size < LW_N_SIZES; size++)
      for (int run = 0; run < experiment->n_runs; run++)
        check_run (experiment, (LwExperimentSize)size, run);
    for (int k = 0; k < LW_EXPERIMENT_NEXT; k++)
      check_next (experiment, &experiment->next[k]);
  }
  g_assert_cmpuint (chapter, ==, G_N_ELEMENTS (chapters) - 1);
}

static double
macs_of (const LwExperiment *experiment, LwExperimentSize size, int run, double *ret_parameters)
{
  g_autoptr (LwSettings) settings = lw_experiment_settings (experiment, size, run, NULL);
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, NULL);
  const LwCost cost = lw_graph_cost (graph);

  *ret_parameters = (double)cost.parameters;
  return (double)cost.macs;
}

/* What the questions promise: equal cost, as many parameters. */
static void
test_equal (void)
{
  const LwExperiment *depth = lw_experiment_by_name ("vgg-depth"),
                     *dense = lw_experiment_by_name ("densenet-concat");
  double parameters[2];

  for (int size = 0; size < LW_N_SIZES; size++) {
    const double wide = macs_of (depth, (LwExperimentSize)size, 0, &parameters[0]),
                 deep = macs_of (depth, (LwExperimentSize)size, 1, &parameters[1]);

    g_assert_cmpfloat_with_epsilon (deep / wide, 1, 0.05);
    macs_of (dense, (LwExperimentSize)size, 0, &parameters[0]);
    macs_of (dense, (LwExperimentSize)size, 1, &parameters[1]);
    g_assert_cmpfloat_with_epsilon (parameters[1] / parameters[0], 1, 0.05);
  }
}

static void
test_find (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lw_experiment_find ("bn-fastr", &error));
  g_assert_cmpstr (error->message, ==, "unknown experiment \"bn-fastr\"; did you mean bn-faster?");
}

/* --- numbers ------------------------------------------------------------------------------------
 */

static void
append_epoch (LwRunLog *run_log, int epoch, float loss, float train, float test)
{
  const LwEvent event = { .kind = LW_EVENT_EPOCH,
                          .step = epoch * 10,
                          .epoch = epoch,
                          .time_s = 2.0 * epoch,
                          .loss = loss,
                          .accuracy = train,
                          .test_accuracy = test };

  lw_run_log_append (run_log, &event);
}

static void
test_measure (void)
{
  const LwExperiment *experiment = lw_experiment_by_name ("bn-faster");
  g_autoptr (LwSettings) settings = lw_experiment_settings (experiment, LW_SIZE_QUICK, 0, NULL);
  g_autoptr (LwRunLog) run_log = lw_run_log_new ();
  g_autofree char *title = NULL, *best = NULL, *gap = NULL, *reached = NULL;
  LwNumbers numbers;

  settings->epochs = 4;
  lw_numbers_init (&numbers);
  lw_experiment_measure (experiment, settings, NULL, run_log, LW_RUN_RUNNING, &numbers);
  for (int i = 1; i < LW_N_MEASURES; i++)
    g_assert_true (isnan (numbers.values[i]));
  append_epoch (run_log, 1, 0.75f, 0.70f, 0.5f);
  append_epoch (run_log, 2, 0.5f, 0.8f, 0.81f);
  append_epoch (run_log, 3, 0.4f, 0.85f, 0.625f);
  append_epoch (run_log, 4, 0.375f, 0.75f, 0.79f);
  lw_experiment_measure (experiment, settings, NULL, run_log, LW_RUN_FINISHED, &numbers);
  g_assert_cmpfloat (numbers.values[LW_MEASURE_FIRST_LOSS], ==, 0.75);
  g_assert_cmpfloat (numbers.values[LW_MEASURE_REACHED], ==, 2);
  g_assert_cmpfloat (numbers.values[LW_MEASURE_WORST], ==, 0.625); /* not epoch 1's */
  settings->epochs = 6;
  lw_experiment_measure (experiment, settings, NULL, run_log, LW_RUN_STOPPED, &numbers);
  g_assert_cmpfloat (numbers.values[LW_MEASURE_WORST], ==, (double)0.79f); /* not epoch 3's */
  g_assert_cmpfloat (numbers.values[LW_MEASURE_TRAIN], ==, 0.75);
  g_assert_cmpfloat (numbers.values[LW_MEASURE_SECONDS], ==, 2);
  g_assert_cmpint (numbers.best_epoch, ==, 2);
  title = lw_measure_title (experiment, LW_MEASURE_REACHED, NULL);
  best = lw_measure_text (&numbers, LW_MEASURE_BEST, NULL);
  gap = lw_measure_text (&numbers, LW_MEASURE_GAP, NULL);
  g_assert_cmpstr (title, ==, "First epoch with test accuracy of 0.8");
  g_assert_cmpstr (best, ==, "0.810, 2");
  g_assert_cmpstr (gap, ==, "−0.040");
  numbers.values[LW_MEASURE_REACHED] = NAN;
  reached = lw_measure_text (&numbers, LW_MEASURE_REACHED, NULL);
  g_assert_cmpstr (reached, ==, "not reached");
}

static void
test_better (void)
{
  LwNumbers numbers[3];

  for (int i = 0; i < 3; i++)
    lw_numbers_init (&numbers[i]);
  g_assert_cmpint (lw_measure_better (numbers, 3, LW_MEASURE_BEST), ==, -1);
  numbers[0].values[LW_MEASURE_BEST] = 0.5;
  g_assert_cmpint (lw_measure_better (numbers, 3, LW_MEASURE_BEST), ==, -1); /* nothing beside it */
  numbers[2].values[LW_MEASURE_BEST] = 0.75;
  g_assert_cmpint (lw_measure_better (numbers, 3, LW_MEASURE_BEST), ==, 2);
  numbers[1].values[LW_MEASURE_BEST] = 0.75;
  g_assert_cmpint (lw_measure_better (numbers, 3, LW_MEASURE_BEST), ==, -1); /* two are */
  numbers[0].values[LW_MEASURE_FIRST_LOSS] = 0.5;
  numbers[1].values[LW_MEASURE_FIRST_LOSS] = 0.75;
  g_assert_cmpint (lw_measure_better (numbers, 3, LW_MEASURE_FIRST_LOSS), ==, 0); /* lower */
  numbers[1].values[LW_MEASURE_REACHED] = 4;
  g_assert_cmpint (lw_measure_better (numbers, 3, LW_MEASURE_REACHED), ==, 1);
  numbers[1].values[LW_MEASURE_GRADIENT] = 4;
  numbers[0].values[LW_MEASURE_GRADIENT] = 2;
  g_assert_cmpint (lw_measure_better (numbers, 3, LW_MEASURE_GRADIENT), ==, -1);
}

/* --- filters ------------------------------------------------------------------------------------
 */

static void
test_filters (void)
{
  GRand *rand = g_rand_new_with_seed (3);
  float edge[121], blob[121], noise[121];
  const float corner[25] = { 1,  1,  0, -1, -1, 1,  1,  0, -1, -1, 1,  1, 0,
                             -1, -1, 1, 1,  0,  -1, -1, 1, 1,  0,  -1, -1 };
  int unclear = 0;

  for (int y = 0; y < 11; y++)
    for (int x = 0; x < 11; x++) {
      edge[y * 11 + x] = x < 5 ? 1 : x > 5 ? -1 : 0;
      blob[y * 11 + x] = expf (-0.04f * (float)((x - 5) * (x - 5) + (y - 5) * (y - 5)));
    }
  g_assert_cmpint (lw_filter_kind (edge, 11), ==, LW_FILTER_EDGE);
  g_assert_cmpint (lw_filter_kind (corner, 5), ==, LW_FILTER_EDGE);
  g_assert_cmpint (lw_filter_kind (blob, 11), ==, LW_FILTER_BLOB);
  for (int i = 0; i < 100; i++) {
    for (int k = 0; k < 121; k++)
      noise[k] = (float)g_rand_double_range (rand, -1, 1);
    unclear += lw_filter_kind (noise, 11) == LW_FILTER_UNCLEAR;
  }
  g_assert_cmpint (unclear, >=, 98);
  memset (noise, 0, sizeof noise);
  g_assert_cmpint (lw_filter_kind (noise, 11), ==, LW_FILTER_UNCLEAR);
  g_rand_free (rand);
}

/* --- the file -----------------------------------------------------------------------------------
 */

static char *
scratch (void)
{
  g_autofree char *folder = g_dir_make_tmp ("layerwise-experiments-XXXXXX", NULL);

  return g_build_filename (folder, "experiments.json", NULL);
}

static void
test_round_trip (void)
{
  g_autofree char *path = scratch (), *json = NULL, *again = NULL;
  g_autoptr (GPtrArray) results =
      g_ptr_array_new_with_free_func ((GDestroyNotify)lw_experiment_result_free);
  g_autoptr (GPtrArray) read = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 2; i++) {
    LwExperimentResult *result = g_new0 (LwExperimentResult, 1);

    result->experiment = lw_experiment_by_name ("bn-batch");
    result->size = (LwExperimentSize)i;
    result->group = g_strdup ("a \"group\"");
    result->folders[0] = g_strdup ("/runs/ein Lauf \xff");
    result->folders[2] = g_strdup ("/runs/c");
    result->labels[2] = g_strdup ("批量 \"2\"");
    g_ptr_array_add (results, result);
  }
  read = lw_experiment_results_read (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read->len, ==, 0); /* no file yet */
  g_clear_pointer (&read, g_ptr_array_unref);
  json = lw_experiment_results_to_json (results);
  lw_experiment_results_write (path, json, &error);
  g_assert_no_error (error);
  read = lw_experiment_results_read (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read->len, ==, 2);
  again = lw_experiment_results_to_json (read);
  g_assert_cmpstr (again, ==, json);
  g_assert_cmpstr (((LwExperimentResult *)read->pdata[1])->folders[0], ==, "/runs/ein Lauf \xff");
  g_assert_null (((LwExperimentResult *)read->pdata[1])->folders[1]);
  g_assert_cmpstr (((LwExperimentResult *)read->pdata[1])->labels[2], ==, "批量 \"2\"");
  g_assert_null (((LwExperimentResult *)read->pdata[1])->labels[0]);
}

static guint
n_read (const char *path, const char *json)
{
  g_autoptr (GPtrArray) read = NULL;

  g_assert_true (g_file_set_contents (path, json, -1, NULL));
  read = lw_experiment_results_read (path, NULL);
  return read != NULL ? read->len : 1000;
}

static void
test_hostile (void)
{
#define RESULT(runs)     "{\"experiment\": \"bn-faster\", \"size\": \"quick\", \"runs\": " runs "}"
#define FILE_OF(results) "{\"format\": 1, \"results\": [" results "]}"
  g_autofree char *path = scratch ();
  g_autofree char *deep = g_strnfill (100000, '[');

  g_assert_cmpuint (n_read (path, FILE_OF (RESULT ("[null, \"file:///a\"]"))), ==, 1);
  g_assert_cmpuint (n_read (path, ""), ==, 1000);
  g_assert_cmpuint (n_read (path, "[]"), ==, 1000);
  g_assert_cmpuint (n_read (path, deep), ==, 1000);
  g_assert_cmpuint (n_read (path, "{\"format\": 2, \"results\": []}"), ==, 1000);
  g_assert_cmpuint (n_read (path, "{\"format\": 1, \"results\": 3}"), ==, 1000);
  g_assert_cmpuint (n_read (path, FILE_OF ("")), ==, 0);
  g_assert_cmpuint (n_read (path, FILE_OF ("3, null, [], {}")), ==, 0);
  g_assert_cmpuint (n_read (path, FILE_OF (RESULT ("[]"))), ==, 0);
  g_assert_cmpuint (n_read (path, FILE_OF (RESULT ("[null, null, null]"))), ==, 0);
  g_assert_cmpuint (n_read (path, FILE_OF (RESULT ("[7, {\"a\": []}]"))), ==, 1);
  g_assert_cmpuint (n_read (path, FILE_OF (RESULT ("[\"http://x\", \"\"]"))), ==, 1);
  g_assert_cmpuint (n_read (path, FILE_OF (RESULT ("[null, null]") "," RESULT ("[null, null]"))),
                    ==, 1);
  g_assert_cmpuint (n_read (path, FILE_OF ("{\"experiment\": \"gone\", \"size\": \"quick\", "
                                           "\"runs\": []}")),
                    ==, 0);
  g_assert_cmpuint (n_read (path, FILE_OF ("{\"experiment\": \"bn-faster\", \"size\": \"huge\", "
                                           "\"runs\": [null, null]}")),
                    ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/experiments/table", test_table);
  g_test_add_func ("/experiments/equal", test_equal);
  g_test_add_func ("/experiments/find", test_find);
  g_test_add_func ("/experiments/measure", test_measure);
  g_test_add_func ("/experiments/better", test_better);
  g_test_add_func ("/experiments/filters", test_filters);
  g_test_add_func ("/experiments/round-trip", test_round_trip);
  g_test_add_func ("/experiments/hostile", test_hostile);
  return g_test_run ();
}
