/* LwRemoteProcess: a spawned ssh whose standard input and output are a byte stream with time
 * limits. Private to remote/. One thread. */
#pragma once

#include "remote/address.h"
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct LwRemoteProcess LwRemoteProcess;

/* `command` is what the other machine's login shell is to run. */
LwRemoteProcess *lw_remote_process_new (const LwRemoteAddress *address, const char *command,
                                        GCancellable *cancellable, GError **error);
void lw_remote_process_free (LwRemoteProcess *process); /* ends it */

/* All of it, or false: the connection is lost, or nobody took it before `deadline_us` (monotonic).
 * The error speaks of a lost connection, or of one that never came about before
 * lw_remote_process_connected. */
bool lw_remote_process_write (LwRemoteProcess *process, const char *text, gint64 deadline_us,
                              GError **error);
/* At least one byte, at most `room`; −1 as above. */
gssize lw_remote_process_read (LwRemoteProcess *process, void *buffer, gsize room,
                               gint64 deadline_us, GError **error);
/* It answered: from now on its end is a lost connection. */
void lw_remote_process_connected (LwRemoteProcess *process);

G_END_DECLS
