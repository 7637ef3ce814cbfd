/* What the files of LwDistributionSet share. */
#pragma once

#include "ui/distribution-set.h"

G_BEGIN_DECLS

typedef struct {
  double min, max; /* min > max: nothing to show */
} LwDistributionAxis;

struct LwDistributionSet {
  LwRunItem *run;
  LwRecords *records;
  LwRecord *record; /* of these */
  LwGraph *graph;
  LwDistributionOf of;
  int64_t version;
  int n_moments;
  LwDistributionMoment newest;
  LwLayerRow *rows;
  int32_t n_rows;
  char **names, **places; /* "conv 1" and "Stage 2 · Residual 1" */
  bool has_norms;
  LwOp activation; /* the one of all; LW_N_OPS: several */
  char *columns[LW_RIDGE_COLUMNS];
  int n_columns;
  LwDistributionAxis *axes; /* [n_rows][LW_RIDGE_COLUMNS] */
  double *norms;
};

G_END_DECLS
