/* One step of an optimizer over all trained tensors; g is a weight's gradient, λ the weight decay,
 * η the learning rate. The rules are PyTorch's:
 *
 *   SGD    g ← g + λ w;   m ← g in the first step, μ m + g later
 *          w ← w − η d,   d = g without momentum, m with it, g + μ m with Nesterov's
 *          (Sutskever et al., "On the importance of initialization and momentum", ICML 2013)
 *   Adam   g ← g + λ w;   m ← β₁ m + (1 − β₁) g;   v ← β₂ v + (1 − β₂) g²
 *          w ← w − η m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁ᵗ),   v̂ = v / (1 − β₂ᵗ)
 *          (Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1) */
#include "kernels/cpu/kernels.h"

#include <math.h>

static void
sgd (const LwUpdate *update, float *w, const float *dw, int64_t n)
{
  const float rate = update->learning_rate, decay = update->weight_decay;

  for (int64_t i = 0; i < n; i++)
    w[i] -= rate * (dw[i] + decay * w[i]);
}

static void
sgd_momentum (const LwUpdate *update, float *w, const float *dw, float *m, int64_t n)
{
  const float rate = update->learning_rate, decay = update->weight_decay;
  const float mu = update->momentum;
  const bool first = update->t == 1, nesterov = update->nesterov;

  for (int64_t i = 0; i < n; i++) {
    const float g = dw[i] + decay * w[i];
    const float velocity = first ? g : mu * m[i] + g;

    m[i] = velocity;
    w[i] -= rate * (nesterov ? g + mu * velocity : velocity);
  }
}

static void
adam (const LwUpdate *update, float *w, const float *dw, float *m, float *v, int64_t n)
{
  const double beta1 = 0.9, beta2 = 0.999;
  const float epsilon = 1e-8f, decay = update->weight_decay;
  /* η m̂ / (√v̂ + ε) = rate · m / (√v · root + ε) */
  const float rate = (float)((double)update->learning_rate / (1 - pow (beta1, (double)update->t)));
  const float root = (float)(1 / sqrt (1 - pow (beta2, (double)update->t)));
  const float keep1 = (float)beta1, add1 = (float)(1 - beta1);
  const float keep2 = (float)beta2, add2 = (float)(1 - beta2);

  for (int64_t i = 0; i < n; i++) {
    const float g = dw[i] + decay * w[i];

    m[i] = keep1 * m[i] + add1 * g;
    v[i] = keep2 * v[i] + add2 * g * g;
    w[i] -= rate * m[i] / (sqrtf (v[i]) * root + epsilon);
  }
}

/* Items are blocks of numbers, counted through all tensors. */
static void
update_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const LwUpdate *update = data;
  int64_t counted = 0;

  (void)thread;
  for (int32_t k = 0; k < update->n && counted < last; k++) {
    const int64_t size = (int64_t)(update->bytes[k] / sizeof (float)), blocks = lw_blocks (size);
    const int64_t from = CLAMP (first - counted, 0, blocks), to = MIN (last - counted, blocks);
    const int64_t start = from * LW_BLOCK;

    counted += blocks;
    if (from >= to)
      continue;

    const int64_t n = lw_blocks_size (size, from, to);
    float *w = (float *)update->w[k] + start;
    const float *dw = (const float *)update->dw[k] + start;

    if (update->optimizer == LW_OPTIMIZER_ADAM)
      adam (update, w, dw, (float *)update->m[k] + start, (float *)update->v[k] + start, n);
    else if (update->momentum > 0)
      sgd_momentum (update, w, dw, (float *)update->m[k] + start, n);
    else
      sgd (update, w, dw, n);
  }
}

bool
LW_CPU (update) (LwDevice *device, const LwUpdate *update, GError **error)
{
  int64_t blocks = 0;

  (void)error;
  for (int32_t k = 0; k < update->n; k++)
    blocks += lw_blocks ((int64_t)(update->bytes[k] / sizeof (float)));
  lw_pool_run (device->pool, blocks, update_blocks, update);
  return true;
}
