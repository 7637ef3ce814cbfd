/* What differs between whole networks. */
#include "engine/compare_private.h"

#include "engine/change.h"
#include "engine/i18n.h"

/* Of the last convolution, whose outputs still have a place in the image. */
static int64_t
last_field (const LwGraph *graph)
{
  for (LwNodeId i = lw_graph_n_nodes (graph) - 1; i >= 0; i--)
    if (lw_graph_node (graph, i)->op == LW_OP_CONV2D)
      return lw_node_receptive_field (graph, i).size;
  return 1;
}

static int64_t
quantity_of (const LwGraph *graph, int which)
{
  const LwCost cost = lw_graph_cost (graph);
  switch (which) {
  case 0:
    return cost.parameters;
  case 1:
    return cost.macs;
  case 2:
    return 2 * cost.macs;
  case 3:
    return lw_graph_depth (graph);
  case 4:
    return (int64_t)sizeof (float) * cost.parameters;
  case 5:
    return cost.output_bytes - lw_node_cost (graph, 0).output_bytes;
  default:
    return last_field (graph);
  }
}

static const LwCompareQuantity kinds[] = {
  { "parameters",
    N_ ("Parameters"),
    N_ ("Numbers that training changes."),
    LW_UNIT_OF_COUNT,
    { 0 } },
  { "macs",
    N_ ("MACs"),
    N_ ("Multiply-accumulates of convolutions and linear layers for one image."),
    LW_UNIT_OF_COUNT,
    { 0 } },
  { "flops",
    N_ ("FLOPs"),
    N_ ("Floating-point operations of the same layers: 2 × MACs."),
    LW_UNIT_OF_COUNT,
    { 0 } },
  { "weighted_layers",
    N_ ("Weighted layers"),
    N_ ("Convolutions and linear layers on the longest path: the network's depth."),
    LW_UNIT_OF_LAYERS,
    { 0 } },
  { "weight_bytes",
    N_ ("Weights in memory"),
    N_ ("The parameters as float32, 4 bytes each."),
    LW_UNIT_OF_BYTES,
    { 0 } },
  { "activation_bytes",
    N_ ("Activations, 1 image"),
    N_ ("All layers' outputs for one image as float32, before the plan lets them share memory."),
    LW_UNIT_OF_BYTES,
    { 0 } },
  { "receptive_field",
    N_ ("Receptive field"),
    N_ ("The side of the square of input pixels that one output of the last convolution sees; "
        "larger than the image where it sees all of it."),
    LW_UNIT_OF_PIXELS,
    { 0 } },
};

void
lw_compare_add_quantities (LwComparison *comparison)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    LwCompareQuantity quantity = kinds[i];
    if (comparison->translate != NULL) {
      quantity.title = comparison->translate (quantity.title);
      quantity.help = comparison->translate (quantity.help);
    }
    for (int k = 0; k < comparison->n; k++)
      quantity.values[k] = quantity_of (comparison->graphs[k], (int)i);
    g_array_append_val (comparison->quantities, quantity);
  }
}

const LwCompareQuantity *
lw_comparison_quantities (const LwComparison *comparison, int *ret_n)
{
  *ret_n = (int)comparison->quantities->len;
  return (const LwCompareQuantity *)(const void *)comparison->quantities->data;
}

void
lw_compare_parameters_by_kind (const LwGraph *graph, int64_t *ret)
{
  for (int i = 0; i < LW_N_KINDS; i++)
    ret[i] = 0;
  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++)
    ret[lw_op_info (lw_graph_node (graph, i)->op)->kind] += lw_node_cost (graph, i).parameters;
}

/* --- in words -------------------------------------------------------------------------------- */

char *
lw_compare_value_text (const LwCompareQuantity *quantity, int64_t value)
{
  switch (quantity->measure) {
  case LW_UNIT_OF_COUNT:
    return lw_format_short ((double)value);
  case LW_UNIT_OF_BYTES: {
    const double mib = (double)value / (1024 * 1024);
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    if (mib < 1)
      return lw_format_bytes (value);
    g_ascii_formatd (digits, sizeof digits, mib >= 100 ? "%.0f" : "%.1f", mib);
    return g_strconcat (digits, " MiB", NULL);
  }
  case LW_UNIT_OF_PIXELS:
    return g_strdup_printf ("%" G_GINT64_FORMAT " px", value);
  default:
    return g_strdup_printf ("%" G_GINT64_FORMAT, value);
  }
}

char *
lw_compare_change_text (const LwCompareQuantity *quantity, int64_t from, int64_t to)
{
  const bool adds =
      quantity->measure == LW_UNIT_OF_LAYERS || quantity->measure == LW_UNIT_OF_PIXELS;
  if (from == to)
    return g_strdup ("=");
  if (adds || from <= 0 || to <= 0) {
    g_autofree char *by = lw_format_exact (ABS (to - from));
    return g_strdup_printf ("%s %s", to > from ? "+" : "−", by);
  }
  return lw_change_factor (from, to);
}
