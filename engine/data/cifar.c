/* The binary versions of CIFAR-10 and CIFAR-100 (Krizhevsky, "Learning multiple layers of features
 * from tiny images", 2009, and the data sets' own page): files of records, each one label byte
 * (CIFAR-10) or a coarse and a fine one (CIFAR-100), and 32 × 32 bytes of red, of green, of blue.
 */
#include "engine/data/dataset_private.h"
#include "engine/formats/file.h"
#include "engine/i18n.h"
#include <string.h>

#define SIDE        32
#define IMAGE_BYTES (3 * SIDE * SIDE)
#define MAX_RECORDS 1000000 /* a file; the real ones have 10,000 to 50,000 */

/* A label byte is below its limit; the last one is the label. */
static const struct {
  const char *title;
  int32_t n_label_bytes;
  uint8_t limits[2];
  const char *train_files[6], *test_file;
} kinds[] = {
  [LW_CIFAR_10] = { "CIFAR-10",
                    1,
                    { 10 },
                    { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                      "data_batch_4.bin", "data_batch_5.bin" },
                    "test_batch.bin" },
  [LW_CIFAR_100] = { "CIFAR-100", 2, { 20, 100 }, { "train.bin" }, "test.bin" },
};

static gsize
record_bytes (LwCifar kind)
{
  return (gsize)kinds[kind].n_label_bytes + IMAGE_BYTES;
}

int32_t
lw_cifar_check (LwCifar kind, const uint8_t *bytes, gsize length, const char *name, GError **error)
{
  const gsize record = record_bytes (kind), n = length / record;

  if (n < 1 || n > MAX_RECORDS || length % record != 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("%s: it has %zu bytes, and a file of %s has a multiple of %zu; copy or "
                    "download it again."),
                 name, length, kinds[kind].title, record);
    return -1;
  }
  for (gsize i = 0; i < n; i++)
    for (int32_t l = 0; l < kinds[kind].n_label_bytes; l++)
      if (bytes[i * record + (gsize)l] >= kinds[kind].limits[l]) {
        g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                     _ ("%s: its image %zu has the label %d, and %s has the labels 0 to %d; the "
                        "file is damaged or of another kind."),
                     name, i, bytes[i * record + (gsize)l], kinds[kind].title,
                     kinds[kind].limits[l] - 1);
        return -1;
      }
  return (int32_t)n;
}

void
lw_cifar_split (LwCifar kind, const uint8_t *bytes, int32_t n, uint8_t *ret_images,
                uint8_t *ret_labels)
{
  const int32_t labels = kinds[kind].n_label_bytes;

  for (int32_t i = 0; i < n; i++) {
    const uint8_t *record = bytes + (gsize)i * record_bytes (kind);

    ret_labels[i] = record[labels - 1];
    memcpy (ret_images + (int64_t)i * IMAGE_BYTES, record + labels, IMAGE_BYTES);
  }
}

/* Appends the records of one file. */
static bool
append_file (LwCifar kind, const char *folder, const char *file, LwExamples *examples,
             GError **error)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = lw_file_read (path, MAX_RECORDS * (int64_t)record_bytes (kind), error);
  uint8_t *images, *labels;
  const uint8_t *data;
  gsize length, total;
  int32_t n;

  if (bytes == NULL)
    return false;
  data = g_bytes_get_data (bytes, &length);
  n = lw_cifar_check (kind, data, length, name, error);
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
  lw_cifar_split (kind, data, n, images + (int64_t)examples->n * IMAGE_BYTES, labels + examples->n);
  examples->n = (int32_t)total;
  return true;
}

static LwFolderState
look (LwCifar kind, const char *folder)
{
  g_autofree char *test = g_build_filename (folder, kinds[kind].test_file, NULL);
  int found = g_file_test (test, G_FILE_TEST_EXISTS), all = 1;

  for (const char *const *file = kinds[kind].train_files; *file != NULL; file++, all++) {
    g_autofree char *path = g_build_filename (folder, *file, NULL);

    found += g_file_test (path, G_FILE_TEST_EXISTS);
  }
  return found == 0 ? LW_FOLDER_FOREIGN : found == all ? LW_FOLDER_COMPLETE : LW_FOLDER_INCOMPLETE;
}

static LwFolderState
look_10 (const char *folder)
{
  return look (LW_CIFAR_10, folder);
}

static LwFolderState
look_100 (const char *folder)
{
  return look (LW_CIFAR_100, folder);
}

static bool
read_folder (LwCifar kind, const char *folder, LwRawData *ret_raw, GError **error)
{
  LwRawData raw = { .channels = 3, .height = SIDE, .width = SIDE };
  bool read = true;

  for (const char *const *file = kinds[kind].train_files; read && *file != NULL; file++)
    read = append_file (kind, folder, *file, &raw.splits[LW_SPLIT_TRAIN], error);
  read =
      read && append_file (kind, folder, kinds[kind].test_file, &raw.splits[LW_SPLIT_TEST], error);
  if (read)
    *ret_raw = raw;
  else
    lw_raw_data_clear (&raw);
  return read;
}

static bool
read_10 (const char *folder, LwRawData *ret_raw, GError **error)
{
  return read_folder (LW_CIFAR_10, folder, ret_raw, error);
}

static bool
read_100 (const char *folder, LwRawData *ret_raw, GError **error)
{
  return read_folder (LW_CIFAR_100, folder, ret_raw, error);
}

const LwDatasetReader lw_cifar10_reader = {
  .title = N_ ("CIFAR-10's binary version"),
  .files = N_ ("data_batch_1.bin to data_batch_5.bin and test_batch.bin"),
  .look = look_10,
  .read = read_10,
  .least_classes = 10,
};

const LwDatasetReader lw_cifar100_reader = {
  .title = N_ ("CIFAR-100's binary version"),
  .files = N_ ("train.bin and test.bin"),
  .look = look_100,
  .read = read_100,
  .least_classes = 100,
};
