/* For harnesses of readers that take a path: a folder of this process for their files, removed at
 * its end. One thread. */
#pragma once

#include "tests/fuzz/fuzz.h"

G_BEGIN_DECLS

/* Its path; made with the first call. */
const char *lw_fuzz_folder (void);
/* Writes a file of it and returns its path, until the next call with this name; `name` constant. */
const char *lw_fuzz_put (const char *name, const void *data, size_t size);
/* Removes a file, a link, or a folder with all it holds. */
void lw_fuzz_remove (const char *path);
/* Removes what a folder holds, but for names in `stay` (NULL-terminated, may be NULL). */
void lw_fuzz_empty (const char *folder, const char *const *stay);

G_END_DECLS
