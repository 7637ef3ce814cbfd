/* The curve of an activation around zero, and the point on it that one input leads to. Units:
 * logical pixels. Any thread. */
#pragma once

#include "ui/draw/theme.h"

G_BEGIN_DECLS

#define LW_FUNCTION_WIDTH  132.0
#define LW_FUNCTION_HEIGHT 84.0

/* `op`: LW_OP_RELU, LW_OP_SIGMOID or LW_OP_TANH. An input that is no finite number: nothing. */
void lw_function_paint (cairo_t *cr, const LwTheme *theme, LwOp op, double x, double top);

G_END_DECLS
