/* Settings that change while it runs: asked for by any thread, made by the trainer's between two
 * steps, and made again, at the same steps, by a run that was killed and resumed. */
#include "engine/trainer_private.h"

#include <math.h>

void
lw_trainer_begin_live (LwTrainer *trainer)
{
  for (int i = 0; i < LW_N_LIVE; i++) {
    if (isnan (trainer->position.live[i])) /* a checkpoint of before */
      trainer->position.live[i] = lw_live_get (trainer->settings, (LwLiveSetting)i);
    trainer->live[i] = trainer->position.live[i];
  }
}

bool
lw_trainer_change (LwTrainer *trainer, LwLiveSetting setting, double value, GError **error)
{
  LwSettings settings = *trainer->settings; /* borrows; only numbers differ */
  bool done;

  pthread_mutex_lock (&trainer->lock);
  for (int i = 0; i < LW_N_LIVE; i++)
    lw_live_put (&settings, (LwLiveSetting)i, trainer->live[i]);
  done = lw_live_check (&settings, setting, value, error);
  if (done) {
    trainer->live[setting] = value;
    trainer->changed_live |= 1u << setting;
    pthread_cond_broadcast (&trainer->changed);
  }
  pthread_mutex_unlock (&trainer->lock);
  return done;
}

void
lw_trainer_set_learning_rate (LwTrainer *trainer, double learning_rate)
{
  lw_trainer_change (trainer, LW_LIVE_LEARNING_RATE, learning_rate, NULL);
}

double
lw_trainer_live (const LwTrainer *trainer, LwLiveSetting setting)
{
  LwTrainer *self = (LwTrainer *)trainer;
  double value;

  pthread_mutex_lock (&self->lock);
  value = self->live[setting];
  pthread_mutex_unlock (&self->lock);
  return value;
}

/* A momentum begins from rest, whenever it begins. A run that has no memory for it ends, and
 * nothing of it is lost. */
static bool
ready_momentum (LwTrainer *trainer, double momentum, GError **error)
{
  bool finite;

  if (trainer->settings->optimizer != LW_OPTIMIZER_SGD)
    return true;
  if (lw_trainer_order (trainer, momentum > 0 ? LW_ORDER_KEEP_MOMENTUM : LW_ORDER_FORGET_MOMENTUM,
                        0, error) &&
      (momentum > 0 ? lw_session_keep_momentum (trainer->session, error)
                    : lw_session_clear_slots (trainer->session, error)))
    return true;
  lw_trainer_save (trainer, &finite, NULL);
  return false;
}

static bool
make_change (LwTrainer *trainer, LwLiveSetting setting, double value, GError **error)
{
  LwPosition *position = &trainer->position;
  LwEvent event = lw_trainer_event (trainer, LW_EVENT_SETTING);

  event.setting = setting;
  event.previous = position->live[setting];
  event.value = value;
  if (event.value == event.previous)
    return true;
  if (setting == LW_LIVE_MOMENTUM && !ready_momentum (trainer, value, error))
    return false;
  position->live[setting] = value;
  event.learning_rate = (float)position->live[LW_LIVE_LEARNING_RATE];
  return lw_trainer_log_event (trainer, &event, error) &&
         lw_trainer_flush (trainer, true, error); /* what must not be lost */
}

unsigned
lw_trainer_take_changes (LwTrainer *trainer, double ret_live[LW_N_LIVE])
{
  const unsigned changed = trainer->changed_live;

  trainer->changed_live = 0;
  for (int i = 0; i < LW_N_LIVE; i++)
    ret_live[i] = trainer->live[i];
  return changed;
}

/* The run takes another way than the one that is repeated. run.json changes from that to this in
 * one moment. */
static bool
leave_replay (LwTrainer *trainer, unsigned changed, const double live[LW_N_LIVE], GError **error)
{
  bool done;

  if (!lw_trainer_replays (trainer, INT64_MAX)) {
    g_clear_pointer (&trainer->replay, g_array_unref);
    return true;
  }
  g_array_set_size (trainer->replay, 0);
  trainer->replayed = 0;
  for (int i = 0; i < LW_N_LIVE; i++) {
    LwEvent event = lw_trainer_event (trainer, LW_EVENT_SETTING);

    event.setting = (LwLiveSetting)i;
    event.value = live[i];
    if ((changed & 1u << i) != 0)
      g_array_append_val (trainer->replay, event);
  }
  done = lw_trainer_write_state (trainer, LW_RUN_RUNNING, error);
  g_clear_pointer (&trainer->replay, g_array_unref);
  return done;
}

bool
lw_trainer_make_changes (LwTrainer *trainer, unsigned changed, const double live[LW_N_LIVE],
                         GError **error)
{
  if (!leave_replay (trainer, changed, live, error))
    return false;
  for (int i = 0; i < LW_N_LIVE; i++)
    if ((changed & 1u << i) != 0 && !make_change (trainer, (LwLiveSetting)i, live[i], error))
      return false;
  return true;
}

GArray *
lw_trainer_changes_to_come (const LwTrainer *trainer)
{
  if (!lw_trainer_replays (trainer, INT64_MAX))
    return NULL;
  return g_array_append_vals (g_array_new (FALSE, FALSE, sizeof (LwEvent)),
                              &g_array_index (trainer->replay, LwEvent, trainer->replayed),
                              trainer->replay->len - trainer->replayed);
}

bool
lw_trainer_replays (const LwTrainer *trainer, int64_t step)
{
  return trainer->replay != NULL && trainer->replayed < trainer->replay->len &&
         g_array_index (trainer->replay, LwEvent, trainer->replayed).step <= step;
}

bool
lw_trainer_replay (LwTrainer *trainer, GError **error)
{
  for (; trainer->replay != NULL && trainer->replayed < trainer->replay->len; trainer->replayed++) {
    const LwEvent event = g_array_index (trainer->replay, LwEvent, trainer->replayed);
    bool fits;

    if (event.step > trainer->position.step)
      break;
    pthread_mutex_lock (&trainer->lock);
    fits = trainer->changed_live == 0 &&
           lw_live_check (trainer->settings, event.setting, event.value, NULL);
    if (fits)
      trainer->live[event.setting] = event.value;
    pthread_mutex_unlock (&trainer->lock);
    if (fits && !make_change (trainer, event.setting, event.value, error))
      return false;
  }
  return true;
}
