/* The device of the CPU backend and what it does with memory, the same for every instruction set.
 *
 * Layouts: maps are [n][h][w][c] ("channels last"), so that a pixel's channels lie together and a
 * window's row is one stretch of memory; vectors are [n][c]. Weights of a convolution are
 * [kernel][kernel][in][out], of a linear layer [in][out]: the matrices that the kernels multiply
 * with, row by row. All other tensors are as in PyTorch. Values and their gradients are float32 or
 * bfloat16 (simd.h), tensors are float32. Private to this folder. */
#pragma once

#include "engine/backend.h"
#include "kernels/common/threads.h"

G_BEGIN_DECLS

struct LwDevice {
  LwPool *pool;
  int threads;             /* that work at once, the caller included */
  LwDeviceOptions options; /* its texts and choices: until `adapt` is over */
  GHashTable *choices;     /* LwConvKey → const LwConvAlgorithm * (choice.h) */
  bool library_failed;     /* oneDNN did, in the step that runs */
  GHashTable *onednn;      /* LwConvKey → LwOnednnBatch * that compute these choices */
  bool lanes;              /* the batch lies in lanes (lanes.h), not as above */
  bool bf16;               /* values and their gradients are bfloat16, else float32 */
};

/* Rows of the backend's table (engine/backend.h). */
char *lw_cpu_describe (const char *instructions);
LwDevice *lw_cpu_open (int index, const LwDeviceOptions *options, GError **error);
void lw_cpu_close (LwDevice *device);
void *lw_cpu_alloc (LwDevice *device, size_t bytes, GError **error);
void lw_cpu_free (LwDevice *device, void *memory, size_t bytes);
bool lw_cpu_zero (LwDevice *device, void *memory, size_t bytes, GError **error);
size_t lw_cpu_value_bytes (LwDevice *device, LwShape shape, int32_t batch);
const char *lw_cpu_layout (LwDevice *device);
size_t lw_cpu_tensor_bytes (LwDevice *device, const LwTensorInfo *tensor);
bool lw_cpu_upload_value (LwDevice *device, void *value, LwShape shape, int32_t n,
                          const float *host, GError **error);
bool lw_cpu_download_value (LwDevice *device, const void *value, LwShape shape, int32_t n,
                            float *host, GError **error);
size_t lw_cpu_slice_bytes (LwDevice *device, LwOp op);
bool lw_cpu_download_slice (LwDevice *device, const void *value, int64_t pixel, LwShape shape,
                            int32_t n, float *host, GError **error);
bool lw_cpu_upload_tensor (LwDevice *device, void *memory, const LwTensorInfo *tensor,
                           const void *host, GError **error);
bool lw_cpu_download_tensor (LwDevice *device, const void *memory, const LwTensorInfo *tensor,
                             void *host, GError **error);
bool lw_cpu_download_row (LwDevice *device, const void *memory, const LwTensorInfo *tensor,
                          int64_t row, float *host, GError **error);
bool lw_cpu_upload_labels (LwDevice *device, void *memory, const int32_t *host, int32_t n,
                           GError **error);
bool lw_cpu_download_loss (LwDevice *device, const void *y, float ret[2], GError **error);
bool lw_cpu_synchronize (LwDevice *device, GError **error);
LwPeaks lw_cpu_peaks (LwDevice *device);

/* Whether this processor, and the system, run AVX-512 (F, BW, DQ, VL); AVX2 and FMA. */
bool lw_cpu_has_avx512 (void);
bool lw_cpu_has_avx2 (void);
/* The instructions of AVX-512 for bfloat16, beside those. */
bool lw_cpu_has_avx512_bf16 (void);

/* to [columns][rows] ← or += from [rows][columns], one matrix after another, `n` of them. Numbers
 * are float32, or bfloat16 where it says so. */
typedef struct {
  const void *from;
  void *to;
  int64_t n, rows, columns;
  bool accumulate;
  bool from_bf16, to_bf16;
} LwTransposition;
void lw_cpu_transpose (LwDevice *device, const LwTransposition *transposition);

G_END_DECLS
