/* Which file is a model's lesson in which language. */
#include "engine/lesson.h"

#include <string.h>

/* The folders of assets/lessons, and what they are called on the web (BCP 47). */
static const char *const folders[] = { "en", "zh_CN" };
static const char *const tags[] = { "en", "zh-CN" };

/* "zh" of "zh_CN.UTF-8". */
static gsize
language_length (const char *name)
{
  return strcspn (name, "_.@");
}

/* The folder for a language's name, or NULL. One of another country is better than none: readers of
 * zh_TW get zh_CN. */
static const char *
folder_of (const char *name)
{
  const gsize length = language_length (name);

  if (g_str_equal (name, "C") || g_str_equal (name, "POSIX"))
    return "en";
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    if (length == language_length (folders[i]) && strncmp (name, folders[i], length) == 0)
      return folders[i];
  return NULL;
}

static void
add_folder (GPtrArray *paths, const char *folder, const LwModel *model)
{
  g_ptr_array_add (paths, g_strdup_printf ("%s/%s.md", folder, model->name));
  for (int32_t i = 0; i < lw_n_models (); i++)
    if (lw_model (i) != model && g_str_equal (lw_model (i)->family, model->family))
      g_ptr_array_add (paths, g_strdup_printf ("%s/%s.md", folder, lw_model (i)->name));
}

char **
lw_lesson_paths (const char *const *languages, const LwModel *model)
{
  GPtrArray *paths = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (; languages != NULL && *languages != NULL; languages++) {
    const char *folder = folder_of (*languages);

    if (folder != NULL && g_hash_table_add (seen, (gpointer)folder))
      add_folder (paths, folder, model);
  }
  if (g_hash_table_add (seen, (gpointer) "en"))
    add_folder (paths, "en", model);
  g_ptr_array_add (paths, NULL);
  return (char **)g_ptr_array_free (paths, FALSE);
}

const LwModel *
lw_lesson_path_model (const char *path)
{
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  g_autofree char *stem =
      g_str_has_suffix (name, ".md") ? g_strndup (name, strlen (name) - 3) : NULL;

  return stem != NULL ? lw_model_find (stem, NULL) : NULL;
}

const char *
lw_lesson_path_language (const char *path)
{
  const gsize length = strcspn (path, "/");

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    if (length == strlen (folders[i]) && strncmp (path, folders[i], length) == 0)
      return tags[i];
  return tags[0];
}
