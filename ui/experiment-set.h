/* LwExperimentSet: which experiments have been run, are running, or wait: the model behind the
 * experiments' list and page. Their runs go through the queue as a group; which runs are whose is
 * kept in experiments.json (engine/experiment_file.h), so that results are there again after a
 * restart; an experiment whose runs' folders are gone has not been done.
 *
 * Signals: `changed` (what has been done, is running or waits; numbers of ended runs), `advanced`
 * (a few times a second while one runs). Main thread. */
#pragma once

#include "engine/experiment_study.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_EXPERIMENT_SET (lw_experiment_set_get_type ())
G_DECLARE_FINAL_TYPE (LwExperimentSet, lw_experiment_set, LW, EXPERIMENT_SET, GObject)

LwExperimentSet *lw_experiment_set_new (LwWorkbench *workbench);
LwWorkbench *lw_experiment_set_workbench (LwExperimentSet *self);

typedef enum {
  LW_EXPERIMENT_NEW,     /* nothing of it is there */
  LW_EXPERIMENT_WAITING, /* in the queue, none of it trains */
  LW_EXPERIMENT_RUNNING,
  LW_EXPERIMENT_STUDYING, /* all trained; the networks are being looked at */
  LW_EXPERIMENT_DONE,
  LW_EXPERIMENT_PARTLY, /* stopped, or one could not be trained */
} LwExperimentState;

typedef struct {
  LwExperimentState state;
  int current;         /* the run that trains, from 1 */
  double fraction;     /* 0 to 1 */
  double remaining_s;  /* negative: not known */
  double train_s;      /* that its runs took, so far */
  const char *message; /* why the networks could not be looked at, or NULL; until `changed` */
} LwExperimentProgress;

LwExperimentProgress
lw_experiment_set_progress (LwExperimentSet *self, const LwExperiment *experiment,
                            LwExperimentSize size);

/* Queues its runs; false and a sentence when they cannot be. */
bool lw_experiment_set_start (LwExperimentSet *self, const LwExperiment *experiment,
                              LwExperimentSize size, GError **error);
/* Away with what waits; what trains is stopped and saved. */
void lw_experiment_set_stop (LwExperimentSet *self, const LwExperiment *experiment,
                             LwExperimentSize size);

/* One of its runs, or NULL: it has not begun, or is gone. */
LwRunItem *lw_experiment_set_run (LwExperimentSet *self, const LwExperiment *experiment,
                                  LwExperimentSize size, int run);
/* [n_runs] as they are now. */
void lw_experiment_set_numbers (LwExperimentSet *self, const LwExperiment *experiment,
                                LwExperimentSize size, LwNumbers *ret_numbers);
/* The first layer's filters, for experiments that show them; NULL: not read (yet). Until `changed`.
 */
const LwFilters *lw_experiment_set_filters (LwExperimentSet *self, const LwExperiment *experiment,
                                            LwExperimentSize size);
/* The settings that a run would have, with the workbench's data and device; the caller frees. */
LwSettings *lw_experiment_set_settings (LwExperimentSet *self, const LwExperiment *experiment,
                                        LwExperimentSize size, int run, GError **error);
/* For tests: changes to all runs from now on, "epochs=1 limit-train=64". */
void lw_experiment_set_limit (LwExperimentSet *self, const char *changes);

/* Length of each layer's gradient, the median over the run; false: not known (yet). Arrays are
 * g_free'd by the caller; `ret_layers`: nodes of the run's graph. */
bool lw_run_gradients (LwRunItem *run, LwNodeId **ret_layers, double **ret_norms, int *ret_n);

G_END_DECLS
