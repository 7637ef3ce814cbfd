/* For tests of Winograd's convolution: tensors between guards, the definition in double precision,
 * and one round of forward, data gradient and weight gradient. */
#pragma once

#include "kernels/cpu/winograd.h"

#include <glib.h>

/* Rows of `row` numbers, `stride` apart; what lies between them, before and behind is NaN and must
 * stay so: lw_winograd_results_new () fails where they are not. */
typedef struct {
  float *all, *at;
  int64_t rows, row, stride;
} LwTestBuffer;

/* A convolution of random numbers, x and mask as after a ReLU. */
typedef struct {
  LwWinogradShape shape;
  int out_h, out_w;
  LwTestBuffer x, w, bias, dy, mask;
  double *y, *dx, *dw, *dbias; /* by the definition; y without ReLU, gradients with the mask */
} LwWinogradCase;

/* What one round of the three directions gives. */
typedef struct {
  LwTestBuffer y, dx, dw, dbias;
} LwWinogradResults;

/* Workspace of just the bytes asked for, full of NaN, between guards. */
typedef struct {
  char *all, *at;
  gsize bytes;
} LwTestWorkspace;

/* Random numbers: of 24 bits, and from low to high. */
uint32_t lw_test_draw (uint32_t *state);
int lw_test_draw_between (uint32_t *state, int low, int high);

LwTestBuffer
lw_test_buffer_random (int64_t rows, int64_t row, int64_t stride, bool after_relu, uint32_t *state);
bool lw_test_buffer_equal (const LwTestBuffer *a, const LwTestBuffer *b);
void lw_test_buffer_free (LwTestBuffer *b);

/* With `masked`, the gradients are those through a ReLU whose output is the mask. With `bf16`, all
 * that goes in is rounded to bfloat16. */
LwWinogradCase lw_winograd_case_new (LwWinogradShape s, bool masked, bool bf16, uint32_t seed);
void lw_winograd_case_free (LwWinogradCase *c);

LwTestWorkspace lw_test_workspace_new (gsize bytes);
void lw_test_workspace_free (LwTestWorkspace *w);

/* A copy of a buffer's numbers, guards and all, as a pool wants them: float32 or bfloat16. */
typedef struct {
  void *all, *at;
  bool bf16;
} LwTestNumbers;

LwTestNumbers lw_test_numbers_new (const LwTestBuffer *b, bool bf16);
/* Copies them back, unless `to` is NULL. */
void lw_test_numbers_free (LwTestNumbers *numbers, LwTestBuffer *to);

/* Every result and every guard has been looked at. dx, dw and dbias begin as `before`; so does y,
 * which must not matter. */
LwWinogradResults lw_winograd_results_new (const LwWinogradCase *c, const LwWinogradPool *pool,
                                           LwWinogradVariant variant, bool relu, bool masked,
                                           bool accumulate, float before);
void lw_winograd_results_free (LwWinogradResults *r);

/* ‖got − want‖₂ / ‖want‖₂, where want is a ReLU's output with `relu` and has `before` added. */
double lw_test_distance (const LwTestBuffer *got, const double *want, bool relu, double before);
