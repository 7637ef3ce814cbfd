#include "ui/runs-folders.h"

#include "ui/preferences.h"

#define GROUP "runs"
#define NAME  "folders"
#define MOST  64

/* Names of folders need not be UTF-8, which the file has to be: they are kept as URIs. */
char **
lw_runs_folders_read (void)
{
  g_auto (GStrv) uris = lw_preferences_read_list (GROUP, NAME);
  GPtrArray *folders = g_ptr_array_new ();

  for (int i = 0; uris[i] != NULL && folders->len < MOST; i++) {
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
  g_autoptr (GPtrArray) uris = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; folders[i] != NULL; i++) {
    char *uri = g_filename_to_uri (folders[i], NULL, NULL);

    if (uri != NULL)
      g_ptr_array_add (uris, uri);
  }
  g_ptr_array_add (uris, NULL);
  lw_preferences_write_list (GROUP, NAME, (const char *const *)uris->pdata);
}
