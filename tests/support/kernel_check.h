/* Kernels against each other, for tests: what goes wrong fails the test. The runs themselves are
 * kernels/check/run.h's. */
#pragma once

#include "kernels/check/run.h"

G_BEGIN_DECLS

/* The backend's device; what goes wrong fails the test. */
LwDevice *lw_kernel_open (const LwBackend *backend, int threads);

/* As lw_kernel_try; whatever is broken (a guard, an error of the backend) fails the test at once.
 */
LwKernelResult *
lw_kernel_run (const LwBackend *backend, LwDevice *device, const LwKernelSubject *subject,
               const LwKernelData *data, LwKernelVariant variant);

/* Marks the test as failed, and says where, unless ‖a − b‖ ≤ tolerance · ‖b‖ + 1e-7 · √n. */
void lw_kernel_compare (const char *test, const char *array, const float *a, const float *b,
                        int64_t n, double tolerance);
/* The same for every array of `expected`. */
void lw_kernel_compare_results (const char *test, const LwKernelResult *result,
                                const LwKernelResult *expected, double tolerance);

/* Every case and variant on a backend against an oracle: what later backends are tested with.
 * Kernels that a backend lacks are skipped. */
void lw_kernel_check_backend (const LwBackend *backend, LwDevice *device, const LwBackend *oracle,
                              LwDevice *oracle_device, double tolerance);
/* A run that diverges must be seen to: NaN in any place of x reaches y. */
void lw_kernel_check_not_a_number (const LwBackend *backend, LwDevice *device);

G_END_DECLS
