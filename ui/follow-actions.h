/* Actions of the window about runs on other machines: `follow-run`, `unfollow-run` (the selected).
 */
#pragma once

#include "ui/main-window.h"

G_BEGIN_DECLS

void lw_follow_actions_install (LwMainWindow *window);
void lw_follow_actions_update (LwMainWindow *window);
/* Asks for an address; one that is given is connected to at once. */
void lw_follow_actions_open (LwMainWindow *window, const char *address);
/* Ends following this one, and says so. */
void lw_follow_actions_end (LwMainWindow *window, LwRunItem *run);

G_END_DECLS
