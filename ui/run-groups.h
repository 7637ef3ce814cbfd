/* Runs that differ in their seed alone, as a repetition makes them: charts draw them as one entry,
 * a mean with a band, and tables say mean and standard deviation. Main thread. */
#pragma once

#include "engine/mean_curve.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

/* Whether two runs have the same settings, their seeds apart. */
bool lw_runs_differ_in_seed_only (LwRunItem *a, LwRunItem *b);
/* Sorts runs (LwRunItem) into such sets: elements are arrays of LwRunItem, in the order given, all
 * owned by the result. Runs of different groups (run.json's `group`) are never put together. */
GPtrArray *lw_runs_by_seed (const GPtrArray *runs);
/* The set that a run belongs to, itself included, oldest first; elements are LwRunItem, owned. */
GPtrArray *lw_runs_with_other_seeds (LwWorkbench *workbench, LwRunItem *run);
/* Mean, lowest, highest and deviation of a curve over such a set, where all but `missing` of them
 * have come to; elements are LwMeanPoint, g_array_unref. */
GArray *lw_runs_mean (const GPtrArray *runs, LwCurve curve, int missing);
/* Best test accuracy over the set: mean and standard deviation of those that have one; returns how
 * many these are. */
int lw_runs_best_accuracy (const GPtrArray *runs, double *ret_mean, double *ret_deviation);

G_END_DECLS
