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
  char **classes;       /* where the files name them; g_strfreev. NULL: they do not */
  char *set_name;       /* of the known set that the files' names say; NULL: they do not */
  char *note;           /* a sentence on what was left out; NULL: nothing */
  LwPictureFit fit;     /* how its images were made of pictures */
} LwRawData;

void lw_raw_data_clear (LwRawData *raw);

/* Takes what `raw` holds (and leaves it empty). `classes`: n_classes strings, copied; may be
 * raw->classes. Labels must be below n_classes. `folder` may be NULL. */
LwDataset *lw_dataset_take (const char *name, const char *folder, LwRawData *raw,
                            const char *const *classes, int32_t n_classes);

#define LW_FIRST_LABELS 10

typedef enum {
  LW_FOLDER_FOREIGN,    /* none of its files is of this kind */
  LW_FOLDER_INCOMPLETE, /* some are: reading it says what is missing */
  LW_FOLDER_COMPLETE,
} LwFolderState;

/* One kind of files. A new kind is a new file with such a row, listed in dataset_open.c. `path` is
 * a folder, or what stands for a set within one: a file, or the beginning of its files' names. */
typedef struct {
  const char *title;                        /* N_(): of the format */
  const char *files;                        /* N_(): what it needs, for messages */
  LwFolderState (*look) (const char *path); /* at the names of the files only */
  bool (*read) (const char *path, LwRawData *ret_raw, GError **error);
  /* The first labels to train with, by which sets of the same files are told apart; NULL: only one
   * set comes in such files. Fails for a set with fewer. */
  bool (*first_labels) (const char *path, uint8_t ret_labels[LW_FIRST_LABELS]);
  int32_t least_classes; /* a set without names for its classes has at least so many */
} LwDatasetReader;

extern const LwDatasetReader lw_idx_reader, lw_cifar10_reader, lw_cifar100_reader, lw_npz_reader,
    lw_picture_reader;

/* --- the sets that are known by name ---------------------------------------------------------- */

typedef struct {
  const char *name;
  const char *places[6]; /* within a folder of the search path; other programs' habits too */
  const LwDatasetReader *reader;
  bool has_first_labels; /* else only its place or its files' names say that it is this one */
  uint8_t first_labels[LW_FIRST_LABELS];
  const char *const *classes; /* N_(), NULL-terminated */
  const char *advice;         /* N_() */
  bool by_prefix;             /* of several sets in one folder, by their files' names */
} LwKnownSet;

const LwKnownSet *lw_known_sets (int32_t *ret_n);
const LwKnownSet *lw_known_set_find (const char *name); /* NULL: none */

/* --- parts that the fuzz tests call as well -------------------------------------------------- */

/* One IDX file of bytes, plain or gzip-compressed. `rank` is what it must have: 3 for images
 * ([count][height][width]), 1 for labels. `ret_data` (g_free) has as many bytes as the product of
 * ret_dims. Memory is taken only after the sizes were found possible. */
bool lw_idx_parse (const uint8_t *bytes, gsize length, const char *name, int32_t rank,
                   int32_t ret_dims[3], uint8_t **ret_data, GError **error);

/* One file of CIFAR: records of label bytes and 3 × 32 × 32 bytes. Returns the number of records
 * after checking all of them, or −1. */
typedef enum { LW_CIFAR_10, LW_CIFAR_100 } LwCifar;
int32_t
lw_cifar_check (LwCifar kind, const uint8_t *bytes, gsize length, const char *name, GError **error);
/* The label of CIFAR-100 is the fine one. */
void lw_cifar_split (LwCifar kind, const uint8_t *bytes, int32_t n, uint8_t *ret_images,
                     uint8_t *ret_labels);

/* A whole .npz file: the arrays x_train, y_train, x_test and y_test. */
bool lw_npz_parse (const uint8_t *bytes, gsize length, const char *name, LwRawData *ret_raw,
                   GError **error);

/* The figures of "shapes": one image of [28][28] bytes, and its label. */
#define LW_SHAPES_SIDE    28
#define LW_SHAPES_CLASSES 10
int32_t lw_shapes_draw (uint64_t seed, LwSplit split, int32_t index, uint8_t *ret_image);
extern const char *const lw_shapes_classes[LW_SHAPES_CLASSES + 1];

G_END_DECLS
