/* What a training keeps beside its curves changes no bit of it, on either backend. */
#include "engine/checkpoint.h"
#include "engine/data/loader.h"
#include "engine/record.h"
#include "engine/run.h"
#include "kernels/cpu/cpu.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

/* A training that keeps all records, and the same steps of a session alone, which keeps nothing and
 * whose layers are linked. Three epochs of 4 steps: the second and third begin with the records of
 * the first behind them. */
static void
assert_same_bits (const LwBackend *backend, const char *model, const char *input)
{
  const LwBackend *const backends[] = { backend, NULL };
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *bare = g_build_filename (folder, "bare.safetensors", NULL);
  g_autofree char *device = g_strconcat ("device=", backend->name, NULL);
  g_autofree char *last = NULL;
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 32);
  g_autoptr (LwSettings) settings =
      lw_test_settings (model, "data=shapes", "batch=16", "epochs=3", "lr=0.1", input,
                        "algorithms=fixed", device, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTrainer) trainer = lw_trainer_new (settings, backends, dataset, path, &error);
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, &error);
  g_autoptr (LwSession) session = lw_session_new (
      graph, backend, 0, &(LwSessionOptions){ .batch = 16, .device = { .threads = 1 } }, &error);
  const LwShape shape = lw_graph_input_shape (graph);
  g_autoptr (LwLoader) loader = lw_loader_new (dataset,
                                               &(LwLoaderOptions){ .split = LW_SPLIT_TRAIN,
                                                                   .height = shape.h,
                                                                   .width = shape.w,
                                                                   .batch = 16,
                                                                   .shuffle = true,
                                                                   .seed = settings->seed },
                                               &error);
  const LwPosition position = { .step = 12 };
  bool finite;

  g_assert_no_error (error);
  lw_test_run (trainer, LW_RUN_FINISHED);
  for (int id = 0; id < LW_N_RECORDS; id++)
    g_assert_cmpint (lw_record_version (lw_records_get (lw_trainer_records (trainer), id)), >, 0);
  g_assert_true (lw_session_initialize (session, settings->seed, &error));
  for (int64_t i = 0; i < position.step; i++) {
    const LwStepSettings step = { .learning_rate = 0.1F, .seed = settings->seed, .iteration = i };
    LwBatchResult result;
    LwBatch batch = { 0 };

    batch.n = lw_loader_next (loader, &batch.images, &batch.labels);
    g_assert_true (lw_session_train (session, &batch, &step, NULL, NULL, &result, &error));
  }
  g_assert_true (lw_checkpoint_write (session, settings, &position, bare, &finite, &error));
  last = lw_checkpoint_path (path, position.step);
  lw_test_assert_same_tensors (last, bare);
  lw_remove_folder (folder);
}

/* Where the fast kernels have several layouts and link layers, too: of small maps (LeNet), channels
 * last (ResNet), and with channels of wider maps (DenseNet). */
static void
test_bits (void)
{
  const LwBackend *const backends[] = { lw_test_backends[0], lw_cpu_backend () };

  for (gsize i = 0; i < G_N_ELEMENTS (backends); i++) {
    assert_same_bits (backends[i], "lenet", "input=1x28x28");
    assert_same_bits (backends[i], "lenet-bn", "input=1x28x28");
  }
  assert_same_bits (backends[1], "resnet18", "input=1x32x32");
  assert_same_bits (backends[1], "densenet", "input=1x32x32");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/records/bits", test_bits);
  return g_test_run ();
}
