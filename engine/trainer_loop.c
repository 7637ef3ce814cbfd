#include "engine/record_health.h"
#include "engine/trainer_private.h"

#include "engine/i18n.h"
#include "engine/snapshots.h"

#include <inttypes.h>
#include <math.h>

#define SPEED_S 0.5 /* seconds over which examples a second are smoothed */

LwEvent
lw_trainer_event (const LwTrainer *trainer, LwEventKind kind)
{
  return (LwEvent){ .kind = kind,
                    .step = trainer->position.step,
                    .epoch = lw_trainer_epoch (trainer),
                    .time_s = trainer->position.time_s };
}

/* The rate of the step to come. */
double
lw_trainer_rate (const LwTrainer *trainer)
{
  LwSettings settings = *trainer->settings; /* borrows; only numbers differ */

  for (int i = 0; i < LW_N_LIVE; i++)
    lw_live_put (&settings, (LwLiveSetting)i, trainer->position.live[i]);
  return lw_settings_learning_rate (&settings,
                                    trainer->position.step + (trainer->begun.number != 0),
                                    trainer->total_steps, trainer->steps_per_epoch);
}

/* Where it began, as far as the records know: "It began in …. ". */
static char *
explain (LwTrainer *trainer)
{
  LwHealthRecord *health = lw_records_health (trainer->records);
  g_autoptr (LwDivergence) divergence =
      health != NULL ? lw_health_record_divergence (health) : NULL;
  g_autofree char *sentence =
      divergence != NULL ? lw_divergence_sentence (divergence, trainer->graph) : NULL;

  return sentence != NULL ? g_strconcat (sentence, " ", NULL) : g_strdup ("");
}

/* The loss stopped being a number in step `step`. */
static LwTrainerOutcome
diverge (LwTrainer *trainer, const char *where, int64_t step)
{
  char rate[32];
  g_autofree char *why = explain (trainer);
  const double smaller = trainer->position.live[LW_LIVE_LEARNING_RATE] / 10;

  g_ascii_formatd (rate, sizeof rate, "%.3g", smaller);
  lw_trainer_say (trainer,
                  g_strdup_printf (
                      /* What: "The losses", …; then where it began, a sentence with a space behind
                         it, or "". */
                      _ ("%s stopped being finite numbers in step %" PRId64
                         " (epoch %.2f): the training diverged. "
                         "%sTrain again with a learning rate ten times smaller, %s."),
                      where, step, (double)step / (double)trainer->steps_per_epoch, why, rate));
  return LW_HAS_DIVERGED;
}

bool
lw_trainer_save_or_diverge (LwTrainer *trainer, LwTrainerOutcome *ret_outcome, GError **error)
{
  bool finite = true;

  if (!lw_trainer_save (trainer, &finite, error))
    return false;
  if (!finite)
    *ret_outcome = diverge (trainer, _ ("The weights"), trainer->position.step);
  return true;
}

/* Between two steps, or two batches of a test: takes in what was commanded, and rests here while
 * it is paused. */
static bool
check_in (LwTrainer *trainer, LwTrainerOutcome *ret_outcome, GError **error)
{
  bool rested = false, stop;
  double live[LW_N_LIVE];
  unsigned changed;

  if (!lw_trainer_replay (trainer, error))
    return false;
  for (;;) {
    pthread_mutex_lock (&trainer->lock);
    while (rested && !trainer->stop && !trainer->changed_live && trainer->goal == LW_GOAL_REST &&
           !lw_trainer_has_unserved (trainer))
      pthread_cond_wait (&trainer->changed, &trainer->lock);
    stop = trainer->stop;
    changed = lw_trainer_take_changes (trainer, live);
    if (trainer->goal != LW_GOAL_REST && changed == 0 && !stop) {
      pthread_mutex_unlock (&trainer->lock);
      break;
    }
    pthread_mutex_unlock (&trainer->lock);

    if (changed != 0) {
      if (!lw_trainer_make_changes (trainer, changed, live, error))
        return false;
      continue;
    }
    if (stop) {
      *ret_outcome = LW_IS_STOPPED;
      return true;
    }
    if (!rested) {
      rested = true;
      if (!lw_trainer_flush (trainer, false, error))
        return false;
      lw_trainer_set_state (trainer, LW_RUN_PAUSED);
    }
    if (!lw_trainer_serve_watches (trainer, true, error))
      return false;
  }
  if (rested) {
    trainer->stepped = false;
    lw_trainer_set_state (trainer, LW_RUN_RUNNING);
  }
  return true;
}

/* After a commanded single step, the test that may follow it included. */
static void
rest_after_step (LwTrainer *trainer)
{
  pthread_mutex_lock (&trainer->lock);
  if (trainer->goal == LW_GOAL_STEP && trainer->stepped)
    trainer->goal = LW_GOAL_REST;
  pthread_mutex_unlock (&trainer->lock);
}

static float
smoothed_speed (LwTrainer *trainer, int32_t n, double seconds)
{
  const double decay = exp (-seconds / SPEED_S);

  trainer->speed_examples = trainer->speed_examples * decay + n;
  trainer->speed_seconds = trainer->speed_seconds * decay + seconds;
  return (float)(trainer->speed_examples / MAX (trainer->speed_seconds, 1e-9));
}

/* --- one step --------------------------------------------------------------------------------- */

static LwStepSettings
step_settings (const LwTrainer *trainer, const LwBegunStep *step)
{
  return (LwStepSettings){ .learning_rate = (float)step->rate,
                           .momentum = (float)trainer->position.live[LW_LIVE_MOMENTUM],
                           .weight_decay = (float)trainer->position.live[LW_LIVE_WEIGHT_DECAY],
                           .nesterov = trainer->settings->nesterov,
                           .seed = trainer->settings->seed,
                           .iteration = step->number - 1 };
}

/* The number of the step that will be begun next. */
static int64_t
next_number (const LwTrainer *trainer)
{
  return trainer->position.step + (trainer->begun.number != 0) + 1;
}

/* Whether its statistics must be read while it runs; it is over then when it is begun. */
static bool
is_hooked (const LwTrainer *trainer, const LwBegunStep *step)
{
  return step->statistics && !lw_session_runs_ahead (trainer->session);
}

static bool
begin_step (LwTrainer *trainer, LwBegunStep *step, GError **error)
{
  LwStepSettings settings;

  *step = (LwBegunStep){ .number = next_number (trainer),
                         .rate = lw_trainer_rate (trainer),
                         .begin_us = g_get_monotonic_time () };
  step->statistics = lw_trainer_wants_statistics (trainer, step->number);
  settings = step_settings (trainer, step);
  step->batch = lw_shared_next_batch (trainer->train_loader, LW_SPLIT_TRAIN);
  return lw_records_before_step (trainer->records, trainer->session, &step->batch, step->number,
                                 error) &&
         lw_trainer_order_step (trainer, step->number, &settings, trainer->begun.number != 0,
                                error) &&
         (is_hooked (trainer, step)
              ? lw_session_train (trainer->session, &step->batch, &settings, lw_trainer_batch_hook,
                                  trainer, &step->result, error)
              : lw_session_train_begin (trainer->session, &step->batch, &settings, error));
}

/* The loss of `step` was not finite, which is known only now that the next one was begun. That has
 * changed no weights, but gradients and the loader's batch are its own: those of `step` again. */
static bool
go_back (LwTrainer *trainer, LwBegunStep *step, GError **error)
{
  LwStepSettings settings = step_settings (trainer, step);
  LwBatchResult result;

  trainer->begun.number = 0;
  settings.again = true;
  lw_loader_seek (trainer->train_loader, (step->number - 1) / trainer->steps_per_epoch,
                  (int32_t)((step->number - 1) % trainer->steps_per_epoch));
  step->batch = lw_shared_next_batch (trainer->train_loader, LW_SPLIT_TRAIN);
  return lw_session_train_result (trainer->session, &result, error) &&
         lw_trainer_order_step (trainer, step->number, &settings, false, error) &&
         lw_session_train_begin (trainer->session, &step->batch, &settings, error) &&
         lw_session_train_result (trainer->session, &result, error);
}

/* Waits for the step's result; all that follows from it. With another step begun behind it the
 * session is not as it was after this one: nobody looks at it then. */
static bool
finish_step (LwTrainer *trainer, LwBegunStep step, LwTrainerOutcome *ret_outcome, GError **error)
{
  LwPosition *position = &trainer->position;
  const bool alone = trainer->begun.number == 0;
  const LwMoment moment = { step.number, (double)step.number / (double)trainer->steps_per_epoch,
                            step.rate };
  LwBatchResult *result = &step.result;
  LwEvent event;
  gint64 now;
  double seconds;

  if (!is_hooked (trainer, &step) && !lw_session_train_result (trainer->session, result, error))
    return false;
  if (!isfinite (result->loss_sum)) {
    if ((!alone && !go_back (trainer, &step, error)) ||
        !lw_records_diverged (trainer->records, trainer->session, &step.batch, &moment, error))
      return false;
    *ret_outcome = diverge (trainer, _ ("The losses"), step.number);
    return true;
  }
  position->step = step.number;
  position->epoch_loss_sum += result->loss_sum;
  position->epoch_correct += result->correct;
  position->epoch_n += result->n;
  if (step.statistics && !lw_trainer_record_statistics (trainer, error))
    return false;
  now = g_get_monotonic_time ();
  seconds = (double)(now - MAX (step.begin_us, trainer->finished_us)) / G_USEC_PER_SEC;
  trainer->finished_us = now;
  position->time_s += seconds;
  position->epoch_time_s += seconds;
  lw_trainer_pace_statistics (trainer, seconds);
  trainer->stepped = trainer->has_gradients = true;

  event = lw_trainer_event (trainer, LW_EVENT_STEP);
  event.loss = (float)(result->loss_sum / result->n);
  event.accuracy = (float)result->correct / (float)result->n;
  event.learning_rate = (float)step.rate;
  event.examples_per_second = smoothed_speed (trainer, result->n, seconds);
  return lw_trainer_log_event (trainer, &event, error) &&
         lw_records_after_step (trainer->records, alone ? trainer->session : NULL, &moment, error);
}

/* Whether a command or a view waits for the trainer between two steps. */
static bool
is_called (LwTrainer *trainer)
{
  bool called;

  pthread_mutex_lock (&trainer->lock);
  called = trainer->stop || trainer->goal != LW_GOAL_RUN || trainer->changed_live != 0 ||
           lw_trainer_is_watched (trainer);
  pthread_mutex_unlock (&trainer->lock);
  return called;
}

/* Whether the next step may be begun before the begun one's result is read: nobody looks at the
 * session between the two. */
static bool
may_run_ahead (LwTrainer *trainer)
{
  const int64_t number = trainer->begun.number;
  const int32_t every = trainer->settings->checkpoint_every;

  return lw_session_runs_ahead (trainer->session) && !trainer->begun.statistics &&
         number < trainer->total_steps && number != trainer->last_step &&
         number % trainer->steps_per_epoch != 0 && (every == 0 || number % every != 0) &&
         !lw_trainer_replays (trainer, number) && !lw_records_want (trainer->records, number) &&
         !is_called (trainer);
}

/* One more step is begun, and the one before finished; the new one too, unless the device runs
 * ahead. */
static bool
one_step (LwTrainer *trainer, LwTrainerOutcome *ret_outcome, GError **error)
{
  const LwBegunStep before = trainer->begun;
  LwBegunStep step;

  if (!begin_step (trainer, &step, error))
    return false;
  trainer->begun = step;
  if (before.number != 0 && (!finish_step (trainer, before, ret_outcome, error) ||
                             !lw_trainer_answer (trainer, before.number, error)))
    return false;
  if (*ret_outcome != LW_GOES_ON)
    return true;
  if (may_run_ahead (trainer))
    return lw_trainer_ask (trainer, error);
  trainer->begun.number = 0;
  return finish_step (trainer, step, ret_outcome, error);
}

bool
lw_trainer_settle (LwTrainer *trainer)
{
  const LwBegunStep step = trainer->begun;
  LwTrainerOutcome outcome = LW_GOES_ON;

  trainer->begun.number = 0;
  return lw_session_is_whole (trainer->session) &&
         (step.number == 0 || (step.number == trainer->position.step + 1 &&
                               finish_step (trainer, step, &outcome, NULL))) &&
         outcome == LW_GOES_ON;
}

/* --- epochs ----------------------------------------------------------------------------------- */

/* With local statistics each process has its own running ones. */
static bool
share_statistics (LwTrainer *trainer, GError **error)
{
  return trainer->collective == NULL ||
         (lw_trainer_order (trainer, LW_ORDER_STATISTICS, 0, error) &&
          lw_session_share_statistics (trainer->session, error));
}

static bool
add_up_test (LwTrainer *trainer, double sums[LW_N_TEST_SUMS], GError **error)
{
  return trainer->collective == NULL ||
         (lw_trainer_order (trainer, LW_ORDER_TEST_SUMS, 0, error) &&
          lw_collective_reduce (trainer->collective, sums, LW_N_TEST_SUMS, LW_REDUCE_SUM, error));
}

static bool
run_test (LwTrainer *trainer, double *ret_loss, double *ret_accuracy, LwTrainerOutcome *ret_outcome,
          GError **error)
{
  double sums[LW_N_TEST_SUMS] = { 0 };
  int64_t n = 0;

  if (trainer->settings->batch_norm_statistics == LW_NORM_LOCAL &&
      !share_statistics (trainer, error))
    return false;
  lw_loader_seek (trainer->test_loader, 0, 0);
  for (int32_t i = 0; i < lw_loader_batches (trainer->test_loader); i++) {
    LwBatch whole;

    if (!check_in (trainer, ret_outcome, error))
      return false;
    if (*ret_outcome != LW_GOES_ON)
      return true;
    if (!lw_trainer_order (trainer, LW_ORDER_TEST_BATCH, i, error) ||
        !lw_shared_test_batch (trainer->collective, trainer->session, trainer->test_loader,
                               trainer->test_logits, sums, &whole, error))
      return false;
    if (trainer->test_logits != NULL)
      lw_records_test_batch (trainer->records, &whole, n, trainer->test_logits);
    n += whole.n;
  }
  if (!add_up_test (trainer, sums, error))
    return false;
  *ret_loss = sums[LW_TEST_LOSS] / sums[LW_TEST_N];
  *ret_accuracy = sums[LW_TEST_CORRECT] / sums[LW_TEST_N];
  if (!isfinite (sums[LW_TEST_LOSS]))
    *ret_outcome = diverge (trainer, _ ("The losses of the test"), trainer->position.step);
  return true;
}

/* The test after an epoch, its event, its checkpoint. Stopped half-way, it is done again. */
static bool
end_epoch (LwTrainer *trainer, LwTrainerOutcome *ret_outcome, GError **error)
{
  LwPosition *position = &trainer->position;
  double loss = 0, accuracy = 0;
  LwMoment moment;
  LwEvent event;

  if (!run_test (trainer, &loss, &accuracy, ret_outcome, error))
    return false;
  if (*ret_outcome != LW_GOES_ON)
    return true;
  event = lw_trainer_event (trainer, LW_EVENT_EPOCH);
  event.loss = (float)(position->epoch_loss_sum / (double)position->epoch_n);
  event.accuracy = (float)((double)position->epoch_correct / (double)position->epoch_n);
  event.test_loss = (float)loss;
  event.test_accuracy = (float)accuracy;
  event.learning_rate = (float)lw_trainer_rate (trainer);
  event.seconds = (float)position->epoch_time_s;
  event.examples_per_second =
      (float)((double)position->epoch_n / MAX (position->epoch_time_s, 1e-9));
  if (position->best_epoch == 0 || event.test_accuracy > position->best_test_accuracy) {
    position->best_epoch = (int32_t)(position->step / trainer->steps_per_epoch);
    position->best_test_accuracy = event.test_accuracy;
    position->best_step = position->step;
  }
  moment = (LwMoment){ position->step, lw_trainer_epoch (trainer), lw_trainer_rate (trainer) };
  position->epoch_loss_sum = position->epoch_time_s = 0;
  position->epoch_correct = position->epoch_n = 0;
  if (!lw_trainer_log_event (trainer, &event, error) ||
      !lw_records_after_epoch (trainer->records, trainer->session, &moment, error) ||
      !lw_trainer_save_or_diverge (trainer, ret_outcome, error))
    return false;
  if (*ret_outcome == LW_GOES_ON) /* one that cannot be kept is no reason to end */
    lw_snapshot_save (trainer->session, trainer->settings, trainer->folder,
                      (int32_t)(position->step / trainer->steps_per_epoch), position->best_epoch,
                      NULL);
  return true;
}

/* After a whole epoch and its test: whether the best is too long ago. */
static bool
is_out_of_patience (const LwTrainer *trainer)
{
  const LwPosition *position = &trainer->position;
  const int64_t epoch = position->step / trainer->steps_per_epoch;

  return trainer->settings->patience > 0 && position->best_epoch > 0 && position->epoch_n == 0 &&
         position->step % trainer->steps_per_epoch == 0 &&
         epoch - MAX (position->best_epoch, trainer->record.patience_from) >=
             trainer->settings->patience;
}

bool
lw_trainer_run (LwTrainer *trainer, LwTrainerOutcome *ret_outcome, GError **error)
{
  const LwPosition *position = &trainer->position;
  const int32_t every = trainer->settings->checkpoint_every;

  for (;;) {
    if (position->epoch_n > 0 && position->step % trainer->steps_per_epoch == 0) {
      if (!end_epoch (trainer, ret_outcome, error))
        return false;
      if (*ret_outcome != LW_GOES_ON)
        return true;
      rest_after_step (trainer);
    }
    trainer->stopped_early = position->step < trainer->total_steps && is_out_of_patience (trainer);
    if (position->step >= trainer->total_steps || trainer->stopped_early)
      return true;
    if (trainer->last_step > 0 && position->step >= trainer->last_step) {
      *ret_outcome = LW_IS_STOPPED;
      return true;
    }
    if (!check_in (trainer, ret_outcome, error))
      return false;
    if (*ret_outcome != LW_GOES_ON)
      return true;
    /* With a step begun the session is not what the position says: whatever is commanded meanwhile
     * ends the running ahead, and is followed after that. */
    do {
      if (!one_step (trainer, ret_outcome, error))
        return false;
      if (*ret_outcome != LW_GOES_ON)
        return true;
    } while (trainer->begun.number != 0);
    if (position->step % trainer->steps_per_epoch != 0) {
      rest_after_step (trainer);
      if (every > 0 && position->step % every == 0 && position->step < trainer->total_steps &&
          (!lw_trainer_save_or_diverge (trainer, ret_outcome, error) || *ret_outcome != LW_GOES_ON))
        return *ret_outcome != LW_GOES_ON;
    }
    if (!lw_trainer_serve_watches (trainer, false, error))
      return false;
  }
}
