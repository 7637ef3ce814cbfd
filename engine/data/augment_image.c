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

static float
mean_grey (const float *values, int32_t channels, int64_t pixels)
{
  const int64_t n = channels == 3 ? pixels : channels * pixels;
  uint64_t sum = 0;

  for (int64_t i = 0; i < n; i++) {
    const float rgb[3] = { values[i], channels == 3 ? values[pixels + i] : 0.0f,
                           channels == 3 ? values[2 * pixels + i] : 0.0f };

    sum += lw_grey_units (channels == 3 ? lw_grey (rgb) : rgb[0]);
  }
  return lw_grey_mean (sum, n);
}

/* f·x + (1 − f)·other of all values. */
static void
blend (float *values, int64_t n, float other, float f)
{
  for (int64_t i = 0; i < n; i++)
    values[i] = lw_blend (values[i], other, f);
}

static void
saturate (float *red, float *green, float *blue, int64_t pixels, float f)
{
  for (int64_t i = 0; i < pixels; i++) {
    const float rgb[3] = { red[i], green[i], blue[i] };
    const float grey = lw_grey (rgb);

    red[i] = lw_blend (rgb[0], grey, f);
    green[i] = lw_blend (rgb[1], grey, f);
    blue[i] = lw_blend (rgb[2], grey, f);
  }
}

static void
turn_hues (float *red, float *green, float *blue, int64_t pixels, float f)
{
  for (int64_t i = 0; i < pixels; i++) {
    float rgb[3] = { red[i], green[i], blue[i] };

    lw_turn_hue (rgb, f);
    red[i] = rgb[0], green[i] = rgb[1], blue[i] = rgb[2];
  }
}

/* lw_colour_pixel's and lw_colour_value's operations, each on the whole image. */
static void
change_colours (const LwTransform *transform, float *values, int32_t channels, int64_t pixels)
{
  for (int i = 0; i < LW_N_JITTERS; i++) {
    const LwJitter colour = (LwJitter)transform->order[i];
    const float f = colour < LW_N_JITTERS ? transform->factors[colour] : 0.0f;

    if (colour == LW_JITTER_BRIGHTNESS)
      blend (values, channels * pixels, 0, f);
    else if (colour == LW_JITTER_CONTRAST)
      blend (values, channels * pixels, mean_grey (values, channels, pixels), f);
    else if (colour == LW_JITTER_SATURATION && channels == 3)
      saturate (values, values + pixels, values + 2 * pixels, pixels, f);
    else if (colour == LW_JITTER_HUE && channels == 3)
      turn_hues (values, values + pixels, values + 2 * pixels, pixels, f);
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
