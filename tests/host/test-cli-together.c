/* layerwise train under mpirun: the same losses as one process; layerwise bench. */
#include "tests/support/workers.h"

#include <math.h>
#include <string.h>

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
  g_autofree char *alone_name = g_strconcat ("alone-", c->name, NULL);
  g_autofree char *together_name = g_strconcat ("together-", c->name, NULL);
  g_autofree char *alone = lw_workers_run_folder (alone_name);
  g_autofree char *together = lw_workers_run_folder (together_name);
  g_autofree char *words = g_strconcat (c->words, " --steps 50 --limit-test 40", NULL);
  g_autofree char *workers = g_strdup_printf ("\"workers\": %d", c->workers);
  g_autoptr (LwResult) one = lw_workers_run (lw_workers_command (0, words, alone));
  g_autoptr (LwResult) several = lw_workers_run (lw_workers_command (c->workers, words, together));
  g_autoptr (GPtrArray) expected = NULL, steps = NULL;
  g_autofree char *record = NULL;

  lw_assert_status (one, 0);
  lw_assert_status (several, 0);
  expected = lw_workers_steps (alone);
  steps = lw_workers_steps (together);
  lw_workers_assert_near (expected, steps, 50);
  for (guint i = 0; i < 50; i++)
    g_assert_cmpfloat (lw_workers_number (steps, i, LW_COLUMN_ACCURACY), ==,
                       lw_workers_number (expected, i, LW_COLUMN_ACCURACY));
  record = lw_workers_record (together);
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
  g_autofree char *local = lw_workers_run_folder ("local"),
                  *whole = lw_workers_run_folder ("whole");
  const char *words = "lenet-bn --limit-train 64 --batch 16 --steps 6 --limit-test 40 "
                      "--learning-rate 0.1 --batch-norm-statistics ";
  g_autofree char *a = g_strconcat (words, "local", NULL);
  g_autofree char *b = g_strconcat (words, "synchronized", NULL);
  g_autoptr (LwResult) first = lw_workers_run (lw_workers_command (2, a, local));
  g_autoptr (LwResult) second = lw_workers_run (lw_workers_command (2, b, whole));
  g_autoptr (LwResult) few = NULL;
  g_autoptr (GPtrArray) steps = NULL, others = NULL;

  lw_assert_status (first, 0);
  lw_assert_status (second, 0);
  steps = lw_workers_steps (local);
  others = lw_workers_steps (whole);
  g_assert_cmpfloat (fabs (lw_workers_number (steps, 5, LW_COLUMN_LOSS) -
                           lw_workers_number (others, 5, LW_COLUMN_LOSS)),
                     >, 1e-4);
  few = lw_workers_run (lw_workers_command (
      3, "lenet-bn --limit-train 64 --batch 31 --batch-norm-statistics local", "/nonexistent/run"));
  lw_assert_status (few, 1);
  lw_assert_contains (few->err, "choose --batch-norm-statistics synchronized");
}

/* Processes that lay tensors out differently. */
static void
test_mixed (void)
{
  g_autofree char *alone = lw_workers_run_folder ("mixed-alone"),
                  *together = lw_workers_run_folder ("mixed");
  const char *words = "lenet-bn --limit-train 100 --batch 16 --steps 12 --limit-test 40 "
                      "--learning-rate 0.1 --device cpu";
  g_autoptr (LwResult) one = lw_workers_run (lw_workers_command (0, words, alone));
  g_autoptr (GStrvBuilder) line = g_strv_builder_new ();
  g_autoptr (LwResult) several = NULL;
  g_autoptr (GPtrArray) expected = NULL, steps = NULL;
  g_auto (GStrv) first = lw_workers_command (1, words, together);

  g_strv_builder_addv (line, (const char **)first);
  g_strv_builder_add_many (line, ":", "-n", "1", lw_workers_program (), "train", "lenet-bn",
                           "--device", "reference", "--threads", "1", NULL);
  several = lw_workers_run (g_strv_builder_end (line));
  lw_assert_status (one, 0);
  lw_assert_status (several, 0);
  expected = lw_workers_steps (alone);
  steps = lw_workers_steps (together);
  lw_workers_assert_near (expected, steps, 12);
}

/* One object, of process 0; both figures are of this run. */
static void
test_bench (void)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_autoptr (LwResult) result = NULL;
  g_autoptr (GPtrArray) events = NULL;
  JsonObject *object;

  g_strv_builder_add_many (words, g_getenv ("LAYERWISE_MPIRUN"), "-n", "2", lw_workers_program (),
                           "bench", "lenet-bn", "--batch", "9", "--steps", "6", "--threads", "1",
                           "--algorithms", "fixed", "--json", NULL);
  result = lw_workers_run (g_strv_builder_end (words));
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
  if (!lw_workers_begin ())
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/cli-together/losses/%s", cases[i].name);

    g_test_add_data_func (path, &cases[i], test_losses);
  }
  g_test_add_func ("/cli-together/local", test_local);
  g_test_add_func ("/cli-together/mixed", test_mixed);
  g_test_add_func ("/cli-together/bench", test_bench);
  status = g_test_run ();
  lw_workers_end ();
  return status;
}
