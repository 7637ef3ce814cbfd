/* Bilinear interpolation with half-pixel centres. Output pixel o of a side of N looks at
 *
 *     s = max (0, (n / N) · (o + ½) − ½)     i = ⌊s⌋, t = s − i
 *     y = (1 − t) · x[i] + t · x[min (i + 1, n − 1)]
 *
 * of an input side of n; rows and columns separately (lw_axis_at).
 *
 * An input row is stretched horizontally once, into one of two buffers; an output row is then a
 * weighted sum of the two buffers, a loop that compilers vectorize. */
#include "engine/data/resize.h"
#include "engine/data/augment_pixel.h"
#include "engine/data/dataset.h"

struct LwResizer {
  int32_t h, w, height, width;
  int32_t widest;          /* w when it was made */
  int32_t *row, *column;   /* i for each output row and column */
  float *row_t, *column_t; /* t */
};

void
lw_resize_axis (int32_t n, int32_t size, int32_t *ret_index, float *ret_t)
{
  for (int32_t o = 0; o < size; o++)
    ret_index[o] = lw_axis_at (n, size, o, &ret_t[o]);
}

LwResizer *
lw_resizer_new (int32_t h, int32_t w, int32_t height, int32_t width)
{
  LwResizer *resizer = g_new (LwResizer, 1);

  *resizer = (LwResizer){ .height = height, .width = width, .widest = w };
  resizer->row = g_new (int32_t, height);
  resizer->row_t = g_new (float, height);
  resizer->column = g_new (int32_t, width);
  resizer->column_t = g_new (float, width);
  lw_resizer_fit (resizer, h, w);
  return resizer;
}

void
lw_resizer_fit (LwResizer *resizer, int32_t h, int32_t w)
{
  if (h != resizer->h)
    lw_resize_axis (h, resizer->height, resizer->row, resizer->row_t);
  if (w != resizer->w)
    lw_resize_axis (w, resizer->width, resizer->column, resizer->column_t);
  resizer->h = h;
  resizer->w = w;
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
  return (int64_t)resizer->widest + 1 + 2 * (int64_t)resizer->width;
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
resize_plane (const LwResizer *resizer, const uint8_t *src, int64_t stride, float *dst,
              float *scratch)
{
  float *values = scratch;
  float *rows[2] = { scratch + resizer->w + 1, scratch + resizer->w + 1 + resizer->width };
  int32_t held[2] = { -1, -1 }; /* which input row each buffer holds; row r is in rows[r & 1] */

  for (int32_t y = 0; y < resizer->height; y++, dst += resizer->width) {
    const int32_t first = resizer->row[y], second = MIN (first + 1, resizer->h - 1);

    for (int32_t r = first; r <= second; r++)
      if (held[r & 1] != r) {
        stretch_row (resizer, src + r * stride, values, rows[r & 1]);
        held[r & 1] = r;
      }
    blend_rows (rows[first & 1], rows[second & 1], resizer->row_t[y], resizer->width, dst);
  }
}

void
lw_resizer_run_part (const LwResizer *resizer, const uint8_t *src, int64_t plane, int64_t row,
                     int32_t c, float *dst, float *scratch)
{
  const int64_t to = (int64_t)resizer->height * resizer->width;
  const bool same = resizer->h == resizer->height && resizer->w == resizer->width;

  for (int32_t i = 0; i < c; i++, src += plane, dst += to)
    if (!same)
      resize_plane (resizer, src, row, dst, scratch);
    else if (row == resizer->w)
      scale_bytes (src, to, dst);
    else
      for (int32_t y = 0; y < resizer->h; y++)
        scale_bytes (src + y * row, resizer->w, dst + (int64_t)y * resizer->w);
}

void
lw_resizer_run (const LwResizer *resizer, const uint8_t *src, int32_t c, float *dst, float *scratch)
{
  lw_resizer_run_part (resizer, src, (int64_t)resizer->h * resizer->w, resizer->w, c, dst, scratch);
}

void
lw_resize (const uint8_t *src, int32_t c, int32_t h, int32_t w, float *dst, int32_t height,
           int32_t width)
{
  g_autoptr (LwResizer) resizer = lw_resizer_new (h, w, height, width);
  g_autofree float *scratch = g_new (float, lw_resizer_scratch (resizer));

  lw_resizer_run (resizer, src, c, dst, scratch);
}
