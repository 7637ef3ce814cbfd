/* The further folders of runs that a person opened, as the program remembers them: group "runs",
 * key "folders" of $XDG_CONFIG_HOME/layerwise/workbench.ini. What else is in the file stays. Main
 * thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* NULL-terminated, absolute, in the order of opening; g_strfreev. Never fails: a missing or broken
 * file is no folders. */
char **lw_runs_folders_read (void);
/* A disk that is full forgets them: no more than that. */
void lw_runs_folders_write (const char *const *folders);

G_END_DECLS
