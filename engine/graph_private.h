/* The graph's memory, shared by the files that build, finish and read it; nobody else includes
 * this. Strings live in one chunk and die with the graph. */
#pragma once

#include "engine/error.h"
#include "engine/op.h"

#include <stdatomic.h>

/* What a block needs only while it is being built. */
typedef struct {
  int next_index;    /* the next number that PyTorch's nn.Sequential would give */
  LwBlockId scope;   /* the block whose numbers count here: itself, or of a nameless block its
                        nearest named ancestor */
  const char *order; /* lw_graph_order_tensors: " conv1 conv2 ", or NULL */
} LwBlockBuild;

struct LwGraph {
  atomic_int references;
  const char *title;
  GStringChunk *strings;
  GArray *nodes;        /* LwNode */
  GArray *given_names;  /* gboolean a node: its name was given, not counted */
  GArray *blocks;       /* LwBlock */
  GArray *block_builds; /* LwBlockBuild */
  GArray *tensors;      /* LwTensorInfo */
  GHashTable *node_names, *tensor_names;
  LwBlockId open; /* the innermost open block */
  bool finished;
  LwNormalization normalization;
  GError *error;         /* the first; sticks */
  LwNodeId failed_input; /* what the layer that failed would have read first, or LW_NO_NODE */
  LwNode failed;         /* that layer, where there is one */
  /* Readers of value i: reader_ids[reader_starts[i] … reader_starts[i + 1] − 1]. */
  LwNodeId *reader_ids;
  int32_t *reader_starts;
};

#define LW_GRAPH_NODE(graph, id)  (&g_array_index ((graph)->nodes, LwNode, (id)))
#define LW_GRAPH_BLOCK(graph, id) (&g_array_index ((graph)->blocks, LwBlock, (id)))

/* Last steps of lw_graph_finish: titles, tensors in state_dict order, readers. */
void lw_graph_assign_titles (LwGraph *graph);
/* Titles for a graph that failed at a layer, which is counted too, so that its siblings are called
 * what they are called in a network that can be built. That layer's is returned. */
const char *lw_graph_title_failed (LwGraph *graph);
void lw_graph_sort_tensors (LwGraph *graph);
void lw_graph_index_readers (LwGraph *graph);
