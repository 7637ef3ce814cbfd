#include "ui/language.h"

#include <locale.h>

void
lw_language_use (LwPreferences *preferences)
{
  const char *language = lw_preferences_text (preferences, LW_PREFERENCE_LANGUAGE);

  if (*language != '\0') {
    g_setenv ("LANGUAGE", language, TRUE);
    if (g_strcmp0 (setlocale (LC_MESSAGES, ""), "C") == 0 ||
        g_strcmp0 (setlocale (LC_MESSAGES, NULL), "POSIX") == 0)
      g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  }
  setlocale (LC_ALL, "");
}
