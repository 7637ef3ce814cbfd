/* What the files of LwDistributions share: keeping and reading moments, measuring one, the file. */
#pragma once

#include "engine/record_distributions.h"
#include "engine/record_private.h"

#include <pthread.h>

G_BEGIN_DECLS

typedef struct {
  LwNodeId node;
  LwDistributionOf of;
} LwDistributionEntry;

typedef struct {
  LwRecord base;
  LwGraph *graph;
  const LwRecordContext *context;
  int32_t n_entries, n_outputs; /* outputs come first */
  LwDistributionEntry *entries;
  int32_t *places[LW_N_DISTRIBUTIONS]; /* of a node among the entries, or −1 */
  int32_t images;                      /* whose outputs are measured */

  /* The writer's. */
  int64_t stride;
  bool begun;          /* moment 0 waits for its gradients */
  gint64 step_begin;   /* µs */
  double spent, steps; /* seconds in moments and in steps */
  double free_seconds; /* that moments may take in any case: tests take more */
  LwDistribution *pending;
  LwTally *tallies;    /* of the outputs */
  float *lows, *highs; /* of the units of activations, one after another */
  int32_t *units;      /* of an output: its first unit; −1: no activation */
  int32_t n_units;
  float *pixels; /* the images as the network takes them */
  bool has_pixels;
  float *values; /* one tensor, or one output of a part of the images */
  int64_t n_values;
  int32_t at_once; /* images whose largest output `values` can hold */

  pthread_mutex_t lock; /* guards all below */
  int32_t n;
  LwDistributionMoment moments[LW_DISTRIBUTION_MOMENTS];
  LwDistribution *rows; /* [LW_DISTRIBUTION_MOMENTS][n_entries] */
} LwDistributions;

/* Fills `pending` with outputs and weights as they are, or with the last step's gradients. */
bool lw_distributions_measure (LwDistributions *self, LwSession *session, GError **error);
bool lw_distributions_measure_gradients (LwDistributions *self, LwSession *session, GError **error);
/* Takes all memory that measuring needs. */
void lw_distributions_prepare (LwDistributions *self);
void lw_distributions_unprepare (LwDistributions *self);

bool lw_distributions_save (LwRecord *record, const char *path, GError **error);
bool lw_distributions_load (LwRecord *record, const char *path, int64_t step);

extern const LwRecordKind lw_distributions_kind;

G_END_DECLS
