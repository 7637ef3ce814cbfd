#include "engine/json_read.h"

#include "engine/i18n.h"
#include "engine/number.h"

#include <string.h>

/* Far beyond any of ours. A value takes some hundred bytes as a node of the tree, and two of text.
 */
#define MAX_BYTES  (16 * 1024 * 1024)
#define MAX_VALUES 1000000
#define MAX_DEPTH  32

/* Whether the text nests too deeply, or holds too many values, before any is made. */
static bool
is_too_much (const char *text, gsize length)
{
  bool in_string = false;
  int depth = 0, values = 1;

  for (gsize i = 0; i < length; i++) {
    if (in_string && text[i] == '\\')
      i++;
    else if (text[i] == '"')
      in_string = !in_string;
    else if (!in_string && (text[i] == '[' || text[i] == '{') && ++depth > MAX_DEPTH)
      return true;
    else if (!in_string && (text[i] == ']' || text[i] == '}'))
      depth--;
    else if (!in_string && text[i] == ',' && ++values > MAX_VALUES)
      return true;
  }
  return false;
}

/* What stands for \uXXXX; −1: four hexadecimal digits do not follow. */
static int
escaped_unit (const char *text, gsize length)
{
  int unit = 0;

  if (length < 6 || text[0] != '\\' || text[1] != 'u')
    return -1;
  for (int i = 2; i < 6; i++) {
    const int digit = g_ascii_xdigit_value (text[i]);

    if (digit < 0)
      return -1;
    unit = 16 * unit + digit;
  }
  return unit;
}

/* Characters beyond U+FFFF are two escapes, D800–DBFF and DC00–DFFF (RFC 8259, section 7). Of one
 * without the other json-glib makes a string that is not UTF-8. */
static bool
has_half_a_pair (const char *text, gsize length)
{
  for (gsize i = 0; i + 1 < length; i++) {
    int unit, next;

    if (text[i] != '\\')
      continue;
    if (text[i + 1] != 'u') {
      i++;
      continue;
    }
    unit = escaped_unit (text + i, length - i);
    if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff))
      return true;
    i += 5;
    if (unit < 0xd800 || unit > 0xdfff)
      continue;
    next = escaped_unit (text + i + 1, length - i - 1);
    if (next < 0xdc00 || next > 0xdfff)
      return true;
    i += 6;
  }
  return false;
}

JsonObject *
lw_json_parse_object (const char *text, gssize length, const char *name, GError **error)
{
  const gsize bytes = length < 0 ? strlen (text) : (gsize)length;
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) cause = NULL;
  JsonNode *root;

  if (bytes > MAX_BYTES || is_too_much (text, bytes)) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("%s is too large or too deeply nested."),
                 name);
    return NULL;
  }
  if (!g_utf8_validate_len (text, bytes, NULL)) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("%s is not valid UTF-8 text."), name);
    return NULL;
  }
  if (has_half_a_pair (text, bytes)) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("%s is not JSON: an escape \"\\u\" in it stands for no character."), name);
    return NULL;
  }
  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, text, (gssize)bytes, &cause)) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("%s is not JSON: %s."), name, cause->message);
    lw_error_make_plain (error);
    return NULL;
  }
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("%s holds no JSON object."), name);
    return NULL;
  }
  return json_object_ref (json_node_get_object (root));
}

JsonObject *
lw_json_get_object (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
lw_json_get_array (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static JsonNode *
value_of_type (JsonObject *object, const char *member, GType type)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  return type == G_TYPE_INVALID || json_node_get_value_type (node) == type ? node : NULL;
}

const char *
lw_json_get_string (JsonObject *object, const char *member)
{
  JsonNode *node = value_of_type (object, member, G_TYPE_STRING);

  return node != NULL ? json_node_get_string (node) : NULL;
}

int64_t
lw_json_get_integer (JsonObject *object, const char *member, int64_t missing)
{
  JsonNode *node = value_of_type (object, member, G_TYPE_INT64);

  return node != NULL ? json_node_get_int (node) : missing;
}

double
lw_json_get_real (JsonObject *object, const char *member, double missing)
{
  JsonNode *node = value_of_type (object, member, G_TYPE_INVALID);

  if (node == NULL)
    return missing;
  if (json_node_get_value_type (node) == G_TYPE_DOUBLE)
    return json_node_get_double (node);
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return (double)json_node_get_int (node);
  return missing;
}

char *
lw_json_scalar_text (JsonNode *node)
{
  char buffer[LW_NUMBER_SIZE];

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  switch (json_node_get_value_type (node)) {
  case G_TYPE_STRING:
    return g_strdup (json_node_get_string (node));
  case G_TYPE_INT64:
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  case G_TYPE_DOUBLE:
    return g_strdup (lw_number_format (json_node_get_double (node), buffer));
  case G_TYPE_BOOLEAN:
    return g_strdup (json_node_get_boolean (node) ? "true" : "false");
  default:
    return NULL;
  }
}
