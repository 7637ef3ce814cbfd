/* LwDataset: labelled images of one size in memory as bytes, a training and a test part. Immutable
 * once opened, readable from any thread; reference counted (atomic). */
#pragma once

#include "engine/error.h"
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct LwDataset LwDataset;

typedef enum { LW_SPLIT_TRAIN, LW_SPLIT_TEST } LwSplit;

/* Opens by name ("fashion-mnist", "shapes"), folder or file; lw_dataset_format_files says what
 * these may hold. Names and sizes are checked before memory is taken. Fails with a sentence that
 * says what was looked for and where. Pictures need a reader of them (engine/data/pictures.h). */
LwDataset *lw_dataset_open (const char *name_or_folder, GError **error);
/* The built-in set "shapes": ten classes of drawn figures (circle, ring, square, …), one channel,
 * 28 × 28, generated from the seed; needs no file. */
LwDataset *lw_dataset_new_shapes (int32_t n_train, int32_t n_test, uint64_t seed);
/* For tests and for images of a student's own; copies. `images`: [n][channels][height][width]
 * bytes. */
LwDataset *lw_dataset_new_from_memory (const char *name, int32_t channels, int32_t height,
                                       int32_t width, const char *const *classes,
                                       const uint8_t *train_images, const uint8_t *train_labels,
                                       int32_t n_train, const uint8_t *test_images,
                                       const uint8_t *test_labels, int32_t n_test, GError **error);
LwDataset *lw_dataset_ref (LwDataset *dataset);
void lw_dataset_unref (LwDataset *dataset);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDataset, lw_dataset_unref)

const char *lw_dataset_name (const LwDataset *dataset);
const char *lw_dataset_folder (const LwDataset *dataset); /* NULL for generated sets */
/* A sentence on what of its files was left out, with their names; NULL: nothing. */
const char *lw_dataset_note (const LwDataset *dataset);
int32_t lw_dataset_channels (const LwDataset *dataset);
int32_t lw_dataset_height (const LwDataset *dataset);
int32_t lw_dataset_width (const LwDataset *dataset);
int32_t lw_dataset_classes (const LwDataset *dataset);
const char *lw_dataset_class_name (const LwDataset *dataset, int32_t label); /* "ankle boot" */
int32_t lw_dataset_size (const LwDataset *dataset, LwSplit split);
const uint8_t *
lw_dataset_image (const LwDataset *dataset, LwSplit split, int32_t index); /* [C][H][W] */
int32_t lw_dataset_label (const LwDataset *dataset, LwSplit split, int32_t index);
/* Whether two machines have the same set: a number made of the first n_train and n_test labels and
 * of images spread over them (FNV-1a, 64 bits). */
uint64_t lw_dataset_fingerprint (const LwDataset *dataset, int32_t n_train, int32_t n_test);

/* What of a picture of another shape becomes an image like those of a set. */
typedef enum {
  LW_FIT_WHOLE, /* all of it, with black beside it: MNIST's digits and Fashion-MNIST's clothes stand
                   so (Xiao, Rasul and Vollgraf, "Fashion-MNIST", 2017, section 2) */
  LW_FIT_MIDDLE, /* what is left when its sides are cut, as folders of pictures are read */
} LwPictureFit;
/* `dataset`: NULL: one that is not known, LW_FIT_WHOLE. */
LwPictureFit lw_dataset_picture_fit (const LwDataset *dataset);

/* The folders in which a named set is looked for, in order: $LAYERWISE_DATA,
 * $XDG_DATA_HOME/layerwise/data, /usr/share/datasets. NULL-terminated, g_strfreev. */
char **lw_dataset_search_path (void);
/* What `doctor` and the welcome page list. NULL-terminated names of the sets that would open now.
 */
char **lw_dataset_list_available (void);
/* Where a named set lies that would open now, for people; NULL: drawn by the program, or nowhere.
 * g_free. */
char *lw_dataset_place (const char *name);
/* The kinds of files that can be read: "IDX (MNIST, …)", and which files that takes. Constant, to
 * be translated where they are shown. */
int lw_dataset_n_formats (void);
const char *lw_dataset_format_title (int format);
const char *lw_dataset_format_files (int format);
/* One sentence on how to get a named set: "Install Debian's package dataset-fashion-mnist, or …".
 */
const char *lw_dataset_advice (const char *name);

/* Bilinear with half-pixel centres, edges clamped, no antialiasing (PyTorch's interpolate with
 * align_corners=False), bytes scaled to [0, 1]: src [c][h][w] → dst [c][height][width]. All sides
 * to 16384. */
void lw_resize (const uint8_t *src, int32_t c, int32_t h, int32_t w, float *dst, int32_t height,
                int32_t width);

G_END_DECLS
