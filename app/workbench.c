/* The program with a window. */
#include "app/backends.h"
#include "ui/application.h"

#include <glib/gi18n.h>
#include <locale.h>

int
main (int argc, char **argv)
{
  g_autoptr (LwApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain ("layerwise", LW_LOCALE_DIR);
  bind_textdomain_codeset ("layerwise", "UTF-8");
  textdomain ("layerwise");
  g_set_prgname ("org.layerwise.Workbench");
  g_set_application_name ("Layerwise");
  application = lw_application_new (lw_app_backends ());
  return g_application_run (G_APPLICATION (application), argc, argv);
}
