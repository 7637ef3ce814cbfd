/* A moment is one row of floats: layer after layer, field after field, channel after channel. The
 * writer fills a row of its own without a lock; commit copies it in under the lock. Recorded are
 * steps 1, 1 + d, 1 + 2d, …; the moments at even places of a full history are those of distance 2d,
 * so thinning keeps the pattern. */
#include "engine/bn_history.h"

#include "engine/formats/safetensors.h"

#include <pthread.h>
#include <string.h>

typedef struct {
  LwNodeId node;
  const char *name; /* the graph's */
  int32_t channels;
  int64_t start; /* in a row */
} LwBnLayer;

struct LwBnHistory {
  LwGraph *graph;
  int32_t n_layers;
  LwBnLayer *layers;
  int64_t row; /* floats a moment */

  float *pending; /* the writer's */
  int64_t stride; /* the writer's; changes in commit */

  pthread_mutex_t lock; /* guards all below */
  int32_t n;
  int64_t version;
  int64_t steps[LW_BN_MOMENTS];
  double epochs[LW_BN_MOMENTS];
  float *rows; /* [LW_BN_MOMENTS][row] */
};

static const char *const field_names[LW_BN_N_FIELDS] = {
  "gamma", "beta", "batch_mean", "batch_var", "running_mean", "running_var"
};

LwBnHistory *
lw_bn_history_new (const LwGraph *graph)
{
  g_autofree LwBnLayer *layers = g_new0 (LwBnLayer, lw_graph_n_nodes (graph));
  LwBnHistory *history;
  int64_t row = 0;
  int32_t n = 0;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);

    if (node->op != LW_OP_BATCH_NORM)
      continue;
    layers[n++] =
        (LwBnLayer){ .node = id, .name = node->name, .channels = node->shape.c, .start = row };
    row += (int64_t)LW_BN_N_FIELDS * node->shape.c;
  }
  if (n == 0)
    return NULL;

  history = g_new0 (LwBnHistory, 1);
  history->graph = lw_graph_ref ((LwGraph *)graph);
  history->n_layers = n;
  history->layers = g_steal_pointer (&layers);
  history->row = row;
  history->stride = 1;
  history->pending = g_new0 (float, row);
  history->rows = g_new0 (float, row *LW_BN_MOMENTS);
  pthread_mutex_init (&history->lock, NULL);
  return history;
}

void
lw_bn_history_free (LwBnHistory *history)
{
  if (history == NULL)
    return;
  pthread_mutex_destroy (&history->lock);
  lw_graph_unref (history->graph);
  g_free (history->layers);
  g_free (history->pending);
  g_free (history->rows);
  g_free (history);
}

static const LwBnLayer *
find_layer (const LwBnHistory *history, LwNodeId node)
{
  for (int32_t i = 0; i < history->n_layers; i++)
    if (history->layers[i].node == node)
      return &history->layers[i];
  return NULL;
}

static int64_t
field_start (const LwBnLayer *layer, LwBnField field)
{
  return layer->start + (int64_t)field * layer->channels;
}

bool
lw_bn_history_wants (LwBnHistory *history, int64_t step)
{
  return step >= 1 && (step - 1) % history->stride == 0;
}

void
lw_bn_history_put (LwBnHistory *history, LwNodeId node, LwBnField field, const float *values)
{
  const LwBnLayer *layer = find_layer (history, node);

  if (layer != NULL)
    memcpy (history->pending + field_start (layer, field), values,
            sizeof *values * (gsize)layer->channels);
}

/* Drops the moments at odd places. */
static void
thin_out (LwBnHistory *history)
{
  for (int32_t i = 1; i < LW_BN_MOMENTS / 2; i++) {
    history->steps[i] = history->steps[2 * i];
    history->epochs[i] = history->epochs[2 * i];
    memcpy (history->rows + i * history->row, history->rows + 2 * i * history->row,
            sizeof (float) * (gsize)history->row);
  }
  history->n = LW_BN_MOMENTS / 2;
  history->stride *= 2;
}

void
lw_bn_history_commit (LwBnHistory *history, int64_t step, double epoch)
{
  pthread_mutex_lock (&history->lock);
  if (history->n == LW_BN_MOMENTS)
    thin_out (history);
  history->steps[history->n] = step;
  history->epochs[history->n] = epoch;
  memcpy (history->rows + history->n * history->row, history->pending,
          sizeof (float) * (gsize)history->row);
  history->n++;
  history->version++;
  pthread_mutex_unlock (&history->lock);
}

void
lw_bn_history_truncate (LwBnHistory *history, int64_t step)
{
  pthread_mutex_lock (&history->lock);
  while (history->n > 0 && history->steps[history->n - 1] > step)
    history->n--;
  history->version++;
  pthread_mutex_unlock (&history->lock);
}

int32_t
lw_bn_history_series (LwBnHistory *history, LwNodeId node, LwBnField field, int32_t channel,
                      int64_t *ret_steps, double *ret_epochs, float *ret_values)
{
  const LwBnLayer *layer = find_layer (history, node);
  int32_t n;

  if (layer == NULL || field >= LW_BN_N_FIELDS || channel < 0 || channel >= layer->channels)
    return 0;
  pthread_mutex_lock (&history->lock);
  n = history->n;
  for (int32_t i = 0; i < n; i++)
    ret_values[i] = history->rows[i * history->row + field_start (layer, field) + channel];
  if (ret_steps != NULL)
    memcpy (ret_steps, history->steps, sizeof *ret_steps * (gsize)n);
  if (ret_epochs != NULL)
    memcpy (ret_epochs, history->epochs, sizeof *ret_epochs * (gsize)n);
  pthread_mutex_unlock (&history->lock);
  return n;
}

bool
lw_bn_history_latest (LwBnHistory *history, LwNodeId node, LwBnField field, float *ret_values,
                      int64_t *ret_step)
{
  const LwBnLayer *layer = find_layer (history, node);
  bool any;

  if (layer == NULL || field >= LW_BN_N_FIELDS)
    return false;
  pthread_mutex_lock (&history->lock);
  any = history->n > 0;
  if (any) {
    memcpy (ret_values,
            history->rows + (history->n - 1) * history->row + field_start (layer, field),
            sizeof *ret_values * (gsize)layer->channels);
    if (ret_step != NULL)
      *ret_step = history->steps[history->n - 1];
  }
  pthread_mutex_unlock (&history->lock);
  return any;
}

int64_t
lw_bn_history_version (LwBnHistory *history)
{
  int64_t version;

  pthread_mutex_lock (&history->lock);
  version = history->version;
  pthread_mutex_unlock (&history->lock);
  return version;
}

/* --- the file ---------------------------------------------------------------------------------
 *
 * "steps" [n] int64; "epochs" [n] float32; and for each layer and field one tensor
 * "LAYER/batch_mean" of shape [n][channels]. Metadata: "stride". The writer saves, so nobody else
 * changes the moments meanwhile; readers only read. */

bool
lw_bn_history_save (LwBnHistory *history, const char *path, GError **error)
{
  const int64_t n = history->n;
  const int32_t n_tensors = 2 + history->n_layers * LW_BN_N_FIELDS;
  g_autofree LwFileTensor *tensors = g_new0 (LwFileTensor, n_tensors);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree float *epochs = g_new (float, MAX (n, 1));
  g_autofree float *columns = g_new (float, MAX (n * history->row, 1));
  g_autofree char *stride = g_strdup_printf ("%" G_GINT64_FORMAT, history->stride);
  const char *const metadata[] = { "stride", stride, NULL };
  int32_t t = 2;

  for (int64_t i = 0; i < n; i++)
    epochs[i] = (float)history->epochs[i];
  tensors[0] = (LwFileTensor){ "steps", LW_I64, 1, { n }, n, history->steps };
  tensors[1] = (LwFileTensor){ "epochs", LW_F32, 1, { n }, n, epochs };
  for (int32_t l = 0; l < history->n_layers; l++) {
    const LwBnLayer *layer = &history->layers[l];

    for (int f = 0; f < LW_BN_N_FIELDS; f++, t++) {
      float *values = columns + n * field_start (layer, f);

      for (int64_t i = 0; i < n; i++)
        memcpy (values + i * layer->channels,
                history->rows + i * history->row + field_start (layer, f),
                sizeof (float) * (gsize)layer->channels);
      g_ptr_array_add (names, g_strdup_printf ("%s/%s", layer->name, field_names[f]));
      tensors[t] = (LwFileTensor){ names->pdata[names->len - 1], LW_F32, 2, { n, layer->channels },
                                   n * layer->channels,          values };
    }
  }
  return lw_tensor_file_write (path, tensors, n_tensors, metadata, error);
}

static bool
fail_file (const char *path, const char *name, GError **error)
{
  g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
               "\"%s\" is not a batch-normalization history of this network: its entry \"%s\" is "
               "missing or does not fit.",
               path, name);
  return false;
}

static bool
read_moments (LwBnHistory *history, const LwTensorFile *file, const char *path, GError **error)
{
  const LwFileTensor *steps = lw_tensor_file_find (file, "steps");
  const LwFileTensor *epochs = lw_tensor_file_find (file, "epochs");
  const char *stride = lw_tensor_file_metadata (file, "stride");

  if (stride == NULL ||
      !g_ascii_string_to_signed (stride, 10, 1, G_MAXINT64 / 4, &history->stride, NULL))
    return fail_file (path, "stride", error);
  if (steps == NULL || steps->dtype != LW_I64 || steps->rank != 1 || steps->size > LW_BN_MOMENTS)
    return fail_file (path, "steps", error);
  if (epochs == NULL || epochs->dtype != LW_F32 || epochs->rank != 1 || epochs->size != steps->size)
    return fail_file (path, "epochs", error);
  history->n = (int32_t)steps->size;
  for (int32_t i = 0; i < history->n; i++) {
    int64_t step;
    float epoch;

    memcpy (&step, (const char *)steps->data + 8 * i, sizeof step);
    memcpy (&epoch, (const char *)epochs->data + 4 * i, sizeof epoch);
    if (step < 1 || (i > 0 && step <= history->steps[i - 1]))
      return fail_file (path, "steps", error);
    history->steps[i] = step;
    history->epochs[i] = epoch;
  }
  return true;
}

LwBnHistory *
lw_bn_history_load (const LwGraph *graph, const char *path, GError **error)
{
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, error);
  LwBnHistory *history = file != NULL ? lw_bn_history_new (graph) : NULL;

  if (file == NULL)
    return NULL;
  if (history == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, "%s has no batch normalization.",
                 lw_graph_title (graph));
    return NULL;
  }
  if (!read_moments (history, file, path, error))
    goto fail;
  for (int32_t l = 0; l < history->n_layers; l++)
    for (int f = 0; f < LW_BN_N_FIELDS; f++) {
      const LwBnLayer *layer = &history->layers[l];
      g_autofree char *name = g_strdup_printf ("%s/%s", layer->name, field_names[f]);
      const LwFileTensor *tensor = lw_tensor_file_find (file, name);
      const gsize bytes = sizeof (float) * (gsize)layer->channels;

      if (tensor == NULL || tensor->dtype != LW_F32 || tensor->rank != 2 ||
          tensor->dims[0] != history->n || tensor->dims[1] != layer->channels) {
        fail_file (path, name, error);
        goto fail;
      }
      for (int32_t i = 0; i < history->n; i++)
        memcpy (history->rows + i * history->row + field_start (layer, f),
                (const char *)tensor->data + bytes * (gsize)i, bytes);
    }
  history->version = history->n;
  return history;

fail:
  lw_bn_history_free (history);
  return NULL;
}
