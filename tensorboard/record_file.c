#include "tensorboard/record_file.h"

#define POLYNOMIAL 0x82f63b78u /* Castagnoli's, bits reversed */
#define MASK_DELTA 0xa282ead8u
#define FLUSHED    (1 << 18) /* bytes */

struct LwRecordFile {
  LwReplacement *file;
  GString *pending;
};

G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN);

uint32_t
lw_crc32c (const void *data, gsize length)
{
  const uint8_t *bytes = data;
  uint32_t crc = ~0u;

  for (gsize i = 0; i < length; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (POLYNOMIAL & (0u - (crc & 1)));
  }
  return ~crc;
}

static void
append_checksum (GString *bytes, const void *data, gsize length)
{
  const uint32_t crc = lw_crc32c (data, length);
  const uint32_t masked = (crc >> 15 | crc << 17) + MASK_DELTA;

  g_string_append_len (bytes, (const char *)&masked, sizeof masked);
}

LwRecordFile *
lw_record_file_new (const char *path, GError **error)
{
  LwReplacement *replacement = lw_replacement_new (path, error);
  LwRecordFile *file;

  if (replacement == NULL)
    return NULL;
  file = g_new0 (LwRecordFile, 1);
  file->file = replacement;
  file->pending = g_string_new (NULL);
  return file;
}

static bool
flush (LwRecordFile *file, GError **error)
{
  const bool done =
      lw_replacement_write (file->file, file->pending->str, file->pending->len, error);

  g_string_truncate (file->pending, 0);
  return done;
}

bool
lw_record_file_add (LwRecordFile *file, const void *message, gsize length, GError **error)
{
  const uint64_t bytes = length;

  g_string_append_len (file->pending, (const char *)&bytes, sizeof bytes);
  append_checksum (file->pending, &bytes, sizeof bytes);
  g_string_append_len (file->pending, message, (gssize)length);
  append_checksum (file->pending, message, length);
  return file->pending->len < FLUSHED || flush (file, error);
}

bool
lw_record_file_commit (LwRecordFile *file, GError **error)
{
  return flush (file, error) && lw_replacement_commit (file->file, error);
}

void
lw_record_file_free (LwRecordFile *file)
{
  if (file == NULL)
    return;
  lw_replacement_free (file->file);
  g_string_free (file->pending, TRUE);
  g_free (file);
}
