#include "distributed/mpi_pulse.h"

#include <glib.h>
#include <mpi.h>
#include <stdlib.h>

enum { TAG_PULSE = 3 };
enum { BEATS, ENDS }; /* what a message says */
#define EVERY_S         1.0
#define DEFAULT_LIMIT_S 30
#define MOST_LIMIT_S    86400
/* What passes between two beats counts up to this: who did not run itself, as in a job that was
 * suspended, cannot say that the others were silent. */
#define MOST_GAP_S 0.25
#define NAP_US     1000

struct LwPulse {
  int32_t before, after; /* processes */
  int limit_s;
  double sent_s, beat_s;
  double silent_s;
  int heard, said; /* the messages; MPI's while a request is under way */
  bool ended;      /* the one before has said so */
  MPI_Request receive, send;
};

static double
now_s (void)
{
  return 1e-6 * (double)g_get_monotonic_time ();
}

static int
limit (void)
{
  const char *asked = g_getenv ("LAYERWISE_WORKER_SILENCE");
  const long seconds = asked != NULL ? strtol (asked, NULL, 10) : 0;

  return seconds > 0 ? (int)MIN (seconds, MOST_LIMIT_S) : DEFAULT_LIMIT_S;
}

static void
expect (LwPulse *pulse)
{
  if (MPI_Irecv (&pulse->heard, 1, MPI_INT, pulse->before, TAG_PULSE, MPI_COMM_WORLD,
                 &pulse->receive) != MPI_SUCCESS)
    pulse->receive = MPI_REQUEST_NULL;
}

static void
say (LwPulse *pulse, int what)
{
  pulse->said = what;
  if (MPI_Isend (&pulse->said, 1, MPI_INT, pulse->after, TAG_PULSE, MPI_COMM_WORLD, &pulse->send) !=
      MPI_SUCCESS)
    pulse->send = MPI_REQUEST_NULL;
}

static bool
is_done (MPI_Request *request)
{
  int done = 0;

  return MPI_Test (request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && done;
}

LwPulse *
lw_pulse_new (int32_t rank, int32_t size)
{
  LwPulse *pulse = g_new0 (LwPulse, 1);

  pulse->before = (rank + size - 1) % size;
  pulse->after = (rank + 1) % size;
  pulse->limit_s = limit ();
  pulse->beat_s = now_s ();
  pulse->send = MPI_REQUEST_NULL;
  expect (pulse);
  return pulse;
}

static void
hear (LwPulse *pulse)
{
  while (pulse->receive != MPI_REQUEST_NULL && is_done (&pulse->receive)) {
    pulse->silent_s = 0;
    pulse->ended = pulse->heard == ENDS;
    if (!pulse->ended)
      expect (pulse);
  }
}

void
lw_pulse_beat (LwPulse *pulse)
{
  const double time_s = now_s ();

  pulse->silent_s += MIN (time_s - pulse->beat_s, MOST_GAP_S);
  pulse->beat_s = time_s;
  hear (pulse);
  if (time_s - pulse->sent_s >= EVERY_S && is_done (&pulse->send)) {
    pulse->sent_s = time_s;
    say (pulse, BEATS);
  }
}

int32_t
lw_pulse_find_silent (const LwPulse *pulse)
{
  return !pulse->ended && pulse->silent_s > pulse->limit_s ? pulse->before : -1;
}

int
lw_pulse_limit_s (const LwPulse *pulse)
{
  return pulse->limit_s;
}

static void
drop (MPI_Request *request)
{
  if (*request == MPI_REQUEST_NULL)
    return;
  MPI_Cancel (request);
  MPI_Request_free (request);
}

bool
lw_pulse_end (LwPulse *pulse, bool whole)
{
  bool said = false, done = !whole;

  while (!done && lw_pulse_find_silent (pulse) < 0) {
    if (!said && is_done (&pulse->send)) {
      say (pulse, ENDS);
      said = true;
    }
    pulse->sent_s = G_MAXDOUBLE; /* nothing after that */
    lw_pulse_beat (pulse);
    done = pulse->ended && said && is_done (&pulse->send);
    g_usleep (done ? 0 : NAP_US);
  }
  drop (&pulse->receive);
  drop (&pulse->send);
  g_free (pulse);
  return whole && done;
}
