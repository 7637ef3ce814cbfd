/* Trainings of several processes: what process 0's trainer says to the others, and what all do. */
#include "engine/trainer_shared.h"

#include "engine/trainer_private.h"

#include <string.h>

/* --- what all do ------------------------------------------------------------------------------ */

LwBatch
lw_shared_next_batch (LwLoader *loader, LwSplit split)
{
  LwBatch batch = { .split = split };
  LwWholeBatch whole;

  batch.n = lw_loader_next (loader, &batch.images, &batch.labels);
  if (!lw_loader_has_images (loader))
    batch.examples = lw_loader_batch_examples (loader);
  batch.transforms = lw_loader_batch_transforms (loader);
  whole = lw_loader_whole_batch (loader);
  batch.whole = whole.n;
  batch.first = whole.first;
  batch.absent = whole.absent;
  return batch;
}

int32_t
lw_shared_part_of_batch (const LwCollective *collective, int32_t batch)
{
  return lw_collective_part (0, lw_collective_size (collective), batch).n;
}

bool
lw_shared_test_batch (LwCollective *collective, LwSession *session, LwLoader *loader, float *logits,
                      double sums[LW_N_TEST_SUMS], LwBatch *ret_whole, GError **error)
{
  const LwBatch batch = lw_shared_next_batch (loader, LW_SPLIT_TEST);
  const LwWholeBatch whole = lw_loader_whole_batch (loader);
  const int64_t classes = lw_graph_classes (lw_session_graph (session));
  LwBatchResult result = { 0 };

  if (logits != NULL && collective != NULL)
    memset (logits, 0, sizeof *logits * (size_t)(classes * whole.n));
  if (!batch.absent &&
      !lw_session_infer (session, &batch, NULL, NULL,
                         logits != NULL ? logits + classes * batch.first : NULL, &result, error))
    return false;
  sums[LW_TEST_LOSS] += result.loss_sum;
  sums[LW_TEST_CORRECT] += result.correct;
  sums[LW_TEST_N] += result.n;
  if (ret_whole != NULL)
    *ret_whole = (LwBatch){
      .labels = whole.labels, .examples = whole.examples, .n = whole.n, .split = LW_SPLIT_TEST
    };
  return logits == NULL || collective == NULL ||
         (lw_collective_begin_sum (collective, logits, classes * whole.n, error) &&
          lw_collective_finish_sums (collective, error));
}

/* --- what process 0 says ---------------------------------------------------------------------- */

bool
lw_trainer_give_job (LwTrainer *trainer, bool momentum, GError **error)
{
  LwCollective *collective = trainer->collective;
  g_autofree char *json = NULL, *unused = NULL, *also_unused = NULL;
  LwJob job = { .momentum = momentum,
                .wants_logits = lw_records_want_test (trainer->records),
                .train_examples = trainer->train_examples,
                .test_examples = trainer->test_examples,
                .classes = lw_dataset_classes (trainer->dataset) };

  if (collective == NULL)
    return true;
  job.data =
      lw_dataset_fingerprint (trainer->dataset, trainer->train_examples, trainer->test_examples);
  json = lw_settings_to_json (trainer->settings);
  /* Where they do not agree, all know, and nobody waits for an order. */
  trainer->has_workers =
      lw_collective_broadcast_text (collective, json, &unused, error) &&
      lw_collective_broadcast (collective, &job, sizeof job, error) &&
      lw_collective_broadcast_text (collective, trainer->backend->name, &also_unused, error) &&
      lw_collective_agree (collective, NULL, error);
  return trainer->has_workers;
}

static bool
give (LwTrainer *trainer, LwOrder order, GError **error)
{
  return trainer->collective == NULL ||
         lw_collective_broadcast (trainer->collective, &order, sizeof order, error);
}

bool
lw_trainer_order (LwTrainer *trainer, LwOrderKind kind, int32_t batch, GError **error)
{
  return give (trainer, (LwOrder){ .kind = kind, .batch = batch }, error);
}

bool
lw_trainer_order_step (LwTrainer *trainer, int64_t number, const LwStepSettings *settings,
                       bool follows, GError **error)
{
  return give (trainer,
               (LwOrder){ .kind = LW_ORDER_STEP,
                          .follows = follows,
                          .epoch = (number - 1) / trainer->steps_per_epoch,
                          .batch = (int32_t)((number - 1) % trainer->steps_per_epoch),
                          .settings = *settings },
               error);
}

bool
lw_trainer_end_job (LwTrainer *trainer, const GError *failure, GError **error)
{
  if (!trainer->has_workers || trainer->collective->failed)
    return true;
  trainer->has_workers = false;
  if (failure == NULL)
    return lw_trainer_order (trainer, LW_ORDER_END, 0, error) &&
           lw_collective_agree (trainer->collective, NULL, error);
  /* They are in the midst of something, perhaps. */
  lw_collective_abort (trainer->collective, failure->message);
  return true;
}
