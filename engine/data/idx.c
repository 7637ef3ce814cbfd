/* IDX, the format of MNIST and of the sets made after it (Fashion-MNIST, KMNIST, EMNIST): bytes
 * 0, 0, type (8: unsigned byte), rank, then one big-endian 32-bit count for each dimension, then
 * the values, last dimension fastest. Usually compressed with gzip.
 *
 * Deflate packs at most 1032 bytes into one (zlib's technical details), so a header that promises
 * more than that is false, and is found out before memory is taken. */
#include "engine/data/dataset_private.h"
#include "engine/formats/file.h"
#include "engine/i18n.h"
#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#define MAX_SIDE      16384
#define DEFLATE_RATIO 1032

/* --- bytes, plain or through gzip ------------------------------------------------------------ */

typedef struct {
  const uint8_t *at;
  gsize left;
  bool gzip, opened, ended;
  z_stream stream;
} Source;

static bool
source_open (Source *source, const uint8_t *bytes, gsize length)
{
  *source = (Source){ .at = bytes, .left = length };
  source->gzip = length >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
  source->opened = source->gzip && inflateInit2 (&source->stream, 16 + MAX_WBITS) == Z_OK;
  return !source->gzip || source->opened;
}

static void
source_close (Source *source)
{
  if (source->opened)
    inflateEnd (&source->stream);
}

/* Reads up to `length` bytes; returns how many there were, or −1 for damaged gzip data. */
static int64_t
source_read (Source *source, uint8_t *ret_bytes, gsize length)
{
  gsize done = 0;

  if (!source->gzip) {
    done = MIN (length, source->left);
    memcpy (ret_bytes, source->at, done);
    source->at += done;
    source->left -= done;
    return (int64_t)done;
  }
  while (done < length && !source->ended) {
    const uInt in = (uInt)MIN (source->left, 1 << 30), out = (uInt)MIN (length - done, 1 << 30);
    int result;

    source->stream.next_in = (Bytef *)source->at;
    source->stream.avail_in = in;
    source->stream.next_out = ret_bytes + done;
    source->stream.avail_out = out;
    result = inflate (&source->stream, Z_NO_FLUSH);
    source->at += in - source->stream.avail_in;
    source->left -= in - source->stream.avail_in;
    done += out - source->stream.avail_out;
    source->ended = result == Z_STREAM_END;
    if (result == Z_BUF_ERROR && source->left == 0)
      break; /* the file was cut off */
    if (result != Z_OK && result != Z_STREAM_END)
      return -1;
  }
  return (int64_t)done;
}

/* Whether nothing follows: neither a value, nor anything behind the compressed data. gzip's own
 * checksum is compared here, when its end is reached. */
static bool
source_at_end (Source *source)
{
  uint8_t more;

  return source_read (source, &more, 1) == 0 && source->left == 0 &&
         (!source->gzip || source->ended);
}

/* --- one file ------------------------------------------------------------------------------- */

static bool
read_header (Source *source, const char *name, int32_t rank, int32_t *ret_dims, GError **error)
{
  const char *what = rank == 3 ? _ ("images") : _ ("labels");
  uint8_t header[16];
  const int64_t length = 4 + 4 * rank;
  const int64_t got = source_read (source, header, (gsize)length);

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
parse (Source *source, gsize length, const char *name, int32_t rank, int32_t *ret_dims,
       uint8_t **ret_data, GError **error)
{
  const char *again = _ ("was it cut off? Copy or download it again.");
  g_autofree uint8_t *data = NULL;
  int64_t size = 1, got;

  if (!read_header (source, name, rank, ret_dims, error))
    return false;
  for (int32_t i = 0; i < rank; i++)
    size *= ret_dims[i]; /* below 2³¹ · 2²⁸ */
  if (size > (int64_t)length * (source->gzip ? DEFLATE_RATIO : 1))
    return lw_data_fail (
        error, name,
        _ ("its header promises %" PRId64 " bytes, which its %zu bytes cannot hold; %s"), size,
        length, again);
  data = lw_file_memory (size, name, error);
  if (data == NULL)
    return false;
  got = source_read (source, data, (gsize)size);
  if (got < 0)
    return lw_data_fail (error, name,
                         _ ("its compressed data are damaged; copy or download it again."));
  if (got < size)
    return lw_data_fail (
        error, name,
        _ ("it ends after %" PRId64 " of the %" PRId64 " bytes that its header promises; %s"), got,
        size, again);
  if (!source_at_end (source))
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
  Source source;
  bool parsed;

  if (!source_open (&source, bytes, length)) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("%s: there is not enough memory to unpack it."), name);
    return false;
  }
  parsed = parse (&source, length, name, rank, ret_dims, ret_data, error);
  source_close (&source);
  return parsed;
}
