#include "engine/tensor_part.h"

static bool
by_rows (const LwTensorInfo *tensor)
{
  return tensor->dtype == LW_F32 && tensor->size > LW_PART_MOST_NUMBERS;
}

int64_t
lw_tensor_part_size (const LwGraph *graph, LwTensorPart part)
{
  const LwTensorInfo *tensor;

  if (part.tensor < 0)
    return 0;
  tensor = lw_graph_tensor (graph, part.tensor);
  return part.row == LW_ALL_ROWS ? tensor->size : tensor->size / tensor->dims[0];
}

bool
lw_layer_has_rows (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);

  for (int32_t role = 0; role < node->n_tensors; role++)
    if (by_rows (lw_graph_tensor (graph, node->tensors[role])))
      return true;
  return false;
}

void
lw_layer_parts (const LwGraph *graph, LwNodeId id, int32_t row,
                LwTensorPart ret_parts[LW_MAX_TENSORS])
{
  const LwNode *node = lw_graph_node (graph, id);

  for (int32_t role = 0; role < LW_MAX_TENSORS; role++)
    ret_parts[role] = (LwTensorPart){ -1, LW_ALL_ROWS };
  for (int32_t role = 0; role < node->n_tensors; role++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, node->tensors[role]);

    if (tensor->dtype != LW_F32)
      continue;
    if (!by_rows (tensor))
      ret_parts[role].tensor = node->tensors[role];
    else if (row >= 0 && row < tensor->dims[0])
      ret_parts[role] = (LwTensorPart){ node->tensors[role], row };
  }
}
