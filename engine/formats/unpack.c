#include "engine/formats/unpack.h"
#include <string.h>

bool
lw_unpacker_open (LwUnpacker *unpacker, const uint8_t *bytes, gsize length, LwPacked packed)
{
  const int window = packed == LW_PACKED_GZIP ? 16 + MAX_WBITS : -MAX_WBITS;

  *unpacker = (LwUnpacker){ .at = bytes, .left = length, .packed = packed };
  unpacker->opened = packed != LW_PACKED_NOT && inflateInit2 (&unpacker->stream, window) == Z_OK;
  return packed == LW_PACKED_NOT || unpacker->opened;
}

void
lw_unpacker_close (LwUnpacker *unpacker)
{
  if (unpacker->opened)
    inflateEnd (&unpacker->stream);
  unpacker->opened = false;
}

int64_t
lw_unpacker_read (LwUnpacker *unpacker, uint8_t *ret_bytes, gsize length)
{
  gsize done = 0;

  if (unpacker->packed == LW_PACKED_NOT) {
    done = MIN (length, unpacker->left);
    if (done > 0)
      memcpy (ret_bytes, unpacker->at, done);
    unpacker->at += done;
    unpacker->left -= done;
    return (int64_t)done;
  }
  while (done < length && !unpacker->ended) {
    const uInt in = (uInt)MIN (unpacker->left, 1 << 30), out = (uInt)MIN (length - done, 1 << 30);
    int result;

    unpacker->stream.next_in = (Bytef *)unpacker->at;
    unpacker->stream.avail_in = in;
    unpacker->stream.next_out = ret_bytes + done;
    unpacker->stream.avail_out = out;
    result = inflate (&unpacker->stream, Z_NO_FLUSH);
    unpacker->at += in - unpacker->stream.avail_in;
    unpacker->left -= in - unpacker->stream.avail_in;
    done += out - unpacker->stream.avail_out;
    unpacker->ended = result == Z_STREAM_END;
    if (result == Z_BUF_ERROR && unpacker->left == 0)
      break; /* the file was cut off */
    if (result != Z_OK && result != Z_STREAM_END)
      return -1;
  }
  return (int64_t)done;
}

bool
lw_unpacker_at_end (LwUnpacker *unpacker)
{
  uint8_t more;

  return lw_unpacker_read (unpacker, &more, 1) == 0 && unpacker->left == 0 &&
         (unpacker->packed == LW_PACKED_NOT || unpacker->ended);
}
