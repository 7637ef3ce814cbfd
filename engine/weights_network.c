#include "engine/weights_network.h"

#include "engine/formats/safetensors.h"
#include "engine/i18n.h"
#include "engine/json_read.h"
#include "engine/run.h"

static bool
set_knobs (LwOptions *options, const char *text, const char *path, GError **error)
{
  g_autoptr (JsonObject) knobs = lw_json_parse_object (text, -1, path, error);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (knobs == NULL)
    return false;
  json_object_iter_init (&iter, knobs);
  while (json_object_iter_next (&iter, &name, &node)) {
    g_autofree char *value = lw_json_scalar_text (node);

    if (!lw_options_set (options, name, value != NULL ? value : "", error))
      return false;
  }
  return true;
}

/* `model`: the one that the file names. */
static LwOptions *
described (const LwTensorFile *file, const char *model_name, const char *path, GError **error)
{
  const LwModel *model = lw_model_find (model_name, error);
  g_autoptr (LwOptions) options = model != NULL ? lw_options_new (model) : NULL;
  const char *input = lw_tensor_file_metadata (file, "input");
  const char *classes = lw_tensor_file_metadata (file, "classes");
  const char *knobs = lw_tensor_file_metadata (file, "knobs");
  g_autoptr (LwGraph) graph = NULL;
  LwShape shape;

  if (options == NULL ||
      (input != NULL &&
       (!lw_shape_parse (input, &shape, error) || !lw_options_set_input (options, shape, error))) ||
      (classes != NULL && !lw_options_set (options, "classes", classes, error)) ||
      (knobs != NULL && !set_knobs (options, knobs, path, error)))
    return NULL;
  graph = lw_model_build (options, error);
  return graph != NULL && lw_weights_fit (graph, path, error) ? g_steal_pointer (&options) : NULL;
}

/* Most networks differ in the first name already. */
static bool
has_tensors (const LwTensorFile *file, const LwGraph *graph)
{
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++)
    if (lw_tensor_file_find (file, lw_graph_tensor (graph, i)->name) == NULL)
      return false;
  return true;
}

static LwOptions *
first_that_fits (const LwTensorFile *file, const char *path)
{
  for (int32_t i = 0; i < lw_n_models (); i++) {
    g_autoptr (LwOptions) options = lw_options_new (lw_model (i));
    g_autoptr (LwGraph) graph = lw_model_build (options, NULL);

    if (graph != NULL && has_tensors (file, graph) && lw_weights_fit (graph, path, NULL))
      return g_steal_pointer (&options);
  }
  return NULL;
}

LwOptions *
lw_weights_network (const char *path, GError **error)
{
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, error);
  const char *model = file != NULL ? lw_tensor_file_metadata (file, "model") : NULL;
  LwOptions *options;

  if (file == NULL)
    return NULL;
  if (model != NULL)
    return described (file, model, path, error);
  options = first_that_fits (file, path);
  if (options == NULL) {
    g_autofree char *name = g_filename_display_basename (path);

    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("The tensors of \"%s\" are those of no network as the book builds it: choose "
                    "its network, turn its knobs, and give the file as first weights."),
                 name);
  }
  return options;
}
