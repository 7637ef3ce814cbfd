/* Weights as products read them. In bfloat16 a parameter has two forms:
 *
 *   w float32, what the optimizer adds small steps to; and round (w), which kernels read
 *
 * A step of η dw is often smaller than w's last bit in bfloat16, so that without w training would
 * stand still (Micikevicius et al., "Mixed precision training", ICLR 2018, section 3.1, who do this
 * with float16). Shapes: tensors of any size, the copy in w's layout.
 * Ideas:
 *  1. The copies are written once for each update, by the optimizer, which has w in registers
 *     (optimizer.cu): not by each pass that reads them. Forward and the gradient of x read 2
 *     bytes a weight instead of 4.
 *  2. Only what was uploaded is rounded here, 128 bits a thread (number.cuh). */
#include "kernels/cuda/device.h"
#include "kernels/cuda/each.cuh"

namespace {

template <int V>
__global__ void
round_numbers (LwEach each, LwMap<const float> w, LwMap<LwBf16> copy)
{
  lw_each<V> (each, [&] (int64_t row, int32_t column, int count) {
    float value[V];

    lw_load<V> (w (row, column), count, value);
    lw_store<V> (copy (row, column), count, value, false);
  });
}

} // namespace

/* Of one parameter. */
struct Copy {
  const float *w;
  LwBf16 *rounded;
  int64_t n;
  bool is_old; /* w has changed since */
};

struct LwCudaWeights {
  GPtrArray *copies; /* of Copy */
};

static Copy *
find (const LwDevice *device, const void *w)
{
  const GPtrArray *all = device->weights != NULL ? device->weights->copies : NULL;

  for (guint i = 0; all != NULL && i < all->len; i++) {
    Copy *copy = (Copy *)all->pdata[i];

    if (copy->w == w)
      return copy;
  }
  return NULL;
}

bool
lw_cuda_weights_prepare (LwDevice *device, const LwStep *step, GError **error)
{
  const float *w = (const float *)step->param[LW_ROLE_WEIGHT];
  const LwTensorInfo *tensor = lw_graph_tensor (step->graph, step->node->tensors[LW_ROLE_WEIGHT]);

  if (!device->bf16 || find (device, w) != NULL)
    return true;

  void *memory = lw_cuda_alloc (device, sizeof (LwBf16) * (size_t)tensor->size, error);
  Copy *copy;

  if (memory == NULL)
    return false;
  if (device->weights == NULL) {
    device->weights = g_new (LwCudaWeights, 1);
    device->weights->copies = g_ptr_array_new ();
  }
  copy = g_new (Copy, 1);
  *copy = { w, (LwBf16 *)memory, tensor->size, true };
  g_ptr_array_add (device->weights->copies, copy);
  return true;
}

static cudaError_t
round_one (LwDevice *device, Copy *copy)
{
  LwMap<const float> w = { copy->w, 1 };
  LwMap<LwBf16> to = { copy->rounded, 1 };
  const LwEach each = lw_each_plan<LwBf16> (copy->n, 1, w, to);
  const auto kernel = each.vector ? round_numbers<LwNumber<LwBf16>::VECTOR> : round_numbers<1>;

  copy->is_old = false;
  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, w, to);
}

const void *
lw_cuda_weights (LwDevice *device, const LwStep *step, GError **error)
{
  const void *w = step->param[LW_ROLE_WEIGHT];
  Copy *copy;

  if (!device->bf16)
    return w;
  if (!lw_cuda_weights_prepare (device, step, error))
    return NULL;
  copy = find (device, w);
  return !copy->is_old || lw_cuda_check (round_one (device, copy), "rounding of weights", error)
             ? copy->rounded
             : NULL;
}

void *
lw_cuda_weights_copy (const LwDevice *device, const void *w)
{
  const Copy *copy = find (device, w);

  return copy != NULL ? copy->rounded : NULL;
}

bool
lw_cuda_weights_changed (LwDevice *device, const void *w, GError **error)
{
  Copy *copy = find (device, w);

  return copy == NULL || lw_cuda_check (round_one (device, copy), "rounding of weights", error);
}

void
lw_cuda_weights_forget (LwDevice *device, const void *from, size_t bytes)
{
  GPtrArray *all = device->weights != NULL ? device->weights->copies : NULL;

  for (guint i = all != NULL ? all->len : 0; i-- > 0;) {
    Copy *copy = (Copy *)all->pdata[i];
    const char *w = (const char *)copy->w, *first = (const char *)from;

    if (from != NULL && (w < first || w >= first + bytes))
      continue;
    lw_cuda_ignore (cudaFree (copy->rounded));
    g_free (copy);
    g_ptr_array_remove_index_fast (all, i);
  }
  if (all == NULL || all->len > 0)
    return;
  g_ptr_array_unref (all);
  g_clear_pointer (&device->weights, g_free);
}
