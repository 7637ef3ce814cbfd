/* What the parts of the reader share while a message becomes a graph. Nodes are read in the file's
 * order, which the standard demands to be topological, into a graph without blocks; that one is
 * built again with blocks when all names are known. The first error sticks. One thread. */
#pragma once

#include "engine/graph.h"
#include "onnx/onnx.pb-c.h"

G_BEGIN_DECLS

#define LW_ONNX_MOST_NODES   20000
#define LW_ONNX_MOST_NUMBERS 16 /* of a shape that is computed in the file */
#define LW_ONNX_BATCH        (-1)

typedef enum {
  LW_ONNX_LAYER,   /* what a layer of the network gives */
  LW_ONNX_TENSOR,  /* weights, or another constant */
  LW_ONNX_NUMBERS, /* a shape that is computed from shapes */
} LwOnnxKind;

/* What a name of the file stands for. */
typedef struct {
  LwOnnxKind kind;
  LwNodeId node;   /* a layer; its graph is `flat` */
  int32_t padding; /* zeros around it that the next window has to bring; a Pad before it */
  bool unbiased;   /* a matrix product whose bias may follow as a sum */
  const Onnx__TensorProto *tensor;
  int32_t n;                             /* numbers */
  bool scalar;                           /* one number that is no list */
  int64_t numbers[LW_ONNX_MOST_NUMBERS]; /* LW_ONNX_BATCH: the batch */
} LwOnnxValue;

/* Beside each node of `flat`. */
typedef struct {
  bool function; /* its place in the tree of blocks is that of its neighbours */
  const void *data[LW_MAX_TENSORS];
} LwOnnxLayer;

typedef struct {
  const char *file; /* for sentences */
  const Onnx__GraphProto *graph;
  int64_t opset, batch; /* the batch that the file's input has; 0: symbolic */
  GHashTable *values;   /* name → LwOnnxValue, owned */
  GHashTable *reads;    /* name → number of nodes that read it */
  GHashTable *names;    /* layers' names so far → how often each was wanted */
  GPtrArray *owned;     /* memory that outlives the import, g_free */
  uint64_t to_own;      /* bytes that may still be taken for it: nodes may share weights */
  LwGraph *flat;
  GArray *layers; /* LwOnnxLayer, a node of `flat` each */
  bool softmax;   /* one was left out */
  GError *error;
} LwOnnxImport;

/* --- the walk (import.c) ---------------------------------------------------------------------- */

/* "FILE: node "NAME" (OP) …": sets the error and returns false. */
bool lw_onnx_refuse (LwOnnxImport *import, const Onnx__NodeProto *node, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* The value that an input names; NULL: absent, or no earlier node makes it (an error then). */
const LwOnnxValue *lw_onnx_input (LwOnnxImport *import, const Onnx__NodeProto *node, size_t index);
/* The same, but a layer's; NULL: refused. */
const LwOnnxValue *lw_onnx_layer (LwOnnxImport *import, const Onnx__NodeProto *node, size_t index);
bool lw_onnx_has_input (const Onnx__NodeProto *node, size_t index);
/* Whether one input of all nodes that are read is the node's output. */
bool lw_onnx_is_read_once (const LwOnnxImport *import, const Onnx__NodeProto *node);
/* What the node's output stands for from now on; true. */
bool lw_onnx_give (LwOnnxImport *import, const Onnx__NodeProto *node, const LwOnnxValue *value);
/* Takes a node that was appended to `flat`, with the data of its tensors; LW_NO_NODE: its error. */
bool lw_onnx_add_layer (LwOnnxImport *import, const Onnx__NodeProto *node, LwNodeId id,
                        bool function, const void *const *data);

/* --- operators -------------------------------------------------------------------------------- */

typedef bool (*LwOnnxReader) (LwOnnxImport *import, const Onnx__NodeProto *node);

/* Of layers (import_layers.c), and of constants and shapes (import_numbers.c); NULL: neither. */
LwOnnxReader lw_onnx_layer_reader (const char *op);
LwOnnxReader lw_onnx_number_reader (const char *op);
/* A small constant, or a shape, as numbers; NULL: it is none. `ret` is a place for it. */
const LwOnnxValue *lw_onnx_numbers (const LwOnnxValue *value, LwOnnxValue *ret);

/* --- attributes (attributes.c) ---------------------------------------------------------------- */

int64_t lw_onnx_integer (const Onnx__NodeProto *node, const char *name, int64_t standard);
double lw_onnx_real (const Onnx__NodeProto *node, const char *name, double standard);
/* Whether a word is this one; `standard`: what an absent attribute says. */
bool lw_onnx_is_word (const Onnx__NodeProto *node, const char *name, const char *word,
                      const char *standard);
/* A list of n numbers; where it is absent, all are `standard`. False: another length. */
bool
lw_onnx_list (const Onnx__NodeProto *node, const char *name, int64_t standard, int n, int64_t *ret);
const Onnx__AttributeProto *lw_onnx_attribute (const Onnx__NodeProto *node, const char *name);

/* --- tensors (tensors.c) ---------------------------------------------------------------------- */

/* Its number of elements where the dimensions make one, else −1. */
int64_t lw_onnx_tensor_size (const Onnx__TensorProto *tensor);
/* Float32 data of weights with this rank and these dimensions (−1: any); NULL: refused. */
const float *lw_onnx_weights (LwOnnxImport *import, const Onnx__NodeProto *node,
                              const LwOnnxValue *value, int rank, const int64_t *dims);
/* Up to `most` whole numbers; −1: it holds none, or more. */
int32_t lw_onnx_tensor_integers (const Onnx__TensorProto *tensor, int32_t most, int64_t *ret);
/* Zeros that live as long as the network; NULL: too many, refused. */
float *lw_onnx_own (LwOnnxImport *import, const Onnx__NodeProto *node, int64_t n);
/* One real number; false: it holds none. */
bool lw_onnx_tensor_real (const Onnx__TensorProto *tensor, double *ret);

/* --- names and blocks ------------------------------------------------------------------------- */

/* A name that can be shown: valid UTF-8, one line, at most 80 characters; g_free. */
char *lw_onnx_clean (const char *name);
/* What the layer of a node is called, unlike all before it; `weight`: its first tensor's name, or
 * NULL. g_free. */
char *lw_onnx_name (LwOnnxImport *import, const Onnx__NodeProto *node, const char *weight);
/* The finished graph with blocks, as dotted names say; `ret_data` has the data of its tensors, in
 * order. NULL with the import's error. */
LwGraph *lw_onnx_build (LwOnnxImport *import, const char *title, GPtrArray *ret_data);

/* All of it: a finished graph. */
LwGraph *lw_onnx_import (LwOnnxImport *import, const Onnx__ModelProto *model, GPtrArray *ret_data);

G_END_DECLS
