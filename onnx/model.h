/* A network of a file as a row of the model library, so that all that shows models shows it. */
#pragma once

#include "engine/models.h"

G_BEGIN_DECLS

typedef struct LwOnnxModel LwOnnxModel;

/* `graph` is kept alive. `title` is shown for its name, `origin` for its paper. */
LwOnnxModel *lw_onnx_model_new (LwGraph *graph, const char *title, const char *origin);
void lw_onnx_model_free (LwOnnxModel *model);
const LwModel *lw_onnx_model_row (const LwOnnxModel *model);

/* Appends a layer like another graph's, with inputs of the same numbers. */
LwNodeId lw_graph_add_like (LwGraph *graph, const LwNode *node, const char *name);

G_END_DECLS
