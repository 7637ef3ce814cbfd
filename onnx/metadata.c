#include "engine/formats/json_writer.h"
#include "engine/weights_metadata.h"
#include "onnx/onnx.h"

#include <string.h>

static void
add (GPtrArray *pairs, const char *key, const char *value)
{
  g_ptr_array_add (pairs, g_strdup (key));
  g_ptr_array_add (pairs, g_strdup (value));
}

char **
lw_onnx_describe (const LwOptions *options, const char *class_names)
{
  GPtrArray *pairs = g_ptr_array_new ();

  add (pairs, "title", lw_options_model (options)->title);
  lw_network_metadata (options, pairs);
  if (class_names != NULL)
    add (pairs, "class_names", class_names);
  g_ptr_array_add (pairs, NULL);
  return (char **)g_ptr_array_free (pairs, FALSE);
}

char *
lw_onnx_class_names (const LwRun *run)
{
  const guint n = run->classes != NULL ? g_strv_length (run->classes) : 0;
  GString *json;

  if (n != (guint)lw_graph_classes (run->graph))
    return NULL;
  json = g_string_new ("[");
  for (guint i = 0; i < n; i++) {
    g_string_append (json, i > 0 ? "," : "");
    lw_json_append_text (json, run->classes[i]);
  }
  g_string_append_c (json, ']');
  return g_string_free (json, FALSE);
}

bool
lw_onnx_is_name (const char *path)
{
  const gsize length = strlen (path);

  return length > 5 && g_ascii_strcasecmp (path + length - 5, ".onnx") == 0;
}
