#include "engine/variant.h"

#include "engine/formats/file.h"
#include "engine/formats/json_writer.h"
#include "engine/i18n.h"
#include "engine/json_read.h"
#include "engine/settings_fields.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MAX_BYTES      (64 * 1024)
#define MAX_CHARACTERS 80
#define MAX_FILES      1000 /* of the folder; more would not be looked through */

char *
lw_variants_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "layerwise", "variants", NULL);
}

static LwVariant *
variant_new (const char *name, const char *path, const LwOptions *options)
{
  LwVariant *variant = g_new0 (LwVariant, 1);

  variant->name = g_strdup (name);
  variant->path = g_strdup (path);
  variant->options = lw_options_copy (options);
  return variant;
}

LwVariant *
lw_variant_copy (const LwVariant *variant)
{
  return variant_new (variant->name, variant->path, variant->options);
}

void
lw_variant_free (LwVariant *variant)
{
  if (variant == NULL)
    return;
  g_free (variant->name);
  g_free (variant->path);
  lw_options_free (variant->options);
  g_free (variant);
}

/* --- names -------------------------------------------------------------------------------------
 */

static bool refuse (GError **error, LwError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static bool
refuse (GError **error, LwError code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (LW_ERROR, (gint)code, format, arguments);
  va_end (arguments);
  return lw_error_make_plain (error);
}

static bool
check_form (const char *name, GError **error)
{
  if (!g_utf8_validate (name, -1, NULL))
    return refuse (error, LW_ERROR_INVALID, _ ("The name is no UTF-8 text; use another one."));
  if (g_utf8_strlen (name, -1) > MAX_CHARACTERS)
    return refuse (error, LW_ERROR_INVALID, _ ("The name is too long; %d characters are the most."),
                   MAX_CHARACTERS);
  for (const char *c = name; *c != '\0'; c = g_utf8_next_char (c))
    if (!g_unichar_isprint (g_utf8_get_char (c)))
      return refuse (error, LW_ERROR_INVALID,
                     _ ("The name holds a character that cannot be printed; leave it out."));
  if (name[0] == '\0' || g_ascii_isspace (name[0]) || g_ascii_isspace (name[strlen (name) - 1]))
    return refuse (error, LW_ERROR_INVALID,
                   _ ("A name must not be empty and has no space at its ends."));
  if (name[0] == '-') /* the command line would take it for an option */
    return refuse (error, LW_ERROR_INVALID, _ ("A name must not begin with \"-\"."));
  return true;
}

static bool
same_name (const char *a, const char *b)
{
  g_autofree char *x = g_utf8_casefold (a, -1), *y = g_utf8_casefold (b, -1);

  return g_str_equal (x, y);
}

bool
lw_variant_check_name (const char *folder, const char *name, const LwVariant *except,
                       GError **error)
{
  g_autoptr (GPtrArray) others = NULL;

  if (!check_form (name, error))
    return false;
  for (int32_t i = 0; i < lw_n_models (); i++)
    if (same_name (lw_model (i)->name, name) || same_name (lw_model (i)->title, name))
      return refuse (error, LW_ERROR_INVALID,
                     _ ("\"%s\" is the book's network; give yours a name of its own."), name);
  others = lw_variants_read (folder, NULL);
  for (guint i = 0; i < others->len; i++) {
    const LwVariant *other = g_ptr_array_index (others, i);

    if (same_name (other->name, name) &&
        (except == NULL || !g_str_equal (other->path, except->path)))
      return refuse (
          error, LW_ERROR_INVALID,
          _ ("There is a variant \"%s\" already; choose another name, or delete that one."),
          other->name);
  }
  return true;
}

/* --- reading -----------------------------------------------------------------------------------
 */

/* The options as the settings of a run hold them: no file can say what an option could not. */
static LwOptions *
read_options (const char *text, gsize length, GError **error)
{
  g_autoptr (LwSettings) settings = lw_settings_from_json (text, (gssize)length, error);
  g_autoptr (LwGraph) graph = NULL;

  if (settings == NULL)
    return NULL;
  graph = lw_model_build (settings->options, error);
  return graph != NULL ? lw_options_copy (settings->options) : NULL;
}

static LwVariant *
parse (const char *text, gsize length, const char *path, GError **error)
{
  JsonObject *object = lw_json_parse_object (text, (gssize)length, _ ("The variant"), error);
  g_autoptr (LwOptions) options = NULL;
  LwVariant *variant = NULL;
  const char *name;

  if (object == NULL)
    return NULL;
  name = lw_json_get_string (object, "name");
  if (name == NULL)
    refuse (error, LW_ERROR_FORMAT, _ ("It has no name."));
  else if (check_form (name, error))
    options = read_options (text, length, error);
  if (options != NULL)
    variant = variant_new (name, path, options);
  json_object_unref (object);
  return variant;
}

LwVariant *
lw_variant_open (const char *path, GError **error)
{
  g_autofree char *file = g_filename_display_basename (path);
  g_autoptr (GBytes) bytes = lw_file_read (path, MAX_BYTES, error);
  LwVariant *variant = NULL;
  gsize length = 0;

  if (bytes != NULL) {
    const char *text = g_bytes_get_data (bytes, &length);

    variant = parse (text != NULL ? text : "", length, path, error);
  }
  if (variant == NULL) {
    g_prefix_error (error, _ ("The variant in the file \"%s\" is left out: "), file);
    lw_error_make_plain (error);
  }
  return variant;
}

static gint
by_name (gconstpointer a, gconstpointer b)
{
  const LwVariant *x = *(LwVariant *const *)a, *y = *(LwVariant *const *)b;
  const int order = g_utf8_collate (x->name, y->name);

  return order != 0 ? order : strcmp (x->path, y->path);
}

GPtrArray *
lw_variants_read (const char *folder, GPtrArray *problems)
{
  GPtrArray *variants = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_variant_free);
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *file;

  for (int i = 0; dir != NULL && i < MAX_FILES && (file = g_dir_read_name (dir)) != NULL; i++) {
    g_autofree char *path = g_build_filename (folder, file, NULL);
    g_autoptr (GError) error = NULL;
    LwVariant *variant;

    if (!g_str_has_suffix (file, ".json") || file[0] == '.')
      continue;
    variant = lw_variant_open (path, &error);
    if (variant != NULL)
      g_ptr_array_add (variants, variant);
    else if (problems != NULL)
      g_ptr_array_add (problems, g_strdup (error->message));
  }
  g_clear_pointer (&dir, g_dir_close);
  g_ptr_array_sort (variants, by_name);
  return variants;
}

LwVariant *
lw_variant_find (const char *name, GError **error)
{
  g_autofree char *folder = lw_variants_folder ();
  g_autoptr (GPtrArray) variants = lw_variants_read (folder, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *nearest;

  for (guint i = 0; i < variants->len; i++) {
    const LwVariant *variant = g_ptr_array_index (variants, i);

    if (same_name (variant->name, name))
      return lw_variant_copy (variant);
    g_ptr_array_add (names, variant->name);
  }
  g_ptr_array_add (names, NULL);
  nearest = lw_nearest_name (name, (const char *const *)names->pdata);
  if (nearest != NULL)
    refuse (error, LW_ERROR_UNKNOWN, _ ("unknown variant \"%s\"; did you mean \"%s\"?"), name,
            nearest);
  else
    refuse (error, LW_ERROR_UNKNOWN, _ ("unknown variant \"%s\""), name);
  return NULL;
}

/* --- writing -----------------------------------------------------------------------------------
 */

/* "AlexNet, width 0.5" → "alexnet-width-0.5": letters, digits and dots; other scripts are kept. */
static char *
file_stem (const char *name)
{
  GString *stem = g_string_new (NULL);
  g_autofree char *lower = g_utf8_strdown (name, -1);

  for (const char *c = lower; *c != '\0' && stem->len < 100; c = g_utf8_next_char (c)) {
    const gunichar character = g_utf8_get_char (c);

    if (g_unichar_isalnum (character) || (*c == '.' && stem->len > 0))
      g_string_append_unichar (stem, character);
    else if (stem->len > 0 && stem->str[stem->len - 1] != '-')
      g_string_append_c (stem, '-');
  }
  if (stem->len == 0)
    g_string_append (stem, "variant");
  return g_string_free (stem, FALSE);
}

static char *
free_path (const char *folder, const char *name)
{
  g_autofree char *stem = file_stem (name);
  g_autofree char *path = g_strdup_printf ("%s/%s.json", folder, stem);

  for (int i = 2; i <= MAX_FILES && g_file_test (path, G_FILE_TEST_EXISTS); i++) {
    g_free (path);
    path = g_strdup_printf ("%s/%s-%d.json", folder, stem, i);
  }
  return g_steal_pointer (&path);
}

static char *
to_json (const LwVariant *variant)
{
  const LwShape input = lw_options_input (variant->options);
  g_autofree char *knobs = lw_settings_knobs_to_json (variant->options);
  GString *json = g_string_new ("{\n  \"name\": ");

  lw_json_append_text (json, variant->name);
  g_string_append_printf (json,
                          ",\n  \"model\": \"%s\",\n  \"input\": [%d, %d, %d],\n"
                          "  \"classes\": %d,\n  \"knobs\": %s\n}\n",
                          lw_options_model (variant->options)->name, input.c, input.h, input.w,
                          lw_options_integer (variant->options, "classes"), knobs);
  return g_string_free (json, FALSE);
}

static bool
write_file (const LwVariant *variant, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (variant->path);
  g_autofree char *json = to_json (variant);
  g_autoptr (LwReplacement) replacement = NULL;

  if (g_mkdir_with_parents (folder, 0777) != 0)
    return refuse (error, LW_ERROR_IO, _ ("The folder \"%s\" for variants cannot be made: %s."),
                   folder, g_strerror (errno));
  replacement = lw_replacement_new (variant->path, error);
  return replacement != NULL && lw_replacement_write (replacement, json, strlen (json), error) &&
         lw_replacement_commit (replacement, error);
}

LwVariant *
lw_variant_save (const char *folder, const char *name, const LwOptions *options, GError **error)
{
  g_autoptr (LwGraph) graph = lw_model_build (options, error);
  g_autoptr (LwVariant) variant = NULL;
  g_autofree char *path = NULL;

  if (graph == NULL || !lw_variant_check_name (folder, name, NULL, error))
    return NULL;
  path = free_path (folder, name);
  variant = variant_new (name, path, options);
  return write_file (variant, error) ? g_steal_pointer (&variant) : NULL;
}

bool
lw_variant_rename (LwVariant *variant, const char *name, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (variant->path);
  g_autofree char *before = variant->name;

  variant->name = g_strdup (name);
  if (lw_variant_check_name (folder, name, variant, error) && write_file (variant, error))
    return true;
  g_free (variant->name);
  variant->name = g_steal_pointer (&before);
  return false;
}

bool
lw_variant_delete (const LwVariant *variant, GError **error)
{
  if (unlink (variant->path) == 0 || errno == ENOENT)
    return true;
  return refuse (error, LW_ERROR_IO, _ ("\"%s\" cannot be deleted: %s."), variant->name,
                 g_strerror (errno));
}
