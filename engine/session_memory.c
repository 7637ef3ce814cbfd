#include "engine/i18n.h"
#include "engine/session_private.h"

static size_t
aligned (size_t bytes)
{
  return (bytes + LW_ALIGNMENT - 1) / LW_ALIGNMENT * LW_ALIGNMENT;
}

/* Offsets of the tensors, all and trained. */
static void
place_tensors (LwSession *session)
{
  const int32_t n = lw_graph_n_tensors (session->graph);

  session->offsets = g_new0 (size_t, n);
  session->trained_offsets = g_new0 (size_t, n);
  for (int32_t i = 0; i < n; i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (session->graph, i);
    const size_t bytes = session->backend->tensor_bytes (session->device, tensor);

    session->offsets[i] = session->tensors_bytes;
    session->tensors_bytes += aligned (bytes);
    if (tensor->trainable) {
      session->trained_offsets[i] = session->trained_bytes;
      session->trained_bytes += aligned (bytes);
    }
  }
}

static LwPlan *
plan (const LwSession *session, int32_t batch, LwMode mode, GError **error)
{
  return lw_plan_new (session->graph, batch, mode, session->backend, session->device, error);
}

/* All tensors, and what the device keeps of them by itself. */
static int64_t
parameter_bytes (const LwSession *session, bool training)
{
  const size_t own = session->backend->own_bytes != NULL
                         ? session->backend->own_bytes (session->device, session->graph, training)
                         : 0;

  return (int64_t)session->tensors_bytes + (int64_t)own;
}

static int64_t
fixed_bytes (const LwSession *session)
{
  const bool trains = session->options.batch > 0;
  const int64_t copies = trains ? 1 + session->n_slots : 0;

  return parameter_bytes (session, trains) + copies * (int64_t)session->trained_bytes;
}

/* What a session for these batches takes on the device; −1: no such plan. */
static int64_t
bytes_with_batch (const LwSession *session, int32_t batch)
{
  const bool trains = session->options.batch > 0;
  g_autoptr (LwPlan) training = trains ? plan (session, batch, LW_MODE_TRAINING, NULL) : NULL;
  g_autoptr (LwPlan) inference = plan (session, batch, LW_MODE_INFERENCE, NULL);

  if ((trains && training == NULL) || inference == NULL)
    return -1;
  return fixed_bytes (session) + MAX (trains ? lw_plan_arena (training).arena_bytes : 0,
                                      lw_plan_arena (inference).arena_bytes);
}

static int32_t
largest_batch (const LwSession *session, int32_t batch, int64_t available)
{
  int32_t fits = 0, too_large = batch;

  while (too_large - fits > 1) {
    const int32_t middle = fits + (too_large - fits) / 2;
    const int64_t bytes = bytes_with_batch (session, middle);

    if (bytes >= 0 && bytes <= available)
      fits = middle;
    else
      too_large = middle;
  }
  return fits;
}

/* What workspaces make the arena larger by. */
static int64_t
workspace_bytes (const LwPlan *plan)
{
  return plan != NULL ? lw_plan_arena (plan).arena_bytes - lw_plan_kept_bytes (plan) : 0;
}

bool
lw_session_plan_memory (LwSession *session, GError **error)
{
  const int32_t batch = MAX (session->options.batch, session->options.inference_batch);
  const bool trains = session->options.batch > 0;
  LwMemory *memory = &session->memory;
  int64_t available, needed, arena = 0, inference_arena;

  place_tensors (session);
  if (trains) {
    session->training.plan = plan (session, session->options.batch, LW_MODE_TRAINING, error);
    if (session->training.plan == NULL)
      return false;
    arena = lw_plan_arena (session->training.plan).arena_bytes;
  }
  session->inference.plan =
      plan (session, session->options.inference_batch, LW_MODE_INFERENCE, error);
  if (session->inference.plan == NULL)
    return false;
  inference_arena = lw_plan_arena (session->inference.plan).arena_bytes;
  session->arena_bytes = (size_t)MAX (arena, inference_arena);
  session->labels_bytes = aligned (sizeof (int32_t) * (size_t)batch);

  *memory = (LwMemory){
    .parameters = parameter_bytes (session, trains),
    .gradients = trains ? (int64_t)session->trained_bytes : 0,
    .optimizer = trains ? session->n_slots * (int64_t)session->trained_bytes : 0,
    .activations = arena - workspace_bytes (session->training.plan),
    .inference_activations = inference_arena - workspace_bytes (session->inference.plan),
    .workspace = workspace_bytes (trains ? session->training.plan : session->inference.plan),
    .training_total = trains ? fixed_bytes (session) + arena : 0,
    .inference_total = parameter_bytes (session, false) + inference_arena,
  };

  needed = fixed_bytes (session) + (int64_t)session->arena_bytes;
  available = session->backend->free_bytes != NULL ? session->backend->free_bytes (session->device)
                                                   : lw_free_host_memory ();
  if (available >= 0 && needed > available) {
    g_autofree char *what = g_strdup_printf (trains ? _ ("Training %s") : _ ("Running %s"),
                                             lw_graph_title (session->graph));

    lw_set_memory_error (error, what, batch, needed, available,
                         largest_batch (session, batch, available));
    return false;
  }
  return true;
}
