/* How the CUDA backend chooses among several algorithms, on the processor: the backend's table is
 * replaced by one of this file, of columns, one that takes twice as long, one that hardly takes any
 * time, and some that misbehave. The emulation's time is a count of work, so which one is faster is
 * not left to chance. */
#include "engine/plan.h"
#include "engine/session.h"
#include "kernels/cuda/choice.h"
#include "kernels/cuda/cuda.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/program.h"

#include <string.h>

enum { BATCH = 2, MOST_ATTEMPTS = 150 };

/* --- the table -------------------------------------------------------------------------------- */

/* What the tests turn. */
static struct {
  int64_t runs; /* of the algorithms that are not columns */
  bool huge;    /* "twice" asks for more memory than there is */
  bool fails;   /* "quick" does */
  bool idles;   /* "twice" takes 0.4 s */
} knobs;

static bool
fits_all (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  (void)device;
  (void)step;
  (void)direction;
  return true;
}

static size_t
twice_bytes (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  return knobs.huge ? (size_t)1 << 40
                    : lw_cuda_conv_columns.workspace_bytes (device, step, direction);
}

static bool
run_twice (LwDevice *device, const LwStep *step, LwDirection direction, GError **error)
{
  knobs.runs++;
  if (knobs.idles)
    g_usleep (400 * 1000);
  return lw_cuda_conv_columns.run (device, step, direction, error) &&
         lw_cuda_conv_columns.run (device, step, direction, error);
}

/* All but the weights' gradient. */
static bool
fits_some (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  (void)device;
  (void)step;
  return direction != LW_BACKWARD_WEIGHTS;
}

static bool
is_large (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  (void)device;
  (void)direction;
  return step->x_shape[0].c > 1;
}

/* Zeros. */
static bool
run_quick (LwDevice *device, const LwStep *step, LwDirection direction, GError **error)
{
  void *to = direction == LW_FORWARD ? step->y : step->dx[0];
  const LwShape shape = direction == LW_FORWARD ? step->y_shape : step->x_shape[0];

  knobs.runs++;
  if (knobs.fails) {
    g_set_error (error, LW_ERROR, LW_ERROR_DEVICE, "This algorithm does not work here.");
    return false;
  }
  return lw_cuda_zero (device, to, lw_cuda_value_bytes (device, shape, step->n), error);
}

static LwCudaConv twice = { "twice", fits_all, twice_bytes, run_twice, NULL, 1 };
static LwCudaConv quick = { "quick", fits_some, NULL, run_quick, is_large, 1 };

const LwCudaConv *const lw_cuda_convs[] = { &lw_cuda_conv_columns, &twice, &quick, NULL };

/* --- sessions --------------------------------------------------------------------------------- */

/* Two convolutions, "one" of one channel and "two" of two. */
static LwGraph *
tiny_network (void)
{
  LwGraph *graph = lw_graph_new ("tiny");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, 6, 6, false });

  x = lw_conv2d (graph, x, "one", 2, (LwWindow){ 3, 1, 1 });
  x = lw_conv2d (graph, x, "two", 3, (LwWindow){ 3, 1, 0 });
  lw_linear (graph, lw_flatten (graph, x, NULL), NULL, 3);
  g_assert_true (lw_graph_finish (graph, NULL));
  return graph;
}

static LwAlgorithmList *
try_choices_of (LwAlgorithms how, const char *folder, const LwAlgorithmList *before, GError **error)
{
  g_autoptr (LwGraph) graph = tiny_network ();
  LwSessionOptions options = { .batch = BATCH,
                               .device = { .algorithms = how, .cache_folder = folder } };
  g_autoptr (LwSession) session = NULL;

  if (before != NULL)
    options.device.choices = lw_algorithm_list_choices (before, &options.device.n_choices);
  session = lw_session_new (graph, &lw_cuda_backend, 0, &options, error);
  return session != NULL ? lw_session_algorithms (session) : NULL;
}

static LwAlgorithmList *
choices_of (LwAlgorithms how, const char *folder, const LwAlgorithmList *before)
{
  g_autoptr (GError) error = NULL;
  LwAlgorithmList *list = try_choices_of (how, folder, before, &error);

  g_assert_no_error (error);
  return list;
}

static void
assert_layer (const LwAlgorithmList *list, const char *layer, const char *forward, const char *data,
              const char *weights)
{
  const LwAlgorithmChoice *choice = lw_algorithm_list_find (list, layer);

  g_assert_nonnull (choice);
  g_assert_cmpstr (choice->names[LW_FORWARD], ==, forward);
  g_assert_cmpstr (choice->names[LW_BACKWARD_DATA], ==, data);
  g_assert_cmpstr (choice->names[LW_BACKWARD_WEIGHTS], ==, weights);
}

static void
assert_timed (const LwAlgorithmList *list)
{
  assert_layer (list, "one", "quick", NULL, "columns + cuBLAS");
  assert_layer (list, "two", "quick", "quick", "columns + cuBLAS");
}

static void
assert_fixed (const LwAlgorithmList *list)
{
  assert_layer (list, "one", "columns + cuBLAS", NULL, "columns + cuBLAS");
  assert_layer (list, "two", "quick", "quick", "columns + cuBLAS");
}

static int
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static char *
first_file (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  g_assert_nonnull (dir);
  return g_build_filename (folder, g_dir_read_name (dir), NULL);
}

/* --- tests ------------------------------------------------------------------------------------ */

/* By what algorithms say of shapes, in the table's order; nothing is run or kept. */
static void
test_fixed (void)
{
  char *folder = lw_make_folder ();
  g_autoptr (LwAlgorithmList) list = NULL;

  knobs.runs = 0;
  list = choices_of (LW_ALGORITHMS_FIXED, folder, NULL);
  assert_fixed (list);
  g_assert_cmpint (knobs.runs, ==, 0);
  g_assert_cmpint (count_files (folder), ==, 0);
  lw_remove_folder (folder);
}

/* Where there is no folder, measurements are made each time. */
static void
test_timed (void)
{
  const LwEmulationLive before = lw_emulation_live ();

  for (int i = 0; i < 2; i++) {
    g_autoptr (LwAlgorithmList) list = NULL;

    knobs.runs = 0;
    list = choices_of (LW_ALGORITHMS_TIMED, NULL, NULL);
    assert_timed (list);
    g_assert_cmpint (knobs.runs, >, 0);
  }
  {
    const LwEmulationLive live = lw_emulation_live ();

    g_assert_cmpmem (&live, sizeof live, &before, sizeof before);
  }
}

/* What was measured is kept by card, versions and precision, and believed; other versions of the
 * algorithms are measured again. */
static void
test_kept (void)
{
  char *folder = lw_make_folder ();
  g_autoptr (LwAlgorithmList) list = choices_of (LW_ALGORITHMS_TIMED, folder, NULL);
  g_autofree char *path = first_file (folder);
  g_autofree char *text = NULL, *changed = NULL;
  g_autoptr (LwAlgorithmList) again = NULL, told = NULL, newer = NULL;
  g_auto (GStrv) parts = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lw_assert_contains (text, "\"device\": \"CUDA emulated on the processor\"");
  lw_assert_contains (text, "\"capability\": \"8.9\"");
  lw_assert_contains (text, "\"driver\": \"13");
  lw_assert_contains (text, "\"runtime\": \"13");
  lw_assert_contains (text, "\"precision\": \"fp32\"");
  lw_assert_contains (text, "\"algorithms\": \"columns + cuBLAS 1; twice 1; quick 1\"");
  lw_assert_contains (text, "\"n2 c1 h6 w6 o2 k3 s1 p1 forward\": \"quick\"");
  lw_assert_contains (text, "\"n2 c2 h6 w6 o3 k3 s1 p0 weights\": \"columns + cuBLAS\"");

  knobs.runs = 0;
  again = choices_of (LW_ALGORITHMS_TIMED, folder, NULL);
  assert_timed (again);
  g_assert_cmpint (knobs.runs, ==, 0);

  parts = g_strsplit (text, "\"quick\"", -1);
  changed = g_strjoinv ("\"twice\"", parts);
  g_assert_true (g_file_set_contents (path, changed, -1, NULL));
  told = choices_of (LW_ALGORITHMS_TIMED, folder, NULL);
  assert_layer (told, "two", "twice", "twice", "columns + cuBLAS");
  g_assert_cmpint (knobs.runs, ==, 0);

  twice.version = 2;
  newer = choices_of (LW_ALGORITHMS_TIMED, folder, NULL);
  twice.version = 1;
  assert_timed (newer);
  g_assert_cmpint (knobs.runs, >, 0);
  g_assert_cmpint (count_files (folder), ==, 2);
  lw_remove_folder (folder);
}

/* A run that goes on takes what it took, timed or fixed; what does not fit is not taken. */
static void
test_before (void)
{
  g_autoptr (LwAlgorithmList) before = lw_algorithm_list_new ();

  lw_algorithm_list_add (before, "one", (const char *const[]){ "twice", NULL, "quick" });
  lw_algorithm_list_add (before, "two",
                         (const char *const[]){ "columns + cuBLAS", "twice", "gone" });
  for (int how = LW_ALGORITHMS_FIXED; how <= LW_ALGORITHMS_TIMED; how++) {
    g_autoptr (LwAlgorithmList) list = choices_of ((LwAlgorithms)how, NULL, before);

    assert_layer (list, "one", "twice", NULL, "columns + cuBLAS");
    assert_layer (list, "two", "columns + cuBLAS", "twice", "columns + cuBLAS");
  }
}

/* Zeros, in one launch: alone "twice", the first of the two, is as fast. */
static bool
run_zeros (LwDevice *device, const LwStep *step, LwDirection direction, GError **error)
{
  const bool forward = direction == LW_FORWARD;

  return lw_cuda_zero (
      device, forward ? step->y : step->dx[0],
      lw_cuda_value_bytes (device, forward ? step->y_shape : step->x_shape[0], step->n), error);
}

/* What it says it left in the workspace there is. */
static int32_t
some_tile (LwDevice *device, const LwStep *step)
{
  (void)device;
  (void)step;
  return 64;
}

static size_t
some_bytes (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  (void)device;
  (void)direction;
  return 4096 * (size_t)step->y_shape.c;
}

static const char *
name_of (const LwDevice *device, const LwGraph *graph, const char *layer)
{
  const LwNodeId id = lw_graph_find_node (graph, layer);
  const LwNode *node = lw_graph_node (graph, id);
  const LwShape x_shape = lw_graph_shape (graph, node->inputs[0]);
  const LwStep step = { LW_OP_CONV2D, graph, node, id,          BATCH,
                        BATCH,        false, 1,    { x_shape }, node->shape };

  return lw_cuda_conv_of (device, &step, LW_FORWARD)->name;
}

/* Of layers that are alike but for what is behind them, the one that does some of that wins there,
 * and there alone: statistics count in training only. */
static void
test_behind (void)
{
  const LwWindow three = { 3, 1, 1 };
  const LwCudaConv kept[] = { twice, quick };
  char *folder = lw_make_folder ();
  g_autoptr (LwGraph) graph = lw_graph_new ("behind");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 2, 6, 6, false });
  g_autofree char *path = NULL, *text = NULL;

  x = lw_activation (graph, lw_conv2d (graph, x, "alone", 2, three), NULL, LW_OP_TANH);
  x = lw_batch_norm (graph, lw_conv2d (graph, x, "measured", 2, three), NULL);
  x = lw_activation (graph, x, NULL, LW_OP_TANH);
  x = lw_add (graph, x, lw_conv2d (graph, x, "added", 2, three), NULL);
  lw_linear (graph, lw_flatten (graph, x, NULL), NULL, 3);
  g_assert_true (lw_graph_finish (graph, NULL));
  twice = (LwCudaConv){ .name = "twice", .fits = fits_some, .run = run_zeros };
  quick = twice;
  quick.name = "quick";
  quick.workspace_bytes = some_bytes;
  quick.adds = true;
  quick.tile = some_tile;
  for (int training = 0; training < 2; training++) {
    const LwDeviceOptions options = { .algorithms = LW_ALGORITHMS_TIMED, .cache_folder = folder };
    g_autoptr (GError) error = NULL;
    LwDevice *device = lw_cuda_backend.open (0, &options, &error);

    g_assert_no_error (error);
    g_assert_true (lw_cuda_backend.adapt (device, graph, BATCH, training, &error));
    g_assert_cmpstr (name_of (device, graph, "alone"), ==, "twice");
    g_assert_cmpstr (name_of (device, graph, "measured"), ==, training ? "quick" : "twice");
    g_assert_cmpstr (name_of (device, graph, "added"), ==, "quick");
    lw_cuda_backend.close (device);
  }
  path = first_file (folder);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lw_assert_contains (text, "o2 k3 s1 p1 forward\": \"twice\"");
  lw_assert_contains (text, "o2 k3 s1 p1 forward + statistics\": \"quick\"");
  lw_assert_contains (text, "o2 k3 s1 p1 forward + sum\": \"quick\"");
  twice = kept[0];
  quick = kept[1];
  lw_remove_folder (folder);
}

/* No memory to measure with: the rule, and no error. One that fails by itself is out. */
static void
test_trouble (void)
{
  g_autoptr (LwAlgorithmList) no_memory = NULL, failing = NULL;

  twice.fits = fits_some; /* so that the rule need not ask for the memory either */
  knobs.huge = true;
  no_memory = choices_of (LW_ALGORITHMS_TIMED, NULL, NULL);
  knobs.huge = false;
  assert_fixed (no_memory);
  twice.fits = fits_all;
  g_assert_false (lw_emulation_error_is_left ());

  knobs.fails = true;
  failing = choices_of (LW_ALGORITHMS_TIMED, NULL, NULL);
  knobs.fails = false;
  assert_layer (failing, "one", "columns + cuBLAS", NULL, "columns + cuBLAS");
  assert_layer (failing, "two", "columns + cuBLAS", "columns + cuBLAS", "columns + cuBLAS");
}

/* An algorithm that takes long does not make a start long. */
static void
test_time (void)
{
  const gint64 begin = g_get_monotonic_time ();
  g_autoptr (LwAlgorithmList) list = NULL;

  knobs.idles = true;
  list = choices_of (LW_ALGORITHMS_TIMED, NULL, NULL);
  knobs.idles = false;
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 7 * G_USEC_PER_SEC / 2);
  g_assert_nonnull (lw_algorithm_list_find (list, "one"));
}

/* An evaluation takes no memory for gradients. */
static void
test_workspace (void)
{
  g_autoptr (GError) error = NULL;
  size_t bytes[2]; /* by LwMode */
  g_autoptr (LwGraph) graph = tiny_network ();
  LwDevice *device = lw_cuda_backend.open (0, NULL, &error);

  g_assert_no_error (error);
  for (int mode = 0; mode < 2; mode++) {
    g_autoptr (LwPlan) plan =
        lw_plan_new (graph, BATCH, (LwMode)mode, &lw_cuda_backend, device, &error);
    LwStep step;

    g_assert_no_error (error);
    lw_plan_describe_step (plan, lw_graph_find_node (graph, "two"), &step);
    bytes[mode] = lw_cuda_backend.kernels[LW_OP_CONV2D].workspace_bytes (device, &step);
  }
  g_assert_cmpuint (bytes[LW_MODE_TRAINING], >, 0);
  g_assert_cmpuint (bytes[LW_MODE_INFERENCE], ==, 0);
  lw_cuda_backend.close (device);
}

/* What the emulated card can do at most, and what of it is used: by its units and clocks. */
static void
test_device (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph = tiny_network ();
  LwSessionOptions options = { .batch = BATCH };
  LwDeviceUse use;
  g_autoptr (LwSession) session = NULL;
  struct cudaDeviceProp properties;
  LwPeaks peaks;

  session = lw_session_new (graph, &lw_cuda_backend, 0, &options, &error);
  g_assert_no_error (error);
  g_assert_true (lw_cuda_backend.use (0, &use));
  g_assert_cmpint (lw_emulation_live ().bytes, >, 0);
  g_assert_cmpint (use.used_bytes, >=, lw_emulation_live ().bytes);
  g_assert_cmpint (use.total_bytes, >, use.used_bytes);
  g_assert_cmpfloat (use.load, <, 0); /* there is no driver's library here */

  peaks = lw_session_peaks (session);
  g_assert_cmpint (cudaGetDeviceProperties (&properties, 0), ==, cudaSuccess);
  /* 1 GHz, 64 cores a multiprocessor up to compute capability 8.0, then 128; 64 bits at 1 GHz. */
  g_assert_cmpfloat (peaks.flops, ==,
                     2e9 * properties.multiProcessorCount *
                         (10 * properties.major + properties.minor > 80 ? 128 : 64));
  g_assert_cmpfloat (peaks.bytes_s, ==, 16e9);
}

/* Calls of CUDA from a session's beginning on, by turns: a session, or a sentence; nothing is left.
 * They repeat each other, so not all are tried. */
static void
test_failing_calls (gconstpointer data)
{
  const bool for_good = GPOINTER_TO_INT (data);
  const LwEmulationLive before = lw_emulation_live ();
  int64_t n = lw_emulation_calls (), sentences = 0, stride;

  lw_algorithm_list_free (try_choices_of (LW_ALGORITHMS_TIMED, NULL, NULL, NULL));
  n = lw_emulation_calls () - n;
  stride = n / MOST_ATTEMPTS + 1;
  for (int64_t call = 0; call < n; call += stride) {
    g_autoptr (GError) error = NULL;
    g_autoptr (LwAlgorithmList) list = NULL;
    LwEmulationLive live;

    lw_emulation_fail_call (lw_emulation_calls () + call, for_good);
    list = try_choices_of (LW_ALGORITHMS_TIMED, NULL, NULL, &error);
    lw_emulation_fail_call (-1, false);
    live = lw_emulation_live ();
    if (list == NULL && (error == NULL || !g_str_has_suffix (error->message, ".")))
      g_test_fail_printf ("call %d failed without a sentence", (int)call);
    sentences += list == NULL;
    if (memcmp (&live, &before, sizeof live) != 0)
      g_test_fail_printf ("call %d failed and something is left", (int)call);
    if (lw_emulation_error_is_left ())
      g_test_fail_printf ("call %d failed and the next launch is told", (int)call);
  }
  g_test_message ("%d calls, %d sentences", (int)n, (int)sentences);
  g_assert_cmpint (sentences, >, for_good ? n / stride / 2 : 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  g_test_add_func ("/cuda-choice/fixed", test_fixed);
  g_test_add_func ("/cuda-choice/timed", test_timed);
  g_test_add_func ("/cuda-choice/kept", test_kept);
  g_test_add_func ("/cuda-choice/before", test_before);
  g_test_add_func ("/cuda-choice/behind", test_behind);
  g_test_add_func ("/cuda-choice/trouble", test_trouble);
  g_test_add_func ("/cuda-choice/device", test_device);
  g_test_add_func ("/cuda-choice/workspace", test_workspace);
  /* Where every access is looked at, these would add nothing. */
  if (!lw_emulation_checks_accesses ()) {
    g_test_add_func ("/cuda-choice/time", test_time);
    g_test_add_data_func ("/cuda-choice/failing-call", GINT_TO_POINTER (false), test_failing_calls);
    g_test_add_data_func ("/cuda-choice/lost-device", GINT_TO_POINTER (true), test_failing_calls);
  }
  return g_test_run ();
}
