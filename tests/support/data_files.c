#include "tests/support/data_files.h"

#include <glib/gstdio.h>
#include <string.h>
#include <zlib.h>

char *
lw_scratch_new (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("layerwise-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
remove_tree (const char *path)
{
  GDir *dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *below = g_build_filename (path, name, NULL);

    remove_tree (below);
  }
  g_clear_pointer (&dir, g_dir_close);
  g_assert_cmpint (g_remove (path), ==, 0);
}

void
lw_scratch_remove (char *folder)
{
  remove_tree (folder);
  g_free (folder);
}

void
lw_scratch_write (const char *folder, const char *name, const void *data, gsize length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_file_set_contents (path, data, (gssize)length, &error);
  g_assert_no_error (error);
}

int
lw_scratch_count (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  int n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;
  g_dir_close (dir);
  return n;
}

/* --- contents ------------------------------------------------------------------------------- */

GByteArray *
lw_gzip (const uint8_t *data, gsize length)
{
  GByteArray *packed = g_byte_array_new ();
  z_stream stream = { 0 };

  g_assert_cmpint (deflateInit2 (&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), ==,
                   Z_OK);
  g_byte_array_set_size (packed, (guint)deflateBound (&stream, length));
  stream.next_in = (Bytef *)data;
  stream.avail_in = (uInt)length;
  stream.next_out = packed->data;
  stream.avail_out = packed->len;
  g_assert_cmpint (deflate (&stream, Z_FINISH), ==, Z_STREAM_END);
  g_byte_array_set_size (packed, (guint)stream.total_out);
  deflateEnd (&stream);
  return packed;
}

static GByteArray *
idx_header (int32_t rank, const int32_t *dims)
{
  const uint8_t magic[4] = { 0, 0, 8, (uint8_t)rank };
  GByteArray *bytes = g_byte_array_append (g_byte_array_new (), magic, 4);

  for (int32_t i = 0; i < rank; i++) {
    const uint32_t count = GUINT32_TO_BE ((uint32_t)dims[i]);

    g_byte_array_append (bytes, (const uint8_t *)&count, 4);
  }
  return bytes;
}

static void
append_image (GByteArray *bytes, int32_t image, int32_t pixels)
{
  for (int32_t p = 0; p < pixels; p++) {
    const uint8_t value = (uint8_t)((7 * image + p) % 251);

    g_byte_array_append (bytes, &value, 1);
  }
}

GByteArray *
lw_idx_images (int32_t n, int32_t h, int32_t w)
{
  GByteArray *bytes = idx_header (3, (const int32_t[]){ n, h, w });

  for (int32_t i = 0; i < n; i++)
    append_image (bytes, i, h * w);
  return bytes;
}

GByteArray *
lw_idx_labels (int32_t n, int32_t classes)
{
  GByteArray *bytes = idx_header (1, &n);

  for (int32_t i = 0; i < n; i++) {
    const uint8_t label = (uint8_t)(i % classes);

    g_byte_array_append (bytes, &label, 1);
  }
  return bytes;
}

GByteArray *
lw_cifar_batch (int32_t n)
{
  GByteArray *bytes = g_byte_array_new ();

  for (int32_t i = 0; i < n; i++) {
    const uint8_t label = (uint8_t)(i % 10);

    g_byte_array_append (bytes, &label, 1);
    append_image (bytes, i, 3 * 32 * 32);
  }
  return bytes;
}

static void
write_idx (const char *folder, const char *prefix, const char *name, GByteArray *bytes, bool gzip)
{
  g_autoptr (GByteArray) plain = bytes;
  g_autoptr (GByteArray) packed = gzip ? lw_gzip (plain->data, plain->len) : NULL;
  g_autofree char *file = g_strconcat (prefix, name, gzip ? ".gz" : "", NULL);
  const GByteArray *written = gzip ? packed : plain;

  lw_scratch_write (folder, file, written->data, written->len);
}

void
lw_write_idx_set (const char *folder, const char *prefix, int32_t n_train, int32_t n_test,
                  int32_t side, bool gzip)
{
  write_idx (folder, prefix, "train-images-idx3-ubyte", lw_idx_images (n_train, side, side), gzip);
  write_idx (folder, prefix, "train-labels-idx1-ubyte", lw_idx_labels (n_train, 10), gzip);
  write_idx (folder, prefix, "t10k-images-idx3-ubyte", lw_idx_images (n_test, side, side), gzip);
  write_idx (folder, prefix, "t10k-labels-idx1-ubyte", lw_idx_labels (n_test, 10), gzip);
}
