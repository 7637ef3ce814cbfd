/* LwEpochBar: a slider over the epochs of which there is something to see, with Play (two a second,
 * once through) and a star at the best one. Of a live training the right end may be now. Emits
 * `moved` when another one is chosen. Main thread only. */
#pragma once

#include <adwaita.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define LW_TYPE_EPOCH_BAR (lw_epoch_bar_get_type ())
G_DECLARE_FINAL_TYPE (LwEpochBar, lw_epoch_bar, LW, EPOCH_BAR, GtkWidget)

#define LW_EPOCH_NOW (-1) /* the place of now */

GtkWidget *lw_epoch_bar_new (void);
/* `epochs` [n], ascending; `best`: a place in them, −1: none; `now`: how far a live training is,
 * NAN: there is no now; `planned`: epochs of the whole training; `note`: what there is to say of
 * them, or NULL. Emits nothing. */
void lw_epoch_bar_set_epochs (LwEpochBar *self, const double *epochs, int n, int best, double now,
                              int planned, const char *note);
/* Whether there is more than one to choose from. */
bool lw_epoch_bar_has_choice (LwEpochBar *self);
bool lw_epoch_bar_has_now (LwEpochBar *self);
/* Without emitting. */
void lw_epoch_bar_set_place (LwEpochBar *self, int place);
int lw_epoch_bar_place (LwEpochBar *self);
/* Play waits while this says that the last one is not shown yet: what is slow plays slower and
 * leaves none out. */
void lw_epoch_bar_wait_for (LwEpochBar *self, bool (*busy) (gpointer data), gpointer data);
void lw_epoch_bar_toggle_play (LwEpochBar *self);
bool lw_epoch_bar_is_playing (LwEpochBar *self);
/* The slider, in epochs. */
GtkRange *lw_epoch_bar_range (LwEpochBar *self);

G_END_DECLS
