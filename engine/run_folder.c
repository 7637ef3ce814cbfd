#include "engine/run_record.h"

#include "engine/i18n.h"
#include "engine/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LOCK_FILE "lock"

/* The folder, the system's reason. */
#define CANNOT_MAKE                                                                                \
  N_ ("Cannot make the folder \"%s\" for the run: %s. Choose another place for it.")
#define CANNOT_USE N_ ("Cannot use the folder \"%s\" for the run: %s. Choose another place for it.")
#define CANNOT_WRITE                                                                               \
  N_ ("Cannot write into the folder \"%s\" for the run: %s. Choose another place for it.")
#define CANNOT_MAKE_IN                                                                             \
  N_ ("Cannot make a run in the folder \"%s\": %s. Choose another place for it.")

char *
lw_runs_folder (void)
{
  const char *chosen = g_getenv ("LAYERWISE_RUNS");

  if (chosen != NULL && g_path_is_absolute (chosen))
    return g_strdup (chosen);
  return g_build_filename (g_get_user_data_dir (), "layerwise", "runs", NULL);
}

static char *
fail_folder (const char *path, const char *sentence, int number, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, LW_ERROR, LW_ERROR_IO, sentence, name, g_strerror (number));
  return NULL;
}

static bool
is_empty (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const bool empty = dir != NULL && g_dir_read_name (dir) == NULL;

  g_clear_pointer (&dir, g_dir_close);
  return empty;
}

static char *
make_given (const char *output, bool *ret_made, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (output, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  if (g_mkdir_with_parents (parent, 0777) != 0)
    return fail_folder (parent, _ (CANNOT_MAKE), errno, error);
  *ret_made = mkdir (path, 0777) == 0;
  if (*ret_made)
    return g_steal_pointer (&path);
  if (errno != EEXIST)
    return fail_folder (path, _ (CANNOT_MAKE), errno, error);
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return fail_folder (path, _ (CANNOT_USE), ENOTDIR, error);
  if (access (path, R_OK | W_OK | X_OK) != 0)
    return fail_folder (path, _ (CANNOT_WRITE), errno, error);
  if (!is_empty (path)) {
    g_set_error (
        error, LW_ERROR, LW_ERROR_IO,
        _ ("The folder \"%s\" already holds files, and a run is never written over another; "
           "choose a new folder, or resume the run in it."),
        output);
    return NULL;
  }
  return g_steal_pointer (&path);
}

static char *
make_fresh (const LwSettings *settings, bool *ret_made, GError **error)
{
  g_autofree char *parent = lw_runs_folder ();
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y%m%d-%H%M%S");

  if (g_mkdir_with_parents (parent, 0777) != 0)
    return fail_folder (parent, _ (CANNOT_MAKE), errno, error);
  for (int i = 1; i <= 1000; i++) {
    g_autofree char *suffix = i > 1 ? g_strdup_printf ("-%d", i) : g_strdup ("");
    g_autofree char *name =
        g_strdup_printf ("%s-%s-seed%" G_GUINT64_FORMAT "%s",
                         lw_options_model (settings->options)->name, when, settings->seed, suffix);
    g_autofree char *path = g_build_filename (parent, name, NULL);

    if (mkdir (path, 0777) == 0) {
      *ret_made = true;
      return g_steal_pointer (&path);
    }
    if (errno != EEXIST)
      return fail_folder (path, _ (CANNOT_MAKE), errno, error);
  }
  return fail_folder (parent, _ (CANNOT_MAKE_IN), EEXIST, error);
}

char *
lw_run_folder_make (const char *output, const LwSettings *settings, bool *ret_made, GError **error)
{
  return output != NULL ? make_given (output, ret_made, error)
                        : make_fresh (settings, ret_made, error);
}

void
lw_run_folder_discard (const char *folder, bool made)
{
  g_autofree char *lock = g_build_filename (folder, LOCK_FILE, NULL);
  g_autofree char *checkpoints = g_build_filename (folder, "checkpoints", NULL);

  unlink (lock);
  rmdir (checkpoints);
  if (made)
    rmdir (folder);
}

/* --- the lock -----------------------------------------------------------------------------------
 *
 * A lock of the open file, not of the process (F_OFD_*): two trainers of one process exclude each
 * other too, and a reader can ask without taking it, so that it never stands in a writer's way. */

static struct flock
whole_file (void)
{
  return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

int
lw_run_lock (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, LOCK_FILE, NULL);
  const int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  struct flock lock = whole_file ();
  char pid[32];
  ssize_t length;

  if (fd < 0) {
    fail_folder (folder, _ (CANNOT_WRITE), errno, error);
    return -1;
  }
  if (fcntl (fd, F_OFD_SETLK, &lock) != 0) {
    length = pread (fd, pid, sizeof pid - 1, 0);
    pid[MAX (length, 0)] = '\0';
    g_set_error (error, LW_ERROR, LW_ERROR_IO,
                 _ ("The run in \"%s\" is being trained right now (by process %s); wait until it "
                    "ends, or stop it there."),
                 folder, g_ascii_isdigit (*pid) ? g_strchomp (pid) : _ ("unknown"));
    close (fd);
    return -1;
  }
  /* For people only; that it could not be written harms nobody. */
  length = g_snprintf (pid, sizeof pid, "%d\n", (int)getpid ());
  if (ftruncate (fd, 0) != 0 || pwrite (fd, pid, (size_t)length, 0) != length)
    errno = 0;
  return fd;
}

bool
lw_run_is_locked (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, LOCK_FILE, NULL);
  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  struct flock lock = whole_file ();
  bool held = false;

  if (fd < 0)
    return false;
  held = fcntl (fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  close (fd);
  return held;
}

/* --- who trains it ------------------------------------------------------------------------------
 */

#define FRESH_S 90 /* an optimizer step of the largest network may take a while */

bool
lw_run_is_fresh (const char *folder, int seconds)
{
  static const char *const files[] = { "metrics.csv", "run.json" };
  const gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (folder, files[i], NULL);
    struct stat info;

    /* The other machine's clock may be a little ahead. */
    if (stat (path, &info) == 0 && ABS (now - (gint64)info.st_mtime) <= seconds)
      return true;
  }
  return false;
}

/* File systems of other machines, by statfs(2)'s numbers. */
static bool
is_shared (const char *folder)
{
  static const guint32 kinds[] = {
    0x6969,     /* NFS */
    0x517b,     /* SMB */
    0xff534d42, /* CIFS */
    0xfe534d42, /* SMB 2 */
    0x65735546, /* FUSE: sshfs, GVfs */
    0x01021997, /* 9P */
    0x00c36400, /* Ceph */
    0x5346414f, /* AFS */
    0x0bd00bd0, /* Lustre */
  };
  struct statfs info;

  if (statfs (folder, &info) != 0)
    return false;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if ((guint32)info.f_type == kinds[i])
      return true;
  return false;
}

bool
lw_run_is_trained (const char *folder)
{
  return lw_run_is_locked (folder) || (is_shared (folder) && lw_run_is_fresh (folder, FRESH_S));
}
