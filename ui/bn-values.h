/* What a run's record says of all channels of a batch-normalization layer at one moment. */
#pragma once

#include "engine/bn_history.h"

G_BEGIN_DECLS

typedef struct {
  int64_t step; /* optimizer steps */
  int n;        /* channels */
  const float *gamma, *beta;
  /* |batch mean − running mean| / running deviation; of the step's own batch. */
  const float *gap;
  float *values; /* where all of them are */
} LwBnValues;

/* At the last moment up to step `until`; before the first at that. False: there is none. */
bool lw_bn_values_read (LwBnHistory *history, const LwGraph *graph, LwNodeId layer, int64_t until,
                        LwBnValues *ret_values);
void lw_bn_values_clear (LwBnValues *values);

G_END_DECLS
