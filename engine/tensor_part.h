/* LwTensorPart: of a tensor of a graph all numbers, or those of one unit: the row of a linear
 * layer's weights, the kernels of one of a convolution's maps. What is looked at of a layer's
 * parameters (engine/unit_arithmetic.h) is copied out of a session in parts, so that no layer is
 * too large: VGG-11's first linear layer has 102,760,448 weights, each of its units 25,088.
 *
 * Pure functions, any thread. */
#pragma once

#include "engine/graph.h"

G_BEGIN_DECLS

#define LW_ALL_ROWS (-1)

/* A tensor of more numbers is not copied as a whole: nobody could look through so many. */
#define LW_PART_MOST_NUMBERS (16 * 1024 * 1024)

typedef struct {
  int32_t tensor; /* of the graph; −1: none */
  int32_t row;    /* an index of its first dimension, or LW_ALL_ROWS */
} LwTensorPart;

/* Numbers in it; 0 of none. */
int64_t lw_tensor_part_size (const LwGraph *graph, LwTensorPart part);

/* Whether a layer has a tensor of which a unit's row is copied alone. */
bool lw_layer_has_rows (const LwGraph *graph, LwNodeId node);
/* What to copy of a layer's float32 tensors, by role, to see how its unit `row` gets its value: all
 * of a tensor, or the unit's row of one that is too large for that; none of such a one where `row`
 * is LW_ALL_ROWS or no unit. */
void lw_layer_parts (const LwGraph *graph, LwNodeId node, int32_t row,
                     LwTensorPart ret_parts[LW_MAX_TENSORS]);

G_END_DECLS
