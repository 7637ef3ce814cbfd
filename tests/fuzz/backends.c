/* The devices of the fuzzed command line: the reference alone, which every compiler compiles. */
#include "app/backends.h"

#include "kernels/reference/reference.h"
#ifdef LW_WITH_ONEDNN
#include "kernels/cpu/onednn.h"
#endif

const LwBackend *const *
lw_app_backends (void)
{
  static const LwBackend *const backends[] = { &lw_reference_backend, NULL };

  return backends;
}

#ifdef LW_WITH_ONEDNN
char *
lw_onednn_version (void)
{
  return g_strdup ("none");
}
#endif
