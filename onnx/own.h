/* Files that Layerwise wrote say of which model of the library they are. */
#pragma once

#include "engine/settings.h"
#include "onnx/onnx.pb-c.h"

G_BEGIN_DECLS

/* Of the metadata; NULL: it has no such key, or what it has is no UTF-8. */
const char *lw_onnx_find_metadata (const Onnx__ModelProto *model, const char *key);
/* The same for engine/weights_metadata.h. */
const char *lw_onnx_find_key (const void *model, const char *key);
/* The metadata's model, if it is what the file holds, layer by layer: its graph, with the library's
 * blocks, and its settings, which do not know how images are normalized; false: another network.
 */
bool lw_onnx_find_own (const Onnx__ModelProto *model, const LwGraph *read, LwGraph **ret_graph,
                       LwSettings **ret_settings);

G_END_DECLS
