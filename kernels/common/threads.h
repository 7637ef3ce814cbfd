/* A pool of threads for the backends that run on the processor. A job is a number of items; each
 * thread does one contiguous share, decided before the job starts, or one item after another, and
 * the caller waits for all.
 *
 * Which thread does an item depends on the number of threads, so an item must be computed in the
 * same way whoever does it and whatever comes before it: items are whole rows, channels, planes, or
 * blocks of LW_BLOCK numbers, never single numbers that a vectorized loop may treat in another way
 * near an end. Then results do not depend on the number of threads.
 *
 * Threads: a pool belongs to one calling thread at a time. Denormal numbers count as zero inside a
 * job. */
#pragma once

#include "engine/error.h"

#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct LwPool LwPool;

/* Does the items first … last − 1 of a job. `thread`, 0 … threads − 1, is for choosing scratch
 * memory; results must not depend on it. */
typedef void (*LwParallelFn) (const void *job, int64_t first, int64_t last, int thread);

/* `threads` that work at once, the caller included; at least 1. */
LwPool *lw_pool_new (int threads, GError **error);
void lw_pool_free (LwPool *pool);

/* Divides items 0 … n − 1 among the threads and returns when all are done. */
void lw_pool_run (LwPool *pool, int64_t n, LwParallelFn fn, const void *job);

/* The same, but a thread that is done with its share helps with what others have not begun: for few
 * and large items. Nobody waits for a thread that another program keeps from beginning. */
void lw_pool_run_items (LwPool *pool, int64_t n, LwParallelFn fn, const void *job);

/* Numbers in an item of an element-by-element job. */
enum { LW_BLOCK = 8192 };

static inline int64_t
lw_blocks (int64_t n)
{
  return (n + LW_BLOCK - 1) / LW_BLOCK;
}

/* How many numbers blocks first … last − 1 of n numbers hold. */
static inline int64_t
lw_blocks_size (int64_t n, int64_t first, int64_t last)
{
  return MIN (n, last * LW_BLOCK) - first * LW_BLOCK;
}

G_END_DECLS
