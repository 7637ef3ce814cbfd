#include "onnx/model.h"

#include "engine/i18n.h"

#include <string.h>

enum { INPUT_SIZE, CHANNELS, CLASSES, N_KNOBS };

struct LwOnnxModel {
  LwModel row; /* first: the builder gets it */
  LwKnob knobs[N_KNOBS];
  const LwKnob *list[N_KNOBS + 1];
  LwGraph *graph;
  char *title, *origin;
};

LwNodeId
lw_graph_add_like (LwGraph *graph, const LwNode *node, const char *name)
{
  const LwNodeId x = node->n_inputs > 0 ? node->inputs[0] : LW_NO_NODE;

  switch (node->op) {
  case LW_OP_INPUT:
    return lw_graph_input (graph, node->shape);
  case LW_OP_CONV2D:
    return node->n_tensors > LW_ROLE_BIAS
               ? lw_conv2d (graph, x, name, node->shape.c, node->window)
               : lw_conv2d_without_bias (graph, x, name, node->shape.c, node->window);
  case LW_OP_LINEAR:
    return lw_linear (graph, x, name, node->shape.c);
  case LW_OP_BATCH_NORM:
    return lw_batch_norm (graph, x, name);
  case LW_OP_MAX_POOL:
    return node->ceil_mode ? lw_max_pool_ceil (graph, x, name, node->window)
                           : lw_max_pool (graph, x, name, node->window);
  case LW_OP_AVG_POOL:
    return node->ceil_mode ? lw_avg_pool_ceil (graph, x, name, node->window)
                           : lw_avg_pool (graph, x, name, node->window);
  case LW_OP_GLOBAL_AVG_POOL:
    return lw_global_avg_pool (graph, x, name);
  case LW_OP_DROPOUT:
    return lw_dropout (graph, x, name, (double)node->dropout);
  case LW_OP_FLATTEN:
    return lw_flatten (graph, x, name);
  case LW_OP_ADD:
    return lw_add (graph, x, node->inputs[1], name);
  case LW_OP_CONCAT:
    return lw_concat (graph, node->inputs, node->n_inputs, name);
  default:
    return lw_activation (graph, x, name, node->op);
  }
}

/* A block's own part of its path: what its parent's has not; "" where that is all. */
static const char *
own_part (const char *path, const char *outer)
{
  const size_t n = strlen (outer);

  if (n == 0)
    return path;
  return path[n] == '.' ? path + n + 1 : "";
}

static void
open_blocks (LwGraph *graph, const LwGraph *from, LwBlockId block, LwBlockId open)
{
  const LwBlock *b = lw_graph_block (from, block);

  if (block == open)
    return;
  open_blocks (graph, from, b->parent, open);
  lw_graph_push_block (graph, b->kind, own_part (b->path, lw_graph_block (from, b->parent)->path),
                       "%s", b->title);
}

static bool
holds (const LwGraph *graph, LwBlockId outer, LwBlockId block)
{
  while (block > outer)
    block = lw_graph_block (graph, block)->parent;
  return block == outer;
}

static LwNodeId
build (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  const LwOnnxModel *self = (const LwOnnxModel *)(const void *)lw_options_model (options);
  LwBlockId open = LW_ROOT_BLOCK;

  if (!lw_shape_equal (lw_options_input (options), self->row.input) ||
      lw_options_integer (options, "classes") != self->row.classes)
    lw_graph_fail (graph,
                   _ ("a network of a file has the input and the classes that it has there"));
  for (LwNodeId id = 1; id < lw_graph_n_nodes (self->graph) && x != LW_NO_NODE; id++) {
    const LwNode *node = lw_graph_node (self->graph, id);
    const char *path = lw_graph_block (self->graph, node->block)->path;

    for (; !holds (self->graph, open, node->block);
         open = lw_graph_block (self->graph, open)->parent)
      lw_graph_pop_block (graph);
    open_blocks (graph, self->graph, node->block, open);
    open = node->block;
    x = lw_graph_add_like (graph, node, own_part (node->name, path));
  }
  for (; open != LW_ROOT_BLOCK; open = lw_graph_block (self->graph, open)->parent)
    lw_graph_pop_block (graph);
  return x;
}

static LwKnob
fixed (const char *name, const char *title, int value)
{
  return (LwKnob){
    .name = name,
    .title = title,
    .type = LW_KNOB_INTEGER,
    .standard = value,
    .minimum = value,
    .maximum = value,
    .help = N_ ("As the file has it."),
  };
}

LwOnnxModel *
lw_onnx_model_new (LwGraph *graph, const char *title, const char *origin)
{
  LwOnnxModel *self = g_new0 (LwOnnxModel, 1);
  const LwShape input = lw_graph_input_shape (graph);

  self->graph = lw_graph_ref (graph);
  self->title = g_strdup (title);
  self->origin = g_strdup (origin);
  self->knobs[INPUT_SIZE] = fixed ("input_size", N_ ("Input size"), input.h);
  self->knobs[CHANNELS] = fixed ("channels", N_ ("Channels"), input.c);
  self->knobs[CLASSES] = fixed ("classes", N_ ("Classes"), lw_graph_classes (graph));
  for (int i = 0; i < N_KNOBS; i++)
    self->list[i] = &self->knobs[i];
  self->row = (LwModel){
    .name = self->title,
    .title = self->title,
    .family = "ONNX",
    .paper = self->origin,
    .idea = N_ ("A network of another program, as its file has it."),
    .input = input,
    .classes = lw_graph_classes (graph),
    .recipe = { 0.1, 1, 64 },
    .knobs = self->list,
    .build = build,
  };
  return self;
}

void
lw_onnx_model_free (LwOnnxModel *self)
{
  if (self == NULL)
    return;
  lw_graph_unref (self->graph);
  g_free (self->title);
  g_free (self->origin);
  g_free (self);
}

const LwModel *
lw_onnx_model_row (const LwOnnxModel *self)
{
  return &self->row;
}
