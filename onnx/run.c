/* A run's checkpoint as an ONNX file, without a session: both only hold weights. */
#include "engine/formats/safetensors.h"
#include "engine/i18n.h"
#include "engine/run.h"
#include "onnx/onnx.h"

bool
lw_onnx_write_run (const LwRun *run, const char *checkpoint, const char *path, GError **error)
{
  const int32_t n = lw_graph_n_tensors (run->graph);
  g_autofree char *source = lw_run_checkpoint (run, checkpoint, error);
  g_autofree const void **data = g_new0 (const void *, (gsize)n + 1);
  g_auto (GStrv) metadata = lw_onnx_describe (run->settings, NULL);
  g_autoptr (LwTensorFile) file = NULL;

  if (source == NULL)
    return false;
  file = lw_tensor_file_open (source, error);
  if (file == NULL)
    return false;
  for (int32_t i = 0; i < n; i++) {
    const LwTensorInfo *wanted = lw_graph_tensor (run->graph, i);
    const LwFileTensor *found = lw_tensor_file_find (file, wanted->name);

    if (found == NULL || found->size != wanted->size || found->dtype != wanted->dtype) {
      g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                   _ ("%s does not hold \"%s\" as this network has it; choose another checkpoint."),
                   source, wanted->name);
      return false;
    }
    data[i] = found->data;
  }
  return lw_onnx_write (run->graph, data, (const char *const *)metadata, path, error);
}
