#include "engine/session_norms.h"

#include "engine/session_private.h"

#include <math.h>
#include <string.h>

/* Sums that do not wait for each other. */
enum { LANES = 8 };

static double
root_of_sum (const double *lanes)
{
  double sum = 0;

  for (int k = 0; k < LANES; k++)
    sum += lanes[k];
  return sqrt (sum);
}

static double
norm (const float *x, int64_t n)
{
  double sums[LANES] = { 0 };
  int64_t i = 0;

  for (; i + LANES <= n; i += LANES)
    for (int k = 0; k < LANES; k++)
      sums[k] += (double)x[i + k] * (double)x[i + k];
  for (; i < n; i++)
    sums[0] += (double)x[i] * (double)x[i];
  return root_of_sum (sums);
}

double
lw_session_norm (const LwSession *session, int32_t index)
{
  const LwTensorInfo *tensor = lw_graph_tensor (session->graph, index);

  if (!lw_backend_is_in_host_memory (session->backend) || tensor->dtype != LW_F32)
    return NAN;
  return norm ((const float *)(session->tensors + session->offsets[index]), tensor->size);
}

/* What the step took off, a w′ + b dw + c m [÷ (√v · root + ε)], with w′ the weight after it: the
 * rules' w = w′ + Δ solved for Δ. */
typedef struct {
  double a, b, c, root;
  bool adam;
} LwStepRule;

static LwStepRule
rule_of (const LwUpdate *update, int32_t n_slots)
{
  const double rate = (double)update->learning_rate, decay = (double)update->weight_decay;
  const double mu = (double)update->momentum, solved = rate / (1 - rate * decay);

  if (update->optimizer == LW_OPTIMIZER_ADAM)
    return (LwStepRule){ .c = rate / (1 - pow (0.9, (double)update->t)),
                         .root = 1 / sqrt (1 - pow (0.999, (double)update->t)),
                         .adam = true };
  if (n_slots == 0 || update->momentum == 0)
    return (LwStepRule){ .a = solved * decay, .b = solved };
  if (update->nesterov)
    return (LwStepRule){ .a = solved * decay, .b = solved, .c = solved * mu };
  return (LwStepRule){ .c = rate };
}

static double
step_at (const LwStepRule *rule, const float *w, const float *dw, const float *m, const float *v,
         int64_t i)
{
  const double plain = rule->a * (double)w[i] + rule->b * (double)dw[i];

  if (rule->adam)
    return rule->c * (double)m[i] / (sqrt ((double)v[i]) * rule->root + 1e-8);
  return rule->c != 0 ? plain + rule->c * (double)m[i] : plain;
}

static void
measure (const LwStepRule *rule, const float *w, const float *dw, const float *m, const float *v,
         int64_t n, LwStepNorms *norms)
{
  double weights[LANES] = { 0 }, steps[LANES] = { 0 };

  for (int64_t i = 0; i < n; i += LANES)
    for (int k = 0; k < LANES && i + k < n; k++) {
      const double step = step_at (rule, w, dw, m, v, i + k), before = (double)w[i + k] + step;

      steps[k] += step * step;
      weights[k] += before * before;
    }
  norms->weight = root_of_sum (weights);
  norms->step = root_of_sum (steps);
}

bool
lw_session_step_norms (const LwSession *session, int32_t index, LwStepNorms *ret_norms)
{
  const LwTensorInfo *tensor = lw_graph_tensor (session->graph, index);
  const LwStepRule rule = rule_of (&session->update, session->n_slots);
  const float *w, *dw, *m = NULL, *v = NULL;
  size_t at;

  if (!lw_backend_is_in_host_memory (session->backend) || !tensor->trainable ||
      session->update.t < 1)
    return false;
  at = session->trained_offsets[index];
  w = (const float *)(session->tensors + session->offsets[index]);
  dw = (const float *)(session->gradients + at);
  if (session->n_slots > 0)
    m = (const float *)(session->slots[0] + at);
  if (session->n_slots > 1)
    v = (const float *)(session->slots[1] + at);
  ret_norms->gradient = norm (dw, tensor->size);
  measure (&rule, w, dw, m, v, tensor->size, ret_norms);
  return true;
}

size_t
lw_session_tensors_bytes (const LwSession *session)
{
  return lw_backend_is_in_host_memory (session->backend) ? session->tensors_bytes : 0;
}

void
lw_session_keep_tensors (const LwSession *session, void *to)
{
  memcpy (to, session->tensors, session->tensors_bytes);
}

void
lw_session_put_tensors (LwSession *session, const void *from)
{
  memcpy (session->tensors, from, session->tensors_bytes);
}
