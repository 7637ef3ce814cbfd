/* What tensors start from in the golden trajectories (tests/golden/README.md), of numbers that
 * follow from names. Pure functions. */
#pragma once

#include "engine/session.h"
#include "kernels/check/formula.h"

G_BEGIN_DECLS

/* What tensor `index` starts from: float32 or int64, g_free. */
void *lw_formula_initial (const LwGraph *graph, int32_t index);

G_END_DECLS
