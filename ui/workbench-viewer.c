#include "ui/workbench-viewer.h"

#include "ui/devices.h"
#include "ui/workbench-private.h"

#include <glib/gi18n.h>

static LwOptions *
options_of (LwOnnxNetwork *network)
{
  const LwSettings *settings = lw_onnx_settings (network);
  LwOptions *options = settings != NULL ? lw_options_copy (settings->options)
                                        : lw_options_new (lw_onnx_model (network));

  lw_options_set_normalization (options, lw_graph_normalization (lw_onnx_graph (network)));
  return options;
}

LwWorkbench *
lw_workbench_new_viewer (const LwBackend *const *backends, LwOnnxNetwork *network)
{
  LwWorkbench *self = g_object_new (LW_TYPE_WORKBENCH, NULL);
  g_autoptr (LwOptions) options = options_of (network);

  self->backends = backends;
  self->device_text = lw_device_text (lw_first_backend (backends), 0);
  self->network = lw_onnx_ref (network);
  self->class_names = lw_onnx_classes (network);
  lw_workbench_take_options (self, options, NULL);
  /* As if it were loaded: else it is when a knob turns. */
  self->dataset_name = g_strdup (self->draft->data);
  return self;
}

LwOnnxNetwork *
lw_workbench_network (LwWorkbench *self)
{
  return self->network;
}

void
lw_workbench_set_normalization (LwWorkbench *self, const LwNormalization *normalization)
{
  LwSettings *settings = lw_settings_copy (self->draft);

  lw_options_set_normalization (settings->options, normalization);
  lw_workbench_adopt (self, settings, NULL);
}

void
lw_workbench_set_class_names (LwWorkbench *self, const char *const *names)
{
  g_strfreev (self->class_names);
  self->class_names = names != NULL ? g_strdupv ((char **)names) : lw_onnx_classes (self->network);
  g_signal_emit_by_name (self, "classes-named");
}

void
lw_workbench_view_data (LwWorkbench *self, const char *name_or_folder)
{
  if (name_or_folder != NULL)
    lw_workbench_use_data (self, name_or_folder);
  else
    lw_workbench_drop_data (self);
}

const char *
lw_workbench_class_name (LwWorkbench *self, int label)
{
  LwDataset *dataset = lw_workbench_dataset (self);

  if (self->class_names != NULL)
    return label < (int)g_strv_length (self->class_names) ? _ (self->class_names[label]) : NULL;
  if (dataset == NULL || label >= lw_dataset_classes (dataset) ||
      (self->network != NULL &&
       lw_dataset_classes (dataset) != lw_graph_classes (lw_workbench_graph (self))))
    return NULL;
  return _ (lw_dataset_class_name (dataset, label));
}
