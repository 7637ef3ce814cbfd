/* A network as JSON: layers with shapes and costs, edges, blocks, tensors. The layers and tensors
 * are those of `layerwise show --json`, field by field. Pure functions of a finished graph, any
 * thread; the writer belongs to the caller. */
#pragma once

#include "engine/formats/json_writer.h"
#include "engine/graph.h"

G_BEGIN_DECLS

/* The members "layers" and "tensors" of an object that is being written. */
void lw_json_graph_layers (LwJson *json, const LwGraph *graph);
void lw_json_graph_tensors (LwJson *json, const LwGraph *graph);
/* [C,H,W] or [N]. */
void lw_json_shape (LwJson *json, const char *key, LwShape shape);

/* The whole document, with a line's end. `title` NULL: the graph's. Blocks are named by their
 * index, because several may share one path; a layer's block is its member "block_index". g_free.
 */
char *lw_graph_to_json (const LwGraph *graph, const char *title);

G_END_DECLS
