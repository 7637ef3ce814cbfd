/* The calling thread does the first share itself. Who has nothing to do looks for some tens of
 * microseconds whether that changes, since in a small network the next job is nearer than a
 * sleeping thread's awakening, and sleeps then. Where there are more threads than processors nobody
 * looks: that would only take time from those who work. */
#include "kernels/common/threads.h"
#include "engine/i18n.h"
#include "engine/processors.h"

#include <pthread.h>
#include <stdatomic.h>

enum { LOOKS = 1000 }; /* each is a pause of 40 to 140 cycles */

/* A thread's part of a job's items, on a cache line of its own. */
typedef struct {
  atomic_llong next; /* the first item that nobody has taken */
  int64_t end;
  char line[64 - sizeof (atomic_llong) - sizeof (int64_t)];
} Part;

typedef struct {
  LwPool *pool;
  pthread_t thread;
  int index; /* from 1: the caller is 0 */
} Worker;

struct LwPool {
  /* Guards all below but `threads` and what follows; the two numbers are also looked at without. */
  pthread_mutex_t lock;
  pthread_cond_t work, done;
  atomic_uint round; /* changes with each job, and at the end */
  atomic_int busy;   /* workers that have not finished this round */
  bool stop;
  LwParallelFn fn;
  const void *job;
  int64_t n;
  bool one_by_one, open; /* items go to whoever is free, and some are left */
  Part *parts;           /* of these; [threads] */

  int threads, started;
  bool looks; /* there is a processor for each thread */
  Worker workers[];
};

/* Numbers below 2⁻¹²⁶ cost a hundred times as much as others on many processors and mean nothing
 * here: FTZ makes results that small zero (bit 15), DAZ operands (bit 6). Returns the old mode. */
static unsigned
flush_denormals (void)
{
#ifdef __SSE__
  const unsigned mode = __builtin_ia32_stmxcsr ();

  __builtin_ia32_ldmxcsr (mode | 0x8040);
  return mode;
#else
  return 0;
#endif
}

static void
restore_denormals (unsigned mode)
{
#ifdef __SSE__
  __builtin_ia32_ldmxcsr (mode);
#else
  (void)mode;
#endif
}

static void
do_share (LwParallelFn fn, const void *job, int64_t n, int thread, int threads)
{
  const int64_t first = n * thread / threads, last = n * (thread + 1) / threads;

  if (first < last)
    fn (job, first, last, thread);
}

/* Without the lock, by whoever takes part: a thread's own part first, since what earlier jobs left
 * of the same items lies in its caches, which may be far from the other threads'; then what others
 * have not begun. */
static void
do_items (LwPool *pool, LwParallelFn fn, const void *job, int thread)
{
  for (int i = 0; i < pool->threads; i++) {
    Part *part = &pool->parts[(thread + i) % pool->threads];
    int64_t item;

    while ((item = atomic_fetch_add (&part->next, 1)) < part->end)
      fn (job, item, item + 1, thread);
  }
}

static inline void
pause_briefly (void)
{
#if defined __x86_64__ || defined __i386__
  __builtin_ia32_pause ();
#elif defined __aarch64__
  __asm__ volatile("yield");
#endif
}

static void
look_for_work (LwPool *pool, unsigned seen)
{
  for (int i = 0; pool->looks && i < LOOKS && atomic_load (&pool->round) == seen; i++)
    pause_briefly ();
}

static void
look_for_end (LwPool *pool)
{
  for (int i = 0; pool->looks && i < LOOKS && atomic_load (&pool->busy) > 0; i++)
    pause_briefly ();
}

static void *
worker_main (void *data)
{
  const Worker *worker = data;
  LwPool *pool = worker->pool;
  unsigned seen = 0;

  flush_denormals ();
  while (true) {
    look_for_work (pool, seen);
    pthread_mutex_lock (&pool->lock);
    while (pool->round == seen)
      pthread_cond_wait (&pool->work, &pool->lock);
    if (pool->stop)
      break;
    seen = pool->round;

    LwParallelFn fn = pool->fn;
    const void *job = pool->job;
    const int64_t n = pool->n;
    const bool one_by_one = pool->one_by_one;

    if (one_by_one && !pool->open) { /* too late */
      pthread_mutex_unlock (&pool->lock);
      continue;
    }
    pool->busy += one_by_one;
    pthread_mutex_unlock (&pool->lock);
    if (one_by_one)
      do_items (pool, fn, job, worker->index);
    else
      do_share (fn, job, n, worker->index, pool->threads);
    pthread_mutex_lock (&pool->lock);
    if (--pool->busy == 0)
      pthread_cond_signal (&pool->done);
    pthread_mutex_unlock (&pool->lock);
  }
  pthread_mutex_unlock (&pool->lock);
  return NULL;
}

LwPool *
lw_pool_new (int threads, GError **error)
{
  LwPool *pool = g_malloc0 (sizeof (LwPool) + sizeof (Worker) * (size_t)threads);

  pool->threads = threads;
  pool->parts = g_aligned_alloc0 ((gsize)threads, sizeof (Part), sizeof (Part));
  pool->looks = threads <= lw_processors ();
  pthread_mutex_init (&pool->lock, NULL);
  pthread_cond_init (&pool->work, NULL);
  pthread_cond_init (&pool->done, NULL);
  for (int i = 1; i < threads; i++) {
    Worker *worker = &pool->workers[pool->started];

    worker->pool = pool;
    worker->index = i;

    const int code = pthread_create (&worker->thread, NULL, worker_main, worker);

    if (code != 0) {
      g_set_error (error, LW_ERROR, LW_ERROR_DEVICE,
                   _ ("The system refused to start thread %d of %d (%s): ask for fewer threads."),
                   i + 1, threads, g_strerror (code));
      lw_pool_free (pool);
      return NULL;
    }
    pool->started++;
  }
  return pool;
}

void
lw_pool_free (LwPool *pool)
{
  pthread_mutex_lock (&pool->lock);
  pool->stop = true;
  pool->round++;
  pthread_cond_broadcast (&pool->work);
  pthread_mutex_unlock (&pool->lock);
  for (int i = 0; i < pool->started; i++)
    pthread_join (pool->workers[i].thread, NULL);
  pthread_cond_destroy (&pool->done);
  pthread_cond_destroy (&pool->work);
  pthread_mutex_destroy (&pool->lock);
  g_aligned_free (pool->parts);
  g_free (pool);
}

static void
start_round (LwPool *pool, int64_t n, LwParallelFn fn, const void *job, bool one_by_one)
{
  pthread_mutex_lock (&pool->lock);
  pool->fn = fn;
  pool->job = job;
  pool->n = n;
  pool->one_by_one = pool->open = one_by_one;
  pool->busy = one_by_one ? 0 : pool->started;
  for (int i = 0; i < pool->threads && one_by_one; i++) {
    pool->parts[i].next = n * i / pool->threads;
    pool->parts[i].end = n * (i + 1) / pool->threads;
  }
  pool->round++;
  pthread_cond_broadcast (&pool->work);
  pthread_mutex_unlock (&pool->lock);
}

static void
end_round (LwPool *pool)
{
  pthread_mutex_lock (&pool->lock);
  pool->open = false;
  pthread_mutex_unlock (&pool->lock);
  look_for_end (pool);
  pthread_mutex_lock (&pool->lock);
  while (pool->busy > 0)
    pthread_cond_wait (&pool->done, &pool->lock);
  pthread_mutex_unlock (&pool->lock);
}

static void
run (LwPool *pool, int64_t n, LwParallelFn fn, const void *job, bool one_by_one)
{
  const unsigned mode = flush_denormals ();

  if (n <= 1 || pool->threads == 1)
    do_share (fn, job, n, 0, 1);
  else {
    start_round (pool, n, fn, job, one_by_one);
    if (one_by_one)
      do_items (pool, fn, job, 0);
    else
      do_share (fn, job, n, 0, pool->threads);
    end_round (pool);
  }
  restore_denormals (mode);
}

void
lw_pool_run (LwPool *pool, int64_t n, LwParallelFn fn, const void *job)
{
  run (pool, n, fn, job, false);
}

void
lw_pool_run_items (LwPool *pool, int64_t n, LwParallelFn fn, const void *job)
{
  run (pool, n, fn, job, true);
}
