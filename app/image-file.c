#include "app/image-file.h"

#include "engine/data/pictures.h"
#include "engine/formats/file.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define MAX_FILE_BYTES (64 << 20)
#define LARGEST_SIDE   16384

typedef struct {
  uint8_t *rgb; /* [height][width][3]; g_free */
  int32_t width, height;
  int32_t across, down; /* what it fills of the input */
} Picture;

/* From the size of all of it to what is read: no more than it fills, and of a smaller picture as it
 * is. */
static void
choose_size (Picture *picture, LwShape input, LwPictureFit fit)
{
  const double x = (double)picture->width / input.w, y = (double)picture->height / input.h;
  const double scale = fit == LW_FIT_WHOLE ? fmax (x, y) : fmin (x, y);

  picture->across = CLAMP ((int32_t)lround (picture->width / scale), 1, input.w);
  picture->down = CLAMP ((int32_t)lround (picture->height / scale), 1, input.h);
  picture->width = MAX (1, (int32_t)lround (picture->across * fmin (scale, 1)));
  picture->height = MAX (1, (int32_t)lround (picture->down * fmin (scale, 1)));
}

static bool
read_picture (const char *path, const char *name, LwShape input, LwPictureFit fit, Picture *picture,
              GError **error)
{
  g_autoptr (LwPictures) pictures = lw_pictures_get ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) problem = NULL;
  const uint8_t *data;
  gsize length;

  if (pictures == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("%s cannot be read, because this build reads no pictures: install "
                    "libgdk-pixbuf-2.0-dev, then ./run --build"),
                 name);
    return false;
  }
  bytes = lw_file_read (path, MAX_FILE_BYTES, error);
  if (bytes == NULL)
    return false;
  data = g_bytes_get_data (bytes, &length);
  if (lw_pictures_measure (pictures, data, length, &picture->width, &picture->height, &problem)) {
    if (MAX (picture->width, picture->height) > LARGEST_SIDE) {
      g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("%s is larger than %d × %d pixels"), name,
                   LARGEST_SIDE, LARGEST_SIDE);
      return false;
    }
    choose_size (picture, input, fit);
    picture->rgb = lw_file_memory ((int64_t)picture->width * picture->height * 3, name, error);
    if (picture->rgb == NULL)
      return false;
    if (lw_pictures_read (pictures, data, length, picture->width, picture->height, picture->rgb,
                          &problem))
      return true;
  }
  g_set_error (error, LW_ERROR, problem->code,
               _ ("%s cannot be read as a picture (%s); try a PNG or JPEG file."), name,
               problem->message);
  return false;
}

/* Luma: ITU-R BT.601. */
static void
split_pixels (const Picture *picture, int32_t channels, uint8_t *planes)
{
  const gsize size = (gsize)picture->width * (gsize)picture->height;
  const uint8_t *rgb = picture->rgb;

  for (gsize i = 0; i < size; i++, rgb += 3) {
    if (channels == 1)
      planes[i] = (uint8_t)lround (0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]);
    for (gsize c = 0; channels == 3 && c < 3; c++)
      planes[c * size + i] = rgb[c];
  }
}

/* [c][h][w] of the input, black where the picture does not fill it. */
static float *
resize (const uint8_t *planes, const Picture *picture, LwShape input)
{
  const int32_t left = (input.w - picture->across) / 2, top = (input.h - picture->down) / 2;
  const int32_t across = picture->across, down = picture->down;
  g_autofree float *resized = g_new (float, (gsize)input.c *(gsize)down *(gsize)across);
  float *values = g_new0 (float, (gsize)lw_shape_size (input));

  lw_resize (planes, input.c, picture->height, picture->width, resized, down, across);
  for (int32_t c = 0; c < input.c; c++)
    for (int32_t y = 0; y < down; y++)
      memcpy (values + ((gsize)c * (gsize)input.h + (gsize)(top + y)) * (gsize)input.w + left,
              resized + ((gsize)c * (gsize)down + (gsize)y) * (gsize)across,
              sizeof *values * (gsize)across);
  return values;
}

float *
lw_image_file_read (const char *path, LwShape input, LwPictureFit fit, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree uint8_t *planes = NULL;
  Picture picture = { 0 };
  float *values = NULL;

  if (input.c != 1 && input.c != 3) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("the network takes images with %d channels; an image file has 1 or 3"),
                 input.c);
    return NULL;
  }
  if (read_picture (path, name, input, fit, &picture, error))
    planes = lw_file_memory ((int64_t)input.c * picture.width * picture.height, name, error);
  if (planes != NULL) {
    split_pixels (&picture, input.c, planes);
    values = resize (planes, &picture, input);
  }
  g_free (picture.rgb);
  return values;
}
