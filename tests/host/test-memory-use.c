/* What the Memory page says of a network against what a session takes: the plans are the same, and
 * the resident set grows by what is planned while two steps train. */
#include "app/bench-resident.h"
#include "engine/memory_use.h"
#include "engine/session.h"
#include "kernels/cpu/cpu.h"
#include "kernels/reference/reference.h"
#include "tests/support/network.h"
#include "tests/support/training.h"

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (1024 * 1024.0)

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED true /* whose own memory counts as well */
#else
#define SANITIZED false
#endif

typedef struct {
  const char *model;
  int32_t side;
  int32_t batch;
  int32_t slots;
  bool fast; /* the CPU backend; else the reference */
} Case;

static const LwBackend *
backend_of (const Case *c)
{
  return c->fast ? lw_cpu_backend () : &lw_reference_backend;
}

static LwMemoryDevice
device_of (const Case *c)
{
  return (LwMemoryDevice){ .backend = backend_of (c),
                           .options = { .threads = 2, .algorithms = LW_ALGORITHMS_FIXED },
                           .optimizer_slots = c->slots };
}

static LwSession *
session_of (const Case *c, LwGraph *graph, GError **error)
{
  const LwSessionOptions options = {
    .batch = c->batch,
    .optimizer = c->slots == 2 ? LW_OPTIMIZER_ADAM : LW_OPTIMIZER_SGD,
    .momentum = c->slots == 1,
    .device = { .threads = 2, .algorithms = LW_ALGORITHMS_FIXED }
  };

  return lw_session_new (graph, backend_of (c), 0, &options, error);
}

/* --- the peak ----------------------------------------------------------------------------------
 */

/* Two steps on grey images. What little else there is, stacks of threads and what the kernel has
 * not counted yet, is half a MiB. */
static int64_t
growth_of_steps (const Case *c, LwGraph *graph)
{
  const int64_t size = lw_shape_size (lw_graph_input_shape (graph));
  g_autofree float *images = g_new (float, c->batch *size);
  g_autofree int32_t *labels = g_new (int32_t, c->batch);
  const LwBatch batch = { images, labels, c->batch };
  g_autoptr (GError) error = NULL;
  LwSession *session;
  LwResident resident;

  for (int64_t i = 0; i < c->batch * size; i++)
    images[i] = (float)(i % 251) / 251;
  for (int32_t i = 0; i < c->batch; i++)
    labels[i] = i % lw_graph_classes (graph);
  resident = lw_resident_begin ();
  session = session_of (c, graph, &error);
  if (session == NULL || !lw_session_initialize (session, 1, &error))
    return -1;
  for (int step = 0; step < 2; step++) {
    const LwStepSettings settings = { .learning_rate = 1e-4f, .seed = 1, .iteration = step };
    LwBatchResult result;

    if (!lw_session_train (session, &batch, &settings, NULL, NULL, &result, &error))
      return -1;
  }
  return lw_resident_growth_without_files (&resident);
}

/* In a process of its own, so that what earlier networks left in the heap is not filled silently.
 */
typedef int64_t (*Growth) (const Case *c, LwGraph *graph);

static int64_t
growth_in_child (Growth growth, const Case *c, LwGraph *graph)
{
  int64_t bytes = -1;
  int pipes[2];
  pid_t child;

  g_assert_cmpint (pipe (pipes), ==, 0);
  child = fork ();
  if (child == 0) {
    bytes = growth (c, graph);
    _exit (write (pipes[1], &bytes, sizeof bytes) == sizeof bytes ? 0 : 1);
  }
  close (pipes[1]);
  g_assert_cmpint (read (pipes[0], &bytes, sizeof bytes), ==, sizeof bytes);
  close (pipes[0]);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  return bytes;
}

static void
test_peak (void)
{
  static const Case cases[] = {
    { "lenet", 28, 128, 0, true },     { "lenet-bn", 28, 128, 1, true },
    { "alexnet", 224, 2, 0, true },    { "alexnet", 224, 32, 1, true },
    { "vgg11-small", 96, 2, 1, true }, { "nin", 96, 16, 0, true },
    { "googlenet", 96, 8, 0, true },   { "googlenet", 96, 64, 2, true },
    { "resnet18", 96, 4, 1, true },    { "densenet", 96, 8, 0, true },
    { "densenet", 96, 48, 1, true },   { "lenet", 28, 256, 2, false },
    { "resnet18", 32, 8, 0, false },   { "googlenet", 96, 2, 1, false },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const Case *c = &cases[i];
    const LwMemoryDevice device = device_of (c);
    g_autoptr (LwGraph) graph = lw_test_network (c->model, c->side, NULL);
    g_autoptr (LwMemoryUse) use = lw_memory_use_new (graph, &device, c->batch, NULL);
    const int64_t grown = growth_in_child (growth_of_steps, c, graph);
    const int64_t planned = use->pass[LW_MODE_TRAINING].total;

    g_test_message ("%s, batch %d, %d slots, %s: planned %.2f MiB, measured %.2f MiB (%+.1f %%)",
                    c->model, c->batch, c->slots, device.backend->name, planned / MIB, grown / MIB,
                    100.0 * ((double)grown / planned - 1));
    if (grown == 0 || SANITIZED)
      g_test_skip ("the system does not tell how much memory a program alone has");
    else
      g_assert_cmpfloat (ABS ((double)grown / planned - 1), <, 0.1);
  }
}

/* --- a whole run --------------------------------------------------------------------------------
 */

/* Its batches read ahead and its checkpoint count as well; its data does not. */
static int64_t
growth_of_run (const Case *c, LwGraph *graph)
{
  g_autofree char *batch = g_strdup_printf ("batch=%d", c->batch);
  g_autofree char *folder = g_dir_make_tmp ("layerwise-XXXXXX", NULL);
  g_autofree char *run = g_build_filename (folder, "run", NULL);
  g_autofree char *remove = g_strdup_printf ("rm -r '%s'", folder);
  LwSettings *settings = lw_test_settings (c->model, batch, "epochs=1", NULL);
  LwDataset *dataset = lw_test_shapes (4 * c->batch, 4 * c->batch);
  const LwResident resident = lw_resident_begin ();
  int64_t bytes;

  (void)graph;
  lw_run_log_unref (lw_test_train (settings, dataset, run));
  bytes = lw_resident_growth_without_files (&resident);
  return g_spawn_command_line_sync (remove, NULL, NULL, NULL, NULL) ? bytes : -1;
}

static void
test_run (void)
{
  static const Case c = { "lenet", 28, 1024, 0, false };
  const LwMemoryDevice device = { .backend = &lw_reference_backend, .options = { .threads = 1 } };
  g_autoptr (LwGraph) graph = lw_test_network (c.model, c.side, NULL);
  g_autoptr (LwMemoryUse) use = lw_memory_use_new (graph, &device, c.batch, NULL);
  const int64_t needed = lw_memory_use_needed (use, LW_MODE_TRAINING);
  const int64_t grown = growth_in_child (growth_of_run, &c, graph);

  g_test_message ("planned %.2f MiB, with images and a copy %.2f MiB, measured %.2f MiB",
                  use->pass[LW_MODE_TRAINING].total / MIB, needed / MIB, grown / MIB);
  if (grown == 0 || SANITIZED)
    g_test_skip ("the system does not tell how much memory a program alone has");
  else
    g_assert_cmpfloat (ABS ((double)grown / needed - 1), <, 0.1);
}

/* --- the same plans ----------------------------------------------------------------------------
 */

static void
assert_same_plan (const LwPlan *a, const LwPlan *b)
{
  g_assert_cmpint (lw_plan_n_buffers (a), ==, lw_plan_n_buffers (b));
  for (int32_t i = 0; i < lw_plan_n_buffers (a); i++) {
    const LwBuffer *x = lw_plan_buffer (a, i), *y = lw_plan_buffer (b, i);

    g_assert_cmpint (x->kind, ==, y->kind);
    g_assert_cmpint (x->node, ==, y->node);
    g_assert_cmpint (x->life.bytes, ==, y->life.bytes);
    g_assert_cmpint (x->offset, ==, y->offset);
  }
}

static void
test_same_as_session (void)
{
  static const Case cases[] = { { "lenet", 28, 64, 1, true },
                                { "alexnet", 224, 2, 0, true },
                                { "googlenet", 96, 4, 0, true },
                                { "densenet", 96, 2, 2, true },
                                { "densenet", 96, 2, 1, false } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const Case *c = &cases[i];
    const LwMemoryDevice device = device_of (c);
    g_autoptr (LwGraph) graph = lw_test_network (c->model, c->side, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (LwSession) session = session_of (c, graph, &error);
    g_autoptr (LwMemoryUse) use = lw_memory_use_new (graph, &device, c->batch, &error);
    LwMemory memory;

    g_assert_no_error (error);
    memory = lw_session_memory (session);
    for (int mode = 0; mode < LW_N_MODES; mode++) {
      const LwMemoryPass *pass = &use->pass[mode];
      const LwArenaSplit *split = &pass->split;

      assert_same_plan (lw_session_plan (session, (LwMode)mode), pass->plan);
      g_assert_cmpint (split->activations + split->gradients + split->workspace + split->gaps, ==,
                       lw_plan_arena (pass->plan).arena_bytes);
      g_assert_cmpint (split->gaps, >=, 0);
      g_assert_cmpint (pass->total, ==,
                       mode == LW_MODE_TRAINING ? memory.training_total : memory.inference_total);
    }
    g_assert_cmpint (use->pass[LW_MODE_TRAINING].optimizer, ==, memory.optimizer);
    g_assert_cmpint (use->pass[LW_MODE_INFERENCE].gradients, ==, 0);
  }
}

/* --- the largest batch --------------------------------------------------------------------------
 */

static int32_t
largest_batch (LwGraph *graph, const LwMemoryDevice *device, LwMode mode, int64_t available)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwMemorySearch) search = lw_memory_search_new (graph, device, available, &error);
  int steps = 0;

  g_assert_no_error (error);
  g_assert_cmpint (lw_memory_search_answer (search, mode), ==, -1);
  while (lw_memory_search_step (search))
    steps++;
  g_assert_cmpint (steps, <=, 2 * 17); /* 2^16 batches, both modes */
  return lw_memory_search_answer (search, mode);
}

static void
test_largest_batch (void)
{
  static const Case c = { "resnet18", 96, 1, 0, true };
  const LwMemoryDevice device = device_of (&c);
  g_autoptr (LwGraph) graph = lw_test_network (c.model, c.side, NULL);
  const int64_t available = (int64_t)1 << 30;

  for (int mode = 0; mode < LW_N_MODES; mode++) {
    const int32_t batch = largest_batch (graph, &device, (LwMode)mode, available);
    g_autoptr (LwMemoryUse) fits = lw_memory_use_new (graph, &device, batch, NULL);
    g_autoptr (LwMemoryUse) too_large = lw_memory_use_new (graph, &device, batch + 1, NULL);

    g_assert_cmpint (batch, >, 8);
    g_assert_cmpint (lw_memory_use_needed (fits, (LwMode)mode), <=, available);
    g_assert_cmpint (lw_memory_use_needed (too_large, (LwMode)mode), >, available);
  }
  g_assert_cmpint (largest_batch (graph, &device, LW_MODE_TRAINING, 1000), ==, 0);
  g_assert_cmpint (largest_batch (graph, &device, LW_MODE_INFERENCE, G_MAXINT64), ==,
                   LW_LARGEST_BATCH);
}

static void
test_refused (void)
{
  static const Case c = { "lenet", 28, 1, 0, true };
  LwMemoryDevice device = device_of (&c);
  g_autoptr (LwGraph) graph = lw_test_network (c.model, c.side, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (lw_memory_use_new (graph, &device, 0, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  g_clear_error (&error);
  device.index = 7;
  g_assert_null (lw_memory_use_new (graph, &device, 1, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_UNKNOWN);
}

/* Plans are made in the main loop while the slider moves, and one at a time of the search for the
 * largest batch: each within a frame. The fastest of ten, since other programs run as well. */
static void
test_time (void)
{
  static const char *const models[] = { "lenet",    "alexnet",  "googlenet",
                                        "resnet18", "densenet", "densenet201" };

  for (guint i = 0; i < G_N_ELEMENTS (models); i++) {
    const Case c = { models[i], i == 0 ? 28 : 96, 128, 1, true };
    const LwMemoryDevice device = device_of (&c);
    g_autoptr (LwGraph) graph = lw_test_network (c.model, c.model[0] == 'a' ? 224 : c.side, NULL);
    double fastest = 1e9;
    gint64 begin;

    for (int k = 0; k < 10; k++) {
      begin = g_get_monotonic_time ();
      lw_memory_use_free (lw_memory_use_new (graph, &device, 100 + k, NULL));
      fastest = MIN (fastest, (double)(g_get_monotonic_time () - begin) / 1e3);
    }
    begin = g_get_monotonic_time ();
    largest_batch (graph, &device, LW_MODE_TRAINING, (int64_t)4 << 30);
    g_test_message ("%s: %.2f ms for both plans, %.2f ms for the largest batches", models[i],
                    fastest, (double)(g_get_monotonic_time () - begin) / 1e3);
    if (!SANITIZED)
      g_assert_cmpfloat (fastest, <, 16);
  }
}

int
main (int argc, char **argv)
{
  /* What malloc fills would count as used. */
  mallopt (M_PERTURB, 0);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory-use/peak", test_peak);
  g_test_add_func ("/memory-use/run", test_run);
  g_test_add_func ("/memory-use/same-as-session", test_same_as_session);
  g_test_add_func ("/memory-use/largest-batch", test_largest_batch);
  g_test_add_func ("/memory-use/refused", test_refused);
  g_test_add_func ("/memory-use/time", test_time);
  return g_test_run ();
}
