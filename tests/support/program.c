#include "tests/support/program.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

void
lw_end_with_test (void *data)
{
  (void)data;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

GPid
lw_start_training (const char *model, const char *folder)
{
  const char *const arguments[] = {
    g_getenv ("LAYERWISE_PROGRAM"),
    "train",
    model,
    "--data=shapes",
    "--limit-train=640",
    "--limit-test=32",
    "--batch=4",
    "--epochs=10000",
    "--output",
    folder,
    NULL,
  };
  g_autoptr (GError) error = NULL;
  GPid child;

  g_assert_nonnull (arguments[0]);
  g_spawn_async (NULL, (char **)arguments, NULL,
                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                     G_SPAWN_STDERR_TO_DEV_NULL,
                 lw_end_with_test, NULL, &child, &error);
  g_assert_no_error (error);
  return child;
}

void
lw_stop_training (GPid training)
{
  kill (training, SIGINT);
  waitpid (training, NULL, 0);
}

LwResult *
lw_program_v (const char *const *arguments)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  LwResult *result = g_new0 (LwResult, 1);
  gboolean done;

  g_ptr_array_add (argv, (char *)g_getenv ("LAYERWISE_PROGRAM"));
  for (; *arguments != NULL; arguments++)
    g_ptr_array_add (argv, (char *)*arguments);
  g_ptr_array_add (argv, NULL);
  g_subprocess_launcher_set_child_setup (launcher, lw_end_with_test, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *)argv->pdata, &error);
  g_assert_no_error (error);
  done = g_subprocess_communicate_utf8 (process, NULL, NULL, &result->out, &result->err, &error);
  g_assert_no_error (error);
  g_assert_true (done);
  result->status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                                        : -g_subprocess_get_term_sig (process);
  return result;
}

LwResult *
lw_program (const char *first, ...)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  va_list rest;

  va_start (rest, first);
  for (const char *word = first; word != NULL; word = va_arg (rest, const char *))
    g_ptr_array_add (arguments, (char *)word);
  va_end (rest);
  g_ptr_array_add (arguments, NULL);
  return lw_program_v ((const char *const *)arguments->pdata);
}

void
lw_result_free (LwResult *result)
{
  if (result == NULL)
    return;
  g_free (result->out);
  g_free (result->err);
  g_free (result);
}

void
lw_assert_status (const LwResult *result, int status)
{
  if (result->status != status)
    g_test_message ("standard output:\n%s\nstandard error:\n%s", result->out, result->err);
  g_assert_cmpint (result->status, ==, status);
}

void
lw_assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_test_message ("\"%s\" is missing in:\n%s", part, text);
  g_assert_nonnull (strstr (text, part));
}

JsonNode *
lw_result_json (const LwResult *result)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (result->out, &error);

  g_assert_no_error (error);
  g_assert_nonnull (node);
  return node;
}

GPtrArray *
lw_result_events (const LwResult *result)
{
  GPtrArray *events = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);
  g_auto (GStrv) lines = g_strsplit (result->out, "\n", -1);

  for (int i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) node = json_from_string (lines[i], &error);

    g_assert_no_error (error);
    g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
    g_ptr_array_add (events, json_node_dup_object (node));
  }
  return events;
}

JsonObject *
lw_find_event (const GPtrArray *events, const char *kind, guint from)
{
  for (guint i = from; i < events->len; i++) {
    if (g_str_equal (json_object_get_string_member (events->pdata[i], "event"), kind))
      return events->pdata[i];
  }
  return NULL;
}

bool
lw_reap (pid_t child)
{
  int status = 0;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFSIGNALED (status)) {
    g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);
    return false;
  }
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  return true;
}

int64_t
lw_own_memory (void)
{
  g_autofree char *text = NULL;
  const char *at;

  g_assert_true (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  at = strstr (text, "RssAnon:");
  g_assert_nonnull (at);
  return 1024 * g_ascii_strtoll (at + strlen ("RssAnon:"), NULL, 10);
}

char *
lw_make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("layerwise-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
remove_all (const char *path)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK)) {
    GDir *dir = g_dir_open (path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
      g_autofree char *below = g_build_filename (path, name, NULL);
      remove_all (below);
    }
    g_clear_pointer (&dir, g_dir_close);
  }
  g_remove (path);
}

void
lw_remove_folder (char *folder)
{
  remove_all (folder);
  g_free (folder);
}
