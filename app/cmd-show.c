/* layerwise show: one network, layer by layer. */
#include "app/app.h"
#include "app/describe.h"
#include "app/table.h"
#include "engine/analysis.h"
#include "engine/formats/graph_json.h"
#include "engine/text_table.h"
#include "onnx/onnx.h"

#include <glib/gi18n.h>

#define STANDARD_BATCH 128

static void
print_costs (LwGraph *graph)
{
  const LwCost cost = lw_graph_cost (graph);
  g_autofree char *input = lw_shape_to_string (lw_graph_input_shape (graph));
  g_autofree char *parameters = lw_format_exact (cost.parameters);
  g_autofree char *macs = lw_format_exact (cost.macs);
  g_autofree char *flops = lw_format_exact (2 * cost.macs);
  g_autofree char *operations = lw_format_exact (cost.operations);
  g_autoptr (LwTable) table = lw_table_new ("lr");

  lw_table_cell (table, "%s", _ ("input"));
  lw_table_cell (table, "%s", input);
  lw_table_cell (table, "%s", _ ("classes"));
  lw_table_cell (table, "%d", lw_graph_classes (graph));
  lw_table_cell (table, "%s", _ ("parameters"));
  lw_table_cell (table, "%s", parameters);
  lw_table_cell (table, "%s", _ ("MACs (convolution and linear)"));
  lw_table_cell (table, "%s", macs);
  lw_table_cell (table, "%s", _ ("FLOPs (2 × MACs)"));
  lw_table_cell (table, "%s", flops);
  lw_table_cell (table, "%s", _ ("all operations"));
  lw_table_cell (table, "%s", operations);
  lw_table_print (table, 0);
}

static void
print_header (const LwModel *model, LwGraph *graph)
{
  lw_app_print ("%s (%d)\n", model->title, model->year);
  lw_app_print ("%s\n\n", model->paper);
  lw_args_print_wrapped (_ (model->idea), 0, lw_args_help_width ());
  lw_app_print ("\n");
  print_costs (graph);
}

/* Blocks are lines of their own, their layers indented below them. */
static void
print_blocks_to (LwTable *table, const LwGraph *graph, LwBlockId block, LwBlockId *last)
{
  const LwBlock *b = lw_graph_block (graph, block);

  if (block == LW_ROOT_BLOCK || block == *last)
    return;
  /* Only blocks that begin after the last layer; those around it are printed already. */
  if (*last != LW_ROOT_BLOCK) {
    for (LwBlockId p = *last; p >= 0; p = lw_graph_block (graph, p)->parent) {
      if (p == block)
        return;
    }
  }
  print_blocks_to (table, graph, b->parent, last);
  {
    g_autofree char *line = g_strdup_printf ("%*s%s", 2 * (b->depth - 1), "", b->title);
    lw_table_line (table, line);
  }
}

static void
add_count (LwTable *table, int64_t count)
{
  lw_table_take (table, count != 0 ? lw_format_exact (count) : g_strdup ("–"));
}

static void
print_layers (LwGraph *graph)
{
  const LwCost total = lw_graph_cost (graph);
  g_autofree LwReceptiveField *fields = lw_graph_receptive_fields (graph);
  g_autoptr (LwTable) table = lw_table_new ("llrrrrr");
  LwBlockId last = LW_ROOT_BLOCK;

  lw_table_cell (table, "%s", _ ("layer"));
  lw_table_cell (table, "%s", _ ("type"));
  lw_table_cell (table, "%s", _ ("input"));
  lw_table_cell (table, "%s", _ ("output"));
  lw_table_cell (table, "%s", _ ("parameters"));
  lw_table_cell (table, "%s", _ ("MACs"));
  lw_table_cell (table, "%s", _ ("receptive field"));
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);
    const LwCost cost = lw_node_cost (graph, id);

    if (node->op == LW_OP_INPUT)
      continue;
    print_blocks_to (table, graph, node->block, &last);
    last = node->block;
    lw_table_cell (table, "%*s%s", 2 * lw_graph_block (graph, node->block)->depth, "", node->name);
    lw_table_cell (table, "%s", lw_node_torch_type (graph, id));
    lw_table_take (table, lw_shape_to_string (lw_graph_node (graph, node->inputs[0])->shape));
    lw_table_take (table, lw_shape_to_string (node->shape));
    add_count (table, cost.parameters);
    add_count (table, cost.macs);
    lw_table_cell (table, "%d", fields[id].size);
  }
  lw_table_cell (table, "%s", _ ("total"));
  lw_table_cell (table, "%s", "");
  lw_table_cell (table, "%s", "");
  lw_table_cell (table, "%s", "");
  add_count (table, total.parameters);
  add_count (table, total.macs);
  lw_table_cell (table, "%s", "");
  lw_app_print ("\n");
  lw_table_print (table, 0);
}

static bool
print_memory (LwGraph *graph, int32_t batch, GError **error)
{
  g_autoptr (LwTable) table = lw_table_new ("lrr");
  const LwBackend *device;
  LwMemory memory;

  if (!lw_describe_memory (graph, batch, &memory, &device, error))
    return false;
  lw_app_print (_ ("\nMemory for a batch of %d on %s (float32, plain SGD)\n"), batch, device->name);
  lw_table_cell (table, "%s", "");
  lw_table_cell (table, "%s", _ ("training"));
  lw_table_cell (table, "%s", _ ("inference"));
  lw_table_cell (table, "%s", _ ("parameters and statistics"));
  lw_table_take (table, lw_format_bytes (memory.parameters));
  lw_table_take (table, lw_format_bytes (memory.parameters));
  lw_table_cell (table, "%s", _ ("gradients"));
  lw_table_take (table, lw_format_bytes (memory.gradients));
  lw_table_cell (table, "–");
  lw_table_cell (table, "%s", _ ("activations"));
  lw_table_take (table, lw_format_bytes (memory.activations));
  lw_table_take (table, lw_format_bytes (memory.inference_activations));
  lw_table_cell (table, "%s", _ ("workspace"));
  lw_table_take (table, lw_format_bytes (memory.workspace));
  lw_table_take (table, lw_format_bytes (memory.inference_total - memory.parameters -
                                         memory.inference_activations));
  lw_table_cell (table, "%s", _ ("total"));
  lw_table_take (table, lw_format_bytes (memory.training_total));
  lw_table_take (table, lw_format_bytes (memory.inference_total));
  lw_table_print (table, 2);
  return true;
}

static char *
knob_range (const LwKnob *knob)
{
  switch (knob->type) {
  case LW_KNOB_CHOICE:
    return g_strjoinv (", ", (char **)knob->choices);
  case LW_KNOB_BOOLEAN:
    return g_strdup ("true, false");
  default:
    return g_strdup_printf ("%g … %g", knob->minimum, knob->maximum);
  }
}

static void
print_knobs (const LwOptions *options)
{
  g_autoptr (LwTable) table = lw_table_new ("lrll");

  lw_app_print (_ ("\nKnobs (--set KEY=VALUE)\n"));
  for (const LwKnob *const *k = lw_options_model (options)->knobs; *k != NULL; k++) {
    lw_table_cell (table, "%s", (*k)->name);
    lw_table_take (table, lw_options_get (options, (*k)->name));
    lw_table_take (table, knob_range (*k));
    lw_table_cell (table, "%s", _ ((*k)->help));
  }
  lw_table_print (table, 2);
}

static bool
show_json (const LwOptions *options, LwGraph *graph, int32_t batch, GError **error)
{
  g_autoptr (LwJson) json = lw_json_new ();

  lw_json_begin_object (json, NULL);
  lw_describe_model (json, lw_options_model (options), options, graph);
  if (!lw_describe_details (json, options, graph, batch, error))
    return false;
  lw_json_end_object (json);
  lw_json_print (json);
  return true;
}

/* --- as a table for other programs ------------------------------------------------------------ */

static void
add_costs (LwTextTable *table, LwCost cost, LwCost total)
{
  lw_text_table_number (table, cost.parameters);
  lw_text_table_share (table, cost.parameters, total.parameters);
  lw_text_table_number (table, cost.macs);
  lw_text_table_share (table, cost.macs, total.macs);
}

/* A block that begins here is a row with its sums, its layers stand below it. */
static void
add_blocks_from (LwTextTable *table, const LwGraph *graph, LwNodeId id, LwCost total)
{
  for (LwBlockId i = LW_ROOT_BLOCK + 1; i < lw_graph_n_blocks (graph); i++) {
    const LwBlock *block = lw_graph_block (graph, i);

    if (block->first != id || block->last < block->first)
      continue;
    lw_text_table_row (table, LW_ROW_BODY, block->depth - 1);
    lw_text_table_text (table, block->title);
    lw_text_table_text (table, NULL);
    lw_text_table_take (table, lw_shape_to_string (lw_graph_node (graph, block->last)->shape));
    lw_text_table_text (table, NULL);
    add_costs (table, lw_block_cost (graph, i), total);
  }
}

static void
show_table (const LwGraph *graph, LwTextForm form)
{
  const LwCost total = lw_graph_cost (graph);
  const char *const heads[] = { _ ("layer"),      _ ("type"),  _ ("output"), _ ("receptive field"),
                                _ ("parameters"), _ ("share"), _ ("MACs"),   _ ("share") };
  g_autofree LwReceptiveField *fields = lw_graph_receptive_fields (graph);
  g_autoptr (LwTextTable) table = lw_text_table_new ("llrrrrrr");
  g_autofree char *text = NULL;

  lw_text_table_row (table, LW_ROW_HEAD, 0);
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    lw_text_table_text (table, heads[i]);
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);

    if (node->op == LW_OP_INPUT)
      continue;
    add_blocks_from (table, graph, id, total);
    lw_text_table_row (table, LW_ROW_BODY, lw_graph_block (graph, node->block)->depth);
    lw_text_table_text (table, node->name);
    lw_text_table_text (table, lw_node_torch_type (graph, id));
    lw_text_table_take (table, lw_shape_to_string (node->shape));
    lw_text_table_number (table, fields[id].size);
    add_costs (table, lw_node_cost (graph, id), total);
  }
  lw_text_table_row (table, LW_ROW_TOTAL, 0);
  lw_text_table_text (table, _ ("total"));
  for (int i = 0; i < 3; i++)
    lw_text_table_text (table, NULL);
  add_costs (table, total, total);
  text = lw_text_table_write (table, form);
  lw_app_print ("%s", text);
}

/* --- a network of an ONNX file ------------------------------------------------------------------
 */

static void
print_onnx_header (const LwOnnxNetwork *network, const char *path)
{
  LwGraph *graph = lw_onnx_graph (network);
  g_autofree char *name = g_filename_display_basename (path);

  lw_app_print ("%s (%s)\n", lw_graph_title (graph), name);
  lw_app_print (_ ("ONNX, opset %d, written by %s\n"), (int)lw_onnx_opset (network),
                lw_onnx_producer (network)[0] != '\0' ? lw_onnx_producer (network) : _ ("unknown"));
  if (lw_onnx_had_softmax (network))
    lw_app_print ("%s\n", _ ("The softmax at its end is left out: Layerwise makes probabilities of "
                             "scores itself."));
  lw_app_print ("\n");
  print_costs (graph);
}

static bool
show_onnx_json (const LwOnnxNetwork *network, const char *path, int32_t batch, GError **error)
{
  LwGraph *graph = lw_onnx_graph (network);
  const LwSettings *settings = lw_onnx_settings (network);
  const LwCost cost = lw_graph_cost (graph);
  g_autofree char *name = g_filename_display_basename (path);
  g_autoptr (LwJson) json = lw_json_new ();

  lw_json_begin_object (json, NULL);
  lw_json_string (json, "name", name);
  lw_json_string (json, "title", lw_graph_title (graph));
  lw_json_string (json, "family", "ONNX");
  lw_json_string (json, "producer", lw_onnx_producer (network));
  lw_json_integer (json, "opset", lw_onnx_opset (network));
  lw_json_boolean (json, "softmax_left_out", lw_onnx_had_softmax (network));
  lw_json_shape (json, "input", lw_graph_input_shape (graph));
  lw_json_integer (json, "classes", lw_graph_classes (graph));
  lw_json_integer (json, "parameters", cost.parameters);
  lw_json_integer (json, "macs", cost.macs);
  if (!lw_describe_details (json, settings != NULL ? settings->options : NULL, graph, batch, error))
    return false;
  lw_json_end_object (json);
  lw_json_print (json);
  return true;
}

static int
show_onnx (const LwArgs *args, const char *path, int32_t batch, GError **error)
{
  static const char *const own[] = { "set", "input", "classes", "names", NULL };
  g_autoptr (LwOnnxNetwork) network = NULL;
  const char *table = lw_args_value (args, "table");
  LwTextForm form = LW_TEXT_MARKDOWN;

  for (int i = 0; own[i] != NULL; i++)
    if (lw_args_flag (args, own[i])) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("an ONNX file holds its whole network; --%s does not go with it"), own[i]);
      return LW_EXIT_USAGE;
    }
  if (table != NULL && !lw_text_form_parse (table, &form, error))
    return LW_EXIT_USAGE;
  network = lw_onnx_open (path, error);
  if (network == NULL)
    return LW_EXIT_FAILED;
  if (lw_args_flag (args, "json"))
    return show_onnx_json (network, path, batch, error) ? LW_EXIT_DONE : LW_EXIT_FAILED;
  if (table != NULL) {
    show_table (lw_onnx_graph (network), form);
    return LW_EXIT_DONE;
  }
  print_onnx_header (network, path);
  print_layers (lw_onnx_graph (network));
  return print_memory (lw_onnx_graph (network), batch, error) ? LW_EXIT_DONE : LW_EXIT_FAILED;
}

static int
run (const LwArgs *args, GError **error)
{
  g_autoptr (LwOptions) options = NULL;
  g_autoptr (LwGraph) graph = NULL;
  const char *table = lw_args_value (args, "table");
  LwTextForm form = LW_TEXT_MARKDOWN;
  int64_t batch = STANDARD_BATCH;

  if (lw_onnx_is_name (lw_args_get (args, 0)))
    return lw_args_integer (args, "batch", 1, 65536, &batch, error)
               ? show_onnx (args, lw_args_get (args, 0), (int32_t)batch, error)
               : LW_EXIT_USAGE;
  options = lw_app_options (args, lw_args_get (args, 0), error);
  if (options == NULL || !lw_args_integer (args, "batch", 1, 65536, &batch, error))
    return LW_EXIT_USAGE;
  if (table != NULL && !lw_text_form_parse (table, &form, error))
    return LW_EXIT_USAGE;
  graph = lw_model_build (options, error);
  if (graph == NULL)
    return LW_EXIT_FAILED;
  if (lw_args_flag (args, "json"))
    return show_json (options, graph, (int32_t)batch, error) ? LW_EXIT_DONE : LW_EXIT_FAILED;
  if (table != NULL) {
    show_table (graph, form);
    return LW_EXIT_DONE;
  }
  print_header (lw_options_model (options), graph);
  print_layers (graph);
  if (!print_memory (graph, (int32_t)batch, error))
    return LW_EXIT_FAILED;
  print_knobs (options);
  return LW_EXIT_DONE;
}

static const LwArgOption options[] = {
  { "set", NULL, "KEY=VALUE", LW_HELP_SET, true },
  { "input", NULL, "CxHxW", LW_HELP_INPUT, false },
  { "classes", NULL, "N", LW_HELP_CLASSES, false },
  { "names", NULL, "NAMING", LW_HELP_NAMES, false },
  { "batch", NULL, "N", N_ ("The batch that the memory is counted for (default 128)."), false },
  { "table", NULL, "FORM", N_ ("Prints the layers alone, as markdown, csv or latex (booktabs)."),
    false },
  { "json", NULL, NULL, N_ ("Prints one JSON object with layers, tensors, knobs and memory."),
    false },
  { NULL, NULL, NULL, NULL, false },
};

const LwCommand lw_command_show = {
  .name = "show",
  .synopsis = "MODEL|FILE.onnx [OPTIONS]",
  .summary = N_ ("Shows a network layer by layer: shapes, parameters, costs, memory, knobs."),
  .description = N_ (
      "Shows every layer with its shapes for one image, its trained parameters, its MACs and its "
      "receptive field (the side of the square of input pixels that one output unit sees). Layer "
      "names are PyTorch's for the book's own code; sums, concatenations and activations that the "
      "code writes as functions are layers too.\n\n"
      "MACs count the multiply-accumulates of convolutions and linear layers, FLOPs are twice "
      "that; \"all operations\" adds bias, normalization, activation and pooling. Memory is what "
      "the plan of one training step or one inference pass takes, before anything is measured.\n\n"
      "A FILE.onnx of any program is shown alike, if its network runs straight forward and has "
      "only operators that Layerwise has; a sentence names the node that is another."),
  .options = options,
  .examples =
      N_ ("show resnet18|The book's ResNet-18.\n"
          "show lenet --set activation=relu --set pooling=max|LeNet with later "
          "habits.\n"
          "show resnet50 --input 3x224x224 --classes 1000 --names torchvision|As torchvision "
          "has it.\n"
          "show densenet --input 3x64x64 --classes 100 --batch 32 --json|For a script.\n"
          "show alexnet --table latex|For a paper.\n"
          "show network.onnx|A network of another program."),
  .least = 1,
  .most = 1,
  .arguments = N_ ("a MODEL or an ONNX file"),
  .run = run,
};
