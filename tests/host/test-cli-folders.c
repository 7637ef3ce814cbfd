/* Folders of odd names, links in circles, names that climb out of their folder, folders that may
 * only be read and folders that vanish: one sentence each, and nothing is written elsewhere. */
#include "tests/support/confined.h"
#include "tests/support/data_files.h"
#include "tests/support/npz_files.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SMALL                                                                                      \
  "lenet", "--set", "width=0.0625", "--set", "hidden_layers=0", "--device", "reference",           \
      "--threads", "1", "--batch", "4"

/* A grey PNG file of 8 × 8 pixels. */
static const uint8_t png[] = { 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00,
                               0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x08,
                               0x00, 0x00, 0x00, 0x08, 0x08, 0x00, 0x00, 0x00, 0x00, 0xe1,
                               0x64, 0xe1, 0x57, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41,
                               0x54, 0x78, 0x9c, 0x63, 0x60, 0xa0, 0x0e, 0x00, 0x00, 0x00,
                               0x48, 0x00, 0x01, 0x2e, 0xb8, 0x3c, 0x7e, 0x00, 0x00, 0x00,
                               0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82 };

/* Classes and pictures of all names that a file system takes, and links in circles. */
static void
test_odd_names (LwConfined *in, gconstpointer user_data)
{
  g_autofree char *set = lw_confined_path (in, "set\n\x1b[2J");
  g_autofree char *loop = g_build_filename (set, "-rf", "loop", NULL);
  g_autofree char *self = g_build_filename (set, "self", NULL);
  g_autofree char *longest = g_strnfill (240, 'x'), *file = g_strconcat (longest, ".png", NULL);
  const char *const classes[] = { "-rf", "a\nb\x07", "\xff\xfe", "...", "$(id)", longest };
  const char *const names[] = { "--help.png", "a\nb.png", "\xff.png", "%s%n.png", file };
  g_autoptr (LwResult) trained = NULL, below = NULL, empty = NULL;

  (void)user_data;
#ifndef LW_WITH_PIXBUF
  g_test_skip ("this build reads no pictures");
  return;
#endif
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    for (guint k = 0; k < G_N_ELEMENTS (names); k++) {
      g_autofree char *name = g_build_filename (classes[i], names[k], NULL);

      lw_scratch_write (set, name, png, sizeof png);
    }
  g_assert_cmpint (symlink ("..", loop), ==, 0);
  g_assert_cmpint (symlink ("self", self), ==, 0);
  trained = lw_program ("train", SMALL, "--data", "./set\n\x1b[2J", "--resize", "12", "--epochs",
                        "1", "--output", "run", NULL);
  lw_assert_plain (trained);
  lw_assert_status (trained, 0);
  below = lw_program ("train", SMALL, "--data", "./set\n\x1b[2J/self", NULL);
  lw_assert_sentence (below, 1, NULL);
  empty = lw_program ("predict", "run\n\x1b[2J\xff", NULL);
  lw_assert_sentence (empty, 1, NULL);
}

/* A run in a folder whose name is no text: it is called by what can be read of it. */
static void
test_odd_run (LwConfined *in, gconstpointer user_data)
{
  g_autoptr (LwResult) resumed = NULL, predicted = NULL, exported = NULL;

  (void)in;
  (void)user_data;
  lw_confined_train ("run\xff\n\x1b[2J");
  resumed = lw_program ("train", "--resume", "run\xff\n\x1b[2J", "--epochs", "2", NULL);
  lw_assert_plain (resumed);
  lw_assert_status (resumed, 0);
  predicted = lw_program ("predict", "run\xff\n\x1b[2J", "--device", "reference", "--json", NULL);
  lw_assert_plain (predicted);
  lw_assert_status (predicted, 0);
  exported =
      lw_program ("export", "run\xff\n\x1b[2J", "--format", "csv", "--output", "\xff.csv", NULL);
  lw_assert_plain (exported);
  lw_assert_status (exported, 0);
}

/* Names that climb: in an archive, of a run, of a checkpoint, of a variant. */
static void
test_climbing (LwConfined *in, gconstpointer user_data)
{
  static const char notes[] = "{\"format\": 1, \"name\": \"../../outside\"}";
  LwZipFile files[] = { { "../../outside.npy", lw_npy_bytes ("(4, 8, 8)", 256) },
                        { "/tmp/layerwise-outside.npy", lw_npy_bytes ("(4, 8, 8)", 256) },
                        { "x_train.npy", lw_npy_bytes ("(4, 8, 8)", 256) },
                        { "y_train.npy", lw_npy_labels (4, 2) },
                        { "x_test.npy", lw_npy_bytes ("(4, 8, 8)", 256) },
                        { "y_test.npy", lw_npy_labels (4, 2) } };
  g_autoptr (GByteArray) archive = lw_zip (files, G_N_ELEMENTS (files), true);
  g_autofree char *run = lw_confined_path (in, "run");
  g_autoptr (LwResult) set = NULL, checkpoint = NULL, exported = NULL, variant = NULL;
  int before;

  (void)user_data;
  lw_scratch_write (in->work, "climbs.npz", archive->data, archive->len);
  set = lw_program ("train", SMALL, "--data", "./climbs.npz", "--epochs", "1", "--output", "run",
                    "--resize", "12", NULL);
  lw_assert_status (set, 0);
  before = lw_scratch_count (in->folder);
  lw_scratch_write (run, "notes.json", notes, sizeof notes - 1);
  exported = lw_program ("export", "run", "--format", "csv", "--output", "a.csv", NULL);
  lw_assert_status (exported, 0);
  checkpoint = lw_program ("predict", "run", "--checkpoint", "../../run/checkpoints/step-1", NULL);
  lw_assert_sentence (checkpoint, 1, "no checkpoint");
  variant = lw_program ("show", "../../outside", NULL);
  lw_assert_sentence (variant, 2, "unknown model");
  g_assert_cmpint (lw_scratch_count (in->folder), ==, before);
  g_assert_false (g_file_test ("/tmp/layerwise-outside.npy", G_FILE_TEST_EXISTS));
}

static void
set_modes (const char *path, int mode)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *below = g_build_filename (path, name, NULL);

    if (g_file_test (below, G_FILE_TEST_IS_DIR))
      set_modes (below, mode);
    else
      g_assert_cmpint (g_chmod (below, mode & 0666), ==, 0);
  }
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
}

/* A run that may only be read is read; what would write into it says so. */
static void
test_read_only (LwConfined *in, gconstpointer user_data)
{
  g_autofree char *run = lw_confined_path (in, "run");
  g_autofree char *data = lw_confined_path (in, "data");

  (void)user_data;
  lw_confined_train ("run");
  g_mkdir (data, 0555);
  g_assert_cmpint (g_chmod (data, 0555), ==, 0);
  set_modes (run, 0555);
  if (!lw_confined_bind (in)) {
    g_test_skip ("root is bound by no permissions, and there is no setpriv");
  } else {
    g_autoptr (LwResult) predicted =
        lw_program ("predict", "run", "--count", "4", "--device", "reference", NULL);
    g_autoptr (LwResult) resumed = lw_program ("train", "--resume", "run", "--epochs", "2", NULL);
    g_autoptr (LwResult) exported =
        lw_program ("export", "run", "--format", "csv", "--output", "run/a.csv", NULL);
    g_autoptr (LwResult) started = lw_program ("train", SMALL, "--data", "shapes", NULL);

    lw_assert_plain (predicted);
    lw_assert_status (predicted, 0);
    lw_assert_sentence (resumed, 1, "run");
    lw_assert_sentence (exported, 1, "run/a.csv");
    lw_assert_sentence (started, 1, "Cannot make the folder"); /* of runs */
  }
  set_modes (run, 0755);
  g_assert_cmpint (g_chmod (data, 0755), ==, 0);
  lw_confined_release (in);
}

/* A run that nobody may read. */
static void
test_no_access (LwConfined *in, gconstpointer user_data)
{
  g_autofree char *run = lw_confined_path (in, "run");

  (void)user_data;
  lw_confined_train ("run");
  g_assert_cmpint (g_chmod (run, 0), ==, 0);
  if (!lw_confined_bind (in)) {
    g_test_skip ("root is bound by no permissions, and there is no setpriv");
  } else {
    g_autoptr (LwResult) read = lw_program ("predict", "run", NULL);
    g_autoptr (LwResult) data = lw_program ("train", SMALL, "--data", "./run", NULL);

    lw_assert_sentence (read, 1, "run");
    lw_assert_sentence (data, 1, "run");
  }
  g_assert_cmpint (g_chmod (run, 0755), ==, 0);
  lw_confined_release (in);
}

/* --- vanishing -------------------------------------------------------------------------------- */

typedef enum { DELETED, MOVED, REPLACED, SEALED } Loss;

/* Takes the folder away while it is trained, or the right to write into it; the program must notice
 * at its next checkpoint. Renamed first: while it is emptied new files may come. */
static void
lose (LwConfined *in, Loss loss)
{
  g_autofree char *run = lw_confined_path (in, "run"), *away = lw_confined_path (in, "away");

  if (loss == SEALED) {
    set_modes (run, 0555);
    return;
  }
  g_assert_cmpint (g_rename (run, away), ==, 0);
  if (loss == DELETED)
    lw_confined_remove (in, "away");
  if (loss == REPLACED)
    lw_scratch_write (in->work, "run", "x", 1);
}

static void
test_vanishes (LwConfined *in, gconstpointer user_data)
{
  const Loss loss = (Loss)GPOINTER_TO_INT (user_data);
  const char *const words[] = { g_getenv ("LAYERWISE_PROGRAM"),
                                "train",
                                SMALL,
                                "--data",
                                "./set.npz",
                                "--resize",
                                "12",
                                "--epochs",
                                "1000000",
                                "--output",
                                "run",
                                "--json",
                                NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autoptr (LwResult) result = g_new0 (LwResult, 1);
  g_autoptr (GError) error = NULL;

  if (loss == SEALED && !lw_confined_bind (in)) {
    g_test_skip ("root is bound by no permissions, and there is no setpriv");
    return;
  }
  g_subprocess_launcher_set_child_setup (launcher, lw_end_with_test, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, words, &error);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  for (int epochs = 0; epochs < 2;) { /* it is well on its way */
    g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);

    g_assert_nonnull (line);
    epochs += strstr (line, "\"epoch\"") != NULL && strstr (line, "test_accuracy") != NULL;
  }
  lose (in, loss);
  for (char *line; (line = g_data_input_stream_read_line (lines, NULL, NULL, NULL)) != NULL;)
    g_free (line);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &result->out, &result->err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  result->status = g_subprocess_get_exit_status (process);
  if (result->out == NULL)
    result->out = g_strdup ("");
  lw_assert_sentence (result, 1, loss <= MOVED ? "moved or removed" : "run");
  if (loss == SEALED) {
    g_autofree char *run = lw_confined_path (in, "run");

    set_modes (run, 0755);
    lw_confined_release (in);
  }
}

/* The working folder itself is gone. */
static void
test_nowhere (LwConfined *in, gconstpointer user_data)
{
  g_autofree char *script = g_build_filename (in->tools, "gone", NULL);
  g_autofree char *text =
      g_strdup_printf ("#!/bin/sh\nmkdir -p '%s/w' && cd '%s/w' && rmdir '%s/w'\n"
                       "exec timeout -k 1 30 '%s' \"$@\"\n",
                       in->work, in->work, in->work, in->program);

  (void)user_data;
  lw_scratch_write (in->tools, "gone", text, strlen (text));
  g_assert_cmpint (g_chmod (script, 0755), ==, 0);
  g_setenv ("LAYERWISE_PROGRAM", script, TRUE);
  {
    g_autoptr (LwResult) exported =
        lw_program ("export", "lenet", "--format", "json", "--output", "a.json", NULL);
    g_autoptr (LwResult) trained =
        lw_program ("train", SMALL, "--data", "shapes", "--output", "run", NULL);
    g_autoptr (LwResult) predicted = lw_program ("predict", "run", NULL);
    g_autoptr (LwResult) shown = lw_program ("show", "lenet", NULL);

    lw_assert_sentence (exported, 1, "a.json");
    lw_assert_sentence (trained, 1, "run");
    lw_assert_sentence (predicted, 1, "run");
    lw_assert_status (shown, 0);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, function)                                                                  \
  g_test_add (path, LwConfined, GINT_TO_POINTER (data), lw_confined_begin, function,               \
              lw_confined_end)
  ADD ("/cli-folders/odd-names", 0, test_odd_names);
  ADD ("/cli-folders/odd-run", 0, test_odd_run);
  ADD ("/cli-folders/climbing", 0, test_climbing);
  ADD ("/cli-folders/read-only", 0, test_read_only);
  ADD ("/cli-folders/no-access", 0, test_no_access);
  ADD ("/cli-folders/deleted-while-training", DELETED, test_vanishes);
  ADD ("/cli-folders/moved-while-training", MOVED, test_vanishes);
  ADD ("/cli-folders/replaced-while-training", REPLACED, test_vanishes);
  ADD ("/cli-folders/sealed-while-training", SEALED, test_vanishes);
  ADD ("/cli-folders/working-folder-gone", 0, test_nowhere);
  return g_test_run ();
}
