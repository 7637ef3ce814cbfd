/* What there is to learn at a block, by its kind and its contents. */
#include "ui/layer-lesson.h"
#include "ui/lesson-facts.h"

#include <glib/gi18n.h>

static LwShape
block_input (const LwGraph *graph, LwBlockId id)
{
  const LwNodeId input = lw_facts_block_input (graph, id);

  return input != LW_NO_NODE ? lw_graph_node (graph, input)->shape : lw_graph_input_shape (graph);
}

static LwShape
block_output (const LwGraph *graph, LwBlockId id)
{
  return lw_graph_node (graph, lw_graph_block (graph, id)->last)->shape;
}

static int
count_children (const LwGraph *graph, LwBlockId id, LwBlockKind kind)
{
  int count = 0;

  for (LwBlockId i = id + 1; i < lw_graph_n_blocks (graph); i++)
    count += lw_graph_block (graph, i)->parent == id && lw_graph_block (graph, i)->kind == kind;
  return count;
}

static char *
inception (const LwGraph *graph, LwBlockId id)
{
  const LwNode *last = lw_graph_node (graph, lw_graph_block (graph, id)->last);

  return g_strdup_printf (_ ("%d paths look at the same input through windows of different size, "
                             "from 1×1 on, and their results are laid on one another: %d channels. "
                             "Nobody has to decide which size is right; the weights do."),
                          last->n_inputs, last->shape.c);
}

static char *
residual (const LwGraph *graph, LwBlockId id)
{
  g_autofree char *from = lw_diagram_shape_words (block_input (graph, id));
  g_autofree char *to = lw_diagram_shape_words (block_output (graph, id));
  const int n = lw_facts_count_op (graph, id, LW_OP_CONV2D);

  if (lw_facts_count_op (graph, id, LW_OP_ADD) == 0)
    return n == 2
               ? g_strdup (_ ("The shortcut is switched off here: these are two convolutions in a "
                              "row, and the gradient has no way around them."))
               : g_strdup_printf (
                     _ ("The shortcut is switched off here: these are %d convolutions in a "
                        "row, and the gradient has no way around them."),
                     n);
  if (!lw_shape_equal (block_input (graph, id), block_output (graph, id)))
    return g_strdup_printf (_ ("The block turns %s into %s. Only equal shapes can be added, so the "
                               "shortcut needs a 1×1 convolution here to bring the input along."),
                            from, to);
  if (n > 2)
    return g_strdup_printf (_ ("The input, %s, is added to what %d convolutions make of it: the "
                               "1×1 ones narrow it for the 3×3 between them and widen it again. "
                               "The shortcut costs no parameter."),
                            to, n);
  return g_strdup_printf (_ ("The input, %s, is added to what two convolutions make of it. The "
                             "block learns only the difference, and the shortcut costs no "
                             "parameter."),
                          to);
}

static char *
dense (const LwGraph *graph, LwBlockId id)
{
  const int from = block_input (graph, id).c, to = block_output (graph, id).c,
            n = lw_facts_count_op (graph, id, LW_OP_CONCAT);

  if (n > 0 && n < lw_facts_count_op (graph, id, LW_OP_CONV2D))
    return g_strdup_printf (_ ("%d channels come in, each of the %d layers adds %d, %d go out. "
                               "Each reads all before it, through a 1×1 convolution that keeps "
                               "the 3×3 behind it cheap."),
                            from, n, (to - from) / n, to);
  return g_strdup_printf (_ ("%d channels come in, each of the %d convolutions adds %d and reads "
                             "all before it, %d go out. What was found early stays within reach "
                             "and is not computed again."),
                          from, n, n > 0 ? (to - from) / n : 0, to);
}

static char *
transition (const LwGraph *graph, LwBlockId id)
{
  const LwShape from = block_input (graph, id), to = block_output (graph, id);

  return g_strdup_printf (_ ("Dense blocks only ever add channels. Between two of them a 1×1 "
                             "convolution goes back from %d to %d channels, and a pooling from "
                             "%d × %d to %d × %d."),
                          from.c, to.c, from.h, from.w, to.h, to.w);
}

/* Blocks of blocks: the stages of ResNet, the larger blocks of GoogLeNet. */
static char *
stage (const LwGraph *graph, LwBlockId id, int n, const char *what, LwCount count)
{
  const LwShape from = block_input (graph, id), to = block_output (graph, id);
  g_autofree char *share =
      lw_facts_share (lw_block_cost (graph, id).macs, lw_graph_cost (graph).macs);
  g_autofree char *parameters =
      lw_facts_share (lw_block_cost (graph, id).parameters, lw_graph_cost (graph).parameters);

  if (from.h > to.h)
    return g_strdup_printf (_ ("%d %s. The map shrinks from %d × %d to %d × %d while the channels "
                               "grow from %d to %d: %s of the network's %s, %s of its "
                               "parameters."),
                            n, what, from.h, from.w, to.h, to.w, from.c, to.c, share,
                            lw_facts_cost_unit (count), parameters);
  return g_strdup_printf (_ ("%d %s at the same %d × %d pixels: %s of the network's %s, %s of its "
                             "parameters."),
                          n, what, to.h, to.w, share, lw_facts_cost_unit (count), parameters);
}

static char *
head (const LwGraph *graph, LwBlockId id)
{
  const LwBlock *block = lw_graph_block (graph, id);
  g_autofree char *from = lw_diagram_shape_words (block_input (graph, id));
  g_autofree char *share =
      lw_facts_share (lw_block_cost (graph, id).parameters, lw_graph_cost (graph).parameters);

  if (block->last != lw_graph_output (graph))
    return g_strdup_printf (_ ("The last maps, %s, become one row of %d numbers that the linear "
                               "layer can read."),
                            from, block_output (graph, id).c);
  return g_strdup_printf (_ ("The head turns %s into one score for each of the %d classes. It "
                             "holds %s of the network's parameters."),
                          from, lw_graph_classes (graph), share);
}

static char *
layers (const LwGraph *graph, LwBlockId id, LwCount count)
{
  const LwBlock *block = lw_graph_block (graph, id);
  const LwShape from = block_input (graph, id), to = block_output (graph, id);
  const int n = lw_facts_count_op (graph, id, LW_OP_CONV2D);
  g_autofree char *input = lw_diagram_shape_words (from);
  g_autofree char *output = lw_diagram_shape_words (to);
  g_autofree char *share =
      lw_facts_share (lw_block_cost (graph, id).macs, lw_graph_cost (graph).macs);

  if (block->first == 1 && from.h > 2 * to.h)
    return g_strdup_printf (_ ("The stem shrinks the image from %d × %d to %d × %d before anything "
                               "else, so that all later layers have %d times fewer positions to "
                               "work on."),
                            from.h, from.w, to.h, to.w, (from.h / to.h) * (from.w / to.w));
  if (n > 1)
    return g_strdup_printf (_ ("%d convolutions turn %s into %s: %s of the network's %s."), n,
                            input, output, share, lw_facts_cost_unit (count));
  return g_strdup_printf (_ ("From %s to %s: %s of the network's %s."), input, output, share,
                          lw_facts_cost_unit (count));
}

char *
lw_block_lesson (const LwGraph *graph, LwBlockId id, LwCount count)
{
  const LwBlock *block = lw_graph_block (graph, id);
  int n;

  if (block->first > block->last)
    return g_strdup ("");
  switch (block->kind) {
  case LW_BLOCK_INCEPTION:
    return inception (graph, id);
  case LW_BLOCK_RESIDUAL:
    return residual (graph, id);
  case LW_BLOCK_DENSE:
    return dense (graph, id);
  case LW_BLOCK_TRANSITION:
    return transition (graph, id);
  default:
    break;
  }
  if (block_output (graph, id).flat) {
    if (count_children (graph, id, LW_BLOCK_INCEPTION) == 0)
      return head (graph, id);
    return g_strdup_printf (_ ("%d Inception blocks, then the mean of each map: %d numbers that "
                               "the linear layer reads."),
                            count_children (graph, id, LW_BLOCK_INCEPTION),
                            block_output (graph, id).c);
  }
  n = count_children (graph, id, LW_BLOCK_RESIDUAL);
  if (n > 0)
    return stage (graph, id, n, ngettext ("residual block", "residual blocks", (gulong)n), count);
  n = count_children (graph, id, LW_BLOCK_INCEPTION);
  if (n > 0)
    return stage (graph, id, n, ngettext ("Inception block", "Inception blocks", (gulong)n), count);
  return layers (graph, id, count);
}
