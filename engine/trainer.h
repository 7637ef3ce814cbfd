/* LwTrainer: one training run on a thread of its own. The program starts, pauses, steps and stops
 * it and reads the run log and probes; the trainer calls nobody back except `wake`, which says that
 * the state changed. What training means is the book's train_ch6: plain SGD, softmax cross-entropy,
 * train figures as running means over the epoch, test accuracy after each epoch.
 *
 *   settings → lw_trainer_new → lw_trainer_start → … run log … → state FINISHED → lw_trainer_free
 *
 * Threads: free by the last that uses it; all others from any thread, they return at once (except
 * lw_trainer_join). Pause, step and stop take effect within one optimizer step, and one more where
 * the device runs ahead (session.h); during the test pass within one batch. */
#pragma once

#include "engine/data/dataset.h"
#include "engine/live_setting.h"
#include "engine/probe.h"
#include "engine/record.h"
#include "engine/run_group.h"
#include "engine/run_log.h"
#include "engine/session.h"
#include "engine/settings.h"

G_BEGIN_DECLS

typedef struct LwTrainer LwTrainer;

/* A new run in a new folder: `output`, which must not exist or be empty; NULL: a fresh folder under
 * $XDG_DATA_HOME/layerwise/runs. `backends`: NULL-terminated, best first; "auto" takes the first
 * that works. Checks everything cheap (shapes, classes against data, memory) and creates the
 * folder; weights and device are made on the trainer's thread. Copies the settings. */
LwTrainer *lw_trainer_new (const LwSettings *settings, const LwBackend *const *backends,
                           LwDataset *dataset, const char *output, GError **error);
/* Goes on with a run where its last checkpoint stands, with its own settings; `epochs` and `steps`
 * raise those (0: as they were). Events after the checkpoint are dropped from the log. A run that
 * was stopped early stays so, unless one is given: its patience then counts from there. */
LwTrainer *lw_trainer_resume (const char *run_folder, const LwBackend *const *backends,
                              LwDataset *dataset, int32_t epochs, int64_t steps, GError **error);
/* A new run that does what another one did from its beginning: its settings, its backend and number
 * of threads, its layers' algorithms, its initial weights (also those of a file that is gone), and
 * what was changed while it ran; one that was stopped ends where that was. `device` (NULL) and
 * `threads` (0): others than its own; its bits are others then. `output`: as of lw_trainer_new. */
LwTrainer *
lw_trainer_repeat (const char *run_folder, const LwBackend *const *backends, LwDataset *dataset,
                   const char *output, const char *device, int32_t threads, GError **error);
/* The same three as process 0 of several that share each batch, while the others run
 * lw_worker_run (worker.h); NULL: alone. The collective is borrowed and outlives the trainer, whose
 * thread uses it from lw_trainer_start on. A run may be resumed by another number of processes:
 * sums are added up in another order then. */
LwTrainer *lw_trainer_new_shared (const LwSettings *settings, const LwBackend *const *backends,
                                  LwCollective *collective, LwDataset *dataset, const char *output,
                                  GError **error);
LwTrainer *lw_trainer_resume_shared (const char *run_folder, const LwBackend *const *backends,
                                     LwCollective *collective, LwDataset *dataset, int32_t epochs,
                                     int64_t steps, GError **error);
LwTrainer *
lw_trainer_repeat_shared (const char *run_folder, const LwBackend *const *backends,
                          LwCollective *collective, LwDataset *dataset, const char *output,
                          const char *device, int32_t threads, GError **error);
void lw_trainer_free (LwTrainer *trainer); /* stops, saves and joins first */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTrainer, lw_trainer_free)

/* Before the start: the runs that it belongs to (copied), for run.json. A resumed run is in its
 * group again without. */
void lw_trainer_set_group (LwTrainer *trainer, const LwRunGroup *group);
const LwRunGroup *lw_trainer_group (const LwTrainer *trainer);
/* Before the start: its threads give way to the program's others (engine/priority.h). */
void lw_trainer_set_background (LwTrainer *trainer, bool background);
void lw_trainer_start (LwTrainer *trainer); /* also: goes on after a pause */
void lw_trainer_pause (LwTrainer *trainer);
void lw_trainer_step (LwTrainer *trainer); /* one optimizer step, then paused */
/* Writes a checkpoint, then STOPPED. While a disk is full this waits for room as all does: the
 * state is PAUSED then, and the message says why. Every command tries again at once; a stop while
 * it waits gives up, and the run fails, with its checkpoints whole. */
void lw_trainer_stop (LwTrainer *trainer);
void lw_trainer_join (LwTrainer *trainer); /* waits for the end */
LwRunState lw_trainer_state (const LwTrainer *trainer);
/* Why it FAILED, while PAUSED why without being asked to, what to try after DIVERGED, or what of
 * its views could not be kept; NULL else. g_free. */
char *lw_trainer_message (LwTrainer *trainer);
/* `wake` runs on the trainer's thread after each change of state; must only post. */
void lw_trainer_set_wake (LwTrainer *trainer, void (*wake) (void *data), void *data);

/* What became of the tensors of init_partial, since the START event: elements are LwPartialTensor
 * (partial_load.h), never changed; NULL: nothing was loaded so. g_array_unref. */
GArray *lw_trainer_init_fates (LwTrainer *trainer);

LwRunLog *lw_trainer_log (const LwTrainer *trainer);
const LwSettings *lw_trainer_settings (const LwTrainer *trainer);
LwGraph *lw_trainer_graph (const LwTrainer *trainer);
const char *lw_trainer_folder (const LwTrainer *trainer);
const char *lw_trainer_device_name (const LwTrainer *trainer); /* "reference" */
int64_t lw_trainer_total_steps (const LwTrainer *trainer);
int64_t lw_trainer_steps_per_epoch (const LwTrainer *trainer);
/* Bytes that it takes on its device: tensors, optimizer and arena. 0 before it has begun. */
int64_t lw_trainer_peak_memory (LwTrainer *trainer);

/* Changes a setting of the steps to come: logged as LW_EVENT_SETTING with the step after which it
 * holds. A resumed run repeats the changes that its log holds, at the same steps, also those after
 * the checkpoint, until somebody changes another. False and a sentence for what this run cannot
 * have (a momentum for Adam).
 *
 * A momentum that is raised from 0 begins with a copy of zeros, taken then, and one set to 0 is
 * forgotten, so a momentum always begins from rest. Without memory for it the run is saved and
 * fails. A schedule takes the place of the other for the rest of the run, as if it had been there
 * from the beginning. */
bool lw_trainer_change (LwTrainer *trainer, LwLiveSetting setting, double value, GError **error);
/* As it will be after the next step: what was asked for last. */
double lw_trainer_live (const LwTrainer *trainer, LwLiveSetting setting);
/* lw_trainer_change of the base rate; nothing for a rate that cannot be. */
void lw_trainer_set_learning_rate (LwTrainer *trainer, double learning_rate);

/* Live views. An activation probe holds layer `node`'s output for one image ([C][H][W] of the
 * network's input, copied), in evaluation mode, renewed at most every `interval_ms` and once when
 * the run pauses or ends; it also works before the first step (initial weights). Unwatch before
 * unref. This one and those below are NULL where there is not enough memory; the training goes on.
 */
LwProbe *lw_trainer_watch_activation (LwTrainer *trainer, LwNodeId node, const float *image,
                                      int32_t interval_ms);
/* Class probabilities of the same kind, [classes]. */
LwProbe *lw_trainer_watch_prediction (LwTrainer *trainer, const float *image, int32_t interval_ms);
/* Several at one moment, from one pass: the outputs of `nodes` for the image, one after the other,
 * then `parts` of float32 tensors of the graph, then class probabilities. */
LwProbe *lw_trainer_watch_moment (LwTrainer *trainer, const LwNodeId *nodes, int32_t n_nodes,
                                  const LwTensorPart *parts, int32_t n_parts, const float *image,
                                  int32_t interval_ms);
/* [nodes]: for each layer the sum of squares of the last step's gradients of its parameters, 0
 * where it has none: roots are norms, and sums over layers are norms of blocks. Costs nothing
 * unless watched; then the gradients are copied at most every `interval_ms`, in a small share of
 * the time. The first frame follows the first step. */
LwProbe *lw_trainer_watch_gradients (LwTrainer *trainer, int32_t interval_ms);
/* NULL when the network has no batch normalization; lives as long as the trainer. */
struct LwBnHistory *lw_trainer_bn_history (const LwTrainer *trainer);
/* After the end: the same, for the caller to keep (lw_bn_history_free); the trainer has none then.
 */
struct LwBnHistory *lw_trainer_take_bn_history (LwTrainer *trainer);
void lw_trainer_unwatch (LwTrainer *trainer, LwProbe *probe);
/* Calls `see` once, on the trainer's thread: between two steps, or soon when it rests, with the
 * session as it is after `step` steps; it may read the session but must leave it as it is, and
 * keeps the training waiting meanwhile. With NULL when the trainer goes before, or has no session.
 */
typedef void (*LwTrainerVisit) (LwSession *session, int64_t step, void *data);
void lw_trainer_visit (LwTrainer *trainer, LwTrainerVisit see, void *data);
/* What it keeps beside its curves (record.h); lives as long as the trainer, or a reference. */
LwRecords *lw_trainer_records (const LwTrainer *trainer);

G_END_DECLS
