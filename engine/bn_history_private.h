/* What the files of LwBnHistory share. Not for anybody else. */
#pragma once

#include "engine/bn_history.h"

#include <pthread.h>

G_BEGIN_DECLS

#define LW_BN_RECENT_FIELDS (LW_BN_N_FIELDS - LW_BN_BATCH_MEAN)

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
  int64_t row, recent_row; /* floats a moment, and a recent step */

  /* The writer's. */
  float *pending;
  bool any;       /* pending's extremes are of some step since the last moment */
  int64_t stride; /* changes in commit */

  pthread_mutex_t lock; /* guards all below */
  int32_t n;
  int64_t version;
  int64_t steps[LW_BN_MOMENTS];
  double epochs[LW_BN_MOMENTS];
  float *rows;                 /* [LW_BN_MOMENTS][row] */
  int32_t n_recent, recent_at; /* a ring: the next one is written at recent_at */
  int64_t recent_steps[LW_BN_RECENT];
  float *recent; /* [LW_BN_RECENT][recent_row]: as in a row, from LW_BN_BATCH_MEAN on */
};

static inline int64_t
lw_bn_field_start (const LwBnLayer *layer, int field)
{
  return layer->start + (int64_t)field * layer->channels;
}

static inline int64_t
lw_bn_recent_start (const LwBnLayer *layer, int field)
{
  return layer->start / LW_BN_N_KEPT * LW_BN_RECENT_FIELDS +
         (int64_t)(field - LW_BN_BATCH_MEAN) * layer->channels;
}

/* Where the recent step `index`, 0 the oldest, stands. */
static inline int32_t
lw_bn_recent_slot (const LwBnHistory *history, int32_t index)
{
  return (history->recent_at - history->n_recent + index + LW_BN_RECENT) % LW_BN_RECENT;
}

G_END_DECLS
