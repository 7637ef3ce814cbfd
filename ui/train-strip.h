/* LwTrainStrip: the row on top of the Train page: Train / Pause, Step, Stop; epoch, iteration,
 * examples/s, elapsed, remaining, learning rate, device; a thin line of progress below. Of a run
 * that has ended: continue, compare, export, and what came of it. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_TRAIN_STRIP (lw_train_strip_get_type ())
G_DECLARE_FINAL_TYPE (LwTrainStrip, lw_train_strip, LW, TRAIN_STRIP, GtkWidget)

GtkWidget *lw_train_strip_new (LwWorkbench *workbench);
/* Shows what the selection says now. */
void lw_train_strip_update (LwTrainStrip *self);
/* Step and Stop as icons, the device left out. */
void lw_train_strip_set_compact (LwTrainStrip *self, bool compact);

G_END_DECLS
