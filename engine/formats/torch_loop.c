/* A dense block: each of its layers reads all before it, and a concat puts what it gives beside
 * that. Layers that differ by the same number from one to the next are a loop. */
#include "engine/formats/torch_write.h"

#include <string.h>

#define CHILD(module, i) ((LwTorchModule *)(module)->children->pdata[i])

/* The layers, where the block is nothing but these and their concats. NULL: it is something else.
 */
static GPtrArray *
find_layers (const LwGraph *graph, const LwTorchModule *module, const LwTorchModule *list)
{
  g_autoptr (GPtrArray) layers = g_ptr_array_new ();
  LwNodeId value = module->input;
  guint n = 0;

  for (guint i = 0; i < module->children->len; i++) {
    LwTorchModule *child = CHILD (module, i);
    const LwNode *node = child->node != LW_NO_NODE ? lw_graph_node (graph, child->node) : NULL;

    if (child == list)
      continue;
    if (node == NULL || node->op != LW_OP_CONCAT) {
      if (list == NULL)
        g_ptr_array_add (layers, child);
      continue;
    }
    if (list != NULL && n < list->children->len)
      g_ptr_array_add (layers, CHILD (list, n));
    if (n >= layers->len || node->n_inputs != 2 || node->inputs[0] != value ||
        ((LwTorchModule *)layers->pdata[n])->input != value ||
        ((LwTorchModule *)layers->pdata[n])->output != node->inputs[1])
      return NULL;
    value = child->node;
    n++;
  }
  if (n < 2 || n != layers->len || value != module->output ||
      (list != NULL && list->children->len != n))
    return NULL;
  return g_steal_pointer (&layers);
}

/* "denselayer" of denselayer1, denselayer2, …; NULL: not called so. g_free. */
static char *
common_name (const GPtrArray *layers)
{
  const char *first = ((LwTorchModule *)layers->pdata[0])->name;
  g_autofree char *prefix = g_strndup (first, strcspn (first, "0123456789"));

  for (guint i = 0; i < layers->len; i++) {
    g_autofree char *name = g_strdup_printf ("%s%u", prefix, i + 1);

    if (strcmp (name, ((LwTorchModule *)layers->pdata[i])->name) != 0)
      return NULL;
  }
  return g_steal_pointer (&prefix);
}

/* The texts of all layers, where they differ in numbers alone; NULL else. Elements are
 * LwTorchWriter. */
static void
clear_writer (gpointer data)
{
  LwTorchWriter *writer = data;

  g_string_free (writer->text, TRUE);
  g_array_unref (writer->numbers);
}

static GArray *
write_layers (const LwTorchWriter *writer, const GPtrArray *layers, int indent)
{
  g_autoptr (GArray) all = g_array_new (FALSE, TRUE, sizeof (LwTorchWriter));

  g_array_set_clear_func (all, clear_writer);
  for (guint i = 0; i < layers->len; i++) {
    LwTorchWriter one = { .graph = writer->graph,
                          .text = g_string_new (NULL),
                          .numbers = g_array_new (FALSE, FALSE, sizeof (LwTorchNumber)) };

    lw_torch_constructor (&one, layers->pdata[i], indent);
    g_array_append_val (all, one);
    if (!g_string_equal (one.text, g_array_index (all, LwTorchWriter, 0).text))
      return NULL;
  }
  return g_steal_pointer (&all);
}

static LwTorchNumber
number_of (const GArray *all, guint layer, guint place)
{
  return g_array_index (g_array_index (all, LwTorchWriter, layer).numbers, LwTorchNumber, place);
}

/* False: a number goes neither evenly up nor stays, or is none of channels. */
static bool
is_even (const GArray *all)
{
  const guint n = g_array_index (all, LwTorchWriter, 0).numbers->len;

  for (guint place = 0; place < n; place++) {
    const LwTorchNumber first = number_of (all, 0, place);
    const int64_t step = number_of (all, 1, place).value - first.value;

    if (step != 0 && first.role != LW_TORCH_IN && first.role != LW_TORCH_OUT &&
        first.role != LW_TORCH_ARGUMENT)
      return false;
    for (guint i = 2; i < all->len; i++)
      if (number_of (all, i, place).value - number_of (all, i - 1, place).value != step)
        return false;
  }
  return true;
}

/* The first layer's text; a number that grows becomes "64 + i * 32". */
static void
add_layer_text (LwTorchWriter *writer, const GArray *all)
{
  const char *at = g_array_index (all, LwTorchWriter, 0).text->str;
  guint place = 0;

  for (; *at != '\0'; at++) {
    LwTorchNumber first, second;

    if (*at == LW_TORCH_OPTION) { /* its number is that of the place behind it */
      g_string_append_printf (writer->text, "%c%u", LW_TORCH_OPTION, writer->numbers->len);
      at = strchr (at, ':') - 1;
      continue;
    }
    if (*at != LW_TORCH_PLACE) {
      g_string_append_c (writer->text, *at);
      continue;
    }
    first = number_of (all, 0, place);
    second = number_of (all, 1, place++);
    lw_torch_number (writer, first.value, first.role, first.name);
    if (second.value != first.value) {
      g_string_append (writer->text, " + i * ");
      lw_torch_number (writer, second.value - first.value, LW_TORCH_STEP, first.name);
    }
    at = strchr (at, ';');
  }
}

bool
lw_torch_loop (LwTorchWriter *writer, const LwTorchModule *module)
{
  GString *text = writer->text;
  const LwTorchModule *list = NULL;
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (GArray) all = NULL;
  g_autofree char *name = NULL;

  for (guint i = 0; i < module->children->len; i++)
    if (CHILD (module, i)->form == LW_TORCH_LIST)
      list = CHILD (module, i);
  layers = find_layers (writer->graph, module, list);
  name = layers != NULL && list == NULL ? common_name (layers) : NULL;
  all = layers != NULL && (list != NULL || name != NULL) ? write_layers (writer, layers, 12) : NULL;
  if (all == NULL || !is_even (all))
    return false;
  if (list != NULL) {
    g_string_append_printf (text, "        self.%s = nn.ModuleList(\n            ", list->name);
    add_layer_text (writer, all);
    g_string_append (text, "\n            for i in range(");
    lw_torch_number (writer, layers->len, LW_TORCH_COUNT, list->name);
    g_string_append (text, ")\n        )\n");
  } else {
    g_string_append (text, "        for i in range(");
    lw_torch_number (writer, layers->len, LW_TORCH_COUNT, name);
    g_string_append_printf (text, "):\n            self.add_module(f\"%s{i + 1}\", ", name);
    add_layer_text (writer, all);
    g_string_append (text, ")\n");
  }
  g_string_append (text, "\n    def forward(self, x):\n");
  g_string_append_printf (text, "        for layer in self.%s:\n",
                          list != NULL ? list->name : "children()");
  g_string_append (text, "            x = torch.cat([x, layer(x)], dim=1)\n        return x\n");
  return true;
}
