/* Of the emulated module: what tests ask of the emulation through the environment of the program
 * that loads it.
 *
 *   LAYERWISE_EMULATION_DEVICES=N   so many graphics cards
 *   LAYERWISE_EMULATION_DRIVER=N    which CUDA the driver knows, 12040 for 12.4; 0: no driver
 *   LAYERWISE_EMULATION_FAIL_AT=N   call number N of CUDA or cuBLAS fails, counted from 0; with a
 *                                   "+" behind it all later ones too
 *   LAYERWISE_EMULATION_EXHAUST=N   calls from number N on find no memory; with "-M" behind
 *                                   it up to number M
 *   LAYERWISE_EMULATION_NCCL=N      the emulated NCCL says that it is version N (2804: 2.8.4);
 * without this there is none LAYERWISE_EMULATION_CALLS=FILE  the number of calls is written there
 * when the program ends */
#include "kernels/cuda/nccl.h"
#include "tests/device/emulation/emulation.h"

#include <cstdio>
#include <cstdlib>
#include <cuda_runtime_api.h>

static int
number (const char *name, int otherwise)
{
  const char *text = getenv (name);

  return text != nullptr ? atoi (text) : otherwise;
}

static void *
find_nothing (const char *)
{
  return nullptr;
}

__attribute__ ((constructor)) static void
obey ()
{
  const char *fail_at = getenv ("LAYERWISE_EMULATION_FAIL_AT");
  const char *exhaust = getenv ("LAYERWISE_EMULATION_EXHAUST");

  lw_emulation_set_devices (number ("LAYERWISE_EMULATION_DEVICES", 1),
                            number ("LAYERWISE_EMULATION_DRIVER", CUDART_VERSION));
  lw_emulation_set_nccl (number ("LAYERWISE_EMULATION_NCCL", 0), false);
  lw_cuda_nccl_replace (getenv ("LAYERWISE_EMULATION_NCCL") != nullptr ? lw_emulation_nccl_find
                                                                       : find_nothing);
  if (fail_at != nullptr) {
    char *end;
    const long long call = strtoll (fail_at, &end, 10);

    lw_emulation_fail_call (call, *end == '+');
  }
  if (exhaust != nullptr) {
    char *end;
    const long long call = strtoll (exhaust, &end, 10);

    lw_emulation_exhaust_calls (call, *end == '-' ? strtoll (end + 1, nullptr, 10) : INT64_MAX);
  }
}

__attribute__ ((destructor)) static void
report ()
{
  const char *path = getenv ("LAYERWISE_EMULATION_CALLS");
  FILE *file = path != nullptr ? fopen (path, "w") : nullptr;

  if (file == nullptr)
    return;
  fprintf (file, "%lld\n", (long long)lw_emulation_calls ());
  fclose (file);
}
