/* A moment is one row of floats, field after field, layer after layer. The writer fills a row of
 * its own without a lock and copies it in under the lock. */
#include "engine/record_health_private.h"

#include "engine/session_norms.h"
#include "engine/thin.h"

#include <math.h>
#include <string.h>

#define SHARE     80    /* moments take at most 1 / SHARE of the training's time, */
#define CREDIT_US 10000 /*   and a little more, so that short trainings have some */

/* --- making ------------------------------------------------------------------------------------
 */

static bool
is_watched (LwOp op)
{
  return op == LW_OP_CONV2D || op == LW_OP_LINEAR || op == LW_OP_BATCH_NORM || op == LW_OP_RELU ||
         op == LW_OP_SIGMOID || op == LW_OP_TANH;
}

static void
make_writer (LwHealthRecord *record, const LwRecordContext *context)
{
  record->pass = lw_health_pass_new (context->graph, record->layers, record->n_layers);
  record->n_images = MIN (lw_health_pass_images (record->pass), lw_record_test_images (context));
  record->images = g_new (float, MAX (record->n_images, 1) *
                                     lw_shape_size (lw_graph_input_shape (context->graph)));
  lw_record_read_images (context, 0, record->n_images, record->n_images, record->images);
  record->trace =
      lw_health_trace_new (context->graph, record->pass, record->layers, record->n_layers);
  record->stats = g_new0 (LwHealthStats, record->n_layers + 1);
  record->pending = g_new0 (float, lw_health_row_size (record) + 1);
  record->stride = MAX (1, context->total_steps / LW_HEALTH_MOMENTS);
}

static LwRecord *
make (const LwRecordContext *context)
{
  LwHealthRecord *record = g_new0 (LwHealthRecord, 1);
  const int32_t n_nodes = lw_graph_n_nodes (context->graph);

  record->graph = lw_graph_ref (context->graph);
  record->layers = g_new (LwNodeId, n_nodes);
  for (LwNodeId id = 0; id < n_nodes; id++)
    if (is_watched (lw_graph_node (context->graph, id)->op))
      record->layers[record->n_layers++] = id;
  record->rows = g_new0 (float, lw_health_row_size (record) * LW_HEALTH_MOMENTS + 1);
  record->stride = 1;
  pthread_mutex_init (&record->lock, NULL);
  if (context->dataset != NULL)
    make_writer (record, context);
  return &record->record;
}

static void
free_record (LwRecord *base)
{
  LwHealthRecord *record = (LwHealthRecord *)base;

  lw_health_trace_free (record->trace);
  lw_health_pass_free (record->pass);
  lw_divergence_free (record->divergence);
  pthread_mutex_destroy (&record->lock);
  lw_graph_unref (record->graph);
  g_free (record->layers);
  g_free (record->images);
  g_free (record->stats);
  g_free (record->pending);
  g_free (record->rows);
  g_free (record);
}

/* --- writing -----------------------------------------------------------------------------------
 */

static void
put (LwHealthRecord *record, int32_t layer, LwHealthField field, double value)
{
  record->pending[(gsize)field * (gsize)record->n_layers + (gsize)layer] = (float)value;
}

/* Of its parameters. */
static void
measure_step (LwHealthRecord *record, const LwSession *session, int32_t layer)
{
  const LwNode *node = lw_graph_node (record->graph, record->layers[layer]);
  double update = NAN, weight = NAN, squares = 0;
  bool any = false;

  for (int32_t i = 0; i < node->n_tensors; i++) {
    LwStepNorms norms;

    if (!lw_session_step_norms (session, node->tensors[i], &norms))
      continue;
    any = true;
    squares += norms.gradient * norms.gradient;
    if (i != LW_ROLE_WEIGHT)
      continue;
    weight = norms.weight;
    update = norms.weight > 0 ? norms.step / norms.weight : NAN;
  }
  put (record, layer, LW_HEALTH_UPDATE, update);
  put (record, layer, LW_HEALTH_WEIGHT, weight);
  put (record, layer, LW_HEALTH_GRADIENT, any ? sqrt (squares) : NAN);
}

static void
thin_out (LwHealthRecord *record)
{
  const gsize row = lw_health_row_size (record);

  lw_keep_even (record->steps, sizeof *record->steps, LW_HEALTH_MOMENTS);
  lw_keep_even (record->epochs, sizeof *record->epochs, LW_HEALTH_MOMENTS);
  lw_keep_even (record->rows, sizeof (float) * row, LW_HEALTH_MOMENTS);
  record->n = LW_HEALTH_MOMENTS / 2;
  record->stride = MIN (record->stride, G_MAXINT64 / 4) * 2;
}

static void
commit (LwHealthRecord *record, const LwMoment *moment)
{
  const gsize row = lw_health_row_size (record);

  pthread_mutex_lock (&record->lock);
  if (record->n == LW_HEALTH_MOMENTS)
    thin_out (record);
  record->steps[record->n] = moment->step;
  record->epochs[record->n] = moment->epoch;
  memcpy (record->rows + (gsize)record->n * row, record->pending, sizeof (float) * row);
  record->n++;
  pthread_mutex_unlock (&record->lock);
  atomic_fetch_add (&record->record.version, 1);
}

static bool
take_moment (LwHealthRecord *record, LwSession *session, const LwMoment *moment, GError **error)
{
  const LwBatch batch = { .images = record->images, .n = record->n_images };

  if (!lw_health_pass_run (record->pass, session, &batch, record->n_images, NULL, record->stats,
                           error))
    return false;
  for (int32_t l = 0; l < record->n_layers; l++) {
    const LwHealthStats *stats = &record->stats[l];

    measure_step (record, session, l);
    put (record, l, LW_HEALTH_MEAN, stats->mean);
    put (record, l, LW_HEALTH_DEVIATION, stats->deviation);
    put (record, l, LW_HEALTH_VARIATION, stats->variation);
    put (record, l, LW_HEALTH_DEAD, stats->dead);
    put (record, l, LW_HEALTH_SATURATED, stats->saturated);
    put (record, l, LW_HEALTH_LARGEST, stats->largest);
  }
  commit (record, moment);
  return true;
}

static bool
wants (const LwHealthRecord *record, int64_t step)
{
  if (record->n == 0)
    return true;
  return step >= record->steps[record->n - 1] + record->stride &&
         (record->n < LW_HEALTH_LEAST ||
          (record->spent_us - CREDIT_US) * SHARE <= record->train_us);
}

static bool
before_step (LwRecord *base, LwSession *session, const LwBatch *batch, int64_t step, GError **error)
{
  LwHealthRecord *record = (LwHealthRecord *)base;
  const bool done =
      lw_health_trace_note (record->trace, session, batch, step, record->train_us, error);

  record->begun_us = g_get_monotonic_time ();
  return done;
}

static bool
after_step (LwRecord *base, LwSession *session, const LwMoment *moment, GError **error)
{
  LwHealthRecord *record = (LwHealthRecord *)base;
  const gint64 begin = g_get_monotonic_time ();
  bool done;

  record->train_us += begin - record->begun_us;
  if (session == NULL || record->n_images == 0 || !wants (record, moment->step))
    return true;
  done = take_moment (record, session, moment, error);
  record->spent_us += g_get_monotonic_time () - begin;
  return done;
}

static bool
wants_session (LwRecord *base, int64_t step)
{
  LwHealthRecord *record = (LwHealthRecord *)base;

  return (record->n_images > 0 && wants (record, step)) ||
         lw_health_trace_wants (record->trace, record->train_us);
}

static bool
diverged (LwRecord *base, LwSession *session, const LwBatch *batch, const LwMoment *moment,
          GError **error)
{
  LwHealthRecord *record = (LwHealthRecord *)base;
  LwDivergence *divergence = lw_health_trace_explain (record->trace, session, batch, moment->step,
                                                      moment->learning_rate, error);

  if (divergence == NULL)
    return false;
  pthread_mutex_lock (&record->lock);
  lw_divergence_free (record->divergence);
  record->divergence = divergence;
  pthread_mutex_unlock (&record->lock);
  atomic_fetch_add (&record->record.version, 1);
  return true;
}

const LwRecordKind lw_health_record_kind = {
  .file = "health.safetensors",
  .make = make,
  .free = free_record,
  .load = lw_health_record_load,
  .save = lw_health_record_save,
  .before_step = before_step,
  .after_step = after_step,
  .wants = wants_session,
  .diverged = diverged,
};

/* --- reading -----------------------------------------------------------------------------------
 */

LwHealthRecord *
lw_records_health (const LwRecords *records)
{
  return records != NULL ? (LwHealthRecord *)lw_records_get (records, LW_RECORD_HEALTH) : NULL;
}

const LwNodeId *
lw_health_record_layers (const LwHealthRecord *record, int32_t *ret_n)
{
  *ret_n = record->n_layers;
  return record->layers;
}

int32_t
lw_health_record_images (const LwHealthRecord *record)
{
  return record->n_images;
}

int32_t
lw_health_record_moments (LwHealthRecord *record)
{
  int32_t n;

  pthread_mutex_lock (&record->lock);
  n = record->n;
  pthread_mutex_unlock (&record->lock);
  return n;
}

static float
value_at (const LwHealthRecord *record, int32_t moment, int32_t layer, LwHealthField field)
{
  return record->rows[(gsize)moment * lw_health_row_size (record) +
                      (gsize)field * (gsize)record->n_layers + (gsize)layer];
}

int32_t
lw_health_record_series (LwHealthRecord *record, int32_t layer, LwHealthField field,
                         int64_t *ret_steps, double *ret_epochs, float *ret_values)
{
  int32_t n;

  if (layer < 0 || layer >= record->n_layers || field >= LW_HEALTH_N_FIELDS)
    return 0;
  pthread_mutex_lock (&record->lock);
  n = record->n;
  for (int32_t i = 0; i < n; i++)
    ret_values[i] = value_at (record, i, layer, field);
  if (ret_steps != NULL)
    memcpy (ret_steps, record->steps, sizeof *ret_steps * (gsize)n);
  if (ret_epochs != NULL)
    memcpy (ret_epochs, record->epochs, sizeof *ret_epochs * (gsize)n);
  pthread_mutex_unlock (&record->lock);
  return n;
}

static int
compare_floats (const void *a, const void *b)
{
  const float x = *(const float *)a, y = *(const float *)b;

  return (x > y) - (x < y);
}

void
lw_health_record_recent (LwHealthRecord *record, LwHealthField field, int32_t n, float *ret_values)
{
  float values[LW_HEALTH_MOMENTS];

  pthread_mutex_lock (&record->lock);
  for (int32_t l = 0; l < record->n_layers; l++) {
    guint known = 0;

    for (int32_t i = MAX (0, record->n - n); i < record->n; i++)
      if (!isnan (value_at (record, i, l, field)))
        values[known++] = value_at (record, i, l, field);
    qsort (values, known, sizeof *values, compare_floats);
    ret_values[l] = known > 0 ? values[known / 2] : NAN;
  }
  pthread_mutex_unlock (&record->lock);
}

LwDivergence *
lw_health_record_divergence (LwHealthRecord *record)
{
  LwDivergence *copy = NULL;

  pthread_mutex_lock (&record->lock);
  if (record->divergence != NULL)
    copy = lw_divergence_copy (record->divergence);
  pthread_mutex_unlock (&record->lock);
  return copy;
}
