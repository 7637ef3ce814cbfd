/* Files as every format of the project handles them: only regular files are read (a named pipe
 * would block, a device would never end), and whole files are replaced durably, so that a crash at
 * any moment leaves the old file or the new one. Threads: functions are reentrant; a replacement
 * belongs to one thread. */
#pragma once

#include "engine/error.h"
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Opens a regular file for reading. Returns a descriptor to be closed, or −1 with LW_ERROR_IO. */
int lw_file_open_regular (const char *path, int64_t *ret_bytes, GError **error);

/* Reads up to `length` bytes; less only at the file's end. Returns the count, or −1. */
int64_t lw_file_read_fully (int fd, void *buffer, int64_t length);

/* Memory for what a file says it holds; g_free. Refuses more than is free, because malloc itself
 * promises more than there is. `name`: for the sentence. */
void *lw_file_memory (int64_t bytes, const char *name, GError **error);

/* "Cannot read /data/x: Permission denied." with the system's own words for the errno `number`:
 * LW_ERROR_NO_SPACE for a disk or a quota that is full, else LW_ERROR_IO. */
void lw_file_set_error (GError **error, bool writes, const char *path, int number);

/* The whole file, refused with a sentence when it is larger than `max_bytes`. */
GBytes *lw_file_read (const char *path, int64_t max_bytes, GError **error);

/* A new version of `path`, written beside it. The old file stays until lw_replacement_commit; a
 * replacement freed without it leaves no trace. A symbolic link's target is replaced, not the
 * link. What exists at `path` and is no regular file is refused. */
typedef struct LwReplacement LwReplacement;

LwReplacement *lw_replacement_new (const char *path, GError **error);
bool
lw_replacement_write (LwReplacement *replacement, const void *data, gsize length, GError **error);
/* fsync, rename, fsync of the folder. */
bool lw_replacement_commit (LwReplacement *replacement, GError **error);
void lw_replacement_free (LwReplacement *replacement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwReplacement, lw_replacement_free)

/* Waits until the disk has what a folder holds: names of files and folders made in it. */
bool lw_file_sync_folder (const char *folder, GError **error);
/* Whether a file's name is that of a replacement before its commit. */
bool lw_file_is_part (const char *name);
/* Removes what replacements of killed programs left in a folder; those that are being written
 * stay. */
void lw_file_remove_parts (const char *folder);

G_END_DECLS
