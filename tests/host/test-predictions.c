/* What a run keeps of its test: as the log says it, thinned out, saved, read back, resumed. */
#include "engine/formats/safetensors.h"
#include "engine/record_predictions.h"
#include "engine/record_predictions_private.h"
#include "engine/run.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static LwSettings *
settings_of (const char *epochs)
{
  return lw_test_settings ("lenet-bn", "data=shapes", "batch=32", epochs, "lr=0.5", NULL);
}

static LwRecords *
load (const LwSettings *settings, const char *folder)
{
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, NULL);

  return lw_records_load (graph, settings, folder);
}

/* The accuracy of each moment is that of its epoch's event, to the last image. */
static void
assert_as_log (LwPredictions *predictions, LwRunLog *log, const LwDataset *dataset, guint epochs)
{
  g_autoptr (GArray) moments = lw_predictions_moments (predictions);
  guint found = 0;

  g_assert_cmpuint (moments->len, ==, epochs);
  for (int64_t i = 0; i < lw_run_log_length (log); i++) {
    const LwEvent *event = lw_run_log_get (log, i);
    const LwPredictionMoment *moment;
    g_autoptr (LwPredictionSet) set = NULL;
    g_autofree int32_t *confusion = NULL;
    int32_t right = 0, all = 0;

    if (event->kind != LW_EVENT_EPOCH)
      continue;
    moment = &g_array_index (moments, LwPredictionMoment, found++);
    g_assert_cmpint (moment->step, ==, event->step);
    g_assert_cmpfloat_with_epsilon (moment->epoch, event->epoch, 1e-6);
    set = lw_predictions_get (predictions, moment->step);
    g_assert_nonnull (set);
    confusion = lw_prediction_set_confusion (set);
    for (int32_t c = 0; c < 10; c++)
      right += confusion[c * 10 + c];
    for (int32_t c = 0; c < 100; c++)
      all += confusion[c];
    g_assert_cmpint (all, ==, set->n);
    g_assert_cmpint (right, ==, moment->correct);
    g_assert_cmpfloat ((float)((double)right / set->n), ==, event->test_accuracy);
    for (int32_t e = 0; e < set->n; e++)
      g_assert_cmpint (set->labels[e], ==, lw_dataset_label (dataset, LW_SPLIT_TEST, e));
  }
  g_assert_cmpuint (found, ==, epochs);
}

static void
test_as_log (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *run = g_build_filename (folder, "run", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (96, 75);
  g_autoptr (LwSettings) settings = settings_of ("epochs=3");
  LwTrainer *trainer = lw_test_new (settings, dataset, run);
  LwPredictions *live = lw_records_predictions (lw_trainer_records (trainer));
  g_autoptr (LwRunLog) log = lw_run_log_ref (lw_trainer_log (trainer));
  g_autoptr (LwRecords) saved = NULL;
  LwPredictions *back;

  g_assert_nonnull (live);
  g_assert_cmpint (lw_predictions_examples (live), ==, 75);
  lw_test_run (trainer, LW_RUN_FINISHED);
  assert_as_log (live, log, dataset, 3);
  g_assert_cmpint (lw_record_version ((LwRecord *)live), ==, 3);
  saved = load (settings, run);
  back = lw_records_predictions (saved);
  g_assert_nonnull (back);
  assert_as_log (back, log, dataset, 3);

  /* The same numbers, and probabilities that sum to one. */
  {
    g_autoptr (GArray) moments = lw_predictions_moments (back);
    const int64_t step = g_array_index (moments, LwPredictionMoment, 1).step;
    g_autoptr (LwPredictionSet) a = lw_predictions_get (live, step),
                                b = lw_predictions_get (back, step);
    g_autofree double *epochs = NULL;
    g_autofree float *series = NULL;

    g_assert_cmpmem (a->log_odds, 2 * 75 * 10, b->log_odds, 2 * 75 * 10);
    g_assert_cmpint (lw_predictions_series (back, 7, &epochs, &series), ==, 3);
    for (int32_t e = 0; e < 75; e++) {
      double sum = 0;

      for (int32_t c = 0; c < 10; c++)
        sum += (double)lw_prediction_set_probability (b, e, c);
      g_assert_cmpfloat_with_epsilon (sum, 1, 1e-3);
    }
    g_assert_cmpfloat (series[10 + 4], ==, lw_prediction_set_probability (b, 7, 4));
    g_assert_null (lw_predictions_get (back, step + 1));
  }
  lw_trainer_free (trainer);
  lw_remove_folder (folder);
}

/* Later epochs are forgotten by a run that goes on from before them, and come again. */
static void
test_resume (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *run = g_build_filename (folder, "run", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (96, 64);
  g_autoptr (LwSettings) settings = settings_of ("epochs=2");
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer;

  lw_run_log_unref (lw_test_train (settings, dataset, run));
  {
    g_autoptr (LwGraph) graph = lw_model_build (settings->options, NULL);
    const LwRecordContext context = { graph, settings, dataset, 3, 6 };
    LwRecords *records = lw_records_new (&context);
    g_autoptr (GArray) moments = NULL;

    lw_records_resume (records, run, 4);
    moments = lw_predictions_moments (lw_records_predictions (records));
    g_assert_cmpuint (moments->len, ==, 1);
    g_assert_cmpint (g_array_index (moments, LwPredictionMoment, 0).step, ==, 3);
    lw_records_unref (records);
  }
  trainer = lw_trainer_resume (run, lw_test_backends, dataset, 4, 0, &error);
  g_assert_no_error (error);
  lw_test_run (trainer, LW_RUN_FINISHED);
  assert_as_log (lw_records_predictions (lw_trainer_records (trainer)), lw_trainer_log (trainer),
                 dataset, 4);
  lw_trainer_free (trainer);
  lw_remove_folder (folder);
}

/* Without a file the checkpoints are asked, which gives what training gave. */
static void
test_compute (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *run = g_build_filename (folder, "run", NULL);
  g_autofree char *path = g_build_filename (run, LW_PREDICTIONS_FILE, NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (96, 75);
  g_autoptr (LwSettings) settings = settings_of ("epochs=2");
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, NULL);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (LwPredictionSet) before = NULL, after = NULL;

  lw_run_log_unref (lw_test_train (settings, dataset, run));
  {
    g_autoptr (LwRecords) records = load (settings, run);

    before = lw_predictions_get (lw_records_predictions (records), 6);
  }
  g_assert_cmpint (remove (path), ==, 0);
  {
    g_autoptr (LwRecords) records = load (settings, run);

    g_assert_null (lw_records_predictions (records));
  }
  g_cancellable_cancel (cancelled);
  g_assert_false (lw_predictions_compute (run, graph, settings, lw_test_backends[0], dataset, NULL,
                                          NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (lw_predictions_compute (run, graph, settings, lw_test_backends[0], dataset, NULL,
                                         NULL, NULL, &error));
  g_assert_no_error (error);
  {
    g_autoptr (LwRecords) records = load (settings, run);

    after = lw_predictions_get (lw_records_predictions (records), 6);
  }
  g_assert_nonnull (after);
  g_assert_cmpfloat (after->epoch, ==, before->epoch);
  g_assert_cmpmem (after->predicted, 2 * 75, before->predicted, 2 * 75);
  lw_remove_folder (folder);
}

/* A record by hand: `n` examples of `classes`, in which `correct` are right. */
typedef struct {
  LwGraph *graph;
  LwSettings *settings;
  LwDataset *dataset;
  LwRecord *record;
  int32_t n, classes;
} Hand;

static Hand
hand_new (int32_t n, int64_t epochs)
{
  Hand hand = { .n = n, .classes = 10 };

  hand.settings = settings_of ("epochs=2");
  hand.graph = lw_model_build (hand.settings->options, NULL);
  hand.dataset = lw_test_shapes (10, n);
  hand.record = lw_record_predictions.make (
      &(LwRecordContext){ hand.graph, hand.settings, hand.dataset, 1, epochs });
  g_assert_nonnull (hand.record);
  return hand;
}

static void
hand_epoch (Hand *hand, int32_t epoch, int32_t correct)
{
  g_autofree float *logits = g_new0 (float, hand->n * hand->classes);
  g_autofree int32_t *labels = g_new0 (int32_t, hand->n);
  const LwBatch batch = { NULL, labels, hand->n };

  for (int32_t i = 0; i < hand->n; i++) {
    labels[i] = i % hand->classes;
    logits[i * hand->classes + (i < correct ? labels[i] : (labels[i] + 1) % hand->classes)] = 3;
  }
  lw_record_predictions.test_batch (hand->record, &batch, 0, logits);
  lw_record_predictions.after_epoch (hand->record, NULL, &(LwMoment){ epoch, epoch, 0 }, NULL);
}

static void
hand_free (Hand *hand)
{
  lw_record_predictions.free (hand->record);
  lw_graph_unref (hand->graph);
  lw_settings_free (hand->settings);
  lw_dataset_unref (hand->dataset);
}

/* More epochs than there is memory for: the first, the newest and the best stay, the rest spread.
 */
static void
thin (int32_t best)
{
  const int32_t n = 60000, epochs = 40;
  Hand hand = hand_new (n, epochs);
  LwPredictions *p = (LwPredictions *)hand.record;
  g_autoptr (GArray) moments = NULL;
  bool has_best = false;

  g_assert_cmpint (p->capacity, ==, LW_PREDICTIONS_BYTES / (2 * n * 11));
  g_assert_cmpint (p->capacity, <, epochs);
  for (int32_t e = 1; e <= epochs; e++) {
    g_autoptr (LwPredictionSet) set = NULL;

    hand_epoch (&hand, e, e == best ? 50000 : 1000 + e);
    set = lw_predictions_get (p, e);
    g_assert_nonnull (set);
  }
  moments = lw_predictions_moments (p);
  g_assert_cmpuint (moments->len, ==, p->capacity);
  g_assert_cmpint (lw_predictions_left_out (p), ==, epochs - p->capacity);
  g_assert_cmpint (g_array_index (moments, LwPredictionMoment, 0).step, ==, 1);
  g_assert_cmpint (g_array_index (moments, LwPredictionMoment, moments->len - 1).step, ==, epochs);
  for (guint i = 0; i < moments->len; i++) {
    const LwPredictionMoment *m = &g_array_index (moments, LwPredictionMoment, i);
    g_autoptr (LwPredictionSet) set = lw_predictions_get (p, m->step);
    int32_t right = 0;

    has_best |= m->step == best;
    for (int32_t e = 0; e < n; e++)
      right += set->predicted[e] == set->labels[e];
    g_assert_cmpint (right, ==, m->correct);
    g_assert_cmpint (right, ==, m->step == best ? 50000 : 1000 + m->step);
    if (i > 0)
      g_assert_cmpint (m->step - g_array_index (moments, LwPredictionMoment, i - 1).step, <=, 16);
  }
  g_assert_true (has_best);
  hand_free (&hand);
}

static void
test_thin (void)
{
  for (int32_t best = 2; best < 40; best += 5)
    thin (best);
}

static void
test_log_odds (void)
{
  const float logits[] = { 30, 0, -3, NAN, 29, -INFINITY };
  const float even[] = { 2, 2 };
  uint16_t packed[6];

  lw_log_odds_pack (logits, 6, packed);
  g_assert_cmpfloat_with_epsilon (lw_log_odds_probability (packed[0]), 0.731059, 1e-4);
  g_assert_cmpfloat_with_epsilon (lw_log_odds_probability (packed[4]), 0.268941, 1e-4);
  g_assert_cmpint (packed[3], ==, 0);
  g_assert_cmpint (packed[5], ==, 0);
  lw_log_odds_pack (even, 2, packed);
  g_assert_cmpfloat_with_epsilon (lw_log_odds_probability (packed[0]), 0.5, 1e-4);
  lw_log_odds_pack ((const float[]){ 12, 0 }, 2, packed);
  g_assert_cmpfloat_with_epsilon (1 - (double)lw_log_odds_probability (packed[0]),
                                  exp (-12) / (1 + exp (-12)), 1e-8);
}

/* Cells and mistakes come most confident first. */
static void
test_cells (void)
{
  int32_t labels[] = { 0, 1, 1, 1, 2, 1 };
  uint16_t predicted[] = { 0, 2, 2, 1, 0, 2 };
  uint16_t log_odds[6 * 3] = { 0 };
  LwPredictionSet set = { .n = 6, .classes = 3, .width = 3 };
  g_autofree int32_t *cell = NULL, *mistakes = NULL;
  int32_t n;

  set.labels = labels;
  set.predicted = predicted;
  set.log_odds = log_odds;
  log_odds[1 * 3 + 2] = 40000;
  log_odds[2 * 3 + 2] = 50000;
  log_odds[5 * 3 + 2] = 45000;
  log_odds[4 * 3 + 0] = 60000;
  cell = lw_prediction_set_cell (&set, 1, 2, &n);
  g_assert_cmpint (n, ==, 3);
  g_assert_cmpint (cell[0], ==, 2);
  g_assert_cmpint (cell[1], ==, 5);
  g_assert_cmpint (cell[2], ==, 1);
  mistakes = lw_prediction_set_mistakes (&set, 2, &n);
  g_assert_cmpint (n, ==, 2);
  g_assert_cmpint (mistakes[0], ==, 4);
  g_assert_cmpint (mistakes[1], ==, 2);
}

/* Every byte of a file changed, and every length of it: nothing crashes, and what is read has only
 * numbers within their ranges. */
static void
test_hostile (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, LW_PREDICTIONS_FILE, NULL);
  Hand hand = hand_new (5, 3);
  g_autofree char *bytes = NULL;
  gsize length;

  hand_epoch (&hand, 1, 2);
  hand_epoch (&hand, 2, 3);
  g_assert_true (lw_record_predictions.save (hand.record, path, NULL));
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  for (gsize i = 0; i < length + 40; i++) {
    const LwRecordContext context = { hand.graph, hand.settings, NULL, 0, 0 };
    LwRecord *record = lw_record_predictions.make (&context);
    g_autofree char *copy = g_memdup2 (bytes, length);
    g_autoptr (GArray) moments = NULL;

    if (i < length)
      copy[i] = (char)(copy[i] ^ 0x55);
    g_assert_true (
        lw_file_replace (path, copy, i < length ? length : length - (i - length) * 7, NULL));
    if (lw_record_predictions.load (record, path, -1)) {
      moments = lw_predictions_moments ((LwPredictions *)record);
      g_assert_cmpuint (moments->len, >=, 1);
      for (guint k = 0; k < moments->len; k++) {
        const int64_t step = g_array_index (moments, LwPredictionMoment, k).step;
        g_autoptr (LwPredictionSet) set = lw_predictions_get ((LwPredictions *)record, step);

        for (int32_t e = 0; e < set->n; e++) {
          g_assert_cmpint (set->labels[e], >=, 0);
          g_assert_cmpint (set->labels[e], <, 10);
          g_assert_cmpint (set->predicted[e], <, 10);
        }
      }
    }
    lw_record_predictions.free (record);
  }

  hand_free (&hand);
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/predictions/log-odds", test_log_odds);
  g_test_add_func ("/predictions/cells", test_cells);
  g_test_add_func ("/predictions/as-log", test_as_log);
  g_test_add_func ("/predictions/resume", test_resume);
  g_test_add_func ("/predictions/compute", test_compute);
  g_test_add_func ("/predictions/thin", test_thin);
  g_test_add_func ("/predictions/hostile", test_hostile);
  return g_test_run ();
}
