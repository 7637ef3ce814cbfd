/* Weights as products read them. In bfloat16 a parameter has two forms:
 *
 *   w float32, what the optimizer adds small steps to; and round (w), which kernels read
 *
 * A step of η dw is often smaller than w's last bit in bfloat16, so that without w training would
 * stand still (Micikevicius et al., "Mixed precision training", ICLR 2018, section 3.1, who do this
 * with float16). Shapes: tensors of any size, the copy in w's layout.
 * Ideas:
 *  1. The copies are rounded once for each update, not by each pass that reads them: forward and
 * the gradient of x read 2 bytes a weight instead of 4.
 *  2. One launch for up to 64 tensors; blockIdx.y is the tensor. 128 bits a thread (number.cuh). */
#include "kernels/cuda/device.h"
#include "kernels/cuda/each.cuh"

namespace {

enum { TENSORS = 64 };       /* of a launch */
const unsigned BLOCKS = 256; /* at most, of a tensor */

struct Tensors {
  const float *w[TENSORS];
  LwBf16 *copy[TENSORS];
  int64_t n[TENSORS];
};

__global__ void
round_tensors (Tensors tensors)
{
  enum { V = LwNumber<LwBf16>::VECTOR };
  const unsigned t = blockIdx.y;

  for (int64_t i = lw_each_first () * V; i < tensors.n[t]; i += lw_each_stride () * V) {
    const int count = tensors.n[t] - i < V ? (int)(tensors.n[t] - i) : V;
    float value[V];

    lw_load<V> (tensors.w[t] + i, count, value);
    lw_store<V> (tensors.copy[t] + i, count, value, false);
  }
}

/* What is rounded together. */
struct Batch {
  Tensors tensors;
  int n;
  int64_t largest;
};

cudaError_t
launch (LwDevice *device, Batch *batch)
{
  if (batch->n == 0)
    return cudaSuccess;

  const unsigned blocks = lw_each_blocks (batch->largest / 8 + 1).x;
  const cudaError_t code =
      lw_launch (round_tensors, dim3 (blocks < BLOCKS ? blocks : BLOCKS, (unsigned)batch->n),
                 LW_EACH_THREADS, 0, device->stream, batch->tensors);

  batch->n = 0;
  batch->largest = 0;
  return code;
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
  Batch batch = { { { copy->w }, { copy->rounded }, { copy->n } }, 1, copy->n };

  copy->is_old = false;
  return launch (device, &batch);
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

bool
lw_cuda_weights_round (LwDevice *device, GError **error)
{
  const GPtrArray *all = device->weights != NULL ? device->weights->copies : NULL;
  cudaError_t code = cudaSuccess;
  Batch batch = {};

  for (guint i = 0; all != NULL && i < all->len && code == cudaSuccess; i++) {
    Copy *copy = (Copy *)all->pdata[i];

    batch.tensors.w[batch.n] = copy->w;
    batch.tensors.copy[batch.n] = copy->rounded;
    batch.tensors.n[batch.n++] = copy->n;
    batch.largest = copy->n > batch.largest ? copy->n : batch.largest;
    copy->is_old = false;
    if (batch.n == TENSORS)
      code = launch (device, &batch);
  }
  if (code == cudaSuccess)
    code = launch (device, &batch);
  return lw_cuda_check (code, "rounding of weights", error);
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
