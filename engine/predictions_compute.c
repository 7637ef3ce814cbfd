/* Predictions of a run that kept none: the same record, filled from its checkpoints. */
#include "engine/record_predictions_private.h"

#include "engine/checkpoint.h"
#include "engine/data/loader.h"
#include "engine/i18n.h"
#include "engine/schedule.h"

#include <glib/gstdio.h>

#define BATCH 64

typedef struct {
  LwGraph *graph;
  LwDataset *dataset;
  const LwSettings *settings;
  void (*progress) (double done, void *data);
  void *data;
  GCancellable *cancellable;
} Work;

static bool
check_fit (const Work *work, GError **error)
{
  const int32_t channels = lw_graph_input_shape (work->graph).c;

  if (lw_dataset_channels (work->dataset) == channels &&
      lw_dataset_classes (work->dataset) <= lw_graph_classes (work->graph) &&
      lw_dataset_size (work->dataset, LW_SPLIT_TEST) > 0)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("The images of %s do not fit this run's network: choose the data set that it was "
                  "trained with."),
               lw_dataset_name (work->dataset));
  return false;
}

/* A test with the session's weights, as the trainer makes it; `begin` to `end`: of the progress. */
static bool
test (const Work *work, LwRecord *record, LwSession *session, double begin, double end,
      GError **error)
{
  const LwShape input = lw_graph_input_shape (work->graph);
  const LwLoaderOptions options = { .split = LW_SPLIT_TEST,
                                    .height = input.h,
                                    .width = input.w,
                                    .batch = BATCH,
                                    .limit = work->settings->limit_test };
  g_autoptr (LwLoader) loader = lw_loader_new (work->dataset, &options, error);
  g_autofree float *logits = g_new (float, BATCH *(gsize)lw_graph_classes (work->graph));
  int64_t done = 0;

  if (loader == NULL)
    return false;
  for (int32_t i = 0; i < lw_loader_batches (loader); i++) {
    LwBatch batch = { 0 };

    if (g_cancellable_set_error_if_cancelled (work->cancellable, error))
      return false;
    batch.n = lw_loader_next (loader, &batch.images, &batch.labels);
    if (!lw_session_infer (session, &batch, NULL, NULL, logits, NULL, error))
      return false;
    lw_record_predictions.test_batch (record, &batch, done, logits);
    done += batch.n;
    if (work->progress != NULL)
      work->progress (begin + (end - begin) * (i + 1) / lw_loader_batches (loader), work->data);
  }
  return true;
}

static bool
ask_checkpoint (const Work *work, LwRecord *record, LwSession *session, const char *path,
                int64_t steps_per_epoch, double begin, double end, GError **error)
{
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, error);
  LwPosition position;

  if (file == NULL || !lw_checkpoint_position (file, path, &position, error) ||
      !lw_checkpoint_load (session, file, path, error) ||
      !test (work, record, session, begin, end, error))
    return false;
  return lw_record_predictions.after_epoch (
      record, session,
      &(LwMoment){ position.step, (double)position.step / (double)steps_per_epoch, 0 }, error);
}

bool
lw_predictions_compute (const char *run_folder, LwGraph *graph, const LwSettings *settings,
                        const LwBackend *backend, LwDataset *dataset,
                        void (*progress) (double done, void *data), void *data,
                        GCancellable *cancellable, GError **error)
{
  const Work work = { graph, dataset, settings, progress, data, cancellable };
  const LwSessionOptions options = { .inference_batch = BATCH };
  g_autoptr (GArray) steps = lw_checkpoint_list (run_folder);
  LwRecordContext context = { graph, settings, dataset, 0, 0 };
  g_autofree char *path = g_build_filename (run_folder, LW_PREDICTIONS_FILE, NULL);
  g_autoptr (LwSession) session = NULL;
  LwRecord *record;
  bool done = false;

  if (!check_fit (&work, error))
    return false;
  lw_settings_steps (settings, lw_dataset_size (dataset, LW_SPLIT_TRAIN), &context.total_steps,
                     &context.steps_per_epoch);
  context.total_steps = context.steps_per_epoch * (steps->len + 1);
  while (steps->len > 0 && g_array_index (steps, int64_t, 0) < 1)
    g_array_remove_index (steps, 0); /* of initial weights */
  if (steps->len == 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("This run has no checkpoint to ask: train it for at least one epoch."));
    return false;
  }
  session = lw_session_new (graph, backend, 0, &options, error);
  record = session != NULL ? lw_record_predictions.make (&context) : NULL;
  if (session != NULL && record == NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is not enough memory for the predictions of this test."));
  for (guint i = 0; record != NULL && i < steps->len; i++) {
    const int64_t step = g_array_index (steps, int64_t, i);
    g_autofree char *checkpoint = lw_checkpoint_path (run_folder, step);

    done = ask_checkpoint (&work, record, session, checkpoint, context.steps_per_epoch,
                           (double)i / steps->len, (i + 1.0) / steps->len, error);
    if (!done)
      break;
  }
  done = done && lw_record_predictions.save (record, path, error);
  if (record != NULL)
    lw_record_predictions.free (record);
  return done;
}
