/* A PNG or JPEG file, as the reader of pictures takes it and as `predict` does: its size, its
 * pixels at that size and at another, and what a network gets. The decoders are gdk-pixbuf's; what
 * becomes of their answers is ours. */
#include "app/image-file.h"
#include "app/pictures/pixbuf-pictures.h"
#include "engine/data/pictures.h"
#include "tests/fuzz/folder.h"

#define MOST_PIXELS (1 << 20) /* larger ones only take time */

static LwPictures *
get_pictures (void)
{
  static LwPictures *pictures;

  if (pictures == NULL) {
    lw_pixbuf_pictures_register ();
    pictures = lw_pictures_get ();
    g_assert_nonnull (pictures);
  }
  return pictures;
}

static void
read_at (const uint8_t *data, size_t size, int32_t width, int32_t height)
{
  const size_t bytes = (size_t)width * (size_t)height * 3;
  g_autofree uint8_t *rgb = g_malloc (bytes);
  GError *error = NULL;
  const bool read = lw_pictures_read (get_pictures (), data, size, width, height, rgb, &error);

  lw_fuzz_check_error (!read, error);
  if (read)
    lw_fuzz_read (rgb, bytes);
}

static void
read_for_network (const uint8_t *data, size_t size, LwPictureFit fit)
{
  GError *error = NULL;
  g_autofree float *values = lw_image_file_read (lw_fuzz_put ("picture", data, size),
                                                 (LwShape){ 3, 5, 7, false }, fit, &error);

  lw_fuzz_check_error (values == NULL, error);
  for (int i = 0; values != NULL && i < 3 * 5 * 7; i++)
    g_assert_true (values[i] >= 0 && values[i] <= 1);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  int32_t width = 0, height = 0;
  const bool measured = lw_pictures_measure (get_pictures (), data, size, &width, &height, &error);

  lw_fuzz_check_error (!measured, error);
  if (measured) {
    g_assert_cmpint (width, >, 0);
    g_assert_cmpint (height, >, 0);
    if ((int64_t)width * height > MOST_PIXELS)
      return 0;
    read_at (data, size, width, height);
    read_at (data, size, 8, 8);
  }
  read_for_network (data, size, LW_FIT_WHOLE);
  read_for_network (data, size, LW_FIT_MIDDLE);
  return 0;
}
