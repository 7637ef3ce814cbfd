#include "tests/device/processes.h"

#include "tests/device/emulation/emulation.h"
#include "tests/support/program.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 8, ROOM = 1 << 16, DEADLINE_S = 200 };

/* What is brought in two rooms by turns, so that nobody overwrites what another still reads. */
typedef struct {
  _Atomic pid_t pid[PROCESSES];
  _Atomic int64_t brought[PROCESSES], taken[PROCESSES];
  _Atomic bool aborted;
  char why[256];
  char room[PROCESSES][2][ROOM];
} Shared;

typedef struct {
  LwCollective collective;
  Shared *shared;
  int64_t number;
} Own;

static bool
look (LwCollective *collective, GError **error)
{
  const Shared *shared = ((Own *)collective)->shared;
  int dead = -1;

  for (int i = 0; i < collective->size; i++)
    if (shared->pid[i] != 0 && lw_emulation_is_gone (shared->pid[i]))
      dead = i;
  /* Asked afterwards: one that gave up has said so before it ended. */
  if (shared->aborted)
    g_set_error (error, LW_ERROR, LW_ERROR_DEVICE, "A worker gave up: %s", shared->why);
  else if (dead >= 0)
    g_set_error (error, LW_ERROR, LW_ERROR_DEVICE, "Worker %d has died.", dead);
  else
    return true;
  collective->failed = true;
  return false;
}

/* The card goes on meanwhile. */
static bool
wait_for (LwCollective *collective, const _Atomic int64_t *counts, int64_t least, GError **error)
{
  for (int i = 0; i < collective->size; i++)
    for (int64_t us = 0; counts[i] < least; us += 50) {
      if (us > 1000000 * (int64_t)DEADLINE_S)
        g_error ("process %d waits for process %d", collective->rank, i);
      lw_emulation_run ();
      if (us > 20000 && counts[i] < least && !look (collective, error))
        return false;
      g_usleep (50);
    }
  return true;
}

/* all [size], `stride` apart. */
static bool
gather_piece (LwCollective *collective, const char *from, char *to, int64_t stride, int64_t bytes,
              GError **error)
{
  Own *own = (Own *)collective;
  Shared *shared = own->shared;
  const int64_t number = ++own->number;

  if (!wait_for (collective, shared->taken, number - 2, error))
    return false;
  memcpy (shared->room[collective->rank][number % 2], from, (size_t)bytes);
  shared->brought[collective->rank] = number;
  if (!wait_for (collective, shared->brought, number, error))
    return false;
  for (int i = 0; i < collective->size; i++)
    memcpy (to + i * stride, shared->room[i][number % 2], (size_t)bytes);
  shared->taken[collective->rank] = number;
  return true;
}

static bool
gather (LwCollective *collective, const void *own, void *all, int64_t bytes, GError **error)
{
  for (int64_t first = 0; first < bytes; first += ROOM)
    if (!gather_piece (collective, (const char *)own + first, (char *)all + first, bytes,
                       MIN (bytes - first, ROOM), error))
      return false;
  return true;
}

static bool
begin_sum (LwCollective *collective, float *values, int64_t n, GError **error)
{
  g_autofree float *all = g_new (float, (gsize)(n * collective->size));

  if (!gather (collective, values, all, n * (int64_t)sizeof *values, error))
    return false;
  for (int64_t k = 0; k < n; k++) {
    values[k] = all[k];
    for (int i = 1; i < collective->size; i++)
      values[k] += all[i * n + k];
  }
  return true;
}

/* Of processes a and b into a. */
static void
merge_moments (double *a, const double *b, int64_t n)
{
  const int64_t c = (n - 1) / 2;
  const double total = a[0] + b[0];

  if (b[0] == 0)
    return;
  for (int64_t i = 1; i <= c; i++) {
    const double distance = a[0] == 0 ? 0 : b[i] - a[i];

    a[i + c] = (a[0] == 0 ? 0 : a[i + c]) + b[i + c] + distance * distance * a[0] * b[0] / total;
    a[i] = a[0] == 0 ? b[i] : a[i] + distance * b[0] / total;
  }
  a[0] = total;
}

static bool
reduce (LwCollective *collective, double *values, int64_t n, LwReduction reduction, GError **error)
{
  g_autofree double *all = g_new (double, (gsize)(n * collective->size));

  if (!gather (collective, values, all, n * (int64_t)sizeof *values, error))
    return false;
  memcpy (values, all, sizeof *values * (size_t)n);
  for (int i = 1; i < collective->size; i++) {
    const double *other = all + i * n;

    if (reduction == LW_REDUCE_MOMENTS)
      merge_moments (values, other, n);
    for (int64_t k = 0; k < n && reduction != LW_REDUCE_MOMENTS; k++)
      values[k] = reduction == LW_REDUCE_SUM   ? values[k] + other[k]
                  : reduction == LW_REDUCE_MIN ? MIN (values[k], other[k])
                                               : MAX (values[k], other[k]);
  }
  return true;
}

static bool
broadcast (LwCollective *collective, void *data, int64_t bytes, GError **error)
{
  g_autofree char *all = g_malloc ((gsize)(bytes * collective->size));

  if (!gather (collective, data, all, bytes, error))
    return false;
  memcpy (data, all, (size_t)bytes);
  return true;
}

static void
abort_all (LwCollective *collective, const char *why)
{
  Shared *shared = ((Own *)collective)->shared;

  g_strlcpy (shared->why, why, sizeof shared->why);
  shared->aborted = true;
  collective->failed = true;
}

static const LwCollectiveVerbs verbs = { "shared memory", begin_sum, look,      reduce,
                                         broadcast,       gather,    abort_all, NULL };

static G_GNUC_NORETURN void
run (Shared *shared, int32_t rank, int32_t size, LwProcess *process, const void *data)
{
  Own own = { .collective = { .verbs = &verbs,
                              .rank = rank,
                              .size = size,
                              .local_rank = rank,
                              .local_size = size },
              .shared = shared };
  int64_t all[PROCESSES];

  lw_end_with_test (NULL);
  alarm (DEADLINE_S);
  shared->pid[rank] = getpid ();
  g_assert_true (gather (&own.collective, &own.number, all, sizeof own.number, NULL));
  process (&own.collective, data);
  exit (0);
}

void
lw_run_processes (int32_t size, LwProcess *process, const void *data, int32_t killed)
{
  Shared *shared =
      mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t children[PROCESSES];

  g_assert_true (shared != MAP_FAILED && size <= PROCESSES);
  fflush (NULL);
  for (int32_t rank = 0; rank < size; rank++) {
    children[rank] = fork ();
    g_assert_cmpint (children[rank], >=, 0);
    if (children[rank] == 0)
      run (shared, rank, size, process, data);
  }
  for (int32_t rank = 0; rank < size; rank++) {
    int status = 0;

    g_assert_cmpint (waitpid (children[rank], &status, 0), ==, children[rank]);
    if (rank == killed ? !WIFSIGNALED (status) || WTERMSIG (status) != SIGKILL
                       : !WIFEXITED (status) || WEXITSTATUS (status) != 0)
      g_test_fail_printf ("process %d of %d ends with status %x", rank, size, (unsigned)status);
  }
  munmap (shared, sizeof *shared);
}
