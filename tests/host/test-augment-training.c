/* Trainings on augmented and normalized images: they learn, their runs know what images are
 * normalized with, and whatever opens a run normalizes as its training did. Going on after a stop
 * is test-resume.c's. */
#include "engine/checkpoint.h"
#include "engine/evaluate.h"
#include "engine/run.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <math.h>
#include <string.h>

enum { TRAIN = 480, TEST = 80 };

static double
test_loss (LwRun *run, LwGraph *graph, LwDataset *dataset)
{
  const LwSessionOptions options = { .inference_batch = 40 };
  g_autoptr (GError) error = NULL;
  g_autofree char *path = lw_run_checkpoint (run, "last", &error);
  g_autoptr (LwSession) session = lw_session_new (graph, lw_test_backends[0], 0, &options, &error);
  g_autoptr (LwEvaluation) evaluation = NULL;

  g_assert_no_error (error);
  g_assert_true (lw_session_load (session, path, &error));
  evaluation = lw_evaluate_split (session, dataset, LW_SPLIT_TEST, 0, false, NULL, &error);
  g_assert_no_error (error);
  return evaluation->loss;
}

/* The last event of a kind. */
static const LwEvent *
last_event (LwRunLog *log, LwEventKind kind)
{
  for (int64_t i = lw_run_log_length (log); i-- > 0;)
    if (lw_run_log_get (log, i)->kind == kind)
      return lw_run_log_get (log, i);
  g_assert_not_reached ();
}

static void
test_learning (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *exported = g_build_filename (folder, "weights.safetensors", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (TRAIN, TEST);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=16", "epochs=8", "lr=1", "augment=flip",
                        "crop-padding=1", "brightness=0.2", "normalize=data", NULL);
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, path);
  const LwEvent *epoch = last_event (log, LW_EVENT_EPOCH);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwRun) run = lw_run_open (path, &error);
  g_autoptr (LwGraph) plain = NULL;
  g_autoptr (LwOptions) options = NULL;
  const LwNormalization *known;
  LwNormalization measured;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_test_message ("train %g, test %g", (double)epoch->accuracy, (double)epoch->test_accuracy);
  g_assert_cmpfloat (epoch->test_accuracy, >, 0.6);
  /* what run.json says */
  measured =
      lw_normalization_measure (lw_dataset_image (dataset, LW_SPLIT_TRAIN, 0), TRAIN, 1, 28 * 28);
  known = lw_graph_normalization (run->graph);
  g_assert_cmpmem (known, sizeof *known, &measured, sizeof measured);
  g_assert_cmpstr (run->settings->normalize, ==, "data");
  g_assert_cmpint (run->settings->augmentation.crop_padding, ==, 1);
  g_assert_true (run->settings->augmentation.flip);
  /* the test images, as the training saw them; without normalization it is another network */
  g_assert_cmpfloat_with_epsilon (test_loss (run, run->graph, dataset), (double)epoch->test_loss,
                                  1e-5);
  options = lw_options_copy (run->settings->options);
  lw_options_set_normalization (options, &(LwNormalization){ 0 });
  plain = lw_model_build (options, &error);
  g_assert_cmpfloat (fabs (test_loss (run, plain, dataset) - (double)epoch->test_loss), >, 0.05);
  /* and what exported weights say */
  g_assert_true (lw_run_export_weights (run, "last", exported, &error));
  {
    g_autoptr (LwTensorFile) file = lw_tensor_file_open (exported, &error);

    text = lw_normalization_text (&measured);
    g_assert_cmpstr (lw_tensor_file_metadata (file, "normalization"), ==, text);
  }
  lw_remove_folder (folder);
}

/* Augmentation changes what a training sees, its test images not: with a rate of 0 the network
 * stays, and so do its test figures. */
static void
test_tests_stay (void)
{
  char *folder = lw_make_folder ();
  g_autoptr (LwDataset) dataset = lw_test_shapes (96, 40);
  float train[2], test[2];

  for (int i = 0; i < 2; i++) {
    g_autofree char *name = g_strdup_printf ("%s/%d", folder, i);
    g_autoptr (LwSettings) settings =
        lw_test_settings ("lenet", "data=shapes", "batch=32", "epochs=1", "lr=0",
                          i == 0 ? "augment=none" : "augment=book", NULL);
    g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, name);
    const LwEvent *epoch = last_event (log, LW_EVENT_EPOCH);

    train[i] = epoch->loss, test[i] = epoch->test_loss;
  }
  g_assert_cmpfloat (test[0], ==, test[1]);
  g_assert_cmpfloat (train[0], !=, train[1]);
  lw_remove_folder (folder);
}

/* (x − ½) / ¼ by the session is what the same images, normalized before, are without it. */
static void
test_session (void)
{
  const LwSessionOptions session_options = { .batch = 4 };
  const LwNormalization half = { 1, { 0.5f, 0, 0, 0 }, { 0.25f, 0, 0, 0 } };
  float images[4 * 784], logits[2][40];
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 4 * 784; i++)
    images[i] = (float)(i * 37 % 256) / 255.0f;
  for (int way = 0; way < 2; way++) {
    g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("lenet", NULL));
    g_autoptr (LwGraph) graph = NULL;
    g_autoptr (LwSession) session = NULL;
    const LwBatch batch = { .images = images, .n = 4 };

    if (way == 0)
      lw_options_set_normalization (options, &half);
    else
      lw_normalize_images (&half, images, 4, 1, 784, images);
    graph = lw_model_build (options, &error);
    session = lw_session_new (graph, lw_test_backends[0], 0, &session_options, &error);
    g_assert_true (lw_session_initialize (session, 5, &error));
    g_assert_true (lw_session_infer (session, &batch, NULL, NULL, logits[way], NULL, &error));
  }
  g_assert_cmpmem (logits[0], sizeof logits[0], logits[1], sizeof logits[1]);
}

static void
test_settings (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (32, 8);
  g_autoptr (LwSettings) settings = lw_test_settings ("lenet", "data=shapes", NULL);
  g_autofree char *none = lw_settings_get (settings, "augment");
  g_autofree char *custom = NULL, *json = NULL;
  g_autoptr (LwSettings) again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (none, ==, "none");
  g_assert_false (lw_settings_set (settings, "augment", "crup", &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "did you mean crop?");
  g_assert_false (lw_settings_set (settings, "hue", "0.6", &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "hue must be a number from 0 to 0.5");
  g_assert_false (lw_settings_set (settings, "crop-padding", "-1", &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "crop-padding");
  g_assert_true (lw_settings_set (settings, "augment", "book", &error));
  g_assert_true (lw_settings_set (settings, "hue", "0.125", &error));
  g_assert_true (lw_settings_set (settings, "augment", "custom", &error)); /* as it is */
  g_assert_true (lw_settings_set (settings, "normalize", "0.25,0.5,0.75,1,1,1", &error));
  custom = lw_settings_get (settings, "augment");
  g_assert_cmpstr (custom, ==, "custom");
  json = lw_settings_to_json (settings);
  again = lw_settings_from_json (json, -1, &error);
  g_assert_no_error (error);
  g_assert_true (again->augmentation.flip && again->augmentation.crop_area == 0.08 &&
                 again->augmentation.contrast == 0.4 && again->augmentation.hue == 0.125);
  g_assert_cmpint (lw_options_normalization (again->options)->n, ==, 3);
  g_assert_null (lw_trainer_new (settings, lw_test_backends, dataset, path, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "have 1 channel, but normalize gives");
  lw_remove_folder (folder);
}

/* Options that came from elsewhere, with numbers or without, and the setting say the same of a run.
 */
static void
test_agrees (void)
{
  static const LwNormalization half = { 1, { 0.5f, 0, 0, 0 }, { 0.25f, 0, 0, 0 } }, none = { 0 };
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL), *json = NULL;
  g_autoptr (LwDataset) dataset = lw_test_shapes (32, 8);
  g_autoptr (LwSettings) settings = lw_test_settings ("lenet", "data=shapes", NULL);
  g_autoptr (LwSettings) again = NULL;
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer;

  lw_options_set_normalization (settings->options, &half); /* of a file of weights */
  json = lw_settings_to_json (settings);
  again = lw_settings_from_json (json, -1, &error);
  g_assert_cmpmem (lw_options_normalization (again->options), sizeof half, &half, sizeof half);
  trainer = lw_trainer_new (settings, lw_test_backends, dataset, path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lw_trainer_settings (trainer)->normalize, ==, "0.5,0.25");
  lw_trainer_free (trainer);
  g_assert_true (lw_settings_set (settings, "normalize", "0.5,0.25", &error));
  lw_options_set_normalization (settings->options, &none); /* the book's */
  trainer = lw_trainer_new (settings, lw_test_backends, dataset, path, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (lw_graph_normalization (lw_trainer_graph (trainer)), sizeof half, &half,
                   sizeof half);
  lw_trainer_free (trainer);
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/augment-training/learning", test_learning);
  g_test_add_func ("/augment-training/tests-stay", test_tests_stay);
  g_test_add_func ("/augment-training/session", test_session);
  g_test_add_func ("/augment-training/settings", test_settings);
  g_test_add_func ("/augment-training/agrees", test_agrees);
  return g_test_run ();
}
