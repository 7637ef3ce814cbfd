/* LwCostItem: one row of the cost table: a layer, or a block or a kind of layer with its layers
 * below. Constant once made; the list that lw_cost_items_new returns is the table's top. Main
 * thread. */
#pragma once

#include "engine/analysis.h"
#include "ui/draw/diagram-layout.h"
#include <gio/gio.h>

G_BEGIN_DECLS

#define LW_TYPE_COST_ITEM (lw_cost_item_get_type ())
G_DECLARE_FINAL_TYPE (LwCostItem, lw_cost_item, LW, COST_ITEM, GObject)

typedef enum {
  LW_GROUP_BLOCKS, /* the tree of blocks, as the diagram folds */
  LW_GROUP_NONE,   /* all layers in a row */
  LW_GROUP_KINDS,  /* convolutions, normalizations, … */
  LW_N_GROUPS
} LwCostGroup;

/* In the order of the screen. */
typedef enum {
  LW_COLUMN_LAYER,
  LW_COLUMN_OUTPUT,
  LW_COLUMN_WINDOW, /* kernel, stride, padding */
  LW_COLUMN_FIELD,  /* receptive field */
  LW_COLUMN_MEMORY, /* of the output, an image */
  LW_COLUMN_PARAMETERS,
  LW_COLUMN_VALUE, /* what is counted */
  LW_N_COLUMNS
} LwCostColumn;

typedef enum { LW_ORDER_GRAPH, LW_ORDER_ASCENDING, LW_ORDER_DESCENDING } LwCostOrder;

/* Which rows there are and how they follow one another. */
typedef struct {
  LwCount count;
  LwCostGroup group;
  bool everything; /* layers that cost nothing too */
  LwCostColumn sorted_by;
  LwCostOrder order; /* siblings are sorted among themselves */
} LwCostRows;

/* Without `everything`, layers that cost nothing are left out and counted in `ret_hidden`, and a
 * normalization that stands before its convolution is counted with it ("conv 3 + BN"), unless kinds
 * are told apart or operations counted. */
GListModel *lw_cost_items_new (LwGraph *graph, const LwCostRows *rows, int *ret_hidden);

/* LW_NO_SPOT for a kind of layer. */
LwDiagramSpot lw_cost_item_spot (LwCostItem *self);
const char *lw_cost_item_title (LwCostItem *self);
/* "Residual × 2", "+ BN", a layer's path in a list without groups; or NULL. */
const char *lw_cost_item_suffix (LwCostItem *self);
/* A block or a kind. A block's suffix says what is inside, and is not shown while it is open. */
bool lw_cost_item_is_group (LwCostItem *self);
LwKind lw_cost_item_kind (LwCostItem *self);
const char *lw_cost_item_output (LwCostItem *self); /* "128×12×12"; "" for a kind */
const char *lw_cost_item_window (LwCostItem *self); /* "3×3, 2, 1"; "" where there is none */
/* The square of input pixels that one output unit sees, a side; 0 for a kind. */
int32_t lw_cost_item_field (LwCostItem *self);
LwCost lw_cost_item_cost (LwCostItem *self);
/* The layers that a merged row stands for, first to last; LW_NO_NODE for groups. */
void lw_cost_item_nodes (LwCostItem *self, LwNodeId *ret_first, LwNodeId *ret_last);
/* The rows below; NULL for a layer. */
GListModel *lw_cost_item_children (LwCostItem *self);
/* Whether this row stands for the spot; a merged row stands for all its layers. */
bool lw_cost_item_shows (LwCostItem *self, LwDiagramSpot spot);
/* Whether this row or one below it does. */
bool lw_cost_item_holds (LwCostItem *self, LwDiagramSpot spot);
/* A number that tells groups of one network apart; 0 for layers. */
int lw_cost_item_group_id (LwCostItem *self);

/* The value that the table shows. */
int64_t lw_cost_value (LwCost cost, LwCount count);

G_END_DECLS
