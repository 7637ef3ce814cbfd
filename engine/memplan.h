/* Packs buffers with known lifetimes into one arena, so that a step allocates nothing. Greedy by
 * size: largest first (ties: earlier first use, then lower index), each at the lowest offset that
 * is free over its whole life. Pure integers, deterministic, any thread; shown to students as it
 * is. */
#pragma once

#include "engine/error.h"
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
  int64_t bytes;       /* ≥ 0 */
  int32_t first, last; /* steps in which it is alive, inclusive; first ≤ last */
} LwLifetime;

typedef struct {
  int64_t arena_bytes; /* what the plan needs */
  int64_t bound_bytes; /* the largest sum alive at one step: no plan needs less */
  int64_t naive_bytes; /* the sum of all: one buffer each */
} LwArenaSize;

#define LW_ALIGNMENT 256 /* bytes; of every offset */

/* `ret_offsets`: [n]. Fails on a negative size, an inverted lifetime, or a sum beyond 2⁶². */
bool lw_memplan_solve (const LwLifetime *items, int32_t n, int64_t *ret_offsets,
                       LwArenaSize *ret_size, GError **error);

G_END_DECLS
