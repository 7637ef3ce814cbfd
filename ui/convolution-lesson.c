/* What there is to learn at a convolution, the most particular situation first. */
#include "ui/layer-lesson.h"
#include "ui/lesson-facts.h"

#include <glib/gi18n.h>

/* A layer with this share of all MACs is worth a word. */
#define MANY_MACS 0.20

static bool
is_convolution (const LwGraph *graph, LwNodeId id)
{
  return id != LW_NO_NODE && lw_graph_node (graph, id)->op == LW_OP_CONV2D;
}

/* A 1×1 layer that saves work for the larger window behind it (Szegedy et al., "Going Deeper with
 * Convolutions", section 3: reductions). */
static char *
reduction (const LwGraph *graph, LwNodeId small, LwNodeId large, bool at_small, LwCount count)
{
  const LwNode *a = lw_graph_node (graph, small), *b = lw_graph_node (graph, large);
  const int from = lw_facts_input_shape (graph, small).c, to = a->shape.c;
  const int64_t small_macs = lw_node_cost (graph, small).macs,
                large_macs = lw_node_cost (graph, large).macs;
  g_autofree char *without = lw_facts_cost_number (large_macs / to * from, count);
  g_autofree char *with_large = lw_facts_cost_number (large_macs, count);
  g_autofree char *with_small = lw_facts_cost_number (small_macs, count);

  if (at_small)
    return g_strdup_printf (
        _ ("This 1×1 layer cuts %d channels to %d before the %d×%d window of %s. Without it, %s "
           "would cost %s %s instead of %s + %s."),
        from, to, b->window.kernel, b->window.kernel, b->title, b->title, without,
        lw_facts_cost_unit (count), with_large, with_small);
  return g_strdup_printf (_ ("The 1×1 layer before it cuts %d channels to %d. Without it, this "
                             "layer would cost %s %s instead of %s + %s."),
                          from, to, without, lw_facts_cost_unit (count), with_large, with_small);
}

static bool
reduces (const LwGraph *graph, LwNodeId small, LwNodeId large)
{
  int64_t from, to;

  if (!is_convolution (graph, small) || !is_convolution (graph, large))
    return false;
  from = lw_facts_input_shape (graph, small).c;
  to = lw_graph_node (graph, small)->shape.c;
  if (lw_node_cost (graph, large).macs * (from - to) < lw_node_cost (graph, small).macs * to)
    return false; /* it costs more than it saves */
  return lw_graph_node (graph, small)->window.kernel == 1 &&
         lw_graph_node (graph, large)->window.kernel > 1 &&
         lw_graph_node (graph, small)->block == lw_graph_node (graph, large)->block && to < from;
}

/* Whether all layers of this name in other blocks cost the same as `id`, and there are some. */
static bool
costs_the_same_everywhere (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const int64_t macs = lw_node_cost (graph, id).macs;
  int others = 0;

  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++) {
    const LwNode *other = lw_graph_node (graph, i);

    if (i == id || other->op != LW_OP_CONV2D || !g_str_equal (other->title, node->title))
      continue;
    if (lw_node_cost (graph, i).macs != macs)
      return false;
    others++;
  }
  return others > 0;
}

static char *
halving (const LwGraph *graph, LwNodeId id, LwCount count)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwShape input = lw_facts_input_shape (graph, id);
  const LwNodeId next = lw_facts_next (graph, id);

  if (node->shape.c == 2 * input.c && is_convolution (graph, next) &&
      costs_the_same_everywhere (graph, next)) {
    g_autofree char *cost = lw_facts_cost_number (lw_node_cost (graph, next).macs, count);

    return g_strdup_printf (_ ("Stride %d halves height and width while the channels double. That "
                               "is why %s costs the same %s %s in every stage."),
                            node->window.stride, lw_graph_node (graph, next)->title, cost,
                            lw_facts_cost_unit (count));
  }
  return g_strdup_printf (_ ("Stride %d: the window moves by %d pixels, so the map shrinks from "
                             "%d × %d to %d × %d and every later layer has fewer positions to "
                             "work on."),
                          node->window.stride, node->window.stride, input.h, input.w, node->shape.h,
                          node->shape.w);
}

static char *
first_layer (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwShape input = lw_facts_input_shape (graph, id);
  const int k = node->window.kernel;
  g_autofree char *parameters = lw_format_exact (lw_node_cost (graph, id).parameters);
  g_autofree char *dense =
      lw_format_short ((double)lw_shape_size (input) * (double)lw_shape_size (node->shape));

  if (node->window.stride > 1)
    return g_strdup_printf (_ ("The first layer looks through a wide %d×%d window and moves it by "
                               "%d pixels, so the map shrinks from %d × %d to %d × %d at once; "
                               "with so few input channels a wide window is still cheap."),
                            k, k, node->window.stride, input.h, input.w, node->shape.h,
                            node->shape.w);
  return g_strdup_printf (_ ("The same %s parameters serve all %d × %d positions. A linear layer "
                             "between the same two shapes would need %s weights."),
                          parameters, node->shape.h, node->shape.w, dense);
}

static char *
one_by_one (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwNodeId next = lw_facts_next (graph, id);
  const int channels = lw_facts_input_shape (graph, id).c;

  if (node->shape.c == lw_graph_classes (graph) && next != LW_NO_NODE &&
      lw_graph_node (graph, next)->op == LW_OP_GLOBAL_AVG_POOL)
    return g_strdup_printf (_ ("One map for each of the %d classes: the mean of a map will be the "
                               "score of its class, so no linear layer is needed."),
                            node->shape.c);
  return g_strdup_printf (_ ("A 1×1 layer sees one pixel at a time: it mixes the %d channels there "
                             "like a small linear layer, with the same weights at all %d × %d "
                             "pixels."),
                          channels, node->shape.h, node->shape.w);
}

static char *
growing (const LwGraph *graph, LwNodeId id, LwBlockId dense)
{
  const int n = lw_facts_count_op (graph, dense, LW_OP_CONCAT);

  if (n < 2 || !lw_facts_adds_channels (graph, id) ||
      is_convolution (graph, lw_facts_source (graph, id)))
    return NULL;
  if (lw_facts_transition_follows (graph, dense))
    return g_strdup_printf (_ ("Each layer adds only %d channels but reads all before it, so the "
                               "%d cost more and more, until the transition halves the channels."),
                            lw_graph_node (graph, id)->shape.c, n);
  return g_strdup_printf (_ ("Each layer adds only %d channels but reads all before it, so each of "
                             "the %d costs more than the one before."),
                          lw_graph_node (graph, id)->shape.c, n);
}

static char *
shortcut (const LwGraph *graph, LwNodeId id)
{
  g_autofree char *from = lw_diagram_shape_words (lw_facts_input_shape (graph, id));
  g_autofree char *to = lw_diagram_shape_words (lw_graph_node (graph, id)->shape);

  return g_strdup_printf (_ ("A sum needs equal shapes, but this block turns %s into %s. The 1×1 "
                             "layer brings the shortcut to the same shape, and does nothing else."),
                          from, to);
}

static char *
two_in_a_row (const LwGraph *graph, LwNodeId id, LwNodeId before)
{
  const int a = lw_graph_node (graph, before)->window.kernel,
            b = lw_graph_node (graph, id)->window.kernel;
  const int seen = a + b - 1;

  return g_strdup_printf (_ ("Together with %s it sees %d × %d pixels, with %d weights for each "
                             "pair of channels instead of the %d of one %d×%d window, and with one "
                             "activation more."),
                          lw_graph_node (graph, before)->title, seen, seen, a * a + b * b,
                          seen * seen, seen, seen);
}

static char *
learns_the_rest (void)
{
  return g_strdup (_ ("Its result is added to the block's input: the block need only learn what is "
                      "to change, and where nothing should, weights near zero are enough."));
}

static char *
plain (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const int channels = lw_facts_input_shape (graph, id).c, k = node->window.kernel;
  g_autofree char *products = lw_format_exact ((int64_t)channels * k * k);
  g_autofree char *outputs = lw_format_exact (lw_shape_size (node->shape));

  return g_strdup_printf (_ ("Each of the %s outputs is a sum of %s products: %d × %d pixels in %d "
                             "channels. The weights are the same at all %d × %d positions."),
                          outputs, products, k, k, channels, node->shape.h, node->shape.w);
}

static char *
costly (const LwGraph *graph, LwNodeId id, LwCount count)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwCost cost = lw_node_cost (graph, id), all = lw_graph_cost (graph);
  g_autofree char *macs = lw_facts_share (cost.macs, all.macs);
  g_autofree char *parameters = lw_facts_share (cost.parameters, all.parameters);

  return g_strdup_printf (_ ("This layer alone takes %s of the network's %s but holds %s of its "
                             "parameters: each weight is used at all %d × %d positions."),
                          macs, lw_facts_cost_unit (count), parameters, node->shape.h,
                          node->shape.w);
}

char *
lw_convolution_lesson (const LwGraph *graph, LwNodeId id, LwCount count)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwNodeId before = lw_facts_source (graph, id), next = lw_facts_next (graph, id);
  const LwBlockId dense = lw_facts_block_of_kind (graph, id, LW_BLOCK_DENSE),
                  residual = lw_facts_block_of_kind (graph, id, LW_BLOCK_RESIDUAL);
  const int64_t all_macs = lw_graph_cost (graph).macs;
  const LwShape input = lw_facts_input_shape (graph, id);
  char *lesson = NULL;

  if (before == LW_NO_NODE || lw_graph_node (graph, before)->op == LW_OP_INPUT)
    return first_layer (graph, id);
  if (lw_facts_is_shortcut (graph, id))
    return shortcut (graph, id);
  if (reduces (graph, id, next))
    return reduction (graph, id, next, true, count);
  if (reduces (graph, before, id))
    return reduction (graph, before, id, false, count);
  if (dense >= 0)
    lesson = growing (graph, id, dense);
  if (lesson != NULL)
    return lesson;
  if (lw_facts_block_of_kind (graph, id, LW_BLOCK_TRANSITION) >= 0 && node->shape.c < input.c)
    return g_strdup_printf (_ ("The dense block before it has grown to %d channels; this 1×1 layer "
                               "brings them down to %d, and the pooling behind it quarters the "
                               "positions, so the next block starts small again."),
                            input.c, node->shape.c);
  if (node->window.stride > 1)
    return halving (graph, id, count);
  if (node->window.kernel == 1)
    return one_by_one (graph, id);
  if ((double)lw_node_cost (graph, id).macs > MANY_MACS * (double)all_macs)
    return costly (graph, id, count);
  if (residual >= 0 && next != LW_NO_NODE && lw_graph_node (graph, next)->op == LW_OP_ADD)
    return learns_the_rest ();
  if (is_convolution (graph, before) && lw_graph_node (graph, before)->window.kernel > 1 &&
      lw_graph_node (graph, before)->window.stride == 1 &&
      lw_graph_node (graph, before)->block == node->block)
    return two_in_a_row (graph, id, before);
  return plain (graph, id);
}
