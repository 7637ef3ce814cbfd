#include "ui/view-memory.h"

static char *
memory_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "layerwise", "views.ini", NULL);
}

static GKeyFile *
read_memory (void)
{
  g_autofree char *path = memory_path ();
  GKeyFile *file = g_key_file_new ();

  g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL);
  return file;
}

int
lw_view_memory_get (const char *view, const char *choice, int otherwise)
{
  g_autoptr (GKeyFile) file = read_memory ();
  g_autoptr (GError) error = NULL;
  const int value = g_key_file_get_integer (file, view, choice, &error);

  return error == NULL ? value : otherwise;
}

void
lw_view_memory_set (const char *view, const char *choice, int value)
{
  g_autoptr (GKeyFile) file = read_memory ();
  g_autofree char *path = memory_path ();
  g_autofree char *folder = g_path_get_dirname (path);

  g_key_file_set_integer (file, view, choice, value);
  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_key_file_save_to_file (file, path, NULL);
}
