/* A linear layer of few outputs, as the last one of a classifier:
 *
 *   y[n,o] = b[o] + Σ_i w[o,i] · x[n,i]                   dx[n,i] (+)= Σ_o dy[n,o] · w[o,i]
 *   dw[o,i] += Σ_n dy[n,o] · x[n,i]                       db[o] += Σ_n dy[n,o]
 *
 * Shapes: x, dx [n][inputs], y, dy [n][outputs], w, dw [outputs][inputs], b [outputs].
 * Ideas, in the order of what they bring:
 *  1. A product of matrices of ten columns leaves most of a tile of cuBLAS's empty, and is over
 *     before it has begun: launches are what it costs. The bias is added here, and its gradient is
 *     that of an input that is always 1: two launches less.
 *  2. Sums in an order of our own, which tail.cu has too: so the layer can be computed with what
 *     stands before and behind it and gives the same bits.
 *  3. Forward a warp makes four outputs of an example: x is read once for four. Backward a thread
 *     has one input, and w is small enough for the caches. For dw a block has 32 inputs and four
 *     outputs, and divides the examples among its 8 rows, whose sums meet in shared memory.
 * Reference twin: kernels/reference/linear.c. */
#include "kernels/cuda/each.cuh"
#include "kernels/cuda/few.cuh"
#include "kernels/cuda/link.h"

namespace {

enum { LANES = 32, ROWS = 8, FEW = 32 };

/* The warp's four sums, as its lanes 0 to 3 write them. */
template <class T>
__device__ void
store_quad (T *y, float4 sums, int32_t left, bool relu)
{
  const int32_t k = (int32_t)threadIdx.x;
  const float sum = k == 0 ? sums.x : k == 1 ? sums.y : k == 2 ? sums.z : sums.w;

  if (k < LW_FEW_QUAD && k < left)
    y[k] = LwNumber<T>::of (relu && sum < 0 ? 0 : sum);
}

/* Grid (examples / 8, quads), block (32, 8): a warp an example. */
template <class T>
__global__ void
forward (const T *x, const T *w, const float *bias, T *y, int32_t n, int32_t inputs,
         int32_t outputs, bool relu)
{
  const int32_t example = (int32_t)(blockIdx.x * ROWS + threadIdx.y);
  const int32_t first = (int32_t)blockIdx.y * LW_FEW_QUAD;

  if (example < n) /* the whole warp */
    store_quad (y + (int64_t)example * outputs + first,
                lw_few_outputs (x + (int64_t)example * inputs, w, bias, inputs, outputs, first),
                outputs - first, relu);
}

template <class T>
__global__ void
write_data_gradient (const T *dy, const T *w, T *dx, int64_t n, int32_t inputs, int32_t outputs,
                     bool accumulate)
{
  for (int64_t t = lw_each_first (); t < n; t += lw_each_stride ()) {
    const int32_t i = (int32_t)(t % inputs);
    const float value[1] = { lw_few_gradient (dy + t / inputs * outputs, w, inputs, outputs, i) };

    lw_store<1> (&dx[t], 1, value, accumulate);
  }
}

/* Grid (inputs + 1 / 32, quads), block (32, 8). Input number `inputs` is the bias's. */
template <class T>
__global__ void
add_weight_gradient (const T *x, const T *dy, float *dw, float *dbias, int32_t n, int32_t inputs,
                     int32_t outputs)
{
  LW_SHARED (float, sums, [LW_FEW_QUAD][ROWS][LANES]);
  const int32_t i = (int32_t)(blockIdx.x * LANES + threadIdx.x);
  const int32_t first = (int32_t)blockIdx.y * LW_FEW_QUAD;
  const int32_t left = outputs - first;
  float sum[LW_FEW_QUAD] = {};

  if (i <= inputs)
    for (int32_t example = (int32_t)threadIdx.y; example < n; example += ROWS) {
      const float value = i < inputs ? LwNumber<T>::get (x[(int64_t)example * inputs + i]) : 1;

      LW_UNROLL
      for (int k = 0; k < LW_FEW_QUAD; k++)
        if (k < left)
          sum[k] += LwNumber<T>::get (dy[(int64_t)example * outputs + first + k]) * value;
    }
  LW_UNROLL
  for (int k = 0; k < LW_FEW_QUAD; k++)
    sums[k][threadIdx.y][threadIdx.x] = sum[k];
  for (unsigned half = ROWS / 2; half > 0; half /= 2) {
    __syncthreads ();
    if (threadIdx.y < half)
      LW_UNROLL
    for (int k = 0; k < LW_FEW_QUAD; k++)
      sums[k][threadIdx.y][threadIdx.x] += sums[k][threadIdx.y + half][threadIdx.x];
  }
  if (threadIdx.y == 0)
    LW_UNROLL
  for (int k = 0; k < LW_FEW_QUAD; k++) {
    if (k < left && i < inputs)
      dw[(int64_t)(first + k) * inputs + i] += sums[k][0][threadIdx.x];
    else if (k < left && i == inputs && dbias != nullptr)
      dbias[first + k] += sums[k][0][threadIdx.x];
  }
}

unsigned
divide_up (int32_t a, int32_t b)
{
  return (unsigned)((a + b - 1) / b);
}

template <class T>
cudaError_t
launch_forward (LwDevice *device, const LwStep *step, const void *w)
{
  const int32_t outputs = step->y_shape.c;

  return lw_launch (forward<T>, dim3 (divide_up (step->n, ROWS), divide_up (outputs, LW_FEW_QUAD)),
                    dim3 (LANES, ROWS), 0, device->stream, (const T *)step->x[0], (const T *)w,
                    (const float *)step->param[LW_ROLE_BIAS], (T *)step->y, step->n,
                    step->x_shape[0].c, outputs, lw_cuda_link_relu (step));
}

template <class T>
cudaError_t
launch_data_gradient (LwDevice *device, const LwStep *step, const void *w)
{
  const int32_t inputs = step->x_shape[0].c;
  const int64_t n = (int64_t)step->n * inputs;

  return lw_launch (write_data_gradient<T>, lw_each_blocks (n), LW_EACH_THREADS, 0, device->stream,
                    (const T *)step->dy, (const T *)w, (T *)step->dx[0], n, inputs, step->y_shape.c,
                    step->accumulate & 1);
}

template <class T>
cudaError_t
launch_weight_gradient (LwDevice *device, const LwStep *step, const void *dy)
{
  const int32_t inputs = step->x_shape[0].c, outputs = step->y_shape.c;

  return lw_launch (add_weight_gradient<T>,
                    dim3 (divide_up (inputs + 1, LANES), divide_up (outputs, LW_FEW_QUAD)),
                    dim3 (LANES, ROWS), 0, device->stream, (const T *)step->x[0], (const T *)dy,
                    (float *)step->dparam[LW_ROLE_WEIGHT], (float *)step->dparam[LW_ROLE_BIAS],
                    step->n, inputs, outputs);
}

} // namespace

bool
lw_cuda_few_fits (const LwStep *step)
{
  return step->y_shape.c <= FEW;
}

bool
lw_cuda_few_forward (LwDevice *device, const LwStep *step, GError **error)
{
  const auto launch = device->bf16 ? launch_forward<LwBf16> : launch_forward<float>;
  const void *w = lw_cuda_weights (device, step, error);

  return w != NULL && lw_cuda_check (launch (device, step, w), "linear layer", error);
}

bool
lw_cuda_few_data_gradient (LwDevice *device, const LwStep *step, GError **error)
{
  const auto launch = device->bf16 ? launch_data_gradient<LwBf16> : launch_data_gradient<float>;
  const void *w = lw_cuda_weights (device, step, error);

  return w != NULL && (step->dx[0] == NULL ||
                       lw_cuda_check (launch (device, step, w), "linear layer's gradient", error));
}

bool
lw_cuda_few_weight_gradient (LwDevice *device, const LwStep *step, const void *dy, GError **error)
{
  const auto launch = device->bf16 ? launch_weight_gradient<LwBf16> : launch_weight_gradient<float>;

  return step->dparam[LW_ROLE_WEIGHT] == NULL ||
         lw_cuda_check (launch (device, step, dy), "linear layer's gradient", error);
}
