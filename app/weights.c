#include "app/weights.h"

#include "app/app.h"
#include "app/backends.h"
#include "engine/device_choice.h"
#include "engine/formats/safetensors.h"

#include <glib/gi18n.h>

LwWeights *
lw_weights_open_run (const char *folder, GError **error)
{
  g_autoptr (LwWeights) weights = g_new0 (LwWeights, 1);

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

  if (lw_args_flag (args, "model") || lw_args_flag (args, "set") || lw_args_flag (args, "input") ||
      lw_args_flag (args, "classes")) {
    *ret_status = LW_EXIT_USAGE;
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("a run knows its own network; --model, --set, --input and --classes describe "
                    "that of a safetensors file"));
    return NULL;
  }
  *ret_status = LW_EXIT_FAILED;
  weights = lw_weights_open_run (folder, error);
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

/* What the file says that images are normalized with; other programs' files say nothing. */
static void
read_normalization (const char *path, LwOptions *options)
{
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, NULL);
  const char *text = file != NULL ? lw_tensor_file_metadata (file, "normalization") : NULL;
  LwNormalization normalization;

  if (text != NULL && lw_normalization_parse (text, &normalization, NULL, NULL))
    lw_options_set_normalization (options, &normalization);
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

static LwWeights *
from_file (const LwArgs *args, const char *path, int *ret_status, GError **error)
{
  g_autoptr (LwWeights) weights = g_new0 (LwWeights, 1);
  const char *model = lw_args_value (args, "model"), *resize = lw_args_value (args, "resize");
  LwOptions *options;

  *ret_status = LW_EXIT_USAGE;
  if (model == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("a safetensors file holds weights only; say which network they are of: --model "
                    "MODEL (\"layerwise list\" shows them)"));
    return NULL;
  }
  options = lw_app_options (args, model, error);
  if (options == NULL)
    return NULL;
  weights->settings = lw_settings_new (options);
  if (resize != NULL && !lw_settings_set (weights->settings, "resize", resize, error))
    return NULL;
  *ret_status = LW_EXIT_FAILED;
  weights->path = g_strdup (path);
  read_normalization (path, options);
  weights->graph = lw_model_build (options, error);
  return weights->graph != NULL ? g_steal_pointer (&weights) : NULL;
}

LwWeights *
lw_weights_open (const LwArgs *args, const char *source, const char *checkpoint, int *ret_status,
                 GError **error)
{
  if (lw_onnx_is_name (source) && !g_file_test (source, G_FILE_TEST_IS_DIR))
    return from_onnx (args, source, ret_status, error);
  if (g_file_test (source, G_FILE_TEST_IS_REGULAR))
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

static bool
copy_layer (LwSession *from, LwSession *to, LwNodeId id, GError **error)
{
  LwGraph *graph = lw_session_graph (from), *renamed = lw_session_graph (to);
  const LwNode *node = lw_graph_node (graph, id), *other = lw_graph_node (renamed, id);

  for (int32_t k = 0; k < node->n_tensors; k++) {
    const int64_t size = lw_graph_tensor (graph, node->tensors[k])->size;
    g_autofree void *data = g_try_malloc_n ((gsize)size, sizeof (int64_t));

    if (data == NULL) {
      g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                   _ ("There is not enough memory left to rename the network's weights."));
      return false;
    }
    if (!lw_session_get_tensor (from, node->tensors[k], data, error) ||
        !lw_session_set_tensor (to, other->tensors[k], data, error))
      return false;
  }
  return true;
}

LwSession *
lw_weights_rename (LwWeights *weights, LwSession *session, const char *names, const char *device,
                   GError **error)
{
  g_autoptr (LwOptions) options = lw_options_copy (weights->settings->options);
  g_autoptr (LwGraph) graph = NULL;
  g_autoptr (LwSession) renamed = NULL;

  if (!lw_app_set_names (options, names, error))
    return NULL;
  graph = lw_model_build (options, error);
  if (graph == NULL)
    return NULL;
  if (lw_graph_n_tensors (graph) != lw_graph_n_tensors (weights->graph)) {
    g_set_error (
        error, LW_ERROR, LW_ERROR_INVALID,
        _ ("this %s is of the book's form, which torchvision has no names for; one that is "
           "trained with --set form=torchvision has"),
        lw_graph_title (graph));
    return NULL;
  }
  renamed = new_session (graph, device, LW_ALGORITHMS_FIXED, 0, error);
  for (LwNodeId id = 0; renamed != NULL && id < lw_graph_n_nodes (graph); id++) {
    if (!copy_layer (session, renamed, id, error))
      return NULL;
  }
  if (renamed != NULL) {
    lw_options_free (weights->settings->options);
    weights->settings->options = g_steal_pointer (&options);
    lw_graph_unref (weights->graph);
    weights->graph = g_steal_pointer (&graph);
  }
  return g_steal_pointer (&renamed);
}
