/* layerwise under mpirun, with a small data set of its own: what tests of several workers share.
 * Failures end the test. One thread. */
#pragma once

#include "tests/support/program.h"

#include <gio/gio.h>
#include <stdint.h>

G_BEGIN_DECLS

/* False, and a plan that says so, where there is no mpirun or no module ($LAYERWISE_MPIRUN). */
bool lw_workers_begin (void);
void lw_workers_end (void);

const char *lw_workers_program (void); /* layerwise */
char *lw_workers_run_folder (const char *name);
char *lw_workers_other_data (const char *name); /* a folder with as many images, but others */
/* `words`, separated by blanks, behind "train", and where there is a folder --data and what makes
 * runs alike; `workers` 0: alone. g_strfreev. */
char **lw_workers_command (int workers, const char *words, const char *folder);
/* Take the line. */
LwResult *lw_workers_run (char **line);
GSubprocess *lw_workers_start (char **line);
/* What a started one has said on standard error, and its exit status; −1: a signal. */
char *lw_workers_finish (GSubprocess *process, int *ret_status);

/* The columns of each step of metrics.csv, char **. */
GPtrArray *lw_workers_steps (const char *folder);
double lw_workers_number (const GPtrArray *steps, guint i, int column);
/* Fails unless both have n steps, whose losses are within 1e-5. */
void lw_workers_assert_near (const GPtrArray *expected, const GPtrArray *steps, guint n);
char *lw_workers_record (const char *folder); /* run.json */
int64_t lw_workers_record_number (const char *record, const char *name);
/* Until the run has a checkpoint, at most a minute. */
void lw_workers_wait_for_checkpoint (const char *folder);
/* How often layerwise itself says something. */
int lw_workers_sentences (const char *text);
/* Numbers of the processes of layerwise that train into this folder, ascending; int. */
GArray *lw_workers_processes (const char *folder);

enum { LW_COLUMN_STEP = 1, LW_COLUMN_LOSS = 4, LW_COLUMN_ACCURACY = 5 };

G_END_DECLS
