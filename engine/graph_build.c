/* One function a layer: append a node, give it its name, shape and tensors. After the first error
 * all of them return LW_NO_NODE. */
#include "engine/graph_private.h"
#include "engine/i18n.h"

#include <string.h>

/* No value and no tensor may be larger (elements): far more than any machine holds, and small
 * enough that all sums over a graph fit 64 bits. */
#define LARGEST_SIZE ((int64_t)1 << 40)

LwGraph *
lw_graph_new (const char *title)
{
  LwGraph *graph = g_new0 (LwGraph, 1);
  atomic_init (&graph->references, 1);
  graph->failed_input = LW_NO_NODE;
  graph->strings = g_string_chunk_new (4096);
  graph->title = g_string_chunk_insert (graph->strings, title);
  graph->nodes = g_array_new (FALSE, TRUE, sizeof (LwNode));
  graph->given_names = g_array_new (FALSE, TRUE, sizeof (gboolean));
  graph->blocks = g_array_new (FALSE, TRUE, sizeof (LwBlock));
  graph->block_builds = g_array_new (FALSE, TRUE, sizeof (LwBlockBuild));
  graph->tensors = g_array_new (FALSE, TRUE, sizeof (LwTensorInfo));
  graph->node_names = g_hash_table_new (g_str_hash, g_str_equal);
  graph->tensor_names = g_hash_table_new (g_str_hash, g_str_equal);
  LwBlock root = { .parent = -1, .path = "", .title = graph->title, .last = -1 };
  LwBlockBuild build = { .scope = LW_ROOT_BLOCK };
  g_array_append_val (graph->blocks, root);
  g_array_append_val (graph->block_builds, build);
  return graph;
}

static LwBlockBuild *
open_scope (const LwGraph *graph)
{
  LwBlockId scope = g_array_index (graph->block_builds, LwBlockBuild, graph->open).scope;
  return &g_array_index (graph->block_builds, LwBlockBuild, scope);
}

/* "2.0" + "conv1" → "2.0.conv1"; NULL takes the next index. */
static const char *
join_path (LwGraph *graph, const char *name)
{
  const char *path = LW_GRAPH_BLOCK (graph, graph->open)->path;
  char index[16];
  if (name == NULL) {
    g_snprintf (index, sizeof index, "%d", open_scope (graph)->next_index++);
    name = index;
  }
  g_autofree char *joined = g_strjoin (path[0] == '\0' ? "" : ".", path, name, NULL);
  return g_string_chunk_insert_const (graph->strings, joined);
}

void
lw_graph_push_block (LwGraph *graph, LwBlockKind kind, const char *name, const char *title, ...)
{
  va_list arguments;
  va_start (arguments, title);
  g_autofree char *text = g_strdup_vprintf (title, arguments);
  va_end (arguments);

  LwBlock *parent = LW_GRAPH_BLOCK (graph, graph->open);
  bool nameless = name != NULL && name[0] == '\0';
  LwBlock block = {
    .parent = graph->open,
    .kind = kind,
    .path = nameless ? parent->path : join_path (graph, name),
    .title = g_string_chunk_insert_const (graph->strings, text),
    .first = (LwNodeId)graph->nodes->len,
    .last = (LwNodeId)graph->nodes->len - 1,
    .depth = parent->depth + 1,
  };
  LwBlockId id = (LwBlockId)graph->blocks->len;
  LwBlockBuild build = {
    .scope = nameless ? g_array_index (graph->block_builds, LwBlockBuild, graph->open).scope : id,
  };
  g_array_append_val (graph->blocks, block);
  g_array_append_val (graph->block_builds, build);
  graph->open = id;
}

void
lw_graph_pop_block (LwGraph *graph)
{
  g_return_if_fail (graph->open != LW_ROOT_BLOCK);
  LwBlock *block = LW_GRAPH_BLOCK (graph, graph->open);
  block->last = (LwNodeId)graph->nodes->len - 1;
  graph->open = block->parent;
}

void
lw_graph_skip (LwGraph *graph, int count)
{
  open_scope (graph)->next_index += count;
}

void
lw_graph_order_tensors (LwGraph *graph, const char *names)
{
  g_autofree char *padded = g_strdup_printf (" %s ", names);
  g_array_index (graph->block_builds, LwBlockBuild, graph->open).order =
      g_string_chunk_insert_const (graph->strings, padded);
}

void
lw_graph_fail (LwGraph *graph, const char *format, ...)
{
  if (graph->error != NULL)
    return;
  va_list arguments;
  va_start (arguments, format);
  graph->error = g_error_new_valist (LW_ERROR, LW_ERROR_INVALID, format, arguments);
  va_end (arguments);
}

/* "2.0.conv1 (Stage 2, Residual 1, conv 1): " before the sentence, so that it can be found both in
 * the diagram and in the code. */
static void
fail_at (LwGraph *graph, const LwNode *node, const char *sentence)
{
  g_autoptr (GString) where = g_string_new (NULL);
  for (LwBlockId id = node->block; id != LW_ROOT_BLOCK; id = LW_GRAPH_BLOCK (graph, id)->parent) {
    g_string_prepend (where, ", ");
    g_string_prepend (where, LW_GRAPH_BLOCK (graph, id)->title);
  }
  g_string_append (where, lw_op_info (node->op)->label);
  int count = 1;
  for (guint i = 0; i < graph->nodes->len && LW_GRAPH_NODE (graph, i)->name != node->name; i++)
    count +=
        LW_GRAPH_NODE (graph, i)->op == node->op && LW_GRAPH_NODE (graph, i)->block == node->block;
  if (count > 1)
    g_string_append_printf (where, " %d", count);
  lw_graph_fail (graph, "%s (%s): %s", node->name, where->str, sentence);
}

static void
add_tensor (LwGraph *graph, LwNode *node, LwTensorRole role, const char *suffix, LwTensorInfo info)
{
  g_autofree char *name = g_strconcat (node->name, ".", suffix, NULL);
  info.name = g_string_chunk_insert_const (graph->strings, name);
  info.node = (LwNodeId)graph->nodes->len - 1;
  info.role = role;
  info.trainable = role == LW_ROLE_WEIGHT || role == LW_ROLE_BIAS;
  info.size = 1;
  for (int32_t i = 0; i < info.rank; i++)
    if (__builtin_mul_overflow (info.size, info.dims[i], &info.size) || info.size > LARGEST_SIZE) {
      fail_at (graph, node, _ ("its weights would have more than 10¹² elements; make it smaller"));
      return;
    }
  node->tensors[node->n_tensors++] = (int32_t)graph->tensors->len;
  g_array_append_val (graph->tensors, info);
}

/* Infers the shape and appends the node; its name comes first, so that errors can say it. */
static LwNodeId
append (LwGraph *graph, LwNode *node, const char *name)
{
  if (graph->error != NULL)
    return LW_NO_NODE;
  g_return_val_if_fail (!graph->finished, LW_NO_NODE);

  node->block = graph->open;
  node->name = join_path (graph, name);
  LwShape inputs[LW_MAX_INPUTS] = { 0 };
  for (int32_t i = 0; i < node->n_inputs; i++) {
    LwNodeId input = node->inputs[i];
    g_return_val_if_fail (input >= 0 && (guint)input < graph->nodes->len, LW_NO_NODE);
    inputs[i] = LW_GRAPH_NODE (graph, input)->shape;
  }
  if (g_hash_table_contains (graph->node_names, node->name)) {
    fail_at (graph, node, _ ("two layers have this name"));
    return LW_NO_NODE;
  }
  g_autoptr (GError) error = NULL;
  if (!lw_op_info (node->op)->infer (node, inputs, &node->shape, &error)) {
    fail_at (graph, node, error->message);
    graph->failed_input = node->n_inputs > 0 ? node->inputs[0] : LW_NO_NODE;
    graph->failed = *node;
    return LW_NO_NODE;
  }
  int64_t size;
  if (__builtin_mul_overflow ((int64_t)node->shape.c * node->shape.h, (int64_t)node->shape.w,
                              &size) ||
      size > LARGEST_SIZE) {
    fail_at (graph, node, _ ("its output would have more than 10¹² elements; make it smaller"));
    return LW_NO_NODE;
  }
  LwNodeId id = (LwNodeId)graph->nodes->len;
  gboolean given = name != NULL;
  g_array_append_val (graph->nodes, *node);
  g_array_append_val (graph->given_names, given);
  g_hash_table_insert (graph->node_names, (gpointer)node->name, GINT_TO_POINTER (id));
  return id;
}

static LwNodeId
append_one (LwGraph *graph, LwNodeId x, const char *name, LwNode node)
{
  node.inputs[0] = x;
  node.n_inputs = 1;
  return append (graph, &node, name);
}

LwNodeId
lw_graph_input (LwGraph *graph, LwShape shape)
{
  LwNode node = { .op = LW_OP_INPUT, .shape = shape };
  if (graph->error == NULL && (shape.c < 1 || shape.h < 1 || shape.w < 1))
    lw_graph_fail (graph, _ ("the input has no elements"));
  return append (graph, &node, "input");
}

static LwNodeId
convolve (LwGraph *graph, LwNodeId x, const char *name, int channels, LwWindow window,
          bool with_bias)
{
  LwNodeId id = append_one (graph, x, name,
                            (LwNode){ .op = LW_OP_CONV2D, .window = window, .shape.c = channels });
  if (id == LW_NO_NODE)
    return id;
  LwNode *node = LW_GRAPH_NODE (graph, id);
  int64_t inputs = LW_GRAPH_NODE (graph, x)->shape.c;
  int64_t area = (int64_t)window.kernel * window.kernel;
  LwTensorInfo weight = {
    .rank = 4,
    .dims = { channels, inputs, window.kernel, window.kernel },
    .fan_in = inputs * area,
    .fan_out = channels * area,
  };
  LwTensorInfo bias = {
    .rank = 1, .dims = { weight.dims[0] }, .fan_in = weight.fan_in, .fan_out = weight.fan_out
  };
  add_tensor (graph, node, LW_ROLE_WEIGHT, "weight", weight);
  if (with_bias)
    add_tensor (graph, node, LW_ROLE_BIAS, "bias", bias);
  return graph->error == NULL ? id : LW_NO_NODE;
}

LwNodeId
lw_conv2d (LwGraph *graph, LwNodeId x, const char *name, int channels, LwWindow window)
{
  return convolve (graph, x, name, channels, window, true);
}

LwNodeId
lw_conv2d_without_bias (LwGraph *graph, LwNodeId x, const char *name, int channels, LwWindow window)
{
  return convolve (graph, x, name, channels, window, false);
}

LwNodeId
lw_linear (LwGraph *graph, LwNodeId x, const char *name, int units)
{
  LwNodeId id = append_one (graph, x, name, (LwNode){ .op = LW_OP_LINEAR, .shape.c = units });
  if (id == LW_NO_NODE)
    return id;
  LwNode *node = LW_GRAPH_NODE (graph, id);
  int64_t inputs = LW_GRAPH_NODE (graph, x)->shape.c;
  LwTensorInfo weight = {
    .rank = 2, .dims = { units, inputs }, .fan_in = inputs, .fan_out = units
  };
  LwTensorInfo bias = {
    .rank = 1, .dims = { weight.dims[0] }, .fan_in = weight.fan_in, .fan_out = weight.fan_out
  };
  add_tensor (graph, node, LW_ROLE_WEIGHT, "weight", weight);
  add_tensor (graph, node, LW_ROLE_BIAS, "bias", bias);
  return graph->error == NULL ? id : LW_NO_NODE;
}

LwNodeId
lw_batch_norm (LwGraph *graph, LwNodeId x, const char *name)
{
  LwNodeId id = append_one (graph, x, name,
                            (LwNode){ .op = LW_OP_BATCH_NORM, .epsilon = 1e-5, .momentum = 0.1 });
  if (id == LW_NO_NODE)
    return id;
  LwNode *node = LW_GRAPH_NODE (graph, id);
  LwTensorInfo channels = { .rank = 1, .dims = { node->shape.c } };
  add_tensor (graph, node, LW_ROLE_WEIGHT, "weight", channels);
  add_tensor (graph, node, LW_ROLE_BIAS, "bias", channels);
  add_tensor (graph, node, LW_ROLE_RUNNING_MEAN, "running_mean", channels);
  add_tensor (graph, node, LW_ROLE_RUNNING_VAR, "running_var", channels);
  add_tensor (graph, node, LW_ROLE_BATCHES, "num_batches_tracked",
              (LwTensorInfo){ .dtype = LW_I64 });
  return graph->error == NULL ? id : LW_NO_NODE;
}

LwNodeId
lw_max_pool (LwGraph *graph, LwNodeId x, const char *name, LwWindow window)
{
  return append_one (graph, x, name, (LwNode){ .op = LW_OP_MAX_POOL, .window = window });
}

LwNodeId
lw_avg_pool (LwGraph *graph, LwNodeId x, const char *name, LwWindow window)
{
  return append_one (graph, x, name, (LwNode){ .op = LW_OP_AVG_POOL, .window = window });
}

LwNodeId
lw_max_pool_ceil (LwGraph *graph, LwNodeId x, const char *name, LwWindow window)
{
  return append_one (graph, x, name,
                     (LwNode){ .op = LW_OP_MAX_POOL, .window = window, .ceil_mode = true });
}

LwNodeId
lw_avg_pool_ceil (LwGraph *graph, LwNodeId x, const char *name, LwWindow window)
{
  return append_one (graph, x, name,
                     (LwNode){ .op = LW_OP_AVG_POOL, .window = window, .ceil_mode = true });
}

LwNodeId
lw_global_avg_pool (LwGraph *graph, LwNodeId x, const char *name)
{
  return append_one (graph, x, name, (LwNode){ .op = LW_OP_GLOBAL_AVG_POOL });
}

LwNodeId
lw_dropout (LwGraph *graph, LwNodeId x, const char *name, double probability)
{
  return append_one (graph, x, name,
                     (LwNode){ .op = LW_OP_DROPOUT, .dropout = (float)probability });
}

LwNodeId
lw_flatten (LwGraph *graph, LwNodeId x, const char *name)
{
  return append_one (graph, x, name, (LwNode){ .op = LW_OP_FLATTEN });
}

LwNodeId
lw_activation (LwGraph *graph, LwNodeId x, const char *name, LwOp op)
{
  g_return_val_if_fail (op == LW_OP_RELU || op == LW_OP_SIGMOID || op == LW_OP_TANH, LW_NO_NODE);
  return append_one (graph, x, name, (LwNode){ .op = op });
}

LwNodeId
lw_add (LwGraph *graph, LwNodeId a, LwNodeId b, const char *name)
{
  LwNode node = { .op = LW_OP_ADD, .inputs = { a, b }, .n_inputs = 2 };
  return append (graph, &node, name);
}

LwNodeId
lw_concat (LwGraph *graph, const LwNodeId *inputs, int n_inputs, const char *name)
{
  g_return_val_if_fail (n_inputs >= 1 && n_inputs <= LW_MAX_INPUTS, LW_NO_NODE);
  LwNode node = { .op = LW_OP_CONCAT, .n_inputs = n_inputs };
  memcpy (node.inputs, inputs, sizeof (LwNodeId) * (size_t)n_inputs);
  return append (graph, &node, name);
}

LwShape
lw_graph_shape (const LwGraph *graph, LwNodeId value)
{
  if (graph->error != NULL || value == LW_NO_NODE)
    return (LwShape){ 0 };
  return lw_graph_node (graph, value)->shape;
}

bool
lw_graph_finish (LwGraph *graph, GError **error)
{
  g_return_val_if_fail (!graph->finished, false);

  LwNodeId n = (LwNodeId)graph->nodes->len;
  if (n == 0)
    lw_graph_fail (graph, _ ("the network has no layers"));
  else if (graph->open != LW_ROOT_BLOCK)
    lw_graph_fail (graph, _ ("block %s is still open"), LW_GRAPH_BLOCK (graph, graph->open)->title);
  if (graph->error == NULL) {
    LwNode *output = LW_GRAPH_NODE (graph, n - 1);
    LW_GRAPH_BLOCK (graph, LW_ROOT_BLOCK)->last = n - 1;
    lw_graph_index_readers (graph);
    if (!output->shape.flat) {
      g_autofree char *shape = lw_shape_to_string (output->shape);
      g_autofree char *sentence = g_strdup_printf (
          _ ("the last layer must give one score a class, its output is %s"), shape);
      fail_at (graph, output, sentence);
    }
    for (LwNodeId id = 0; id < n - 1; id++)
      if (graph->reader_starts[id] == graph->reader_starts[id + 1])
        fail_at (graph, LW_GRAPH_NODE (graph, id), _ ("no layer reads its output"));
  }
  if (graph->error != NULL) {
    g_propagate_error (error, g_error_copy (graph->error));
    return false;
  }
  lw_graph_assign_titles (graph);
  lw_graph_sort_tensors (graph);
  graph->finished = true;
  return true;
}
