/* Devices, memory, copies, and errors of CUDA as sentences. */
#include "engine/i18n.h"
#include "engine/memplan.h"
#include "kernels/common/choice.h"
#include "kernels/cuda/step.h"
#include "kernels/cuda/sums.h"

#include <string.h>

/* --- errors ----------------------------------------------------------------------------------- */

/* Not only what asks for memory finds none: launches, graphs and cuBLAS take some by themselves. */
static void
set_exhausted (const char *what, GError **error)
{
  g_set_error (
      error, LW_ERROR, LW_ERROR_MEMORY,
      _ ("The graphics card has no memory left (%s): close programs that use it, or choose "
         "a smaller batch or network."),
      what);
}

bool
lw_cuda_check (cudaError_t code, const char *what, GError **error)
{
  if (code == cudaSuccess)
    return true;
  lw_cuda_ignore (code);
  if (code == cudaErrorMemoryAllocation)
    set_exhausted (what, error);
  else if (code == cudaErrorNoKernelImageForDevice)
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("The CUDA module was compiled for other graphics cards than this one: "
                    "./run --build --cuda compiles it for all."));
  else
    g_set_error (error, LW_ERROR, LW_ERROR_DEVICE,
                 _ ("The graphics card stopped with an error (%s: %s): start the program again, "
                    "and if it comes back, choose the device cpu."),
                 what, cudaGetErrorString (code));
  return false;
}

bool
lw_cuda_check_blas (cublasStatus_t status, const char *what, GError **error)
{
  if (status == CUBLAS_STATUS_SUCCESS)
    return true;
  lw_cuda_ignore (cudaErrorUnknown); /* cuBLAS calls the runtime, which keeps the error too */
  if (status == CUBLAS_STATUS_ALLOC_FAILED)
    set_exhausted (what, error);
  else
    g_set_error (error, LW_ERROR, LW_ERROR_DEVICE,
                 _ ("The graphics card stopped with an error (%s: %s): start the program again, "
                    "and if it comes back, choose the device cpu."),
                 what, cublasGetStatusString (status));
  return false;
}

void
lw_cuda_ignore (cudaError_t code)
{
  const cudaError_t kept = code != cudaSuccess ? cudaGetLastError () : cudaSuccess;

  (void)kept;
}

/* A thread has a device that it works with, at first number 0. */
static bool
choose_device (LwDevice *device, GError **error)
{
  return lw_cuda_check (cudaSetDevice (device->index), "cudaSetDevice", error);
}

/* --- devices ---------------------------------------------------------------------------------- */

/* The driver says which CUDA it knows; 0: there is none. */
static void
set_driver_error (GError **error)
{
  int known = 0;
  const cudaError_t code = cudaDriverGetVersion (&known);

  lw_cuda_ignore (code);
  if (code != cudaSuccess || known == 0)
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("There is no NVIDIA driver: CUDA needs a graphics card by NVIDIA and its "
                    "driver, version 580 or newer."));
  else
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("The NVIDIA driver is too old: it knows CUDA %d.%d, and %d.%d is needed; "
                    "install version 580 or newer."),
                 known / 1000, known / 10 % 100, CUDART_VERSION / 1000, CUDART_VERSION / 10 % 100);
}

int
lw_cuda_count (GError **error)
{
  int n = 0;
  const cudaError_t code = cudaGetDeviceCount (&n);

  lw_cuda_ignore (code);
  if (code == cudaErrorInsufficientDriver) {
    set_driver_error (error);
    return -1;
  }
  if (code == cudaErrorNoDevice || (code == cudaSuccess && n == 0)) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("The NVIDIA driver finds no graphics card; nvidia-smi lists those it knows, "
                    "and the environment's CUDA_VISIBLE_DEVICES may hide some."));
    return -1;
  }
  return lw_cuda_check (code, "cudaGetDeviceCount", error) ? n : -1;
}

char *
lw_cuda_describe (int index)
{
  struct cudaDeviceProp properties;
  g_autofree char *memory = NULL;
  const cudaError_t code = cudaGetDeviceProperties (&properties, index);

  lw_cuda_ignore (code);
  if (code != cudaSuccess)
    return g_strdup_printf ("cuda:%d", index);
  memory = g_format_size_full (properties.totalGlobalMem, G_FORMAT_SIZE_IEC_UNITS);
  return g_strdup_printf ("%s, %s", properties.name, memory);
}

/* Kernels are compiled for 7.5 (Turing) and newer; tensor cores know bfloat16 and TF32 from 8.0
 * (Ampere) on (CUDA C++ Programming Guide, "Compute Capabilities"). */
static bool
check_capability (int index, LwPrecision precision, GError **error)
{
  int major = 0, minor = 0;

  if (!lw_cuda_check (cudaDeviceGetAttribute (&major, cudaDevAttrComputeCapabilityMajor, index),
                      "cudaDeviceGetAttribute", error) ||
      !lw_cuda_check (cudaDeviceGetAttribute (&minor, cudaDevAttrComputeCapabilityMinor, index),
                      "cudaDeviceGetAttribute", error))
    return false;
  if (10 * major + minor < 75) {
    g_set_error (
        error, LW_ERROR, LW_ERROR_UNSUPPORTED,
        _ ("The graphics card cuda:%d is too old: it has compute capability %d.%d, and 7.5 "
           "is needed; choose the device cpu."),
        index, major, minor);
    return false;
  }
  if (precision == LW_PRECISION_FP32 || major >= 8)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
               _ ("This graphics card (compute capability %d.%d) does not know the precision %s, "
                  "which begins with 8.0: choose fp32."),
               major, minor, precision == LW_PRECISION_BF16 ? "bf16" : "tf32");
  return false;
}

/* Exact products of float32 are cuBLAS's pedantic ones. What a product stores in bfloat16 is not to
 * be added up in bfloat16 either, as it may be where a sum is made in parts. */
static cublasMath_t
math_mode (LwPrecision precision)
{
  return precision == LW_PRECISION_FP32   ? CUBLAS_PEDANTIC_MATH
         : precision == LW_PRECISION_BF16 ? CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION
                                          : CUBLAS_DEFAULT_MATH;
}

/* Without memory of its own cuBLAS would take some while a step is recorded. As much as its manual
 * recommends (cublasSetWorkspace). */
static bool
give_workspace (LwDevice *device, GError **error)
{
  struct cudaDeviceProp properties;
  size_t bytes;

  if (!lw_cuda_check (cudaGetDeviceProperties (&properties, device->index),
                      "cudaGetDeviceProperties", error))
    return false;
  bytes = (size_t)(properties.major >= 9 ? 32 : 4) << 20;
  device->blas_workspace_bytes = bytes;
  device->blas_workspace = lw_cuda_alloc (device, bytes, error);
  return device->blas_workspace != NULL &&
         lw_cuda_check_blas (cublasSetWorkspace (device->blas, device->blas_workspace, bytes),
                             "cublasSetWorkspace", error);
}

LwDevice *
lw_cuda_open (int index, const LwDeviceOptions *options, GError **error)
{
  const int n = lw_cuda_count (error);

  if (n < 0)
    return NULL;
  if (index < 0 || index >= n) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                 LW_PLURAL ("This computer has %d graphics card for CUDA; there is no cuda:%d.",
                            "This computer has %d graphics cards for CUDA; there is no cuda:%d.",
                            n),
                 n, index);
    return NULL;
  }

  const LwPrecision precision = options != NULL ? options->precision : LW_PRECISION_FP32;

  if (!check_capability (index, precision, error))
    return NULL;

  LwDevice *device = g_new0 (LwDevice, 1);

  device->index = index;
  device->options = options != NULL ? *options : (LwDeviceOptions){ 0 };
  device->choices = lw_conv_table_new (NULL);
  device->precision = precision;
  device->bf16 = precision == LW_PRECISION_BF16;
  if (choose_device (device, error) &&
      lw_cuda_check (cudaStreamCreateWithFlags (&device->stream, cudaStreamNonBlocking),
                     "cudaStreamCreate", error) &&
      lw_cuda_check_blas (cublasCreate (&device->blas), "cublasCreate", error) &&
      lw_cuda_check_blas (cublasSetStream (device->blas, device->stream), "cublasSetStream",
                          error) &&
      lw_cuda_check_blas (cublasSetMathMode (device->blas, math_mode (precision)),
                          "cublasSetMathMode", error) &&
      give_workspace (device, error) && lw_cuda_open_steps (device, error))
    return device;
  lw_cuda_close (device);
  return NULL;
}

void
lw_cuda_close (LwDevice *device)
{
  choose_device (device, NULL);
  lw_cuda_close_look (device);
  lw_cuda_weights_forget (device, NULL, 0);
  lw_cuda_close_steps (device);
  lw_cuda_close_sums (device);
  lw_cuda_close_update (device);
  for (int i = 0; i < LW_CUDA_N_STAGES; i++)
    for (int turn = 0; turn < 2; turn++)
      if (device->stages[i][turn].memory != NULL)
        lw_cuda_ignore (cudaFreeHost (device->stages[i][turn].memory));
  lw_cuda_close_products (device);
  if (device->blas != NULL)
    lw_cuda_check_blas (cublasDestroy (device->blas), "cublasDestroy", NULL);
  if (device->blas_workspace != NULL)
    lw_cuda_free (device, device->blas_workspace, 0);
  if (device->stream != NULL)
    lw_cuda_ignore (cudaStreamDestroy (device->stream));
  g_hash_table_unref (device->choices);
  g_free (device);
}

/* --- memory ----------------------------------------------------------------------------------- */

void *
lw_cuda_alloc (LwDevice *device, size_t bytes, GError **error)
{
  void *memory = NULL;

  if (!choose_device (device, error))
    return NULL;

  const cudaError_t code = cudaMalloc (&memory, MAX (bytes, LW_ALIGNMENT));

  if (code == cudaErrorMemoryAllocation) {
    g_autofree char *size = g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);

    lw_cuda_ignore (code);
    g_set_error (
        error, LW_ERROR, LW_ERROR_MEMORY,
        _ ("The graphics card has no %s of memory left: choose a smaller batch or network, "
           "or close programs that use it."),
        size);
    return NULL;
  }
  return lw_cuda_check (code, "cudaMalloc", error) ? memory : NULL;
}

void
lw_cuda_free (LwDevice *device, void *memory, size_t bytes)
{
  if (memory != NULL) {
    lw_cuda_rest_sums (device); /* for which the runtime would wait for ever */
    lw_cuda_weights_forget (device, memory, bytes);
  }
  lw_cuda_ignore (cudaFree (memory));
}

int64_t
lw_cuda_free_bytes (LwDevice *device)
{
  size_t left = 0, total = 0;

  return choose_device (device, NULL) &&
                 lw_cuda_check (cudaMemGetInfo (&left, &total), "cudaMemGetInfo", NULL)
             ? (int64_t)left
             : -1; /* not known */
}

bool
lw_cuda_zero (LwDevice *device, void *memory, size_t bytes, GError **error)
{
  return bytes == 0 ||
         (choose_device (device, error) &&
          lw_cuda_check (cudaMemsetAsync (memory, 0, bytes, device->stream), "cudaMemset", error));
}

void *
lw_cuda_stage (LwDevice *device, LwCudaStageOf what, size_t bytes)
{
  LwCudaStage *stage;

  device->next_stage[what] = !device->next_stage[what];
  stage = &device->stages[what][device->next_stage[what]];
  if (stage->enqueued > device->over && !lw_cuda_synchronize (device, NULL))
    return NULL;
  if (stage->bytes < bytes) {
    if (stage->memory != NULL)
      lw_cuda_ignore (cudaFreeHost (stage->memory));
    *stage = (LwCudaStage){ 0 };
    if (!lw_cuda_check (cudaMallocHost (&stage->memory, bytes), "cudaMallocHost", NULL))
      return stage->memory = NULL;
    stage->bytes = bytes;
  }
  return stage->memory;
}

/* A copy from or to pageable memory makes the runtime wait. */
static bool
wait_before_copy (LwDevice *device, GError **error)
{
  return !lw_cuda_is_joined (device) || lw_cuda_wait (device, NULL, error);
}

/* Every pass begins with an upload, on the thread that runs it: here that thread learns which
 * device is meant. */
bool
lw_cuda_send (LwDevice *device, LwCudaStageOf what, void *to, size_t bytes, GError **error)
{
  LwCudaStage *stage = &device->stages[what][device->next_stage[what]];

  stage->enqueued = ++device->enqueued;
  return choose_device (device, error) &&
         lw_cuda_check (
             cudaMemcpyAsync (to, stage->memory, bytes, cudaMemcpyHostToDevice, device->stream),
             "cudaMemcpy to the device", error);
}

bool
lw_cuda_upload_soon (LwDevice *device, LwCudaStageOf what, void *to, const void *from, size_t bytes,
                     GError **error)
{
  void *stage = lw_cuda_stage (device, what, bytes);

  if (stage == NULL)
    return lw_cuda_upload (device, to, from, bytes, error);
  memcpy (stage, from, bytes);
  return lw_cuda_send (device, what, to, bytes, error);
}

bool
lw_cuda_upload (LwDevice *device, void *to, const void *from, size_t bytes, GError **error)
{
  return choose_device (device, error) && wait_before_copy (device, error) &&
         lw_cuda_check (cudaMemcpyAsync (to, from, bytes, cudaMemcpyHostToDevice, device->stream),
                        "cudaMemcpy to the device", error) &&
         lw_cuda_synchronize (device, error);
}

bool
lw_cuda_download (LwDevice *device, void *to, const void *from, size_t bytes, GError **error)
{
  return wait_before_copy (device, error) &&
         lw_cuda_check (cudaMemcpyAsync (to, from, bytes, cudaMemcpyDeviceToHost, device->stream),
                        "cudaMemcpy from the device", error) &&
         lw_cuda_synchronize (device, error);
}

bool
lw_cuda_download_rows (LwDevice *device, void *to, const void *from, size_t pitch, size_t width,
                       size_t rows, GError **error)
{
  return wait_before_copy (device, error) &&
         lw_cuda_check (cudaMemcpy2DAsync (to, width, from, pitch, width, rows,
                                           cudaMemcpyDeviceToHost, device->stream),
                        "cudaMemcpy2D from the device", error) &&
         lw_cuda_synchronize (device, error);
}

bool
lw_cuda_synchronize (LwDevice *device, GError **error)
{
  if (!lw_cuda_wait (device, NULL, error))
    return false;
  device->over = device->enqueued;
  return true;
}
