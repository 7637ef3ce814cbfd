/* LwBnHistory: batch-normalization statistics over a run: for each batch-normalization layer, at up
 * to LW_BN_MOMENTS steps, per channel γ, β, the batch's mean and (biased) variance, and the running
 * mean and variance after that step. When it is full, every second moment is dropped and the
 * distance doubles, so memory is constant and the whole run is covered; each moment also has the
 * lowest and highest of the batches' statistics since the moment before, so that no extreme is
 * lost. The last LW_BN_RECENT noted steps are kept one by one. One writer (the trainer), readers
 * copy under a short pthread lock. Saved in the run folder as bn-history.safetensors. */
#pragma once

#include "engine/graph.h"

G_BEGIN_DECLS

#define LW_BN_MOMENTS 240
#define LW_BN_RECENT  60

typedef enum {
  LW_BN_GAMMA,
  LW_BN_BETA,
  LW_BN_BATCH_MEAN,
  LW_BN_BATCH_VAR,
  LW_BN_RUNNING_MEAN,
  LW_BN_RUNNING_VAR,
  LW_BN_N_FIELDS, /* the fields that are put; those below follow from them */
  LW_BN_BATCH_MEAN_LOW = LW_BN_N_FIELDS,
  LW_BN_BATCH_MEAN_HIGH,
  LW_BN_BATCH_VAR_LOW,
  LW_BN_BATCH_VAR_HIGH,
  LW_BN_N_KEPT
} LwBnField;

typedef struct LwBnHistory LwBnHistory;

LwBnHistory *lw_bn_history_new (const LwGraph *graph); /* NULL when the network has no such layer */
void lw_bn_history_free (LwBnHistory *history);

/* Writer. Whether step `step` is to become a moment. */
bool lw_bn_history_wants (LwBnHistory *history, int64_t step);
/* Writer: [channels] floats of one field of one layer of the step at hand, which becomes visible
 * with the calls below. */
void lw_bn_history_put (LwBnHistory *history, LwNodeId node, LwBnField field, const float *values);
/* Writer: what was put (all but γ and β) is one of the recent steps. */
void lw_bn_history_note (LwBnHistory *history, int64_t step);
/* Writer: what was put is a moment. */
void lw_bn_history_commit (LwBnHistory *history, int64_t step, double epoch);

/* Any thread: copies one channel of one field over all moments; arrays of LW_BN_MOMENTS.
 * `ret_steps`, `ret_epochs` may be NULL. Returns the number of moments. */
int32_t lw_bn_history_series (LwBnHistory *history, LwNodeId node, LwBnField field, int32_t channel,
                              int64_t *ret_steps, double *ret_epochs, float *ret_values);
/* Any thread: the same over the recent steps, oldest first; arrays of LW_BN_RECENT; of the batch's
 * and running fields only. Returns their number. */
int32_t lw_bn_history_recent (LwBnHistory *history, LwNodeId node, LwBnField field, int32_t channel,
                              int64_t *ret_steps, float *ret_values);
/* Any thread: all channels of one field at moment `index`, which may have become another since;
 * false: there is none. */
bool lw_bn_history_at (LwBnHistory *history, LwNodeId node, LwBnField field, int32_t index,
                       float *ret_values, int64_t *ret_step, double *ret_epoch);
int32_t lw_bn_history_n (LwBnHistory *history);
/* Any thread: all channels of one field at the newest moment; false: none yet. */
bool lw_bn_history_latest (LwBnHistory *history, LwNodeId node, LwBnField field, float *ret_values,
                           int64_t *ret_step);
/* Grows with each commit and note; lets a reader see whether to redraw. */
int64_t lw_bn_history_version (LwBnHistory *history);

bool lw_bn_history_save (LwBnHistory *history, const char *path, GError **error);
LwBnHistory *lw_bn_history_load (const LwGraph *graph, const char *path, GError **error);
/* Writer. Forgets all moments after `step` (a run that goes on from an earlier checkpoint). */
void lw_bn_history_truncate (LwBnHistory *history, int64_t step);

G_END_DECLS
