/* The queue's file, and runs of other programs: metrics that grow, folders that come and go. */
#include "engine/metrics.h"
#include "engine/metrics_tail.h"
#include "engine/queue_file.h"
#include "engine/run_record.h"
#include "engine/run_scan.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the queue's file ------------------------------------------------------------------------- */

static LwQueueEntry *
entry_new (LwQueuedState state, const char *rate, const char *folder)
{
  LwQueueEntry *entry = g_new0 (LwQueueEntry, 1);

  entry->state = state;
  entry->settings = lw_test_settings ("lenet-bn", rate, "seed=18446744073709551615", NULL);
  entry->folder = g_strdup (folder);
  return entry;
}

static void
test_round_trip (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "deep", "queue.json", NULL);
  g_autoptr (GPtrArray) entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify)lw_queue_entry_free);
  g_autoptr (GPtrArray) read = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;
  LwQueueEntry *entry;
  int skipped = -1;

  read = lw_queue_read (path, &skipped, &error); /* no file, no queue */
  g_assert_cmpuint (read->len, ==, 0);
  g_clear_pointer (&read, g_ptr_array_unref);
  g_ptr_array_add (entries, entry_new (LW_QUEUED_RUNNING, "learning-rate=0.1", "/runs/a \xff\"b"));
  entry = entry_new (LW_QUEUED_WAITING, "learning-rate=0.3", NULL);
  entry->group = (LwRunGroup){ g_strdup ("7"), g_strdup ("A \"name\"\n"), g_strdup ("seed 43") };
  g_ptr_array_add (entries, entry);
  entry = entry_new (LW_QUEUED_FAILED, "learning-rate=1", NULL);
  entry->message = g_strdup ("The disk is full.");
  g_ptr_array_add (entries, entry);
  entry = entry_new (LW_QUEUED_WAITING, "learning-rate=1", "/runs/b");
  entry->epochs = 12;
  g_ptr_array_add (entries, entry);

  json = lw_queue_to_json (entries);
  g_assert_true (lw_queue_write (path, json, &error));
  read = lw_queue_read (path, &skipped, &error);
  g_assert_no_error (error);
  g_assert_cmpint (skipped, ==, 0);
  g_assert_cmpuint (read->len, ==, 4);
  entry = read->pdata[0];
  g_assert_cmpint (entry->state, ==, LW_QUEUED_RUNNING);
  g_assert_cmpstr (entry->folder, ==, "/runs/a \xff\"b");
  g_assert_null (entry->group.id);
  g_assert_cmpuint (entry->settings->seed, ==, G_MAXUINT64);
  entry = read->pdata[1];
  g_assert_cmpfloat (entry->settings->learning_rate, ==, 0.3);
  g_assert_cmpstr (entry->group.name, ==, "A \"name\" ");
  g_assert_cmpstr (entry->group.label, ==, "seed 43");
  g_assert_cmpstr (((LwQueueEntry *)read->pdata[2])->message, ==, "The disk is full.");
  g_assert_cmpint (((LwQueueEntry *)read->pdata[2])->epochs, ==, 0);
  g_assert_cmpint (((LwQueueEntry *)read->pdata[3])->epochs, ==, 12);
  lw_remove_folder (folder);
}

static GPtrArray *
read_text (const char *path, const char *text, int *ret_skipped, GError **error)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return lw_queue_read (path, ret_skipped, error);
}

static void
test_hostile (void)
{
  static const char *const broken[] = { "",
                                        "{",
                                        "[]",
                                        "{\"format\": 2, \"entries\": []}",
                                        "{\"format\": 1}",
                                        "{\"format\": 1, \"entries\": {}}" };
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "queue.json", NULL);
  g_autoptr (GString) deep = g_string_new ("{\"entries\":");
  g_autoptr (GPtrArray) some = NULL;
  int skipped = 0;

  for (guint i = 0; i < G_N_ELEMENTS (broken); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (read_text (path, broken[i], NULL, &error));
    g_assert_nonnull (error);
  }
  for (int i = 0; i < 1000000; i++)
    g_string_append_c (deep, '[');
  g_assert_null (read_text (path, deep->str, NULL, NULL));
  /* What can be is kept, what cannot is counted. */
  some =
      read_text (path,
                 "{\"format\": 1, \"entries\": [1, {}, {\"state\": \"waiting\"},"
                 "{\"state\": \"dancing\", \"settings\": {\"model\": \"lenet\"}},"
                 "{\"state\": \"waiting\", \"settings\": {\"model\": \"nonet\"}},"
                 "{\"state\": \"waiting\", \"settings\": {\"model\": \"lenet\", \"batch\": 0}},"
                 "{\"state\": \"waiting\", \"folder\": \"file:///runs/a\", \"epochs\": -1,"
                 " \"settings\": {\"model\": \"lenet\"}},"
                 "{\"state\": \"waiting\", \"folder\": \"file:///runs/a\","
                 " \"epochs\": 99999999999, \"settings\": {\"model\": \"lenet\"}},"
                 "{\"state\": \"running\", \"folder\": 7, \"epochs\": 9, \"group\": {\"id\": []},"
                 " \"settings\": {\"model\": \"lenet\"}}]}",
                 &skipped, NULL);
  g_assert_cmpuint (some->len, ==, 1);
  g_assert_cmpint (skipped, ==, 8);
  g_assert_cmpint (((LwQueueEntry *)some->pdata[0])->state, ==, LW_QUEUED_WAITING);
  g_assert_null (((LwQueueEntry *)some->pdata[0])->group.id);
  g_assert_cmpint (((LwQueueEntry *)some->pdata[0])->epochs, ==, 0); /* of what? */
  lw_remove_folder (folder);
}

/* --- a growing metrics.csv -------------------------------------------------------------------- */

#define HEAD                                                                                       \
  "event,step,epoch,time_s,loss,accuracy,test_loss,test_accuracy,learning_rate,"                   \
  "examples_per_second,seconds"

static void
append (const char *path, const char *text)
{
  const int fd = open (path, O_WRONLY | O_APPEND | O_CREAT, 0666);

  g_assert_cmpint (write (fd, text, strlen (text)), ==, (ssize_t)strlen (text));
  close (fd);
}

static void
test_tail (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "metrics.csv", NULL);
  g_autoptr (LwMetricsTail) tail = lw_metrics_tail_new (path);
  g_autoptr (LwRunLog) log = lw_run_log_new ();

  g_assert_cmpint (lw_metrics_tail_read (tail, log), ==, LW_TAIL_READ); /* not there yet */
  append (path, "event,st");
  g_assert_cmpint (lw_metrics_tail_read (tail, log), ==, LW_TAIL_READ);
  append (path, HEAD + strlen ("event,st"));
  append (path, "\nstart,0,0,0,,,,,0.5,,\nstep,1,0.1,0.01,2.3,0.1");
  g_assert_cmpint (lw_metrics_tail_read (tail, log), ==, LW_TAIL_READ);
  g_assert_cmpint (lw_run_log_length (log), ==, 1); /* the half row waits */
  append (path, "25,,,0.5,100,\nst");
  g_assert_cmpint (lw_metrics_tail_read (tail, log), ==, LW_TAIL_READ);
  g_assert_cmpint (lw_run_log_length (log), ==, 2);
  g_assert_cmpfloat (lw_run_log_get (log, 1)->accuracy, ==, 0.125f);
  g_assert_cmpint (lw_metrics_tail_read (tail, log), ==, LW_TAIL_READ); /* nothing new */
  g_assert_cmpint (lw_run_log_length (log), ==, 2);
  append (path, "ep,2,0.2,0.02,2.2,0.2,,,0.5,100,\n");
  g_assert_cmpint (lw_metrics_tail_read (tail, log), ==, LW_TAIL_READ);
  g_assert_cmpint (lw_run_log_get (log, 2)->step, ==, 2);
  /* Steps never go back; what is broken stays so. */
  append (path, "step,1,0.2,0.02,2.2,0.2,,,0.5,100,\n");
  g_assert_cmpint (lw_metrics_tail_read (tail, log), ==, LW_TAIL_REPLACED);
  g_assert_cmpint (lw_metrics_tail_read (tail, log), ==, LW_TAIL_REPLACED);
  g_assert_cmpint (lw_run_log_length (log), ==, 3);
  lw_remove_folder (folder);
}

/* A file in its place, a shorter one, and a line that never ends. */
static void
test_replaced (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "metrics.csv", NULL);
  g_autoptr (GString) long_line = g_string_new (HEAD "\n");

  g_string_set_size (long_line, 300000);
  memset (long_line->str + strlen (HEAD) + 1, '7', long_line->len - strlen (HEAD) - 1);
  for (int i = 0; i < 3; i++) {
    g_autoptr (LwMetricsTail) tail = lw_metrics_tail_new (path);
    g_autoptr (LwRunLog) log = lw_run_log_new ();

    g_remove (path);
    append (path, HEAD "\nstart,0,0,0,,,,,0.5,,\nstep,1,0.1,0.01,2.3,0.1,,,0.5,100,\n");
    g_assert_cmpint (lw_metrics_tail_read (tail, log), ==, LW_TAIL_READ);
    g_assert_cmpint (lw_run_log_length (log), ==, 2);
    if (i == 0)
      g_assert_true (g_file_set_contents (path, long_line->str, 2000, NULL)); /* renamed over it */
    else if (i == 1)
      g_assert_cmpint (truncate (path, 100), ==, 0);
    else
      append (path, long_line->str + strlen (HEAD) + 1);
    g_assert_cmpint (lw_metrics_tail_read (tail, log), ==, LW_TAIL_REPLACED);
  }
  lw_remove_folder (folder);
}

/* --- looking at folders ----------------------------------------------------------------------- */

typedef struct {
  LwRunScan *scan;
  char *folder;
} Place;

static GPtrArray *
look (const Place *place, const char *own, int most, bool *ret_more)
{
  const char *const folders[] = { place->folder, NULL };
  bool more;

  return lw_run_scan_look (place->scan, folders, own, most, ret_more != NULL ? ret_more : &more);
}

/* A run that lies there as a training left it; its lock may be taken again. */
static char *
make_run (const char *folder, const char *name)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 32);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=32", "epochs=1", NULL);

  lw_run_log_unref (lw_test_train (settings, dataset, path));
  return path;
}

static void
set_state (const char *path, LwRunState state)
{
  LwRunRecord record;

  g_assert_true (lw_run_record_read (path, &record, NULL));
  record.state = state;
  {
    g_autoptr (LwGraph) graph = lw_model_build (record.settings->options, NULL);

    g_assert_true (lw_run_record_write (&record, graph, path, NULL));
  }
  lw_run_record_clear (&record);
}

static const LwScanNews *
only (const GPtrArray *news, LwScanKind kind)
{
  g_assert_cmpuint (news->len, ==, 1);
  g_assert_cmpint (((LwScanNews *)news->pdata[0])->kind, ==, kind);
  return news->pdata[0];
}

static void
nothing (GPtrArray *news)
{
  g_assert_cmpuint (news->len, ==, 0);
  g_ptr_array_unref (news);
}

/* As another program trains: it holds the lock, appends, then says how it ended and lets go. */
static void
test_follow (void)
{
  const Place place = { lw_run_scan_new (), lw_make_folder () };
  g_autofree char *run = make_run (place.folder, "a");
  g_autofree char *metrics = g_build_filename (run, "metrics.csv", NULL);
  g_autoptr (GPtrArray) news = NULL;
  g_autoptr (LwRunLog) log = NULL;
  int64_t before;
  int fd;

  set_state (run, LW_RUN_RUNNING);
  fd = lw_run_lock (run, NULL);
  g_assert_cmpint (fd, >=, 0);
  news = look (&place, NULL, 10, NULL);
  g_assert_cmpint (only (news, LW_SCAN_FOUND)->run->state, ==, LW_RUN_RUNNING);
  log = lw_run_log_ref (only (news, LW_SCAN_FOUND)->run->log);
  before = lw_run_log_length (log);
  g_assert_cmpint (before, >, 2);
  g_assert_cmpint (lw_run_scan_n_running (place.scan), ==, 1);
  nothing (look (&place, NULL, 10, NULL));

  append (metrics, "step,100,9.1,0.01,2.3,0.1,,,0.5,100,\nstep,101,");
  g_clear_pointer (&news, g_ptr_array_unref);
  news = look (&place, NULL, 10, NULL);
  g_assert_cmpint (only (news, LW_SCAN_GREW)->state, ==, LW_RUN_RUNNING);
  g_assert_cmpint (lw_run_log_length (log), ==, before + 1);
  nothing (look (&place, NULL, 10, NULL));

  append (metrics, "9.2,0.01,2.3,0.1,,,0.5,100,\n");
  set_state (run, LW_RUN_DIVERGED);
  close (fd);
  g_clear_pointer (&news, g_ptr_array_unref);
  news = look (&place, NULL, 10, NULL);
  g_assert_cmpint (only (news, LW_SCAN_GREW)->state, ==, LW_RUN_DIVERGED);
  g_assert_cmpint (lw_run_log_length (log), ==, before + 2);
  g_assert_cmpint (lw_run_scan_n_running (place.scan), ==, 0);
  nothing (look (&place, NULL, 10, NULL));
  lw_run_scan_free (place.scan);
  lw_remove_folder (place.folder);
}

static void
test_folders (void)
{
  const Place place = { lw_run_scan_new (), lw_make_folder () };
  g_autofree char *a = make_run (place.folder, "a"), *b = make_run (place.folder, "b");
  g_autofree char *c = make_run (place.folder, "c"), *json = g_build_filename (a, "run.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) news = look (&place, c, 1, NULL);
  bool more = false;

  only (news, LW_SCAN_FOUND); /* c is ours */
  g_ptr_array_unref (g_steal_pointer (&news));
  news = look (&place, NULL, 1, &more);
  only (news, LW_SCAN_FOUND);
  g_assert_false (more);
  g_ptr_array_unref (g_steal_pointer (&news));
  nothing (look (&place, NULL, 1, NULL));

  set_state (b, LW_RUN_STOPPED); /* somebody touched it */
  news = look (&place, NULL, 1, NULL);
  g_assert_cmpint (only (news, LW_SCAN_REPLACED)->run->state, ==, LW_RUN_STOPPED);
  g_ptr_array_unref (g_steal_pointer (&news));

  lw_remove_folder (g_steal_pointer (&b));
  news = look (&place, NULL, 1, NULL);
  g_assert_true (g_str_has_suffix (only (news, LW_SCAN_GONE)->folder, "/b"));
  g_ptr_array_unref (g_steal_pointer (&news));

  /* A damaged one is no run, until it is mended. */
  g_assert_true (g_file_get_contents (json, &text, NULL, NULL));
  {
    g_autofree char *other = g_build_filename (place.folder, "d", NULL);
    g_autofree char *other_json = g_build_filename (other, "run.json", NULL);

    g_assert_cmpint (mkdir (other, 0777), ==, 0);
    g_assert_true (g_file_set_contents (other_json, "{", -1, NULL));
    nothing (look (&place, NULL, 1, NULL));
    nothing (look (&place, NULL, 1, NULL));
    g_assert_true (g_file_set_contents (other_json, text, -1, NULL));
    news = look (&place, NULL, 1, NULL);
    only (news, LW_SCAN_FOUND);
  }
  lw_run_scan_free (place.scan);
  lw_remove_folder (place.folder);
}

/* Half a million rows after those that are there. */
static void
append_many (const char *metrics)
{
  g_autoptr (GString) rows = g_string_new (NULL);

  for (int i = 0; i < 500000; i++)
    g_string_append (rows, "step,100,9,1,2,0.1,,,0.5,1,\n");
  append (metrics, rows->str);
}

/* What took long to read is shown before more is read. */
static void
test_long (void)
{
  const Place place = { lw_run_scan_new (), lw_make_folder () };
  g_autofree char *a = make_run (place.folder, "a"), *b = make_run (place.folder, "b");
  g_autofree char *metrics = g_build_filename (b, "metrics.csv", NULL);
  g_autoptr (GPtrArray) news = NULL;
  bool more = false;

  append_many (metrics);
  set_state (b, LW_RUN_STOPPED); /* the newest now */
  news = look (&place, NULL, 10, &more);
  g_assert_true (g_str_has_suffix (only (news, LW_SCAN_FOUND)->folder, "/b"));
  g_assert_true (more);
  g_ptr_array_unref (g_steal_pointer (&news));
  news = look (&place, NULL, 10, &more);
  g_assert_true (g_str_has_suffix (only (news, LW_SCAN_FOUND)->folder, "/a"));
  g_assert_false (more);
  lw_run_scan_free (place.scan);
  lw_remove_folder (place.folder);
}

/* The linker puts this in the place of the function that it is named after. −1: nobody knows. */
static int64_t free_memory = -1;

int64_t __wrap_lw_free_host_memory (void);

int64_t
__wrap_lw_free_host_memory (void)
{
  return free_memory;
}

/* More rows than there is memory for are a sentence, before they have taken much of it. A log that
 * has a file needs none. */
static void
test_too_long (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = make_run (folder, "run");
  g_autofree char *metrics = g_build_filename (path, "metrics.csv", NULL);
  g_autoptr (LwMetricsTail) tail = NULL, other = lw_metrics_tail_new (metrics);
  g_autoptr (LwRunLog) log = lw_run_log_new (), spilled = lw_run_log_new ();
  g_autoptr (GError) error = NULL;

  append_many (metrics);
  free_memory = 200000 * (int64_t)sizeof (LwEvent);
  g_assert_null (lw_run_open (path, &error));
  lw_test_assert_sentence (&error, LW_ERROR_MEMORY, "not enough memory for the rows");
  g_assert_null (lw_run_open_growing (path, &tail, &error));
  lw_test_assert_sentence (&error, LW_ERROR_MEMORY, "not enough memory for the rows");
  g_assert_cmpint (lw_metrics_tail_read (other, log), ==, LW_TAIL_TOO_LONG);
  g_assert_cmpint (lw_run_log_length (log), <, 200000);
  lw_run_log_spill (spilled, folder);
  g_assert_true (lw_metrics_read (metrics, spilled, &error));
  g_assert_cmpint (lw_run_log_length (spilled), >, 500000);
  free_memory *= 3;
  lw_run_free (lw_run_open_growing (path, &tail, &error));
  g_assert_no_error (error);
  free_memory = -1;
  lw_remove_folder (folder);
}

/* In a file system that passes no locks on, fresh files mean that somebody writes. */
static void
test_fresh (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *run = make_run (folder, "a");
  g_autofree char *metrics = g_build_filename (run, "metrics.csv", NULL);
  g_autofree char *json = g_build_filename (run, "run.json", NULL);
  const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

  g_assert_true (lw_run_is_fresh (run, 60));
  g_assert_cmpint (utimensat (AT_FDCWD, metrics, old, 0), ==, 0);
  g_assert_cmpint (utimensat (AT_FDCWD, json, old, 0), ==, 0);
  g_assert_false (lw_run_is_fresh (run, 60));
  g_assert_false (lw_run_is_trained (run));
  lw_remove_folder (folder);
}

/* Groups stand in run.json, and are there again after resuming. */
static void
test_group (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "a", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 32);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=32", "epochs=1", NULL);
  const LwRunGroup group = { (char *)"7", (char *)"LeNet, 3 seeds", (char *)"seed 43" };
  LwTrainer *trainer = lw_test_new (settings, dataset, path);

  lw_trainer_set_group (trainer, &group);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  for (int i = 0; i < 2; i++) {
    g_autoptr (LwRun) run = lw_run_open (path, NULL);

    g_assert_cmpstr (run->group.id, ==, "7");
    g_assert_cmpstr (run->group.name, ==, "LeNet, 3 seeds");
    g_assert_cmpstr (run->group.label, ==, "seed 43");
    g_assert_cmpint (run->steps_per_epoch, ==, 2);
    if (i == 0) {
      trainer = lw_trainer_resume (path, lw_test_backends, dataset, 2, 0, NULL);
      lw_test_run (trainer, LW_RUN_FINISHED);
      lw_trainer_free (trainer);
    }
  }
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/queue/round-trip", test_round_trip);
  g_test_add_func ("/queue/hostile", test_hostile);
  g_test_add_func ("/metrics-tail/half-rows", test_tail);
  g_test_add_func ("/metrics-tail/replaced", test_replaced);
  g_test_add_func ("/metrics-tail/too-long", test_too_long);
  g_test_add_func ("/run-scan/follow", test_follow);
  g_test_add_func ("/run-scan/folders", test_folders);
  g_test_add_func ("/run-scan/long", test_long);
  g_test_add_func ("/run-scan/fresh", test_fresh);
  g_test_add_func ("/run-group", test_group);
  return g_test_run ();
}
