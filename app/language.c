#include "app/language.h"

#include "engine/program_files.h"

#include <libintl.h>

#define DOMAIN "layerwise"

void
lw_app_bind_language (void)
{
  g_autofree char *catalogues = lw_program_folder ("assets/po", LW_LOCALE_DIR);

  bindtextdomain (DOMAIN, catalogues);
  bind_textdomain_codeset (DOMAIN, "UTF-8");
  textdomain (DOMAIN);
}
