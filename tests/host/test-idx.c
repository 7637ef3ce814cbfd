/* IDX files that are not what they should be: each is refused with a sentence that names the file
 * and what is wrong. */
#include "engine/data/dataset.h"
#include "tests/support/data_files.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  (void)user_data;
  fixture->folder = lw_scratch_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  (void)user_data;
  lw_scratch_remove (fixture->folder);
}

static void
assert_refused (const char *folder, LwError code, const char *message)
{
  g_autoptr (GError) error = NULL;
  LwDataset *dataset = lw_dataset_open (folder, &error);

  g_assert_null (dataset);
  g_assert_error (error, LW_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, folder));
  if (strstr (error->message, message) == NULL)
    g_error ("“%s” lacks “%s”", error->message, message);
}

typedef void (*Damage) (GByteArray *bytes);

static void
cut (GByteArray *bytes)
{
  g_byte_array_set_size (bytes, bytes->len - 1);
}

static void
append (GByteArray *bytes)
{
  g_byte_array_append (bytes, (const uint8_t *)"x", 1);
}

static void
wrong_magic (GByteArray *bytes)
{
  bytes->data[2] = 9;
}

static void
wrong_rank (GByteArray *bytes)
{
  bytes->data[3] = 1;
}

static void
no_image (GByteArray *bytes)
{
  memset (bytes->data + 4, 0, 4);
}

static void
too_many (GByteArray *bytes)
{
  memset (bytes->data + 4, 0x7f, 4);
}

static void
too_wide (GByteArray *bytes)
{
  bytes->data[12] = 0xff;
}

static void
other_width (GByteArray *bytes)
{
  bytes->data[11] = 2, bytes->data[15] = 8; /* 2 × 8 instead of 4 × 4 */
}

static void
fewer (GByteArray *bytes)
{
  bytes->data[7]--;
  g_byte_array_set_size (bytes, bytes->len - 16);
}

static void
all_gone (GByteArray *bytes)
{
  g_byte_array_set_size (bytes, 0);
}

static void
only_header (GByteArray *bytes)
{
  g_byte_array_set_size (bytes, 7);
}

static const struct {
  Damage damage;
  const char *message;
} damages[] = {
  { cut, "cut off" },
  { append, "more follows" },
  { wrong_magic, "no IDX file of images" },
  { wrong_rank, "no IDX file of images" },
  { no_image, "promises 0 images" },
  { too_many, "cannot hold" },
  { too_wide, "pixels of height or width" },
  { other_width, "4×4 and those to test with 2×8" },
  { fewer, "do not belong together" },
  { all_gone, "no IDX file of images" },
  { only_header, "no IDX file of images" },
};

static void
test_damaged (Fixture *fixture, gconstpointer user_data)
{
  (void)user_data;
  for (int gzip = 0; gzip < 2; gzip++) {
    g_autofree char *folder = g_build_filename (fixture->folder, gzip ? "packed" : "plain", NULL);
    const char *name = gzip ? "t10k-images-idx3-ubyte.gz" : "t10k-images-idx3-ubyte";

    lw_write_idx_set (folder, "", 12, 12, 4, gzip);
    for (guint i = 0; i < G_N_ELEMENTS (damages); i++) {
      g_autoptr (GByteArray) bytes = lw_idx_images (12, 4, 4), packed = NULL;

      damages[i].damage (bytes);
      packed = lw_gzip (bytes->data, bytes->len);
      lw_scratch_write (folder, name, gzip ? packed->data : bytes->data,
                        gzip ? packed->len : bytes->len);
      /* A few compressed bytes could hold more: there the end shows it. */
      assert_refused (folder, LW_ERROR_FORMAT, damages[i].message);
    }
  }
}

static void
test_damaged_gzip (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GByteArray) bytes = lw_idx_images (12, 4, 4);
  g_autoptr (GByteArray) good = lw_gzip (bytes->data, bytes->len);
  const char *name = "t10k-images-idx3-ubyte.gz";

  (void)user_data;
  lw_write_idx_set (fixture->folder, "", 12, 12, 4, true);
  for (guint length = 0; length < good->len; length++) {
    lw_scratch_write (fixture->folder, name, good->data, length);
    assert_refused (fixture->folder, LW_ERROR_FORMAT, name);
  }
  for (guint i = 10; i < good->len; i++) { /* behind gzip's own header, of which much is free */
    g_autoptr (GByteArray) bad = g_byte_array_new ();

    g_byte_array_append (bad, good->data, good->len);
    bad->data[i] ^= 0x10;
    lw_scratch_write (fixture->folder, name, bad->data, bad->len);
    if (i == good->len - 9) { /* the last byte before the checksum: some of its bits mean nothing */
      g_autoptr (LwDataset) dataset = lw_dataset_open (fixture->folder, NULL);

      if (dataset != NULL)
        g_assert_cmpmem (lw_dataset_image (dataset, LW_SPLIT_TEST, 0), 12 * 16, bytes->data + 16,
                         12 * 16);
    } else
      assert_refused (fixture->folder, LW_ERROR_FORMAT, name);
  }
  g_byte_array_append (good, (const uint8_t *)"junk", 4);
  lw_scratch_write (fixture->folder, name, good->data, good->len);
  assert_refused (fixture->folder, LW_ERROR_FORMAT, "more follows");
}

static void
test_missing_file (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *labels = g_build_filename (fixture->folder, "t10k-labels-idx1-ubyte", NULL);

  (void)user_data;
  lw_write_idx_set (fixture->folder, "", 12, 12, 4, false);
  g_assert_cmpint (g_remove (labels), ==, 0);
  assert_refused (fixture->folder, LW_ERROR_FORMAT, "t10k-labels-idx1-ubyte is missing");
  g_assert_cmpint (g_mkdir (labels, 0755), ==, 0);
  assert_refused (fixture->folder, LW_ERROR_IO, "it is a folder, not a file");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/idx/damaged", test_damaged);
  ADD ("/idx/damaged-gzip", test_damaged_gzip);
  ADD ("/idx/missing-file", test_missing_file);
  return g_test_run ();
}
