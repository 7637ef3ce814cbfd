/* The window's actions on saved variants: win.save-variant, win.rename-variant and
 * win.delete-variant (both with the variant's name), and undoing a deletion from its toast. */
#pragma once

#include "ui/main-window.h"

G_BEGIN_DECLS

void lw_variant_actions_install (LwMainWindow *window);
/* Which of them can be done now. */
void lw_variant_actions_update (LwMainWindow *window);

G_END_DECLS
