/* From gradients to maps. */
#include "engine/explain.h"

#include <math.h>

/* Made by convolutions and what belongs to them, not by pooling. Sigmoid and tanh are left out:
 * their maps are nowhere near zero, so that one weight a map says little about a place. */
static bool
is_feature_map (const LwNode *node)
{
  const LwKind kind = lw_op_info (node->op)->kind;

  if (node->op == LW_OP_SIGMOID || node->op == LW_OP_TANH)
    return false;
  return !node->shape.flat && (int64_t)node->shape.h * node->shape.w > 1 &&
         (kind == LW_KIND_CONVOLUTION || kind == LW_KIND_NORMALIZATION ||
          kind == LW_KIND_ACTIVATION || kind == LW_KIND_JOIN);
}

LwNodeId
lw_explain_layer (const LwGraph *graph)
{
  for (LwNodeId id = lw_graph_n_nodes (graph) - 1; id > 0; id--)
    if (is_feature_map (lw_graph_node (graph, id)))
      return id;
  return LW_NO_NODE;
}

void
lw_grad_cam (const float *maps, const float *gradients, LwShape shape, float *ret_map)
{
  const int64_t pixels = (int64_t)shape.h * shape.w;
  g_autofree double *sums = g_new0 (double, pixels);

  for (int64_t k = 0; k < shape.c; k++) {
    double weight = 0;

    for (int64_t i = 0; i < pixels; i++)
      weight += (double)gradients[k * pixels + i];
    weight /= (double)pixels;
    for (int64_t i = 0; i < pixels; i++)
      sums[i] += weight * (double)maps[k * pixels + i];
  }
  for (int64_t i = 0; i < pixels; i++)
    ret_map[i] = (float)MAX (sums[i], 0);
}

void
lw_gradient_map (const float *gradient, LwShape shape, bool is_signed, float *ret_map)
{
  const int64_t pixels = (int64_t)shape.h * shape.w;

  for (int64_t i = 0; i < pixels; i++) {
    float value = 0;

    for (int64_t k = 0; k < shape.c; k++) {
      const float g = gradient[k * pixels + i];

      value = is_signed ? value + g : fmaxf (value, fabsf (g));
    }
    ret_map[i] = value;
  }
}

float *
lw_explainer_map (LwExplainer *explainer, LwExplainMethod method, int32_t label, LwNodeId layer,
                  int *ret_rows, int *ret_columns, GCancellable *cancellable, GError **error)
{
  LwGraph *graph = lw_explainer_graph (explainer);
  const LwNodeId target = method == LW_EXPLAIN_GRAD_CAM ? layer : 0;
  g_autofree float *values = NULL, *gradient = NULL, *map = NULL;
  LwShape shape;
  gsize size;

  if (!lw_explainer_follow (explainer, label, target, cancellable, error))
    return NULL;
  shape = lw_graph_node (graph, target)->shape;
  size = (gsize)lw_shape_size (shape);
  gradient = g_new (float, size);
  map = g_new (float, (gsize)shape.h *(gsize)shape.w);
  if (!lw_explainer_gradient (explainer, target, gradient, error))
    return NULL;
  if (method == LW_EXPLAIN_GRAD_CAM) {
    values = g_new (float, size);
    if (!lw_explainer_value (explainer, target, values, error))
      return NULL;
    lw_grad_cam (values, gradient, shape, map);
  } else {
    lw_gradient_map (gradient, shape, method == LW_EXPLAIN_GRADIENT_SIGNED, map);
  }
  *ret_rows = shape.h;
  *ret_columns = shape.w;
  return g_steal_pointer (&map);
}
