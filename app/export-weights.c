/* Trained weights for other programs, from the file that they lie in: no device computes anything,
 * unless that is an ONNX file, whose layout is another. */
#include "app/export.h"
#include "engine/state_dict.h"

#include <glib/gi18n.h>

static LwStateDict *
open_weights (const LwExport *export, GError **error)
{
  const LwWeights *weights = export->weights;

  if (weights->onnx != NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("%s: of an ONNX file weights are exported as safetensors only"),
                 export->source);
    return NULL;
  }
  return lw_state_dict_open (weights->path, weights->graph, export->graph, error);
}

static bool
save_onnx (const LwExport *export, GError **error)
{
  const char *words = lw_onnx_unread_normalization (export->weights->onnx);
  g_autoptr (LwSession) session = NULL;

  if (words != NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("%s says of its images' normalization \"%s\", which Layerwise does not know; "
                    "exported as ONNX it keeps that"),
                 export->source, words);
    return false;
  }
  session = lw_weights_session (export->weights, export->device, LW_ALGORITHMS_FIXED, 0, error);
  return session != NULL &&
         lw_session_save (session, export->weights->settings, export->output, error);
}

bool
lw_export_safetensors (const LwExport *export, GError **error)
{
  g_autoptr (LwStateDict) dict = NULL;
  g_autoptr (LwSettings) settings = lw_settings_copy (export->weights->settings);

  if (export->weights->onnx != NULL)
    return save_onnx (export, error);
  dict = open_weights (export, error);
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
