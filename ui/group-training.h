/* LwGroupTraining: a page trains several runs one after the other, as a group of the queue.
 * Stopping one takes the others with it: it was the comparison that was wanted. Signals `changed`
 * (its runs went on) and `finished` (boolean: none of them was stopped). Main thread. */
#pragma once

#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_GROUP_TRAINING (lw_group_training_get_type ())
G_DECLARE_FINAL_TYPE (LwGroupTraining, lw_group_training, LW, GROUP_TRAINING, GObject)

LwGroupTraining *lw_group_training_new (LwWorkbench *workbench);
/* Copies the runs (LwSweepRun); the first is selected when it begins. False and a sentence when
 * there is no data to train with. */
bool lw_group_training_start (LwGroupTraining *self, const GPtrArray *runs, const char *name,
                              GError **error);
bool lw_group_training_is_busy (LwGroupTraining *self);
/* Which of its runs trains, from 1, and how many they are; 0 when nothing is trained from here. */
int lw_group_training_place (LwGroupTraining *self, int *ret_n);
/* "Training AlexNet, then NiN"; NULL when nothing is trained from here; g_free. */
char *lw_group_training_status (LwGroupTraining *self);

G_END_DECLS
