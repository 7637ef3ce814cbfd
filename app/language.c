#include "app/language.h"

#include <glib.h>
#include <libintl.h>

#define DOMAIN "layerwise"

/* BUILD/assets/po for BUILD/app/layerwise; NULL for an installed program. */
static char *
build_catalogues (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;
  g_autofree char *build = folder != NULL ? g_path_get_dirname (folder) : NULL;
  g_autofree char *ninja = build != NULL ? g_build_filename (build, "build.ninja", NULL) : NULL;

  return ninja != NULL && g_file_test (ninja, G_FILE_TEST_EXISTS)
             ? g_build_filename (build, "assets", "po", NULL)
             : NULL;
}

void
lw_app_bind_language (void)
{
  g_autofree char *built = build_catalogues ();

  bindtextdomain (DOMAIN, built != NULL ? built : LW_LOCALE_DIR);
  bind_textdomain_codeset (DOMAIN, "UTF-8");
  textdomain (DOMAIN);
}
