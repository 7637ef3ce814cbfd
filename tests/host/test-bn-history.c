/* A history of batch normalization: the recent steps one by one, and extremes that outlive the
 * moments they were seen in; saved, read back, cut off and gone on with. */
#include "engine/bn_history.h"
#include "engine/checkpoint.h"
#include "engine/formats/safetensors.h"
#include "engine/models.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <math.h>

#define LONG 300

static void
note_step (LwBnHistory *history, LwNodeId node, int64_t step, int channels)
{
  float values[16];

  for (int field = LW_BN_BATCH_MEAN; field < LW_BN_N_FIELDS; field++) {
    for (int c = 0; c < channels; c++)
      values[c] = (float)((step * 37 % 101) + 1000 * field + c);
    lw_bn_history_put (history, node, (LwBnField)field, values);
  }
  lw_bn_history_note (history, step);
  if (lw_bn_history_wants (history, step))
    lw_bn_history_commit (history, step, (double)step / 10);
}

static void
check_history (LwBnHistory *history, LwNodeId node)
{
  int64_t steps[LW_BN_MOMENTS], recent_steps[LW_BN_RECENT];
  float low[LW_BN_MOMENTS], high[LW_BN_MOMENTS], recent[LW_BN_RECENT];
  int32_t n = lw_bn_history_series (history, node, LW_BN_BATCH_VAR_LOW, 3, steps, NULL, low);

  g_assert_cmpint (n, ==, 150);
  g_assert_cmpint (lw_bn_history_series (history, node, LW_BN_BATCH_VAR_HIGH, 3, NULL, NULL, high),
                   ==, n);
  for (int32_t i = 0; i < n; i++) {
    float lowest = INFINITY, highest = -INFINITY;

    for (int64_t step = i > 0 ? steps[i - 1] + 1 : 1; step <= steps[i]; step++) {
      lowest = fminf (lowest, (float)((step * 37 % 101) + 1000 * LW_BN_BATCH_VAR + 3));
      highest = fmaxf (highest, (float)((step * 37 % 101) + 1000 * LW_BN_BATCH_VAR + 3));
    }
    g_assert_cmpfloat (low[i], ==, lowest);
    g_assert_cmpfloat (high[i], ==, highest);
  }
  g_assert_cmpint (lw_bn_history_recent (history, node, LW_BN_RUNNING_VAR, 3, recent_steps, recent),
                   ==, LW_BN_RECENT);
  for (int32_t i = 0; i < LW_BN_RECENT; i++) {
    const int64_t step = LONG - LW_BN_RECENT + 1 + i;

    g_assert_cmpint (recent_steps[i], ==, step);
    g_assert_cmpfloat (recent[i], ==, (float)((step * 37 % 101) + 1000 * LW_BN_RUNNING_VAR + 3));
  }
  g_assert_cmpint (lw_bn_history_recent (history, node, LW_BN_GAMMA, 3, NULL, recent), ==, 0);
}

static void
test_recent (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "bn-history.safetensors", NULL);
  g_autoptr (LwSettings) settings = lw_test_settings ("lenet-bn", NULL);
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, NULL);
  const LwNodeId node = lw_graph_find_node (graph, "5");
  LwBnHistory *history = lw_bn_history_new (graph), *loaded;
  g_autoptr (GError) error = NULL;
  int64_t recent_steps[LW_BN_RECENT];
  float recent[LW_BN_RECENT];

  for (int64_t step = 1; step <= LONG; step++)
    note_step (history, node, step, 16);
  check_history (history, node);
  g_assert_true (lw_bn_history_save (history, path, &error));
  loaded = lw_bn_history_load (graph, path, &error);
  g_assert_no_error (error);
  check_history (loaded, node);

  /* A run that goes on from an earlier checkpoint. */
  lw_bn_history_truncate (loaded, LONG - 10);
  g_assert_cmpint (lw_bn_history_recent (loaded, node, LW_BN_BATCH_MEAN, 0, recent_steps, recent),
                   ==, LW_BN_RECENT - 10);
  g_assert_cmpint (recent_steps[LW_BN_RECENT - 11], ==, LONG - 10);
  for (int64_t step = LONG - 9; step <= LONG; step++)
    note_step (loaded, node, step, 16);
  check_history (loaded, node);
  lw_bn_history_free (history);
  lw_bn_history_free (loaded);
  lw_remove_folder (folder);
}

/* The trainer's last steps are all there, and the last is that of the file's weights. */
static void
test_trained (void)
{
  g_autofree char *folder = lw_make_folder (), *run = g_build_filename (folder, "run", NULL);
  g_autofree char *path = g_build_filename (run, "bn-history.safetensors", NULL);
  g_autofree char *checkpoint = lw_checkpoint_path (run, 20);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=32", "epochs=2", "lr=1", NULL);
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, NULL);
  LwDataset *dataset = lw_test_shapes (320, 100);
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, run);
  g_autoptr (GError) error = NULL;
  LwBnHistory *history = lw_bn_history_load (graph, path, &error);
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (checkpoint, &error);
  const LwNodeId node = lw_graph_find_node (graph, "1");
  int64_t steps[LW_BN_RECENT];
  float batch[LW_BN_RECENT], running[LW_BN_RECENT];

  g_assert_no_error (error);
  g_assert_cmpint (lw_bn_history_recent (history, node, LW_BN_BATCH_MEAN, 2, steps, batch), ==, 20);
  g_assert_cmpint (lw_bn_history_recent (history, node, LW_BN_RUNNING_MEAN, 2, NULL, running), ==,
                   20);
  for (int i = 0; i < 20; i++) {
    g_assert_cmpint (steps[i], ==, i + 1);
    g_assert_cmpfloat_with_epsilon (running[i],
                                    0.9f * (i > 0 ? running[i - 1] : 0) + 0.1f * batch[i], 1e-5f);
  }
  g_assert_cmpfloat (running[19], ==,
                     ((const float *)lw_tensor_file_find (file, "1.running_mean")->data)[2]);
  lw_bn_history_free (history);
  lw_dataset_unref (dataset);
  lw_remove_folder (g_steal_pointer (&folder));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bn-history/recent", test_recent);
  g_test_add_func ("/bn-history/trained", test_trained);
  return g_test_run ();
}
