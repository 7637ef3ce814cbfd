/* LwExperiment: a question of the book's chapters that a few short trainings answer: their
 * settings, what is measured, and the answer, which the numbers choose. The table is constant; the
 * functions are pure and of any thread.
 *
 *   lw_experiment_find ("bn-faster") → lw_experiment_settings (…, run) … train …
 *     → lw_experiment_measure of each log → lw_experiment_answer
 *
 * Phrases are in the engine's own words; `translate` (gettext, or NULL) turns them into the
 * program's language before numbers are put in. */
#pragma once

#include "engine/run_log.h"
#include "engine/settings.h"

G_BEGIN_DECLS

#define LW_EXPERIMENT_RUNS 5 /* at most so many trainings */
#define LW_EXPERIMENT_ROWS 9
#define LW_EXPERIMENT_NEXT 3

typedef enum { LW_SIZE_QUICK, LW_SIZE_BOOK, LW_N_SIZES } LwExperimentSize;

/* What is measured of a run; lower is better for some, higher for others. */
typedef enum {
  LW_MEASURE_NONE,
  LW_MEASURE_FIRST_LOSS, /* train loss, mean of epoch 1 */
  LW_MEASURE_REACHED,    /* first epoch with the experiment's `target` of test accuracy */
  LW_MEASURE_TRAIN,      /* train accuracy, mean of the last epoch */
  LW_MEASURE_BEST,       /* test accuracy */
  LW_MEASURE_LAST,       /* */
  LW_MEASURE_WORST,      /* test accuracy in the second half of the epochs */
  LW_MEASURE_GAP,        /* train − test accuracy of the last epoch */
  LW_MEASURE_SECONDS,    /* of an epoch's training */
  LW_MEASURE_PARAMETERS,
  LW_MEASURE_MACS,
  LW_MEASURE_GRADIENT, /* length of the first layer's gradient ÷ that of the last one */
  /* Of the trained network (experiment_study.h). */
  LW_MEASURE_BN_BATCH,
  LW_MEASURE_BN_RUNNING,
  LW_MEASURE_BN_FRESH,
  LW_MEASURE_FILTERS,
  LW_MEASURE_EDGES,
  LW_MEASURE_BLOBS,
  LW_MEASURE_UNCLEAR,
  LW_MEASURE_PATH_1, /* test accuracy without that path */
  LW_MEASURE_PATH_2,
  LW_MEASURE_PATH_3,
  LW_MEASURE_PATH_4,
  LW_N_MEASURES
} LwMeasure;

/* What is looked at in the trained network, beside the curves. */
typedef enum { LW_STUDY_NONE, LW_STUDY_BN, LW_STUDY_FILTERS, LW_STUDY_PATHS } LwStudy;

/* The picture under the numbers. */
typedef enum { LW_PICTURE_NONE, LW_PICTURE_FILTERS, LW_PICTURE_GRADIENTS } LwExperimentPicture;

typedef enum {
  LW_NEXT_EXPERIMENT, /* `what`: its name */
  LW_NEXT_FEATURES,   /* Inspect of run `run` */
  LW_NEXT_BATCH_NORM,
  LW_NEXT_DISTRIBUTIONS,
  LW_NEXT_TRAIN,   /* a draft of run `run` with the changes `what` */
  LW_NEXT_EXPLORE, /* the diagram of run `run` */
} LwNextKind;

typedef struct {
  LwNextKind kind;
  int run;
  const char *what;
  const char *title, *detail; /* N_(); of another experiment NULL: its question */
} LwExperimentNext;

typedef struct {
  const char *label;   /* N_(): in the legend and above the numbers */
  const char *model;   /* "lenet-bn" */
  const char *changes; /* "pooling=max learning-rate=0.1": knobs and settings; NULL */
} LwExperimentRun;

/* A phrase that holds under a condition is said by the experiment's function. */
typedef struct LwAnswer LwAnswer;

typedef struct {
  const char *name;     /* "bn-faster" */
  const char *chapter;  /* N_() */
  const char *question; /* N_() */
  const char *about; /* N_(): what is trained, before its settings: "LeNet with and without BN" */
  int n_runs;
  LwExperimentRun runs[LW_EXPERIMENT_RUNS];
  const char *changes[LW_N_SIZES]; /* of all runs at that size; before a run's own */
  int seconds; /* what Quick took on two cores, all runs together (an Intel Xeon of 2023) */
  double target;
  LwMeasure rows[LW_EXPERIMENT_ROWS + 1]; /* ends with NONE */
  LwStudy study;                          /* of run 0 */
  LwExperimentPicture picture;
  void (*answer) (LwAnswer *answer);
  const char *limits; /* N_(): what it does not show */
  LwExperimentNext next[LW_EXPERIMENT_NEXT];
} LwExperiment;

int lw_n_experiments (void);
const LwExperiment *lw_experiment (int index); /* in the book's order */
/* NULL: there is none. */
const LwExperiment *lw_experiment_by_name (const char *name);
/* Fails with the nearest name. */
const LwExperiment *lw_experiment_find (const char *name, GError **error);

const char *lw_experiment_size_name (LwExperimentSize size); /* "quick", "book" */

/* The settings of one run. Fails only if the table does not fit the models. */
LwSettings *lw_experiment_settings (const LwExperiment *experiment, LwExperimentSize size, int run,
                                    GError **error);
/* Sets knobs and settings from "KEY=VALUE KEY=VALUE". */
bool lw_experiment_change (LwSettings *settings, const char *changes, GError **error);
/* Seconds of training on two cores; of the book's size by Quick's time and the multiply-accumulates
 * of both. */
double lw_experiment_seconds (const LwExperiment *experiment, LwExperimentSize size);

/* --- numbers ------------------------------------------------------------------------------------
 */

typedef struct {
  double values[LW_N_MEASURES]; /* NAN: not known */
  int best_epoch, epochs;       /* trained so far */
  int32_t test_images;          /* 0: all of the data set's */
  LwRunState state;
  double train_s;
} LwNumbers;

/* Everything unknown. */
void lw_numbers_init (LwNumbers *numbers);
/* What a run's log and network say; the rest stays as it is. `graph` may be NULL. */
void lw_experiment_measure (const LwExperiment *experiment, const LwSettings *settings,
                            const LwGraph *graph, const LwRunLog *run_log, LwRunState state,
                            LwNumbers *numbers);

typedef const char *(*LwTranslate) (const char *phrase);

/* "First epoch with a test accuracy of 0.8"; g_free. */
char *lw_measure_title (const LwExperiment *experiment, LwMeasure measure, LwTranslate translate);
/* "0.861, 9"; "–" where it is not known, "not reached". g_free. */
char *lw_measure_text (const LwNumbers *numbers, LwMeasure measure, LwTranslate translate);
const char *lw_measure_name (LwMeasure measure); /* in scripts: "best" */
/* The run whose number is best; −1: none is known, there is one run only, or it has no better. */
int lw_measure_better (const LwNumbers *numbers, int n, LwMeasure measure);

/* What a difference of two test accuracies must exceed to say something: 0.01, about what another
 * seed changes, or twice the standard error of the difference of two shares, √(2 p (1 − p) / n),
 * whichever is larger. */
double lw_experiment_noise (const LwNumbers *a, const LwNumbers *b);

/* The answer for runs that have ended, in the order of the table; g_free. */
char *lw_experiment_answer (const LwExperiment *experiment, const LwNumbers *numbers, int n,
                            LwTranslate translate);

G_END_DECLS
