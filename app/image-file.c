#include "app/image-file.h"

#include "engine/data/dataset.h"
#include "engine/error.h"

#include <glib/gi18n.h>
#include <math.h>

#ifdef LW_WITH_DRAW
#include <cairo.h>

#define LARGEST_SIDE 16384

/* One pixel of Cairo's premultiplied 0xAARRGGBB as the planes of an image. Premultiplied colour is
 * the colour over black. Luma: ITU-R BT.601. */
static void
split_pixel (uint32_t pixel, int32_t channels, uint8_t *plane, gsize plane_size)
{
  const double red = (pixel >> 16) & 255, green = (pixel >> 8) & 255, blue = pixel & 255;

  if (channels == 1) {
    plane[0] = (uint8_t)lround (0.299 * red + 0.587 * green + 0.114 * blue);
    return;
  }
  plane[0] = (uint8_t)red;
  plane[plane_size] = (uint8_t)green;
  plane[2 * plane_size] = (uint8_t)blue;
}

/* The picture as 32-bit pixels, whatever depth the file has. */
static cairo_surface_t *
read_surface (const char *path, GError **error)
{
  cairo_surface_t *file = cairo_image_surface_create_from_png (path), *surface;
  const cairo_status_t status = cairo_surface_status (file);
  const int width = cairo_image_surface_get_width (file);
  const int height = cairo_image_surface_get_height (file);
  cairo_t *cr;

  if (status != CAIRO_STATUS_SUCCESS || width > LARGEST_SIDE || height > LARGEST_SIDE) {
    cairo_surface_destroy (file);
    if (status == CAIRO_STATUS_SUCCESS)
      g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("%s is larger than %d × %d pixels"), path,
                   LARGEST_SIDE, LARGEST_SIDE);
    else
      g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                   _ ("%s cannot be read as a PNG image (%s); other kinds of images must be "
                      "converted to PNG first"),
                   path, cairo_status_to_string (status));
    return NULL;
  }
  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cr = cairo_create (surface);
  cairo_set_source_surface (cr, file, 0, 0);
  cairo_set_operator (cr, CAIRO_OPERATOR_SOURCE);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_destroy (file);
  cairo_surface_flush (surface);
  return surface;
}

float *
lw_image_file_read (const char *path, LwShape input, GError **error)
{
  cairo_surface_t *surface;
  g_autofree uint8_t *planes = NULL;
  float *values;
  int width, height, stride;

  if (input.c != 1 && input.c != 3) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("the network takes images with %d channels; an image file has 1 or 3"),
                 input.c);
    return NULL;
  }
  surface = read_surface (path, error);
  if (surface == NULL)
    return NULL;
  width = cairo_image_surface_get_width (surface);
  height = cairo_image_surface_get_height (surface);
  stride = cairo_image_surface_get_stride (surface);
  planes = g_malloc ((gsize)input.c * (gsize)width * (gsize)height);
  for (int y = 0; y < height; y++) {
    const uint32_t *row =
        (const uint32_t *)(const void *)(cairo_image_surface_get_data (surface) + y * stride);

    for (int x = 0; x < width; x++)
      split_pixel (row[x], input.c, planes + (gsize)y * (gsize)width + (gsize)x,
                   (gsize)width * (gsize)height);
  }
  cairo_surface_destroy (surface);
  values = g_new (float, (gsize)lw_shape_size (input));
  lw_resize (planes, input.c, height, width, values, input.h, input.w);
  return values;
}

#else

float *
lw_image_file_read (const char *path, LwShape input, GError **error)
{
  (void)input;
  g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
               _ ("%s cannot be read, because this build has no Cairo: install libcairo2-dev and "
                  "libpango1.0-dev, then ./run --build"),
               path);
  return NULL;
}

#endif
