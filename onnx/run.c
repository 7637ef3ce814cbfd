/* A run's checkpoint as an ONNX file, without a session: both only hold weights. */
#include "engine/run.h"
#include "engine/state_dict.h"
#include "onnx/onnx.h"

bool
lw_onnx_write_run (const LwRun *run, const char *checkpoint, const char *path, GError **error)
{
  g_autofree char *source = lw_run_checkpoint (run, checkpoint, error);
  g_autoptr (LwStateDict) dict =
      source != NULL ? lw_state_dict_open (source, run->graph, NULL, error) : NULL;
  g_autofree const void **data = NULL;
  g_autofree char *names = NULL;
  g_auto (GStrv) metadata = NULL;
  const LwFileTensor *tensors;
  int32_t n;

  if (dict == NULL)
    return false;
  tensors = lw_state_dict_tensors (dict, &n);
  data = g_new (const void *, n);
  for (int32_t i = 0; i < n; i++)
    data[i] = tensors[i].data;
  names = lw_onnx_class_names (run);
  metadata = lw_onnx_describe (run->settings->options, names);
  return lw_onnx_write (run->graph, data, (const char *const *)metadata, path, error);
}
