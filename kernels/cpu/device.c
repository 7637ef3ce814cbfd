#include "kernels/cpu/device.h"

#include "engine/i18n.h"
#include "engine/memplan.h"
#include "engine/processors.h"
#include "kernels/common/bf16.h"
#include "kernels/common/machine.h"
#include "kernels/cpu/choice.h"
#include "kernels/cpu/cpu.h"
#ifdef LW_WITH_ONEDNN
#include "kernels/cpu/onednn_batch.h"
#endif

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MAX_THREADS 1024

#ifdef LW_WITH_ONEDNN
#define FREE_ONEDNN ((GDestroyNotify)lw_onednn_batch_free)
#else
#define FREE_ONEDNN NULL
#endif

bool
lw_cpu_has_avx512 (void)
{
#if defined __x86_64__
  __builtin_cpu_init ();
  return lw_cpu_has_avx2 () && __builtin_cpu_supports ("avx512f") &&
         __builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("avx512dq") &&
         __builtin_cpu_supports ("avx512vl");
#else
  return false;
#endif
}

bool
lw_cpu_has_avx2 (void)
{
#if defined __x86_64__
  __builtin_cpu_init ();
  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
#else
  return false;
#endif
}

bool
lw_cpu_has_avx512_bf16 (void)
{
#if defined __x86_64__
  __builtin_cpu_init ();
  return lw_cpu_has_avx512 () && __builtin_cpu_supports ("avx512bf16");
#else
  return false;
#endif
}

char *
lw_cpu_describe (const char *instructions)
{
  const int threads = lw_processors ();

  return g_strdup_printf (LW_PLURAL ("%d thread, %s", "%d threads, %s", threads), threads,
                          instructions);
}

LwDevice *
lw_cpu_open (int index, const LwDeviceOptions *options, GError **error)
{
  const int threads = options && options->threads ? options->threads : lw_processors ();

  if (index != 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                 _ ("The CPU backend has one device, number 0, not %d."), index);
    return NULL;
  }
  if (threads < 0 || threads > MAX_THREADS) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%d threads: choose from 1 to %d, or 0 for one a processor core."), threads,
                 MAX_THREADS);
    return NULL;
  }
  if (options && options->precision == LW_PRECISION_TF32) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 lw_cpu_has_avx512_bf16 ()
                     ? _ ("TF32 is a precision of graphics processors: choose fp32 or bf16.")
                     : _ ("TF32 is a precision of graphics processors: choose fp32."));
    return NULL;
  }
  if (options && options->precision == LW_PRECISION_BF16 && !lw_cpu_has_avx512_bf16 ()) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("This processor has no instructions for bfloat16 (AVX-512 BF16): choose the "
                    "precision fp32."));
    return NULL;
  }

  LwPool *pool = lw_pool_new (threads, error);

  if (pool == NULL)
    return NULL;

  LwDevice *device = g_new (LwDevice, 1);

  *device = (LwDevice){ .pool = pool,
                        .threads = threads,
                        .options = options ? *options : (LwDeviceOptions){ 0 },
                        .bf16 = options && options->precision == LW_PRECISION_BF16,
                        .choices = lw_conv_table_new (NULL),
                        .onednn = lw_conv_table_new (FREE_ONEDNN) };
  return device;
}

void
lw_cpu_close (LwDevice *device)
{
  g_hash_table_unref (device->choices);
  g_hash_table_unref (device->onednn);
  lw_pool_free (device->pool);
  g_free (device);
}

/* --- memory ----------------------------------------------------------------------------------- */

/* Large blocks lie on huge pages where the system offers them: matrices are walked in steps of many
 * kilobytes, and small pages' addresses do not stay in the processor. */
#define HUGE_PAGE ((size_t)2 << 20)

void *
lw_cpu_alloc (LwDevice *device, size_t bytes, GError **error)
{
  const bool huge = bytes >= 2 * HUGE_PAGE;
  void *memory = NULL;

  (void)device;
  if (bytes > SIZE_MAX / 2 ||
      posix_memalign (&memory, huge ? HUGE_PAGE : LW_ALIGNMENT, MAX (bytes, 1)) != 0) {
    g_autofree char *size = g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);

    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("The computer has no %s of memory left: choose a smaller batch or network."),
                 size);
    return NULL;
  }
#ifdef MADV_HUGEPAGE
  if (huge)
    madvise (memory, bytes, MADV_HUGEPAGE); /* a wish: no harm if it fails */
#endif
  return memory;
}

void
lw_cpu_free (LwDevice *device, void *memory, size_t bytes)
{
  (void)device;
  (void)bytes;
  free (memory);
}

bool
lw_cpu_zero (LwDevice *device, void *memory, size_t bytes, GError **error)
{
  (void)device;
  (void)error;
  memset (memory, 0, bytes);
  return true;
}

static size_t
number_bytes (const LwDevice *device)
{
  return device->bf16 ? 2 : sizeof (float);
}

size_t
lw_cpu_value_bytes (LwDevice *device, LwShape shape, int32_t batch)
{
  return number_bytes (device) * (size_t)lw_shape_size (shape) * (size_t)batch;
}

void
lw_cpu_use_lanes (LwDevice *device)
{
  device->lanes = true;
}

const char *
lw_cpu_layout (LwDevice *device)
{
  return device->lanes ? "outputs first" : "inputs first";
}

size_t
lw_cpu_tensor_bytes (LwDevice *device, const LwTensorInfo *tensor)
{
  (void)device;
  return (tensor->dtype == LW_I64 ? 8 : 4) * (size_t)tensor->size;
}

/* --- layouts ---------------------------------------------------------------------------------- */

enum { SQUARE = 16 };

/* Number i of an array. */
static inline float
get (const void *numbers, int64_t i, bool bf16)
{
  return bf16 ? lw_bf16_value (((const uint16_t *)numbers)[i]) : ((const float *)numbers)[i];
}

static inline void
set (void *numbers, int64_t i, bool bf16, float value)
{
  if (bf16)
    ((uint16_t *)numbers)[i] = lw_bf16_of (value);
  else
    ((float *)numbers)[i] = value;
}

/* Items are strips of SQUARE rows. */
static inline __attribute__ ((always_inline)) void
transpose_strips_of (const LwTransposition *t, int64_t first, int64_t last, bool from_bf16,
                     bool to_bf16)
{
  const int64_t strips = (t->rows + SQUARE - 1) / SQUARE;

  for (int64_t strip = first; strip < last; strip++) {
    const int64_t matrix = strip / strips * t->rows * t->columns, row = strip % strips * SQUARE;
    const int64_t end = MIN (row + SQUARE, t->rows);

    for (int64_t left = 0; left < t->columns; left += SQUARE)
      for (int64_t j = left; j < MIN (left + SQUARE, t->columns); j++)
        for (int64_t i = row; i < end; i++) {
          const int64_t to = matrix + j * t->rows + i;

          set (t->to, to, to_bf16,
               get (t->from, matrix + i * t->columns + j, from_bf16) +
                   (t->accumulate ? get (t->to, to, to_bf16) : 0));
        }
  }
}

static void
transpose_strips (const void *data, int64_t first, int64_t last, int thread)
{
  const LwTransposition *t = data;

  (void)thread;
  if (t->from_bf16 && t->to_bf16)
    transpose_strips_of (t, first, last, true, true);
  else if (t->from_bf16)
    transpose_strips_of (t, first, last, true, false);
  else if (t->to_bf16)
    transpose_strips_of (t, first, last, false, true);
  else
    transpose_strips_of (t, first, last, false, false);
}

void
lw_cpu_transpose (LwDevice *device, const LwTransposition *transposition)
{
  const int64_t strips = (transposition->rows + SQUARE - 1) / SQUARE;

  lw_pool_run (device->pool, transposition->n * strips, transpose_strips, transposition);
}

/* One channel or one pixel: both layouts are the same. */
static bool
is_plain (LwShape shape)
{
  return shape.c == 1 || (shape.h == 1 && shape.w == 1);
}

bool
lw_cpu_upload_value (LwDevice *device, void *value, LwShape shape, int32_t n, const float *host,
                     GError **error)
{
  (void)error;
  if (is_plain (shape) && !device->bf16)
    memcpy (value, host, lw_cpu_value_bytes (device, shape, n));
  else
    lw_cpu_transpose (device, &(LwTransposition){ .from = host,
                                                  .to = value,
                                                  .n = n,
                                                  .rows = shape.c,
                                                  .columns = (int64_t)shape.h * shape.w,
                                                  .to_bf16 = device->bf16 });
  return true;
}

bool
lw_cpu_download_value (LwDevice *device, const void *value, LwShape shape, int32_t n, float *host,
                       GError **error)
{
  (void)error;
  if (is_plain (shape) && !device->bf16)
    memcpy (host, value, lw_cpu_value_bytes (device, shape, n));
  else
    lw_cpu_transpose (device, &(LwTransposition){ .from = value,
                                                  .to = host,
                                                  .n = n,
                                                  .rows = (int64_t)shape.h * shape.w,
                                                  .columns = shape.c,
                                                  .from_bf16 = device->bf16 });
  return true;
}

size_t
lw_cpu_slice_bytes (LwDevice *device, LwOp op)
{
  switch (op) {
  case LW_OP_CONV2D:
  case LW_OP_BATCH_NORM:
  case LW_OP_RELU:
  case LW_OP_SIGMOID:
  case LW_OP_TANH:
  case LW_OP_MAX_POOL:
  case LW_OP_AVG_POOL:
  case LW_OP_GLOBAL_AVG_POOL:
  case LW_OP_ADD:
  case LW_OP_CONCAT:
    return number_bytes (device);
  default:
    return 0;
  }
}

/* Pixel by pixel: for looking at a layer, not for a step. */
bool
lw_cpu_download_slice (LwDevice *device, const void *value, int64_t pixel, LwShape shape, int32_t n,
                       float *host, GError **error)
{
  const int64_t pixels = (int64_t)shape.h * shape.w;

  (void)error;
  for (int64_t i = 0; i < n; i++, host += shape.c * pixels)
    for (int64_t p = 0; p < pixels; p++)
      for (int64_t c = 0; c < shape.c; c++)
        host[c * pixels + p] = get (value, (i * pixels + p) * pixel + c, device->bf16);
  return true;
}

/* Weights are matrices for us: in PyTorch's order [out][in · window], here [window · in][out]. */
static bool
is_matrix (const LwTensorInfo *tensor)
{
  return tensor->role == LW_ROLE_WEIGHT && tensor->rank >= 2;
}

/* [out][in][window] and [window][in][out] have their ends exchanged; one plane of them for each
 * input channel. A window is small, the strides are long, and this is not done in a step. */
static void
exchange_ends (const LwTensorInfo *tensor, const float *from, float *to, bool upload)
{
  const int64_t outputs = tensor->dims[0], inputs = tensor->dims[1];
  const int64_t window = tensor->size / MAX (1, outputs * inputs);

  for (int64_t o = 0; o < outputs; o++)
    for (int64_t c = 0; c < inputs; c++)
      for (int64_t k = 0; k < window; k++) {
        const int64_t torch = (o * inputs + c) * window + k, own = (k * inputs + c) * outputs + o;

        if (upload)
          to[own] = from[torch];
        else
          to[torch] = from[own];
      }
}

bool
lw_cpu_upload_tensor (LwDevice *device, void *memory, const LwTensorInfo *tensor, const void *host,
                      GError **error)
{
  (void)error;
  if (device->lanes || !is_matrix (tensor))
    memcpy (memory, host, lw_cpu_tensor_bytes (device, tensor));
  else if (tensor->rank == 2)
    lw_cpu_transpose (device, &(LwTransposition){ .from = host,
                                                  .to = memory,
                                                  .n = 1,
                                                  .rows = tensor->dims[0],
                                                  .columns = tensor->dims[1] });
  else
    exchange_ends (tensor, host, memory, true);
  return true;
}

bool
lw_cpu_download_tensor (LwDevice *device, const void *memory, const LwTensorInfo *tensor,
                        void *host, GError **error)
{
  (void)error;
  if (device->lanes || !is_matrix (tensor))
    memcpy (host, memory, lw_cpu_tensor_bytes (device, tensor));
  else if (tensor->rank == 2)
    lw_cpu_transpose (device, &(LwTransposition){ .from = memory,
                                                  .to = host,
                                                  .n = 1,
                                                  .rows = tensor->dims[1],
                                                  .columns = tensor->dims[0] });
  else
    exchange_ends (tensor, memory, host, false);
  return true;
}

bool
lw_cpu_download_row (LwDevice *device, const void *memory, const LwTensorInfo *tensor, int64_t row,
                     float *host, GError **error)
{
  const int64_t outputs = tensor->dims[0], n = tensor->size / outputs;
  const int64_t inputs = tensor->rank > 1 ? tensor->dims[1] : 1, window = n / MAX (1, inputs);
  const float *own = memory;

  (void)error;
  if (device->lanes || !is_matrix (tensor)) {
    memcpy (host, own + row * n, sizeof *host * (size_t)n);
    return true;
  }
  for (int64_t c = 0; c < inputs; c++)
    for (int64_t k = 0; k < window; k++)
      host[c * window + k] = own[(k * inputs + c) * outputs + row];
  return true;
}

bool
lw_cpu_upload_labels (LwDevice *device, void *memory, const int32_t *host, int32_t n,
                      GError **error)
{
  (void)device;
  (void)error;
  memcpy (memory, host, sizeof (int32_t) * (size_t)n);
  return true;
}

bool
lw_cpu_download_loss (LwDevice *device, const void *y, float ret[2], GError **error)
{
  (void)device;
  (void)error;
  memcpy (ret, y, sizeof (float) * 2);
  return true;
}

/* Measured, with as many threads as the device has. */
LwPeaks
lw_cpu_peaks (LwDevice *device)
{
  const LwMachine machine = lw_machine_measure (device->threads);
  const double gflops = device->bf16 ? machine.peak_bf16_gflops : machine.peak_gflops;

  return (LwPeaks){ isfinite (gflops) ? 1e9 * gflops : 0,
                    isfinite (machine.copy_gb_s) ? 1e9 * machine.copy_gb_s : 0 };
}

bool
lw_cpu_synchronize (LwDevice *device, GError **error)
{
  (void)device;
  (void)error;
  return true; /* every call returns when its work is done */
}
