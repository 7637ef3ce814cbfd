/* Cairo surfaces over a growing byte array, and the one place that writes them to disk. */
#include "ui/draw/export.h"

#include "engine/error.h"
#include "ui/draw/text.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* Cairo's image surfaces end at 32,767 pixels a side. */
#define MAX_SIDE 30000

static const char *const endings[] = { ".png", ".svg", ".pdf" };

bool
lw_picture_format (const char *path, LwPictureFormat *ret_format, GError **error)
{
  const size_t length = strlen (path);
  for (size_t i = 0; i < G_N_ELEMENTS (endings); i++)
    if (length > 4 && g_ascii_strcasecmp (path + length - 4, endings[i]) == 0) {
      *ret_format = (LwPictureFormat)i;
      return true;
    }
  g_autofree char *name = g_path_get_basename (path);
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("“%s” does not say which kind of picture to write; end the name in .png, .svg or "
                  ".pdf"),
               name);
  return false;
}

static cairo_status_t
append_bytes (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

/* The collected words go in before the closing tag. Cairo's own numbers are in points with a
 * viewBox of the same size, so the words' coordinates are the picture's. */
static void
insert_words (GByteArray *svg, const char *words)
{
  static const char closing[] = "</svg>";
  const size_t n = sizeof closing - 1;
  for (size_t at = svg->len; at >= n; at--)
    if (memcmp (svg->data + at - n, closing, n) == 0) {
      g_byte_array_set_size (svg, (guint)(at - n));
      g_byte_array_append (svg, (const guint8 *)words, (guint)strlen (words));
      g_byte_array_append (svg, (const guint8 *)"</svg>\n", 7);
      return;
    }
}

GBytes *
lw_render_picture (LwPictureFormat format, double width, double height, double scale,
                   LwPaintFunc paint, gpointer user_data, GError **error)
{
  const double w = ceil (width * scale), h = ceil (height * scale);
  if (!(scale >= 0.1 && scale <= 16) || !(w >= 1 && h >= 1) || w > MAX_SIDE || h > MAX_SIDE) {
    g_set_error (
        error, LW_ERROR, LW_ERROR_INVALID,
        _ ("a picture of %.0f × %.0f pixels cannot be written; its sides may be 1 to %d, so "
           "choose another scale"),
        w, h, MAX_SIDE);
    return NULL;
  }

  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  cairo_surface_t *surface;
  if (format == LW_PICTURE_PNG) {
    surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int)w, (int)h);
  } else if (format == LW_PICTURE_SVG) {
    surface = cairo_svg_surface_create_for_stream (append_bytes, bytes, w, h);
    cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PX);
    lw_text_collect (surface);
  } else {
    surface = cairo_pdf_surface_create_for_stream (append_bytes, bytes, w, h);
  }

  cairo_t *cr = cairo_create (surface);
  cairo_scale (cr, scale, scale);
  paint (cr, user_data);
  cairo_status_t status = cairo_status (cr);
  cairo_destroy (cr);
  g_autofree char *words = lw_text_collected (surface);
  if (status == CAIRO_STATUS_SUCCESS && format == LW_PICTURE_PNG)
    status = cairo_surface_write_to_png_stream (surface, append_bytes, bytes);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);

  if (status != CAIRO_STATUS_SUCCESS) {
    g_set_error (error, LW_ERROR,
                 status == CAIRO_STATUS_NO_MEMORY ? LW_ERROR_MEMORY : LW_ERROR_INVALID,
                 _ ("the picture of %.0f × %.0f pixels could not be drawn: %s"), w, h,
                 cairo_status_to_string (status));
    return NULL;
  }
  if (words)
    insert_words (bytes, words);
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

bool
lw_export_picture (const char *path, double width, double height, double scale, LwPaintFunc paint,
                   gpointer user_data, GError **error)
{
  LwPictureFormat format;
  if (!lw_picture_format (path, &format, error))
    return false;
  g_autoptr (GBytes) bytes =
      lw_render_picture (format, width, height, scale, paint, user_data, error);
  if (!bytes)
    return false;

  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autoptr (GError) problem = NULL;
  if (!g_file_set_contents_full (path, data, (gssize)size, G_FILE_SET_CONTENTS_CONSISTENT, 0644,
                                 &problem)) {
    g_autofree char *folder = g_path_get_dirname (path);
    g_set_error (error, LW_ERROR, LW_ERROR_IO,
                 _ ("the picture could not be saved: %s; choose a folder that you may write to "
                    "instead of %s"),
                 problem->message, folder);
    return false;
  }
  return true;
}
