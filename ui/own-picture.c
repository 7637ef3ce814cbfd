#include "ui/own-picture.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define MOST_BYTES  (64 * 1024 * 1024)
#define MOST_PIXELS 100e6
#define KEPT_SIDE   1024 /* larger pictures are kept smaller: no network here reads more */
#define CHUNK       65536

struct LwOwnPicture {
  gatomicrefcount references;
  int width, height;
  uint8_t *planes; /* [3][height][width] */
  char *name;
};

LwOwnPicture *
lw_own_picture_new (const uint8_t *rgb, int width, int height, const char *name)
{
  LwOwnPicture *picture = g_new0 (LwOwnPicture, 1);

  g_atomic_ref_count_init (&picture->references);
  picture->width = width;
  picture->height = height;
  picture->planes = g_memdup2 (rgb, 3 * (gsize)width * (gsize)height);
  picture->name = g_strdup (name);
  return picture;
}

LwOwnPicture *
lw_own_picture_ref (LwOwnPicture *picture)
{
  g_atomic_ref_count_inc (&picture->references);
  return picture;
}

void
lw_own_picture_unref (LwOwnPicture *picture)
{
  if (picture == NULL || !g_atomic_ref_count_dec (&picture->references))
    return;
  g_free (picture->planes);
  g_free (picture->name);
  g_free (picture);
}

const char *
lw_own_picture_name (const LwOwnPicture *picture)
{
  return picture->name;
}

/* Planes of interleaved pixels of 3 or 4 bytes; alpha lies on black. Of a large picture means of
 * k × k pixels; what is left at the right and below is cut. */
static LwOwnPicture *
from_interleaved (const uint8_t *pixels, int width, int height, gsize stride, int channels,
                  bool premultiplied, const char *name)
{
  const int k = (MAX (width, height) + KEPT_SIDE - 1) / KEPT_SIDE;
  const int across = MIN (k, width), down = MIN (k, height);
  const int columns = width / across, rows = height / down;
  const gsize area = (gsize)columns * (gsize)rows;
  g_autofree uint8_t *planes = g_malloc (3 * area);

  for (int y = 0; y < rows; y++)
    for (int x = 0; x < columns; x++) {
      int sums[3] = { 0 };

      for (int i = 0; i < across * down; i++) {
        const uint8_t *pixel = pixels + (gsize)(y * down + i / across) * stride +
                               (gsize)(x * across + i % across) * (gsize)channels;
        const int alpha = channels == 4 && !premultiplied ? pixel[3] : 255;

        for (int c = 0; c < 3; c++)
          sums[c] += pixel[c] * alpha / 255;
      }
      for (gsize c = 0; c < 3; c++)
        planes[c * area + (gsize)y * (gsize)columns + (gsize)x] =
            (uint8_t)(sums[c] / (across * down));
    }
  return lw_own_picture_new (planes, columns, rows, name);
}

static LwOwnPicture *
from_pixbuf (const GdkPixbuf *pixbuf, const char *name)
{
  return from_interleaved (gdk_pixbuf_read_pixels (pixbuf), gdk_pixbuf_get_width (pixbuf),
                           gdk_pixbuf_get_height (pixbuf), (gsize)gdk_pixbuf_get_rowstride (pixbuf),
                           gdk_pixbuf_get_n_channels (pixbuf), false, name);
}

LwOwnPicture *
lw_own_picture_from_texture (GdkTexture *texture, const char *name)
{
  const int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  const gsize stride = (gsize)width * 4;
  g_autofree uint8_t *pixels = NULL;

  if ((double)width * height > MOST_PIXELS)
    return NULL;
  pixels = g_malloc (stride * (gsize)height);
  gdk_texture_download (texture, pixels, stride); /* premultiplied 0xAARRGGBB, native order */
  for (gsize i = 0; i < (gsize)width * (gsize)height; i++) {
    const uint8_t blue = pixels[4 * i];

    pixels[4 * i] = pixels[4 * i + 2];
    pixels[4 * i + 2] = blue;
  }
  return from_interleaved (pixels, width, height, stride, 4, true, name);
}

/* --- files
 * ----------------------------------------------------------------------------------------
 */

typedef struct {
  bool too_large;
} Limits;

static void
size_prepared (GdkPixbufLoader *loader, int width, int height, Limits *limits)
{
  const int longer = MAX (width, height);

  if ((double)width * height > MOST_PIXELS) {
    limits->too_large = true;
    gdk_pixbuf_loader_set_size (loader, 1, 1);
  } else if (longer > KEPT_SIDE) {
    gdk_pixbuf_loader_set_size (loader, MAX (1, (int)((gint64)width * KEPT_SIDE / longer)),
                                MAX (1, (int)((gint64)height * KEPT_SIDE / longer)));
  }
}

static bool
feed (GdkPixbufLoader *loader, GFileInputStream *stream, const Limits *limits, const char *name,
      GError **error)
{
  g_autofree uint8_t *chunk = g_malloc (CHUNK);
  gssize n, total = 0;

  while ((n = g_input_stream_read (G_INPUT_STREAM (stream), chunk, CHUNK, NULL, error)) > 0) {
    total += n;
    if (total > MOST_BYTES || limits->too_large) {
      g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                   _ ("%s is too large a picture; make it smaller first."), name);
      return false;
    }
    if (!gdk_pixbuf_loader_write (loader, chunk, (gsize)n, error))
      return false;
  }
  return n == 0;
}

static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  g_autofree char *name = g_file_get_basename (G_FILE (source));
  g_autofree char *shown = g_filename_display_name (name != NULL ? name : "?");
  g_autoptr (GFileInputStream) stream = NULL;
  g_autoptr (GdkPixbuf) turned = NULL;
  g_autoptr (GError) error = NULL;
  Limits limits = { false };
  bool done;

  (void)data;
  (void)cancellable;
  g_signal_connect (loader, "size-prepared", G_CALLBACK (size_prepared), &limits);
  stream = g_file_read (G_FILE (source), NULL, &error);
  done = stream != NULL && feed (loader, stream, &limits, shown, &error);
  done = gdk_pixbuf_loader_close (loader, done ? &error : NULL) && done && !limits.too_large;
  if (done && gdk_pixbuf_loader_get_pixbuf (loader) != NULL) {
    turned = gdk_pixbuf_apply_embedded_orientation (gdk_pixbuf_loader_get_pixbuf (loader));
    g_task_return_pointer (task, from_pixbuf (turned, shown), (GDestroyNotify)lw_own_picture_unref);
  } else if (error != NULL && error->domain == LW_ERROR) {
    g_task_return_error (task, g_steal_pointer (&error));
  } else {
    g_task_return_new_error (task, LW_ERROR, LW_ERROR_FORMAT,
                             _ ("%s cannot be read as a picture (%s); try a PNG or JPEG file."),
                             shown, error != NULL ? error->message : _ ("it is damaged"));
  }
}

void
lw_own_picture_load_async (GFile *file, GAsyncReadyCallback done, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (file, NULL, done, data);

  g_task_run_in_thread (task, load_thread);
}

LwOwnPicture *
lw_own_picture_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- as an input
 * ----------------------------------------------------------------------------------
 */

static double
luma (const LwOwnPicture *picture, int x, int y)
{
  const gsize area = (gsize)picture->width * (gsize)picture->height;
  const uint8_t *at = picture->planes + (gsize)y * (gsize)picture->width + (gsize)x;

  return 0.299 * at[0] + 0.587 * at[area] + 0.114 * at[2 * area];
}

bool
lw_own_picture_is_light (const LwOwnPicture *picture)
{
  const int right = picture->width - 1, bottom = picture->height - 1;
  double sum = 0;

  for (int x = 0; x <= right; x++)
    sum += luma (picture, x, 0) + luma (picture, x, bottom);
  for (int y = 0; y <= bottom; y++)
    sum += luma (picture, 0, y) + luma (picture, right, y);
  return sum / (2.0 * (right + bottom + 2)) > 127.5;
}

/* Of a picture, in its pixels. */
typedef struct {
  int left, top, width, height;
} Part;

/* [channels][h / k][w / k] of a part: means of k × k pixels; what is left at the right and below is
 * cut. */
static uint8_t *
average_down (const LwOwnPicture *picture, Part part, int channels, int k, int *ret_width,
              int *ret_height)
{
  const int width = part.width / k, height = part.height / k;
  const gsize area = (gsize)picture->width * (gsize)picture->height;
  uint8_t *planes = g_malloc ((gsize)channels * (gsize)width * (gsize)height), *at = planes;

  for (int c = 0; c < channels; c++)
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++) {
        double sum = 0;

        for (int i = 0; i < k * k; i++) {
          const int px = part.left + x * k + i % k, py = part.top + y * k + i / k;

          sum +=
              channels == 1
                  ? luma (picture, px, py)
                  : picture
                        ->planes[(gsize)c * area + (gsize)py * (gsize)picture->width + (gsize)px];
        }
        *at++ = (uint8_t)lround (sum / (k * k));
      }
  *ret_width = width;
  *ret_height = height;
  return planes;
}

static Part
part_for (const LwOwnPicture *picture, LwShape input, LwPictureFit fit)
{
  const double across = (double)picture->width / input.w;
  const double down = (double)picture->height / input.h;
  const double scale = fmin (across, down);
  Part part = { 0, 0, picture->width, picture->height };

  if (fit == LW_FIT_WHOLE)
    return part;
  part.width = CLAMP ((int)lround (input.w * scale), 1, picture->width);
  part.height = CLAMP ((int)lround (input.h * scale), 1, picture->height);
  part.left = (picture->width - part.width) / 2;
  part.top = (picture->height - part.height) / 2;
  return part;
}

bool
lw_own_picture_convert (const LwOwnPicture *picture, LwShape input, LwPictureFit fit, bool invert,
                        float *ret_values)
{
  const Part part = part_for (picture, input, fit);
  const double scale = fmin ((double)input.w / part.width, (double)input.h / part.height);
  const bool whole = fit == LW_FIT_WHOLE;
  const int width = whole ? CLAMP ((int)lround (part.width * scale), 1, input.w) : input.w;
  const int height = whole ? CLAMP ((int)lround (part.height * scale), 1, input.h) : input.h;
  const int left = (input.w - width) / 2, top = (input.h - height) / 2;
  const int k = CLAMP ((int)floor (1 / scale), 1, MIN (part.width, part.height));
  g_autofree uint8_t *small = NULL;
  g_autofree float *resized = NULL;
  int small_width, small_height;

  if (input.c != 1 && input.c != 3)
    return false;
  small = average_down (picture, part, input.c, k, &small_width, &small_height);
  resized = g_new (float, (gsize)input.c *(gsize)width *(gsize)height);
  lw_resize (small, input.c, small_height, small_width, resized, height, width);
  memset (ret_values, 0, sizeof (float) * (gsize)lw_shape_size (input));
  for (int c = 0; c < input.c; c++)
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++) {
        const float value =
            resized[((gsize)c * (gsize)height + (gsize)y) * (gsize)width + (gsize)x];

        ret_values[((gsize)c * (gsize)input.h + (gsize)(y + top)) * (gsize)input.w +
                   (gsize)(x + left)] = invert ? 1 - value : value;
      }
  return true;
}

char *
lw_own_picture_problem (int channels)
{
  return g_strdup_printf (_ ("This network reads images with %d channels; a picture has 1 or 3."),
                          channels);
}
