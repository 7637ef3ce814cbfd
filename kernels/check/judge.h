/* Judges a backend's kernels by an oracle's: case by case, direction by direction. What a program
 * prints as a table and what tests assert are the same verdicts. One thread. */
#pragma once

#include "kernels/check/run.h"

G_BEGIN_DECLS

/* Who is judged, by whom, and how strictly. */
typedef struct {
  const LwBackend *backend, *oracle;
  LwDevice *device, *oracle_device;
  LwPrecision precision; /* the device's; the oracle computes in float32 */
} LwKernelTrial;

/* How far an operation's results may be off (lw_kernel_is_near). float32: sums in another order.
 * TF32 has 11 significant bits (NVIDIA, "A100 Tensor Core GPU Architecture" whitepaper, 2020), so
 * products are off by 2⁻¹¹ each. bfloat16 has 8: results are rounded by 2⁻⁹, Winograd's transforms
 * and 1 − y of a rounded y have fewer. */
double lw_kernel_tolerance (LwOp op, LwPrecision precision);

typedef struct {
  const char *op, *name; /* "conv2d"; the case's */
  LwDirection direction;
  const char *array; /* the one that is furthest off */
  double error;      /* ‖a − b‖ / ‖b‖ of it; NaN: there are no numbers to compare */
  double tolerance;
  bool passed;
  char *message; /* what else is wrong, a sentence; or NULL */
} LwKernelVerdict;

void lw_kernel_verdict_clear (LwKernelVerdict *verdict);

/* All variants of a case, and the first one twice, which must give the same bits. Writes one
 * verdict for each direction that the case has; returns how many. Fails where a device failed, so
 * that nothing more can be computed on it. */
int lw_kernel_judge (const LwKernelTrial *trial, const LwKernelCase *info,
                     LwKernelVerdict ret_verdicts[LW_N_DIRECTIONS], GError **error);

/* A run that diverges must be seen to: NaN in any place of x reaches y. Of these operations: */
extern const LwOp lw_not_a_number_ops[];
extern const int lw_n_not_a_number_ops;
/* The first place from which it does not; −1: from all it does, or with `error` set the device
 * failed. */
int lw_kernel_loses_nan (const LwBackend *backend, LwDevice *device, LwOp op, GError **error);

/* Updates of many tensors by each kind of optimizer: of each one verdict about weights and moments
 * together. */
enum { LW_N_OPTIMIZER_CASES = 4 };
bool
lw_kernel_judge_optimizers (const LwKernelTrial *trial,
                            LwKernelVerdict ret_verdicts[LW_N_OPTIMIZER_CASES], GError **error);

G_END_DECLS
