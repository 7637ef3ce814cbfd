/* One or two sentences of teaching about a layer, a block or a whole network. A lesson is chosen by
 * what the graph says of the layer (a 1×1 window before a larger one, a stride of 2, the layer that
 * holds most parameters), and the numbers of this very layer are put in. Where `count` says FLOPs,
 * the sentences count in FLOPs. Pure functions; translated strings; g_free. */
#pragma once

#include "engine/models.h"
#include "ui/draw/diagram-layout.h"

G_BEGIN_DECLS

char *lw_layer_lesson (const LwGraph *graph, LwNodeId id, LwCount count);
/* A convolution's; lw_layer_lesson asks it. */
char *lw_convolution_lesson (const LwGraph *graph, LwNodeId id, LwCount count);
char *lw_block_lesson (const LwGraph *graph, LwBlockId id, LwCount count);
/* The story in short: the first paragraph of the network's lesson (ui/network-story.h). */
char *lw_network_story (const LwModel *model);

G_END_DECLS
