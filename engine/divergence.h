/* LwDivergence: how a training's numbers grew before they were none: the largest value that each
 * layer with weights put out, and the length of its weights, in the last iterations; and where that
 * began. A value object; functions are pure. */
#pragma once

#include "engine/graph.h"

G_BEGIN_DECLS

/* Iterations that are kept: the last of them is the one whose loss was no finite number. */
#define LW_DIVERGENCE_STEPS 7

typedef struct {
  int32_t n_layers, n_steps;
  LwNodeId *layers;                   /* [layers], in the graph's order: convolutions, linear */
  int64_t steps[LW_DIVERGENCE_STEPS]; /* iterations, from 1, ascending; some may be left out */
  float
      *outputs; /* [layers][steps]: largest |output| of the images that were looked at; inf, NAN */
  float *weights;       /* [layers][steps]: √Σw² of the weight before that iteration's step */
  double learning_rate; /* of the last iteration */
} LwDivergence;

LwDivergence *lw_divergence_new (int32_t n_layers, int32_t n_steps);
LwDivergence *lw_divergence_copy (const LwDivergence *divergence);
void lw_divergence_free (LwDivergence *divergence);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDivergence, lw_divergence_free)

float lw_divergence_output (const LwDivergence *divergence, int32_t layer, int32_t step);
float lw_divergence_weight (const LwDivergence *divergence, int32_t layer, int32_t step);
/* The iteration whose loss was no finite number. */
int64_t lw_divergence_step (const LwDivergence *divergence);

typedef enum {
  LW_BEGAN_UNKNOWN,
  LW_BEGAN_STEP,    /* one step made the layer's weights `factor` times longer */
  LW_BEGAN_GROWTH,  /* over all kept iterations its weights became `factor` times longer */
  LW_BEGAN_OUTPUTS, /* its outputs became `factor` times larger in one step, not its weights */
  LW_BEGAN_INPUT,   /* the first layer that puts out what is no finite number, without growth */
} LwBeganHow;

typedef struct {
  LwBeganHow how;
  int32_t layer; /* row; −1 */
  /* Column of the iteration in whose outputs it is first seen; −1. The step that made it is the one
   * before it. */
  int32_t column;
  double factor;
} LwDivergenceOrigin;

/* The earliest step that made a layer's weights at least ten times longer; of several layers in
 * that step the first in the graph's order, since those behind it multiply what it puts out. Else
 * the earliest step that made a layer's outputs a hundred times larger; else the layer whose
 * weights grew most, if to twice their length at least; else the first with an output that is no
 * finite number. */
LwDivergenceOrigin lw_divergence_origin (const LwDivergence *divergence);
/* "It began in conv 1: the step of iteration 2 made its weights 36 times longer."; g_free; NULL:
 * not known. */
char *lw_divergence_sentence (const LwDivergence *divergence, const LwGraph *graph);

/* "0.49", "263", "5.3·10⁶", "∞", "NaN": two or three digits; g_free. */
char *lw_divergence_number (double value);

/* A layer as people call it, with the blocks around it where it is in one: "conv 1", "Stage 2,
 * Residual 1, conv 2". g_free. */
char *lw_layer_path (const LwGraph *graph, LwNodeId node);

G_END_DECLS
