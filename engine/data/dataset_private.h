/* What the readers of data sets hand over, and their table. */
#pragma once

#include "engine/data/dataset.h"

G_BEGIN_DECLS

/* Sets LW_ERROR_FORMAT, "NAME: what is wrong", and returns false. `name`: of a file or folder. */
bool lw_data_fail (GError **error, const char *name, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Images of one split and their labels; the owner frees both with g_free. */
typedef struct {
  uint8_t *images; /* [n][c][h][w] */
  uint8_t *labels; /* [n] */
  int32_t n;
} LwExamples;

void lw_examples_clear (LwExamples *examples);

/* A set as read, before it has a name for its classes. */
typedef struct {
  int32_t channels, height, width;
  LwExamples splits[2]; /* by LwSplit */
} LwRawData;

void lw_raw_data_clear (LwRawData *raw);

/* Takes what `raw` holds (and leaves it empty). `classes`: n_classes strings, copied. Labels must
 * be below n_classes. `folder` may be NULL. */
LwDataset *lw_dataset_take (const char *name, const char *folder, LwRawData *raw,
                            const char *const *classes, int32_t n_classes);

#define LW_FIRST_LABELS 10

typedef enum {
  LW_FOLDER_FOREIGN,    /* none of its files is of this kind */
  LW_FOLDER_INCOMPLETE, /* some are: reading it says what is missing */
  LW_FOLDER_COMPLETE,
} LwFolderState;

/* One kind of folder. A new kind is a new file with such a row, listed in dataset_open.c. */
typedef struct {
  const char *files;                          /* what it needs, for messages */
  LwFolderState (*look) (const char *folder); /* at the names of the files only */
  bool (*read) (const char *folder, LwRawData *ret_raw, GError **error);
  /* The first labels to train with, by which sets of the same files are told apart; NULL: only one
   * set comes in such files. Fails for a set with fewer. */
  bool (*first_labels) (const char *folder, uint8_t ret_labels[LW_FIRST_LABELS]);
} LwDatasetReader;

extern const LwDatasetReader lw_idx_reader, lw_cifar10_reader;

/* --- parts that the fuzz tests call as well -------------------------------------------------- */

/* One IDX file of bytes, plain or gzip-compressed. `rank` is what it must have: 3 for images
 * ([count][height][width]), 1 for labels. `ret_data` (g_free) has as many bytes as the product of
 * ret_dims. Memory is taken only after the sizes were found possible. */
bool lw_idx_parse (const uint8_t *bytes, gsize length, const char *name, int32_t rank,
                   int32_t ret_dims[3], uint8_t **ret_data, GError **error);

/* One batch of CIFAR-10: records of a label byte and 3 × 32 × 32 bytes. Returns the number of
 * records after checking all of them, or −1. */
int32_t lw_cifar10_check (const uint8_t *bytes, gsize length, const char *name, GError **error);
void lw_cifar10_split (const uint8_t *bytes, int32_t n, uint8_t *ret_images, uint8_t *ret_labels);

/* The figures of "shapes": one image of [28][28] bytes, and its label. */
#define LW_SHAPES_SIDE    28
#define LW_SHAPES_CLASSES 10
int32_t lw_shapes_draw (uint64_t seed, LwSplit split, int32_t index, uint8_t *ret_image);
extern const char *const lw_shapes_classes[LW_SHAPES_CLASSES + 1];

G_END_DECLS
