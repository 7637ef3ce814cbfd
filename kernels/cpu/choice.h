/* Which algorithm computes a convolution on this processor (kernels/common/choice.h): the
 * algorithms of an instruction set, and measuring them.
 *
 *   choice.c         what of choosing is the processor's own
 *   choice_timing.c  measuring
 *
 * Private to this folder; one thread. */
#pragma once

#include "kernels/common/choice.h"
#include "kernels/cpu/conv2d.h"

G_BEGIN_DECLS

/* The algorithms of one instruction set, and the rule for when nothing was chosen. */
typedef struct {
  const char *instructions; /* "avx512" */
  const LwConvAlgorithm *const *algorithms;
  int n;
  const LwConvAlgorithm *(*fixed) (const LwStep *step, LwDirection direction);
} LwConvMethods;

/* As LwBackend's adapt. */
bool lw_cpu_conv_choose (LwDevice *device, const LwConvMethods *methods, const LwGraph *graph,
                         int32_t batch, bool training, GError **error);

/* In about two seconds, three at most. */
void
lw_conv_time (LwDevice *device, const LwConvMethods *methods, LwConvQuestion *questions, int32_t n);

G_END_DECLS
