#include "engine/data/pictures.h"

G_DEFINE_INTERFACE (LwPictures, lw_pictures, G_TYPE_OBJECT)

static void
lw_pictures_default_init (LwPicturesInterface *iface)
{
  (void)iface;
}

LwPictures *
lw_pictures_get (void)
{
  GIOExtensionPoint *point = g_io_extension_point_lookup (LW_PICTURES_POINT);
  GList *first = point != NULL ? g_io_extension_point_get_extensions (point) : NULL;

  return first != NULL ? g_object_new (g_io_extension_get_type (first->data), NULL) : NULL;
}

bool
lw_pictures_measure (LwPictures *self, const uint8_t *bytes, gsize length, int32_t *ret_width,
                     int32_t *ret_height, GError **error)
{
  return LW_PICTURES_GET_IFACE (self)->measure (self, bytes, length, ret_width, ret_height, error);
}

bool
lw_pictures_read (LwPictures *self, const uint8_t *bytes, gsize length, int32_t width,
                  int32_t height, uint8_t *ret_rgb, GError **error)
{
  return LW_PICTURES_GET_IFACE (self)->read (self, bytes, length, width, height, ret_rgb, error);
}
