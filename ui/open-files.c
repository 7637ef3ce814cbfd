#include "ui/open-files.h"

#include "engine/run_record.h"
#include "engine/weights_network.h"
#include "onnx/onnx.h"
#include "ui/onnx-actions.h"

#include <glib/gi18n.h>

/* Of the window: the folder of the run to select when it comes. */
#define AWAITED "lw-awaited-run"

typedef enum { RUN, RUNS, DATA, WEIGHTS, NETWORK } Kind;

typedef struct {
  char *path; /* the folder of a run where it is one */
  Kind kind;
  LwOptions *options; /* of WEIGHTS */
} Thing;

static void
thing_free (gpointer data)
{
  Thing *thing = data;

  g_free (thing->path);
  lw_options_free (thing->options);
  g_free (thing);
}

/* --- what it is, on a thread ---------------------------------------------------------------------
 */

static bool
is_run (const char *folder)
{
  g_autofree char *description = g_build_filename (folder, "run.json", NULL);

  return g_file_test (description, G_FILE_TEST_IS_REGULAR);
}

static bool
has_runs (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  bool found = false;

  while (!found && dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *inner = g_build_filename (folder, name, NULL);

    found = is_run (inner);
  }
  g_clear_pointer (&dir, g_dir_close);
  return found;
}

static bool
look_at_run (Thing *thing, GError **error)
{
  LwRunRecord record;

  thing->kind = RUN;
  if (!lw_run_record_read (thing->path, &record, error))
    return false;
  lw_run_record_clear (&record);
  return true;
}

static bool
look_at (Thing *thing, GError **error)
{
  g_autofree char *base = g_path_get_basename (thing->path);
  g_autofree char *name = g_filename_display_name (thing->path);

  if (g_file_test (thing->path, G_FILE_TEST_IS_DIR)) {
    if (is_run (thing->path))
      return look_at_run (thing, error);
    thing->kind = has_runs (thing->path) ? RUNS : DATA;
    return true;
  }
  if (!g_file_test (thing->path, G_FILE_TEST_EXISTS)) {
    g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("There is no \"%s\"."), name);
    return false;
  }
  if (g_str_equal (base, "run.json")) {
    char *folder = g_path_get_dirname (thing->path);

    g_free (thing->path);
    thing->path = folder;
    return look_at_run (thing, error);
  }
  if (g_str_has_suffix (base, ".safetensors")) {
    thing->kind = WEIGHTS;
    thing->options = lw_weights_network (thing->path, error);
    return thing->options != NULL;
  }
  if (lw_onnx_is_name (base) || g_str_has_suffix (base, ".npz")) {
    thing->kind = lw_onnx_is_name (base) ? NETWORK : DATA;
    return true;
  }
  g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
               _ ("Layerwise opens runs, folders of runs, data sets, safetensors and ONNX files; "
                  "\"%s\" is none of them."),
               name);
  return false;
}

static void
look_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  (void)source;
  (void)cancellable;
  if (look_at (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* --- what happens then ---------------------------------------------------------------------------
 */

static bool
show_run (LwMainWindow *window, const char *folder)
{
  LwWorkbench *workbench = lw_main_window_workbench (window);
  LwRunItem *run = lw_workbench_find_run (workbench, folder);

  if (run == NULL || !g_list_store_find (G_LIST_STORE (lw_workbench_runs (workbench)), run, NULL))
    return false;
  lw_workbench_select_run (workbench, run);
  lw_main_window_show_page (window, "train");
  return true;
}

static void
runs_came (GListModel *runs, guint position, guint removed, guint added, LwMainWindow *window)
{
  const char *folder = g_object_get_data (G_OBJECT (window), AWAITED);

  (void)runs;
  (void)position;
  (void)removed;
  if (added > 0 && folder != NULL && show_run (window, folder))
    g_object_set_data (G_OBJECT (window), AWAITED, NULL);
}

/* It is read with the others of the folder around it, soon. */
static void
open_run (LwMainWindow *window, const char *folder)
{
  LwWorkbench *workbench = lw_main_window_workbench (window);
  GListModel *runs = lw_workbench_runs (workbench);
  g_autoptr (GError) error = NULL;

  if (show_run (window, folder))
    return;
  g_object_set_data_full (G_OBJECT (window), AWAITED, g_strdup (folder), g_free);
  if (g_signal_handler_find (runs, G_SIGNAL_MATCH_FUNC | G_SIGNAL_MATCH_DATA, 0, 0, NULL,
                             (gpointer)runs_came, window) == 0)
    g_signal_connect_object (runs, "items-changed", G_CALLBACK (runs_came), window,
                             G_CONNECT_AFTER);
  if (!lw_workbench_open_runs (workbench, folder, &error) &&
      !g_error_matches (error, LW_ERROR, LW_ERROR_INVALID)) /* or it is shown already */
    lw_main_window_say (window, error->message);
}

static void
open_runs (LwMainWindow *window, const char *folder)
{
  g_autoptr (GError) error = NULL;

  if (!lw_workbench_open_runs (lw_main_window_workbench (window), folder, &error))
    lw_main_window_say (window, error->message);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.compare-runs", NULL);
}

static void
open_weights (LwMainWindow *window, const char *path, const LwOptions *options)
{
  LwWorkbench *workbench = lw_main_window_workbench (window);
  LwSettings *settings = lw_workbench_recipe (workbench, options, false);
  g_autofree char *name = g_filename_display_basename (path), *sentence = NULL;

  lw_options_free (settings->options);
  settings->options = lw_options_copy (options); /* the file's input and classes */
  g_free (settings->init);
  settings->init = g_strdup (path);
  lw_workbench_use_settings (workbench, settings);
  lw_settings_free (settings);
  lw_main_window_show_page (window, "train");
  sentence = g_strdup_printf (_ ("The next training of %s begins with the weights of “%s”"),
                              lw_options_model (options)->title, name);
  lw_main_window_say (window, sentence);
}

static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (source);
  const Thing *thing = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  (void)data;
  g_task_propagate_boolean (G_TASK (result), &error);
  if (!gtk_widget_get_realized (GTK_WIDGET (window))) /* it was closed meanwhile */
    return;
  if (error != NULL) {
    lw_main_window_say (window, error->message);
    return;
  }
  switch (thing->kind) {
  case RUN:
    open_run (window, thing->path);
    break;
  case RUNS:
    open_runs (window, thing->path);
    break;
  case DATA:
    lw_workbench_select_draft (lw_main_window_workbench (window)); /* a run's data are its own */
    lw_workbench_use_data (lw_main_window_workbench (window), thing->path);
    lw_main_window_show_page (window, "train");
    break;
  case WEIGHTS:
    open_weights (window, thing->path, thing->options);
    break;
  case NETWORK:
    lw_onnx_actions_open (window, thing->path);
    break;
  }
}

void
lw_open_files (LwMainWindow *window, GFile *const *files, int n)
{
  for (int i = 0; i < n; i++) {
    g_autofree char *path = g_file_get_path (files[i]);
    g_autoptr (GTask) task = NULL;
    Thing *thing;

    if (path == NULL) {
      g_autofree char *name = g_file_get_parse_name (files[i]);
      g_autofree char *sentence = g_strdup_printf (
          _ ("\"%s\" is not on this computer: copy it here, or mount its folder."), name);

      lw_main_window_say (window, sentence);
      continue;
    }
    thing = g_new0 (Thing, 1);
    thing->path = g_canonicalize_filename (path, NULL);
    task = g_task_new (window, NULL, looked, NULL);
    g_task_set_task_data (task, thing, thing_free);
    g_task_run_in_thread (task, look_in_thread);
  }
}
