#include "distributed/queue.h"

#include "distributed/rings.h"
#include "engine/i18n.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

enum { MOST = 1024 }; /* requests that wait; who asks for more waits too */
#define POKE_NS (5 * 1000 * 1000)

typedef enum { SUM, REDUCE, BROADCAST, GATHER, LOOK } Kind;

typedef struct {
  Kind kind;
  void *data;
  const void *own; /* of GATHER */
  int64_t n;       /* numbers or bytes */
  LwReduction reduction;
} Request;

typedef struct {
  LwCollective collective;
  LwCollectiveVerbs verbs;
  pthread_t thread;
  LwLinkOpen open;
  void *open_data;

  pthread_mutex_t lock;
  pthread_cond_t asked, done;
  Request requests[MOST]; /* by number % MOST */
  int64_t n_asked, n_done;
  int64_t n_finished; /* up to which finish_sums has waited */
  int32_t waiting;    /* threads that wait for all that was asked for: one, or none */
  bool opened, quits;
  char *why;     /* this process gives up */
  GError *error; /* of the first request that failed, or of opening */

  LwLink *link; /* the thread's, but for its atomics; NULL: not open yet, or closed */
  LwScratch scratch;
} Queue;

/* --- the thread ------------------------------------------------------------------------------- */

static double
now_s (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool
serve (Queue *queue, const Request *request, GError **error)
{
  LwLink *link = queue->link;

  switch (request->kind) {
  case SUM:
    return lw_rings_sum (link, request->data, request->n, &queue->scratch, error);
  case REDUCE:
    return lw_rings_reduce (link, request->data, request->n, request->reduction, &queue->scratch,
                            error);
  case BROADCAST:
    return lw_rings_broadcast (link, request->data, request->n, error);
  case GATHER:
    return lw_rings_gather (link, request->own, request->data, request->n, error);
  case LOOK:
    return link->verbs->look (link, error);
  }
  return false;
}

/* Under the lock: until there is something to do. */
static void
wait_for_work (Queue *queue)
{
  while (queue->n_done == queue->n_asked && !queue->quits) {
    struct timespec until;

    clock_gettime (CLOCK_MONOTONIC, &until); /* as lw_queue_new has it */
    until.tv_nsec += POKE_NS;
    if (until.tv_nsec >= 1000000000) {
      until.tv_sec++;
      until.tv_nsec -= 1000000000;
    }
    if (pthread_cond_timedwait (&queue->asked, &queue->lock, &until) != 0) {
      pthread_mutex_unlock (&queue->lock);
      queue->link->verbs->poke (queue->link);
      pthread_mutex_lock (&queue->lock);
    }
  }
}

static void
open_link (Queue *queue)
{
  GError *error = NULL;
  LwLink *link = queue->open (queue->open_data, &error);

  pthread_mutex_lock (&queue->lock);
  queue->link = link;
  queue->error = error;
  queue->opened = true;
  pthread_cond_broadcast (&queue->done);
  pthread_mutex_unlock (&queue->lock);
}

static void *
run (void *data)
{
  Queue *queue = data;

  open_link (queue);
  if (queue->link == NULL)
    return NULL;
  pthread_mutex_lock (&queue->lock);
  for (;;) {
    GError *error = NULL;
    Request request;

    wait_for_work (queue);
    if (queue->quits)
      break;
    request = queue->requests[queue->n_done % MOST];
    if (queue->error == NULL) {
      const double begin_s = now_s ();

      pthread_mutex_unlock (&queue->lock);
      serve (queue, &request, &error);
      pthread_mutex_lock (&queue->lock);
      if (request.kind == SUM)
        queue->collective.summing_s += now_s () - begin_s;
    }
    if (queue->error == NULL)
      queue->error = error;
    queue->n_done++;
    pthread_cond_broadcast (&queue->done);
  }
  pthread_mutex_unlock (&queue->lock);
  if (queue->why != NULL)
    queue->link->verbs->tell (queue->link, queue->why);
  queue->link->verbs->close (queue->link, queue->why == NULL && queue->error == NULL);
  return NULL;
}

/* --- the verbs -------------------------------------------------------------------------------- */

/* Under the lock. */
static bool
check (Queue *queue, GError **error)
{
  if (queue->error == NULL)
    return true;
  queue->collective.failed = true;
  if (queue->link != NULL)
    queue->collective.lost = queue->link->lost;
  g_propagate_error (error, g_error_copy (queue->error));
  return false;
}

/* Under the lock. */
static void
ask (Queue *queue, Request request)
{
  while (queue->n_asked - queue->n_done == MOST)
    pthread_cond_wait (&queue->done, &queue->lock);
  queue->requests[queue->n_asked++ % MOST] = request;
  pthread_cond_signal (&queue->asked);
}

/* Under the lock. Nobody does anything any more for who has given up. */
static bool
wait_for_all (Queue *queue, GError **error)
{
  const int64_t n = queue->n_asked;

  if (queue->link != NULL) {
    atomic_store (&queue->link->awaited, true);
    while (queue->n_done < n)
      pthread_cond_wait (&queue->done, &queue->lock);
    atomic_store (&queue->link->awaited, false);
  }
  return check (queue, error);
}

static bool
begin_sum (LwCollective *collective, float *values, int64_t n, GError **error)
{
  Queue *queue = (Queue *)collective;
  bool works;

  pthread_mutex_lock (&queue->lock);
  works = check (queue, error);
  if (works)
    ask (queue, (Request){ .kind = SUM, .data = values, .n = n });
  pthread_mutex_unlock (&queue->lock);
  return works;
}

static bool
finish_sums (LwCollective *collective, GError **error)
{
  Queue *queue = (Queue *)collective;
  const double begin_s = now_s ();
  bool works;

  pthread_mutex_lock (&queue->lock);
  /* Who has nothing under way here asks because it waits for the others elsewhere. */
  if (queue->n_finished == queue->n_asked && check (queue, NULL))
    ask (queue, (Request){ .kind = LOOK });
  works = wait_for_all (queue, error);
  queue->n_finished = queue->n_asked;
  pthread_mutex_unlock (&queue->lock);
  collective->waited_s += now_s () - begin_s;
  return works;
}

static bool
ask_and_wait (Queue *queue, Request request, GError **error)
{
  bool works;

  pthread_mutex_lock (&queue->lock);
  works = check (queue, error);
  if (works) {
    ask (queue, request);
    works = wait_for_all (queue, error);
  }
  pthread_mutex_unlock (&queue->lock);
  return works;
}

static bool
reduce (LwCollective *collective, double *values, int64_t n, LwReduction reduction, GError **error)
{
  return ask_and_wait ((Queue *)collective,
                       (Request){ .kind = REDUCE, .data = values, .n = n, .reduction = reduction },
                       error);
}

static bool
broadcast (LwCollective *collective, void *data, int64_t bytes, GError **error)
{
  return ask_and_wait ((Queue *)collective,
                       (Request){ .kind = BROADCAST, .data = data, .n = bytes }, error);
}

static bool
gather (LwCollective *collective, const void *own, void *all, int64_t bytes, GError **error)
{
  return ask_and_wait ((Queue *)collective,
                       (Request){ .kind = GATHER, .data = all, .own = own, .n = bytes }, error);
}

static void
quit (Queue *queue, const char *why)
{
  pthread_mutex_lock (&queue->lock);
  if (why != NULL)
    atomic_store (&queue->link->quits, true);
  queue->why = g_strdup (why);
  queue->quits = true;
  pthread_cond_signal (&queue->asked);
  pthread_mutex_unlock (&queue->lock);
  pthread_join (queue->thread, NULL);
  queue->link = NULL;
}

/* Once; what is asked for later fails. */
static void
give_up (LwCollective *collective, const char *why)
{
  Queue *queue = (Queue *)collective;

  if (queue->quits)
    return;
  quit (queue, why);
  collective->failed = true;
  if (queue->error == NULL)
    g_set_error_literal (&queue->error, LW_ERROR, LW_ERROR_DEVICE, why);
}

static void
queue_free (LwCollective *collective)
{
  Queue *queue = (Queue *)collective;

  if (queue->link != NULL)
    quit (queue, NULL);
  pthread_cond_destroy (&queue->asked);
  pthread_cond_destroy (&queue->done);
  pthread_mutex_destroy (&queue->lock);
  lw_scratch_clear (&queue->scratch);
  g_clear_error (&queue->error);
  g_free (queue->why);
  g_free (queue);
}

static bool
start (Queue *queue, GError **error)
{
  sigset_t all, before;
  int failure;

  /* Signals are for the program's own threads. */
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  failure = pthread_create (&queue->thread, NULL, run, queue);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  if (failure != 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_IO,
                 _ ("The system refuses another thread, which training needs; close other "
                    "programs."));
    return false;
  }
  pthread_mutex_lock (&queue->lock);
  while (!queue->opened)
    pthread_cond_wait (&queue->done, &queue->lock);
  pthread_mutex_unlock (&queue->lock);
  if (queue->link == NULL)
    pthread_join (queue->thread, NULL);
  return check (queue, error);
}

LwCollective *
lw_queue_new (const char *name, LwLinkOpen open, void *data, GError **error)
{
  Queue *queue = g_new0 (Queue, 1);
  LwCollective *collective = &queue->collective;
  pthread_condattr_t attributes;

  queue->verbs = (LwCollectiveVerbs){ name,      begin_sum, finish_sums, reduce,
                                      broadcast, gather,    give_up,     queue_free };
  collective->verbs = &queue->verbs;
  queue->open = open;
  queue->open_data = data;
  pthread_mutex_init (&queue->lock, NULL);
  /* Not the clock on the wall, which may be set back while nothing is to do. */
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&queue->asked, &attributes);
  pthread_condattr_destroy (&attributes);
  pthread_cond_init (&queue->done, NULL);
  if (!start (queue, error)) {
    queue_free (collective);
    return NULL;
  }
  collective->lost = -1;
  collective->rank = queue->link->rank;
  collective->size = queue->link->size;
  collective->local_rank = queue->link->local_rank;
  collective->local_size = queue->link->local_size;
  return collective;
}
