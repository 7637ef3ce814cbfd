/* Runs that differ in their seed alone, as a repetition makes them: charts draw them as one entry,
 * a mean with a band. Main thread. */
#pragma once

#include "ui/workbench.h"

G_BEGIN_DECLS

/* Sorts runs (LwRunItem) into such sets: elements are arrays of LwRunItem, in the order given, all
 * owned by the result. Runs of different groups (run.json's `group`) are never put together. */
GPtrArray *lw_runs_by_seed (const GPtrArray *runs);
/* The set that a run belongs to, itself included, oldest first; elements are LwRunItem, owned. */
GPtrArray *lw_runs_with_other_seeds (LwWorkbench *workbench, LwRunItem *run);

G_END_DECLS
