/* Convolution of few channels, as first layers are: y by conv_direct.cuh, where the formula and the
 * ideas are, the weights' gradient by conv_direct_weights.cu. Nobody wants the gradient of an
 * image: there is no kernel for dx.
 *
 * What is here is how y is written: the bias added, four outputs of a pixel at a time where O is a
 * multiple of four.
 * On sm_90 the kernels take 56 to 94 registers: two blocks of 256 threads, 25 % of the warps that
 * would fit, each with 16 to 32 independent sums. Reference twin: kernels/reference/conv2d.c. */
#include "kernels/cuda/conv_direct.cuh"

namespace {

struct Store {
  const float *bias; /* or NULL */
  float *y;

  template <int TALL>
  __device__ void
  operator() (const LwDirect &d, LwDirectPlace at, const float (&sums)[TALL][LW_DIRECT_QUAD]) const
  {
    const int32_t left = d.outputs - at.output;
    float add[LW_DIRECT_QUAD];

    if (at.column >= d.columns || left <= 0)
      return;
    LW_UNROLL
    for (int k = 0; k < LW_DIRECT_QUAD; k++)
      add[k] = bias != nullptr && k < left ? bias[at.output + k] : 0;
    LW_UNROLL
    for (int t = 0; t < TALL; t++) {
      float *to =
          y + ((at.example * d.rows + at.row + t) * d.columns + at.column) * d.y_pixel + at.output;

      if (at.row + t >= d.rows)
        continue;
      if (d.y_pixel % LW_DIRECT_QUAD == 0 && left >= LW_DIRECT_QUAD)
        *reinterpret_cast<float4 *> (to) = make_float4 (sums[t][0] + add[0], sums[t][1] + add[1],
                                                        sums[t][2] + add[2], sums[t][3] + add[3]);
      else
        LW_UNROLL
      for (int k = 0; k < LW_DIRECT_QUAD; k++)
        if (k < left)
          to[k] = sums[t][k] + add[k];
    }
  }
};

bool
fits (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  (void)device;
  return direction != LW_BACKWARD_DATA && lw_direct_fits (step);
}

size_t
workspace_bytes (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  (void)device;
  return direction == LW_BACKWARD_WEIGHTS ? lw_direct_weights_bytes (step) : 0;
}

bool
run (LwDevice *device, const LwStep *step, LwDirection direction, GError **error)
{
  if (direction == LW_BACKWARD_WEIGHTS)
    return lw_direct_weights (device, step, error);

  const LwDirect d = lw_direct_of (step, false);
  const Store store = { (const float *)step->param[LW_ROLE_BIAS], (float *)step->y };

  return lw_cuda_check (lw_launch (lw_direct_kernel<Store> (d.window), lw_direct_grid (d, step->n),
                                   LW_DIRECT_THREADS, lw_direct_shared_bytes (d), device->stream, d,
                                   (const float *)step->x[0],
                                   (const float *)step->param[LW_ROLE_WEIGHT], store),
                        "direct convolution", error);
}

} // namespace

extern const LwCudaConv lw_cuda_conv_direct = { "direct", fits, workspace_bytes, run };
