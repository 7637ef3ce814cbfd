/* The table of formats: whoever adds one adds a row here and its function to export.h. */
#include "app/app.h"
#include "app/export.h"

#include <glib/gi18n.h>
#include <string.h>

static const LwExportFormat formats[] = {
  { "safetensors", "safetensors", LW_EXPORT_WEIGHTS, lw_export_safetensors },
  { "npz", "npz", LW_EXPORT_WEIGHTS, lw_export_npz },
  { "onnx", "onnx", LW_EXPORT_WEIGHTS, lw_export_onnx },
  { "pytorch", "py", LW_EXPORT_CODE, lw_export_pytorch },
  { "csv", "csv", LW_EXPORT_NUMBERS, lw_export_csv },
  { "tensorboard", NULL, LW_EXPORT_NUMBERS, lw_export_tensorboard },
  { "png", "png", LW_EXPORT_PICTURE, lw_export_drawing },
  { "svg", "svg", LW_EXPORT_PICTURE, lw_export_drawing },
  { "pdf", "pdf", LW_EXPORT_PICTURE, lw_export_drawing },
  { "html", "html", LW_EXPORT_PAGE, NULL },
  { "dot", "dot", LW_EXPORT_TEXT, lw_export_dot },
  { "json", "json", LW_EXPORT_TEXT, lw_export_json },
};

const LwExportFormat *
lw_export_format_find (const char *format, const char *output, GError **error)
{
  const char *names[G_N_ELEMENTS (formats) + 1] = { NULL };
  const char *dot = strrchr (output, '.'), *ending = dot != NULL ? dot + 1 : "";

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    names[i] = formats[i].name;
    if (format != NULL ? g_str_equal (formats[i].name, format)
                       : g_strcmp0 (formats[i].ending, ending) == 0)
      return &formats[i];
  }
  lw_args_unknown (error, _ ("format"), format != NULL ? format : ending, names);
  return NULL;
}
