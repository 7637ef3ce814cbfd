#include "app/backends.h"

#include "kernels/cpu/cpu.h"
#include "kernels/cuda/load.h"
#include "kernels/reference/reference.h"

#include <pthread.h>

/* Which table of CUDA and of the CPU backend is meant is known when the program runs. */
static const LwBackend *backends[] = { NULL, NULL, &lw_reference_backend, NULL };

static void
choose (void)
{
  backends[0] = lw_cuda_load_backend ();
  backends[1] = lw_cpu_backend ();
}

const LwBackend *const *
lw_app_backends (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, choose);
  return backends;
}
