#include "app/bench-together.h"

#include "app/app.h"
#include "app/bench-common.h"

#include <glib/gi18n.h>

#define WARM_UP_STEPS 3

typedef struct {
  LwSession *session;
  LwBatch batch;
  int64_t iteration;
} Steps;

static bool
make_step (Steps *steps, double *ret_ms, GError **error)
{
  const LwStepSettings settings = { .learning_rate = LW_BENCH_LEARNING_RATE,
                                    .seed = LW_BENCH_SEED,
                                    .iteration = steps->iteration++ };
  const double begin_s = lw_bench_now_s ();
  LwBatchResult result;

  if (!lw_session_train (steps->session, &steps->batch, &settings, NULL, NULL, &result, error) ||
      !lw_session_synchronize (steps->session, error))
    return false;
  *ret_ms = 1e3 * (lw_bench_now_s () - begin_s);
  return true;
}

/* The median of `n` steps, ms. */
static bool
measure (Steps *steps, int64_t n, double *ret_ms, GError **error)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  double ms;

  for (int64_t i = 0; i < n; i++) {
    if (!make_step (steps, &ms, error))
      return false;
    g_array_append_val (times, ms);
  }
  *ret_ms = lw_bench_median (times);
  return true;
}

/* How many fill the time that is wanted, after some that do not count. */
static bool
warm_up (Steps *steps, const LwBenchOptions *options, int64_t *ret_n, GError **error)
{
  double ms = 0;

  for (int i = 0; i < WARM_UP_STEPS; i++)
    if (!make_step (steps, &ms, error))
      return false;
  *ret_n = options->steps > 0 ? options->steps
                              : (int64_t)CLAMP (1e3 * LW_BENCH_MEASURED_S / MAX (ms, 1e-3),
                                                LW_BENCH_LEAST_STEPS, 1e5);
  return true;
}

static bool
open_steps (Steps *steps, LwCollective *collective, LwGraph *graph, const LwBenchOptions *options,
            int32_t part, GError **error)
{
  const LwSessionOptions session_options = { .batch = part,
                                             .inference_batch = 1,
                                             .device = options->device,
                                             .collective = collective,
                                             .synchronizes = true };

  steps->session =
      lw_session_new (graph, options->backend, options->device_index, &session_options, error);
  return steps->session != NULL && lw_session_initialize (steps->session, LW_BENCH_SEED, error);
}

/* Process 0 by itself. */
static bool
measure_alone (LwGraph *graph, const LwBenchOptions *options, const LwBatch *batch, double *ret_ms,
               GError **error)
{
  Steps steps = { .batch = *batch };
  int64_t n;
  const bool done = open_steps (&steps, NULL, graph, options, batch->n, error) &&
                    warm_up (&steps, options, &n, error) && measure (&steps, n, ret_ms, error);

  lw_session_free (steps.session);
  return done;
}

static bool
measure_all (LwCollective *collective, LwGraph *graph, const LwBenchOptions *options,
             const LwBatch *batch, LwTogetherResult *result, GError **error)
{
  Steps steps = { .batch = *batch };
  double waited_s, summing_s;
  bool done = open_steps (&steps, collective, graph, options, result->part, error) &&
              warm_up (&steps, options, &result->steps, error) &&
              lw_collective_broadcast (collective, &result->steps, sizeof result->steps, error);

  waited_s = collective->waited_s;
  summing_s = collective->summing_s;
  done = done && measure (&steps, result->steps, &result->step_ms, error);
  if (!done && !collective->failed) /* before the memory goes that is being added up */
    lw_collective_abort (collective, (*error)->message);
  if (done) {
    result->waited_ms = 1e3 * (collective->waited_s - waited_s) / (double)result->steps;
    result->summing_ms = 1e3 * (collective->summing_s - summing_s) / (double)result->steps;
  }
  lw_session_free (steps.session);
  return done;
}

bool
lw_bench_together (LwCollective *collective, LwGraph *graph, const LwBenchOptions *options,
                   LwTogetherResult *ret_result, GError **error)
{
  const LwPart own = lw_collective_part (collective->rank, collective->size, options->batch);
  const int32_t n = MAX (own.n, 1);
  g_autofree float *images = NULL;
  g_autofree int32_t *labels = NULL;
  LwBatch alone, batch;
  GError *problem = NULL;

  *ret_result =
      (LwTogetherResult){ .workers = collective->size,
                          .threads = options->device.threads,
                          .batch = options->batch,
                          .part = lw_collective_part (0, collective->size, options->batch).n };
  lw_bench_make_images (graph, own.first, n, &images, &labels, &problem);
  alone = batch = (LwBatch){ .images = images, .labels = labels, .n = n };
  batch.whole = options->batch;
  batch.first = own.first;
  batch.absent = own.n == 0;
  if (problem == NULL && collective->rank == 0)
    measure_alone (graph, options, &alone, &ret_result->alone_ms, &problem);
  return lw_collective_agree (collective, problem, error) &&
         measure_all (collective, graph, options, &batch, ret_result, error);
}

/* --- what it says ----------------------------------------------------------------------------- */

static double
per_second (int32_t images, double ms)
{
  return ms > 0 ? 1e3 * images / ms : 0;
}

void
lw_bench_together_report (const char *model, LwGraph *graph, const LwBenchOptions *options,
                          const LwTogetherResult *result, LwJson *json)
{
  const double alone = per_second (result->part, result->alone_ms);
  const double all = per_second (result->batch, result->step_ms);
  const double share = alone > 0 ? all / (result->workers * alone) : 0;
  const double hidden =
      result->summing_ms > 0 ? MAX (1 - result->waited_ms / result->summing_ms, 0) : 0;

  if (json != NULL) {
    lw_json_begin_object (json, NULL);
    lw_json_string (json, "model", model);
    lw_json_string (json, "device", options->backend->name);
    lw_json_integer (json, "workers", result->workers);
    lw_json_integer (json, "threads", result->threads);
    lw_json_integer (json, "batch", result->batch);
    lw_json_integer (json, "steps", result->steps);
    lw_json_double (json, "step_ms_median", result->step_ms);
    lw_json_double (json, "examples_per_second", all);
    lw_json_double (json, "alone_step_ms_median", result->alone_ms);
    lw_json_double (json, "alone_examples_per_second", alone);
    lw_json_double (json, "share_of_ideal", share);
    lw_json_double (json, "summing_ms", result->summing_ms);
    lw_json_double (json, "waited_ms", result->waited_ms);
    lw_json_end_object (json);
    lw_json_print (json);
    return;
  }
  lw_app_print (/* What: network, device. */
                _ ("%s on %s: %d workers, threads of each: %d, images of a batch: %d\n"),
                lw_graph_title (graph), options->backend->name, result->workers, result->threads,
                result->batch);
  lw_app_print (_ ("  one alone, %d images: %.2f ms a step, %.0f images/s\n"), result->part,
                result->alone_ms, alone);
  lw_app_print (_ ("  all together:         %.2f ms a step, %.0f images/s: %.0f %% of %d times "
                   "one\n"),
                result->step_ms, all, 100 * share, result->workers);
  if (result->summing_ms > 0)
    lw_app_print (_ ("  gradients:            %.2f ms on their way, %.2f ms waited for: %.0f %% "
                     "beside the backward pass\n"),
                  result->summing_ms, result->waited_ms, 100 * hidden);
}
