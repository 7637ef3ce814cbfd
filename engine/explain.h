/* LwExplainer: which part of an image speaks for a class: gradients of the class's score (its
 * logit, before softmax) in evaluation mode, by one forward and one backward pass over a network at
 * rest. Batch normalization uses its running statistics, so it is a fixed affine map; dropout is
 * off.
 *
 *  Grad-CAM (Selvaraju et al. 2017, "Grad-CAM: visual explanations from deep networks via
 *  gradient-based localization", section 3, equations 1 and 2), for the maps A_k of one layer:
 *     α_k = 1/(h·w) Σ_ij ∂y_c/∂A_k[i,j]        map = ReLU (Σ_k α_k A_k)
 *  Input gradient (Simonyan et al. 2014, "Deep inside convolutional networks: visualising image
 *  classification models and saliency maps", section 3): ∂y_c/∂x; its magnitude is the largest |·|
 *  over the channels of a pixel, signed is the sum over them.
 *
 * Threads: one at a time, meant for a worker of the program; a cancelled call leaves the explainer
 * usable from lw_explainer_look on. It keeps every layer's output and gradient: twice the
 * activations of one image, beside the weights. */
#pragma once

#include "engine/session.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  LW_EXPLAIN_GRAD_CAM,
  LW_EXPLAIN_GRADIENT,        /* magnitude, ≥ 0 */
  LW_EXPLAIN_GRADIENT_SIGNED, /* positive: more light there speaks for the class */
  LW_N_EXPLAINS
} LwExplainMethod;

typedef struct LwExplainer LwExplainer;

/* The first backend of the NULL-terminated list that works here and can; NULL: none. */
const LwBackend *lw_explaining_backend (const LwBackend *const *backends);

/* `weights`: a safetensors file, or NULL for initial weights from `seed`. Fails with a sentence. */
LwExplainer *lw_explainer_new (LwGraph *graph, const LwBackend *backend, const char *weights,
                               uint64_t seed, GError **error);
void lw_explainer_free (LwExplainer *explainer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwExplainer, lw_explainer_free)
LwGraph *lw_explainer_graph (const LwExplainer *explainer);

/* The forward pass. `image`: the network's input, [C][H][W]. */
bool lw_explainer_look (LwExplainer *explainer, const float *image, GCancellable *cancellable,
                        GError **error);
/* After lw_explainer_look: puts other numbers in the place of a layer's output and computes what
 * follows from it anew. */
bool lw_explainer_replace (LwExplainer *explainer, LwNodeId layer, const float *values,
                           GCancellable *cancellable, GError **error);
/* The backward pass from the score of class `label` to the output of layer `down_to` (0: the
 * image). */
bool lw_explainer_follow (LwExplainer *explainer, int32_t label, LwNodeId down_to,
                          GCancellable *cancellable, GError **error);

/* Of the last passes: a layer's output, and the score's gradient with respect to it (zeros where it
 * has no part in the score), [c][h][w]. Scores: [classes]. */
bool lw_explainer_value (LwExplainer *explainer, LwNodeId layer, float *ret_values, GError **error);
bool
lw_explainer_gradient (LwExplainer *explainer, LwNodeId layer, float *ret_values, GError **error);
bool lw_explainer_scores (LwExplainer *explainer, float *ret_scores, GError **error);

/* The layer that Grad-CAM asks when nobody says which: the maps that the last convolution leaves,
 * after its normalization and ReLU, sum or concat, before they are pooled (and before a sigmoid or
 * tanh). LW_NO_NODE: this network has no maps. */
LwNodeId lw_explain_layer (const LwGraph *graph);

/* After lw_explainer_look: the map of a method, [*ret_rows][*ret_columns], of the layer's size
 * (gradients: the image's); g_free. */
float *
lw_explainer_map (LwExplainer *explainer, LwExplainMethod method, int32_t label, LwNodeId layer,
                  int *ret_rows, int *ret_columns, GCancellable *cancellable, GError **error);

/* The formulas by themselves. Grad-CAM: maps and gradients [c][h][w] → [h][w]; gradient: [c][h][w]
 * → [h][w]. */
void lw_grad_cam (const float *maps, const float *gradients, LwShape shape, float *ret_map);
void lw_gradient_map (const float *gradient, LwShape shape, bool is_signed, float *ret_map);

G_END_DECLS
