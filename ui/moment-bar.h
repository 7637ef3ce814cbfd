/* LwMomentBar: a slider over the epochs that are there, with Play, the best one starred. Emits
 * `moved` when another one is chosen. Main thread only. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_MOMENT_BAR (lw_moment_bar_get_type ())
G_DECLARE_FINAL_TYPE (LwMomentBar, lw_moment_bar, LW, MOMENT_BAR, GtkWidget)

GtkWidget *lw_moment_bar_new (void);
/* `epochs` [n], ascending; `best`: its place, −1: none; `note`: what there is to say of them, or
 * NULL. */
void lw_moment_bar_set_epochs (LwMomentBar *self, const double *epochs, int n, int best,
                               const char *note);
int lw_moment_bar_place (LwMomentBar *self);
/* Without emitting. */
void lw_moment_bar_set_place (LwMomentBar *self, int place);

G_END_DECLS
