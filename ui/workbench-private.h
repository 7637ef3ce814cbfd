/* What the files of the workbench share. Not for anybody else.
 *
 *   workbench.c           the selection, the draft, the data set
 *   workbench-knobs.c     the draft's knobs, undo, what cannot be built
 *   workbench-runs.c      the list of runs, and the one that is trained
 *   workbench-variants.c  saved variants */
#pragma once

#include "engine/knob_history.h"
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
  char *default_device;
  int default_threads;    /* 0: all cores */
  LwKnobHistory *history; /* of the draft's knobs */
  LwOptions *wanted;      /* knobs that no network can be built with; NULL: the draft's are meant */
  LwObstacle *obstacle;   /* why; NULL as `wanted` is */
  const char *turned;     /* the knob that was turned last, or NULL */
  const char *culprit;    /* the one to put right, and a value that would do */
  int nearest;

  GListStore *variants;
  LwVariantItem *variant; /* that the draft came from, or NULL */
  GPtrArray *variant_problems;

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
/* Device and threads as in the preferences. */
void lw_workbench_give_defaults (LwWorkbench *self, LwSettings *settings);
void lw_workbench_emit_run (LwWorkbench *self, LwRunItem *run, bool started);
void lw_workbench_complain (LwWorkbench *self, const char *sentence);
void lw_workbench_draft_changed (LwWorkbench *self);
/* Takes `settings` for the draft when its graph builds, frees it otherwise. */
bool lw_workbench_adopt (LwWorkbench *self, LwSettings *settings, GError **error);
/* A fresh draft of these options, selected; `variant` (may be NULL) is where they come from. */
void
lw_workbench_take_options (LwWorkbench *self, const LwOptions *options, LwVariantItem *variant);
/* Channels and classes follow the data, when they are known: returns whether that changed them. */
bool lw_workbench_fit_to_data (LwWorkbench *self, LwSettings *settings);

/* workbench-knobs.c */
/* The least input, where these knobs need a larger one. */
void lw_workbench_make_possible (LwOptions *options);
void lw_workbench_clear_obstacle (LwWorkbench *self);
/* The draft has other knobs, turned by somebody else than lw_workbench_turn: a step of its own. */
void lw_workbench_note_knobs (LwWorkbench *self);
/* Another draft: nothing of the last one's can be undone. */
void lw_workbench_forget_knobs (LwWorkbench *self);

/* workbench-variants.c */
void lw_workbench_read_variants (LwWorkbench *self);

/* workbench-runs.c */
void lw_workbench_read_runs (LwWorkbench *self);

G_END_DECLS
