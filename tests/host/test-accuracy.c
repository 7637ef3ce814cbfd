/* LeNet with batch normalization at the book's settings on the real Fashion-MNIST: after one epoch
 * the median test accuracy of three seeds is at least 0.70. Skipped where the images are missing;
 * minutes on a slow machine, hence in the suite "slow". */
#include "tests/support/program.h"
#include "tests/support/training.h"

#define LEAST 0.70f

static int
compare (gconstpointer a, gconstpointer b)
{
  const float x = *(const float *)a, y = *(const float *)b;

  return (x > y) - (x < y);
}

static void
test_lenet_bn (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwDataset) dataset = lw_dataset_open ("fashion-mnist", &error);
  float accuracies[3];
  char *folder;

  if (dataset == NULL) {
    g_test_skip (error->message);
    return;
  }
  folder = lw_make_folder ();
  for (int i = 0; i < 3; i++) {
    g_autofree char *path = g_strdup_printf ("%s/seed-%d", folder, i + 1);
    g_autoptr (LwSettings) settings = lw_test_settings ("lenet-bn", "epochs=1", "threads=0", NULL);
    g_autoptr (LwRunLog) log = NULL;
    const LwEvent *epoch;

    settings->seed = (uint64_t)i + 1;
    log = lw_test_train (settings, dataset, path);
    epoch = lw_run_log_get (log, lw_run_log_length (log) - 2);
    g_assert_cmpint (epoch->kind, ==, LW_EVENT_EPOCH);
    accuracies[i] = epoch->test_accuracy;
    g_test_message ("seed %d: train %.4f, test %.4f, %.0f examples/s", i + 1,
                    (double)epoch->accuracy, (double)epoch->test_accuracy,
                    (double)epoch->examples_per_second);
  }
  qsort (accuracies, 3, sizeof *accuracies, compare);
  g_assert_cmpfloat (accuracies[1], >=, LEAST);
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/accuracy/lenet-bn", test_lenet_bn);
  return g_test_run ();
}
