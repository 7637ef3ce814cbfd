#include "engine/formats/file.h"
#include "engine/formats/safetensors.h"
#include "engine/free_memory.h"
#include "engine/i18n.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SURELY_FREE (16 << 20) /* bytes that are not worth asking for */
#define PIECE       (1 << 30)  /* bytes asked of one read or write; Linux cuts at 2 GB */

void
lw_file_set_error (GError **error, bool writes, const char *path, int number)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (
      error, LW_ERROR, number == ENOSPC || number == EDQUOT ? LW_ERROR_NO_SPACE : LW_ERROR_IO,
      writes ? _ ("Cannot write %s: %s.") : _ ("Cannot read %s: %s."), shown, g_strerror (number));
}

/* --- reading -------------------------------------------------------------------------------- */

int
lw_file_open_regular (const char *path, int64_t *ret_bytes, GError **error)
{
  /* Without O_NONBLOCK, opening a named pipe would wait for its writer. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat status;

  if (fd < 0 || fstat (fd, &status) != 0) {
    lw_file_set_error (error, false, path, errno);
    if (fd >= 0)
      close (fd);
    return -1;
  }
  if (!S_ISREG (status.st_mode)) {
    g_autofree char *shown = g_filename_display_name (path);

    close (fd);
    g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("Cannot read %s: it is %s, not a file."), shown,
                 S_ISDIR (status.st_mode) ? _ ("a folder") : _ ("a device or a pipe"));
    return -1;
  }
  *ret_bytes = status.st_size;
  return fd;
}

int64_t
lw_file_read_fully (int fd, void *buffer, int64_t length)
{
  int64_t done = 0;

  while (done < length) {
    ssize_t got = read (fd, (char *)buffer + done, (size_t)MIN (length - done, PIECE));

    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return -1;
    if (got == 0)
      break;
    done += got;
  }
  return done;
}

void *
lw_file_memory (int64_t bytes, const char *name, GError **error)
{
  const int64_t available = bytes > SURELY_FREE ? lw_free_host_memory () : -1;
  void *memory = available >= 0 && bytes > available ? NULL : g_try_malloc ((gsize)bytes + 1);

  if (memory == NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is not enough memory for the %" PRId64 " bytes of %s."), bytes, name);
  return memory;
}

GBytes *
lw_file_read (const char *path, int64_t max_bytes, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *buffer = NULL;
  int64_t size = 0, got;
  int fd = lw_file_open_regular (path, &size, error);

  if (fd < 0)
    return NULL;
  if (size > max_bytes) {
    g_set_error (
        error, LW_ERROR, LW_ERROR_FORMAT,
        _ ("%s has %" PRId64 " bytes, more than the %" PRId64 " that such a file may have."), shown,
        size, max_bytes);
    close (fd);
    return NULL;
  }
  buffer = lw_file_memory (size, shown, error);
  if (buffer == NULL) {
    close (fd);
    return NULL;
  }
  got = lw_file_read_fully (fd, buffer, size);
  if (got < 0)
    lw_file_set_error (error, false, path, errno);
  close (fd);
  return got < 0 ? NULL : g_bytes_new_take (g_steal_pointer (&buffer), (gsize)got);
}

/* --- replacing ------------------------------------------------------------------------------ */

struct LwReplacement {
  char *path;   /* what is replaced; links resolved */
  char *beside; /* the new file's name until the commit; NULL: it has none */
  int fd;
};

/* A lock of the open file: whoever finds a part that nobody holds knows that its writer was killed.
 * Where a file system has no locks, parts stay. */
static bool
hold_part (int fd, int command, struct flock *lock)
{
  *lock = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
  return fcntl (fd, command, lock) == 0;
}

/* Tries random names until one is free: makes a file, or gives a file that has no name that one.
 * `mode` is cut by the umask, as for any file. */
static bool
take_name (LwReplacement *replacement, mode_t mode)
{
  g_autofree char *folder = g_path_get_dirname (replacement->path);
  g_autofree char *name = g_path_get_basename (replacement->path);
  g_autofree char *nameless = g_strdup_printf ("/proc/self/fd/%d", replacement->fd);

  for (int attempt = 0; attempt < 100; attempt++) {
    const uint32_t tag = g_random_int ();
    g_autofree char *beside = g_strdup_printf ("%s/.%.200s.%08x.part", folder, name, tag);
    const bool made = replacement->fd < 0;
    struct flock lock;

    if (made)
      replacement->fd = open (beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (made ? replacement->fd >= 0
             : linkat (AT_FDCWD, nameless, AT_FDCWD, beside, AT_SYMLINK_FOLLOW) == 0) {
      hold_part (replacement->fd, F_OFD_SETLK, &lock);
      replacement->beside = g_steal_pointer (&beside);
      return true;
    }
    if (errno != EEXIST)
      return false;
  }
  return false;
}

/* Where a file can be without a name until it is whole, a writer that is killed leaves none. */
static bool
open_new (LwReplacement *replacement, mode_t mode)
{
#ifdef O_TMPFILE
  g_autofree char *folder = g_path_get_dirname (replacement->path);

  if (access ("/proc/self/fd", F_OK) == 0)
    replacement->fd = open (folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, mode);
#endif
  return replacement->fd >= 0 || take_name (replacement, mode);
}

LwReplacement *
lw_replacement_new (const char *path, GError **error)
{
  g_autoptr (LwReplacement) replacement = g_new0 (LwReplacement, 1);
  char *resolved = realpath (path, NULL);
  struct stat status;
  mode_t mode = 0666;

  replacement->fd = -1;
  replacement->path = g_strdup (resolved != NULL ? resolved : path);
  free (resolved);
  if (stat (replacement->path, &status) == 0) {
    if (!S_ISREG (status.st_mode)) {
      g_autofree char *shown = g_filename_display_name (path);

      g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("Cannot write %s: it is %s, not a file."),
                   shown, S_ISDIR (status.st_mode) ? _ ("a folder") : _ ("a device or a pipe"));
      return NULL;
    }
    mode = status.st_mode & 0777; /* a file that others may not read stays so */
  }
  if (!open_new (replacement, mode)) {
    lw_file_set_error (error, true, path, errno);
    return NULL;
  }
  return g_steal_pointer (&replacement);
}

bool
lw_replacement_write (LwReplacement *replacement, const void *data, gsize length, GError **error)
{
  const char *from = data;

  while (length > 0) {
    ssize_t wrote = write (replacement->fd, from, MIN (length, PIECE));

    if (wrote < 0 && errno == EINTR)
      continue;
    if (wrote < 0) {
      lw_file_set_error (error, true, replacement->path, errno);
      return false;
    }
    from += wrote;
    length -= (gsize)wrote;
  }
  return true;
}

/* File systems that cannot sync a folder say so with EINVAL; there is nothing more to do on those.
 */
bool
lw_file_sync_folder (const char *folder, GError **error)
{
  const int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int number = errno;
  bool synced;

  if (fd < 0 && number == EACCES)
    return true; /* a folder may be writable and not readable */
  synced = fd >= 0 && (fsync (fd) == 0 || (number = errno) == EINVAL);
  if (fd >= 0)
    close (fd);
  if (!synced)
    lw_file_set_error (error, true, folder, number);
  return synced;
}

/* The rename itself lives in the folder. */
static bool
sync_parent (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return lw_file_sync_folder (folder, error);
}

bool
lw_replacement_commit (LwReplacement *replacement, GError **error)
{
  const bool synced = (fsync (replacement->fd) == 0 || errno == EINVAL) &&
                      (replacement->beside != NULL || take_name (replacement, 0));
  const int number = errno;
  const bool closed = close (replacement->fd) == 0;

  replacement->fd = -1;
  if (!synced || !closed) {
    lw_file_set_error (error, true, replacement->path, synced ? errno : number);
    return false;
  }
  if (rename (replacement->beside, replacement->path) != 0) {
    lw_file_set_error (error, true, replacement->path, errno);
    return false;
  }
  g_clear_pointer (&replacement->beside, g_free);
  return sync_parent (replacement->path, error);
}

void
lw_replacement_free (LwReplacement *replacement)
{
  if (replacement->fd >= 0)
    close (replacement->fd);
  if (replacement->beside != NULL)
    unlink (replacement->beside);
  g_free (replacement->beside);
  g_free (replacement->path);
  g_free (replacement);
}

bool
lw_file_replace (const char *path, const void *data, gsize length, GError **error)
{
  g_autoptr (LwReplacement) replacement = lw_replacement_new (path, error);

  return replacement != NULL && lw_replacement_write (replacement, data, length, error) &&
         lw_replacement_commit (replacement, error);
}

/* ".run.json.0123abcd.part" */
bool
lw_file_is_part (const char *name)
{
  const gsize length = strlen (name), end = strlen (".01234567.part");

  if (length <= end + 1 || *name != '.' || !g_str_has_suffix (name, ".part") ||
      name[length - end] != '.')
    return false;
  for (gsize i = length - end + 1; i < length - strlen (".part"); i++)
    if (!g_ascii_isxdigit (name[i]))
      return false;
  return true;
}

void
lw_file_remove_parts (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = lw_file_is_part (name) ? g_build_filename (folder, name, NULL) : NULL;
    const int fd =
        path != NULL ? open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY) : -1;
    struct flock lock;

    if (fd < 0)
      continue;
    if (hold_part (fd, F_OFD_GETLK, &lock) && lock.l_type == F_UNLCK)
      unlink (path);
    close (fd);
  }
}
