/* layerwise train under mpirun: the same losses as one process, and every way to end. */
#include "tests/support/data_files.h"
#include "tests/support/program.h"

#include <gio/gio.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static char *scratch; /* of this program; the data set is in it */
static char *program; /* layerwise */

/* Open MPI on one machine, without a network, also for root and with more processes than cores. */
static void
set_up_mpi (void)
{
  g_setenv ("OMPI_ALLOW_RUN_AS_ROOT", "1", TRUE);
  g_setenv ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", TRUE);
  g_setenv ("OMPI_MCA_rmaps_base_oversubscribe", "1", TRUE);
  g_setenv ("OMPI_MCA_hwloc_base_binding_policy", "none", TRUE);
  g_setenv ("OMPI_MCA_btl", "self,vader", TRUE);
  g_setenv ("OMPI_MCA_btl_vader_single_copy_mechanism", "none", TRUE);
  g_setenv ("OMPI_MCA_oob", "tcp", TRUE);
  g_setenv ("OMPI_MCA_oob_tcp_if_include", "lo", TRUE);
  g_setenv ("OMPI_MCA_plm", "isolated", TRUE);
}

/* Noise over stripes: no two neighbours alike, so that nothing hangs on a last digit. */
static void
write_images (const char *name, int32_t n)
{
  GByteArray *images = lw_idx_images (n, 28, 28);
  GByteArray *labels = lw_idx_labels (n, 10);
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autofree char *images_name = g_strdup_printf ("%s-images-idx3-ubyte", name);
  g_autofree char *labels_name = g_strdup_printf ("%s-labels-idx1-ubyte", name);

  for (int32_t i = 0; i < n; i++)
    for (int32_t p = 0; p < 28 * 28; p++) {
      const int label = labels->data[8 + i];
      const double stripe = sin ((label + 1) * (p % 28) / 6.0 + (p / 28) * (label % 3) / 5.0);

      images->data[16 + i * 28 * 28 + p] =
          (guint8)(64 + 50 * stripe + g_rand_int_range (rand, 0, 120));
    }
  lw_scratch_write (scratch, images_name, images->data, images->len);
  lw_scratch_write (scratch, labels_name, labels->data, labels->len);
  g_byte_array_unref (images);
  g_byte_array_unref (labels);
}

static char *
run_folder (const char *name)
{
  return g_build_filename (scratch, name, NULL);
}

/* `words`, separated by blanks, behind "train --data …"; `workers` 0: alone. */
static char **
command (int workers, const char *words, const char *folder)
{
  g_autoptr (GStrvBuilder) line = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit (words, " ", -1);

  if (workers > 0) {
    g_autofree char *number = g_strdup_printf ("%d", workers);

    g_strv_builder_add_many (line, g_getenv ("LAYERWISE_MPIRUN"), "-n", number, NULL);
  }
  g_strv_builder_add_many (line, program, "train", NULL);
  g_strv_builder_addv (line, (const char **)parts);
  if (folder != NULL)
    g_strv_builder_add_many (line, "--data", scratch, "--threads", "1", "--algorithms", "fixed",
                             "--output", folder, NULL);
  return g_strv_builder_end (line);
}

static LwResult *
run (char **line)
{
  LwResult *result;

  g_setenv ("LAYERWISE_PROGRAM", line[0], TRUE);
  result = lw_program_v ((const char *const *)line + 1);
  g_strfreev (line);
  return result;
}

static GSubprocess *
start (char **line)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_child_setup (launcher, lw_end_with_test, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *)line, &error);
  g_assert_no_error (error);
  g_strfreev (line);
  return process;
}

/* The loss and accuracy of each step, as text. */
static GPtrArray *
read_steps (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "metrics.csv", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GPtrArray *steps = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "step,"))
      g_ptr_array_add (steps, g_strsplit (lines[i], ",", -1));
  return steps;
}

static double
number (const GPtrArray *steps, guint i, int column)
{
  return g_ascii_strtod (((char **)steps->pdata[i])[column], NULL);
}

static char *
read_record (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "run.json", NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* --- the same numbers ------------------------------------------------------------------------- */

typedef struct {
  const char *name;
  int workers;
  const char *words;
} Case;

static const Case cases[] = {
  /* a short last batch of 4: 500 = 15 · 32 + 20 */
  { "lenet", 2, "lenet --limit-train 500 --batch 32 --learning-rate 0.1 --momentum 0.9" },
  /* parts of 11, 10 and 10; of the last batch, with 2 images, the third worker has none */
  { "absent", 3, "lenet --limit-train 126 --batch 31 --learning-rate 0.1" },
  { "lenet-bn", 3, "lenet-bn --limit-train 135 --batch 31 --learning-rate 0.1" },
  { "resnet18", 2,
    "resnet18 --limit-train 64 --batch 16 --learning-rate 0.001 --resize 64 --set width=0.125 "
    "--set activation=sigmoid --set pooling=average" },
  { "dropout", 2,
    "alexnet --limit-train 70 --batch 16 --learning-rate 0.01 --resize 67 --set width=0.125 --set "
    "hidden=62 --augment crop" },
};

static void
test_losses (const void *data)
{
  const Case *c = data;
  g_autofree char *alone = g_strconcat (scratch, "/alone-", c->name, NULL);
  g_autofree char *together = g_strconcat (scratch, "/together-", c->name, NULL);
  g_autofree char *words = g_strconcat (c->words, " --steps 50 --limit-test 40", NULL);
  g_autofree char *workers = g_strdup_printf ("\"workers\": %d", c->workers);
  g_autoptr (LwResult) one = run (command (0, words, alone));
  g_autoptr (LwResult) several = run (command (c->workers, words, together));
  g_autoptr (GPtrArray) expected = NULL, steps = NULL;
  g_autofree char *record = NULL;
  double largest = 0;

  lw_assert_status (one, 0);
  lw_assert_status (several, 0);
  expected = read_steps (alone);
  steps = read_steps (together);
  g_assert_cmpuint (expected->len, ==, 50);
  g_assert_cmpuint (steps->len, ==, 50);
  for (guint i = 0; i < 50; i++) {
    largest = MAX (largest, fabs (number (steps, i, 4) - number (expected, i, 4)));
    g_assert_cmpfloat (number (steps, i, 5), ==, number (expected, i, 5));
  }
  g_test_message ("%s: losses differ by %.2e at most", c->name, largest);
  g_assert_cmpfloat (largest, <, 1e-5);
  record = read_record (together);
  lw_assert_contains (record, workers);
  lw_assert_contains (record, "\"batch_norm_statistics\": \"synchronized\"");
  /* It is printed once. */
  g_assert_nonnull (strstr (several->out, together));
  g_assert_null (strstr (strstr (several->out, together) + 1, together));
}

/* Statistics of parts are other numbers, and the test is process 0's with its own. */
static void
test_local (void)
{
  g_autofree char *local = run_folder ("local"), *whole = run_folder ("whole");
  const char *words = "lenet-bn --limit-train 64 --batch 16 --steps 6 --limit-test 40 "
                      "--learning-rate 0.1 --batch-norm-statistics ";
  g_autofree char *a = g_strconcat (words, "local", NULL);
  g_autofree char *b = g_strconcat (words, "synchronized", NULL);
  g_autoptr (LwResult) first = run (command (2, a, local));
  g_autoptr (LwResult) second = run (command (2, b, whole));
  g_autoptr (LwResult) few = NULL;
  g_autoptr (GPtrArray) steps = NULL, others = NULL;

  lw_assert_status (first, 0);
  lw_assert_status (second, 0);
  steps = read_steps (local);
  others = read_steps (whole);
  g_assert_cmpfloat (fabs (number (steps, 5, 4) - number (others, 5, 4)), >, 1e-4);
  few = run (command (3, "lenet-bn --limit-train 64 --batch 31 --batch-norm-statistics local",
                      "/nonexistent/run"));
  lw_assert_status (few, 1);
  lw_assert_contains (few->err, "choose --batch-norm-statistics synchronized");
}

/* Processes that lay tensors out differently. */
static void
test_mixed (void)
{
  g_autofree char *alone = run_folder ("mixed-alone"), *together = run_folder ("mixed");
  const char *words = "lenet-bn --limit-train 100 --batch 16 --steps 12 --limit-test 40 "
                      "--learning-rate 0.1 --device cpu";
  g_autoptr (LwResult) one = run (command (0, words, alone));
  g_autoptr (GStrvBuilder) line = g_strv_builder_new ();
  g_autoptr (LwResult) several = NULL;
  g_autoptr (GPtrArray) expected = NULL, steps = NULL;
  g_auto (GStrv) first = command (1, words, together);

  g_strv_builder_addv (line, (const char **)first);
  g_strv_builder_add_many (line, ":", "-n", "1", program, "train", "lenet-bn", "--device",
                           "reference", "--threads", "1", NULL);
  several = run (g_strv_builder_end (line));
  lw_assert_status (one, 0);
  lw_assert_status (several, 0);
  expected = read_steps (alone);
  steps = read_steps (together);
  g_assert_cmpuint (steps->len, ==, 12);
  for (guint i = 0; i < 12; i++)
    g_assert_cmpfloat (fabs (number (steps, i, 4) - number (expected, i, 4)), <, 1e-5);
}

/* --- failures --------------------------------------------------------------------------------- */

/* How often layerwise itself says something. */
static int
count_sentences (const char *text)
{
  int n = 0;

  for (const char *at = text; (at = strstr (at, "layerwise: ")) != NULL; at++)
    n += at == text || at[-1] == '\n';
  return n;
}

static void
test_errors (void)
{
  g_autofree char *folder = run_folder ("never");
  g_autoptr (LwResult) usage = run (command (2, "lenet --batch 0", folder));
  g_autoptr (LwResult) unknown = run (command (2, "lenet --batchh 3", folder));
  g_autoptr (GStrvBuilder) line = g_strv_builder_new ();
  g_auto (GStrv) first = command (1, "lenet", folder);
  g_autoptr (LwResult) one = NULL, none = NULL;

  lw_assert_status (usage, 2);
  g_assert_cmpint (count_sentences (usage->err), ==, 1);
  lw_assert_status (unknown, 2);
  g_assert_cmpint (count_sentences (unknown->err), ==, 1);
  /* One process alone cannot begin. */
  g_strv_builder_addv (line, (const char **)first);
  g_strv_builder_add_many (line, ":", "-n", "1", program, "train", "lenet", "--device", "abc",
                           NULL);
  one = run (g_strv_builder_end (line));
  lw_assert_status (one, 1);
  g_assert_cmpint (count_sentences (one->err), ==, 1);
  lw_assert_contains (one->err, "worker 1 (process ");
  lw_assert_contains (one->err, "unknown device \"abc\"");
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  /* No module, no training: not two of them. */
  g_setenv ("LAYERWISE_MPI_MODULE", "none", TRUE);
  none = run (command (2, "lenet", folder));
  g_unsetenv ("LAYERWISE_MPI_MODULE");
  lw_assert_status (none, 1);
  g_assert_cmpint (count_sentences (none->err), ==, 1);
  lw_assert_contains (none->err, "mpirun has started several processes, which cannot join");
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

/* Programs that a test started, of which one is to be killed: by a word of their command lines. */
static GArray *
find_processes (const char *name, const char *word)
{
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (int));

  for (const char *entry; (entry = g_dir_read_name (proc)) != NULL;) {
    g_autofree char *path = g_build_filename ("/proc", entry, "cmdline", NULL);
    g_autofree char *line = NULL;
    const int number = atoi (entry);
    gsize length = 0;

    if (number <= 0 || !g_file_get_contents (path, &line, &length, NULL) || length == 0 ||
        !g_str_has_suffix (line, name))
      continue;
    for (gsize i = 0; i + 1 < length; i++)
      if (line[i] == '\0')
        line[i] = ' ';
    if (strstr (line, word) != NULL)
      g_array_append_val (found, number);
  }
  return found;
}

/* Until the run has a checkpoint, at most a minute. */
static void
wait_for_checkpoint (const char *folder)
{
  for (int i = 0; i < 6000; i++) {
    g_autofree char *path = g_build_filename (folder, "run.json", NULL);
    g_autofree char *text = NULL;

    if (g_file_get_contents (path, &text, NULL, NULL) &&
        strstr (text, "\"last_checkpoint\": -1") == NULL)
      return;
    g_usleep (10000);
  }
  g_error ("%s has no checkpoint", folder);
}

/* Not inlined, where gcc takes the text for gone. */
static G_GNUC_NO_INLINE int64_t
record_number (const char *record, const char *name)
{
  g_autofree char *member = g_strdup_printf ("\"%s\": ", name);
  const char *at = strstr (record, member);

  g_assert_nonnull (at);
  return g_ascii_strtoll (at + strlen (member), NULL, 10);
}

static char *
finish (GSubprocess *process, int *ret_status)
{
  g_autoptr (GError) error = NULL;
  char *err = NULL;

  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &err, &error));
  *ret_status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1;
  return err;
}

/* `which`: of the three workers, by their numbers in the system, which follow their ranks. */
static void
kill_one (int which, const char *name)
{
  g_autofree char *folder = run_folder (name);
  g_autofree char *err = NULL, *record = NULL, *said = NULL;
  g_autoptr (GSubprocess) process = NULL;
  GArray *found;
  int status;

  process = start (
      command (3,
               "lenet-bn --limit-train 64 --batch 16 --limit-test 16 --steps 100000 --epochs 25000 "
               "--snapshots 0",
               folder));
  wait_for_checkpoint (folder);
  found = find_processes ("layerwise", folder);
  g_assert_cmpuint (found->len, ==, 3);
  for (guint i = 1; i < 3; i++)
    for (guint k = i; k > 0; k--)
      if (g_array_index (found, int, k) < g_array_index (found, int, k - 1)) {
        const int number = g_array_index (found, int, k);

        g_array_index (found, int, k) = g_array_index (found, int, k - 1);
        g_array_index (found, int, k - 1) = number;
      }
  kill (g_array_index (found, int, which), SIGKILL);
  said = g_strdup_printf ("(process %d on ", g_array_index (found, int, which));
  err = finish (process, &status);
  g_test_message ("%s", err);
  g_assert_cmpint (status, !=, 0);
  g_assert_cmpint (count_sentences (err), ==, 1);
  lw_assert_contains (err, said);
  lw_assert_contains (err, "has died.");
  record = read_record (folder);
  if (which > 0) {
    lw_assert_contains (record, "\"state\": \"failed\"");
    lw_assert_contains (err, "resumed, it goes on from there");
  }
  g_array_unref (found);
  found = find_processes ("layerwise", folder);
  g_assert_cmpuint (found->len, ==, 0);
  g_array_unref (found);
  /* The checkpoint that run.json names can be read. */
  {
    g_autofree char *words = g_strdup_printf ("--resume %s --steps %" G_GINT64_FORMAT, folder,
                                              record_number (record, "total_steps"));
    g_autoptr (GSubprocess) again = start (command (2, words, NULL));

    for (int i = 0; i < 3000; i++) {
      g_autofree char *now = read_record (folder);

      if (record_number (now, "last_checkpoint") > record_number (record, "last_checkpoint"))
        break;
      g_usleep (10000);
    }
    g_subprocess_send_signal (again, SIGUSR1);
    g_free (finish (again, &status));
    g_assert_cmpint (status, ==, 130);
  }
}

static void
test_kill_worker (void)
{
  kill_one (2, "killed-worker");
}

static void
test_kill_first (void)
{
  kill_one (0, "killed-first");
}

/* mpirun takes Ctrl-C as an order to end all, a second after it has told them. */
static void
test_interrupt (void)
{
  g_autofree char *folder = run_folder ("interrupted");
  g_autofree char *err = NULL, *record = NULL;
  g_autoptr (GSubprocess) process = NULL;
  int64_t step;
  int status;

  process = start (command (2,
                            "lenet-bn --limit-train 64 --batch 16 --limit-test 16 --epochs 10000 "
                            "--snapshots 0",
                            folder));
  wait_for_checkpoint (folder);
  g_subprocess_send_signal (process, SIGINT);
  err = finish (process, &status);
  g_assert_cmpint (status, !=, 0);
  record = read_record (folder);
  lw_assert_contains (record, "\"state\": \"stopped\"");
  step = record_number (record, "step");
  g_assert_cmpint (step, >, 0);
  g_assert_cmpint (record_number (record, "last_checkpoint"), ==, step);
}

/* Stopped at half, resumed by as many: the same bits as without a break; by one alone: the same but
 * for rounding. */
static void
test_resume (void)
{
  g_autofree char *straight = run_folder ("straight"), *halves = run_folder ("halves");
  const char *words = "lenet-bn --limit-train 64 --batch 16 --limit-test 16 --learning-rate 0.1 "
                      "--epochs 10 --steps ";
  g_autofree char *all = g_strconcat (words, "40", NULL), *half = g_strconcat (words, "18", NULL);
  g_autofree char *more = g_strdup_printf ("--resume %s --steps 30", halves);
  g_autofree char *rest = g_strdup_printf ("--resume %s --steps 40", halves);
  g_autoptr (LwResult) whole = run (command (2, all, straight));
  g_autoptr (LwResult) first = run (command (2, half, halves));
  g_autoptr (LwResult) second = run (command (2, more, NULL));
  g_autoptr (LwResult) third = NULL;
  g_autoptr (GPtrArray) expected = NULL, steps = NULL;

  lw_assert_status (whole, 0);
  lw_assert_status (first, 0);
  lw_assert_status (second, 0);
  expected = read_steps (straight);
  steps = read_steps (halves);
  g_assert_cmpuint (steps->len, ==, 30);
  for (guint i = 0; i < 30; i++)
    g_assert_cmpstr (((char **)steps->pdata[i])[4], ==, ((char **)expected->pdata[i])[4]);
  third = run (command (0, rest, NULL));
  lw_assert_status (third, 0);
  lw_assert_contains (third->err, "was trained by 2 workers; with 1");
  g_clear_pointer (&steps, g_ptr_array_unref);
  steps = read_steps (halves);
  g_assert_cmpuint (steps->len, ==, 40);
  for (guint i = 0; i < 40; i++)
    g_assert_cmpfloat (fabs (number (steps, i, 4) - number (expected, i, 4)), <, 1e-5);
}

/* One object, of process 0; both figures are of this run. */
static void
test_bench (void)
{
  char **line = g_strsplit (g_getenv ("LAYERWISE_MPIRUN"), "\n", 1);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_autoptr (LwResult) result = NULL;
  g_autoptr (GPtrArray) events = NULL;
  JsonObject *object;

  g_strv_builder_addv (words, (const char **)line);
  g_strfreev (line);
  g_strv_builder_add_many (words, "-n", "2", program, "bench", "lenet-bn", "--batch", "9", "--steps",
                           "6", "--threads", "1", "--algorithms", "fixed", "--json", NULL);
  result = run (g_strv_builder_end (words));
  lw_assert_status (result, 0);
  events = lw_result_events (result);
  g_assert_cmpuint (events->len, ==, 1);
  object = events->pdata[0];
  g_assert_cmpint (json_object_get_int_member (object, "workers"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (object, "batch"), ==, 9);
  g_assert_cmpint (json_object_get_int_member (object, "steps"), ==, 6);
  g_assert_cmpfloat (json_object_get_double_member (object, "examples_per_second"), >, 0);
  g_assert_cmpfloat (json_object_get_double_member (object, "alone_examples_per_second"), >, 0);
  g_assert_cmpfloat (json_object_get_double_member (object, "share_of_ideal"), >, 0);
  g_assert_cmpfloat (json_object_get_double_member (object, "summing_ms"), >, 0);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (g_getenv ("LAYERWISE_MPIRUN") == NULL) {
    g_print ("1..0 # SKIP Open MPI is not installed: no mpirun, or no module\n");
    return 0;
  }
  set_up_mpi ();
  program = g_strdup (g_getenv ("LAYERWISE_PROGRAM"));
  scratch = lw_make_folder ();
  write_images ("train", 500);
  write_images ("t10k", 40);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/cli-together/losses/%s", cases[i].name);

    g_test_add_data_func (path, &cases[i], test_losses);
  }
  g_test_add_func ("/cli-together/local", test_local);
  g_test_add_func ("/cli-together/mixed", test_mixed);
  g_test_add_func ("/cli-together/errors", test_errors);
  g_test_add_func ("/cli-together/killed-worker", test_kill_worker);
  g_test_add_func ("/cli-together/killed-first", test_kill_first);
  g_test_add_func ("/cli-together/interrupt", test_interrupt);
  g_test_add_func ("/cli-together/resume", test_resume);
  g_test_add_func ("/cli-together/bench", test_bench);
  status = g_test_run ();
  lw_remove_folder (scratch);
  g_free (program);
  return status;
}
