/* What the files of the workbench share. Not for anybody else.
 *
 *   workbench.c       the selection, the draft, the data set
 *   workbench-runs.c  the list of runs, and the one that is trained */
#pragma once

#include "ui/workbench.h"

G_BEGIN_DECLS

struct _LwWorkbench {
  GObject parent;
  const LwBackend *const *backends;
  char *device_text;
  GListStore *runs;

  LwSettings *draft; /* of the selected architecture */
  LwGraph *draft_graph;
  bool quick;
  LwRunItem *run; /* the selected run, or NULL */
  LwNodeId layer;
  LwBlockId block;

  LwDataset *dataset;
  char *dataset_name; /* what `dataset` was opened as, or is being opened as */
  char *dataset_error;
  GCancellable *loading;

  LwRunItem *live; /* the run that is trained here, until its end has been shown */
  bool resuming;   /* a saved run is being made ready to go on */
  bool closed;
  GPtrArray *read; /* runs that were read and are not in the list yet, newest first */
  guint read_next, adding_id;
};

/* workbench.c */
void lw_workbench_emit_run (LwWorkbench *self, LwRunItem *run, bool started);
void lw_workbench_complain (LwWorkbench *self, const char *sentence);

/* workbench-runs.c */
void lw_workbench_read_runs (LwWorkbench *self);

G_END_DECLS
