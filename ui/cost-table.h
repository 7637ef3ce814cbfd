/* LwCostTable: what each block and layer of the selected network costs, exactly, as a tree with
 * totals below. The marked row follows the workbench's selection and sets it. Main thread. */
#pragma once

#include "ui/draw/diagram-layout.h"
#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_COST_TABLE (lw_cost_table_get_type ())
G_DECLARE_FINAL_TYPE (LwCostTable, lw_cost_table, LW, COST_TABLE, GtkWidget)

GtkWidget *lw_cost_table_new (LwWorkbench *workbench);
/* MACs at first. */
void lw_cost_table_set_count (LwCostTable *self, LwCount count);
/* The rows as they are unfolded now: GtkTreeListRow of LwCostItem. */
GListModel *lw_cost_table_rows (LwCostTable *self);
/* What the marked row stands for. */
LwDiagramSpot lw_cost_table_selected (LwCostTable *self);
/* Marks a row, as a click does. */
void lw_cost_table_select_row (LwCostTable *self, guint position);

G_END_DECLS
