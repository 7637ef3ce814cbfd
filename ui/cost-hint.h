/* How a number of the cost table comes about: "96·1·11·11 + 96 = 11,712" of a layer, the sum over
 * what is below of a group. Pure functions; translated; g_free. */
#pragma once

#include "ui/cost-item.h"

G_BEGIN_DECLS

/* NULL where there is nothing to add to what the cell shows. */
char *lw_cost_hint (const LwGraph *graph, LwCostItem *item, LwCostColumn column, LwCount count);

G_END_DECLS
