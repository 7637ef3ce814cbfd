#include "ui/layer-lesson.h"

#include "ui/lesson-facts.h"

#include <glib/gi18n.h>
#include <string.h>

/* A linear layer with this share of all parameters is worth a word. */
#define MANY_PARAMETERS 0.25

static char *
linear (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwCost cost = lw_node_cost (graph, id), all = lw_graph_cost (graph);
  const int inputs = lw_facts_input_shape (graph, id).c;
  g_autofree char *parameters = lw_facts_share (cost.parameters, all.parameters);
  g_autofree char *macs = lw_facts_share (cost.macs, all.macs);

  if ((double)cost.parameters > MANY_PARAMETERS * (double)all.parameters)
    return g_strdup_printf (_ ("This layer alone holds %s of the network's parameters but takes "
                               "%s of its MACs: each weight is used once an image, where a "
                               "convolution's is used at every position."),
                            parameters, macs);
  if (id == lw_graph_output (graph))
    return g_strdup_printf (_ ("One score for each of the %d classes, a weighted sum of the same "
                               "%d numbers. Softmax turns the scores into probabilities; the "
                               "largest one is the answer."),
                            node->shape.c, inputs);
  return g_strdup_printf (_ ("Each of the %d outputs reads all %d inputs with weights of its own: "
                             "%s of the network's parameters, %s of its MACs."),
                          node->shape.c, inputs, parameters, macs);
}

static char *
batch_norm (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwBlockId dense = lw_facts_block_of_kind (graph, id, LW_BLOCK_DENSE);

  if (dense >= 0 && lw_facts_is_pre_normalization (graph, id))
    return g_strdup_printf (_ ("Here normalization comes before the convolution: the %d channels "
                               "come from layers of different scale, and each reader brings them "
                               "to a common one for itself."),
                            node->shape.c);
  return g_strdup_printf (_ ("In training each of the %d %s is brought to mean 0 and deviation 1 "
                             "over the batch; γ and β then choose another scale and shift. "
                             "Afterwards running averages stand in for the batch's."),
                          node->shape.c, node->shape.flat ? _ ("units") : _ ("channels"));
}

static char *
activation (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwOp before = lw_graph_node (graph, node->inputs[0])->op;

  if (node->op == LW_OP_SIGMOID)
    return g_strdup (
        _ ("The sigmoid squeezes every value into 0 to 1. Its slope is at most 1/4, so "
           "on the way back the gradient shrinks at each one it passes."));
  if (node->op == LW_OP_TANH)
    return g_strdup (_ ("tanh squeezes every value into −1 to 1, around zero. Its slope is 1 only "
                        "near zero, so large values pass hardly any gradient."));
  if (before == LW_OP_ADD)
    return g_strdup (_ ("ReLU comes after the sum, not before it: what the block adds may be "
                        "negative, so it can take away as well as add."));
  if (before == LW_OP_BATCH_NORM)
    return g_strdup (_ ("ReLU sets negative values to zero. Normalization before it centres each "
                        "channel, so when training begins about half of the values stay on in all "
                        "of them."));
  return g_strdup (_ ("ReLU sets negative values to zero and keeps the others. Where it is on its "
                      "slope is 1, so the gradient passes undiminished."));
}

static char *
pooling (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwShape input = lw_facts_input_shape (graph, id);
  const int k = node->window.kernel, stride = node->window.stride;
  g_autofree char *from = lw_facts_map_words (input);
  g_autofree char *to = lw_facts_map_words (node->shape);

  if (stride == 1 && node->op == LW_OP_MAX_POOL)
    return g_strdup_printf (_ ("With stride 1 the map stays %s, so that this path can be laid on "
                               "the others; each value becomes the largest of its %d × %d "
                               "neighbours."),
                            to, k, k);
  if (stride == 1)
    return g_strdup_printf (_ ("With stride 1 the map stays %s; each value becomes the mean of its "
                               "%d × %d neighbours."),
                            to, k, k);
  if (node->op == LW_OP_AVG_POOL)
    return g_strdup_printf (_ ("The mean of each %d × %d window: from %s to %s. Nothing is "
                               "learned here; what matters is that later layers see a wider part "
                               "of the image with the same windows."),
                            k, k, from, to);
  if (k > stride)
    return g_strdup_printf (_ ("The largest value of each %d × %d window, moved by %d: the windows "
                               "overlap. From %s to %s; that something was found stays, exactly "
                               "where is forgotten."),
                            k, k, stride, from, to);
  return g_strdup_printf (_ ("The largest value of each %d × %d window: from %s to %s. That "
                             "something was found stays, exactly where is forgotten."),
                          k, k, from, to);
}

static char *
global_pooling (const LwGraph *graph, LwNodeId id)
{
  const LwShape input = lw_facts_input_shape (graph, id);
  const LwNodeId flat = lw_facts_next (graph, id);
  LwNodeId next = flat;
  g_autofree char *map = lw_facts_map_words (input);

  if (flat != LW_NO_NODE && lw_graph_node (graph, flat)->op == LW_OP_FLATTEN)
    next = lw_facts_next (graph, flat);
  if (next != LW_NO_NODE && lw_graph_node (graph, next)->op == LW_OP_LINEAR) {
    const LwNode *linear_node = lw_graph_node (graph, next);
    const int64_t without = lw_shape_size (input) * linear_node->shape.c + linear_node->shape.c;
    g_autofree char *now = lw_format_exact (lw_node_cost (graph, next).parameters);
    g_autofree char *then = lw_format_exact (without);

    return g_strdup_printf (_ ("Each %s map becomes one number, its mean. The linear layer behind "
                               "it therefore needs %s parameters instead of %s."),
                            map, now, then);
  }
  return g_strdup_printf (_ ("The mean of each of the %d maps of %s is the score of its class: no "
                             "linear layer, no parameters, and any input size will do."),
                          input.c, map);
}

static char *
dropout (const LwNode *node)
{
  char scale[G_ASCII_DTOSTR_BUF_SIZE], p[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (p, sizeof p, "%g", (double)node->dropout);
  g_ascii_formatd (scale, sizeof scale, "%.3g", 1 / (1 - (double)node->dropout));
  return g_strdup_printf (_ ("In each training step every one of the %d values is set to zero with "
                             "probability %s and the others are multiplied by %s, so that no unit "
                             "can rely on another. Afterwards nothing is dropped."),
                          node->shape.c, p, scale);
}

static char *
sum (const LwGraph *graph, LwNodeId id)
{
  const LwBlockId block = lw_facts_block_of_kind (graph, id, LW_BLOCK_RESIDUAL);
  const LwNode *node = lw_graph_node (graph, id);
  const LwNodeId input = block >= 0 ? lw_facts_block_input (graph, block) : LW_NO_NODE;

  if (node->inputs[0] == input || node->inputs[1] == input)
    return g_strdup (_ ("The block's input itself is added. Going back, the sum hands the gradient "
                        "to both sides unchanged, so the shortcut is a free way down to the first "
                        "layers."));
  return g_strdup (_ ("Both sides have the same shape and are added value by value. Going back, "
                      "the sum hands the gradient to both sides unchanged."));
}

static char *
concat (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  g_autoptr (GString) parts = g_string_new (NULL);

  if (lw_facts_block_of_kind (graph, id, LW_BLOCK_DENSE) >= 0 && node->n_inputs == 2)
    return g_strdup_printf (_ ("%d new channels join the %d carried on. Nothing is added up or "
                               "lost: every later layer of the block can read all %d."),
                            lw_graph_node (graph, node->inputs[1])->shape.c,
                            lw_graph_node (graph, node->inputs[0])->shape.c, node->shape.c);
  for (int32_t i = 0; i < node->n_inputs; i++)
    g_string_append_printf (parts, "%s%d", i > 0 ? " + " : "",
                            lw_graph_node (graph, node->inputs[i])->shape.c);
  return g_strdup_printf (_ ("The paths are laid on one another: %s = %d channels of the same "
                             "%d × %d. The next layer picks what it needs of each."),
                          parts->str, node->shape.c, node->shape.h, node->shape.w);
}

char *
lw_layer_lesson (const LwGraph *graph, LwNodeId id, LwCount count)
{
  const LwNode *node = lw_graph_node (graph, id);

  switch (node->op) {
  case LW_OP_INPUT:
    return g_strdup_printf (_ ("Every image is resized to %d × %d pixels, and its bytes become "
                               "numbers from 0 to 1."),
                            node->shape.h, node->shape.w);
  case LW_OP_CONV2D:
    return lw_convolution_lesson (graph, id, count);
  case LW_OP_LINEAR:
    return linear (graph, id);
  case LW_OP_BATCH_NORM:
    return batch_norm (graph, id);
  case LW_OP_RELU:
  case LW_OP_SIGMOID:
  case LW_OP_TANH:
    return activation (graph, id);
  case LW_OP_MAX_POOL:
  case LW_OP_AVG_POOL:
    return pooling (graph, id);
  case LW_OP_GLOBAL_AVG_POOL:
    return global_pooling (graph, id);
  case LW_OP_DROPOUT:
    return dropout (node);
  case LW_OP_FLATTEN:
    if (lw_facts_input_shape (graph, id).h * lw_facts_input_shape (graph, id).w == 1)
      return g_strdup_printf (_ ("Each of the %d maps is a single number already; flattening only "
                                 "reads them as one row."),
                              node->shape.c);
    return g_strdup_printf (_ ("The same %d numbers, read as one row: nothing is computed. From "
                               "here on, where something was is only a place in the row."),
                            node->shape.c);
  case LW_OP_ADD:
    return sum (graph, id);
  case LW_OP_CONCAT:
    return concat (graph, id);
  default:
    return g_strdup ("");
  }
}
