/* What the views remember from one start of the program to the next: small choices, in
 * $XDG_CONFIG_HOME/layerwise/views.ini. A file that cannot be read or written is none: what was
 * chosen then lasts as long as the program. Main thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

int lw_view_memory_get (const char *view, const char *choice, int otherwise);
void lw_view_memory_set (const char *view, const char *choice, int value);

G_END_DECLS
