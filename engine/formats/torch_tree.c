#include "engine/formats/torch_tree.h"

#include "engine/error.h"
#include "engine/i18n.h"

#include <stdlib.h>
#include <string.h>

#define CHILD(module, i) ((LwTorchModule *)(module)->children->pdata[i])

void
lw_torch_tree_free (LwTorchModule *root)
{
  if (root == NULL)
    return;
  if (root->children != NULL)
    g_ptr_array_unref (root->children);
  g_clear_pointer (&root->values, g_array_unref);
  g_free (root->name);
  g_free (root);
}

bool
lw_torch_is_number (const char *name)
{
  return *name != '\0' && strlen (name) < 9 && name[strspn (name, "0123456789")] == '\0';
}

bool
lw_torch_is_function (LwOp op)
{
  switch (op) {
  case LW_OP_RELU:
  case LW_OP_SIGMOID:
  case LW_OP_TANH:
  case LW_OP_FLATTEN:
  case LW_OP_ADD:
  case LW_OP_CONCAT:
    return true;
  default:
    return false;
  }
}

/* --- from names to a tree ----------------------------------------------------------------------
 */

static LwTorchModule *
new_module (const char *name, LwTorchModule *parent)
{
  LwTorchModule *module = g_new0 (LwTorchModule, 1);

  module->name = g_strdup (name);
  module->parent = parent;
  module->node = module->input = module->output = LW_NO_NODE;
  module->block = -1;
  module->depth = parent != NULL ? parent->depth + 1 : 0;
  if (parent != NULL)
    g_ptr_array_add (parent->children, module);
  return module;
}

static GPtrArray *
no_children (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)lw_torch_tree_free);
}

static LwTorchModule *
find_child (const LwTorchModule *module, const char *name)
{
  for (guint i = 0; i < module->children->len; i++)
    if (strcmp (CHILD (module, i)->name, name) == 0)
      return CHILD (module, i);
  return NULL;
}

/* False: a layer of this name has modules in it. */
static bool
add_layer (LwTorchModule *root, const char *name, LwNodeId id)
{
  g_auto (GStrv) parts = g_strsplit (name, ".", -1);
  LwTorchModule *module = root;

  for (int i = 0; parts[i] != NULL; i++) {
    LwTorchModule *child = find_child (module, parts[i]);

    if (child != NULL && (child->node != LW_NO_NODE || parts[i + 1] == NULL))
      return false;
    if (child == NULL)
      child = new_module (parts[i], module);
    if (parts[i + 1] == NULL)
      child->node = id;
    else if (child->children == NULL)
      child->children = no_children ();
    module = child;
  }
  return true;
}

static void
set_blocks (const LwGraph *graph, LwTorchModule *root)
{
  for (LwBlockId id = 1; id < lw_graph_n_blocks (graph); id++) {
    g_auto (GStrv) parts = g_strsplit (lw_graph_block (graph, id)->path, ".", -1);
    LwTorchModule *module = root;

    for (int i = 0; parts[i] != NULL && module != NULL; i++)
      module = module->children != NULL ? find_child (module, parts[i]) : NULL;
    if (module != NULL && module->block < 0)
      module->block = id;
  }
}

/* What stands first among numbered layers under a name of its own ("classifier.flatten") is a
 * function of the module around them: a sequence has numbers only. */
static void
hoist (const LwGraph *graph, LwTorchModule *module)
{
  LwTorchModule *first;

  for (guint i = 0; module->children != NULL && i < module->children->len; i++)
    hoist (graph, CHILD (module, i));
  if (module->children == NULL || module->parent == NULL || module->children->len < 2)
    return;
  first = CHILD (module, 0);
  if (first->node == LW_NO_NODE || lw_torch_is_number (first->name) ||
      !lw_torch_is_number (CHILD (module, 1)->name) ||
      lw_graph_node (graph, first->node)->n_tensors > 0)
    return;
  g_ptr_array_steal_index (module->children, 0);
  first->parent = module->parent;
  first->depth--;
  for (guint i = 0; i < module->parent->children->len; i++)
    if (CHILD (module->parent, i) == module) {
      g_ptr_array_insert (module->parent->children, (int)i, first);
      return;
    }
}

/* --- values ------------------------------------------------------------------------------------
 */

static bool
holds (const LwTorchModule *module, const LwTorchModule *layer)
{
  for (; layer != NULL; layer = layer->parent)
    if (layer == module)
      return true;
  return false;
}

/* Sets the value that it reads and the one that it gives, where there is one each. */
static void
find_values (const LwGraph *graph, LwTorchModule *module, const LwTorchModule *leaf,
             LwTorchModule *const *layers, int *n_inputs, int *n_outputs)
{
  const LwNode *node;
  const LwNodeId *readers;
  bool read_outside;
  int32_t n;

  for (guint i = 0; leaf->children != NULL && i < leaf->children->len; i++)
    find_values (graph, module, CHILD (leaf, i), layers, n_inputs, n_outputs);
  if (leaf->node == LW_NO_NODE)
    return;
  node = lw_graph_node (graph, leaf->node);
  for (int32_t i = 0; i < node->n_inputs; i++) {
    const LwNodeId input = node->inputs[i];

    if (input == module->input || (layers[input] != NULL && holds (module, layers[input])))
      continue;
    if (++*n_inputs == 1)
      module->input = input;
  }
  readers = lw_graph_readers (graph, leaf->node, &n);
  read_outside = leaf->node == lw_graph_output (graph);
  for (int32_t i = 0; i < n; i++)
    read_outside = read_outside || !holds (module, layers[readers[i]]);
  if (read_outside && ++*n_outputs == 1)
    module->output = leaf->node;
}

static bool
is_sequence (const LwGraph *graph, const LwTorchModule *module)
{
  LwNodeId value = module->input;
  int before = -1;

  for (guint i = 0; i < module->children->len; i++) {
    const LwTorchModule *child = CHILD (module, i);
    const LwOp op =
        child->node != LW_NO_NODE ? lw_graph_node (graph, child->node)->op : LW_OP_INPUT;

    if (!lw_torch_is_number (child->name) || atoi (child->name) <= before ||
        child->input != value || child->output == LW_NO_NODE || op == LW_OP_ADD ||
        op == LW_OP_CONCAT)
      return false;
    before = atoi (child->name);
    value = child->output;
  }
  return true;
}

/* Whether its children, or a list's, can be called one by one. */
static bool
is_callable (const LwTorchModule *module, bool numbered)
{
  for (guint i = 0; i < module->children->len; i++) {
    const LwTorchModule *child = CHILD (module, i);

    if (lw_torch_is_number (child->name) != numbered ||
        (child->form != LW_TORCH_LIST && child->output == LW_NO_NODE))
      return false;
  }
  return true;
}

/* Python's keywords, what the written file imports, and what nn.Module has itself. */
static const char *const taken_names[] = { "and",
                                           "as",
                                           "assert",
                                           "async",
                                           "await",
                                           "break",
                                           "class",
                                           "continue",
                                           "def",
                                           "del",
                                           "elif",
                                           "else",
                                           "except",
                                           "False",
                                           "finally",
                                           "for",
                                           "from",
                                           "global",
                                           "if",
                                           "import",
                                           "in",
                                           "is",
                                           "lambda",
                                           "None",
                                           "nonlocal",
                                           "not",
                                           "or",
                                           "pass",
                                           "raise",
                                           "return",
                                           "True",
                                           "try",
                                           "while",
                                           "with",
                                           "yield",
                                           "F",
                                           "nn",
                                           "torch",
                                           "self",
                                           "apply",
                                           "bfloat16",
                                           "buffers",
                                           "children",
                                           "compile",
                                           "cpu",
                                           "cuda",
                                           "double",
                                           "eval",
                                           "extra_repr",
                                           "float",
                                           "forward",
                                           "half",
                                           "modules",
                                           "named_buffers",
                                           "named_children",
                                           "named_modules",
                                           "named_parameters",
                                           "parameters",
                                           "register_buffer",
                                           "register_module",
                                           "register_parameter",
                                           "requires_grad_",
                                           "share_memory",
                                           "state_dict",
                                           "to",
                                           "to_empty",
                                           "train",
                                           "training",
                                           "type",
                                           "xpu",
                                           "zero_grad",
                                           NULL };

bool
lw_torch_is_identifier (const char *name)
{
  if (!g_ascii_isalpha (*name))
    return false;
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && *c != '_')
      return false;
  return !g_strv_contains (taken_names, name);
}

static bool
choose_form (const LwGraph *graph, LwTorchModule *module, LwTorchModule *const *layers,
             GError **error)
{
  int n_inputs = 0, n_outputs = 0;
  bool named = lw_torch_is_number (module->name) || module->parent == NULL ||
               lw_torch_is_identifier (module->name);

  for (guint i = 0; module->children != NULL && i < module->children->len; i++)
    if (!choose_form (graph, CHILD (module, i), layers, error))
      return false;
  if (module->node != LW_NO_NODE) {
    const LwNode *node = lw_graph_node (graph, module->node);

    named = named || lw_torch_is_function (node->op);
    module->input = node->inputs[0];
    module->output = module->node;
  } else {
    find_values (graph, module, module, layers, &n_inputs, &n_outputs);
    if (n_inputs != 1 || n_outputs != 1)
      module->input = module->output = LW_NO_NODE;
    module->form = module->output == LW_NO_NODE  ? LW_TORCH_LIST
                   : is_sequence (graph, module) ? LW_TORCH_SEQUENCE
                                                 : LW_TORCH_CLASS;
    named = named && (module->form == LW_TORCH_SEQUENCE ||
                      is_callable (module, module->form == LW_TORCH_LIST));
  }
  if (!named)
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("%s cannot be written as a PyTorch module: its part \"%s\" has a name or ways "
                    "that none can have"),
                 lw_graph_title (graph), module->parent != NULL ? module->name : "forward");
  return named;
}

static void
index_layers (LwTorchModule *module, LwTorchModule **layers)
{
  if (module->node != LW_NO_NODE)
    layers[module->node] = module;
  for (guint i = 0; module->children != NULL && i < module->children->len; i++)
    index_layers (CHILD (module, i), layers);
}

LwTorchModule *
lw_torch_tree_new (const LwGraph *graph, GError **error)
{
  const int32_t n = lw_graph_n_nodes (graph);
  g_autoptr (LwTorchModule) root = new_module ("", NULL);
  g_autofree LwTorchModule **layers = g_new0 (LwTorchModule *, n);

  root->children = no_children ();
  root->block = LW_ROOT_BLOCK;
  for (LwNodeId id = 0; id < n; id++) {
    const LwNode *node = lw_graph_node (graph, id);

    if (node->op == LW_OP_INPUT || add_layer (root, node->name, id))
      continue;
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("%s cannot be written as a PyTorch module: its part \"%s\" has a name or ways "
                    "that none can have"),
                 lw_graph_title (graph), node->name);
    return NULL;
  }
  set_blocks (graph, root);
  hoist (graph, root);
  index_layers (root, layers);
  return choose_form (graph, root, layers, error) ? g_steal_pointer (&root) : NULL;
}

int32_t
lw_torch_first_tensor (const LwGraph *graph, const LwTorchModule *module)
{
  int32_t first = G_MAXINT32;

  if (module->node != LW_NO_NODE && lw_graph_node (graph, module->node)->n_tensors > 0)
    return lw_graph_node (graph, module->node)->tensors[0];
  for (guint i = 0; module->children != NULL && i < module->children->len; i++)
    first = MIN (first, lw_torch_first_tensor (graph, CHILD (module, i)));
  return first;
}
