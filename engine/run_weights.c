/* A checkpoint's tensors as a file of their own. No session is needed: both are files. */
#include "engine/run.h"
#include "engine/state_dict.h"

bool
lw_run_export_weights (const LwRun *run, const char *checkpoint, const char *path, GError **error)
{
  g_autofree char *source = lw_run_checkpoint (run, checkpoint, error);
  g_autoptr (LwStateDict) dict =
      source != NULL ? lw_state_dict_open (source, run->graph, NULL, error) : NULL;

  if (dict == NULL)
    return false;
  return g_str_has_suffix (path, ".npz")
             ? lw_state_dict_write_npz (dict, path, error)
             : lw_state_dict_write_safetensors (dict, run->settings, path, error);
}
