#include "app/describe.h"

#include "app/backends.h"
#include "engine/device_choice.h"
#include "engine/formats/graph_json.h"
#include "engine/memory_use.h"

void
lw_describe_model (LwJson *json, const LwModel *model, const LwOptions *options, LwGraph *graph)
{
  const LwCost cost = lw_graph_cost (graph);

  lw_json_string (json, "name", model->name);
  lw_json_string (json, "title", model->title);
  lw_json_string (json, "family", model->family);
  lw_json_integer (json, "year", model->year);
  lw_json_string (json, "paper", model->paper);
  lw_json_string (json, "idea", model->idea);
  lw_json_boolean (json, "relative", model->relative);
  lw_json_shape (json, "input", lw_options_input (options));
  lw_json_integer (json, "classes", lw_graph_classes (graph));
  lw_json_integer (json, "parameters", cost.parameters);
  lw_json_integer (json, "macs", cost.macs);
  lw_json_begin_object (json, "recipe");
  lw_json_double (json, "learning_rate", model->recipe.learning_rate);
  lw_json_integer (json, "epochs", model->recipe.epochs);
  lw_json_integer (json, "batch_size", model->recipe.batch_size);
  lw_json_end_object (json);
}

void
lw_describe_variant (LwJson *json, const LwVariant *variant, LwGraph *graph)
{
  const LwModel *model = lw_options_model (variant->options);
  LwModel named = *model;
  g_auto (GStrv) changes = lw_options_changes (variant->options, NULL);

  named.name = variant->name;
  lw_describe_model (json, &named, variant->options, graph);
  lw_json_boolean (json, "variant", true);
  lw_json_string (json, "model", model->name);
  lw_json_begin_array (json, "set");
  for (char **change = changes; *change != NULL; change++)
    lw_json_string (json, NULL, *change);
  lw_json_end_array (json);
}

static void
write_knob_value (LwJson *json, const char *key, const LwKnob *knob, double value)
{
  switch (knob->type) {
  case LW_KNOB_INTEGER:
    lw_json_integer (json, key, (int64_t)value);
    break;
  case LW_KNOB_REAL:
    lw_json_double (json, key, value);
    break;
  case LW_KNOB_CHOICE:
    lw_json_string (json, key, knob->choices[(int)value]);
    break;
  case LW_KNOB_BOOLEAN:
    lw_json_boolean (json, key, value != 0);
    break;
  }
}

static void
write_knob (LwJson *json, const LwOptions *options, const LwKnob *knob)
{
  static const char *const types[] = {
    [LW_KNOB_INTEGER] = "integer",
    [LW_KNOB_REAL] = "real",
    [LW_KNOB_CHOICE] = "choice",
    [LW_KNOB_BOOLEAN] = "boolean",
  };

  lw_json_begin_object (json, NULL);
  lw_json_string (json, "name", knob->name);
  lw_json_string (json, "title", knob->title);
  lw_json_string (json, "type", types[knob->type]);
  write_knob_value (json, "default", knob, knob->standard);
  switch (knob->type) {
  case LW_KNOB_INTEGER:
    lw_json_integer (json, "value", lw_options_integer (options, knob->name));
    break;
  case LW_KNOB_REAL:
    lw_json_double (json, "value", lw_options_real (options, knob->name));
    break;
  case LW_KNOB_CHOICE:
    lw_json_string (json, "value", lw_options_choice (options, knob->name));
    break;
  case LW_KNOB_BOOLEAN:
    lw_json_boolean (json, "value", lw_options_boolean (options, knob->name));
    break;
  }
  if (knob->type == LW_KNOB_CHOICE) {
    lw_json_begin_array (json, "choices");
    for (const char *const *choice = knob->choices; *choice != NULL; choice++)
      lw_json_string (json, NULL, *choice);
    lw_json_end_array (json);
  } else {
    write_knob_value (json, "minimum", knob, knob->minimum);
    write_knob_value (json, "maximum", knob, knob->maximum);
  }
  lw_json_string (json, "help", knob->help);
  lw_json_end_object (json);
}

bool
lw_describe_memory (LwGraph *graph, int32_t batch, LwMemory *ret_memory,
                    const LwBackend **ret_device, GError **error)
{
  LwMemoryDevice device = { 0 };
  g_autoptr (LwMemoryUse) use = NULL;

  device.backend = lw_device_choose (lw_app_backends (), "auto", &device.index, error);
  if (device.backend == NULL)
    return false;
  use = lw_memory_use_new (graph, &device, batch, error);
  if (use == NULL)
    return false;
  *ret_memory = lw_memory_use_summary (use);
  *ret_device = device.backend;
  return true;
}

bool
lw_describe_details (LwJson *json, const LwOptions *options, LwGraph *graph, int32_t batch,
                     GError **error)
{
  const LwCost cost = lw_graph_cost (graph);
  const LwBackend *device;
  LwMemory memory;

  if (!lw_describe_memory (graph, batch, &memory, &device, error))
    return false;

  lw_json_integer (json, "flops", 2 * cost.macs);
  lw_json_integer (json, "all_operations", cost.operations);
  lw_json_begin_array (json, "knobs");
  for (const LwKnob *const *knob = options != NULL ? lw_options_model (options)->knobs : NULL;
       knob != NULL && *knob != NULL; knob++)
    write_knob (json, options, *knob);
  lw_json_end_array (json);

  lw_json_begin_object (json, "memory");
  lw_json_integer (json, "batch", batch);
  lw_json_string (json, "device", device->name);
  lw_json_integer (json, "parameters", memory.parameters);
  lw_json_integer (json, "gradients", memory.gradients);
  lw_json_integer (json, "optimizer", memory.optimizer);
  lw_json_integer (json, "activations", memory.activations);
  lw_json_integer (json, "inference_activations", memory.inference_activations);
  lw_json_integer (json, "workspace", memory.workspace);
  lw_json_integer (json, "training_total", memory.training_total);
  lw_json_integer (json, "inference_total", memory.inference_total);
  lw_json_end_object (json);

  lw_json_graph_layers (json, graph);
  lw_json_graph_tensors (json, graph);
  return true;
}
