/* The link over MPI, and the module around it. MPI's own calls that wait do so at full speed, at a
 * processor that another thread could compute with, so nothing waits inside MPI here: messages are
 * begun and asked for, quickly while the training waits for them, now and then while it computes.
 */
#include "distributed/link.h"
#include "distributed/module.h"
#include "distributed/mpi_pulse.h"
#include "distributed/peers.h"
#include "distributed/queue.h"
#include "engine/i18n.h"

#include <mpi.h>
#include <sched.h>
#include <string.h>
#include <time.h>

enum { TAG_DATA = 1, TAG_WHY = 2 };
enum { WHY_BYTES = 1024 };
#define PIECE        ((int64_t)256 << 20) /* bytes of a message; MPI counts them in an int */
#define SPIN_S       0.001                /* so long who is waited for keeps asking */
#define SHORT_NAP_NS 20000
#define LONG_NAP_NS  1000000
#define LOOK_S       0.02 /* how often is looked whether the others live, while waiting */
#define TELL_S       1.0

typedef struct {
  LwLink link;
  LwPeers *peers;
  LwPulse *pulse;
  double looked_s;
} MpiLink;

static double
now_s (void)
{
  return 1e-6 * (double)g_get_monotonic_time ();
}

static void
nap (long ns)
{
  nanosleep (&(struct timespec){ .tv_nsec = ns }, NULL);
}

static bool
check_mpi (int code, GError **error)
{
  char words[MPI_MAX_ERROR_STRING] = "";
  int length;

  if (code == MPI_SUCCESS)
    return true;
  MPI_Error_string (code, words, &length);
  g_set_error (error, LW_ERROR, LW_ERROR_DEVICE,
               _ ("MPI failed (%s): a worker or the network between them is gone."), words);
  return false;
}

/* --- are the others there? -------------------------------------------------------------------- */

/* What a process that gives up tells the others. */
typedef struct {
  int32_t lost; /* as this one is gone, which `text` says; −1: it failed itself */
  char text[WHY_BYTES];
} Why;

/* Whether another process has said why it gives up. */
static bool
hear (MpiLink *own, GError **error)
{
  Why why = { -1, "" };
  g_autofree char *name = NULL;
  MPI_Status status;
  int there = 0;

  if (MPI_Iprobe (MPI_ANY_SOURCE, TAG_WHY, MPI_COMM_WORLD, &there, &status) != MPI_SUCCESS ||
      !there)
    return true;
  MPI_Recv (&why, sizeof why, MPI_BYTE, status.MPI_SOURCE, TAG_WHY, MPI_COMM_WORLD,
            MPI_STATUS_IGNORE);
  why.text[WHY_BYTES - 1] = '\0';
  if (why.lost >= 0 && why.lost < own->link.size && why.lost != own->link.rank) {
    own->link.lost = why.lost;
    g_set_error_literal (error, LW_ERROR, LW_ERROR_DEVICE, why.text);
    return false;
  }
  name = lw_peers_name (own->peers, status.MPI_SOURCE);
  g_set_error (error, LW_ERROR, LW_ERROR_DEVICE,
               /* What: "worker 1 (process 4711 on node3)", and its own sentence. */
               _ ("The training ends, because %s failed: %s"), name, why.text);
  return false;
}

static void
tell (LwLink *link, const char *why)
{
  g_autofree MPI_Request *requests = g_new (MPI_Request, link->size);
  const double begin_s = now_s ();
  Why *told = g_new0 (Why, 1);
  int done = 0;

  told->lost = link->lost;
  g_strlcpy (told->text, why, sizeof told->text);
  for (int32_t i = 0; i < link->size; i++) {
    requests[i] = MPI_REQUEST_NULL;
    if (i != link->rank && i != link->lost)
      MPI_Isend (told, sizeof *told, MPI_BYTE, i, TAG_WHY, MPI_COMM_WORLD, &requests[i]);
  }
  while (now_s () - begin_s < TELL_S && !done) {
    if (MPI_Testall (link->size, requests, &done, MPI_STATUSES_IGNORE) != MPI_SUCCESS)
      return;
    nap (LONG_NAP_NS);
  }
  if (done) /* else MPI may still read it */
    g_free (told);
}

/* Dead, as this machine sees it, or silent. */
static bool
find_lost (MpiLink *own, GError **error)
{
  const int32_t dead = lw_peers_find_dead (own->peers);
  const int32_t silent = lw_pulse_find_silent (own->pulse);
  LwLink *link = &own->link;
  g_autoptr (GError) why = NULL;
  g_autofree char *name = NULL;

  if (dead < 0 && silent < 0)
    return true;
  /* It may have said why before. */
  if (!hear (own, error))
    return false;
  link->lost = dead >= 0 ? dead : silent;
  name = lw_peers_name (own->peers, link->lost);
  if (dead >= 0)
    g_set_error (&why, LW_ERROR, LW_ERROR_DEVICE,
                 /* What: "worker 1 (process 4711 on node3)" */
                 _ ("The training ends, because %s has died."), name);
  else
    g_set_error (&why, LW_ERROR, LW_ERROR_DEVICE,
                 /* What: "worker 1 (process 4711 on node3)"; seconds. */
                 _ ("The training ends, because nothing was heard of %s for %d s: it has died or "
                    "stands still, or the network between the machines is gone."),
                 name, lw_pulse_limit_s (own->pulse));
  tell (link, why->message); /* others cannot see it */
  g_propagate_error (error, g_steal_pointer (&why));
  return false;
}

static bool
look (LwLink *link, GError **error)
{
  MpiLink *own = (MpiLink *)link;

  lw_pulse_beat (own->pulse);
  return hear (own, error) && find_lost (own, error);
}

/* --- messages --------------------------------------------------------------------------------- */

static void
drop (MPI_Request requests[2])
{
  for (int i = 0; i < 2; i++)
    if (requests[i] != MPI_REQUEST_NULL) {
      MPI_Cancel (&requests[i]);
      MPI_Request_free (&requests[i]);
    }
}

/* Between two questions whether messages have arrived. */
static void
pause_for (const MpiLink *own, double waited_s)
{
  if (atomic_load_explicit (&own->link.awaited, memory_order_relaxed) && waited_s < SPIN_S)
    sched_yield ();
  else
    nap (waited_s < 0.1 ? SHORT_NAP_NS : LONG_NAP_NS);
}

static bool
wait_for (MpiLink *own, MPI_Request requests[2], GError **error)
{
  double begin_s = 0, time_s = 0;
  int done = 0;

  for (int64_t i = 0;; i++) {
    if (!check_mpi (MPI_Testall (2, requests, &done, MPI_STATUSES_IGNORE), error))
      return false;
    if (done)
      return true;
    time_s = now_s ();
    if (i == 0)
      begin_s = own->looked_s = time_s;
    if (atomic_load (&own->link.quits)) {
      g_set_error (error, LW_ERROR, LW_ERROR_CANCELLED, _ ("The training was ended."));
      return false;
    }
    if (time_s - own->looked_s > LOOK_S) {
      own->looked_s = time_s;
      if (!look (&own->link, error))
        return false;
    }
    pause_for (own, time_s - begin_s);
  }
}

/* How much of n bytes the piece from `first` on has. */
static int
piece (int64_t n, int64_t first)
{
  return (int)CLAMP (n - first, 0, PIECE);
}

static bool
exchange (LwLink *link, int32_t to, const void *send, int64_t n_send, int32_t from, void *receive,
          int64_t n_receive, GError **error)
{
  MpiLink *own = (MpiLink *)link;
  const int64_t n = MAX (to >= 0 ? n_send : 0, from >= 0 ? n_receive : 0);

  for (int64_t first = 0; first < n; first += PIECE) {
    MPI_Request requests[2] = { MPI_REQUEST_NULL, MPI_REQUEST_NULL };
    int code = MPI_SUCCESS;

    if (from >= 0 && first < n_receive)
      code = MPI_Irecv ((char *)receive + first, piece (n_receive, first), MPI_BYTE, from, TAG_DATA,
                        MPI_COMM_WORLD, &requests[0]);
    if (code == MPI_SUCCESS && to >= 0 && first < n_send)
      code = MPI_Isend ((const char *)send + first, piece (n_send, first), MPI_BYTE, to, TAG_DATA,
                        MPI_COMM_WORLD, &requests[1]);
    if (!check_mpi (code, error) || !wait_for (own, requests, error)) {
      drop (requests);
      return false;
    }
  }
  return true;
}

static void
poke (LwLink *link)
{
  lw_pulse_beat (((MpiLink *)link)->pulse);
}

/* After a failure the others may never come to MPI_Finalize. */
static void
close_link (LwLink *link, bool whole)
{
  MpiLink *own = (MpiLink *)link;

  if (lw_pulse_end (own->pulse, whole))
    MPI_Finalize ();
  lw_peers_free (own->peers);
  g_free (own);
}

/* --- joining ---------------------------------------------------------------------------------- */

static void
find_peers (MpiLink *own)
{
  LwPeer peer;
  g_autofree LwPeer *all = g_new0 (LwPeer, own->link.size);
  MPI_Comm machine;

  lw_peer_describe (&peer);
  MPI_Allgather (&peer, sizeof peer, MPI_BYTE, all, sizeof peer, MPI_BYTE, MPI_COMM_WORLD);
  own->peers = lw_peers_new (all, own->link.size, own->link.rank);
  MPI_Comm_split_type (MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, own->link.rank, MPI_INFO_NULL,
                       &machine);
  MPI_Comm_rank (machine, &own->link.local_rank);
  MPI_Comm_size (machine, &own->link.local_size);
  MPI_Comm_free (&machine);
}

static LwLink *
open_link (void *data, GError **error)
{
  static const LwLinkVerbs verbs = { exchange, look, poke, tell, close_link };
  MpiLink *own;
  int provided;

  (void)data;
  /* What waits inside MPI all the same lets other threads compute. */
  g_setenv ("OMPI_MCA_mpi_yield_when_idle", "1", FALSE);
  if (!check_mpi (MPI_Init_thread (NULL, NULL, MPI_THREAD_FUNNELED, &provided), error))
    return NULL;
  MPI_Comm_set_errhandler (MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  own = g_new0 (MpiLink, 1);
  own->link.verbs = &verbs;
  own->link.lost = -1;
  MPI_Comm_rank (MPI_COMM_WORLD, &own->link.rank);
  MPI_Comm_size (MPI_COMM_WORLD, &own->link.size);
  find_peers (own);
  own->pulse = lw_pulse_new (own->link.rank, own->link.size);
  return &own->link;
}

static LwCollective *
open_collective (GError **error)
{
  return lw_queue_new ("MPI", open_link, NULL, error);
}

static char *
describe (void)
{
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length;

  MPI_Get_library_version (text, &length);
  text[strcspn (text, ",\n")] = '\0';
  return g_strdup (text);
}

const LwMpiModule *
lw_mpi_module (void)
{
  static const LwMpiModule module = { LW_VERSION, open_collective, describe };

  return &module;
}
