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
 *  1. One launch for up to 64 tensors, not one each: a network has dozens of them, most of a few
 *     hundred numbers, and a launch costs more than these. Their addresses are arguments of the
 * kernel, which come with the launch; blockIdx.y is the tensor.
 *  2. Within a tensor one thread a number (each.cuh).
 * Reference twin: kernels/reference/optimizer.c. */
#include "kernels/cuda/device.h"
#include "kernels/cuda/each.cuh"

#include <math.h>

namespace {

enum { TENSORS = 64 };       /* of a launch */
const unsigned BLOCKS = 256; /* at most, of a tensor */

struct Tensors {
  float *w[TENSORS], *m[TENSORS], *v[TENSORS];
  const float *dw[TENSORS];
  int64_t n[TENSORS];
};

struct Sgd {
  float rate, decay, momentum;
  bool first, nesterov;

  __device__ void operator() (float *w, float dw, float *m, float *v) const
  {
    const float g = dw + decay * *w;

    (void)v;
    if (momentum > 0) {
      const float velocity = first ? g : momentum * *m + g;

      *m = velocity;
      *w -= rate * (nesterov ? g + momentum * velocity : velocity);
    } else {
      *w -= rate * g;
    }
  }
};

/* η m̂ / (√v̂ + ε) = rate · m / (√v · root + ε) */
struct Adam {
  float rate, root, decay;

  __device__ void operator() (float *w, float dw, float *m, float *v) const
  {
    const float g = dw + decay * *w;

    *m = 0.9f * *m + 0.1f * g;
    *v = 0.999f * *v + 0.001f * g * g;
    *w -= rate * *m / (sqrtf (*v) * root + 1e-8f);
  }
};

template <class Rule>
__global__ void
update (Rule rule, Tensors tensors)
{
  const unsigned t = blockIdx.y;

  for (int64_t i = lw_each_first (); i < tensors.n[t]; i += lw_each_stride ())
    rule (&tensors.w[t][i], tensors.dw[t][i], tensors.m[t] + i, tensors.v[t] + i);
}

template <class Rule>
bool
update_all (LwDevice *device, const LwUpdate *all, Rule rule, GError **error)
{
  for (int32_t first = 0; first < all->n; first += TENSORS) {
    const int32_t n = all->n - first < TENSORS ? all->n - first : TENSORS;
    int64_t largest = 1;
    Tensors tensors = {};

    for (int32_t t = 0; t < n; t++) {
      const int32_t k = first + t;

      tensors.w[t] = (float *)all->w[k];
      tensors.dw[t] = (const float *)all->dw[k];
      tensors.m[t] = all->m != NULL ? (float *)all->m[k] : nullptr;
      tensors.v[t] = all->v != NULL ? (float *)all->v[k] : nullptr;
      tensors.n[t] = (int64_t)(all->bytes[k] / sizeof (float));
      largest = tensors.n[t] > largest ? tensors.n[t] : largest;
    }

    const unsigned blocks = lw_each_blocks (largest).x;

    if (!lw_cuda_check (lw_launch (update<Rule>,
                                   dim3 (blocks < BLOCKS ? blocks : BLOCKS, (unsigned)n),
                                   LW_EACH_THREADS, 0, device->stream, rule, tensors),
                        "optimizer", error))
      return false;
  }
  return true;
}

} // namespace

bool
lw_cuda_update (LwDevice *device, const LwUpdate *all, GError **error)
{
  if (all->optimizer == LW_OPTIMIZER_ADAM) {
    const double t = (double)all->t;
    const Adam adam = { (float)((double)all->learning_rate / (1 - pow (0.9, t))),
                        (float)(1 / sqrt (1 - pow (0.999, t))), all->weight_decay };

    return update_all (device, all, adam, error);
  }

  const Sgd sgd = { all->learning_rate, all->weight_decay, all->momentum, all->t == 1,
                    all->nesterov };

  return update_all (device, all, sgd, error);
}
