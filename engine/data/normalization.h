/* LwNormalization: what a network's images are normalized with, (x − mean) / deviation of each
 * channel, x in [0, 1]. It belongs to a network as its weights do: whoever runs the graph gives it
 * images from 0 to 1, and the session normalizes them. A plain value; pure functions, any thread.
 * Also included by CUDA's kernels. */
#pragma once

#include "engine/error.h"
#include "engine/rng.h"

#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define LW_NORMALIZED_CHANNELS 4

typedef struct {
  int32_t n; /* 0: none; 1: the same for all channels; else the number of channels */
  float mean[LW_NORMALIZED_CHANNELS], deviation[LW_NORMALIZED_CHANNELS]; /* deviations > 0 */
} LwNormalization;

/* The ways that --normalize names, beside numbers. NULL-terminated: none, data, imagenet. */
extern const char *const lw_normalization_names[];

/* "none"; "data", whose numbers are not known yet: none, and *ret_data; "imagenet"; "MEAN,STD", as
 * "0.286,0.353", or means and then deviations of each channel. Fails with a sentence. `ret_data`
 * may be NULL: "data" is no answer then. */
bool lw_normalization_parse (const char *text, LwNormalization *ret_normalization, bool *ret_data,
                             GError **error);
/* The numbers as text that reads back the same, "none" without; g_free. */
char *lw_normalization_text (const LwNormalization *normalization);
/* Whether images of so many channels can be normalized with it; else a sentence. */
bool
lw_normalization_check (const LwNormalization *normalization, int32_t channels, GError **error);

/* Of n images [channels][pixels] of bytes: each channel's mean and standard deviation (of all
 * values, biased), by exact sums; of all channels together where there are more than four. A
 * channel of one value only has the deviation 1. */
LwNormalization
lw_normalization_measure (const uint8_t *images, int64_t n, int32_t channels, int64_t pixels);

/* Those of channel c. */
static inline LW_HOST_DEVICE float
lw_normalization_mean (const LwNormalization *normalization, int32_t c)
{
  return normalization->n > 1 ? normalization->mean[c] : normalization->mean[0];
}

static inline LW_HOST_DEVICE float
lw_normalization_deviation (const LwNormalization *normalization, int32_t c)
{
  return normalization->n > 1 ? normalization->deviation[c] : normalization->deviation[0];
}

/* n images [channels][pixels]; may be done in place. Without one: copies. */
void lw_normalize_images (const LwNormalization *normalization, const float *images, int64_t n,
                          int32_t channels, int64_t pixels, float *ret_images);

G_END_DECLS
