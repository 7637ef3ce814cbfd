#include "engine/weights_network.h"

#include "engine/i18n.h"
#include "engine/run.h"
#include "engine/weights_metadata.h"

static LwOptions *
described (const LwTensorFile *file, const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autoptr (LwSettings) settings = lw_weights_metadata_read (file, name, error);
  g_autoptr (LwGraph) graph = settings != NULL ? lw_model_build (settings->options, error) : NULL;

  return graph != NULL && lw_weights_fit (graph, path, error) ? lw_options_copy (settings->options)
                                                              : NULL;
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
    return described (file, path, error);
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
