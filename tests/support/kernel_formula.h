/* Every operation's forward once more, from its formula, in double precision and without any
 * thought for speed: what the reference backend is tested against, and what finite differences are
 * taken of. Pure functions. */
#pragma once

#include "kernels/check/cases.h"

G_BEGIN_DECLS

/* A case's numbers in double precision: those of LwKernelData, or beside them. Owned. */
typedef struct {
  double *x[LW_MAX_INPUTS], *param[LW_MAX_TENSORS]; /* x: NULL for a second use of a value */
  const int32_t *labels;                            /* the data's */
} LwKernelPoint;

LwKernelPoint *lw_kernel_point_new (const LwKernelSubject *subject, const LwKernelData *data);
void lw_kernel_point_free (LwKernelPoint *point);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwKernelPoint, lw_kernel_point_free)

/* How many numbers lw_kernel_formula writes. */
int64_t lw_kernel_formula_size (const LwKernelSubject *subject);
/* Dropout's mask is the one of seed 42 and iteration 7. */
void lw_kernel_formula (const LwKernelSubject *subject, const LwKernelPoint *point, double *y);

/* Batch normalization: a channel's mean, biased variance and number of values in the batch. */
void
lw_kernel_formula_statistics (const LwKernelSubject *subject, const LwKernelPoint *point, int32_t c,
                              double *ret_mean, double *ret_variance, int64_t *ret_count);

G_END_DECLS
