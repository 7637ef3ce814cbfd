/* Marks strings of the engine's tables for translation. The engine itself is language neutral:
 * programs translate with gettext where they show the string. (The same words as in GLib's gi18n.h,
 * so that a file may include both.) */
#pragma once

#define N_(String) (String)
