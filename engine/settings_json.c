/* Settings as one JSON object: the model, its input, classes and other knobs, then the fields of
 * the table under their command-line names with underscores. Reading goes through lw_settings_set,
 * so a file can hold nothing that an option could not. What images are normalized with stands
 * behind them, in numbers, once it is known. Unknown members are left alone, missing ones keep the
 * book's values. */
#include "engine/formats/json_writer.h"
#include "engine/i18n.h"
#include "engine/json_read.h"
#include "engine/settings_fields.h"

#include <string.h>

/* Knobs that the JSON form has as members of their own. */
static bool
stands_apart (const char *knob)
{
  return strcmp (knob, "input_size") == 0 || strcmp (knob, "channels") == 0 ||
         strcmp (knob, "classes") == 0;
}

static char *
member_name (const char *field)
{
  return g_strdelimit (g_strdup (field), "-", '_');
}

void
lw_json_append_member (GString *json, const char *member, const char *text)
{
  g_string_append_printf (json, ",\n\"%s\": ", member);
  if (text != NULL)
    lw_json_append_text (json, text);
  else
    g_string_append (json, "null");
}

char *
lw_settings_knobs_to_json (const LwOptions *options)
{
  GString *json = g_string_new (NULL);
  const char *comma = "";

  g_string_append (json, "{");
  for (const LwKnob *const *knob = lw_options_model (options)->knobs; *knob != NULL; knob++) {
    g_autofree char *value = lw_options_get (options, (*knob)->name);

    if (stands_apart ((*knob)->name))
      continue;
    g_string_append (json, comma);
    lw_json_append_text (json, (*knob)->name);
    g_string_append (json, ": ");
    if ((*knob)->type == LW_KNOB_CHOICE)
      lw_json_append_text (json, value);
    else if ((*knob)->type == LW_KNOB_BOOLEAN)
      g_string_append (json, lw_options_boolean (options, (*knob)->name) ? "true" : "false");
    else
      g_string_append (json, value);
    comma = ", ";
  }
  g_string_append (json, "}");
  return g_string_free (json, FALSE);
}

static void
append_value (GString *json, const LwSettings *settings, const LwSettingsField *field)
{
  g_autofree char *text = lw_settings_field_text (settings, field);
  /* Readers of JSON take integers as signed, so the upper half travels as text. */
  const bool quoted = field->type == LW_FIELD_TEXT || field->type == LW_FIELD_CHOICE ||
                      (field->type == LW_FIELD_UINT64 &&
                       G_STRUCT_MEMBER (uint64_t, (gpointer)settings, field->offset) > G_MAXINT64);

  if (field->type == LW_FIELD_TEXT && *text == '\0')
    g_string_append (json, "null");
  else if (quoted)
    lw_json_append_text (json, text);
  else
    g_string_append (json, text);
}

char *
lw_settings_to_json (const LwSettings *settings)
{
  const LwShape input = lw_options_input (settings->options);
  g_autofree char *knobs = lw_settings_knobs_to_json (settings->options);
  GString *json = g_string_new (NULL);
  int32_t n = 0;
  const LwSettingsField *fields = lw_settings_fields (&n);

  g_string_append_printf (json,
                          "{\n  \"model\": \"%s\",\n  \"input\": [%d, %d, %d],\n"
                          "  \"classes\": %d,\n  \"knobs\": ",
                          lw_options_model (settings->options)->name, input.c, input.h, input.w,
                          lw_options_integer (settings->options, "classes"));
  g_string_append (json, knobs);
  for (int32_t i = 0; i < n; i++) {
    g_autofree char *name = member_name (fields[i].name);

    g_string_append_printf (json, ",\n  \"%s\": ", name);
    append_value (json, settings, &fields[i]);
  }
  if (lw_options_normalization (settings->options)->n > 0) {
    g_autofree char *numbers = lw_normalization_text (lw_options_normalization (settings->options));

    g_string_append_printf (json, ",\n  \"normalization\": \"%s\"", numbers);
  }
  g_string_append (json, "\n}");
  return g_string_free (json, FALSE);
}

/* What "data" stands for, or what a network has from its file of weights. */
static bool
read_normalization (LwSettings *settings, JsonObject *object, GError **error)
{
  const char *text = lw_json_get_string (object, "normalization");
  LwNormalization normalization;

  if (text == NULL)
    return true;
  if (!lw_normalization_parse (text, &normalization, NULL, error))
    return false;
  lw_options_set_normalization (settings->options, &normalization);
  return true;
}

static bool
read_knobs (LwOptions *options, JsonObject *object, GError **error)
{
  JsonObject *knobs = lw_json_get_object (object, "knobs");
  g_autofree char *classes = lw_json_scalar_text (json_object_get_member (object, "classes"));
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (classes != NULL && !lw_options_set (options, "classes", classes, error))
    return false;
  if (knobs == NULL)
    return true;
  json_object_iter_init (&iter, knobs);
  while (json_object_iter_next (&iter, &name, &node)) {
    g_autofree char *value = lw_json_scalar_text (node);

    if (value == NULL) {
      g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                   _ ("The settings' knob \"%s\" is neither a number nor a text."), name);
      return false;
    }
    if (!stands_apart (name) && !lw_options_set (options, name, value, error))
      return false;
  }
  return true;
}

static bool
read_input (LwOptions *options, JsonObject *object, GError **error)
{
  JsonArray *array = lw_json_get_array (object, "input");
  int64_t side[3];

  if (array == NULL)
    return true;
  for (guint i = 0; i < 3; i++) {
    JsonNode *node = i < json_array_get_length (array) ? json_array_get_element (array, i) : NULL;

    side[i] = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_int (node) : 0;
    if (side[i] < 1 || side[i] > 4096 || json_array_get_length (array) != 3) {
      g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                   _ ("The settings' input must be three numbers from 1 to 4096: channels, height "
                      "and width."));
      return false;
    }
  }
  return lw_options_set_input (
      options, (LwShape){ (int32_t)side[0], (int32_t)side[1], (int32_t)side[2], false }, error);
}

static LwSettings *
read_settings (JsonObject *object, GError **error)
{
  const char *name = lw_json_get_string (object, "model");
  const LwModel *model = NULL;
  g_autoptr (LwSettings) settings = NULL;
  int32_t n = 0;
  const LwSettingsField *fields = lw_settings_fields (&n);

  if (name == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("The settings do not name their model."));
    return NULL;
  }
  model = lw_model_find (name, error);
  if (model == NULL)
    return NULL;
  settings = lw_settings_new (lw_options_new (model));
  if (!read_knobs (settings->options, object, error) ||
      !read_input (settings->options, object, error))
    return NULL;
  for (int32_t i = 0; i < n; i++) {
    g_autofree char *member = member_name (fields[i].name);
    JsonNode *node = json_object_get_member (object, member);
    g_autofree char *value = NULL;

    if (node == NULL || JSON_NODE_HOLDS_NULL (node))
      continue;
    value = lw_json_scalar_text (node);
    if (!lw_settings_set (settings, fields[i].name, value != NULL ? value : "", error))
      return NULL;
  }
  if (!read_normalization (settings, object, error))
    return NULL;
  return lw_settings_check (settings, error) ? g_steal_pointer (&settings) : NULL;
}

LwSettings *
lw_settings_from_json (const char *json, gssize length, GError **error)
{
  JsonObject *object = lw_json_parse_object (json, length, _ ("The settings' text"), error);
  LwSettings *settings;

  if (object == NULL)
    return NULL;
  settings = read_settings (object, error);
  json_object_unref (object);
  if (settings == NULL)
    lw_error_make_plain (error);
  return settings;
}
