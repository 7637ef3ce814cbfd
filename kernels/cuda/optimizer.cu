/* One step of an optimizer over all trained tensors; g is a weight's gradient, λ the weight decay,
 * η the learning rate. The rules are PyTorch's:
 *
 *   SGD    g ← g + λ w;   m ← g in the first step, μ m + g later
 *          w ← w − η d,   d = g without momentum, m with it, g + μ m with Nesterov's
 *          (Sutskever et al., "On the importance of initialization and momentum", ICML 2013)
 *   Adam   g ← g + λ w;   m ← β₁ m + (1 − β₁) g;   v ← β₂ v + (1 − β₂) g²
 *          w ← w − η m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁ᵗ),   v̂ = v / (1 − β₂ᵗ)
 *          (Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1)
 *
 * Shapes: tensors of any size, each contiguous, whatever their layout.
 * Ideas:
 *  1. One launch for all tensors: a network has dozens of them, most of a few hundred numbers, and
 *     a launch costs more than these. A table in device memory has pieces of at most 4096 numbers
 *     of a tensor, a block each, so that blocks have as much to do in a large tensor as in small
 *     ones. It is written when the tensors are seen for the first time.
 *  2. In a step that is recorded (step.h) η, λ, μ and t are read from device memory, and so is the
 *     loss: where it is not finite, or was not in a step before of which nobody knew yet, nothing
 *     is updated. The first block writes down that it was so.
 *  3. Where products read weights in bfloat16, their copy is written with them (weights.cu).
 * Reference twin: kernels/reference/optimizer.c. */
#include "kernels/cuda/number.cuh"
#include "kernels/cuda/step.cuh"

#include <math.h>

/* Numbers of one tensor. */
struct LwCudaPiece {
  float *w, *m, *v;
  const float *dw;
  LwBf16 *rounded; /* what products read of w (weights.cu); nullptr: w itself */
  int32_t n;
};

namespace {

enum { THREADS = 256 };
const int64_t PIECE = 4096; /* at most */

struct Sgd {
  __device__ static void change (const LwCudaNumbers &by, float *w, float dw, float *m, float *v)
  {
    const float g = dw + by.decay * *w;

    (void)v;
    if (by.momentum > 0) {
      const float velocity = by.first ? g : by.momentum * *m + g;

      *m = velocity;
      *w -= by.rate * (by.nesterov ? g + by.momentum * velocity : velocity);
    } else {
      *w -= by.rate * g;
    }
  }
};

/* η m̂ / (√v̂ + ε) = rate · m / (√v · root + ε) */
struct Adam {
  __device__ static void change (const LwCudaNumbers &by, float *w, float dw, float *m, float *v)
  {
    const float g = dw + by.decay * *w;

    *m = 0.9f * *m + 0.1f * g;
    *v = 0.999f * *v + 0.001f * g * g;
    *w -= by.rate * *m / (sqrtf (*v) * by.root + 1e-8f);
  }
};

/* A block a piece. `step` and `loss`: of a step that is one piece; else `given` holds. */
template <class Rule>
__global__ void
update (const LwCudaPiece *pieces, LwCudaNumbers given, LwCudaStep *step, const float *loss)
{
  const LwCudaNumbers by = step != nullptr ? step->numbers : given;
  const bool lost = step != nullptr && (!isfinite (loss[0]) || lw_step_is_held (step));
  const LwCudaPiece piece = pieces[blockIdx.x];

  if (step != nullptr && blockIdx.x == 0 && threadIdx.x == 0)
    step->lost[by.slot] = lost;
  if (lost)
    return; /* all blocks */
  for (int32_t i = (int32_t)threadIdx.x; i < piece.n; i += THREADS) {
    Rule::change (by, &piece.w[i], piece.dw[i], piece.m + i, piece.v + i);
    if (piece.rounded != nullptr)
      piece.rounded[i] = LwNumber<LwBf16>::of (piece.w[i]);
  }
}

} // namespace

/* --- the table -------------------------------------------------------------------------------- */

struct LwCudaTensors {
  LwCudaPiece *memory; /* the device's: [capacity] */
  LwCudaPiece *pieces; /* what it holds: [n] */
  int32_t n, capacity;
};

static int32_t
pieces_of (const LwUpdate *update, int32_t k)
{
  return (int32_t)(((int64_t)(update->bytes[k] / sizeof (float)) + PIECE - 1) / PIECE);
}

size_t
lw_cuda_update_bytes (const LwGraph *graph)
{
  size_t pieces = 0;

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);

    if (tensor->trainable)
      pieces += (size_t)((tensor->size + PIECE - 1) / PIECE);
  }
  return sizeof (LwCudaPiece) * pieces;
}

/* `copy`: of the tensor's weights. */
static LwCudaPiece
piece_of (const LwUpdate *update, int32_t k, int32_t number, LwBf16 *copy)
{
  const int64_t first = number * PIECE;
  const int64_t left = (int64_t)(update->bytes[k] / sizeof (float)) - first;
  const auto in = [&] (void *const *tensors) {
    return tensors != NULL && tensors[k] != NULL ? (float *)tensors[k] + first : NULL;
  };

  return { in (update->w),
           in (update->m),
           in (update->v),
           (const float *)update->dw[k] + first,
           copy != NULL ? copy + first : NULL,
           (int32_t)(left < PIECE ? left : PIECE) };
}

/* Whether the table has these tensors. */
static bool
is_ready (const LwDevice *device, const LwCudaTensors *tensors, const LwUpdate *update)
{
  int32_t n = 0;

  for (int32_t k = 0; k < update->n; k++) {
    const int32_t pieces = pieces_of (update, k);
    LwBf16 *copy = (LwBf16 *)lw_cuda_weights_copy (device, update->w[k]);

    for (int32_t i = 0; i < pieces; i++, n++) {
      const LwCudaPiece wanted = piece_of (update, k, i, copy);

      if (n >= tensors->n)
        return false;

      const LwCudaPiece *has = &tensors->pieces[n];

      if (has->w != wanted.w || has->dw != wanted.dw || has->m != wanted.m || has->v != wanted.v ||
          has->rounded != wanted.rounded || has->n != wanted.n)
        return false;
    }
  }
  return n == tensors->n;
}

bool
lw_cuda_ready_update (LwDevice *device, const LwUpdate *update, GError **error)
{
  LwCudaTensors *tensors = device->tensors;
  int32_t n = 0;

  if (tensors == NULL)
    tensors = device->tensors = g_new0 (LwCudaTensors, 1);
  if (is_ready (device, tensors, update))
    return true;
  for (int32_t k = 0; k < update->n; k++)
    n += pieces_of (update, k);
  if (n != tensors->n) { /* what was recorded launches as many blocks */
    lw_cuda_forget_steps (device);
    lw_cuda_close_update (device);
    tensors = device->tensors = g_new0 (LwCudaTensors, 1);
    tensors->memory =
        (LwCudaPiece *)lw_cuda_alloc (device, sizeof (LwCudaPiece) * (size_t)n, error);
    if (tensors->memory == NULL)
      return false;
    tensors->pieces = g_new0 (LwCudaPiece, n);
  }
  tensors->n = 0; /* until it is written */
  for (int32_t k = 0, at = 0; k < update->n; k++) {
    LwBf16 *copy = (LwBf16 *)lw_cuda_weights_copy (device, update->w[k]);

    for (int32_t i = 0; i < pieces_of (update, k); i++)
      tensors->pieces[at++] = piece_of (update, k, i, copy);
  }
  if (!lw_cuda_upload (device, tensors->memory, tensors->pieces, sizeof (LwCudaPiece) * (size_t)n,
                       error))
    return false;
  tensors->n = n;
  return true;
}

void
lw_cuda_close_update (LwDevice *device)
{
  LwCudaTensors *tensors = device->tensors;

  if (tensors == NULL)
    return;
  if (tensors->memory != NULL)
    lw_cuda_free (device, tensors->memory, 0);
  g_free (tensors->pieces);
  g_free (tensors);
  device->tensors = NULL;
}

/* --- the update ------------------------------------------------------------------------------- */

void
lw_cuda_put_update (LwCudaNumbers *numbers, const LwUpdate *update)
{
  const double t = (double)update->t;

  numbers->rate = update->learning_rate;
  numbers->decay = update->weight_decay;
  numbers->momentum = update->momentum;
  numbers->first = update->t == 1;
  numbers->nesterov = update->nesterov;
  if (update->optimizer == LW_OPTIMIZER_ADAM) {
    numbers->rate = (float)((double)update->learning_rate / (1 - pow (0.9, t)));
    numbers->root = (float)(1 / sqrt (1 - pow (0.999, t)));
  }
}

bool
lw_cuda_update (LwDevice *device, const LwUpdate *all, GError **error)
{
  const auto kernel = all->optimizer == LW_OPTIMIZER_ADAM ? update<Adam> : update<Sgd>;
  LwCudaNumbers given = {};

  lw_cuda_put_update (&given, all);
  return lw_cuda_ready_update (device, all, error) &&
         (device->tensors->n == 0 ||
          lw_cuda_check (lw_launch (kernel, (unsigned)device->tensors->n, THREADS, 0,
                                    device->stream, (const LwCudaPiece *)device->tensors->memory,
                                    given, lw_cuda_step (device), all->loss),
                         "optimizer", error));
}
