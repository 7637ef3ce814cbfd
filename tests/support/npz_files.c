#include "tests/support/npz_files.h"

#include <string.h>
#include <zlib.h>

static void
add (GByteArray *bytes, uint64_t value, int width)
{
  for (int i = 0; i < width; i++) {
    const uint8_t byte = i < 8 ? (uint8_t)(value >> 8 * i) : 0;

    g_byte_array_append (bytes, &byte, 1);
  }
}

GByteArray *
lw_npy (int version, const char *header, const void *values, gsize length)
{
  GByteArray *bytes = g_byte_array_new ();
  const guint before = version == 1 ? 10 : 12;
  const guint padded = (before + (guint)strlen (header) + 1 + 63) / 64 * 64 - before;

  g_byte_array_append (bytes, (const uint8_t *)"\x93NUMPY", 6);
  add (bytes, (uint64_t)version, 2);
  add (bytes, padded, version == 1 ? 2 : 4);
  g_byte_array_append (bytes, (const uint8_t *)header, (guint)strlen (header));
  while (bytes->len < before + padded - 1)
    add (bytes, ' ', 1);
  add (bytes, '\n', 1);
  g_byte_array_append (bytes, values, (guint)length);
  return bytes;
}

GByteArray *
lw_npy_bytes (const char *shape, gsize count)
{
  g_autofree uint8_t *values = g_malloc (count);
  g_autofree char *header =
      g_strdup_printf ("{'descr': '|u1', 'fortran_order': False, 'shape': %s, }", shape);

  for (gsize i = 0; i < count; i++)
    values[i] = (uint8_t)(7 * i % 251);
  return lw_npy (1, header, values, count);
}

GByteArray *
lw_npy_labels (int n, int classes)
{
  g_autoptr (GByteArray) values = g_byte_array_new ();
  g_autofree char *header =
      g_strdup_printf ("{'descr': '<i8', 'fortran_order': False, 'shape': (%d,), }", n);

  for (int i = 0; i < n; i++)
    add (values, (uint64_t)(i % classes), 8);
  return lw_npy (1, header, values->data, values->len);
}

static GByteArray *
deflate_bare (const GByteArray *bytes)
{
  GByteArray *packed = g_byte_array_new ();
  z_stream stream = { 0 };

  g_assert_cmpint (deflateInit2 (&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), ==,
                   Z_OK);
  g_byte_array_set_size (packed, (guint)deflateBound (&stream, bytes->len));
  stream.next_in = bytes->data;
  stream.avail_in = bytes->len;
  stream.next_out = packed->data;
  stream.avail_out = packed->len;
  g_assert_cmpint (deflate (&stream, Z_FINISH), ==, Z_STREAM_END);
  g_byte_array_set_size (packed, (guint)stream.total_out);
  deflateEnd (&stream);
  return packed;
}

/* What the header before a file and its row in the table of contents have in common. */
static void
add_common (GByteArray *to, const LwZipFile *file, const GByteArray *packed, bool deflate)
{
  add (to, 20, 2); /* version */
  add (to, 0, 2);
  add (to, deflate ? 8 : 0, 2);
  add (to, 0, 4); /* time and date */
  add (to, crc32 (0, file->bytes->data, file->bytes->len), 4);
  add (to, packed->len, 4);
  add (to, file->bytes->len, 4);
  add (to, strlen (file->name), 2);
  add (to, 0, 2);
}

GByteArray *
lw_zip (const LwZipFile *files, int n, bool deflate)
{
  GByteArray *zip = g_byte_array_new ();
  g_autoptr (GByteArray) table = g_byte_array_new ();

  for (int i = 0; i < n; i++) {
    const LwZipFile *file = &files[i];
    g_autoptr (GByteArray) packed =
        deflate ? deflate_bare (file->bytes) : g_byte_array_ref (file->bytes);

    add (table, 0x02014b50, 4);
    add (table, 20, 2);
    add_common (table, file, packed, deflate);
    add (table, 0, 10);
    add (table, zip->len, 4);
    g_byte_array_append (table, (const uint8_t *)file->name, (guint)strlen (file->name));

    add (zip, 0x04034b50, 4);
    add_common (zip, file, packed, deflate);
    g_byte_array_append (zip, (const uint8_t *)file->name, (guint)strlen (file->name));
    g_byte_array_append (zip, packed->data, packed->len);
    g_byte_array_unref (file->bytes);
  }
  {
    const guint at = zip->len;

    g_byte_array_append (zip, table->data, table->len);
    add (zip, 0x06054b50, 4);
    add (zip, 0, 4);
    add (zip, (uint64_t)n, 2);
    add (zip, (uint64_t)n, 2);
    add (zip, table->len, 4);
    add (zip, at, 4);
    add (zip, 0, 2);
  }
  return zip;
}
