#include "kernels/cuda/link.h"

bool
lw_cuda_link (LwDevice *device, LwStep *steps, int32_t n, GError **error)
{
  LwCudaLink *links = g_new0 (LwCudaLink, n);

  (void)error;
  for (int32_t i = 0; i < n; i++)
    steps[i].link = &links[i];
  lw_cuda_link_tail (device, steps, n);
  return true;
}

void
lw_cuda_unlink (LwDevice *device, LwStep *steps, int32_t n)
{
  (void)device;
  if (n > 0)
    g_free (steps[0].link);
}
