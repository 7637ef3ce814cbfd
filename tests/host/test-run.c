/* A run's folder as a reader sees it, whole and damaged. */
#include "engine/run.h"

#include "engine/checkpoint.h"
#include "engine/run_record.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *
make_run (const char *folder, const char *name)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 32);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=32", "epochs=1", "momentum=0.9", NULL);

  lw_run_log_unref (lw_test_train (settings, dataset, path));
  return path;
}

/* As if it had been started `seconds` after 1970. */
static void
set_started (const char *path, int64_t seconds)
{
  g_autoptr (GError) error = NULL;
  LwRunRecord record;

  g_assert_true (lw_run_record_read (path, &record, &error));
  record.started_unix = seconds;
  {
    g_autoptr (LwGraph) graph = lw_model_build (record.settings->options, &error);

    g_assert_true (lw_run_record_write (&record, graph, path, &error));
  }
  lw_run_record_clear (&record);
}

static void
test_list (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *a = make_run (folder, "a"), *b = make_run (folder, "b, \"x\"");
  g_autofree char *c = make_run (folder, "c"), *other = g_build_filename (folder, "other", NULL);
  g_auto (GStrv) list = NULL;

  g_assert_cmpint (mkdir (other, 0777), ==, 0);
  set_started (a, 2000);
  set_started (b, 3000);
  set_started (c, 1000);
  list = lw_runs_list (folder);
  g_assert_cmpint (g_strv_length (list), ==, 3);
  g_assert_cmpstr (list[0], ==, b);
  g_assert_cmpstr (list[1], ==, a);
  g_assert_cmpstr (list[2], ==, c);
  {
    g_autoptr (LwRun) run = lw_run_open (b, NULL);
    g_autofree char *csv = g_build_filename (folder, "x.csv", NULL), *text = NULL;

    g_assert_cmpint (run->started_unix, ==, 3000);
    g_assert_true (lw_run_export_csv (run, csv, NULL));
    g_assert_true (g_file_get_contents (csv, &text, NULL, NULL));
    g_assert_nonnull (strstr (text, "\n\"b, \"\"x\"\"\",2,1,"));
  }
  lw_remove_folder (folder);
}

/* A program that was killed leaves the word "running" and no lock. */
static void
test_state (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = make_run (folder, "run"), *text = NULL;
  g_autofree char *file = g_build_filename (path, "run.json", NULL);
  g_auto (GStrv) parts = NULL;
  g_autofree char *changed = NULL;
  g_autoptr (LwRun) run = NULL;
  g_autoptr (GError) error = NULL;
  int lock;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  parts = g_strsplit (text, "\"finished\"", 2);
  changed = g_strjoinv ("\"running\"", parts);
  g_assert_true (g_file_set_contents (file, changed, -1, NULL));
  run = lw_run_open (path, NULL);
  g_assert_cmpint (run->state, ==, LW_RUN_STOPPED);
  lw_run_free (g_steal_pointer (&run));

  lock = lw_run_lock (path, &error);
  g_assert_no_error (error);
  run = lw_run_open (path, NULL);
  g_assert_cmpint (run->state, ==, LW_RUN_RUNNING);
  g_assert_cmpint (lw_run_lock (path, &error), ==, -1);
  lw_test_assert_sentence (&error, LW_ERROR_IO, "being trained right now");
  close (lock);
  g_assert_false (lw_run_is_locked (path));
  lw_remove_folder (folder);
}

/* Another program that trains the run; it writes a byte when it holds the lock. */
static pid_t
start_other (const char *path)
{
  int ends[2];
  char byte = 0;
  pid_t child;

  g_assert_cmpint (pipe (ends), ==, 0);
  child = fork ();
  if (child == 0) {
    lw_end_with_test (NULL);
    if (lw_run_lock (path, NULL) < 0 || write (ends[1], &byte, 1) != 1)
      _exit (1);
    for (;;)
      pause ();
  }
  g_assert_cmpint (child, >, 0);
  g_assert_cmpint (read (ends[0], &byte, 1), ==, 1);
  close (ends[0]);
  close (ends[1]);
  return child;
}

/* Two programs that begin a run in one empty folder at one moment: the one that comes too late
 * removes nothing of the other's. */
static void
test_both_begin (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *file = g_build_filename (folder, "lock", NULL);
  const int lock = lw_run_lock (folder, NULL);

  g_assert_cmpint (lock, >=, 0);
  lw_run_folder_discard (folder, false);
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  g_assert_cmpint (lw_run_lock (folder, NULL), ==, -1);
  close (lock);
  lw_run_folder_discard (folder, false);
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
  lw_remove_folder (folder);
}

/* Two programs on one folder: the second reads, and says why it does not write. A lock whose holder
 * was killed binds nobody. */
static void
test_two (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = make_run (folder, "run"), *who = NULL;
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 32);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwRun) run = NULL;
  const pid_t other = start_other (path);
  LwTrainer *trainer;
  LwRunNotes notes;
  int lock;

  who = g_strdup_printf ("process %d on ", (int)other);
  g_assert_null (lw_trainer_resume (path, lw_test_backends, dataset, 2, 0, &error));
  g_assert_nonnull (strstr (error->message, who));
  lw_test_assert_sentence (&error, LW_ERROR_IO, "wait until it ends");
  lw_run_notes_init (&notes);
  lw_run_notes_set_name (&notes, "mine");
  g_assert_false (lw_run_notes_write (&notes, path, &error));
  g_assert_nonnull (strstr (error->message, who));
  lw_test_assert_sentence (&error, LW_ERROR_IO, "can only be read here");
  run = lw_run_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (run->name, !=, "mine");

  g_assert_cmpint (kill (other, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (other, NULL, 0), ==, other);
  lock = lw_run_lock (path, &error);
  g_assert_no_error (error);
  g_assert_true (lw_run_notes_write (&notes, path, &error)); /* its own run, while it trains */
  close (lock);
  trainer = lw_trainer_resume (path, lw_test_backends, dataset, 2, 0, &error);
  g_assert_no_error (error);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  lw_run_notes_clear (&notes);
  lw_remove_folder (folder);
}

static LwSession *
open_session (const LwRun *run)
{
  g_autoptr (GError) error = NULL;
  LwSession *session = lw_session_new (run->graph, lw_test_backends[0], 0,
                                       &(LwSessionOptions){ .inference_batch = 1 }, &error);

  g_assert_no_error (error);
  return session;
}

/* Weights of a checkpoint into a session, saved without the optimizer, and back. */
static void
test_weights (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = make_run (folder, "run"), *last = NULL;
  g_autofree char *saved = g_build_filename (folder, "weights.safetensors", NULL);
  g_autoptr (LwRun) run = lw_run_open (path, NULL);
  g_autoptr (LwSession) session = open_session (run);
  g_autoptr (LwTensorFile) a = NULL, b = NULL;
  g_autoptr (GError) error = NULL;
  const int32_t n = lw_graph_n_tensors (run->graph);

  last = lw_run_checkpoint (run, "last", &error);
  g_assert_true (lw_session_load (session, last, &error));
  g_assert_true (lw_session_save (session, run->settings, saved, &error));
  g_assert_true (lw_session_load (session, saved, &error));
  a = lw_tensor_file_open (last, &error);
  b = lw_tensor_file_open (saved, &error);
  g_assert_no_error (error);
  g_assert_cmpint (lw_tensor_file_n (b), ==, n);
  g_assert_cmpint (lw_tensor_file_n (a), >, n);
  g_assert_nonnull (lw_tensor_file_find (a, "optimizer.momentum.0.weight"));
  g_assert_cmpstr (lw_tensor_file_metadata (b, "model"), ==, "lenet-bn");
  g_assert_cmpstr (lw_tensor_file_metadata (b, "classes"), ==, "10");
  g_assert_nonnull (strstr (lw_tensor_file_metadata (b, "knobs"), "\"width\": 1"));
  for (int32_t i = 0; i < n; i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (run->graph, i);
    const LwFileTensor *x = lw_tensor_file_find (a, tensor->name);
    const LwFileTensor *y = lw_tensor_file_get (b, i);

    g_assert_cmpstr (y->name, ==, tensor->name); /* state_dict's order */
    g_assert_cmpmem (x->data, x->size * 4, y->data, y->size * 4);
  }
  lw_remove_folder (folder);
}

/* Strict: nothing missing, nothing more, no other shape. The session keeps its weights. */
static void
test_strict (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = make_run (folder, "run"), *last = NULL;
  g_autofree char *file = g_build_filename (folder, "x.safetensors", NULL);
  g_autoptr (LwRun) run = lw_run_open (path, NULL);
  g_autoptr (LwSession) session = open_session (run);
  g_autoptr (LwTensorFile) whole = NULL;
  g_autoptr (GError) error = NULL;
  LwFileTensor tensors[64];
  const float nothing[1] = { 0 };
  int32_t n;

  last = lw_run_checkpoint (run, "last", NULL);
  whole = lw_tensor_file_open (last, NULL);
  n = lw_graph_n_tensors (run->graph);
  for (int32_t i = 0; i < n; i++)
    tensors[i] = *lw_tensor_file_find (whole, lw_graph_tensor (run->graph, i)->name);

  g_assert_true (lw_tensor_file_write (file, tensors + 1, n - 1, NULL, NULL));
  g_assert_false (lw_session_load (session, file, &error));
  lw_test_assert_sentence (&error, LW_ERROR_FORMAT, "has no tensor \"0.weight\"");
  tensors[n] = (LwFileTensor){ "extra.weight", LW_F32, 1, { 1 }, 1, nothing };
  g_assert_true (lw_tensor_file_write (file, tensors, n + 1, NULL, NULL));
  g_assert_false (lw_session_load (session, file, &error));
  lw_test_assert_sentence (&error, LW_ERROR_FORMAT, "\"extra.weight\"");
  tensors[0].dims[0] = 3;
  tensors[0].dims[1] = 2;
  g_assert_true (lw_tensor_file_write (file, tensors, n, NULL, NULL));
  g_assert_false (lw_session_load (session, file, &error));
  lw_test_assert_sentence (&error, LW_ERROR_FORMAT, "has the shape [3, 2, 5, 5]");
  lw_remove_folder (folder);
}

/* A folder that is moved while its run is trained, and another run in its place: neither gets
 * anything of the training any more, which says how it goes on, and does so to the same bits. */
static void
test_moved (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *away = g_build_filename (folder, "away", NULL);
  g_autofree char *record = g_build_filename (path, "run.json", NULL);
  g_autofree char *message = NULL, *before = NULL, *after = NULL;
  g_autoptr (LwDataset) dataset = lw_test_shapes (12, 8);
  g_autoptr (LwSettings) settings = lw_test_settings ("lenet-bn", "data=shapes", "batch=4",
                                                      "steps=5", "checkpoint-every=2", NULL);
  LwTrainer *trainer = lw_test_new (settings, dataset, path);
  g_autoptr (LwRunLog) whole = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwRun) run = NULL;

  for (int i = 0; i < 3; i++)
    lw_test_step (trainer);
  g_assert_cmpint (rename (path, away), ==, 0);
  whole = lw_test_train (settings, dataset, path);
  g_assert_true (g_file_get_contents (record, &before, NULL, NULL));
  lw_test_run (trainer, LW_RUN_FAILED);
  message = lw_trainer_message (trainer);
  lw_assert_contains (message, "moved or removed");
  lw_assert_contains (message, "--resume");
  lw_trainer_free (trainer);
  g_assert_true (g_file_get_contents (record, &after, NULL, NULL));
  g_assert_cmpstr (before, ==, after);

  run = lw_run_open (away, &error);
  g_assert_no_error (error);
  g_assert_cmpint (run->state, ==, LW_RUN_STOPPED); /* as one that was killed */
  g_clear_pointer (&run, lw_run_free);
  trainer = lw_trainer_resume (away, lw_test_backends, dataset, 0, 0, &error);
  g_assert_no_error (error);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  run = lw_run_open (away, &error);
  lw_test_assert_same_log (whole, run->log);
  lw_remove_folder (folder);
}

/* None of these is a run; none may do more harm than a sentence. */
static void
test_hostile (void)
{
  static const char *const texts[] = {
    "",
    "null",
    "{}",
    "{\"format\": \"one\"}",
    "{\"format\": 1, \"state\": \"dreaming\", \"settings\": {\"model\": \"lenet\"}}",
    "{\"format\": 1, \"state\": \"finished\", \"settings\": []}",
    "{\"format\": 1, \"state\": \"finished\", \"settings\": {\"model\": \"none\"}}",
    "{\"format\": 1, \"state\": \"finished\", \"settings\": {\"model\": \"lenet\","
    " \"input\": [1, 2, 2]}}",
    "{\"format\": 1, \"state\": \"finished\", \"settings\": {\"model\": \"lenet\"}",
  };
  char *folder = lw_make_folder ();
  g_autofree char *file = g_build_filename (folder, "run.json", NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_assert_true (g_file_set_contents (file, texts[i], -1, NULL));
    g_assert_null (lw_run_open (folder, &error));
    g_assert_nonnull (error);
    g_clear_error (&error);
  }
  { /* two megabytes of text would be hundreds of a tree */
    g_autoptr (GString) many = g_string_new ("{\"format\": 1, \"changes\": [0");

    for (int i = 0; i < 1000000; i++)
      g_string_append (many, ",0");
    g_string_append (many, "]}");
    g_assert_true (g_file_set_contents (file, many->str, (gssize)many->len, NULL));
    g_assert_null (lw_run_open (folder, &error));
    lw_test_assert_sentence (&error, LW_ERROR_FORMAT, "too large");
  }
  g_assert_cmpint (unlink (file), ==, 0);
  g_assert_cmpint (mkfifo (file, 0600), ==, 0); /* must not block */
  g_assert_null (lw_run_open (folder, &error));
  lw_test_assert_sentence (&error, LW_ERROR_IO, "run.json");
  g_assert_null (lw_run_open ("/nonexistent", &error));
  lw_test_assert_sentence (&error, LW_ERROR_IO, "not a run's folder");
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run/list", test_list);
  g_test_add_func ("/run/state", test_state);
  g_test_add_func ("/run/two-programs", test_two);
  g_test_add_func ("/run/both-begin", test_both_begin);
  g_test_add_func ("/run/moved", test_moved);
  g_test_add_func ("/run/weights", test_weights);
  g_test_add_func ("/run/strict", test_strict);
  g_test_add_func ("/run/hostile", test_hostile);
  return g_test_run ();
}
