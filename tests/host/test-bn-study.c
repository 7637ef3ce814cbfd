/* Batch normalization looked into: what a pass with the batch's statistics gives is what a training
 * step gives; histograms, fresh statistics and the three accuracies against brute force. */
#include "engine/bn_accuracy.h"
#include "engine/bn_study.h"
#include "engine/checkpoint.h"
#include "engine/data/loader.h"
#include "engine/evaluate.h"
#include "engine/run.h"
#include "kernels/reference/reference.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define BATCH 32
#define TRAIN 320
#define TEST  100

typedef struct {
  char *folder, *run, *checkpoint;
  LwDataset *dataset;
  LwSettings *settings;
  LwGraph *graph;
} Fixture;

/* A short training of LeNet-BN at the book's rate; `data`: one more setting, or NULL. */
static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (LwRunLog) log = NULL;

  f->folder = lw_make_folder ();
  f->run = g_build_filename (f->folder, "run", NULL);
  f->dataset = lw_test_shapes (TRAIN, TEST);
  f->settings = lw_test_settings ("lenet-bn", "data=shapes", "batch=32", "epochs=2", "lr=1",
                                  data != NULL ? data : "augment=none", NULL);
  f->graph = lw_model_build (f->settings->options, NULL);
  log = lw_test_train (f->settings, f->dataset, f->run);
  f->checkpoint = lw_checkpoint_path (f->run, 20);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  (void)data;
  lw_graph_unref (f->graph);
  lw_settings_free (f->settings);
  lw_dataset_unref (f->dataset);
  g_free (f->checkpoint);
  g_free (f->run);
  lw_remove_folder (f->folder);
}

static LwSession *
open_session (const Fixture *f)
{
  g_autoptr (GError) error = NULL;
  LwSession *session =
      lw_bn_session_new (f->graph, &lw_reference_backend, 0, BATCH, LW_PRECISION_FP32, &error);

  g_assert_no_error (error);
  lw_session_load (session, f->checkpoint, &error);
  g_assert_no_error (error);
  return session;
}

/* A real training session with these weights, in which nothing is linked. */
static LwSession *
open_training (const Fixture *f)
{
  const LwSessionOptions options = { .batch = BATCH, .links = LW_LINKS_NEVER };
  g_autoptr (GError) error = NULL;
  LwSession *session = lw_session_new (f->graph, &lw_reference_backend, 0, &options, &error);

  g_assert_no_error (error);
  lw_session_load (session, f->checkpoint, &error);
  g_assert_no_error (error);
  return session;
}

/* What a training step at rate 0 shows of one layer. */
typedef struct {
  LwNodeId node, producer;
  float *x, *y; /* [n][c][h][w] */
  float mean[128], variance[128];
} Seen;

static bool
look (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  Seen *seen = data;

  if (backward)
    return true;
  if (step->id == seen->producer && !lw_session_download (session, step, step->n, seen->x, error))
    return false;
  return step->id != seen->node ||
         (lw_session_download (session, step, step->n, seen->y, error) &&
          lw_session_batch_statistics (session, step, seen->mean, seen->variance, error));
}

static void
train_at_rest (LwSession *session, const float *images, const int32_t *labels, int32_t n,
               Seen *seen, LwBatchResult *ret)
{
  const LwBatch batch = { images, labels, n };
  const LwStepSettings settings = { .learning_rate = 0 };
  g_autoptr (GError) error = NULL;

  lw_session_train (session, &batch, &settings, seen != NULL ? look : NULL, seen, ret, &error);
  g_assert_no_error (error);
}

/* The batch that follows `step` steps, as the trainer's loader gives it. */
static void
batch_after (const Fixture *f, int64_t step, float *images, int32_t *labels)
{
  const LwLoaderOptions options = { .split = LW_SPLIT_TRAIN,
                                    .height = 28,
                                    .width = 28,
                                    .batch = BATCH,
                                    .shuffle = true,
                                    .seed = f->settings->seed,
                                    .augmentation = f->settings->augmentation };
  g_autoptr (LwLoader) loader = lw_loader_new (f->dataset, &options, NULL);
  const float *loaded;
  const int32_t *their_labels;

  lw_loader_seek (loader, step / (TRAIN / BATCH), (int32_t)(step % (TRAIN / BATCH)));
  g_assert_cmpint (lw_loader_next (loader, &loaded, &their_labels), ==, BATCH);
  memcpy (images, loaded, sizeof (float) * BATCH * 28 * 28);
  memcpy (labels, their_labels, sizeof (int32_t) * BATCH);
}

static void
seen_init (Seen *seen, const LwGraph *graph, LwNodeId node)
{
  const gsize size = (gsize)lw_shape_size (lw_graph_node (graph, node)->shape) * BATCH;

  *seen = (Seen){ .node = node, .producer = lw_graph_node (graph, node)->inputs[0] };
  seen->x = g_new (float, size);
  seen->y = g_new (float, size);
}

/* Counts by hand what the study counted, a channel of `values`. */
static void
assert_counts (const LwBnSpread *spread, LwBnStatistics way, const float *values, LwShape shape,
               int32_t channel)
{
  const int64_t pixels = (int64_t)shape.h * shape.w;
  double counts[LW_BN_BINS] = { 0 }, outside = 0, moved = 0, n = 0;

  for (int32_t i = 0; i < BATCH; i++)
    for (int64_t k = 0; k < pixels; k++) {
      const double value = (double)values[(i * shape.c + channel) * pixels + k];
      const int bin = (int)floor ((value - spread->min) / (spread->max - spread->min) * LW_BN_BINS);

      n++;
      if (value < spread->min || value > spread->max)
        outside++;
      else
        counts[MIN (bin, LW_BN_BINS - 1)]++;
    }
  /* Values on the edge of a bin may round to either side. */
  for (int b = 0; b < LW_BN_BINS; b++)
    moved += fabs (counts[b] - spread->counts[way][b]);
  g_assert_cmpfloat (moved + fabs (outside - spread->outside[way]), <=, 0.005 * n + 1);
}

static void
test_study (Fixture *f, gconstpointer data)
{
  g_autofree float *images = g_new (float, BATCH * 28 * 28);
  int32_t labels[BATCH];

  (void)data;
  batch_after (f, 7, images, labels);
  for (LwNodeId node = 0; node < lw_graph_n_nodes (f->graph); node++) {
    const LwShape shape = lw_graph_node (f->graph, node)->shape;
    g_autoptr (GError) error = NULL;
    g_autoptr (LwSession) session = NULL, training = NULL;
    g_autoptr (LwBnStudy) study = NULL;
    LwBatchResult result;
    Seen seen;

    if (lw_graph_node (f->graph, node)->op != LW_OP_BATCH_NORM)
      continue;
    session = open_session (f);
    training = open_training (f);
    seen_init (&seen, f->graph, node);
    train_at_rest (training, images, labels, BATCH, &seen, &result);
    study = lw_bn_study_new (session, f->dataset, f->settings, 7, node, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpint (study->images, ==, BATCH);
    g_assert_true (lw_shape_equal (study->shape, shape));
    for (int32_t c = 0; c < shape.c; c++) {
      const LwBnChannel *channel = &study->channels[c];

      g_assert_cmpfloat_with_epsilon (channel->mean[LW_BN_BATCH], (double)seen.mean[c], 2e-5);
      g_assert_cmpfloat_with_epsilon (channel->variance[LW_BN_BATCH], (double)seen.variance[c],
                                      1e-4 * (double)seen.variance[c] + 1e-6);
      assert_counts (&channel->stages[LW_BN_ARRIVES], LW_BN_BATCH, seen.x, shape, c);
      assert_counts (&channel->stages[LW_BN_SHIFTED], LW_BN_BATCH, seen.y, shape, c);
      g_assert_cmpfloat_with_epsilon (channel->stages[LW_BN_NORMALIZED].mean[LW_BN_BATCH], 0, 1e-6);
      g_assert_cmpfloat_with_epsilon (channel->stages[LW_BN_NORMALIZED].deviation[LW_BN_BATCH], 1,
                                      0.01);
    }
    g_free (seen.x);
    g_free (seen.y);
  }
}

/* Where there are fewer images than a batch takes, those are studied. */
static void
test_few_images (Fixture *f, gconstpointer data)
{
  g_autoptr (LwSession) session = open_session (f);
  g_autoptr (LwSettings) few = lw_settings_copy (f->settings);
  g_autoptr (LwBnStudy) study = NULL;
  g_autoptr (GError) error = NULL;
  LwNodeId node = 0;

  (void)data;
  while (lw_graph_node (f->graph, node)->op != LW_OP_BATCH_NORM)
    node++;
  few->limit_train = 3;
  study = lw_bn_study_new (session, f->dataset, few, 7, node, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (study->images, ==, 3);
}

static bool
look_at_inference (LwSession *session, const LwStep *step, bool backward, void *data,
                   GError **error)
{
  Seen *seen = data;

  (void)backward;
  if (step->id == seen->producer)
    return lw_session_download (session, step, step->n, seen->x, error);
  return step->id != seen->node || lw_session_download (session, step, step->n, seen->y, error);
}

/* With running statistics it is what evaluation gives, and a deep layer's input is another then. */
static void
test_evaluation (Fixture *f, gconstpointer data)
{
  const LwNodeId node = lw_graph_find_node (f->graph, "5");
  const LwShape shape = lw_graph_node (f->graph, node)->shape;
  g_autofree float *images = g_new (float, BATCH * 28 * 28);
  g_autoptr (LwSession) session = open_session (f);
  g_autoptr (LwBnStudy) study = NULL;
  g_autoptr (GError) error = NULL;
  int32_t labels[BATCH];
  double apart = 0;
  Seen seen;

  (void)data;
  seen_init (&seen, f->graph, node);
  batch_after (f, 0, images, labels);
  study = lw_bn_study_new (session, f->dataset, f->settings, 0, node, NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (&session, lw_session_free);
  session = open_session (f);
  lw_session_infer (session, &(LwBatch){ .images = images, .n = BATCH }, look_at_inference, &seen,
                    NULL, NULL, &error);
  g_assert_no_error (error);
  for (int32_t c = 0; c < shape.c; c++) {
    const LwBnChannel *channel = &study->channels[c];

    assert_counts (&channel->stages[LW_BN_ARRIVES], LW_BN_RUNNING, seen.x, shape, c);
    assert_counts (&channel->stages[LW_BN_SHIFTED], LW_BN_RUNNING, seen.y, shape, c);
    apart += fabs (channel->stages[LW_BN_ARRIVES].mean[LW_BN_BATCH] -
                   channel->stages[LW_BN_ARRIVES].mean[LW_BN_RUNNING]);
  }
  g_assert_cmpfloat (apart, >, 0.01);
  g_free (seen.x);
  g_free (seen.y);
}

/* Means over the batches of what training steps saw. */
static void
test_fresh (Fixture *f, gconstpointer data)
{
  const LwNodeId node = lw_graph_find_node (f->graph, "5");
  const LwShape shape = lw_graph_node (f->graph, node)->shape;
  const double m = (double)BATCH * shape.h * shape.w;
  g_autoptr (LwSession) session = open_session (f), training = open_training (f);
  g_autofree float *images = g_new (float, BATCH * 28 * 28);
  g_autoptr (LwBnPass) pass = NULL;
  g_autoptr (GError) error = NULL;
  int32_t labels[BATCH];
  double mean[16] = { 0 }, variance[16] = { 0 };
  const float *fresh_mean, *fresh_variance;
  float in_session[16];
  Seen seen;

  (void)data;
  pass = lw_bn_pass_new (session, &error);
  g_assert_no_error (error);
  g_assert_cmpint (lw_bn_pass_refresh (pass, f->dataset, f->settings, 5, NULL, &error), ==, 5);
  seen_init (&seen, f->graph, node);
  for (int b = 0; b < 5; b++) {
    LwBatchResult result;

    batch_after (f, b, images, labels);
    train_at_rest (training, images, labels, BATCH, &seen, &result);
    for (int32_t c = 0; c < shape.c; c++) {
      mean[c] += (double)seen.mean[c] / 5;
      variance[c] += (double)seen.variance[c] * m / (m - 1) / 5;
    }
  }
  g_assert_true (lw_bn_pass_running (pass, node, &fresh_mean, &fresh_variance));
  for (int32_t c = 0; c < shape.c; c++) {
    g_assert_cmpfloat_with_epsilon ((double)fresh_mean[c], mean[c], 2e-5);
    g_assert_cmpfloat_with_epsilon ((double)fresh_variance[c], variance[c], 1e-4 * variance[c]);
  }
  /* The session has them as well. */
  lw_session_get_tensor (session, lw_graph_find_tensor (f->graph, "5.running_mean"), in_session,
                         &error);
  g_assert_no_error (error);
  g_assert_cmpmem (in_session, sizeof in_session, fresh_mean, sizeof in_session);
  /* More than there are: all that are whole. */
  g_assert_cmpint (lw_bn_pass_refresh (pass, f->dataset, f->settings, 1000, NULL, &error), ==,
                   TRAIN / BATCH);
  g_free (seen.x);
  g_free (seen.y);
}

/* A whole batch each, the last filled up with images before it. */
static double
accuracy_by_hand (const Fixture *f, LwSession *training)
{
  g_autofree float *images = g_new (float, BATCH * 28 * 28);
  int32_t order[TEST], labels[BATCH];
  int32_t correct = 0;

  lw_shuffled_order (f->settings->seed, 0, TEST, order);
  for (int32_t done = 0; done < TEST; done += BATCH) {
    const int32_t begin = MIN (done, TEST - BATCH);
    LwBatchResult all, before = { 0 };

    lw_bn_gather (f->dataset, LW_SPLIT_TEST, (LwShape){ .c = 1, .h = 28, .w = 28 }, order + begin,
                  BATCH, images, labels);
    train_at_rest (training, images, labels, BATCH, NULL, &all);
    correct += all.correct;
    if (begin == done)
      continue;
    /* Of the last one only the new ones count: those before it have been counted, so count those
     * that are wrong whatever they are by giving the old ones a label that no image gets. */
    for (int32_t wrong = 0; wrong < 10; wrong++) {
      LwBatchResult part;
      int32_t changed[BATCH];

      for (int32_t i = 0; i < BATCH; i++)
        changed[i] = i < done - begin ? wrong : labels[i];
      train_at_rest (training, images, changed, BATCH, NULL, &part);
      before.correct += part.correct;
    }
    /* Each new one that is right is so ten times; each old one once. */
    correct += (before.correct - (done - begin)) / 10 - all.correct;
  }
  return (double)correct / TEST;
}

/* With the session's statistics, an image at a time. */
static double
accuracy_one_by_one (const Fixture *f, LwSession *session)
{
  g_autofree float *images = g_new (float, 28 * 28);
  g_autoptr (GError) error = NULL;
  int32_t label, correct = 0;

  for (int32_t i = 0; i < TEST; i++) {
    LwBatchResult result;

    lw_bn_gather (f->dataset, LW_SPLIT_TEST, (LwShape){ .c = 1, .h = 28, .w = 28 }, &i, 1, images,
                  &label);
    lw_session_infer (session, &(LwBatch){ images, &label, 1 }, NULL, NULL, NULL, &result, &error);
    g_assert_no_error (error);
    correct += result.correct;
  }
  return (double)correct / TEST;
}

static void
test_accuracies (Fixture *f, gconstpointer data)
{
  g_autoptr (LwSession) session = open_session (f), training = open_training (f),
                        plain = open_session (f);
  LwBnAccuracies accuracies, read;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (f->run, "bn-study.json", NULL);

  (void)data;
  lw_bn_accuracies (session, f->dataset, f->settings, 20, 0, 5, NULL, &accuracies, &error);
  g_assert_no_error (error);
  g_assert_cmpint (accuracies.images, ==, TEST);
  g_assert_cmpint (accuracies.batch, ==, BATCH);
  g_assert_cmpint (accuracies.fresh_batches, ==, 5);
  g_assert_cmpfloat_with_epsilon (accuracies.accuracy[LW_BN_WITH_BATCH],
                                  accuracy_by_hand (f, training), 1e-9);
  g_assert_cmpfloat_with_epsilon (accuracies.accuracy[LW_BN_WITH_RUNNING],
                                  accuracy_one_by_one (f, plain), 1e-9);
  /* The session keeps the fresh values. */
  g_assert_cmpfloat_with_epsilon (accuracies.accuracy[LW_BN_WITH_FRESH],
                                  accuracy_one_by_one (f, session), 1e-9);
  /* At rate 1 after twenty steps running averages lag. */
  g_test_message ("batch %.3f, running %.3f, fresh %.3f", accuracies.accuracy[0],
                  accuracies.accuracy[1], accuracies.accuracy[2]);

  g_assert_false (lw_bn_accuracies_load (f->run, &read));
  g_assert_true (lw_bn_accuracies_save (&accuracies, f->run, &error));
  g_assert_true (lw_bn_accuracies_load (f->run, &read));
  g_assert_cmpint (read.step, ==, 20);
  g_assert_cmpint (read.images, ==, TEST);
  for (int way = 0; way < LW_N_BN_WAYS; way++)
    g_assert_cmpfloat (read.accuracy[way], ==, accuracies.accuracy[way]);
  {
    static const char *const hostile[] = {
      "",
      "[]",
      "{}",
      "{\"format\":1}",
      "{\"format\":2,\"step\":1}",
      "{\"format\":1,\"step\":1,\"test_images\":10,\"batch\":20,\"fresh_batches\":1,"
      "\"accuracy\":{\"batch\":0.5,\"running\":0.5,\"fresh\":0.5}}",
      "{\"format\":1,\"step\":1,\"test_images\":10,\"batch\":5,\"fresh_batches\":1,"
      "\"accuracy\":{\"batch\":1.5,\"running\":0.5,\"fresh\":0.5}}",
      "{\"format\":1,\"step\":1,\"test_images\":10,\"batch\":5,\"fresh_batches\":1,"
      "\"accuracy\":{\"batch\":0.5,\"running\":null,\"fresh\":0.5}}"
    };

    for (guint i = 0; i < G_N_ELEMENTS (hostile); i++) {
      g_assert_true (g_file_set_contents (path, hostile[i], -1, NULL));
      g_assert_false (lw_bn_accuracies_load (f->run, &read));
    }
  }
}

static bool
stop_at_half (double share, void *data)
{
  double *told = data;

  *told = share;
  return share < 0.5;
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (LwSession) session = open_session (f);
  double told = 0;
  const LwBnProgress progress = { stop_at_half, &told };
  LwBnAccuracies accuracies;
  g_autoptr (GError) error = NULL;

  (void)data;
  g_assert_false (lw_bn_accuracies (session, f->dataset, f->settings, 20, 0, 5, &progress,
                                    &accuracies, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_CANCELLED);
  g_assert_cmpfloat (told, <, 0.8);
  g_clear_error (&error);
  g_assert_null (
      lw_evaluate_split (session, f->dataset, LW_SPLIT_TEST, 0, false, &progress, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_CANCELLED);
  g_assert_cmpfloat (told, <, 0.8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, body) g_test_add (path, Fixture, NULL, set_up, body, tear_down)
  ADD ("/bn-study/study", test_study);
  g_test_add ("/bn-study/augmented", Fixture, "augment=crop", set_up, test_study, tear_down);
  ADD ("/bn-study/few-images", test_few_images);
  ADD ("/bn-study/evaluation", test_evaluation);
  ADD ("/bn-study/fresh", test_fresh);
  ADD ("/bn-study/accuracies", test_accuracies);
  ADD ("/bn-study/cancel", test_cancel);
  return g_test_run ();
}
