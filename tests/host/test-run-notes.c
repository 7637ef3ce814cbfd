/* What a person keeps with a run: round trips, what was typed, files that nobody vouches for, a
 * folder that may only be read; and deleting a run for good. */
#include "engine/run.h"
#include "engine/run_remove.h"
#include "engine/run_record.h"
#include "tests/support/training.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *
make_folder (void)
{
  char *folder = g_dir_make_tmp ("lw-notes-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return folder;
}

static void
write_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
remove_folder (const char *folder)
{
  write_file (folder, "run.json", "{}");
  g_assert_true (lw_run_remove (folder, NULL));
}

static void
round_trip (void)
{
  g_autofree char *folder = make_folder ();
  g_autoptr (GError) error = NULL;
  LwRunNotes notes, read, copy;

  g_assert_true (lw_run_notes_read (folder, &read, &error)); /* no file is no notes */
  g_assert_no_error (error);
  g_assert_null (read.name);
  g_assert_false (read.star);
  g_assert_cmpint (read.colour, ==, -1);
  g_assert_cmpint (read.test_colour, ==, -1);

  lw_run_notes_init (&notes);
  lw_run_notes_set_name (&notes, "  “quoted” \"name\" \\ 名\nline  ");
  lw_run_notes_set_note (&notes, "first\r\nsecond\ttab\n");
  notes.star = true;
  notes.colour = 5;
  notes.dash = 5;
  notes.chosen = true;
  notes.test_colour = 3;
  g_assert_cmpstr (notes.name, ==, "“quoted” \"name\" \\ 名 line");
  g_assert_cmpstr (notes.note, ==, "first\nsecond tab");
  g_assert_true (lw_run_notes_write (&notes, folder, &error));
  g_assert_no_error (error);
  g_assert_true (lw_run_notes_read (folder, &read, &error));
  g_assert_true (lw_run_notes_equal (&notes, &read));
  g_assert_true (read.chosen);
  g_assert_cmpint (read.test_colour, ==, 3);
  copy = lw_run_notes_copy (&read);
  lw_run_notes_set_name (&copy, " \t ");
  g_assert_null (copy.name);
  g_assert_false (lw_run_notes_equal (&copy, &read));
  lw_run_notes_clear (&copy);
  lw_run_notes_clear (&read);
  lw_run_notes_clear (&notes);
  remove_folder (folder);
}

/* Too long, not UTF-8. */
static void
typed (void)
{
  g_autofree char *many = g_strnfill (3 * LW_RUN_NOTE_LENGTH, 'x');
  LwRunNotes notes;

  lw_run_notes_init (&notes);
  lw_run_notes_set_name (&notes, many);
  lw_run_notes_set_note (&notes, many);
  g_assert_cmpuint (strlen (notes.name), ==, LW_RUN_NAME_LENGTH);
  g_assert_cmpuint (strlen (notes.note), ==, LW_RUN_NOTE_LENGTH);
  lw_run_notes_set_name (&notes, "a\xff\x01z");
  g_assert_true (g_utf8_validate (notes.name, -1, NULL));
  g_assert_true (g_str_has_suffix (notes.name, " z"));
  lw_run_notes_clear (&notes);
}

static void
hostile (void)
{
  static const struct {
    const char *text;
    bool fine; /* as if what is wrong in it were missing */
  } files[] = {
    { "", false },
    { "[]", false },
    { "{", false },
    { "{\"name\": \"", false },
    { "{\"format\": 1, \"name\": 5, \"note\": [], \"star\": \"yes\", \"colour\": \"red\"}", true },
    { "{\"colour\": -7, \"dash\": 1e300, \"star\": 1, \"name\": \"   \"}", true },
    { "{\"colour\": 6, \"dash\": 2147483648}", true },
    { "{\"chosen\": true, \"test_colour\": 6}", true },
    { "{}", true },
  };
  g_autofree char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "notes.json", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GError) error = NULL;
    LwRunNotes notes;

    write_file (folder, "notes.json", files[i].text);
    g_assert_true (lw_run_notes_read (folder, &notes, &error) == files[i].fine);
    g_assert_true ((error == NULL) == files[i].fine);
    g_assert_null (notes.name);
    g_assert_null (notes.note);
    g_assert_false (notes.star);
    g_assert_cmpint (notes.colour, ==, -1);
    g_assert_cmpint (notes.dash, ==, -1);
    g_assert_false (notes.chosen);
    g_assert_cmpint (notes.test_colour, ==, -1);
  }
  { /* a pipe is no file: nothing waits for it */
    g_autoptr (GError) error = NULL;
    LwRunNotes notes;

    g_remove (path);
    g_assert_cmpint (mkfifo (path, 0600), ==, 0);
    g_assert_false (lw_run_notes_read (folder, &notes, &error));
    g_assert_nonnull (error);
  }
  remove_folder (folder);
}

static void
read_only (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *missing = g_build_filename (folder, "gone", NULL);
  g_autoptr (GError) error = NULL;
  LwRunNotes notes;

  lw_run_notes_init (&notes);
  g_assert_false (lw_run_notes_write (&notes, missing, &error));
  g_assert_nonnull (strstr (error->message, "is it still there?"));
  g_clear_error (&error);
  if (geteuid () != 0) {
    g_chmod (folder, 0500);
    g_assert_false (lw_run_notes_write (&notes, folder, &error));
    g_assert_nonnull (strstr (error->message, "may only be read"));
    g_chmod (folder, 0700);
  }
  remove_folder (folder);
}

/* A run carries them, and its name is theirs; a training writes what it takes on its device. */
static void
of_a_run (void)
{
  g_autofree char *parent = make_folder ();
  g_autofree char *folder = g_build_filename (parent, "run", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (32, 16);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=16", "epochs=1", NULL);
  g_autoptr (GError) error = NULL;
  LwRunNotes notes;
  LwTrainer *trainer = lw_test_new (settings, dataset, folder);

  g_assert_cmpint (lw_trainer_peak_memory (trainer), ==, 0);
  lw_test_run (trainer, LW_RUN_FINISHED);
  g_assert_cmpint (lw_trainer_peak_memory (trainer), >, 2 * 4 * 61706); /* weights and gradients */
  lw_run_notes_init (&notes);
  lw_run_notes_set_name (&notes, "the good one");
  g_assert_true (lw_run_notes_write (&notes, folder, &error));
  lw_run_notes_clear (&notes);
  {
    g_autoptr (LwRun) run = lw_run_open (folder, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (run->name, ==, "the good one");
    g_assert_cmpint (run->peak_memory, ==, lw_trainer_peak_memory (trainer));
  }
  lw_trainer_free (trainer);
  g_assert_true (lw_run_remove (folder, &error));
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  remove_folder (parent);
}

/* Only a run, and nothing that it points at. */
static void
removing (void)
{
  g_autofree char *folder = make_folder (), *other = make_folder ();
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  g_autofree char *kept = g_build_filename (other, "kept", NULL);
  g_autoptr (GError) error = NULL;

  write_file (other, "kept", "x");
  g_assert_cmpint (symlink (other, link), ==, 0);
  g_assert_false (lw_run_remove (folder, &error)); /* no run.json */
  g_assert_nonnull (error);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  write_file (folder, "run.json", "{}");
  g_assert_true (lw_run_remove (folder, NULL));
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
  remove_folder (other);
}

static int
n_open_files (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  int n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* What is no run's is left, and what could be removed in part can be tried again. */
static void
removing_in_part (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *deep = g_build_filename (folder, "1/2/3/4/5/6/7/8/9/10", NULL);
  g_autofree char *first = g_build_filename (folder, "1", NULL);
  g_autofree char *moved = g_build_filename (folder, "6", NULL);
  g_autofree char *sixth = g_build_filename (folder, "1/2/3/4/5/6", NULL);
  const int before = n_open_files ();

  g_assert_cmpint (g_mkdir_with_parents (deep, 0700), ==, 0);
  write_file (folder, "run.json", "{}");
  for (int i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (lw_run_remove (folder, &error));
    g_assert_error (error, LW_ERROR, LW_ERROR_IO);
  }
  g_assert_cmpint (n_open_files (), ==, before);
  g_assert_true (g_file_test (first, G_FILE_TEST_IS_DIR));
  g_assert_cmpint (g_rename (sixth, moved), ==, 0);
  g_assert_true (lw_run_remove (folder, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run-notes/round-trip", round_trip);
  g_test_add_func ("/run-notes/typed", typed);
  g_test_add_func ("/run-notes/hostile", hostile);
  g_test_add_func ("/run-notes/read-only", read_only);
  g_test_add_func ("/run-notes/of-a-run", of_a_run);
  g_test_add_func ("/run-notes/removing", removing);
  g_test_add_func ("/run-notes/removing-in-part", removing_in_part);
  return g_test_run ();
}
