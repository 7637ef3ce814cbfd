#include "app/bench.h"

#include "app/bench-common.h"
#include "app/bench-resident.h"
#include "engine/rng.h"
#include <glib/gi18n.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How long is measured. The first steps are slower: pages are touched, clocks rise. */
enum { WARM_UP_STEPS = 2, MOST_LAYER_STEPS = 20 };
#define WARM_UP_S 1.0
#define LAYERS_S  2.0
#define MOST_S    30.0 /* warm-up and measured steps of a model together, if one step allows */

/* Images that a device keeps: Fashion-MNIST's size, so many batches of them. */
enum { KEPT_SIDE = 28, KEPT_BATCHES = 4 };

typedef struct {
  const LwBenchOptions *options;
  LwSession *session;
  float *images, *logits;
  int32_t *labels;
  int32_t *examples; /* [batch], of the images that the device keeps; NULL: it keeps none */
  int32_t n_kept;
  int64_t iteration;
  double begin_s;
  LwBenchProgress progress;
  void *progress_data;

  /* Of the pass with a clock between the layers. */
  LwBenchResult *result;
  GArray *(*times)[2]; /* ms by node (the loss last) and direction */
  double mark_s;       /* when the last thing was over */
  double other_ms;     /* of the step that runs */
} Bench;

static bool
make_data (Bench *bench, const LwGraph *graph, GError **error)
{
  const int32_t batch = bench->options->batch;
  const gsize size = sizeof (float) * (gsize)lw_graph_classes (graph);

  if (!lw_bench_make_images (graph, 0, batch, &bench->images, &bench->labels, error))
    return false;
  bench->logits = g_try_malloc_n ((gsize)batch, size);
  if (bench->logits == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is no memory left for %d images: choose a smaller batch."), batch);
    return false;
  }
  memset (bench->logits, 0, size * (gsize)batch);
  return true;
}

/* As a training does: where the device keeps data sets, it makes batches of their bytes. */
static bool
keep_data (Bench *bench, GError **error)
{
  static const char *const classes[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", NULL };
  const LwGraph *graph = lw_session_graph (bench->session);
  const int32_t channels = lw_graph_input_shape (graph).c;
  const int32_t n = KEPT_BATCHES * bench->options->batch, n_classes = lw_graph_classes (graph);
  const size_t size = (size_t)channels * KEPT_SIDE * KEPT_SIDE;
  g_autofree uint8_t *images = NULL, *labels = NULL;
  g_autoptr (LwDataset) dataset = NULL;

  if (bench->options->inference || !lw_session_runs_ahead (bench->session))
    return true;
  images = g_try_malloc_n ((gsize)n, size);
  labels = g_try_malloc ((gsize)n);
  if (images == NULL || labels == NULL)
    return true;
  for (int32_t i = 0; i < n; i++) {
    const LwStream pixels =
        lw_stream (LW_BENCH_SEED, LW_STREAM_DATA, LW_BENCH_STREAM_IMAGES, (uint32_t)i);

    for (size_t j = 0; j < size; j++)
      images[(size_t)i * size + j] = (uint8_t)(lw_stream_bits (&pixels, j) >> 24);
    labels[i] = (uint8_t)(i % MIN (n_classes, 10));
  }
  dataset = lw_dataset_new_from_memory ("bench", channels, KEPT_SIDE, KEPT_SIDE, classes, images,
                                        labels, n, images, labels, 1, error);
  if (dataset == NULL)
    return false;
  if (lw_session_keep_data (bench->session, dataset, LW_SPLIT_TRAIN, n, false)) {
    bench->examples = g_new0 (int32_t, bench->options->batch);
    bench->n_kept = n;
  }
  return true;
}

static LwBatch
next_batch (Bench *bench)
{
  const int32_t n = bench->options->batch;
  const LwStream stream = lw_stream (LW_BENCH_SEED, LW_STREAM_DATA, LW_BENCH_STREAM_EXAMPLES,
                                     (uint32_t)bench->iteration);

  for (int32_t i = 0; bench->examples != NULL && i < n; i++)
    bench->examples[i] = (int32_t)(lw_stream_bits (&stream, (uint64_t)i) % (uint32_t)bench->n_kept);
  return (LwBatch){ .images = bench->images,
                    .labels = bench->options->inference ? NULL : bench->labels,
                    .n = n,
                    .examples = bench->examples };
}

static LwStepSettings
next_settings (Bench *bench)
{
  return (LwStepSettings){ .learning_rate = LW_BENCH_LEARNING_RATE,
                           .seed = LW_BENCH_SEED,
                           .iteration = bench->iteration++ };
}

static bool
check_loss (const Bench *bench, const LwBatchResult *result, GError **error)
{
  if (isfinite (result->loss_sum))
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_DEVICE,
               _ ("%s lost its numbers on %s after %d steps, so its speed means nothing."),
               lw_graph_title (lw_session_graph (bench->session)), bench->options->backend->name,
               (int)bench->iteration);
  return false;
}

/* One step, and all of it: the device has done what it was given. */
static bool
run_step (Bench *bench, LwStepHook hook, GError **error)
{
  const LwBatch batch = next_batch (bench);
  LwBatchResult result = { 0 };

  if (bench->options->inference) {
    if (!lw_session_infer (bench->session, &batch, hook, bench, bench->logits, NULL, error))
      return false;
  } else {
    const LwStepSettings settings = next_settings (bench);

    if (!lw_session_train (bench->session, &batch, &settings, hook, bench, &result, error) ||
        !check_loss (bench, &result, error))
      return false;
  }
  return lw_session_synchronize (bench->session, error);
}

static bool
begin_step (Bench *bench, GError **error)
{
  const LwBatch batch = next_batch (bench);
  const LwStepSettings settings = next_settings (bench);

  return lw_session_train_begin (bench->session, &batch, &settings, error);
}

static bool
finish_step (Bench *bench, GError **error)
{
  LwBatchResult result;

  return lw_session_train_result (bench->session, &result, error) &&
         check_loss (bench, &result, error);
}

static void
report_progress (const Bench *bench, double fraction)
{
  if (bench->progress != NULL)
    bench->progress (CLAMP (fraction, 0, 1), bench->progress_data);
}

static bool
warm_up (Bench *bench, GError **error)
{
  bench->begin_s = lw_bench_now_s ();
  for (int i = 0;; i++) {
    const double spent_s = lw_bench_now_s () - bench->begin_s;

    if (i > 0 && ((i >= WARM_UP_STEPS && spent_s >= WARM_UP_S) || spent_s > MOST_S / 2))
      return true;
    report_progress (bench, spent_s / (WARM_UP_S + LW_BENCH_MEASURED_S + LAYERS_S));
    if (!run_step (bench, NULL, error))
      return false;
  }
}

static bool
enough_steps (const Bench *bench, int64_t steps, double spent_s)
{
  if (steps == 0 || bench->options->steps > 0)
    return steps == MAX (bench->options->steps, 1);
  return (steps >= LW_BENCH_LEAST_STEPS && spent_s >= LW_BENCH_MEASURED_S) ||
         lw_bench_now_s () - bench->begin_s > MOST_S;
}

/* Where the device runs ahead, as a training lets it: the next step is begun before the result of
 * the one before is read, and a step takes from result to result. */
static bool
measure_steps (Bench *bench, GError **error)
{
  LwBenchResult *result = bench->result;
  const bool ahead = !bench->options->inference && lw_session_runs_ahead (bench->session);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  double begin_s;

  if (ahead && !begin_step (bench, error))
    return false;
  begin_s = lw_bench_now_s ();

  while (!enough_steps (bench, times->len, lw_bench_now_s () - begin_s)) {
    const double step_s = lw_bench_now_s ();
    double step_ms;

    if (ahead ? !begin_step (bench, error) || !finish_step (bench, error)
              : !run_step (bench, NULL, error))
      return false;
    step_ms = 1e3 * (lw_bench_now_s () - step_s);
    g_array_append_val (times, step_ms);
    report_progress (bench, (lw_bench_now_s () - bench->begin_s) /
                                (WARM_UP_S + LW_BENCH_MEASURED_S + LAYERS_S));
  }
  if (ahead && !finish_step (bench, error))
    return false;
  result->keeps_images = bench->examples != NULL;
  result->steps = times->len;
  result->step_ms_median = lw_bench_median (times);
  result->step_ms_min = g_array_index (times, double, 0);
  result->examples_per_second = 1e3 * bench->options->batch / result->step_ms_median;
  return true;
}

/* --- layers -------------------------------------------------------------------------------------
 */

static void
note_algorithms (LwSession *session, const LwStep *step, LwBenchLayer *layer)
{
  for (int d = 0; d < LW_N_DIRECTIONS; d++)
    layer->algorithms[d] = g_strdup (lw_session_algorithm (session, step, (LwDirection)d));
}

/* Time first; then, off the clock, what there is to know about the layer. */
static bool
on_step (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  Bench *bench = data;
  double ms;

  if (!lw_session_synchronize (session, error))
    return false;
  ms = 1e3 * (lw_bench_now_s () - bench->mark_s);
  if (step->op == LW_OP_INPUT)
    bench->other_ms = ms;
  else
    g_array_append_val (bench->times[step->id][backward], ms);
  if (step->node != NULL && step->op != LW_OP_INPUT) {
    LwBenchLayer *layer = &bench->result->layers[step->id - 1];
    LwBenchPass *pass = backward ? &layer->backward : &layer->forward;

    layer->id = step->id;
    if (layer->algorithms[LW_FORWARD] == NULL)
      note_algorithms (session, step, layer);
    if (pass->work.bytes == 0)
      pass->work = lw_step_work (step, backward, bench->options->device.precision);
  }
  bench->mark_s = lw_bench_now_s ();
  return true;
}

static bool
measure_layers (Bench *bench, GError **error)
{
  LwBenchResult *result = bench->result;
  const LwGraph *graph = lw_session_graph (bench->session);
  const int32_t loss = lw_graph_n_nodes (graph);
  const int64_t most = MIN (MOST_LAYER_STEPS, result->steps);
  g_autoptr (GArray) others = g_array_new (FALSE, FALSE, sizeof (double));
  const double begin_s = lw_bench_now_s ();

  for (int64_t i = 0; i < most && (i == 0 || lw_bench_now_s () - begin_s < LAYERS_S); i++) {
    bench->mark_s = lw_bench_now_s ();
    if (!run_step (bench, on_step, error))
      return false;
    bench->other_ms += 1e3 * (lw_bench_now_s () - bench->mark_s);
    g_array_append_val (others, bench->other_ms);
    report_progress (bench, (lw_bench_now_s () - bench->begin_s) /
                                (WARM_UP_S + LW_BENCH_MEASURED_S + LAYERS_S));
  }
  result->other_ms = lw_bench_median (others);
  result->loss_ms =
      lw_bench_median (bench->times[loss][0]) + lw_bench_median (bench->times[loss][1]);
  for (int32_t i = 0; i < result->n_layers; i++) {
    result->layers[i].forward.ms = lw_bench_median (bench->times[i + 1][0]);
    result->layers[i].backward.ms = lw_bench_median (bench->times[i + 1][1]);
  }
  return true;
}

/* --- a whole measurement ------------------------------------------------------------------------
 */

static bool
measure (Bench *bench, LwGraph *graph, GError **error)
{
  const LwBenchOptions *options = bench->options;
  LwBenchResult *result = bench->result;
  /* Testing while training is not measured: the least of it. */
  const LwSessionOptions session_options = { .batch = options->inference ? 0 : options->batch,
                                             .inference_batch =
                                                 options->inference ? options->batch : 1,
                                             .links = LW_LINKS_ALWAYS,
                                             .device = options->device };
  LwResident resident;
  LwMemory memory;

  if (!make_data (bench, graph, error))
    return false;
  resident = lw_resident_begin ();
  bench->session =
      lw_session_new (graph, options->backend, options->device_index, &session_options, error);
  if (bench->session == NULL || !lw_session_initialize (bench->session, LW_BENCH_SEED, error) ||
      !keep_data (bench, error) || !warm_up (bench, error) || !measure_steps (bench, error))
    return false;
  memory = lw_session_memory (bench->session);
  result->own_memory = options->backend->free_bytes != NULL;
  /* A processor's are measured once for all networks (kernels/common/machine.h). */
  if (result->own_memory)
    result->peaks = lw_session_peaks (bench->session);
  result->planned_memory_bytes =
      options->inference ? memory.inference_total : memory.training_total;
  result->peak_memory_bytes = lw_resident_growth (&resident);
  if (result->own_memory)
    result->peak_memory_bytes += result->planned_memory_bytes;
  return measure_layers (bench, error);
}

LwBenchResult *
lw_bench_run (LwGraph *graph, const LwBenchOptions *options, LwBenchProgress progress, void *data,
              GError **error)
{
  const int32_t n_nodes = lw_graph_n_nodes (graph);
  g_autoptr (LwBenchResult) result = g_new0 (LwBenchResult, 1);
  Bench bench = {
    .options = options, .result = result, .progress = progress, .progress_data = data
  };
  bool done;

  result->n_layers = n_nodes - 1;
  result->layers = g_new0 (LwBenchLayer, result->n_layers);
  bench.times = g_malloc0_n ((gsize)n_nodes + 1, sizeof *bench.times);
  for (int32_t i = 0; i <= n_nodes; i++)
    for (int d = 0; d < 2; d++)
      bench.times[i][d] = g_array_new (FALSE, FALSE, sizeof (double));
  done = measure (&bench, graph, error);
  for (int32_t i = 0; i <= n_nodes; i++)
    for (int d = 0; d < 2; d++)
      g_array_unref (bench.times[i][d]);
  g_free (bench.times);
  lw_session_free (bench.session);
  g_free (bench.images);
  g_free (bench.labels);
  g_free (bench.examples);
  g_free (bench.logits);
  return done ? g_steal_pointer (&result) : NULL;
}

void
lw_bench_result_free (LwBenchResult *result)
{
  if (result == NULL)
    return;
  for (int32_t i = 0; i < result->n_layers; i++)
    for (int d = 0; d < LW_N_DIRECTIONS; d++)
      g_free (result->layers[i].algorithms[d]);
  g_free (result->layers);
  g_free (result);
}

double
lw_bench_gflops (double flops, double ms)
{
  return flops > 0 && ms > 0 ? 1e-6 * flops / ms : 0;
}
