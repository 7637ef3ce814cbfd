/* Trained weights for other programs, from the file that they lie in: no device computes anything.
 */
#include "app/export.h"
#include "engine/state_dict.h"

static LwStateDict *
open_weights (const LwExport *export, GError **error)
{
  const LwWeights *weights = export->weights;

  return lw_state_dict_open (weights->path, weights->graph, export->graph, error);
}

bool
lw_export_safetensors (const LwExport *export, GError **error)
{
  g_autoptr (LwStateDict) dict = open_weights (export, error);
  g_autoptr (LwSettings) settings = lw_settings_copy (export->weights->settings);

  /* The names are a knob of the network that the file describes. */
  lw_options_free (settings->options);
  settings->options = lw_options_copy (export->options);
  return dict != NULL && lw_state_dict_write_safetensors (dict, settings, export->output, error);
}

bool
lw_export_npz (const LwExport *export, GError **error)
{
  g_autoptr (LwStateDict) dict = open_weights (export, error);

  return dict != NULL && lw_state_dict_write_npz (dict, export->output, error);
}
