/* LwExperimentPicture: what an experiment shows beside curves: the first layer's filters as tiles,
 * or the gradient's length by depth of its runs. Main thread. */
#pragma once

#include "ui/experiment-set.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_EXPERIMENT_PICTURE (lw_experiment_picture_get_type ())
G_DECLARE_FINAL_TYPE (LwExperimentPictureView, lw_experiment_picture, LW, EXPERIMENT_PICTURE,
                      GtkWidget)

GtkWidget *lw_experiment_picture_new (void);
/* Hidden while there is nothing to show. */
void lw_experiment_picture_show (LwExperimentPictureView *self, LwExperimentSet *set,
                                 const LwExperiment *experiment, LwExperimentSize size);

G_END_DECLS
