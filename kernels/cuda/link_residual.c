/* Sums of two behind a convolution: which of them conv_forward.cu makes while it writes.
 *
 * The convolution is the last of the sum's inputs to be computed: the sum comes next, so that what
 * is alive when it runs is alive when the convolution does. But the convolution reads windows, so
 * nobody may write to its own x meanwhile, which the plan allows once the sum runs; and what is
 * added, at the same place as it is written, may lie there only exactly. */
#include "kernels/cuda/conv2d.h"
#include "kernels/cuda/link.h"
#include "kernels/cuda/link_overlap.h"

/* Of the map that is added, y is the sum's. */
typedef struct {
  const void *at;
  int64_t pixel;
} Added;

static int64_t
pixel_of (int64_t pixel, LwShape shape)
{
  return pixel != 0 ? pixel : shape.c;
}

static Added
added_of (const LwStep *sum, int other)
{
  const LwStep *norm = lw_cuda_link_norm (sum);
  const int64_t pixel = norm != NULL ? norm->x_pixel[0] : sum->x_pixel[other];

  return (Added){ norm != NULL ? norm->x[0] : sum->x[other], pixel_of (pixel, sum->y_shape) };
}

static bool
can_write (const LwDevice *device, const LwStep *conv, const LwStep *sum, const Added *added)
{
  const LwShape shape = sum->y_shape;
  const LwCudaStretch x =
      lw_cuda_stretch (device, conv, conv->x[0], conv->x_shape[0], conv->x_pixel[0]);
  const LwCudaStretch y = lw_cuda_stretch (device, sum, sum->y, shape, sum->y_pixel);
  const LwCudaStretch from = lw_cuda_stretch (device, sum, added->at, shape, added->pixel);

  /* conv_forward.cu counts both alike. */
  return added->pixel == pixel_of (sum->y_pixel, shape) && !lw_cuda_overlap (x, y) &&
         (added->at == sum->y || !lw_cuda_overlap (from, y));
}

void
lw_cuda_link_residual (const LwDevice *device, LwStep *steps, LwStep *conv)
{
  LwStep *sum = conv + 1;
  const LwStep *norm;
  Added added;
  int other;

  if (lw_cuda_conv_before (conv) != LW_CONV_BEFORE_SUM ||
      !lw_cuda_conv_of (device, conv, LW_FORWARD)->adds)
    return;
  other = sum->node->inputs[0] == conv->id ? 1 : 0;
  norm = lw_cuda_link_norm (sum);
  added = added_of (sum, other);
  /* A normalization that waits for the sum is that's first input. */
  if ((norm != NULL && norm != &steps[sum->node->inputs[other]]) ||
      !can_write (device, conv, sum, &added))
    return;
  ((LwCudaLink *)conv->link)->sum = sum;
  ((LwCudaLink *)sum->link)->forward_done = true;
}
