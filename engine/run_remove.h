/* Deleting a run's folder for good, where there is no trash. Any thread. */
#pragma once

#include "engine/error.h"
#include <stdbool.h>

G_BEGIN_DECLS

/* Only a folder with a run.json, and only what is in it: symbolic links are removed, what they
 * point at is not. Fails with a sentence where something cannot be removed, or it is no run. */
bool lw_run_remove (const char *folder, GError **error);

G_END_DECLS
