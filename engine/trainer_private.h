/* What the trainer's files share. Not for anybody else.
 *
 *   trainer.c        the public functions: commands in, state out
 *   trainer_new.c    a new run: checks, folder, lock
 *   trainer_resume.c one that was begun before: resumed, or repeated from its beginning
 *   trainer_thread.c the thread: session, loaders and files, from its start to its end
 *   trainer_loop.c   steps, epochs and tests, and the commands between them
 *   trainer_change.c settings that change while it runs
 *   trainer_shared.c what it says to other processes that train with it
 *   trainer_save.c   metrics, checkpoints, run.json
 *   trainer_watch.c  live views
 *   trainer_statistics.c  batch-normalization statistics */
#pragma once

#include "engine/bn_history.h"
#include "engine/checkpoint.h"
#include "engine/data/loader.h"
#include "engine/metrics.h"
#include "engine/probe.h"
#include "engine/record_private.h"
#include "engine/run_record.h"
#include "engine/trainer.h"
#include "engine/trainer_shared.h"

#include <pthread.h>

G_BEGIN_DECLS

typedef enum { LW_GOAL_REST, LW_GOAL_RUN, LW_GOAL_STEP } LwGoal;

/* A single look at the session between two steps. */
typedef struct LwVisit {
  struct LwVisit *next;
  LwTrainerVisit see;
  void *data;
} LwVisit;

typedef struct LwWatch {
  struct LwWatch *next;
  LwProbe *probe;
  LwNodeId node;  /* LW_NO_NODE: class probabilities */
  bool gradients; /* norms of gradients instead of an image's values */
  /* More than one thing; NULL: not that. */
  struct LwWatchedMoment *moment;
  float *image; /* NULL for gradients */
  gint64 interval_us;
  bool dead;           /* under the lock; the thread frees it */
  gint64 due_us;       /* the thread's */
  int64_t served_step; /* the thread's; −1: never */
} LwWatch;

/* A step that the device has been given. */
typedef struct {
  int64_t number; /* from 1; 0: there is none */
  double rate;
  bool statistics; /* of its batch are recorded */
  gint64 begin_us;
  LwBatch batch;        /* the loader's: until the next one is begun */
  LwBatchResult result; /* once it is known */
} LwBegunStep;

struct LwTrainer {
  /* Set when it is made; then read by any thread. */
  LwSettings *settings;
  LwGraph *graph;
  const LwBackend *backend;
  int device_index;
  LwDataset *dataset;
  char *folder;
  bool made_folder, resumed;
  LwRunLog *log;
  LwCollective *collective; /* or NULL */
  LwBnHistory *history;     /* or NULL */
  LwRecords *records;
  int64_t total_steps, steps_per_epoch;
  int64_t last_step; /* stops by itself after that; 0: at its end */
  int32_t threads;   /* of the processor */
  int32_t train_examples, test_examples;
  pthread_t thread;

  /* Under `lock`; `changed` is signalled after each change. */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  LwRunState state;
  LwGoal goal;
  bool stop, quit;
  int stops; /* how often that was commanded */
  bool background;
  unsigned changed_live; /* bit i: live[i] was asked for and is not in the position yet */
  double live[LW_N_LIVE];
  char *message;
  char *unkept; /* the thread's: what could not be written beside the last checkpoint, and why */
  LwWatch *watches;
  gint64 serve_from_us; /* the thread's: not before, while it trains */
  LwVisit *visits;
  GArray *init_fates; /* lw_trainer_init_fates */

  pthread_mutex_t wake_lock;
  void (*wake) (void *data);
  void *wake_data;

  /* The thread's own after creation. */
  int lock_fd;
  LwRunRecord record;        /* what run.json says */
  LwTensorFile *resume_file; /* the checkpoint to go on from, or NULL */
  LwSession *session;
  LwLoader *train_loader, *test_loader;
  LwMetrics *metrics;
  LwPosition position;
  GArray *replay;                       /* of LwEvent: changes of the log after the checkpoint, */
  guint replayed;                       /*   of which so many were repeated; or NULL */
  bool stopped_early;                   /* patience is at an end */
  int64_t saved_step, saved_events;     /* of the newest checkpoint; −1 */
  double speed_examples, speed_seconds; /* for a smoothed rate */
  float *statistics;                    /* [2][largest batch normalization's channels] */
  int64_t statistics_every;             /* steps; 0: each */
  double statistics_s, stepping_s;      /* what they took of late, and what the steps took */
  float *test_logits;                   /* [test batch][classes], when a record reads them */
  bool has_workers;                     /* other processes wait for its orders */
  LwBegunStep begun;                    /* of which the result was not read */
  LwWatch *asked;                       /* of which the frame is to come, */
  LwProbeFrame *asked_frame;            /*   this one */
  gint64 asked_us;                      /*   after so long to ask for it */
  gint64 finished_us;                   /* when the last result was read */
  bool stepped;                         /* a step was made since the last rest */
  bool has_gradients;                   /* a step was made since it began */
  bool given_up;                        /* nobody waits for room on its disk any more */
  bool began;                           /* its files are open or were */
};

/* trainer.c */
void lw_trainer_dispose (LwTrainer *trainer); /* one without a thread */
/* On the thread, under no lock. Also wakes the program. */
void lw_trainer_set_state (LwTrainer *trainer, LwRunState state);
/* The run's message from now on; takes it. */
void lw_trainer_say (LwTrainer *trainer, char *message);

/* trainer_new.c */
/* Everything but folder, log and thread. Takes ownership of `settings`. */
LwTrainer *lw_trainer_prepare (LwSettings *settings, const LwBackend *const *backends,
                               LwCollective *collective, const char *device, LwDataset *dataset,
                               GError **error);
bool lw_trainer_check_init (const LwTrainer *trainer, GError **error);
/* The parts of run.json that stay. */
void lw_trainer_fill_record (LwTrainer *trainer);
/* Makes a new run's folder, then launches it. These two free the trainer on failure. */
LwTrainer *lw_trainer_begin_folder (LwTrainer *trainer, const char *output, GError **error);
LwTrainer *lw_trainer_launch (LwTrainer *trainer, GError **error);

/* trainer_thread.c */
/* In the run's folder, where it began with the weights of another file. */
#define LW_INITIAL_WEIGHTS "initial.safetensors"
void *lw_trainer_thread (void *data);

/* How a part of the run came out, where it did not fail. */
typedef enum { LW_GOES_ON, LW_IS_STOPPED, LW_HAS_DIVERGED } LwTrainerOutcome;

/* trainer_loop.c */
LwEvent lw_trainer_event (const LwTrainer *trainer, LwEventKind kind);
double lw_trainer_rate (const LwTrainer *trainer); /* of the step to come */
/* From where it stands to its end; LW_GOES_ON: all steps are done. */
bool lw_trainer_run (LwTrainer *trainer, LwTrainerOutcome *ret_outcome, GError **error);
bool lw_trainer_save_or_diverge (LwTrainer *trainer, LwTrainerOutcome *ret_outcome, GError **error);
/* After something failed: reads the result of a step that was begun before. Whether the session is
 * then as it was after the position's step. */
bool lw_trainer_settle (LwTrainer *trainer);

/* trainer_change.c: all on the thread. */
void lw_trainer_begin_live (LwTrainer *trainer); /* from the position; before the thread */
/* Repeats what the log says was changed before the step to come. */
bool lw_trainer_replay (LwTrainer *trainer, GError **error);
/* What of that is still to come: LW_EVENT_SETTING, g_array_unref; NULL: nothing. */
GArray *lw_trainer_changes_to_come (const LwTrainer *trainer);
/* Whether it says so of the time between step `step` and the next. */
bool lw_trainer_replays (const LwTrainer *trainer, int64_t step);
/* Under the lock: takes over what was asked for; returns which. */
unsigned lw_trainer_take_changes (LwTrainer *trainer, double ret_live[LW_N_LIVE]);
/* Under no lock: makes and logs them. */
bool lw_trainer_make_changes (LwTrainer *trainer, unsigned changed, const double live[LW_N_LIVE],
                              GError **error);

/* trainer_shared.c: all of these do nothing without other processes. What they train, before the
 * session is made, and whether they can; then what all do next; the end, after a failure with it.
 */
bool lw_trainer_give_job (LwTrainer *trainer, bool momentum, GError **error);
bool lw_trainer_order (LwTrainer *trainer, LwOrderKind kind, int32_t batch, GError **error);
bool lw_trainer_order_step (LwTrainer *trainer, int64_t number, const LwStepSettings *settings,
                            bool follows, GError **error);
/* False: without a failure before, one of them is gone. */
bool lw_trainer_end_job (LwTrainer *trainer, const GError *failure, GError **error);

/* trainer_save.c */
/* Something that writes files, and may be done again when it failed. */
typedef bool (*LwTrainerWriting) (LwTrainer *trainer, const void *data, GError **error);
/* False: the folder is another's now, or nowhere. */
bool lw_trainer_has_folder (const LwTrainer *trainer, GError **error);
/* Calls `write`, unless the folder is lost. While a disk is full, the run rests as PAUSED with a
 * message that says so, and tries again now and then, and with each command; a stop meanwhile, or
 * the trainer's end, gives up. Between two steps, or with another one begun. */
bool
lw_trainer_write (LwTrainer *trainer, LwTrainerWriting write, const void *data, GError **error);
/* These wait so, but the last. */
bool lw_trainer_open_files (LwTrainer *trainer, GError **error);
bool lw_trainer_flush (LwTrainer *trainer, bool durable, GError **error);
bool lw_trainer_log_event (LwTrainer *trainer, const LwEvent *event, GError **error);
/* `ret_finite` false: the weights are broken and nothing was written. */
bool lw_trainer_save (LwTrainer *trainer, bool *ret_finite, GError **error);
/* run.json alone. */
bool lw_trainer_write_state (LwTrainer *trainer, LwRunState state, GError **error);
bool lw_trainer_write_record (LwTrainer *trainer, LwRunState state, GError **error);

/* trainer_watch.c: on the thread, between steps. */
bool lw_trainer_serve_watches (LwTrainer *trainer, bool at_rest, GError **error);
/* Under the lock: whether a watch has not seen the present weights. */
bool lw_trainer_has_unserved (const LwTrainer *trainer);
/* Where the device runs ahead: serves a watch that is due without waiting, as things are after the
 * begun step; its frame is published when that step is finished and the next one runs. */
bool lw_trainer_ask (LwTrainer *trainer, GError **error);
bool lw_trainer_answer (LwTrainer *trainer, int64_t step, GError **error);
/* Under the lock: whether a visit, or a watch that cannot be served so, waits. */
bool lw_trainer_is_watched (const LwTrainer *trainer);
void lw_trainer_free_watches (LwTrainer *trainer);
/* Under no lock: visits that nobody will receive are told so. */
void lw_trainer_drop_visits (LwTrainer *trainer);

/* trainer_statistics.c */
/* Whether the batch-normalization statistics of step `step` are recorded; the hook that reads the
 * batch's where the device does not run ahead, and the rest. */
bool lw_trainer_wants_statistics (const LwTrainer *trainer, int64_t step);
bool lw_trainer_batch_hook (LwSession *session, const LwStep *step, bool backward, void *data,
                            GError **error);
bool lw_trainer_record_statistics (LwTrainer *trainer, GError **error);
/* A step took `seconds`: recording becomes rarer where it takes more than a hundredth of them. */
void lw_trainer_pace_statistics (LwTrainer *trainer, double seconds);

static inline double
lw_trainer_epoch (const LwTrainer *trainer)
{
  return (double)trainer->position.step / (double)trainer->steps_per_epoch;
}

G_END_DECLS
