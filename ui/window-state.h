/* How the window was left: its size, the page, what was selected, where Explore's panes stood and
 * how far its drawing was zoomed; kept in the preferences. Main thread. */
#pragma once

#include "ui/main-window.h"

G_BEGIN_DECLS

/* Before the window is shown. A run is selected as soon as it has been read. */
void lw_window_state_restore (LwMainWindow *window);
/* Puts what changed into the preferences, which are written soon after: a program that is ended
 * from outside has lost seconds. Costs a few comparisons where nothing changed. */
void lw_window_state_keep (LwMainWindow *window);
/* Before the window goes: writes at once. */
void lw_window_state_save (LwMainWindow *window);

G_END_DECLS
