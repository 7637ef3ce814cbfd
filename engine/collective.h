/* LwCollective: the processes that train one network together, each on its part of every batch, and
 * what they do jointly. The engine knows no MPI: whoever starts processes brings a table of verbs
 * (distributed/README.md). All processes call the same verbs in the same order with the same sizes;
 * a verb returns when this process has its result, begin_sum at once.
 *
 * Same bits: after a sum, a reduction or a broadcast all processes hold the same numbers, bit for
 * bit, and those depend on the number of processes alone. What follows from them (a loss that is
 * not finite, an update) is then the same decision everywhere.
 *
 * Failure: a process that died or aborted makes every verb of the others fail, with a sentence that
 * names it (LW_ERROR_DEVICE); nothing works after that. Those that wait know it within a second
 * where it was of the same machine, else once it has been silent for half a minute.
 *
 * Threads: one at a time. Memory given to begin_sum is the collective's until finish_sums. */
#pragma once

#include "engine/error.h"

#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct LwCollective LwCollective;

typedef enum {
  LW_REDUCE_SUM,
  LW_REDUCE_MIN,
  LW_REDUCE_MAX,
  /* values: a count, then as many means as there are sums of squared differences from them behind:
   * [1 + 2c], which become those of all processes' numbers together (Chan, Golub and LeVeque,
   * "Updating formulae and a pairwise algorithm for computing sample variances", 1979). A process
   * whose count is 0 adds nothing, whatever its other values are. */
  LW_REDUCE_MOMENTS
} LwReduction;

typedef struct {
  const char *name; /* "MPI" */
  /* values [n] ← Σ over the processes, in host memory, beside what the process does meanwhile; in
   * the order in which they were begun. */
  bool (*begin_sum) (LwCollective *collective, float *values, int64_t n, GError **error);
  /* Waits for all that were begun. */
  bool (*finish_sums) (LwCollective *collective, GError **error);
  /* Few numbers, at once; sums that were begun need not be finished before. */
  bool (*reduce) (LwCollective *collective, double *values, int64_t n, LwReduction reduction,
                  GError **error);
  /* data [bytes] ← that of process 0. */
  bool (*broadcast) (LwCollective *collective, void *data, int64_t bytes, GError **error);
  /* all [size][bytes] ← each process's own [bytes]. */
  bool (*gather) (LwCollective *collective, const void *own, void *all, int64_t bytes,
                  GError **error);
  /* Tells the others why this process gives up, which is what their verbs fail with. */
  void (*give_up) (LwCollective *collective, const char *why);
  /* Waits for the others to do the same, unless something failed. */
  void (*free) (LwCollective *collective);
} LwCollectiveVerbs;

/* The implementation's own type begins with it. */
struct LwCollective {
  const LwCollectiveVerbs *verbs;
  int32_t rank, size;             /* 0 ≤ rank < size */
  int32_t local_rank, local_size; /* among the processes of this machine */
  int32_t threads;                /* lw_collective_threads' answer, once it was asked */
  double waited_s;                /* seconds that finish_sums has waited, since it was made, */
  double summing_s;               /*   and those that sums took; looked at after finish_sums */
  bool failed;                    /* a verb has failed, */
  int32_t lost;                   /*   as this process has died; −1: not for that */
};

/* How many processes there are; 1 where there is no collective. */
static inline int32_t
lw_collective_size (const LwCollective *collective)
{
  return collective != NULL ? collective->size : 1;
}

static inline int32_t
lw_collective_rank (const LwCollective *collective)
{
  return collective != NULL ? collective->rank : 0;
}

static inline bool
lw_collective_begin_sum (LwCollective *collective, float *values, int64_t n, GError **error)
{
  return collective->verbs->begin_sum (collective, values, n, error);
}

static inline bool
lw_collective_finish_sums (LwCollective *collective, GError **error)
{
  return collective->verbs->finish_sums (collective, error);
}

static inline bool
lw_collective_reduce (LwCollective *collective, double *values, int64_t n, LwReduction reduction,
                      GError **error)
{
  return collective->verbs->reduce (collective, values, n, reduction, error);
}

static inline bool
lw_collective_broadcast (LwCollective *collective, void *data, int64_t bytes, GError **error)
{
  return collective->verbs->broadcast (collective, data, bytes, error);
}

static inline bool
lw_collective_gather (LwCollective *collective, const void *own, void *all, int64_t bytes,
                      GError **error)
{
  return collective->verbs->gather (collective, own, all, bytes, error);
}

void lw_collective_abort (LwCollective *collective, const char *why);
void lw_collective_free (LwCollective *collective); /* NULL: nothing */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwCollective, lw_collective_free)

/* --- made of these verbs ---------------------------------------------------------------------- */

/* A contiguous part of n examples in order: the first n % size processes have one more than the
 * others. It may be empty, but never process 0's of n ≥ 1. */
typedef struct {
  int32_t first, n;
} LwPart;
LwPart lw_collective_part (int32_t rank, int32_t size, int32_t n);

/* Whether all processes came here without an error of their own (`own`, taken; NULL: none). False:
 * `error` is that of the first process that has one, and the same sentence everywhere. */
bool lw_collective_agree (LwCollective *collective, GError *own, GError **error);
/* Process 0's text (others give NULL); NULL is a text too. g_free. */
bool lw_collective_broadcast_text (LwCollective *collective, const char *text, char **ret_text,
                                   GError **error);
/* Whether the text is the same in all processes. */
bool
lw_collective_same (LwCollective *collective, const char *text, bool *ret_same, GError **error);
/* How many threads this process should use, at least 1: of the processors that it may run on its
 * share, where other processes of its machine may run on them too. `ret_idle`: how many of its
 * machine's processors no process may run on. */
bool lw_collective_threads (LwCollective *collective, int32_t *ret_threads, int32_t *ret_idle,
                            GError **error);

G_END_DECLS
