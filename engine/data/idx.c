/* IDX, the format of MNIST and of the sets made after it (Fashion-MNIST, KMNIST, EMNIST): bytes
 * 0, 0, type (8: unsigned byte), rank, then one big-endian 32-bit count for each dimension, then
 * the values, last dimension fastest. Usually compressed with gzip. */
#include "engine/data/dataset_private.h"
#include "engine/formats/file.h"
#include "engine/formats/unpack.h"
#include "engine/i18n.h"
#include <inttypes.h>
#include <string.h>

#define MAX_SIDE 16384

/* --- one file ------------------------------------------------------------------------------- */

static bool
read_header (LwUnpacker *source, const char *name, int32_t rank, int32_t *ret_dims, GError **error)
{
  const char *what = rank == 3 ? _ ("images") : _ ("labels");
  uint8_t header[16];
  const int64_t length = 4 + 4 * rank;
  const int64_t got = lw_unpacker_read (source, header, (gsize)length);

  if (got < 0)
    return lw_data_fail (error, name,
                         _ ("its compressed data are damaged; copy or download it again."));
  if (got < length || header[0] != 0 || header[1] != 0 || header[2] != 8 || header[3] != rank)
    return lw_data_fail (error, name,
                         _ ("it is no IDX file of %s (which begins with the bytes 0, 0, 8, %d)."),
                         what, rank);
  for (int32_t i = 0; i < rank; i++) {
    uint32_t count;

    memcpy (&count, header + 4 + 4 * i, 4);
    count = GUINT32_FROM_BE (count);
    if (count < 1 || count > (i == 0 ? G_MAXINT32 : MAX_SIDE))
      return lw_data_fail (error, name, _ ("its header promises %u %s, which cannot be."), count,
                           i == 0 ? what : _ ("pixels of height or width"));
    ret_dims[i] = (int32_t)count;
  }
  return true;
}

static bool
parse (LwUnpacker *source, gsize length, const char *name, int32_t rank, int32_t *ret_dims,
       uint8_t **ret_data, GError **error)
{
  const char *again = _ ("was it cut off? Copy or download it again.");
  g_autofree uint8_t *data = NULL;
  int64_t size = 1, got;

  if (!read_header (source, name, rank, ret_dims, error))
    return false;
  for (int32_t i = 0; i < rank; i++)
    size *= ret_dims[i]; /* below 2³¹ · 2²⁸ */
  if (size > (int64_t)length * (source->packed ? LW_DEFLATE_RATIO : 1))
    return lw_data_fail (
        error, name,
        _ ("its header promises %" PRId64 " bytes, which its %zu bytes cannot hold; %s"), size,
        length, again);
  data = lw_file_memory (size, name, error);
  if (data == NULL)
    return false;
  got = lw_unpacker_read (source, data, (gsize)size);
  if (got < 0)
    return lw_data_fail (error, name,
                         _ ("its compressed data are damaged; copy or download it again."));
  if (got < size)
    return lw_data_fail (
        error, name,
        _ ("it ends after %" PRId64 " of the %" PRId64 " bytes that its header promises; %s"), got,
        size, again);
  if (!lw_unpacker_at_end (source))
    return lw_data_fail (
        error, name,
        _ ("more follows after the %" PRId64
           " bytes that its header promises, or its checksum is wrong; copy or download it "
           "again."),
        size);
  *ret_data = g_steal_pointer (&data);
  return true;
}

bool
lw_idx_parse (const uint8_t *bytes, gsize length, const char *name, int32_t rank,
              int32_t ret_dims[3], uint8_t **ret_data, GError **error)
{
  const bool gzip = length >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
  LwUnpacker source;
  bool parsed;

  if (!lw_unpacker_open (&source, bytes, length, gzip ? LW_PACKED_GZIP : LW_PACKED_NOT)) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("%s: there is not enough memory to unpack it."), name);
    return false;
  }
  parsed = parse (&source, length, name, rank, ret_dims, ret_data, error);
  lw_unpacker_close (&source);
  return parsed;
}
