/* What the files of LwRunItem share. */
#pragma once

#include "ui/run-item.h"

#include "engine/run_record.h"

G_BEGIN_DECLS

struct _LwRunItem {
  GObject parent;
  LwTrainer *trainer;      /* while this program trains it */
  LwFollowedRun *followed; /* on another machine, or NULL */
  int64_t files_seen;      /* of it: its state's number */
  LwBnHistory *history;    /* when it does not, and somebody asked */
  bool history_asked_for;  /* it is being read, or there is none */
  LwRecords *records;      /* of the trainer, or read */
  bool records_asked_for;
  LwSettings *settings;
  LwGraph *graph;
  LwRunLog *log;
  LwAlgorithmList *algorithms; /* of run.json; NULL: not read yet */
  char *folder, *title, *device, *message;
  LwRunGroup group;
  char *network;             /* the title without a name of its own */
  LwRunNotes notes, written; /* as shown, and as last written */
  bool writing, asked;       /* a thread writes notes; a person changed them since it began */
  GMutex notes_lock;         /* who writes the file */
  bool notes_flushed;        /* the thread comes too late */
  int64_t peak_memory;
  int64_t parameters, macs; /* −1: not counted yet */
  int64_t started_unix;
  LwRunState seen_state; /* without a trainer: what the next sync shows */

  int64_t cursor;  /* events read so far */
  GArray *changes; /* LwEvent */
  LwSeries *series[LW_N_CURVES];
  LwRunProgress progress;
  LwRunState state;
  gint64 test_begin_us; /* 0: none is timed */
  double test_s;        /* what the last test took */
  char *subtitle, *status, *status_detail;
};

/* run-item.c: title and `notes` are others now. */
void lw_run_item_notes_changed (LwRunItem *self);

/* What was read of the run's folder and is another there now is read again. */
void lw_run_item_reread (LwRunItem *self);

G_END_DECLS
