/* LwEpochBar: a slider over the epochs that are there, with Play, the best one starred. Emits
 * `moved` when another one is chosen. Main thread only. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_EPOCH_BAR (lw_epoch_bar_get_type ())
G_DECLARE_FINAL_TYPE (LwEpochBar, lw_epoch_bar, LW, EPOCH_BAR, GtkWidget)

GtkWidget *lw_epoch_bar_new (void);
/* `epochs` [n], ascending; `best`: its place, −1: none; `note`: what there is to say of them, or
 * NULL. */
void
lw_epoch_bar_set_epochs (LwEpochBar *self, const double *epochs, int n, int best, const char *note);
int lw_epoch_bar_place (LwEpochBar *self);
/* Without emitting. */
void lw_epoch_bar_set_place (LwEpochBar *self, int place);

G_END_DECLS
