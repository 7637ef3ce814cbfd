/* The rows of the cost table: made from the graph, grouped, sorted. */
#include "ui/cost-item-private.h"

#include "ui/lesson-facts.h"

#include <glib/gi18n.h>
#include <string.h>

/* --- building -------------------------------------------------------------------------------- */

typedef struct {
  LwGraph *graph;
  const LwCostRows *rows;
  LwReceptiveField *fields;
  int hidden, order;
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
    g_autofree char *its = NULL;

    if (block->first > lw_graph_block (graph, id)->last)
      break;
    if (block->parent != id || !lw_diagram_block_folds (graph, i))
      continue;
    its = stem_of (block->title);
    if (stem == NULL)
      stem = g_steal_pointer (&its);
    else if (!g_str_equal (stem, its))
      return NULL;
    n++;
  }
  return n > 1 ? g_strdup_printf ("%s × %d", stem, n) : NULL;
}

static char *
window_words (const LwNode *node)
{
  const LwWindow window = node->window;

  if (node->op != LW_OP_CONV2D && node->op != LW_OP_MAX_POOL && node->op != LW_OP_AVG_POOL)
    return g_strdup ("");
  return g_strdup_printf ("%d×%d, %d, %d", window.kernel, window.kernel, window.stride,
                          window.padding);
}

static LwCostItem *
layer_item (Build *build, LwNodeId id)
{
  LwCostItem *item = g_object_new (LW_TYPE_COST_ITEM, NULL);
  const LwNode *node = lw_graph_node (build->graph, id);

  item->spot = (LwDiagramSpot){ id, -1 };
  item->first = item->last = id;
  item->title = g_strdup (node->title);
  item->output = lw_shape_to_string (node->shape);
  item->window = window_words (node);
  item->size = lw_shape_size (node->shape);
  item->field = build->fields[id].size;
  item->kind = lw_op_info (node->op)->kind;
  item->cost = lw_node_cost (build->graph, id);
  item->order = build->order++;
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

static bool
merges (const LwCostRows *rows)
{
  return !rows->everything && rows->count != LW_COUNT_OPERATIONS && rows->group != LW_GROUP_KINDS;
}

/* A normalization that another row counts. */
static bool
is_merged (const Build *build, LwNodeId id)
{
  return merges (build->rows) && lw_facts_is_pre_normalization (build->graph, id);
}

static void
merge (Build *build, LwCostItem *item, LwNodeId id)
{
  const LwNodeId norm = normalization_before (build->graph, id);

  if (norm == LW_NO_NODE)
    return;
  add_cost (&item->cost, lw_node_cost (build->graph, norm));
  item->suffix = g_strdup (_ ("+ BN"));
  item->first = norm;
}

/* In a list without groups a layer says where it stands. */
static void
add_path (Build *build, LwCostItem *item, LwNodeId id)
{
  g_autofree char *path = lw_facts_path (build->graph, lw_graph_node (build->graph, id)->block);
  g_autofree char *old = g_steal_pointer (&item->suffix);

  if (*path == '\0')
    item->suffix = g_steal_pointer (&old);
  else
    item->suffix = old != NULL ? g_strconcat (old, " · ", path, NULL) : g_steal_pointer (&path);
}

static void
add_layer (Build *build, GListStore *list, LwNodeId id)
{
  const LwNode *node = lw_graph_node (build->graph, id);
  const LwCost cost = lw_node_cost (build->graph, id);
  g_autoptr (LwCostItem) item = NULL;

  if (node->op == LW_OP_INPUT || is_merged (build, id))
    return;
  if (cost.parameters == 0 && lw_cost_value (cost, build->rows->count) == 0) {
    build->hidden++;
    if (!build->rows->everything)
      return;
  }
  item = layer_item (build, id);
  if (merges (build->rows) && node->op == LW_OP_CONV2D)
    merge (build, item, id);
  if (build->rows->group != LW_GROUP_BLOCKS)
    add_path (build, item, id);
  g_list_store_append (list, item);
}

static void add_contents (Build *build, GListStore *list, LwBlockId id);

static void
add_block (Build *build, GListStore *list, LwBlockId id)
{
  const LwBlock *block = lw_graph_block (build->graph, id);
  const LwShape shape = lw_graph_node (build->graph, block->last)->shape;
  g_autoptr (LwCostItem) item = NULL;

  if (build->rows->group != LW_GROUP_BLOCKS || !lw_diagram_block_folds (build->graph, id)) {
    add_contents (build, list, id); /* a dense block's layer */
    return;
  }
  item = g_object_new (LW_TYPE_COST_ITEM, NULL);
  item->spot = (LwDiagramSpot){ LW_NO_NODE, id };
  item->title = g_strdup (block->title);
  item->suffix = repeats (build->graph, id);
  item->output = lw_shape_to_string (shape);
  item->window = g_strdup ("");
  item->size = lw_shape_size (shape);
  item->field = build->fields[block->last].size;
  item->kind = LW_KIND_JOIN;
  item->cost = lw_block_cost (build->graph, id);
  item->order = build->order++;
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

/* --- by kind --------------------------------------------------------------------------------- */

static const char *
kind_title (LwKind kind)
{
  static const char *const titles[LW_N_KINDS] = {
    [LW_KIND_CONVOLUTION] = N_ ("Convolution"),
    [LW_KIND_NORMALIZATION] = N_ ("Normalization"),
    [LW_KIND_ACTIVATION] = N_ ("Activation"),
    [LW_KIND_POOLING] = N_ ("Pooling"),
    [LW_KIND_LINEAR] = N_ ("Linear"),
    [LW_KIND_DROPOUT] = N_ ("Dropout"),
    [LW_KIND_JOIN] = N_ ("Sum and concatenation"),
    [LW_KIND_DATA] = N_ ("Flatten"),
  };

  return _ (titles[kind]);
}

static LwCostItem *
kind_item (LwKind kind, int order)
{
  LwCostItem *item = g_object_new (LW_TYPE_COST_ITEM, NULL);

  item->title = g_strdup (kind_title (kind));
  item->output = g_strdup ("");
  item->window = g_strdup ("");
  item->kind = kind;
  item->order = order;
  item->children = g_list_store_new (LW_TYPE_COST_ITEM);
  return item;
}

/* Sorts a row of layers into groups, each with its sums. */
static GListStore *
group_by_kind (GListModel *layers)
{
  GListStore *list = g_list_store_new (LW_TYPE_COST_ITEM);
  LwCostItem *groups[LW_N_KINDS] = { NULL };
  int counts[LW_N_KINDS] = { 0 };

  for (guint i = 0; i < g_list_model_get_n_items (layers); i++) {
    g_autoptr (LwCostItem) layer = g_list_model_get_item (layers, i);
    const LwKind kind = layer->kind;

    if (groups[kind] == NULL) {
      g_autoptr (LwCostItem) group = kind_item (kind, layer->order);

      g_list_store_append (list, group);
      groups[kind] = group;
    }
    add_cost (&groups[kind]->cost, layer->cost);
    g_list_store_append (groups[kind]->children, layer);
    counts[kind]++;
  }
  for (int i = 0; i < LW_N_KINDS; i++)
    if (groups[i] != NULL)
      groups[i]->suffix = g_strdup_printf ("× %d", counts[i]);
  return list;
}

/* --- order ----------------------------------------------------------------------------------- */

static int
compare_numbers (int64_t a, int64_t b)
{
  return (a > b) - (a < b);
}

/* "conv 2" before "conv 10". */
static int
compare_titles (const char *a, const char *b)
{
  g_autofree char *a_key = g_utf8_collate_key_for_filename (a, -1);
  g_autofree char *b_key = g_utf8_collate_key_for_filename (b, -1);

  return strcmp (a_key, b_key);
}

static int
compare (gconstpointer a_item, gconstpointer b_item, gpointer data)
{
  const LwCostItem *a = a_item, *b = b_item;
  const LwCostRows *rows = data;
  int order = 0;

  switch (rows->sorted_by) {
  case LW_COLUMN_LAYER:
    order = compare_titles (a->title, b->title);
    break;
  case LW_COLUMN_OUTPUT:
    order = compare_numbers (a->size, b->size);
    break;
  case LW_COLUMN_WINDOW:
    order = compare_titles (a->window, b->window);
    break;
  case LW_COLUMN_FIELD:
    order = compare_numbers (a->field, b->field);
    break;
  case LW_COLUMN_MEMORY:
    order = compare_numbers (a->cost.output_bytes, b->cost.output_bytes);
    break;
  case LW_COLUMN_PARAMETERS:
    order = compare_numbers (a->cost.parameters, b->cost.parameters);
    break;
  case LW_COLUMN_VALUE:
  case LW_N_COLUMNS:
    order = compare_numbers (lw_cost_value (a->cost, rows->count),
                             lw_cost_value (b->cost, rows->count));
    break;
  }
  if (order == 0)
    return compare_numbers (a->order, b->order);
  return rows->order == LW_ORDER_DESCENDING ? -order : order;
}

static void
sort (GListStore *list, const LwCostRows *rows)
{
  g_list_store_sort (list, compare, (gpointer)rows);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++) {
    g_autoptr (LwCostItem) item = g_list_model_get_item (G_LIST_MODEL (list), i);

    if (item->children != NULL)
      sort (item->children, rows);
  }
}

GListModel *
lw_cost_items_new (LwGraph *graph, const LwCostRows *rows, int *ret_hidden)
{
  g_autofree LwReceptiveField *fields = lw_graph_receptive_fields (graph);
  Build build = { .graph = graph, .rows = rows, .fields = fields };
  g_autoptr (GListStore) list = g_list_store_new (LW_TYPE_COST_ITEM);

  add_contents (&build, list, LW_ROOT_BLOCK);
  *ret_hidden = build.hidden;
  if (rows->group == LW_GROUP_KINDS) {
    g_autoptr (GListStore) layers = g_steal_pointer (&list);

    list = group_by_kind (G_LIST_MODEL (layers));
  }
  if (rows->order != LW_ORDER_GRAPH)
    sort (list, rows);
  return G_LIST_MODEL (g_steal_pointer (&list));
}
