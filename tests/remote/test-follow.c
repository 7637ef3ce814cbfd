/* Following on a thread: choosing, a real training there, connections that are lost and come back,
 * and that nothing is left behind. */
#include "remote/follow.h"
#include "remote/link.h"
#include "tests/remote/far-side.h"
#include "tests/support/program.h"

#include "engine/run_scan.h"

#include <stdio.h>
#include <string.h>

static int n_changed;

static void
changed (LwRemoteFollow *follow, gpointer data)
{
  (void)follow;
  (void)data;
  n_changed++;
}

static LwRemoteFollow *
start (const char *text)
{
  g_autoptr (LwRemoteAddress) address = far_address (text);

  return lw_remote_follow_new (address, changed, NULL);
}

static LwFollowPhase
phase_of (LwRemoteFollow *follow)
{
  LwFollowState state = lw_remote_follow_state (follow);
  const LwFollowPhase phase = state.phase;

  lw_follow_state_clear (&state);
  return phase;
}

#define assert_soon(expression)                                                                    \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const gint64 soon_end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;                         \
                                                                                                   \
    while (!(expression) && g_get_monotonic_time () < soon_end) {                                  \
      g_main_context_iteration (NULL, FALSE);                                                      \
      g_usleep (5000);                                                                             \
    }                                                                                              \
    g_assert_true (expression);                                                                    \
  }                                                                                                \
  G_STMT_END

static GPid
train_there (const char *name)
{
  g_autofree char *folder = far_path (name);
  g_autofree char *description = g_build_filename (folder, "run.json", NULL);
  const GPid child = lw_start_training ("lenet", folder);

  assert_soon (g_file_test (description, G_FILE_TEST_EXISTS));
  return child;
}

/* What a run says of itself: of one that is trained there for a moment. */
static char *
description (void)
{
  g_autofree char *path = NULL;
  char *text = NULL;
  GPid child = train_there ("example");

  path = far_path ("example/run.json");
  lw_stop_training (child);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* Looks at the mirror as the window does. */
static LwRun *
look (LwRunScan *scan, LwRemoteFollow *follow, LwScanKind kind)
{
  const char *const folders[] = { lw_remote_follow_around (follow), NULL };
  g_autoptr (GPtrArray) news = NULL;
  LwRun *run = NULL;
  bool more;

  news = lw_run_scan_look (scan, folders, NULL, 10, &more);
  for (guint i = 0; i < news->len && run == NULL; i++) {
    LwScanNews *one = news->pdata[i];

    if (one->kind == kind)
      run = g_steal_pointer (&one->run);
  }
  return run;
}

/* A run that is being trained there is one that another program trains, and grows; its connection
 * is cut in the middle, nobody can be reached for a while, and it goes on. */
static void
test_training (void)
{
  g_autofree char *around = NULL;
  g_autoptr (LwRunScan) scan = lw_run_scan_new ();
  g_autoptr (LwRun) run = NULL;
  LwRemoteFollow *follow;
  int64_t before;
  GPid child;

  far_begin ();
  child = train_there ("run");
  follow = start ("far:run");
  assert_soon (phase_of (follow) == LW_FOLLOW_FOLLOWING);
  g_assert_cmpint (n_changed, >, 0);
  around = g_strdup (lw_remote_follow_around (follow));
  run = look (scan, follow, LW_SCAN_FOUND);
  g_assert_nonnull (run);
  g_assert_cmpint (run->state, ==, LW_RUN_RUNNING);
  g_assert_cmpstr (run->folder, ==, lw_remote_follow_folder (follow));
  before = lw_run_log_length (run->log);
  assert_soon ((look (scan, follow, LW_SCAN_GREW), lw_run_log_length (run->log) > before));

  far_set_down (true);
  far_cut ();
  assert_soon (phase_of (follow) == LW_FOLLOW_LOST);
  {
    LwFollowState state = lw_remote_follow_state (follow);

    g_assert_nonnull (state.sentence);
    lw_follow_state_clear (&state);
  }
  g_assert_cmpint (lw_run_scan_n_running (scan), ==, 1); /* nobody said that it ended */
  far_set_down (false);
  lw_remote_follow_try_now (follow);
  assert_soon (phase_of (follow) == LW_FOLLOW_FOLLOWING);
  before = lw_run_log_length (run->log);
  assert_soon ((look (scan, follow, LW_SCAN_GREW), lw_run_log_length (run->log) > before));
  far_cut (); /* and by itself */
  assert_soon (phase_of (follow) == LW_FOLLOW_LOST);
  assert_soon (phase_of (follow) == LW_FOLLOW_FOLLOWING);

  lw_stop_training (child);
  assert_soon ((look (scan, follow, LW_SCAN_GREW), lw_run_scan_n_running (scan) == 0));
  {
    /* What was mirrored is what is there, to the last row. */
    g_autofree char *there = far_path ("run/metrics.csv"), *here = NULL, *a = NULL, *b = NULL;

    here = g_build_filename (lw_remote_follow_folder (follow), "metrics.csv", NULL);
    g_assert_true (g_file_get_contents (there, &a, NULL, NULL));
    g_assert_true (g_file_get_contents (here, &b, NULL, NULL));
    g_assert_cmpstr (a, ==, b);
  }
  lw_remote_follow_free (follow);
  g_assert_false (g_file_test (around, G_FILE_TEST_EXISTS));
  far_end ();
}

static void
test_choice (void)
{
  g_autoptr (LwRemoteAddress) address = NULL;
  g_autofree char *text = NULL;
  LwRemoteFollow *follow;
  const GPtrArray *choices;

  far_begin ();
  text = description ();
  far_write ("runs/a b/run.json", text, -1);
  far_write ("runs/-c/run.json", text, -1);
  far_write ("runs/no run/other", "{}", -1);
  follow = start ("far:runs");
  assert_soon (phase_of (follow) == LW_FOLLOW_CHOOSING);
  choices = lw_remote_follow_choices (follow);
  g_assert_cmpuint (choices->len, ==, 2);
  lw_remote_follow_choose (follow, "a b");
  assert_soon (phase_of (follow) == LW_FOLLOW_FOLLOWING);
  address = lw_remote_follow_address (follow);
  g_assert_cmpstr (address->text, ==, "far:runs/a b");
  g_assert_true (g_str_has_suffix (lw_remote_follow_folder (follow), "/a b"));
  lw_remote_follow_free (follow);
  far_end ();
}

static void
assert_fails (const char *address, const char *part)
{
  LwRemoteFollow *follow = start (address);
  LwFollowState state;

  assert_soon (phase_of (follow) == LW_FOLLOW_FAILED);
  state = lw_remote_follow_state (follow);
  lw_assert_contains (state.sentence, part);
  lw_follow_state_clear (&state);
  lw_remote_follow_free (follow);
}

static void
test_failures (void)
{
  far_begin ();
  assert_fails ("nowhere:run", "No machine is called nowhere");
  assert_fails ("far:missing", "There is no folder");
  far_write ("empty/x", "", 0);
  assert_fails ("far:empty", "is no run");
  far_write ("broken/run.json", "{}", -1);
  assert_fails ("far:broken", "cannot be shown");
  far_end ();
}

/* Ending waits neither for a machine that does not answer nor for one that never stops talking. */
static void
test_ending (void)
{
  static const char *const addresses[] = { "mute:run", "loud:run" };

  far_begin ();
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++) {
    LwRemoteFollow *follow = start (addresses[i]);
    gint64 begun;

    g_usleep (200000);
    g_assert_cmpint (phase_of (follow), ==, LW_FOLLOW_CONNECTING);
    begun = g_get_monotonic_time ();
    lw_remote_follow_free (follow);
    g_assert_cmpint (g_get_monotonic_time () - begun, <, 10 * G_USEC_PER_SEC);
  }
  far_end ();
}

/* A folder is gone and comes back. */
static void
test_gone (void)
{
  g_autofree char *old = NULL, *moved = NULL, *text = NULL;
  LwRemoteFollow *follow;

  far_begin ();
  text = description ();
  far_write ("run/run.json", text, -1);
  old = far_path ("run");
  moved = far_path ("moved");
  follow = start ("far:run");
  assert_soon (phase_of (follow) == LW_FOLLOW_FOLLOWING);
  g_assert_cmpint (rename (old, moved), ==, 0);
  assert_soon (phase_of (follow) == LW_FOLLOW_GONE);
  g_assert_cmpint (rename (moved, old), ==, 0);
  assert_soon (phase_of (follow) == LW_FOLLOW_FOLLOWING);
  lw_remote_follow_free (follow);
  far_end ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote-follow/training", test_training);
  g_test_add_func ("/remote-follow/choice", test_choice);
  g_test_add_func ("/remote-follow/failures", test_failures);
  g_test_add_func ("/remote-follow/ending", test_ending);
  g_test_add_func ("/remote-follow/gone", test_gone);
  return g_test_run ();
}
