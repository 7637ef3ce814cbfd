#include "engine/formats/json_writer.h"

#include "engine/number.h"
#include <math.h>

struct LwJson {
  GString *text;
  bool first; /* nothing stands before the next value in its object or array */
};

LwJson *
lw_json_new (void)
{
  LwJson *json = g_new0 (LwJson, 1);

  json->text = g_string_new (NULL);
  json->first = true;
  return json;
}

void
lw_json_free (LwJson *json)
{
  if (json == NULL)
    return;
  g_string_free (json->text, TRUE);
  g_free (json);
}

void
lw_json_append_text (GString *text, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  g_string_append_c (text, '"');
  for (const char *p = valid; *p != '\0'; p++) {
    const unsigned char c = (unsigned char)*p;

    if (c == '"' || c == '\\')
      g_string_append_printf (text, "\\%c", c);
    else if (c == '\n')
      g_string_append (text, "\\n");
    else if (c < 0x20 || c == 0x7f)
      g_string_append_printf (text, "\\u%04x", c);
    else
      g_string_append_c (text, (char)c);
  }
  g_string_append_c (text, '"');
}

/* The comma and the key before a value. */
static void
prefix (LwJson *json, const char *key)
{
  if (!json->first)
    g_string_append_c (json->text, ',');
  json->first = false;
  if (key != NULL) {
    lw_json_append_text (json->text, key);
    g_string_append_c (json->text, ':');
  }
}

static void
begin (LwJson *json, const char *key, char bracket)
{
  prefix (json, key);
  g_string_append_c (json->text, bracket);
  json->first = true;
}

static void
end (LwJson *json, char bracket)
{
  g_string_append_c (json->text, bracket);
  json->first = false;
}

void
lw_json_begin_object (LwJson *json, const char *key)
{
  begin (json, key, '{');
}

void
lw_json_end_object (LwJson *json)
{
  end (json, '}');
}

void
lw_json_begin_array (LwJson *json, const char *key)
{
  begin (json, key, '[');
}

void
lw_json_end_array (LwJson *json)
{
  end (json, ']');
}

void
lw_json_string (LwJson *json, const char *key, const char *value)
{
  if (value == NULL) {
    lw_json_null (json, key);
    return;
  }
  prefix (json, key);
  lw_json_append_text (json->text, value);
}

void
lw_json_integer (LwJson *json, const char *key, int64_t value)
{
  prefix (json, key);
  g_string_append_printf (json->text, "%" G_GINT64_FORMAT, value);
}

void
lw_json_unsigned (LwJson *json, const char *key, uint64_t value)
{
  prefix (json, key);
  g_string_append_printf (json->text, "%" G_GUINT64_FORMAT, value);
}

void
lw_json_double (LwJson *json, const char *key, double value)
{
  char digits[LW_NUMBER_SIZE];

  if (!isfinite (value)) {
    lw_json_null (json, key);
    return;
  }
  prefix (json, key);
  g_string_append (json->text, lw_number_format (value, digits));
}

void
lw_json_float (LwJson *json, const char *key, float value)
{
  static const char *const formats[] = { "%.6g", "%.7g", "%.8g", "%.9g" };
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value)) {
    lw_json_null (json, key);
    return;
  }
  /* 6 digits are always kept by a float, 9 always suffice. */
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_ascii_formatd (digits, sizeof digits, formats[i], value);
    if ((float)g_ascii_strtod (digits, NULL) == value)
      break;
  }
  prefix (json, key);
  g_string_append (json->text, digits);
}

void
lw_json_boolean (LwJson *json, const char *key, bool value)
{
  prefix (json, key);
  g_string_append (json->text, value ? "true" : "false");
}

void
lw_json_null (LwJson *json, const char *key)
{
  prefix (json, key);
  g_string_append (json->text, "null");
}

const char *
lw_json_text (const LwJson *json)
{
  return json->text->str;
}

char *
lw_json_take (LwJson *json)
{
  char *text = g_strdup (json->text->str);

  g_string_truncate (json->text, 0);
  json->first = true;
  return text;
}
