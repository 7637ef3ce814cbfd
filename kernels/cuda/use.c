/* What a card can do at most, and what all programs use of it now.
 *
 * The peaks follow from its units and clocks, as its makers state them:
 *
 *   operations/s = multiprocessors · multiply-adds of one in a cycle · clock · 2
 *   bytes/s      = memory's clock · 2 (it works at both edges) · width of its bus / 8
 *
 * The clock is the highest that the card takes by itself; where it is hot or short of power it is
 * lower. Load comes from NVML, the driver's library for supervision, which is looked for when the
 * program runs: no headers, so its few types stand here (NVML API Reference, "nvmlUtilization_t",
 * "nvmlMemory_t"). No card has been asked yet: emulation knows neither clocks nor NVML. */
#include "kernels/cuda/device.h"

#include <dlfcn.h>
#include <pthread.h>

/* --- peaks ------------------------------------------------------------------------------------ */

/* Multiply-adds that a multiprocessor does in a cycle: float32 on its cores (CUDA C++ Programming
 * Guide, "Arithmetic Instructions"), TF32 and bfloat16 with sums in float32 on its tensor cores
 * (from what NVIDIA states for a card of the kind, without sparsity, over its multiprocessors and
 * clock: A100, RTX 3080, RTX 4090, H100, B200, RTX 5090). 0: it has none. */
typedef struct {
  int major, minor;
  double fp32, tf32, bf16;
} Units;

static const Units *
units_of (int major, int minor)
{
  static const Units all[] = {
    { 7, 5, 64, 0, 0 },       { 8, 0, 64, 512, 1024 },   { 8, 6, 128, 128, 256 },
    { 8, 9, 128, 128, 256 },  { 9, 0, 128, 1024, 2048 }, { 10, 0, 128, 2048, 4096 },
    { 12, 0, 128, 128, 256 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i].major == major && all[i].minor == minor)
      return &all[i];
  return NULL;
}

static double
attribute (const LwDevice *device, enum cudaDeviceAttr what)
{
  int value = 0;

  return lw_cuda_check (cudaDeviceGetAttribute (&value, what, device->index),
                        "cudaDeviceGetAttribute", NULL)
             ? value
             : 0;
}

LwPeaks
lw_cuda_peaks (LwDevice *device)
{
  const Units *units = units_of ((int)attribute (device, cudaDevAttrComputeCapabilityMajor),
                                 (int)attribute (device, cudaDevAttrComputeCapabilityMinor));
  const double multiprocessors = attribute (device, cudaDevAttrMultiProcessorCount);
  const double clock = 1e3 * attribute (device, cudaDevAttrClockRate); /* given in kHz */
  const double memory_clock = 1e3 * attribute (device, cudaDevAttrMemoryClockRate);
  const double bus_bytes = attribute (device, cudaDevAttrGlobalMemoryBusWidth) / 8;
  double multiply_adds = 0;

  if (units != NULL)
    multiply_adds = device->precision == LW_PRECISION_BF16   ? units->bf16
                    : device->precision == LW_PRECISION_TF32 ? units->tf32
                                                             : units->fp32;
  return (LwPeaks){ 2 * multiprocessors * multiply_adds * clock, 2 * memory_clock * bus_bytes };
}

/* --- load and memory -------------------------------------------------------------------------- */

typedef struct {
  unsigned gpu, memory; /* percent of the last moments */
} NvmlUtilization;

typedef struct {
  unsigned long long total, free, used;
} NvmlMemory;

/* Its functions return 0 where they worked. */
static struct {
  pthread_once_t once;
  bool works;
  int (*init) (void);
  int (*handle) (const char *bus, void **ret_device);
  int (*utilization) (void *device, NvmlUtilization *ret_utilization);
  int (*memory) (void *device, NvmlMemory *ret_memory);
} nvml = { .once = PTHREAD_ONCE_INIT };

static bool
find_function (void *library, const char *name, void *ret_function)
{
  *(void **)ret_function = dlsym (library, name);
  return *(void **)ret_function != NULL;
}

static void
load_nvml (void)
{
  void *library = dlopen ("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);

  nvml.works = library != NULL && find_function (library, "nvmlInit_v2", &nvml.init) &&
               find_function (library, "nvmlDeviceGetHandleByPciBusId_v2", &nvml.handle) &&
               find_function (library, "nvmlDeviceGetUtilizationRates", &nvml.utilization) &&
               find_function (library, "nvmlDeviceGetMemoryInfo", &nvml.memory) &&
               nvml.init () == 0;
}

/* NVML counts cards in another order than CUDA, which may also be told to hide some: both know the
 * place on the bus. */
static void *
nvml_device (int index)
{
  char bus[32];
  void *device = NULL;

  pthread_once (&nvml.once, load_nvml);
  if (!nvml.works ||
      !lw_cuda_check (cudaDeviceGetPCIBusId (bus, (int)sizeof bus, index), "cudaDeviceGetPCIBusId",
                      NULL) ||
      nvml.handle (bus, &device) != 0)
    return NULL;
  return device;
}

/* Nothing here waits for the card, or touches what the thread that computes is using. */
bool
lw_cuda_use (int index, LwDeviceUse *ret_use)
{
  void *device = nvml_device (index);
  NvmlUtilization utilization;
  NvmlMemory memory;
  size_t left = 0, total = 0;

  *ret_use = (LwDeviceUse){ .load = -1 };
  if (device != NULL && nvml.utilization (device, &utilization) == 0)
    ret_use->load = utilization.gpu / 100.0;
  if (device != NULL && nvml.memory (device, &memory) == 0) {
    ret_use->used_bytes = (int64_t)memory.used;
    ret_use->total_bytes = (int64_t)memory.total;
  } else if (lw_cuda_check (cudaSetDevice (index), "cudaSetDevice", NULL) &&
             lw_cuda_check (cudaMemGetInfo (&left, &total), "cudaMemGetInfo", NULL)) {
    ret_use->used_bytes = (int64_t)(total - left);
    ret_use->total_bytes = (int64_t)total;
  }
  return ret_use->load >= 0 || ret_use->total_bytes > 0;
}
