/* LwLink: bytes between two processes of a group, the one thing that the algorithms of rings.c
 * need. MPI's is mpi.c; tests have one between threads. Used by one thread, but for the atomics.
 * Private to this folder and its tests. */
#pragma once

#include "engine/error.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct LwLink LwLink;

typedef struct {
  /* Sends send [n_send] to process `to` and meanwhile receives receive [n_receive] from `from`; <
   * 0: not. Returns when both are done, or with an error when a process is gone or told why it
   * gives up, or when `quits` is set. Between two processes messages arrive in order. */
  bool (*exchange) (LwLink *link, int32_t to, const void *send, int64_t n_send, int32_t from,
                    void *receive, int64_t n_receive, GError **error);
  /* Whether all processes are there; at once. Else the error that exchange would have. */
  bool (*look) (LwLink *link, GError **error);
  /* Lets what is under way go on, now and then, while there is nothing to do. */
  void (*poke) (LwLink *link);
  /* Tells all others why this process gives up; waits a moment for that, not for them. */
  void (*tell) (LwLink *link, const char *why);
  /* `whole`: nothing failed, and the others do the same now. */
  void (*close) (LwLink *link, bool whole);
} LwLinkVerbs;

struct LwLink {
  const LwLinkVerbs *verbs;
  int32_t rank, size, local_rank, local_size;
  int32_t lost;         /* a process that has died; −1 */
  _Atomic bool awaited; /* somebody waits for what goes on now: it may use a processor for that */
  _Atomic bool quits;   /* exchange shall fail */
};

static inline bool
lw_link_exchange (LwLink *link, int32_t to, const void *send, int64_t n_send, int32_t from,
                  void *receive, int64_t n_receive, GError **error)
{
  return link->verbs->exchange (link, to, send, n_send, from, receive, n_receive, error);
}

G_END_DECLS
