/* LwBnLessons: what the book says about batch normalization, as buttons that train it: the same
 * network with and without, at learning rates 0.1 and 1.0, with batches of 2 and of 256. The
 * selected run is one side where it fits; what is missing is trained, one run after the other, and
 * then the runs are shown beside each other in Compare. Stopping a run ends the lesson. Main thread
 * only. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_BN_LESSONS (lw_bn_lessons_get_type ())
G_DECLARE_FINAL_TYPE (LwBnLessons, lw_bn_lessons, LW, BN_LESSONS, GtkWidget)

GtkWidget *lw_bn_lessons_new (LwWorkbench *workbench);
/* Trains the selected network with batch normalization: its knob turned, or LeNet + BN for LeNet.
 */
void lw_bn_lessons_train_with (LwBnLessons *self);
/* Whether the selected network can have it. */
bool lw_bn_lessons_can_train_with (LwBnLessons *self);

G_END_DECLS
