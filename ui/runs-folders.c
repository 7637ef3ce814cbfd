#include "ui/runs-folders.h"

#include "ui/preferences.h"

#define GROUP "runs"
#define KEY   "folders"
#define MOST  64

static GKeyFile *
read_file (void)
{
  GKeyFile *file = g_key_file_new ();
  g_autofree char *path = lw_preferences_path ();

  g_key_file_load_from_file (file, path, G_KEY_FILE_KEEP_COMMENTS, NULL);
  return file;
}

/* Names of folders need not be UTF-8, which the file has to be: they are kept as URIs. */
char **
lw_runs_folders_read (void)
{
  g_autoptr (GKeyFile) file = read_file ();
  g_auto (GStrv) uris = g_key_file_get_string_list (file, GROUP, KEY, NULL, NULL);
  GPtrArray *folders = g_ptr_array_new ();

  for (int i = 0; uris != NULL && uris[i] != NULL && folders->len < MOST; i++) {
    char *folder = g_filename_from_uri (uris[i], NULL, NULL);

    if (folder != NULL)
      g_ptr_array_add (folders, folder);
  }
  g_ptr_array_add (folders, NULL);
  return (char **)g_ptr_array_free (folders, FALSE);
}

void
lw_runs_folders_write (const char *const *folders)
{
  g_autoptr (GKeyFile) file = read_file ();
  g_autofree char *path = lw_preferences_path (), *parent = g_path_get_dirname (path);
  g_autoptr (GPtrArray) uris = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; folders[i] != NULL; i++) {
    char *uri = g_filename_to_uri (folders[i], NULL, NULL);

    if (uri != NULL)
      g_ptr_array_add (uris, uri);
  }
  g_key_file_set_string_list (file, GROUP, KEY, (const char *const *)uris->pdata, uris->len);
  if (g_mkdir_with_parents (parent, 0700) == 0)
    g_key_file_save_to_file (file, path, NULL); /* beside, then renamed */
}
