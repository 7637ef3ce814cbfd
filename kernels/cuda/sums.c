#include "kernels/cuda/sums.h"

#include "engine/i18n.h"
#include "kernels/cuda/nccl.h"
#include "kernels/cuda/step.h"

#include <string.h>

/* How long the device is let alone between two questions; how often others are asked about; how
 * long a device that is closed may still need for what it was given. */
enum { PAUSE_US = 50, LOOK_US = 100000, CLOSE_US = 5000000 };

struct LwCudaSums {
  LwCollective *collective;
  const LwNccl *nccl;
  LwNcclComm *comm; /* NULL: not yet, or aborted */
  cudaStream_t stream;
  cudaEvent_t given, done; /* of what is summed; of sums */
  bool begun;              /* since the device's own stream waited for this one */
  GError *failure;         /* NULL: none */
};

/* [n], and behind it all processes' */
struct LwCudaOwn {
  double *memory;
  size_t bytes;
};

/* --- joining ---------------------------------------------------------------------------------- */

/* What each process tells the others. */
typedef struct {
  int32_t version; /* of its NCCL; 0: none */
  char machine[64], card[32];
} Place;

static Place
own_place (const LwDevice *device)
{
  const LwNccl *nccl = lw_cuda_nccl (NULL);
  g_autofree char *boot = NULL;
  Place place;

  memset (&place, 0, sizeof place);
  if (!lw_cuda_check (cudaDeviceGetPCIBusId (place.card, (int)sizeof place.card - 1, device->index),
                      "cudaDeviceGetPCIBusId", NULL))
    return place;
  place.version = nccl != NULL ? nccl->version : 0;
  /* Another one for each start of a machine, the same in its containers. */
  if (g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL))
    g_strlcpy (place.machine, g_strstrip (boot), sizeof place.machine);
  return place;
}

static bool
share_a_card (const Place *places, int32_t n)
{
  for (int32_t i = 0; i < n; i++)
    for (int32_t j = 0; j < i; j++)
      if (strcmp (places[i].machine, places[j].machine) == 0 &&
          strcmp (places[i].card, places[j].card) == 0)
        return true;
  return false;
}

/* All processes see the same places, and come to the same. */
static bool
check_places (const Place *places, int32_t n, int32_t own, GError **error)
{
  for (int32_t i = 0; i < n; i++)
    if (places[i].version == 0) {
      if (i == own && lw_cuda_nccl (error) == NULL)
        return false;
      g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                   _ ("NCCL is not installed where worker %d runs."), (int)i);
      return false;
    } else if (places[i].version != places[0].version) {
      g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                   _ ("Worker %d has another version of NCCL than worker 0."), (int)i);
      return false;
    }
  if (!share_a_card (places, n))
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
               _ ("Several workers share a graphics card, which NCCL does not know."));
  return false;
}

static bool
check_nccl (LwDevice *device, int result, GError **error)
{
  if (result == LW_NCCL_SUCCESS)
    return true;
  lw_cuda_ignore (cudaErrorUnknown); /* it calls the runtime, which keeps the error too */
  g_set_error (error, LW_ERROR, LW_ERROR_DEVICE,
               _ ("NCCL failed (%s): a worker or what connects the graphics cards is gone; with "
                  "LAYERWISE_NCCL=none sums go through the computer's memory."),
               device->sums->nccl->GetErrorString (result));
  return false;
}

static bool
make_stream (LwDevice *device, GError **error)
{
  LwCudaSums *sums = device->sums;

  return lw_cuda_check (cudaSetDevice (device->index), "cudaSetDevice", error) &&
         lw_cuda_check (cudaStreamCreateWithFlags (&sums->stream, cudaStreamNonBlocking),
                        "cudaStreamCreate", error) &&
         lw_cuda_check (cudaEventCreateWithFlags (&sums->given, cudaEventDisableTiming),
                        "cudaEventCreate", error) &&
         lw_cuda_check (cudaEventCreateWithFlags (&sums->done, cudaEventDisableTiming),
                        "cudaEventCreate", error);
}

/* Process 0 makes a name for the communicator. Nobody begins to wait in NCCL before all can. */
static bool
make_communicator (LwDevice *device, GError **error)
{
  LwCudaSums *sums = device->sums;
  LwCollective *collective = sums->collective;
  LwNcclId id;
  GError *own = NULL;

  memset (&id, 0, sizeof id);
  if (make_stream (device, &own) && collective->rank == 0)
    check_nccl (device, sums->nccl->GetUniqueId (&id), &own);
  if (!lw_collective_agree (collective, own, error) ||
      !lw_collective_broadcast (collective, &id, sizeof id, error))
    return false;
  own = NULL;
  if (!check_nccl (device,
                   sums->nccl->CommInitRank (&sums->comm, collective->size, id, collective->rank),
                   &own))
    sums->comm = NULL;
  return lw_collective_agree (collective, own, error);
}

bool
lw_cuda_join (LwDevice *device, LwCollective *collective, GError **error)
{
  const Place own = own_place (device);
  g_autofree Place *places = g_new0 (Place, collective->size);

  if (!lw_collective_gather (collective, &own, places, sizeof own, error) ||
      !check_places (places, collective->size, collective->rank, error))
    return false;
  device->sums = g_new0 (LwCudaSums, 1);
  device->sums->collective = collective;
  device->sums->nccl = lw_cuda_nccl (NULL);
  return make_communicator (device, error);
}

/* --- failing ---------------------------------------------------------------------------------- */

/* Graphs that wait to be replayed keep a communicator alive. */
static void
abort_sums (LwDevice *device)
{
  LwCudaSums *sums = device->sums;
  LwNcclComm *comm = g_steal_pointer (&sums->comm);

  lw_cuda_forget_steps (device);
  if (comm != NULL)
    check_nccl (device, sums->nccl->CommAbort (comm), NULL);
}

/* Whether the others are alive. The collective, which has a name for whoever is not, comes first.
 */
static bool
look_at_others (LwDevice *device, GError **error)
{
  LwCudaSums *sums = device->sums;
  int result = LW_NCCL_SUCCESS;

  if (!lw_collective_finish_sums (sums->collective, &sums->failure))
    ;
  else if (check_nccl (device, sums->nccl->CommGetAsyncError (sums->comm, &result),
                       &sums->failure) &&
           (result == LW_NCCL_IN_PROGRESS || check_nccl (device, result, &sums->failure)))
    return true;
  abort_sums (device);
  g_propagate_error (error, g_error_copy (sums->failure));
  return false;
}

/* Whether sums can be begun. */
static bool
is_alive (LwDevice *device, GError **error)
{
  const LwCudaSums *sums = device->sums;

  if (sums->comm != NULL)
    return true;
  g_propagate_error (error, g_error_copy (sums->failure));
  return false;
}

bool
lw_cuda_is_joined (const LwDevice *device)
{
  return device->sums != NULL && device->sums->comm != NULL;
}

static bool
is_over (LwDevice *device, cudaEvent_t event, bool *ret_over, GError **error)
{
  const cudaError_t code =
      event != NULL ? cudaEventQuery (event) : cudaStreamQuery (device->stream);

  *ret_over = code != cudaErrorNotReady;
  if (!*ret_over)
    lw_cuda_ignore (code);
  return !*ret_over || lw_cuda_check (code, "waiting", error);
}

static bool
wait_and_look (LwDevice *device, cudaEvent_t event, int64_t most_us, GError **error)
{
  const int64_t begin_us = g_get_monotonic_time ();
  int64_t looked_us = begin_us;

  for (;;) {
    bool over;

    if (!is_over (device, event, &over, error))
      return false;
    if (over)
      return true;
    g_usleep (PAUSE_US);

    const int64_t now_us = g_get_monotonic_time ();

    if (now_us - looked_us < LOOK_US)
      continue;
    looked_us = now_us;
    if (!look_at_others (device, error))
      return false;
    if (now_us - begin_us > most_us) {
      abort_sums (device);
      return false;
    }
  }
}

bool
lw_cuda_wait (LwDevice *device, cudaEvent_t event, GError **error)
{
  if (lw_cuda_is_joined (device))
    return wait_and_look (device, event, G_MAXINT64, error);
  if (event != NULL)
    return lw_cuda_check (cudaEventSynchronize (event), "cudaEventSynchronize", error);
  return lw_cuda_check (cudaStreamSynchronize (device->stream), "cudaStreamSynchronize", error);
}

/* --- sums ------------------------------------------------------------------------------------- */

/* `second` goes on behind what `first` has been given. */
static bool
follow (cudaStream_t first, cudaStream_t second, cudaEvent_t event, GError **error)
{
  return lw_cuda_check (cudaEventRecord (event, first), "cudaEventRecord", error) &&
         lw_cuda_check (cudaStreamWaitEvent (second, event, 0), "cudaStreamWaitEvent", error);
}

bool
lw_cuda_begin_sum (LwDevice *device, float *values, int64_t n, GError **error)
{
  LwCudaSums *sums = device->sums;

  if (!is_alive (device, error) || !follow (device->stream, sums->stream, sums->given, error))
    return false;
  sums->begun = true;
  return check_nccl (device,
                     sums->nccl->AllReduce (values, values, (size_t)n, LW_NCCL_FLOAT32, LW_NCCL_SUM,
                                            sums->comm, sums->stream),
                     error);
}

bool
lw_cuda_finish_sums (LwDevice *device, GError **error)
{
  LwCudaSums *sums = device->sums;

  if (sums->begun && !follow (sums->stream, device->stream, sums->done, error))
    return false;
  sums->begun = false;
  return true;
}

void
lw_cuda_drop_sums (LwDevice *device)
{
  if (device->sums != NULL)
    lw_cuda_finish_sums (device, NULL);
}

void
lw_cuda_rest_sums (LwDevice *device)
{
  if (!lw_cuda_is_joined (device))
    return;
  lw_cuda_drop_sums (device);
  lw_cuda_wait (device, NULL, NULL);
}

void
lw_cuda_close_sums (LwDevice *device)
{
  LwCudaSums *sums = device->sums;

  if (device->own != NULL) {
    lw_cuda_free (device, device->own->memory, device->own->bytes);
    g_clear_pointer (&device->own, g_free);
  }
  if (sums == NULL)
    return;
  lw_cuda_drop_sums (device);
  if (sums->comm != NULL && !sums->collective->failed &&
      wait_and_look (device, NULL, CLOSE_US, NULL))
    check_nccl (device, sums->nccl->CommDestroy (g_steal_pointer (&sums->comm)), NULL);
  if (sums->comm != NULL)
    abort_sums (device);
  if (sums->given != NULL)
    lw_cuda_ignore (cudaEventDestroy (sums->given));
  if (sums->done != NULL)
    lw_cuda_ignore (cudaEventDestroy (sums->done));
  if (sums->stream != NULL)
    lw_cuda_ignore (cudaStreamDestroy (sums->stream));
  g_clear_error (&sums->failure);
  g_clear_pointer (&device->sums, g_free);
}

/* --- numbers of all processes ----------------------------------------------------------------- */

bool
lw_cuda_reserve_own (LwDevice *device, const LwCollective *collective, int64_t n, GError **error)
{
  const size_t bytes = sizeof (double) * (size_t)n * (size_t)(1 + collective->size);

  if (device->own == NULL)
    device->own = g_new0 (LwCudaOwn, 1);
  if (device->own->bytes >= bytes)
    return true;
  if (device->own->memory != NULL)
    lw_cuda_free (device, device->own->memory, device->own->bytes);
  *device->own = (LwCudaOwn){ .memory = lw_cuda_alloc (device, bytes, error) };
  if (device->own->memory == NULL)
    return false;
  device->own->bytes = bytes;
  return true;
}

double *
lw_cuda_own (const LwDevice *device)
{
  return device->own->memory;
}

static bool
gather_by_host (LwDevice *device, LwCollective *collective, int64_t n, LwReduction reduction,
                GError **error)
{
  const size_t bytes = sizeof (double) * (size_t)n;
  g_autofree double *values = g_malloc (bytes);

  return lw_cuda_download (device, values, device->own->memory, bytes, error) &&
         lw_collective_reduce (collective, values, n, reduction, error) &&
         lw_cuda_upload (device, device->own->memory, values, bytes, error);
}

bool
lw_cuda_gather (LwDevice *device, LwCollective *collective, int64_t n, LwReduction reduction,
                const double **ret_all, int32_t *ret_count, GError **error)
{
  LwCudaSums *sums = device->sums;
  double *own = device->own->memory;

  if (sums == NULL) {
    *ret_all = own;
    *ret_count = 1;
    return gather_by_host (device, collective, n, reduction, error);
  }
  *ret_all = own + n;
  *ret_count = collective->size;
  if (!is_alive (device, error) || !follow (device->stream, sums->stream, sums->given, error))
    return false;
  sums->begun = true;
  return check_nccl (device,
                     sums->nccl->AllGather (own, own + n, (size_t)n, LW_NCCL_FLOAT64, sums->comm,
                                            sums->stream),
                     error) &&
         lw_cuda_finish_sums (device, error);
}
