/* LwMainWindow: the frame: sidebar, page switcher, the pages, and the actions of menus and
 * shortcuts. It is the one place that advances the live run: once a frame, and only while one is
 * live. */
#pragma once

#include "ui/preferences.h"
#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_MAIN_WINDOW (lw_main_window_get_type ())
G_DECLARE_FINAL_TYPE (LwMainWindow, lw_main_window, LW, MAIN_WINDOW, AdwApplicationWindow)

/* As the preferences say that it was left. */
LwMainWindow *lw_main_window_new (AdwApplication *application, LwWorkbench *workbench,
                                  LwPreferences *preferences);
LwPreferences *lw_main_window_preferences (LwMainWindow *self);
LwWorkbench *lw_main_window_workbench (LwMainWindow *self);
/* "explore", "train", "inspect", "compare"; "welcome". */
void lw_main_window_show_page (LwMainWindow *self, const char *name);
/* A toast with one sentence. */
void lw_main_window_say (LwMainWindow *self, const char *sentence);
/* Takes ownership of the toast. */
void lw_main_window_show_toast (LwMainWindow *self, AdwToast *toast);
void lw_main_window_toggle_sidebar (LwMainWindow *self);
/* Whether the sidebar is shown where there is room for it. */
bool lw_main_window_wants_sidebar (LwMainWindow *self);
const char *lw_main_window_shown_page (LwMainWindow *self);
void lw_main_window_open_export_menu (LwMainWindow *self);
/* A page by its name. */
GtkWidget *lw_main_window_page (LwMainWindow *self, const char *name);

G_END_DECLS
