/* Reads PNG and JPEG files with gdk-pixbuf for the engine (engine/data/pictures.h). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Registers it; at a program's start, on its first thread. More often does no harm, and nothing is
 * registered in a build without gdk-pixbuf. */
void lw_pixbuf_pictures_register (void);

G_END_DECLS
