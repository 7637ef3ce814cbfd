/* Changed knobs in words: as a variant's name, and as a command line. */
#include "engine/variant.h"

#include <string.h>

char **
lw_options_changes (const LwOptions *options, char **ret_input)
{
  const LwShape input = lw_options_input (options);
  const bool square = input.h == input.w && input.h <= 1024 && input.c <= 64;
  GPtrArray *changes = g_ptr_array_new ();

  if (ret_input != NULL)
    *ret_input = square ? NULL : g_strdup_printf ("%dx%dx%d", input.c, input.h, input.w);
  for (const LwKnob *const *k = lw_options_model (options)->knobs; *k != NULL; k++) {
    g_autofree char *value = lw_options_get (options, (*k)->name);
    const bool of_input =
        g_str_equal ((*k)->name, "input_size") || g_str_equal ((*k)->name, "channels");

    if (lw_options_is_standard (options, (*k)->name) || (of_input && !square))
      continue;
    g_ptr_array_add (changes, g_strdup_printf ("%s=%s", (*k)->name, value));
  }
  g_ptr_array_add (changes, NULL);
  return (char **)g_ptr_array_free (changes, FALSE);
}

char *
lw_variant_suggest_name (const LwOptions *options)
{
  g_autofree char *input = NULL;
  g_auto (GStrv) changes = lw_options_changes (options, &input);
  GString *name = g_string_new (lw_options_model (options)->title);

  if (input != NULL)
    g_string_append_printf (name, ", input %s", input);
  for (char **change = changes; *change != NULL; change++) {
    g_auto (GStrv) parts = g_strsplit (*change, "=", 2);

    g_strdelimit (parts[0], "_", ' ');
    if (g_str_equal (parts[1], "true"))
      g_string_append_printf (name, ", with %s", parts[0]);
    else if (g_str_equal (parts[1], "false"))
      g_string_append_printf (name, ", no %s", parts[0]);
    else
      g_string_append_printf (name, ", %s %s", parts[0], parts[1]);
  }
  if (g_utf8_strlen (name->str, -1) > 80) /* a name's limit */
    g_string_truncate (name, (gsize)(g_utf8_offset_to_pointer (name->str, 79) - name->str));
  return g_strchomp (g_string_free (name, FALSE));
}

char *
lw_options_command (const LwOptions *options, const char *verb)
{
  g_autofree char *input = NULL;
  g_auto (GStrv) changes = lw_options_changes (options, &input);
  GString *command = g_string_new (NULL);

  g_string_printf (command, "layerwise %s %s", verb, lw_options_model (options)->name);
  if (input != NULL)
    g_string_append_printf (command, " --input %s", input);
  for (char **change = changes; *change != NULL; change++)
    g_string_append_printf (command, " --set %s", *change);
  return g_string_free (command, FALSE);
}
