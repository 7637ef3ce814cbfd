/* The events stand in chunks that never move, the chunks in tables that never move: a tree of three
 * levels, so a reader needs nothing but the length. The writer stores an event first and the length
 * after it (release); a reader loads the length first (acquire).
 *
 * Chunks are pages of their own. Where the log has a file, a full chunk is written to it, and the
 * file's pages take the place of the memory at the same address in one moment: the same bytes,
 * which the system drops when memory is short and reads again when somebody looks. */
#include "engine/run_log.h"

#include "engine/free_memory.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNK 1024 /* events a chunk, chunks a table, tables a log: room for 2³⁰ events */
#define KEPT  64   /* chunks: shorter logs use no file */

#define SURELY_FREE 100000 /* events */

typedef struct {
  LwEvent *chunks[CHUNK];
} LwRunLogTable;

struct LwRunLog {
  atomic_int references;
  _Atomic int64_t length;
  int file; /* −1: none */
  LwRunLogTable *tables[CHUNK];
};

/* Whole pages. */
static gsize
chunk_bytes (void)
{
  const gsize page = (gsize)sysconf (_SC_PAGESIZE);

  return (sizeof (LwEvent) * CHUNK + page - 1) / page * page;
}

LwRunLog *
lw_run_log_new (void)
{
  LwRunLog *log = g_new0 (LwRunLog, 1);

  log->file = -1;

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
      if (log->tables[i]->chunks[j] != NULL)
        munmap (log->tables[i]->chunks[j], chunk_bytes ());
    g_free (log->tables[i]);
  }
  if (log->file >= 0)
    close (log->file);
  g_free (log);
}

void
lw_run_log_spill (LwRunLog *log, const char *folder)
{
  /* Without a name: gone with its last user, however that ends. */
  if (log->file < 0)
    log->file = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

/* One that cannot be written stays in memory. */
static void
spill (LwRunLog *log, int64_t chunk)
{
  LwEvent *events = log->tables[chunk / CHUNK]->chunks[chunk % CHUNK];
  const gsize bytes = chunk_bytes ();
  const off_t offset = (off_t)bytes * (off_t)chunk;

  if (pwrite (log->file, events, bytes, offset) == (ssize_t)bytes)
    mmap (events, bytes, PROT_READ, MAP_SHARED | MAP_FIXED, log->file, offset);
}

bool
lw_run_log_has_room (const LwRunLog *log, int64_t events)
{
  const int64_t available = log->file < 0 && events > SURELY_FREE ? lw_free_host_memory () : -1;

  return available < 0 || events <= available / (int64_t)sizeof (LwEvent);
}

/* NULL: there is no memory. */
static LwEvent *
new_chunk (void)
{
  void *memory =
      mmap (NULL, chunk_bytes (), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return memory != MAP_FAILED ? memory : NULL;
}

void
lw_run_log_append (LwRunLog *log, const LwEvent *event)
{
  const int64_t index = atomic_load_explicit (&log->length, memory_order_relaxed);
  const int64_t chunk = index / CHUNK;
  LwRunLogTable **table;
  LwEvent **events;

  if (chunk >= (int64_t)CHUNK * CHUNK)
    return; /* a thousand million events: further ones are dropped rather than memory overrun */
  table = &log->tables[chunk / CHUNK];
  if (*table == NULL)
    *table = g_new0 (LwRunLogTable, 1);
  events = &(*table)->chunks[chunk % CHUNK];
  if (*events == NULL) {
    if (log->file >= 0 && chunk >= KEPT)
      spill (log, chunk - KEPT); /* the newest are read most, and stay */
    *events = new_chunk ();
    if (*events == NULL)
      return; /* no memory for it, of which a training has far more than this */
  }
  (*events)[index % CHUNK] = *event;
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
