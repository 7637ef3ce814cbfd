/* LwAugmentation: by which chances training images are changed before the network sees them, so
 * that it meets no image twice as it was. What is done to an image (LwTransform, augment_pixel.h)
 * is drawn from LW_STREAM_AUGMENT by the seed, the epoch and the image's number in its data set
 * alone: the same on every backend, at every thread count and after a resume. Test images are
 * never changed. */
#pragma once

#include "engine/data/augment_pixel.h"
#include "engine/error.h"

G_BEGIN_DECLS

/* A plain value; all zero: images stay as they are. Names and chances are
 * torchvision.transforms'. */
typedef struct {
  bool flip;            /* mirrored, left for right, by even chances */
  int32_t crop_padding; /* a crop of the image's size out of it with so many black pixels around:
                           He et al., "Deep Residual Learning" (2015), section 4.2 */
  /* A part of this share of the area at least (to 1), 3/4 to 4/3 as wide as high, is stretched to
   * the input: Szegedy et al., "Going Deeper with Convolutions" (2014), section 6. 0 or 1: all. */
  double crop_area;
  /* Factors are drawn from max (0, 1 − x) to 1 + x; hue turns by −x to x, at most ½. Their order is
   * drawn too. Krizhevsky et al. (2012), section 4.1, change intensity and colour for the same
   * reason. */
  double brightness, contrast, saturation, hue;
} LwAugmentation;

#define LW_LARGEST_PADDING 4096

/* NULL-terminated: none, flip, crop (4 pixels of padding and flip), book (the list of the book's
 * section on ImageNet's dogs: crop-area 0.08, flip, brightness, contrast and saturation 0.4). */
extern const char *const lw_augmentation_names[];
/* Sets what a name stands for; false: it is none. */
bool lw_augmentation_find (const char *name, LwAugmentation *ret_augmentation);
/* The name of a list, "custom" where it has none. Constant. */
const char *lw_augmentation_name (const LwAugmentation *augmentation);
bool lw_augmentation_is_none (const LwAugmentation *augmentation);

/* What is done in `epoch` (from 0) to image number `example` of a data set of h × w images. */
LwTransform lw_transform_draw (const LwAugmentation *augmentation, int32_t h, int32_t w,
                               uint64_t seed, int64_t epoch, int32_t example);
/* That of an image which stays as it is. */
LwTransform lw_transform_none (int32_t h, int32_t w);

/* Changes images of bytes [c][h][w] to [c][height][width] in [0, 1]; working memory of one thread.
 * All sides from 1 to 16384. */
typedef struct LwAugmenter LwAugmenter;
LwAugmenter *lw_augmenter_new (int32_t c, int32_t h, int32_t w, int32_t height, int32_t width);
void lw_augmenter_free (LwAugmenter *augmenter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwAugmenter, lw_augmenter_free)
void lw_augmenter_run (LwAugmenter *augmenter, const LwTransform *transform, const uint8_t *src,
                       float *dst);

/* All of it for one image, by its number: what the network sees of it in that epoch, but for
 * normalization. src [c][h][w] → dst [c][height][width] in [0, 1]. */
void lw_augment_image (const LwAugmentation *augmentation, uint64_t seed, int64_t epoch,
                       int32_t example, const uint8_t *src, int32_t c, int32_t h, int32_t w,
                       float *dst, int32_t height, int32_t width);

G_END_DECLS
