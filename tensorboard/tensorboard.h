/* A run for TensorBoard: a folder with an event file. A build without protobuf-c has the same
 * function, which fails with LW_ERROR_UNSUPPORTED and says what to install. Reentrant. */
#pragma once

#include "engine/run.h"

G_BEGIN_DECLS

/* Writes FOLDER/events.out.tfevents.SECONDS.layerwise, of the run's first second, beside and
 * renamed; the folder is made. One that holds the events of another run is refused: TensorBoard
 * would draw both as one.
 *   scalars     train/loss, train/accuracy, train/learning_rate, train/examples_per_second of every
 *               step; epoch/train_loss, epoch/train_accuracy, test/loss, test/accuracy of every
 *               epoch; setting/NAME of what was changed
 *   histograms  outputs/LAYER, weights/LAYER, gradients/LAYER, as far as the run recorded them
 *   text        network/layers, a table of the layers with their shapes; network/settings
 * Times are those of the training, pauses left out. */
bool lw_tensorboard_write (const LwRun *run, const char *folder, GError **error);

G_END_DECLS
