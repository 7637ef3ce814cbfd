/* The options of layerwise train that are settings, and the trainings that take another run's
 * instead:
 * --resume and --repeat. One thread. */
#pragma once

#include "app/args.h"
#include "engine/trainer.h"

G_BEGIN_DECLS

/* Options that are settings of the same name; switches have a value here. `option` NULL: the end.
 */
typedef struct {
  const char *option, *field, *value;
} LwTrainSetting;

extern const LwTrainSetting lw_train_settings[];

/* The run's data and a trainer that is not started yet. `ret_status`: the program's, where it
 * fails. */
LwTrainer *lw_train_resumed (const LwArgs *args, LwCollective *collective, LwDataset **ret_dataset,
                             int *ret_status, GError **error);
/* `ret_differs`: it is computed otherwise than the first one was, so that bits may differ. */
LwTrainer *lw_train_repeated (const LwArgs *args, LwCollective *collective, LwDataset **ret_dataset,
                              bool *ret_differs, int *ret_status, GError **error);

G_END_DECLS
