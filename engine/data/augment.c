/* Draws. Each has its place in the image's stream, whatever else is switched on:
 *   0 flip; 1, 2 the shift; 3 the order of colours; 4 to 7 their factors;
 *   8 + 4k … the k-th try for a part: its area, its shape, its place. */
#include "engine/data/augment.h"

#include <math.h>
#include <string.h>

enum { AT_FLIP, AT_SHIFT_Y, AT_SHIFT_X, AT_ORDER, AT_FACTORS, AT_PART = AT_FACTORS + LW_N_JITTERS };

#define TRIES    10 /* as torchvision's RandomResizedCrop */
#define NARROW   (3.0 / 4.0)
#define WIDE     (4.0 / 3.0)
#define N_ORDERS 24 /* 4! */

const char *const lw_augmentation_names[] = { "none", "flip", "crop", "book", NULL };

/* The book: Zhang, Lipton, Li, Smola, "Dive into Deep Learning", section 14.14.3. */
static const LwAugmentation lists[] = {
  { 0 },
  { .flip = true },
  { .flip = true, .crop_padding = 4 },
  { .flip = true, .crop_area = 0.08, .brightness = 0.4, .contrast = 0.4, .saturation = 0.4 },
};
G_STATIC_ASSERT (G_N_ELEMENTS (lists) + 1 == G_N_ELEMENTS (lw_augmentation_names));

/* Share of the area from which on nothing is cut off. */
static double
least_area (const LwAugmentation *augmentation)
{
  return augmentation->crop_area > 0 ? augmentation->crop_area : 1;
}

static bool
equal (const LwAugmentation *a, const LwAugmentation *b)
{
  return a->flip == b->flip && a->crop_padding == b->crop_padding &&
         least_area (a) == least_area (b) && a->brightness == b->brightness &&
         a->contrast == b->contrast && a->saturation == b->saturation && a->hue == b->hue;
}

bool
lw_augmentation_find (const char *name, LwAugmentation *ret_augmentation)
{
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    if (strcmp (name, lw_augmentation_names[i]) == 0) {
      *ret_augmentation = lists[i];
      ret_augmentation->crop_area = least_area (&lists[i]);
      return true;
    }
  return false;
}

const char *
lw_augmentation_name (const LwAugmentation *augmentation)
{
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    if (equal (augmentation, &lists[i]))
      return lw_augmentation_names[i];
  return "custom";
}

bool
lw_augmentation_is_none (const LwAugmentation *augmentation)
{
  return equal (augmentation, &lists[0]);
}

LwTransform
lw_transform_none (int32_t h, int32_t w)
{
  LwTransform transform = { .height = h, .width = w };

  memset (transform.order, LW_JITTER_NONE, sizeof transform.order);
  return transform;
}

/* A whole number from 0 to n − 1. */
static int32_t
draw_below (const LwStream *stream, uint64_t position, int32_t n)
{
  return (int32_t)((uint64_t)lw_stream_bits (stream, position) * (uint64_t)n >> 32);
}

static double
draw_real (const LwStream *stream, uint64_t position, double low, double high)
{
  return low + (high - low) * (double)lw_stream_uniform (stream, position);
}

/* RandomResizedCrop's: an area and a shape are drawn until such a part fits; after ten that do not,
 * the largest part in the middle that is neither too wide nor too narrow. */
static void
draw_part (const LwStream *stream, double area, int32_t h, int32_t w, LwTransform *transform)
{
  for (int k = 0; k < TRIES; k++) {
    const uint64_t at = AT_PART + 4 * (uint64_t)k;
    const double pixels = (double)h * w * draw_real (stream, at, area, 1);
    const double shape = exp (draw_real (stream, at + 1, log (NARROW), log (WIDE)));
    const double width = rint (sqrt (pixels * shape)), height = rint (sqrt (pixels / shape));

    if (width < 1 || width > w || height < 1 || height > h)
      continue;
    transform->width = (int32_t)width;
    transform->height = (int32_t)height;
    transform->top = draw_below (stream, at + 2, h - transform->height + 1);
    transform->left = draw_below (stream, at + 3, w - transform->width + 1);
    return;
  }
  transform->width = (int32_t)CLAMP (rint (h * WIDE), 1, w);
  transform->height = (int32_t)CLAMP (rint (w / NARROW), 1, h);
  transform->top = (h - transform->height) / 2;
  transform->left = (w - transform->width) / 2;
}

/* The order's number written in the factorial number system says which of those that are left
 * comes next. */
static void
draw_colours (const LwStream *stream, const LwAugmentation *augmentation, LwTransform *transform)
{
  const double most[LW_N_JITTERS] = { augmentation->brightness, augmentation->contrast,
                                      augmentation->saturation, augmentation->hue };
  uint8_t left[LW_N_JITTERS];
  int32_t number = draw_below (stream, AT_ORDER, N_ORDERS);

  for (int i = 0; i < LW_N_JITTERS; i++) {
    const uint64_t at = AT_FACTORS + (uint64_t)i;

    left[i] = most[i] > 0 ? (uint8_t)i : LW_JITTER_NONE;
    if (i == LW_JITTER_HUE)
      transform->factors[i] = (float)draw_real (stream, at, -most[i], most[i]);
    else
      transform->factors[i] = (float)draw_real (stream, at, MAX (0, 1 - most[i]), 1 + most[i]);
  }
  for (int i = 0; i < LW_N_JITTERS; i++) {
    const int remain = LW_N_JITTERS - i, which = number % remain;

    number /= remain;
    transform->order[i] = left[which];
    memmove (left + which, left + which + 1, (gsize)(remain - which - 1));
  }
}

LwTransform
lw_transform_draw (const LwAugmentation *augmentation, int32_t h, int32_t w, uint64_t seed,
                   int64_t epoch, int32_t example)
{
  const LwStream stream = lw_stream (seed, LW_STREAM_AUGMENT, (uint32_t)epoch, (uint32_t)example);
  const int32_t padding = augmentation->crop_padding;
  LwTransform transform = lw_transform_none (h, w);

  transform.flip = augmentation->flip && draw_below (&stream, AT_FLIP, 2) == 1;
  if (padding > 0) {
    transform.shift_y = draw_below (&stream, AT_SHIFT_Y, 2 * padding + 1) - padding;
    transform.shift_x = draw_below (&stream, AT_SHIFT_X, 2 * padding + 1) - padding;
  }
  if (least_area (augmentation) < 1)
    draw_part (&stream, augmentation->crop_area, h, w, &transform);
  draw_colours (&stream, augmentation, &transform);
  return transform;
}
