/* What the window is handed: a run, by its folder or its description, a folder of runs, weights, a
 * data set, and what is none of these. */
#include "engine/formats/safetensors.h"
#include "engine/run.h"
#include "tests/gui/harness.h"

#include <string.h>

static void
open_path (Gui *gui, const char *path)
{
  GFile *file = g_file_new_for_path (path);

  g_application_open (G_APPLICATION (gui->application), &file, 1, "");
  g_object_unref (file);
}

static const char *
selected_run (Gui *gui)
{
  LwRunItem *run = lw_workbench_run (gui->workbench);

  return run != NULL ? lw_run_item_folder (run) : NULL;
}

/* Copies of one short run in a folder that the window does not look into. */
static char *
make_runs (Gui *gui)
{
  g_autofree char *further = gui_scratch ("handed");
  LwRunItem *run;

  gui_choose_small_run (gui, 64, 1);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = lw_workbench_run (gui->workbench)) != NULL &&
                   lw_run_item_state (run) == LW_RUN_FINISHED && gui_live (gui) == NULL);
  g_assert_cmpint (g_mkdir_with_parents (further, 0700), ==, 0);
  for (int i = 0; i < 2; i++) {
    g_autofree char *copy = g_build_filename (further, i == 0 ? "first" : "second", NULL);
    const char *const words[] = { "cp", "-r", lw_run_item_folder (run), copy, NULL };
    g_autoptr (GError) error = NULL;

    g_spawn_sync (NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                  &error);
    g_assert_no_error (error);
  }
  lw_workbench_select_draft (gui->workbench);
  return g_steal_pointer (&further);
}

static void
runs (Gui *gui)
{
  g_autofree char *folder = make_runs (gui), *first = g_build_filename (folder, "first", NULL);
  g_autofree char *second = g_build_filename (folder, "second", NULL);
  g_autofree char *description = g_build_filename (second, "run.json", NULL);
  g_autofree char *data = gui_scratch ("data");

  gui_shortcut (gui, "<Control>1");
  open_path (gui, first);
  gui_assert_soon (g_strcmp0 (selected_run (gui), first) == 0);
  g_assert_cmpstr (gui_page (gui), ==, "train");
  /* Of a folder that is known by now. */
  gui_shortcut (gui, "<Control>1");
  open_path (gui, description);
  gui_assert_soon (g_strcmp0 (selected_run (gui), second) == 0);
  g_assert_cmpstr (gui_page (gui), ==, "train");
  g_assert_null (gui_toast (gui));
  /* Data are not of the run that is shown, but of the next one. */
  g_assert_cmpint (g_mkdir_with_parents (data, 0700), ==, 0);
  open_path (gui, data);
  gui_assert_soon (selected_run (gui) == NULL);
  g_assert_cmpstr (lw_workbench_dataset_name (gui->workbench), ==, data);
}

/* The one that the test before made; nothing knows of it any more. */
static void
folder_of_runs (Gui *gui)
{
  g_autofree char *folder = gui_scratch ("handed");
  GListModel *list = lw_workbench_runs (gui->workbench);

  g_assert_cmpint (g_list_model_get_n_items (list), ==, 0);
  open_path (gui, folder);
  gui_assert_soon (g_list_model_get_n_items (list) == 2);
  g_assert_cmpstr (gui_page (gui), ==, "compare");
}

/* Its tensors, with a word on the network or without. */
static void
write_weights (const char *path, const LwOptions *options, const char *const *metadata)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph = lw_model_build (options, &error);
  const int32_t n = lw_graph_n_tensors (graph);
  g_autofree LwFileTensor *tensors = g_new0 (LwFileTensor, n);
  g_autofree char *zeros = g_malloc0 (1 << 20);

  for (int32_t i = 0; i < n; i++) {
    const LwTensorInfo *info = lw_graph_tensor (graph, i);

    tensors[i] = (LwFileTensor){ info->name, info->dtype, info->rank, { 0 }, 1, zeros };
    for (int32_t d = 0; d < info->rank; d++)
      tensors[i].size *= tensors[i].dims[d] = info->dims[d];
  }
  lw_tensor_file_write (path, tensors, n, metadata, &error);
  g_assert_no_error (error);
}

static void
weights (Gui *gui)
{
  const char *const metadata[] = { "model",   "lenet", "input", "3x32x32",
                                   "classes", "7",     "knobs", "{\"activation\": \"relu\"}",
                                   NULL };
  g_autofree char *bare = gui_scratch ("bare.safetensors"),
                  *described = gui_scratch ("described.safetensors");
  g_autoptr (LwOptions) normalized = lw_options_new (lw_model_find ("lenet-bn", NULL));
  g_autoptr (LwOptions) lenet = lw_options_new (lw_model_find ("lenet", NULL));
  const LwSettings *settings;
  LwShape input;

  write_weights (bare, normalized, NULL);
  open_path (gui, bare);
  gui_assert_soon (gui_toast (gui) != NULL);
  g_assert_nonnull (strstr (gui_toast (gui), "The next training of LeNet + BN begins"));
  settings = lw_workbench_settings (gui->workbench);
  g_assert_cmpstr (settings->init, ==, bare);
  g_assert_cmpstr (lw_workbench_model (gui->workbench)->name, ==, "lenet-bn");
  g_assert_cmpstr (gui_page (gui), ==, "train");

  g_assert_true (lw_shape_parse ("3x32x32", &input, NULL));
  g_assert_true (lw_options_set_input (lenet, input, NULL));
  g_assert_true (lw_options_set (lenet, "classes", "7", NULL));
  g_assert_true (lw_options_set (lenet, "activation", "relu", NULL));
  write_weights (described, lenet, metadata);
  open_path (gui, described);
  gui_assert_soon (g_strcmp0 (lw_workbench_settings (gui->workbench)->init, described) == 0);
  g_assert_true (lw_options_equal (lw_workbench_settings (gui->workbench)->options, lenet));
}

static void
data (Gui *gui)
{
  g_autofree char *folder = gui_scratch ("data");

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  open_path (gui, folder);
  gui_assert_soon (g_strcmp0 (lw_workbench_settings (gui->workbench)->data, folder) == 0);
  g_assert_cmpstr (gui_page (gui), ==, "train");
}

/* A sentence each, and nothing else happens. */
static void
nothing (Gui *gui)
{
  static const struct {
    const char *name, *text, *said;
  } files[] = {
    { "missing", NULL, "There is no" },
    { "a.txt", "text", "is none of them" },
    { "a.safetensors", "text", "" },
    { "run.json", "{}", "It is not a run's description" },
  };
  const LwModel *model = lw_workbench_model (gui->workbench);

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = gui_scratch (files[i].name);

    if (files[i].text != NULL)
      g_assert_true (g_file_set_contents (path, files[i].text, -1, NULL));
    open_path (gui, path);
    gui_assert_soon (gui_toast (gui) != NULL);
    g_assert_nonnull (strstr (gui_toast (gui), files[i].said));
    gui_press (gui_find (gui_find (GTK_WIDGET (gui->window), g_type_from_name ("AdwToastWidget")),
                         GTK_TYPE_BUTTON));
    gui_assert_soon (gui_toast (gui) == NULL);
  }
  g_assert_null (lw_workbench_run (gui->workbench));
  g_assert_true (lw_workbench_model (gui->workbench) == model);
  g_assert_null (lw_workbench_settings (gui->workbench)->init);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/open-files/runs", runs, NULL },
    { "/open-files/folder-of-runs", folder_of_runs, NULL },
    { "/open-files/weights", weights, NULL },
    { "/open-files/data", data, NULL },
    { "/open-files/nothing", nothing, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
