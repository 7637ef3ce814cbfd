/* Steps that do the work of others (LwBackend's link): the passes over memory that a pass over the
 * graph saves. Private to this folder.
 *
 *  - An activation max (0, ·) behind a convolution, a linear layer or a batch normalization is
 * theirs.
 *  - A batch normalization in front of a sum only measures in training; the sum normalizes while it
 *    adds, and applies the activation behind it as well.
 *  - In evaluation mode a batch normalization behind a convolution is part of its weights, and a
 *    sum of two that overwrites the other input is the convolution's, where its algorithm can add:
 *    the step asks it.
 *  - The first channels of a concat may have been measured before they were joined with others: in
 * a dense block each batch normalization reads what the one before read, and some more.
 *  - Backward, a batch normalization with an activation of its own knows where it was positive.
 *    Elsewhere the gradient of max (0, ·) is made where the gradient that arrives there is: the
 * step that writes it last clears it where the activation is not positive; of activations that a
 *    concat joins, all at once. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

typedef struct {
  bool forward_done, backward_done; /* another step does it */
  bool relu;                        /* y ← max (0, y) in the end */
  bool measures;                    /* of a batch normalization: forward leaves y to the sum */
  const LwStep *norm; /* of a sum: its first input is what this one leaves; of a convolution: this
                       * one is folded into its weights */
  /* Of a convolution: the sum behind it, whose y holds the other input; of the sum: that
   * convolution.
   */
  const LwStep *sum, *added;
  const LwStep *measured; /* a batch normalization that has measured this one's first channels */
  /* Backward, when dx[i] is complete: dx[i] ← 0 where this is not positive; laid out as x[i]. */
  const void *mask[LW_MAX_INPUTS];
} LwCpuLink;

/* Rows of the backend's table. */
bool lw_cpu_link (LwDevice *device, LwStep *steps, int32_t n, GError **error);
void lw_cpu_unlink (LwDevice *device, LwStep *steps, int32_t n);

G_END_DECLS
