/* The layers of a network as rows for views of what happens in them: a convolution or linear layer
 * with the normalization and the activation that belong to it. They follow it (LeNet, VGG, ResNet,
 * there also after the sum) or, where nothing of the sort follows, stand before it (DenseNet). What
 * is left, such as the last normalization of a DenseNet, has a row of its own. Pure, any thread. */
#pragma once

#include "engine/graph.h"

G_BEGIN_DECLS

typedef struct {
  LwNodeId layer;      /* convolution or linear; LW_NO_NODE: none of these two belongs to it */
  LwNodeId before;     /* whose values arrive: the layer itself, or what is normalized first */
  LwNodeId norm;       /* or LW_NO_NODE */
  LwNodeId activation; /* or LW_NO_NODE */
} LwLayerRow;

/* In the order of the network; g_free. */
LwLayerRow *lw_layer_rows (const LwGraph *graph, int32_t *ret_n);
/* The node that gives a row its name. */
LwNodeId lw_layer_row_node (const LwLayerRow *row);
/* The row that a layer is in, or −1. */
int32_t lw_layer_rows_find (const LwLayerRow *rows, int32_t n, LwNodeId node);

G_END_DECLS
