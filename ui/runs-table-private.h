/* What the files of LwRunsTable share. */
#pragma once

#include "ui/runs-table.h"

G_BEGIN_DECLS

struct _LwRunsTable {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwRunTicks *ticks;
  GtkWidget *stop, *list; /* the tab stop around all; the rows */
  GtkColumnView *view;
  GtkColumnViewColumn *columns[LW_N_RUN_COLUMNS];
  GtkFilterListModel *filtered;
  GtkSortListModel *sorted;
  GtkMultiSelection *selection;
  GtkFilter *matches;
  char *filter;
  bool only_differs;
  double best[LW_N_RUN_COLUMNS]; /* of the rows; NAN: there is none */
  GHashTable *cells;             /* those that show a run */
  GHashTable *stale;             /* those whose run changed while the table was hidden */
  double menu_x, menu_y;         /* where the menu was asked for */
  guint review_id;
  bool selecting;
  bool touched; /* a person was here: what is in view stays there */
};

/* runs-table-cells.c */
GtkListItemFactory *lw_runs_table_factory (LwRunsTable *self, LwRunColumn column);
/* Everything that is in view, anew. */
void lw_runs_table_refresh (LwRunsTable *self);
/* What changed while the table was hidden. */
void lw_runs_table_catch_up (LwRunsTable *self);
/* The run that a widget of the table shows, or NULL. */
LwRunItem *lw_runs_table_run_of (GtkWidget *widget);

/* runs-table-input.c */
void lw_runs_table_add_input (LwRunsTable *self);

G_END_DECLS
