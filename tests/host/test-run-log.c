/* The run log: one writer, several readers, and the rows of metrics.csv. */
#include "engine/metrics.h"
#include "engine/number.h"
#include "tests/support/program.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define N_EVENTS 300000

static LwEvent
event_number (int64_t i)
{
  return (LwEvent){
    .kind = LW_EVENT_STEP, .step = i, .epoch = (double)i / 7, .loss = (float)(i % 1000)
  };
}

static void *
read_all (void *data)
{
  LwRunLog *log = data;
  int64_t seen = 0;

  while (seen < N_EVENTS) {
    const int64_t length = lw_run_log_length (log);

    g_assert_cmpint (length, >=, seen);
    for (; seen < length; seen++) {
      const LwEvent *event = lw_run_log_get (log, seen);

      g_assert_cmpint (event->step, ==, seen);
      g_assert_cmpfloat (event->loss, ==, (float)(seen % 1000));
    }
  }
  return NULL;
}

static void
test_readers (void)
{
  g_autoptr (LwRunLog) log = lw_run_log_new ();
  const LwEvent *first;
  pthread_t readers[3];

  for (int i = 0; i < 3; i++)
    g_assert_cmpint (pthread_create (&readers[i], NULL, read_all, log), ==, 0);
  for (int64_t i = 0; i < N_EVENTS; i++) {
    const LwEvent event = event_number (i);

    lw_run_log_append (log, &event);
    if (i == 0)
      first = lw_run_log_get (log, 0);
  }
  for (int i = 0; i < 3; i++)
    pthread_join (readers[i], NULL);
  g_assert_true (lw_run_log_get (log, 0) == first); /* never moves */
}

/* A long log takes no more memory than one of 65,536 events: readers that are there meanwhile see
 * the same. Nothing is left in the folder. */
static void
test_spill (void)
{
  char *folder = lw_make_folder ();
  g_autoptr (LwRunLog) log = lw_run_log_new ();
  const int64_t before = lw_own_memory ();
  g_autoptr (GDir) dir = NULL;
  pthread_t reader;

  lw_run_log_spill (log, folder);
#ifndef __SANITIZE_THREAD__ /* it takes the new pages for a writer's */
  g_assert_cmpint (pthread_create (&reader, NULL, read_all, log), ==, 0);
#endif
  for (int64_t i = 0; i < N_EVENTS; i++) {
    const LwEvent event = event_number (i);

    lw_run_log_append (log, &event);
  }
#ifndef __SANITIZE_THREAD__
  pthread_join (reader, NULL);
  g_assert_cmpint (lw_own_memory () - before, <,
                   (int64_t)sizeof (LwEvent) * 65536 + (8 << 20)); /* of 31 MB */
#else
  (void)reader;
  (void)before;
#endif
  read_all (log);
  dir = g_dir_open (folder, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
  lw_remove_folder (folder);
}

/* As strtod has them, to the last bit, or no numbers at all. */
static void
test_numbers (void)
{
  static const char *const formats[] = { "%.9g", "%.17g", "%.6f", "%.3e" };
  static const char *const none[] = { "",   ".",  "-",   "e5",  "1e",    "1e+", "1.2.3", "0x1",
                                      " 1", "1 ", "nan", "inf", "1e999", "--1", "1,5" };
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  double value = 0;

  for (int i = 0; i < 20000; i++) {
    char text[64], *end;
    const double exponent = g_rand_double_range (random, -30, 30);
    const double sent = g_rand_double_range (random, -10, 10) * pow (10, exponent);

    g_ascii_formatd (text, sizeof text, formats[i % 4], sent);
    g_assert_true (lw_number_parse_real (text, &value));
    g_assert_cmpfloat (value, ==, g_ascii_strtod (text, &end));
  }
  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    if (lw_number_parse_real (none[i], &value))
      g_error ("\"%s\" was read as %g", none[i], value);
}

static LwRunLog *
sample_log (void)
{
  LwRunLog *log = lw_run_log_new ();
  const LwEvent events[] = {
    { .kind = LW_EVENT_START, .learning_rate = 0.9f },
    { .kind = LW_EVENT_STEP,
      .step = 1,
      .epoch = 1.0 / 3,
      .time_s = 0.0125,
      .loss = 2.302585f,
      .accuracy = 0.109375f,
      .learning_rate = 0.9f,
      .examples_per_second = 12345.678f },
    { .kind = LW_EVENT_SETTING,
      .step = 1,
      .epoch = 1.0 / 3,
      .time_s = 0.0125,
      .learning_rate = 0.1f },
    { .kind = LW_EVENT_EPOCH,
      .step = 3,
      .epoch = 1,
      .time_s = 0.05,
      .loss = 1.1f,
      .accuracy = 0.5f,
      .test_loss = 1.25f,
      .test_accuracy = 0.625f,
      .learning_rate = 0.1f,
      .examples_per_second = 10000,
      .seconds = 0.05f },
    { .kind = LW_EVENT_END, .state = LW_RUN_DIVERGED, .step = 3, .epoch = 1, .time_s = 0.05 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    lw_run_log_append (log, &events[i]);
  return log;
}

static void
assert_same (LwRunLog *a, LwRunLog *b, int64_t n)
{
  g_assert_cmpint (lw_run_log_length (b), ==, n);
  for (int64_t i = 0; i < n; i++) {
    const LwEvent *x = lw_run_log_get (a, i), *y = lw_run_log_get (b, i);

    g_assert_cmpint (x->kind, ==, y->kind);
    g_assert_cmpint (x->state, ==, y->state);
    g_assert_cmpint (x->step, ==, y->step);
    g_assert_cmpfloat_with_epsilon (x->epoch, y->epoch, 1e-9);
    g_assert_cmpfloat_with_epsilon (x->time_s, y->time_s, 1e-9);
    g_assert_true (memcmp (&x->loss, &y->loss, 7 * sizeof (float)) == 0);
  }
}

static void
test_file (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "metrics.csv", NULL);
  g_autoptr (LwRunLog) log = sample_log ();
  g_autoptr (LwRunLog) again = lw_run_log_new ();
  g_autoptr (LwRunLog) empty = lw_run_log_new (), cut = lw_run_log_new ();
  g_autoptr (LwMetrics) metrics = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length;

  metrics = lw_metrics_new (path, empty, &error);
  g_assert_no_error (error);
  for (int64_t i = 0; i < lw_run_log_length (log); i++)
    g_assert_true (lw_metrics_append (metrics, lw_run_log_get (log, i), &error));
  g_assert_true (lw_metrics_flush (metrics, true, &error));
  g_assert_true (lw_metrics_read (path, again, &error));
  assert_same (log, again, 5);

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  g_assert_true (g_str_has_prefix (text, "event,step,epoch,time_s,loss,accuracy,test_loss,"));
  g_assert_nonnull (strstr (text, "\nstep,1,0.333333333,0.0125,2.30258489,0.109375,,,"));
  g_assert_nonnull (strstr (text, "\ndiverged,3,1,0.05,,,,,,,,,,\n"));
  /* A writer that was killed in the middle of a row. */
  g_assert_true (g_file_set_contents (path, text, (gssize)length - 5, NULL));
  g_assert_true (lw_metrics_read (path, cut, &error));
  assert_same (log, cut, 4);
  lw_remove_folder (folder);
}

static void
limit_files (rlim_t size)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = size;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* A disk that is full in the middle of a row, and has room again. */
static void
test_full (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "metrics.csv", NULL);
  g_autoptr (LwRunLog) log = sample_log (), empty = lw_run_log_new (), again = lw_run_log_new ();
  g_autoptr (LwMetrics) metrics = lw_metrics_new (path, empty, NULL);
  g_autoptr (GError) error = NULL;
  struct rlimit before;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, SIG_IGN);
  for (int64_t i = 0; i < 4; i++)
    g_assert_true (lw_metrics_append (metrics, lw_run_log_get (log, i), NULL));
  limit_files (200);
  g_assert_false (lw_metrics_flush (metrics, true, &error));
  limit_files (before.rlim_cur);
  g_assert_error (error, LW_ERROR, LW_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "metrics.csv"));
  g_assert_true (lw_metrics_append (metrics, lw_run_log_get (log, 4), NULL));
  g_assert_true (lw_metrics_flush (metrics, true, NULL));
  g_assert_true (lw_metrics_read (path, again, NULL));
  assert_same (log, again, 5);
  lw_remove_folder (folder);
}

/* Each is no metrics file. */
static void
test_hostile (void)
{
#define HEAD                                                                                       \
  "event,step,epoch,time_s,loss,accuracy,test_loss,test_accuracy,learning_rate,"                   \
  "examples_per_second,seconds\n"
  static const char *const texts[] = {
    "nonsense\n",
    "\n",
    "event,step\nstep,1,0,0,0,0,,,0,0,\n",
    HEAD "step,1\n",
    HEAD "leap,1,0,0,0,0,,,0,0,\n",
    HEAD "step,-1,0,0,0,0,,,0,0,\n",
    HEAD "step,1,nan,0,0,0,,,0,0,\n",
    HEAD "step,1,0x10,0,0,0,,,0,0,\n",
    HEAD "step,99999999999999999999,0,0,0,0,,,0,0,\n",
    HEAD "step,2,0,0,0,0,,,0,0,\nstep,1,0,0,0,0,,,0,0,\n",
  };
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "metrics.csv", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (LwRunLog) log = lw_run_log_new ();
    g_autoptr (GError) error = NULL;

    g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
    g_assert_false (lw_metrics_read (path, log, &error));
    g_assert_error (error, LW_ERROR, LW_ERROR_FORMAT);
    g_assert_nonnull (strstr (error->message, "metrics.csv"));
  }
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run-log/readers", test_readers);
  g_test_add_func ("/run-log/spill", test_spill);
  g_test_add_func ("/run-log/numbers", test_numbers);
  g_test_add_func ("/run-log/file", test_file);
  g_test_add_func ("/run-log/full", test_full);
  g_test_add_func ("/run-log/hostile", test_hostile);
  return g_test_run ();
}
