#include "ui/cost-hint.h"

#include "ui/layer-facts.h"
#include "ui/lesson-facts.h"

#include <glib/gi18n.h>

/* A sum of more terms than this is cut short. */
#define MOST_TERMS 8

static int64_t
number_of (LwCost cost, LwCostColumn column, LwCount count)
{
  if (column == LW_COLUMN_PARAMETERS)
    return cost.parameters;
  return column == LW_COLUMN_MEMORY ? cost.output_bytes : lw_cost_value (cost, count);
}

/* "2.1 % of the network's 11,178,378" */
static char *
share_line (const LwGraph *graph, LwCost cost, LwCostColumn column, LwCount count)
{
  const int64_t part = number_of (cost, column, count),
                whole = number_of (lw_graph_cost (graph), column, count);
  g_autofree char *share = lw_facts_share (part, whole);
  g_autofree char *all = lw_format_exact (whole);

  return g_strdup_printf (_ ("%s of the network's %s"), share, all);
}

/* --- groups ---------------------------------------------------------------------------------- */

/* "conv1 36,928 + bn1 128 + … = 74,112" */
static char *
group_sum (LwCostItem *item, LwCostColumn column, LwCount count)
{
  GListModel *children = lw_cost_item_children (item);
  g_autoptr (GString) sum = g_string_new (NULL);
  g_autofree char *total = lw_format_exact (number_of (lw_cost_item_cost (item), column, count));
  int n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (children); i++) {
    g_autoptr (LwCostItem) child = g_list_model_get_item (children, i);
    const int64_t number = number_of (lw_cost_item_cost (child), column, count);
    g_autofree char *exact = lw_format_exact (number);

    if (number == 0)
      continue;
    if (n++ < MOST_TERMS)
      g_string_append_printf (sum, "%s%s\u00a0%s", n > 1 ? " + " : "", lw_cost_item_title (child),
                              exact);
  }
  if (n > MOST_TERMS)
    g_string_append_printf (sum, ngettext (" + %d other", " + %d others", (gulong)(n - MOST_TERMS)),
                            n - MOST_TERMS);
  if (n == 0)
    return g_strdup (total);
  return g_strdup_printf ("%s = %s", sum->str, total);
}

static char *
group_hint (const LwGraph *graph, LwCostItem *item, LwCostColumn column, LwCount count)
{
  g_autofree char *sum = group_sum (item, column, count);
  g_autofree char *share = share_line (graph, lw_cost_item_cost (item), column, count);

  return g_strconcat (sum, "\n", share, NULL);
}

/* --- layers ---------------------------------------------------------------------------------- */

/* "conv 3: 32·96·3·3 + 32 = 27,680" and its rule, from the inspector's card. */
static void
append_card (GString *text, const LwFactCard *card, const char *title)
{
  if (text->len > 0)
    g_string_append_c (text, '\n');
  if (title != NULL)
    g_string_append_printf (text, "%s: ", title);
  if (card->expression != NULL)
    g_string_append_printf (text, "%s ", card->expression);
  if (card->result != NULL)
    g_string_append (text, card->expression != NULL || !g_str_has_prefix (card->result, "= ")
                               ? card->result
                               : card->result + 2);
  if (title == NULL && card->note != NULL && *card->note != '\0')
    g_string_append_printf (text, "\n%s", card->note);
}

/* A merged row says each of its layers and their sum. */
static char *
layer_hint (const LwGraph *graph, LwCostItem *item, LwCostColumn column, LwCount count)
{
  const LwCost cost = lw_cost_item_cost (item);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *share = NULL;
  LwNodeId first, last;

  lw_cost_item_nodes (item, &first, &last);
  for (LwNodeId id = first; id <= last; id++) {
    g_autoptr (LwLayerFacts) facts = NULL;

    if (first != last && number_of (lw_node_cost (graph, id), column, count) == 0)
      continue;
    facts = lw_layer_facts_new (graph, id, count);
    append_card (text, &facts->cards[column == LW_COLUMN_PARAMETERS ? 0 : 1],
                 first != last ? facts->title : NULL);
  }
  if (first != last) {
    g_autofree char *sum = lw_format_exact (number_of (cost, column, count));

    g_string_append_printf (text, _ ("\ntogether %s"), sum);
  }
  share = share_line (graph, cost, column, count);
  g_string_append_printf (text, "\n%s", share);
  return g_strdup (text->str);
}

/* "128·12·12 numbers of 4 bytes = 73,728 bytes for an image" */
static char *
memory_hint (const LwGraph *graph, LwCostItem *item)
{
  const LwNodeId node = lw_cost_item_spot (item).node;
  g_autofree char *bytes = lw_format_exact (lw_cost_item_cost (item).output_bytes);
  g_autofree char *shape = NULL;
  LwNodeId first, last;

  lw_cost_item_nodes (item, &first, &last);
  if (node == LW_NO_NODE || first != last)
    return g_strdup_printf (_ ("%s bytes for an image, outputs of all layers in it"), bytes);
  shape = lw_shape_to_string (lw_graph_node (graph, node)->shape);
  return g_strdup_printf (_ ("%s numbers of 4 bytes = %s bytes for an image"), shape, bytes);
}

static char *
output_hint (const LwGraph *graph, LwCostItem *item)
{
  const LwDiagramSpot spot = lw_cost_item_spot (item);
  const LwNodeId node = spot.block >= 0 ? lw_graph_block (graph, spot.block)->last : spot.node;
  LwShape shape;
  g_autofree char *numbers = NULL;

  if (node == LW_NO_NODE)
    return NULL;
  shape = lw_graph_node (graph, node)->shape;
  numbers = lw_format_exact (lw_shape_size (shape));
  if (shape.flat)
    return g_strdup_printf (_ ("%s numbers"), numbers);
  return g_strdup_printf (_ ("%d channels of %d × %d: %s numbers"), shape.c, shape.h, shape.w,
                          numbers);
}

static char *
window_hint (const LwGraph *graph, LwNodeId node)
{
  g_autofree char *words = NULL;
  LwWindow window;

  if (node == LW_NO_NODE)
    return NULL;
  window = lw_graph_node (graph, node)->window;
  if (window.kernel == 0)
    return NULL;
  words = g_strdup_printf (_ ("kernel %d × %d, stride %d, padding %d"), window.kernel,
                           window.kernel, window.stride, window.padding);
  if (lw_graph_node (graph, node)->ceil_mode)
    return g_strdup_printf ("%s, %s", words, _ ("rounded up"));
  return g_steal_pointer (&words);
}

static char *
field_hint (const LwGraph *graph, LwCostItem *item)
{
  const LwDiagramSpot spot = lw_cost_item_spot (item);
  const LwNodeId node = spot.block >= 0 ? lw_graph_block (graph, spot.block)->last : spot.node;
  g_autoptr (LwLayerFacts) facts = NULL;

  if (node == LW_NO_NODE)
    return NULL;
  facts = lw_layer_facts_new (graph, node, LW_COUNT_MACS);
  return g_strconcat (facts->field_size, "\n", facts->field_text, NULL);
}

/* The whole path and the tensors' name, which the row may cut. */
static char *
layer_name (const LwGraph *graph, LwCostItem *item)
{
  const LwDiagramSpot spot = lw_cost_item_spot (item);
  g_autofree char *path = NULL;

  if (spot.block >= 0)
    return lw_facts_path (graph, spot.block);
  if (spot.node == LW_NO_NODE)
    return NULL;
  path = lw_facts_path (graph, lw_graph_node (graph, spot.node)->block);
  return g_strdup_printf ("%s%s%s (%s)", path, *path != '\0' ? " › " : "",
                          lw_cost_item_title (item), lw_graph_node (graph, spot.node)->name);
}

char *
lw_cost_hint (const LwGraph *graph, LwCostItem *item, LwCostColumn column, LwCount count)
{
  switch (column) {
  case LW_COLUMN_LAYER:
    return layer_name (graph, item);
  case LW_COLUMN_OUTPUT:
    return output_hint (graph, item);
  case LW_COLUMN_WINDOW:
    return window_hint (graph, lw_cost_item_spot (item).node);
  case LW_COLUMN_FIELD:
    return field_hint (graph, item);
  case LW_COLUMN_MEMORY:
    return memory_hint (graph, item);
  case LW_COLUMN_PARAMETERS:
  case LW_COLUMN_VALUE:
    return lw_cost_item_is_group (item) ? group_hint (graph, item, column, count)
                                        : layer_hint (graph, item, column, count);
  case LW_N_COLUMNS:
    break;
  }
  return NULL;
}
