/* The preferences as a window: appearance and language, where trainings run and how much of the
 * machine they leave to others, where runs lie. Changes hold at once, or from the next start on
 * where a row says so. Main thread. */
#pragma once

#include "ui/preferences.h"
#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

/* A new window over `parent`, not shown yet. */
GtkWidget *
lw_preferences_window_new (GtkWindow *parent, LwPreferences *preferences, LwWorkbench *workbench);
/* Follows `preferences`: the window's colours, and what new drafts of `workbench` begin with. */
void lw_preferences_apply (LwPreferences *preferences, LwWorkbench *workbench);

G_END_DECLS
