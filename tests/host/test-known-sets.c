/* The sets with files of their own ways: EMNIST, whose images are stored with rows and columns
 * exchanged and whose letters count from 1; KMNIST; CIFAR-100. */
#include "engine/data/dataset_private.h"
#include "tests/support/data_files.h"

#include <string.h>

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  (void)user_data;
  fixture->folder = lw_scratch_new ();
  g_setenv ("LAYERWISE_DATA", fixture->folder, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  (void)user_data;
  lw_scratch_remove (fixture->folder);
}

static LwDataset *
open_ok (const char *name)
{
  g_autoptr (GError) error = NULL;
  LwDataset *dataset = lw_dataset_open (name, &error);

  g_assert_no_error (error);
  return dataset;
}

static void
assert_fails (const char *name, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lw_dataset_open (name, &error));
  g_assert_nonnull (error);
  if (strstr (error->message, message) == NULL)
    g_error ("“%s” lacks “%s”", error->message, message);
}

/* EMNIST's four files for n images of 3 × 3 and this many classes, whose labels begin at `first`.
 */
static void
write_emnist (const char *folder, const char *split, int32_t classes, uint8_t first, bool gzip)
{
  for (int file = 0; file < 4; file++) {
    const char *names[] = { "train-images-idx3", "train-labels-idx1", "test-images-idx3",
                            "test-labels-idx1" };
    g_autofree char *name =
        g_strdup_printf ("emnist-%s-%s-ubyte%s", split, names[file], gzip ? ".gz" : "");
    g_autoptr (GByteArray) bytes =
        file % 2 ? lw_idx_labels (classes, classes) : lw_idx_images (classes, 3, 3);
    g_autoptr (GByteArray) packed = NULL;

    for (int32_t i = 0; file % 2 && i < classes; i++)
      bytes->data[8 + i] = (uint8_t)(bytes->data[8 + i] + first);
    packed = gzip ? lw_gzip (bytes->data, bytes->len) : g_byte_array_ref (bytes);
    lw_scratch_write (folder, name, packed->data, packed->len);
  }
}

static const struct {
  const char *split;
  int32_t classes;
  uint8_t first;
  const char *last; /* the name of the last class */
} splits[] = { { "balanced", 47, 0, "t" }, { "byclass", 62, 0, "z" }, { "bymerge", 47, 0, "t" },
               { "digits", 10, 0, "9" },   { "letters", 26, 1, "z" }, { "mnist", 10, 0, "9" } };

static void
assert_emnist (const LwDataset *dataset, guint i)
{
  const uint8_t *image = lw_dataset_image (dataset, LW_SPLIT_TRAIN, 2);
  g_autofree char *name = g_strconcat ("emnist-", splits[i].split, NULL);

  g_assert_cmpstr (lw_dataset_name (dataset), ==, name);
  g_assert_cmpint (lw_dataset_classes (dataset), ==, splits[i].classes);
  g_assert_cmpstr (lw_dataset_class_name (dataset, splits[i].classes - 1), ==, splits[i].last);
  for (int32_t n = 0; n < splits[i].classes; n++)
    g_assert_cmpint (lw_dataset_label (dataset, LW_SPLIT_TEST, n), ==, n);
  for (int y = 0; y < 3; y++)
    for (int x = 0; x < 3; x++)
      g_assert_cmpint (image[3 * y + x], ==, 14 + 3 * x + y);
}

/* All six in one folder, as their archive has them: by name, by path, and in the list. */
static void
test_emnist (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "gzip", NULL);
  g_auto (GStrv) names = NULL;

  (void)user_data;
  for (guint i = 0; i < G_N_ELEMENTS (splits); i++)
    write_emnist (folder, splits[i].split, splits[i].classes, splits[i].first, i % 2);
  names = lw_dataset_list_available ();
  for (guint i = 0; i < G_N_ELEMENTS (splits); i++) {
    g_autofree char *name = g_strconcat ("emnist-", splits[i].split, NULL);
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_autofree char *place = lw_dataset_place (name);
    g_autoptr (LwDataset) by_name = open_ok (name), by_path = open_ok (path);

    assert_emnist (by_name, i);
    assert_emnist (by_path, i);
    g_assert_cmpstr (lw_dataset_folder (by_name), ==, path);
    g_assert_cmpstr (place, ==, path);
    g_assert_true (g_strv_contains ((const char *const *)names, name));
  }
  assert_fails (folder, "files of several sets");
}

static void
test_one_emnist (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "mine", NULL);
  g_autofree char *wrong = g_build_filename (fixture->folder, "fashion-mnist", NULL);
  g_autoptr (LwDataset) dataset = NULL;

  (void)user_data;
  write_emnist (folder, "letters", 26, 1, true);
  dataset = open_ok (folder);
  assert_emnist (dataset, 4);
  assert_fails ("emnist-letters", "was not found");
  write_emnist (folder, "letters", 26, 0, true);
  assert_fails (folder, "has the label 0, and EMNIST counts its letters from 1");
  write_emnist (wrong, "digits", 10, 0, false);
  assert_fails ("fashion-mnist", "holds emnist-digits, not fashion-mnist");
}

/* Wider than high, to see which is which. */
static void
test_transposed_sides (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GByteArray) images = lw_idx_images (10, 2, 5);
  g_autoptr (LwDataset) dataset = NULL;

  (void)user_data;
  write_emnist (fixture->folder, "digits", 10, 0, false);
  lw_scratch_write (fixture->folder, "emnist-digits-train-images-idx3-ubyte", images->data,
                    images->len);
  lw_scratch_write (fixture->folder, "emnist-digits-test-images-idx3-ubyte", images->data,
                    images->len);
  dataset = open_ok (fixture->folder);
  g_assert_cmpint (lw_dataset_height (dataset), ==, 5);
  g_assert_cmpint (lw_dataset_width (dataset), ==, 2);
  g_assert_cmpint (lw_dataset_image (dataset, LW_SPLIT_TEST, 0)[1], ==, 5);
  g_assert_cmpint (lw_dataset_image (dataset, LW_SPLIT_TEST, 0)[2], ==, 1);
}

static void
test_kmnist (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "KMNIST", "raw", NULL);
  g_autoptr (LwDataset) dataset = NULL;

  (void)user_data;
  lw_write_idx_set (folder, "", 10, 10, 4, true);
  dataset = open_ok ("kmnist");
  g_assert_cmpstr (lw_dataset_name (dataset), ==, "kmnist");
  g_assert_cmpstr (lw_dataset_class_name (dataset, 9), ==, "wo");
}

static void
test_cifar_100 (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "cifar-100-binary", NULL);
  g_autoptr (GByteArray) batch = lw_cifar_batch (120), bytes = g_byte_array_new ();
  g_autoptr (LwDataset) dataset = NULL;

  (void)user_data;
  for (uint8_t i = 0; i < 120; i++) { /* a coarse and a fine label */
    const uint8_t labels[2] = { i % 20, i % 100 };

    g_byte_array_append (bytes, labels, 2);
    g_byte_array_append (bytes, batch->data + 3073 * i + 1, 3072);
  }
  lw_scratch_write (folder, "train.bin", bytes->data, bytes->len);
  assert_fails ("cifar-100", "test.bin");
  lw_scratch_write (folder, "test.bin", bytes->data, 3 * 3074);
  dataset = open_ok ("cifar-100");
  g_assert_cmpint (lw_dataset_classes (dataset), ==, 100);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TRAIN), ==, 120);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TEST), ==, 3);
  g_assert_cmpint (lw_dataset_label (dataset, LW_SPLIT_TRAIN, 119), ==, 19);
  g_assert_cmpint (lw_dataset_label (dataset, LW_SPLIT_TRAIN, 99), ==, 99);
  g_assert_cmpstr (lw_dataset_class_name (dataset, 99), ==, "worm");
  g_assert_cmpint (lw_dataset_image (dataset, LW_SPLIT_TEST, 2)[3], ==, 17);
  bytes->data[3074] = 20;
  lw_scratch_write (folder, "train.bin", bytes->data, bytes->len);
  assert_fails (folder, "image 1 has the label 20, and CIFAR-100 has the labels 0 to 19");
  lw_scratch_write (folder, "train.bin", bytes->data, 3073);
  assert_fails (folder, "a multiple of 3074");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/known-sets/emnist", test_emnist);
  ADD ("/known-sets/one-emnist", test_one_emnist);
  ADD ("/known-sets/transposed-sides", test_transposed_sides);
  ADD ("/known-sets/kmnist", test_kmnist);
  ADD ("/known-sets/cifar-100", test_cifar_100);
  return g_test_run ();
}
