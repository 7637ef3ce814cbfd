/* What augmentation does to one image, pixel by pixel, written once for the host's loader and
 * CUDA's batch kernel, so that both make the same bits: each product and sum is rounded by itself.
 *
 * An image of bytes [c][h][w] becomes the network's input [c][height][width] in [0, 1], in this
 * order:
 *   1. shifted: pixel (y, x) is the image's (y + shift_y, x + shift_x), and black outside of it (a
 *      crop out of the image with a black border around it)
 *   2. the part from (top, left) on is stretched to the input, bilinearly as engine/data/resize.h
 *   3. mirrored: column x is column width − 1 − x
 *   4. colours, each operation clamped to [0, 1], in the order that was drawn, as
 *      torchvision.transforms.functional has them:
 *        brightness  f·x
 *        contrast    f·x + (1 − f)·m, m: the mean grey value of the image as it is then
 *        saturation  f·x + (1 − f)·g, g: the pixel's grey value 0.2989 R + 0.587 G + 0.114 B
 *        hue         in HSV, h + f modulo 1
 * Images of other than three channels have no saturation and no hue; their grey value is the value
 * itself. The mean m is of values cut to multiples of 2⁻²⁴, whose sum as an integer is the same in
 * any order.
 *
 * Pure functions, any thread. */
#pragma once

#include "engine/rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
  LW_JITTER_BRIGHTNESS,
  LW_JITTER_CONTRAST,
  LW_JITTER_SATURATION,
  LW_JITTER_HUE,
  LW_N_JITTERS,
  LW_JITTER_NONE = LW_N_JITTERS
} LwJitter;

/* What is done to one image. */
typedef struct {
  int32_t flip; /* 0 or 1 */
  int32_t shift_y, shift_x;
  int32_t top, left, height, width; /* the part of the (shifted) image that is seen */
  uint8_t order[LW_N_JITTERS];      /* LwJitter; LW_JITTER_NONE: nothing */
  float factors[LW_N_JITTERS];      /* by LwJitter; of hue: turns, −½ to ½ */
} LwTransform;

#ifdef __CUDA_ARCH__
#define LW_TIMES(a, b) __fmul_rn (a, b)
#define LW_PLUS(a, b)  __fadd_rn (a, b)
#define LW_OVER(a, b)  __fdiv_rn (a, b)
#else /* x86-64 without FMA instructions fuses nothing */
#define LW_TIMES(a, b) ((a) * (b))
#define LW_PLUS(a, b)  ((a) + (b))
#define LW_OVER(a, b)  ((a) / (b))
#endif

/* --- places ----------------------------------------------------------------------------------- */

/* One output of a side of `size` lies between input `i` (returned) of a side of n and the next one,
 * at t of the way: s = max (0, n (2o + 1) / (2 size) − ½), i = ⌊s⌋, t = s − i, by whole numbers. At
 * the far edge both neighbours are the last pixel: t is 0. All sides to 16384. */
static inline LW_HOST_DEVICE int32_t
lw_axis_at (int32_t n, int32_t size, int32_t o, float *ret_t)
{
  const int32_t doubled = 2 * size;
  const int32_t s = n * (2 * o + 1) - size;
  const int32_t i = s > 0 ? s / doubled : 0;

  *ret_t = s > 0 && i < n - 1 ? LW_OVER ((float)(s - i * doubled), (float)doubled) : 0.0f;
  return i < n - 1 ? i : n - 1;
}

/* a at t = 0, b at t = 1 */
static inline LW_HOST_DEVICE float
lw_between (float a, float b, float t)
{
  return LW_PLUS (LW_TIMES (1.0f - t, a), LW_TIMES (t, b));
}

/* --- colours ---------------------------------------------------------------------------------- */

static inline LW_HOST_DEVICE float
lw_clamp_unit (float x)
{
  return x < 0.0f ? 0.0f : x > 1.0f ? 1.0f : x;
}

/* f·x + (1 − f)·other */
static inline LW_HOST_DEVICE float
lw_blend (float x, float other, float f)
{
  return lw_clamp_unit (LW_PLUS (LW_TIMES (f, x), LW_TIMES (1.0f - f, other)));
}

static inline LW_HOST_DEVICE float
lw_grey (const float rgb[3])
{
  return LW_PLUS (LW_PLUS (LW_TIMES (0.2989f, rgb[0]), LW_TIMES (0.587f, rgb[1])),
                  LW_TIMES (0.114f, rgb[2]));
}

/* A grey value as a whole number of 2⁻²⁴. */
static inline LW_HOST_DEVICE uint32_t
lw_grey_units (float grey)
{
  return (uint32_t)LW_TIMES (grey, 16777216.0f);
}

/* The mean of n values whose units add up to `sum`. */
static inline LW_HOST_DEVICE float
lw_grey_mean (uint64_t sum, int64_t n)
{
  return (float)((double)sum / ((double)n * 16777216.0));
}

/* Red, green, blue → hue, saturation, value, the hue turned by f, and back (A. R. Smith, "Color
 * Gamut Transform Pairs", SIGGRAPH 1978). */
static inline LW_HOST_DEVICE void
lw_turn_hue (float rgb[3], float f)
{
  const float r = rgb[0], g = rgb[1], b = rgb[2];
  const float most = r > g ? (r > b ? r : b) : (g > b ? g : b);
  const float least = r < g ? (r < b ? r : b) : (g < b ? g : b);
  const float range = most - least;

  if (range <= 0.0f)
    return; /* a grey has no hue */

  const float s = LW_OVER (range, most);
  const float rc = LW_OVER (most - r, range), gc = LW_OVER (most - g, range);
  const float bc = LW_OVER (most - b, range);
  const float sixths = most == r   ? bc - gc
                       : most == g ? LW_PLUS (2.0f, rc) - bc
                                   : LW_PLUS (4.0f, gc) - rc;
  const float turned = LW_PLUS (LW_OVER (sixths, 6.0f), 1.0f);
  const float sum = LW_PLUS (turned - floorf (turned), f);
  const float h = LW_TIMES (sum - floorf (sum), 6.0f);
  const int32_t sector = (int32_t)floorf (h);
  const float part = h - (float)sector;
  const float p = lw_clamp_unit (LW_TIMES (most, 1.0f - s));
  const float q = lw_clamp_unit (LW_TIMES (most, 1.0f - LW_TIMES (s, part)));
  const float t = lw_clamp_unit (LW_TIMES (most, 1.0f - LW_TIMES (s, 1.0f - part)));

  switch (sector % 6) {
  case 0:
    rgb[0] = most, rgb[1] = t, rgb[2] = p;
    break;
  case 1:
    rgb[0] = q, rgb[1] = most, rgb[2] = p;
    break;
  case 2:
    rgb[0] = p, rgb[1] = most, rgb[2] = t;
    break;
  case 3:
    rgb[0] = p, rgb[1] = q, rgb[2] = most;
    break;
  case 4:
    rgb[0] = t, rgb[1] = p, rgb[2] = most;
    break;
  default:
    rgb[0] = most, rgb[1] = p, rgb[2] = q;
    break;
  }
}

/* Where in the order the contrast comes, for which the image's mean must be known; else −1. */
static inline LW_HOST_DEVICE int32_t
lw_contrast_place (const LwTransform *transform)
{
  for (int32_t i = 0; i < LW_N_JITTERS; i++)
    if (transform->order[i] == LW_JITTER_CONTRAST)
      return i;
  return -1;
}

/* The first n operations on a pixel of three channels. */
static inline LW_HOST_DEVICE void
lw_colour_pixel (const LwTransform *transform, int32_t n, float mean, float rgb[3])
{
  for (int32_t i = 0; i < n; i++) {
    const int32_t colour = transform->order[i];
    const float f = colour < LW_N_JITTERS ? transform->factors[colour] : 0.0f;
    const float other = colour == LW_JITTER_CONTRAST     ? mean
                        : colour == LW_JITTER_SATURATION ? lw_grey (rgb)
                                                         : 0.0f;

    if (colour == LW_JITTER_HUE)
      lw_turn_hue (rgb, f);
    else if (colour != LW_JITTER_NONE) {
      rgb[0] = lw_blend (rgb[0], other, f);
      rgb[1] = lw_blend (rgb[1], other, f);
      rgb[2] = lw_blend (rgb[2], other, f);
    }
  }
}

/* The same on a value of another number of channels. */
static inline LW_HOST_DEVICE float
lw_colour_value (const LwTransform *transform, int32_t n, float mean, float x)
{
  for (int32_t i = 0; i < n; i++) {
    const int32_t colour = transform->order[i];

    if (colour == LW_JITTER_BRIGHTNESS || colour == LW_JITTER_CONTRAST)
      x = lw_blend (x, colour == LW_JITTER_CONTRAST ? mean : 0.0f, transform->factors[colour]);
  }
  return x;
}
