#include "engine/record_predictions_private.h"

#include <math.h>
#include <string.h>

/* --- memory ----------------------------------------------------------------------------------- */

int32_t
lw_predictions_width (int32_t n, int32_t classes)
{
  const gsize bytes = sizeof (uint16_t) * lw_prediction_slot_size (n, classes);

  return 3 * bytes <= LW_PREDICTIONS_BYTES ? classes : MIN (classes, 2);
}

bool
lw_predictions_take (LwPredictions *p, int32_t n, int32_t width, int64_t moments)
{
  const gsize size = lw_prediction_slot_size (n, width);
  const int64_t fit = (int64_t)(LW_PREDICTIONS_BYTES / (sizeof (uint16_t) * MAX (size, 1)));

  p->capacity = (int32_t)CLAMP (moments, 3, MAX (fit, 3));
  p->labels = g_try_new0 (int32_t, n);
  p->moments = g_try_new0 (LwPredictionPlace, p->capacity);
  p->slots = g_try_malloc0_n ((gsize)p->capacity + 1, sizeof (uint16_t) * size);
  if (p->labels == NULL || p->moments == NULL || p->slots == NULL)
    return false;
  p->n = n;
  p->width = width;
  p->spare = 0;
  return true;
}

static void
free_predictions (LwRecord *record)
{
  LwPredictions *p = (LwPredictions *)record;

  pthread_mutex_destroy (&p->lock);
  g_free (p->labels);
  g_free (p->moments);
  g_free (p->slots);
  g_free (p);
}

static LwRecord *
make (const LwRecordContext *context)
{
  LwPredictions *p = g_new0 (LwPredictions, 1);
  int32_t n;
  int64_t epochs;

  pthread_mutex_init (&p->lock, NULL);
  p->classes = lw_graph_classes (context->graph);
  if (p->classes > UINT16_MAX)
    goto none;
  if (context->dataset == NULL)
    return &p->record; /* the file says how much there is */
  n = lw_record_test_images (context);
  epochs = context->total_steps / MAX (context->steps_per_epoch, 1) + 1;
  if (n > 0 && lw_predictions_take (p, n, lw_predictions_width (n, p->classes), epochs))
    return &p->record;
none:
  free_predictions (&p->record);
  return NULL;
}

/* --- moments ---------------------------------------------------------------------------------- */

/* Which moment to leave out when one of `epoch` follows: the one whose neighbours are nearest to
 * each other, so that the rest stay spread over the run; not the first, nor the best. */
static int32_t
least_missed (const LwPredictions *p, double epoch)
{
  int32_t best = 0, found = 1;
  double nearest = INFINITY;

  for (int32_t i = 1; i < p->n_moments; i++)
    if (p->moments[i].facts.correct > p->moments[best].facts.correct)
      best = i;
  for (int32_t i = 1; i < p->n_moments; i++) {
    const double next = i + 1 < p->n_moments ? p->moments[i + 1].facts.epoch : epoch;
    const double gap = next - p->moments[i - 1].facts.epoch;

    if (i != best && gap < nearest) {
      nearest = gap;
      found = i;
    }
  }
  return found;
}

/* A slot that no moment has and that is not `taken`. There is one more than moments. */
static int32_t
free_slot (const LwPredictions *p, int32_t taken)
{
  int32_t slot = 0;
  bool used = true;

  for (int32_t next = 0; next <= p->capacity && used; next++) {
    used = next == taken;
    for (int32_t i = 0; i < p->n_moments && !used; i++)
      used = p->moments[i].slot == next;
    slot = next;
  }
  return slot;
}

void
lw_predictions_push (LwPredictions *p, const LwPredictionMoment *moment)
{
  int32_t slot = p->spare;

  if (p->n_moments == p->capacity) {
    const int32_t out = least_missed (p, moment->epoch);

    p->spare = p->moments[out].slot;
    p->n_moments--;
    p->left_out++;
    memmove (p->moments + out, p->moments + out + 1,
             sizeof *p->moments * (gsize)(p->n_moments - out));
  } else {
    p->spare = free_slot (p, slot);
  }
  p->moments[p->n_moments++] = (LwPredictionPlace){ *moment, slot };
}

/* --- what the trainer calls ---------------------------------------------------------------------
 */

static void
test_batch (LwRecord *record, const LwBatch *batch, int64_t first, const float *logits)
{
  LwPredictions *p = (LwPredictions *)record;
  uint16_t *predicted = lw_prediction_slot (p, p->spare);
  uint16_t *log_odds = predicted + lw_prediction_even ((gsize)p->n);
  g_autofree uint16_t *all = p->width < p->classes ? g_new (uint16_t, p->classes) : NULL;

  if (first == 0)
    p->filled = p->correct = 0;
  if (first != p->filled || first + batch->n > p->n)
    return;
  for (int32_t i = 0; i < batch->n; i++) {
    const float *row = logits + (gsize)i * (gsize)p->classes;
    const int32_t at = (int32_t)first + i;
    uint16_t *numbers = log_odds + (gsize)at * (gsize)p->width;
    int32_t best = 0;

    for (int32_t c = 1; c < p->classes; c++)
      if (row[c] > row[best])
        best = c;
    predicted[at] = (uint16_t)best;
    p->correct += best == batch->labels[i];
    lw_log_odds_pack (row, p->classes, all != NULL ? all : numbers);
    if (all != NULL) {
      numbers[0] = all[best];
      numbers[1] = all[batch->labels[i]];
    }
    if (p->labels[at] != batch->labels[i]) { /* they are the same in every test */
      pthread_mutex_lock (&p->lock);
      p->labels[at] = batch->labels[i];
      pthread_mutex_unlock (&p->lock);
    }
  }
  p->filled += batch->n;
}

static bool
after_epoch (LwRecord *record, LwSession *session, const LwMoment *moment, GError **error)
{
  LwPredictions *p = (LwPredictions *)record;

  (void)session;
  (void)error;
  if (p->filled < p->n)
    return true;
  pthread_mutex_lock (&p->lock);
  lw_predictions_push (p, &(LwPredictionMoment){ moment->step, moment->epoch, p->correct });
  pthread_mutex_unlock (&p->lock);
  p->filled = 0;
  atomic_fetch_add (&p->record.version, 1);
  return true;
}

const LwRecordKind lw_record_predictions = {
  .file = LW_PREDICTIONS_FILE,
  .make = make,
  .free = free_predictions,
  .load = lw_predictions_load,
  .save = lw_predictions_save,
  .test_batch = test_batch,
  .after_epoch = after_epoch,
};

/* --- readers ---------------------------------------------------------------------------------- */

LwPredictions *
lw_records_predictions (const LwRecords *records)
{
  return (LwPredictions *)lw_records_get (records, LW_RECORD_PREDICTIONS);
}

int32_t
lw_predictions_classes (const LwPredictions *p)
{
  return p->classes;
}

int32_t
lw_predictions_examples (LwPredictions *p)
{
  int32_t n;

  pthread_mutex_lock (&p->lock);
  n = p->n;
  pthread_mutex_unlock (&p->lock);
  return n;
}

int32_t
lw_predictions_left_out (LwPredictions *p)
{
  int32_t n;

  pthread_mutex_lock (&p->lock);
  n = p->left_out;
  pthread_mutex_unlock (&p->lock);
  return n;
}

GArray *
lw_predictions_moments (LwPredictions *p)
{
  GArray *moments = g_array_new (FALSE, FALSE, sizeof (LwPredictionMoment));

  pthread_mutex_lock (&p->lock);
  for (int32_t i = 0; i < p->n_moments; i++)
    g_array_append_val (moments, p->moments[i].facts);
  pthread_mutex_unlock (&p->lock);
  return moments;
}

/* The caller holds the lock. */
static void
point_at (const LwPredictions *p, int32_t i, LwPredictionSet *ret_set)
{
  uint16_t *slot = lw_prediction_slot (p, p->moments[i].slot);

  *ret_set = (LwPredictionSet){ .n = p->n,
                                .classes = p->classes,
                                .step = p->moments[i].facts.step,
                                .epoch = p->moments[i].facts.epoch,
                                .width = p->width,
                                .labels = p->labels,
                                .predicted = slot,
                                .log_odds = slot + lw_prediction_even ((gsize)p->n) };
}

LwPredictionSet *
lw_predictions_get (LwPredictions *p, int64_t step)
{
  LwPredictionSet *set = NULL;

  pthread_mutex_lock (&p->lock);
  for (int32_t i = 0; i < p->n_moments && set == NULL; i++) {
    if (p->moments[i].facts.step != step)
      continue;
    set = g_new (LwPredictionSet, 1);
    point_at (p, i, set);
    set->labels = g_memdup2 (set->labels, sizeof *set->labels * (gsize)p->n);
    set->predicted = g_memdup2 (set->predicted, sizeof *set->predicted * (gsize)p->n);
    set->log_odds =
        g_memdup2 (set->log_odds, sizeof *set->log_odds * (gsize)p->n * (gsize)p->width);
  }
  pthread_mutex_unlock (&p->lock);
  return set;
}

int32_t
lw_predictions_series (LwPredictions *p, int32_t example, double **ret_epochs,
                       float **ret_probabilities)
{
  int32_t n;

  pthread_mutex_lock (&p->lock);
  n = example >= 0 && example < p->n ? p->n_moments : 0;
  *ret_epochs = g_new (double, MAX (n, 1));
  *ret_probabilities = g_new (float, (gsize)MAX (n, 1) * (gsize)p->classes);
  for (int32_t i = 0; i < n; i++) {
    LwPredictionSet set;

    point_at (p, i, &set);
    (*ret_epochs)[i] = set.epoch;
    for (int32_t c = 0; c < p->classes; c++)
      (*ret_probabilities)[(gsize)i * (gsize)p->classes + (gsize)c] =
          lw_prediction_set_probability (&set, example, c);
  }
  pthread_mutex_unlock (&p->lock);
  return n;
}
