/* The language of the program's messages: what the locale (LC_ALL, LC_MESSAGES, LANG, LANGUAGE)
 * asks for and assets/po has, English else. The catalogues are those that were built or installed
 * with the program (engine/program_files.h). Call it once, after setlocale, before the first
 * message. */
#pragma once

void lw_app_bind_language (void);
