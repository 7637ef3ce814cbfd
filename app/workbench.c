/* The program with a window. */
#include "app/backends.h"
#include "app/language.h"
#include "app/pictures/pixbuf-pictures.h"
#include "ui/application.h"
#include "ui/language.h"

/* What has to be known before anything else of the program runs. */
static void
use_preferences (void)
{
  g_autofree char *path = lw_preferences_path ();
  g_autoptr (LwPreferences) preferences = lw_preferences_new (path);
  const char *runs = lw_preferences_text (preferences, LW_PREFERENCE_RUNS);

  if (*runs != '\0')
    g_setenv ("LAYERWISE_RUNS", runs, FALSE);
  lw_language_use (preferences);
}

int
main (int argc, char **argv)
{
  g_autoptr (LwApplication) application = NULL;

  use_preferences ();
  lw_pixbuf_pictures_register ();
  lw_app_bind_language ();
  g_set_prgname ("org.layerwise.Workbench");
  g_set_application_name ("Layerwise");
  application = lw_application_new (lw_app_backends ());
  return g_application_run (G_APPLICATION (application), argc, argv);
}
