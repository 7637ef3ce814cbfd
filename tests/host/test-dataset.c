/* Data sets: where they are looked for, which files make one, and what is said of files that do
 * not. */
#include "engine/data/dataset.h"
#include "engine/data/summary.h"
#include "tests/support/data_files.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  char *folder;
  char *own;  /* $LAYERWISE_DATA */
  char *data; /* XDG_DATA_HOME/layerwise/data */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  (void)user_data;
  fixture->folder = lw_scratch_new ();
  fixture->own = g_build_filename (fixture->folder, "own", NULL);
  fixture->data = g_build_filename (g_get_user_data_dir (), "layerwise", "data", NULL);
  g_assert_cmpint (g_mkdir (fixture->own, 0755), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (fixture->data, 0755), ==, 0);
  g_setenv ("LAYERWISE_DATA", fixture->own, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  (void)user_data;
  lw_scratch_remove (g_steal_pointer (&fixture->data));
  lw_scratch_remove (fixture->folder);
  g_free (fixture->own);
}

static void
assert_pixels (const LwDataset *dataset, LwSplit split, int32_t index)
{
  const int32_t n =
      lw_dataset_channels (dataset) * lw_dataset_height (dataset) * lw_dataset_width (dataset);
  const uint8_t *image = lw_dataset_image (dataset, split, index);

  for (int32_t p = 0; p < n; p++)
    g_assert_cmpint (image[p], ==, (7 * index + p) % 251);
}

static void
assert_idx_set (const LwDataset *dataset, int32_t n_train, int32_t n_test, int32_t side)
{
  g_assert_cmpint (lw_dataset_channels (dataset), ==, 1);
  g_assert_cmpint (lw_dataset_height (dataset), ==, side);
  g_assert_cmpint (lw_dataset_width (dataset), ==, side);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TRAIN), ==, n_train);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TEST), ==, n_test);
  g_assert_cmpint (lw_dataset_classes (dataset), ==, 10);
  for (int32_t i = 0; i < n_train; i++) {
    g_assert_cmpint (lw_dataset_label (dataset, LW_SPLIT_TRAIN, i), ==, i % 10);
    assert_pixels (dataset, LW_SPLIT_TRAIN, i);
  }
  for (int32_t i = 0; i < n_test; i++)
    assert_pixels (dataset, LW_SPLIT_TEST, i);
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
assert_fails (const char *name, LwError code, const char *message)
{
  g_autoptr (GError) error = NULL;
  LwDataset *dataset = lw_dataset_open (name, &error);

  g_assert_null (dataset);
  g_assert_error (error, LW_ERROR, (int)code);
  if (strstr (error->message, message) == NULL)
    g_error ("“%s” lacks “%s”", error->message, message);
}

/* --- where and what --------------------------------------------------------------------------- */

static void
test_folder (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *expected = g_canonicalize_filename (fixture->own, NULL);

  (void)user_data;
  for (int gzip = 0; gzip < 2; gzip++) {
    g_autoptr (LwDataset) dataset = NULL;

    lw_write_idx_set (fixture->own, "", 13, 4, 5, gzip);
    dataset = open_ok (fixture->own);
    assert_idx_set (dataset, 13, 4, 5);
    g_assert_cmpstr (lw_dataset_name (dataset), ==, "own");
    g_assert_cmpstr (lw_dataset_folder (dataset), ==, expected);
    g_assert_cmpstr (lw_dataset_class_name (dataset, 3), ==, "class 3");
  }
}

static void
test_names_of_files (Fixture *fixture, gconstpointer user_data)
{
  static const char *const names[] = { "x-train-images.idx3-ubyte", "x-train-labels.idx1-ubyte",
                                       "x-test-images.idx3-ubyte", "x-test-labels-idx1-ubyte" };
  g_autoptr (LwDataset) dataset = NULL;

  (void)user_data;
  for (int i = 0; i < 4; i++) {
    g_autoptr (GByteArray) bytes = i % 2 ? lw_idx_labels (10, 10) : lw_idx_images (10, 3, 3);

    lw_scratch_write (fixture->own, names[i], bytes->data, bytes->len);
  }
  dataset = open_ok (fixture->own);
  assert_idx_set (dataset, 10, 10, 3);
  lw_write_idx_set (fixture->own, "y-", 10, 10, 3, true);
  assert_fails (fixture->own, LW_ERROR_FORMAT, "files of several sets");
}

/* A name is looked for in $LAYERWISE_DATA before the user's folder, each also under the names that
 * other programs use; the folder itself may be the set. */
static void
test_search (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *below = g_build_filename (fixture->own, "FashionMNIST", "raw", NULL);
  g_autofree char *home = g_build_filename (fixture->data, "fashion-mnist", NULL);
  g_auto (GStrv) path = lw_dataset_search_path ();
  const char *const order[] = { fixture->own, below, home };

  (void)user_data;
  g_assert_cmpstr (path[0], ==, fixture->own);
  g_assert_cmpstr (path[1], ==, fixture->data);
  g_assert_cmpstr (path[2], ==, "/usr/share/datasets");
  g_assert_null (path[3]);
  for (int i = 2; i >= 0; i--) {
    g_autoptr (LwDataset) dataset = NULL;

    lw_write_idx_set (order[i], "", 10 + i, 10, 4, i == 1);
    if (i == 0) { /* the sub-folder is nearer to the name than the folder itself */
      dataset = open_ok ("fashion-mnist");
      g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TRAIN), ==, 11);
      lw_dataset_unref (g_steal_pointer (&dataset));
      lw_scratch_remove (g_build_filename (fixture->own, "FashionMNIST", NULL));
    }
    dataset = open_ok ("fashion-mnist");
    g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TRAIN), ==, 10 + i);
    g_assert_cmpstr (lw_dataset_name (dataset), ==, "fashion-mnist");
    g_assert_cmpstr (lw_dataset_class_name (dataset, 9), ==, "ankle boot");
  }
}

static void
write_labels (const char *folder, const char *name, const uint8_t *labels, int32_t n)
{
  g_autoptr (GByteArray) bytes = lw_idx_labels (n, 10);

  memcpy (bytes->data + 8, labels, (gsize)n);
  lw_scratch_write (folder, name, bytes->data, bytes->len);
}

/* Sets that come in the same files are told apart by their first labels, whatever the folder is
 * called. */
static void
test_identity (Fixture *fixture, gconstpointer user_data)
{
  static const uint8_t digits[10] = { 5, 0, 4, 1, 9, 2, 1, 3, 1, 4 };
  static const uint8_t clothes[10] = { 9, 0, 0, 3, 0, 2, 7, 2, 5, 5 };
  g_autofree char *folder = g_build_filename (fixture->own, "fashion-mnist", NULL);
  g_autoptr (LwDataset) dataset = NULL;

  (void)user_data;
  lw_write_idx_set (folder, "", 10, 10, 4, false);
  write_labels (folder, "train-labels-idx1-ubyte", digits, 10);
  dataset = open_ok (folder);
  g_assert_cmpstr (lw_dataset_name (dataset), ==, "mnist");
  g_assert_cmpstr (lw_dataset_class_name (dataset, 7), ==, "7");
  assert_fails ("fashion-mnist", LW_ERROR_FORMAT, "holds mnist, not fashion-mnist");
  lw_dataset_unref (dataset);

  lw_write_idx_set (fixture->own, "", 10, 10, 4, false);
  write_labels (fixture->own, "train-labels-idx1-ubyte", clothes, 10);
  assert_fails ("mnist", LW_ERROR_IO, "The data set mnist was not found");
  dataset = open_ok (fixture->own);
  g_assert_cmpstr (lw_dataset_name (dataset), ==, "fashion-mnist");
}

static void
test_many_classes (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GByteArray) labels = lw_idx_labels (62, 62);
  g_autoptr (LwDataset) dataset = NULL;

  (void)user_data;
  lw_write_idx_set (fixture->own, "many-", 62, 10, 3, false);
  lw_scratch_write (fixture->own, "many-train-labels-idx1-ubyte", labels->data, labels->len);
  dataset = open_ok (fixture->own);
  g_assert_cmpint (lw_dataset_classes (dataset), ==, 62);
  g_assert_cmpstr (lw_dataset_class_name (dataset, 61), ==, "class 61");
}

static void
test_cifar (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *folder = g_build_filename (fixture->own, "cifar-10-batches-bin", NULL);
  g_autoptr (GByteArray) batch = lw_cifar_batch (11);
  g_autoptr (LwDataset) dataset = NULL;

  (void)user_data;
  for (int i = 1; i <= 5; i++) {
    g_autofree char *name = g_strdup_printf ("data_batch_%d.bin", i);

    lw_scratch_write (folder, name, batch->data, batch->len);
  }
  assert_fails ("cifar-10", LW_ERROR_IO, "test_batch.bin");
  lw_scratch_write (folder, "test_batch.bin", batch->data, 3 * 3073);
  dataset = open_ok ("cifar-10");
  g_assert_cmpint (lw_dataset_channels (dataset), ==, 3);
  g_assert_cmpint (lw_dataset_height (dataset), ==, 32);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TRAIN), ==, 55);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TEST), ==, 3);
  g_assert_cmpstr (lw_dataset_class_name (dataset, 6), ==, "frog");
  g_assert_cmpint (lw_dataset_label (dataset, LW_SPLIT_TRAIN, 12), ==, 1);
  assert_pixels (dataset, LW_SPLIT_TEST, 2);
  g_assert_cmpmem (lw_dataset_image (dataset, LW_SPLIT_TRAIN, 54), 3072,
                   lw_dataset_image (dataset, LW_SPLIT_TRAIN, 10), 3072);

  lw_scratch_write (folder, "data_batch_5.bin", batch->data, batch->len - 1);
  assert_fails ("cifar-10", LW_ERROR_FORMAT, "has a multiple of 3073");
  batch->data[3073] = 10;
  lw_scratch_write (folder, "data_batch_5.bin", batch->data, batch->len);
  assert_fails ("cifar-10", LW_ERROR_FORMAT,
                "image 1 has the label 10, and CIFAR-10 has the labels 0 to 9");
  lw_scratch_write (folder, "data_batch_5.bin", "", 0);
  assert_fails ("cifar-10", LW_ERROR_FORMAT, "0 bytes");
}

static void
test_list (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *mine = g_build_filename (fixture->data, "mine", NULL);
  g_autofree char *half = g_build_filename (fixture->own, "half", NULL);
  g_autofree char *cifar = g_build_filename (fixture->own, "cifar10", NULL);
  g_auto (GStrv) names = NULL;
  g_autoptr (LwDataset) dataset = NULL;

  (void)user_data;
  lw_write_idx_set (mine, "", 10, 10, 4, true);
  lw_scratch_write (half, "train-images-idx3-ubyte", "x", 1);
  lw_scratch_write (cifar, "test_batch.bin", "x", 1);
  names = lw_dataset_list_available ();
  g_assert_true (g_strv_contains ((const char *const *)names, "shapes"));
  g_assert_true (g_strv_contains ((const char *const *)names, "mine"));
  g_assert_false (g_strv_contains ((const char *const *)names, "half"));
  g_assert_false (g_strv_contains ((const char *const *)names, "cifar-10"));
  dataset = open_ok ("mine");
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TEST), ==, 10);
}

/* --- what is wrong --------------------------------------------------------------------------- */

static void
test_not_found (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *nowhere = g_build_filename (fixture->folder, "nowhere", NULL);
  g_autofree char *file = g_build_filename (fixture->folder, "file.gz", NULL);
  g_autofree char *pictures = g_build_filename (fixture->folder, "pictures", NULL);

  (void)user_data;
  assert_fails ("cifar-10", LW_ERROR_IO, fixture->own);
  assert_fails ("fashon-mnist", LW_ERROR_UNKNOWN, "did you mean “fashion-mnist”?");
  assert_fails ("qqqqqqqqqqqqqqqq", LW_ERROR_UNKNOWN, "There is no data set “qqqqqqqqqqqqqqqq”");
  assert_fails ("", LW_ERROR_INVALID, "No data set is named");
  assert_fails (nowhere, LW_ERROR_IO, "There is no folder");
  lw_scratch_write (fixture->folder, "file.gz", "x", 1);
  assert_fails (file, LW_ERROR_FORMAT, "is a file; give the folder");
  assert_fails (fixture->own, LW_ERROR_FORMAT, "looked for train-images-idx3-ubyte");
  lw_scratch_write (pictures, "cat/1.png", "x", 1);
  assert_fails (pictures, LW_ERROR_UNSUPPORTED, "this build reads none");
}

static void
test_advice (void)
{
  g_assert_nonnull (strstr (lw_dataset_advice ("fashion-mnist"), "dataset-fashion-mnist"));
  g_assert_nonnull (strstr (lw_dataset_advice ("cifar-10"), "cifar-10-batches-bin"));
  g_assert_nonnull (strstr (lw_dataset_advice ("anything"), "folder"));
}

/* --- from memory ----------------------------------------------------------------------------- */

static void
test_from_memory (void)
{
  static const uint8_t images[2 * 6] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };
  static const uint8_t labels[2] = { 1, 0 };
  static const char *const classes[] = { "cat", "dog", NULL }, *const one[] = { "cat", NULL };
  g_autoptr (GError) error = NULL;
  LwDataset *dataset = lw_dataset_new_from_memory ("pets", 3, 1, 2, classes, images, labels, 2,
                                                   images, labels, 0, &error);
  LwDataset *again;

  g_assert_no_error (error);
  again = lw_dataset_ref (dataset);
  lw_dataset_unref (dataset);
  g_assert_cmpint (lw_dataset_size (again, LW_SPLIT_TEST), ==, 0);
  g_assert_cmpint (lw_dataset_label (again, LW_SPLIT_TRAIN, 0), ==, 1);
  g_assert_cmpint (lw_dataset_image (again, LW_SPLIT_TRAIN, 1)[5], ==, 11);
  g_assert_cmpstr (lw_dataset_class_name (again, 1), ==, "dog");
  g_assert_null (lw_dataset_folder (again));
  lw_dataset_unref (again);

  g_assert_null (lw_dataset_new_from_memory ("pets", 3, 1, 2, one, images, labels, 2, images,
                                             labels, 0, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (lw_dataset_new_from_memory ("pets", 0, 1, 2, one, images, labels, 2, images,
                                             labels, 0, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
}

/* --- what is said of one before a training ------------------------------------------------------
 */

static void
test_summary (void)
{
  static const uint8_t images[6 * 2] = { 0, 255, 0, 255, 255, 0, 255, 0, 0, 255, 0, 255 };
  static const uint8_t labels[6] = { 2, 0, 2, 2, 0, 2 };
  static const char *const classes[] = { "a", "b", "c", NULL };
  g_autoptr (LwDataset) dataset = lw_dataset_new_from_memory ("tiny", 1, 1, 2, classes, images,
                                                              labels, 6, images, labels, 3, NULL);
  g_autoptr (LwDataSummary) summary = lw_data_summary_new (dataset);
  const int32_t first[6] = { 1, 4, -1, -1, 0, 2 };
  g_autofree int32_t *samples = lw_data_pick_samples (dataset, LW_SPLIT_TRAIN, 2, 0);
  bool other = false;

  g_assert_cmpint (summary->classes, ==, 3);
  g_assert_cmpint (summary->counts[LW_SPLIT_TRAIN][0], ==, 2);
  g_assert_cmpint (summary->counts[LW_SPLIT_TRAIN][1], ==, 0);
  g_assert_cmpint (summary->counts[LW_SPLIT_TRAIN][2], ==, 4);
  g_assert_cmpint (summary->counts[LW_SPLIT_TEST][2], ==, 2);
  g_assert_cmpfloat_with_epsilon (summary->normalization.mean[0], 0.5f, 1e-6f);
  g_assert_cmpfloat_with_epsilon (summary->normalization.deviation[0], 0.5f, 1e-6f);
  g_assert_cmpmem (samples, sizeof first, first, sizeof first);
  for (uint64_t draw = 1; draw < 10; draw++) { /* of the class, each once, not always the same */
    g_autofree int32_t *drawn = lw_data_pick_samples (dataset, LW_SPLIT_TRAIN, 2, draw);
    g_autofree int32_t *again = lw_data_pick_samples (dataset, LW_SPLIT_TRAIN, 2, draw);

    g_assert_cmpmem (drawn, sizeof first, again, sizeof first);
    g_assert_cmpint (drawn[2], ==, -1);
    g_assert_cmpint (drawn[4], !=, drawn[5]);
    g_assert_cmpint (labels[drawn[4]], ==, 2);
    other = other || memcmp (drawn, first, sizeof first) != 0;
  }
  g_assert_true (other);
}

/* The real set, where Debian's package is installed. */
static void
test_fashion_mnist (void)
{
  g_autoptr (LwDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  int counts[10] = { 0 };

  if (!g_file_test ("/usr/share/datasets/fashion-mnist", G_FILE_TEST_IS_DIR)) {
    g_test_skip ("dataset-fashion-mnist is not installed");
    return;
  }
  g_setenv ("LAYERWISE_DATA", "", TRUE);
  dataset = lw_dataset_open ("fashion-mnist", &error);
  g_assert_no_error (error);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TRAIN), ==, 60000);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TEST), ==, 10000);
  g_assert_cmpstr (lw_dataset_folder (dataset), ==, "/usr/share/datasets/fashion-mnist");
  for (int32_t i = 0; i < 60000; i++)
    counts[lw_dataset_label (dataset, LW_SPLIT_TRAIN, i)]++;
  for (int i = 0; i < 10; i++)
    g_assert_cmpint (counts[i], ==, 6000);
}

int
main (int argc, char **argv)
{
  char *home = lw_scratch_new ();
  int result;

  g_setenv ("XDG_DATA_HOME", home, TRUE); /* before GLib asks for the first time */
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/dataset/folder", test_folder);
  ADD ("/dataset/names-of-files", test_names_of_files);
  ADD ("/dataset/search", test_search);
  ADD ("/dataset/identity", test_identity);
  ADD ("/dataset/many-classes", test_many_classes);
  ADD ("/dataset/cifar", test_cifar);
  ADD ("/dataset/list", test_list);
  ADD ("/dataset/not-found", test_not_found);
  g_test_add_func ("/dataset/advice", test_advice);
  g_test_add_func ("/dataset/from-memory", test_from_memory);
  g_test_add_func ("/dataset/summary", test_summary);
  g_test_add_func ("/dataset/fashion-mnist", test_fashion_mnist);
  result = g_test_run ();
  lw_scratch_remove (home);
  return result;
}
