/* For the files cost-table*.c: what the table holds. */
#pragma once

#include "ui/cost-row.h"
#include "ui/cost-table.h"

G_BEGIN_DECLS

struct _LwCostTable {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwGraph *graph; /* that the rows show */
  bool selecting; /* the selection is being set from outside */
  int hidden;     /* layers that cost nothing */
  LwCostColumns columns;
  LwTextForm form; /* in which it was copied last */
  GSimpleActionGroup *actions;
  GtkTreeListModel *tree;
  GtkSingleSelection *selection;

  GtkWidget *box, *wide, *head, *list; /* `wide` scrolls sideways where the columns need it */
  GtkWidget *hidden_line, *hidden_label, *hidden_button;
  GtkWidget *parameters, *value, *value_words;
};

/* Makes the rows anew; groups that stand open stay so. */
void lw_cost_table_fill (LwCostTable *self);
/* "18 layers without parameters or MACs are hidden"; g_free. */
char *lw_cost_table_hidden_words (LwCostTable *self);
/* The lines below the rows, and their numbers. */
void lw_cost_table_add_foot (LwCostTable *self);
void lw_cost_table_show_foot (LwCostTable *self);
/* Makes the actions. */
void lw_cost_table_add_actions (LwCostTable *self);
/* The head's menu of groups, columns and forms; the caller owns it. */
GtkWidget *lw_cost_table_menu_button (void);

G_END_DECLS
