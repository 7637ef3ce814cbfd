/* LwCostRow: a row of the cost table, a cell a column, parameters and the count with their share.
 * The table's head is such a row too, of buttons that sort, so that the columns agree. Where the
 * row is too narrow the shares are left out. A cell says under the pointer how its number comes
 * about. */
#pragma once

#include "ui/cost-item.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What all rows of a table share; the table owns it. */
typedef struct {
  LwGraph *graph; /* borrowed */
  LwCostRows rows;
  bool shown[LW_N_COLUMNS];
  int64_t parameters, value; /* totals */
  int widths[LW_N_COLUMNS];  /* pixels that the widest text needs; of the layer: unused */
} LwCostColumns;

/* "Parameters", "FLOPs"; "MACs" of a count. */
const char *lw_cost_column_title (LwCostColumn column, LwCount count);
/* Fills the widths: for the totals, which no row exceeds, and for the words of the head, in the
 * widget's font. */
void lw_cost_columns_measure (LwCostColumns *columns, GtkWidget *widget);
/* The least width of a row, without shares. */
int lw_cost_columns_least (const LwCostColumns *columns);

#define LW_TYPE_COST_ROW (lw_cost_row_get_type ())
G_DECLARE_FINAL_TYPE (LwCostRow, lw_cost_row, LW, COST_ROW, GtkWidget)

GtkWidget *lw_cost_row_new (const LwCostColumns *columns);
/* Buttons for the action "cost.sort", whose parameter is the column's number, and `menu` at the
 * right. */
GtkWidget *lw_cost_row_new_head (const LwCostColumns *columns, GtkWidget *menu);
/* A head for which the columns have changed. */
void lw_cost_row_update_head (LwCostRow *self);
void lw_cost_row_bind (LwCostRow *self, GtkTreeListRow *row);
void lw_cost_row_unbind (LwCostRow *self);

G_END_DECLS
