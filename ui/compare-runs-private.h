/* What the files of LwCompareRuns share. */
#pragma once

#include "ui/compare-runs.h"

G_BEGIN_DECLS

struct _LwCompareRuns {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwRunTicks *ticks;
  GtkWidget *stack; /* the view, or that there are no runs */
  GtkWidget *table, *curves, *bubbles, *plots, *across, *down;
  GtkWidget *tools, *filter, *only, *only_words, *counted, *run_button, *differences, *export;
  GSimpleActionGroup *actions;
  bool narrow;
  bool stale; /* other runs came while it was not shown */
  guint refresh_id;
};

/* compare-runs-actions.c */
void lw_compare_runs_add_actions (LwCompareRuns *self);
/* What a key of the table asks for: the name of an action. */
void lw_compare_runs_ask (LwCompareRuns *self, const char *what);
void lw_compare_runs_update_actions (LwCompareRuns *self);
GMenuModel *lw_compare_runs_menu (void);
GMenuModel *lw_compare_runs_export_menu (void);
/* What distinguishes each of them from the others, "LeNet, lr 0.9"; NULL-terminated, g_strfreev. */
char **lw_compare_runs_names (const GPtrArray *runs);

G_END_DECLS
