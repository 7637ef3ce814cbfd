/* LwWorkbench: what the window is about: the architectures, the runs, the one selection (an
 * architecture with a draft of settings, or a run), the data set and the devices. Pages read it and
 * listen to its signals; they never talk to each other.
 *
 * Signals: `selection-changed` (another architecture or run, or its graph changed),
 * `draft-changed` (a setting of the draft, or its knobs cannot work), `dataset-changed` (loaded, or
 * failed), `run-started` and `run-ended` (LwRunItem), `layer-selected` (the layer marked in all
 * pages changed), `classes-named` (a viewer's classes are called otherwise), `complained` (a
 * sentence: what was asked for turned out to be impossible). Main thread only. */
#pragma once

#include "engine/data/dataset.h"
#include "engine/obstacle.h"
#include "ui/followed-run.h"
#include "ui/run-item.h"
#include "ui/variant-item.h"
#include <gio/gio.h>

G_BEGIN_DECLS

#define LW_TYPE_WORKBENCH (lw_workbench_get_type ())
G_DECLARE_FINAL_TYPE (LwWorkbench, lw_workbench, LW, WORKBENCH, GObject)

/* `backends`: NULL-terminated, best first; constant. Starts to read the runs folder and the data
 * set on threads; both appear when they are there. */
LwWorkbench *lw_workbench_new (const LwBackend *const *backends);

const LwBackend *const *lw_workbench_backends (LwWorkbench *self);
/* "CPU, 2 threads": the device that "auto" means now. */
const char *lw_workbench_device_text (LwWorkbench *self);
GListModel *lw_workbench_runs (LwWorkbench *self); /* LwRunItem, newest first */

/* --- the selection
 * --------------------------------------------------------------------------------- */
void lw_workbench_select_model (LwWorkbench *self, const LwModel *model);
void lw_workbench_select_run (LwWorkbench *self, LwRunItem *run);
/* From a run to the draft of its architecture, as it was left. */
void lw_workbench_select_draft (LwWorkbench *self);
const LwModel *lw_workbench_model (LwWorkbench *self);       /* of the selection; never NULL */
LwRunItem *lw_workbench_run (LwWorkbench *self);             /* NULL: an architecture is selected */
LwGraph *lw_workbench_graph (LwWorkbench *self);             /* of the selection; borrowed */
const LwSettings *lw_workbench_settings (LwWorkbench *self); /* the run's, or the draft */

/* The layer that all pages mark; LW_NO_NODE: none. A block may be marked instead (node none). */
LwNodeId lw_workbench_layer (LwWorkbench *self);
LwBlockId lw_workbench_block (LwWorkbench *self); /* −1: none */
void lw_workbench_select_layer (LwWorkbench *self, LwNodeId node);
void lw_workbench_select_block (LwWorkbench *self, LwBlockId block);

/* --- the draft: the settings of the next run of the selected model
 * ------------------------------------ */
/* Sets one field (lw_settings_set's names); false and a sentence when it cannot be. Rebuilds the
 * graph when the field decides it. */
bool lw_workbench_set (LwWorkbench *self, const char *field, const char *value, GError **error);
void lw_workbench_use_book (LwWorkbench *self);
void lw_workbench_use_quick (LwWorkbench *self);
bool lw_workbench_is_quick (LwWorkbench *self);
/* Settings that are not the draft: this network with the book's recipe or the quick one, for the
 * draft's data. The caller frees them. */
LwSettings *lw_workbench_recipe (LwWorkbench *self, const LwOptions *options, bool quick);
/* Copies a run's settings into the draft and selects the architecture. */
void lw_workbench_use_settings (LwWorkbench *self, const LwSettings *settings);

/* What drafts begin with, the present one included where it still has the last defaults: the
 * device, and how many cores its threads leave free. */
void lw_workbench_set_defaults (LwWorkbench *self, const char *device, int cores_free);

/* --- the knobs of the draft
 * ------------------------------------------------------------------------------------------ */
/* What they say: of a run its own; else the draft's, or those that no network can be built with. */
const LwOptions *lw_workbench_knobs (LwWorkbench *self);
/* Turns a knob of the draft. What can be built becomes the draft; what cannot is an obstacle, and
 * draft and graph stay the last that worked. The marked layer stays marked where it still is. False
 * and a sentence for a value that the knob does not have, and while a run is selected. */
bool lw_workbench_turn (LwWorkbench *self, const char *knob, const char *value, GError **error);
/* The hand left the knob: what comes next is another step for undo. */
void lw_workbench_settle (LwWorkbench *self);
void lw_workbench_reset_knobs (LwWorkbench *self); /* all, to the book's */
bool lw_workbench_can_undo (LwWorkbench *self);
bool lw_workbench_can_redo (LwWorkbench *self);
void lw_workbench_undo (LwWorkbench *self);
void lw_workbench_redo (LwWorkbench *self);
/* Why the knobs cannot work; NULL: they can, or a run is selected. Until the next signal. */
const LwObstacle *lw_workbench_obstacle (LwWorkbench *self);
/* The knob to put right then, and the nearest of its values that works (0: none is known). */
const char *lw_workbench_culprit (LwWorkbench *self, int *ret_nearest);

/* --- saved variants
 * ------------------------------------------------------------------------------------------ */
GListModel *lw_workbench_variants (LwWorkbench *self); /* LwVariantItem, by name */
/* The one that the draft came from; NULL: the book's, or a run is selected. */
LwVariantItem *lw_workbench_variant (LwWorkbench *self);
void lw_workbench_select_variant (LwWorkbench *self, LwVariantItem *item);
/* Saves the knobs as they are; NULL and a sentence when they cannot work or the name cannot be. */
LwVariantItem *lw_workbench_save_variant (LwWorkbench *self, const char *name, GError **error);
bool lw_workbench_delete_variant (LwWorkbench *self, LwVariantItem *item, GError **error);
/* Undoes a deletion; false and a sentence when another has the name now. */
bool lw_workbench_restore_variant (LwWorkbench *self, LwVariantItem *item, GError **error);
/* Why a file of the variants' folder was left out, a sentence, or NULL; g_free. */
char *lw_workbench_variant_problem (LwWorkbench *self);

/* --- the data
 * ------------------------------------------------------------------------------------------ */
/* The loaded set of the draft (NULL while loading or missing). */
LwDataset *lw_workbench_dataset (LwWorkbench *self);
/* Its name or path, also while it is loading or missing. */
const char *lw_workbench_dataset_name (LwWorkbench *self);
/* The same, if it is what the run was trained with; NULL: it is another, or not there. */
LwDataset *lw_workbench_dataset_of (LwWorkbench *self, LwRunItem *run);
/* Why there is none (a sentence), NULL while loading or when there is one. */
const char *lw_workbench_dataset_error (LwWorkbench *self);
void lw_workbench_use_data (LwWorkbench *self, const char *name_or_folder);

/* --- runs
 * ------------------------------------------------------------------------------------------------
 */
/* Starts a run with the draft, selects it, emits `run-started`; of several (lists, repetitions) the
 * first, and the others are queued. NULL and a sentence on failure (another run is live, no data,
 * impossible settings). */
LwRunItem *lw_workbench_train (LwWorkbench *self, GError **error);
/* The same, but the run rests after its first step. */
LwRunItem *lw_workbench_train_one_step (LwWorkbench *self, GError **error);
/* Goes on with a saved run until lw_run_item_end_after (`more_epochs`): reads it on a thread, then
 * `run-started` with the item that takes its place, or `complained`. While another trains it waits
 * in the queue. False and a sentence when it cannot be now. */
bool lw_workbench_continue (LwWorkbench *self, LwRunItem *run, int more_epochs, GError **error);
/* The one that trains here, or NULL. It stays so until the tick that shows its end. */
LwRunItem *lw_workbench_live_run (LwWorkbench *self);
/* Syncs the live run; the window calls it once a frame while there is one. Emits `run-ended`. */
void lw_workbench_tick (LwWorkbench *self);
/* Nothing can be started now: a run trains, or one is being made ready. */
bool lw_workbench_is_busy (LwWorkbench *self);
/* The run in this folder, or NULL; the runs of a group, oldest first (elements are LwRunItem,
 * owned). */
LwRunItem *lw_workbench_find_run (LwWorkbench *self, const char *folder);
/* A run that is not live leaves the list, while its folder stays, and comes back to it. */
void lw_workbench_hide_run (LwWorkbench *self, LwRunItem *run);
void lw_workbench_unhide_run (LwWorkbench *self, LwRunItem *run);
GPtrArray *lw_workbench_group_runs (LwWorkbench *self, const char *group);
/* Another folder of runs, from now on and in later sessions (run-watcher.h). */
bool lw_workbench_open_runs (LwWorkbench *self, const char *folder, GError **error);
struct _LwRunWatcher *lw_workbench_watcher (LwWorkbench *self);
/* Follows a run on another machine, until lw_workbench_unfollow or the end of the program;
 * borrowed. Once it follows, the run appears in the list and is selected. */
LwFollowedRun *lw_workbench_follow (LwWorkbench *self, const LwRemoteAddress *address);
/* Its run leaves the list, what was fetched is dropped; nothing changes on the other machine. */
void lw_workbench_unfollow (LwWorkbench *self, LwFollowedRun *run);
/* The run that is followed at this address, or NULL. */
LwRunItem *lw_workbench_followed_at (LwWorkbench *self, const char *address);

/* --- several runs
 * --------------------------------------------------------------------------------------------
 * A field of the draft may hold a list ("0.1, 0.3" for lw_workbench_set): the draft has its first
 * value, and training makes one run a value, of several lists each combination (engine/sweep.h).
 * Each of these may be repeated with other seeds. They are a group, and wait in the queue. */
struct _LwRunQueue *lw_workbench_queue (LwWorkbench *self);
/* The list that a field holds, as it was typed; NULL: it has one value. Until the next signal. */
const char *lw_workbench_list (LwWorkbench *self, const char *field);
/* Each run with so many seeds, from the draft's on; 1: no repetition. False and a sentence where
 * that makes too many. Emits `draft-changed`. */
bool lw_workbench_set_repeats (LwWorkbench *self, int seeds, GError **error);
int lw_workbench_repeats (LwWorkbench *self);
/* How many runs training the draft makes. */
int lw_workbench_n_runs (LwWorkbench *self);
/* Adds them to the queue. */
bool lw_workbench_queue_draft (LwWorkbench *self, GError **error);
/* The window goes: stops and saves what still trains, and waits for that; starts nothing more. */
void lw_workbench_close (LwWorkbench *self);

G_END_DECLS
