/* Values that somebody wants to see while a training goes on. A download in the midst of the
 * device's work would have the host wait for it, and then the device for the host. Here it is put
 * aside on the device, in the order of its work; a second stream brings it to the host, behind an
 * event, while the next step runs. */
#include "engine/memplan.h"
#include "kernels/cuda/sums.h"

typedef struct {
  LwCudaDownload what;
  size_t offset; /* a multiple of LW_ALIGNMENT */
} Aside;

struct LwCudaLook {
  cudaStream_t stream;
  cudaEvent_t aside, done; /* all of it is put aside; is at the host */
  char *memory, *pinned;   /* [capacity] of the device, and page-locked */
  size_t capacity, used;
  size_t wanted;  /* by this look */
  GArray *copies; /* of Aside */
  bool looking;
  int64_t enqueued; /* LwDevice's, when it was asked for */
};

static bool
open_look (LwDevice *device, GError **error)
{
  LwCudaLook *look = device->look = g_new0 (LwCudaLook, 1);

  look->copies = g_array_new (FALSE, FALSE, sizeof (Aside));
  return lw_cuda_check (cudaStreamCreateWithFlags (&look->stream, cudaStreamNonBlocking),
                        "cudaStreamCreate", error) &&
         lw_cuda_check (cudaEventCreateWithFlags (&look->aside, cudaEventDisableTiming),
                        "cudaEventCreate", error) &&
         lw_cuda_check (cudaEventCreateWithFlags (&look->done, cudaEventDisableTiming),
                        "cudaEventCreate", error);
}

static void
free_memory (LwDevice *device)
{
  LwCudaLook *look = device->look;

  if (look->memory != NULL)
    lw_cuda_free (device, look->memory, look->capacity);
  if (look->pinned != NULL)
    lw_cuda_ignore (cudaFreeHost (look->pinned));
  look->memory = look->pinned = NULL;
  look->capacity = 0;
}

void
lw_cuda_close_look (LwDevice *device)
{
  LwCudaLook *look = device->look;

  if (look == NULL)
    return;
  free_memory (device);
  if (look->aside != NULL)
    lw_cuda_ignore (cudaEventDestroy (look->aside));
  if (look->done != NULL)
    lw_cuda_ignore (cudaEventDestroy (look->done));
  if (look->stream != NULL)
    lw_cuda_ignore (cudaStreamDestroy (look->stream));
  g_array_unref (look->copies);
  g_clear_pointer (&device->look, g_free);
}

/* As much as the last look would have taken. Without it downloads wait as always. */
static void
take_memory (LwDevice *device)
{
  LwCudaLook *look = device->look;
  void *pinned = NULL;
  const size_t bytes = look->wanted;

  free_memory (device);
  look->memory = lw_cuda_alloc (device, bytes, NULL);
  /* All of it is brought to the host, gaps too. */
  if (look->memory == NULL || !lw_cuda_zero (device, look->memory, bytes, NULL))
    return;
  if (lw_cuda_check (cudaMallocHost (&pinned, bytes), "cudaMallocHost", NULL))
    look->capacity = bytes;
  look->pinned = look->capacity > 0 ? pinned : NULL;
}

bool
lw_cuda_is_looking (const LwDevice *device)
{
  return device->look != NULL && device->look->looking;
}

bool
lw_cuda_begin_look (LwDevice *device, GError **error)
{
  LwCudaLook *look;

  if (device->look == NULL && !open_look (device, error)) {
    lw_cuda_close_look (device);
    return false;
  }
  look = device->look;
  if (look->wanted > look->capacity)
    take_memory (device);
  look->used = look->wanted = 0;
  g_array_set_size (look->copies, 0);
  look->looking = true;
  return true;
}

bool
lw_cuda_put_aside (LwDevice *device, const LwCudaDownload *what, bool *ret_aside, GError **error)
{
  LwCudaLook *look = device->look;
  Aside aside = { .what = *what };

  *ret_aside = false;
  if (!lw_cuda_is_looking (device))
    return true;
  look->wanted += (what->bytes + LW_ALIGNMENT - 1) / LW_ALIGNMENT * LW_ALIGNMENT;
  if (look->wanted > look->capacity)
    return true;
  aside.offset = look->used;
  look->used = look->wanted;
  g_array_append_val (look->copies, aside);
  *ret_aside = true;
  return lw_cuda_check (cudaMemcpyAsync (look->memory + aside.offset, what->from, what->bytes,
                                         cudaMemcpyDeviceToDevice, device->stream),
                        "cudaMemcpy of what is looked at", error);
}

/* Also where it failed: what is downloaded then waits again. */
bool
lw_cuda_end_look (LwDevice *device, GError **error)
{
  LwCudaLook *look = device->look;

  look->looking = false;
  look->enqueued = device->enqueued;
  if (!lw_cuda_check (cudaEventRecord (look->aside, device->stream), "cudaEventRecord", error) ||
      !lw_cuda_check (cudaStreamWaitEvent (look->stream, look->aside, 0), "cudaStreamWaitEvent",
                      error))
    return false;
  if (look->used > 0 && !lw_cuda_check (cudaMemcpyAsync (look->pinned, look->memory, look->used,
                                                         cudaMemcpyDeviceToHost, look->stream),
                                        "cudaMemcpy of what is looked at", error))
    return false;
  return lw_cuda_check (cudaEventRecord (look->done, look->stream), "cudaEventRecord", error);
}

bool
lw_cuda_finish_look (LwDevice *device, GError **error)
{
  const LwCudaLook *look = device->look;

  if (!lw_cuda_wait (device, look->done, error))
    return false;
  device->over = MAX (device->over, look->enqueued);
  for (guint i = 0; i < look->copies->len; i++) {
    const Aside *aside = &g_array_index (look->copies, Aside, i);

    lw_cuda_arrange (&aside->what, look->pinned + aside->offset);
  }
  return true;
}
