/* For tests of convolution algorithms: a backend whose choice is told, and the definition of all
 * three directions in double precision. One thread. */
#pragma once

#include "tests/support/kernel_check.h"

G_BEGIN_DECLS

/* y, dx, dw and dbias by the definition, as lw_kernel_run names and lays them out; owned. */
typedef struct {
  double *y, *dx, *dweight, *dbias;
} LwConvTruth;

LwConvTruth *lw_conv_truth_new (const LwKernelSubject *subject, const LwKernelData *data);
void lw_conv_truth_free (LwConvTruth *truth);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwConvTruth, lw_conv_truth_free)

/* ‖got − want‖₂ / ‖want‖₂ */
double lw_conv_distance (const LwKernelArray *got, const double *want);

/* A device on which the subject's convolution is computed by `algorithm` in every direction that it
 * applies to. */
LwDevice *lw_conv_open (const LwBackend *backend, const LwKernelSubject *subject, int threads,
                        const char *algorithm);
/* Whether it is so in that direction. */
bool lw_conv_uses (const LwBackend *backend, LwDevice *device, const LwKernelSubject *subject,
                   const char *algorithm, LwDirection direction);

G_END_DECLS
