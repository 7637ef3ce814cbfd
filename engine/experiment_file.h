/* Results of experiments as a file: which runs belong to which, so that they are there again after
 * a restart of the program: $XDG_DATA_HOME/layerwise/experiments.json, written beside and renamed,
 * read as hostile input. The numbers themselves are the runs'. Plain functions, any thread. */
#pragma once

#include "engine/experiment.h"

G_BEGIN_DECLS

typedef struct {
  const LwExperiment *experiment;
  LwExperimentSize size;
  char *group;                      /* id of the runs' group */
  char *labels[LW_EXPERIMENT_RUNS]; /* what the group calls them, in the language in which they were
                                       started; NULL: not known */
  char *folders[LW_EXPERIMENT_RUNS]; /* NULL: it has not begun */
} LwExperimentResult;

void lw_experiment_result_free (LwExperimentResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwExperimentResult, lw_experiment_result_free)

char *lw_experiment_results_path (void); /* g_free */
/* The file's text for these LwExperimentResult; g_free. */
char *lw_experiment_results_to_json (const GPtrArray *results);
/* Waits for the disk: on a thread. */
bool lw_experiment_results_write (const char *path, const char *json, GError **error);
/* Owned by the array, at most one an experiment and size. A missing file is empty; entries that
 * cannot be are left out; fails with a sentence when the file as a whole is none. */
GPtrArray *lw_experiment_results_read (const char *path, GError **error);

G_END_DECLS
