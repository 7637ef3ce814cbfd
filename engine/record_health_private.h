/* What the health record's files share. Not for anybody else. */
#pragma once

#include "engine/health_trace.h"
#include "engine/record_health.h"
#include "engine/record_private.h"

#include <pthread.h>

G_BEGIN_DECLS

struct LwHealthRecord {
  LwRecord record;
  LwGraph *graph;
  int32_t n_layers;
  LwNodeId *layers;

  /* The trainer's; NULL or 0 in a saved run's. */
  float *images; /* [n_images][C][H][W] */
  int32_t n_images;
  LwHealthPass *pass;
  LwHealthTrace *trace;
  LwHealthStats *stats;       /* [layers] */
  float *pending;             /* [fields][layers] */
  gint64 begun_us;            /* the running step's begin */
  int64_t train_us, spent_us; /* in steps; in moments */

  pthread_mutex_t lock; /* guards all below; the writer reads without it */
  int64_t stride;
  int32_t n;
  int64_t steps[LW_HEALTH_MOMENTS];
  double epochs[LW_HEALTH_MOMENTS];
  float *rows; /* [moments][fields][layers] */
  LwDivergence *divergence;
};

static inline gsize
lw_health_row_size (const LwHealthRecord *record)
{
  return (gsize)LW_HEALTH_N_FIELDS * (gsize)record->n_layers;
}

extern const LwRecordKind lw_health_record_kind;

/* record_health_file.c */
bool lw_health_record_load (LwRecord *record, const char *path, int64_t step);
bool lw_health_record_save (LwRecord *record, const char *path, GError **error);

G_END_DECLS
