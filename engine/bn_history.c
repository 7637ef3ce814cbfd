/* A moment is one row of floats: layer after layer, field after field, channel after channel. The
 * writer fills a row of its own without a lock; commit copies it in under the lock. Recorded are
 * steps 1, 1 + d, 1 + 2d, …; the moments at even places of a full history are those of distance 2d,
 * so thinning keeps the pattern; those that stay take over the extremes of those that go.
 * bn_history_file.c writes and reads it. */
#include "engine/bn_history_private.h"
#include "engine/thin.h"

#include <math.h>
#include <string.h>

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
    row += (int64_t)LW_BN_N_KEPT * node->shape.c;
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
  history->recent_row = row / LW_BN_N_KEPT * LW_BN_RECENT_FIELDS;
  history->recent = g_new0 (float, history->recent_row *LW_BN_RECENT);
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
  g_free (history->recent);
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
    memcpy (history->pending + lw_bn_field_start (layer, field), values,
            sizeof *values * (gsize)layer->channels);
}

/* The extremes of `from` into those of `into`, both at one layer's fields. */
static void
widen (const LwBnLayer *layer, float *into, const float *from)
{
  for (int pair = 0; pair < 2; pair++) {
    float *low = into + lw_bn_field_start (layer, LW_BN_BATCH_MEAN_LOW + 2 * pair);
    float *high = into + lw_bn_field_start (layer, LW_BN_BATCH_MEAN_HIGH + 2 * pair);
    const float *other_low = from + lw_bn_field_start (layer, LW_BN_BATCH_MEAN_LOW + 2 * pair);
    const float *other_high = from + lw_bn_field_start (layer, LW_BN_BATCH_MEAN_HIGH + 2 * pair);

    for (int32_t c = 0; c < layer->channels; c++) {
      low[c] = fminf (low[c], other_low[c]);
      high[c] = fmaxf (high[c], other_high[c]);
    }
  }
}

/* The batch's statistics at hand into the extremes since the last moment. */
static void
take_in (LwBnHistory *history, const LwBnLayer *layer)
{
  for (int pair = 0; pair < 2; pair++) {
    float *low = history->pending + lw_bn_field_start (layer, LW_BN_BATCH_MEAN_LOW + 2 * pair);
    float *high = history->pending + lw_bn_field_start (layer, LW_BN_BATCH_MEAN_HIGH + 2 * pair);
    const float *values = history->pending + lw_bn_field_start (layer, LW_BN_BATCH_MEAN + pair);

    for (int32_t c = 0; c < layer->channels; c++) {
      low[c] = history->any ? fminf (low[c], values[c]) : values[c];
      high[c] = history->any ? fmaxf (high[c], values[c]) : values[c];
    }
  }
}

static void
take_in_all (LwBnHistory *history)
{
  for (int32_t l = 0; l < history->n_layers; l++)
    take_in (history, &history->layers[l]);
  history->any = true;
}

void
lw_bn_history_note (LwBnHistory *history, int64_t step)
{
  float *row;

  take_in_all (history);
  pthread_mutex_lock (&history->lock);
  row = history->recent + history->recent_at * history->recent_row;
  for (int32_t l = 0; l < history->n_layers; l++) {
    const LwBnLayer *layer = &history->layers[l];

    memcpy (row + lw_bn_recent_start (layer, LW_BN_BATCH_MEAN),
            history->pending + lw_bn_field_start (layer, LW_BN_BATCH_MEAN),
            sizeof (float) * (gsize)layer->channels * LW_BN_RECENT_FIELDS);
  }
  history->recent_steps[history->recent_at] = step;
  history->recent_at = (history->recent_at + 1) % LW_BN_RECENT;
  history->n_recent = MIN (history->n_recent + 1, LW_BN_RECENT);
  history->version++;
  pthread_mutex_unlock (&history->lock);
}

static void
thin_out (LwBnHistory *history)
{
  /* What those cover that go is taken over by the ones behind them. */
  for (int32_t i = 2; i < LW_BN_MOMENTS; i += 2)
    for (int32_t l = 0; l < history->n_layers; l++)
      widen (&history->layers[l], history->rows + i * history->row,
             history->rows + (i - 1) * history->row);
  for (int32_t l = 0; l < history->n_layers; l++)
    widen (&history->layers[l], history->pending,
           history->rows + (LW_BN_MOMENTS - 1) * history->row);
  lw_keep_even (history->steps, sizeof *history->steps, LW_BN_MOMENTS);
  lw_keep_even (history->epochs, sizeof *history->epochs, LW_BN_MOMENTS);
  lw_keep_even (history->rows, sizeof (float) * (gsize)history->row, LW_BN_MOMENTS);
  history->n = LW_BN_MOMENTS / 2;
  history->stride *= 2;
}

void
lw_bn_history_commit (LwBnHistory *history, int64_t step, double epoch)
{
  if (!history->any)
    take_in_all (history);
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
  history->any = false;
}

/* The extremes of the steps after the last moment, as far as they are kept. */
static void
recall_extremes (LwBnHistory *history)
{
  const int64_t last = history->n > 0 ? history->steps[history->n - 1] : 0;

  history->any = false;
  for (int32_t i = 0; i < history->n_recent; i++) {
    const int32_t slot = lw_bn_recent_slot (history, i);

    if (history->recent_steps[slot] <= last)
      continue;
    for (int32_t l = 0; l < history->n_layers; l++) {
      const LwBnLayer *layer = &history->layers[l];

      memcpy (history->pending + lw_bn_field_start (layer, LW_BN_BATCH_MEAN),
              history->recent + slot * history->recent_row +
                  lw_bn_recent_start (layer, LW_BN_BATCH_MEAN),
              sizeof (float) * (gsize)layer->channels * LW_BN_RECENT_FIELDS);
    }
    take_in_all (history);
  }
}

void
lw_bn_history_truncate (LwBnHistory *history, int64_t step)
{
  pthread_mutex_lock (&history->lock);
  while (history->n > 0 && history->steps[history->n - 1] > step)
    history->n--;
  while (history->n_recent > 0) {
    const int32_t newest = lw_bn_recent_slot (history, history->n_recent - 1);

    if (history->recent_steps[newest] <= step)
      break;
    history->recent_at = newest;
    history->n_recent--;
  }
  recall_extremes (history);
  history->version++;
  pthread_mutex_unlock (&history->lock);
}

int32_t
lw_bn_history_series (LwBnHistory *history, LwNodeId node, LwBnField field, int32_t channel,
                      int64_t *ret_steps, double *ret_epochs, float *ret_values)
{
  const LwBnLayer *layer = find_layer (history, node);
  int32_t n;

  if (layer == NULL || field >= LW_BN_N_KEPT || channel < 0 || channel >= layer->channels)
    return 0;
  pthread_mutex_lock (&history->lock);
  n = history->n;
  for (int32_t i = 0; i < n; i++)
    ret_values[i] = history->rows[i * history->row + lw_bn_field_start (layer, field) + channel];
  if (ret_steps != NULL)
    memcpy (ret_steps, history->steps, sizeof *ret_steps * (gsize)n);
  if (ret_epochs != NULL)
    memcpy (ret_epochs, history->epochs, sizeof *ret_epochs * (gsize)n);
  pthread_mutex_unlock (&history->lock);
  return n;
}

int32_t
lw_bn_history_recent (LwBnHistory *history, LwNodeId node, LwBnField field, int32_t channel,
                      int64_t *ret_steps, float *ret_values)
{
  const LwBnLayer *layer = find_layer (history, node);
  int32_t n;

  if (layer == NULL || field < LW_BN_BATCH_MEAN || field >= LW_BN_N_FIELDS || channel < 0 ||
      channel >= layer->channels)
    return 0;
  pthread_mutex_lock (&history->lock);
  n = history->n_recent;
  for (int32_t i = 0; i < n; i++) {
    const int32_t slot = lw_bn_recent_slot (history, i);

    ret_values[i] =
        history->recent[slot * history->recent_row + lw_bn_recent_start (layer, field) + channel];
    if (ret_steps != NULL)
      ret_steps[i] = history->recent_steps[slot];
  }
  pthread_mutex_unlock (&history->lock);
  return n;
}

/* `index` −1: the newest. */
static bool
copy_moment (LwBnHistory *history, LwNodeId node, LwBnField field, int32_t index, float *ret_values,
             int64_t *ret_step, double *ret_epoch)
{
  const LwBnLayer *layer = find_layer (history, node);
  bool there;

  if (layer == NULL || field >= LW_BN_N_KEPT)
    return false;
  pthread_mutex_lock (&history->lock);
  if (index < 0)
    index = history->n - 1;
  there = index >= 0 && index < history->n;
  if (there) {
    memcpy (ret_values, history->rows + index * history->row + lw_bn_field_start (layer, field),
            sizeof *ret_values * (gsize)layer->channels);
    if (ret_step != NULL)
      *ret_step = history->steps[index];
    if (ret_epoch != NULL)
      *ret_epoch = history->epochs[index];
  }
  pthread_mutex_unlock (&history->lock);
  return there;
}

bool
lw_bn_history_at (LwBnHistory *history, LwNodeId node, LwBnField field, int32_t index,
                  float *ret_values, int64_t *ret_step, double *ret_epoch)
{
  return index >= 0 && copy_moment (history, node, field, index, ret_values, ret_step, ret_epoch);
}

bool
lw_bn_history_latest (LwBnHistory *history, LwNodeId node, LwBnField field, float *ret_values,
                      int64_t *ret_step)
{
  return copy_moment (history, node, field, -1, ret_values, ret_step, NULL);
}

int32_t
lw_bn_history_n (LwBnHistory *history)
{
  int32_t n;

  pthread_mutex_lock (&history->lock);
  n = history->n;
  pthread_mutex_unlock (&history->lock);
  return n;
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
