#include "ui/run-watcher.h"

#include "engine/run_scan.h"
#include "ui/runs-folders.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#define LOOK_MS     2000 /* where no signs come */
#define FOLLOW_MS   500  /* while something is trained elsewhere */
#define SIGN_MS     150  /* after a sign: a new run's files come together */
#define AT_ONCE     64   /* runs opened in one look */
#define REST_FACTOR 10   /* a look that took long is not repeated at once */

struct _LwRunWatcher {
  GObject parent;
  LwRunItem *(*own) (gpointer data);
  LwRunItem *(*find) (gpointer data, const char *folder);
  gpointer data;
  GPtrArray *folders;  /* all, NULL-terminated; the first is the runs folder */
  GPtrArray *monitors; /* GFileMonitor, of each */
  GPtrArray *passing;  /* folders that are not remembered */
  LwRunScan *scan;     /* the thread's while one looks */
  bool looking, look_again, closed;
  guint timeout_id;
};

G_DEFINE_FINAL_TYPE (LwRunWatcher, lw_run_watcher, G_TYPE_OBJECT)

enum { FOUND, REPLACED, GONE, N_SIGNALS };
static guint signals[N_SIGNALS];

static void look (LwRunWatcher *self);

/* --- one look ------------------------------------------------------------------------------------
 */

typedef struct {
  char **folders;
  char *own;
  LwRunScan *scan;
  GPtrArray *news, *items; /* LwScanNews; LwRunItem or NULL for each */
  bool more;
  gint64 took_us;
} Look;

static void
unref_item (gpointer item)
{
  g_clear_object (&item);
}

static void
look_free (gpointer data)
{
  Look *job = data;

  g_strfreev (job->folders);
  g_free (job->own);
  g_clear_pointer (&job->news, g_ptr_array_unref);
  g_ptr_array_unref (job->items);
  g_free (job);
}

static void
look_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Look *job = task_data;
  const gint64 begun_us = g_get_monotonic_time ();

  (void)source;
  (void)cancellable;
  job->news = lw_run_scan_look (job->scan, (const char *const *)job->folders, job->own, AT_ONCE,
                                &job->more);
  for (guint i = 0; i < job->news->len; i++) {
    LwScanNews *news = job->news->pdata[i];

    /* Its curves are made here too: millions of points, for a long run. */
    g_ptr_array_add (job->items, news->run != NULL
                                     ? lw_run_item_new_saved (g_steal_pointer (&news->run))
                                     : NULL);
  }
  job->took_us = g_get_monotonic_time () - begun_us;
  g_task_return_boolean (task, TRUE);
}

static void
take_news (LwRunWatcher *self, const LwScanNews *news, LwRunItem *item)
{
  LwRunItem *known = self->find (self->data, news->folder);

  if (known != NULL && known == self->own (self->data))
    return; /* it began to be trained here while we looked */
  switch (news->kind) {
  case LW_SCAN_FOUND:
    if (known == NULL)
      g_signal_emit (self, signals[FOUND], 0, item);
    break;
  case LW_SCAN_REPLACED:
    g_signal_emit (self, signals[known != NULL ? REPLACED : FOUND], 0, item);
    break;
  case LW_SCAN_GREW:
    if (known != NULL) {
      lw_run_item_see_state (known, news->state, news->message);
      lw_run_item_sync (known);
    }
    break;
  case LW_SCAN_GONE:
    if (known != NULL)
      g_signal_emit (self, signals[GONE], 0, news->folder);
    break;
  }
}

static gboolean
time_to_look (gpointer data)
{
  LwRunWatcher *self = data;

  self->timeout_id = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

static void
look_in (LwRunWatcher *self, guint ms)
{
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (!self->closed)
    self->timeout_id = g_timeout_add (ms, time_to_look, self);
}

static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  LwRunWatcher *self = LW_RUN_WATCHER (source);
  Look *job = g_task_get_task_data (G_TASK (result));
  const gint64 rest_ms = job->took_us / 1000 * REST_FACTOR;
  guint next_ms;

  (void)data;
  self->looking = false;
  if (self->closed)
    return;
  for (guint i = 0; i < job->news->len; i++)
    take_news (self, job->news->pdata[i], job->items->pdata[i]);
  next_ms = job->more || self->look_again            ? SIGN_MS
            : lw_run_scan_n_running (self->scan) > 0 ? FOLLOW_MS
                                                     : LOOK_MS;
  if (!job->more)
    next_ms = (guint)CLAMP (rest_ms, next_ms, 60000);
  self->look_again = false;
  look_in (self, job->more ? 0 : next_ms);
}

static char **
all_folders (LwRunWatcher *self)
{
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; self->folders->pdata[i] != NULL; i++)
    g_ptr_array_add (all, g_strdup (self->folders->pdata[i]));
  for (guint i = 0; i < self->passing->len; i++)
    g_ptr_array_add (all, g_strdup (self->passing->pdata[i]));
  g_ptr_array_add (all, NULL);
  return (char **)g_ptr_array_free (all, FALSE);
}

static void
look (LwRunWatcher *self)
{
  g_autoptr (GTask) task = NULL;
  LwRunItem *own;
  Look *job;

  if (self->closed || self->looking) {
    self->look_again = true;
    return;
  }
  own = self->own (self->data);
  job = g_new0 (Look, 1);
  job->folders = all_folders (self);
  job->own = own != NULL ? g_strdup (lw_run_item_folder (own)) : NULL;
  job->scan = self->scan;
  job->items = g_ptr_array_new_with_free_func (unref_item);
  self->looking = true;
  task = g_task_new (self, NULL, looked, NULL);
  g_task_set_task_data (task, job, look_free);
  g_task_run_in_thread (task, look_in_thread);
}

/* --- folders -------------------------------------------------------------------------------------
 */

static void
sign_seen (LwRunWatcher *self)
{
  if (self->looking)
    self->look_again = true;
  else
    look_in (self, SIGN_MS);
}

/* Nothing is lost where there can be no monitor: the clock looks too. */
static void
watch_folder (LwRunWatcher *self, const char *folder)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  GFileMonitor *monitor = g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);

  g_ptr_array_remove_index (self->folders, self->folders->len - 1);
  g_ptr_array_add (self->folders, g_strdup (folder));
  g_ptr_array_add (self->folders, NULL);
  g_ptr_array_add (self->monitors, monitor);
  if (monitor == NULL)
    return;
  g_file_monitor_set_rate_limit (monitor, 500);
  g_signal_connect_object (monitor, "changed", G_CALLBACK (sign_seen), self, G_CONNECT_SWAPPED);
}

bool
lw_run_watcher_add_folder (LwRunWatcher *self, const char *folder, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (folder, NULL);
  g_autofree char *description = g_build_filename (path, "run.json", NULL);
  g_autoptr (GDir) dir = NULL;

  if (g_file_test (description, G_FILE_TEST_EXISTS)) {
    char *around = g_path_get_dirname (path);

    g_free (path);
    path = around;
  }
  for (guint i = 0; self->folders->pdata[i] != NULL; i++)
    if (g_str_equal (self->folders->pdata[i], path)) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("The runs of this folder are shown already."));
      return false;
    }
  dir = g_dir_open (path, 0, error);
  if (dir == NULL)
    return false;
  watch_folder (self, path);
  lw_runs_folders_write (lw_run_watcher_folders (self));
  sign_seen (self);
  return true;
}

void
lw_run_watcher_remove_folder (LwRunWatcher *self, const char *folder)
{
  for (guint i = 1; self->folders->pdata[i] != NULL; i++)
    if (g_str_equal (self->folders->pdata[i], folder)) {
      g_ptr_array_remove_index (self->folders, i);
      g_ptr_array_remove_index (self->monitors, i);
      lw_runs_folders_write (lw_run_watcher_folders (self));
      sign_seen (self); /* its runs are missing in the next look */
      return;
    }
}

void
lw_run_watcher_watch (LwRunWatcher *self, const char *folder)
{
  if (!g_ptr_array_find_with_equal_func (self->passing, folder, g_str_equal, NULL))
    g_ptr_array_add (self->passing, g_strdup (folder));
  sign_seen (self);
}

void
lw_run_watcher_unwatch (LwRunWatcher *self, const char *folder)
{
  guint place;

  if (g_ptr_array_find_with_equal_func (self->passing, folder, g_str_equal, &place))
    g_ptr_array_remove_index (self->passing, place);
  sign_seen (self);
}

const char *const *
lw_run_watcher_folders (LwRunWatcher *self)
{
  return (const char *const *)self->folders->pdata + 1;
}

/* --- set-up --------------------------------------------------------------------------------------
 */

LwRunWatcher *
lw_run_watcher_new (LwRunItem *(*own) (gpointer data),
                    LwRunItem *(*find) (gpointer data, const char *folder), gpointer data)
{
  LwRunWatcher *self = g_object_new (LW_TYPE_RUN_WATCHER, NULL);
  g_autofree char *runs = lw_runs_folder ();
  g_auto (GStrv) others = lw_runs_folders_read ();

  self->own = own;
  self->find = find;
  self->data = data;
  watch_folder (self, runs);
  for (int i = 0; others[i] != NULL; i++)
    watch_folder (self, others[i]);
  look (self);
  return self;
}

void
lw_run_watcher_close (LwRunWatcher *self)
{
  self->closed = true;
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_ptr_array_set_size (self->monitors, 0);
}

static void
lw_run_watcher_finalize (GObject *object)
{
  LwRunWatcher *self = LW_RUN_WATCHER (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_ptr_array_unref (self->monitors);
  g_ptr_array_unref (self->folders);
  g_ptr_array_unref (self->passing);
  lw_run_scan_free (self->scan);
  G_OBJECT_CLASS (lw_run_watcher_parent_class)->finalize (object);
}

static void
lw_run_watcher_class_init (LwRunWatcherClass *klass)
{
  static const char *const names[] = { "found", "replaced", "gone" };

  G_OBJECT_CLASS (klass)->finalize = lw_run_watcher_finalize;
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] =
        g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 1, i == GONE ? G_TYPE_STRING : LW_TYPE_RUN_ITEM);
}

static void
free_monitor (gpointer monitor)
{
  g_clear_object (&monitor);
}

static void
lw_run_watcher_init (LwRunWatcher *self)
{
  self->folders = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->folders, NULL);
  self->monitors = g_ptr_array_new_with_free_func (free_monitor);
  self->passing = g_ptr_array_new_with_free_func (g_free);
  self->scan = lw_run_scan_new ();
}
