/* LwUnitArithmetic: how one unit of a layer gets its value in evaluation mode, as a student would
 * work it out: which numbers of the layers before it are taken, what each is multiplied by, what is
 * added. Recomputed in double from the very values and tensors that the engine has, so both agree
 * up to float32's rounding.
 *
 * By operation:
 *   convolution     Σ over input channels of patch · kernel, + bias: a term for each channel
 *   linear          the same; after a flatten a term for each channel of the map that was flattened
 *   max pooling     the largest of a window; zeros of the padding do not take part
 *   average pooling the mean of a window; zeros of the padding count (as in PyTorch), nothing does
 *                   that lies past it
 *   global average  the mean of a map
 *   batch norm      (x − mean) / √(variance + ε) · γ + β with the running statistics (Ioffe and
 *                   Szegedy 2015, algorithm 2)
 *   ReLU, sigmoid, tanh   the function of one number
 *   sum, concat, flatten, dropout   one number of each input, or of the one it comes from
 *
 * Pure functions, any thread. The result owns all that it has. */
#pragma once

#include "engine/graph.h"

G_BEGIN_DECLS

/* One number of a network: unit `channel`, `row`, `column` of a node's output. */
typedef struct {
  LwNodeId node;
  int32_t channel, row, column;
} LwUnit;

/* What was multiplied with what, of one channel of one input. */
typedef struct {
  int32_t input;         /* of the node's inputs */
  int32_t channel;       /* of that input; behind a flatten: of the map that was flattened */
  int32_t row, column;   /* where the patch begins there; negative in the padding */
  double sum;            /* what it contributes: Σ patch · kernel; elsewhere the value itself */
  int32_t strongest;     /* the cell of the patch with the largest product, or value */
  float *patch, *kernel; /* [rows][columns]; the kernel NULL where nothing is multiplied */
} LwUnitTerm;

typedef struct {
  LwUnit unit;
  LwOp op;
  int32_t rows, columns; /* of each patch; 1 × 1 where single numbers are taken */
  bool *padding;         /* [rows][columns]: the cell lies in the padding; NULL: none does */
  int32_t n_terms;
  LwUnitTerm *terms; /* in the order of channels */
  int32_t *largest;  /* [n_terms]: terms by the size of their contribution, largest first */
  bool has_bias;
  double bias;

  /* Batch normalization. */
  double mean, variance, epsilon, gamma, beta, normalized;

  double total;     /* recomputed */
  double value;     /* the engine's */
  double magnitude; /* Σ of the sizes of all products and the bias: what rounding is relative to */
} LwUnitArithmetic;

/* What is needed: [c][h][w] of the node and each of its inputs, and its tensors by role. Of a
 * convolution or linear layer the unit's own weights do (engine/tensor_part.h) instead of all. */
typedef struct {
  const float *output;
  const float *inputs[LW_MAX_INPUTS];
  const float *tensors[LW_MAX_TENSORS];
  const float *row; /* the weights of the unit's channel; NULL: they are among all */
} LwUnitValues;

/* NULL when something that the operation needs is not there, or there is no such unit. */
LwUnitArithmetic *
lw_unit_arithmetic_new (const LwGraph *graph, LwUnit unit, const LwUnitValues *values);
void lw_unit_arithmetic_free (LwUnitArithmetic *arithmetic);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwUnitArithmetic, lw_unit_arithmetic_free)

bool lw_unit_exists (const LwGraph *graph, LwUnit unit);
/* Where the number of a term's cell comes from, past layers that only hand numbers on (flatten, and
 * dropout in evaluation mode). `cell`: of the patch; −1: the strongest. False in the padding. */
bool lw_unit_origin (const LwGraph *graph, const LwUnitArithmetic *arithmetic, int32_t term,
                     int32_t cell, LwUnit *ret_unit);
/* The unit itself, or the one whose number it hands on. */
LwUnit lw_unit_resolve (const LwGraph *graph, LwUnit unit);

G_END_DECLS
