#include "kernels/cuda/nccl.h"

#include "engine/i18n.h"

#include <dlfcn.h>
#include <pthread.h>

/* The first one whose sums can be recorded (NCCL's user guide, "Using NCCL with CUDA Graphs"). */
enum { OLDEST = 20900 };

static struct {
  pthread_mutex_t lock;
  bool looked;
  LwCudaFind *replaced;
  LwNccl functions;
  GError *reason; /* why there is none */
} nccl = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool
find_all (void *library)
{
  const struct {
    const char *name;
    void *function;
  } wanted[] = {
    { "ncclGetVersion", &nccl.functions.GetVersion },
    { "ncclGetUniqueId", &nccl.functions.GetUniqueId },
    { "ncclCommInitRank", &nccl.functions.CommInitRank },
    { "ncclCommDestroy", &nccl.functions.CommDestroy },
    { "ncclCommAbort", &nccl.functions.CommAbort },
    { "ncclCommGetAsyncError", &nccl.functions.CommGetAsyncError },
    { "ncclAllReduce", &nccl.functions.AllReduce },
    { "ncclAllGather", &nccl.functions.AllGather },
    { "ncclGetErrorString", &nccl.functions.GetErrorString },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (wanted); i++) {
    void *found =
        nccl.replaced != NULL ? nccl.replaced (wanted[i].name) : dlsym (library, wanted[i].name);

    if (found == NULL)
      return false;
    *(void **)wanted[i].function = found;
  }
  return true;
}

/* Versions before 2.9 have a digit less: 2804 is 2.8.4. */
static char *
words_of (int version)
{
  const int major = version / (version < 10000 ? 1000 : 10000);

  return g_strdup_printf ("%d.%d.%d", major, version / 100 % (version < 10000 ? 10 : 100),
                          version % 100);
}

static void
look (void)
{
  g_autofree char *has = NULL, *oldest = NULL;
  void *library = NULL;

  nccl.looked = true;
  g_clear_error (&nccl.reason);
  nccl.functions = (LwNccl){ 0 };
  if (g_strcmp0 (g_getenv ("LAYERWISE_NCCL"), "none") == 0) {
    g_set_error (&nccl.reason, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("NCCL is left out, because LAYERWISE_NCCL is \"none\"."));
    return;
  }
  if (nccl.replaced == NULL)
    library = dlopen ("libnccl.so.2", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if ((nccl.replaced == NULL && library == NULL) || !find_all (library) ||
      nccl.functions.GetVersion (&nccl.functions.version) != LW_NCCL_SUCCESS) {
    g_set_error (&nccl.reason, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("NCCL (libnccl.so.2) is not installed: processes that train together add up "
                    "gradients through the computer's memory."));
    return;
  }
  if (nccl.functions.version >= OLDEST)
    return;
  has = words_of (nccl.functions.version);
  oldest = words_of (OLDEST);
  g_set_error (&nccl.reason, LW_ERROR, LW_ERROR_UNSUPPORTED,
               _ ("NCCL %s is too old, %s is needed: processes that train together add up "
                  "gradients through the computer's memory."),
               has, oldest);
}

const LwNccl *
lw_cuda_nccl (GError **error)
{
  const LwNccl *found = NULL;

  pthread_mutex_lock (&nccl.lock);
  if (!nccl.looked)
    look ();
  if (nccl.reason == NULL)
    found = &nccl.functions;
  else
    g_propagate_error (error, g_error_copy (nccl.reason));
  pthread_mutex_unlock (&nccl.lock);
  return found;
}

char *
lw_cuda_nccl_describe (GError **error)
{
  const LwNccl *found = lw_cuda_nccl (error);

  return found != NULL ? words_of (found->version) : NULL;
}

void
lw_cuda_nccl_replace (LwCudaFind *find)
{
  pthread_mutex_lock (&nccl.lock);
  nccl.replaced = find;
  nccl.looked = false;
  pthread_mutex_unlock (&nccl.lock);
}
