/* The language of the program's messages: what the locale (LC_ALL, LC_MESSAGES, LANG, LANGUAGE)
 * asks for and assets/po has, English else. The catalogues lie beside the program in a build folder
 * (assets/po/LANGUAGE/LC_MESSAGES, wherever the folder was moved), and where they were installed
 * otherwise. Call it once, after setlocale, before the first message. */
#pragma once

void lw_app_bind_language (void);
