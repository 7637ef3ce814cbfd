/* What the files of LwExperimentSet share. */
#pragma once

#include "engine/experiment_file.h"
#include "ui/experiment-set.h"
#include "ui/queue-writer.h"

G_BEGIN_DECLS

typedef enum { LW_NOT_STUDIED, LW_STUDYING, LW_STUDIED, LW_NOT_STUDIABLE } LwStudied;

typedef struct {
  LwExperimentResult *result; /* NULL: never started */
  bool ours;                  /* this program starts its runs; else as the file has it */
  LwStudied studied;
  LwNumbers study; /* of run 0 */
  LwFilters *filters;
  char *message;
  guint serial; /* of the study that goes on */
} LwExperimentSlot;

struct _LwExperimentSet {
  GObject parent;
  LwWorkbench *workbench;  /* borrowed: it lives longer */
  LwExperimentSlot *slots; /* [experiments][sizes] */
  LwQueueWriter *writer;
  GCancellable *gone;
  char *limit;
  guint advance_id, serial;
};

/* What is known of an experiment at a size; of one of its runs (NULL: not there). */
LwExperimentSlot *
lw_experiment_slot (LwExperimentSet *self, const LwExperiment *experiment, LwExperimentSize size);
LwRunItem *lw_experiment_slot_run (LwExperimentSet *self, const LwExperimentSlot *slot, int run);

G_END_DECLS
