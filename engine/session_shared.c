/* Sessions of several processes: sums over them, and the same tensors in all.
 *
 * The trained tensors' gradients stand in the order of the graph's tensors, and backward goes from
 * the last layer to the first, so a bucket of neighbours is complete long before backward ends and
 * is added up beside the rest of it. A sum takes about as long for few numbers as for some hundred
 * thousand, hence buckets of some megabytes (Li et al., "PyTorch Distributed: Experiences on
 * Accelerating Data Parallel Training", VLDB 2020, section 3.2). */
#include "engine/i18n.h"
#include "engine/json_read.h"
#include "engine/session_private.h"

#include <string.h>

#define BUCKET_BYTES ((size_t)4 << 20)

/* --- the same algorithms ---------------------------------------------------------------------- */

bool
lw_session_take_choices (LwSession *session, GError **error)
{
  LwCollective *collective = session->options.collective;
  LwDeviceOptions *device = &session->options.device;
  g_autofree char *json = NULL;
  JsonObject *object;

  if (collective == NULL || collective->rank == 0)
    return true;
  if (!lw_collective_broadcast_text (collective, NULL, &json, error))
    return false;
  object = lw_json_parse_object (json, -1, "algorithms", error);
  if (object == NULL)
    return false;
  session->choices = lw_algorithm_list_read (object);
  json_object_unref (object);
  device->algorithms = LW_ALGORITHMS_FIXED; /* for what it has not */
  device->choices = lw_algorithm_list_choices (session->choices, &device->n_choices);
  return true;
}

bool
lw_session_give_choices (LwSession *session, GError **error)
{
  g_autoptr (LwAlgorithmList) list = NULL;
  g_autoptr (GString) json = g_string_new (NULL);
  g_autofree char *unused = NULL;

  if (session->options.collective->rank > 0)
    return true;
  list = lw_session_algorithms (session);
  lw_algorithm_list_write (list, json);
  return lw_collective_broadcast_text (session->options.collective, json->str, &unused, error);
}

/* --- joining ---------------------------------------------------------------------------------- */

static void
check_backend (const LwSession *session, GError **error)
{
  if (!session->backend->synchronizes)
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("The device \"%s\" cannot share a batch with other processes; choose another "
                    "one, for example cpu."),
                 session->backend->name);
}

/* What must be the same everywhere if gradients shall be added up as they lie. */
static char *
describe_layout (const LwSession *session)
{
  const LwBackend *backend = session->backend;

  return g_strdup_printf ("%s, %s, %s", backend->name,
                          backend->layout != NULL ? backend->layout (session->device)
                                                  : "one layout",
                          backend->join != NULL ? "joins" : "does not join");
}

static bool
choose_path (LwSession *session, GError **error)
{
  g_autofree char *layout = describe_layout (session);
  bool same;

  if (!lw_collective_same (session->options.collective, layout, &same, error))
    return false;
  session->path = same && lw_backend_is_in_host_memory (session->backend) ? LW_SUMS_IN_PLACE
                  : same && session->backend->join != NULL                ? LW_SUMS_ON_DEVICE
                                                                          : LW_SUMS_BY_COPY;
  return true;
}

static bool
take_path (LwSession *session, GError **error)
{
  if (session->path == LW_SUMS_ON_DEVICE)
    return session->backend->join (session->device, session->options.collective, error);
  if (session->path == LW_SUMS_IN_PLACE)
    return true;
  session->copies = g_try_malloc0 (session->trained_bytes);
  if (session->copies == NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is no memory left for a copy of the gradients."));
  return session->copies != NULL;
}

/* Where devices cannot join each other after all, host memory is left. */
static bool
take_path_together (LwSession *session, GError **error)
{
  GError *own = NULL;
  g_autoptr (GError) reason = NULL;

  take_path (session, &own);
  if (lw_collective_agree (session->options.collective, own, &reason))
    return true;
  if (session->path != LW_SUMS_ON_DEVICE ||
      !g_error_matches (reason, LW_ERROR, LW_ERROR_UNSUPPORTED)) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return false;
  }
  session->path = LW_SUMS_BY_COPY;
  own = NULL;
  take_path (session, &own);
  return lw_collective_agree (session->options.collective, own, error);
}

/* From the last tensor on, each as long as it is smaller than wanted. */
static void
make_buckets (LwSession *session)
{
  const size_t least =
      session->options.bucket_bytes > 0 ? session->options.bucket_bytes : BUCKET_BYTES;
  const int32_t n = lw_graph_n_tensors (session->graph);
  size_t end = session->trained_bytes;
  LwBucket bucket = { .from = G_MAXINT32, .tensor = n };

  session->buckets = g_new (LwBucket, n + 1);
  for (int32_t i = n - 1; i >= 0; i--) {
    const LwTensorInfo *tensor = lw_graph_tensor (session->graph, i);

    bucket.tensor = i;
    bucket.n++;
    if (!tensor->trainable)
      continue;
    bucket.from = MIN (bucket.from, tensor->node);
    bucket.offset = session->trained_offsets[i];
    bucket.bytes = end - bucket.offset;
    if (bucket.bytes < least && bucket.offset > 0)
      continue;
    session->buckets[session->n_buckets++] = bucket;
    end = bucket.offset;
    bucket = (LwBucket){ .from = G_MAXINT32 };
  }
}

bool
lw_session_join (LwSession *session, GError **error)
{
  LwCollective *collective = session->options.collective;
  GError *own = NULL;

  check_backend (session, &own);
  if (!lw_collective_agree (collective, own, error))
    return false;
  if (session->options.batch == 0)
    return true;
  if (!choose_path (session, error) || !take_path_together (session, error))
    return false;
  make_buckets (session);
  return true;
}

void
lw_session_leave (LwSession *session)
{
  g_free (session->buckets);
  g_free (session->copies);
}

/* --- sums ------------------------------------------------------------------------------------- */

bool
lw_session_sum_loss (LwSession *session, bool absent, GError **error)
{
  const LwBackend *backend = session->backend;
  float *loss = session->training.steps[lw_graph_n_nodes (session->graph)].y;

  session->n_begun = 0;
  if (absent && !backend->zero (session->device, loss, 2 * sizeof *loss, error))
    return false;
  if (session->path == LW_SUMS_ON_DEVICE)
    return backend->begin_sum (session->device, loss, 2, error);
  if (session->path == LW_SUMS_IN_PLACE)
    return lw_collective_begin_sum (session->options.collective, loss, 2, error);
  return backend->download_loss (session->device, loss, session->loss, error) &&
         lw_collective_begin_sum (session->options.collective, session->loss, 2, error);
}

/* The bucket's gradients, from the device to their copies or back. */
static bool
copy_bucket (LwSession *session, const LwBucket *bucket, bool back, GError **error)
{
  const LwBackend *backend = session->backend;

  for (int32_t i = bucket->tensor; i < bucket->tensor + bucket->n; i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (session->graph, i);
    const size_t offset = session->trained_offsets[i];
    char *own = session->gradients + offset, *copy = (char *)session->copies + offset;

    if (!tensor->trainable)
      continue;
    if (back ? !backend->upload_tensor (session->device, own, tensor, copy, error)
             : !backend->download_tensor (session->device, own, tensor, copy, error))
      return false;
  }
  return true;
}

static bool
begin_bucket (LwSession *session, const LwBucket *bucket, GError **error)
{
  LwCollective *collective = session->options.collective;
  float *own = (float *)(session->gradients + bucket->offset);
  const int64_t n = (int64_t)(bucket->bytes / sizeof *own);

  if (session->path == LW_SUMS_ON_DEVICE)
    return session->backend->begin_sum (session->device, own, n, error);
  if (session->path == LW_SUMS_IN_PLACE)
    return lw_collective_begin_sum (collective, own, n, error);
  return copy_bucket (session, bucket, false, error) &&
         lw_collective_begin_sum (collective, (float *)((char *)session->copies + bucket->offset),
                                  n, error);
}

bool
lw_session_sum_gradients (LwSession *session, LwNodeId id, GError **error)
{
  for (; session->n_begun < session->n_buckets && session->buckets[session->n_begun].from >= id;
       session->n_begun++)
    if (!begin_bucket (session, &session->buckets[session->n_begun], error))
      return false;
  return true;
}

bool
lw_session_finish_sums (LwSession *session, GError **error)
{
  if (session->path == LW_SUMS_ON_DEVICE)
    return session->backend->finish_sums (session->device, error);
  if (!lw_collective_finish_sums (session->options.collective, error))
    return false;
  for (int32_t i = 0; session->path == LW_SUMS_BY_COPY && i < session->n_buckets; i++)
    if (!copy_bucket (session, &session->buckets[i], true, error))
      return false;
  return true;
}

/* --- the same tensors in all ------------------------------------------------------------------ */

static bool
is_statistic (const LwTensorInfo *tensor)
{
  return !tensor->trainable;
}

static bool
share_tensor (LwSession *session, int32_t index, void *values, GError **error)
{
  LwCollective *collective = session->options.collective;
  const LwTensorInfo *tensor = lw_graph_tensor (session->graph, index);
  const int64_t bytes = tensor->size * (tensor->dtype == LW_I64 ? 8 : 4);

  return (collective->rank > 0 || lw_session_get_tensor (session, index, values, error)) &&
         lw_collective_broadcast (collective, values, bytes, error) &&
         (collective->rank == 0 || lw_session_set_tensor (session, index, values, error));
}

static bool
share_slots (LwSession *session, int32_t index, float *values, GError **error)
{
  LwCollective *collective = session->options.collective;
  const int64_t size = lw_graph_tensor (session->graph, index)->size;

  for (int32_t slot = 0; slot < session->n_slots; slot++)
    if ((collective->rank == 0 && !lw_session_get_slot (session, index, slot, values, error)) ||
        !lw_collective_broadcast (collective, values, size * (int64_t)sizeof *values, error) ||
        (collective->rank > 0 && !lw_session_set_slot (session, index, slot, values, error)))
      return false;
  return true;
}

static bool
share (LwSession *session, bool all, GError **error)
{
  g_autofree void *values = NULL;
  int64_t largest = 1;

  for (int32_t i = 0; i < lw_graph_n_tensors (session->graph); i++)
    if (all || is_statistic (lw_graph_tensor (session->graph, i)))
      largest = MAX (largest, lw_graph_tensor (session->graph, i)->size);
  values = g_try_malloc_n ((gsize)largest, 8);
  if (values == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is no memory left for a copy of the largest tensor."));
    return false;
  }
  for (int32_t i = 0; i < lw_graph_n_tensors (session->graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (session->graph, i);

    if ((all || is_statistic (tensor)) && !share_tensor (session, i, values, error))
      return false;
    if (all && tensor->trainable && !share_slots (session, i, values, error))
      return false;
  }
  return true;
}

bool
lw_session_share (LwSession *session, GError **error)
{
  return share (session, true, error);
}

bool
lw_session_share_statistics (LwSession *session, GError **error)
{
  return share (session, false, error);
}
