/* Shape rules of the op table, which is their only user. */
#pragma once

#include "engine/op.h"

typedef bool
LwShapeRule (const LwNode *node, const LwShape *inputs, LwShape *ret_shape, GError **error);

LwShapeRule lw_infer_input, lw_infer_same, lw_infer_conv2d, lw_infer_linear, lw_infer_pool,
    lw_infer_global_pool, lw_infer_dropout, lw_infer_flatten, lw_infer_add, lw_infer_concat,
    lw_infer_cross_entropy;
