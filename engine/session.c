#include "engine/i18n.h"
#include "engine/session_private.h"

/* What every backend must have before memory is planned: a kernel for each layer. */
static bool
check_kernels (const LwSession *session, GError **error)
{
  const bool trains = session->options.batch > 0;

  for (LwNodeId id = 0; id <= lw_graph_n_nodes (session->graph); id++) {
    const bool loss = id == lw_graph_n_nodes (session->graph);
    const LwNode *node = loss ? NULL : lw_graph_node (session->graph, id);
    const LwOp op = loss ? LW_OP_CROSS_ENTROPY : node->op;
    const LwKernel *kernel = &session->backend->kernels[op];

    if (op == LW_OP_INPUT || (kernel->forward != NULL && (!trains || kernel->backward != NULL)))
      continue;
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("The device \"%s\" cannot run the layer \"%s\" (%s)%s; choose another device, "
                    "for example reference."),
                 session->backend->name, loss ? "loss" : node->name, lw_op_info (op)->title,
                 kernel->forward != NULL ? _ (" backwards, which training needs") : "");
    return false;
  }
  return true;
}

static void *
take (LwSession *session, size_t bytes, GError **error)
{
  const LwBackend *backend = session->backend;
  void *memory = backend->alloc (session->device, MAX (bytes, LW_ALIGNMENT), error);

  if (memory != NULL &&
      !backend->zero (session->device, memory, MAX (bytes, LW_ALIGNMENT), error)) {
    backend->free (session->device, memory, MAX (bytes, LW_ALIGNMENT));
    memory = NULL;
  }
  return memory;
}

static bool
take_memory (LwSession *session, GError **error)
{
  const bool trains = session->options.batch > 0;

  session->tensors = take (session, session->tensors_bytes, error);
  if (session->tensors == NULL)
    return false;
  session->arena = take (session, session->arena_bytes, error);
  if (session->arena == NULL)
    return false;
  session->labels = take (session, session->labels_bytes, error);
  if (session->labels == NULL)
    return false;
  if (!trains)
    return true;
  session->gradients = take (session, session->trained_bytes, error);
  if (session->gradients == NULL)
    return false;
  for (int32_t i = 0; i < session->n_slots; i++) {
    session->slots[i] = take (session, session->trained_bytes, error);
    if (session->slots[i] == NULL)
      return false;
  }
  return true;
}

/* The arrays that every update reads. */
static void
bind_update (LwSession *session)
{
  const int32_t n_tensors = lw_graph_n_tensors (session->graph);
  void **w = g_new0 (void *, n_tensors), **dw = g_new0 (void *, n_tensors);
  void **m = g_new0 (void *, n_tensors), **v = g_new0 (void *, n_tensors);
  size_t *bytes = g_new0 (size_t, n_tensors);
  int32_t n = 0;

  for (int32_t i = 0; i < n_tensors; i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (session->graph, i);
    const size_t offset = session->trained_offsets[i];

    if (!tensor->trainable)
      continue;
    w[n] = session->tensors + session->offsets[i];
    dw[n] = session->gradients + offset;
    m[n] = session->slots[0] != NULL ? session->slots[0] + offset : NULL;
    v[n] = session->slots[1] != NULL ? session->slots[1] + offset : NULL;
    bytes[n++] = session->backend->tensor_bytes (session->device, tensor);
  }
  session->update = (LwUpdate){ .optimizer = session->options.optimizer,
                                .n = n,
                                .w = w,
                                .dw = (const void *const *)dw,
                                .m = m,
                                .v = v,
                                .bytes = bytes };
}

LwSession *
lw_session_new (LwGraph *graph, const LwBackend *backend, int device_index,
                const LwSessionOptions *options, GError **error)
{
  g_autoptr (LwSession) session = g_new0 (LwSession, 1);

  session->graph = lw_graph_ref (graph);
  session->backend = backend->variant != NULL ? backend->variant (&options->device) : backend;
  session->options = *options;
  if (options->inference_batch == 0)
    session->options.inference_batch = options->batch > 0 ? options->batch : 64;
  if (options->batch > 0)
    session->n_slots = options->optimizer == LW_OPTIMIZER_ADAM ? 2 : options->momentum ? 1 : 0;
  if (!check_kernels (session, error) || !lw_session_take_choices (session, error))
    return NULL;
  backend = session->backend;
  options = &session->options;
  session->device = backend->open (device_index, &options->device, error);
  if (session->device == NULL ||
      (backend->adapt != NULL &&
       !backend->adapt (session->device, graph,
                        options->batch > 0 ? options->batch : session->options.inference_batch,
                        options->batch > 0, error)) ||
      !lw_session_plan_memory (session, error) || !take_memory (session, error))
    return NULL;
  if ((session->options.batch > 0 && !lw_session_bind (session, &session->training, error)) ||
      !lw_session_bind (session, &session->inference, error))
    return NULL;
  if (options->collective != NULL && !lw_session_give_choices (session, error))
    return NULL;
  session->options.device = (LwDeviceOptions){ 0 }; /* the caller's texts and choices */
  if (session->options.batch > 0)
    bind_update (session);
  if (options->collective != NULL && !lw_session_join (session, error))
    return NULL;
  return g_steal_pointer (&session);
}

bool
lw_session_keep_momentum (LwSession *session, GError **error)
{
  const int64_t available = session->backend->free_bytes != NULL
                                ? session->backend->free_bytes (session->device)
                                : lw_free_host_memory ();
  int32_t n = 0;

  if (session->n_slots > 0 || session->options.batch == 0)
    return true;
  if (available >= 0 && (int64_t)session->trained_bytes > available) {
    lw_set_memory_error (error, _ ("Training with momentum"), session->options.batch,
                         session->memory.training_total + (int64_t)session->trained_bytes,
                         session->memory.training_total + available, 0);
    return false;
  }
  session->slots[0] = take (session, session->trained_bytes, error);
  if (session->slots[0] == NULL)
    return false;
  session->n_slots = 1;
  session->memory.optimizer += (int64_t)session->trained_bytes;
  session->memory.training_total += (int64_t)session->trained_bytes;
  for (int32_t i = 0; i < lw_graph_n_tensors (session->graph); i++)
    if (lw_graph_tensor (session->graph, i)->trainable)
      ((void **)session->update.m)[n++] = session->slots[0] + session->trained_offsets[i];
  return true;
}

bool
lw_session_clear_slots (LwSession *session, GError **error)
{
  for (int32_t i = 0; i < session->n_slots; i++)
    if (!session->backend->zero (session->device, session->slots[i],
                                 MAX (session->trained_bytes, LW_ALIGNMENT), error))
      return false;
  return true;
}

static void
give_back (LwSession *session, void *memory, size_t bytes)
{
  if (memory != NULL)
    session->backend->free (session->device, memory, MAX (bytes, LW_ALIGNMENT));
}

void
lw_session_free (LwSession *session)
{
  if (session == NULL)
    return;
  lw_session_unbind (session, &session->training);
  lw_session_unbind (session, &session->inference);
  lw_session_drop_data (session);
  lw_session_leave (session);
  give_back (session, session->tensors, session->tensors_bytes);
  give_back (session, session->gradients, session->trained_bytes);
  give_back (session, session->slots[0], session->trained_bytes);
  give_back (session, session->slots[1], session->trained_bytes);
  give_back (session, session->arena, session->arena_bytes);
  give_back (session, session->labels, session->labels_bytes);
  if (session->device != NULL)
    session->backend->close (session->device);
  lw_graph_unref (session->graph);
  lw_algorithm_list_free (session->choices);
  g_free (session->normalized);
  g_free (session->offsets);
  g_free (session->trained_offsets);
  g_free ((void *)session->update.w);
  g_free ((void *)session->update.dw);
  g_free ((void *)session->update.m);
  g_free ((void *)session->update.v);
  g_free ((void *)session->update.bytes);
  g_free (session);
}

LwGraph *
lw_session_graph (const LwSession *session)
{
  return session->graph;
}

const LwPlan *
lw_session_plan (const LwSession *session, LwMode mode)
{
  return mode == LW_MODE_TRAINING ? session->training.plan : session->inference.plan;
}

LwMemory
lw_session_memory (const LwSession *session)
{
  return session->memory;
}
