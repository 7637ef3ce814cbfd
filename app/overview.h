/* What is said about the program as a whole: the page of --help, and the manual page for man(1),
 * which holds each command's --help as well. Both are made from the same words and tables. */
#pragma once

#include "app/args.h"

G_BEGIN_DECLS

/* "Usage: …", commands, environment, exit status, on standard output. `commands`:
 * NULL-terminated. */
void lw_overview_print (const LwCommand *const *commands);

/* layerwise(1), as roff with the macros of man(7), in UTF-8. In the language of the locale. */
void lw_overview_print_manual (const LwCommand *const *commands);

G_END_DECLS
