/* layerwise export --format onnx. One thread. */
#pragma once

#include "app/weights.h"

G_BEGIN_DECLS

/* Writes the network with its weights; `names` as --names, or NULL. Of what the data calls its
 * classes it says so too, where the data is there. Fails with a sentence. */
bool lw_export_onnx (LwWeights *weights, const char *names, const char *device, const char *path,
                     GError **error);

G_END_DECLS
