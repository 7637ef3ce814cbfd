/* Marks strings of the engine's tables for translation. The engine itself is language neutral:
 * programs translate with gettext where they show the string. */
#pragma once

#define N_(text) text
