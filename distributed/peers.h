/* The processes of one machine watch each other: MPI does not say that one is gone, and its starter
 * kills the others a second later, which is too late for a sentence. Private to this folder and its
 * tests. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* How a process names itself to the others; bytes that any process of the same program may read. */
typedef struct {
  char host[256];
  char machine[128]; /* equal where processes see each other: the boot and the space of numbers */
  int64_t number;    /* of the process */
} LwPeer;

void lw_peer_describe (LwPeer *ret_peer);

typedef struct LwPeers LwPeers;

/* `peers` [n] in the order of ranks, copied; `rank`: this one's. */
LwPeers *lw_peers_new (const LwPeer *peers, int32_t n, int32_t rank);
void lw_peers_free (LwPeers *peers);
/* The first that can be watched and has ended; −1: none. At once. */
int32_t lw_peers_find_dead (const LwPeers *peers);
/* "worker 1 (process 4711 on node3)"; g_free. Workers count from 0, as ranks do. */
char *lw_peers_name (const LwPeers *peers, int32_t rank);

G_END_DECLS
