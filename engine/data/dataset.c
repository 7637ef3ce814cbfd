#include "engine/data/dataset_private.h"
#include "engine/i18n.h"
#include <stdatomic.h>
#include <string.h>

#define FINGERPRINT_IMAGES 64 /* of each split */

struct LwDataset {
  atomic_int references;
  char *name, *folder;
  char **classes;
  int32_t n_classes;
  LwRawData raw;
};

bool
lw_data_fail (GError **error, const char *name, const char *format, ...)
{
  g_autofree char *shown = g_filename_display_name (name);
  g_autofree char *what = NULL, *valid = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  valid = g_utf8_make_valid (what, -1); /* names of files may be any bytes */
  for (char *at = valid; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      *at = '?';
  g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, "%s: %s", shown, valid);
  return false;
}

void
lw_examples_clear (LwExamples *examples)
{
  g_clear_pointer (&examples->images, g_free);
  g_clear_pointer (&examples->labels, g_free);
  examples->n = 0;
}

void
lw_raw_data_clear (LwRawData *raw)
{
  lw_examples_clear (&raw->splits[LW_SPLIT_TRAIN]);
  lw_examples_clear (&raw->splits[LW_SPLIT_TEST]);
  g_clear_pointer (&raw->classes, g_strfreev);
  g_clear_pointer (&raw->set_name, g_free);
  g_clear_pointer (&raw->note, g_free);
}

LwDataset *
lw_dataset_take (const char *name, const char *folder, LwRawData *raw, const char *const *classes,
                 int32_t n_classes)
{
  LwDataset *dataset = g_new0 (LwDataset, 1);

  atomic_init (&dataset->references, 1);
  dataset->name = g_strdup (name);
  dataset->folder = g_strdup (folder);
  dataset->classes = g_new0 (char *, n_classes + 1);
  for (int32_t i = 0; i < n_classes; i++)
    dataset->classes[i] = g_strdup (classes[i]);
  dataset->n_classes = n_classes;
  dataset->raw = *raw;
  memset (raw, 0, sizeof *raw);
  return dataset;
}

LwDataset *
lw_dataset_ref (LwDataset *dataset)
{
  atomic_fetch_add_explicit (&dataset->references, 1, memory_order_relaxed);
  return dataset;
}

void
lw_dataset_unref (LwDataset *dataset)
{
  if (dataset == NULL ||
      atomic_fetch_sub_explicit (&dataset->references, 1, memory_order_acq_rel) > 1)
    return;
  lw_raw_data_clear (&dataset->raw);
  g_strfreev (dataset->classes);
  g_free (dataset->folder);
  g_free (dataset->name);
  g_free (dataset);
}

/* --- from memory ---------------------------------------------------------------------------- */

static bool
copy_split (const uint8_t *images, const uint8_t *labels, int32_t n, int64_t image_bytes,
            int32_t n_classes, LwExamples *ret_examples, GError **error)
{
  for (int32_t i = 0; i < n; i++)
    if (labels[i] >= n_classes) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("Image %d has the label %d, and there are only %d classes (counted from 0)."),
                   i, labels[i], n_classes);
      return false;
    }
  ret_examples->images = g_try_malloc ((gsize)(n * image_bytes) + 1);
  ret_examples->labels = g_try_malloc ((gsize)n + 1);
  if (ret_examples->images == NULL || ret_examples->labels == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY, _ ("There is not enough memory for %d images."),
                 n);
    return false;
  }
  if (n > 0) {
    memcpy (ret_examples->images, images, (gsize)(n * image_bytes));
    memcpy (ret_examples->labels, labels, (gsize)n);
  }
  ret_examples->n = n;
  return true;
}

LwDataset *
lw_dataset_new_from_memory (const char *name, int32_t channels, int32_t height, int32_t width,
                            const char *const *classes, const uint8_t *train_images,
                            const uint8_t *train_labels, int32_t n_train,
                            const uint8_t *test_images, const uint8_t *test_labels, int32_t n_test,
                            GError **error)
{
  LwRawData raw = { .channels = channels, .height = height, .width = width };
  const int32_t n_classes = classes != NULL ? (int32_t)g_strv_length ((char **)classes) : 0;
  const int64_t image_bytes = (int64_t)channels * height * width;
  LwDataset *dataset = NULL;

  if (channels < 1 || channels > 64 || height < 1 || height > 16384 || width < 1 || width > 16384 ||
      n_train < 0 || n_test < 0 || n_classes < 1 || n_classes > 256) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("A data set needs 1 to 64 channels, sides of 1 to 16384 pixels and 1 to 256 "
                    "classes, not %d channels of %d×%d and %d classes."),
                 channels, height, width, n_classes);
    return NULL;
  }
  if (copy_split (train_images, train_labels, n_train, image_bytes, n_classes,
                  &raw.splits[LW_SPLIT_TRAIN], error) &&
      copy_split (test_images, test_labels, n_test, image_bytes, n_classes,
                  &raw.splits[LW_SPLIT_TEST], error))
    dataset = lw_dataset_take (name, NULL, &raw, classes, n_classes);
  lw_raw_data_clear (&raw);
  return dataset;
}

/* --- reading -------------------------------------------------------------------------------- */

const char *
lw_dataset_name (const LwDataset *dataset)
{
  return dataset->name;
}

const char *
lw_dataset_folder (const LwDataset *dataset)
{
  return dataset->folder;
}

const char *
lw_dataset_note (const LwDataset *dataset)
{
  return dataset->raw.note;
}

int32_t
lw_dataset_channels (const LwDataset *dataset)
{
  return dataset->raw.channels;
}

int32_t
lw_dataset_height (const LwDataset *dataset)
{
  return dataset->raw.height;
}

int32_t
lw_dataset_width (const LwDataset *dataset)
{
  return dataset->raw.width;
}

int32_t
lw_dataset_classes (const LwDataset *dataset)
{
  return dataset->n_classes;
}

const char *
lw_dataset_class_name (const LwDataset *dataset, int32_t label)
{
  g_return_val_if_fail (label >= 0 && label < dataset->n_classes, NULL);
  return dataset->classes[label];
}

LwPictureFit
lw_dataset_picture_fit (const LwDataset *dataset)
{
  return dataset != NULL ? dataset->raw.fit : LW_FIT_WHOLE;
}

int32_t
lw_dataset_size (const LwDataset *dataset, LwSplit split)
{
  return dataset->raw.splits[split].n;
}

const uint8_t *
lw_dataset_image (const LwDataset *dataset, LwSplit split, int32_t index)
{
  const LwRawData *raw = &dataset->raw;

  g_return_val_if_fail (index >= 0 && index < raw->splits[split].n, NULL);
  return raw->splits[split].images + (int64_t)index * raw->channels * raw->height * raw->width;
}

int32_t
lw_dataset_label (const LwDataset *dataset, LwSplit split, int32_t index)
{
  g_return_val_if_fail (index >= 0 && index < dataset->raw.splits[split].n, -1);
  return dataset->raw.splits[split].labels[index];
}

static void
fold (uint64_t *number, const uint8_t *bytes, size_t n)
{
  for (size_t i = 0; i < n; i++)
    *number = (*number ^ bytes[i]) * UINT64_C (0x100000001b3);
}

static void
fold_split (uint64_t *number, const LwDataset *dataset, LwSplit split, int32_t n)
{
  const size_t bytes = (size_t)lw_dataset_channels (dataset) * (size_t)lw_dataset_height (dataset) *
                       (size_t)lw_dataset_width (dataset);
  const int32_t images = MIN (n, FINGERPRINT_IMAGES);

  for (int32_t i = 0; i < n; i++) {
    const int32_t label = lw_dataset_label (dataset, split, i);

    fold (number, (const uint8_t *)&label, sizeof label);
  }
  for (int32_t i = 0; i < images; i++)
    fold (number, lw_dataset_image (dataset, split, (int32_t)((int64_t)i * n / images)), bytes);
}

uint64_t
lw_dataset_fingerprint (const LwDataset *dataset, int32_t n_train, int32_t n_test)
{
  uint64_t number = UINT64_C (0xcbf29ce484222325);

  fold_split (&number, dataset, LW_SPLIT_TRAIN, n_train);
  fold_split (&number, dataset, LW_SPLIT_TEST, n_test);
  return number;
}
