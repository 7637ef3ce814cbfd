#include "engine/weights_metadata.h"

#include "engine/i18n.h"
#include "engine/json_read.h"
#include "engine/settings_fields.h"

#include <string.h>

static void
add (GPtrArray *pairs, const char *key, char *value)
{
  g_ptr_array_add (pairs, g_strdup (key));
  g_ptr_array_add (pairs, value);
}

GPtrArray *
lw_weights_metadata (const LwSettings *settings)
{
  const LwShape input = lw_options_input (settings->options);
  GPtrArray *pairs = g_ptr_array_new_with_free_func (g_free);

  add (pairs, "format", g_strdup ("pt"));
  add (pairs, "model", g_strdup (lw_options_model (settings->options)->name));
  add (pairs, "input", g_strdup_printf ("%dx%dx%d", input.c, input.h, input.w));
  add (pairs, "classes", lw_options_get (settings->options, "classes"));
  add (pairs, "knobs", lw_settings_knobs_to_json (settings->options));
  add (pairs, "normalization",
       lw_normalization_text (lw_options_normalization (settings->options)));
  add (pairs, "settings", lw_settings_to_json (settings));
  return pairs;
}

/* Files of before there were "settings": the network's options alone. */
static bool
read_network (const LwTensorFile *file, LwOptions *options, GError **error)
{
  const char *input = lw_tensor_file_metadata (file, "input");
  const char *classes = lw_tensor_file_metadata (file, "classes");
  const char *knobs = lw_tensor_file_metadata (file, "knobs");
  const char *numbers = lw_tensor_file_metadata (file, "normalization");
  LwNormalization normalization;
  LwShape shape;
  JsonObject *object;
  JsonObjectIter iter;
  const char *knob;
  JsonNode *node;
  bool done = true;

  if (input != NULL &&
      (!lw_shape_parse (input, &shape, error) || !lw_options_set_input (options, shape, error)))
    return false;
  if (classes != NULL && !lw_options_set (options, "classes", classes, error))
    return false;
  if (numbers != NULL) {
    if (!lw_normalization_parse (numbers, &normalization, NULL, error) ||
        !lw_normalization_check (&normalization, lw_options_input (options).c, error))
      return false;
    lw_options_set_normalization (options, &normalization);
  }
  if (knobs == NULL)
    return true;
  object = lw_json_parse_object (knobs, -1, _ ("The text of the knobs"), error);
  if (object == NULL)
    return false;
  json_object_iter_init (&iter, object);
  while (done && json_object_iter_next (&iter, &knob, &node)) {
    g_autofree char *value = lw_json_scalar_text (node);

    done = lw_options_set (options, knob, value != NULL ? value : "", error);
  }
  json_object_unref (object);
  return done;
}

LwSettings *
lw_weights_metadata_read (const LwTensorFile *file, const char *name, GError **error)
{
  const char *text = lw_tensor_file_metadata (file, "settings");
  const char *model_name = lw_tensor_file_metadata (file, "model");
  const LwModel *model;
  LwSettings *settings = NULL;

  if (text == NULL && model_name == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("%s does not say which network its weights are of; say it: --model MODEL "
                    "(\"layerwise list\" shows them)"),
                 name);
    return NULL;
  }
  if (text != NULL) {
    settings = lw_settings_from_json (text, -1, error);
  } else if ((model = lw_model_find (model_name, error)) != NULL) {
    settings = lw_settings_new (lw_options_new (model));
    if (!read_network (file, settings->options, error))
      g_clear_pointer (&settings, lw_settings_free);
  }
  if (settings == NULL)
    g_prefix_error (error, "%s: ", name);
  return settings;
}

LwSettings *
lw_weights_settings (const char *path, GError **error)
{
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, error);
  g_autofree char *name = g_filename_display_name (path);

  return file != NULL ? lw_weights_metadata_read (file, name, error) : NULL;
}
