/* One JSON object of texts alone, so that a file that anybody may have damaged needs no more than a
 * scanner: first what the measurements depend on, which must be the same here, then a line for each
 * convolution. */
#include "kernels/cpu/choice.h"
#ifdef LW_WITH_ONEDNN
#include "kernels/cpu/onednn.h"
#endif

#include <glib/gstdio.h>
#include <string.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

enum { MOST_BYTES = 4 << 20, MOST_ENTRIES = 20000 };

/* --- what measurements depend on ----------------------------------------------------------------
 */

/* The processor's own name for itself, and its model's numbers. */
static char *
processor (void)
{
#ifdef __x86_64__
  unsigned words[13] = { 0 }, model = 0, b, c, d;

  for (unsigned i = 0; i < 3; i++)
    __get_cpuid (0x80000002 + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2],
                 &words[4 * i + 3]);
  __get_cpuid (1, &model, &b, &c, &d);
  return g_strdup_printf ("%.48s %08x", (const char *)words, model);
#else
  return g_strdup ("unknown");
#endif
}

/* Name and value by turns, NULL-terminated; g_strfreev. */
static char **
circumstances (const LwDevice *device, const LwConvMethods *methods)
{
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *model = processor (), *threads = g_strdup_printf ("%d", device->threads);
#ifdef LW_WITH_ONEDNN
  g_autofree char *library = lw_onednn_version ();
#else
  g_autofree char *library = g_strdup ("none");
#endif

  /* The scanner below knows no escapes. */
  for (char *c = model; *c != '\0'; c++)
    if (*c == '"' || *c == '\\' || !g_ascii_isprint (*c))
      *c = '?';
  for (int i = 0; i < methods->n; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? "; " : "", methods->algorithms[i]->name);
  g_strv_builder_add_many (list, "program", LW_VERSION, "processor", g_strstrip (model),
                           "instructions", methods->instructions, "threads", threads, "oneDNN",
                           library, "algorithms", names->str, NULL);
  return g_strv_builder_end (list);
}

char *
lw_conv_cache_path (const LwDevice *device, const LwConvMethods *methods)
{
  g_auto (GStrv) list = circumstances (device, methods);
  g_autofree char *text = g_strjoinv ("\n", list);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  g_autofree char *name = g_strdup_printf ("algorithms-%.16s.json", sum);

  return device->options.cache_folder != NULL
             ? g_build_filename (device->options.cache_folder, name, NULL)
             : NULL;
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
lw_conv_cache_read (const char *path, const LwDevice *device, const LwConvMethods *methods)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) list = circumstances (device, methods);
  g_autofree char *text = NULL;
  GStatBuf info;
  gsize length;

  if (path == NULL || g_stat (path, &info) != 0 || !S_ISREG (info.st_mode) ||
      info.st_size > MOST_BYTES || !g_file_get_contents (path, &text, &length, NULL))
    return names;
  if (strlen (text) != length || !scan (text, names) || !take_circumstances (names, list))
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
lw_conv_cache_write (const char *path, const LwDevice *device, const LwConvMethods *methods,
                     GHashTable *names)
{
  g_autoptr (GHashTable) all = lw_conv_cache_read (path, device, methods);
  g_auto (GStrv) list = circumstances (device, methods);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GString) text = g_string_new ("{");
  g_autoptr (GList) keys = NULL;
  GHashTableIter iter;
  void *key, *value;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (all, g_strdup (key), g_strdup (value));
  for (char *const *pair = list; *pair != NULL; pair += 2)
    append (text, pair[0], pair[1]);
  keys = g_list_sort (g_hash_table_get_keys (all), (GCompareFunc)strcmp);
  for (const GList *item = keys; item != NULL; item = item->next)
    append (text, item->data, g_hash_table_lookup (all, item->data));
  g_string_append (text, "\n}\n");
  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_file_set_contents_full (path, text->str, (gssize)text->len, G_FILE_SET_CONTENTS_CONSISTENT,
                              0600, NULL);
}
