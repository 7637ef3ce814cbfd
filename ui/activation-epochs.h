/* The epoch bar of an LwActivationSource: the weights that a run has kept, and of a live training
 * now; hidden while there is nothing to choose from. Main thread. */
#pragma once

#include "ui/activation-source.h"
#include "ui/epoch-bar.h"

G_BEGIN_DECLS

/* An LwEpochBar; what is chosen in it is what the source shows. */
GtkWidget *lw_activation_epochs_new (LwActivationSource *source);

G_END_DECLS
