/* Pictures as files: one paint function, three formats.
 *
 * The format follows the name's ending: .png, .svg or .pdf. The picture is made in memory first and
 * the file is written beside and renamed, so a failure leaves what was there before. Words stay
 * text in SVG and PDF (see text.h). Threads: any one thread, together with the LwText in use. */
#pragma once

#include <cairo.h>
#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef void (*LwPaintFunc) (cairo_t *cr, gpointer user_data);

typedef enum { LW_PICTURE_PNG, LW_PICTURE_SVG, LW_PICTURE_PDF } LwPictureFormat;

/* The format of a name's ending, upper or lower case. Fails with LW_ERROR_INVALID. */
bool lw_picture_format (const char *path, LwPictureFormat *ret_format, GError **error);

/* Paints `width` × `height` logical pixels, `scale` times as large (PNG: pixels; SVG and PDF:
 * points), into `path`. The ground is transparent; `paint` fills it if it wants one.
 * `scale`: 0.1 to 16. Fails with LW_ERROR_INVALID for an unknown ending or a size beyond 30,000
 * pixels a side, LW_ERROR_MEMORY, and LW_ERROR_IO when the file cannot be written. */
bool lw_export_picture (const char *path, double width, double height, double scale,
                        LwPaintFunc paint, gpointer user_data, GError **error);

/* The same into memory. */
GBytes *lw_render_picture (LwPictureFormat format, double width, double height, double scale,
                           LwPaintFunc paint, gpointer user_data, GError **error);

G_END_DECLS
