/* The data of a new training. One thread. */
#pragma once

#include "app/args.h"
#include "engine/data/dataset.h"
#include "engine/settings.h"

G_BEGIN_DECLS

/* The network's channels and classes are made those of the data, unless the command line says
 * otherwise; a note says so. Fails with a sentence where the network cannot. */
bool lw_train_follow_data (const LwArgs *args, LwSettings *settings, const LwDataset *dataset,
                           GError **error);

G_END_DECLS
