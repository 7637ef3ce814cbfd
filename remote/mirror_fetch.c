/* How bytes come: into a part file that is renamed once it is whole, or appended to metrics.csv. */
#include "remote/mirror_private.h"

#include "engine/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRIES   5
#define PART    ".fetching"
#define OVERLAP 1024 /* bytes before the new ones that are compared: it is still the same file */

static LwFetch
fail_here (LwRemoteMirror *mirror)
{
  lw_mirror_note_problem (mirror, _ ("What comes from %s cannot be kept here: %s."), mirror->host,
                          g_strerror (errno));
  return LW_FETCH_PROBLEM;
}

static bool
write_fully (int fd, const guint8 *data, int64_t length)
{
  while (length > 0) {
    const ssize_t size = write (fd, data, (size_t)length);

    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0)
      return false;
    data += size;
    length -= size;
  }
  return true;
}

/* Bytes into the block. Of a file that grows they are good while it is the same one and reaches so
 * far; of all others only while nothing about it has changed. `ret_now`: what it is after that, or
 * NULL. */
static LwFetch
read_block (LwRemoteMirror *mirror, LwRemoteLink *link, const LwRemoteFile *file, bool grows,
            int64_t from, int64_t length, LwRemoteFile **ret_now, GError **error)
{
  const LwRemoteFile *now;
  bool same;

  if (!lw_remote_link_read (link, file->name, from, length, mirror->block, ret_now, error))
    return LW_FETCH_LOST;
  now = *ret_now;
  same = now != NULL && now->regular &&
         (grows ? strcmp (now->inode, file->inode) == 0 && now->bytes >= from + length
                : strcmp (now->stamp, file->stamp) == 0);
  return same ? LW_FETCHED : LW_FETCH_CHANGED;
}

/* --- whole files -------------------------------------------------------------------------------
 */

void
lw_mirror_drop_part (LwRemoteMirror *mirror)
{
  g_autofree char *path = lw_mirror_path (mirror, PART);

  mirror->done = 0;
  if (mirror->part < 0)
    return;
  close (mirror->part);
  mirror->part = -1;
  unlink (path);
}

static LwFetch
put_in_place (LwRemoteMirror *mirror, const char *part, const LwRemoteFile *file)
{
  g_autofree char *path = lw_mirror_path (mirror, file->name);
  g_autofree char *parent = g_path_get_dirname (path);

  if (g_mkdir_with_parents (parent, 0700) != 0 || rename (part, path) != 0)
    return fail_here (mirror);
  lw_mirror_have (mirror, file, file->bytes);
  return LW_FETCHED;
}

static int
open_part (const char *path)
{
  return open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static LwFetch
fetch_all (LwRemoteMirror *mirror, LwRemoteLink *link, const LwRemoteFile *file, bool grows,
           LwRemoteFile **ret_now, GError **error)
{
  g_autofree char *part = lw_mirror_path (mirror, PART "-whole");
  const int fd = open_part (part);
  LwFetch result = LW_FETCHED;

  if (fd < 0)
    return fail_here (mirror);
  for (int64_t done = 0; result == LW_FETCHED && done < file->bytes;) {
    const int64_t length = MIN (file->bytes - done, LW_MIRROR_BLOCK);

    g_clear_pointer (ret_now, lw_remote_file_free);
    result = read_block (mirror, link, file, grows, done, length, ret_now, error);
    if (result == LW_FETCHED && !write_fully (fd, mirror->block, length))
      result = fail_here (mirror);
    done += length;
  }
  if (close (fd) != 0 && result == LW_FETCHED)
    result = fail_here (mirror);
  if (result == LW_FETCHED)
    result = put_in_place (mirror, part, file);
  if (result != LW_FETCHED)
    unlink (part);
  return result;
}

/* A run of short epochs writes some files several times a second: one that was replaced since it
 * was listed is fetched as what it is now, or it might never come. */
LwFetch
lw_mirror_fetch_whole (LwRemoteMirror *mirror, LwRemoteLink *link, const LwRemoteFile *file,
                       GError **error)
{
  g_autoptr (LwRemoteFile) wanted = NULL;
  LwFetch result;

  for (int i = 0; i < TRIES; i++) {
    g_autoptr (LwRemoteFile) now = NULL;
    const int64_t least = wanted != NULL ? wanted->bytes : file->bytes;

    result = fetch_all (mirror, link, wanted != NULL ? wanted : file, false, &now, error);
    if (result != LW_FETCH_CHANGED || now == NULL || !now->regular ||
        now->bytes > MAX (2 * least, LW_MIRROR_BLOCK))
      break; /* what has grown so much is admitted first */
    g_clear_pointer (&wanted, lw_remote_file_free);
    wanted = g_steal_pointer (&now);
  }
  return result;
}

static LwFetch
fetch_table (LwRemoteMirror *mirror, LwRemoteLink *link, const LwRemoteFile *file, GError **error)
{
  g_autoptr (LwRemoteFile) now = NULL;

  return fetch_all (mirror, link, file, true, &now, error);
}

LwFetch
lw_mirror_fetch_block (LwRemoteMirror *mirror, LwRemoteLink *link, bool *ret_whole, GError **error)
{
  const LwRemoteFile *file = mirror->waiting->pdata[mirror->waiting->len - 1];
  const int64_t length = MIN (file->bytes - mirror->done, LW_MIRROR_BLOCK);
  g_autofree char *part = lw_mirror_path (mirror, PART);
  g_autoptr (LwRemoteFile) now = NULL;
  LwFetch result = LW_FETCHED;

  *ret_whole = false;
  if (mirror->part < 0 && (mirror->part = open_part (part)) < 0)
    result = fail_here (mirror);
  if (result == LW_FETCHED && length > 0)
    result = read_block (mirror, link, file, false, mirror->done, length, &now, error);
  if (result == LW_FETCHED && !write_fully (mirror->part, mirror->block, length))
    result = fail_here (mirror);
  mirror->done += length;
  if (result == LW_FETCHED && mirror->done < file->bytes)
    return LW_FETCHED;
  if (result == LW_FETCHED) {
    result = put_in_place (mirror, part, file);
    *ret_whole = result == LW_FETCHED;
  }
  lw_mirror_drop_part (mirror);
  if (result != LW_FETCH_LOST)
    g_ptr_array_remove_index (mirror->waiting, mirror->waiting->len - 1);
  return result;
}

/* --- metrics.csv -------------------------------------------------------------------------------
 */

/* The last bytes here are still the bytes there. */
static LwFetch
compare_overlap (LwRemoteMirror *mirror, LwRemoteLink *link, const LwRemoteFile *file, int fd,
                 int64_t have, GError **error)
{
  const int64_t overlap = MIN (have, OVERLAP);
  g_autoptr (LwRemoteFile) now = NULL;
  guint8 here[OVERLAP];
  LwFetch result;

  if (pread (fd, here, (size_t)overlap, have - overlap) != overlap)
    return LW_FETCH_CHANGED;
  result = read_block (mirror, link, file, true, have - overlap, overlap, &now, error);
  if (result == LW_FETCHED && memcmp (here, mirror->block, (size_t)overlap) != 0)
    result = LW_FETCH_CHANGED;
  return result;
}

LwFetch
lw_mirror_fetch_growth (LwRemoteMirror *mirror, LwRemoteLink *link, const LwRemoteFile *file,
                        GError **error)
{
  const LwMirrored *here = g_hash_table_lookup (mirror->files, file->name);
  g_autofree char *path = lw_mirror_path (mirror, file->name);
  LwFetch result;
  int64_t have;
  int fd;

  if (here == NULL || here->bytes == 0 || here->bytes > file->bytes ||
      strcmp (here->inode, file->inode) != 0)
    return fetch_table (mirror, link, file, error);
  have = here->bytes;
  fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return fetch_table (mirror, link, file, error);
  result = compare_overlap (mirror, link, file, fd, have, error);
  if (result == LW_FETCH_CHANGED) {
    close (fd);
    return fetch_table (mirror, link, file, error);
  }
  while (result == LW_FETCHED && have < file->bytes) {
    const int64_t length = MIN (file->bytes - have, LW_MIRROR_BLOCK);
    g_autoptr (LwRemoteFile) now = NULL;

    result = read_block (mirror, link, file, true, have, length, &now, error);
    if (result != LW_FETCHED)
      break;
    if (lseek (fd, have, SEEK_SET) != have || !write_fully (fd, mirror->block, length)) {
      result = fail_here (mirror);
      if (ftruncate (fd, have) != 0)
        unlink (path); /* never a part of a row that is then taken for one */
      break;
    }
    have += length;
    lw_mirror_have (mirror, file, have);
  }
  close (fd);
  return result;
}
