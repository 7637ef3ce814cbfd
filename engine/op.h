/* The op table: everything about an operation that is not arithmetic. The graph asks it for shapes,
 * the analysis for costs, the plan for what backward reads, the exporters for names, the interface
 * for formulas. The arithmetic itself is kernels/. Constant data, readable from any thread. */
#pragma once

#include "engine/graph.h"

G_BEGIN_DECLS

/* Colour groups of the diagram. */
typedef enum {
  LW_KIND_CONVOLUTION,
  LW_KIND_NORMALIZATION,
  LW_KIND_ACTIVATION,
  LW_KIND_POOLING,
  LW_KIND_LINEAR,
  LW_KIND_DROPOUT,
  LW_KIND_JOIN, /* sum, concat; blocks are drawn so too */
  LW_KIND_DATA, /* input, flatten, output */
  LW_N_KINDS
} LwKind;

/* What backward reads of the forward pass. */
enum { LW_SAVES_NOTHING = 0, LW_SAVES_INPUT = 1, LW_SAVES_OUTPUT = 2, LW_SAVES_STATE = 4 };

/* Per example, forward. MACs are multiply-accumulates of convolution and linear layers; FLOPs are
 * 2 × MACs. `operations` counts everything: 2 × MACs, bias, normalization, activation, pooling,
 * sums (the rule stands in each op's `operations_rule`). */
typedef struct {
  int64_t parameters; /* trainable */
  int64_t buffers;    /* elements that are stored but not trained */
  int64_t macs;
  int64_t operations;
  int64_t output_bytes; /* float32 */
} LwCost;

typedef struct {
  const char *name;       /* "conv2d" */
  const char *title;      /* "convolution", N_() */
  const char *label;      /* "conv": short; a layer's title is this and a number. Not translated */
  const char *torch;      /* PyTorch's class for a C×H×W input: "Conv2d", "BatchNorm2d" */
  const char *torch_flat; /* for a flat input where it differs ("BatchNorm1d"), else NULL */
  const char *onnx;       /* ONNX operator: "Conv" */
  const char
      *formula; /* one line for people: "y[o,i,j] = b[o] + Σ w[o,c,u,v] · x[c, s·i+u−p, s·j+v−p]" */
  const char *operations_rule; /* "2 × MACs + one addition an output for the bias", N_() */
  LwKind kind;
  int8_t min_inputs, max_inputs;
  bool in_place;   /* the output may take over input 0's memory when nobody else reads it */
  uint8_t saves;   /* LW_SAVES_*: what backward needs kept */
  bool shape_kept; /* output shape = input 0's shape */
  /* The output's shape from the inputs'. On failure a sentence without the layer's name. */
  bool (*infer) (const LwNode *node, const LwShape *inputs, LwShape *ret_shape, GError **error);
  /* MACs and operations; parameters and bytes are filled in by lw_node_cost. */
  void (*cost) (const LwNode *node, const LwShape *inputs, LwCost *cost);
} LwOpInfo;

/* Of a convolution or linear layer. */
static inline bool
lw_node_has_bias (const LwNode *node)
{
  return node->n_tensors > LW_ROLE_BIAS;
}

/* The output's side of a convolution or pooling for an input's side n ≥ lw_window_least:
 *   ⌊(n + 2·padding − kernel) / stride⌋ + 1
 *   ⌈(n + 2·padding − kernel) / stride⌉ + 1 with `ceil_mode`, less one where the last window would
 *   begin in the padding behind the map (PyTorch's MaxPool2d; ONNX's MaxPool since opset 19). */
int32_t lw_window_side (LwWindow window, bool ceil_mode, int32_t n);
/* The least side of a map that has an output. */
int32_t lw_window_least (LwWindow window, bool ceil_mode);

const LwOpInfo *lw_op_info (LwOp op);
/* "Conv2d", "BatchNorm1d": the type that `show` and the table print. */
const char *lw_node_torch_type (const LwGraph *graph, LwNodeId id);

/* Scratch beside a node's output that its backward needs (LW_SAVES_STATE), for a batch, in bytes:
 * max pooling's winner per output, dropout's mask, batch normalization's batch mean and 1/σ. A
 * backend may need less; the interface shows these. */
int64_t lw_node_state_bytes (const LwGraph *graph, LwNodeId id, int32_t batch);

G_END_DECLS
