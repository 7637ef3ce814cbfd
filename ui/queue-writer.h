/* LwQueueWriter: keeps queue.json as the queue is, without a wait: the newest text goes to the file
 * on a thread, and texts that are overtaken on the way are never written. Atomically counted; all
 * calls from the main thread. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct LwQueueWriter LwQueueWriter;

LwQueueWriter *lw_queue_writer_new (void);
/* The same for another small file that is written as a whole. */
LwQueueWriter *lw_queue_writer_new_for (const char *path);
void lw_queue_writer_unref (LwQueueWriter *writer);
/* Takes the text. `failed` is called from the main loop with a sentence when it could not be
 * written, unless `cancellable` was cancelled before. */
void lw_queue_writer_put (LwQueueWriter *writer, char *json, GCancellable *cancellable,
                          void (*failed) (gpointer data, const char *sentence), gpointer data);
/* The end: what is not in the file yet is written now. */
void lw_queue_writer_flush (LwQueueWriter *writer);

G_END_DECLS
