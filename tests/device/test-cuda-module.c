/* The very programs with CUDA: the command line loads the emulated module in the place of the real
 * one, trains, resumes, predicts, measures and checks with it; what is wrong with a module, a
 * driver, a device or a call in the middle of a training is a sentence, with the run saved. */
#include "engine/checkpoint.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <math.h>
#include <string.h>

/* With timed algorithms runs would differ by what there was time to measure. */
#define QUICK                                                                                      \
  "lenet", "--data", "shapes", "--limit-train", "24", "--limit-test", "8", "--batch", "8",         \
      "--device", "cuda", "--algorithms", "fixed", "--json"
enum { STEPS_OF_EPOCH = 3 };

static char *root;

/* The program's environment is the test's. */
static void
set (const char *name, const char *value)
{
  if (value != NULL)
    g_setenv (name, value, TRUE);
  else
    g_unsetenv (name);
}

static JsonObject *
device_of (JsonNode *doctor, guint index)
{
  JsonObject *said = json_node_get_object (doctor);

  return json_array_get_object_element (json_object_get_array_member (said, "devices"), index);
}

/* --- what doctor says ------------------------------------------------------------------------- */

static void
test_works (void)
{
  g_autoptr (LwResult) result = lw_program ("doctor", "--json", NULL);
  g_autoptr (JsonNode) node = NULL;

  lw_assert_status (result, 0);
  node = lw_result_json (result);
  g_assert_cmpstr (json_object_get_string_member (device_of (node, 0), "name"), ==, "cuda");
  g_assert_true (json_object_get_boolean_member (device_of (node, 0), "works"));
  lw_assert_contains (json_object_get_string_member (device_of (node, 0), "description"),
                      "emulated");
  g_assert_cmpstr (json_object_get_string_member (device_of (node, 1), "name"), ==, "cpu");
}

/* Said where there are several cards, between which processes would add up. */
static void
test_nccl (void)
{
  g_autoptr (LwResult) one = lw_program ("doctor", NULL);
  g_autoptr (LwResult) none = NULL, old = NULL, there = NULL;

  set ("LAYERWISE_EMULATION_DEVICES", "2");
  none = lw_program ("doctor", NULL);
  set ("LAYERWISE_EMULATION_NCCL", "2804");
  old = lw_program ("doctor", NULL);
  set ("LAYERWISE_EMULATION_NCCL", "22809");
  there = lw_program ("doctor", NULL);
  set ("LAYERWISE_EMULATION_NCCL", NULL);
  set ("LAYERWISE_EMULATION_DEVICES", NULL);
  g_assert_null (strstr (one->out, "NCCL"));
  lw_assert_contains (none->out, "NCCL (libnccl.so.2) is not installed");
  lw_assert_contains (old->out, "NCCL 2.8.4 is too old, 2.9.0 is needed");
  lw_assert_contains (there->out, "2.28.9");
  g_assert_null (strstr (there->out, "libnccl"));
}

/* A module's file, by the name that the environment has for it; what is set besides; the sentence.
 */
static const struct {
  const char *name, *module, *variable, *value, *sentence;
} absences[] = {
  { "none", "LAYERWISE_TEST_NONE", NULL, NULL, "CUDA is left out" },
  { "no-file", "LAYERWISE_TEST_MISSING", NULL, NULL, "cannot open shared object file" },
  { "no-module", "LAYERWISE_TEST_TEXT", NULL, NULL, "cannot be loaded" },
  { "no-symbol", "LAYERWISE_TEST_STRANGER", NULL, NULL, "is no CUDA module of Layerwise" },
  { "other-version", "LAYERWISE_TEST_OLD", NULL, NULL,
    "is another version's: ./run --build --cuda" },
  { "other-struct", "LAYERWISE_TEST_OTHER", NULL, NULL,
    "is another version's: ./run --build --cuda" },
  { "no-device", NULL, "LAYERWISE_EMULATION_DEVICES", "0", "finds no graphics card" },
  { "no-driver", NULL, "LAYERWISE_EMULATION_DRIVER", "0", "There is no NVIDIA driver" },
  { "old-driver", NULL, "LAYERWISE_EMULATION_DRIVER", "12040",
    "it knows CUDA 12.4, and 13.0 is needed" },
};

static void
test_absence (gconstpointer data)
{
  const int i = GPOINTER_TO_INT (data);
  g_autofree char *module = g_strdup (g_getenv ("LAYERWISE_CUDA_MODULE"));
  g_autoptr (LwResult) plain = NULL, train = NULL;

  if (absences[i].module != NULL)
    set ("LAYERWISE_CUDA_MODULE", g_getenv (absences[i].module));
  if (absences[i].variable != NULL)
    set (absences[i].variable, absences[i].value);
  plain = lw_program ("doctor", NULL);
  train = lw_program ("train", QUICK, NULL);
  set ("LAYERWISE_CUDA_MODULE", module);
  if (absences[i].variable != NULL)
    set (absences[i].variable, NULL);

  lw_assert_status (plain, 0);
  lw_assert_contains (plain->out, "does not work:");
  lw_assert_contains (plain->out, absences[i].sentence);
  lw_assert_contains (plain->out, "reference");
  lw_assert_status (train, 1);
  lw_assert_contains (train->err, "The device \"cuda\" does not work here:");
  lw_assert_contains (train->err, absences[i].sentence);
}

/* Without a module the machine's driver decides what is said. */
static void
test_not_built (void)
{
  g_autofree char *module = g_strdup (g_getenv ("LAYERWISE_CUDA_MODULE"));
  g_autoptr (LwResult) plain = NULL;

  set ("LAYERWISE_CUDA_MODULE", NULL);
  plain = lw_program ("doctor", NULL);
  set ("LAYERWISE_CUDA_MODULE", module);
  lw_assert_status (plain, 0);
  if (strstr (plain->out, "There is no NVIDIA driver:") == NULL &&
      strstr (plain->out, "libcuda.so.1") == NULL)
    lw_assert_contains (plain->out, "./run --build --cuda");
}

static void
test_several (void)
{
  g_autoptr (LwResult) bench = NULL, beyond = NULL;

  set ("LAYERWISE_EMULATION_DEVICES", "2");
  bench = lw_program ("bench", "lenet", "--batch", "2", "--steps", "1", "--resize", "16",
                      "--device", "cuda:1", "--algorithms", "fixed", "--json", NULL);
  beyond = lw_program ("train", "lenet", "--device", "cuda:7", NULL);
  set ("LAYERWISE_EMULATION_DEVICES", NULL);
  lw_assert_status (bench, 0);
  lw_assert_contains (bench->out, "\"device\":\"cuda:1\"");
  lw_assert_contains (bench->out, "\"weights_algorithm\":\"");
  lw_assert_contains (bench->out, "\"images_on_device\":true"); /* as in a training */
  g_assert_cmpint (beyond->status, !=, 0);
  lw_assert_contains (beyond->err, "There is no device \"cuda:7\"; the last one is cuda:1.");
}

/* --- training --------------------------------------------------------------------------------- */

static char *whole_run; /* two epochs; what others are compared with */
static int64_t whole_calls;

static void
make_whole_run (void)
{
  g_autofree char *calls = g_build_filename (root, "calls", NULL);
  g_autofree char *text = NULL;
  g_autoptr (LwResult) result = NULL;

  whole_run = g_build_filename (root, "whole", NULL);
  set ("LAYERWISE_EMULATION_CALLS", calls);
  result = lw_program ("train", QUICK, "--epochs", "2", "--output", whole_run, NULL);
  set ("LAYERWISE_EMULATION_CALLS", NULL);
  lw_assert_status (result, 0);
  g_assert_true (g_file_get_contents (calls, &text, NULL, NULL));
  whole_calls = g_ascii_strtoll (text, NULL, 10);
  g_assert_cmpint (whole_calls, >, 500);
}

static void
assert_same_end (const char *run)
{
  g_autofree char *expected = lw_checkpoint_path (whole_run, 2 * STEPS_OF_EPOCH);
  g_autofree char *path = lw_checkpoint_path (run, 2 * STEPS_OF_EPOCH);

  lw_test_assert_same_tensors (path, expected);
}

static double
last_loss (const LwResult *result)
{
  g_autoptr (GPtrArray) events = lw_result_events (result);
  JsonObject *epoch = lw_find_event (events, "epoch", 0);

  g_assert_nonnull (epoch);
  return json_object_get_double_member (epoch, "test_loss");
}

/* "auto" takes the graphics card, and it learns what the reference learns. */
static void
test_auto (void)
{
  g_autofree char *ours = g_build_filename (root, "auto", NULL);
  g_autofree char *theirs = g_build_filename (root, "reference", NULL);
  g_autoptr (LwResult) result =
      lw_program ("train", QUICK, "--device", "auto", "--output", ours, NULL);
  g_autoptr (LwResult) reference =
      lw_program ("train", QUICK, "--device", "reference", "--output", theirs, NULL);

  lw_assert_status (result, 0);
  lw_assert_status (reference, 0);
  lw_assert_contains (result->out, "\"device\":\"cuda\"");
  g_assert_cmpfloat (fabs (last_loss (result) - last_loss (reference)), <,
                     1e-4 * last_loss (reference));
}

/* Stopped after an epoch and a step, and gone on with, it is the same run, bit for bit. */
static void
test_resume (void)
{
  g_autofree char *run = g_build_filename (root, "resumed", NULL);
  g_autoptr (LwResult) first = lw_program ("train", QUICK, "--steps", "4", "--output", run, NULL);
  g_autoptr (LwResult) second = NULL;

  lw_assert_status (first, 0);
  second = lw_program ("train", "--resume", run, "--steps", "6", "--json", NULL);
  lw_assert_status (second, 0);
  assert_same_end (run);
}

static void
test_predict (void)
{
  g_autoptr (LwResult) ours =
      lw_program ("predict", whole_run, "--count", "8", "--device", "cuda", "--json", NULL);
  g_autoptr (LwResult) reference =
      lw_program ("predict", whole_run, "--count", "8", "--device", "reference", "--json", NULL);
  g_autoptr (JsonNode) a = NULL, b = NULL;

  lw_assert_status (ours, 0);
  lw_assert_status (reference, 0);
  a = lw_result_json (ours);
  b = lw_result_json (reference);
  g_assert_cmpfloat (fabs (json_object_get_double_member (json_node_get_object (a), "loss") -
                           json_object_get_double_member (json_node_get_object (b), "loss")),
                     <, 1e-4);
  g_assert_cmpfloat (json_object_get_double_member (json_node_get_object (a), "accuracy"), ==,
                     json_object_get_double_member (json_node_get_object (b), "accuracy"));
}

/* --- what goes wrong in the middle ------------------------------------------------------------ */

static void
assert_state (const char *run, const char *state, const char *message)
{
  g_autofree char *path = g_build_filename (run, "run.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *said;

  g_assert_true (json_parser_load_from_file (parser, path, NULL));
  said = json_node_get_object (json_parser_get_root (parser));
  g_assert_cmpstr (json_object_get_string_member (said, "state"), ==, state);
  if (message != NULL)
    lw_assert_contains (json_object_get_string_member (said, "message"), message);
}

/* The device is lost in the second epoch: a sentence, the checkpoint of the first epoch, and from
 * there the run goes on to where it would have come. */
static void
test_lost_device (void)
{
  g_autofree char *run = g_build_filename (root, "lost", NULL);
  g_autofree char *at = g_strdup_printf ("%" G_GINT64_FORMAT "+", whole_calls * 3 / 4);
  g_autofree char *kept = lw_checkpoint_path (run, STEPS_OF_EPOCH);
  g_autoptr (LwResult) result = NULL, resumed = NULL;
  g_autoptr (GPtrArray) events = NULL;

  set ("LAYERWISE_EMULATION_FAIL_AT", at);
  result = lw_program ("train", QUICK, "--epochs", "2", "--output", run, NULL);
  set ("LAYERWISE_EMULATION_FAIL_AT", NULL);
  lw_assert_status (result, 1);
  lw_assert_contains (result->err, "The graphics card stopped with an error");
  events = lw_result_events (result);
  g_assert_nonnull (lw_find_event (events, "epoch", 0));
  g_assert_nonnull (lw_find_event (events, "error", 0));
  assert_state (run, "failed", "The graphics card stopped with an error");
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));

  resumed = lw_program ("train", "--resume", run, "--json", NULL);
  lw_assert_status (resumed, 0);
  assert_state (run, "finished", NULL);
  assert_same_end (run);
}

/* Other programs take the memory that is left, in the second epoch, and give it back at once: a
 * sentence, and the run goes on to where it would have come. */
static void
test_no_memory (void)
{
  g_autofree char *run = g_build_filename (root, "poor", NULL);
  g_autofree char *calls = g_strdup_printf ("%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT,
                                            whole_calls * 3 / 4, whole_calls * 3 / 4 + 3);
  g_autoptr (LwResult) result = NULL, resumed = NULL;

  set ("LAYERWISE_EMULATION_EXHAUST", calls);
  result = lw_program ("train", QUICK, "--epochs", "2", "--output", run, NULL);
  set ("LAYERWISE_EMULATION_EXHAUST", NULL);
  lw_assert_status (result, 1);
  lw_assert_contains (result->err, "The graphics card has no memory left");
  lw_assert_contains (result->err, "resumed, it goes on from there");
  assert_state (run, "failed", "close programs that use it");

  resumed = lw_program ("train", "--resume", run, "--json", NULL);
  lw_assert_status (resumed, 0);
  assert_same_end (run);
}

/* A call that fails once, wherever it is: a sentence and a run that is marked as failed, or none at
 * all where nothing had begun; unheard only where something was freed. Leaks end the program with
 * another status. */
static void
test_failing_calls (void)
{
  enum { PLACES = 7 };

  for (int i = 0; i < PLACES; i++) {
    g_autofree char *run = g_strdup_printf ("%s/failing-%d", root, i);
    g_autofree char *at =
        g_strdup_printf ("%" G_GINT64_FORMAT, (2 * i + 1) * whole_calls / (4 * PLACES));
    g_autoptr (LwResult) result = NULL;

    set ("LAYERWISE_EMULATION_FAIL_AT", at);
    result = lw_program ("train", QUICK, "--epochs", "2", "--output", run, NULL);
    set ("LAYERWISE_EMULATION_FAIL_AT", NULL);
    if (result->status == 0)
      continue;
    lw_assert_status (result, 1);
    lw_assert_contains (result->err, "graphics card");
    if (g_file_test (run, G_FILE_TEST_EXISTS))
      assert_state (run, "failed", "graphics card");
  }
}

static void
test_other_commands_fail (void)
{
  g_autoptr (LwResult) predict = NULL, bench = NULL;

  set ("LAYERWISE_EMULATION_FAIL_AT", "60+");
  predict = lw_program ("predict", whole_run, "--count", "8", "--device", "cuda", NULL);
  bench = lw_program ("bench", "lenet", "--batch", "2", "--steps", "1", "--device", "cuda", NULL);
  set ("LAYERWISE_EMULATION_FAIL_AT", NULL);
  lw_assert_status (predict, 1);
  lw_assert_contains (predict->err, "The graphics card stopped with an error");
  lw_assert_status (bench, 1);
  lw_assert_contains (bench->err, "The graphics card stopped with an error");
}

/* Found before the first step, from what the device says is free; no run is left behind. */
static void
test_memory (void)
{
  g_autofree char *run = g_build_filename (root, "large", NULL);
  g_autoptr (LwResult) result =
      lw_program ("train", "vgg11", "--data", "shapes", "--batch", "512", "--device", "cuda",
                  "--algorithms", "fixed", "--output", run, NULL);

  lw_assert_status (result, 1);
  lw_assert_contains (result->err, "of memory, but");
  lw_assert_contains (result->err, "are free; a batch of");
  g_assert_false (g_file_test (run, G_FILE_TEST_EXISTS));
}

/* --- doctor --check --------------------------------------------------------------------------- */

/* All of it, as on a graphics card. */
static void
test_check_all (void)
{
  g_autoptr (LwResult) result = lw_program ("doctor", "--check", "cuda", NULL);

  lw_assert_status (result, 0);
  lw_assert_contains (result->out, " passed, 0 failed\n");
  lw_assert_contains (result->out, "resnet18, narrow");
}

/* Runs the program, and says how often it called CUDA. */
static LwResult *
check_linear (int64_t *ret_calls)
{
  g_autofree char *calls = g_build_filename (root, "calls", NULL);
  g_autofree char *text = NULL;
  LwResult *result;

  set ("LAYERWISE_EMULATION_CALLS", calls);
  result = lw_program ("doctor", "--check", "cuda", "--only", "linear", "--json", NULL);
  set ("LAYERWISE_EMULATION_CALLS", NULL);
  g_assert_true (g_file_get_contents (calls, &text, NULL, NULL));
  *ret_calls = g_ascii_strtoll (text, NULL, 10);
  return result;
}

static void
test_check (void)
{
  int64_t calls;
  g_autoptr (LwResult) result = check_linear (&calls);
  g_autoptr (LwResult) plain =
      lw_program ("doctor", "--check", "cuda", "--only", "not a number", NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *said;
  JsonArray *checks;

  lw_assert_status (plain, 0);
  lw_assert_contains (plain->out, "\n6 checks: 6 passed, 0 failed\n");
  lw_assert_status (result, 0);
  node = lw_result_json (result);
  said = json_node_get_object (node);
  checks = json_object_get_array_member (said, "checks");
  g_assert_cmpuint (json_array_get_length (checks), >=, 15);
  g_assert_cmpint (json_object_get_int_member (said, "passed"), ==, json_array_get_length (checks));
  g_assert_cmpint (json_object_get_int_member (said, "failed"), ==, 0);
}

/* A kernel that computes something else: the status, and where it stands. */
static void
test_check_wrong (void)
{
  g_autofree char *module = g_strdup (g_getenv ("LAYERWISE_CUDA_MODULE"));
  g_autoptr (LwResult) result = NULL, other = NULL;

  set ("LAYERWISE_CUDA_MODULE", g_getenv ("LAYERWISE_TEST_WRONG"));
  result = lw_program ("doctor", "--check", "cuda", "--only", "relu", NULL);
  other = lw_program ("doctor", "--check", "cuda", "--only", "sigmoid", NULL);
  set ("LAYERWISE_CUDA_MODULE", module);
  lw_assert_status (result, 1);
  lw_assert_contains (result->out, "FAILED");
  lw_assert_contains (result->err, "checks of cuda failed, so do not trust its results");
  lw_assert_status (other, 0);
}

/* A device that fails in the middle: what was checked, and a sentence. */
static void
test_check_fails (void)
{
  int64_t calls;
  g_autoptr (LwResult) whole = check_linear (&calls), result = NULL;
  g_autofree char *at = g_strdup_printf ("%" G_GINT64_FORMAT "+", calls * 3 / 4);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *said;

  set ("LAYERWISE_EMULATION_FAIL_AT", at);
  result = lw_program ("doctor", "--check", "cuda", "--only", "linear", "--json", NULL);
  set ("LAYERWISE_EMULATION_FAIL_AT", NULL);
  lw_assert_status (result, 1);
  lw_assert_contains (result->err, "The check of cuda could not be finished:");
  node = lw_result_json (result);
  said = json_node_get_object (node);
  g_assert_cmpint (json_object_get_int_member (said, "passed"), >, 0);
  g_assert_cmpint (json_object_get_int_member (said, "failed"), ==, 1);
  lw_assert_contains (json_object_get_string_member (said, "error"), "graphics card");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  root = lw_make_folder ();
  make_whole_run ();
  g_test_add_func ("/cuda-module/works", test_works);
  g_test_add_func ("/cuda-module/nccl", test_nccl);
  for (guint i = 0; i < G_N_ELEMENTS (absences); i++) {
    g_autofree char *path = g_strconcat ("/cuda-module/", absences[i].name, NULL);

    g_test_add_data_func (path, GINT_TO_POINTER ((int)i), test_absence);
  }
  g_test_add_func ("/cuda-module/not-built", test_not_built);
  g_test_add_func ("/cuda-module/several", test_several);
  g_test_add_func ("/cuda-module/auto", test_auto);
  g_test_add_func ("/cuda-module/resume", test_resume);
  g_test_add_func ("/cuda-module/predict", test_predict);
  g_test_add_func ("/cuda-module/lost-device", test_lost_device);
  g_test_add_func ("/cuda-module/no-memory", test_no_memory);
  g_test_add_func ("/cuda-module/failing-calls", test_failing_calls);
  g_test_add_func ("/cuda-module/other-commands-fail", test_other_commands_fail);
  g_test_add_func ("/cuda-module/memory", test_memory);
  g_test_add_func ("/cuda-module/check-all", test_check_all);
  g_test_add_func ("/cuda-module/check", test_check);
  g_test_add_func ("/cuda-module/check-wrong", test_check_wrong);
  g_test_add_func ("/cuda-module/check-fails", test_check_fails);
  status = g_test_run ();
  lw_remove_folder (root);
  g_free (whole_run);
  return status;
}
