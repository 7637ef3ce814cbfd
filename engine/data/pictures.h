/* LwPictures: how the engine reads PNG and JPEG files without knowing how they are made: a program
 * implements this interface and registers its type, once at its start, at GIO's extension point
 * LW_PICTURES_POINT (app/pictures does so with gdk-pixbuf). Objects have no state; functions run on
 * any thread, several at a time. Files are not trusted: whatever the bytes are, a function returns,
 * with a sentence where they are no picture. */
#pragma once

#include "engine/error.h"
#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define LW_PICTURES_POINT "layerwise-pictures"

#define LW_TYPE_PICTURES (lw_pictures_get_type ())
G_DECLARE_INTERFACE (LwPictures, lw_pictures, LW, PICTURES, GObject)

struct _LwPicturesInterface {
  GTypeInterface parent;
  /* The size in pixels that the file's beginning says, turned as its EXIF data say. */
  bool (*measure) (LwPictures *self, const uint8_t *bytes, gsize length, int32_t *ret_width,
                   int32_t *ret_height, GError **error);
  /* Scaled so that it covers width × height, with the middle cut out of what stands over; shrunk by
   * averaging. Turned as its EXIF data say; transparent parts lie on black. `ret_rgb`:
   * [height][width][3]. */
  bool (*read) (LwPictures *self, const uint8_t *bytes, gsize length, int32_t width, int32_t height,
                uint8_t *ret_rgb, GError **error);
};

/* The one that the program registered, a new reference; NULL: none. */
LwPictures *lw_pictures_get (void);
bool lw_pictures_measure (LwPictures *self, const uint8_t *bytes, gsize length, int32_t *ret_width,
                          int32_t *ret_height, GError **error);
bool lw_pictures_read (LwPictures *self, const uint8_t *bytes, gsize length, int32_t width,
                       int32_t height, uint8_t *ret_rgb, GError **error);

G_END_DECLS
