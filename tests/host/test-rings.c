/* Sums and copies over several processes, with threads in their place: right, the same bits
 * everywhere, for any number of processes; what fails, fails everywhere with one sentence. */
#include "distributed/peers.h"
#include "distributed/queue.h"
#include "distributed/rings.h"
#include "engine/processors.h"
#include "engine/rng.h"
#include "tests/support/thread_link.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 7, LONGEST = 9001 };

static float
number_of (int32_t rank, int64_t i)
{
  const LwStream stream = lw_stream (1, LW_STREAM_DATA, (uint32_t)rank, 0);

  return lw_stream_uniform (&stream, (uint64_t)i) - 0.5f;
}

typedef struct {
  int64_t n;
  float sums[MOST][LONGEST];
} Sums;

static void
sum (LwRoom *room, int32_t rank, void *data)
{
  Sums *sums = data;
  LwLink *link = lw_room_link (room, rank);
  LwScratch scratch = { 0 };
  g_autoptr (GError) error = NULL;

  for (int64_t i = 0; i < sums->n; i++)
    sums->sums[rank][i] = number_of (rank, i);
  g_assert_true (lw_rings_sum (link, sums->sums[rank], sums->n, &scratch, &error));
  g_assert_no_error (error);
  lw_scratch_clear (&scratch);
  link->verbs->close (link, true);
}

static void
test_sums (void)
{
  static const int64_t lengths[] = { 1, 3, 2048, 2049, LONGEST };
  g_autofree Sums *sums = g_new (Sums, 1);

  for (int32_t size = 1; size <= MOST; size++)
    for (guint l = 0; l < G_N_ELEMENTS (lengths); l++) {
      LwRoom *room = lw_room_new (size);

      sums->n = lengths[l];
      lw_room_run (room, sum, sums);
      lw_room_free (room);
      for (int64_t i = 0; i < sums->n; i++) {
        double expected = 0;

        for (int32_t rank = 0; rank < size; rank++)
          expected += (double)number_of (rank, i);
        g_assert_cmpfloat (fabs ((double)sums->sums[0][i] - expected), <, 1e-6);
      }
      for (int32_t rank = 1; rank < size; rank++)
        g_assert_cmpmem (sums->sums[rank], sizeof (float) * (gsize)sums->n, sums->sums[0],
                         sizeof (float) * (gsize)sums->n);
    }
}

/* Each process's numbers: rank + 1 of them a channel, none for rank 1. */
enum { CHANNELS = 3 };

typedef struct {
  double values[MOST][1 + 2 * CHANNELS];
} Moments;

static int32_t
count_of (int32_t rank)
{
  return rank == 1 ? 0 : rank + 1;
}

static void
merge (LwRoom *room, int32_t rank, void *data)
{
  double *values = ((Moments *)data)->values[rank];
  const int32_t n = count_of (rank);
  LwLink *link = lw_room_link (room, rank);
  LwScratch scratch = { 0 };

  values[0] = n;
  for (int c = 0; c < CHANNELS; c++) {
    double mean = 0, squares = 0;

    for (int32_t i = 0; i < n; i++)
      mean += (double)number_of (rank, i * CHANNELS + c) / n;
    for (int32_t i = 0; i < n; i++)
      squares += pow ((double)number_of (rank, i * CHANNELS + c) - mean, 2);
    values[1 + c] = n > 0 ? mean : 1e9; /* which counts nothing */
    values[1 + CHANNELS + c] = n > 0 ? squares : 1e9;
  }
  g_assert_true (
      lw_rings_reduce (link, values, 1 + 2 * CHANNELS, LW_REDUCE_MOMENTS, &scratch, NULL));
  lw_scratch_clear (&scratch);
  link->verbs->close (link, true);
}

static void
test_moments (void)
{
  for (int32_t size = 1; size <= MOST; size++) {
    LwRoom *room = lw_room_new (size);
    Moments moments;

    lw_room_run (room, merge, &moments);
    lw_room_free (room);
    for (int c = 0; c < CHANNELS; c++) {
      double n = 0, mean = 0, squares = 0;

      for (int32_t rank = 0; rank < size; rank++)
        for (int32_t i = 0; i < count_of (rank); i++)
          n++, mean += (double)number_of (rank, i * CHANNELS + c);
      mean /= n;
      for (int32_t rank = 0; rank < size; rank++)
        for (int32_t i = 0; i < count_of (rank); i++)
          squares += pow ((double)number_of (rank, i * CHANNELS + c) - mean, 2);
      g_assert_cmpfloat (moments.values[0][0], ==, n);
      g_assert_cmpfloat (fabs (moments.values[0][1 + c] - mean), <, 1e-12);
      g_assert_cmpfloat (fabs (moments.values[0][1 + CHANNELS + c] - squares), <, 1e-12);
    }
    for (int32_t rank = 1; rank < size; rank++)
      g_assert_cmpmem (moments.values[rank], sizeof moments.values[0], moments.values[0],
                       sizeof moments.values[0]);
  }
}

static void
do_all (LwRoom *room, int32_t rank, void *data)
{
  g_autoptr (LwCollective) collective = lw_room_collective (room, rank);
  g_autofree float *many = g_new (float, LONGEST);
  g_autofree char *text = NULL;
  int32_t own = 100 + rank, all[MOST], threads, idle;
  double extreme = rank;
  bool same;

  (void)data;
  for (int k = 0; k < 40; k++)
    for (int64_t i = 0; i < LONGEST / 40; i++)
      many[k * (LONGEST / 40) + i] = (float)(k * rank);
  for (int k = 0; k < 40; k++)
    g_assert_true (
        lw_collective_begin_sum (collective, many + k * (LONGEST / 40), LONGEST / 40, NULL));
  /* In between, in order. */
  g_assert_true (lw_collective_reduce (collective, &extreme, 1, LW_REDUCE_MAX, NULL));
  g_assert_cmpfloat (extreme, ==, room != NULL ? collective->size - 1 : 0);
  g_assert_true (lw_collective_finish_sums (collective, NULL));
  for (int k = 0; k < 40; k++)
    g_assert_cmpfloat (many[k * (LONGEST / 40) + 7], ==,
                       (float)(k * collective->size * (collective->size - 1) / 2));
  g_assert_true (lw_collective_gather (collective, &own, all, sizeof own, NULL));
  for (int32_t i = 0; i < collective->size; i++)
    g_assert_cmpint (all[i], ==, 100 + i);
  g_assert_true (lw_collective_broadcast_text (collective, rank == 0 ? "said" : NULL, &text, NULL));
  g_assert_cmpstr (text, ==, "said");
  g_clear_pointer (&text, g_free);
  g_assert_true (lw_collective_broadcast_text (collective, NULL, &text, NULL));
  g_assert_null (text);
  g_assert_true (lw_collective_same (collective, "a", &same, NULL));
  g_assert_true (same);
  g_assert_true (lw_collective_same (collective, rank == 1 ? "b" : "a", &same, NULL));
  g_assert_cmpint (same, ==, collective->size == 1);
  g_assert_true (lw_collective_threads (collective, &threads, &idle, NULL));
  g_assert_cmpint (threads, ==, MAX (lw_processors () / collective->size, 1));
  g_assert_true (lw_collective_agree (collective, NULL, NULL));
}

static void
test_verbs (void)
{
  for (int32_t size = 1; size <= 5; size++) {
    LwRoom *room = lw_room_new (size);

    lw_room_run (room, do_all, NULL);
    lw_room_free (room);
  }
}

/* Ranks 1 and 2 have an error of their own: rank 1's is everybody's. */
static void
disagree (LwRoom *room, int32_t rank, void *data)
{
  g_autoptr (LwCollective) collective = lw_room_collective (room, rank);
  g_autoptr (GError) error = NULL;
  GError *own = rank == 0 ? NULL : g_error_new (LW_ERROR, LW_ERROR_IO + (int)rank, "own %d", rank);

  (void)data;
  g_assert_false (lw_collective_agree (collective, own, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_IO + 1);
  g_assert_cmpstr (error->message, ==, "own 1");
}

static void
give_up (LwRoom *room, int32_t rank, void *data)
{
  g_autoptr (LwCollective) collective = lw_room_collective (room, rank);
  g_autoptr (GError) error = NULL, again = NULL;
  float values[4] = { 0 };

  (void)data;
  if (rank == 1) {
    g_assert_true (lw_collective_begin_sum (collective, values, 4, NULL));
    lw_collective_abort (collective, "out of luck");
    g_assert_true (collective->failed);
    return;
  }
  while (lw_collective_begin_sum (collective, values, 4, &error) &&
         lw_collective_finish_sums (collective, &error))
    ;
  g_assert_error (error, LW_ERROR, LW_ERROR_DEVICE);
  g_assert_nonnull (strstr (error->message, "out of luck"));
  g_assert_true (collective->failed);
  g_assert_false (lw_collective_agree (collective, NULL, &again));
  g_assert_cmpstr (again->message, ==, error->message);
}

/* Who waits elsewhere and has begun no sums asks, too, whether the others are there. */
static void
ask_for_others (LwRoom *room, int32_t rank, void *data)
{
  g_autoptr (LwCollective) collective = lw_room_collective (room, rank);
  g_autoptr (GError) error = NULL;

  (void)data;
  if (rank == 1) {
    lw_collective_abort (collective, "out of luck");
    return;
  }
  for (int i = 0; i < 500 && lw_collective_finish_sums (collective, &error); i++)
    g_usleep (10000);
  g_assert_error (error, LW_ERROR, LW_ERROR_DEVICE);
  g_assert_nonnull (strstr (error->message, "out of luck"));
}

/* What was begun before, and what is asked for later, fails here too, and does not wait. */
static void
go_on_after_giving_up (LwRoom *room, int32_t rank, void *data)
{
  g_autoptr (LwCollective) collective = lw_room_collective (room, rank);
  float values[4] = { 0 };
  double number = 0;

  (void)data;
  if (rank == 0) { /* does not take part in the sum */
    while (lw_collective_finish_sums (collective, NULL))
      g_usleep (1000);
    return;
  }
  g_assert_true (lw_collective_begin_sum (collective, values, 4, NULL));
  lw_collective_abort (collective, "out of luck");
  g_assert_false (lw_collective_finish_sums (collective, NULL));
  g_assert_false (lw_collective_begin_sum (collective, values, 4, NULL));
  g_assert_false (lw_collective_reduce (collective, &number, 1, LW_REDUCE_MAX, NULL));
  g_assert_cmpint (collective->lost, ==, -1);
}

static void
test_failures (void)
{
  LwRoom *room = lw_room_new (3);

  lw_room_run (room, disagree, NULL);
  lw_room_free (room);
  room = lw_room_new (3);
  lw_room_run (room, give_up, NULL);
  lw_room_free (room);
  room = lw_room_new (3);
  lw_room_run (room, ask_for_others, NULL);
  lw_room_free (room);
  room = lw_room_new (2);
  lw_room_run (room, go_on_after_giving_up, NULL);
  lw_room_free (room);
}

static void
test_parts (void)
{
  for (int32_t size = 1; size < 9; size++)
    for (int32_t n = 0; n < 20; n++) {
      int32_t next = 0;

      for (int32_t rank = 0; rank < size; rank++) {
        const LwPart part = lw_collective_part (rank, size, n);

        g_assert_cmpint (part.first, ==, next);
        g_assert_cmpint (part.n, >=, n / size);
        g_assert_cmpint (part.n, <=, lw_collective_part (0, size, n).n);
        next += part.n;
      }
      g_assert_cmpint (next, ==, n);
    }
}

/* A child of this process that dies is seen, before anybody waits for it. */
static void
test_peers (void)
{
  LwPeer peers[3];
  LwPeers *watch;
  g_autofree char *name = NULL;
  const pid_t child = fork ();

  if (child == 0) {
    pause ();
    _exit (0);
  }
  for (int i = 0; i < 3; i++)
    lw_peer_describe (&peers[i]);
  peers[1].number = child;
  g_strlcpy (peers[2].machine, "another", sizeof peers[2].machine);
  peers[2].number = 1 << 30; /* no process here, and nobody looks */
  watch = lw_peers_new (peers, 3, 0);
  g_assert_cmpint (lw_peers_find_dead (watch), ==, -1);
  kill (child, SIGKILL);
  for (int i = 0; i < 500 && lw_peers_find_dead (watch) < 0; i++)
    g_usleep (10000);
  g_assert_cmpint (lw_peers_find_dead (watch), ==, 1);
  name = lw_peers_name (watch, 1);
  g_assert_nonnull (strstr (name, "worker 1 (process "));
  lw_peers_free (watch);
  waitpid (child, NULL, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rings/sums", test_sums);
  g_test_add_func ("/rings/moments", test_moments);
  g_test_add_func ("/rings/verbs", test_verbs);
  g_test_add_func ("/rings/failures", test_failures);
  g_test_add_func ("/rings/parts", test_parts);
  g_test_add_func ("/rings/peers", test_peers);
  return g_test_run ();
}
