/* LwCompareTraining: trains the networks of a set one after the other with their Quick settings, as
 * a group of the queue. Stopping one takes the others of the set with it. Main thread. */
#pragma once

#include "ui/compare-set.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_COMPARE_TRAINING (lw_compare_training_get_type ())
G_DECLARE_FINAL_TYPE (LwCompareTraining, lw_compare_training, LW, COMPARE_TRAINING, GObject)

/* Signal `changed`: its runs went on. */
LwCompareTraining *lw_compare_training_new (LwWorkbench *workbench);
/* Copies what the set holds. False and a sentence when there is no data to train with. */
bool lw_compare_training_start (LwCompareTraining *self, LwCompareSet *set, GError **error);
bool lw_compare_training_is_busy (LwCompareTraining *self);
/* "Training AlexNet, then NiN"; NULL when nothing is trained from here; g_free. */
char *lw_compare_training_status (LwCompareTraining *self);

G_END_DECLS
