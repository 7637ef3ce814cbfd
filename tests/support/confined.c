#include "tests/support/confined.h"

#include "tests/support/data_files.h"
#include "tests/support/npz_files.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The address sanitizer takes terabytes of addresses. */
#ifdef __SANITIZE_ADDRESS__
#define LIMIT ""
#else
#define LIMIT "ulimit -v 2097152\n"
#endif

/* set.npz: four images of 8 × 8 to train with, and as many to test. */
static void
write_set (const LwConfined *confined)
{
  LwZipFile files[] = { { "x_train.npy", lw_npy_bytes ("(4, 8, 8)", 256) },
                        { "y_train.npy", lw_npy_labels (4, 2) },
                        { "x_test.npy", lw_npy_bytes ("(4, 8, 8)", 256) },
                        { "y_test.npy", lw_npy_labels (4, 2) } };
  g_autoptr (GByteArray) archive = lw_zip (files, G_N_ELEMENTS (files), true);

  lw_scratch_write (confined->work, "set.npz", archive->data, archive->len);
}

/* `as`: a command before the program, or "". */
static void
write_script (const LwConfined *confined, const char *as)
{
  g_autofree char *path = g_build_filename (confined->tools, "script", NULL);
  g_autofree char *text =
      g_strdup_printf ("#!/bin/sh\ncd '%s' || exit 99\n" LIMIT
                       "export XDG_DATA_HOME='%s/data' XDG_CACHE_HOME='%s/cache'\n"
                       "exec timeout -k 1 30 %s '%s' \"$@\"\n",
                       confined->work, confined->work, confined->work, as, confined->program);

  lw_scratch_write (confined->tools, "script", text, strlen (text));
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
}

static void
copy_program (const char *from, const char *to)
{
  g_autoptr (GFile) source = g_file_new_for_path (from), target = g_file_new_for_path (to);
  g_autoptr (GError) error = NULL;

  g_file_copy (source, target, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (to, 0755), ==, 0);
}

void
lw_confined_begin (LwConfined *confined, gconstpointer unused)
{
  g_autofree char *script = NULL;

  (void)unused;
  /* In memory where there is such a file system; programs may not be run from it. */
  confined->tools = lw_make_folder ();
  confined->folder = g_strdup ("/dev/shm/layerwise-test-XXXXXX");
  if (g_mkdtemp (confined->folder) == NULL) {
    g_free (confined->folder);
    confined->folder = lw_make_folder ();
  }
  confined->work = g_build_filename (confined->folder, "work", NULL);
  confined->program = g_build_filename (confined->tools, "layerwise", NULL);
  script = g_build_filename (confined->tools, "script", NULL);
  g_assert_cmpint (g_chmod (confined->tools, 0755), ==, 0);
  g_assert_cmpint (g_chmod (confined->folder, 0755), ==, 0);
  g_assert_cmpint (g_mkdir (confined->work, 0777), ==, 0);
  g_assert_cmpint (g_chmod (confined->work, 0777), ==, 0);
  if (g_getenv ("LAYERWISE_CONFINED") == NULL) /* the real one, once */
    g_setenv ("LAYERWISE_CONFINED", g_getenv ("LAYERWISE_PROGRAM"), TRUE);
  copy_program (g_getenv ("LAYERWISE_CONFINED"), confined->program);
  write_script (confined, "");
  write_set (confined);
  g_setenv ("LAYERWISE_PROGRAM", script, TRUE);
}

void
lw_confined_end (LwConfined *confined, gconstpointer unused)
{
  (void)unused;
  lw_remove_folder (confined->folder);
  lw_remove_folder (confined->tools);
  g_free (confined->work);
  g_free (confined->program);
}

bool
lw_confined_bind (const LwConfined *confined)
{
  static const char as[] = "setpriv --reuid 65534 --regid 65534 --clear-groups";
  g_autoptr (LwResult) result = NULL;

  if (geteuid () != 0)
    return true;
  write_script (confined, as);
  result = lw_program ("--version", NULL);
  if (result->status != 0)
    lw_confined_release (confined);
  return result->status == 0;
}

void
lw_confined_release (const LwConfined *confined)
{
  write_script (confined, "");
}

char *
lw_confined_path (const LwConfined *confined, const char *name)
{
  return g_build_filename (confined->work, name, NULL);
}

void
lw_confined_remove (const LwConfined *confined, const char *name)
{
  lw_remove_folder (lw_confined_path (confined, name));
}

void
lw_confined_put (const LwConfined *confined, LwThing thing, const char *name)
{
  g_autofree char *path = lw_confined_path (confined, name), *base = g_path_get_basename (name);

  lw_confined_remove (confined, name);
  switch (thing) {
  case LW_THING_PIPE:
    g_assert_cmpint (mkfifo (path, 0600), ==, 0);
    break;
  case LW_THING_FOLDER:
    g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
    break;
  case LW_THING_ZERO:
    g_assert_cmpint (symlink ("/dev/zero", path), ==, 0);
    break;
  case LW_THING_NOWHERE:
    g_assert_cmpint (symlink ("no/such/file", path), ==, 0);
    break;
  case LW_THING_CIRCLE:
    g_assert_cmpint (symlink (base, path), ==, 0);
    break;
  default:
    lw_scratch_write (confined->work, name, "", 0);
  }
}

void
lw_confined_train (const char *name)
{
  g_autoptr (LwResult) result =
      lw_program ("train", "lenet", "--set", "width=0.0625", "--set", "hidden_layers=0", "--data",
                  "./set.npz", "--resize", "12", "--device", "reference", "--threads", "1",
                  "--batch", "2", "--epochs", "1", "--output", name, NULL);

  lw_assert_status (result, 0);
}

static bool
is_plain (const char *text)
{
  bool plain = g_utf8_validate (text, -1, NULL);

  for (; *text != '\0'; text++)
    plain = plain && ((unsigned char)*text >= ' ' || *text == '\n') && *text != 0x7f;
  return plain;
}

void
lw_assert_plain (const LwResult *result)
{
  if (!is_plain (result->out) || !is_plain (result->err) || result->status > 2 ||
      result->status < 0)
    g_test_message ("status %d\nstandard output:\n%s\nstandard error:\n%s", result->status,
                    result->out, result->err);
  g_assert_true (is_plain (result->out) && is_plain (result->err));
  g_assert_cmpint (result->status, >=, 0);
  g_assert_cmpint (result->status, <=, 2);
}

void
lw_assert_sentence (const LwResult *result, int status, const char *part)
{
  g_autofree char *text = g_strchomp (g_strdup (result->err));
  const char *last = strrchr (text, '\n');

  lw_assert_plain (result);
  lw_assert_status (result, status);
  last = last != NULL ? last + 1 : text;
  lw_assert_contains (last, "layerwise: ");
  g_assert_true (g_str_has_prefix (last, "layerwise: "));
  g_assert_cmpuint (strlen (last), >, strlen ("layerwise: ") + 10);
  if (part != NULL)
    lw_assert_contains (last, part);
}
