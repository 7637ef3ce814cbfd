#include "tests/support/thread_link.h"

#include "distributed/queue.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

struct LwRoom {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int32_t n;
  GQueue *boxes; /* [to][from] of GBytes */
  char *why;
  int32_t who;
};

typedef struct {
  LwLink link;
  LwRoom *room;
} ThreadLink;

LwRoom *
lw_room_new (int32_t n)
{
  LwRoom *room = g_new0 (LwRoom, 1);

  pthread_mutex_init (&room->lock, NULL);
  pthread_cond_init (&room->changed, NULL);
  room->n = n;
  room->boxes = g_new0 (GQueue, n * n);
  return room;
}

void
lw_room_free (LwRoom *room)
{
  for (int32_t i = 0; i < room->n * room->n; i++)
    g_queue_clear_full (&room->boxes[i], (GDestroyNotify)g_bytes_unref);
  g_free (room->boxes);
  g_free (room->why);
  pthread_cond_destroy (&room->changed);
  pthread_mutex_destroy (&room->lock);
  g_free (room);
}

static GQueue *
box (LwRoom *room, int32_t to, int32_t from)
{
  return &room->boxes[to * room->n + from];
}

static bool
works (ThreadLink *own, GError **error)
{
  if (own->room->why != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_DEVICE, "worker %d failed: %s", own->room->who,
                 own->room->why);
  else if (atomic_load (&own->link.quits))
    g_set_error (error, LW_ERROR, LW_ERROR_CANCELLED, "ended");
  else
    return true;
  return false;
}

static bool
exchange (LwLink *link, int32_t to, const void *send, int64_t n_send, int32_t from, void *receive,
          int64_t n_receive, GError **error)
{
  ThreadLink *own = (ThreadLink *)link;
  LwRoom *room = own->room;
  g_autoptr (GBytes) message = NULL;
  bool good;

  pthread_mutex_lock (&room->lock);
  if (to >= 0 && n_send > 0)
    g_queue_push_tail (box (room, to, link->rank), g_bytes_new (send, (gsize)n_send));
  pthread_cond_broadcast (&room->changed);
  while ((good = works (own, error)) && from >= 0 && n_receive > 0 &&
         (message = g_queue_pop_head (box (room, link->rank, from))) == NULL) {
    struct timespec until;

    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_sec++;
    pthread_cond_timedwait (&room->changed, &room->lock, &until);
  }
  pthread_mutex_unlock (&room->lock);
  if (message != NULL) {
    g_assert_cmpint ((int64_t)g_bytes_get_size (message), ==, n_receive);
    memcpy (receive, g_bytes_get_data (message, NULL), (size_t)n_receive);
  }
  return good;
}

static bool
look (LwLink *link, GError **error)
{
  ThreadLink *own = (ThreadLink *)link;
  bool good;

  pthread_mutex_lock (&own->room->lock);
  good = works (own, error);
  pthread_mutex_unlock (&own->room->lock);
  return good;
}

static void
poke (LwLink *link)
{
  (void)link;
}

static void
tell (LwLink *link, const char *why)
{
  LwRoom *room = ((ThreadLink *)link)->room;

  pthread_mutex_lock (&room->lock);
  if (room->why == NULL) {
    room->why = g_strdup (why);
    room->who = link->rank;
  }
  pthread_cond_broadcast (&room->changed);
  pthread_mutex_unlock (&room->lock);
}

static void
close_link (LwLink *link, bool whole)
{
  (void)whole;
  g_free (link);
}

LwLink *
lw_room_link (LwRoom *room, int32_t rank)
{
  static const LwLinkVerbs verbs = { exchange, look, poke, tell, close_link };
  ThreadLink *own = g_new0 (ThreadLink, 1);

  own->link.verbs = &verbs;
  own->link.rank = own->link.local_rank = rank;
  own->link.size = own->link.local_size = room->n;
  own->link.lost = -1;
  own->room = room;
  return &own->link;
}

static LwLink *
open_link (void *data, GError **error)
{
  (void)error;
  return data;
}

LwCollective *
lw_room_collective (LwRoom *room, int32_t rank)
{
  g_autoptr (GError) error = NULL;
  LwCollective *collective = lw_queue_new ("threads", open_link, lw_room_link (room, rank), &error);

  g_assert_no_error (error);
  return collective;
}

/* --- a thread for each ------------------------------------------------------------------------ */

typedef struct {
  LwRoom *room;
  int32_t rank;
  LwRoomWork work;
  void *data;
} Job;

static void *
run (void *data)
{
  const Job *job = data;

  job->work (job->room, job->rank, job->data);
  return NULL;
}

void
lw_room_run (LwRoom *room, LwRoomWork work, void *data)
{
  g_autofree pthread_t *threads = g_new (pthread_t, room->n);
  g_autofree Job *jobs = g_new (Job, room->n);

  for (int32_t i = 0; i < room->n; i++) {
    jobs[i] = (Job){ room, i, work, data };
    g_assert_cmpint (pthread_create (&threads[i], NULL, run, &jobs[i]), ==, 0);
  }
  for (int32_t i = 0; i < room->n; i++)
    pthread_join (threads[i], NULL);
}

/* --- one that watches ------------------------------------------------------------------------- */

typedef struct {
  LwCollective collective;
  GPtrArray *begun; /* of float *, borrowed, and GBytes * by turns */
  int64_t *sums, *numbers;
} Watching;

static bool
watch_sum (LwCollective *collective, float *values, int64_t n, GError **error)
{
  Watching *own = (Watching *)collective;

  (void)error;
  g_ptr_array_add (own->begun, values);
  g_ptr_array_add (own->begun, g_bytes_new (values, sizeof *values * (gsize)n));
  ++*own->sums;
  *own->numbers += n;
  return true;
}

static bool
watch_end (LwCollective *collective, GError **error)
{
  Watching *own = (Watching *)collective;

  (void)error;
  for (guint i = 0; i < own->begun->len; i += 2) {
    g_autoptr (GBytes) then = own->begun->pdata[i + 1];
    gsize size;
    const void *bytes = g_bytes_get_data (then, &size);

    g_assert_cmpmem (own->begun->pdata[i], size, bytes, size);
  }
  g_ptr_array_set_size (own->begun, 0);
  return true;
}

static bool
keep (LwCollective *collective, double *values, int64_t n, LwReduction reduction, GError **error)
{
  (void)collective, (void)values, (void)n, (void)reduction, (void)error;
  return true;
}

static bool
keep_bytes (LwCollective *collective, void *data, int64_t bytes, GError **error)
{
  (void)collective, (void)data, (void)bytes, (void)error;
  return true;
}

static bool
copy (LwCollective *collective, const void *own, void *all, int64_t bytes, GError **error)
{
  (void)collective, (void)error;
  memcpy (all, own, (size_t)bytes);
  return true;
}

static void
give_up (LwCollective *collective, const char *why)
{
  (void)collective;
  g_error ("%s", why);
}

static void
free_watching (LwCollective *collective)
{
  g_ptr_array_unref (((Watching *)collective)->begun);
  g_free (collective);
}

LwCollective *
lw_watching_collective (int64_t *ret_sums, int64_t *ret_numbers)
{
  static const LwCollectiveVerbs verbs = { "watching", watch_sum, watch_end, keep,
                                           keep_bytes, copy,      give_up,   free_watching };
  Watching *own = g_new0 (Watching, 1);

  own->collective.verbs = &verbs;
  own->collective.size = own->collective.local_size = own->collective.threads = 1;
  own->collective.lost = -1;
  own->begun = g_ptr_array_new ();
  own->sums = ret_sums;
  own->numbers = ret_numbers;
  return &own->collective;
}
