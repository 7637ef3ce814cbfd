/* Which algorithm computes a convolution: by the fixed rule, by timing, by what an earlier program
 * measured (and whatever else lies where it should), by what a run did before; in run.json, and
 * through the command line. */
#include "engine/checkpoint.h"
#include "engine/models.h"
#include "engine/run_record.h"
#include "engine/run.h"
#include "kernels/cpu/cpu.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <glib/gstdio.h>
#include <string.h>

enum { BATCH = 1 }; /* more would go in lanes, where there is nothing to choose */

static const LwBackend *cpu_backends[2];
static char *cache; /* $XDG_CACHE_HOME of this program */

static LwGraph *
build (const char *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (model, &error));
  LwGraph *graph = lw_model_build (options, &error);

  g_assert_no_error (error);
  return graph;
}

/* LeNet's choices on the fast backend with two threads. */
static LwAlgorithmList *
choices_of (LwAlgorithms how, const char *folder, const LwAlgorithmList *before)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph = build ("lenet");
  LwSessionOptions options = {
    .batch = BATCH, .device = { .threads = 2, .algorithms = how, .cache_folder = folder }
  };
  g_autoptr (LwSession) session = NULL;

  if (before != NULL)
    options.device.choices = lw_algorithm_list_choices (before, &options.device.n_choices);
  session = lw_session_new (graph, cpu_backends[0], 0, &options, &error);
  g_assert_no_error (error);
  return lw_session_algorithms (session);
}

static char *
text_of (const LwAlgorithmList *list)
{
  GString *json = g_string_new (NULL);

  lw_algorithm_list_write (list, json);
  return g_string_free (json, FALSE);
}

static void
assert_same (const LwAlgorithmList *a, const LwAlgorithmList *b)
{
  g_autofree char *text_a = text_of (a), *text_b = text_of (b);

  g_assert_cmpstr (text_a, ==, text_b);
}

/* Both convolutions, each direction by `name`; the first has no gradient of its input. */
static void
assert_all (const LwAlgorithmList *list, const char *name)
{
  int32_t n;
  const LwAlgorithmChoice *choices = lw_algorithm_list_choices (list, &n);

  g_assert_cmpint (n, ==, 2);
  for (int32_t i = 0; i < n; i++)
    for (int d = 0; d < LW_N_DIRECTIONS; d++)
      g_assert_cmpstr (choices[i].names[d], ==, i == 0 && d == LW_BACKWARD_DATA ? NULL : name);
}

/* The only file in the folder. */
static char *
cache_file (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  name = g_dir_read_name (dir);
  g_assert_nonnull (name);
  g_assert_true (g_str_has_prefix (name, "algorithms-") && g_str_has_suffix (name, ".json"));
  g_assert_null (g_dir_read_name (dir));
  return g_build_filename (folder, name, NULL);
}

static char *
read_text (const char *path)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
write_text (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* The same file with every convolution's algorithm replaced. */
static char *
with_all (const char *text, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (int i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "\"n")) {
      char *colon = strstr (lines[i], "\": ");
      char *line = g_strdup_printf ("%.*s\": \"%s\"%s", (int)(colon - lines[i]), lines[i], name,
                                    g_str_has_suffix (lines[i], ",") ? "," : "");

      g_free (lines[i]);
      lines[i] = line;
    }
  return g_strjoinv ("\n", lines);
}

static void
test_fixed (void)
{
  g_autoptr (LwAlgorithmList) list = choices_of (LW_ALGORITHMS_FIXED, cache, NULL);
  const LwAlgorithmChoice *first = lw_algorithm_list_find (list, "0");

  g_assert_nonnull (first);
  g_assert_cmpstr (first->names[LW_FORWARD], ==, "direct");
  g_assert_cmpstr (first->names[LW_BACKWARD_WEIGHTS], ==, "direct");
  g_assert_null (lw_algorithm_list_find (list, "1"));
  g_assert_false (g_file_test (cache, G_FILE_TEST_EXISTS));
}

/* What was measured is kept, and believed by the next program. */
static void
test_timed (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *below = g_build_filename (folder, "not", "there", NULL);
  g_autoptr (LwAlgorithmList) measured = choices_of (LW_ALGORITHMS_TIMED, below, NULL);
  g_autofree char *path = cache_file (below), *text = read_text (path);
  g_autofree char *changed = with_all (text, "gemm");
  g_autoptr (LwAlgorithmList) again = choices_of (LW_ALGORITHMS_TIMED, below, NULL);
  g_autoptr (LwAlgorithmList) told = NULL;

  lw_assert_contains (text, "\"threads\": \"2\"");
  lw_assert_contains (text, "n1 c1 h28 w28 o6 k5 s1 p2 forward");
  lw_assert_contains (text, "n1 c6 h14 w14 o16 k5 s1 p0 data");
  assert_same (measured, again);
  write_text (path, changed);
  told = choices_of (LW_ALGORITHMS_TIMED, below, NULL);
  assert_all (told, "gemm");
  /* Other networks' measurements join these. */
  {
    g_autoptr (LwGraph) graph = build ("lenet-bn");
    const LwSessionOptions options = {
      .batch = BATCH,
      .device = { .threads = 2, .algorithms = LW_ALGORITHMS_TIMED, .cache_folder = below }
    };
    g_autoptr (LwSession) session = lw_session_new (graph, cpu_backends[0], 0, &options, NULL);
    g_autofree char *both = NULL;

    g_assert_nonnull (session);
    both = read_text (path);
    lw_assert_contains (both, "n1 c1 h28 w28 o6 k5 s1 p0 forward");
    lw_assert_contains (both, "\"n1 c1 h28 w28 o6 k5 s1 p2 forward\": \"gemm\"");
  }
  lw_remove_folder (folder);
}

static void
assert_ignored (const char *path, const char *folder, const char *text)
{
  g_autoptr (LwAlgorithmList) list = NULL;
  g_autofree char *after = NULL;

  write_text (path, text);
  list = choices_of (LW_ALGORITHMS_TIMED, folder, NULL);
  after = read_text (path);
  lw_assert_contains (after, "\"n1 c6 h14 w14 o16 k5 s1 p0 weights\": \"");
  g_assert_null (strstr (after, "nonsense"));
  g_assert_nonnull (lw_algorithm_list_find (list, "3")->names[LW_FORWARD]);
}

/* A file that is damaged, or of other circumstances, is as none, and is replaced by a good one. */
static void
test_damaged (void)
{
  char *folder = lw_make_folder ();
  g_autoptr (LwAlgorithmList) list = choices_of (LW_ALGORITHMS_TIMED, folder, NULL);
  g_autofree char *path = cache_file (folder), *text = read_text (path);
  g_autofree char *unknown = with_all (text, "nonsense");
  g_autofree char *brackets = g_strnfill (100000, '[');
  g_autofree char *escaped = g_strdup_printf ("{\"a\": \"nonsense\\\"\", %s", text + 1);
  g_autofree char *longer = g_strdup_printf ("%snonsense", text);
  g_auto (GStrv) parts = g_strsplit (text, "\"threads\": \"2\"", 2);
  g_autofree char *others = g_strjoinv ("\"threads\": \"3\"", parts);
  g_autofree char *others_told = with_all (others, "gemm");
  g_autoptr (LwAlgorithmList) again = NULL;

  assert_ignored (path, folder, "");
  assert_ignored (path, folder, "nonsense");
  assert_ignored (path, folder, "{\"nonsense\": 1}");
  assert_ignored (path, folder, "{\"nonsense\": \"1\"}");
  assert_ignored (path, folder, brackets);
  assert_ignored (path, folder, unknown);
  assert_ignored (path, folder, escaped);
  assert_ignored (path, folder, longer);
  for (gsize length = 1; length < strlen (text); length += 37) {
    g_autofree char *half = g_strndup (text, length);

    assert_ignored (path, folder, half);
  }
  /* Measured with three threads, says the file. */
  assert_ignored (path, folder, others_told);
  {
    g_autofree char *after = read_text (path);

    lw_assert_contains (after, "\"threads\": \"2\"");
    g_assert_null (strstr (after, "\"threads\": \"3\""));
  }
  lw_remove_folder (folder);
}

/* Nobody's trouble: the folder is a file, or its file a folder. */
static void
test_unwritable (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *file = g_build_filename (folder, "file", NULL);
  g_autofree char *below = g_build_filename (file, "below", NULL);
  g_autofree char *path = NULL;
  g_autoptr (LwAlgorithmList) list = NULL, again = NULL;

  write_text (file, "here");
  list = choices_of (LW_ALGORITHMS_TIMED, below, NULL);
  g_assert_nonnull (lw_algorithm_list_find (list, "0"));
  g_clear_pointer (&list, lw_algorithm_list_free);
  g_remove (file);
  list = choices_of (LW_ALGORITHMS_TIMED, folder, NULL);
  path = cache_file (folder);
  g_remove (path);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  again = choices_of (LW_ALGORITHMS_TIMED, folder, NULL);
  g_assert_nonnull (lw_algorithm_list_find (again, "0"));
  lw_remove_folder (folder);
}

/* A run's own choices come before rule and measurement; what this device lacks does not. */
static void
test_before (void)
{
  g_autoptr (LwAlgorithmList) before = lw_algorithm_list_new ();
  g_autoptr (LwAlgorithmList) fixed = choices_of (LW_ALGORITHMS_FIXED, NULL, NULL);
  g_autoptr (LwAlgorithmList) list = NULL, timed = NULL;

  lw_algorithm_list_add (before, "0", (const char *const[]){ "gemm", NULL, "another's" });
  lw_algorithm_list_add (before, "3", (const char *const[]){ "Winograd F(6,3)", "gemm", NULL });
  lw_algorithm_list_add (before, "no such layer", (const char *const[]){ "gemm", "gemm", "gemm" });
  list = choices_of (LW_ALGORITHMS_FIXED, NULL, before);
  g_assert_cmpstr (lw_algorithm_list_find (list, "0")->names[LW_FORWARD], ==, "gemm");
  g_assert_cmpstr (lw_algorithm_list_find (list, "0")->names[LW_BACKWARD_WEIGHTS], ==,
                   lw_algorithm_list_find (fixed, "0")->names[LW_BACKWARD_WEIGHTS]);
  g_assert_cmpstr (lw_algorithm_list_find (list, "3")->names[LW_FORWARD], ==,
                   lw_algorithm_list_find (fixed, "3")->names[LW_FORWARD]);
  g_assert_cmpstr (lw_algorithm_list_find (list, "3")->names[LW_BACKWARD_DATA], ==, "gemm");
  timed = choices_of (LW_ALGORITHMS_TIMED, NULL, before);
  g_assert_cmpstr (lw_algorithm_list_find (timed, "0")->names[LW_FORWARD], ==, "gemm");
  g_assert_cmpstr (lw_algorithm_list_find (timed, "3")->names[LW_BACKWARD_DATA], ==, "gemm");
}

static void
test_list (void)
{
  g_autoptr (LwAlgorithmList) list = lw_algorithm_list_new (), again = NULL, empty = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL, odd = NULL;
  int32_t n;

  lw_algorithm_list_add (list, "a \"b\"", (const char *const[]){ "x", NULL, "y\\z" });
  lw_algorithm_list_add (list, "c", (const char *const[]){ NULL, "é", NULL });
  text = text_of (list);
  node = json_from_string (text, NULL);
  g_assert_nonnull (node);
  again = lw_algorithm_list_read (json_node_get_object (node));
  assert_same (list, again);
  odd = json_from_string ("{\"a\": 1, \"b\": [], \"c\": {\"forward\": 7, \"data\": {}}}", NULL);
  empty = lw_algorithm_list_read (json_node_get_object (odd));
  g_assert_cmpint ((lw_algorithm_list_choices (empty, &n), n), ==, 1);
  for (int d = 0; d < LW_N_DIRECTIONS; d++)
    g_assert_null (lw_algorithm_list_find (empty, "c")->names[d]);
}

/* --- runs ------------------------------------------------------------------------------------- */

static LwSettings *
timed_settings (void)
{
  return lw_test_settings ("lenet", "device=cpu", "threads=2", "algorithms=timed", "lr=0.5",
                           "batch=1", "steps=14", NULL);
}

static LwTrainer *
new_run (const char *folder, LwDataset *dataset)
{
  g_autoptr (LwSettings) settings = timed_settings ();
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer = lw_trainer_new (settings, cpu_backends, dataset, folder, &error);

  g_assert_no_error (error);
  return trainer;
}

static void
resume_to_end (const char *folder, LwDataset *dataset)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTrainer) trainer = lw_trainer_resume (folder, cpu_backends, dataset, 0, 0, &error);

  g_assert_no_error (error);
  lw_test_run (trainer, LW_RUN_FINISHED);
}

/* Every measurement of the program's own cache says `name` from now on. */
static void
rewrite_cache (const char *name)
{
  g_autofree char *path = cache_file (cache), *text = read_text (path);
  g_autofree char *changed = with_all (text, name);

  write_text (path, changed);
}

/* A run that goes on after measurements came out otherwise ends with the same bits, and says what
 * it used all the time. Without its own choices it would not. */
static void
test_resume (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *whole = g_build_filename (folder, "whole", NULL);
  g_autofree char *parts = g_build_filename (folder, "parts", NULL);
  g_autofree char *last_whole = lw_checkpoint_path (whole, 14);
  g_autofree char *last_parts = lw_checkpoint_path (parts, 14);
  g_autoptr (LwDataset) dataset = lw_test_shapes (84, 20);
  g_autoptr (LwRun) run_whole = NULL, run_parts = NULL;

  {
    g_autofree char *first = g_build_filename (folder, "first", NULL);
    g_autoptr (LwTrainer) trainer = new_run (first, dataset);

    lw_test_run (trainer, LW_RUN_FINISHED);
  }
  rewrite_cache ("gemm");
  {
    g_autoptr (LwTrainer) trainer = new_run (whole, dataset);

    lw_test_run (trainer, LW_RUN_FINISHED);
  }
  {
    g_autoptr (LwTrainer) trainer = new_run (parts, dataset);

    for (int i = 0; i < 5; i++)
      lw_test_step (trainer);
    lw_trainer_stop (trainer);
    lw_trainer_join (trainer);
  }
  rewrite_cache ("direct");
  resume_to_end (parts, dataset);
  lw_test_assert_same_tensors (last_whole, last_parts);
  run_whole = lw_run_open (whole, NULL);
  run_parts = lw_run_open (parts, NULL);
  assert_all (run_whole->algorithms, "gemm");
  assert_same (run_whole->algorithms, run_parts->algorithms);
  g_assert_cmpint (run_whole->settings->algorithms, ==, LW_ALGORITHMS_TIMED);
  lw_remove_folder (folder);
}

/* A run.json without algorithms is of a time when all were fixed. */
static void
test_old_run (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *json = g_build_filename (path, "run.json", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (84, 20);
  g_autoptr (LwAlgorithmList) fixed = choices_of (LW_ALGORITHMS_FIXED, NULL, NULL);
  g_autoptr (LwRun) run = NULL;
  LwRunRecord record;
  g_autoptr (LwGraph) graph = build ("lenet");

  {
    g_autoptr (LwTrainer) trainer = new_run (path, dataset);

    lw_test_step (trainer);
    lw_trainer_stop (trainer);
    lw_trainer_join (trainer);
  }
  g_assert_true (lw_run_record_read (path, &record, NULL));
  g_assert_nonnull (record.algorithms);
  g_clear_pointer (&record.algorithms, lw_algorithm_list_free);
  g_assert_true (lw_run_record_write (&record, graph, path, NULL));
  lw_run_record_clear (&record);
  resume_to_end (path, dataset);
  run = lw_run_open (path, NULL);
  g_assert_cmpstr (lw_algorithm_list_find (run->algorithms, "0")->names[LW_FORWARD], ==,
                   lw_algorithm_list_find (fixed, "0")->names[LW_FORWARD]);
  g_assert_cmpint (run->settings->algorithms, ==, LW_ALGORITHMS_FIXED);
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  char *folder = lw_make_folder ();
  int status;

  g_setenv ("XDG_CACHE_HOME", folder, TRUE); /* before GLib asks for the first time */
  cache = lw_algorithms_cache_folder ();
  cpu_backends[0] = lw_cpu_backend ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/algorithm-choice/list", test_list);
  g_test_add_func ("/algorithm-choice/fixed", test_fixed);
  g_test_add_func ("/algorithm-choice/timed", test_timed);
  g_test_add_func ("/algorithm-choice/damaged", test_damaged);
  g_test_add_func ("/algorithm-choice/unwritable", test_unwritable);
  g_test_add_func ("/algorithm-choice/before", test_before);
  g_test_add_func ("/algorithm-choice/resume", test_resume);
  g_test_add_func ("/algorithm-choice/old-run", test_old_run);
  status = g_test_run ();
  g_free (cache);
  lw_remove_folder (folder);
  return status;
}
