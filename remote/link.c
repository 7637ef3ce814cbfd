#include "remote/link.h"

#include "engine/i18n.h"
#include "remote/far.h"
#include "remote/process.h"

#include <string.h>

#define OPEN_S      25 /* with a proxy in between, and its own limit of 15 */
#define ANSWER_S    30
#define MOST_ANSWER (8 << 20)  /* of names: 5000 runs, or as many files */
#define MOST_NOISE  (64 << 10) /* that a login shell may say before the first answer */
#define BLOCK       65536

struct LwRemoteLink {
  LwRemoteProcess *process;
  LwRemoteAddress *address;
  char *nonce;
  guint last;       /* number of the last request */
  GByteArray *come; /* received and not taken yet */
};

/* --- answers ------------------------------------------------------------------------------------
 */

static gint64
in_seconds (int seconds)
{
  return g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;
}

static bool
receive (LwRemoteLink *link, gint64 deadline_us, GError **error)
{
  const guint before = link->come->len;
  gssize size;

  g_byte_array_set_size (link->come, before + BLOCK);
  size =
      lw_remote_process_read (link->process, link->come->data + before, BLOCK, deadline_us, error);
  g_byte_array_set_size (link->come, before + (guint)MAX (size, 0));
  return size > 0;
}

static bool
fail_garbled (LwRemoteLink *link, GError **error)
{
  g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
               _ ("%s answers what makes no sense; see whether its login shell works without a "
                  "terminal (ssh %s true)."),
               link->address->host, link->address->login);
  return false;
}

/* The answer to the last request, without its end; zero-terminated. */
static bool
take_answer (LwRemoteLink *link, guint most, int seconds, GBytes **ret_answer, GError **error)
{
  g_autofree char *end = g_strdup_printf ("\nE %s %u\n", link->nonce, link->last);
  const gint64 deadline_us = in_seconds (seconds);
  const gsize length = strlen (end);
  guint looked = 0;

  for (;;) {
    const guint8 *data = link->come->data, *found = NULL;

    if (link->come->len - looked >= length)
      found = memmem (data + looked, link->come->len - looked, end, length);
    if (found != NULL) {
      const gsize size = (gsize)(found - data);
      char *text = g_malloc (size + 1);

      memcpy (text, data, size);
      text[size] = '\0';
      *ret_answer = g_bytes_new_take (text, size);
      g_byte_array_remove_range (link->come, 0, (guint)(size + length));
      return true;
    }
    if (link->come->len > most)
      return fail_garbled (link, error);
    looked = link->come->len > length ? link->come->len - (guint)length : 0;
    if (!receive (link, deadline_us, error))
      return false;
  }
}

/* Sends "FUNCTION N ARGUMENTS", of which each is quoted. */
static bool
ask (LwRemoteLink *link, const char *function, const char *first, const char *rest, GError **error)
{
  g_autofree char *quoted = g_shell_quote (first);
  g_autofree char *line =
      g_strdup_printf ("%s %u %s %s </dev/null\n", function, ++link->last, quoted, rest);

  return lw_remote_process_write (link->process, line, in_seconds (ANSWER_S), error);
}

/* --- opening ------------------------------------------------------------------------------------
 */

static char *
new_nonce (void)
{
  return g_strdup_printf ("%08x%08x", g_random_int (), g_random_int ());
}

static bool
greet (LwRemoteLink *link, GError **error)
{
  g_autofree char *script = g_strdup_printf (lw_remote_far_script, link->nonce);
  g_autoptr (GBytes) noise = NULL, answer = NULL;
  const char *missing;

  if (!lw_remote_process_write (link->process, script, in_seconds (OPEN_S), error) ||
      !take_answer (link, MOST_NOISE, OPEN_S, &noise, error))
    return false;
  link->last = 1;
  if (!take_answer (link, MOST_NOISE, OPEN_S, &answer, error))
    return false;
  missing = g_bytes_get_data (answer, NULL);
  if (!g_str_has_prefix (missing, "missing "))
    return true;
  missing += strlen ("missing ");
  g_set_error (
      error, LW_ERROR, LW_ERROR_UNSUPPORTED,
      _ ("%s has no program %.*s, which reading a run there needs (coreutils or busybox)."),
      link->address->host, (int)MIN (strcspn (missing, "\n"), 16), missing);
  return false;
}

LwRemoteLink *
lw_remote_link_open (const LwRemoteAddress *address, GCancellable *cancellable, GError **error)
{
  g_autoptr (LwRemoteLink) link = NULL;
  /* Whatever the login shell is, it knows exec. */
  LwRemoteProcess *process = lw_remote_process_new (address, "exec sh", cancellable, error);

  if (process == NULL)
    return NULL;
  link = g_new0 (LwRemoteLink, 1);
  link->process = process;
  link->address = lw_remote_address_copy (address);
  link->nonce = new_nonce ();
  link->come = g_byte_array_new ();
  if (!greet (link, error))
    return NULL;
  lw_remote_process_connected (process);
  return g_steal_pointer (&link);
}

void
lw_remote_link_free (LwRemoteLink *link)
{
  if (link == NULL)
    return;
  lw_remote_process_free (link->process);
  lw_remote_address_free (link->address);
  g_byte_array_unref (link->come);
  g_free (link->nonce);
  g_free (link);
}

/* --- what is there ------------------------------------------------------------------------------
 */

bool
lw_remote_link_enter (LwRemoteLink *link, const char *folder, LwRemoteKind *ret_kind,
                      GError **error)
{
  static const struct {
    const char *word, *sentence;
  } problems[] = {
    { "none", N_ ("There is no folder \"%s\" on %s.") },
    { "file", N_ ("\"%s\" on %s is a file; name the folder that it lies in.") },
    { "closed", N_ ("You may not read the folder \"%s\" on %s.") },
  };
  g_autofree char *shown = g_filename_display_name (folder);
  g_autoptr (GBytes) answer = NULL;
  const char *text;

  if (!ask (link, "lw_enter", folder, "", error) ||
      !take_answer (link, MOST_NOISE, ANSWER_S, &answer, error))
    return false;
  text = g_bytes_get_data (answer, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (problems); i++)
    if (g_str_has_prefix (text, problems[i].word)) {
      g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN, _ (problems[i].sentence),
                   g_str_has_prefix (shown, "./") && shown[2] != '\0' ? shown + 2 : shown,
                   link->address->host);
      return false;
    }
  if (!g_str_has_prefix (text, "run") && !g_str_has_prefix (text, "folder"))
    return fail_garbled (link, error);
  *ret_kind = *text == 'r' ? LW_REMOTE_RUN : LW_REMOTE_FOLDER;
  return true;
}

static void
free_run (gpointer data)
{
  LwRemoteRun *run = data;

  g_free (run->name);
  g_free (run);
}

static int
last_written_first (gconstpointer a, gconstpointer b)
{
  const LwRemoteRun *x = *(LwRemoteRun *const *)a, *y = *(LwRemoteRun *const *)b;

  if (x->written_unix != y->written_unix)
    return x->written_unix < y->written_unix ? 1 : -1;
  return strcmp (x->name, y->name);
}

GPtrArray *
lw_remote_link_runs (LwRemoteLink *link, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (free_run);
  g_autoptr (GBytes) answer = NULL;
  const char *at, *end;
  gsize size;

  if (!ask (link, "lw_runs", folder, "", error) ||
      !take_answer (link, MOST_ANSWER, ANSWER_S, &answer, error))
    return NULL;
  at = g_bytes_get_data (answer, &size);
  end = at + size;
  while (at < end) {
    const char *name = at + strlen (at) + 1; /* the answer itself is zero-terminated */
    LwRemoteRun *run;
    char *rest;

    if (name >= end)
      break;
    run = g_new0 (LwRemoteRun, 1);
    run->written_unix = g_ascii_strtoll (at, &rest, 10);
    run->written_unix = MAX (run->written_unix, g_ascii_strtoll (rest, NULL, 10));
    run->name = g_strdup (name);
    if (*name == '\0' || strchr (name, '/') != NULL || strcmp (name, ".") == 0 ||
        strcmp (name, "..") == 0)
      free_run (run);
    else
      g_ptr_array_add (runs, run);
    at = name + strlen (name) + 1;
  }
  g_ptr_array_sort (runs, last_written_first);
  return g_steal_pointer (&runs);
}

/* --- files --------------------------------------------------------------------------------------
 */

void
lw_remote_file_free (LwRemoteFile *file)
{
  if (file == NULL)
    return;
  g_free (file->name);
  g_free (file->inode);
  g_free (file->stamp);
  g_free (file);
}

static void
free_file (gpointer file)
{
  lw_remote_file_free (file);
}

void
lw_remote_listing_free (LwRemoteListing *listing)
{
  if (listing == NULL)
    return;
  g_free (listing->owner);
  g_ptr_array_unref (listing->files);
  g_free (listing);
}

/* "81a4 4935 11008160 1764386287 2026-11-29 03:18:07.1 +0000|./run.json"; NULL: it is none. */
static LwRemoteFile *
parse_file (const char *line)
{
  const char *bar = strchr (line, '|');
  g_auto (GStrv) fields = bar != NULL ? g_strsplit (line, " ", 5) : NULL;
  guint64 mode, bytes;
  LwRemoteFile *file;

  if (bar == NULL || g_strv_length (fields) < 5 || !g_str_has_prefix (bar + 1, "./") ||
      !g_ascii_string_to_unsigned (fields[0], 16, 0, G_MAXUINT32, &mode, NULL) ||
      !g_ascii_string_to_unsigned (fields[1], 10, 0, G_MAXINT64, &bytes, NULL))
    return NULL;
  file = g_new0 (LwRemoteFile, 1);
  file->name = g_strdup (bar + 3);
  file->regular = (mode & 0170000) == 0100000;
  file->bytes = (int64_t)bytes;
  file->inode = g_strdup (fields[2]);
  file->written_unix = g_ascii_strtoll (fields[3], NULL, 10);
  file->stamp = g_strndup (line, (gsize)(bar - line));
  return file;
}

/* "lock 0 4711 host": who, printable, as the lock's file has it. */
static void
parse_lock (LwRemoteListing *listing, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  const guint n = g_strv_length (words);

  listing->trained = n > 1 && strcmp (words[1], "0") == 0;
  if (n > 3 && *words[2] != '\0') {
    listing->owner = g_strdup_printf ("%.20s %.64s", words[2], words[3]);
    for (char *c = listing->owner; *c != '\0'; c++)
      if (!g_ascii_isgraph (*c) && *c != ' ')
        *c = '?';
  }
}

LwRemoteListing *
lw_remote_link_list (LwRemoteLink *link, const char *folder, GError **error)
{
  g_autoptr (LwRemoteListing) listing = g_new0 (LwRemoteListing, 1);
  g_auto (GStrv) lines = NULL;
  g_autoptr (GBytes) answer = NULL;

  listing->files = g_ptr_array_new_with_free_func (free_file);
  if (!ask (link, "lw_list", folder, "", error) ||
      !take_answer (link, MOST_ANSWER, ANSWER_S, &answer, error))
    return NULL;
  lines = g_strsplit (g_bytes_get_data (answer, NULL), "\n", -1);
  if (lines[0] == NULL || (strcmp (lines[0], "there") != 0 && strcmp (lines[0], "gone") != 0)) {
    fail_garbled (link, error);
    return NULL;
  }
  listing->there = *lines[0] == 't';
  for (int i = 1; lines[i] != NULL; i++) {
    LwRemoteFile *file = parse_file (lines[i]);

    if (file != NULL)
      g_ptr_array_add (listing->files, file);
    else if (i == 1 && g_str_has_prefix (lines[i], "lock "))
      parse_lock (listing, lines[i]);
  }
  return g_steal_pointer (&listing);
}

bool
lw_remote_link_read (LwRemoteLink *link, const char *name, int64_t from, int64_t length,
                     void *buffer, LwRemoteFile **ret_now, GError **error)
{
  g_autofree char *path = g_strconcat ("./", name, NULL);
  g_autofree char *rest =
      g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, from + 1, length);
  const gint64 deadline_us = in_seconds (ANSWER_S);
  g_autoptr (GBytes) answer = NULL;

  *ret_now = NULL;
  if (!ask (link, "lw_read", path, rest, error))
    return false;
  while (link->come->len < length)
    if (!receive (link, deadline_us, error))
      return false;
  memcpy (buffer, link->come->data, (gsize)length);
  g_byte_array_remove_range (link->come, 0, (guint)length);
  if (!take_answer (link, MOST_NOISE, ANSWER_S, &answer, error))
    return false;
  *ret_now = parse_file (g_strstrip ((char *)g_bytes_get_data (answer, NULL)));
  return true;
}
