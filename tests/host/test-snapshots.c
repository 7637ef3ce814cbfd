/* Weights of past epochs: kept, thinned out, dropped when a run goes on, read as hostile; what is
 * seen with them is what the network computed then; and none of it ever ends a training. */
#include "engine/checkpoint.h"
#include "engine/observe.h"
#include "engine/run.h"
#include "engine/run_record.h"
#include "engine/snapshots.h"
#include "kernels/reference/reference.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <glib/gstdio.h>
#include <string.h>

static LwSettings *
small (const char *epochs, const char *snapshots)
{
  g_autofree char *e = g_strconcat ("epochs=", epochs, NULL);
  g_autofree char *s = g_strconcat ("snapshots=", snapshots, NULL);

  return lw_test_settings ("lenet-bn", "data=shapes", "batch=32", "lr=0.3", "momentum=0.9", e, s,
                           NULL);
}

static void
assert_epochs (const char *folder, const char *wanted)
{
  g_autoptr (GArray) epochs = lw_snapshot_list (folder);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < epochs->len; i++)
    g_string_append_printf (text, "%s%d", i > 0 ? " " : "", g_array_index (epochs, int32_t, i));
  g_assert_cmpstr (text->str, ==, wanted);
}

/* One for each epoch and the beginning; the last has the last checkpoint's weights, without the
 * optimizer's. */
static void
test_made (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (128, 32);
  g_autoptr (LwSettings) settings = small ("3", "256");
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, path);
  g_autoptr (GPtrArray) moments = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *last = lw_checkpoint_path (path, 12), *third = lw_snapshot_path (path, 3);
  g_autofree char *zero = lw_snapshot_path (path, 0);
  g_autoptr (LwTensorFile) a = NULL, b = NULL;
  int best = 0;

  assert_epochs (path, "0 1 2 3");
  a = lw_tensor_file_open (last, &error);
  g_assert_no_error (error);
  b = lw_tensor_file_open (third, &error);
  g_assert_no_error (error);
  g_assert_cmpint (lw_tensor_file_n (a), >, lw_tensor_file_n (b));
  for (int32_t i = 0; i < lw_tensor_file_n (b); i++) {
    const LwFileTensor *x = lw_tensor_file_get (b, i), *y = lw_tensor_file_find (a, x->name);

    g_assert_false (g_str_has_prefix (x->name, "optimizer."));
    g_assert_nonnull (y);
    g_assert_cmpmem (x->data, x->size * 4, y->data, y->size * 4);
  }

  /* Looking with the file of epoch 0 is looking with the seed's weights. */
  {
    g_autoptr (LwGraph) graph = lw_model_build (settings->options, &error);
    g_autofree float *image = g_new0 (float, 28 * 28);
    g_autoptr (LwObserver) observer = lw_observer_new (graph, &lw_reference_backend, &error);
    g_autoptr (LwObservation) from_file = NULL, from_seed = NULL, later = NULL;
    const int32_t classes = lw_graph_classes (graph);

    for (int i = 0; i < 28 * 28; i++)
      image[i] = (float)lw_dataset_image (dataset, LW_SPLIT_TEST, 5)[i] / 255;
    g_assert_true (lw_observer_load (observer, zero, 0, &error));
    from_file = lw_observer_look (observer, image, &error);
    g_assert_true (lw_observer_load (observer, NULL, settings->seed, &error));
    from_seed = lw_observer_look (observer, image, &error);
    g_assert_true (lw_observer_load (observer, third, 0, &error));
    later = lw_observer_look (observer, image, &error);
    g_assert_no_error (error);
    g_assert_cmpmem (lw_observation_probabilities (from_file), classes * 4,
                     lw_observation_probabilities (from_seed), classes * 4);
    g_assert_cmpfloat (lw_observation_probabilities (later)[0], !=,
                       lw_observation_probabilities (from_file)[0]);
    /* A layer that no step computes has its input's values. */
    for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
      if (lw_graph_node (graph, id)->op == LW_OP_FLATTEN)
        g_assert_cmpmem (lw_observation_values (later, id),
                         lw_shape_size (lw_graph_node (graph, id)->shape) * 4,
                         lw_observation_values (later, lw_graph_node (graph, id)->inputs[0]),
                         lw_shape_size (lw_graph_node (graph, id)->shape) * 4);
    /* The cheap way says the same class. */
    {
      int32_t most = 0;

      for (int32_t i = 1; i < classes; i++)
        if (lw_observation_probabilities (later)[i] > lw_observation_probabilities (later)[most])
          most = i;
      g_assert_cmpint (lw_observer_classify (observer, image, &error), ==, most);
    }
  }

  moments = lw_weights_moments (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (moments->len, ==, 4);
  for (guint i = 0; i < moments->len; i++) {
    const LwWeightsMoment *moment = g_ptr_array_index (moments, i);

    g_assert_cmpint (moment->step, ==, 4 * i);
    g_assert_cmpfloat (moment->epoch, ==, i);
    best += moment->best;
  }
  g_assert_cmpint (best, ==, 1);
  lw_remove_folder (folder);
}

/* Without snapshots there are the beginning and the checkpoints. */
static void
test_off (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *none = g_build_filename (path, "snapshots", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (128, 32);
  g_autoptr (LwSettings) settings = small ("3", "0");
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, path);
  g_autoptr (GPtrArray) moments = lw_weights_moments (path, NULL);

  g_assert_false (g_file_test (none, G_FILE_TEST_EXISTS));
  g_assert_nonnull (moments);
  g_assert_cmpint (moments->len, >=, 2);
  g_assert_null (((LwWeightsMoment *)g_ptr_array_index (moments, 0))->path);
  g_assert_cmpint (((LwWeightsMoment *)g_ptr_array_index (moments, moments->len - 1))->step, ==,
                   12);
  lw_remove_folder (folder);
}

static void
plant (const char *folder, const char *name, gsize bytes)
{
  g_autofree char *path = g_build_filename (folder, "snapshots", name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *zeros = g_malloc0 (bytes + 1);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0777), ==, 0);
  g_assert_true (g_file_set_contents (path, zeros, (gssize)bytes, NULL));
}

static void
test_thinned (void)
{
  char *folder = lw_make_folder ();

  for (int epoch = 0; epoch <= 10; epoch++) {
    g_autofree char *name = g_strdup_printf ("epoch-%d.safetensors", epoch);

    plant (folder, name, 1000);
  }
  lw_snapshots_thin (folder, 7, 11000);
  assert_epochs (folder, "0 1 2 3 4 5 6 7 8 9 10");
  lw_snapshots_thin (folder, 7, 10999);
  assert_epochs (folder, "0 2 4 6 7 8 10");
  lw_snapshots_thin (folder, 7, 6500);
  assert_epochs (folder, "0 4 7 8 10");
  lw_snapshots_thin (folder, 7, 1); /* these three stay whatever they take */
  assert_epochs (folder, "0 7 10");
  g_assert_cmpint (lw_snapshots_drop_after (folder, 7), ==, 1);
  assert_epochs (folder, "0 7");
  g_assert_cmpint (lw_snapshots_drop_after (folder, -1), ==, 2);
  assert_epochs (folder, "");
  lw_remove_folder (folder);
}

/* A long run stays in its budget: LeNet with batch normalization takes 180 kB an epoch. */
static void
test_budget (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (32, 8);
  g_autoptr (LwSettings) settings = small ("17", "1");
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, path);
  g_autoptr (GArray) epochs = lw_snapshot_list (path);
  g_autoptr (LwRun) run = lw_run_open (path, NULL);
  bool has_best = false;
  gint64 bytes = 0;

  for (guint i = 0; i < epochs->len; i++) {
    g_autofree char *file = lw_snapshot_path (path, g_array_index (epochs, int32_t, i));
    GStatBuf info;

    g_assert_cmpint (g_stat (file, &info), ==, 0);
    bytes += info.st_size;
    has_best |= g_array_index (epochs, int32_t, i) == run->best_epoch;
  }
  g_assert_cmpint (bytes, <=, 1024 * 1024);
  g_assert_cmpint (epochs->len, >=, 3);
  g_assert_cmpint (g_array_index (epochs, int32_t, 0), ==, 0);
  g_assert_cmpint (g_array_index (epochs, int32_t, epochs->len - 1), ==, 17);
  g_assert_true (has_best);
  lw_remove_folder (folder);
}

/* Going on from a checkpoint drops what came after it, and ends as the uninterrupted run. */
static void
test_resumed (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *whole = g_build_filename (folder, "whole", NULL);
  g_autofree char *broken = g_build_filename (folder, "broken", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (128, 32);
  g_autoptr (LwSettings) two = small ("2", "256"), four = small ("4", "256");
  g_autoptr (LwRunLog) first = lw_test_train (four, dataset, whole);
  g_autoptr (LwRunLog) second = lw_test_train (two, dataset, broken);
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer;

  plant (broken, "epoch-3.safetensors", 10); /* of a program that was killed at a bad moment */
  plant (broken, "epoch-9.safetensors", 10);
  assert_epochs (broken, "0 1 2 3 9");
  trainer = lw_trainer_resume (broken, lw_test_backends, dataset, 4, 0, &error);
  g_assert_no_error (error);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  assert_epochs (broken, "0 1 2 3 4");
  for (int epoch = 0; epoch <= 4; epoch++) {
    g_autofree char *a = lw_snapshot_path (whole, epoch), *b = lw_snapshot_path (broken, epoch);

    lw_test_assert_same_tensors (a, b);
  }
  lw_remove_folder (folder);
}

/* Snapshots, statistics and records that cannot be written, as on a full disk: the run ends as if
 * nothing had been, and says so. */
static void
test_failing (void)
{
  static const char *const pictures[] = { "bn-history.safetensors", "health.safetensors",
                                          "distributions.safetensors", "predictions.safetensors" };
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *in_the_way = g_build_filename (path, "snapshots", NULL);
  g_autofree char *plain = g_build_filename (folder, "plain", NULL);
  g_autofree char *a = lw_checkpoint_path (path, 8), *b = lw_checkpoint_path (plain, 8);
  g_autoptr (LwDataset) dataset = lw_test_shapes (128, 32);
  g_autoptr (LwSettings) settings = small ("2", "256"), without = small ("2", "0");
  g_autoptr (LwRunLog) log = lw_test_train (without, dataset, plain);
  g_autofree char *message = NULL;
  g_autoptr (LwRun) run = NULL;
  LwTrainer *trainer = lw_test_new (settings, dataset, path);

  g_assert_true (g_file_set_contents (in_the_way, "a file", -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++) {
    g_autofree char *picture = g_build_filename (path, pictures[i], NULL);

    g_assert_cmpint (g_mkdir (picture, 0700), ==, 0);
  }
  lw_test_run (trainer, LW_RUN_FINISHED);
  message = lw_trainer_message (trainer);
  lw_trainer_free (trainer);
  g_assert_nonnull (strstr (message, "health.safetensors")); /* the first of them */
  run = lw_run_open (path, NULL);
  g_assert_cmpint (run->state, ==, LW_RUN_FINISHED);
  g_assert_cmpstr (run->message, ==, message);
  lw_test_assert_same_tensors (a, b); /* and they change no bit of a training */
  lw_remove_folder (folder);
}

static void
test_hostile (void)
{
  static const char *const names[] = { "epoch-.safetensors",
                                       "epoch--1.safetensors",
                                       "epoch-+1.safetensors",
                                       "epoch-01.safetensors",
                                       "epoch-1.safetensors.tmp",
                                       "epoch-99999999999999999999.safetensors",
                                       "epoch-4294967297.safetensors",
                                       "epoch-1e3.safetensors",
                                       "step-1.safetensors",
                                       ".epoch-1.safetensors",
                                       "notes.txt" };
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *cut = lw_snapshot_path (path, 1);
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 16);
  g_autoptr (LwSettings) settings = small ("1", "256");
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, path);
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, NULL);
  g_autofree float *image = g_new0 (float, 28 * 28);
  g_autoptr (GPtrArray) moments = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    plant (path, names[i], 100);
  assert_epochs (path, "0 1");
  plant (path, "epoch-2147483647.safetensors", 100);
  moments = lw_weights_moments (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (moments->len, ==, 3);

  /* A file that was cut off says so, and does not change what is loaded. */
  g_assert_true (g_file_set_contents (cut, "short", -1, NULL));
  g_assert_null (lw_observe (graph, &lw_reference_backend, cut, 0, image, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_null (lw_weights_moments ("/nowhere", &error));
  g_assert_nonnull (error);
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/snapshots/made", test_made);
  g_test_add_func ("/snapshots/off", test_off);
  g_test_add_func ("/snapshots/thinned", test_thinned);
  g_test_add_func ("/snapshots/budget", test_budget);
  g_test_add_func ("/snapshots/resumed", test_resumed);
  g_test_add_func ("/snapshots/failing", test_failing);
  g_test_add_func ("/snapshots/hostile", test_hostile);
  return g_test_run ();
}
