/* Readers of operators, for the table in import_layers.c, and what they share. */
#pragma once

#include "onnx/import.h"

G_BEGIN_DECLS

/* The window over a map; `kernel`: where the attribute is absent. False: refused. */
bool lw_onnx_window (LwOnnxImport *import, const Onnx__NodeProto *node, LwShape shape,
                     int64_t kernel, LwWindow *ret_window);
/* Whether the node's axes, an attribute or an input, are height and width, in whatever order. */
bool lw_onnx_over_sides (LwOnnxImport *import, const Onnx__NodeProto *node);
/* A layer that makes one row an example of `x`. */
bool lw_onnx_flatten (LwOnnxImport *import, const Onnx__NodeProto *node, LwNodeId x);

/* import_windows.c */
bool lw_onnx_read_conv (LwOnnxImport *import, const Onnx__NodeProto *node);
bool lw_onnx_read_max_pool (LwOnnxImport *import, const Onnx__NodeProto *node);
bool lw_onnx_read_avg_pool (LwOnnxImport *import, const Onnx__NodeProto *node);

/* import_shapes.c */
bool lw_onnx_read_flatten (LwOnnxImport *import, const Onnx__NodeProto *node);
bool lw_onnx_read_reshape (LwOnnxImport *import, const Onnx__NodeProto *node);
bool lw_onnx_read_squeeze (LwOnnxImport *import, const Onnx__NodeProto *node);
bool lw_onnx_read_identity (LwOnnxImport *import, const Onnx__NodeProto *node);
bool lw_onnx_read_softmax (LwOnnxImport *import, const Onnx__NodeProto *node);
bool lw_onnx_read_pad (LwOnnxImport *import, const Onnx__NodeProto *node);

G_END_DECLS
