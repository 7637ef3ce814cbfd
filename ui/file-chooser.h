/* Asking for a file or a folder. Main thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* `object` is what asked, `what` for what: constant, or NULL. */
typedef void (*LwPathFunc) (gpointer object, const char *path, gconstpointer what);

/* Where to write: `name` is offered, in one of the formats whose endings these are
 * (NULL-terminated; the title of each is its ending in capitals). Calls `chosen` unless nothing
 * was, or `object`, a GObject, is gone by then. */
void
lw_choose_file (GtkWindow *window, const char *title, const char *name, const char *const *endings,
                LwPathFunc chosen, gpointer object, gconstpointer what);
void lw_choose_folder (GtkWindow *window, const char *title, LwPathFunc chosen, gpointer object);

G_END_DECLS
