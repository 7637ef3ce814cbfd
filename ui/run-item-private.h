/* What the files of LwRunItem share. */
#pragma once

#include "ui/run-item.h"

#include "engine/run_record.h"

G_BEGIN_DECLS

struct _LwRunItem {
  GObject parent;
  LwTrainer *trainer;     /* while this program trains it */
  LwBnHistory *history;   /* when it does not, and somebody asked */
  bool history_asked_for; /* it is being read, or there is none */
  LwRecords *records;     /* of the trainer, or read */
  bool records_asked_for;
  LwSettings *settings;
  LwGraph *graph;
  LwRunLog *log;
  LwAlgorithmList *algorithms; /* of run.json; NULL: not read yet */
  char *folder, *title, *device, *message;
  LwRunGroup group;
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

G_END_DECLS
