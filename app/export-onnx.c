/* layerwise export --format onnx. */
#include "app/export.h"
#include "engine/data/dataset.h"
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

bool
lw_export_onnx (const LwExport *export, GError **error)
{
  LwWeights *weights = export->weights;
  g_autoptr (LwSession) session =
      lw_weights_session (weights, export->device, LW_ALGORITHMS_FIXED, 0, error);
  g_autoptr (LwDataset) dataset = NULL;
  g_autofree const char **classes = NULL;
  g_auto (GStrv) metadata = NULL;

  if (session != NULL && export->names != NULL) {
    g_autoptr (LwSession) own = g_steal_pointer (&session);

    session = lw_weights_rename (weights, own, export->names, export->device, error);
  }
  if (session == NULL)
    return false;
  /* A file's settings name no data that it was trained on. */
  if (weights->run != NULL)
    dataset = lw_dataset_open (weights->settings->data, NULL);
  classes = class_names (dataset, lw_graph_classes (weights->graph));
  metadata = lw_onnx_describe (weights->settings, classes);
  return lw_onnx_write_session (session, (const char *const *)metadata, export->output, error);
}
