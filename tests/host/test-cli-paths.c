/* What can stand in the place of a file: a pipe, a folder, a device, a link to nowhere or to
 * itself, nothing. Whatever reads or writes it ends with one sentence, neither waits nor takes
 * memory. */
#include "tests/support/confined.h"
#include "tests/support/data_files.h"
#include "tests/support/npz_files.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_WORDS 12

typedef struct {
  const char *words[MOST_WORDS]; /* up to NULL */
  bool may_succeed;              /* where the thing does it no harm */
} Command;

static void
run (const Command *command, LwThing thing, const char *where)
{
  g_autoptr (LwResult) result = lw_program_v (command->words);

  g_test_message ("%s: thing %d, %s: %d %s", where, thing, command->words[0], result->status,
                  result->err);
  if (result->status == 0 && command->may_succeed)
    lw_assert_plain (result);
  else
    lw_assert_sentence (result, result->status == 2 ? 2 : 1, NULL);
}

/* Named on the command line, to be read. */
static void
test_named (LwConfined *in, gconstpointer user_data)
{
  static const char *const names[] = { "x.safetensors", "x.onnx", "x.npz", "x", "x.png" };
  static const Command commands[] = {
    { { "predict", "x.safetensors", "--model", "lenet" }, false },
    { { "predict", "x.safetensors" }, false },
    { { "predict", "run", "x.png", "--device", "reference" }, false },
    { { "show", "x.onnx" }, false },
    { { "predict", "x.onnx", "x.png" }, false },
    { { "export", "x.safetensors", "--output", "y.npz" }, false },
    { { "export", "./x", "--format", "csv", "--output", "y.csv" }, false },
    { { "train", "lenet", "--data", "./x.npz" }, false },
    { { "train", "lenet", "--data", "./x" }, false },
    { { "train", "lenet", "--data", "./set.npz", "--init", "x.safetensors" }, false },
    { { "train", "lenet", "--data", "./set.npz", "--init-partial", "x.safetensors" }, false },
    { { "train", "--resume", "x" }, false },
  };

  (void)user_data;
  lw_confined_train ("run");
  for (int thing = 0; thing < LW_N_THINGS; thing++) {
    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
      lw_confined_put (in, (LwThing)thing, names[i]);
    for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
      run (&commands[i], (LwThing)thing, "named");
  }
}

/* Files of a run. What is only a picture of the training may be missing or broken. With a device
 * they are only read: a program that is wrong about it would replace the machine's. */
static void
test_run (LwConfined *in, gconstpointer user_data)
{
  static const char *const files[] = {
    "run/run.json",   "run/metrics.csv",        "run/checkpoints/step-2.safetensors",
    "run/notes.json", "run/health.safetensors", "run/lock"
  };
  static const Command commands[] = {
    { { "predict", "run", "--count", "4", "--device", "reference" }, true },
    { { "export", "run", "--format", "csv", "--output", "a.csv" }, true },
    { { "train", "--resume", "run", "--epochs", "2" }, true },
  };

  (void)user_data;
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    for (int thing = 0; thing < LW_N_THINGS; thing++) {
      lw_confined_train ("run");
      lw_confined_put (in, (LwThing)thing, files[i]);
      for (guint k = 0; k < G_N_ELEMENTS (commands); k++)
        if (thing != LW_THING_ZERO || strcmp (commands[k].words[0], "train") != 0)
          run (&commands[k], (LwThing)thing, files[i]);
      lw_confined_remove (in, "run");
    }
}

/* Files of sets of data. */
static void
test_data (LwConfined *in, gconstpointer user_data)
{
  static const char *const files[] = { "set/train-images-idx3-ubyte", "set/t10k-labels-idx1-ubyte",
                                       "set/data_batch_2.bin" };
  static const Command command = { { "train", "lenet", "--data", "./set" }, false };
  g_autofree char *set = lw_confined_path (in, "set");

  (void)user_data;
  for (int thing = 0; thing < LW_N_THINGS; thing++)
    for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
      g_autoptr (GByteArray) batch = lw_cifar_batch (3);

      lw_confined_remove (in, "set");
      if (i < 2)
        lw_write_idx_set (set, "", 4, 2, 8, false);
      for (int k = 1; k <= 6 && i == 2; k++) {
        g_autofree char *name =
            k < 6 ? g_strdup_printf ("data_batch_%d.bin", k) : g_strdup ("test_batch.bin");

        lw_scratch_write (set, name, batch->data, batch->len);
      }
      lw_confined_put (in, (LwThing)thing, files[i]);
      run (&command, (LwThing)thing, files[i]);
    }
}

/* What is written may replace files, and links that lead to none, never anything else. Not tried
 * with a device either. */
static void
test_output (LwConfined *in, gconstpointer user_data)
{
  static const LwThing things[] = { LW_THING_PIPE, LW_THING_FOLDER, LW_THING_NOWHERE,
                                    LW_THING_CIRCLE, LW_THING_EMPTY };
  static const Command over[] = {
    { { "export", "run", "--format", "csv", "--output", "out" }, true },
    { { "export", "lenet", "--format", "json", "--output", "out" }, true },
  };
  static const Command below[] = {
    { { "export", "run", "--format", "safetensors", "--output", "out/a" }, false },
    { { "train", "lenet", "--data", "./set.npz", "--output", "out/run", "--epochs", "1" }, false },
  };
  g_autofree char *out = lw_confined_path (in, "out");

  (void)user_data;
  lw_confined_train ("run");
  for (guint t = 0; t < G_N_ELEMENTS (things); t++)
    for (guint i = 0; i < G_N_ELEMENTS (over); i++) {
      const bool special = things[t] == LW_THING_PIPE || things[t] == LW_THING_FOLDER;
      Command strict = over[i];

      strict.may_succeed = !special;
      lw_confined_put (in, things[t], "out");
      run (&strict, things[t], "out");
      g_assert_true (g_file_test (out, G_FILE_TEST_IS_REGULAR) == !special);
      if (things[t] == LW_THING_FOLDER)
        continue;
      lw_confined_put (in, things[t], "out");
      run (&below[i], things[t], "below out");
    }
}

/* A run's folder is new or empty: neither a file nor somebody's folder is written over. */
static void
test_run_over (LwConfined *in, gconstpointer user_data)
{
  g_autofree char *full = lw_confined_path (in, "full");
  g_autoptr (LwResult) over_file = NULL, over_folder = NULL;

  (void)user_data;
  lw_scratch_write (in->work, "file", "x", 1);
  lw_scratch_write (full, "mine", "x", 1);
  over_file = lw_program ("train", "lenet", "--data", "./set.npz", "--output", "file", NULL);
  lw_assert_sentence (over_file, 1, "file");
  over_folder = lw_program ("train", "lenet", "--data", "./set.npz", "--output", "full", NULL);
  lw_assert_sentence (over_folder, 1, "already holds files");
  g_assert_cmpint (lw_scratch_count (full), ==, 1);
}

/* Sentences say what stands there. */
static void
test_words (LwConfined *in, gconstpointer user_data)
{
  static const char *const says[LW_N_THINGS] = { "a device or a pipe", "a folder",
                                                 "a device or a pipe", "No such file",
                                                 "symbolic links",     "x.onnx" };

  (void)user_data;
  for (int thing = 0; thing < LW_N_THINGS; thing++) {
    g_autoptr (LwResult) result = NULL;

    lw_confined_put (in, (LwThing)thing, "x.onnx");
    result = lw_program ("show", "x.onnx", NULL);
    lw_assert_sentence (result, 1, says[thing]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
  g_test_add (path, LwConfined, NULL, lw_confined_begin, function, lw_confined_end)
  ADD ("/cli-paths/named", test_named);
  ADD ("/cli-paths/run", test_run);
  ADD ("/cli-paths/data", test_data);
  ADD ("/cli-paths/output", test_output);
  ADD ("/cli-paths/run-over", test_run_over);
  ADD ("/cli-paths/words", test_words);
  return g_test_run ();
}
