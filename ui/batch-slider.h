/* LwBatchSlider: a batch size, by a logarithmic slider and as an exact number beside its title.
 * From the first batch that does not fit on, the slider's way is red. Main thread. */
#pragma once

#include "ui/memory-planner.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_BATCH_SLIDER (lw_batch_slider_get_type ())
G_DECLARE_FINAL_TYPE (LwBatchSlider, lw_batch_slider, LW, BATCH_SLIDER, GtkWidget)

/* Sets and follows the planner's batch. `planner`: kept. */
GtkWidget *lw_batch_slider_new (LwMemoryPlanner *planner);

G_END_DECLS
