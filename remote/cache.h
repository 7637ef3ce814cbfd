/* The folders that followed runs are mirrored into: $XDG_CACHE_HOME/layerwise/followed, one folder
 * for each that is followed, which is removed when that ends. Those of programs that were killed
 * are removed with the next. Functions are reentrant. */
#pragma once

#include "engine/error.h"
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct {
  char *folder;
  int fd; /* holds it: as long as it is open the folder is in use */
} LwRemoteCache;

/* A new empty folder, for this person alone. NULL and a sentence where there can be none. */
LwRemoteCache *lw_remote_cache_new (GError **error);
/* With all that is in it. */
void lw_remote_cache_free (LwRemoteCache *cache);

/* Whether a path lies within those folders. */
bool lw_remote_cache_has (const char *path);

/* A name for a run's folder in it out of one that any machine may have: no "/", no control
 * characters, no dot in front, at most 100 bytes; g_free. */
char *lw_remote_cache_name (const char *name);

G_END_DECLS
