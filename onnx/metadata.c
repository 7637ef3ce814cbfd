#include "engine/settings_fields.h"
#include "onnx/onnx.h"

#include <string.h>

static void
add (GPtrArray *pairs, const char *key, char *value)
{
  g_ptr_array_add (pairs, g_strdup (key));
  g_ptr_array_add (pairs, value);
}

static char *
names_to_json (const char *const *names)
{
  GString *json = g_string_new ("[");

  for (int i = 0; names[i] != NULL; i++) {
    g_string_append (json, i > 0 ? "," : "");
    lw_json_append_text (json, names[i]);
  }
  g_string_append_c (json, ']');
  return g_string_free (json, FALSE);
}

char **
lw_onnx_describe (const LwSettings *settings, const char *const *class_names)
{
  const LwShape input = lw_options_input (settings->options);
  const LwModel *model = lw_options_model (settings->options);
  GPtrArray *pairs = g_ptr_array_new ();

  add (pairs, "model", g_strdup (model->name));
  add (pairs, "title", g_strdup (model->title));
  add (pairs, "input", g_strdup_printf ("%dx%dx%d", input.c, input.h, input.w));
  add (pairs, "classes", g_strdup_printf ("%d", lw_options_integer (settings->options, "classes")));
  add (pairs, "knobs", lw_settings_knobs_to_json (settings->options));
  add (pairs, "normalization",
       lw_normalization_text (lw_options_normalization (settings->options)));
  if (class_names != NULL)
    add (pairs, "class_names", names_to_json (class_names));
  g_ptr_array_add (pairs, NULL);
  return (char **)g_ptr_array_free (pairs, FALSE);
}

bool
lw_onnx_is_name (const char *path)
{
  const gsize length = strlen (path);

  return length > 5 && g_ascii_strcasecmp (path + length - 5, ".onnx") == 0;
}
