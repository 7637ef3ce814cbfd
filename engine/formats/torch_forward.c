/* forward: what a class does with its input. Layers are called within one another until a line is
 * full or a value is read twice; a variable is taken again when nobody reads what it held. */
#include "engine/formats/torch_write.h"

#include <string.h>

#define CHILD(module, i) ((LwTorchModule *)(module)->children->pdata[i])
#define FULL_LINE        60
#define MOST_VARIABLES   64

typedef struct {
  char *text;         /* what a value is called or computed by; NULL: not yet known, or used up */
  uint64_t variables; /* those in the text */
  int readers;        /* still to come */
  bool joined;        /* a concat reads it */
} Value;

typedef struct {
  const LwGraph *graph;
  GString *text;
  Value *values;    /* [nodes] */
  GPtrArray *names; /* of variables: bit i of a value's variables */
} Forward;

static void
count_readers (Forward *f, const LwTorchModule *module)
{
  for (guint i = 0; i < module->children->len; i++) {
    const LwTorchModule *child = CHILD (module, i);

    if (child->form == LW_TORCH_LIST) {
      count_readers (f, child);
      continue;
    }
    if (child->form != LW_TORCH_LAYER) {
      f->values[child->input].readers++;
      continue;
    }
    for (int32_t k = 0; k < lw_graph_node (f->graph, child->node)->n_inputs; k++) {
      const LwNode *node = lw_graph_node (f->graph, child->node);

      f->values[node->inputs[k]].readers++;
      f->values[node->inputs[k]].joined |= node->op == LW_OP_CONCAT;
    }
  }
}

/* Appends what a value is, which then is read once less. */
static void
read_value (Forward *f, LwNodeId id, GString *call, uint64_t *variables)
{
  Value *value = &f->values[id];

  g_string_append (call, value->text);
  *variables |= value->variables;
  value->readers--;
}

static char *
call_layer (Forward *f, const LwTorchModule *module, const char *self, uint64_t *variables)
{
  const LwNode *node = lw_graph_node (f->graph, module->node);
  GString *call = g_string_new (node->op == LW_OP_RELU      ? "F.relu("
                                : node->op == LW_OP_SIGMOID ? "torch.sigmoid("
                                : node->op == LW_OP_TANH    ? "torch.tanh("
                                : node->op == LW_OP_FLATTEN ? "torch.flatten("
                                : node->op == LW_OP_CONCAT  ? "torch.cat(["
                                                            : "");

  if (!lw_torch_is_function (node->op))
    g_string_append_printf (call, "%s(", self);
  for (int32_t i = 0; i < node->n_inputs; i++) {
    if (i > 0)
      g_string_append (call, node->op == LW_OP_ADD ? " + " : ", ");
    read_value (f, node->inputs[i], call, variables);
  }
  g_string_append (call, node->op == LW_OP_FLATTEN  ? ", 1)"
                         : node->op == LW_OP_CONCAT ? "], dim=1)"
                         : node->op == LW_OP_ADD    ? ""
                                                    : ")");
  return g_string_free (call, FALSE);
}

static bool
is_held (const Forward *f, guint variable)
{
  for (LwNodeId id = 0; id < lw_graph_n_nodes (f->graph); id++)
    if (f->values[id].readers > 0 && f->values[id].text != NULL &&
        (f->values[id].variables >> variable & 1) != 0)
      return true;
  return false;
}

static guint
variable_called (Forward *f, const char *name)
{
  for (guint i = 0; i < f->names->len; i++)
    if (strcmp (f->names->pdata[i], name) == 0)
      return i;
  g_ptr_array_add (f->names, g_strdup (name));
  return f->names->len - 1;
}

/* A variable that nobody will read what it holds: the path's own in a block of paths ("p2" of
 * "p2_1"), the one that was just read, or a new one. */
static guint
choose_variable (Forward *f, const LwTorchModule *module, uint64_t read)
{
  static const char *const fresh[] = { "y", "z", "u", "v", "w" };
  const char *underscore = strchr (module->name, '_');
  g_autofree char *path =
      underscore != NULL ? g_strndup (module->name, (gsize)(underscore - module->name)) : NULL;

  if (path != NULL && lw_torch_is_identifier (path)) {
    const guint own = variable_called (f, path);

    if (own < MOST_VARIABLES && !is_held (f, own))
      return own;
  }
  for (guint i = 0; i < f->names->len; i++)
    if (i < MOST_VARIABLES && (read >> i & 1) != 0 && !is_held (f, i))
      return i;
  for (guint i = 0; i < G_N_ELEMENTS (fresh); i++) {
    const guint variable = variable_called (f, fresh[i]);

    if (variable < MOST_VARIABLES && !is_held (f, variable))
      return variable;
  }
  /* One of its own, which is not taken again. */
  for (guint number = 2;; number++) {
    const guint before = f->names->len;
    g_autofree char *name = g_strdup_printf ("y%u", number);
    const guint variable = variable_called (f, name);

    if (variable == before)
      return variable;
  }
}

static bool
ends_line (const Forward *f, const LwTorchModule *module, const char *call)
{
  const Value *value = &f->values[module->output];
  const LwOp op =
      module->form == LW_TORCH_LAYER ? lw_graph_node (f->graph, module->node)->op : LW_OP_INPUT;

  return value->readers > 1 || value->joined || op == LW_OP_RELU || op == LW_OP_SIGMOID ||
         op == LW_OP_TANH || op == LW_OP_CONCAT || module->form != LW_TORCH_LAYER ||
         strlen (call) > FULL_LINE;
}

static void
add_call (Forward *f, const LwTorchModule *module, const char *self, LwNodeId result)
{
  uint64_t variables = 0;
  Value *value = &f->values[module->output];
  GString *call;
  guint variable;

  if (module->form == LW_TORCH_LAYER) {
    value->text = call_layer (f, module, self, &variables);
  } else {
    call = g_string_new (self);
    g_string_append_c (call, '(');
    read_value (f, module->input, call, &variables);
    g_string_append_c (call, ')');
    value->text = g_string_free (call, FALSE);
  }
  value->variables = variables;
  if (module->output == result) {
    g_string_append_printf (f->text, "        return %s\n", value->text);
    return;
  }
  if (!ends_line (f, module, value->text))
    return;
  /* Its own text does not hold the variables that it reads: it is being written. */
  value->variables = 0;
  variable = choose_variable (f, module, variables);
  g_string_append_printf (f->text, "        %s = %s\n", (char *)f->names->pdata[variable],
                          value->text);
  g_free (value->text);
  value->text = g_strdup (f->names->pdata[variable]);
  value->variables = variable < MOST_VARIABLES ? (uint64_t)1 << variable : 0;
}

static void
add_calls (Forward *f, const LwTorchModule *module, LwNodeId result)
{
  /* In the order of execution, which a list's layers share with what stands around them. */
  for (LwNodeId id = 0; id < lw_graph_n_nodes (f->graph); id++)
    for (guint i = 0; i < module->children->len; i++) {
      const LwTorchModule *child = CHILD (module, i);

      for (guint k = 0; child->form == LW_TORCH_LIST && k < child->children->len; k++) {
        g_autofree char *self = g_strdup_printf ("self.%s[%u]", child->name, k);

        if (CHILD (child, k)->output == id)
          add_call (f, CHILD (child, k), self, result);
      }
      if (child->form != LW_TORCH_LIST && child->output == id) {
        g_autofree char *self = g_strconcat ("self.", child->name, NULL);

        add_call (f, child, self, result);
      }
    }
}

void
lw_torch_forward (LwTorchWriter *writer, const LwTorchModule *module)
{
  const int32_t n = lw_graph_n_nodes (writer->graph);
  g_autofree Value *values = g_new0 (Value, n);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  Forward f = { .graph = writer->graph, .text = writer->text, .values = values, .names = names };

  g_ptr_array_add (names, g_strdup ("x"));
  count_readers (&f, module);
  values[module->input].text = g_strdup ("x");
  values[module->input].variables = 1;
  add_calls (&f, module, module->output);
  for (int32_t i = 0; i < n; i++)
    g_free (values[i].text);
}
