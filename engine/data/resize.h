/* LwResizer: the tables of a bilinear resize from one size to another, made once for many images.
 * Until it is fitted anew any number of threads may run it, each with a scratch of its own. */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct LwResizer LwResizer;

/* All sides at least 1. */
LwResizer *lw_resizer_new (int32_t h, int32_t w, int32_t height, int32_t width);
void lw_resizer_free (LwResizer *resizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwResizer, lw_resizer_free)

/* Makes it resize parts of h × w from now on; at most as wide as it was made for. */
void lw_resizer_fit (LwResizer *resizer, int32_t h, int32_t w);

/* The table of one axis, [size]: output o lies between the inputs ret_index[o] and the next one
 * (the last is its own next), at ret_t[o] of the way. For those who interpolate elsewhere. */
void lw_resize_axis (int32_t n, int32_t size, int32_t *ret_index, float *ret_t);

/* Floats that lw_resizer_run needs in `scratch`. */
int64_t lw_resizer_scratch (const LwResizer *resizer);
/* src [c][h][w] bytes → dst [c][height][width] in [0, 1]. */
void lw_resizer_run (const LwResizer *resizer, const uint8_t *src, int32_t c, float *dst,
                     float *scratch);
/* The same of a part of larger images: `src` is its first byte, the next row `row` bytes on, the
 * next channel `plane`. */
void lw_resizer_run_part (const LwResizer *resizer, const uint8_t *src, int64_t plane, int64_t row,
                          int32_t c, float *dst, float *scratch);

G_END_DECLS
