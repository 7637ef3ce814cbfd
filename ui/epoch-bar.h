/* LwEpochBar: the epochs whose weights a run has kept, as a slider with Play (two a second, once
 * through): what is shown follows. A star marks the best epoch; of a live training the right end is
 * now. Moves an LwActivationSource; hidden while there is nothing to move over. Main thread. */
#pragma once

#include "ui/activation-source.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_EPOCH_BAR (lw_epoch_bar_get_type ())
G_DECLARE_FINAL_TYPE (LwEpochBar, lw_epoch_bar, LW, EPOCH_BAR, GtkWidget)

GtkWidget *lw_epoch_bar_new (LwWorkbench *workbench, LwActivationSource *source);
void lw_epoch_bar_toggle_play (LwEpochBar *self);
bool lw_epoch_bar_is_playing (LwEpochBar *self);
/* The slider, in epochs. */
GtkRange *lw_epoch_bar_range (LwEpochBar *self);

G_END_DECLS
