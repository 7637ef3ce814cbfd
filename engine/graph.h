/* LwGraph: the description of a network, the only one there is. The diagram, the cost analysis,
 * the plan, every backend and every file format read it; nobody keeps a second list.
 *
 * A graph is a flat list of nodes in single-assignment form: node i has one operation, inputs that
 * are earlier nodes, and one output value, which is named by the node's own number. Beside it
 * stands a tree of blocks (a stage, an Inception block, a residual block), which is where the
 * diagram folds; the nodes of a block are a contiguous range. The list of tensors holds the
 * parameters (trained) and buffers (batch normalization's running statistics) under PyTorch's
 * state_dict names, in state_dict order. Shapes are per example; the batch belongs to the plan.
 * A graph holds no weights and no device memory.
 *
 * Building: the functions below append one layer each and return its value. The first error
 * sticks: later calls accept LW_NO_NODE and do nothing, and lw_graph_finish reports it, so model
 * files have no error branches. Layer names are relative to the open blocks; NULL means "the next
 * index here", as in PyTorch's nn.Sequential, so that names come out as the book's code has them
 * (`0.weight`, `2.0.conv3.bias`).
 *
 * Threads: one thread builds; a finished graph is immutable and may be read from any thread.
 * Ownership: the graph owns all it returns; free it with lw_graph_unref after its last reader. */
#pragma once

#include "engine/data/normalization.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct LwGraph LwGraph;

typedef int32_t LwNodeId; /* a node, and the value that it computes */
#define LW_NO_NODE (-1)

typedef int32_t LwBlockId;
#define LW_ROOT_BLOCK 0 /* the network itself: path "" */

#define LW_MAX_INPUTS  16 /* of one node */
#define LW_MAX_TENSORS 5  /* of one node: batch normalization has five */

typedef enum {
  LW_OP_INPUT,
  LW_OP_CONV2D,
  LW_OP_LINEAR,
  LW_OP_BATCH_NORM,
  LW_OP_RELU,
  LW_OP_SIGMOID,
  LW_OP_TANH,
  LW_OP_MAX_POOL,
  LW_OP_AVG_POOL,
  LW_OP_GLOBAL_AVG_POOL,
  LW_OP_DROPOUT,
  LW_OP_FLATTEN,
  LW_OP_ADD,
  LW_OP_CONCAT,
  LW_OP_CROSS_ENTROPY, /* softmax + cross-entropy: never in a graph, always a training plan's last
                          step */
  LW_N_OPS
} LwOp;

/* The shape of one example: channels × height × width, or a vector (flat: h = w = 1). */
typedef struct {
  int32_t c, h, w;
  bool flat;
} LwShape;

static inline int64_t
lw_shape_size (LwShape shape)
{
  return (int64_t)shape.c * shape.h * shape.w;
}
bool lw_shape_equal (LwShape a, LwShape b);
/* "64×28×28" or "120". Free with g_free. */
char *lw_shape_to_string (LwShape shape);

/* A square sliding window: kernel ≥ 1, stride ≥ 1, 0 ≤ padding. The output's side: lw_window_side,
 * engine/op.h. */
typedef struct {
  int32_t kernel, stride, padding;
} LwWindow;

typedef struct {
  LwOp op;
  LwBlockId block;
  const char *name;  /* unique; "1.0.conv1": PyTorch's module path, or a free name for functions */
  const char *title; /* for people, unique within its block: "conv 1", "max pool", "ReLU 2" */
  LwNodeId inputs[LW_MAX_INPUTS];
  int32_t n_inputs;
  LwShape shape;                   /* of the output */
  int32_t tensors[LW_MAX_TENSORS]; /* indices into the graph's tensors, in LwTensorRole's order */
  int32_t n_tensors;
  LwWindow window; /* convolution and pooling */
  bool ceil_mode;  /* pooling: the output's sides are rounded up, PyTorch's name */
  float dropout;   /* dropout: the share of values set to zero, 0 ≤ p < 1 */
  double epsilon;  /* batch normalization: 1e-5 */
  double momentum; /* batch normalization, PyTorch's convention:
                      running ← (1 − momentum) · running + momentum · batch; 0.1.
                      The book's from-scratch code calls 1 − momentum = 0.9 its momentum. */
} LwNode;

typedef enum {
  LW_ROLE_WEIGHT, /* convolution [out][in][kh][kw], linear [out][in], batch normalization's γ [c] */
  LW_ROLE_BIAS,   /* [out]; batch normalization's β */
  LW_ROLE_RUNNING_MEAN,
  LW_ROLE_RUNNING_VAR,
  LW_ROLE_BATCHES, /* num_batches_tracked: one int64, shape [] */
} LwTensorRole;

typedef enum { LW_F32, LW_I64, LW_I32 } LwDType;

typedef struct {
  const char *name; /* "1.0.bn1.running_mean" */
  LwNodeId node;
  LwTensorRole role;
  LwDType dtype;
  bool trainable;
  int32_t rank; /* 0 to 4 */
  int64_t dims[4];
  int64_t size;            /* number of elements; 1 for rank 0 */
  int64_t fan_in, fan_out; /* as Xavier's initialization counts them; 0 for batch normalization */
} LwTensorInfo;

/* What a block is; the diagram draws each kind as its book's figure does. */
typedef enum {
  LW_BLOCK_PLAIN, /* a sequence: stem, stage, VGG block, NiN block, head */
  LW_BLOCK_INCEPTION,
  LW_BLOCK_RESIDUAL,
  LW_BLOCK_DENSE,
  LW_BLOCK_TRANSITION,
} LwBlockKind;

typedef struct {
  LwBlockId parent; /* -1 for the root */
  LwBlockKind kind;
  const char
      *path; /* of the tensors below, "2.0"; a block without a module of its own has its parent's */
  const char *title;    /* "Stage 2", "Residual 1", "Inception 3b", "Dense block 1", "Head" */
  LwNodeId first, last; /* its nodes, inclusive; first > last: empty */
  int32_t depth;        /* the root's is 0 */
} LwBlock;

/* --- building ------------------------------------------------------------------------------ */

LwGraph *lw_graph_new (const char *title);
LwGraph *lw_graph_ref (LwGraph *graph);
void lw_graph_unref (LwGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwGraph, lw_graph_unref)

/* Opens a block. `name`: its part of the tensor path; NULL: the next index here; "": none of its
 * own (a group for people only; layers in it are numbered on as if it were not there). A dotted
 * name ("net.0") is one that PyTorch spreads over several modules. `title`: printf format. */
void lw_graph_push_block (LwGraph *graph, LwBlockKind kind, const char *name, const char *title,
                          ...) G_GNUC_PRINTF (4, 5);
void lw_graph_pop_block (LwGraph *graph);

/* Consumes `count` indices here without adding a layer, for modules that this variant leaves out.
 */
void lw_graph_skip (LwGraph *graph, int count);

/* The order in which PyTorch's constructor registers the open block's modules, where it differs
 * from the order of execution; decides the order of tensors only. `names`: "conv1 conv2 conv3". */
void lw_graph_order_tensors (LwGraph *graph, const char *names);

LwNodeId lw_graph_input (LwGraph *graph, LwShape shape);
LwNodeId lw_conv2d (LwGraph *graph, LwNodeId x, const char *name, int channels, LwWindow window);
/* Without a bias: for convolutions before a batch normalization, whose β does the same. */
LwNodeId lw_conv2d_without_bias (LwGraph *graph, LwNodeId x, const char *name, int channels,
                                 LwWindow window);
LwNodeId lw_linear (LwGraph *graph, LwNodeId x, const char *name, int units);
LwNodeId lw_batch_norm (LwGraph *graph, LwNodeId x, const char *name);
LwNodeId lw_max_pool (LwGraph *graph, LwNodeId x, const char *name, LwWindow window);
/* Zeros of the padding count in the mean, as in PyTorch (count_include_pad). */
LwNodeId lw_avg_pool (LwGraph *graph, LwNodeId x, const char *name, LwWindow window);
/* The same with sides rounded up: a last window reaches past the padded map. What lies there is in
 * no maximum and no mean, whose divisor is the number of cells on the padded map. */
LwNodeId lw_max_pool_ceil (LwGraph *graph, LwNodeId x, const char *name, LwWindow window);
LwNodeId lw_avg_pool_ceil (LwGraph *graph, LwNodeId x, const char *name, LwWindow window);
LwNodeId lw_global_avg_pool (LwGraph *graph, LwNodeId x, const char *name);
LwNodeId lw_dropout (LwGraph *graph, LwNodeId x, const char *name, double probability);
LwNodeId lw_flatten (LwGraph *graph, LwNodeId x, const char *name);
/* `op`: LW_OP_RELU, LW_OP_SIGMOID or LW_OP_TANH. */
LwNodeId lw_activation (LwGraph *graph, LwNodeId x, const char *name, LwOp op);
LwNodeId lw_add (LwGraph *graph, LwNodeId a, LwNodeId b, const char *name);
LwNodeId lw_concat (LwGraph *graph, const LwNodeId *inputs, int n_inputs, const char *name);

/* A builder's own error ("width 0.01 leaves no channel"). Only the first error is kept. */
void lw_graph_fail (LwGraph *graph, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Shape of a value so far; {0} after an error. */
LwShape lw_graph_shape (const LwGraph *graph, LwNodeId value);

/* Closes the graph. Fails with the first error of the building, whose sentence names the layer and
 * the shapes: "stage2/unit1/add: inputs are 64×28×28 and 128×28×28". The last node is the output;
 * it must be flat. */
bool lw_graph_finish (LwGraph *graph, GError **error);

/* --- reading (a finished graph) ------------------------------------------------------------- */

const char *lw_graph_title (const LwGraph *graph);
int32_t lw_graph_n_nodes (const LwGraph *graph);
const LwNode *lw_graph_node (const LwGraph *graph, LwNodeId id);
LwNodeId lw_graph_output (const LwGraph *graph);
LwNodeId lw_graph_find_node (const LwGraph *graph, const char *name); /* or LW_NO_NODE */
int32_t lw_graph_n_blocks (const LwGraph *graph);                     /* the root included */
const LwBlock *lw_graph_block (const LwGraph *graph, LwBlockId id);
int32_t lw_graph_n_tensors (const LwGraph *graph);
const LwTensorInfo *lw_graph_tensor (const LwGraph *graph, int32_t index);
int32_t lw_graph_find_tensor (const LwGraph *graph, const char *name); /* or -1 */
/* Nodes that read `id`; the array belongs to the graph. */
const LwNodeId *lw_graph_readers (const LwGraph *graph, LwNodeId id, int32_t *ret_n);
/* Input shape and class count. */
LwShape lw_graph_input_shape (const LwGraph *graph);
int32_t lw_graph_classes (const LwGraph *graph);
/* What its images, [C][H][W] in [0, 1], are normalized with before the first layer reads them; none
 * at first. Set before others have the graph. */
void lw_graph_set_normalization (LwGraph *graph, const LwNormalization *normalization);
const LwNormalization *lw_graph_normalization (const LwGraph *graph);

G_END_DECLS
