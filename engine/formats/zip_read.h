/* The table of contents of a zip archive in memory (PKWARE's APPNOTE 6.3.3, sections 4.3.7 to
 * 4.3.16), as numpy writes .npz: members stored or packed by deflate, one disk, not encrypted,
 * below 4 GB. Nothing is unpacked here and no name becomes a path, so that a name which climbs out
 * of a folder does no harm. Threads: reentrant. */
#pragma once

#include "engine/error.h"
#include "engine/formats/unpack.h"

G_BEGIN_DECLS

typedef struct {
  char *name;           /* as the archive has it: any bytes but NUL */
  const uint8_t *bytes; /* within the archive */
  gsize packed_size;
  int64_t size; /* unpacked; what the archive says, and possible by its packed size */
  LwPacked packed;
  uint32_t crc; /* zlib's crc32 of what is unpacked */
} LwZipMember;

/* Elements are LwZipMember, in the archive's order; they point into `bytes`. NULL: a sentence.
 * `name`: of the archive, for people. g_array_unref. */
GArray *lw_zip_list (const uint8_t *bytes, gsize length, const char *name, GError **error);

G_END_DECLS
