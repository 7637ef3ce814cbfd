#include "distributed/peers.h"

#include "engine/i18n.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct LwPeers {
  LwPeer *peers;
  int *descriptors; /* of processes (Linux 5.3); −1: not watched so */
  bool *seen;       /* in this machine */
  int32_t n;
};

void
lw_peer_describe (LwPeer *ret_peer)
{
  g_autofree char *boot = NULL, *space = g_file_read_link ("/proc/self/ns/pid", NULL);

  memset (ret_peer, 0, sizeof *ret_peer);
  gethostname (ret_peer->host, sizeof ret_peer->host - 1);
  g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL);
  g_snprintf (ret_peer->machine, sizeof ret_peer->machine, "%.64s %.48s",
              boot != NULL ? boot : ret_peer->host, space != NULL ? space : "");
  ret_peer->number = getpid ();
}

static int
open_process (int64_t number)
{
#ifdef SYS_pidfd_open
  return (int)syscall (SYS_pidfd_open, (pid_t)number, 0);
#else
  (void)number;
  return -1;
#endif
}

LwPeers *
lw_peers_new (const LwPeer *peers, int32_t n, int32_t rank)
{
  LwPeers *all = g_new0 (LwPeers, 1);

  all->peers = g_memdup2 (peers, sizeof *peers * (gsize)n);
  all->descriptors = g_new (int, n);
  all->seen = g_new0 (bool, n);
  all->n = n;
  for (int32_t i = 0; i < n; i++) {
    all->seen[i] = i != rank && strcmp (peers[i].machine, peers[rank].machine) == 0;
    all->descriptors[i] = all->seen[i] ? open_process (peers[i].number) : -1;
  }
  return all;
}

void
lw_peers_free (LwPeers *peers)
{
  if (peers == NULL)
    return;
  for (int32_t i = 0; i < peers->n; i++)
    if (peers->descriptors[i] >= 0)
      close (peers->descriptors[i]);
  g_free (peers->descriptors);
  g_free (peers->seen);
  g_free (peers->peers);
  g_free (peers);
}

/* A process's descriptor can be read when it has ended. */
static bool
is_dead (const LwPeers *peers, int32_t i)
{
  struct pollfd ended = { peers->descriptors[i], POLLIN, 0 };

  if (!peers->seen[i])
    return false;
  if (ended.fd >= 0)
    return poll (&ended, 1, 0) > 0;
  return kill ((pid_t)peers->peers[i].number, 0) != 0 && errno == ESRCH;
}

int32_t
lw_peers_find_dead (const LwPeers *peers)
{
  for (int32_t i = 0; i < peers->n; i++)
    if (is_dead (peers, i))
      return i;
  return -1;
}

char *
lw_peers_name (const LwPeers *peers, int32_t rank)
{
  const LwPeer *peer = &peers->peers[rank];

  return g_strdup_printf (/* What: one of the processes that train together, counted from 0. */
                          _ ("worker %d (process %" PRId64 " on %s)"), rank, peer->number,
                          peer->host);
}
