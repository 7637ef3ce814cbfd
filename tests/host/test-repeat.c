/* Same seed, same numbers: a run that is repeated from its folder has the same bits on the same
 * backend with as many threads, and nearly the same on others. */
#include "engine/checkpoint.h"
#include "engine/run.h"
#include "engine/run_record.h"
#include "engine/run_same.h"
#include "kernels/cpu/cpu.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <string.h>
#include <unistd.h>

static const LwBackend *const *
backends (void)
{
  static const LwBackend *all[3];

  all[0] = lw_cpu_backend ();
  all[1] = lw_test_backends[0];
  return all;
}

static LwTrainer *
begin (const LwSettings *settings, LwDataset *dataset, const char *path)
{
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer = lw_trainer_new (settings, backends (), dataset, path, &error);

  g_assert_no_error (error);
  return trainer;
}

static LwRunSame
repeat (LwDataset *dataset, const char *path, const char *again, const char *device, int threads,
        LwRunState state)
{
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer =
      lw_trainer_repeat (path, backends (), dataset, again, device, threads, &error);
  g_autoptr (LwRun) a = NULL, b = NULL;
  LwRunSame same;

  g_assert_no_error (error);
  lw_test_run (trainer, state);
  lw_trainer_free (trainer);
  a = lw_run_open (path, &error);
  b = a != NULL ? lw_run_open (again, &error) : NULL;
  g_assert_no_error (error);
  g_assert_true (lw_run_same (a, b, &same, &error));
  return same;
}

static void
assert_same (LwRunSame same, int64_t steps, int64_t epochs)
{
  g_assert_cmpstr (same.difference, ==, NULL);
  g_assert_true (same.same);
  g_assert_cmpint (same.steps, ==, steps);
  g_assert_cmpint (same.epochs, ==, epochs);
  g_assert_cmpint (same.tensors, >, 4);
  g_assert_cmpfloat (same.loss, ==, 0);
}

/* With dropout, a momentum, a setting that changes, views that watch the first run and not the
 * second, and two threads; from weights of a file that is gone. */
static void
test_same (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *again = g_build_filename (folder, "again", NULL);
  g_autofree char *source = g_build_filename (folder, "source", NULL);
  g_autofree char *weights = lw_checkpoint_path (source, 2);
  g_autoptr (LwDataset) dataset = lw_test_shapes (40, 16);
  g_autoptr (LwSettings) first = lw_test_settings ("alexnet", "data=shapes", "batch=8", "steps=2",
                                                   "seed=9", "resize=65", "set=width=0.0625", NULL);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("alexnet", "data=shapes", "batch=8", "steps=12", "lr=0.02", "momentum=0.5",
                        "resize=65", "set=width=0.0625", "device=cpu", "threads=2", NULL);
  g_autofree float *image = g_new0 (float, 65 * 65);
  LwProbe *probe;
  LwTrainer *trainer;

  lw_run_log_unref (lw_test_train (first, dataset, source));
  settings->init = g_strdup (weights);
  trainer = begin (settings, dataset, path);
  probe = lw_trainer_watch_activation (trainer, 1, image, 0);
  for (int i = 0; i < 7; i++)
    lw_test_step (trainer);
  g_assert_true (lw_trainer_change (trainer, LW_LIVE_LEARNING_RATE, 0.01, NULL));
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_unwatch (trainer, probe);
  lw_probe_unref (probe);
  lw_trainer_free (trainer);
  lw_remove_folder (g_steal_pointer (&source));
  assert_same (repeat (dataset, path, again, NULL, 0, LW_RUN_FINISHED), 12, 2);
  lw_remove_folder (folder);
}

/* One that was stopped ends where that was. */
static void
test_stopped (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *again = g_build_filename (folder, "again", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (40, 16);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=8", "epochs=9", "lr=0.5",
                        "schedule=cosine", "optimizer=adam", NULL);
  LwTrainer *trainer = begin (settings, dataset, path);

  for (int i = 0; i < 8; i++)
    lw_test_step (trainer);
  lw_trainer_free (trainer);
  assert_same (repeat (dataset, path, again, NULL, 0, LW_RUN_STOPPED), 8, 1);
  lw_remove_folder (folder);
}

/* A difference is found, and where. */
static void
test_other (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *again = g_build_filename (folder, "again", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (40, 16), other = lw_test_shapes (41, 16);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=8", "steps=6", "lr=0.5", NULL);
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, NULL);
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer = begin (settings, dataset, path);
  LwRunRecord record;
  LwRunSame same;

  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  g_assert_null (lw_trainer_repeat (path, backends (), other, again, NULL, 0, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "data that it began with");
  g_assert_null (lw_trainer_repeat (folder, backends (), dataset, again, NULL, 0, &error));
  lw_test_assert_sentence (&error, LW_ERROR_IO, "not a run's folder");

  g_assert_true (lw_run_record_read (path, &record, NULL));
  record.settings->learning_rate = 0.25; /* the first step computes the same loss */
  g_assert_true (lw_run_record_write (&record, graph, path, NULL));
  lw_run_record_clear (&record);
  same = repeat (dataset, path, again, NULL, 0, LW_RUN_FINISHED);
  g_assert_false (same.same);
  g_assert_cmpint (same.step, ==, 1);
  g_assert_nonnull (strstr (same.difference, "learning rate is 0.5 in the first"));
  lw_run_same_clear (&same);
  lw_remove_folder (folder);
}

/* Other orders of the same sums: after 20 steps losses are within 0.1 % of each other, by any
 * number of threads on either backend. */
static void
test_nearly (void)
{
  static const struct {
    const char *device;
    int threads;
  } others[] = { { "cpu", 2 }, { "cpu", 3 }, { "reference", 1 } };
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (80, 16);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=16", "steps=20", "lr=0.2", "device=cpu",
                        "algorithms=fixed", NULL);
  LwTrainer *trainer = begin (settings, dataset, path);

  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    g_autofree char *name = g_strdup_printf ("again-%u", i);
    g_autofree char *again = g_build_filename (folder, name, NULL);
    LwRunSame same =
        repeat (dataset, path, again, others[i].device, others[i].threads, LW_RUN_FINISHED);

    g_test_message ("%s, %d threads: losses differ by %.2g at most", others[i].device,
                    others[i].threads, same.loss);
    g_assert_cmpfloat (same.loss, <, 1e-3);
    lw_run_same_clear (&same);
  }
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/repeat/same", test_same);
  g_test_add_func ("/repeat/stopped", test_stopped);
  g_test_add_func ("/repeat/other", test_other);
  g_test_add_func ("/repeat/nearly", test_nearly);
  return g_test_run ();
}
