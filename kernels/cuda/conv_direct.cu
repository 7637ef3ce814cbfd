/* Convolution of few channels, as first layers are: y by conv_direct.cuh, where the formula and the
 * ideas are, the weights' gradient by conv_direct_weights.cu. Nobody wants the gradient of an
 * image: there is no kernel for dx.
 *
 * What is here is how y is written: the bias added, four outputs of a pixel at a time where O is a
 * multiple of four.
 * On sm_90 the kernels take 72 to 80 registers: three blocks of 256 threads at once, 37 % of the
 * warps that would fit, each thread with 16 or 32 independent sums; 5 × 5 and 7 × 7 with stride 2
 * take 96, and two blocks. A tile needs 2 to 26 KiB of shared memory for the networks' layers,
 * which leaves room for as many. Reference twin: kernels/reference/conv2d.c. */
#include "kernels/cuda/conv_direct.cuh"
#include "kernels/cuda/link.h"

namespace {

__device__ void
store_quad (float *to, const float (&value)[LW_DIRECT_QUAD])
{
  LwNumber<float>::store (to, value);
}

/* Half of what LwNumber stores at a time. */
__device__ void
store_quad (LwBf16 *to, const float (&value)[LW_DIRECT_QUAD])
{
  *reinterpret_cast<uint2 *> (to) =
      make_uint2 (LwNumber<LwBf16>::pack (value), LwNumber<LwBf16>::pack (value + 2));
}

template <class T> struct Store {
  const float *bias; /* or NULL */
  T *y;
  bool vector, relu;

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
      T *to =
          y + ((at.example * d.rows + at.row + t) * d.columns + at.column) * d.y_pixel + at.output;
      float value[LW_DIRECT_QUAD];

      LW_UNROLL
      for (int k = 0; k < LW_DIRECT_QUAD; k++) {
        value[k] = sums[t][k] + add[k];
        value[k] = relu && value[k] < 0 ? 0 : value[k];
      }
      if (at.row + t >= d.rows)
        continue;
      if (vector && left >= LW_DIRECT_QUAD)
        store_quad (to, value);
      else
        LW_UNROLL
      for (int k = 0; k < LW_DIRECT_QUAD; k++)
        if (k < left)
          to[k] = LwNumber<T>::of (value[k]);
    }
  }
};

/* Where it fits it is what is wanted: others would gather windows of a few numbers. */
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

template <class T>
cudaError_t
launch_forward (LwDevice *device, const LwStep *step, const void *w)
{
  const LwDirect d = lw_direct_of (step, false);
  const bool vector = (uintptr_t)step->y % 16 == 0 && d.y_pixel % LW_DIRECT_QUAD == 0;
  const Store<T> store = { (const float *)step->param[LW_ROLE_BIAS], (T *)step->y, vector,
                           lw_cuda_link_relu (step) };

  return lw_launch (lw_direct_kernel<T, Store<T>> (d.window), lw_direct_grid (d, step->n),
                    LW_DIRECT_THREADS, lw_direct_shared_bytes (d), device->stream, d,
                    (const T *)step->x[0], (const T *)w, store);
}

bool
run (LwDevice *device, const LwStep *step, LwDirection direction, GError **error)
{
  const auto launch = device->bf16 ? launch_forward<LwBf16> : launch_forward<float>;

  if (direction == LW_BACKWARD_WEIGHTS)
    return lw_direct_weights (device, step, error);
  if (lw_cuda_link_stage_of (step, false) != NULL)
    return lw_cuda_conv_stage_forward (device, lw_cuda_link_stage_of (step, false), error);

  const void *w = lw_cuda_weights (device, step, error);

  return w != NULL && lw_cuda_check (launch (device, step, w), "direct convolution", error);
}

} // namespace

extern const LwCudaConv lw_cuda_conv_direct = {
  "direct", fits, workspace_bytes, run, fits, 1, true
};
