#include "engine/analysis.h"
#include "engine/plan.h"

bool
lw_graph_memory (const LwGraph *graph, int32_t batch, int optimizer_slots, LwMemory *ret_memory,
                 GError **error)
{
  /* A plan holds a reference, which is all that it changes. */
  LwGraph *shared = (LwGraph *)graph;
  g_autoptr (LwPlan) training = lw_plan_new (shared, batch, LW_MODE_TRAINING, NULL, NULL, error);
  if (training == NULL)
    return false;
  g_autoptr (LwPlan) inference = lw_plan_new (shared, batch, LW_MODE_INFERENCE, NULL, NULL, error);
  if (inference == NULL)
    return false;

  int64_t trained = lw_graph_cost (graph).parameters * (int64_t)sizeof (float);
  int64_t stored = 0;
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    stored += tensor->size * (tensor->dtype == LW_I64 ? 8 : 4);
  }
  LwMemory memory = {
    .parameters = stored,
    .gradients = trained,
    .optimizer = trained * optimizer_slots,
    .activations = lw_plan_arena (training).arena_bytes,
    .inference_activations = lw_plan_arena (inference).arena_bytes,
  };
  memory.training_total =
      memory.parameters + memory.gradients + memory.optimizer + memory.activations;
  memory.inference_total = memory.parameters + memory.inference_activations;
  *ret_memory = memory;
  return true;
}
