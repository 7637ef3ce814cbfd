/* The mirror of a folder: what is fetched, when it is seen, and what is not. */
#include "remote/mirror.h"
#include "tests/remote/far-side.h"
#include "tests/support/program.h"

#include "engine/run_record.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "head of the table\n"

static LwRemoteLink *link_;
static LwRemoteMirror *mirror;
static char *folder; /* there, as it is listed */

static void
begin (const char *name)
{
  g_autofree char *local = NULL, *description = g_build_filename (name, "run.json", NULL);
  g_autofree char *metrics = g_build_filename (name, "metrics.csv", NULL);
  g_autoptr (GError) error = NULL;

  far_begin ();
  far_write (description, "{}", -1);
  far_write (metrics, HEAD, -1);
  folder = g_strconcat ("./", name, NULL);
  local = near_path ("m");
  link_ = far_open ();
  mirror = lw_remote_mirror_new (folder, local, "far", &error);
  g_assert_no_error (error);
}

static void
end (void)
{
  g_clear_pointer (&mirror, lw_remote_mirror_free);
  g_clear_pointer (&link_, lw_remote_link_free);
  g_clear_pointer (&folder, g_free);
  far_end ();
}

static LwRemoteNews
update (bool weights)
{
  g_autoptr (GError) error = NULL;
  LwRemoteNews news;

  lw_remote_mirror_update (mirror, link_, weights, &news, &error);
  g_assert_no_error (error);
  return news;
}

static void
assert_near (const char *name, const char *expected)
{
  g_autofree char *text = near_text (name);

  g_assert_cmpstr (text, ==, expected);
}

static ino_t
inode (const char *name)
{
  g_autofree char *path = near_path (name);
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_ino;
}

/* Rows that were appended come into the file that is here. */
static void
test_growth (void)
{
  ino_t before;

  begin ("run");
  g_assert_true (update (false).there);
  assert_near ("m/metrics.csv", HEAD);
  assert_near ("m/run.json", "{}");
  before = inode ("m/metrics.csv");
  far_append ("run/metrics.csv", "row 1\nro");
  update (false);
  assert_near ("m/metrics.csv", HEAD "row 1\nro");
  far_append ("run/metrics.csv", "w 2\n");
  update (false);
  assert_near ("m/metrics.csv", HEAD "row 1\nrow 2\n");
  g_assert_cmpuint (inode ("m/metrics.csv"), ==, before); /* the reader's offset still holds */
  end ();
}

/* More than a block, and not a byte of it half. */
static void
test_much (void)
{
  g_autoptr (GString) rows = g_string_new (HEAD);

  begin ("run");
  update (false);
  for (int i = 0; i < 200000; i++)
    g_string_append_printf (rows, "row %d\n", i);
  far_append ("run/metrics.csv", rows->str + strlen (HEAD));
  update (false);
  assert_near ("m/metrics.csv", rows->str);
  end ();
}

/* A run that is resumed from a checkpoint has another table: the reader has to see that it is. */
static void
test_replaced (void)
{
  ino_t before;

  begin ("run");
  far_append ("run/metrics.csv", "row 1\nrow 2\n");
  update (false);
  before = inode ("m/metrics.csv");
  far_write ("run/metrics.csv", HEAD "row 1\nother 2\nother 3\n", -1);
  far_write ("run/run.json", "{ }", -1);
  update (false);
  assert_near ("m/metrics.csv", HEAD "row 1\nother 2\nother 3\n");
  assert_near ("m/run.json", "{ }");
  g_assert_cmpuint (inode ("m/metrics.csv"), !=, before);
  end ();
}

/* The same file, cut and grown beyond what it was between two looks. */
static void
test_truncated (void)
{
  g_autofree char *path = NULL;
  ino_t before;

  begin ("run");
  path = far_path ("run/metrics.csv");
  far_append ("run/metrics.csv", "row 1\nrow 2\n");
  update (false);
  before = inode ("m/metrics.csv");
  g_assert_cmpint (truncate (path, (off_t)strlen (HEAD)), ==, 0);
  update (false);
  assert_near ("m/metrics.csv", HEAD);
  g_assert_cmpuint (inode ("m/metrics.csv"), !=, before);
  far_append ("run/metrics.csv", "row 1\nrow 2\n");
  update (false);
  before = inode ("m/metrics.csv");
  g_assert_cmpint (truncate (path, (off_t)strlen (HEAD)), ==, 0);
  far_append ("run/metrics.csv", "different 1\ndifferent 2\n");
  update (false);
  assert_near ("m/metrics.csv", HEAD "different 1\ndifferent 2\n");
  g_assert_cmpuint (inode ("m/metrics.csv"), !=, before);
  end ();
}

static void
test_vanished (void)
{
  g_autofree char *old = NULL, *moved = NULL;

  begin ("run");
  update (false);
  old = far_path ("run");
  moved = far_path ("moved");
  g_assert_cmpint (rename (old, moved), ==, 0);
  g_assert_false (update (false).there);
  assert_near ("m/metrics.csv", HEAD); /* what was seen stays */
  g_assert_cmpint (rename (moved, old), ==, 0);
  far_append ("run/metrics.csv", "row 1\n");
  g_assert_true (update (false).there);
  assert_near ("m/metrics.csv", HEAD "row 1\n");
  end ();
}

/* Large weights wait until somebody wants them, small ones come by themselves; both go when they go
 * there. */
static void
test_weights (void)
{
  g_autofree char *large = g_strnfill (3000000, 'w'), *path = NULL, *text = NULL;
  bool changed = false;
  g_autoptr (GError) error = NULL;
  LwRemoteNews news;

  begin ("run");
  far_write ("run/snapshots/epoch-0.safetensors", "small", -1);
  far_write ("run/checkpoints/step-10.safetensors", large, -1);
  far_write ("run/health.safetensors", "record", -1);
  news = update (false);
  g_assert_true (news.files_changed);
  assert_near ("m/snapshots/epoch-0.safetensors", "small");
  assert_near ("m/health.safetensors", "record");
  g_assert_cmpint (news.withheld, ==, 3000000);
  g_assert_cmpint (news.waiting, ==, 0);
  g_assert_false (near_has ("m/checkpoints/step-10.safetensors"));
  g_assert_false (update (false).files_changed);

  news = update (true);
  g_assert_cmpint (news.waiting, ==, 3000000);
  /* A block at a time: the rows do not wait for it. */
  g_assert_true (
      lw_remote_mirror_fetch (mirror, link_, g_get_monotonic_time () + 1, &changed, &error));
  g_assert_false (near_has ("m/checkpoints/step-10.safetensors"));
  far_append ("run/metrics.csv", "row 1\n");
  news = update (true);
  assert_near ("m/metrics.csv", HEAD "row 1\n");
  g_assert_cmpint (news.waiting, <, 3000000);
  for (int i = 0; i < 20 && !changed; i++)
    g_assert_true (
        lw_remote_mirror_fetch (mirror, link_, g_get_monotonic_time () + 1, &changed, &error));
  text = near_text ("m/checkpoints/step-10.safetensors");
  g_assert_cmpstr (text, ==, large);
  g_assert_cmpint (update (true).waiting, ==, 0);

  path = far_path ("run/checkpoints/step-10.safetensors");
  unlink (path);
  g_assert_true (update (true).files_changed);
  g_assert_false (near_has ("m/checkpoints/step-10.safetensors"));
  end ();
}

/* What is in the way here is told until it is gone, and nothing of the weights is lost by it. */
static void
test_stuck (void)
{
  GString *large = g_string_new (NULL);
  g_autofree char *part = NULL, *text = NULL;
  bool changed = false;

  begin ("run");
  while (large->len < 1500000)
    g_string_append_printf (large, "%" G_GSIZE_FORMAT "\n", large->len);
  far_write ("run/checkpoints/step-10.safetensors", large->str, -1);
  g_assert_null (update (true).problem);
  part = near_path ("m/.fetching"); /* the file that bytes come into first */
  g_assert_cmpint (mkdir (part, 0700), ==, 0);
  for (int i = 0; i < 2; i++) {
    g_assert_true (lw_remote_mirror_fetch (mirror, link_, 0, &changed, NULL));
    g_assert_false (changed);
    lw_assert_contains (update (true).problem, "cannot be kept here");
  }
  g_assert_cmpint (rmdir (part), ==, 0);
  for (int i = 0; i < 20 && !changed; i++)
    g_assert_true (lw_remote_mirror_fetch (mirror, link_, 0, &changed, NULL));
  text = near_text ("m/checkpoints/step-10.safetensors");
  g_assert_cmpstr (text, ==, large->str);
  g_assert_null (update (true).problem);
  g_string_free (large, TRUE);
  end ();
}

/* Of many weights the newest come, and what is left there is counted. */
static void
test_budget (void)
{
  g_autofree char *small = g_strnfill (1000000, 's');
  bool changed;
  LwRemoteNews news;

  begin ("run");
  for (int i = 0; i < 40; i++) {
    g_autofree char *name = g_strdup_printf ("run/snapshots/epoch-%d.safetensors", i);
    g_autofree char *path = far_path (name);
    struct timespec times[2] = { { 1700000000 + i, 0 }, { 1700000000 + i, 0 } };

    far_write (name, small, -1);
    g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
  }
  news = update (false);
  assert_near ("m/metrics.csv", HEAD); /* which does not wait for them */
  g_assert_cmpint (news.waiting, ==, 33000000);
  g_assert_cmpint (news.withheld, ==, 7000000);
  g_assert_true (lw_remote_mirror_fetch (mirror, link_, 0, &changed, NULL));
  g_assert_true (lw_remote_mirror_fetch (mirror, link_, 0, &changed, NULL));
  g_assert_true (near_has ("m/snapshots/epoch-39.safetensors"));
  g_assert_cmpint (update (true).waiting, ==, 39000000);
  end ();
}

/* Neither names that are no run's, nor links, nor what would never end. */
static void
test_hostile (void)
{
  static const char *const foreign[] = { "evil",
                                         ".hidden",
                                         "-rf",
                                         "two\nlines",
                                         "lock2",
                                         "snapshots/epoch-x.safetensors",
                                         "snapshots/epoch-1.safetensors.safetensors",
                                         "snapshots/-epoch-1.safetensors",
                                         "snapshots/epoch-1\n81a4 3 1 1 x|.safetensors" };
  g_autofree char *link_path = NULL, *outside = NULL, *checkpoints = NULL, *huge = NULL,
                  *fifo = NULL;
  LwRemoteNews news;
  int fd;

  begin ("run");
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++) {
    g_autofree char *name = g_build_filename ("run", foreign[i], NULL);

    far_write (name, "no", -1);
  }
  outside = far_path ("secret");
  far_write ("secret", "secret", -1);
  link_path = far_path ("run/notes.json");
  g_assert_cmpint (symlink (outside, link_path), ==, 0);
  news = update (true);
  g_assert_nonnull (news.problem);
  g_assert_nonnull (strstr (news.problem, "notes.json"));
  g_assert_false (near_has ("m/notes.json"));
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++) {
    g_autofree char *name = g_build_filename ("m", foreign[i], NULL);

    g_assert_false (near_has (name));
  }
  unlink (link_path);

  fifo = far_path ("run/notes.json");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_nonnull (update (true).problem);
  unlink (fifo);

  huge = far_path ("run/predictions.safetensors");
  fd = open (huge, O_WRONLY | O_CREAT, 0600);
  g_assert_cmpint (ftruncate (fd, (off_t)300 << 20), ==, 0);
  close (fd);
  news = update (true);
  g_assert_nonnull (strstr (news.problem, "too large"));
  g_assert_false (near_has ("m/predictions.safetensors"));
  unlink (huge);
  g_assert_null (update (true).problem);

  /* A link in place of the folder of weights, to one full of them. */
  far_write ("elsewhere/step-3.safetensors", "no", -1);
  checkpoints = far_path ("run/checkpoints");
  g_free (outside);
  outside = far_path ("elsewhere");
  g_assert_cmpint (symlink (outside, checkpoints), ==, 0);
  update (true);
  g_assert_false (near_has ("m/checkpoints/step-3.safetensors"));
  end ();
}

/* Folders of any name. */
static void
test_odd_folders (void)
{
  static const char *const names[] = { "with blanks  two",
                                       "it's \"quoted\" $HOME `x`",
                                       "two\nlines",
                                       "-rf",
                                       "*",
                                       "ünïcode",
                                       "back\\slash",
                                       "tab\tin it" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GPtrArray) runs = NULL;
    g_autoptr (GError) error = NULL;
    LwRemoteKind kind;

    begin (names[i]);
    g_assert_true (lw_remote_link_enter (link_, folder, &kind, &error));
    g_assert_cmpint (kind, ==, LW_REMOTE_RUN);
    update (false);
    assert_near ("m/metrics.csv", HEAD);
    g_assert_true (lw_remote_link_enter (link_, ".", &kind, &error));
    g_assert_cmpint (kind, ==, LW_REMOTE_FOLDER);
    runs = lw_remote_link_runs (link_, ".", &error);
    g_assert_no_error (error);
    g_assert_cmpuint (runs->len, ==, 1);
    g_assert_cmpstr (((LwRemoteRun *)runs->pdata[0])->name, ==, names[i]);
    end ();
  }
}

/* While a program there holds the lock, the folder here is one that is trained by that program. */
static void
test_lock (void)
{
  g_autofree char *far_folder = NULL, *local = NULL;
  g_autoptr (GError) error = NULL;
  LwRemoteNews news;
  int lock;

  begin ("run");
  far_folder = far_path ("run");
  local = near_path ("m");
  g_assert_false (update (false).trained);
  g_assert_false (lw_run_is_trained (local));
  lock = lw_run_lock (far_folder, &error);
  g_assert_no_error (error);
  news = update (false);
  g_assert_true (news.trained);
  g_assert_true (lw_run_is_trained (local));
  g_assert_cmpint (lw_run_lock (local, &error), ==, -1);
  g_assert_nonnull (error);
  close (lock);
  g_assert_false (update (false).trained);
  g_assert_false (lw_run_is_trained (local));
  lock = lw_run_lock (far_folder, NULL);
  g_assert_true (update (false).trained);
  g_clear_pointer (&mirror, lw_remote_mirror_free);
  g_assert_false (lw_run_is_trained (local));
  close (lock);
  end ();
}

/* A connection that is cut says so, and the next goes on where it was. */
static void
test_cut (void)
{
  g_autoptr (GError) error = NULL;
  LwRemoteNews news;
  ino_t before;

  begin ("run");
  update (false);
  before = inode ("m/metrics.csv");
  far_cut ();
  far_append ("run/metrics.csv", "row 1\n");
  g_assert_false (lw_remote_mirror_update (mirror, link_, false, &news, &error));
  g_assert_nonnull (strstr (error->message, "was lost"));
  assert_near ("m/metrics.csv", HEAD);
  lw_remote_link_free (link_);
  link_ = far_open ();
  update (false);
  assert_near ("m/metrics.csv", HEAD "row 1\n");
  g_assert_cmpuint (inode ("m/metrics.csv"), ==, before);
  end ();
}

/* Nothing there is written, made or touched. */
static void
test_read_only (void)
{
  g_autofree char *path = NULL, *before = NULL, *after = NULL, *home = NULL, *command = NULL;

  begin ("run");
  far_write ("run/snapshots/epoch-0.safetensors", "small", -1);
  home = far_path ("");
  command =
      g_strdup_printf ("sh -c 'cd \"%s\" && find . -printf \"%%p %%T@ %%C@ %%s\\n\" | sort'", home);
  g_assert_true (g_spawn_command_line_sync (command, &before, NULL, NULL, NULL));
  update (true);
  update (true);
  g_assert_true (g_spawn_command_line_sync (command, &after, NULL, NULL, NULL));
  g_assert_cmpstr (before, ==, after);
  g_assert_nonnull (strstr (before, "epoch-0"));
  end ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote-mirror/growth", test_growth);
  g_test_add_func ("/remote-mirror/much", test_much);
  g_test_add_func ("/remote-mirror/replaced", test_replaced);
  g_test_add_func ("/remote-mirror/truncated", test_truncated);
  g_test_add_func ("/remote-mirror/vanished", test_vanished);
  g_test_add_func ("/remote-mirror/weights", test_weights);
  g_test_add_func ("/remote-mirror/stuck", test_stuck);
  g_test_add_func ("/remote-mirror/budget", test_budget);
  g_test_add_func ("/remote-mirror/hostile", test_hostile);
  g_test_add_func ("/remote-mirror/odd-folders", test_odd_folders);
  g_test_add_func ("/remote-mirror/lock", test_lock);
  g_test_add_func ("/remote-mirror/cut", test_cut);
  g_test_add_func ("/remote-mirror/read-only", test_read_only);
  return g_test_run ();
}
