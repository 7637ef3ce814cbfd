/* layerwise export --format onnx. */
#include "app/export.h"
#include "engine/state_dict.h"
#include "onnx/onnx.h"

/* A run knows them, and an ONNX file may. */
static char *
class_names (const LwWeights *weights)
{
  if (weights->run != NULL)
    return lw_onnx_class_names (weights->run);
  return weights->onnx != NULL ? g_strdup (lw_onnx_metadata (weights->onnx, "class_names")) : NULL;
}

/* What is not understood of the images' normalization is written as it stands. */
static void
keep_unread (char **metadata, const LwOnnxNetwork *network)
{
  for (char **pair = metadata; *pair != NULL; pair += 2)
    if (g_str_equal (pair[0], "normalization")) {
      g_free (pair[1]);
      pair[1] = g_strdup (lw_onnx_metadata (network, "normalization"));
    }
}

/* From the file that the weights lie in, an ONNX file as well: no device computes anything. */
bool
lw_export_onnx (const LwExport *export, GError **error)
{
  const LwWeights *weights = export->weights;
  g_autoptr (LwStateDict) dict =
      weights->onnx == NULL
          ? lw_state_dict_open (weights->path, weights->graph, export->graph, error)
          : NULL;
  g_autofree char *names = class_names (weights);
  int32_t n = lw_graph_n_tensors (export->graph);
  g_autofree const void **data = g_new (const void *, n);
  const LwFileTensor *tensors = dict != NULL ? lw_state_dict_tensors (dict, &n) : NULL;
  g_auto (GStrv) metadata = NULL;

  if (dict == NULL && weights->onnx == NULL)
    return false;
  for (int32_t i = 0; i < n; i++)
    data[i] = dict != NULL ? tensors[i].data : lw_onnx_tensor (weights->onnx, i);
  metadata = lw_onnx_describe (export->options, names);
  if (weights->onnx != NULL && lw_onnx_unread_normalization (weights->onnx) != NULL)
    keep_unread (metadata, weights->onnx);
  return lw_onnx_write (export->graph, data, (const char *const *)metadata, export->output, error);
}
