/* LwRunScan: keeps up with folders of runs that other programs write: the command line on this
 * machine, another window, another machine into a shared folder. Each look says what is new since
 * the last: runs that appeared, grew, ended, were replaced or deleted. Of what is known only new
 * bytes are read; a folder of thousands of runs costs a listing.
 *
 * Threads: one look at a time, on any thread (it reads files). */
#pragma once

#include "engine/run.h"

G_BEGIN_DECLS

typedef struct LwRunScan LwRunScan;

typedef enum {
  LW_SCAN_FOUND,    /* `run` */
  LW_SCAN_GREW,     /* its log has new events, or its state changed */
  LW_SCAN_REPLACED, /* resumed from a checkpoint, or renamed: `run` is what it is now */
  LW_SCAN_GONE,     /* the folder was deleted */
} LwScanKind;

typedef struct {
  LwScanKind kind;
  char *folder;
  LwRun *run; /* of FOUND and REPLACED; who takes it sets NULL */
  /* Of GREW. */
  LwRunState state;
  char *message;
} LwScanNews;

LwRunScan *lw_run_scan_new (void);
void lw_run_scan_free (LwRunScan *scan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRunScan, lw_run_scan_free)

/* Looks at `folders` (NULL-terminated), of which each holds runs. `own`: a run that this program
 * trains, which is left alone; or NULL. Opens at most `most` runs, newest first, fewer where they
 * are long, and says in `ret_more` whether others are left for the next look. The logs of runs that
 * are trained elsewhere are appended to here, before the look returns. Elements are LwScanNews,
 * which the array frees. A folder that cannot be read for now, as when a network is down, leaves
 * its runs as they are. */
GPtrArray *lw_run_scan_look (LwRunScan *scan, const char *const *folders, const char *own, int most,
                             bool *ret_more);
/* How many of the known are being trained elsewhere. */
int lw_run_scan_n_running (const LwRunScan *scan);

G_END_DECLS
