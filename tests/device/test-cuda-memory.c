/* Memory of the graphics card: what is said before a training begins is what it takes, copies of
 * weights, gradients, workspaces and the data that the device keeps included; and a run whose card
 * has no memory left in the midst of it ends with a sentence, is saved, and goes on from there. */
#include "engine/checkpoint.h"
#include "engine/memory_use.h"
#include "engine/run.h"
#include "kernels/cuda/cuda.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/network.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <inttypes.h>
#include <string.h>

#define MIB (1024 * 1024.0)

/* --- what is said before ---------------------------------------------------------------------- */

typedef struct {
  const char *model, *width; /* NULL: its own */
  int32_t side, batch;
  int32_t slots; /* 0 SGD, 1 momentum, 2 Adam */
  LwPrecision precision;
  int32_t images; /* of 28 × 28 that are kept */
} Case;

static const Case cases[] = {
  { "lenet", NULL, 28, 16, 0, LW_PRECISION_FP32, 500 },
  { "lenet-bn", NULL, 28, 16, 1, LW_PRECISION_BF16, 2000 },
  { "alexnet", "0.25", 67, 2, 0, LW_PRECISION_BF16, 60 },
  { "vgg11-small", "0.0625", 32, 2, 1, LW_PRECISION_TF32, 60 },
  { "nin", "0.25", 67, 2, 2, LW_PRECISION_BF16, 60 },
  { "googlenet", "0.25", 32, 2, 0, LW_PRECISION_BF16, 60 },
  { "resnet18", "0.25", 32, 2, 1, LW_PRECISION_FP32, 60 },
  { "densenet", NULL, 32, 2, 2, LW_PRECISION_BF16, 60 },
};

static LwMemoryDevice
device_of (const Case *c)
{
  return (LwMemoryDevice){ .backend = &lw_cuda_backend,
                           .options.precision = c->precision,
                           .optimizer_slots = c->slots,
                           .data_bytes = (int64_t)c->images * (28 * 28 + 1) };
}

static LwGraph *
graph_of (const Case *c)
{
  const char *const options[] = { "width", c->width, NULL };

  return lw_test_network (c->model, c->side, c->width != NULL ? options : NULL);
}

/* Of what a device takes when it is opened nobody speaks: it is not free memory either. */
static int64_t
bytes_of_device (const Case *c)
{
  const LwDeviceOptions options = { .precision = c->precision };
  const int64_t before = lw_emulation_live ().bytes;
  LwDevice *device = lw_cuda_backend.open (0, &options, NULL);
  const int64_t bytes = lw_emulation_live ().bytes - before;

  g_assert_nonnull (device);
  lw_cuda_backend.close (device);
  return bytes;
}

/* A session that keeps its images and has made a step of them. */
static LwSession *
trained (const Case *c, LwGraph *graph)
{
  const LwSessionOptions options = { .batch = c->batch,
                                     .optimizer =
                                         c->slots == 2 ? LW_OPTIMIZER_ADAM : LW_OPTIMIZER_SGD,
                                     .momentum = c->slots == 1,
                                     .device.precision = c->precision };
  const LwStepSettings settings = { .learning_rate = 1e-4f, .seed = 1 };
  g_autoptr (LwDataset) dataset = lw_test_shapes (c->images, 1);
  g_autofree int32_t *zeros = g_new0 (int32_t, c->batch);
  const LwBatch batch = { .labels = zeros, .n = c->batch, .examples = zeros };
  g_autoptr (GError) error = NULL;
  LwSession *session = lw_session_new (graph, &lw_cuda_backend, 0, &options, &error);
  LwBatchResult result;

  g_assert_no_error (error);
  g_assert_true (lw_session_initialize (session, 1, &error));
  g_assert_true (lw_session_keep_data (session, dataset, LW_SPLIT_TRAIN, c->images, false));
  lw_session_train (session, &batch, &settings, NULL, NULL, &result, &error);
  g_assert_no_error (error);
  return session;
}

static void
test_estimate (gconstpointer data)
{
  const Case *c = data;
  const LwMemoryDevice device = device_of (c);
  const int64_t begin = lw_emulation_live ().bytes, opened = bytes_of_device (c);
  g_autoptr (LwGraph) graph = graph_of (c);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwMemoryUse) use = lw_memory_use_new (graph, &device, c->batch, &error);
  g_autoptr (LwSession) session = NULL;
  int64_t planned, taken, copies;

  g_assert_no_error (error);
  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  planned = lw_memory_use_needed (use, LW_MODE_TRAINING);
  session = trained (c, graph);
  taken = lw_emulation_live ().bytes - begin - opened;
  copies = use->pass[LW_MODE_TRAINING].parameters - 4 * lw_graph_cost (graph).parameters;
  g_test_message (
      "%s, batch %d, %d slots: said %.2f MiB (copies %.2f, images %.2f), taken %.2f MiB "
      "(%+d bytes)",
      c->model, c->batch, c->slots, (double)planned / MIB, (double)copies / MIB,
      (double)use->pass[LW_MODE_TRAINING].images / MIB, (double)taken / MIB,
      (int)(taken - planned));
  /* But for the loss, a batch's numbers and the like: of most of these the optimizer's table, the
   * least of what is planned, is more. */
  g_assert_cmpint (ABS (taken - planned), <, 4096);
  g_assert_cmpint (use->pass[LW_MODE_TRAINING].total, ==,
                   lw_session_memory (session).training_total);
  g_assert_cmpint (use->pass[LW_MODE_INFERENCE].total, ==,
                   lw_session_memory (session).inference_total);
}

/* Where all but the copies, of 2 bytes a parameter, would fit, a training is refused before it
 * begins. */
static void
test_refused (void)
{
  static const Case c = { "alexnet", "0.25", 67, 2, 0, LW_PRECISION_BF16, 1 };
  const LwSessionOptions options = { .batch = c.batch, .device.precision = c.precision };
  const LwMemoryDevice device = device_of (&c);
  LwEmulationHardware hardware = { 1, 8, 9, 0 };
  g_autoptr (LwGraph) graph = graph_of (&c);
  g_autoptr (LwMemoryUse) use = lw_memory_use_new (graph, &device, c.batch, NULL);
  g_autoptr (GError) error = NULL;

  hardware.bytes =
      (size_t)(use->pass[LW_MODE_TRAINING].total - use->pass[LW_MODE_TRAINING].parameters +
               5 * lw_graph_cost (graph).parameters + bytes_of_device (&c));
  lw_emulation_set_hardware (&hardware);
  g_assert_null (lw_session_new (graph, &lw_cuda_backend, 0, &options, &error));
  hardware.bytes = (size_t)4 << 30;
  lw_emulation_set_hardware (&hardware);
  g_assert_error (error, LW_ERROR, LW_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "of memory, but"));
}

/* --- memory that is at an end in the midst of a run ------------------------------------------- */

enum { TRAIN = 44, PER_EPOCH = 6, STEPS = 3 * PER_EPOCH };

static LwBackend backend; /* CUDA's */
static const LwBackend *const backends[] = { &backend, NULL };
static int64_t poor_step; /* the iteration in which memory is at an end, */
static int poor_call;     /*   in this one of CUDA's calls that the backend makes then */

static bool
begin_step (LwDevice *device, const LwStepNumbers *numbers, bool *ret_replayed, GError **error)
{
  if (numbers->iteration == poor_step) {
    const int64_t call = lw_emulation_calls () + poor_call;

    lw_emulation_exhaust_calls (call, call);
  }
  return lw_cuda_backend.begin_step (device, numbers, ret_replayed, error);
}

static const struct {
  const char *name;
  int64_t step; /* from 0 */
  int call;
  const char *sentence;
  int64_t saved; /* as the run was after this step; 0: it begins anew */
} poor[] = {
  { "table", 0, 1, "of memory left: choose a smaller batch or network", 0 },
  /* A replayed step runs or does not. */
  { "replay", 9, 1, "has no memory left (cudaGraphLaunch): close programs", 9 },
  /* The first batch of 4 is computed kernel by kernel: nobody knows what has changed. */
  { "kernel", 5, 12, "has no memory left (", 4 },
};

/* Of PER_EPOCH steps, a checkpoint in the midst; the last batch is smaller. */
static LwTrainer *
new_trainer (const char *folder)
{
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=8", "epochs=3", "lr=0.05", "momentum=0.5",
                        "checkpoint-every=4", "algorithms=fixed", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (TRAIN, 8);
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer;

  g_assert_true (lw_settings_set (settings, "device", "cuda", NULL));
  trainer = lw_trainer_new (settings, backends, dataset, folder, &error);
  g_assert_no_error (error);
  return trainer;
}

static void
assert_same_runs (const char *folder, const char *expected)
{
  g_autofree char *last = lw_checkpoint_path (folder, STEPS);
  g_autofree char *other = lw_checkpoint_path (expected, STEPS);
  g_autoptr (LwRun) run = lw_run_open (folder, NULL), wanted = lw_run_open (expected, NULL);

  lw_test_assert_same_tensors (other, last);
  lw_test_assert_same_log (wanted->log, run->log);
  g_assert_cmpint (run->state, ==, LW_RUN_FINISHED);
}

/* Ends as a failed run; what is said then is for the caller to free. */
static char *
fail (const char *folder, int64_t step, int call)
{
  LwTrainer *trainer = new_trainer (folder);
  char *message;

  poor_step = step;
  poor_call = call;
  lw_test_run (trainer, LW_RUN_FAILED);
  poor_step = -1;
  lw_emulation_exhaust_calls (-1, -1);
  message = lw_trainer_message (trainer);
  lw_trainer_free (trainer);
  return message;
}

static void
test_poor (gconstpointer data)
{
  const int i = GPOINTER_TO_INT (data);
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "poor", NULL);
  g_autofree char *expected = g_build_filename (folder, "whole", NULL);
  g_autofree char *saved =
      g_strdup_printf ("saved as it was after step %" PRId64 ";", poor[i].saved);
  g_autofree char *checkpoint = lw_checkpoint_path (path, poor[i].saved), *message = NULL;
  g_autoptr (LwDataset) dataset = lw_test_shapes (TRAIN, 8);
  g_autoptr (LwRun) run = NULL;
  LwTrainer *trainer;

  poor_step = -1;
  trainer = new_trainer (expected);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);

  message = fail (path, poor[i].step, poor[i].call);
  g_test_message ("%s", message);
  g_assert_nonnull (strstr (message, poor[i].sentence));
  g_assert_true ((strstr (message, saved) != NULL) == (poor[i].saved > 0));
  g_assert_true (g_file_test (checkpoint, G_FILE_TEST_EXISTS) == (poor[i].saved > 0));
  run = lw_run_open (path, NULL);
  g_assert_cmpint (run->state, ==, LW_RUN_FAILED);

  trainer = lw_trainer_resume (path, backends, dataset, 0, 0, NULL);
  g_assert_nonnull (trainer);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  assert_same_runs (path, expected);
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  backend = lw_cuda_backend;
  backend.begin_step = begin_step;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/cuda-memory/estimate/", cases[i].model, NULL);

    g_test_add_data_func (path, &cases[i], test_estimate);
  }
  g_test_add_func ("/cuda-memory/refused", test_refused);
  for (guint i = 0; i < G_N_ELEMENTS (poor); i++) {
    g_autofree char *path = g_strconcat ("/cuda-memory/at-an-end/", poor[i].name, NULL);

    g_test_add_data_func (path, GINT_TO_POINTER ((int)i), test_poor);
  }
  return g_test_run ();
}
