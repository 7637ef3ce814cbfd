#include "app/weights.h"

#include "app/app.h"
#include "app/backends.h"
#include "engine/device_choice.h"
#include "engine/formats/safetensors.h"
#include "engine/weights_metadata.h"

#include <glib/gi18n.h>

/* A run's network is its own. */
static bool
describes_network (const LwArgs *args, GError **error)
{
  if (!lw_args_flag (args, "model") && !lw_args_flag (args, "set") &&
      !lw_args_flag (args, "input") && !lw_args_flag (args, "classes"))
    return false;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("a run knows its own network; --model, --set, --input and --classes describe "
                  "that of a safetensors file"));
  return true;
}

LwWeights *
lw_weights_open_run (const LwArgs *args, const char *folder, int *ret_status, GError **error)
{
  g_autoptr (LwWeights) weights = g_new0 (LwWeights, 1);

  *ret_status = LW_EXIT_USAGE;
  if (describes_network (args, error))
    return NULL;
  *ret_status = LW_EXIT_FAILED;
  weights->run = lw_run_open (folder, error);
  if (weights->run == NULL)
    return NULL;
  weights->settings = lw_settings_copy (weights->run->settings);
  weights->graph = lw_graph_ref (weights->run->graph);
  return g_steal_pointer (&weights);
}

static LwWeights *
from_run (const LwArgs *args, const char *folder, const char *checkpoint, int *ret_status,
          GError **error)
{
  g_autoptr (LwWeights) weights = NULL;
  const char *resize = lw_args_value (args, "resize");

  weights = lw_weights_open_run (args, folder, ret_status, error);
  if (weights == NULL)
    return NULL;
  if (checkpoint != NULL) {
    weights->path = lw_run_checkpoint (weights->run, checkpoint, error);
  } else {
    weights->path = lw_run_checkpoint (weights->run, "best", NULL);
    if (weights->path == NULL)
      weights->path = lw_run_checkpoint (weights->run, "last", error);
  }
  if (weights->path == NULL)
    return NULL;
  if (resize == NULL)
    return g_steal_pointer (&weights);
  if (!lw_settings_set (weights->settings, "resize", resize, error)) {
    *ret_status = LW_EXIT_USAGE;
    return NULL;
  }
  g_clear_pointer (&weights->graph, lw_graph_unref);
  weights->graph = lw_model_build (weights->settings->options, error);
  return weights->graph != NULL ? g_steal_pointer (&weights) : NULL;
}

/* What the file says that images are normalized with; other programs' files say nothing, and what
 * nobody understands counts only where --normalize does not say it. */
static bool
read_normalization (const LwArgs *args, const char *path, LwOptions *options, GError **error)
{
  const bool matters = !lw_args_flag (args, "normalize");
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, NULL);
  LwNormalization normalization;

  if (file == NULL) /* loading says why */
    return true;
  if (!lw_weights_normalization (file, lw_options_input (options).c, &normalization,
                                 matters ? error : NULL))
    return !matters;
  lw_options_set_normalization (options, &normalization);
  return true;
}

static LwWeights *
from_onnx (const LwArgs *args, const char *path, int *ret_status, GError **error)
{
  static const char *const own[] = { "model", "set", "input", "classes", "names", "resize", NULL };
  g_autoptr (LwWeights) weights = g_new0 (LwWeights, 1);

  for (int i = 0; own[i] != NULL; i++)
    if (lw_args_flag (args, own[i])) {
      *ret_status = LW_EXIT_USAGE;
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("an ONNX file holds its whole network; --%s does not go with it"), own[i]);
      return NULL;
    }
  *ret_status = LW_EXIT_FAILED;
  weights->onnx = lw_onnx_open (path, error);
  if (weights->onnx == NULL)
    return NULL;
  weights->path = g_strdup (path);
  weights->graph = lw_graph_ref (lw_onnx_graph (weights->onnx));
  weights->settings = lw_onnx_settings (weights->onnx) != NULL
                          ? lw_settings_copy (lw_onnx_settings (weights->onnx))
                          : lw_settings_new (lw_options_new (lw_model (0)));
  return g_steal_pointer (&weights);
}

/* What the file says of itself; one that says nothing wants an option. */
static LwSettings *
own_settings (const char *path, int *ret_status, GError **error)
{
  LwSettings *settings = lw_weights_settings (path, error);

  if (settings == NULL)
    *ret_status =
        g_error_matches (*error, LW_ERROR, LW_ERROR_UNSUPPORTED) ? LW_EXIT_USAGE : LW_EXIT_FAILED;
  return settings;
}

/* The network of the file's own metadata, or of --model, which wins. */
static LwSettings *
file_settings (const LwArgs *args, const char *path, int *ret_status, GError **error)
{
  const char *model = lw_args_value (args, "model");
  g_autoptr (LwSettings) settings = NULL;

  if (model != NULL) {
    LwOptions *options = lw_app_options (args, model, error);

    *ret_status = LW_EXIT_USAGE;
    if (options == NULL)
      return NULL;
    settings = lw_settings_new (options);
    return read_normalization (args, path, options, error) ? g_steal_pointer (&settings) : NULL;
  }
  settings = own_settings (path, ret_status, error);
  if (settings == NULL)
    return NULL;
  *ret_status = LW_EXIT_USAGE;
  return lw_app_change_options (args, settings->options, error) ? g_steal_pointer (&settings)
                                                                : NULL;
}

/* Of the weights' settings. */
static bool
take_network (LwWeights *weights, const char *path, int *ret_status, GError **error)
{
  *ret_status = LW_EXIT_FAILED;
  weights->path = g_strdup (path);
  weights->graph = lw_model_build (weights->settings->options, error);
  return weights->graph != NULL;
}

static LwWeights *
from_file (const LwArgs *args, const char *path, int *ret_status, GError **error)
{
  g_autoptr (LwWeights) weights = g_new0 (LwWeights, 1);
  const char *resize = lw_args_value (args, "resize");

  weights->settings = file_settings (args, path, ret_status, error);
  if (weights->settings == NULL ||
      (resize != NULL && !lw_settings_set (weights->settings, "resize", resize, error)))
    return NULL;
  return take_network (weights, path, ret_status, error) ? g_steal_pointer (&weights) : NULL;
}

LwWeights *
lw_weights_open_file (const LwArgs *args, const char *path, int *ret_status, GError **error)
{
  g_autoptr (LwWeights) weights = g_new0 (LwWeights, 1);

  weights->settings = own_settings (path, ret_status, error);
  if (weights->settings != NULL &&
      !lw_app_change_network (args, weights->settings->options, error)) {
    *ret_status = LW_EXIT_USAGE;
    return NULL;
  }
  return weights->settings != NULL && take_network (weights, path, ret_status, error)
             ? g_steal_pointer (&weights)
             : NULL;
}

LwWeights *
lw_weights_open (const LwArgs *args, const char *source, const char *checkpoint, int *ret_status,
                 GError **error)
{
  const bool folder = g_file_test (source, G_FILE_TEST_IS_DIR);

  if (lw_onnx_is_name (source) && !folder)
    return from_onnx (args, source, ret_status, error);
  /* A file that is not there is said to be none, by its name. */
  if (g_file_test (source, G_FILE_TEST_IS_REGULAR) ||
      (g_str_has_suffix (source, ".safetensors") && !folder))
    return from_file (args, source, ret_status, error);
  return from_run (args, source, checkpoint, ret_status, error);
}

void
lw_weights_free (LwWeights *weights)
{
  if (weights == NULL)
    return;
  lw_run_free (weights->run);
  lw_onnx_free (weights->onnx);
  lw_settings_free (weights->settings);
  g_clear_pointer (&weights->graph, lw_graph_unref);
  g_free (weights->path);
  g_free (weights);
}

LwPictureFit
lw_weights_picture_fit (const LwWeights *weights, const LwDataset *dataset)
{
  return weights->onnx != NULL ? LW_FIT_MIDDLE : lw_dataset_picture_fit (dataset);
}

static LwSession *
new_session (LwGraph *graph, const char *device, LwAlgorithms algorithms, int32_t batch,
             GError **error)
{
  g_autofree char *cache = lw_algorithms_cache_folder ();
  const LwSessionOptions options = {
    .inference_batch = batch, .device = { .algorithms = algorithms, .cache_folder = cache }
  };
  int index;
  const LwBackend *backend = lw_device_choose (lw_app_backends (), device, &index, error);

  return backend != NULL ? lw_session_new (graph, backend, index, &options, error) : NULL;
}

LwSession *
lw_weights_session (const LwWeights *weights, const char *device, LwAlgorithms algorithms,
                    int32_t batch, GError **error)
{
  g_autoptr (LwSession) session = new_session (weights->graph, device, algorithms, batch, error);

  if (session == NULL || !(weights->onnx != NULL ? lw_onnx_load (weights->onnx, session, error)
                                                 : lw_session_load (session, weights->path, error)))
    return NULL;
  return g_steal_pointer (&session);
}
