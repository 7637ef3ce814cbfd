#include "engine/memory_use.h"

#include "engine/data/loader.h"
#include "engine/free_memory.h"

/* An open device, or none where sizes are the analysis's. */
typedef struct {
  const LwBackend *backend;
  LwDevice *device;
} Open;

static bool
open_device (const LwMemoryDevice *from, Open *open, GError **error)
{
  LwDeviceOptions options = from->options;

  *open = (Open){ NULL, NULL };
  if (from->backend == NULL)
    return true;
  options.algorithms = LW_ALGORITHMS_FIXED; /* nothing is measured here */
  options.cache_folder = NULL;
  open->backend =
      from->backend->variant != NULL ? from->backend->variant (&options) : from->backend;
  open->device = open->backend->open (from->index, &options, error);
  return open->device != NULL;
}

static void
close_device (Open *open)
{
  if (open->device != NULL)
    open->backend->close (open->device);
}

static int64_t
aligned (int64_t bytes)
{
  return (bytes + LW_ALIGNMENT - 1) / LW_ALIGNMENT * LW_ALIGNMENT;
}

/* All tensors, and the trained ones of them, as a session places them. */
static void
count_tensors (const LwGraph *graph, const Open *open, int64_t *ret_all, int64_t *ret_trained)
{
  *ret_all = *ret_trained = 0;
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    const int64_t bytes = open->backend != NULL
                              ? (int64_t)open->backend->tensor_bytes (open->device, tensor)
                              : tensor->size * (tensor->dtype == LW_I64 ? 8 : 4);

    *ret_all += aligned (bytes);
    *ret_trained += tensor->trainable ? aligned (bytes) : 0;
  }
}

/* Whether its memory is not the machine's. */
static bool
has_own_memory (const LwBackend *backend)
{
  return backend != NULL && !lw_backend_is_in_host_memory (backend);
}

/* A training prepares its next batches and has as many places for test images: in the machine's
 * memory. A device with memory of its own keeps the data set's bytes. */
static int64_t
image_bytes (const LwGraph *graph, const Open *open, LwMode mode, int32_t batch, int64_t kept)
{
  if (has_own_memory (open->backend))
    return mode == LW_MODE_TRAINING && open->backend->keep_images != NULL ? kept : 0;
  return (mode == LW_MODE_TRAINING ? 2 : 1) *
         lw_loader_bytes (lw_graph_input_shape (graph), batch, 0);
}

/* --- the arena's fullest step ----------------------------------------------------------------- */

/* Bytes of one kind of buffer that come and go, by step. */
static void
add_buffer (int64_t *changes, const LwBuffer *buffer)
{
  changes[buffer->life.first] += aligned (buffer->life.bytes);
  changes[buffer->life.last + 1] -= aligned (buffer->life.bytes);
}

static void
split_arena (LwMemoryPass *pass, int32_t n_steps)
{
  const int32_t n = lw_plan_n_buffers (pass->plan);
  g_autofree int64_t *changes = g_new0 (int64_t, (size_t)n_steps + 1);
  int64_t alive = 0, most = -1;

  for (int32_t i = 0; i < n; i++)
    add_buffer (changes, lw_plan_buffer (pass->plan, i));
  for (int32_t step = 0; step < n_steps; step++) {
    alive += changes[step];
    if (alive > most) {
      most = alive;
      pass->peak_step = step;
    }
  }
  for (int32_t i = 0; i < n; i++) {
    const LwBuffer *buffer = lw_plan_buffer (pass->plan, i);
    const int64_t bytes = aligned (buffer->life.bytes);

    if (pass->peak_step < buffer->life.first || pass->peak_step > buffer->life.last)
      continue;
    if (buffer->kind == LW_BUFFER_WORKSPACE)
      pass->split.workspace += bytes;
    else if (buffer->kind == LW_BUFFER_GRADIENT)
      pass->split.gradients += bytes;
    else
      pass->split.activations += bytes;
  }
  pass->split.gaps = lw_plan_arena (pass->plan).arena_bytes - most;
}

/* --- one use ---------------------------------------------------------------------------------- */

typedef struct {
  int32_t slots;
  int64_t data_bytes;
} Asked;

static Asked
asked_of (const LwMemoryDevice *device)
{
  return (Asked){ device->optimizer_slots, device->data_bytes };
}

static bool
make_pass (LwGraph *graph, const Open *open, LwMode mode, Asked asked, int32_t batch,
           LwMemoryPass *pass, GError **error)
{
  const bool trains = mode == LW_MODE_TRAINING;
  int64_t trained, saved;

  if (open->backend != NULL && open->backend->adapt != NULL &&
      !open->backend->adapt (open->device, graph, batch, trains, error))
    return false;
  pass->plan = lw_plan_new (graph, batch, mode, open->backend, open->device, error);
  if (pass->plan == NULL)
    return false;
  count_tensors (graph, open, &pass->parameters, &trained);
  saved = pass->parameters;
  if (open->backend != NULL && open->backend->own_bytes != NULL)
    pass->parameters += (int64_t)open->backend->own_bytes (open->device, graph, trains);
  pass->gradients = trains ? trained : 0;
  pass->optimizer = trains ? asked.slots * trained : 0;
  pass->fixed = pass->parameters + pass->gradients + pass->optimizer;
  pass->total = pass->fixed + lw_plan_arena (pass->plan).arena_bytes;
  pass->images = image_bytes (graph, open, mode, batch, asked.data_bytes);
  pass->saving = trains && !has_own_memory (open->backend) ? saved + pass->optimizer : 0;
  return true;
}

LwMemoryUse *
lw_memory_use_new (LwGraph *graph, const LwMemoryDevice *device, int32_t batch, GError **error)
{
  g_autoptr (LwMemoryUse) use = g_new0 (LwMemoryUse, 1);
  Open open;

  if (!open_device (device, &open, error))
    return NULL;
  for (int mode = 0; mode < LW_N_MODES; mode++) {
    const int32_t nodes = lw_graph_n_nodes (graph);

    if (!make_pass (graph, &open, (LwMode)mode, asked_of (device), batch, &use->pass[mode],
                    error)) {
      close_device (&open);
      return NULL;
    }
    split_arena (&use->pass[mode], mode == LW_MODE_TRAINING ? 2 * nodes + 3 : nodes + 1);
  }
  close_device (&open);
  return g_steal_pointer (&use);
}

void
lw_memory_use_free (LwMemoryUse *use)
{
  if (use == NULL)
    return;
  for (int mode = 0; mode < LW_N_MODES; mode++)
    lw_plan_free (use->pass[mode].plan);
  g_free (use);
}

static int64_t
needed (const LwMemoryPass *pass)
{
  return pass->total + pass->images + pass->saving;
}

int64_t
lw_memory_use_needed (const LwMemoryUse *use, LwMode mode)
{
  return needed (&use->pass[mode]);
}

LwMemory
lw_memory_use_summary (const LwMemoryUse *use)
{
  const LwMemoryPass *training = &use->pass[LW_MODE_TRAINING];
  const LwMemoryPass *inference = &use->pass[LW_MODE_INFERENCE];
  const int64_t arena = lw_plan_arena (training->plan).arena_bytes;
  const int64_t kept = lw_plan_kept_bytes (training->plan);

  return (LwMemory){ .parameters = training->parameters,
                     .gradients = training->gradients,
                     .optimizer = training->optimizer,
                     .activations = kept,
                     .inference_activations = lw_plan_kept_bytes (inference->plan),
                     .workspace = arena - kept,
                     .training_total = training->total,
                     .inference_total = inference->total };
}

/* --- the largest batch ------------------------------------------------------------------------ */

int64_t
lw_memory_available (const LwMemoryDevice *device)
{
  int64_t bytes = -1;
  Open open;

  if (device->backend == NULL || lw_backend_is_in_host_memory (device->backend))
    return lw_free_host_memory ();
  if (open_device (device, &open, NULL)) {
    bytes = open.backend->free_bytes (open.device);
    close_device (&open);
  }
  return bytes;
}

/* Sizes that overflow do not fit either. */
static bool
fits (LwGraph *graph, const Open *open, LwMode mode, Asked asked, int32_t batch, int64_t available)
{
  LwMemoryPass pass = { 0 };
  const bool made = make_pass (graph, open, mode, asked, batch, &pass, NULL);

  lw_plan_free (pass.plan);
  return made && needed (&pass) <= available;
}

struct LwMemorySearch {
  LwGraph *graph;
  Open open;
  Asked asked;
  int64_t available;
  int32_t fitting[LW_N_MODES], too_large[LW_N_MODES];
};

LwMemorySearch *
lw_memory_search_new (LwGraph *graph, const LwMemoryDevice *device, int64_t available,
                      GError **error)
{
  LwMemorySearch *search;
  Open open;

  if (!open_device (device, &open, error))
    return NULL;
  search = g_new0 (LwMemorySearch, 1);
  search->graph = lw_graph_ref (graph);
  search->open = open;
  search->asked = asked_of (device);
  search->available = available;
  for (int mode = 0; mode < LW_N_MODES; mode++)
    search->too_large[mode] = LW_LARGEST_BATCH + 1;
  return search;
}

void
lw_memory_search_free (LwMemorySearch *search)
{
  if (search == NULL)
    return;
  close_device (&search->open);
  lw_graph_unref (search->graph);
  g_free (search);
}

bool
lw_memory_search_step (LwMemorySearch *search)
{
  for (int mode = 0; mode < LW_N_MODES; mode++) {
    int32_t *fitting = &search->fitting[mode], *too_large = &search->too_large[mode];
    const int32_t middle = *fitting + (*too_large - *fitting) / 2;

    if (*too_large - *fitting <= 1)
      continue;
    if (fits (search->graph, &search->open, (LwMode)mode, search->asked, middle, search->available))
      *fitting = middle;
    else
      *too_large = middle;
    return true;
  }
  return false;
}

int32_t
lw_memory_search_answer (const LwMemorySearch *search, LwMode mode)
{
  const int32_t fitting = search->fitting[mode];

  return search->too_large[mode] - fitting > 1 ? -1 : fitting;
}
