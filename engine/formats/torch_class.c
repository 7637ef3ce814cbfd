#include "engine/formats/torch_class.h"

#include <stdlib.h>
#include <string.h>

#define CHILD(module, i) ((LwTorchModule *)(module)->children->pdata[i])

static void
class_free (gpointer data)
{
  LwTorchClass *klass = data;

  for (guint i = 0; klass->arguments != NULL && i < klass->argument_order->len; i++)
    g_free (klass->arguments[g_array_index (klass->argument_order, guint, i)]);
  g_free (klass->arguments);
  g_array_unref (klass->argument_order);
  g_ptr_array_unref (klass->modules);
  g_free (klass->name);
  g_free (klass->text);
  g_free (klass);
}

/* --- names -------------------------------------------------------------------------------------
 */

static bool has_sum (const LwGraph *graph, const LwTorchModule *module, bool of_input);

/* "Dense block 1" → "DenseBlock", "Inception 3b" → "Inception"; a residual block whose shortcut is
 * a convolution: "ProjectedResidual". g_free. */
static char *
class_name (const LwGraph *graph, const LwTorchModule *module)
{
  const char *title =
      module->block > 0 ? lw_graph_block (graph, module->block)->title : module->name;
  g_auto (GStrv) words = g_strsplit_set (title, " _-", -1);
  const bool projects = module->block > 0 &&
                        lw_graph_block (graph, module->block)->kind == LW_BLOCK_RESIDUAL &&
                        has_sum (graph, module, false) && !has_sum (graph, module, true);
  GString *name = g_string_new (projects ? "Projected" : NULL);

  for (int i = 0; words[i] != NULL; i++) {
    const gsize length = strspn (words[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    if (length > 0 && words[i][length] == '\0') {
      g_string_append_c (name, g_ascii_toupper (words[i][0]));
      g_string_append (name, words[i] + 1);
    }
  }
  if (name->len == 0)
    g_string_append (name, "Block");
  return g_string_free (name, FALSE);
}

/* "Residual", where that is taken "Residual2". */
static char *
free_name (const GPtrArray *classes, const char *root_name, const char *name)
{
  char *candidate = g_strdup (name);
  bool taken = true;

  for (int number = 2; taken; number++) {
    taken = strcmp (candidate, root_name) == 0;
    for (guint i = 0; i < classes->len && !taken; i++)
      taken = strcmp (((LwTorchClass *)classes->pdata[i])->name, candidate) == 0;
    if (taken) {
      g_free (candidate);
      candidate = g_strdup_printf ("%s%d", name, number);
    }
  }
  return candidate;
}

/* --- arguments ---------------------------------------------------------------------------------
 */

static LwTorchNumber
number_at (const LwTorchClass *klass, guint module, guint place)
{
  const LwTorchModule *m = klass->modules->pdata[module];

  return g_array_index (m->values, LwTorchNumber, place);
}

static bool
same_everywhere (const LwTorchClass *klass, guint a, guint b)
{
  for (guint i = 0; i < klass->modules->len; i++)
    if (number_at (klass, i, a).value != number_at (klass, i, b).value)
      return false;
  return true;
}

static bool
is_constant (const LwTorchClass *klass, guint place)
{
  for (guint i = 1; i < klass->modules->len; i++)
    if (number_at (klass, i, place).value != number_at (klass, 0, place).value)
      return false;
  return true;
}

static guint
n_places (const LwTorchClass *klass)
{
  return ((LwTorchModule *)klass->modules->pdata[0])->values->len;
}

/* Whether one of the places that hold this argument is of a kind. */
static bool
has_role (const LwTorchClass *klass, guint first, LwTorchRole role, const char **ret_name)
{
  for (guint place = first; place < n_places (klass); place++)
    if (number_at (klass, 0, place).role == role && same_everywhere (klass, first, place)) {
      *ret_name = number_at (klass, 0, place).name;
      return true;
    }
  return false;
}

/* How many arguments count what layers give. */
static int
n_widths (const LwTorchClass *klass)
{
  const char *name;
  int n = 0;

  for (guint i = 0; i < klass->argument_order->len; i++)
    n += has_role (klass, g_array_index (klass->argument_order, guint, i), LW_TORCH_OUT, &name);
  return n;
}

static const char *
argument_name (const LwTorchClass *klass, guint first, int widths, int *width)
{
  const char *name = NULL;

  if (has_role (klass, first, LW_TORCH_STRIDE, &name))
    return "stride";
  if (has_role (klass, first, LW_TORCH_COUNT, &name))
    return "layers";
  if (has_role (klass, first, LW_TORCH_STEP, &name))
    return "growth";
  if (has_role (klass, first, LW_TORCH_OUT, &name)) {
    ++*width;
    if (widths == 1)
      return "channels";
    if (klass->kind == LW_BLOCK_RESIDUAL && widths == 2)
      return *width == 1 ? "channels" : "outputs";
    return lw_torch_is_number (name) ? "channels" : name;
  }
  if (has_role (klass, first, LW_TORCH_ARGUMENT, &name))
    return name;
  if (has_role (klass, first, LW_TORCH_IN, &name))
    return "inputs";
  return has_role (klass, first, LW_TORCH_KERNEL, &name) ? "kernel" : "padding";
}

static char *
free_argument (const LwTorchClass *klass, const char *name)
{
  char *candidate = g_strdup (name);
  bool taken = true;

  for (int number = 2; taken; number++) {
    taken = false;
    for (guint i = 0; i < klass->argument_order->len; i++) {
      const char *other = klass->arguments[g_array_index (klass->argument_order, guint, i)];

      taken = taken || g_strcmp0 (other, candidate) == 0;
    }
    if (taken) {
      g_free (candidate);
      candidate = g_strdup_printf ("%s%d", name, number);
    }
  }
  return candidate;
}

/* The numbers in which the blocks differ; those that are the same in each block are one argument.
 */
static void
find_arguments (LwTorchClass *klass)
{
  const guint n = n_places (klass);
  int widths, width = 0;

  klass->arguments = g_new0 (char *, n + 1);
  for (guint place = 0; place < n; place++) {
    bool known = is_constant (klass, place);

    for (guint i = 0; i < klass->argument_order->len && !known; i++)
      known = same_everywhere (klass, g_array_index (klass->argument_order, guint, i), place);
    if (!known)
      g_array_append_val (klass->argument_order, place);
  }
  widths = n_widths (klass);
  for (guint i = 0; i < klass->argument_order->len; i++) {
    const guint first = g_array_index (klass->argument_order, guint, i);

    klass->arguments[first] = free_argument (klass, argument_name (klass, first, widths, &width));
  }
  for (guint place = 0; place < n; place++)
    for (guint i = 0; i < klass->argument_order->len && !is_constant (klass, place); i++) {
      const guint first = g_array_index (klass->argument_order, guint, i);

      if (same_everywhere (klass, first, place))
        klass->arguments[place] = klass->arguments[first];
    }
}

/* --- classes -----------------------------------------------------------------------------------
 */

/* Whether there is a sum, or one that reads what comes into the block, not what a layer made of it.
 */
static bool
has_sum (const LwGraph *graph, const LwTorchModule *module, bool of_input)
{
  for (guint i = 0; i < module->children->len; i++) {
    const LwTorchModule *child = CHILD (module, i);
    const LwNode *node = child->node != LW_NO_NODE ? lw_graph_node (graph, child->node) : NULL;

    for (int32_t k = 0; node != NULL && node->op == LW_OP_ADD && k < node->n_inputs; k++)
      if (!of_input || node->inputs[k] == module->input)
        return true;
  }
  return false;
}

static LwTorchClass *
find_class (const GPtrArray *classes, const char *text, const char *base)
{
  for (guint i = 0; i < classes->len; i++) {
    LwTorchClass *klass = classes->pdata[i];

    if (strcmp (klass->text, text) == 0 && g_str_has_prefix (klass->name, base))
      return klass;
  }
  return NULL;
}

static void
classify (const LwGraph *graph, LwTorchModule *module, GPtrArray *classes, const char *root_name)
{
  LwTorchWriter writer = { .graph = graph,
                           .text = g_string_new (NULL),
                           .numbers = g_array_new (FALSE, FALSE, sizeof (LwTorchNumber)) };
  g_autofree char *text = NULL, *base = class_name (graph, module);
  LwTorchClass *klass;

  lw_torch_methods (&writer, module);
  text = g_string_free (writer.text, FALSE);
  module->values = writer.numbers;
  klass = find_class (classes, text, base);
  if (klass == NULL) {
    klass = g_new0 (LwTorchClass, 1);
    klass->name = free_name (classes, root_name, base);
    klass->text = g_steal_pointer (&text);
    klass->kind = module->block > 0 ? lw_graph_block (graph, module->block)->kind : LW_BLOCK_PLAIN;
    klass->joins = has_sum (graph, module, true);
    klass->modules = g_ptr_array_new ();
    klass->argument_order = g_array_new (FALSE, FALSE, sizeof (guint));
    g_ptr_array_add (classes, klass);
  }
  g_ptr_array_add (klass->modules, module);
  module->klass = klass;
}

static void
classify_at (const LwGraph *graph, LwTorchModule *module, int depth, GPtrArray *classes,
             const char *root_name)
{
  for (guint i = 0; module->children != NULL && i < module->children->len; i++)
    classify_at (graph, CHILD (module, i), depth, classes, root_name);
  if (module->depth == depth && module->form == LW_TORCH_CLASS)
    classify (graph, module, classes, root_name);
}

static int
deepest (const LwTorchModule *module)
{
  int depth = module->depth;

  for (guint i = 0; module->children != NULL && i < module->children->len; i++)
    depth = MAX (depth, deepest (CHILD (module, i)));
  return depth;
}

GPtrArray *
lw_torch_classes (const LwGraph *graph, LwTorchModule *root, const char *root_name)
{
  GPtrArray *classes = g_ptr_array_new_with_free_func (class_free);

  /* A class is written when those that it uses are known. */
  for (int depth = deepest (root); depth > 0; depth--) {
    const guint before = classes->len;

    classify_at (graph, root, depth, classes, root_name);
    for (guint i = before; i < classes->len; i++)
      find_arguments (classes->pdata[i]);
  }
  return classes;
}

/* --- text --------------------------------------------------------------------------------------
 */

static void
fill_place (GString *python, guint place, const GArray *numbers, const LwTorchClass *klass)
{
  if (klass != NULL && klass->arguments[place] != NULL)
    g_string_append (python, klass->arguments[place]);
  else
    g_string_append_printf (python, "%" G_GINT64_FORMAT,
                            g_array_index (numbers, LwTorchNumber, place).value);
}

static void
fill_parameters (GString *python, const LwTorchClass *klass)
{
  for (guint i = 0; klass != NULL && i < klass->argument_order->len; i++)
    g_string_append_printf (python, ", %s",
                            klass->arguments[g_array_index (klass->argument_order, guint, i)]);
}

void
lw_torch_fill (GString *python, const char *text, const GArray *numbers, const LwTorchClass *klass)
{
  for (const char *at = text; *at != '\0'; at++)
    if (*at == LW_TORCH_PLACE) {
      fill_place (python, (guint)atoi (at + 1), numbers, klass);
      at = strchr (at, ';');
    } else if (*at == LW_TORCH_OPTION) {
      const guint place = (guint)atoi (at + 1);
      const char *standard = strchr (at, ':') + 1;

      if ((klass == NULL || klass->arguments[place] == NULL) &&
          g_array_index (numbers, LwTorchNumber, place).value == atoi (standard))
        at = strchr (at, LW_TORCH_OPTION_END);
      else
        at = strchr (at, ';');
    } else if (*at == LW_TORCH_PARAMETERS) {
      fill_parameters (python, klass);
    } else if (*at != LW_TORCH_OPTION_END) {
      g_string_append_c (python, *at);
    }
}

static const char *
purpose (const LwTorchClass *klass)
{
  switch (klass->kind) {
  case LW_BLOCK_INCEPTION:
    return "Paths of windows of several sizes, side by side.";
  case LW_BLOCK_RESIDUAL:
    if (klass->joins)
      return "Adds its input to what its layers make of it.";
    return strstr (klass->text, " + ") != NULL
               ? "Adds its input, brought to the new shape, to what its layers make of it."
               : "Layers in a row, without a shortcut.";
  case LW_BLOCK_DENSE:
    return "Each layer reads what came in and what all layers before it gave.";
  case LW_BLOCK_TRANSITION:
    return "Fewer channels and a smaller map.";
  case LW_BLOCK_PLAIN:
    break;
  }
  return NULL;
}

void
lw_torch_class_append (GString *python, const LwTorchClass *klass)
{
  const LwTorchModule *first = klass->modules->pdata[0];

  g_string_append_printf (python, "class %s(nn.Module):\n", klass->name);
  if (purpose (klass) != NULL)
    g_string_append_printf (python, "    \"\"\"%s\"\"\"\n\n", purpose (klass));
  lw_torch_fill (python, klass->text, first->values, klass);
}
