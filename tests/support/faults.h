/* What may befall a program that writes files: it is killed at one of its calls, or the disk is
 * full at some of them. faults.c takes the place of the C library's write, fsync, fdatasync,
 * rename, linkat, unlink, mkdir and open (for new files) in the programs that are linked with it,
 * and passes everything on but for the faults that were asked for. Only files count, not standard
 * output. Any thread. */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef enum {
  LW_FAULT_NONE,
  LW_FAULT_KILL, /* SIGKILL; a write is half done then */
  LW_FAULT_FULL, /* ENOSPC; the first write does half of it. Calls that need no room succeed */
} LwFault;

/* From now on calls are counted from 1, and those from `first` on, `n` of them, fail so. */
void lw_fault_arm (LwFault fault, int64_t first, int64_t n);
/* Calls since then. */
int64_t lw_fault_calls (void);
/* Those that failed. */
int64_t lw_fault_failures (void);

G_END_DECLS
