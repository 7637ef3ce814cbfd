#include "app/app.h"

#include "engine/error.h"
#include "engine/variant.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

static bool
names_near (const char *name, bool of_variants)
{
  g_autofree char *folder = of_variants ? lw_variants_folder () : NULL;
  g_autoptr (GPtrArray) variants = of_variants ? lw_variants_read (folder, NULL) : NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; of_variants && i < variants->len; i++)
    g_ptr_array_add (names, ((LwVariant *)variants->pdata[i])->name);
  for (int32_t i = 0; !of_variants && i < lw_n_models (); i++)
    g_ptr_array_add (names, (char *)lw_model (i)->name);
  g_ptr_array_add (names, NULL);
  return lw_nearest_name (name, (const char *const *)names->pdata) != NULL;
}

LwOptions *
lw_app_named (const char *name, GError **error)
{
  g_autoptr (GError) no_model = NULL, no_variant = NULL;
  const LwModel *model = lw_model_find (name, &no_model);
  g_autoptr (LwVariant) variant = NULL;

  if (model != NULL)
    return lw_options_new (model);
  variant = lw_variant_find (name, &no_variant);
  if (variant != NULL)
    return lw_options_copy (variant->options);
  /* The variants' sentence only where it alone names one that is near. */
  if (!names_near (name, false) && names_near (name, true))
    g_propagate_error (error, g_steal_pointer (&no_variant));
  else
    g_propagate_error (error, g_steal_pointer (&no_model));
  return NULL;
}

bool
lw_app_set_names (LwOptions *options, const char *names, GError **error)
{
  const LwModel *model = lw_options_model (options);

  if (lw_model_knob (model, "names") != NULL)
    return lw_options_set (options, "names", names, error) &&
           (lw_model_knob (model, "form") == NULL ||
            g_ascii_strcasecmp (names, "torchvision") != 0 ||
            lw_options_set (options, "form", names, error));
  if (g_str_equal (names, "book"))
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("%s has the book's names only; VGG, ResNet and DenseNet-121 to 201 have "
                  "torchvision's too"),
               model->title);
  return false;
}

bool
lw_app_set_shape (const LwArgs *args, LwOptions *options, GError **error)
{
  const char *input = lw_args_value (args, "input"), *classes = lw_args_value (args, "classes");

  if (input != NULL) {
    LwShape shape;

    if (!lw_shape_parse (input, &shape, error) || !lw_options_set_input (options, shape, error)) {
      g_prefix_error (error, "--input: ");
      return false;
    }
  }
  return classes == NULL || lw_options_set (options, "classes", classes, error);
}

bool
lw_app_is_list (const char *assignment)
{
  const char *equals = strchr (assignment, '=');

  return equals != NULL && strpbrk (equals, ",;") != NULL;
}

static bool
change_network (const LwArgs *args, LwOptions *options, bool without_lists, GError **error)
{
  for (const char *const *set = lw_args_values (args, "set"); *set != NULL; set++) {
    if (without_lists && lw_app_is_list (*set))
      continue;
    if (!lw_options_parse (options, *set, error))
      return false;
  }
  return lw_app_set_shape (args, options, error);
}

static bool
change_options (const LwArgs *args, LwOptions *options, bool without_lists, GError **error)
{
  const char *names = lw_args_value (args, "names");

  if (names != NULL && !lw_app_set_names (options, names, error))
    return false;
  return change_network (args, options, without_lists, error);
}

bool
lw_app_change_network (const LwArgs *args, LwOptions *options, GError **error)
{
  return change_network (args, options, false, error);
}

static LwOptions *
options_of (const LwArgs *args, const char *name, bool without_lists, GError **error)
{
  g_autoptr (LwOptions) options = lw_app_named (name, error);

  if (options == NULL || !change_options (args, options, without_lists, error))
    return NULL;
  return g_steal_pointer (&options);
}

bool
lw_app_change_options (const LwArgs *args, LwOptions *options, GError **error)
{
  return change_options (args, options, false, error);
}

LwOptions *
lw_app_options (const LwArgs *args, const char *name, GError **error)
{
  return options_of (args, name, false, error);
}

LwOptions *
lw_app_options_of_sweep (const LwArgs *args, const char *name, GError **error)
{
  return options_of (args, name, true, error);
}

const char *
lw_app_translate (const char *phrase)
{
  return gettext (phrase);
}

void
lw_app_message (const char *sentence)
{
  g_autofree char *plain = lw_plain_text (sentence);

  g_printerr ("layerwise: %s\n", plain);
}

/* Of text that may name files: valid UTF-8 in which a terminal obeys the lines' ends alone. */
static char *
plain_lines (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *plain = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at)) {
    const gunichar character = g_utf8_get_char (at);

    const bool ends_line = *at == '\n' || (at[0] == '\r' && at[1] == '\n');

    g_string_append_unichar (plain, g_unichar_iscntrl (character) && !ends_line ? '?' : character);
  }
  return g_string_free (plain, FALSE);
}

void
lw_app_note (const char *format, ...)
{
  g_autofree char *text = NULL, *plain = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  plain = plain_lines (text);
  g_printerr ("%s\n", plain);
}

void
lw_app_print (const char *format, ...)
{
  g_autofree char *raw = NULL, *text = NULL;
  const char *charset;
  va_list arguments;

  va_start (arguments, format);
  raw = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  text = plain_lines (raw);
  if (!g_get_console_charset (&charset)) {
    /* An encoding that lacks a sign gets a near one, "x" for the times sign, or at worst "?". The C
     * library knows none for the division sign. */
    g_autofree char *nearly = g_strconcat (charset, "//TRANSLIT", NULL);
    g_autofree char *division = g_convert ("÷", -1, charset, "UTF-8", NULL, NULL, NULL);
    g_autoptr (GString) near_text = g_string_new (text);
    g_autofree char *plain = NULL;

    if (division == NULL)
      g_string_replace (near_text, "÷", "/", 0);
    plain = g_convert_with_fallback (near_text->str, -1, nearly, "UTF-8", "?", NULL, NULL, NULL);

    if (plain != NULL) {
      fputs (plain, stdout);
      return;
    }
  }
  fputs (text, stdout);
}

bool
lw_app_flush (GError **error)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("standard output could not be written: %s"),
               g_strerror (errno));
  return false;
}
