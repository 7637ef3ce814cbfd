/* Sums for people, with this layer's numbers put in. */
#include "engine/analysis.h"
#include "engine/i18n.h"

#include <string.h>

char *
lw_node_parameters_formula (const LwGraph *graph, LwNodeId id, const char **ret_words)
{
  const LwNode *node = lw_graph_node (graph, id);
  const char *words = NULL;
  char *formula = NULL;
  g_autofree char *total = lw_format_exact (lw_node_cost (graph, id).parameters);
  if (node->op == LW_OP_CONV2D && !lw_node_has_bias (node)) {
    int32_t k = node->window.kernel;
    words = N_ ("output · input · kernel, without bias");
    formula = g_strdup_printf ("%d·%d·%d·%d = %s", node->shape.c,
                               lw_graph_node (graph, node->inputs[0])->shape.c, k, k, total);
  } else if (node->op == LW_OP_CONV2D) {
    int32_t k = node->window.kernel;
    words = N_ ("output · input · kernel + bias");
    formula = g_strdup_printf ("%d·%d·%d·%d + %d = %s", node->shape.c,
                               lw_graph_node (graph, node->inputs[0])->shape.c, k, k, node->shape.c,
                               total);
  } else if (node->op == LW_OP_LINEAR) {
    words = N_ ("outputs · inputs + bias");
    formula =
        g_strdup_printf ("%d·%d + %d = %s", node->shape.c,
                         lw_graph_node (graph, node->inputs[0])->shape.c, node->shape.c, total);
  } else if (node->op == LW_OP_BATCH_NORM) {
    words = N_ ("scale γ + shift β, one a channel");
    formula = g_strdup_printf ("%d + %d = %s", node->shape.c, node->shape.c, total);
  }
  if (ret_words != NULL)
    *ret_words = words;
  return formula;
}

char *
lw_node_macs_formula (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  g_autofree char *total = lw_format_exact (lw_node_cost (graph, id).macs);
  if (node->op == LW_OP_CONV2D) {
    int32_t k = node->window.kernel;
    return g_strdup_printf ("%d·%d·%d · %d·%d·%d = %s", node->shape.c, node->shape.h, node->shape.w,
                            lw_graph_node (graph, node->inputs[0])->shape.c, k, k, total);
  }
  if (node->op == LW_OP_LINEAR)
    return g_strdup_printf ("%d · %d = %s", node->shape.c,
                            lw_graph_node (graph, node->inputs[0])->shape.c, total);
  return NULL;
}

static void
put_in (GString *text, const char *symbol, const char *format, int32_t value)
{
  g_autofree char *number = g_strdup_printf (format, value);
  g_string_replace (text, symbol, number, 0);
}

/* "⌈(112 + 2·1 − 3)/2⌉ + 1 = 57"; a last window that would begin in the padding is taken away. */
static void
append_side (GString *text, const LwNode *node, int32_t n, int32_t side)
{
  const LwWindow window = node->window;
  const int64_t rest = (int64_t)n + 2 * window.padding - window.kernel;

  g_string_append_printf (text, "⌈(%d", n);
  if (window.padding > 0)
    g_string_append_printf (text, " + 2·%d", window.padding);
  g_string_append_printf (text, " − %d)/%d⌉ + 1", window.kernel, window.stride);
  if ((rest + window.stride - 1) / window.stride + 1 > side)
    g_string_append (text, " − 1");
  g_string_append_printf (text, " = %d", side);
}

char *
lw_node_sides_formula (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  g_autoptr (GString) text = g_string_new (NULL);
  LwShape x;

  if (!node->ceil_mode)
    return NULL;
  x = lw_graph_node (graph, node->inputs[0])->shape;
  append_side (text, node, x.h, node->shape.h);
  if (x.w != x.h) {
    g_string_append (text, ", ");
    append_side (text, node, x.w, node->shape.w);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
lw_node_formula (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  g_autoptr (GString) text = g_string_new (_ (lw_op_info (node->op)->formula));
  switch (node->op) {
  case LW_OP_MAX_POOL:
  case LW_OP_AVG_POOL:
    put_in (text, "< k", "< %d", node->window.kernel);
    if (node->ceil_mode)
      g_string_replace (text, "1/k²", "1/n", 0);
    if (node->op == LW_OP_AVG_POOL && node->ceil_mode)
      g_string_append (text, _ ("; n: the window's cells on the padded map"));
    put_in (text, "1/k²", "1/%d", node->window.kernel * node->window.kernel);
    G_GNUC_FALLTHROUGH;
  case LW_OP_CONV2D:
    if (node->op == LW_OP_CONV2D && !lw_node_has_bias (node))
      g_string_replace (text, "b[o] + ", "", 0);
    /* A stride of 1 and a padding of 0 need not be said. */
    put_in (text, "s·", node->window.stride == 1 ? "" : "%d", node->window.stride);
    put_in (text, "−p", node->window.padding == 0 ? "" : "−%d", node->window.padding);
    break;
  case LW_OP_DROPOUT: {
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd (number, sizeof number, "%g", (double)node->dropout);
    g_string_truncate (text, 0);
    g_string_append_printf (
        text,
        _ ("training: y = x · m / (1 − %s), m = 0 with probability %s, else 1; afterwards: y = x"),
        number, number);
    break;
  }
  case LW_OP_GLOBAL_AVG_POOL: {
    LwShape x = lw_graph_node (graph, node->inputs[0])->shape;
    g_autofree char *area = g_strdup_printf ("%d·%d", x.h, x.w);
    g_string_replace (text, "h·w", area, 0);
    break;
  }
  case LW_OP_FLATTEN: {
    LwShape x = lw_graph_node (graph, node->inputs[0])->shape;
    put_in (text, "c·h", "c·%d", x.h);
    put_in (text, ")·w", ")·%d", x.w);
    break;
  }
  case LW_OP_BATCH_NORM:
    if (node->shape.flat)
      g_string_replace (text, "[c]", "", 0);
    break;
  default:
    break;
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
