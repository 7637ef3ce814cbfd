/* Threads that compute in the background and those that somebody waits for. Any thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* From now on the calling thread, and the threads that it starts, get the processor after others of
 * this program that want it: a window stays smooth while a training has all cores. For good: a
 * thread may not raise itself again. Where the system has no such thing, nothing happens. */
void lw_thread_give_way (void);

G_END_DECLS
