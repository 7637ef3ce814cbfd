/* Memory. Trainings that are begun and stopped again and again keep nothing: what a few have taken,
 * many more do not add to. With the address sanitizer whatever is left at the end is a leak. A
 * thousand by hand: bench-endurance cycles 1000. */
#include "engine/run.h"
#include "kernels/cpu/cpu.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <stdatomic.h>
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

/* No more than so many further bytes of addresses. */
G_GNUC_UNUSED static void
end_addresses (gsize more)
{
  g_autofree char *text = NULL;
  struct rlimit limit = { 0 };

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  limit.rlim_cur = limit.rlim_max =
      (rlim_t)g_ascii_strtoull (text, NULL, 10) * (rlim_t)sysconf (_SC_PAGESIZE) + more;
  g_assert_cmpint (setrlimit (RLIMIT_AS, &limit), ==, 0);
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

/* --- memory that ends --------------------------------------------------------------------------
 * The linker puts these in place of the functions that they are named after. */

#define LARGE 4096

static atomic_bool memory_ended;

gpointer __real_g_try_malloc_n (gsize n, gsize bytes);
gpointer __real_g_try_malloc0 (gsize bytes);
gpointer __wrap_g_try_malloc_n (gsize n, gsize bytes);
gpointer __wrap_g_try_malloc0 (gsize bytes);

gpointer
__wrap_g_try_malloc_n (gsize n, gsize bytes)
{
  return memory_ended && n * bytes >= LARGE ? NULL : __real_g_try_malloc_n (n, bytes);
}

gpointer
__wrap_g_try_malloc0 (gsize bytes)
{
  return memory_ended && bytes >= LARGE ? NULL : __real_g_try_malloc0 (bytes);
}

/* In the middle of a training: it ends in a sentence, which its folder keeps, and what was saved
 * before is whole. A view that wants to look gets nothing. */
static void
test_ends_later (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL), *message = NULL, *last = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwRun) run = NULL;
  LwTrainer *trainer = begin (path, "batch=40", NULL);
  const int64_t begun = lw_run_log_length (lw_trainer_log (trainer));

  for (int i = 0; i < 10; i++) /* an epoch */
    lw_test_step (trainer);
  g_assert_cmpint (lw_run_log_length (lw_trainer_log (trainer)), >, begun + 10);
  memory_ended = true;
  g_assert_null (
      lw_trainer_watch_moment (trainer, (LwNodeId[]){ 1 }, 1, NULL, 0, (float[28 * 28]){ 0 }, 0));
  lw_trainer_start (trainer);
  lw_trainer_join (trainer);
  memory_ended = false;
  message = lw_trainer_message (trainer);
  g_assert_cmpint (lw_trainer_state (trainer), ==, LW_RUN_FAILED);
  lw_assert_contains (message, "not enough memory");
  lw_trainer_free (trainer);
  run = lw_run_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (run->state, ==, LW_RUN_FAILED);
  lw_assert_contains (run->message, "not enough memory");
  last = lw_run_checkpoint (run, "last", &error);
  g_assert_no_error (error);
  g_assert_true (lw_weights_fit (run->graph, last, &error));
  lw_remove_folder (folder);
}

/* A training that runs has all that it needs: it goes on to its end where nothing more can be had.
 * In a process of its own, whose address space ends where it is then. */
static void
test_needs_no_more (void)
{
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ /* they need all addresses */
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  const pid_t child = fork ();

  if (child == 0) {
    LwTrainer *trainer = begin (path, "batch=40", NULL);

    lw_test_step (trainer);
    end_addresses (0);
    lw_test_run (trainer, LW_RUN_FINISHED);
    _exit (0);
  }
  g_assert_cmpint (child, >, 0);
  g_assert_true (lw_reap (child));
  lw_remove_folder (folder);
#else
  g_test_skip ("the sanitizer needs all addresses");
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
    g_autofree char *message = NULL;

    g_assert_nonnull (trainer);
    end_addresses (12 << 20); /* a batch takes about 30 MB; threads and small things need some */
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
  g_test_add_func ("/cycles/needs-no-more", test_needs_no_more);
  g_test_add_func ("/cycles/memory-ends", test_ends_later);
  g_test_add_func ("/cycles/resident", test_cycles);
  return g_test_run ();
}
