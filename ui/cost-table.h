/* LwCostTable: what each block and layer of the selected network costs, exactly, with totals below:
 * as a tree of blocks, by kind, or as a list, in the order of the graph or sorted by a column. The
 * marked row follows the workbench's selection and sets it. What it shows can be copied. Main
 * thread. */
#pragma once

#include "engine/text_table.h"
#include "ui/cost-item.h"
#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_COST_TABLE (lw_cost_table_get_type ())
G_DECLARE_FINAL_TYPE (LwCostTable, lw_cost_table, LW, COST_TABLE, GtkWidget)

GtkWidget *lw_cost_table_new (LwWorkbench *workbench);
/* MACs at first. */
void lw_cost_table_set_count (LwCostTable *self, LwCount count);
/* By block at first. */
void lw_cost_table_set_group (LwCostTable *self, LwCostGroup group);
/* In the order of the graph at first. */
void lw_cost_table_sort (LwCostTable *self, LwCostColumn column, LwCostOrder order);
/* Window, field and memory are shown on demand; the others always. */
void lw_cost_table_show_column (LwCostTable *self, LwCostColumn column, bool shown);

/* "sort", "group", "column" and "copy", for menus and buttons anywhere: insert them as "cost". */
GActionGroup *lw_cost_table_actions (LwCostTable *self);
/* A menu of the forms in which the table can be copied, by these actions; the caller owns it. */
GMenuModel *lw_cost_table_copy_menu (void);

/* The rows as they are unfolded now: GtkTreeListRow of LwCostItem. */
GListModel *lw_cost_table_rows (LwCostTable *self);
/* What is shown now, hidden layers' line and totals included, as text; g_free. */
char *lw_cost_table_text (LwCostTable *self, LwTextForm form);
/* What the marked row stands for. */
LwDiagramSpot lw_cost_table_selected (LwCostTable *self);
/* Marks a row, as a click does. */
void lw_cost_table_select_row (LwCostTable *self, guint position);

G_END_DECLS
