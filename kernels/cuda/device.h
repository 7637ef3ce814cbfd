/* What the files of the CUDA backend share: the device, errors as sentences, the names of kernels.
 * Everything but look.c's copies and sums.c's sums is enqueued on the device's one stream, so what
 * a step wrote is there for the next. Private to this folder. */
#pragma once

#include "engine/backend.h"

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

G_BEGIN_DECLS

/* Weights as kernels read them (weights.cu). */
typedef struct LwCudaWeights LwCudaWeights;
typedef struct LwCudaSteps LwCudaSteps;     /* step.c */
typedef struct LwCudaTensors LwCudaTensors; /* optimizer.cu */
typedef struct LwCudaLook LwCudaLook;       /* look.c */
typedef struct LwCudaSums LwCudaSums;       /* sums.c */
typedef struct LwCudaOwn LwCudaOwn;         /* sums.c */

/* Page-locked memory of the host from which a copy goes to the device while the host goes on. */
typedef struct {
  void *memory;
  size_t bytes;
  int64_t enqueued; /* LwDevice's, with its last copy */
} LwCudaStage;

/* What comes to the device with each batch, and images of which layers are looked at. */
typedef enum {
  LW_CUDA_STAGE_VALUES,
  LW_CUDA_STAGE_LABELS,
  LW_CUDA_STAGE_LOOKS,
  LW_CUDA_N_STAGES
} LwCudaStageOf;

struct LwDevice {
  int index;
  cudaStream_t stream;
  cublasHandle_t blas;
  LwDeviceOptions options; /* its texts and choices: until `adapt` is over */
  GHashTable *choices;     /* LwConvKey → const LwCudaConv * (choice.h) */
  bool trains;             /* what these are for */
  LwPrecision precision;
  bool bf16; /* maps, their gradients and the weights that products read are bfloat16 */
  LwCudaWeights *weights;
  void *blas_workspace;
  size_t blas_workspace_bytes;
  GHashTable *products; /* matmul_lt.c; NULL before the first one */
  /* Copies from stages are counted: those up to `over` are known to be done. */
  int64_t enqueued, over;
  LwCudaStage stages[LW_CUDA_N_STAGES][2]; /* by turns */
  int next_stage[LW_CUDA_N_STAGES];
  LwCudaSteps *steps;
  LwCudaTensors *tensors;
  LwCudaLook *look; /* NULL before the first one */
  LwCudaSums *sums; /* NULL: it adds up nothing with other processes */
  LwCudaOwn *own;   /* NULL: no step has numbers that processes gather */
};

/* Whether a call worked; if not, a sentence. `what` says for those who read the code where it
 * was: a kernel's or function's name. */
bool lw_cuda_check (cudaError_t code, const char *what, GError **error);
bool lw_cuda_check_blas (cublasStatus_t status, const char *what, GError **error);
/* For calls whose failing is no news (where those that free fail, earlier ones have failed and said
 * so) or is handled otherwise. The runtime keeps an error until somebody asks for it: without this
 * the next launch would be told it. */
void lw_cuda_ignore (cudaError_t code);

/* How many pixels of the output are present. */
static inline int64_t
lw_cuda_step_rows (const LwStep *step)
{
  return (int64_t)step->n * step->y_shape.h * step->y_shape.w;
}

/* Bytes of a number of a map. */
static inline size_t
lw_cuda_number_bytes (const LwDevice *device)
{
  return device->bf16 ? 2 : sizeof (float);
}

/* device.c */
int lw_cuda_count (GError **error);
char *lw_cuda_describe (int index);
LwDevice *lw_cuda_open (int index, const LwDeviceOptions *options, GError **error);
void lw_cuda_close (LwDevice *device);
void *lw_cuda_alloc (LwDevice *device, size_t bytes, GError **error);
void lw_cuda_free (LwDevice *device, void *memory, size_t bytes);
int64_t lw_cuda_free_bytes (LwDevice *device);
bool lw_cuda_zero (LwDevice *device, void *memory, size_t bytes, GError **error);
/* Page-locked memory to be written and then sent; NULL and no error: there is none, use
 * lw_cuda_upload. Waits for nothing where every other batch's result was read. */
void *lw_cuda_stage (LwDevice *device, LwCudaStageOf what, size_t bytes);
/* Copies what the last lw_cuda_stage of this gave. */
bool lw_cuda_send (LwDevice *device, LwCudaStageOf what, void *to, size_t bytes, GError **error);
/* Both for what lies ready; `from` may be changed at once. */
bool lw_cuda_upload_soon (LwDevice *device, LwCudaStageOf what, void *to, const void *from,
                          size_t bytes, GError **error);
/* These return when the copy is over. */
bool lw_cuda_upload (LwDevice *device, void *to, const void *from, size_t bytes, GError **error);
bool lw_cuda_download (LwDevice *device, void *to, const void *from, size_t bytes, GError **error);
/* Rows of `width` bytes, `pitch` apart on the device. */
bool lw_cuda_download_rows (LwDevice *device, void *to, const void *from, size_t pitch,
                            size_t width, size_t rows, GError **error);
bool lw_cuda_synchronize (LwDevice *device, GError **error);

/* What goes to the host: bytes as they are (rows 0), or numbers that are float32 there: of n
 * matrices [rows][columns], which are stored transposed. */
typedef struct {
  const void *from;
  void *host;
  size_t bytes; /* on the device */
  int64_t n, rows, columns;
  bool bf16; /* so stored */
} LwCudaDownload;

/* look.c: put_aside, in a look, takes a download over if there is room: the host gets its numbers
 * when the look is finished. */
bool lw_cuda_is_looking (const LwDevice *device);
bool lw_cuda_begin_look (LwDevice *device, GError **error);
bool lw_cuda_end_look (LwDevice *device, GError **error);
bool lw_cuda_finish_look (LwDevice *device, GError **error);
bool
lw_cuda_put_aside (LwDevice *device, const LwCudaDownload *what, bool *ret_aside, GError **error);
void lw_cuda_close_look (LwDevice *device);
/* use.c */
LwPeaks lw_cuda_peaks (LwDevice *device);
bool lw_cuda_use (int index, LwDeviceUse *ret_use);

/* layout.c */
/* From a copy of what was downloaded to its host. */
void lw_cuda_arrange (const LwCudaDownload *what, const void *copy);
/* Of a session: the copies of its weights, and the optimizer's table. */
size_t lw_cuda_own_bytes (LwDevice *device, const LwGraph *graph, bool training);
size_t lw_cuda_value_bytes (LwDevice *device, LwShape shape, int32_t batch);
size_t lw_cuda_tensor_bytes (LwDevice *device, const LwTensorInfo *tensor);
bool lw_cuda_upload_value (LwDevice *device, void *value, LwShape shape, int32_t n,
                           const float *host, GError **error);
bool lw_cuda_download_value (LwDevice *device, const void *value, LwShape shape, int32_t n,
                             float *host, GError **error);
bool lw_cuda_upload_tensor (LwDevice *device, void *memory, const LwTensorInfo *tensor,
                            const void *host, GError **error);
bool lw_cuda_download_tensor (LwDevice *device, const void *memory, const LwTensorInfo *tensor,
                              void *host, GError **error);
bool lw_cuda_download_slice (LwDevice *device, const void *value, int64_t pixel, LwShape shape,
                             int32_t n, float *host, GError **error);
bool lw_cuda_download_row (LwDevice *device, const void *memory, const LwTensorInfo *tensor,
                           int64_t row, float *host, GError **error);
size_t lw_cuda_slice_bytes (LwDevice *device, LwOp op);

/* optimizer.cu: of the table for a graph's tensors. */
size_t lw_cuda_update_bytes (const LwGraph *graph);

/* weights.cu: what products read of convolutions' and linear layers' weights, the parameter itself
 * or, in bfloat16, a rounded copy in the same layout. The copy is made when a step is prepared and
 * lives as long as the parameter's memory; it is written again with each upload and update, before
 * anybody reads it, so a pass allocates nothing and rounds nothing. */
bool lw_cuda_weights_prepare (LwDevice *device, const LwStep *step, GError **error);
/* NULL on failure. */
const void *lw_cuda_weights (LwDevice *device, const LwStep *step, GError **error);
/* The copy of the parameter at `w`, for who writes both; NULL: it has none. */
void *lw_cuda_weights_copy (const LwDevice *device, const void *w);
/* The parameter at `w` was uploaded: its copy, if there is one, anew. */
bool lw_cuda_weights_changed (LwDevice *device, const void *w, GError **error);
/* Memory from `from` on is freed, with the copies of what lies there; NULL: all copies. */
void lw_cuda_weights_forget (LwDevice *device, const void *from, size_t bytes);

/* matmul.c: C [m][n] ← op (A) [m][k] · op (B) [k][n] + keep · C, all stored by rows; op transposes
 * where it is asked to. With keep = 0, C is not read. Sums are float32; A, B and C are of the type
 * of maps, C float32 where it is `exact`. */
typedef struct {
  int32_t m, n, k;
  bool transpose_a, transpose_b;
  const void *a, *b;
  float keep;
  void *c;
  int64_t lda, ldb, ldc; /* numbers from a stored row to the next; 0: no gaps */
  bool exact;
} LwCudaProduct;

bool lw_cuda_matmul (LwDevice *device, const LwCudaProduct *product, GError **error);

/* matmul_lt.c: the same, without gaps, with something behind it in one kernel; *ret_done false:
 * there is none for that, and nothing was done. `bias` [n] is added to each row of C, and with
 * `relu` max (0, ·) taken. `sums` [m] ← Σ over k of op (A). */
bool lw_cuda_matmul_bias (LwDevice *device, const LwCudaProduct *product, const float *bias,
                          bool relu, bool *ret_done, GError **error);
bool lw_cuda_matmul_sums (LwDevice *device, const LwCudaProduct *product, float *sums,
                          bool *ret_done, GError **error);
void lw_cuda_close_products (LwDevice *device);

/* bias.cu: y [rows][columns] ← y + bias, and with `relu` max (0, ·) of it; bias gradient [columns]
 * += Σ of the rows of dy. `pixel`: numbers from a row to the next, 0: no gaps. `partial` is scratch
 * memory of lw_cuda_column_bytes. */
size_t lw_cuda_column_bytes (int64_t rows, int32_t columns);
bool lw_cuda_add_bias (LwDevice *device, void *y, int64_t pixel, const float *bias, int64_t rows,
                       int32_t columns, bool relu, GError **error);
bool lw_cuda_bias_gradient (LwDevice *device, const void *dy, int64_t pixel, float *dbias,
                            int64_t rows, int32_t columns, void *partial, GError **error);
/* dbias += sums, both [columns]. */
bool lw_cuda_add_sums (LwDevice *device, float *dbias, const float *sums, int32_t columns,
                       GError **error);

/* batch.cu */
void *lw_cuda_keep_images (LwDevice *device, const LwImages *images, LwShape shape, int32_t batch,
                           GError **error);
void lw_cuda_drop_images (LwDevice *device, void *kept);
bool lw_cuda_send_examples (LwDevice *device, const void *kept, const int32_t *examples,
                            const LwTransform *transforms, int32_t n, GError **error);
bool lw_cuda_make_batch (LwDevice *device, const void *kept, int32_t n, void *value,
                         int32_t *labels, GError **error);

/* The rows of the kernel table, by file. */
typedef bool LwCudaKernel (LwDevice *device, const LwStep *step, GError **error);
typedef size_t LwCudaBytes (LwDevice *device, const LwStep *step);

LwCudaKernel lw_cuda_activation_forward, lw_cuda_activation_backward;
LwCudaKernel lw_cuda_batch_norm_forward, lw_cuda_batch_norm_backward;
LwCudaBytes lw_cuda_batch_norm_state_bytes, lw_cuda_batch_norm_workspace_bytes;
bool lw_cuda_batch_norm_prepare (LwDevice *device, LwStep *step, GError **error);
/* A batch's statistics, the first part of forward in training. tile > 0: of what the convolution
 * before it left in the workspace (LwCudaConv's tile), so that x is not read. */
bool
lw_cuda_batch_norm_measure (LwDevice *device, const LwStep *step, int32_t tile, GError **error);
/* conv_rows.c: that, of a session's batch normalization; 0: nothing was left. */
int32_t lw_cuda_conv_tile_before (LwDevice *device, const LwStep *norm);
LwCudaKernel lw_cuda_conv2d_forward, lw_cuda_conv2d_backward;
LwCudaBytes lw_cuda_conv2d_workspace_bytes;
bool lw_cuda_conv2d_prepare (LwDevice *device, LwStep *step, GError **error);
const char *lw_cuda_conv2d_algorithm (LwDevice *device, const LwStep *step, LwDirection direction);
LwCudaKernel lw_cuda_cross_entropy_forward, lw_cuda_cross_entropy_backward;
LwCudaBytes lw_cuda_cross_entropy_workspace_bytes;
LwCudaKernel lw_cuda_dropout_forward, lw_cuda_dropout_backward;
LwCudaKernel lw_cuda_nothing, lw_cuda_add_forward, lw_cuda_add_backward, lw_cuda_concat_forward,
    lw_cuda_concat_backward, lw_cuda_flatten_forward, lw_cuda_flatten_backward;
LwCudaKernel lw_cuda_linear_forward, lw_cuda_linear_backward;
LwCudaBytes lw_cuda_linear_workspace_bytes;
bool lw_cuda_linear_prepare (LwDevice *device, LwStep *step, GError **error);
LwCudaKernel lw_cuda_max_pool_forward, lw_cuda_max_pool_backward, lw_cuda_avg_pool_forward,
    lw_cuda_avg_pool_backward, lw_cuda_global_avg_pool_forward, lw_cuda_global_avg_pool_backward;
LwCudaBytes lw_cuda_max_pool_state_bytes;

bool lw_cuda_batch_statistics (LwDevice *device, const LwStep *step, float *mean, float *variance,
                               GError **error);
bool lw_cuda_update (LwDevice *device, const LwUpdate *update, GError **error);

G_END_DECLS
