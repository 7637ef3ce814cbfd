#include "app/together.h"

#include "app/app.h"
#include "app/backends.h"
#include "distributed/load.h"
#include "engine/worker.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>

#define LINGER_US (2 * G_USEC_PER_SEC)

bool
lw_together_is_one_of_several (void)
{
  const LwLaunch launch = lw_launch_detect ();

  return launch.by != NULL && launch.size != 1;
}

bool
lw_together_is_silent (void)
{
  return lw_together_is_one_of_several () && !lw_launch_detect ().first;
}

/* mpirun ties each of two processes to one processor by itself. What srun gives them is what the
 * job has asked for. */
static void
note_idle (const LwCollective *collective, int32_t idle)
{
  if (collective->rank == 0 && idle > 0 && strcmp (lw_launch_detect ().by, "mpirun") == 0)
    lw_app_note (ngettext ("%d processor of this machine is left idle: mpirun --bind-to none lets "
                           "its workers use it.",
                           "%d processors of this machine are left idle: mpirun --bind-to none "
                           "lets its workers use them.",
                           (gulong)idle),
                 idle);
}

/* Where Open MPI was not built for that, it ends the program itself. */
static void
note_pmi (void)
{
  const LwLaunch launch = lw_launch_detect ();

  if (launch.by_pmi && launch.first && lw_together_is_one_of_several ())
    lw_app_note (/* What: "srun" or "mpirun". */
                 _ ("%s joins its processes by PMI, for which Open MPI has to be built; if it "
                    "refuses, start them with \"srun --mpi=pmix\" or with the mpirun of Open MPI."),
                 launch.by);
}

bool
lw_together_join (LwCollective **ret_collective, int *ret_status, GError **error)
{
  g_autoptr (GError) problem = NULL;
  int32_t threads, idle;

  *ret_status = LW_EXIT_FAILED;
  note_pmi ();
  if (lw_distributed_join (ret_collective, &problem) &&
      (*ret_collective == NULL ||
       lw_collective_threads (*ret_collective, &threads, &idle, &problem))) {
    if (*ret_collective != NULL)
      note_idle (*ret_collective, idle);
    return true;
  }
  g_clear_pointer (ret_collective, lw_collective_free);
  if (!lw_together_is_silent ())
    g_propagate_error (error, g_steal_pointer (&problem));
  return false;
}

int
lw_together_work (LwCollective *collective, const LwArgs *args, GError **error)
{
  LwWorkerOptions options = { .backends = lw_app_backends (),
                              .device = lw_args_value (args, "device") };
  g_autoptr (GError) failure = NULL;
  int64_t threads = 0;

  /* Process 0 is told as well, and says when to stop. */
  signal (SIGINT, SIG_IGN);
  signal (SIGTERM, SIG_IGN);
  signal (SIGUSR1, SIG_IGN);
  lw_args_integer (args, "threads", 1, 1024, &threads, NULL);
  options.threads = (int32_t)threads;
  if (lw_worker_run (collective, &options, &failure))
    return LW_EXIT_DONE;
  /* Process 0 shall see which one has died first, not those that have ended for it. */
  if (collective->lost > 0)
    g_usleep (LINGER_US);
  /* Where process 0 cannot say it any more, the next one does. */
  if (collective->lost == 0 && collective->rank == 1)
    g_propagate_error (error, g_steal_pointer (&failure));
  return LW_EXIT_FAILED;
}

void
lw_together_dismiss (LwCollective *collective)
{
  if (collective != NULL && !collective->failed)
    lw_workers_dismiss (collective, NULL);
}

void
lw_together_leave (LwCollective *collective)
{
  lw_collective_free (collective);
}
