#include "remote/mirror_private.h"

#include "engine/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SMALL     (INT64_C (1) << 20)   /* weights that come without being asked for */
#define AT_ONCE   (INT64_C (2) << 20)   /* of them before the rows, as long as they are so few */
#define UNASKED   (INT64_C (32) << 20)  /* all of them, the newest first */
#define WANTED    (INT64_C (512) << 20) /* all weights when somebody looks at some */
#define LEFT_FREE (INT64_C (512) << 20)

static void
free_mirrored (gpointer data)
{
  LwMirrored *file = data;

  g_free (file->name);
  g_free (file->stamp);
  g_free (file->inode);
  g_free (file);
}

static void
free_waiting (gpointer data)
{
  lw_remote_file_free (data);
}

LwRemoteMirror *
lw_remote_mirror_new (const char *folder, const char *local, const char *host, GError **error)
{
  LwRemoteMirror *mirror;

  if (g_mkdir_with_parents (local, 0700) != 0) {
    g_autofree char *name = g_filename_display_name (local);

    g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("Cannot make the folder \"%s\"."), name);
    return NULL;
  }
  mirror = g_new0 (LwRemoteMirror, 1);
  mirror->folder = g_strdup (folder);
  mirror->local = g_strdup (local);
  mirror->host = g_strdup (host);
  mirror->files = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_mirrored);
  mirror->waiting = g_ptr_array_new_with_free_func (free_waiting);
  mirror->part = mirror->lock = -1;
  mirror->block = g_malloc (LW_MIRROR_BLOCK);
  return mirror;
}

void
lw_remote_mirror_free (LwRemoteMirror *mirror)
{
  if (mirror == NULL)
    return;
  lw_mirror_drop_part (mirror);
  if (mirror->lock >= 0)
    close (mirror->lock);
  g_ptr_array_unref (mirror->waiting);
  g_hash_table_unref (mirror->files);
  g_free (mirror->folder);
  g_free (mirror->local);
  g_free (mirror->host);
  g_free (mirror->problem);
  g_free (mirror->stuck);
  g_free (mirror->block);
  g_free (mirror);
}

void
lw_mirror_note_problem (LwRemoteMirror *mirror, const char *format, ...)
{
  va_list arguments;

  if (mirror->problem != NULL)
    return;
  va_start (arguments, format);
  mirror->problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);
}

char *
lw_mirror_path (const LwRemoteMirror *mirror, const char *name)
{
  return g_build_filename (mirror->local, name, NULL);
}

void
lw_mirror_have (LwRemoteMirror *mirror, const LwRemoteFile *file, int64_t bytes)
{
  LwMirrored *here = g_hash_table_lookup (mirror->files, file->name);

  if (here == NULL) {
    here = g_new0 (LwMirrored, 1);
    here->name = g_strdup (file->name);
    g_hash_table_insert (mirror->files, here->name, here);
  }
  g_free (here->stamp);
  g_free (here->inode);
  /* A file that is here in part is looked at again, whatever the next listing says. */
  here->stamp = g_strdup (bytes == file->bytes ? file->stamp : "");
  here->inode = g_strdup (file->inode);
  here->bytes = bytes;
  here->seen = mirror->update;
}

/* --- the lock ----------------------------------------------------------------------------------
 * As engine/run_folder.c takes it, with the words of the lock there. */

static void
hold_lock (LwRemoteMirror *mirror, const char *owner)
{
  g_autofree char *path = lw_mirror_path (mirror, "lock");
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  char text[97];
  int length;

  if (mirror->lock < 0) {
    mirror->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (mirror->lock >= 0 && fcntl (mirror->lock, F_OFD_SETLK, &whole) != 0) {
      close (mirror->lock);
      mirror->lock = -1;
    }
  }
  length = g_snprintf (text, sizeof text, "%-95s\n", owner != NULL ? owner : "0");
  if (mirror->lock >= 0 && pwrite (mirror->lock, text, (size_t)length, 0) != length)
    lw_mirror_note_problem (mirror, _ ("What comes from %s cannot be kept here: %s."), mirror->host,
                            g_strerror (ENOSPC));
}

static void
release_lock (LwRemoteMirror *mirror)
{
  if (mirror->lock >= 0)
    close (mirror->lock);
  mirror->lock = -1;
}

/* --- one look ----------------------------------------------------------------------------------
 */

static bool
is_here (const LwRemoteMirror *mirror, const LwRemoteFile *file)
{
  const LwMirrored *here = g_hash_table_lookup (mirror->files, file->name);

  return here != NULL && strcmp (here->stamp, file->stamp) == 0;
}

/* Whether it may come at all; a file of a run that may not is a problem to be told. */
static LwMirrorKind
admit (LwRemoteMirror *mirror, const LwRemoteFile *file)
{
  int64_t most;
  const LwMirrorKind kind = lw_mirror_kind (file->name, &most);

  if (kind == LW_MIRROR_FOREIGN)
    return kind;
  if (!file->regular) {
    lw_mirror_note_problem (
        mirror, _ ("The file %s on %s is a link or no file at all, and is not fetched."),
        file->name, mirror->host);
    return LW_MIRROR_FOREIGN;
  }
  if (file->bytes > most) {
    g_autofree char *size = g_format_size_full ((guint64)file->bytes, G_FORMAT_SIZE_IEC_UNITS);

    lw_mirror_note_problem (mirror, _ ("The file %s on %s is too large to be fetched (%s)."),
                            file->name, mirror->host, size);
    return LW_MIRROR_FOREIGN;
  }
  return kind;
}

static void
mark_seen (LwRemoteMirror *mirror, const LwRemoteFile *file)
{
  LwMirrored *here = g_hash_table_lookup (mirror->files, file->name);

  if (here != NULL)
    here->seen = mirror->update;
}

/* What is gone there goes here too: snapshots are thinned out, checkpoints deleted. */
static bool
forget_missing (LwRemoteMirror *mirror)
{
  GHashTableIter files;
  gpointer value;
  bool changed = false;

  g_hash_table_iter_init (&files, mirror->files);
  while (g_hash_table_iter_next (&files, NULL, &value)) {
    const LwMirrored *file = value;

    if (file->seen != mirror->update) {
      g_autofree char *path = lw_mirror_path (mirror, file->name);

      unlink (path);
      g_hash_table_iter_remove (&files);
      changed = true;
    }
  }
  return changed;
}

static int
oldest_first (gconstpointer a, gconstpointer b)
{
  const LwRemoteFile *x = *(LwRemoteFile *const *)a, *y = *(LwRemoteFile *const *)b;

  return (x->written_unix > y->written_unix) - (x->written_unix < y->written_unix);
}

static LwRemoteFile *
copy_file (const LwRemoteFile *file)
{
  LwRemoteFile *copy = g_new0 (LwRemoteFile, 1);

  *copy = *file;
  copy->name = g_strdup (file->name);
  copy->inode = g_strdup (file->inode);
  copy->stamp = g_strdup (file->stamp);
  return copy;
}

/* Weights that are still to come, within a budget from the newest back; the one that was begun goes
 * on where it is the same. */
static void
plan_weights (LwRemoteMirror *mirror, GPtrArray *weights, bool wanted, LwRemoteNews *news)
{
  g_autoptr (GPtrArray) next = g_ptr_array_new_with_free_func (free_waiting);
  const LwRemoteFile *begun =
      mirror->part >= 0 ? mirror->waiting->pdata[mirror->waiting->len - 1] : NULL;
  LwRemoteFile *going_on = NULL;
  int64_t bytes = 0;

  g_ptr_array_sort (weights, oldest_first);
  for (guint i = weights->len; i-- > 0;) {
    const LwRemoteFile *file = weights->pdata[i];
    const bool newest = i + 1 == weights->len;

    if (wanted || file->bytes <= SMALL)
      bytes += file->bytes;
    if (is_here (mirror, file))
      continue;
    if (wanted ? !newest && bytes > WANTED : file->bytes > SMALL || bytes > UNASKED)
      news->withheld += file->bytes;
    else if (begun != NULL && strcmp (begun->stamp, file->stamp) == 0 &&
             strcmp (begun->name, file->name) == 0)
      going_on = copy_file (file);
    else
      g_ptr_array_insert (next, 0, copy_file (file));
  }
  if (going_on != NULL)
    g_ptr_array_add (next, going_on);
  else
    lw_mirror_drop_part (mirror);
  g_ptr_array_unref (mirror->waiting);
  mirror->waiting = g_steal_pointer (&next);
  news->waiting = lw_remote_mirror_waiting (mirror);
}

/* All files of one kind that are new. */
static bool
fetch_kind (LwRemoteMirror *mirror, LwRemoteLink *link, const GPtrArray *files, LwMirrorKind kind,
            bool *ret_changed, GError **error)
{
  for (guint i = 0; i < files->len; i++) {
    const LwRemoteFile *file = files->pdata[i];
    int64_t most;
    LwFetch result;

    if (lw_mirror_kind (file->name, &most) != kind || is_here (mirror, file) ||
        (kind == LW_MIRROR_WEIGHTS && file->bytes > SMALL))
      continue;
    result = kind == LW_MIRROR_METRICS ? lw_mirror_fetch_growth (mirror, link, file, error)
                                       : lw_mirror_fetch_whole (mirror, link, file, error);
    if (result == LW_FETCH_LOST)
      return false;
    *ret_changed = *ret_changed || result == LW_FETCHED;
  }
  return true;
}

/* Small weights come before the rows of the next epoch, as they were written there, unless they are
 * so many that the curves would have to wait for them. */
static bool
few_small (const LwRemoteMirror *mirror, const GPtrArray *weights)
{
  int64_t bytes = 0;

  for (guint i = 0; i < weights->len; i++) {
    const LwRemoteFile *file = weights->pdata[i];

    if (file->bytes <= SMALL && !is_here (mirror, file))
      bytes += file->bytes;
  }
  return bytes <= AT_ONCE;
}

bool
lw_remote_mirror_update (LwRemoteMirror *mirror, LwRemoteLink *link, bool weights,
                         LwRemoteNews *ret_news, GError **error)
{
  g_autoptr (LwRemoteListing) listing = lw_remote_link_list (link, mirror->folder, error);
  g_autoptr (GPtrArray) admitted = g_ptr_array_new ();
  g_autoptr (GPtrArray) all_weights = g_ptr_array_new ();
  bool rows = false;

  *ret_news = (LwRemoteNews){ 0 };
  if (listing == NULL)
    return false;
  g_clear_pointer (&mirror->problem, g_free);
  ret_news->there = listing->there;
  ret_news->trained = listing->there && listing->trained;
  if (!listing->there) {
    release_lock (mirror);
    g_ptr_array_set_size (mirror->waiting, 0);
    lw_mirror_drop_part (mirror);
    return true;
  }
  mirror->update++;
  if (ret_news->trained)
    hold_lock (mirror, listing->owner); /* before what it writes can be seen */
  for (guint i = 0; i < listing->files->len; i++) {
    LwRemoteFile *file = listing->files->pdata[i];
    const LwMirrorKind kind = admit (mirror, file);

    if (kind == LW_MIRROR_FOREIGN)
      continue;
    mark_seen (mirror, file);
    g_ptr_array_add (kind == LW_MIRROR_WEIGHTS ? all_weights : admitted, file);
  }
  if (!fetch_kind (mirror, link, admitted, LW_MIRROR_RECORD, &ret_news->files_changed, error) ||
      (few_small (mirror, all_weights) && !fetch_kind (mirror, link, all_weights, LW_MIRROR_WEIGHTS,
                                                       &ret_news->files_changed, error)) ||
      !fetch_kind (mirror, link, admitted, LW_MIRROR_METRICS, &rows, error) ||
      !fetch_kind (mirror, link, admitted, LW_MIRROR_DESCRIPTION, &rows, error))
    return false;
  ret_news->files_changed = forget_missing (mirror) || ret_news->files_changed;
  if (!ret_news->trained)
    release_lock (mirror); /* after all that it wrote is here */
  plan_weights (mirror, all_weights, weights, ret_news);
  if (mirror->stuck != NULL && mirror->waiting->len > 0)
    lw_mirror_note_problem (mirror, "%s", mirror->stuck);
  ret_news->problem = mirror->problem;
  return true;
}

/* --- weights -----------------------------------------------------------------------------------
 */

int64_t
lw_remote_mirror_waiting (const LwRemoteMirror *mirror)
{
  int64_t bytes = -mirror->done;

  for (guint i = 0; i < mirror->waiting->len; i++)
    bytes += ((const LwRemoteFile *)mirror->waiting->pdata[i])->bytes;
  return MAX (bytes, 0);
}

static bool
has_room (LwRemoteMirror *mirror)
{
  struct statvfs info;

  if (statvfs (mirror->local, &info) != 0 ||
      (int64_t)info.f_bavail * (int64_t)info.f_frsize >= LEFT_FREE)
    return true;
  lw_mirror_note_problem (mirror, _ ("What comes from %s cannot be kept here: %s."), mirror->host,
                          _ ("less than 512 MiB of the disk is free"));
  return false;
}

bool
lw_remote_mirror_fetch (LwRemoteMirror *mirror, LwRemoteLink *link, gint64 until_us,
                        bool *ret_changed, GError **error)
{
  *ret_changed = false;
  g_clear_pointer (&mirror->problem, g_free); /* that was told */
  while (mirror->waiting->len > 0 && has_room (mirror)) {
    bool whole;
    const LwFetch result = lw_mirror_fetch_block (mirror, link, &whole, error);

    if (result == LW_FETCH_LOST)
      return false;
    *ret_changed = *ret_changed || whole;
    /* After a problem the next look tries again. */
    if (result == LW_FETCH_PROBLEM || g_get_monotonic_time () >= until_us)
      break;
  }
  g_free (mirror->stuck);
  mirror->stuck = g_steal_pointer (&mirror->problem);
  return true;
}
