/* One JSON object of texts alone, so that a file that anybody may have damaged needs no more than a
 * scanner: first what the measurements depend on, which must be the same here, then a line for each
 * convolution. */
#include "kernels/common/choice.h"

#include <glib/gstdio.h>
#include <string.h>

enum { MOST_BYTES = 4 << 20, MOST_ENTRIES = 20000 };

/* The scanner below knows no escapes. */
void
lw_conv_cache_clean (char *text)
{
  for (char *c = text; *c != '\0'; c++)
    if (*c == '"' || *c == '\\' || !g_ascii_isprint (*c))
      *c = '?';
}

char *
lw_conv_cache_path (const char *folder, char *const *circumstances)
{
  g_autofree char *text = g_strjoinv ("\n", (char **)circumstances);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  g_autofree char *name = g_strdup_printf ("algorithms-%.16s.json", sum);

  return folder != NULL ? g_build_filename (folder, name, NULL) : NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool
skip (const char **at, char expected)
{
  while (g_ascii_isspace (**at))
    (*at)++;
  if (**at != expected)
    return false;
  (*at)++;
  return true;
}

/* "…" without escapes; NULL: that is none. g_free. */
static char *
scan_text (const char **at)
{
  const char *begin;

  if (!skip (at, '"'))
    return NULL;
  begin = *at;
  while (**at != '"' && **at != '\\' && g_ascii_isprint (**at))
    (*at)++;
  if (**at != '"')
    return NULL;
  return g_strndup (begin, (gsize)((*at)++ - begin));
}

static bool
scan (const char *text, GHashTable *names)
{
  if (!skip (&text, '{'))
    return false;
  do {
    g_autofree char *key = scan_text (&text);
    g_autofree char *value = key != NULL && skip (&text, ':') ? scan_text (&text) : NULL;

    if (value == NULL || g_hash_table_size (names) >= MOST_ENTRIES)
      return false;
    g_hash_table_insert (names, g_steal_pointer (&key), g_steal_pointer (&value));
  } while (skip (&text, ','));
  if (!skip (&text, '}'))
    return false;
  skip (&text, '\n');
  return *text == '\0';
}

/* Takes the circumstances out; false where one differs. */
static bool
take_circumstances (GHashTable *names, char *const *list)
{
  for (; *list != NULL; list += 2) {
    if (g_strcmp0 (g_hash_table_lookup (names, list[0]), list[1]) != 0)
      return false;
    g_hash_table_remove (names, list[0]);
  }
  return true;
}

GHashTable *
lw_conv_cache_read (const char *path, char *const *circumstances)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *text = NULL;
  GStatBuf info;
  gsize length;

  if (path == NULL || g_stat (path, &info) != 0 || !S_ISREG (info.st_mode) ||
      info.st_size > MOST_BYTES || !g_file_get_contents (path, &text, &length, NULL))
    return names;
  if (strlen (text) != length || !scan (text, names) || !take_circumstances (names, circumstances))
    g_hash_table_remove_all (names);
  return names;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void
append (GString *text, const char *key, const char *value)
{
  g_string_append_printf (text, "%s\n\"%s\": \"%s\"", text->len > 1 ? "," : "", key, value);
}

void
lw_conv_cache_write (const char *path, char *const *circumstances, GHashTable *names)
{
  g_autoptr (GHashTable) all = lw_conv_cache_read (path, circumstances);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GString) text = g_string_new ("{");
  g_autoptr (GList) keys = NULL;
  GHashTableIter iter;
  void *key, *value;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (all, g_strdup (key), g_strdup (value));
  for (char *const *pair = circumstances; *pair != NULL; pair += 2)
    append (text, pair[0], pair[1]);
  keys = g_list_sort (g_hash_table_get_keys (all), (GCompareFunc)strcmp);
  for (const GList *item = keys; item != NULL; item = item->next)
    append (text, item->data, g_hash_table_lookup (all, item->data));
  g_string_append (text, "\n}\n");
  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_file_set_contents_full (path, text->str, (gssize)text->len, G_FILE_SET_CONTENTS_CONSISTENT,
                              0600, NULL);
}
