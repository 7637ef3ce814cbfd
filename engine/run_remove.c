#include "engine/run_remove.h"
#include "engine/i18n.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEEPEST     8 /* a run has one level below it */
#define DESCRIPTION "run.json"

/* All in the folder behind the descriptor, which it closes, but for the description of a run: what
 * could be removed in part is still one. Returns errno's number, 0: done. */
static int
empty (int fd, int depth)
{
  DIR *dir = fdopendir (fd);
  const struct dirent *entry;
  int problem = 0;

  if (dir == NULL) {
    problem = errno;
    close (fd);
    return problem;
  }
  while (problem == 0 && (entry = readdir (dir)) != NULL) {
    const char *name = entry->d_name;
    struct stat info;

    if (strcmp (name, ".") == 0 || strcmp (name, "..") == 0 ||
        (depth == 0 && strcmp (name, DESCRIPTION) == 0))
      continue;
    if (fstatat (dirfd (dir), name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
      problem = errno;
    } else if (S_ISDIR (info.st_mode) && depth >= DEEPEST) {
      problem = ELOOP;
    } else if (S_ISDIR (info.st_mode)) {
      const int inner = openat (dirfd (dir), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

      problem = inner < 0 ? errno : empty (inner, depth + 1);
      if (problem == 0 && unlinkat (dirfd (dir), name, AT_REMOVEDIR) != 0)
        problem = errno;
    } else if (unlinkat (dirfd (dir), name, 0) != 0) {
      problem = errno;
    }
  }
  closedir (dir);
  return problem;
}

bool
lw_run_remove (const char *folder, GError **error)
{
  g_autofree char *shown = g_filename_display_name (folder);
  g_autofree char *description = g_build_filename (folder, DESCRIPTION, NULL);
  const int fd = open (folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat info;
  int problem = fd < 0 ? errno : 0;

  if (fd >= 0 && fstatat (fd, DESCRIPTION, &info, AT_SYMLINK_NOFOLLOW) != 0) {
    close (fd);
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("\"%s\" is not a run's folder: it has no file run.json."), shown);
    return false;
  }
  if (problem == 0)
    problem = empty (fd, 0);
  if (problem == 0 && (unlink (description) != 0 || rmdir (folder) != 0))
    problem = errno;
  if (problem == 0)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("The folder \"%s\" cannot be deleted: %s."), shown,
               g_strerror (problem));
  return false;
}
