#include "engine/run_record.h"

#include "engine/formats/file.h"
#include "engine/i18n.h"
#include "engine/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
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

/* What a program that was killed while it began a run may have left is nothing. */
static bool
is_empty (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (lw_run_is_locked (path))
    return false;
  dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (strcmp (name, LOCK_FILE) != 0 && !lw_file_is_part (name))
      return false;
  return dir != NULL;
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
    return lw_file_sync_folder (parent, error) ? g_steal_pointer (&path) : NULL;
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
      return lw_file_sync_folder (parent, error) ? g_steal_pointer (&path) : NULL;
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
  g_autofree char *record = g_build_filename (folder, "run.json", NULL);
  g_autofree char *checkpoints = g_build_filename (folder, "checkpoints", NULL);

  if (lw_run_is_locked (folder))
    return;
  unlink (lock);
  unlink (record);
  rmdir (checkpoints);
  if (made)
    rmdir (folder);
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

/* --- the lock -----------------------------------------------------------------------------------
 *
 * A lock of the open file, not of the process (F_OFD_*): two trainers of one process exclude each
 * other too, a reader can ask without taking it, so that it never stands in a writer's way, and the
 * system lets go of it when its process ends, however that does. The file says which process that
 * is, and on which machine: "4711 host". */

typedef struct {
  int64_t pid; /* 0: not known */
  char host[65];
} Owner;

static struct flock
whole_file (void)
{
  return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

static Owner
this_program (void)
{
  Owner owner = { .pid = (int64_t)getpid () };

  if (gethostname (owner.host, sizeof owner.host - 1) != 0)
    owner.host[0] = '\0';
  return owner;
}

static Owner
read_owner (int fd)
{
  Owner owner = { 0 };
  char text[128];
  const ssize_t length = pread (fd, text, sizeof text - 1, 0);
  char *at;

  text[MAX (length, 0)] = '\0';
  owner.pid = g_ascii_strtoll (text, &at, 10);
  for (gsize i = 0; *at == ' ' && i < sizeof owner.host - 1 && g_ascii_isgraph (at[i + 1]); i++)
    owner.host[i] = at[i + 1];
  return owner;
}

/* For people, and to know one's own again. It is never shorter than before, so that it needs no
 * room on a full disk the second time. */
static void
write_owner (int fd)
{
  const Owner owner = this_program ();
  char text[97];
  const int length =
      g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT " %-64s\n", owner.pid, owner.host);

  if (pwrite (fd, text, (size_t)length, 0) != length)
    errno = 0; /* harms nobody */
}

static bool
is_this_program (const Owner *owner)
{
  const Owner own = this_program ();

  return owner->pid == own.pid && strcmp (owner->host, own.host) == 0;
}

static void
set_owner_error (GError **error, const char *folder, const Owner *owner, bool notes)
{
  g_autofree char *name = g_filename_display_name (folder);
  g_autofree char *who =
      owner->pid <= 0 ? g_strdup (_ ("another program"))
      : owner->host[0] != '\0'
          ? g_strdup_printf (_ ("process %" PRId64 " on %s"), owner->pid, owner->host)
          : g_strdup_printf (_ ("process %" PRId64), owner->pid);

  g_set_error (error, LW_ERROR, LW_ERROR_IO,
               notes ? /* Folder; "process 4711 on host". */
                   _ ("The run in \"%s\" is being trained right now (by %s), so it can only be "
                      "read here; change it there, or when it has ended.")
                     : _ ("The run in \"%s\" is being trained right now (by %s); wait until it "
                          "ends, or stop it there."),
               name, who);
}

/* Whether an open lock file is held by anybody. */
static bool
is_held (int fd)
{
  struct flock lock = whole_file ();

  return fcntl (fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static int
open_lock (const char *folder, int flags)
{
  g_autofree char *path = g_build_filename (folder, LOCK_FILE, NULL);

  return open (path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
}

/* File systems of other machines may not pass their locks on to us, or have none at all. */
static bool
is_trained_unlocked (const char *folder, const Owner *owner)
{
  const Owner own = this_program ();
  LwRunRecord record;
  bool running;

  if (!is_shared (folder) || strcmp (owner->host, own.host) == 0 ||
      !lw_run_is_fresh (folder, FRESH_S) || !lw_run_record_read (folder, &record, NULL))
    return false;
  running = record.state < LW_RUN_FINISHED;
  lw_run_record_clear (&record);
  return running;
}

char *
lw_run_default_name (const char *folder)
{
  g_autofree char *name = g_path_get_basename (folder);

  return lw_plain_text (name);
}

int
lw_run_lock (const char *folder, GError **error)
{
  const int fd = open_lock (folder, O_RDWR | O_CREAT);
  struct flock lock = whole_file ();
  bool held;
  Owner owner;

  if (fd < 0) {
    fail_folder (folder, _ (CANNOT_WRITE), errno, error);
    return -1;
  }
  held = fcntl (fd, F_OFD_SETLK, &lock) != 0 && (errno == EAGAIN || errno == EACCES);
  owner = read_owner (fd);
  if (held || is_trained_unlocked (folder, &owner)) {
    set_owner_error (error, folder, &owner, false);
    close (fd);
    return -1;
  }
  write_owner (fd);
  return fd;
}

/* A lock file that somebody removed is no reason to end a training; another one in its place is. */
bool
lw_run_is_lost (const char *folder, int lock)
{
  g_autofree char *path = g_build_filename (folder, LOCK_FILE, NULL);
  struct stat held, there;

  if (fstat (lock, &held) != 0)
    return false;
  if (lstat (path, &there) != 0)
    return access (folder, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
  return held.st_ino != there.st_ino || held.st_dev != there.st_dev;
}

bool
lw_run_is_locked (const char *folder)
{
  const int fd = open_lock (folder, O_RDONLY);
  const bool held = fd >= 0 && is_held (fd);

  if (fd >= 0)
    close (fd);
  return held;
}

bool
lw_run_may_write (const char *folder, GError **error)
{
  const int fd = open_lock (folder, O_RDONLY);
  Owner owner;
  bool may;

  if (fd < 0)
    return true;
  owner = read_owner (fd);
  may = is_held (fd) ? is_this_program (&owner) : !is_trained_unlocked (folder, &owner);
  close (fd);
  if (!may)
    set_owner_error (error, folder, &owner, true);
  return may;
}

bool
lw_run_is_trained (const char *folder)
{
  return lw_run_is_locked (folder) || (is_shared (folder) && lw_run_is_fresh (folder, FRESH_S));
}
