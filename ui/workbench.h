/* LwWorkbench: what the window is about: the architectures, the runs, the one selection (an
 * architecture with a draft of settings, or a run), the data set and the devices. Pages read it and
 * listen to its signals; they never talk to each other.
 *
 * Signals: `selection-changed` (another architecture or run, or its graph changed),
 * `draft-changed` (a setting of the draft), `dataset-changed` (loaded, or failed),
 * `run-started` and `run-ended` (LwRunItem), `layer-selected` (the layer marked in all pages
 * changed), `complained` (a sentence: what was asked for turned out to be impossible).
 * Main thread only. */
#pragma once

#include "engine/data/dataset.h"
#include "engine/models.h"
#include "ui/run-item.h"
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
/* Copies a run's settings into the draft and selects the architecture. */
void lw_workbench_use_settings (LwWorkbench *self, const LwSettings *settings);

/* --- the data
 * ------------------------------------------------------------------------------------------ */
/* The loaded set of the draft (NULL while loading or missing). */
LwDataset *lw_workbench_dataset (LwWorkbench *self);
/* Why there is none (a sentence), NULL while loading or when there is one. */
const char *lw_workbench_dataset_error (LwWorkbench *self);
void lw_workbench_use_data (LwWorkbench *self, const char *name_or_folder);

/* --- runs
 * ------------------------------------------------------------------------------------------------
 */
/* Starts a run with the draft, selects it, emits `run-started`. NULL and a sentence on failure
 * (another run is live, no data, impossible settings). */
LwRunItem *lw_workbench_train (LwWorkbench *self, GError **error);
/* The same, but the run rests after its first step. */
LwRunItem *lw_workbench_train_one_step (LwWorkbench *self, GError **error);
/* Goes on with a saved run for `more_epochs` epochs: reads it on a thread, then `run-started` with
 * the item that takes its place, or `complained`. False and a sentence when it cannot be now. */
bool lw_workbench_continue (LwWorkbench *self, LwRunItem *run, int more_epochs, GError **error);
/* The one that trains here, or NULL. It stays so until the tick that shows its end. */
LwRunItem *lw_workbench_live_run (LwWorkbench *self);
/* Syncs the live run; the window calls it once a frame while there is one. Emits `run-ended`. */
void lw_workbench_tick (LwWorkbench *self);
/* The window goes: stops and saves what still trains, and waits for that; starts nothing more. */
void lw_workbench_close (LwWorkbench *self);

G_END_DECLS
