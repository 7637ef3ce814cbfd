/* LwChange: what turned knobs do to a network: totals and parameters by layer of the book's and of
 * one's own, matched by what people call the layers. Pure; a value object of any one thread. */
#pragma once

#include "engine/op.h"

G_BEGIN_DECLS

typedef struct {
  char *title;         /* "conv 1", "Inception 3a", "batch normalization" */
  char *group;         /* the block around it, "Stage 2"; NULL: none */
  LwKind kind;         /* of the layer; of a block its convolutions' */
  int64_t book, yours; /* trained parameters; −1: the network has no such layer */
} LwChangeRow;

typedef struct {
  LwCost book, yours;
  int64_t book_activations, your_activations; /* bytes of all layers' outputs for one image */
  int32_t book_depth, your_depth;             /* lw_graph_depth */
  LwChangeRow *rows;                          /* in the order of the layers */
  int32_t n_rows;
} LwChange;

LwChange *lw_change_new (const LwGraph *book, const LwGraph *yours);
void lw_change_free (LwChange *change);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwChange, lw_change_free)

/* "÷ 3.99", "× 1.20", "× 2,252", "=" where nothing changes, "" where there is no factor; g_free. */
char *lw_change_factor (int64_t book, int64_t yours);

G_END_DECLS
