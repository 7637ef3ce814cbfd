/* LwRunItem: one run as the window sees it: a live trainer, or a folder read back. It turns the run
 * log into chart series and short texts. Properties that widgets bind: `title`, `subtitle`,
 * `status`, `status-detail`, `progress` (0 to 1), `running`, `state` (LwRunState), `starred`.
 * Signals `notes-changed` (what a person keeps with it) and `notes-lost` (a sentence: they could
 * not be written and are as before), `synced`: new events have arrived (at most once a frame). Main
 * thread only. */
#pragma once

#include "engine/run.h"
#include "engine/trainer.h"
#include "ui/draw/series.h"
#include "ui/followed-run.h"
#include <glib-object.h>

G_BEGIN_DECLS

#define LW_TYPE_RUN_ITEM (lw_run_item_get_type ())
G_DECLARE_FINAL_TYPE (LwRunItem, lw_run_item, LW, RUN_ITEM, GObject)

/* Takes ownership of the trainer. */
LwRunItem *lw_run_item_new_live (LwTrainer *trainer);
/* Takes ownership of the run. Any thread, as long as the item is used by one at a time. */
LwRunItem *lw_run_item_new_saved (LwRun *run);

/* Reads the log from where the last call ended; emits `synced` when there was something new. The
 * window calls it once a frame while the run is live. */
void lw_run_item_sync (LwRunItem *self);

/* NULL for a run that this program does not train (any more). */
LwTrainer *lw_run_item_trainer (LwRunItem *self);
/* After the end of a training was synced: lets go of the trainer, whose thread and memory go away
 * in the background, and keeps what it showed. */
void lw_run_item_retire (LwRunItem *self);
/* Stops and saves a training and waits for that, which may take as long as a step and a checkpoint;
 * then retires it. */
void lw_run_item_close (LwRunItem *self);

/* A saved run that another program trains: what was seen of its state. Takes effect with the next
 * sync, which also reads what was appended to the log since. */
void lw_run_item_see_state (LwRunItem *self, LwRunState state, const char *message);

LwRunState lw_run_item_state (LwRunItem *self);
/* Starting, running or paused here, as far as the last sync saw. */
bool lw_run_item_is_live (LwRunItem *self);
/* Starting, running or paused, but in another program: nothing here can pause or stop it. */
bool lw_run_item_is_elsewhere (LwRunItem *self);
/* A run on another machine, whose folder here is a mirror: what is followed there, NULL for all
 * others. Nothing of it can be changed here: notes and colours are only shown. Signal
 * `files-changed`: other files than its curves' came. */
void lw_run_item_set_followed (LwRunItem *self, LwFollowedRun *followed);
LwFollowedRun *lw_run_item_followed (LwRunItem *self);
/* Somebody looks at its weights: of one that is followed large ones are fetched then. */
void lw_run_item_want_weights (LwRunItem *self);
/* The runs that it was started with; its id is NULL for none. Valid as long as the item. */
const LwRunGroup *lw_run_item_group (LwRunItem *self);
int64_t lw_run_item_started (LwRunItem *self); /* seconds since 1970; 0: not known */
const LwSettings *lw_run_item_settings (LwRunItem *self);
LwGraph *lw_run_item_graph (LwRunItem *self);
const char *lw_run_item_folder (LwRunItem *self);
/* The name that a person gave it, else its network. */
const char *lw_run_item_title (LwRunItem *self);
const char *lw_run_item_network (LwRunItem *self);
const LwRunNotes *lw_run_item_notes (LwRunItem *self); /* until they change */
/* Shown at once, written on a thread. */
void lw_run_item_set_notes (LwRunItem *self, const LwRunNotes *notes);
/* The same, but that they cannot be written is no news: nobody asked for them. */
void lw_run_item_set_look (LwRunItem *self, int colour, int dash);
/* What a person chose in a legend: the run's colour, wherever it is drawn; or that of its test's
 * curves, on its own. */
void lw_run_item_choose_colour (LwRunItem *self, int colour);
void lw_run_item_choose_test_colour (LwRunItem *self, int colour);
/* Waits until they are in their file. */
void lw_run_item_flush_notes (LwRunItem *self);
/* Bytes on the device while it trained; 0: not known. */
int64_t lw_run_item_peak_memory (LwRunItem *self);
/* Of its network, counted once. */
int64_t lw_run_item_parameters (LwRunItem *self);
int64_t lw_run_item_macs (LwRunItem *self); /* of one image */
const char *lw_run_item_device (LwRunItem *self);
/* By which algorithms its layers are computed; NULL: not known, or not yet. */
const LwAlgorithmList *lw_run_item_algorithms (LwRunItem *self);
/* Why it failed, or what to try after it diverged; NULL else. */
const char *lw_run_item_message (LwRunItem *self);
/* NULL: none, or not yet: a saved run's is read on a thread, and `synced` says when it is there.
 * Valid until the main loop turns. */
LwBnHistory *lw_run_item_bn_history (LwRunItem *self);
/* Frees a saved run's statistics, megabytes for a large network, until they are asked for again. */
void lw_run_item_forget_bn_history (LwRunItem *self);
/* What the training kept beside its curves (engine/record.h). NULL while a saved run's are read, on
 * a thread; `synced` says when they are there. Valid until the main loop turns: ref to keep. */
LwRecords *lw_run_item_records (LwRunItem *self);
/* Frees a saved run's, until they are asked for again. */
void lw_run_item_forget_records (LwRunItem *self);
LwRunLog *lw_run_item_log (LwRunItem *self);
/* The changed settings so far (LW_EVENT_SETTING), oldest first; valid until the next sync. */
const LwEvent *lw_run_item_changes (LwRunItem *self, guint *ret_n);

/* A setting as the run has it now, or had it at its end. */
double lw_run_item_live (LwRunItem *self, LwLiveSetting setting);

/* The newest step event's numbers; zeros before the first. */
typedef struct {
  int64_t step, total_steps, steps_per_epoch;
  double epoch;
  int32_t epochs;
  double elapsed_s;   /* in steps: without tests and pauses */
  double remaining_s; /* with the tests to come; negative when unknown */
  float loss, accuracy, learning_rate, examples_per_second;
  int32_t best_epoch; /* 0: none */
  float best_test_accuracy;
  float test_accuracy; /* the last; 0 before the first test */
  bool stopped_early;  /* its patience came to an end */
  bool testing;        /* an epoch's steps are done, its test is not */
} LwRunProgress;
LwRunProgress lw_run_item_progress (LwRunItem *self);

/* The epoch at which it ends when it goes on for `more` epochs from where it stands: not before it
 * was to end anyway. */
int lw_run_item_end_after (LwRunItem *self, int more);

/* x of the training series: epochs (fractional); test series: one point an epoch. */
typedef enum {
  LW_CURVE_TRAIN_LOSS,
  LW_CURVE_TRAIN_ACCURACY,
  LW_CURVE_TEST_LOSS,
  LW_CURVE_TEST_ACCURACY,
  LW_N_CURVES
} LwCurve;
LwSeries *lw_run_item_series (LwRunItem *self, LwCurve curve);

G_END_DECLS
