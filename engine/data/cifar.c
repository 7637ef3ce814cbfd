/* CIFAR-10's binary version (Krizhevsky, "Learning multiple layers of features from tiny images",
 * 2009): files of records, each a label byte and 32 × 32 bytes of red, of green, of blue. */
#include "engine/data/dataset_private.h"
#include "engine/formats/file.h"
#include "engine/i18n.h"
#include <string.h>

#define SIDE         32
#define IMAGE_BYTES  (3 * SIDE * SIDE)
#define RECORD_BYTES (1 + IMAGE_BYTES)
#define N_CLASSES    10
#define MAX_RECORDS  1000000 /* a file; the real ones have 10,000 */

static const char *const train_files[] = { "data_batch_1.bin", "data_batch_2.bin",
                                           "data_batch_3.bin", "data_batch_4.bin",
                                           "data_batch_5.bin", NULL };
static const char *const test_files[] = { "test_batch.bin", NULL };

int32_t
lw_cifar10_check (const uint8_t *bytes, gsize length, const char *name, GError **error)
{
  const gsize n = length / RECORD_BYTES;

  if (n < 1 || n > MAX_RECORDS || length % RECORD_BYTES != 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("%s: it has %zu bytes, and a batch of CIFAR-10 has a multiple of %d; copy or "
                    "download it again."),
                 name, length, RECORD_BYTES);
    return -1;
  }
  for (gsize i = 0; i < n; i++)
    if (bytes[i * RECORD_BYTES] >= N_CLASSES) {
      g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                   _ ("%s: its image %zu has the label %d, and CIFAR-10 has the labels "
                      "0 to 9; the file is damaged or of another kind."),
                   name, i, bytes[i * RECORD_BYTES]);
      return -1;
    }
  return (int32_t)n;
}

void
lw_cifar10_split (const uint8_t *bytes, int32_t n, uint8_t *ret_images, uint8_t *ret_labels)
{
  for (int32_t i = 0; i < n; i++) {
    const uint8_t *record = bytes + (int64_t)i * RECORD_BYTES;

    ret_labels[i] = record[0];
    memcpy (ret_images + (int64_t)i * IMAGE_BYTES, record + 1, IMAGE_BYTES);
  }
}

/* Appends the records of one file. */
static bool
append_file (const char *folder, const char *file, LwExamples *examples, GError **error)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = lw_file_read (path, (int64_t)MAX_RECORDS * RECORD_BYTES, error);
  uint8_t *images, *labels;
  const uint8_t *data;
  gsize length, total;
  int32_t n;

  if (bytes == NULL)
    return false;
  data = g_bytes_get_data (bytes, &length);
  n = lw_cifar10_check (data, length, name, error);
  if (n < 0)
    return false;
  total = (gsize)examples->n + (gsize)n;
  images = g_try_realloc (examples->images, total * IMAGE_BYTES);
  if (images != NULL)
    examples->images = images;
  labels = g_try_realloc (examples->labels, total);
  if (labels != NULL)
    examples->labels = labels;
  if (images == NULL || labels == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY, _ ("%s: there is not enough memory for it."),
                 name);
    return false;
  }
  lw_cifar10_split (data, n, images + (int64_t)examples->n * IMAGE_BYTES, labels + examples->n);
  examples->n = (int32_t)total;
  return true;
}

static int
count_files (const char *folder, const char *const *files)
{
  int n = 0;

  for (; *files != NULL; files++) {
    g_autofree char *path = g_build_filename (folder, *files, NULL);

    n += g_file_test (path, G_FILE_TEST_EXISTS);
  }
  return n;
}

static LwFolderState
look (const char *folder)
{
  const int n = count_files (folder, train_files) + count_files (folder, test_files);

  return n == 0 ? LW_FOLDER_FOREIGN : n == 6 ? LW_FOLDER_COMPLETE : LW_FOLDER_INCOMPLETE;
}

static bool
read_folder (const char *folder, LwRawData *ret_raw, GError **error)
{
  LwRawData raw = { .channels = 3, .height = SIDE, .width = SIDE };
  bool read = true;

  for (int i = 0; read && train_files[i] != NULL; i++)
    read = append_file (folder, train_files[i], &raw.splits[LW_SPLIT_TRAIN], error);
  read = read && append_file (folder, test_files[0], &raw.splits[LW_SPLIT_TEST], error);
  if (read)
    *ret_raw = raw;
  else
    lw_raw_data_clear (&raw);
  return read;
}

const LwDatasetReader lw_cifar10_reader = {
  .files = N_ ("data_batch_1.bin to data_batch_5.bin and test_batch.bin"),
  .look = look,
  .read = read_folder,
};
