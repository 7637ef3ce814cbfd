/* The facts of a block and of the network, and the receptive field that all share. */
#include "ui/layer-facts.h"

#include "ui/layer-lesson.h"
#include "ui/lesson-facts.h"

#include <glib/gi18n.h>
#include <math.h>

/* A frame of this share of the image is "almost the whole". */
#define ALMOST 0.75

/* --- the receptive field -----------------------------------------------------------------------
 */

void
lw_facts_field_frame (const LwGraph *graph, LwNodeId id, cairo_rectangle_t *ret_frame)
{
  const LwReceptiveField field = lw_node_receptive_field (graph, id);
  const LwShape image = lw_graph_input_shape (graph), shape = lw_graph_node (graph, id)->shape;
  const double x = field.jump == 0 ? 0 : field.start + (double)field.jump * (shape.w / 2),
               y = field.jump == 0 ? 0 : field.start + (double)field.jump * (shape.h / 2);
  const double left = fmax (x, 0), top = fmax (y, 0);

  *ret_frame = (cairo_rectangle_t){ left, top, fmin (x + field.size, image.w) - left,
                                    fmin (y + field.size, image.h) - top };
}

void
lw_facts_fill_field (LwLayerFacts *facts, const LwGraph *graph, LwNodeId id)
{
  const LwReceptiveField field = lw_node_receptive_field (graph, id);
  const LwShape image = lw_graph_input_shape (graph);
  const LwNodeId source = lw_facts_source (graph, id);
  cairo_rectangle_t frame;
  double share;

  lw_facts_field_frame (graph, id, &frame);
  share = frame.width * frame.height / ((double)image.w * image.h);
  facts->field_node = id;
  facts->field_title = g_strdup (_ ("Receptive field"));
  if (field.jump == 0)
    facts->field_size = g_strdup (_ ("whole image"));
  else
    facts->field_size = g_strdup_printf (_ ("%d × %d pixels"), field.size, field.size);

  if (field.jump == 0)
    facts->field_text =
        g_strdup_printf (_ ("One unit of its output sees all %d × %d pixels."), image.h, image.w);
  else if (field.size == 1)
    facts->field_text = g_strdup (_ ("Each unit stands for one pixel."));
  else if (share > 0.999)
    facts->field_text = g_strdup_printf (
        _ ("More than the %d × %d image: a unit in the middle sees all of it."), image.h, image.w);
  else if (share > ALMOST)
    facts->field_text = g_strdup_printf (
        _ ("One unit of its output sees almost the whole %d × %d image."), image.h, image.w);
  else if (source != LW_NO_NODE && lw_graph_node (graph, source)->op == LW_OP_CONCAT &&
           lw_facts_block_of_kind (graph, source, LW_BLOCK_DENSE) >= 0)
    facts->field_text = g_strdup (_ ("At most; the carried channels see less."));
  else if (field.jump == 1)
    facts->field_text = g_strdup (_ ("One unit of its output sees the framed part; its "
                                     "neighbour sees it moved by one pixel."));
  else
    facts->field_text = g_strdup_printf (_ ("One unit of its output sees the framed part; its "
                                            "neighbour sees it moved by %d pixels."),
                                         field.jump);
  facts->field_text = lw_facts_bind_words (facts->field_text);
}

/* --- blocks ------------------------------------------------------------------------------------
 */

static void
set_exact (LwFactCard *card, int64_t value)
{
  g_autofree char *number = lw_format_exact (value);

  g_free (card->result);
  card->result = g_strconcat ("= ", number, NULL);
}

static const char *
kind_words (LwBlockKind kind)
{
  switch (kind) {
  case LW_BLOCK_INCEPTION:
    return _ ("Inception block");
  case LW_BLOCK_RESIDUAL:
    return _ ("Residual block");
  case LW_BLOCK_DENSE:
    return _ ("Dense block");
  case LW_BLOCK_TRANSITION:
    return _ ("Transition");
  default:
    return _ ("Block");
  }
}

/* "3 conv, 1 linear" */
static char *
weighted_words (const LwGraph *graph, LwBlockId id)
{
  const int convolutions = lw_facts_count_op (graph, id, LW_OP_CONV2D),
            linear = lw_facts_count_op (graph, id, LW_OP_LINEAR);

  if (convolutions > 0 && linear > 0)
    return g_strdup_printf (_ ("%d conv, %d linear"), convolutions, linear);
  if (linear > 0)
    return g_strdup_printf (_ ("%d linear"), linear);
  return g_strdup_printf (ngettext ("%d convolution", "%d convolutions", (gulong)convolutions),
                          convolutions);
}

static char *
share_note (int64_t part, int64_t whole)
{
  g_autofree char *share = lw_facts_share (part, whole);

  return g_strdup_printf (_ ("%s of the network's"), share);
}

LwLayerFacts *
lw_block_facts_new (const LwGraph *graph, LwBlockId id, LwCount count)
{
  const LwBlock *block = lw_graph_block (graph, id);
  const LwCost cost = lw_block_cost (graph, id), all = lw_graph_cost (graph);
  const LwNodeId input = lw_facts_block_input (graph, id);
  LwLayerFacts *facts = g_new0 (LwLayerFacts, 1);
  LwFactCard *counts = &facts->cards[1];

  facts->title = g_strdup (block->title);
  facts->kind = LW_KIND_JOIN;
  facts->pill = g_strdup (kind_words (block->kind));
  facts->path =
      g_strdup (block->parent > LW_ROOT_BLOCK ? lw_graph_block (graph, block->parent)->title : "");
  facts->tensor = *block->path != '\0' ? g_strdup (block->path) : NULL;
  facts->cards[0].title = g_strdup (_ ("Parameters"));
  set_exact (&facts->cards[0], cost.parameters);
  facts->cards[0].note = share_note (cost.parameters, all.parameters);
  lw_facts_fill_count_card (counts, cost, count);
  g_free (counts->note);
  counts->note = count == LW_COUNT_OPERATIONS ? share_note (cost.operations, all.operations)
                                              : share_note (cost.macs, all.macs);
  lw_facts_add_row (facts, _ ("Input"),
                    lw_diagram_shape_words (input != LW_NO_NODE
                                                ? lw_graph_node (graph, input)->shape
                                                : lw_graph_input_shape (graph)));
  lw_facts_add_row (facts, _ ("Output"),
                    lw_diagram_shape_words (lw_graph_node (graph, block->last)->shape));
  lw_facts_add_row (facts, _ ("Layers with weights"), weighted_words (graph, id));
  lw_facts_add_row (facts, _ ("All outputs in memory"), lw_format_bytes (cost.output_bytes));
  lw_facts_fill_field (facts, graph, block->last);
  facts->lesson = lw_facts_bind_words (lw_block_lesson (graph, id, count));
  return facts;
}

/* --- the network -------------------------------------------------------------------------------
 */

LwLayerFacts *
lw_network_facts_new (const LwGraph *graph, const LwModel *model, LwCount count)
{
  const LwCost cost = lw_graph_cost (graph);
  const LwShape input = lw_graph_input_shape (graph);
  LwLayerFacts *facts = g_new0 (LwLayerFacts, 1);
  g_autofree char *bytes = lw_format_bytes (cost.parameters * (int64_t)sizeof (float));

  facts->title = g_strdup (model->title);
  facts->kind = LW_KIND_JOIN;
  /* A network of a file has no year. */
  facts->pill = model->year > 0 ? g_strdup_printf ("%d", model->year) : g_strdup (model->family);
  facts->path = g_strdup ("");
  facts->paper = g_strdup (model->paper);
  facts->cards[0].title = g_strdup (_ ("Parameters"));
  set_exact (&facts->cards[0], cost.parameters);
  facts->cards[0].note = g_strdup_printf (_ ("%s as 32-bit numbers"), bytes);
  lw_facts_fill_count_card (&facts->cards[1], cost, count);
  lw_facts_add_row (facts, _ ("Input"), lw_diagram_shape_words (input));
  lw_facts_add_row (facts, _ ("Classes"), g_strdup_printf ("%d", lw_graph_classes (graph)));
  lw_facts_add_row (facts, _ ("Layers with weights"), weighted_words (graph, LW_ROOT_BLOCK));
  lw_facts_add_row (facts, _ ("On the longest path"),
                    g_strdup_printf ("%d", lw_graph_depth (graph)));
  lw_facts_add_row (facts, _ ("All outputs in memory"), lw_format_bytes (cost.output_bytes));
  facts->field_node = LW_NO_NODE;
  facts->field_title = g_strdup (_ ("Input"));
  facts->field_size = g_strdup_printf (_ ("%d × %d pixels"), input.h, input.w);
  facts->field_text = g_strdup (_ ("The first test image, resized. Click a layer to see how much "
                                   "of it one of its units sees."));
  facts->lesson = lw_network_story (model);
  return facts;
}
