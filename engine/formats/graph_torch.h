/* A network as a Python module for PyTorch that reads like one written by hand: nn.Sequential where
 * layers follow one another, a class for each kind of block, whose arguments are what differs
 * between its blocks. Modules have the names of the graph's tensors, so that the weights that
 * Layerwise exports load with strict=True. Pure function of a finished graph, any thread. */
#pragma once

#include "engine/models.h"

G_BEGIN_DECLS

/* `options`: the model and its knobs, for the text at the top; NULL: nothing is said of them.
 * Fails with LW_ERROR_UNSUPPORTED for a graph whose names or ways nn.Module cannot have. g_free. */
char *lw_graph_to_torch (const LwGraph *graph, const LwOptions *options, GError **error);

G_END_DECLS
