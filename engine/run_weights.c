/* A checkpoint's tensors as a file of their own. No session is needed: both are safetensors. */
#include "engine/formats/safetensors.h"
#include "engine/i18n.h"
#include "engine/run.h"

static const LwFileTensor *
find_whole (const LwTensorFile *file, const LwTensorInfo *wanted, const char *path, GError **error)
{
  const LwFileTensor *found = lw_tensor_file_find (file, wanted->name);

  if (found == NULL || found->size != wanted->size || found->dtype != wanted->dtype) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("%s does not hold \"%s\" as this network has it; choose another checkpoint."),
                 path, wanted->name);
    return NULL;
  }
  return found;
}

bool
lw_run_export_weights (const LwRun *run, const char *checkpoint, const char *path, GError **error)
{
  static const char *const keys[] = { "model", "input", "classes", "knobs", "normalization" };
  const int32_t n = lw_graph_n_tensors (run->graph);
  g_autofree char *source = lw_run_checkpoint (run, checkpoint, error);
  g_autofree LwFileTensor *tensors = g_new0 (LwFileTensor, n);
  g_autoptr (GPtrArray) metadata = g_ptr_array_new ();
  g_autoptr (LwTensorFile) file = NULL;

  if (source == NULL)
    return false;
  file = lw_tensor_file_open (source, error);
  if (file == NULL)
    return false;
  for (int32_t i = 0; i < n; i++) {
    const LwFileTensor *tensor = find_whole (file, lw_graph_tensor (run->graph, i), source, error);

    if (tensor == NULL)
      return false;
    tensors[i] = *tensor;
  }
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    const char *value = lw_tensor_file_metadata (file, keys[i]);

    if (value == NULL)
      continue;
    g_ptr_array_add (metadata, (gpointer)keys[i]);
    g_ptr_array_add (metadata, (gpointer)value);
  }
  g_ptr_array_add (metadata, NULL);
  return lw_tensor_file_write (path, tensors, n, (const char *const *)metadata->pdata, error);
}
