#include "engine/worker.h"

#include "engine/data/dataset.h"
#include "engine/device_choice.h"
#include "engine/i18n.h"
#include "engine/trainer_shared.h"

#include <string.h>

/* One training. */
typedef struct {
  LwCollective *collective;
  const LwWorkerOptions *options;
  LwJob job;
  LwSettings *settings;
  LwGraph *graph;
  LwDataset *dataset;
  LwSession *session;
  LwLoader *train_loader, *test_loader;
  int64_t
      next_train; /* batch that the loader delivers next, over all epochs; −1: it was not asked */
  int32_t next_test;
  int32_t unread; /* steps that were begun and whose results were not read */
  float *logits;  /* or NULL */
  double sums[LW_N_TEST_SUMS];
} Worker;

static int32_t
count (const LwDataset *dataset, LwSplit split, int32_t limit)
{
  const int32_t all = lw_dataset_size (dataset, split);

  return limit > 0 ? MIN (limit, all) : all;
}

/* The data of this machine must be that of process 0's. */
static bool
open_data (Worker *worker, GError **error)
{
  const LwSettings *settings = worker->settings;
  const char *folder;
  int32_t train, test;

  worker->dataset = lw_dataset_open (settings->data, error);
  if (worker->dataset == NULL)
    return false;
  train = count (worker->dataset, LW_SPLIT_TRAIN, settings->limit_train);
  test = count (worker->dataset, LW_SPLIT_TEST, settings->limit_test);
  if (train != worker->job.train_examples || test != worker->job.test_examples ||
      lw_dataset_classes (worker->dataset) != worker->job.classes) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%s gives %d images to train with and %d to test with on this worker's "
                    "machine, but %d and %d on the first one's; put the same data set on both."),
                 lw_dataset_name (worker->dataset), train, test, worker->job.train_examples,
                 worker->job.test_examples);
    return false;
  }
  if (lw_dataset_fingerprint (worker->dataset, train, test) == worker->job.data)
    return true;
  folder = lw_dataset_folder (worker->dataset);
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               /* What: the name of a data set, and a folder. */
               _ ("%s, which lies in %s on this worker's machine, holds other images than on the "
                  "first one's; put the same data set on both, and name it to all workers (--data, "
                  "or mpirun -x LAYERWISE_DATA)."),
               lw_dataset_name (worker->dataset), folder != NULL ? folder : "–");
  return false;
}

static const LwBackend *
choose_device (Worker *worker, const char *name, int *ret_index, GError **error)
{
  const char *device = worker->options->device != NULL ? worker->options->device : name;
  const LwBackend *backend = lw_device_choose (worker->options->backends, device, ret_index, error);

  if (backend != NULL)
    *ret_index = lw_device_of_process (backend, device, *ret_index, worker->collective->local_rank);
  return backend;
}

static int32_t
threads_of (const Worker *worker)
{
  if (worker->options->threads > 0)
    return worker->options->threads;
  return worker->settings->threads > 0 ? worker->settings->threads : worker->collective->threads;
}

static bool
open_loaders (Worker *worker, GError **error)
{
  const LwSettings *settings = worker->settings;
  const LwShape input = lw_graph_input_shape (worker->graph);
  const bool augments = !lw_augmentation_is_none (&settings->augmentation);
  LwLoaderOptions options = { .split = LW_SPLIT_TRAIN,
                              .height = input.h,
                              .width = input.w,
                              .batch = MIN (settings->batch, worker->job.train_examples),
                              .limit = settings->limit_train,
                              .shuffle = settings->shuffle,
                              .seed = settings->seed,
                              .threads = MIN (threads_of (worker), 4),
                              .augmentation = settings->augmentation,
                              .part = worker->collective->rank,
                              .parts = worker->collective->size };

  options.examples_only = lw_session_keep_data (worker->session, worker->dataset, LW_SPLIT_TRAIN,
                                                worker->job.train_examples, augments);
  worker->train_loader = lw_loader_new (worker->dataset, &options, error);
  if (worker->train_loader == NULL)
    return false;
  options.split = LW_SPLIT_TEST;
  options.limit = settings->limit_test;
  options.shuffle = false;
  options.augmentation = (LwAugmentation){ 0 };
  options.examples_only = lw_session_keep_data (worker->session, worker->dataset, LW_SPLIT_TEST,
                                                worker->job.test_examples, false);
  worker->test_loader = lw_loader_new (worker->dataset, &options, error);
  return worker->test_loader != NULL;
}

static bool
open_session (Worker *worker, const char *device, GError **error)
{
  const LwSettings *settings = worker->settings;
  const int32_t batch = MIN (settings->batch, worker->job.train_examples);
  const LwSessionOptions options = {
    .batch = lw_shared_part_of_batch (worker->collective, batch),
    .optimizer = settings->optimizer,
    .momentum = worker->job.momentum,
    .device = { .threads = threads_of (worker), .precision = settings->precision },
    .collective = worker->collective,
    .synchronizes = settings->batch_norm_statistics == LW_NORM_SYNCHRONIZED
  };
  int index;
  const LwBackend *backend = choose_device (worker, device, &index, error);

  if (backend == NULL)
    return false;
  worker->session = lw_session_new (worker->graph, backend, index, &options, error);
  if (worker->session == NULL || !lw_session_share (worker->session, error) ||
      !open_loaders (worker, error))
    return false;
  if (worker->job.wants_logits)
    worker->logits = g_new0 (float, (gsize)batch *(gsize)lw_graph_classes (worker->graph));
  return true;
}

/* --- orders ----------------------------------------------------------------------------------- */

static bool
read_results (Worker *worker, int32_t leave, GError **error)
{
  LwBatchResult result;

  for (; worker->unread > leave; worker->unread--)
    if (!lw_session_train_result (worker->session, &result, error))
      return false;
  return true;
}

static bool
make_step (Worker *worker, const LwOrder *order, GError **error)
{
  const int64_t number = order->epoch * lw_loader_batches (worker->train_loader) + order->batch;
  LwBatch batch;

  if (number != worker->next_train)
    lw_loader_seek (worker->train_loader, order->epoch, order->batch);
  worker->next_train = number + 1;
  batch = lw_shared_next_batch (worker->train_loader, LW_SPLIT_TRAIN);
  if (!read_results (worker, order->follows ? 1 : 0, error) ||
      !lw_session_train_begin (worker->session, &batch, &order->settings, error))
    return false;
  worker->unread++;
  return true;
}

static bool
test_batch (Worker *worker, const LwOrder *order, GError **error)
{
  if (order->batch == 0)
    memset (worker->sums, 0, sizeof worker->sums);
  if (order->batch != worker->next_test || order->batch == 0)
    lw_loader_seek (worker->test_loader, 0, order->batch);
  worker->next_test = order->batch + 1;
  return lw_shared_test_batch (worker->collective, worker->session, worker->test_loader,
                               worker->logits, worker->sums, NULL, error);
}

static bool
obey (Worker *worker, const LwOrder *order, GError **error)
{
  if (order->kind == LW_ORDER_STEP)
    return make_step (worker, order, error);
  if (!read_results (worker, 0, error))
    return false;
  switch (order->kind) {
  case LW_ORDER_TEST_BATCH:
    return test_batch (worker, order, error);
  case LW_ORDER_TEST_SUMS:
    return lw_collective_reduce (worker->collective, worker->sums, LW_N_TEST_SUMS, LW_REDUCE_SUM,
                                 error);
  case LW_ORDER_STATISTICS:
    return lw_session_share_statistics (worker->session, error);
  case LW_ORDER_KEEP_MOMENTUM:
    return lw_session_keep_momentum (worker->session, error);
  case LW_ORDER_FORGET_MOMENTUM:
    return lw_session_clear_slots (worker->session, error);
  default:
    return true;
  }
}

static bool
prepare (Worker *worker, const char *json, GError **error)
{
  worker->settings = lw_settings_from_json (json, -1, error);
  if (worker->settings == NULL || !open_data (worker, error))
    return false;
  worker->graph = lw_model_build (worker->settings->options, error);
  return worker->graph != NULL;
}

static bool
work (Worker *worker, const char *json, GError **error)
{
  LwCollective *collective = worker->collective;
  g_autofree char *device = NULL;
  GError *own = NULL;
  LwOrder order;

  worker->next_train = worker->next_test = -1;
  if (!lw_collective_broadcast (collective, &worker->job, sizeof worker->job, error) ||
      !lw_collective_broadcast_text (collective, NULL, &device, error))
    return false;
  if (!prepare (worker, json, &own))
    g_prefix_error (&own, /* What: which of several processes; its own sentence follows. */
                    _ ("Worker %d: "), collective->rank);
  if (!lw_collective_agree (collective, own, error)) {
    /* Process 0 says it, and may have another training. */
    if (!collective->failed)
      g_clear_error (error);
    return !collective->failed;
  }
  if (!open_session (worker, device, error))
    return false;
  do {
    if (!lw_collective_broadcast (collective, &order, sizeof order, error) ||
        !obey (worker, &order, error))
      return false;
  } while (order.kind != LW_ORDER_END);
  return lw_collective_agree (collective, NULL, error);
}

static void
worker_clear (Worker *worker)
{
  lw_loader_free (worker->train_loader);
  lw_loader_free (worker->test_loader);
  lw_session_free (worker->session);
  lw_dataset_unref (worker->dataset);
  if (worker->graph != NULL)
    lw_graph_unref (worker->graph);
  lw_settings_free (worker->settings);
  g_free (worker->logits);
}

bool
lw_worker_run (LwCollective *collective, const LwWorkerOptions *options, GError **error)
{
  for (;;) {
    Worker worker = { .collective = collective, .options = options };
    g_autoptr (GError) failure = NULL;
    g_autofree char *json = NULL;
    bool done;

    if (!lw_collective_broadcast_text (collective, NULL, &json, error))
      return false;
    if (json == NULL)
      return true;
    done = work (&worker, json, &failure);
    if (!done && !collective->failed)
      lw_collective_abort (collective, failure->message);
    worker_clear (&worker);
    if (!done) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return false;
    }
  }
}

bool
lw_workers_dismiss (LwCollective *collective, GError **error)
{
  g_autofree char *unused = NULL;

  return lw_collective_broadcast_text (collective, NULL, &unused, error);
}
