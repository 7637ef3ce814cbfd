/* The addresses of runs on other machines that a person followed last, as the program remembers
 * them: group "remote", key "recent" of $XDG_CONFIG_HOME/layerwise/workbench.ini. What else is in
 * the file stays. Main thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* NULL-terminated, the last first, at most eight; g_strfreev. Never fails. */
char **lw_recent_addresses_read (void);
/* To the front. */
void lw_recent_addresses_add (const char *address);

G_END_DECLS
