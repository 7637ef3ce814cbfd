#include "ui/run-weights.h"

#include <glib/gi18n.h>

#include "engine/bn_pass.h"
#include "engine/snapshots.h"
#include "ui/devices.h"

typedef struct {
  LwRunWeights *weights;
  void (*ready) (LwRunWeights *weights, gpointer data);
  gpointer data;
} Fetch;

static void
free_tensors (LwRunWeights *weights)
{
  for (int32_t i = 0; weights->tensors != NULL && i < lw_graph_n_tensors (weights->graph); i++)
    g_free (weights->tensors[i]);
  g_clear_pointer (&weights->tensors, g_free);
}

void
lw_run_weights_free (LwRunWeights *weights)
{
  if (weights == NULL)
    return;
  free_tensors (weights);
  lw_graph_unref (weights->graph);
  lw_settings_free (weights->settings);
  g_clear_pointer (&weights->dataset, lw_dataset_unref);
  g_free (weights->folder);
  g_free (weights);
}

LwRunWeights *
lw_run_weights_new (LwWorkbench *workbench, LwRunItem *run, int64_t step)
{
  LwDataset *dataset = lw_workbench_dataset_of (workbench, run);
  LwRunWeights *weights = g_new0 (LwRunWeights, 1);

  lw_run_item_want_weights (run);
  weights->graph = lw_graph_ref (lw_run_item_graph (run));
  weights->settings = lw_settings_copy (lw_run_item_settings (run));
  weights->backend = lw_first_backend (lw_workbench_backends (workbench));
  weights->folder = g_strdup (lw_run_item_folder (run));
  weights->step = step;
  if (dataset != NULL)
    weights->dataset = lw_dataset_ref (dataset);
  return weights;
}

static gboolean
deliver (gpointer data)
{
  Fetch *fetch = data;

  fetch->ready (fetch->weights, fetch->data);
  g_free (fetch);
  return G_SOURCE_REMOVE;
}

/* On the trainer's thread. Where there is no memory for a copy the last saved ones must do. */
static void
copy_tensors (LwSession *session, int64_t step, void *data)
{
  Fetch *fetch = data;
  LwRunWeights *weights = fetch->weights;
  const int32_t n = lw_graph_n_tensors (weights->graph);
  bool whole = session != NULL;

  if (session != NULL)
    weights->tensors = g_new0 (void *, n);
  for (int32_t i = 0; whole && i < n; i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (weights->graph, i);

    weights->tensors[i] = g_try_malloc_n ((gsize)tensor->size, tensor->dtype == LW_I64 ? 8 : 4);
    whole = weights->tensors[i] != NULL &&
            lw_session_get_tensor (session, i, weights->tensors[i], NULL);
  }
  if (whole)
    weights->step = step;
  else
    free_tensors (weights);
  g_idle_add_full (G_PRIORITY_DEFAULT, deliver, fetch, NULL);
}

void
lw_run_weights_fetch (LwWorkbench *workbench, LwRunItem *run, int64_t step,
                      void (*ready) (LwRunWeights *weights, gpointer data), gpointer data)
{
  const bool live = step == LW_NEWEST_STEP && lw_run_item_is_live (run);
  LwTrainer *trainer = live ? lw_run_item_trainer (run) : NULL;
  Fetch *fetch = g_new (Fetch, 1);

  *fetch = (Fetch){ lw_run_weights_new (workbench, run, step), ready, data };
  if (trainer != NULL)
    lw_trainer_visit (trainer, copy_tensors, fetch);
  else
    g_idle_add_full (G_PRIORITY_DEFAULT, deliver, fetch, NULL);
}

/* --- on a worker thread ----------------------------------------------------------------------- */

LwDataset *
lw_run_weights_dataset (LwRunWeights *weights, GError **error)
{
  if (weights->dataset == NULL)
    weights->dataset = lw_dataset_open (weights->settings->data, error);
  return weights->dataset;
}

/* How far a moment is from what is wanted. Initial weights are no answer to another step: they have
 * learned nothing. */
static uint64_t
distance (const LwWeightsMoment *moment, int64_t step)
{
  if (moment->step == 0 && step != 0)
    return G_MAXUINT64;
  return (uint64_t)ABS (moment->step - step);
}

bool
lw_run_weights_find (LwRunWeights *weights, char **ret_path, GError **error)
{
  g_autoptr (GPtrArray) moments = lw_weights_moments (weights->folder, error);
  const LwWeightsMoment *nearest = NULL;
  uint64_t least = G_MAXUINT64;

  if (moments == NULL)
    return false;
  for (guint i = 0; i < moments->len; i++) {
    const LwWeightsMoment *moment = g_ptr_array_index (moments, i);

    if (distance (moment, weights->step) < least) {
      least = distance (moment, weights->step);
      nearest = moment;
    }
  }
  if (nearest == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("This run has no saved weights yet; train it for an epoch."));
    return false;
  }
  weights->step = nearest->step;
  *ret_path = g_strdup (nearest->path);
  return true;
}

static bool
load (LwRunWeights *weights, LwSession *session, GError **error)
{
  g_autofree char *path = NULL;

  if (weights->tensors != NULL) {
    for (int32_t i = 0; i < lw_graph_n_tensors (weights->graph); i++)
      if (!lw_session_set_tensor (session, i, weights->tensors[i], error))
        return false;
    return true;
  }
  if (!lw_run_weights_find (weights, &path, error))
    return false;
  return path != NULL ? lw_session_load (session, path, error)
                      : lw_session_initialize (session, weights->settings->seed, error);
}

LwSession *
lw_run_weights_open (LwRunWeights *weights, int32_t batch, GError **error)
{
  g_autoptr (LwSession) session = NULL;

  if (lw_run_weights_dataset (weights, error) == NULL)
    return NULL;
  session = lw_bn_session_new (weights->graph, weights->backend, 0, batch,
                               weights->settings->precision, error);
  if (session == NULL || !load (weights, session, error))
    return NULL;
  return g_steal_pointer (&session);
}
