/* Names of layers. Weights are called as PyTorch's state_dict has them, so a layer is best called
 * after its weight: "layer1.0.conv1.weight". Nodes of PyTorch's exporter are called after the
 * modules around them, "/layer1/layer1.0/conv1/Conv". */
#include "onnx/import.h"

#include <string.h>

#define LONGEST 80

char *
lw_onnx_clean (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name != NULL ? name : "", -1);
  GString *clean = g_string_new (NULL);
  int n = 0;

  for (const char *at = valid; *at != '\0' && n < LONGEST; at = g_utf8_next_char (at), n++) {
    const gunichar c = g_utf8_get_char (at);

    g_string_append_unichar (clean, g_unichar_isprint (c) ? c : '_');
  }
  return g_string_free (clean, FALSE);
}

/* "layer1", "layer1.0", "conv1" → "layer1.0.conv1": each part that repeats the one before it stands
 * for it. */
static char *
join_modules (char **parts)
{
  GString *path = g_string_new (NULL);
  const char *before = NULL;

  for (char **part = parts; *part != NULL; part++) {
    const size_t n = before != NULL ? strlen (before) : 0;
    const char *added = *part;

    if (added[0] == '\0')
      continue;
    if (before != NULL && strncmp (added, before, n) == 0 && added[n] == '.')
      added += n + 1;
    if (path->len > 0)
      g_string_append_c (path, '.');
    g_string_append (path, added);
    before = *part;
  }
  return g_string_free (path, FALSE);
}

/* Sums and concatenations are functions, of which a module may have many; the others are the module
 * that they stand in. */
static char *
name_of_node (const Onnx__NodeProto *node)
{
  g_auto (GStrv) parts = g_strsplit (node->name, "/", 32);
  const guint n = g_strv_length (parts);
  const bool function = g_str_equal (node->op_type, "Add") || g_str_equal (node->op_type, "Concat");

  if (n > 2 && !function && g_str_has_prefix (parts[n - 1], node->op_type))
    g_clear_pointer (&parts[n - 1], g_free);
  return join_modules (parts);
}

/* No empty part between dots, which would make a block without a name. */
static char *
tidy (const char *name)
{
  g_autofree char *clean = lw_onnx_clean (name);
  g_auto (GStrv) parts = g_strsplit (clean, ".", 16);

  return join_modules (parts);
}

char *
lw_onnx_name (LwOnnxImport *import, const Onnx__NodeProto *node, const char *weight)
{
  static const char suffix[] = ".weight";
  g_autofree char *wanted = NULL, *name = NULL;
  guint count;

  if (weight != NULL && g_str_has_suffix (weight, suffix) && !g_str_has_prefix (weight, "onnx::"))
    wanted = g_strndup (weight, strlen (weight) - strlen (suffix));
  else if (node->name != NULL && node->name[0] != '\0')
    wanted = name_of_node (node);
  else
    wanted = g_strdup (node->op_type);
  name = tidy (wanted);
  if (name[0] == '\0' || g_str_equal (name, "input")) {
    g_free (name);
    name = lw_onnx_clean (node->op_type);
  }
  count = GPOINTER_TO_UINT (g_hash_table_lookup (import->names, name)) + 1;
  for (;; count++) {
    char *unique = count == 1 ? g_strdup (name) : g_strdup_printf ("%s_%u", name, count);

    if (count == 1 || !g_hash_table_contains (import->names, unique)) {
      g_hash_table_insert (import->names, g_strdup (name), GUINT_TO_POINTER (count));
      if (count > 1)
        g_hash_table_insert (import->names, g_strdup (unique), GUINT_TO_POINTER (1));
      return unique;
    }
    g_free (unique);
  }
}
