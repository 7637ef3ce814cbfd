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

void
lw_network_metadata (const LwOptions *options, GPtrArray *pairs)
{
  const LwShape input = lw_options_input (options);

  add (pairs, "model", g_strdup (lw_options_model (options)->name));
  add (pairs, "input", g_strdup_printf ("%dx%dx%d", input.c, input.h, input.w));
  add (pairs, "classes", lw_options_get (options, "classes"));
  add (pairs, "knobs", lw_settings_knobs_to_json (options));
  add (pairs, "normalization", lw_normalization_text (lw_options_normalization (options)));
}

GPtrArray *
lw_weights_metadata (const LwSettings *settings)
{
  GPtrArray *pairs = g_ptr_array_new_with_free_func (g_free);

  add (pairs, "format", g_strdup ("pt"));
  lw_network_metadata (settings->options, pairs);
  add (pairs, "settings", lw_settings_to_json (settings));
  return pairs;
}

static bool
read_options (LwMetadataFind find, const void *file, LwOptions *options, GError **error)
{
  const char *input = find (file, "input");
  const char *classes = find (file, "classes");
  const char *knobs = find (file, "knobs");
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

LwOptions *
lw_network_metadata_read (LwMetadataFind find, const void *file, GError **error)
{
  const char *name = find (file, "model");
  const LwModel *model = lw_model_find (name != NULL ? name : "", error);
  g_autoptr (LwOptions) options = model != NULL ? lw_options_new (model) : NULL;

  return options != NULL && read_options (find, file, options, error) ? g_steal_pointer (&options)
                                                                      : NULL;
}

bool
lw_normalization_metadata_read (LwMetadataFind find, const void *file, int32_t channels,
                                LwNormalization *ret_normalization, GError **error)
{
  const char *text = find (file, "normalization");
  LwNormalization found = { 0 };

  if (text != NULL && (!lw_normalization_parse (text, &found, NULL, error) ||
                       !lw_normalization_check (&found, channels, error)))
    return false;
  *ret_normalization = found;
  return true;
}

static const char *
find_in_file (const void *file, const char *key)
{
  return lw_tensor_file_metadata (file, key);
}

bool
lw_weights_normalization (const LwTensorFile *file, int32_t channels,
                          LwNormalization *ret_normalization, GError **error)
{
  return lw_normalization_metadata_read (find_in_file, file, channels, ret_normalization, error);
}

/* Of files of before there were "settings". */
static LwSettings *
settings_of_network (const LwTensorFile *file, GError **error)
{
  g_autoptr (LwOptions) options = lw_network_metadata_read (find_in_file, file, error);
  LwNormalization normalization;

  if (options == NULL ||
      !lw_weights_normalization (file, lw_options_input (options).c, &normalization, error))
    return NULL;
  lw_options_set_normalization (options, &normalization);
  return lw_settings_new (g_steal_pointer (&options));
}

LwSettings *
lw_weights_metadata_read (const LwTensorFile *file, const char *name, GError **error)
{
  const char *text = lw_tensor_file_metadata (file, "settings");
  LwSettings *settings;

  if (text == NULL && lw_tensor_file_metadata (file, "model") == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("%s does not say which network its weights are of; say it: --model MODEL "
                    "(\"layerwise list\" shows them)"),
                 name);
    return NULL;
  }
  settings =
      text != NULL ? lw_settings_from_json (text, -1, error) : settings_of_network (file, error);
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
