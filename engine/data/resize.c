/* Bilinear interpolation with half-pixel centres. Output pixel o of a side of N looks at
 *
 *     s = max (0, (n / N) · (o + ½) − ½)     i = ⌊s⌋, t = s − i
 *     y = (1 − t) · x[i] + t · x[min (i + 1, n − 1)]
 *
 * of an input side of n; rows and columns separately. The tables are computed in double precision.
 *
 * An input row is stretched horizontally once, into one of two buffers; an output row is then a
 * weighted sum of the two buffers, a loop that compilers vectorize. */
#include "engine/data/resize.h"
#include "engine/data/dataset.h"

struct LwResizer {
  int32_t h, w, height, width;
  int32_t *row, *column;   /* i for each output row and column */
  float *row_t, *column_t; /* t */
};

void
lw_resize_axis (int32_t n, int32_t size, int32_t *ret_index, float *ret_t)
{
  const double scale = (double)n / (double)size;

  for (int32_t o = 0; o < size; o++) {
    const double s = MAX (scale * (o + 0.5) - 0.5, 0.0);
    const int32_t i = MIN ((int32_t)s, n - 1);

    ret_index[o] = i;
    /* At the far edge both neighbours are the last pixel, whatever t is. */
    ret_t[o] = i == n - 1 ? 0.0f : (float)(s - i);
  }
}

LwResizer *
lw_resizer_new (int32_t h, int32_t w, int32_t height, int32_t width)
{
  LwResizer *resizer = g_new (LwResizer, 1);

  *resizer = (LwResizer){ .h = h, .w = w, .height = height, .width = width };
  resizer->row = g_new (int32_t, height);
  resizer->row_t = g_new (float, height);
  resizer->column = g_new (int32_t, width);
  resizer->column_t = g_new (float, width);
  lw_resize_axis (h, height, resizer->row, resizer->row_t);
  lw_resize_axis (w, width, resizer->column, resizer->column_t);
  return resizer;
}

void
lw_resizer_free (LwResizer *resizer)
{
  g_free (resizer->row);
  g_free (resizer->row_t);
  g_free (resizer->column);
  g_free (resizer->column_t);
  g_free (resizer);
}

int64_t
lw_resizer_scratch (const LwResizer *resizer)
{
  return (int64_t)resizer->w + 1 + 2 * (int64_t)resizer->width;
}

static void
scale_bytes (const uint8_t *restrict src, int64_t n, float *restrict dst)
{
  for (int64_t i = 0; i < n; i++)
    dst[i] = (float)src[i] / 255.0f;
}

/* One input row, scaled to [0, 1] and stretched to the output's width. `values`: [w + 1]. */
static void
stretch_row (const LwResizer *resizer, const uint8_t *src, float *restrict values,
             float *restrict stretched)
{
  const int32_t *restrict column = resizer->column;
  const float *restrict t = resizer->column_t;

  scale_bytes (src, resizer->w, values);
  values[resizer->w] = values[resizer->w - 1];
  for (int32_t x = 0; x < resizer->width; x++) {
    const float left = values[column[x]], right = values[column[x] + 1];

    stretched[x] = (1.0f - t[x]) * left + t[x] * right;
  }
}

static void
blend_rows (const float *restrict upper, const float *restrict lower, float t, int32_t n,
            float *restrict dst)
{
  const float s = 1.0f - t;

  for (int32_t x = 0; x < n; x++)
    dst[x] = s * upper[x] + t * lower[x];
}

static void
resize_plane (const LwResizer *resizer, const uint8_t *src, float *dst, float *scratch)
{
  float *values = scratch;
  float *rows[2] = { scratch + resizer->w + 1, scratch + resizer->w + 1 + resizer->width };
  int32_t held[2] = { -1, -1 }; /* which input row each buffer holds; row r is in rows[r & 1] */

  for (int32_t y = 0; y < resizer->height; y++, dst += resizer->width) {
    const int32_t first = resizer->row[y], second = MIN (first + 1, resizer->h - 1);

    for (int32_t r = first; r <= second; r++)
      if (held[r & 1] != r) {
        stretch_row (resizer, src + (int64_t)r * resizer->w, values, rows[r & 1]);
        held[r & 1] = r;
      }
    blend_rows (rows[first & 1], rows[second & 1], resizer->row_t[y], resizer->width, dst);
  }
}

void
lw_resizer_run (const LwResizer *resizer, const uint8_t *src, int32_t c, float *dst, float *scratch)
{
  const int64_t from = (int64_t)resizer->h * resizer->w;
  const int64_t to = (int64_t)resizer->height * resizer->width;

  if (resizer->h == resizer->height && resizer->w == resizer->width) {
    scale_bytes (src, c * from, dst);
    return;
  }
  for (int32_t i = 0; i < c; i++)
    resize_plane (resizer, src + i * from, dst + i * to, scratch);
}

void
lw_resize (const uint8_t *src, int32_t c, int32_t h, int32_t w, float *dst, int32_t height,
           int32_t width)
{
  g_autoptr (LwResizer) resizer = lw_resizer_new (h, w, height, width);
  g_autofree float *scratch = g_new (float, lw_resizer_scratch (resizer));

  lw_resizer_run (resizer, src, c, dst, scratch);
}
