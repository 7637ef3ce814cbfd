#include "engine/error.h"

#include <string.h>

GQuark
lw_error_quark (void)
{
  return g_quark_from_static_string ("lw-error");
}

/* Leaves the middle out, between whole characters. */
static void
shorten (GString *text)
{
  const gsize head = LW_SENTENCE_BYTES * 2 / 3, tail = LW_SENTENCE_BYTES / 4;
  const char *from, *to;

  if (text->len <= LW_SENTENCE_BYTES)
    return;
  from = g_utf8_find_prev_char (text->str, text->str + head + 1);
  to = g_utf8_find_next_char (text->str + text->len - tail, NULL);
  g_string_erase (text, from - text->str, to - from);
  g_string_insert (text, from - text->str, "…");
}

char *
lw_plain_text (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *plain = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at)) {
    const gunichar character = g_utf8_get_char (at);

    g_string_append_unichar (plain, g_unichar_iscntrl (character) ? '?' : character);
  }
  shorten (plain);
  return g_string_free (plain, FALSE);
}

bool
lw_error_make_plain (GError **error)
{
  if (error != NULL && *error != NULL) {
    char *plain = lw_plain_text ((*error)->message);

    g_free ((*error)->message);
    (*error)->message = plain;
  }
  return false;
}

/* Levenshtein's distance: insertions, deletions and replacements of one byte cost 1. One row of
 * the table is enough: row[j] is the distance between the words' prefixes read so far. */
static size_t
edit_distance (const char *a, const char *b)
{
  size_t length = strlen (b);
  g_autofree size_t *row = g_new (size_t, length + 1);
  for (size_t j = 0; j <= length; j++)
    row[j] = j;
  for (size_t i = 1; a[i - 1] != '\0'; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= length; j++) {
      size_t replaced = diagonal + (g_ascii_tolower (a[i - 1]) != g_ascii_tolower (b[j - 1]));
      diagonal = row[j];
      row[j] = MIN (MIN (row[j], row[j - 1]) + 1, replaced);
    }
  }
  return row[length];
}

const char *
lw_nearest_name (const char *word, const char *const *candidates)
{
  g_return_val_if_fail (word != NULL && candidates != NULL, NULL);

  size_t length = strlen (word);
  if (length > 256)
    return NULL;
  size_t limit = MAX (length / 3, 2);
  const char *nearest = NULL;
  for (size_t i = 0; candidates[i] != NULL; i++) {
    size_t distance = edit_distance (word, candidates[i]);
    /* A distance of the whole word would make anything near to a very short one. */
    if (distance <= limit && distance < MAX (length, strlen (candidates[i]))) {
      limit = distance;
      if (distance == 0)
        return candidates[i];
      nearest = candidates[i];
      limit = distance - 1;
    }
  }
  return nearest;
}
