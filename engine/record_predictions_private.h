/* What the files of LwPredictions share. Not for anybody else, but for the row of the table. */
#pragma once

#include "engine/record_predictions.h"
#include "engine/record_private.h"

#include <pthread.h>

G_BEGIN_DECLS

extern const LwRecordKind lw_record_predictions;

typedef struct {
  LwPredictionMoment facts;
  int32_t slot;
} LwPredictionPlace;

/* A slot holds one moment: [n] predicted classes, then [n][width] log-odds, 16 bits each, both
 * padded to whole 32 bits, as the file has them. One slot more than moments: the test that is under
 * way fills it, so that taking it in moves no memory. */
struct LwPredictions {
  LwRecord record;
  int32_t classes;

  /* the writer's */
  int32_t filled; /* examples of the test that is under way; it fills slot `spare` */
  int32_t correct;
  int32_t spare;

  pthread_mutex_t lock; /* guards all below; slots of moments do not change */
  int32_t n, width;     /* n = 0: a saved run's, not loaded yet */
  int32_t capacity;     /* moments */
  int32_t n_moments, left_out;
  int32_t *labels;
  LwPredictionPlace *moments; /* [capacity] */
  uint16_t *slots;            /* [capacity + 1] of lw_prediction_slot_size */
};

static inline gsize
lw_prediction_even (gsize n)
{
  return (n + 1) / 2 * 2;
}

static inline gsize
lw_prediction_slot_size (int32_t n, int32_t width)
{
  return lw_prediction_even ((gsize)n) + lw_prediction_even ((gsize)n * (gsize)width);
}

static inline uint16_t *
lw_prediction_slot (const LwPredictions *p, int32_t slot)
{
  return p->slots + (gsize)slot * lw_prediction_slot_size (p->n, p->width);
}

/* Takes memory for `n` examples and up to `moments` moments; false: there is none. */
bool lw_predictions_take (LwPredictions *predictions, int32_t n, int32_t width, int64_t moments);
/* What the budget allows for a test of `n` examples: numbers an example. */
int32_t lw_predictions_width (int32_t n, int32_t classes);
/* Makes the spare slot the newest moment; the caller holds the lock. */
void lw_predictions_push (LwPredictions *predictions, const LwPredictionMoment *moment);

/* record_predictions_file.c */
bool lw_predictions_load (LwRecord *record, const char *path, int64_t step);
bool lw_predictions_save (LwRecord *record, const char *path, GError **error);

G_END_DECLS
