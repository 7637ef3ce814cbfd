/* LwCostItem: one row of the cost table: a layer, or a block with its layers below. Constant once
 * made; the list that lw_cost_items_new returns is the tree's top. Main thread. */
#pragma once

#include "engine/analysis.h"
#include "ui/draw/diagram-layout.h"
#include <gio/gio.h>

G_BEGIN_DECLS

#define LW_TYPE_COST_ITEM (lw_cost_item_get_type ())
G_DECLARE_FINAL_TYPE (LwCostItem, lw_cost_item, LW, COST_ITEM, GObject)

/* Rows for everything right under the network. Without `everything`, layers that cost nothing are
 * left out and counted in `ret_hidden`, and a normalization that stands before its convolution is
 * counted with it ("conv 3 + BN"). */
GListModel *lw_cost_items_new (LwGraph *graph, LwCount count, bool everything, int *ret_hidden);

LwDiagramSpot lw_cost_item_spot (LwCostItem *self);
const char *lw_cost_item_title (LwCostItem *self);
const char *lw_cost_item_suffix (LwCostItem *self); /* "Residual × 2", "+ BN"; or NULL */
/* A block's suffix says what is inside, and is not shown while the block is open. */
bool lw_cost_item_is_block (LwCostItem *self);
LwKind lw_cost_item_kind (LwCostItem *self);
const char *lw_cost_item_output (LwCostItem *self); /* "128×12×12" */
LwCost lw_cost_item_cost (LwCostItem *self);
/* The rows below; NULL for a layer. */
GListModel *lw_cost_item_children (LwCostItem *self);
/* Whether this row stands for the spot; a merged row stands for all its layers. */
bool lw_cost_item_shows (LwCostItem *self, LwDiagramSpot spot);

/* The value that the table shows. */
int64_t lw_cost_value (LwCost cost, LwCount count);

G_END_DECLS
