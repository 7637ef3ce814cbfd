/* What one open block shows: its child blocks, closed or open, and its own layers, each with the
 * strips that hang on it; and who reads whom. */
#include "ui/draw/diagram-private.h"

bool
lw_diagram_block_folds (const LwGraph *graph, LwBlockId block)
{
  if (block <= LW_ROOT_BLOCK || block >= lw_graph_n_blocks (graph))
    return false;
  const LwBlock *info = lw_graph_block (graph, block);
  if (info->first > info->last)
    return false;
  if (info->kind != LW_BLOCK_PLAIN || lw_graph_block (graph, info->parent)->kind != LW_BLOCK_DENSE)
    return true;
  for (LwNodeId i = info->first; i <= info->last; i++)
    if (lw_op_info (lw_graph_node (graph, i)->op)->kind == LW_KIND_JOIN)
      return true;
  return false;
}

/* The innermost block around a node that the diagram knows. */
static LwBlockId
block_of (const LwGraph *graph, LwNodeId node)
{
  LwBlockId block = lw_graph_node (graph, node)->block;
  while (block > LW_ROOT_BLOCK && !lw_diagram_block_folds (graph, block))
    block = lw_graph_block (graph, block)->parent;
  return block;
}

/* The child of `block` that holds `node`; `block` itself when the node is its own. */
static LwBlockId
child_with (const LwGraph *graph, LwBlockId block, LwNodeId node)
{
  LwBlockId child = block_of (graph, node);
  while (child > block) {
    LwBlockId parent = lw_graph_block (graph, child)->parent;
    while (parent > block && !lw_diagram_block_folds (graph, parent))
      parent = lw_graph_block (graph, parent)->parent;
    if (parent <= block)
      return child;
    child = parent;
  }
  return block;
}

static LwKind
kind_of (const LwGraph *graph, LwNodeId node)
{
  return lw_op_info (lw_graph_node (graph, node)->op)->kind;
}

static bool
can_be_strip (const LwGraph *graph, LwNodeId node)
{
  const LwKind kind = kind_of (graph, node);
  return lw_graph_node (graph, node)->n_inputs == 1 &&
         (kind == LW_KIND_NORMALIZATION || kind == LW_KIND_ACTIVATION || kind == LW_KIND_DROPOUT ||
          lw_graph_node (graph, node)->op == LW_OP_FLATTEN);
}

static bool
can_host (const LwGraph *graph, LwNodeId node)
{
  const LwKind kind = kind_of (graph, node);
  return lw_graph_node (graph, node)->n_inputs == 1 &&
         (kind == LW_KIND_CONVOLUTION || kind == LW_KIND_LINEAR || kind == LW_KIND_POOLING);
}

/* Its only reader, if that is a layer of the same open block. */
static LwNodeId
sole_reader (const LwGraph *graph, LwBlockId block, LwNodeId node)
{
  int32_t n;
  const LwNodeId *readers = lw_graph_readers (graph, node, &n);
  return n == 1 && block_of (graph, readers[0]) == block ? readers[0] : LW_NO_NODE;
}

static LwDiagramItem *
item_new (LwDiagramBuild *build, LwDiagramBoxType type)
{
  LwDiagramItem *item = g_new0 (LwDiagramItem, 1);
  item->type = type;
  item->host = item->input = item->output = LW_NO_NODE;
  item->block = item->last_block = -1;
  g_ptr_array_add (build->items, item);
  return item;
}

static LwDiagramItem *
layer_new (LwDiagramBuild *build, LwNodeId node)
{
  const LwNode *info = lw_graph_node (build->graph, node);
  LwDiagramBoxType type = can_host (build->graph, node) ? LW_BOX_LAYER : LW_BOX_THIN;
  if (info->op == LW_OP_INPUT)
    type = LW_BOX_INPUT;
  else if (info->op == LW_OP_ADD)
    type = LW_BOX_SUM;
  else if (info->op == LW_OP_CONCAT)
    type = LW_BOX_CONCAT;
  LwDiagramItem *item = item_new (build, type);
  item->host = item->output = node;
  item->input = info->n_inputs > 0 ? info->inputs[0] : LW_NO_NODE;
  return item;
}

static bool
prefers_top (const LwGraph *graph, LwBlockId block)
{
  const LwBlockKind kind = lw_graph_block (graph, block)->kind;
  return kind == LW_BLOCK_DENSE || kind == LW_BLOCK_TRANSITION;
}

/* Normalization and activation that come before their layer (pre-activation: DenseNet, and
 * "Identity Mappings in Deep Residual Networks"): the chain from `node` to a layer that can carry
 * it. Returns its length, 0 where they belong below their producer or stand alone. */
static int
chain_on_top (const LwGraph *graph, LwBlockId block, LwNodeId node, LwNodeId *chain,
              LwNodeId *ret_host)
{
  const LwOp producer = lw_graph_node (graph, lw_graph_node (graph, node)->inputs[0])->op;
  if (!prefers_top (graph, block) && kind_of (graph, node) != LW_KIND_NORMALIZATION &&
      (producer == LW_OP_ADD || producer == LW_OP_CONCAT))
    return 0;
  int n = 0;
  while (node != LW_NO_NODE && can_be_strip (graph, node) && n < 3 &&
         lw_graph_node (graph, node)->op != LW_OP_FLATTEN) {
    chain[n++] = node;
    node = sole_reader (graph, block, node);
  }
  if (node == LW_NO_NODE || !can_host (graph, node))
    return 0;
  *ret_host = node;
  return n;
}

typedef struct {
  LwDiagramBuild *build;
  LwBlockId block;
  LwDiagramLevel *level;
  LwNodeId first, last;
  int *item_of; /* of the nodes from `first` on, −1: none yet */
} Filling;

/* −1: outside, or none yet */
static int
item_of (const Filling *fill, LwNodeId node)
{
  return node >= fill->first && node <= fill->last ? fill->item_of[node - fill->first] : -1;
}

static void
set_item_of (Filling *fill, LwNodeId node, int item)
{
  fill->item_of[node - fill->first] = item;
}

static int
add_item (Filling *fill, LwDiagramItem *item)
{
  g_ptr_array_add (fill->level->items, item);
  return (int)fill->level->items->len - 1;
}

/* Below its producer, if that is a box whose output nobody else reads. */
static bool
hang_below (Filling *fill, LwNodeId node)
{
  const LwGraph *graph = fill->build->graph;
  if (!can_be_strip (graph, node))
    return false;
  const LwNodeId producer = lw_graph_node (graph, node)->inputs[0];
  const int index = item_of (fill, producer);
  if (index < 0 || sole_reader (graph, fill->block, producer) != node)
    return false;
  LwDiagramItem *item = fill->level->items->pdata[index];
  if ((item->type != LW_BOX_LAYER && item->type != LW_BOX_THIN) || item->output != producer ||
      item->n_top + item->n_bottom >= LW_ITEM_STRIPS)
    return false;
  item->strips[item->n_top + item->n_bottom++] = node;
  item->output = node;
  set_item_of (fill, node, index);
  return true;
}

static bool
sit_on_top (Filling *fill, LwNodeId node)
{
  const LwGraph *graph = fill->build->graph;
  LwNodeId chain[3], host;
  if (!can_be_strip (graph, node))
    return false;
  const int n = chain_on_top (graph, fill->block, node, chain, &host);
  if (n == 0)
    return false;
  LwDiagramItem *item = layer_new (fill->build, host);
  item->input = lw_graph_node (graph, node)->inputs[0];
  const int index = add_item (fill, item);
  for (int i = 0; i < n; i++) {
    item->strips[item->n_top++] = chain[i];
    set_item_of (fill, chain[i], index);
  }
  set_item_of (fill, host, index);
  return true;
}

static void
add_layer (Filling *fill, LwNodeId node)
{
  if (item_of (fill, node) >= 0)
    return;
  const bool top_first = prefers_top (fill->build->graph, fill->block);
  if (top_first && sit_on_top (fill, node))
    return;
  if (hang_below (fill, node) || sit_on_top (fill, node))
    return;
  set_item_of (fill, node, add_item (fill, layer_new (fill->build, node)));
}

static bool
same_work (const LwGraph *graph, const LwBlock *a, const LwBlock *b)
{
  if (a->kind != b->kind || a->last - a->first != b->last - b->first)
    return false;
  for (LwNodeId i = 0; i <= a->last - a->first; i++) {
    const LwNode *x = lw_graph_node (graph, a->first + i);
    const LwNode *y = lw_graph_node (graph, b->first + i);
    if (x->op != y->op || x->n_inputs != y->n_inputs || !lw_shape_equal (x->shape, y->shape) ||
        x->window.kernel != y->window.kernel || x->window.stride != y->window.stride ||
        x->window.padding != y->window.padding || x->dropout != y->dropout)
      return false;
    for (int32_t k = 0; k < x->n_inputs; k++) {
      const LwNodeId u = x->inputs[k], v = y->inputs[k];
      const bool inside = u >= a->first;
      if (inside != (v >= b->first) || (inside && u - a->first != v - b->first) ||
          !lw_shape_equal (lw_graph_node (graph, u)->shape, lw_graph_node (graph, v)->shape))
        return false;
    }
  }
  return true;
}

/* Nothing from before the neighbour reaches in, so that the two really stand one after the other.
 */
static bool
follows_directly (const LwGraph *graph, const LwBlock *a, const LwBlock *b)
{
  for (LwNodeId i = b->first; i <= b->last; i++)
    for (int32_t k = 0; k < lw_graph_node (graph, i)->n_inputs; k++)
      if (lw_graph_node (graph, i)->inputs[k] < a->last)
        return false;
  return b->first == a->last + 1;
}

/* The last of the run of equal closed blocks that starts with `block`. */
static LwBlockId
last_equal (Filling *fill, LwBlockId block)
{
  const LwGraph *graph = fill->build->graph;
  const int least = lw_diagram_state_grouping (fill->build->state);
  LwBlockId last = block;
  int n = 1;
  while (least > 1 && lw_diagram_state_is_grouped (fill->build->state, last) &&
         !lw_diagram_state_is_open (fill->build->state, last)) {
    const LwBlock *info = lw_graph_block (graph, last);
    if (info->last + 1 >= lw_graph_n_nodes (graph))
      break;
    const LwBlockId next = child_with (graph, fill->block, info->last + 1);
    if (next <= last || next == fill->block ||
        lw_graph_block (graph, next)->parent != lw_graph_block (graph, block)->parent ||
        !lw_diagram_state_is_grouped (fill->build->state, next) ||
        lw_diagram_state_is_open (fill->build->state, next) ||
        !same_work (graph, info, lw_graph_block (graph, next)) ||
        !follows_directly (graph, info, lw_graph_block (graph, next)))
      break;
    last = next;
    n++;
  }
  return n >= least ? last : block;
}

/* Returns the block's last node. */
static LwNodeId
add_block (Filling *fill, LwBlockId block)
{
  const LwGraph *graph = fill->build->graph;
  const bool open = lw_diagram_state_is_open (fill->build->state, block);
  const LwBlockId last = open ? block : last_equal (fill, block);
  LwDiagramItem *item = item_new (fill->build, last > block ? LW_BOX_GROUP : LW_BOX_BLOCK);
  item->item_kind = open ? LW_ITEM_OPEN : LW_ITEM_BOX;
  item->block = block;
  item->last_block = last;
  item->first = lw_graph_block (graph, block)->first;
  item->last = item->output = lw_graph_block (graph, last)->last;
  for (LwNodeId i = item->first; i <= item->last && item->input == LW_NO_NODE; i++)
    for (int32_t k = 0; k < lw_graph_node (graph, i)->n_inputs; k++)
      if (lw_graph_node (graph, i)->inputs[k] < item->first)
        item->input = lw_graph_node (graph, i)->inputs[k];
  const int index = add_item (fill, item);
  for (LwNodeId i = item->first; i <= item->last; i++)
    set_item_of (fill, i, index);
  return item->last;
}

/* Links as they are found, chained by where they lead, so that none is kept twice. */
typedef struct {
  GArray *links, *before; /* LwDiagramLink; int: the link before with the same `to`, or −1 */
  int *latest;            /* [n_items + 1], or −1 */
} Links;

static void
add_link (Links *links, int from, int to, LwNodeId value)
{
  for (int i = links->latest[to]; i >= 0; i = g_array_index (links->before, int, i))
    if (g_array_index (links->links, LwDiagramLink, i).from == from)
      return;
  const LwDiagramLink link = { from, to, value };
  g_array_append_val (links->links, link);
  g_array_append_val (links->before, links->latest[to]);
  links->latest[to] = (int)links->links->len - 1;
}

/* By `to`, otherwise in the order in which they were found. */
static void
sort_links (LwDiagramLevel *level, const GArray *found)
{
  const int n = (int)level->items->len;
  level->first_link = g_new0 (int, n + 2);
  g_array_set_size (level->links, found->len);
  for (guint i = 0; i < found->len; i++)
    level->first_link[g_array_index (found, LwDiagramLink, i).to + 1]++;
  for (int i = 0; i <= n; i++)
    level->first_link[i + 1] += level->first_link[i];
  g_autofree int *next = g_memdup2 (level->first_link, (gsize)(n + 2) * sizeof (int));
  for (guint i = 0; i < found->len; i++) {
    const LwDiagramLink *link = &g_array_index (found, LwDiagramLink, i);
    g_array_index (level->links, LwDiagramLink, next[link->to]++) = *link;
  }
}

static void
find_links (Filling *fill)
{
  const LwGraph *graph = fill->build->graph;
  const int n_items = (int)fill->level->items->len;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (LwDiagramLink));
  g_autoptr (GArray) before = g_array_new (FALSE, FALSE, sizeof (int));
  g_autofree int *latest = g_new (int, n_items + 1);
  Links links = { found, before, latest };
  for (int i = 0; i <= n_items; i++)
    latest[i] = -1;
  for (LwNodeId i = fill->first; i <= fill->last; i++) {
    const LwNode *node = lw_graph_node (graph, i);
    for (int32_t k = 0; k < node->n_inputs; k++)
      if (item_of (fill, node->inputs[k]) != item_of (fill, i))
        add_link (&links, item_of (fill, node->inputs[k]), item_of (fill, i), node->inputs[k]);
  }
  for (LwNodeId i = fill->first; i <= fill->last; i++) {
    int32_t n;
    const LwNodeId *readers = lw_graph_readers (graph, i, &n);
    bool leaves = i == lw_graph_output (graph);
    for (int32_t k = 0; k < n; k++)
      leaves = leaves || readers[k] > fill->last;
    if (leaves)
      add_link (&links, item_of (fill, i), n_items, i);
  }
  sort_links (fill->level, found);
}

LwDiagramLevel *
lw_diagram_level_new (LwDiagramBuild *build, LwBlockId block)
{
  LwDiagramLevel *level = g_new0 (LwDiagramLevel, 1);
  level->items = g_ptr_array_new ();
  level->links = g_array_new (FALSE, FALSE, sizeof (LwDiagramLink));
  g_ptr_array_add (build->levels, level);

  const int32_t n_nodes = lw_graph_n_nodes (build->graph);
  const LwBlock *info = lw_graph_block (build->graph, block);
  const LwNodeId first = block == LW_ROOT_BLOCK ? 0 : info->first;
  const LwNodeId last = block == LW_ROOT_BLOCK ? n_nodes - 1 : info->last;
  const int n = last - first + 1;
  g_autofree int *items = g_new (int, MAX (n, 1));
  for (int i = 0; i < n; i++)
    items[i] = -1;

  Filling fill = { build, block, level, first, last, items };
  for (LwNodeId i = first; i <= last; i++) {
    const LwBlockId child = child_with (build->graph, block, i);
    if (child == block)
      add_layer (&fill, i);
    else
      i = add_block (&fill, child);
  }
  find_links (&fill);
  return level;
}

void
lw_diagram_level_free (LwDiagramLevel *level)
{
  g_ptr_array_unref (level->items);
  g_array_unref (level->links);
  g_free (level->first_link);
  g_free (level);
}
