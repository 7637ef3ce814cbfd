#include "tests/draw/canvas.h"

#include <math.h>

Canvas
canvas_new (int width, int height, LwColour ground)
{
  Canvas canvas = { .width = width, .height = height };

  canvas.surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  canvas.cr = cairo_create (canvas.surface);
  lw_set_colour (canvas.cr, ground, 1.0);
  cairo_paint (canvas.cr);
  return canvas;
}

void
canvas_finish (Canvas *canvas, const char *name)
{
  const char *folder = g_getenv ("LAYERWISE_PICTURES");

  g_assert_cmpint (cairo_status (canvas->cr), ==, CAIRO_STATUS_SUCCESS);
  g_assert_cmpint (cairo_surface_status (canvas->surface), ==, CAIRO_STATUS_SUCCESS);
  if (folder != NULL && name != NULL && canvas->width > 0 && canvas->height > 0) {
    g_autofree char *file = g_strconcat (name, ".png", NULL);
    g_autofree char *path = g_build_filename (folder, file, NULL);

    g_assert_cmpint (cairo_surface_write_to_png (canvas->surface, path), ==, CAIRO_STATUS_SUCCESS);
  }
  cairo_destroy (canvas->cr);
  cairo_surface_destroy (canvas->surface);
}

guint32
canvas_pixel (const Canvas *canvas, double x, double y)
{
  const guint8 *data = cairo_image_surface_get_data (canvas->surface);
  int stride = cairo_image_surface_get_stride (canvas->surface);

  if (!(x >= 0.0 && y >= 0.0 && x < canvas->width && y < canvas->height))
    return 0;
  cairo_surface_flush (canvas->surface);
  return *(const guint32 *)(const void *)(data + (size_t)y * stride + (size_t)x * 4) & 0xffffff;
}

static bool
near_colour (guint32 pixel, LwColour colour)
{
  return fabs ((pixel >> 16 & 255) - colour.r * 255.0) <= 6.0 &&
         fabs ((pixel >> 8 & 255) - colour.g * 255.0) <= 6.0 &&
         fabs ((pixel & 255) - colour.b * 255.0) <= 6.0;
}

int
canvas_count_colour (const Canvas *canvas, double x, double y, double width, double height,
                     LwColour colour)
{
  int n = 0;

  for (double row = floor (y); row < y + height; row++) {
    for (double column = floor (x); column < x + width; column++)
      n += near_colour (canvas_pixel (canvas, column, row), colour);
  }
  return n;
}

int
canvas_count_painted (const Canvas *canvas, double x, double y, double width, double height,
                      LwColour ground)
{
  int n = 0;

  for (double row = floor (y); row < y + height; row++) {
    for (double column = floor (x); column < x + width; column++)
      n += !near_colour (canvas_pixel (canvas, column, row), ground);
  }
  return n;
}

static double
linear (double v)
{
  return v <= 0.03928 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

static double
luminance (LwColour colour)
{
  return 0.2126 * linear (colour.r) + 0.7152 * linear (colour.g) + 0.0722 * linear (colour.b);
}

LwColour
blend (LwColour colour, LwColour ground)
{
  double a = colour.a;

  return (LwColour){ a * colour.r + (1.0 - a) * ground.r, a * colour.g + (1.0 - a) * ground.g,
                     a * colour.b + (1.0 - a) * ground.b, 1.0 };
}

double
contrast_ratio (LwColour colour, LwColour ground)
{
  double a = luminance (blend (colour, ground)), b = luminance (ground);

  return (MAX (a, b) + 0.05) / (MIN (a, b) + 0.05);
}

double
normal (GRand *random)
{
  return sqrt (-2.0 * log (1.0 - g_rand_double (random))) *
         cos (2.0 * G_PI * g_rand_double (random));
}
