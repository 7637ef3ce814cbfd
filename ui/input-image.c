#include "ui/input-image.h"

#include <math.h>

GBytes *
lw_input_image_pixels (const LwDataset *dataset, LwShape input)
{
  const int channels = lw_dataset_channels (dataset);
  const gsize area = (gsize)input.h * (gsize)input.w;
  g_autofree float *values = NULL;
  guint8 *pixels;

  if (lw_dataset_size (dataset, LW_SPLIT_TEST) <= 0)
    return NULL;
  values = g_new (float, area *(gsize)channels);
  pixels = g_malloc (area * 3);
  lw_resize (lw_dataset_image (dataset, LW_SPLIT_TEST, 0), channels, lw_dataset_height (dataset),
             lw_dataset_width (dataset), values, input.h, input.w);
  for (gsize i = 0; i < area; i++)
    for (gsize c = 0; c < 3; c++) {
      const gsize plane = channels >= 3 ? c : 0;

      pixels[3 * i + c] = (guint8)lrintf (CLAMP (values[plane * area + i], 0, 1) * 255);
    }
  return g_bytes_new_take (pixels, area * 3);
}

cairo_surface_t *
lw_input_image_surface (const LwDataset *dataset, LwShape input)
{
  g_autoptr (GBytes) bytes = dataset != NULL ? lw_input_image_pixels (dataset, input) : NULL;
  cairo_surface_t *surface;
  const guint8 *pixels;
  guint8 *rows;

  if (bytes == NULL)
    return NULL;
  pixels = g_bytes_get_data (bytes, NULL);
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, input.w, input.h);
  rows = cairo_image_surface_get_data (surface);
  if (rows == NULL) { /* out of memory: no picture */
    cairo_surface_destroy (surface);
    return NULL;
  }
  for (int32_t y = 0; y < input.h; y++) {
    guint32 *row = (guint32 *)(void *)(rows + y * cairo_image_surface_get_stride (surface));

    for (int32_t x = 0; x < input.w; x++, pixels += 3)
      row[x] = (guint32)pixels[0] << 16 | (guint32)pixels[1] << 8 | pixels[2];
  }
  cairo_surface_mark_dirty (surface);
  return surface;
}
