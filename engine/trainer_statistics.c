/* Batch-normalization statistics of a training, and how often they are taken. */
#include "engine/trainer_private.h"

/* A device that runs ahead waits while its values are read, so there not each step's are. */
#define REPLAYED_EVERY 8

bool
lw_trainer_wants_statistics (const LwTrainer *trainer, int64_t step)
{
  int64_t every = MAX (trainer->statistics_every, 1);

  if (trainer->history == NULL)
    return false;
  if (lw_session_runs_ahead (trainer->session))
    every = MAX (every, REPLAYED_EVERY);
  return step % every == 0 || lw_bn_history_wants (trainer->history, step);
}

void
lw_trainer_pace_statistics (LwTrainer *trainer, double seconds)
{
  const double share = 0.01, within_s = 2;

  trainer->stepping_s += seconds;
  if (trainer->history == NULL || trainer->stepping_s < within_s)
    return;
  if (trainer->statistics_s > share * trainer->stepping_s)
    trainer->statistics_every = 2 * MAX (trainer->statistics_every, 1);
  trainer->statistics_s = trainer->stepping_s = 0;
}

static double
seconds_since (gint64 begin)
{
  return (double)(g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
}

bool
lw_trainer_batch_hook (LwSession *session, const LwStep *step, bool backward, void *data,
                       GError **error)
{
  LwTrainer *trainer = data;
  float *mean = trainer->statistics;
  float *variance = mean + step->y_shape.c;
  gint64 begin;

  if (backward || step->op != LW_OP_BATCH_NORM)
    return true;
  begin = g_get_monotonic_time ();
  if (!lw_session_batch_statistics (session, step, mean, variance, error))
    return false;
  lw_bn_history_put (trainer->history, step->id, LW_BN_BATCH_MEAN, mean);
  lw_bn_history_put (trainer->history, step->id, LW_BN_BATCH_VAR, variance);
  trainer->statistics_s += seconds_since (begin);
  return true;
}

static bool
put_batch (LwTrainer *trainer, LwNodeId id, GError **error)
{
  float *mean = trainer->statistics;
  float *variance = mean + lw_graph_node (trainer->graph, id)->shape.c;

  if (!lw_session_last_statistics (trainer->session, id, mean, variance, error))
    return false;
  lw_bn_history_put (trainer->history, id, LW_BN_BATCH_MEAN, mean);
  lw_bn_history_put (trainer->history, id, LW_BN_BATCH_VAR, variance);
  return true;
}

static bool
put_tensors (LwTrainer *trainer, LwNodeId id, bool moment, GError **error)
{
  static const struct {
    LwTensorRole role;
    LwBnField field;
  } fields[] = { { LW_ROLE_RUNNING_MEAN, LW_BN_RUNNING_MEAN },
                 { LW_ROLE_RUNNING_VAR, LW_BN_RUNNING_VAR },
                 { LW_ROLE_WEIGHT, LW_BN_GAMMA },
                 { LW_ROLE_BIAS, LW_BN_BETA } };
  const LwNode *node = lw_graph_node (trainer->graph, id);

  for (guint i = 0; i < (moment ? G_N_ELEMENTS (fields) : 2); i++) {
    if (!lw_session_get_tensor (trainer->session, node->tensors[fields[i].role],
                                trainer->statistics, error))
      return false;
    lw_bn_history_put (trainer->history, id, fields[i].field, trainer->statistics);
  }
  return true;
}

/* The running values, and of a moment γ and β, as they are after the step; the batch's statistics
 * where no hook read them. */
bool
lw_trainer_record_statistics (LwTrainer *trainer, GError **error)
{
  const int64_t step = trainer->position.step;
  const bool moment = lw_bn_history_wants (trainer->history, step);
  const gint64 begin = g_get_monotonic_time ();

  for (LwNodeId id = 0; id < lw_graph_n_nodes (trainer->graph); id++)
    if (lw_graph_node (trainer->graph, id)->op == LW_OP_BATCH_NORM &&
        ((lw_session_runs_ahead (trainer->session) && !put_batch (trainer, id, error)) ||
         !put_tensors (trainer, id, moment, error)))
      return false;
  lw_bn_history_note (trainer->history, step);
  if (moment)
    lw_bn_history_commit (trainer->history, step, lw_trainer_epoch (trainer));
  trainer->statistics_s += seconds_since (begin);
  return true;
}
