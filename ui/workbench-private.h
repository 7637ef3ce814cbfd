/* What the files of the workbench share. Not for anybody else.
 *
 *   workbench.c           the selection, the draft
 *   workbench-data.c      the draft's data set
 *   workbench-knobs.c     the draft's knobs, undo, what cannot be built
 *   workbench-runs.c      the list of runs, and the one that is trained
 *   workbench-queue.c     several runs: lists, repetitions, the queue's side of starting one
 *   workbench-variants.c  saved variants
 *   workbench-followed.c  runs on other machines
 *   workbench-viewer.c    the network of a file, and nothing else */
#pragma once

#include "engine/knob_history.h"
#include "onnx/onnx.h"
#include "ui/run-queue.h"
#include "ui/run-watcher.h"
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

  GPtrArray *lists; /* LwWorkbenchList */
  int repeats;
  LwRunQueue *queue;

  LwOnnxNetwork *network; /* of a viewer (workbench-viewer.h); or NULL */
  char **class_names;     /* of the network; NULL: not known */

  LwRunItem *live; /* the run that is trained here, until its end has been shown */
  bool resuming;   /* a saved run is being made ready to go on */
  bool closed;
  LwRunWatcher *watcher;
  GHashTable *by_folder; /* folder → LwRunItem, of all in the list or about to be */
  GQueue found;          /* runs that were read and are not in the list yet */
  guint adding_id;
  GPtrArray *followed; /* LwFollowedRun */
};

typedef struct {
  char *field, *text;
} LwWorkbenchList;

/* workbench-data.c */
/* Opens a named set or a folder, unless it is what is open already. */
void lw_workbench_load_data (LwWorkbench *self, const char *name);
/* As if none had been opened. */
void lw_workbench_drop_data (LwWorkbench *self);

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

/* Sets a field to one value. */
bool
lw_workbench_set_value (LwWorkbench *self, const char *field, const char *value, GError **error);

/* workbench-runs.c */
void lw_workbench_watch_runs (LwWorkbench *self);
void lw_workbench_forget_runs (LwWorkbench *self); /* the workbench goes */
/* Why training the draft cannot begin, beside another run that trains. */
bool lw_workbench_can_train (LwWorkbench *self, GError **error);
/* Starts a run of these settings; NULL and a sentence when it cannot be. `group` may be NULL. */
LwRunItem *lw_workbench_start (LwWorkbench *self, const LwSettings *settings, LwDataset *dataset,
                               const LwRunGroup *group, bool select, GError **error);
/* `done` gets the item, or NULL and the error; later, or at once. `epochs`: 0 as it was. */
typedef void (*LwWorkbenchStarted) (gpointer data, LwRunItem *item, const GError *error);
void lw_workbench_resume (LwWorkbench *self, const char *folder, LwDataset *dataset, int epochs,
                          bool select, LwWorkbenchStarted done, gpointer data);

/* The run of a folder that is gone leaves the list. */
void lw_workbench_drop_run (LwWorkbench *self, const char *folder);

/* workbench-followed.c */
/* Whose mirror the folder is, or NULL. */
LwFollowedRun *lw_workbench_followed_in (LwWorkbench *self, const char *folder);
void lw_workbench_unfollow_all (LwWorkbench *self);

/* workbench-queue.c */
LwWorkbenchList *lw_workbench_list_new (const char *field, const char *text);
void lw_workbench_list_free (gpointer list);
/* `value` is a list: checks all of it, keeps it. False and a sentence when one value cannot be. */
bool
lw_workbench_set_list (LwWorkbench *self, const char *field, const char *value, GError **error);
/* The field has one value again; NULL: all have, and nothing is repeated. */
void lw_workbench_forget_lists (LwWorkbench *self, const char *field);
/* What training the draft makes: LwSweepRun, at least one. */
GPtrArray *lw_workbench_planned (LwWorkbench *self, GError **error);
/* What they are together: "LeNet: learning rate 0.1, 0.3"; g_free. */
char *lw_workbench_plan_name (LwWorkbench *self);
/* Trains what an entry of the queue describes, with the data that it names, or goes on with the run
 * in its folder. */
void lw_workbench_start_entry (LwWorkbench *self, const LwQueueEntry *entry, bool select,
                               LwWorkbenchStarted done, gpointer data);

G_END_DECLS
