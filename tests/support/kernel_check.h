/* Runs one kernel, forward and backward, as a session would and more unkindly: guard bytes around
 * every buffer, NaN in all that is undefined, also in the values that the op table does not promise
 * to keep for backward. Works on any backend: memory is only touched through its table, but for
 * what the CPU backend's convolutions keep. One thread; whatever is broken (a guard, an error of
 * the backend) fails the test at once. */
#pragma once

#include "tests/support/kernel_cases.h"

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

/* The backend's device; what goes wrong fails the test. */
LwDevice *lw_kernel_open (const LwBackend *backend, int threads);

LwKernelResult *
lw_kernel_run (const LwBackend *backend, LwDevice *device, const LwKernelSubject *subject,
               const LwKernelData *data, LwKernelVariant variant);
void lw_kernel_result_free (LwKernelResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwKernelResult, lw_kernel_result_free)

/* The array of that name; NULL: there is none. */
const LwKernelArray *lw_kernel_result_find (const LwKernelResult *result, const char *name);

/* Marks the test as failed, and says where, unless ‖a − b‖ ≤ tolerance · ‖b‖ + 1e-7 · √n. */
void lw_kernel_compare (const char *test, const char *array, const float *a, const float *b,
                        int64_t n, double tolerance);
/* The same for every array of `expected`. */
void lw_kernel_compare_results (const char *test, const LwKernelResult *result,
                                const LwKernelResult *expected, double tolerance);
/* Whether all arrays have the same bits. */
bool lw_kernel_results_equal (const LwKernelResult *a, const LwKernelResult *b);

/* Every case and variant on a backend against an oracle: what later backends are tested with.
 * Kernels that a backend lacks are skipped. */
void lw_kernel_check_backend (const LwBackend *backend, LwDevice *device, const LwBackend *oracle,
                              LwDevice *oracle_device, double tolerance);
/* A run that diverges must be seen to: NaN in any place of x reaches y. */
void lw_kernel_check_not_a_number (const LwBackend *backend, LwDevice *device);

G_END_DECLS
