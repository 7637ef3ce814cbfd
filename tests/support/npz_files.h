/* .npy arrays and zip archives of them, byte by byte, so that tests can make those that numpy never
 * would. Failures end the test. One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* A .npy file of format `version` 1 to 3 with this header ({'descr': …, }) and these values. */
GByteArray *lw_npy (int version, const char *header, const void *values, gsize length);
/* Bytes of the shape, value i is (7·i) mod 251. */
GByteArray *lw_npy_bytes (const char *shape, gsize count);
/* Labels as 64-bit integers, label i is i mod classes. */
GByteArray *lw_npy_labels (int n, int classes);

typedef struct {
  const char *name;
  GByteArray *bytes; /* taken */
} LwZipFile;

/* An archive of `n` files, stored or deflated. */
GByteArray *lw_zip (const LwZipFile *files, int n, bool deflate);

G_END_DECLS
