#include "app/pictures/pixbuf-pictures.h"

#ifdef LW_WITH_PIXBUF
#include "engine/data/pictures.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n.h>
#include <string.h>

#define MOST_PIXELS 100e6
#define FIRST_BYTES 16384 /* of a file, in which its size mostly stands */

#define LW_TYPE_PIXBUF_PICTURES (lw_pixbuf_pictures_get_type ())
G_DECLARE_FINAL_TYPE (LwPixbufPictures, lw_pixbuf_pictures, LW, PIXBUF_PICTURES, GObject)

struct _LwPixbufPictures {
  GObject parent;
};

static void implement_pictures (LwPicturesInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (LwPixbufPictures, lw_pixbuf_pictures, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (LW_TYPE_PICTURES, implement_pictures))

/* gdk-pixbuf knows many kinds of files; the two that are promised are chosen here, by how they
 * begin, so that no other loader meets a stranger's file. */
static GdkPixbufLoader *
new_loader (const uint8_t *bytes, gsize length, GError **error)
{
  GdkPixbufLoader *loader = NULL;
  g_autoptr (GError) own = NULL;
  const char *type = NULL;

  if (length >= 8 && memcmp (bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
    type = "png";
  else if (length >= 3 && memcmp (bytes, "\xff\xd8\xff", 3) == 0)
    type = "jpeg";
  if (type == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("it is neither a PNG nor a JPEG file"));
    return NULL;
  }
  loader = gdk_pixbuf_loader_new_with_type (type, &own);
  if (loader == NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED, "%s", own->message);
  return loader;
}

typedef struct {
  int width, height;
  gboolean measured, only_measure;
} Size;

static gboolean
is_too_large (const Size *size)
{
  return (double)size->width * size->height > MOST_PIXELS;
}

static void
size_prepared (GdkPixbufLoader *loader, int width, int height, Size *size)
{
  size->width = width;
  size->height = height;
  size->measured = TRUE;
  if (is_too_large (size)) /* the loaders then end before they take memory for the pixels */
    gdk_pixbuf_loader_set_size (loader, 0, 0);
}

/* Feeds the loader until the size is known, then the rest where the pixels are wanted. */
static gboolean
feed (GdkPixbufLoader *loader, const uint8_t *bytes, gsize length, Size *size, GError **error)
{
  gsize done = 0;
  g_autoptr (GError) own = NULL;
  gboolean good = TRUE;

  while (good && done < length &&
         !(size->measured && (size->only_measure || is_too_large (size)))) {
    const gsize n = MIN (length - done, size->measured ? length : FIRST_BYTES);

    good = gdk_pixbuf_loader_write (loader, bytes + done, n, &own);
    done += n;
  }
  if (size->measured && is_too_large (size)) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("it has more than 100 million pixels"));
    good = FALSE;
  } else if (!good || !size->measured) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, "%s",
                 own != NULL ? own->message : _ ("it is damaged or cut off"));
    good = FALSE;
  }
  return good;
}

/* Whether its EXIF data lay it on its side: their orientations 5 to 8. A loader knows them with the
 * size. */
static gboolean
lies_on_its_side (GdkPixbufLoader *loader)
{
  GdkPixbuf *pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  const char *orientation = pixbuf != NULL ? gdk_pixbuf_get_option (pixbuf, "orientation") : NULL;

  return orientation != NULL && *orientation >= '5';
}

static bool
measure (LwPictures *self, const uint8_t *bytes, gsize length, int32_t *ret_width,
         int32_t *ret_height, GError **error)
{
  g_autoptr (GdkPixbufLoader) loader = new_loader (bytes, length, error);
  Size size = { .only_measure = TRUE };
  gboolean good, turned;

  (void)self;
  if (loader == NULL)
    return false;
  g_signal_connect (loader, "size-prepared", G_CALLBACK (size_prepared), &size);
  good = feed (loader, bytes, length, &size, error);
  turned = good && lies_on_its_side (loader);
  gdk_pixbuf_loader_close (loader, NULL);
  *ret_width = turned ? size.height : size.width;
  *ret_height = turned ? size.width : size.height;
  return good;
}

/* Its pixels over black, scaled and cut. */
static bool
cover (GdkPixbuf *pixbuf, int32_t width, int32_t height, uint8_t *ret_rgb, GError **error)
{
  const int from_w = gdk_pixbuf_get_width (pixbuf), from_h = gdk_pixbuf_get_height (pixbuf);
  const double scale = MAX ((double)width / from_w, (double)height / from_h);
  g_autoptr (GdkPixbuf) to = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);
  const guint8 *pixels;

  if (to == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY, _ ("there is not enough memory for it"));
    return false;
  }
  gdk_pixbuf_fill (to, 0x000000ff);
  /* Averages where it shrinks (gdk-pixbuf's GDK_INTERP_BILINEAR). */
  gdk_pixbuf_composite (pixbuf, to, 0, 0, width, height, (width - scale * from_w) / 2,
                        (height - scale * from_h) / 2, scale, scale,
                        scale == 1 ? GDK_INTERP_NEAREST : GDK_INTERP_BILINEAR, 255);
  pixels = gdk_pixbuf_read_pixels (to);
  for (int32_t y = 0; y < height; y++)
    memcpy (ret_rgb + (gsize)y * (gsize)width * 3,
            pixels + (gsize)y * (gsize)gdk_pixbuf_get_rowstride (to), (gsize)width * 3);
  return true;
}

static bool
read_picture (LwPictures *self, const uint8_t *bytes, gsize length, int32_t width, int32_t height,
              uint8_t *ret_rgb, GError **error)
{
  g_autoptr (GdkPixbufLoader) loader = new_loader (bytes, length, error);
  g_autoptr (GdkPixbuf) turned = NULL;
  g_autoptr (GError) own = NULL;
  Size size = { 0 };
  gboolean good, closed;

  (void)self;
  if (loader == NULL)
    return false;
  g_signal_connect (loader, "size-prepared", G_CALLBACK (size_prepared), &size);
  good = feed (loader, bytes, length, &size, error);
  closed = gdk_pixbuf_loader_close (loader, good ? &own : NULL);
  if (good && (!closed || gdk_pixbuf_loader_get_pixbuf (loader) == NULL)) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, "%s",
                 own != NULL ? own->message : _ ("it is damaged or cut off"));
    return false;
  }
  if (!good)
    return false;
  turned = gdk_pixbuf_apply_embedded_orientation (gdk_pixbuf_loader_get_pixbuf (loader));
  return cover (turned, width, height, ret_rgb, error);
}

static void
implement_pictures (LwPicturesInterface *iface)
{
  iface->measure = measure;
  iface->read = read_picture;
}

static void
lw_pixbuf_pictures_class_init (LwPixbufPicturesClass *klass)
{
  (void)klass;
}

static void
lw_pixbuf_pictures_init (LwPixbufPictures *self)
{
  (void)self;
}

void
lw_pixbuf_pictures_register (void)
{
  GIOExtensionPoint *point = g_io_extension_point_register (LW_PICTURES_POINT);

  g_io_extension_point_set_required_type (point, LW_TYPE_PICTURES);
  g_io_extension_point_implement (LW_PICTURES_POINT, LW_TYPE_PIXBUF_PICTURES, "gdk-pixbuf", 10);
}

#else

void
lw_pixbuf_pictures_register (void)
{
}

#endif
