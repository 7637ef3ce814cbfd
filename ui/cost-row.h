/* LwCostRow: a row of the cost table: name, output shape, parameters and their share, the count and
 * its share. The table's head is such a row too, so that the columns agree. Where the row is too
 * narrow the shares are left out. */
#pragma once

#include "ui/cost-item.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What all rows of a table share; the table owns it. */
typedef struct {
  LwCount count;
  int64_t parameters, value;                       /* totals */
  int output_width, parameters_width, value_width; /* pixels that the widest number needs */
} LwCostColumns;

#define LW_TYPE_COST_ROW (lw_cost_row_get_type ())
G_DECLARE_FINAL_TYPE (LwCostRow, lw_cost_row, LW, COST_ROW, GtkWidget)

GtkWidget *lw_cost_row_new (const LwCostColumns *columns);
/* Words instead of numbers. */
GtkWidget *lw_cost_row_new_head (const LwCostColumns *columns);
/* A head that the count has changed for. */
void lw_cost_row_update_head (LwCostRow *self);
void lw_cost_row_bind (LwCostRow *self, GtkTreeListRow *row);
void lw_cost_row_unbind (LwCostRow *self);

G_END_DECLS
