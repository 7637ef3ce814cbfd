/* A run's metrics.csv: read as a whole and as a file that grows, which agree; written and read
 * again; and the lock file that lies beside it. */
#include "engine/live_setting.h"
#include "engine/metrics.h"
#include "engine/metrics_tail.h"
#include "engine/run_record.h"
#include "tests/fuzz/folder.h"

#include <string.h>
#include <unistd.h>

static bool
same_numbers (double a, double b)
{
  return memcmp (&a, &b, sizeof a) == 0 || (a != a && b != b) || a == b;
}

static void
check_event (const LwEvent *event, int64_t step)
{
  g_assert_cmpint (event->step, >=, step);
  g_assert_true (event->kind <= LW_EVENT_END);
  if (event->kind == LW_EVENT_END)
    g_assert_true (event->state >= LW_RUN_FINISHED && event->state <= LW_RUN_FAILED);
  if (event->kind == LW_EVENT_SETTING)
    g_assert_nonnull (lw_live_name (event->setting));
}

static void
check_same (const LwEvent *a, const LwEvent *b)
{
  g_assert_true (a->kind == b->kind);
  g_assert_cmpint (a->step, ==, b->step);
  g_assert_true (same_numbers (a->epoch, b->epoch));
  g_assert_true (same_numbers ((double)a->loss, (double)b->loss));
  g_assert_true (a->stopped_early == b->stopped_early);
  if (a->kind == LW_EVENT_SETTING) {
    g_assert_true (a->setting == b->setting);
    g_assert_true (same_numbers (a->value, b->value));
  }
}

static void
check_tail (const char *path, const LwRunLog *whole)
{
  g_autoptr (LwMetricsTail) tail = lw_metrics_tail_new (path);
  g_autoptr (LwRunLog) log = lw_run_log_new ();
  LwTailResult result;

  while ((result = lw_metrics_tail_read (tail, log)) == LW_TAIL_MORE)
    ;
  g_assert_true ((whole != NULL) == (result == LW_TAIL_READ));
  if (whole == NULL)
    return;
  g_assert_cmpint (lw_run_log_length (log), ==, lw_run_log_length (whole));
  for (int64_t i = 0; i < lw_run_log_length (log); i++)
    check_same (lw_run_log_get (log, i), lw_run_log_get (whole, i));
}

static void
check_again (const LwRunLog *log)
{
  const char *path = lw_fuzz_put ("again.csv", "", 0);
  LwMetrics *metrics = lw_metrics_new (path, log, NULL);
  g_autoptr (LwRunLog) again = lw_run_log_new ();
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (metrics);
  lw_metrics_free (metrics);
  lw_metrics_read (path, again, &error);
  g_assert_no_error (error);
  g_assert_cmpint (lw_run_log_length (again), ==, lw_run_log_length (log));
}

static void
read_lock (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  int fd;

  lw_fuzz_put ("lock", data, size);
  fd = lw_run_lock (lw_fuzz_folder (), &error);
  lw_fuzz_check_error (fd < 0, error);
  g_assert_cmpint (fd, >=, 0);
  error = NULL;
  lw_fuzz_check_error (!lw_run_may_write (lw_fuzz_folder (), &error), error);
  close (fd);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *path = lw_fuzz_put ("metrics.csv", data, size);
  g_autoptr (LwRunLog) log = lw_run_log_new ();
  GError *error = NULL;
  const bool read = lw_metrics_read (path, log, &error);

  lw_fuzz_check_error (!read, error);
  for (int64_t i = 0; i < lw_run_log_length (log); i++)
    check_event (lw_run_log_get (log, i), i > 0 ? lw_run_log_get (log, i - 1)->step : 0);
  check_tail (path, read ? log : NULL);
  if (read)
    check_again (log);
  read_lock (data, size);
  return 0;
}
