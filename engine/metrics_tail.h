/* LwMetricsTail: reads a metrics.csv that another program is still writing, on this machine or
 * into a shared folder: each call takes in the rows that came since the last one and never reads a
 * byte twice. A last row without its end waits for the next call.
 *
 * Threads: one at a time; which one may change between calls. It is the log's one writer. */
#pragma once

#include "engine/error.h"
#include "engine/run_log.h"

G_BEGIN_DECLS

typedef struct LwMetricsTail LwMetricsTail;

typedef enum {
  LW_TAIL_READ,     /* taken in what there was, perhaps nothing */
  LW_TAIL_MORE,     /* there is more than a call takes in: call again */
  LW_TAIL_TOO_LONG, /* there is more, by the rows so far, than there is memory for */
  LW_TAIL_REPLACED, /* it is another file now, or shorter (the run was resumed from a checkpoint),
                       or holds what is no row: who wants it reads the run anew */
} LwTailResult;

/* From the file's beginning; it need not exist yet. */
LwMetricsTail *lw_metrics_tail_new (const char *path);
void lw_metrics_tail_free (LwMetricsTail *tail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwMetricsTail, lw_metrics_tail_free)

/* Appends new events to `log`, at most a few megabytes of rows. */
LwTailResult lw_metrics_tail_read (LwMetricsTail *tail, LwRunLog *log);

G_END_DECLS
