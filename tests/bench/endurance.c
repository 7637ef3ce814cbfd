/* What a long run and many short ones take: resident memory along a training of a million steps and
 * over a thousand trainings that are stopped, and how long a run of a million steps takes to open.
 *
 *   bench-endurance steps 1000000 | cycles 1000 | open RUN */
#include "engine/run.h"
#include "engine/trainer.h"
#include "kernels/cpu/cpu.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of this process, in MB: its own memory, and file pages that the system may drop. */
static void
print_resident (const char *what, int64_t n)
{
  g_autofree char *text = NULL;
  long own = 0, files = 0;
  const char *at;

  g_file_get_contents ("/proc/self/status", &text, NULL, NULL);
  if (text != NULL && (at = strstr (text, "RssAnon:")) != NULL)
    own = strtol (at + 8, NULL, 10);
  if (text != NULL && (at = strstr (text, "RssFile:")) != NULL)
    files = strtol (at + 8, NULL, 10);
  printf ("%9" G_GINT64_FORMAT " %s   %7.1f MB own   %7.1f MB of files\n", n, what,
          (double)own / 1024, (double)files / 1024);
  fflush (stdout);
}

static const LwBackend *const *
backends (void)
{
  static const LwBackend *all[2];

  all[0] = lw_cpu_backend ();
  return all;
}

static LwSettings *
tiny (void)
{
  return lw_test_settings ("lenet-bn", "data=shapes", "batch=2", "device=cpu", "set=width=0.0625",
                           "resize=16", "algorithms=fixed", "lr=0.01", NULL);
}

static void
open_run (const char *path)
{
  for (int i = 0; i < 3; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (LwMetricsTail) tail = NULL;
    const gint64 begin = g_get_monotonic_time ();
    g_autoptr (LwRun) run =
        i < 2 ? lw_run_open (path, &error) : lw_run_open_growing (path, &tail, &error);

    g_assert_no_error (error);
    printf ("%" G_GINT64_FORMAT " events opened in %.2f s%s\n", lw_run_log_length (run->log),
            (double)(g_get_monotonic_time () - begin) / G_USEC_PER_SEC,
            i < 2 ? "" : ", as the window does");
  }
}

static void
run_steps (int64_t steps)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (2000, 10);
  g_autoptr (LwSettings) settings = tiny ();
  const gint64 begin = g_get_monotonic_time ();
  LwTrainer *trainer;
  int64_t said = 0;

  settings->steps = steps;
  trainer = lw_trainer_new (settings, backends (), dataset, path, NULL);
  lw_trainer_start (trainer);
  while (lw_trainer_state (trainer) < LW_RUN_FINISHED) {
    const int64_t events = lw_run_log_length (lw_trainer_log (trainer));

    if (events >= said + steps / 10) {
      said += steps / 10;
      print_resident ("steps", said);
    }
    g_usleep (20000);
  }
  lw_trainer_free (trainer);
  print_resident ("steps, freed", steps);
  printf ("%.0f s\n", (double)(g_get_monotonic_time () - begin) / G_USEC_PER_SEC);
  open_run (path);
  lw_remove_folder (folder);
}

static void
run_cycles (int64_t cycles)
{
  g_autoptr (LwDataset) dataset = lw_test_shapes (40, 10);
  g_autoptr (LwSettings) settings = tiny ();

  for (int64_t i = 1; i <= cycles; i++) {
    char *folder = lw_make_folder ();
    g_autofree char *path = g_build_filename (folder, "run", NULL);
    LwTrainer *trainer = lw_trainer_new (settings, backends (), dataset, path, NULL);

    lw_test_step (trainer);
    lw_trainer_stop (trainer);
    lw_trainer_join (trainer);
    lw_trainer_free (trainer);
    lw_remove_folder (folder);
    if (i == 10 || i % MAX (cycles / 10, 1) == 0)
      print_resident ("cycles", i);
  }
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "steps") == 0)
    run_steps (strtoll (argv[2], NULL, 10));
  else if (argc == 3 && strcmp (argv[1], "cycles") == 0)
    run_cycles (strtoll (argv[2], NULL, 10));
  else if (argc == 3 && strcmp (argv[1], "open") == 0)
    open_run (argv[2]);
  else {
    fprintf (stderr, "usage: bench-endurance steps N | cycles N | open RUN\n");
    return 2;
  }
  return 0;
}
