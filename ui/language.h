/* The language that was chosen in the preferences. */
#pragma once

#include "ui/preferences.h"

G_BEGIN_DECLS

/* Sets the process's locale (all categories), with the language of the preferences' choice where
 * there is one: LANGUAGE, and a locale that has messages, which "C" has not. Call it before
 * anything else of the program runs; the catalogues are bound separately. */
void lw_language_use (LwPreferences *preferences);

G_END_DECLS
