/* LwRunLog: the append-only list of what happened in a run. One writer (the trainer), any number of
 * readers at any time, no lock: an event below lw_run_log_length never changes or moves. The
 * charts, the command line, metrics.csv and every training test read the same log. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef enum {
  LW_EVENT_START,   /* step: the step it starts after (0, or a resumed run's) */
  LW_EVENT_STEP,    /* one optimizer step: this batch's means, computed before the update */
  LW_EVENT_EPOCH,   /* train: means over the epoch while training; test: after it */
  LW_EVENT_SETTING, /* a setting changed while running: of the steps after `step` */
  LW_EVENT_END,
} LwEventKind;

typedef enum {
  LW_RUN_READY,
  LW_RUN_STARTING,
  LW_RUN_RUNNING,
  LW_RUN_PAUSED,
  LW_RUN_FINISHED,
  LW_RUN_STOPPED,
  LW_RUN_DIVERGED,
  LW_RUN_FAILED
} LwRunState;

/* What a running training takes (live_setting.h). */
typedef enum {
  LW_LIVE_LEARNING_RATE, /* the base rate, before the schedule */
  LW_LIVE_MOMENTUM,
  LW_LIVE_WEIGHT_DECAY,
  LW_LIVE_SCHEDULE, /* an LwScheduleKind */
  LW_N_LIVE
} LwLiveSetting;

typedef struct {
  LwEventKind kind;
  LwRunState state;     /* END: FINISHED, STOPPED, DIVERGED or FAILED */
  int64_t step;         /* optimizer steps done, from 1 over the whole run */
  double epoch;         /* epochs done, fractional */
  double time_s;        /* training time since the run's first start, pauses and tests excluded */
  float loss, accuracy; /* STEP: the batch; EPOCH: train */
  float test_loss, test_accuracy; /* EPOCH */
  float learning_rate;            /* of the step; SETTING: the base rate */
  float examples_per_second;
  float seconds;         /* EPOCH: its training time */
  bool stopped_early;    /* END: FINISHED before its last step, because patience was at an end */
  LwLiveSetting setting; /* SETTING: which, */
  double value;          /*   what it is now, */
  double previous;       /*   what it was; NaN: not known */
} LwEvent;

typedef struct LwRunLog LwRunLog;

LwRunLog *lw_run_log_new (void);
LwRunLog *lw_run_log_ref (LwRunLog *log);
void lw_run_log_unref (LwRunLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRunLog, lw_run_log_unref)

/* From now on all but the newest 65,536 events may leave the memory, into a file without a name in
 * `folder`; where there can be none, they stay. The writer's thread, or before there is one. */
void lw_run_log_spill (LwRunLog *log, const char *folder);
/* The writer's thread. Whether there is memory for so many further events, of which a file of
 * gigabytes may have more than it has bytes; few are not worth asking for. */
bool lw_run_log_has_room (const LwRunLog *log, int64_t events);
/* The writer's thread only. Allocates once per 1,024 events. */
void lw_run_log_append (LwRunLog *log, const LwEvent *event);
/* Any thread. */
int64_t lw_run_log_length (const LwRunLog *log);
/* Any thread; index < a length that this thread has read. */
const LwEvent *lw_run_log_get (const LwRunLog *log, int64_t index);

G_END_DECLS
