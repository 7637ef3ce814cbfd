/* The events stand in chunks that never move, the chunks in tables that never move: a tree of three
 * levels, so a reader needs nothing but the length. The writer stores an event first and the length
 * after it (release); a reader loads the length first (acquire). */
#include "engine/run_log.h"

#include <stdatomic.h>

#define CHUNK 1024 /* events a chunk, chunks a table, tables a log: room for 2³⁰ events */

typedef struct {
  LwEvent *chunks[CHUNK];
} LwRunLogTable;

struct LwRunLog {
  atomic_int references;
  _Atomic int64_t length;
  LwRunLogTable *tables[CHUNK];
};

LwRunLog *
lw_run_log_new (void)
{
  LwRunLog *log = g_new0 (LwRunLog, 1);

  atomic_init (&log->references, 1);
  atomic_init (&log->length, 0);
  return log;
}

LwRunLog *
lw_run_log_ref (LwRunLog *log)
{
  atomic_fetch_add_explicit (&log->references, 1, memory_order_relaxed);
  return log;
}

void
lw_run_log_unref (LwRunLog *log)
{
  if (log == NULL || atomic_fetch_sub_explicit (&log->references, 1, memory_order_acq_rel) > 1)
    return;
  for (int i = 0; i < CHUNK && log->tables[i] != NULL; i++) {
    for (int j = 0; j < CHUNK; j++)
      g_free (log->tables[i]->chunks[j]);
    g_free (log->tables[i]);
  }
  g_free (log);
}

void
lw_run_log_append (LwRunLog *log, const LwEvent *event)
{
  const int64_t index = atomic_load_explicit (&log->length, memory_order_relaxed);
  const int64_t chunk = index / CHUNK;
  LwRunLogTable **table;

  if (chunk >= (int64_t)CHUNK * CHUNK)
    return; /* a thousand million events: further ones are dropped rather than memory overrun */
  table = &log->tables[chunk / CHUNK];
  if (*table == NULL)
    *table = g_new0 (LwRunLogTable, 1);
  if ((*table)->chunks[chunk % CHUNK] == NULL)
    (*table)->chunks[chunk % CHUNK] = g_new (LwEvent, CHUNK);
  (*table)->chunks[chunk % CHUNK][index % CHUNK] = *event;
  atomic_store_explicit (&log->length, index + 1, memory_order_release);
}

int64_t
lw_run_log_length (const LwRunLog *log)
{
  return atomic_load_explicit (&((LwRunLog *)log)->length, memory_order_acquire);
}

const LwEvent *
lw_run_log_get (const LwRunLog *log, int64_t index)
{
  const int64_t chunk = index / CHUNK;

  return &log->tables[chunk / CHUNK]->chunks[chunk % CHUNK][index % CHUNK];
}
