#include "app/backends.h"

#include "kernels/cpu/cpu.h"
#include "kernels/reference/reference.h"

#include <pthread.h>

/* Which of the CPU backend's tables is meant is known when the program runs. */
static const LwBackend *backends[] = { NULL, &lw_reference_backend, NULL };

static void
choose (void)
{
  backends[0] = lw_cpu_backend ();
}

const LwBackend *const *
lw_app_backends (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, choose);
  return backends;
}
