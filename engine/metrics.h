/* metrics.csv: a run's log as text, one row an event, appended while it trains. Columns:
 *
 *   event,step,epoch,time_s,loss,accuracy,test_loss,test_accuracy,learning_rate,
 *   examples_per_second,seconds,detail,value,previous
 *
 * `event` is start, step, epoch, setting, or how the run ended: finished, stopped, diverged,
 * failed. Numbers have nine significant digits and a point; what an event does not have is empty
 * in the file and 0 in the log. A setting's row names it in `detail`, has what it is now and what
 * it was with all their digits in `value` and `previous` (a word for a schedule), and the base rate
 * as `learning_rate`; `finished` has the detail early-stop when patience ended the run. Files of
 * before have no such columns; their settings are learning rates. A last line without its end is
 * not counted: its writer was killed.
 *
 * Threads: a writer belongs to one thread; reading is reentrant. */
#pragma once

#include "engine/error.h"
#include "engine/run_log.h"

G_BEGIN_DECLS

typedef struct LwMetrics LwMetrics;

/* Makes the file hold the log's events and nothing else (replaced durably), then appends. */
LwMetrics *lw_metrics_new (const char *path, const LwRunLog *log, GError **error);
void lw_metrics_free (LwMetrics *metrics); /* does not write what is still buffered */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwMetrics, lw_metrics_free)

/* Writes to the file twice a second and when its buffer of fixed size is full; takes no memory.
 * False: the row is taken all the same and waits, if the next call is a flush that succeeds. */
bool lw_metrics_append (LwMetrics *metrics, const LwEvent *event, GError **error);
/* `durable`: also waits until the disk has it. */
bool lw_metrics_flush (LwMetrics *metrics, bool durable, GError **error);

/* Appends the file's events to `log`. A missing file has none. */
bool lw_metrics_read (const char *path, LwRunLog *log, GError **error);

/* For readers of a file that grows (metrics_tail.h): whether a line without its end is the head,
 * and the event of a row; false: it is no row. */
bool lw_metrics_is_head (const char *row, gsize size);
bool lw_metrics_parse_row (const char *row, gsize size, LwEvent *event);

/* The error of a file with more rows than there is memory for; false. */
bool lw_metrics_refuse_long (const char *path, GError **error);

/* The word for a state in files and messages: "finished". */
const char *lw_run_state_name (LwRunState state);

G_END_DECLS
