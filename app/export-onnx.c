/* layerwise export --format onnx. */
#include "app/export.h"
#include "engine/data/dataset.h"
#include "engine/state_dict.h"
#include "onnx/onnx.h"

/* NULL where the data is not there, or has other classes than the network. g_free the array only.
 */
static const char **
class_names (const LwDataset *dataset, int32_t classes)
{
  const char **names;

  if (dataset == NULL || lw_dataset_classes (dataset) != classes)
    return NULL;
  names = g_new0 (const char *, (gsize)classes + 1);
  for (int32_t c = 0; c < classes; c++)
    names[c] = lw_dataset_class_name (dataset, c);
  return names;
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
  g_autoptr (LwSettings) settings = lw_settings_copy (weights->settings);
  g_autoptr (LwDataset) dataset = NULL;
  g_autofree const char **classes = NULL;
  int32_t n = lw_graph_n_tensors (export->graph);
  g_autofree const void **data = g_new (const void *, n);
  const LwFileTensor *tensors = dict != NULL ? lw_state_dict_tensors (dict, &n) : NULL;
  g_auto (GStrv) metadata = NULL;

  if (dict == NULL && weights->onnx == NULL)
    return false;
  for (int32_t i = 0; i < n; i++)
    data[i] = dict != NULL ? tensors[i].data : lw_onnx_tensor (weights->onnx, i);
  /* A file's settings name no data that is surely here. */
  if (weights->run != NULL)
    dataset = lw_dataset_open (settings->data, NULL);
  classes = class_names (dataset, lw_graph_classes (export->graph));
  lw_options_free (settings->options);
  settings->options = lw_options_copy (export->options);
  metadata = lw_onnx_describe (settings, classes);
  return lw_onnx_write (export->graph, data, (const char *const *)metadata, export->output, error);
}
