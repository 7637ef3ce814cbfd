/* LwUnpacker: the bytes of a file as they are, or through zlib: a gzip file (RFC 1952), or a bare
 * deflate stream (RFC 1951) as zip archives have it. A value on the stack of one thread; the bytes
 * stay the caller's. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <zlib.h>

G_BEGIN_DECLS

/* Deflate packs at most 1032 bytes into one (zlib's technical details), so a header that promises
 * more than that is false, and is found out before memory is taken. */
#define LW_DEFLATE_RATIO 1032

typedef enum { LW_PACKED_NOT, LW_PACKED_GZIP, LW_PACKED_DEFLATE } LwPacked;

typedef struct {
  const uint8_t *at;
  gsize left;
  LwPacked packed;
  bool opened, ended;
  z_stream stream;
} LwUnpacker;

/* False: there is not enough memory; nothing needs closing then. */
bool lw_unpacker_open (LwUnpacker *unpacker, const uint8_t *bytes, gsize length, LwPacked packed);
void lw_unpacker_close (LwUnpacker *unpacker);
/* Reads up to `length` bytes, fewer only at the end; returns the count, or −1 for damaged data. */
int64_t lw_unpacker_read (LwUnpacker *unpacker, uint8_t *ret_bytes, gsize length);
/* Whether nothing follows: neither a value, nor anything behind the compressed data. gzip's own
 * checksum is compared here, when its end is reached. */
bool lw_unpacker_at_end (LwUnpacker *unpacker);

G_END_DECLS
