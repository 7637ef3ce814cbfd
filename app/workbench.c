/* The program with a window. */
#include "app/backends.h"
#include "app/language.h"
#include "ui/application.h"
#include "ui/preferences.h"

#include <locale.h>

/* Where the language of the messages is chosen, the locale has to be one that has messages: "C" has
 * none. Both are read before anything else of the program runs. */
static void
use_preferences (void)
{
  g_autofree char *path = lw_preferences_path ();
  g_autoptr (LwPreferences) preferences = lw_preferences_new (path);
  const char *language = lw_preferences_text (preferences, LW_PREFERENCE_LANGUAGE);
  const char *runs = lw_preferences_text (preferences, LW_PREFERENCE_RUNS);

  if (*runs != '\0')
    g_setenv ("LAYERWISE_RUNS", runs, FALSE);
  if (*language == '\0')
    return;
  g_setenv ("LANGUAGE", language, TRUE);
  if (g_strcmp0 (setlocale (LC_MESSAGES, ""), "C") == 0 ||
      g_strcmp0 (setlocale (LC_MESSAGES, NULL), "POSIX") == 0)
    g_setenv ("LC_ALL", "C.UTF-8", TRUE);
}

int
main (int argc, char **argv)
{
  g_autoptr (LwApplication) application = NULL;

  use_preferences ();
  setlocale (LC_ALL, "");
  lw_app_bind_language ();
  g_set_prgname ("org.layerwise.Workbench");
  g_set_application_name ("Layerwise");
  application = lw_application_new (lw_app_backends ());
  return g_application_run (G_APPLICATION (application), argc, argv);
}
