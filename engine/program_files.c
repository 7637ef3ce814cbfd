#include "engine/program_files.h"

#include <string.h>

/* BUILD of BUILD/app; NULL: the program was installed. */
static char *
build_folder (const char *folder)
{
  g_autofree char *name = g_path_get_basename (folder);
  g_autofree char *build = g_path_get_dirname (folder);
  g_autofree char *ninja = g_build_filename (build, "build.ninja", NULL);

  return g_str_equal (name, "app") && g_file_test (ninja, G_FILE_TEST_EXISTS)
             ? g_steal_pointer (&build)
             : NULL;
}

static char *
prefix_around (const char *folder)
{
  static const char ending[] = "/" LW_BIN_DIR;

  return g_str_has_suffix (folder, ending) && !g_str_equal (folder, ending)
             ? g_strndup (folder, strlen (folder) - strlen (ending))
             : g_strdup (LW_PREFIX);
}

char *
lw_program_folder (const char *built, const char *installed)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder =
      program != NULL ? g_path_get_dirname (program) : g_strdup (LW_PREFIX "/" LW_BIN_DIR);
  g_autofree char *build = build_folder (folder);
  g_autofree char *prefix = NULL;

  if (build != NULL)
    return g_build_filename (build, built, NULL);
  if (g_path_is_absolute (installed))
    return g_strdup (installed);
  prefix = prefix_around (folder);
  return g_build_filename (prefix, installed, NULL);
}
