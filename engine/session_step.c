#include "engine/i18n.h"
#include "engine/session_private.h"

#include <math.h>
#include <string.h>

/* Adds the layer's name to what its kernel reports, unless another process failed. */
static bool
name_layer (const LwStep *step, GError **error)
{
  if (step->collective != NULL && step->collective->failed)
    return false;
  g_prefix_error (error, _ ("Layer \"%s\": "), step->node != NULL ? step->node->name : "loss");
  return false;
}

static bool
forward (LwSession *session, const LwStep *step, LwStepHook hook, void *data, GError **error)
{
  const LwKernel *kernel = &session->backend->kernels[step->op];

  if (step->op != LW_OP_INPUT && !kernel->forward (session->device, step, error))
    return name_layer (step, error);
  return hook == NULL || hook (session, step, false, data, error);
}

static bool
backward (LwSession *session, const LwStep *step, LwStepHook hook, void *data, GError **error)
{
  const LwKernel *kernel = &session->backend->kernels[step->op];

  /* Where no gradient arrives, nothing behind is trained. */
  if (step->op == LW_OP_INPUT || (step->dy == NULL && step->op != LW_OP_CROSS_ENTROPY))
    return true;
  if (!kernel->backward (session->device, step, error))
    return name_layer (step, error);
  return hook == NULL || hook (session, step, true, data, error);
}

/* Gradients to zero, forward, backward; with other processes, sums over them. */
static bool
run_kernels (LwSession *session, const LwBatch *batch, LwStepHook hook, void *data, GError **error)
{
  const LwBackend *backend = session->backend;
  const int32_t last = lw_graph_n_nodes (session->graph);
  const bool shared = session->options.collective != NULL;

  if (!lw_session_make_batch (session, &session->training, batch, error) ||
      !backend->zero (session->device, session->gradients, session->trained_bytes, error))
    return false;
  for (int32_t i = 0; i <= last; i++)
    if (!forward (session, &session->training.linked[i], hook, data, error))
      return false;
  if (shared && !lw_session_sum_loss (session, batch->absent, error))
    return false;
  for (int32_t i = last; i >= 0; i--)
    if (!backward (session, &session->training.linked[i], hook, data, error) ||
        (shared && !lw_session_sum_gradients (session, i, error)))
      return false;
  return !shared || lw_session_finish_sums (session, error);
}

static bool
download_result (LwSession *session, const LwPass *pass, int32_t n, LwBatchResult *ret_result,
                 GError **error)
{
  const LwStep *loss = &pass->steps[lw_graph_n_nodes (session->graph)];
  float values[2];

  if (session->copies != NULL && pass == &session->training)
    memcpy (values, session->loss, sizeof values);
  else if (!session->backend->download_loss (session->device, loss->y, values, error))
    return false;
  *ret_result = (LwBatchResult){ (double)values[0], (int32_t)values[1], n };
  return true;
}

/* Examples whose losses the result has. */
static int32_t
whole_of (const LwBatch *batch)
{
  return batch->whole > 0 ? batch->whole : batch->n;
}

/* The batch to the device, and the step's numbers to whom they concern. */
static bool
set_step (LwSession *session, const LwBatch *batch, const LwStepSettings *settings, GError **error)
{
  const LwPass *pass = &session->training;
  LwUpdate *update = &session->update;

  if (pass->plan == NULL || batch->labels == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("Training needs labels and a session that was made for training."));
    return false;
  }
  if (!lw_session_check_batch (session, pass, batch, error) ||
      !lw_session_send_batch (session, pass, batch, error))
    return false;
  for (int32_t i = 0; i <= lw_graph_n_nodes (session->graph); i++) {
    pass->linked[i].n = batch->n;
    pass->linked[i].whole = whole_of (batch);
    pass->linked[i].first = batch->first;
    pass->linked[i].absent = batch->absent;
    pass->linked[i].seed = settings->seed;
    pass->linked[i].iteration = settings->iteration;
  }
  update->learning_rate = settings->learning_rate;
  update->momentum = settings->momentum;
  update->weight_decay = settings->weight_decay;
  update->nesterov = settings->nesterov;
  update->t = settings->iteration + 1;
  return true;
}

/* A step that the host looks into: it also decides about the update. */
static bool
run_watched (LwSession *session, const LwBatch *batch, LwStepHook hook, void *data,
             LwBatchResult *ret_result, GError **error)
{
  session->update.loss = NULL;
  if (run_kernels (session, batch, hook, data, error) &&
      download_result (session, &session->training, whole_of (batch), ret_result, error) &&
      (!isfinite (ret_result->loss_sum) ||
       session->backend->update (session->device, &session->update, error)))
    return true;
  session->torn = true;
  return false;
}

/* A step that the device does, or repeats, by itself. */
static bool
run_alone (LwSession *session, const LwBatch *batch, const LwStepSettings *settings, GError **error)
{
  const LwBackend *backend = session->backend;
  const LwStepNumbers numbers = { .n = batch->n,
                                  .whole = whole_of (batch),
                                  .first = batch->first,
                                  .absent = batch->absent,
                                  .kept = batch->examples != NULL
                                              ? session->kept[batch->split].images
                                              : NULL,
                                  .seed = settings->seed,
                                  .iteration = settings->iteration,
                                  .follows = session->begun > session->read || settings->again,
                                  .update = &session->update };
  bool replayed;

  session->update.loss = session->training.steps[lw_graph_n_nodes (session->graph)].y;
  if (!backend->begin_step (session->device, &numbers, &replayed, error))
    return false;
  if ((replayed || (run_kernels (session, batch, NULL, NULL, error) &&
                    backend->update (session->device, &session->update, error))) &&
      backend->end_step (session->device, error))
    return true;
  backend->drop_step (session->device);
  session->torn = true;
  return false;
}

bool
lw_session_runs_ahead (const LwSession *session)
{
  return session->backend->begin_step != NULL && session->copies == NULL;
}

bool
lw_session_is_whole (const LwSession *session)
{
  return !session->torn;
}

bool
lw_session_train_begin (LwSession *session, const LwBatch *batch, const LwStepSettings *settings,
                        GError **error)
{
  LwBatchResult *result = &session->results[session->begun % LW_STEPS_AHEAD];

  g_return_val_if_fail (session->begun - session->read < LW_STEPS_AHEAD, false);
  if (!set_step (session, batch, settings, error))
    return false;
  result->n = whole_of (batch);
  if (lw_session_runs_ahead (session) ? !run_alone (session, batch, settings, error)
                                      : !run_watched (session, batch, NULL, NULL, result, error))
    return false;
  session->begun++;
  return true;
}

bool
lw_session_train_result (LwSession *session, LwBatchResult *ret_result, GError **error)
{
  LwBatchResult *result = &session->results[session->read % LW_STEPS_AHEAD];
  float values[2];

  g_return_val_if_fail (session->read < session->begun, false);
  if (lw_session_runs_ahead (session)) {
    if (!session->backend->step_result (session->device, values, error))
      return false;
    *result = (LwBatchResult){ (double)values[0], (int32_t)values[1], result->n };
  }
  *ret_result = *result;
  session->read++;
  return true;
}

bool
lw_session_train (LwSession *session, const LwBatch *batch, const LwStepSettings *settings,
                  LwStepHook hook, void *data, LwBatchResult *ret_result, GError **error)
{
  g_return_val_if_fail (session->begun == session->read, false);
  if (hook == NULL)
    return lw_session_train_begin (session, batch, settings, error) &&
           lw_session_train_result (session, ret_result, error);
  return set_step (session, batch, settings, error) &&
         run_watched (session, batch, hook, data, ret_result, error);
}

bool
lw_session_infer (LwSession *session, const LwBatch *batch, LwStepHook hook, void *data,
                  float *ret_logits, LwBatchResult *ret_result, GError **error)
{
  const LwPass *pass = &session->inference;
  const int32_t n_nodes = lw_graph_n_nodes (session->graph);
  const LwNodeId output = lw_graph_output (session->graph);
  const bool linked = hook == NULL || session->options.links == LW_LINKS_ALWAYS;
  LwStep *steps = linked ? pass->linked : pass->steps;

  if (!lw_session_check_batch (session, pass, batch, error) ||
      !lw_session_send_batch (session, pass, batch, error) ||
      !lw_session_make_batch (session, pass, batch, error))
    return false;
  for (int32_t i = 0; i <= n_nodes; i++) {
    steps[i].n = batch->n;
    if (i < n_nodes || batch->labels != NULL)
      if (!forward (session, &steps[i], hook, data, error))
        return false;
  }
  if (ret_logits != NULL &&
      !session->backend->download_value (session->device, pass->steps[output].y,
                                         pass->steps[output].y_shape, batch->n, ret_logits, error))
    return false;
  return batch->labels == NULL || ret_result == NULL ||
         download_result (session, pass, batch->n, ret_result, error);
}

bool
lw_session_download (LwSession *session, const LwStep *step, int32_t n, float *ret_values,
                     GError **error)
{
  if (n < 1 || n > step->n) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("The batch holds %d images, not %d."),
                 step->n, n);
    return false;
  }
  if (step->y_pixel != 0)
    return session->backend->download_slice (session->device, step->y, step->y_pixel, step->y_shape,
                                             n, ret_values, error);
  return session->backend->download_value (session->device, step->y, step->y_shape, n, ret_values,
                                           error);
}

static bool
computes (const LwStep *step, LwDirection direction)
{
  bool wanted = direction == LW_FORWARD;

  for (int i = 0; direction == LW_BACKWARD_DATA && i < step->n_x; i++)
    wanted |= step->dx[i] != NULL;
  for (int i = 0; direction == LW_BACKWARD_WEIGHTS && i < LW_MAX_TENSORS; i++)
    wanted |= step->dparam[i] != NULL;
  return wanted;
}

/* NULL also where there is one way only. */
static const char *
chosen_algorithm (LwSession *session, const LwStep *step, LwDirection direction)
{
  const LwKernel *kernel = &session->backend->kernels[step->op];

  return kernel->algorithm != NULL && computes (step, direction)
             ? kernel->algorithm (session->device, step, direction)
             : NULL;
}

const char *
lw_session_algorithm (LwSession *session, const LwStep *step, LwDirection direction)
{
  const char *algorithm = chosen_algorithm (session, step, direction);

  return algorithm != NULL || !computes (step, direction) ? algorithm : session->backend->name;
}

LwAlgorithmList *
lw_session_algorithms (LwSession *session)
{
  const LwPass *pass = session->training.plan != NULL ? &session->training : &session->inference;
  LwAlgorithmList *list = lw_algorithm_list_new ();

  for (LwNodeId id = 0; id < lw_graph_n_nodes (session->graph); id++) {
    const LwStep *step = &pass->steps[id];
    const char *names[LW_N_DIRECTIONS];
    bool chosen = false;

    for (int d = 0; d < LW_N_DIRECTIONS; d++) {
      names[d] = chosen_algorithm (session, step, (LwDirection)d);
      chosen |= names[d] != NULL;
    }
    if (chosen)
      lw_algorithm_list_add (list, step->node->name, names);
  }
  return list;
}

LwPeaks
lw_session_peaks (LwSession *session)
{
  return session->backend->peaks != NULL ? session->backend->peaks (session->device)
                                         : (LwPeaks){ 0 };
}

bool
lw_session_synchronize (LwSession *session, GError **error)
{
  return session->backend->synchronize (session->device, error);
}

bool
lw_session_batch_statistics (LwSession *session, const LwStep *step, float *ret_mean,
                             float *ret_variance, GError **error)
{
  if (step->op != LW_OP_BATCH_NORM || !step->training) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("Only a batch normalization in training has statistics of its batch."));
    return false;
  }
  return session->backend->batch_statistics (session->device, step, ret_mean, ret_variance, error);
}

bool
lw_session_last_statistics (LwSession *session, LwNodeId id, float *ret_mean, float *ret_variance,
                            GError **error)
{
  g_return_val_if_fail (lw_session_runs_ahead (session) && session->begun == session->read, false);
  return lw_session_batch_statistics (session, &session->training.steps[id], ret_mean, ret_variance,
                                      error);
}
