/* A network as a Graphviz digraph: a cluster for each open block, a node for each layer (name,
 * kind, shape, parameters) and for each closed block, edges with the shapes that run along them.
 * Top to bottom. Pure function of a finished graph, any thread. */
#pragma once

#include "engine/graph.h"

G_BEGIN_DECLS

typedef struct {
  const char *title; /* over the drawing; NULL: the graph's; "": none */
  bool dark, transparent;
  const bool *open; /* [n_blocks]: closed blocks are one node; NULL: all are open */
  const char *(*translate) (const char *phrase); /* gettext; NULL: words are English */
} LwDotOptions;

/* `options` NULL: the defaults. Any text is legal in names and titles. g_free. */
char *lw_graph_to_dot (const LwGraph *graph, const LwDotOptions *options);

G_END_DECLS
