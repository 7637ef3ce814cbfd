/* layerwise bench: how fast this computer trains or runs a network, layer by layer. */
#include "app/app.h"
#include "app/backends.h"
#include "app/bench-report.h"
#include "app/bench-together.h"
#include "app/progress.h"
#include "app/together.h"
#include "engine/device_choice.h"
#include "engine/settings.h"

#include <glib/gi18n.h>
#include <math.h>

typedef struct {
  const char *model;
  LwGraph *graph;
  LwBenchOptions options;
  char *cache_folder;
  bool first;
} Job;

static void
clear_job (void *data)
{
  Job *job = data;

  g_clear_pointer (&job->graph, lw_graph_unref);
  g_clear_pointer (&job->cache_folder, g_free);
}

/* The options that `train` has too are understood in the same way. */
static LwSettings *
settings_of (const LwArgs *args, const char *model, GError **error)
{
  static const char *const shared[] = { "resize",  "batch",      "precision",
                                        "threads", "algorithms", "device" };
  LwOptions *options = lw_app_options (args, model, error);
  g_autoptr (LwSettings) settings = NULL;

  if (options == NULL)
    return NULL;
  settings = lw_settings_new (options);
  for (guint i = 0; i < G_N_ELEMENTS (shared); i++) {
    const char *value = lw_args_value (args, shared[i]);

    if (value != NULL && !lw_settings_set (settings, shared[i], value, error))
      return NULL;
  }
  return g_steal_pointer (&settings);
}

/* Everything that can be wrong is found before the first measurement. */
static bool
add_job (GArray *jobs, const LwArgs *args, const char *model, int *ret_status, GError **error)
{
  g_autoptr (LwSettings) settings = settings_of (args, model, error);
  Job job = { .model = model,
              .options.inference = lw_args_flag (args, "inference"),
              .first = jobs->len == 0 };

  *ret_status = LW_EXIT_USAGE;
  if (settings == NULL || !lw_args_integer (args, "steps", 1, 1000000, &job.options.steps, error))
    return false;
  job.options.backend =
      lw_device_choose (lw_app_backends (), settings->device, &job.options.device_index, error);
  if (job.options.backend == NULL)
    return false;
  job.options.batch = settings->batch;
  job.cache_folder = lw_algorithms_cache_folder ();
  job.options.device = (LwDeviceOptions){ .threads = settings->threads,
                                          .precision = settings->precision,
                                          .algorithms = settings->algorithms,
                                          .cache_folder = job.cache_folder };
  *ret_status = LW_EXIT_FAILED;
  job.graph = lw_model_build (settings->options, error);
  if (job.graph == NULL) {
    clear_job (&job);
    return false;
  }
  g_array_append_val (jobs, job);
  return true;
}

typedef struct {
  LwProgress *line;
  const char *model;
} Watch;

static void
on_progress (double fraction, void *data)
{
  const Watch *watch = data;

  if (lw_progress_due (watch->line))
    lw_progress_update (watch->line, &(LwProgressState){ .label = watch->model,
                                                         .fraction = fraction,
                                                         .loss = NAN,
                                                         .accuracy = NAN,
                                                         .left_s = -1 });
}

static int
run_job (const Job *job, const LwMachine *machine, LwJson *json, GError **error)
{
  Watch watch = { lw_progress_new (), job->model };
  g_autoptr (LwBenchResult) result =
      lw_bench_run (job->graph, &job->options, on_progress, &watch, error);
  const LwBenchReport report = { job->model, job->graph, &job->options, machine, result };

  lw_progress_free (watch.line);
  if (result == NULL)
    /* What this device cannot do at all, for example a precision, was a wrong wish. */
    return *error != NULL && g_error_matches (*error, LW_ERROR, LW_ERROR_UNSUPPORTED)
               ? LW_EXIT_USAGE
               : LW_EXIT_FAILED;
  if (json == NULL && job->first)
    lw_bench_report_machine (machine);
  if (json == NULL)
    lw_bench_report_table (&report);
  else
    lw_bench_report_json (&report, json);
  return lw_app_flush (error) ? LW_EXIT_DONE : LW_EXIT_FAILED;
}

/* Each process measures its part, and the first one prints. */
static int
run_together (LwCollective *collective, const char *device, GArray *jobs, LwJson *json,
              GError **error)
{
  for (guint i = 0; i < jobs->len; i++) {
    Job *job = &g_array_index (jobs, Job, i);
    LwTogetherResult result;

    if (job->options.device.threads == 0)
      job->options.device.threads = collective->threads;
    job->options.device_index =
        lw_device_of_process (job->options.backend, device != NULL ? device : "auto",
                              job->options.device_index, collective->local_rank);
    if (!lw_bench_together (collective, job->graph, &job->options, &result, error))
      return LW_EXIT_FAILED;
    if (collective->rank == 0)
      lw_bench_together_report (job->model, job->graph, &job->options, &result, json);
    if (collective->rank == 0 && !lw_app_flush (error))
      return LW_EXIT_FAILED;
  }
  return LW_EXIT_DONE;
}

/* The others say nothing, unless process 0 cannot any more. */
static int
join_and_run (GArray *jobs, const LwArgs *args, LwJson *json, GError **error)
{
  LwCollective *collective;
  int status;

  if (lw_args_flag (args, "inference")) {
    if (!lw_together_is_silent ())
      g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                   _ ("Several processes share training steps only; measure --inference in one."));
    return LW_EXIT_USAGE;
  }
  if (!lw_together_join (&collective, &status, error))
    return status;
  status = run_together (collective, lw_args_value (args, "device"), jobs, json, error);
  if (status != LW_EXIT_DONE && !collective->failed)
    lw_collective_abort (collective, (*error)->message);
  if (collective->rank > 0)
    g_clear_error (error);
  lw_together_leave (collective);
  return status;
}

static int
run (const LwArgs *args, GError **error)
{
  g_autoptr (GArray) jobs = g_array_new (FALSE, FALSE, sizeof (Job));
  g_autoptr (LwJson) json = lw_args_flag (args, "json") ? lw_json_new () : NULL;
  LwMachine machine;
  int status = LW_EXIT_DONE;

  g_array_set_clear_func (jobs, clear_job);
  for (int32_t i = 0; i < lw_args_n (args); i++) {
    if (!add_job (jobs, args, lw_args_get (args, i), &status, error)) {
      if (lw_together_is_silent ())
        g_clear_error (error);
      return status;
    }
  }
  if (lw_together_is_one_of_several ())
    return join_and_run (jobs, args, json, error);
  machine = lw_machine_measure (g_array_index (jobs, Job, 0).options.device.threads);
  status = LW_EXIT_DONE;
  for (guint i = 0; i < jobs->len && status == LW_EXIT_DONE; i++)
    status = run_job (&g_array_index (jobs, Job, i), &machine, json, error);
  if (json == NULL && status == LW_EXIT_DONE) {
    lw_app_print ("\n");
    lw_args_print_wrapped (
        _ ("Of roofline: the shortest time that the device's multiply-adds and its memory allow "
           "for a layer, over the time it took; above 100 % when data is still in a cache, when "
           "layers are computed together, or when an algorithm multiplies less."),
        0, lw_args_help_width ());
  }
  return status;
}

static const LwArgOption options[] = {
  { NULL, NULL, NULL, N_ ("Network"), false },
  { "set", NULL, "KEY=VALUE", LW_HELP_SET, true },
  { "input", NULL, "CxHxW", LW_HELP_INPUT, false },
  { "resize", NULL, "N", N_ ("Makes the network's input N × N."), false },
  { "classes", NULL, "N", LW_HELP_CLASSES, false },
  { NULL, NULL, NULL, N_ ("Measurement"), false },
  { "batch", NULL, "N", N_ ("Images in one step (default: the book's for the network)."), false },
  { "steps", NULL, "N",
    N_ ("Measures N steps (default: at least 5 and 3 seconds, at most 30 seconds a network)."),
    false },
  { "inference", NULL, NULL, N_ ("Only runs the network forward, in evaluation mode."), false },
  { NULL, NULL, NULL, N_ ("Device"), false },
  { "device", NULL, "NAME",
    N_ ("auto (default, the best that works) or a name that \"layerwise doctor\" lists."), false },
  { "precision", NULL, "NAME", N_ ("fp32 (default); bf16 and tf32 where the device has them."),
    false },
  { "threads", NULL, "N", N_ ("Processor threads (default: all)."), false },
  { "algorithms", NULL, "NAME", LW_HELP_ALGORITHMS, false },
  { "json", NULL, NULL, N_ ("Prints JSON Lines, one object a network, as soon as it is measured."),
    false },
  { NULL, NULL, NULL, NULL, false },
};

const LwCommand lw_command_bench = {
  .name = "bench",
  .synopsis = "MODEL… [OPTIONS]",
  .summary = N_ ("Measures how fast this computer trains or runs networks, layer by layer."),
  .description = N_ (
      "Measures whole training steps (images to the device, forward, loss, backward, update by "
      "plain SGD) on made-up images that lie in memory. The first steps, at least two and one "
      "second, do not count; of the others the median is shown and the least. Then some more "
      "steps run with a clock between the layers; they do not disturb the first figures.\n\n"
      "A graphics card is measured as it trains: it makes its batches of images of 28 × 28 bytes "
      "that "
      "lie on it, and a step is begun before the result of the one before is read; its time is "
      "from "
      "result to result.\n\n"
      "GFLOP/s are 10⁹ operations of convolutions and linear layers a second, counted as twice "
      "their MACs forward, and backward as much for each of the two gradients that is computed, "
      "whatever the algorithm really does.\n\n"
      "The algorithm of a convolution is shown as forward / gradient of the input / gradient of "
      "the "
      "weights where these differ.\n\n"
      "Memory at most is how much this process's share of the RAM grew from before the network's "
      "memory was taken to its largest size while steps ran, without the made-up images; for a "
      "device with memory of its own that memory is added as it was taken. Planned is what the "
      "memory plan says.\n\n"
      "Started by mpirun or srun, it measures how fast the workers train together, each with its "
      "part of the batch, beside one of them alone with as many images while the others rest; and "
      "how long gradients were on their way, and waited for.\n\n"
      "Measure on an idle computer: other programs slow both the steps and the processor's own "
      "figures, which come from a loop of multiply-adds and from copying memory."),
  .options = options,
  .examples = N_ ("bench lenet-bn|A few seconds.\n"
                  "bench alexnet resnet18 densenet --batch 32|One table each.\n"
                  "bench resnet18 --inference --batch 64 --json|For a script."),
  .least = 1,
  .most = 64,
  .arguments = N_ ("a MODEL"),
  .shared = true,
  .run = run,
};
