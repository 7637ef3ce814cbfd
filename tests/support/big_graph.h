/* Graphs larger than any network of the library, for tests and measurements of what draws them.
 * Builders to be used as LwModel.build, or through lw_big_graph. */
#pragma once

#include "engine/models.h"

G_BEGIN_DECLS

typedef enum {
  LW_BIG_RESIDUAL,  /* blocks of two convolutions with a sum, grouped in stages */
  LW_BIG_INCEPTION, /* blocks of twelve branches */
  LW_BIG_FLAT,      /* residual units without any block around them: one level */
  LW_BIG_TANGLE,    /* skips that do not nest, in a block each */
  LW_BIG_RESNET152, /* He et al. 2015, table 1: bottlenecks 3, 8, 36, 3 */
  LW_BIG_DENSENET,  /* Huang et al. 2017, table 1, 201 layers: 6, 12, 48, 32 */
  LW_N_BIG
} LwBigKind;

/* A finished graph with at least `nodes` nodes; the last two kinds have their own number. */
LwGraph *lw_big_graph (LwBigKind kind, int nodes);
const char *lw_big_name (LwBigKind kind);
/* A model of 10,000 nodes for the window: residual blocks or Inception-like ones. Constant. */
const LwModel *lw_big_model (LwBigKind kind);

G_END_DECLS
