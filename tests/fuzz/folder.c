#include "tests/fuzz/folder.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *folder;
static pid_t owner;

void
lw_fuzz_remove (const char *path)
{
  if (unlink (path) == 0)
    return;
  lw_fuzz_empty (path, NULL);
  rmdir (path);
}

void
lw_fuzz_empty (const char *path, const char *const *stay)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    if (stay != NULL && g_strv_contains (stay, name))
      continue;
    lw_fuzz_remove (child);
  }
  g_clear_pointer (&dir, g_dir_close);
}

static void
remove_folder (void)
{
  if (getpid () != owner) /* a child of AFL++'s fork server */
    return;
  lw_fuzz_remove (folder);
  g_free (folder);
}

const char *
lw_fuzz_folder (void)
{
  if (folder == NULL) {
    /* In memory where there is such a file system: whole files are waited for until the disk has
     * them, and there are thousands. */
    folder = g_strdup ("/dev/shm/layerwise-fuzz-XXXXXX");
    if (g_getenv ("TMPDIR") != NULL || g_mkdtemp (folder) == NULL) {
      g_free (folder);
      folder = g_dir_make_tmp ("layerwise-fuzz-XXXXXX", NULL);
    }
    g_assert_nonnull (folder);
    owner = getpid ();
    atexit (remove_folder);
  }
  return folder;
}

const char *
lw_fuzz_put (const char *name, const void *data, size_t size)
{
  static GHashTable *paths;
  const char *path;
  int fd;

  if (paths == NULL)
    paths = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  path = g_hash_table_lookup (paths, name);
  if (path == NULL) {
    path = g_build_filename (lw_fuzz_folder (), name, NULL);
    g_hash_table_insert (paths, (char *)name, (char *)path);
  }
  fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_true (write (fd, data, size) == (ssize_t)size);
  close (fd);
  return path;
}
