/* What the writer's parts share: memory that lives as long as the message that is being made. */
#pragma once

#include "engine/op.h"
#include "onnx/onnx.pb-c.h"

G_BEGIN_DECLS

typedef struct {
  GPtrArray *pool; /* freed with the message */
  const LwGraph *graph;
  const void *const *tensors; /* the weights, not copied */
  GPtrArray *nodes, *initializers, *values;
} LwOnnxWriter;

/* Zeroed memory of the pool. */
void *lw_onnx_new (LwOnnxWriter *writer, gsize bytes);
char *lw_onnx_text (LwOnnxWriter *writer, const char *text);
/* What the value of a node is called in the file; of the graph's strings or constant. */
const char *lw_onnx_value_name (const LwGraph *graph, LwNodeId id);
/* A tensor of floats; `data` is not copied. */
void lw_onnx_add_initializer (LwOnnxWriter *writer, const char *name, int rank, const int64_t *dims,
                              const float *data);
/* Appends the node of a layer, and the tensors that it reads. */
void lw_onnx_add_node (LwOnnxWriter *writer, LwNodeId id);

G_END_DECLS
