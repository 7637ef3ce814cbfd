/* numpy's archives: every layout and kind of number that is read, and what is said of those that
 * are not. Archives that numpy itself wrote are the corpus of tests/fuzz (make_npz.py). */
#include "engine/data/dataset_private.h"
#include "tests/support/data_files.h"
#include "tests/support/npz_files.h"

#include <math.h>
#include <string.h>

static GByteArray *
archive (GByteArray *x_train, GByteArray *y_train, GByteArray *x_test, GByteArray *y_test,
         bool deflate)
{
  const LwZipFile files[] = { { "x_test.npy", x_test },
                              { "x_train.npy", x_train },
                              { "y_train.npy", y_train },
                              { "y_test.npy", y_test } };

  return lw_zip (files, 4, deflate);
}

static void
parse_ok (const GByteArray *bytes, LwRawData *raw)
{
  g_autoptr (GError) error = NULL;

  *raw = (LwRawData){ 0 };
  lw_npz_parse (bytes->data, bytes->len, "a.npz", raw, &error);
  g_assert_no_error (error);
}

static void
assert_refused (GByteArray *taken, const char *message)
{
  g_autoptr (GByteArray) bytes = taken;
  g_autoptr (GError) error = NULL;
  LwRawData raw = { 0 };

  g_assert_false (lw_npz_parse (bytes->data, bytes->len, "a.npz", &raw, &error));
  g_assert_null (raw.splits[0].images);
  g_assert_nonnull (error);
  if (strstr (error->message, message) == NULL || !g_str_has_prefix (error->message, "a.npz"))
    g_error ("“%s” lacks “%s”", error->message, message);
}

/* --- what is read ----------------------------------------------------------------------------- */

static void
test_layouts (void)
{
  static const struct {
    const char *train, *test;
    int channels;
    bool last; /* the channels lie next to each other */
  } layouts[] = { { "(6, 5, 7)", "(2, 5, 7)", 1, false },
                  { "(6, 5, 7, 1)", "(2, 5, 7, 1)", 1, true },
                  { "(6, 5, 7, 3)", "(2, 5, 7, 3)", 3, true },
                  { "(6, 3, 5, 7)", "(2, 3, 5, 7)", 3, false },
                  { "(6, 4, 5, 7)", "(2, 4, 5, 7)", 4, false } };

  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    for (int deflate = 0; deflate < 2; deflate++) {
      const int c_n = layouts[i].channels;
      const gsize image = (gsize)(35 * c_n);
      g_autoptr (GByteArray) bytes =
          archive (lw_npy_bytes (layouts[i].train, 6 * image), lw_npy_labels (6, 3),
                   lw_npy_bytes (layouts[i].test, 2 * image), lw_npy_labels (2, 3), deflate);
      LwRawData raw;

      parse_ok (bytes, &raw);
      g_assert_cmpint (raw.channels, ==, c_n);
      g_assert_cmpint (raw.height, ==, 5);
      g_assert_cmpint (raw.width, ==, 7);
      g_assert_cmpint (raw.splits[0].n, ==, 6);
      g_assert_cmpint (raw.splits[1].n, ==, 2);
      g_assert_cmpint (raw.splits[0].labels[5], ==, 2);
      for (int n = 0; n < 6; n++)
        for (int c = 0; c < c_n; c++)
          for (int p = 0; p < 35; p++) {
            const int at = n * 35 * c_n + (layouts[i].last ? p * c_n + c : c * 35 + p);

            g_assert_cmpint (raw.splits[0].images[(n * c_n + c) * 35 + p], ==, 7 * at % 251);
          }
      lw_raw_data_clear (&raw);
    }
}

/* 2 images of 1 × 2 for training and 1 for testing, of any kind of number. */
static GByteArray *
small (int version, const char *descr, const char *fortran, const void *train, const void *test,
       gsize size)
{
  g_autofree char *one = g_strdup_printf (
      "{'descr': '%s', 'fortran_order': %s, 'shape': (2, 1, 2), }", descr, fortran);
  g_autofree char *other =
      g_strdup_printf ("{\"shape\": (1L, 1, 2,),'fortran_order':%s,'descr':'%s'}", fortran, descr);

  return archive (lw_npy (version, one, train, 4 * size), lw_npy_labels (2, 2),
                  lw_npy (version, other, test, 2 * size), lw_npy_labels (1, 2), true);
}

static void
assert_small (GByteArray *taken, const uint8_t expected[6])
{
  g_autoptr (GByteArray) bytes = taken;
  LwRawData raw;

  parse_ok (bytes, &raw);
  g_assert_cmpmem (raw.splits[0].images, 4, expected, 4);
  g_assert_cmpmem (raw.splits[1].images, 2, expected + 4, 2);
  lw_raw_data_clear (&raw);
}

static void
test_numbers (void)
{
  const float units[4] = { 0, 1, 0.5f, 0.2f }, more[2] = { 0.25f, 1 };
  const double bytes[4] = { 0, 255, 128, 7.4 }, more_bytes[2] = { 200, 1 };
  const uint16_t halves[4] = { 0x0000, 0x3c00, 0x3800, 0x0001 },
                 more_halves[2] = { 0x3400, 0x3bff };
  const int16_t big[4] = { 0, GINT16_TO_BE (255), GINT16_TO_BE (1), GINT16_TO_BE (2) };
  const int16_t more_big[2] = { GINT16_TO_BE (3), GINT16_TO_BE (4) };
  const uint8_t bits[4] = { 0, 1, 1, 0 }, plain[4] = { 1, 2, 3, 4 };

  assert_small (small (1, "<f4", "False", units, more, 4),
                (const uint8_t[]){ 0, 255, 128, 51, 64, 255 });
  /* One value above 1 in either part, and all are bytes already. */
  assert_small (small (2, "<f8", "False", bytes, more_bytes, 8),
                (const uint8_t[]){ 0, 255, 128, 7, 200, 1 });
  assert_small (small (3, "<f2", "False", halves, more_halves, 2),
                (const uint8_t[]){ 0, 255, 128, 0, 64, 255 });
  assert_small (small (1, ">i2", "False", big, more_big, 2),
                (const uint8_t[]){ 0, 255, 1, 2, 3, 4 });
  assert_small (small (1, "|b1", "False", bits, bits, 1),
                (const uint8_t[]){ 0, 255, 255, 0, 0, 255 });
  /* The first dimension is the fastest. */
  assert_small (small (1, "|u1", "True", plain, plain, 1), (const uint8_t[]){ 1, 3, 2, 4, 1, 2 });
}

static void
test_dataset (void)
{
  char *folder = lw_scratch_new ();
  g_autofree char *file = g_build_filename (folder, "digits.npz", NULL);
  g_autofree char *both = g_build_filename (folder, "two", NULL);
  g_autoptr (GByteArray) bytes =
      archive (lw_npy_bytes ("(6, 5, 7, 3)", 630), lw_npy_labels (6, 3),
               lw_npy_bytes ("(2, 5, 7, 3)", 210), lw_npy_labels (2, 3), true);
  g_autoptr (LwDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;
  g_autofree char *place = NULL;

  lw_scratch_write (folder, "digits.npz", bytes->data, bytes->len);
  g_setenv ("LAYERWISE_DATA", folder, TRUE);
  for (int by_name = 0; by_name < 2; by_name++) {
    g_clear_pointer (&dataset, lw_dataset_unref);
    dataset = lw_dataset_open (by_name ? "digits" : file, &error);
    g_assert_no_error (error);
    g_assert_cmpint (lw_dataset_classes (dataset), ==, 3);
    g_assert_cmpint (lw_dataset_channels (dataset), ==, 3);
    g_assert_cmpstr (lw_dataset_class_name (dataset, 2), ==, "class 2");
    g_assert_cmpstr (lw_dataset_folder (dataset), ==, file);
  }
  names = lw_dataset_list_available ();
  g_assert_true (g_strv_contains ((const char *const *)names, "digits"));
  place = lw_dataset_place ("digits");
  g_assert_cmpstr (place, ==, file);

  lw_scratch_write (both, "a.npz", bytes->data, bytes->len);
  lw_dataset_unref (g_steal_pointer (&dataset));
  dataset = lw_dataset_open (both, &error);
  g_assert_no_error (error);
  lw_scratch_write (both, "b.npz", bytes->data, bytes->len);
  g_assert_null (lw_dataset_open (both, &error));
  g_assert_nonnull (strstr (error->message, "several .npz files"));
  lw_scratch_remove (folder);
}

/* What numpy itself wrote: make_npz.py. */
static void
test_numpy (void)
{
  static const struct {
    const char *name;
    int channels, height, width; /* 0: it is refused */
    const char *message;
  } files[] = {
    { "stored", 1, 3, 4, NULL },
    { "packed", 1, 3, 4, NULL },
    { "versions", 1, 3, 4, NULL },
    { "fortran", 1, 3, 4, NULL },
    { "halves", 1, 3, 4, NULL },
    { "big-endian", 1, 3, 4, NULL },
    { "colours", 3, 3, 4, NULL },
    { "planes", 4, 3, 6, NULL }, /* [N, 3, 6, 4]: the last dimension decides */
    { "missing", 0, 0, 0, "y_test is missing" },
    { "normalized", 0, 0, 0, "has the value -0.5" },
    { "one-hot", 0, 0, 0, "not one for each class" },
    { "objects", 0, 0, 0, "astype" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    const int c_n = files[i].channels, pixels = files[i].height * files[i].width;
    g_autofree char *path =
        g_build_filename (g_getenv ("LAYERWISE_CORPUS"), "npz", files[i].name, NULL);
    g_autofree char *content = NULL;
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    gsize length;
    LwRawData raw;

    g_assert_true (g_file_get_contents (path, &content, &length, NULL));
    g_byte_array_append (bytes, (const uint8_t *)content, (guint)length);
    if (c_n == 0) {
      assert_refused (g_steal_pointer (&bytes), files[i].message);
      continue;
    }
    parse_ok (bytes, &raw);
    g_assert_cmpint (raw.channels, ==, c_n);
    g_assert_cmpint (raw.height, ==, files[i].height);
    g_assert_cmpint (raw.width, ==, files[i].width);
    g_assert_cmpint (raw.splits[0].n, ==, 5);
    for (int split = 0; split < 2; split++)
      for (int n = 0; n < raw.splits[split].n; n++) {
        g_assert_cmpint (raw.splits[split].labels[n], ==, n % 3);
        for (int at = 0; at < c_n * pixels; at++)
          g_assert_cmpint (raw.splits[split].images[(n * c_n + at % c_n) * pixels + at / c_n], ==,
                           7 * (n * c_n * pixels + at) % 251);
      }
    lw_raw_data_clear (&raw);
  }
}

/* --- what is refused -------------------------------------------------------------------------- */

static GByteArray *
with_header (const char *header)
{
  static const uint8_t values[64] = { 0 };

  return archive (lw_npy (1, header, values, 8), lw_npy_labels (2, 2),
                  lw_npy_bytes ("(2, 2, 2)", 8), lw_npy_labels (2, 2), false);
}

static void
test_headers (void)
{
  static const struct {
    const char *header, *message;
  } bad[] = {
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 3), }", "promises 12 bytes" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 0), }", "promises 0 bytes" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999, 2), }", "damaged" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (1048576, 1048576, 2), }", "damaged" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (-2, 2, 2), }", "damaged" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 2)", "damaged" },
    { "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 2), }", "damaged" },
    { "{'descr': '|u1', 'shape': (2, 2, 2), }", "damaged" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 2), 'x': 1, }", "damaged" },
    { "{'descr': '|O', 'fortran_order': False, 'shape': (2, 2, 2), }", "astype" },
    { "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "astype" },
    { "{'descr': '<U2', 'fortran_order': False, 'shape': (1,), }", "astype" },
    { "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (8,), }", "no plain numbers" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (8,), }", "[N, H, W]" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1, 1, 8), }", "[N, H, W]" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 4), }", "holds 1 images" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 4), }", "1×4 and those" },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1), }", "holds 1 images" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (with_header (bad[i].header), bad[i].message);
}

static void
test_values (void)
{
  const float below[4] = { 0, -1, 0, 0 }, none[4] = { 0, NAN, 0, 0 }, above[4] = { 0, 256, 0, 0 };
  const double labels[2] = { 0, 0.5 }, large[2] = { 0, 256 };
  const char *column = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }";

  assert_refused (small (1, "<f4", "False", below, below, 4), "the value -1");
  assert_refused (small (1, "<f4", "False", none, none, 4), "the value nan");
  assert_refused (small (1, "<f4", "False", above, above, 4), "the value 256");
  assert_refused (archive (lw_npy_bytes ("(2, 2, 2)", 8), lw_npy (1, column, labels, 16),
                           lw_npy_bytes ("(2, 2, 2)", 8), lw_npy_labels (2, 2), true),
                  "label 1 is 0.5");
  assert_refused (archive (lw_npy_bytes ("(2, 2, 2)", 8), lw_npy (1, column, large, 16),
                           lw_npy_bytes ("(2, 2, 2)", 8), lw_npy_labels (2, 2), true),
                  "label 1 is 256");
  assert_refused (archive (lw_npy_bytes ("(2, 2, 2)", 8), lw_npy_bytes ("(2, 10)", 20),
                           lw_npy_bytes ("(2, 2, 2)", 8), lw_npy_labels (2, 2), true),
                  "not one for each class");
}

static GByteArray *
good (bool deflate)
{
  return archive (lw_npy_bytes ("(2, 2, 2)", 8), lw_npy_labels (2, 2),
                  lw_npy_bytes ("(2, 2, 2)", 8), lw_npy_labels (2, 2), deflate);
}

/* The first place of a number of four bytes. */
static uint8_t *
find (GByteArray *bytes, const char *four)
{
  uint8_t *at = memmem (bytes->data, bytes->len, four, 4);

  g_assert_nonnull (at);
  return at;
}

static void
test_archives (void)
{
  const LwZipFile missing[] = { { "x_train.npy", lw_npy_bytes ("(2, 2, 2)", 8) },
                                { "../\n.npy", lw_npy_labels (2, 2) } };
  const LwZipFile twice[] = { { "x_train.npy", lw_npy_bytes ("(2, 2, 2)", 8) },
                              { "x_train.npy", lw_npy_bytes ("(2, 2, 2)", 8) } };
  GByteArray *bytes;

  assert_refused (lw_zip (missing, 2, true), "y_train is missing");
  assert_refused (lw_zip (twice, 2, true), "x_train twice");
  bytes = good (true);
  g_byte_array_set_size (bytes, bytes->len - 1);
  assert_refused (bytes, "no zip archive");
  assert_refused (g_byte_array_new (), "no zip archive");
  for (guint at = 0; at < 4; at++) { /* sizes and offsets that lie beyond the file */
    bytes = good (true);
    memset (find (bytes, "PK\1\2") + (const int[]){ 20, 24, 42, 42 }[at], at == 3 ? 0xff : 0x7f, 4);
    assert_refused (bytes, at == 3 ? "4 GB" : at == 2 ? "damaged" : "promises more");
  }
  bytes = good (true);
  find (bytes, "PK\1\2")[8] |= 1;
  assert_refused (bytes, "encrypted");
  bytes = good (true);
  find (bytes, "PK\1\2")[10] = 12;
  assert_refused (bytes, "packed in a way");
  bytes = good (true);
  find (bytes, "PK\1\2")[16] ^= 1;
  assert_refused (bytes, "checksum is wrong");
  bytes = good (false);
  find (bytes, "\x93NUM")[1] = 'X';
  assert_refused (bytes, "no array that numpy saved");
  bytes = good (true);
  find (bytes, "PK\5\6")[10] = 200;
  assert_refused (bytes, "damaged");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/npz/layouts", test_layouts);
  g_test_add_func ("/npz/numbers", test_numbers);
  g_test_add_func ("/npz/numpy", test_numpy);
  g_test_add_func ("/npz/dataset", test_dataset);
  g_test_add_func ("/npz/headers", test_headers);
  g_test_add_func ("/npz/values", test_values);
  g_test_add_func ("/npz/archives", test_archives);
  return g_test_run ();
}
