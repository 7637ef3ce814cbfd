/* The header of a .npy file, versions 1 to 3 (numpy.lib.format): "\x93NUMPY", major and minor
 * version, the length of a Python dictionary, and the dictionary as text:
 * {'descr': '<f4', 'fortran_order': False, 'shape': (60000, 28, 28), }. Pure functions. */
#pragma once

#include "engine/error.h"
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define LW_NPY_FIRST_BYTES 12 /* enough to know how long the header is */
#define LW_NPY_MAX_HEADER  65536
#define LW_NPY_MAX_RANK    8

typedef struct {
  char kind;       /* 'u', 'i', 'f', 'b' */
  int32_t bytes;   /* of one value: 1, 2, 4, 8 */
  bool big_endian; /* false where bytes is 1 */
  bool fortran;    /* the first dimension is the fastest */
  int32_t rank;
  int64_t shape[LW_NPY_MAX_RANK];
  int64_t count; /* product of shape, at most 2⁴⁰ */
} LwNpyHeader;

/* The bytes before the values, from the first LW_NPY_FIRST_BYTES of a file; 0: it is no .npy file
 * of these versions; more than LW_NPY_MAX_HEADER: it is damaged. */
int64_t lw_npy_header_bytes (const uint8_t first[LW_NPY_FIRST_BYTES]);
/* `header`: all bytes before the values, as many as lw_npy_header_bytes says. `name`: for people.
 */
bool lw_npy_parse (const uint8_t *header, gsize length, const char *name, LwNpyHeader *ret_header,
                   GError **error);
/* Value `index`, counted in bytes of values / bytes of one; of a half, float or double as it is.
 * Integers beyond 2⁵³ are rounded. */
double lw_npy_value (const LwNpyHeader *header, const uint8_t *values, int64_t index);

G_END_DECLS
