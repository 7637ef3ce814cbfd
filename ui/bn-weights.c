#include "ui/bn-weights.h"

#include <glib/gi18n.h>

#include "engine/bn_pass.h"
#include "engine/checkpoint.h"
#include "ui/devices.h"

typedef struct {
  LwBnWeights *weights;
  void (*ready) (LwBnWeights *weights, gpointer data);
  gpointer data;
} Fetch;

static void
free_tensors (LwBnWeights *weights)
{
  for (int32_t i = 0; weights->tensors != NULL && i < lw_graph_n_tensors (weights->graph); i++)
    g_free (weights->tensors[i]);
  g_clear_pointer (&weights->tensors, g_free);
}

void
lw_bn_weights_free (LwBnWeights *weights)
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

static gboolean
deliver (gpointer data)
{
  Fetch *fetch = data;

  fetch->ready (fetch->weights, fetch->data);
  g_free (fetch);
  return G_SOURCE_REMOVE;
}

/* On the trainer's thread. Where there is no memory for a copy the last checkpoint must do. */
static void
copy_tensors (LwSession *session, int64_t step, void *data)
{
  Fetch *fetch = data;
  LwBnWeights *weights = fetch->weights;
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
lw_bn_weights_fetch (LwWorkbench *workbench, LwRunItem *run,
                     void (*ready) (LwBnWeights *weights, gpointer data), gpointer data)
{
  LwDataset *dataset = lw_workbench_dataset_of (workbench, run);
  LwTrainer *trainer = lw_run_item_is_live (run) ? lw_run_item_trainer (run) : NULL;
  LwBnWeights *weights = g_new0 (LwBnWeights, 1);
  Fetch *fetch = g_new (Fetch, 1);

  weights->graph = lw_graph_ref (lw_run_item_graph (run));
  weights->settings = lw_settings_copy (lw_run_item_settings (run));
  weights->backend = lw_first_backend (lw_workbench_backends (workbench));
  weights->folder = g_strdup (lw_run_item_folder (run));
  weights->step = -1;
  if (dataset != NULL)
    weights->dataset = lw_dataset_ref (dataset);
  *fetch = (Fetch){ weights, ready, data };
  if (trainer != NULL)
    lw_trainer_visit (trainer, copy_tensors, fetch);
  else
    g_idle_add_full (G_PRIORITY_DEFAULT, deliver, fetch, NULL);
}

/* --- on a worker thread ----------------------------------------------------------------------- */

static bool
load_checkpoint (LwBnWeights *weights, LwSession *session, GError **error)
{
  g_autoptr (GArray) steps = lw_checkpoint_list (weights->folder);
  g_autofree char *path = NULL;

  if (steps->len == 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("This run has no saved weights yet; train it for an epoch."));
    return false;
  }
  weights->step = g_array_index (steps, int64_t, steps->len - 1);
  path = lw_checkpoint_path (weights->folder, weights->step);
  return lw_session_load (session, path, error);
}

LwSession *
lw_bn_weights_open (LwBnWeights *weights, int32_t batch, GError **error)
{
  g_autoptr (LwSession) session = NULL;

  if (weights->dataset == NULL)
    weights->dataset = lw_dataset_open (weights->settings->data, error);
  if (weights->dataset == NULL)
    return NULL;
  session = lw_bn_session_new (weights->graph, weights->backend, 0, batch,
                               weights->settings->precision, error);
  if (session == NULL)
    return NULL;
  for (int32_t i = 0; weights->tensors != NULL && i < lw_graph_n_tensors (weights->graph); i++)
    if (!lw_session_set_tensor (session, i, weights->tensors[i], error))
      return NULL;
  if (weights->tensors == NULL && !load_checkpoint (weights, session, error))
    return NULL;
  return g_steal_pointer (&session);
}
