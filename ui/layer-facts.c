/* The facts of one layer. */
#include "ui/layer-facts.h"

#include "ui/layer-lesson.h"
#include "ui/lesson-facts.h"

#include <glib/gi18n.h>
#include <string.h>

void
lw_layer_facts_free (LwLayerFacts *facts)
{
  if (facts == NULL)
    return;
  g_free (facts->title);
  g_free (facts->pill);
  g_free (facts->path);
  g_free (facts->tensor);
  g_free (facts->formula);
  g_free (facts->paper);
  for (int i = 0; i < 2; i++) {
    g_free (facts->cards[i].title);
    g_free (facts->cards[i].expression);
    g_free (facts->cards[i].result);
    g_free (facts->cards[i].note);
  }
  for (int i = 0; i < facts->n_rows; i++) {
    g_free (facts->rows[i].name);
    g_free (facts->rows[i].value);
  }
  g_free (facts->field_title);
  g_free (facts->field_size);
  g_free (facts->field_text);
  g_free (facts->lesson);
  g_free (facts);
}

void
lw_facts_add_row (LwLayerFacts *facts, const char *name, char *value)
{
  g_return_if_fail (facts->n_rows < LW_FACT_ROWS);
  facts->rows[facts->n_rows].name = g_strdup (name);
  facts->rows[facts->n_rows++].value = value;
}

char *
lw_facts_bind_words (char *text)
{
  GString *bound;

  if (text == NULL)
    return NULL;
  bound = g_string_new (text);
  g_string_replace (bound, " × ", "\u00a0×\u00a0", 0);
  g_string_replace (bound, " %", "\u00a0%", 0);
  g_free (text);
  return g_string_free (bound, FALSE);
}

/* "convolution" → "Convolution" */
static char *
capitalized (const char *words)
{
  g_autofree char *first = g_utf8_substring (words, 0, 1);
  g_autofree char *upper = g_utf8_strup (first, -1);

  return g_strconcat (upper, words + strlen (first), NULL);
}

/* --- formula --------------------------------------------------------------------------------- */

/* Sums name what they run over, as a subscript. */
static const char *
sum_indices (LwOp op)
{
  switch (op) {
  case LW_OP_CONV2D:
    return "c,u,v";
  case LW_OP_LINEAR:
    return "i";
  case LW_OP_AVG_POOL:
    return "u,v";
  case LW_OP_GLOBAL_AVG_POOL:
    return "i,j";
  default:
    return NULL;
  }
}

static char *
formula_markup (const LwGraph *graph, LwNodeId id)
{
  const char *indices = sum_indices (lw_graph_node (graph, id)->op);
  g_autofree char *plain = lw_node_formula (graph, id);
  g_autofree char *escaped = g_markup_escape_text (plain, -1);
  g_autoptr (GString) markup = g_string_new (escaped);

  if (indices != NULL) {
    g_autofree char *sum = g_strdup_printf ("Σ<sub>%s</sub> ", indices);

    g_string_replace (markup, "Σ ", sum, 1);
  }
  return g_string_free (g_steal_pointer (&markup), FALSE);
}

/* --- cards ----------------------------------------------------------------------------------- */

static char *
equals (int64_t value)
{
  g_autofree char *number = lw_format_exact (value);

  return g_strconcat ("= ", number, NULL);
}

/* "128·64·3·3 + 128 = 73,856" → what stands before the last equals sign. */
static char *
before_equals (const char *formula)
{
  const char *sign = formula != NULL ? g_strrstr (formula, " = ") : NULL;

  return sign != NULL ? g_strndup (formula, (gsize)(sign - formula)) : NULL;
}

static void
fill_parameters (LwFactCard *card, const LwGraph *graph, LwNodeId id)
{
  const char *words = NULL;
  g_autofree char *formula = lw_node_parameters_formula (graph, id, &words);
  const LwBlockId dense = lw_facts_block_of_kind (graph, id, LW_BLOCK_DENSE);

  card->title = g_strdup (_ ("Parameters"));
  card->expression = before_equals (formula);
  card->result = equals (lw_node_cost (graph, id).parameters);
  if (formula == NULL)
    card->note = g_strdup (_ ("nothing to learn here"));
  else if (dense >= 0 && lw_facts_adds_channels (graph, id) &&
           lw_node_has_bias (lw_graph_node (graph, id)))
    card->note = g_strdup (_ ("growth rate · input · kernel + bias"));
  else
    card->note = g_strdup (_ (words));
}

/* "2 · 10,616,832 + 18,432", where this is what the rule comes to; else NULL. */
static char *
operations_expression (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwCost cost = lw_node_cost (graph, id);
  const int64_t outputs = lw_shape_size (node->shape), k = node->window.kernel;

  if (cost.macs > 0 && cost.operations == 2 * cost.macs + outputs) {
    g_autofree char *macs = lw_format_exact (cost.macs);
    g_autofree char *bias = lw_format_exact (outputs);

    return g_strdup_printf ("2 · %s + %s", macs, bias);
  }
  if (node->shape.flat)
    return cost.operations == 2 * outputs ? g_strdup_printf ("2 · %d", node->shape.c) : NULL;
  if (cost.operations == 2 * outputs)
    return g_strdup_printf ("2 · %d·%d·%d", node->shape.c, node->shape.h, node->shape.w);
  if (k > 1 && cost.operations == outputs * k * k)
    return g_strdup_printf ("%d·%d·%d · %d·%d", node->shape.c, node->shape.h, node->shape.w, (int)k,
                            (int)k);
  if (cost.operations == outputs)
    return g_strdup_printf ("%d·%d·%d", node->shape.c, node->shape.h, node->shape.w);
  return NULL;
}

void
lw_facts_fill_count_card (LwFactCard *card, LwCost cost, LwCount count)
{
  g_autofree char *macs = lw_format_exact (cost.macs);
  g_autofree char *flops = lw_format_exact (2 * cost.macs);

  switch (count) {
  case LW_COUNT_MACS:
    card->title = g_strdup (_ ("MACs per image"));
    card->result = equals (cost.macs);
    card->note = g_strdup_printf (_ ("FLOPs = 2 × MACs = %s"), flops);
    break;
  case LW_COUNT_FLOPS:
    card->title = g_strdup (_ ("FLOPs per image"));
    card->result = equals (2 * cost.macs);
    card->note = g_strdup_printf (_ ("2 × %s MACs"), macs);
    break;
  case LW_COUNT_OPERATIONS:
    card->title = g_strdup (_ ("Operations per image"));
    card->result = equals (cost.operations);
    card->note = g_strdup_printf (_ ("%s of them in MACs"), flops);
    break;
  }
}

static void
fill_count (LwFactCard *card, const LwGraph *graph, LwNodeId id, LwCount count)
{
  const LwOpInfo *op = lw_op_info (lw_graph_node (graph, id)->op);
  const LwCost cost = lw_node_cost (graph, id);
  g_autofree char *formula = lw_node_macs_formula (graph, id);
  g_autofree char *macs = before_equals (formula);

  lw_facts_fill_count_card (card, cost, count);
  if (count == LW_COUNT_OPERATIONS) {
    card->expression = operations_expression (graph, id);
    g_free (card->note);
    card->note = g_strdup (_ (op->operations_rule));
  } else if (macs == NULL) {
    g_free (card->note);
    card->note = g_strdup (_ ("only convolutions and linear layers count"));
  } else if (count == LW_COUNT_FLOPS) {
    card->expression = g_strdup_printf ("2 · %s", macs);
  } else {
    card->expression = g_steal_pointer (&macs);
  }
}

/* --- rows ------------------------------------------------------------------------------------ */

/* Where the channels come from that a dense block's layer reads: the block's input and the layers
 * before, oldest first, along the chain of concatenations. */
static bool
add_sources (LwLayerFacts *facts, const LwGraph *graph, LwNodeId id)
{
  LwNodeId source = lw_facts_source (graph, id);
  g_autoptr (GString) names = g_string_new (NULL), channels = g_string_new (NULL);
  int n = 0, growth_rate = 0;

  if (lw_facts_block_of_kind (graph, id, LW_BLOCK_DENSE) < 0)
    return false;
  while (source != LW_NO_NODE && lw_graph_node (graph, source)->op == LW_OP_CONCAT &&
         lw_graph_node (graph, source)->n_inputs == 2) {
    const LwNode *join = lw_graph_node (graph, source),
                 *added = lw_graph_node (graph, join->inputs[1]);
    g_autofree char *one = g_strdup_printf (" + %d", added->shape.c);

    if (n < 3) {
      g_autofree char *name = g_strdup_printf (", %s", added->title);

      g_string_prepend (names, name);
    }
    g_string_prepend (channels, one);
    growth_rate = added->shape.c;
    n++;
    source = join->inputs[0];
  }
  if (n == 0 || source == LW_NO_NODE)
    return false;
  {
    const LwNode *first = lw_graph_node (graph, source);
    const char *title =
        first->block > LW_ROOT_BLOCK ? lw_graph_block (graph, first->block)->title : first->title;
    g_autofree char *row = NULL;
    g_autofree char *base = g_strdup_printf ("%d", first->shape.c);

    if (n > 3) {
      row = g_strdup_printf (_ ("of it from %s and %d layers"), title, n);
      lw_facts_add_row (facts, row, g_strdup_printf ("%s + %d · %d", base, n, growth_rate));
    } else {
      row = g_strdup_printf (_ ("of it from %s%s"), title, names->str);
      lw_facts_add_row (facts, row, g_strconcat (base, channels->str, NULL));
    }
  }
  return true;
}

static char *
weight_words (const LwGraph *graph, const LwNode *node)
{
  GString *text = g_string_new (NULL);

  for (int32_t i = 0; i < node->n_tensors; i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, node->tensors[i]);

    if (tensor->role != LW_ROLE_WEIGHT)
      continue;
    for (int32_t k = 0; k < tensor->rank; k++)
      g_string_append_printf (text, "%s%" G_GINT64_FORMAT, k > 0 ? " × " : "", tensor->dims[k]);
  }
  return g_string_free (text, FALSE);
}

static char *
memory_words (int64_t bytes)
{
  g_autofree char *text = lw_format_bytes (bytes);

  return g_strdup_printf (_ ("%s per image"), text);
}

static void
fill_rows (LwLayerFacts *facts, const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwKind kind = lw_op_info (node->op)->kind;
  bool from_several = false;

  if (node->n_inputs > 1) {
    g_autoptr (GString) channels = g_string_new (NULL);

    for (int32_t i = 0; i < node->n_inputs; i++) {
      g_autofree char *shape =
          node->op == LW_OP_CONCAT
              ? g_strdup_printf ("%d", lw_graph_node (graph, node->inputs[i])->shape.c)
              : lw_diagram_shape_words (lw_graph_node (graph, node->inputs[i])->shape);

      g_string_append_printf (channels, "%s%s", i > 0 ? " + " : "", shape);
    }
    lw_facts_add_row (facts, node->op == LW_OP_CONCAT ? _ ("Input channels") : _ ("Inputs"),
                      g_strdup (channels->str));
  } else if (node->n_inputs == 1) {
    lw_facts_add_row (facts, _ ("Input"),
                      lw_diagram_shape_words (lw_facts_input_shape (graph, id)));
  }
  if (node->op == LW_OP_CONV2D)
    from_several = add_sources (facts, graph, id);
  lw_facts_add_row (facts, _ ("Output"), lw_diagram_shape_words (node->shape));
  if (node->op == LW_OP_CONV2D || node->op == LW_OP_MAX_POOL || node->op == LW_OP_AVG_POOL)
    lw_facts_add_row (facts, _ ("Kernel, stride, padding"),
                      g_strdup_printf ("%d × %d, %d, %d", node->window.kernel, node->window.kernel,
                                       node->window.stride, node->window.padding));
  if (node->ceil_mode)
    lw_facts_add_row (facts, _ ("Output side, rounded up"), lw_node_sides_formula (graph, id));
  if ((kind == LW_KIND_CONVOLUTION || kind == LW_KIND_LINEAR) && !from_several)
    lw_facts_add_row (facts, _ ("Weights"), weight_words (graph, node));
  if (node->op == LW_OP_BATCH_NORM) {
    lw_facts_add_row (facts, _ ("Running mean and variance"),
                      g_strdup_printf ("%d + %d", node->shape.c, node->shape.c));
    lw_facts_add_row (facts, _ ("ε, momentum"),
                      g_strdup_printf ("%g, %g", node->epsilon, node->momentum));
  }
  lw_facts_add_row (facts, _ ("Output in memory"),
                    memory_words (lw_node_cost (graph, id).output_bytes));
}

LwLayerFacts *
lw_layer_facts_new (const LwGraph *graph, LwNodeId id, LwCount count)
{
  LwLayerFacts *facts = g_new0 (LwLayerFacts, 1);
  const LwNode *node = lw_graph_node (graph, id);
  const LwOpInfo *op = lw_op_info (node->op);

  facts->title = g_strdup (node->title);
  facts->kind = op->kind;
  facts->pill = capitalized (_ (op->title));
  facts->path = lw_facts_path (graph, node->block);
  facts->tensor = node->n_tensors > 0 ? g_strdup (node->name) : NULL;
  facts->formula = formula_markup (graph, id);
  fill_parameters (&facts->cards[0], graph, id);
  fill_count (&facts->cards[1], graph, id, count);
  fill_rows (facts, graph, id);
  lw_facts_fill_field (facts, graph, id);
  facts->lesson = lw_facts_bind_words (lw_layer_lesson (graph, id, count));
  return facts;
}
