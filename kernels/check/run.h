/* Runs one kernel, forward and backward, as a session would and more unkindly: guard bytes around
 * every buffer, NaN in all that is undefined, also in the values that the op table does not promise
 * to keep for backward. Works on any backend: memory is only touched through its table, but for
 * what the CPU backend's convolutions keep. One thread. */
#pragma once

#include "kernels/check/cases.h"

G_BEGIN_DECLS

typedef enum {
  LW_KERNEL_TRAINING,   /* forward and backward */
  LW_KERNEL_ACCUMULATE, /* the same; dx is added to what was there, which the result leaves out */
  LW_KERNEL_WITHOUT_DX, /* only the parameters' gradients are wanted */
  LW_KERNEL_IN_PLACE,   /* y = x[0] and dx[0] = dy, where the op table allows it */
  LW_KERNEL_INFERENCE,  /* forward alone, in place too; no state, no gradients */
} LwKernelVariant;

/* What every number of dx was, where gradients are added. */
#define LW_KERNEL_BEFORE 0.5f

typedef struct {
  const char *name; /* "y", "dx", "dx1", …, "dweight", "dbias", "running_mean", "batch_mean", … */
  float *values;
  int64_t n;
} LwKernelArray;

typedef struct {
  LwKernelArray arrays[LW_MAX_INPUTS + 8];
  int n_arrays;
  int64_t batches; /* num_batches_tracked afterwards */
} LwKernelResult;

/* Fails where the backend fails, and with LW_ERROR_INVALID where a kernel wrote beside its buffers.
 */
LwKernelResult *
lw_kernel_try (const LwBackend *backend, LwDevice *device, const LwKernelSubject *subject,
               const LwKernelData *data, LwKernelVariant variant, GError **error);
void lw_kernel_result_free (LwKernelResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwKernelResult, lw_kernel_result_free)

/* The array of that name; NULL: there is none. */
const LwKernelArray *lw_kernel_result_find (const LwKernelResult *result, const char *name);

/* Whether all arrays have the same bits. */
bool lw_kernel_results_equal (const LwKernelResult *a, const LwKernelResult *b);

/* How far a is from b: of so much it is off, ‖a − b‖, and so long is b, ‖b‖. */
typedef struct {
  double off, length;
} LwKernelDistance;
LwKernelDistance lw_kernel_distance (const float *a, const float *b, int64_t n);
/* ‖a − b‖ ≤ tolerance · ‖b‖ + 1e-7 · √n; NaN is not. */
bool lw_kernel_is_near (LwKernelDistance distance, int64_t n, double tolerance);

G_END_DECLS
