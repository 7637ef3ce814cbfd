/* Memory of steps, for those who link them: the plan lets memory be used again as soon as the
 * layers, one by one, have no need of it, so a kernel that does the work of several of them may
 * write where it still reads. Private to this folder. */
#pragma once

#include "kernels/cuda/device.h"

G_BEGIN_DECLS

/* A map's memory, for the planned batch; begin NULL: none. */
typedef struct {
  const char *begin;
  int64_t bytes;
} LwCudaStretch;

static inline LwCudaStretch
lw_cuda_stretch (const LwDevice *device, const LwStep *step, const void *begin, LwShape shape,
                 int64_t pixel)
{
  const int64_t row = pixel != 0 ? pixel : shape.c;
  const int64_t numbers = (int64_t)step->batch * shape.h * shape.w * row;

  return (LwCudaStretch){ begin, (int64_t)lw_cuda_number_bytes (device) * numbers };
}

static inline bool
lw_cuda_overlap (LwCudaStretch a, LwCudaStretch b)
{
  return a.begin != NULL && b.begin != NULL && a.begin < b.begin + b.bytes &&
         b.begin < a.begin + a.bytes;
}

G_END_DECLS
