#include "engine/data/class_names.h"

#include "engine/formats/file.h"
#include "engine/i18n.h"
#include "engine/json_read.h"

#include <string.h>

#define LARGEST_FILE (16 << 20)

/* What editors put before text in UTF-8. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

char **
lw_class_names_read (const char *path, int32_t classes, GError **error)
{
  g_autoptr (GBytes) bytes = lw_file_read (path, LARGEST_FILE, error);
  g_autofree char *shown = g_filename_display_basename (path);
  g_auto (GStrv) lines = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_null_terminated (0, g_free, TRUE);
  const char *data;
  gsize length;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &length);
  if (length == 0 || !g_utf8_validate_len (data, length, NULL)) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("%s is no text in UTF-8: the names of classes are a text file with a name a "
                    "line."),
                 shown);
    return NULL;
  }
  text = g_strndup (data, length);
  lines = g_strsplit (
      g_str_has_prefix (text, BYTE_ORDER_MARK) ? text + strlen (BYTE_ORDER_MARK) : text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (*g_strstrip (*line) != '\0')
      g_ptr_array_add (names, lw_plain_text (*line));
  if (names->len == (guint)classes)
    return (char **)g_ptr_array_steal (names, NULL);
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("%s has %u names, but the network has %d classes: it needs a name a line, in the "
                  "order of the classes."),
               shown, names->len, classes);
  return NULL;
}

char **
lw_class_names_parse (const char *json, int32_t classes)
{
  g_autofree char *text = g_strdup_printf ("{\"names\":%s}", json);
  JsonObject *object = lw_json_parse_object (text, -1, "", NULL);
  JsonArray *array = object != NULL ? lw_json_get_array (object, "names") : NULL;
  char **names = NULL;
  const guint n = array != NULL ? json_array_get_length (array) : 0;

  if (n == (guint)classes) {
    names = g_new0 (char *, n + 1);
    for (guint i = 0; names != NULL && i < n; i++) {
      JsonNode *node = json_array_get_element (array, i);
      const char *name = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      if (name != NULL && *name != '\0')
        names[i] = lw_plain_text (name);
      else
        g_clear_pointer (&names, g_strfreev);
    }
  }
  if (object != NULL)
    json_object_unref (object);
  return names;
}
