#include "engine/data/normalization.h"

#include "engine/i18n.h"
#include "engine/number.h"

#include <math.h>
#include <string.h>

/* Compared as a float, which is what its text is made of. */
#define LEAST_DEVIATION 1e-6f

const char *const lw_normalization_names[] = { "none", "data", "imagenet", NULL };

/* Of all ImageNet's images, as torchvision's weights want them (torchvision's documentation, "Using
 * the pre-trained models"). */
static const LwNormalization imagenet = { 3,
                                          { 0.485f, 0.456f, 0.406f, 0 },
                                          { 0.229f, 0.224f, 0.225f, 0 } };

static bool
refuse (const char *text, GError **error)
{
  const char *nearest = lw_nearest_name (text, lw_normalization_names);

  if (nearest != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("unknown normalization \"%s\"; did you mean %s?"), text, nearest);
  else
    g_set_error (
        error, LW_ERROR, LW_ERROR_INVALID,
        _ ("normalize must be none, data, imagenet, or a mean and a deviation like "
           "0.286,0.353 (of several channels: the means, then the deviations), not \"%s\"."),
        text);
  return lw_error_make_plain (error);
}

bool
lw_normalization_parse (const char *text, LwNormalization *ret_normalization, bool *ret_data,
                        GError **error)
{
  LwNormalization found = { 0 };
  g_auto (GStrv) words = NULL;
  guint n;

  if (ret_data != NULL)
    *ret_data = strcmp (text, "data") == 0;
  if (strcmp (text, "none") == 0 || (ret_data != NULL && *ret_data)) {
    *ret_normalization = found;
    return true;
  }
  if (strcmp (text, "imagenet") == 0) {
    *ret_normalization = imagenet;
    return true;
  }
  words = g_strsplit (text, ",", 2 * LW_NORMALIZED_CHANNELS + 1);
  n = g_strv_length (words);
  if (n < 2 || n % 2 != 0 || n > 2 * LW_NORMALIZED_CHANNELS)
    return refuse (text, error);
  found.n = (int32_t)(n / 2);
  for (guint i = 0; i < n; i++) {
    double number;

    if (!lw_number_parse_real (g_strstrip (words[i]), &number) || fabs (number) > 1e6 ||
        (i >= n / 2 && (float)number < LEAST_DEVIATION))
      return refuse (text, error);
    if (i < n / 2)
      found.mean[i] = (float)number;
    else
      found.deviation[i - n / 2] = (float)number;
  }
  *ret_normalization = found;
  return true;
}

static void
append (GString *text, float number)
{
  char buffer[LW_NUMBER_SIZE];

  /* nine digits read back as the same float */
  g_string_append_printf (text, "%s%s", text->len > 0 ? "," : "",
                          g_ascii_formatd (buffer, sizeof buffer, "%.9g", (double)number));
}

char *
lw_normalization_text (const LwNormalization *normalization)
{
  GString *text = g_string_new (NULL);

  for (int32_t i = 0; i < normalization->n; i++)
    append (text, normalization->mean[i]);
  for (int32_t i = 0; i < normalization->n; i++)
    append (text, normalization->deviation[i]);
  if (normalization->n == 0)
    g_string_append (text, "none");
  return g_string_free (text, FALSE);
}

bool
lw_normalization_check (const LwNormalization *normalization, int32_t channels, GError **error)
{
  if (normalization->n <= 1 || normalization->n == channels)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               LW_PLURAL ("The images have %d channel, but normalize gives means and deviations of "
                          "%d; give as many, or one of each for all.",
                          "The images have %d channels, but normalize gives means and deviations "
                          "of %d; give as many, or one of each for all.",
                          channels),
               channels, normalization->n);
  return false;
}

/* --- measuring -------------------------------------------------------------------------------- */

/* So many squares of bytes add up to less than 2³². */
#define STRETCH 65536

static void
add_up (const uint8_t *bytes, int64_t n, uint64_t *sum, uint64_t *squares)
{
  for (int64_t begin = 0; begin < n; begin += STRETCH) {
    const int64_t end = MIN (begin + STRETCH, n);
    uint32_t stretch = 0, squared = 0;

    for (int64_t i = begin; i < end; i++) {
      stretch += bytes[i];
      squared += (uint32_t)bytes[i] * bytes[i];
    }
    *sum += stretch;
    *squares += squared;
  }
}

LwNormalization
lw_normalization_measure (const uint8_t *images, int64_t n, int32_t channels, int64_t pixels)
{
  const int32_t groups = channels <= LW_NORMALIZED_CHANNELS ? channels : 1;
  const int64_t size = channels / groups * pixels; /* of one group in an image */
  uint64_t sums[LW_NORMALIZED_CHANNELS] = { 0 }, squares[LW_NORMALIZED_CHANNELS] = { 0 };
  LwNormalization measured = { .n = groups };

  for (int64_t i = 0; i < n * groups; i++)
    add_up (images + i * size, size, &sums[i % groups], &squares[i % groups]);
  for (int32_t g = 0; g < groups; g++) {
    const double count = (double)n * (double)size;
    const double mean = (double)sums[g] / count;
    const double variance = (double)squares[g] / count - mean * mean;

    measured.mean[g] = (float)(mean / 255);
    measured.deviation[g] =
        variance > 0 ? MAX ((float)(sqrt (variance) / 255), LEAST_DEVIATION) : 1.0f;
  }
  return measured;
}

void
lw_normalize_images (const LwNormalization *normalization, const float *images, int64_t n,
                     int32_t channels, int64_t pixels, float *ret_images)
{
  if (normalization->n == 0) {
    memmove (ret_images, images, sizeof *images * (gsize)(n * channels * pixels));
    return;
  }
  for (int64_t i = 0; i < n * channels; i++) {
    const float mean = lw_normalization_mean (normalization, (int32_t)(i % channels));
    const float deviation = lw_normalization_deviation (normalization, (int32_t)(i % channels));
    const float *from = images + i * pixels;
    float *to = ret_images + i * pixels;

    for (int64_t k = 0; k < pixels; k++)
      to[k] = (from[k] - mean) / deviation;
  }
}
