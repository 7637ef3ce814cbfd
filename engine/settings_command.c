#include "engine/settings_command.h"

#include "engine/settings_fields.h"

#include <string.h>

static void
add (GPtrArray *words, const char *option, char *value)
{
  /* A value that begins as an option does belongs to the option's own word. */
  if (value != NULL && value[0] == '-') {
    g_ptr_array_add (words, g_strdup_printf ("--%s=%s", option, value));
    g_free (value);
    return;
  }
  g_ptr_array_add (words, g_strdup_printf ("--%s", option));
  if (value != NULL)
    g_ptr_array_add (words, value);
}

/* Knobs that options of their own say. */
static bool
stands_apart (const char *knob)
{
  return g_str_equal (knob, "input_size") || g_str_equal (knob, "channels") ||
         g_str_equal (knob, "classes");
}

static void
add_network (GPtrArray *words, const LwSettings *settings)
{
  const LwOptions *options = settings->options;
  const LwModel *model = lw_options_model (options);
  const LwShape input = lw_options_input (options);
  const bool folder =
      !g_str_equal (settings->data, "shapes") && !g_str_equal (settings->data, "fashion-mnist");

  if (folder || !lw_shape_equal (input, model->input))
    add (words, "input", g_strdup_printf ("%dx%dx%d", input.c, input.h, input.w));
  if (folder || !lw_options_is_standard (options, "classes"))
    add (words, "classes", lw_options_get (options, "classes"));
  for (const LwKnob *const *knob = model->knobs; *knob != NULL; knob++) {
    g_autofree char *value = NULL;

    if (stands_apart ((*knob)->name) || lw_options_is_standard (options, (*knob)->name))
      continue;
    value = lw_options_get (options, (*knob)->name);
    add (words, "set", g_strdup_printf ("%s=%s", (*knob)->name, value));
  }
}

char **
lw_settings_arguments (const LwSettings *settings)
{
  const LwModel *model = lw_options_model (settings->options);
  g_autoptr (LwSettings) book = lw_settings_new (lw_options_new (model));
  GPtrArray *words = g_ptr_array_new ();
  int32_t n;
  const LwSettingsField *fields = lw_settings_fields (&n);

  g_ptr_array_add (words, g_strdup (model->name));
  for (int32_t i = 0; i < n; i++) {
    g_autofree char *value = lw_settings_field_text (settings, &fields[i]);
    g_autofree char *standard = lw_settings_field_text (book, &fields[i]);

    if (g_str_equal (value, standard))
      continue;
    if (fields[i].type != LW_FIELD_BOOLEAN)
      add (words, fields[i].name, g_steal_pointer (&value));
    else if (g_str_equal (value, "true"))
      add (words, fields[i].name, NULL);
    else
      g_ptr_array_add (words, g_strdup_printf ("--no-%s", fields[i].name));
    if (i == 0)
      add_network (words, settings);
  }
  if (g_str_equal (settings->data, book->data))
    add_network (words, settings);
  g_ptr_array_add (words, NULL);
  return (char **)g_ptr_array_free (words, FALSE);
}

char *
lw_shell_word (const char *word)
{
  bool plain = *word != '\0';

  for (const char *c = word; *c != '\0' && plain; c++)
    plain = g_ascii_isalnum (*c) || strchr ("-_./:=,+%@", *c) != NULL;
  return plain ? g_strdup (word) : g_shell_quote (word);
}

char *
lw_shell_command (const char *program, const char *const *words, int width)
{
  GString *line = g_string_new (program), *broken = g_string_new (program);

  for (int i = 0; words[i] != NULL; i++) {
    g_autofree char *word = lw_shell_word (words[i]);
    const bool option = words[i][0] == '-' && words[i][1] == '-';

    g_string_append_printf (line, " %s", word);
    g_string_append_printf (broken, option ? " \\\n    %s" : " %s", word);
  }
  if (width == 0 || g_utf8_strlen (line->str, -1) <= width) {
    g_string_free (broken, TRUE);
    return g_string_free (line, FALSE);
  }
  g_string_free (line, TRUE);
  return g_string_free (broken, FALSE);
}
