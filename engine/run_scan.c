#include "engine/run_scan.h"

#include "engine/metrics_tail.h"
#include "engine/run_record.h"

#include <string.h>
#include <sys/stat.h>

/* Ended runs whose description is looked at again in one look: all have their turn. */
#define ENDED_A_LOOK 256
/* No further run is opened in a look that has read so many events: what was read is shown first. */
#define EVENTS_A_LOOK 500000

/* Which version of a run.json: the clock of file times is coarse, but each is a file of its own. */
typedef struct {
  int64_t ns; /* −1: there is none */
  uint64_t inode;
  int64_t bytes;
} Version;

typedef struct {
  char *folder;
  Version version;
  LwRunState state;    /* LW_RUN_RUNNING: trained elsewhere */
  bool damaged;        /* no run, until run.json is another */
  bool own;            /* was trained by this program when last looked at */
  LwMetricsTail *tail; /* while it is trained elsewhere */
  LwRunLog *log;
  int64_t seen; /* number of the look */
} Known;

struct LwRunScan {
  GHashTable *known; /* folder → Known */
  GPtrArray *order;  /* the same, for the turns of ended ones */
  guint turn;
  int64_t look;
  int n_running;
};

static void
known_free (gpointer data)
{
  Known *known = data;

  g_free (known->folder);
  lw_metrics_tail_free (known->tail);
  lw_run_log_unref (known->log);
  g_free (known);
}

static void
news_free (gpointer data)
{
  LwScanNews *news = data;

  g_free (news->folder);
  g_clear_pointer (&news->run, lw_run_free);
  g_free (news->message);
  g_free (news);
}

LwRunScan *
lw_run_scan_new (void)
{
  LwRunScan *scan = g_new0 (LwRunScan, 1);

  scan->known = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, known_free);
  scan->order = g_ptr_array_new ();
  return scan;
}

void
lw_run_scan_free (LwRunScan *scan)
{
  if (scan == NULL)
    return;
  g_ptr_array_unref (scan->order);
  g_hash_table_unref (scan->known);
  g_free (scan);
}

int
lw_run_scan_n_running (const LwRunScan *scan)
{
  return scan->n_running;
}

static Version
version_of (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "run.json", NULL);
  struct stat info;

  if (stat (path, &info) != 0)
    return (Version){ .ns = -1 };
  return (Version){ (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec,
                    (uint64_t)info.st_ino, (int64_t)info.st_size };
}

static bool
same_version (Version a, Version b)
{
  return a.ns == b.ns && a.inode == b.inode && a.bytes == b.bytes;
}

static LwScanNews *
tell (GPtrArray *all, LwScanKind kind, const Known *known)
{
  LwScanNews *news = g_new0 (LwScanNews, 1);

  news->kind = kind;
  news->folder = g_strdup (known->folder);
  news->state = known->state;
  g_ptr_array_add (all, news);
  return news;
}

/* Reads a run and what is needed to go on reading it. Returns the number of its events. */
static int64_t
open_run (Known *known, LwScanKind kind, GPtrArray *all)
{
  g_autoptr (LwMetricsTail) tail = NULL;
  LwRun *run;

  known->version = version_of (known->folder);
  run = lw_run_open_growing (known->folder, &tail, NULL);
  known->damaged = run == NULL;
  g_clear_pointer (&known->tail, lw_metrics_tail_free);
  g_clear_pointer (&known->log, lw_run_log_unref);
  if (run == NULL)
    return 0;
  known->state = run->state;
  if (run->state == LW_RUN_RUNNING) {
    known->tail = g_steal_pointer (&tail);
    known->log = lw_run_log_ref (run->log);
  }
  tell (all, kind, known)->run = run;
  return lw_run_log_length (run->log);
}

/* A run that another program trains: its new rows, and whether it has ended. */
static void
follow (Known *known, GPtrArray *all)
{
  /* Whoever is done has written everything before it lets go of the lock. */
  const bool trained = lw_run_is_trained (known->folder);
  const int64_t before = lw_run_log_length (known->log);
  g_autofree char *message = NULL;
  LwTailResult result;
  LwRunRecord record;
  LwScanNews *news;

  while ((result = lw_metrics_tail_read (known->tail, known->log)) == LW_TAIL_MORE)
    ;
  if (result == LW_TAIL_REPLACED) {
    open_run (known, LW_SCAN_REPLACED, all);
    return;
  }
  if (!trained) {
    known->state = LW_RUN_STOPPED;
    if (lw_run_record_read (known->folder, &record, NULL)) {
      if (record.state >= LW_RUN_FINISHED)
        known->state = record.state;
      message = g_steal_pointer (&record.message);
      lw_run_record_clear (&record);
    }
    known->version = version_of (known->folder);
  }
  if (trained && lw_run_log_length (known->log) == before)
    return;
  news = tell (all, LW_SCAN_GREW, known);
  news->message = g_steal_pointer (&message);
  if (!trained) {
    g_clear_pointer (&known->tail, lw_metrics_tail_free);
    g_clear_pointer (&known->log, lw_run_log_unref);
  }
}

/* A run that had ended, or was none: is it something else now? */
static void
look_again (Known *known, GPtrArray *all)
{
  const Version now = version_of (known->folder);

  if (known->own) { /* its window saw all of it */
    known->own = false;
    known->version = now;
  } else if (!same_version (now, known->version)) {
    open_run (known, known->damaged ? LW_SCAN_FOUND : LW_SCAN_REPLACED, all);
  }
}

/* --- one look --------------------------------------------------------------------------------- */

typedef struct {
  char *folder;
  int64_t written_ns;
} Fresh;

static int
newest_first (gconstpointer a, gconstpointer b)
{
  const Fresh *x = a, *y = b;

  if (x->written_ns != y->written_ns)
    return x->written_ns < y->written_ns ? 1 : -1;
  return strcmp (x->folder, y->folder);
}

static Known *
know (LwRunScan *scan, const char *folder)
{
  Known *known = g_new0 (Known, 1);

  known->folder = g_strdup (folder);
  known->state = LW_RUN_STOPPED;
  known->seen = scan->look;
  g_hash_table_insert (scan->known, known->folder, known);
  g_ptr_array_add (scan->order, known);
  return known;
}

/* Marks what is there as seen and gathers what is not known. */
static void
list_folder (LwRunScan *scan, const char *folder, GArray *fresh)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;

  if (dir == NULL && !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
    g_autofree char *prefix = g_strconcat (folder, G_DIR_SEPARATOR_S, NULL);

    for (guint i = 0; i < scan->order->len; i++) {
      Known *known = scan->order->pdata[i];

      if (g_str_has_prefix (known->folder, prefix))
        known->seen = scan->look;
    }
  }
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    Known *known = g_hash_table_lookup (scan->known, path);
    Fresh found;

    if (known != NULL)
      known->seen = scan->look;
    else if (*name != '.' && (found.written_ns = version_of (path).ns) >= 0) {
      found.folder = g_steal_pointer (&path);
      g_array_append_val (fresh, found);
    }
  }
}

static void
forget_missing (LwRunScan *scan, GPtrArray *all)
{
  for (guint i = scan->order->len; i-- > 0;) {
    Known *known = scan->order->pdata[i];

    if (known->seen == scan->look)
      continue;
    if (!known->damaged)
      tell (all, LW_SCAN_GONE, known);
    g_ptr_array_remove_index_fast (scan->order, i);
    g_hash_table_remove (scan->known, known->folder);
  }
}

static void
clear_fresh (gpointer data)
{
  g_free (((Fresh *)data)->folder);
}

GPtrArray *
lw_run_scan_look (LwRunScan *scan, const char *const *folders, const char *own, int most,
                  bool *ret_more)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (news_free);
  g_autoptr (GArray) fresh = g_array_new (FALSE, FALSE, sizeof (Fresh));
  int opened = 0;
  int64_t events = 0;

  g_array_set_clear_func (fresh, clear_fresh);
  scan->look++;
  scan->n_running = 0;
  *ret_more = false;
  for (int i = 0; folders[i] != NULL; i++)
    list_folder (scan, folders[i], fresh);
  forget_missing (scan, all);
  for (guint i = 0; i < scan->order->len; i++) {
    Known *known = scan->order->pdata[i];
    const bool turn =
        (i + scan->order->len - scan->turn % scan->order->len) % scan->order->len < ENDED_A_LOOK;

    if (own != NULL && strcmp (known->folder, own) == 0)
      known->own = true;
    else if (known->tail != NULL)
      follow (known, all);
    else if (known->own || turn)
      look_again (known, all);
    scan->n_running += known->tail != NULL;
  }
  scan->turn += ENDED_A_LOOK;

  g_array_sort (fresh, newest_first);
  for (guint i = 0; i < fresh->len; i++) {
    const char *folder = g_array_index (fresh, Fresh, i).folder;

    if (own != NULL && strcmp (folder, own) == 0) {
      know (scan, folder)->own = true;
    } else if (opened++ < most && events < EVENTS_A_LOOK) {
      Known *known = know (scan, folder);

      events += open_run (known, LW_SCAN_FOUND, all);
      scan->n_running += known->tail != NULL;
    } else {
      *ret_more = true;
      break;
    }
  }
  return all;
}
