/* The host's way through augment_pixel.h's steps: row by row with the tables of LwResizer. */
#include "engine/data/augment.h"
#include "engine/data/resize.h"

#include <string.h>

struct LwAugmenter {
  int32_t c, h, w, height, width;
  LwResizer *resizer;
  float *scratch;
  uint8_t *shifted; /* [c][h][w] */
};

LwAugmenter *
lw_augmenter_new (int32_t c, int32_t h, int32_t w, int32_t height, int32_t width)
{
  LwAugmenter *augmenter = g_new (LwAugmenter, 1);

  *augmenter = (LwAugmenter){ .c = c, .h = h, .w = w, .height = height, .width = width };
  augmenter->resizer = lw_resizer_new (h, w, height, width);
  augmenter->scratch = g_new (float, lw_resizer_scratch (augmenter->resizer));
  augmenter->shifted = g_new (uint8_t, (gsize)c * (gsize)h * (gsize)w);
  return augmenter;
}

void
lw_augmenter_free (LwAugmenter *augmenter)
{
  if (augmenter == NULL)
    return;
  lw_resizer_free (augmenter->resizer);
  g_free (augmenter->scratch);
  g_free (augmenter->shifted);
  g_free (augmenter);
}

/* Row (y, x …) of the shifted image is row (y + shift_y, x + shift_x …), black outside. */
static void
shift_image (LwAugmenter *augmenter, const LwTransform *transform, const uint8_t *src)
{
  const int32_t h = augmenter->h, w = augmenter->w;
  const int32_t left = CLAMP (-transform->shift_x, 0, w);
  const int32_t right = CLAMP (w - transform->shift_x, 0, w);
  uint8_t *dst = augmenter->shifted;

  memset (dst, 0, (gsize)augmenter->c * (gsize)h * (gsize)w);
  for (int32_t c = 0; c < augmenter->c; c++, src += (int64_t)h * w)
    for (int32_t y = 0; y < h; y++, dst += w) {
      const int32_t from = y + transform->shift_y;

      if (from >= 0 && from < h && left < right)
        memcpy (dst + left, src + (int64_t)from * w + left + transform->shift_x,
                (gsize)(right - left));
    }
}

static void
mirror_rows (float *values, int64_t rows, int32_t width)
{
  for (int64_t y = 0; y < rows; y++, values += width)
    for (int32_t x = 0; x < width / 2; x++) {
      const float value = values[x];

      values[x] = values[width - 1 - x];
      values[width - 1 - x] = value;
    }
}

/* The mean grey value after the first `n` operations. */
static float
mean_after (const LwTransform *transform, int32_t n, const float *values, int32_t channels,
            int64_t pixels)
{
  uint64_t sum = 0;

  if (channels != 3) {
    for (int64_t i = 0; i < channels * pixels; i++)
      sum += lw_grey_units (lw_colour_value (transform, n, 0, values[i]));
    return lw_grey_mean (sum, channels * pixels);
  }
  for (int64_t i = 0; i < pixels; i++) {
    float rgb[3] = { values[i], values[pixels + i], values[2 * pixels + i] };

    lw_colour_pixel (transform, n, 0, rgb);
    sum += lw_grey_units (lw_grey (rgb));
  }
  return lw_grey_mean (sum, pixels);
}

static void
change_colours (const LwTransform *transform, float *values, int32_t channels, int64_t pixels)
{
  const int32_t place = lw_contrast_place (transform);
  const float mean = place >= 0 ? mean_after (transform, place, values, channels, pixels) : 0.0f;

  if (channels != 3) {
    for (int64_t i = 0; i < channels * pixels; i++)
      values[i] = lw_colour_value (transform, LW_N_COLOUR_STEPS, mean, values[i]);
    return;
  }
  for (int64_t i = 0; i < pixels; i++) {
    float rgb[3] = { values[i], values[pixels + i], values[2 * pixels + i] };

    lw_colour_pixel (transform, LW_N_COLOUR_STEPS, mean, rgb);
    values[i] = rgb[0], values[pixels + i] = rgb[1], values[2 * pixels + i] = rgb[2];
  }
}

void
lw_augmenter_run (LwAugmenter *augmenter, const LwTransform *transform, const uint8_t *src,
                  float *dst)
{
  const int64_t part = (int64_t)transform->top * augmenter->w + transform->left;

  if (transform->shift_y != 0 || transform->shift_x != 0) {
    shift_image (augmenter, transform, src);
    src = augmenter->shifted;
  }
  lw_resizer_fit (augmenter->resizer, transform->height, transform->width);
  lw_resizer_run_part (augmenter->resizer, src + part, (int64_t)augmenter->h * augmenter->w,
                       augmenter->w, augmenter->c, dst, augmenter->scratch);
  if (transform->flip)
    mirror_rows (dst, (int64_t)augmenter->c * augmenter->height, augmenter->width);
  if (lw_has_colours (transform))
    change_colours (transform, dst, augmenter->c, (int64_t)augmenter->height * augmenter->width);
}

void
lw_augment_image (const LwAugmentation *augmentation, uint64_t seed, int64_t epoch, int32_t example,
                  const uint8_t *src, int32_t c, int32_t h, int32_t w, float *dst, int32_t height,
                  int32_t width)
{
  const LwTransform transform = lw_transform_draw (augmentation, h, w, seed, epoch, example);
  g_autoptr (LwAugmenter) augmenter = lw_augmenter_new (c, h, w, height, width);

  lw_augmenter_run (augmenter, &transform, src, dst);
}
