#include "app/backends.h"

#include "kernels/reference/reference.h"

const LwBackend *const *
lw_app_backends (void)
{
  static const LwBackend *const backends[] = { &lw_reference_backend, NULL };

  return backends;
}
