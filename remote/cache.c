#include "remote/cache.h"

#include "engine/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define IN_USE  "in-use"
#define DEEPEST 4 /* followed/X/RUN/snapshots */

/* Symbolic links are removed, never followed. */
static void
remove_all (const char *path, int depth)
{
  struct stat info;

  if (lstat (path, &info) == 0 && S_ISDIR (info.st_mode) && depth < DEEPEST) {
    GDir *dir = g_dir_open (path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      remove_all (inner, depth + 1);
    }
    g_clear_pointer (&dir, g_dir_close);
    rmdir (path);
  } else {
    unlink (path);
  }
}

/* Of the open file, so that it goes with the program, and is seen within one program too. */
static int
hold (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, IN_USE, NULL);
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  const int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0 && fcntl (fd, F_OFD_SETLK, &lock) == 0)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

static void
remove_abandoned (const char *around)
{
  GDir *dir = g_dir_open (around, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *folder = g_build_filename (around, name, NULL);
    g_autofree char *mark = g_build_filename (folder, IN_USE, NULL);
    int fd;

    /* One that is just being made has none yet. */
    if (!g_file_test (mark, G_FILE_TEST_EXISTS) || (fd = hold (folder)) < 0)
      continue;
    remove_all (folder, 1);
    close (fd);
  }
  g_clear_pointer (&dir, g_dir_close);
}

static char *
folder_around (void)
{
  return g_build_filename (g_get_user_cache_dir (), "layerwise", "followed", NULL);
}

bool
lw_remote_cache_has (const char *path)
{
  g_autofree char *around = folder_around ();
  g_autofree char *prefix = g_strconcat (around, G_DIR_SEPARATOR_S, NULL);

  return g_str_has_prefix (path, prefix);
}

LwRemoteCache *
lw_remote_cache_new (GError **error)
{
  g_autofree char *around = folder_around ();
  g_autofree char *folder = g_build_filename (around, "XXXXXX", NULL);
  LwRemoteCache *cache;
  int fd = -1;

  if (g_mkdir_with_parents (around, 0700) == 0) {
    remove_abandoned (around);
    if (g_mkdtemp_full (folder, 0700) != NULL)
      fd = hold (folder);
  }
  if (fd < 0) {
    const int reason = errno;
    g_autofree char *name = g_filename_display_name (around);

    g_set_error (error, LW_ERROR, LW_ERROR_IO,
                 _ ("Cannot make a folder in \"%s\" for what comes from there: %s."), name,
                 g_strerror (reason));
    return NULL;
  }
  cache = g_new (LwRemoteCache, 1);
  *cache = (LwRemoteCache){ g_steal_pointer (&folder), fd };
  return cache;
}

void
lw_remote_cache_free (LwRemoteCache *cache)
{
  if (cache == NULL)
    return;
  remove_all (cache->folder, 1);
  close (cache->fd);
  g_free (cache->folder);
  g_free (cache);
}

char *
lw_remote_cache_name (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  GString *plain = g_string_new (NULL);

  for (const char *c = valid; *c != '\0' && plain->len < 96; c = g_utf8_next_char (c)) {
    const gunichar letter = g_utf8_get_char (c);

    if (letter == '/' || !g_unichar_isprint (letter) || (letter == '.' && plain->len == 0))
      g_string_append_c (plain, '_');
    else
      g_string_append_unichar (plain, letter);
  }
  if (plain->len == 0)
    g_string_append (plain, "run");
  return g_string_free (plain, FALSE);
}
