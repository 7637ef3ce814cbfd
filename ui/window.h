/* LwWindow: the frame: sidebar, page switcher, the pages, and the actions of menus and shortcuts.
 * It is the one place that advances the live run: once a frame, and only while one is live. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_WINDOW (lw_window_get_type ())
G_DECLARE_FINAL_TYPE (LwWindow, lw_window, LW, WINDOW, AdwApplicationWindow)

LwWindow *lw_window_new (AdwApplication *application, LwWorkbench *workbench);
LwWorkbench *lw_window_workbench (LwWindow *self);
/* "explore", "train", "inspect". */
void lw_window_show_page (LwWindow *self, const char *name);
/* A toast with one sentence. */
void lw_window_say (LwWindow *self, const char *sentence);
void lw_window_toggle_sidebar (LwWindow *self);
void lw_window_open_export_menu (LwWindow *self);
/* A page by its name. */
GtkWidget *lw_window_page (LwWindow *self, const char *name);

G_END_DECLS
