#include "engine/formats/torch_write.h"

#include "engine/formats/torch_class.h"
#include "engine/number.h"
#include "engine/op.h"

#include <stdlib.h>
#include <string.h>

#define CHILD(module, i) ((LwTorchModule *)(module)->children->pdata[i])

void
lw_torch_number (LwTorchWriter *writer, int64_t value, LwTorchRole role, const char *name)
{
  const LwTorchNumber number = { value, role, name };

  g_string_append_printf (writer->text, "%c%u;", LW_TORCH_PLACE, writer->numbers->len);
  g_array_append_val (writer->numbers, number);
}

/* ", stride=2", left out where it is PyTorch's default. */
static void
add_option (LwTorchWriter *writer, const char *key, int64_t value, int64_t standard,
            LwTorchRole role, const char *name)
{
  g_string_append_printf (writer->text, "%c%u:%d;, %s=", LW_TORCH_OPTION, writer->numbers->len,
                          (int)standard, key);
  lw_torch_number (writer, value, role, name);
  g_string_append_c (writer->text, LW_TORCH_OPTION_END);
}

static void
add_real (GString *text, const char *before, double value)
{
  char buffer[LW_NUMBER_SIZE];

  g_string_append_printf (text, "%s%s", before, lw_number_format (value, buffer));
}

static void
write_window_layer (LwTorchWriter *writer, const char *type, const LwNode *node, const char *name)
{
  g_string_append_printf (writer->text, "nn.%s(", type);
  lw_torch_number (writer, node->window.kernel, LW_TORCH_KERNEL, name);
  g_string_append (writer->text, ", stride=");
  lw_torch_number (writer, node->window.stride, LW_TORCH_STRIDE, name);
  add_option (writer, "padding", node->window.padding, 0, LW_TORCH_PADDING, name);
  if (node->ceil_mode)
    g_string_append (writer->text, ", ceil_mode=True");
}

static void
write_conv (LwTorchWriter *writer, const LwNode *node, const char *name)
{
  g_string_append (writer->text, "nn.Conv2d(");
  lw_torch_number (writer, lw_graph_node (writer->graph, node->inputs[0])->shape.c, LW_TORCH_IN,
                   name);
  g_string_append (writer->text, ", ");
  lw_torch_number (writer, node->shape.c, LW_TORCH_OUT, name);
  g_string_append (writer->text, ", ");
  lw_torch_number (writer, node->window.kernel, LW_TORCH_KERNEL, name);
  add_option (writer, "stride", node->window.stride, 1, LW_TORCH_STRIDE, name);
  add_option (writer, "padding", node->window.padding, 0, LW_TORCH_PADDING, name);
  if (!lw_node_has_bias (node))
    g_string_append (writer->text, ", bias=False");
}

static void
write_linear (LwTorchWriter *writer, const LwNode *node, const char *name)
{
  g_string_append (writer->text, "nn.Linear(");
  lw_torch_number (writer, lw_shape_size (lw_graph_node (writer->graph, node->inputs[0])->shape),
                   LW_TORCH_IN, name);
  g_string_append (writer->text, ", ");
  lw_torch_number (writer, node->shape.c, LW_TORCH_OUT, name);
}

static void
write_batch_norm (LwTorchWriter *writer, const LwNode *node, const char *type, const char *name)
{
  g_string_append_printf (writer->text, "nn.%s(", type);
  lw_torch_number (writer, node->shape.c, LW_TORCH_IN, name);
  if (node->epsilon != 1e-5)
    add_real (writer->text, ", eps=", node->epsilon);
  if (node->momentum != 0.1)
    add_real (writer->text, ", momentum=", node->momentum);
}

static void
write_layer (LwTorchWriter *writer, const LwTorchModule *module)
{
  const LwNode *node = lw_graph_node (writer->graph, module->node);
  const char *type = lw_node_torch_type (writer->graph, module->node);

  switch (node->op) {
  case LW_OP_CONV2D:
    write_conv (writer, node, module->name);
    break;
  case LW_OP_LINEAR:
    write_linear (writer, node, module->name);
    break;
  case LW_OP_BATCH_NORM:
    write_batch_norm (writer, node, type, module->name);
    break;
  case LW_OP_MAX_POOL:
  case LW_OP_AVG_POOL:
    write_window_layer (writer, type, node, module->name);
    break;
  case LW_OP_GLOBAL_AVG_POOL:
    g_string_append (writer->text, "nn.AdaptiveAvgPool2d(1");
    break;
  case LW_OP_DROPOUT:
    add_real (writer->text, "nn.Dropout(", (double)node->dropout);
    break;
  default:
    g_string_append_printf (writer->text, "nn.%s(", type);
    break;
  }
  g_string_append_c (writer->text, ')');
}

/* What a class is called with: the numbers of this module in which its class's blocks differ. */
static void
write_call (LwTorchWriter *writer, const LwTorchModule *module)
{
  const LwTorchClass *klass = module->klass;

  g_string_append_printf (writer->text, "%s(", klass->name);
  for (guint i = 0; i < klass->argument_order->len; i++) {
    const guint place = g_array_index (klass->argument_order, guint, i);

    g_string_append (writer->text, i > 0 ? ", " : "");
    lw_torch_number (writer, g_array_index (module->values, LwTorchNumber, place).value,
                     LW_TORCH_ARGUMENT, klass->arguments[place]);
  }
  g_string_append_c (writer->text, ')');
}

static void
add_indent (GString *text, int indent)
{
  g_string_append_printf (text, "%*s", indent, "");
}

/* "  # 64×28×28" where the shape is not that of before. */
static void
add_shape (LwTorchWriter *writer, const LwTorchModule *module)
{
  const LwShape shape = lw_graph_node (writer->graph, module->output)->shape;
  g_autofree char *text = lw_shape_to_string (shape);

  if (writer->shapes &&
      !lw_shape_equal (shape, lw_graph_node (writer->graph, module->input)->shape))
    g_string_append_printf (writer->text, "  # %s", text);
}

/* A line for each child. Numbers that a variant leaves out are places that nothing stands in. */
static void
write_children (LwTorchWriter *writer, const LwTorchModule *module, int indent)
{
  int next = 0;

  for (guint i = 0; i < module->children->len; i++, next++) {
    const LwTorchModule *child = CHILD (module, i);

    for (; next < atoi (child->name); next++) {
      add_indent (writer->text, indent);
      g_string_append (writer->text, "nn.Identity(),\n");
    }
    add_indent (writer->text, indent);
    lw_torch_constructor (writer, child, indent);
    g_string_append_c (writer->text, ',');
    if (child->form != LW_TORCH_SEQUENCE && child->output != LW_NO_NODE)
      add_shape (writer, child);
    g_string_append_c (writer->text, '\n');
  }
}

/* "  # Stage 2", where a block stands for the whole of a sequence. */
static void
add_title (LwTorchWriter *writer, const LwTorchModule *module)
{
  const LwBlock *block = module->block > 0 ? lw_graph_block (writer->graph, module->block) : NULL;

  if (writer->shapes && block != NULL && block->last == module->output)
    g_string_append_printf (writer->text, "  # %s", block->title);
}

void
lw_torch_constructor (LwTorchWriter *writer, const LwTorchModule *module, int indent)
{
  if (module->form == LW_TORCH_LAYER) {
    write_layer (writer, module);
  } else if (module->form == LW_TORCH_CLASS) {
    write_call (writer, module);
  } else {
    g_string_append (writer->text,
                     module->form == LW_TORCH_LIST ? "nn.ModuleList([" : "nn.Sequential(");
    add_title (writer, module);
    g_string_append_c (writer->text, '\n');
    write_children (writer, module, indent + 4);
    add_indent (writer->text, indent);
    g_string_append (writer->text, module->form == LW_TORCH_LIST ? "])" : ")");
  }
}

/* --- methods -----------------------------------------------------------------------------------
 */

static bool
is_function (const LwTorchWriter *writer, const LwTorchModule *module)
{
  return module->form == LW_TORCH_LAYER &&
         lw_torch_is_function (lw_graph_node (writer->graph, module->node)->op);
}

/* In the order in which the state_dict has them; what has no tensors stays where it is called. */
static GPtrArray *
registered (const LwTorchWriter *writer, const LwTorchModule *module)
{
  GPtrArray *sorted = g_ptr_array_new ();
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (int32_t));
  int32_t last = -1;

  for (guint i = 0; i < module->children->len; i++) {
    LwTorchModule *child = CHILD (module, i);
    const int32_t first = lw_torch_first_tensor (writer->graph, child);
    const int32_t place = first == G_MAXINT32 ? last : first;
    guint at = sorted->len;

    if (is_function (writer, child))
      continue;
    while (at > 0 && g_array_index (places, int32_t, at - 1) > place)
      at--;
    g_ptr_array_insert (sorted, (int)at, child);
    g_array_insert_val (places, at, place);
    last = place;
  }
  return sorted;
}

void
lw_torch_methods (LwTorchWriter *writer, const LwTorchModule *module)
{
  GString *text = writer->text;
  g_autoptr (GPtrArray) children = NULL;

  g_string_append_printf (text, "    def __init__(self%c):\n", LW_TORCH_PARAMETERS);
  if (module->form == LW_TORCH_SEQUENCE) {
    g_string_append (text, "        super().__init__(\n");
    write_children (writer, module, 12);
    g_string_append (text, "        )\n");
    return;
  }
  g_string_append (text, "        super().__init__()\n");
  if (lw_torch_loop (writer, module))
    return;
  children = registered (writer, module);
  for (guint i = 0; i < children->len; i++) {
    const LwTorchModule *child = children->pdata[i];

    g_string_append_printf (text, "        self.%s = ", child->name);
    lw_torch_constructor (writer, child, 8);
    g_string_append_c (text, '\n');
  }
  g_string_append (text, "\n    def forward(self, x):\n");
  lw_torch_forward (writer, module);
}
