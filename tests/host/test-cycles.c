/* Trainings that are begun and stopped again and again keep nothing: what a few have taken, many
 * more do not add to. With the address sanitizer whatever is left at the end is a leak. A thousand
 * by hand: bench-endurance cycles 1000. */
#include "kernels/cpu/cpu.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define WARM_UP 12
#define CYCLES  48

static LwTrainer *
begin (const char *path, const char *batch, GError **error)
{
  const LwBackend *const backends[] = { lw_cpu_backend (), NULL };
  g_autoptr (LwDataset) dataset = lw_test_shapes (400, 10);
  g_autoptr (LwSettings) settings = lw_test_settings (
      "lenet-bn", "data=shapes", "device=cpu", "algorithms=fixed", "momentum=0.5", batch, NULL);

  return lw_trainer_new (settings, backends, dataset, path, error);
}

static void
test_cycles (void)
{
  int64_t warm = 0;

  for (int i = 0; i < WARM_UP + CYCLES; i++) {
    char *folder = lw_make_folder ();
    g_autofree char *path = g_build_filename (folder, "run", NULL);
    LwTrainer *trainer = begin (path, "batch=4", NULL);

    lw_test_step (trainer);
    lw_trainer_stop (trainer);
    lw_trainer_join (trainer);
    g_assert_cmpint (lw_trainer_state (trainer), ==, LW_RUN_STOPPED);
    lw_trainer_free (trainer);
    lw_remove_folder (folder);
    if (i == WARM_UP)
      warm = lw_own_memory ();
  }
  g_test_message ("%d cycles added %.1f MB", CYCLES - 1,
                  (double)(lw_own_memory () - warm) / (1 << 20));
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ /* they keep what was freed */
  g_assert_cmpint (lw_own_memory () - warm, <, 1 << 20);
#endif
}

/* Memory that is there by the estimate and cannot be had all the same: the run fails in a sentence,
 * and leaves nothing. In a process of its own, whose address space ends where it is now. */
static void
test_out_of_memory (void)
{
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ /* they need all addresses */
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  const pid_t child = fork ();

  if (child == 0) {
    LwTrainer *trainer = begin (path, "batch=400", NULL);
    g_autofree char *text = NULL, *message = NULL;
    struct rlimit limit = { 0 };

    g_assert_nonnull (trainer);
    g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
    /* A batch takes about 30 MB; threads and small things need some. */
    limit.rlim_cur = limit.rlim_max =
        (rlim_t)g_ascii_strtoull (text, NULL, 10) * (rlim_t)sysconf (_SC_PAGESIZE) + (12 << 20);
    g_assert_cmpint (setrlimit (RLIMIT_AS, &limit), ==, 0);
    lw_trainer_start (trainer);
    lw_trainer_join (trainer);
    message = lw_trainer_message (trainer);
    if (lw_trainer_state (trainer) != LW_RUN_FAILED || message == NULL ||
        strstr (message, "memory") == NULL)
      g_error ("state %d: %s", lw_trainer_state (trainer), message);
    lw_trainer_free (trainer);
    _exit (g_file_test (path, G_FILE_TEST_EXISTS) ? 3 : 0);
  }
  g_assert_cmpint (child, >, 0);
  g_assert_true (lw_reap (child));
  lw_remove_folder (folder);
#else
  g_test_skip ("the sanitizer needs all addresses");
#endif
}

int
main (int argc, char **argv)
{
  if (g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR))
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cycles/out-of-memory", test_out_of_memory); /* before threads were */
  g_test_add_func ("/cycles/resident", test_cycles);
  return g_test_run ();
}
