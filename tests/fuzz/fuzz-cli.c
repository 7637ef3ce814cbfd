/* The command line, one argument a line, through the program's own main: whatever they are, it ends
 * with a status of its own and, where it failed, one sentence.
 *
 * It runs in a folder of its own with a run, a picture and files of weights. What takes long or
 * computes is cut off there by the linker (--wrap in meson.build): there is no data set and no
 * device to be had, so that trainings, measurements and predictions end where these would begin. */
#include "app/app.h"
#include "app/bench.h"
#include "app/doctor-check.h"
#include "engine/data/dataset.h"
#include "engine/session.h"
#include "kernels/common/machine.h"
#include "tests/fuzz/folder.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_ARGUMENTS 24
#define MOST_LENGTH    512

int lw_cli_main (int argc, char **argv);

/* --- what is not there ------------------------------------------------------------------------ */

LwDataset *__wrap_lw_dataset_open (const char *source, GError **error);
LwSession *__wrap_lw_session_new (LwGraph *graph, const LwBackend *backend, int device_index,
                                  const LwSessionOptions *options, GError **error);
LwMachine __wrap_lw_machine_measure (int threads);
int __wrap_lw_doctor_check (const LwArgs *args, GError **error);
LwBenchResult *__wrap_lw_bench_run (LwGraph *graph, const LwBenchOptions *options,
                                    LwBenchProgress progress, void *data, GError **error);

static void
refuse (GError **error)
{
  g_set_error (error, LW_ERROR, LW_ERROR_IO, "There is neither data nor a device here.");
}

LwDataset *
__wrap_lw_dataset_open (const char *source, GError **error)
{
  g_assert_nonnull (source);
  refuse (error);
  return NULL;
}

LwSession *
__wrap_lw_session_new (LwGraph *graph, const LwBackend *backend, int device_index,
                       const LwSessionOptions *options, GError **error)
{
  g_assert_true (graph != NULL && backend != NULL && device_index >= 0 && options != NULL);
  refuse (error);
  return NULL;
}

LwMachine
__wrap_lw_machine_measure (int threads)
{
  return (LwMachine){ .threads = threads };
}

int
__wrap_lw_doctor_check (const LwArgs *args, GError **error)
{
  (void)args;
  refuse (error);
  return LW_EXIT_FAILED;
}

LwBenchResult *
__wrap_lw_bench_run (LwGraph *graph, const LwBenchOptions *options, LwBenchProgress progress,
                     void *data, GError **error)
{
  g_assert_true (graph != NULL && options->batch > 0);
  (void)progress;
  (void)data;
  refuse (error);
  return NULL;
}

/* --- the folder ------------------------------------------------------------------------------- */

typedef struct {
  const char *path, *corpus; /* in the folder; whose content it has */
  struct stat before;
} Fixture;

static Fixture fixtures[] = {
  { "run/run.json", "run/plain", { 0 } },
  { "run/metrics.csv", "metrics/plain", { 0 } },
  { "run/notes.json", "kept/notes", { 0 } },
  { "run/bn-history.safetensors", "records/bn-history", { 0 } },
  { "run/checkpoints/step-8.safetensors", "records/checkpoint", { 0 } },
  { "w.safetensors", "records/checkpoint", { 0 } },
  { "n.onnx", "onnx/own", { 0 } },
  { "p.png", "picture/rgb.png", { 0 } },
  { "data/layerwise/variants/mine.json", "kept/variant", { 0 } },
};
static const char *const fixture_names[] = {
  "run", "w.safetensors", "n.onnx", "p.png", "data", NULL
};

/* Those that an input replaced, and at first all, are written. */
static void
put_fixtures (void)
{
  const char *corpus = g_getenv ("LAYERWISE_CORPUS");

  for (guint i = 0; corpus != NULL && i < G_N_ELEMENTS (fixtures); i++) {
    Fixture *fixture = &fixtures[i];
    g_autofree char *path = g_build_filename (lw_fuzz_folder (), fixture->path, NULL);
    g_autofree char *source = g_build_filename (corpus, fixture->corpus, NULL), *content = NULL;
    g_autofree char *folder = g_path_get_dirname (path);
    struct stat now;
    gsize length;

    if (fixture->before.st_ino != 0 && lstat (path, &now) == 0 &&
        now.st_ino == fixture->before.st_ino && now.st_size == fixture->before.st_size)
      continue;
    lw_fuzz_remove (path);
    if (g_mkdir_with_parents (folder, 0700) != 0) {
      g_remove (folder); /* an input put a file there */
      g_assert_true (g_mkdir_with_parents (folder, 0700) == 0);
    }
    g_assert_true (g_file_get_contents (source, &content, &length, NULL));
    g_assert_true (g_file_set_contents (path, content, (gssize)length, NULL));
    g_assert_true (lstat (path, &fixture->before) == 0);
  }
}

static void
begin (void)
{
  static bool begun;

  if (begun)
    return;
  begun = true;
  g_setenv ("XDG_DATA_HOME", "data", TRUE);
  g_setenv ("XDG_CACHE_HOME", "cache", TRUE);
  g_setenv ("LAYERWISE_RUNS", "runs", TRUE);
  g_setenv ("LAYERWISE_DATA", "sets", TRUE);
  g_setenv ("LAYERWISE_CUDA_MODULE", "none", TRUE);
}

/* --- what it said ----------------------------------------------------------------------------- */

static GString *said;

static void
take_message (const char *text)
{
  g_string_append (said, text);
}

static void
check_text (const char *text, gsize length)
{
  g_assert_true (g_utf8_validate_len (text, length, NULL));
  for (gsize i = 0; i < length; i++) /* nothing that a terminal would obey */
    g_assert_true ((unsigned char)text[i] >= ' ' || text[i] == '\n' ||
                   (text[i] == '\r' && text[i + 1] == '\n'));
}

/* Whatever was written before, the last line is the sentence. */
static void
check_sentence (void)
{
  const char *last;

  g_assert_true (g_str_has_suffix (said->str, "\n"));
  g_string_truncate (said, said->len - 1);
  last = strrchr (said->str, '\n');
  last = last != NULL ? last + 1 : said->str;
  g_assert_true (g_str_has_prefix (last, "layerwise: "));
  g_assert_cmpuint (strlen (last), >, strlen ("layerwise: ") + 10);
  g_assert_cmpuint (strlen (last), <, 4096);
}

static void
check_json (char *const *argv, const char *text, gsize length)
{
  static const char *const documents[] = { "list", "show", "compare", "doctor", NULL };
  g_autoptr (JsonParser) parser = json_parser_new ();

  if (!g_strv_contains (documents, argv[1]) ||
      !g_strv_contains ((const char *const *)argv, "--json") ||
      g_strv_contains ((const char *const *)argv, "--help") ||
      g_strv_contains ((const char *const *)argv, "-h"))
    return;
  g_assert_true (json_parser_load_from_data (parser, text, (gssize)length, NULL));
}

/* --- arguments -------------------------------------------------------------------------------- */

/* Nothing outside of the folder is named. */
static bool
stays_inside (const char *argument)
{
  const char *equals = strchr (argument, '=');

  return argument[0] != '/' && strstr (argument, "..") == NULL &&
         (equals == NULL || equals[1] != '/') && strlen (argument) <= MOST_LENGTH;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  char *argv[MOST_ARGUMENTS + 2] = { (char *)"layerwise" };
  FILE *terminal = stdout;
  char *out = NULL;
  size_t length = 0;
  int argc = 1, before, status;
  GPrintFunc printer;

  for (char **line = lines; *line != NULL; line++) {
    if (line[1] == NULL && **line == '\0')
      break; /* the last line's end */
    if (argc > MOST_ARGUMENTS || !stays_inside (*line))
      return 0;
    argv[argc++] = *line;
  }
  begin ();
  put_fixtures ();
  said = g_string_new (NULL);
  before = open (".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_true (chdir (lw_fuzz_folder ()) == 0);
  stdout = open_memstream (&out, &length);
  printer = g_set_printerr_handler (take_message);

  status = lw_cli_main (argc, argv);

  g_set_printerr_handler (printer);
  fclose (stdout);
  stdout = terminal;
  g_assert_true (fchdir (before) == 0);
  close (before);
  check_text (out, length);
  check_text (said->str, said->len);
  g_assert_true (status == LW_EXIT_DONE || status == LW_EXIT_FAILED || status == LW_EXIT_USAGE);
  if (status != LW_EXIT_DONE)
    check_sentence ();
  else if (argc > 1)
    check_json (argv, out, length);
  free (out);
  g_string_free (said, TRUE);
  lw_fuzz_empty (lw_fuzz_folder (), fixture_names);
  return 0;
}
