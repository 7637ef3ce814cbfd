/* Tensors, optimizer state and gradients in and out of a session; initial values. */
#include "engine/session_private.h"

#include "engine/i18n.h"
#include "engine/rng.h"

#include <math.h>
#include <string.h>

static const LwTensorInfo *
find_tensor (const LwSession *session, int32_t index, bool trained, GError **error)
{
  const LwTensorInfo *tensor;

  if (index < 0 || index >= lw_graph_n_tensors (session->graph)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("%s has no tensor number %d."),
                 lw_graph_title (session->graph), index);
    return NULL;
  }
  tensor = lw_graph_tensor (session->graph, index);
  if (trained && !tensor->trainable) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("\"%s\" is not trained, so it has neither gradient nor optimizer state."),
                 tensor->name);
    return NULL;
  }
  return tensor;
}

bool
lw_session_set_tensor (LwSession *session, int32_t index, const void *data, GError **error)
{
  const LwTensorInfo *tensor = find_tensor (session, index, false, error);

  return tensor != NULL &&
         session->backend->upload_tensor (
             session->device, session->tensors + session->offsets[index], tensor, data, error);
}

bool
lw_session_get_tensor (LwSession *session, int32_t index, void *ret_data, GError **error)
{
  const LwTensorInfo *tensor = find_tensor (session, index, false, error);

  return tensor != NULL &&
         session->backend->download_tensor (
             session->device, session->tensors + session->offsets[index], tensor, ret_data, error);
}

/* By way of a copy of the whole tensor. */
static bool
cut_row (LwSession *session, const LwTensorInfo *tensor, const void *memory, int32_t row,
         float *ret_data, GError **error)
{
  const int64_t n = tensor->size / tensor->dims[0];
  g_autofree float *whole = g_try_new (float, tensor->size);

  if (whole == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY, _ ("There is no memory left for %s."),
                 tensor->name);
    return false;
  }
  if (!session->backend->download_tensor (session->device, memory, tensor, whole, error))
    return false;
  memcpy (ret_data, whole + row * n, sizeof *ret_data * (gsize)n);
  return true;
}

bool
lw_session_get_part (LwSession *session, LwTensorPart part, float *ret_data, GError **error)
{
  const LwTensorInfo *tensor = find_tensor (session, part.tensor, false, error);
  const char *memory;

  if (tensor == NULL)
    return false;
  if (part.row == LW_ALL_ROWS)
    return lw_session_get_tensor (session, part.tensor, ret_data, error);
  if (tensor->dtype != LW_F32 || tensor->rank < 1 || part.row < 0 || part.row >= tensor->dims[0]) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("\"%s\" has no weights of a unit number %d."), tensor->name, part.row);
    return false;
  }
  memory = session->tensors + session->offsets[part.tensor];
  return session->backend->download_row != NULL
             ? session->backend->download_row (session->device, memory, tensor, part.row, ret_data,
                                               error)
             : cut_row (session, tensor, memory, part.row, ret_data, error);
}

int32_t
lw_session_optimizer_slots (const LwSession *session)
{
  return session->n_slots;
}

static char *
find_slot (const LwSession *session, int32_t index, int32_t slot, GError **error)
{
  if (slot < 0 || slot >= session->n_slots) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("This optimizer keeps %d copies of each tensor; there is no copy number %d."),
                 session->n_slots, slot);
    return NULL;
  }
  return session->slots[slot] + session->trained_offsets[index];
}

bool
lw_session_set_slot (LwSession *session, int32_t index, int32_t slot, const float *data,
                     GError **error)
{
  const LwTensorInfo *tensor = find_tensor (session, index, true, error);
  char *memory = tensor != NULL ? find_slot (session, index, slot, error) : NULL;

  return memory != NULL &&
         session->backend->upload_tensor (session->device, memory, tensor, data, error);
}

bool
lw_session_get_slot (LwSession *session, int32_t index, int32_t slot, float *ret_data,
                     GError **error)
{
  const LwTensorInfo *tensor = find_tensor (session, index, true, error);
  char *memory = tensor != NULL ? find_slot (session, index, slot, error) : NULL;

  return memory != NULL &&
         session->backend->download_tensor (session->device, memory, tensor, ret_data, error);
}

bool
lw_session_get_gradient (LwSession *session, int32_t index, float *ret_data, GError **error)
{
  const LwTensorInfo *tensor = find_tensor (session, index, true, error);

  if (tensor == NULL)
    return false;
  if (session->gradients == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("This session only runs the network forwards; it has no gradients."));
    return false;
  }
  return session->backend->download_tensor (session->device,
                                            session->gradients + session->trained_offsets[index],
                                            tensor, ret_data, error);
}

/* The weight of the layer that a tensor belongs to: a bias is drawn by its fan-in. */
static const LwTensorInfo *
layer_weight (const LwGraph *graph, const LwTensorInfo *tensor)
{
  return lw_graph_tensor (graph, lw_graph_node (graph, tensor->node)->tensors[LW_ROLE_WEIGHT]);
}

/* Half the width of the interval that a tensor's values are drawn from; 0: not drawn. */
static double
initial_bound (const LwGraph *graph, const LwTensorInfo *tensor)
{
  const LwTensorInfo *weight = layer_weight (graph, tensor);

  if (weight->fan_in == 0)
    return 0; /* batch normalization */
  if (tensor->role == LW_ROLE_WEIGHT)
    return sqrt (6.0 / (double)(weight->fan_in + weight->fan_out));
  return 1 / sqrt ((double)weight->fan_in);
}

/* Host memory for one tensor's first values. A training in the machine's own memory has some at
 * hand that nobody has written yet: its gradients', so that the peak is that of a step. Else NULL,
 * and memory is taken for as long as it is needed. */
static float *
spare_memory (const LwSession *session)
{
  const bool host = lw_backend_is_in_host_memory (session->backend);

  return host && session->options.batch > 0 ? (float *)session->gradients : NULL;
}

static int64_t
largest_tensor (const LwGraph *graph)
{
  int64_t largest = 1;

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++)
    if (lw_graph_tensor (graph, i)->dtype != LW_I64)
      largest = MAX (largest, lw_graph_tensor (graph, i)->size);
  return largest;
}

static bool
set_first_values (LwSession *session, uint64_t seed, float *values, GError **error)
{
  for (int32_t i = 0; i < lw_graph_n_tensors (session->graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (session->graph, i);
    const double bound = initial_bound (session->graph, tensor);
    const bool one = tensor->role == LW_ROLE_WEIGHT || tensor->role == LW_ROLE_RUNNING_VAR;
    const LwStream stream = lw_stream (seed, LW_STREAM_WEIGHTS, (uint32_t)i, 0);
    const int64_t zero = 0;

    if (tensor->dtype == LW_I64) {
      if (!lw_session_set_tensor (session, i, &zero, error))
        return false;
      continue;
    }
    for (int64_t j = 0; j < tensor->size; j++)
      values[j] =
          bound > 0 ? (float)((2.0 * (double)lw_stream_uniform (&stream, (uint64_t)j) - 1) * bound)
          : one     ? 1.0f
                    : 0.0f;
    if (!lw_session_set_tensor (session, i, values, error))
      return false;
  }
  return true;
}

bool
lw_session_initialize (LwSession *session, uint64_t seed, GError **error)
{
  const int64_t largest = largest_tensor (session->graph);
  float *values = spare_memory (session);
  g_autofree float *own = NULL;

  if (values == NULL || (int64_t)session->trained_bytes < largest * (int64_t)sizeof (float)) {
    values = own = g_try_new (float, largest);
    if (own == NULL) {
      g_set_error (error, LW_ERROR, LW_ERROR_MEMORY, _ ("There is no memory left for %s."),
                   lw_graph_title (session->graph));
      return false;
    }
  }
  if (!set_first_values (session, seed, values, error))
    return false;
  if (own == NULL &&
      !session->backend->zero (session->device, session->gradients, session->trained_bytes, error))
    return false;
  for (int32_t slot = 0; slot < session->n_slots; slot++)
    if (!session->backend->zero (session->device, session->slots[slot], session->trained_bytes,
                                 error))
      return false;
  return true;
}
