/* The golden files' numbers that follow from a name (tests/golden/README.md): element i of the
 * tensor called s is h = splitmix64 (fnv1a64 (s) + i), u = (h >> 40) / 2²⁴. Pure functions. */
#pragma once

#include "engine/session.h"

G_BEGIN_DECLS

uint64_t lw_formula_seed (const char *name);          /* fnv1a64 */
double lw_formula_uniform (uint64_t seed, int64_t i); /* u */
int32_t lw_formula_label (uint64_t seed, int64_t i, int32_t classes);

/* What tensor `index` starts from in the golden trajectories: float32 or int64, g_free. */
void *lw_formula_initial (const LwGraph *graph, int32_t index);

G_END_DECLS
