#include "ui/cost-item.h"

#include "ui/lesson-facts.h"

#include <glib/gi18n.h>
#include <string.h>

struct _LwCostItem {
  GObject parent;
  LwDiagramSpot spot;
  LwNodeId first, last; /* the layers that a merged row stands for */
  char *title, *suffix, *output;
  LwKind kind;
  LwCost cost;
  GListStore *children;
};

G_DEFINE_FINAL_TYPE (LwCostItem, lw_cost_item, G_TYPE_OBJECT)

static void
lw_cost_item_finalize (GObject *object)
{
  LwCostItem *self = LW_COST_ITEM (object);

  g_free (self->title);
  g_free (self->suffix);
  g_free (self->output);
  g_clear_object (&self->children);
  G_OBJECT_CLASS (lw_cost_item_parent_class)->finalize (object);
}

static void
lw_cost_item_class_init (LwCostItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_cost_item_finalize;
}

static void
lw_cost_item_init (LwCostItem *self)
{
  self->spot = LW_NO_SPOT;
  self->first = self->last = LW_NO_NODE;
}

int64_t
lw_cost_value (LwCost cost, LwCount count)
{
  switch (count) {
  case LW_COUNT_MACS:
    return cost.macs;
  case LW_COUNT_FLOPS:
    return 2 * cost.macs;
  case LW_COUNT_OPERATIONS:
    break;
  }
  return cost.operations;
}

/* --- building -------------------------------------------------------------------------------- */

typedef struct {
  LwGraph *graph;
  LwCount count;
  bool everything;
  int hidden;
} Build;

/* "Residual" from "Residual 1", "Inception" from "Inception 3b". */
static char *
stem_of (const char *title)
{
  const char *space = strrchr (title, ' ');

  return space != NULL ? g_strndup (title, (gsize)(space - title)) : g_strdup (title);
}

/* "Residual × 2", where a block holds several of one kind. */
static char *
repeats (const LwGraph *graph, LwBlockId id)
{
  g_autofree char *stem = NULL;
  int n = 0;

  for (LwBlockId i = id + 1; i < lw_graph_n_blocks (graph); i++) {
    const LwBlock *block = lw_graph_block (graph, i);
    g_autofree char *its = stem_of (block->title);

    if (block->parent != id || !lw_diagram_block_folds (graph, i))
      continue;
    if (stem == NULL)
      stem = g_strdup (its);
    else if (!g_str_equal (stem, its))
      return NULL;
    n++;
  }
  return n > 1 ? g_strdup_printf ("%s × %d", stem, n) : NULL;
}

static LwCostItem *
layer_item (const Build *build, LwNodeId id)
{
  LwCostItem *item = g_object_new (LW_TYPE_COST_ITEM, NULL);
  const LwNode *node = lw_graph_node (build->graph, id);

  item->spot = (LwDiagramSpot){ id, -1 };
  item->first = item->last = id;
  item->title = g_strdup (node->title);
  item->output = lw_shape_to_string (node->shape);
  item->kind = lw_op_info (node->op)->kind;
  item->cost = lw_node_cost (build->graph, id);
  return item;
}

static void
add_cost (LwCost *sum, LwCost more)
{
  sum->parameters += more.parameters;
  sum->buffers += more.buffers;
  sum->macs += more.macs;
  sum->operations += more.operations;
  sum->output_bytes += more.output_bytes;
}

/* The normalization that stands before a convolution, with nothing but an activation between; or
 * LW_NO_NODE. */
static LwNodeId
normalization_before (const LwGraph *graph, LwNodeId id)
{
  for (LwNodeId before = id; lw_graph_node (graph, before)->n_inputs == 1;) {
    const LwNode *node;

    before = lw_graph_node (graph, before)->inputs[0];
    node = lw_graph_node (graph, before);
    if (node->op == LW_OP_BATCH_NORM)
      return lw_facts_is_pre_normalization (graph, before) && lw_facts_next (graph, before) == id
                 ? before
                 : LW_NO_NODE;
    if (!lw_facts_is_activation (node->op))
      return LW_NO_NODE;
  }
  return LW_NO_NODE;
}

static void
add_layer (Build *build, GListStore *list, LwNodeId id)
{
  const LwNode *node = lw_graph_node (build->graph, id);
  const bool merges = !build->everything && build->count != LW_COUNT_OPERATIONS;
  const LwCost cost = lw_node_cost (build->graph, id);
  g_autoptr (LwCostItem) item = NULL;

  if (node->op == LW_OP_INPUT || (merges && lw_facts_is_pre_normalization (build->graph, id)))
    return;
  if (cost.parameters == 0 && lw_cost_value (cost, build->count) == 0) {
    build->hidden++;
    if (!build->everything)
      return;
  }
  item = layer_item (build, id);
  if (merges && node->op == LW_OP_CONV2D) {
    const LwNodeId norm = normalization_before (build->graph, id);

    if (norm != LW_NO_NODE) {
      add_cost (&item->cost, lw_node_cost (build->graph, norm));
      item->suffix = g_strdup (_ ("+ BN"));
      item->first = norm;
    }
  }
  g_list_store_append (list, item);
}

static void add_contents (Build *build, GListStore *list, LwBlockId id);

static void
add_block (Build *build, GListStore *list, LwBlockId id)
{
  const LwBlock *block = lw_graph_block (build->graph, id);
  g_autoptr (LwCostItem) item = NULL;

  if (!lw_diagram_block_folds (build->graph, id)) {
    add_contents (build, list, id); /* a dense block's layer */
    return;
  }
  item = g_object_new (LW_TYPE_COST_ITEM, NULL);
  item->spot = (LwDiagramSpot){ LW_NO_NODE, id };
  item->title = g_strdup (block->title);
  item->suffix = repeats (build->graph, id);
  item->output = lw_shape_to_string (lw_graph_node (build->graph, block->last)->shape);
  item->kind = LW_KIND_JOIN;
  item->cost = lw_block_cost (build->graph, id);
  item->children = g_list_store_new (LW_TYPE_COST_ITEM);
  add_contents (build, item->children, id);
  g_list_store_append (list, item);
}

/* The child of `ancestor` that a node lies in; −1: it lies in `ancestor` itself. */
static LwBlockId
child_around (const LwGraph *graph, LwNodeId id, LwBlockId ancestor)
{
  LwBlockId block = lw_graph_node (graph, id)->block, child = -1;

  for (; block != ancestor; block = lw_graph_block (graph, block)->parent)
    child = block;
  return child;
}

static void
add_contents (Build *build, GListStore *list, LwBlockId id)
{
  const LwBlock *block = lw_graph_block (build->graph, id);

  for (LwNodeId node = block->first; node <= block->last;) {
    const LwBlockId child = child_around (build->graph, node, id);

    if (child < 0) {
      add_layer (build, list, node++);
    } else {
      add_block (build, list, child);
      node = lw_graph_block (build->graph, child)->last + 1;
    }
  }
}

GListModel *
lw_cost_items_new (LwGraph *graph, LwCount count, bool everything, int *ret_hidden)
{
  Build build = { .graph = graph, .count = count, .everything = everything };
  GListStore *list = g_list_store_new (LW_TYPE_COST_ITEM);

  add_contents (&build, list, LW_ROOT_BLOCK);
  *ret_hidden = build.hidden;
  return G_LIST_MODEL (list);
}

/* --- reading --------------------------------------------------------------------------------- */

LwDiagramSpot
lw_cost_item_spot (LwCostItem *self)
{
  return self->spot;
}

const char *
lw_cost_item_title (LwCostItem *self)
{
  return self->title;
}

const char *
lw_cost_item_suffix (LwCostItem *self)
{
  return self->suffix;
}

bool
lw_cost_item_is_block (LwCostItem *self)
{
  return self->spot.block >= 0;
}

LwKind
lw_cost_item_kind (LwCostItem *self)
{
  return self->kind;
}

const char *
lw_cost_item_output (LwCostItem *self)
{
  return self->output;
}

LwCost
lw_cost_item_cost (LwCostItem *self)
{
  return self->cost;
}

GListModel *
lw_cost_item_children (LwCostItem *self)
{
  return self->children != NULL ? G_LIST_MODEL (self->children) : NULL;
}

bool
lw_cost_item_shows (LwCostItem *self, LwDiagramSpot spot)
{
  if (lw_diagram_spot_equal (self->spot, spot))
    return true;
  return self->first != self->last && spot.node >= self->first && spot.node <= self->last;
}
