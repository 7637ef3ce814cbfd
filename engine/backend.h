/* What a device must do to run a network: a dozen verbs and one kernel per operation. The reference
 * backend fills every row and is the oracle; the CPU and CUDA backends implement the same rows.
 *
 * Memory is the backend's: `void *` pointers in a step are device addresses. Layouts are private:
 * the plan asks for each value's and tensor's bytes, and only upload and download speak the common
 * form, contiguous NCHW float32 (tensors: PyTorch's order; int64 for LW_I64).
 *
 * Rules for kernels, stated once:
 *  - n = step->n examples are present, 1 ≤ n ≤ the plan's batch; the rest of a buffer is undefined.
 *  - forward writes y. In training it also writes `state` for backward and updates batch
 *    normalization's running statistics; in inference it does neither.
 *  - backward WRITES dx[i], unless bit i of `accumulate` is set: then it ADDS. dx[i] = NULL: not
 *    wanted. It ADDS into dparam[k]; gradients are zeroed before each step.
 *  - Aliases the plan may make for ops with in_place: y = x[0] (forward; in inference a sum's y may
 *    be any of its inputs) and dx[0] = dy (backward, never together with its accumulate bit).
 * Flatten's y and dx always alias, unless the backend is channels_last and the map has several
 * channels and several pixels; then they never do.
 *  - The loss: y[0] ← Σ over the n examples of −log softmax(x)[label], y[1] ← the number of
 * examples whose largest logit (the first, on ties) is the label, as two float32; backward writes
 * the gradient of the MEAN loss over the n examples; over the whole batch's, where processes share
 * one (lw_step_whole).
 *  - Sums run in an order that does not depend on the number of threads.
 *
 * Threads: a device and all it owns are used by one thread at a time; the backend may use threads
 * of its own inside a call. Every failure is a GError with a sentence. */
#pragma once

#include "engine/collective.h"
#include "engine/data/augment_pixel.h"
#include "engine/error.h"
#include "engine/op.h"

#include <math.h>

G_BEGIN_DECLS

typedef struct LwDevice LwDevice; /* each backend defines its own */

typedef enum { LW_PRECISION_FP32, LW_PRECISION_BF16, LW_PRECISION_TF32 } LwPrecision;

/* What a step computes: y; the gradients of its inputs; those of its parameters. */
typedef enum { LW_FORWARD, LW_BACKWARD_DATA, LW_BACKWARD_WEIGHTS, LW_N_DIRECTIONS } LwDirection;

/* How a backend that knows several algorithms for an operation takes one. FIXED: by a rule that
 * asks for shapes alone. TIMED: the fastest here, by measurements that `adapt` makes, or finds in
 * the folder where earlier programs left them. */
typedef enum { LW_ALGORITHMS_FIXED, LW_ALGORITHMS_TIMED } LwAlgorithms;

/* The algorithms of one layer. NULL: not said. */
typedef struct {
  const char *layer; /* the node's name */
  const char *names[LW_N_DIRECTIONS];
} LwAlgorithmChoice;

typedef struct {
  int threads; /* 0: all cores */
  LwPrecision precision;
  LwAlgorithms algorithms;
  const char *cache_folder; /* for measurements; may not exist yet; NULL: they are not kept */
  /* Made before, by a run that goes on: taken instead of rule and measurement wherever this device
   * has such an algorithm for the layer. */
  const LwAlgorithmChoice *choices;
  int32_t n_choices;
} LwDeviceOptions;

/* One node bound to memory; built by the session, read by kernels. */
typedef struct LwStep LwStep;
struct LwStep {
  LwOp op;
  const LwGraph *graph;
  const LwNode *node; /* NULL for the loss */
  LwNodeId id;        /* of the loss: the number of nodes */
  int32_t batch;      /* planned */
  int32_t n;          /* present, ≤ batch */
  bool training;
  int32_t n_x;
  LwShape x_shape[LW_MAX_INPUTS], y_shape;
  const void *x[LW_MAX_INPUTS];
  void *y;
  void *dx[LW_MAX_INPUTS];
  const void *dy;
  uint32_t accumulate; /* bit i: add into dx[i] */
  /* Numbers from pixel to pixel where the map is some channels of a wider one (see slice_bytes);
   * 0: its own channels, and the map is contiguous. */
  int64_t x_pixel[LW_MAX_INPUTS], y_pixel, dx_pixel[LW_MAX_INPUTS], dy_pixel;
  void *param[LW_MAX_TENSORS];  /* by LwTensorRole */
  void *dparam[LW_MAX_TENSORS]; /* NULL where not trained, or in inference */
  void *state;                  /* state_bytes; kept from forward to backward */
  void *workspace;              /* workspace_bytes; other steps' as well */
  const int32_t *labels;        /* device memory, [batch]; of the loss */
  uint64_t seed;                /* dropout: LW_STREAM_DROPOUT, a = id, b = iteration, */
  int64_t iteration;            /*   position = index in NCHW order over the whole batch */
  /* Where several processes share a batch: how many examples it has (0: n), and the place of this
   * process's first one. One that has none goes along with an example that counts nothing. */
  int32_t whole, first;
  bool absent;
  /* Of a batch normalization whose statistics, and sums of backward, are the whole batch's: with
   * whom; else NULL. */
  LwCollective *collective;
  void *cache; /* the kernel's own, made by prepare, freed by release */
  void *link;  /* the backend's own, set by its link; NULL: a step by itself */
  const LwStep
      *steps; /* of the whole pass, by id, for what earlier ones keep in `state`; or NULL */
};

/* Of how many examples' losses the mean is taken whose gradient the loss writes; so many that an
 * absent process's gradient is 0. */
static inline float
lw_step_whole (const LwStep *step)
{
  return step->absent ? INFINITY : (float)(step->whole > 0 ? step->whole : step->n);
}

/* Of a batch normalization: values of a channel, of this process and of the whole batch. */
static inline double
lw_step_values (const LwStep *step)
{
  return step->absent ? 0 : (double)step->n * step->y_shape.h * step->y_shape.w;
}

static inline double
lw_step_whole_values (const LwStep *step)
{
  const int32_t n = step->collective != NULL ? step->whole : step->n;

  return (double)n * step->y_shape.h * step->y_shape.w;
}

/* What the sums of its backward are divided by; so much that the gradient of an absent process,
 * which has no part in the means, is 0. */
static inline double
lw_step_mean_values (const LwStep *step)
{
  return step->absent ? (double)INFINITY : lw_step_whole_values (step);
}

typedef struct {
  /* (optional) bytes of step->state / step->workspace; NULL: none. What the input, which computes
   * nothing, asks for as workspace is the device's for the whole pass. */
  size_t (*state_bytes) (LwDevice *device, const LwStep *step);
  size_t (*workspace_bytes) (LwDevice *device, const LwStep *step);
  /* (optional) once, before the first run; sets step->cache */
  bool (*prepare) (LwDevice *device, LwStep *step, GError **error);
  void (*release) (LwDevice *device, LwStep *step);
  bool (*forward) (LwDevice *device, const LwStep *step, GError **error);
  bool (*backward) (LwDevice *device, const LwStep *step, GError **error);
  /* (optional) how this step is computed in that direction, after prepare: "Winograd F(6,3)", "in
   * the convolution before". Constant, or the step's own; NULL: there is one way only. */
  const char *(*algorithm) (LwDevice *device, const LwStep *step, LwDirection direction);
} LwKernel;

typedef enum { LW_OPTIMIZER_SGD, LW_OPTIMIZER_ADAM } LwOptimizer;

/* One optimizer update of all trained tensors, PyTorch's rules:
 *  SGD: g ← dw + λ w; with momentum m ← μ m + g (first step: m ← g); g ← g + μ m if nesterov, else
 * m; w ← w − η g. Adam (Kingma and Ba 2015, algorithm 1): g ← dw + λ w; m ← β₁ m + (1−β₁) g; v ← β₂
 * v + (1−β₂) g²; w ← w − η (m / (1−β₁ᵗ)) / (√(v / (1−β₂ᵗ)) + ε), β = (0.9, 0.999), ε = 1e-8. */
typedef struct {
  LwOptimizer optimizer;
  float learning_rate, momentum, weight_decay;
  bool nesterov;
  int64_t t; /* this update's number, from 1 */
  int32_t n; /* tensors */
  void *const *w;
  const void *const *dw;
  void *const *m;      /* momentum or first moment; NULL entries never read when not needed */
  void *const *v;      /* Adam's second moment */
  const size_t *bytes; /* of each tensor in this backend's layout */
  const float *loss; /* device memory: of a step between begin_step and end_step; NULL: of others */
} LwUpdate;

/* How many steps may be begun whose results nobody has read. */
#define LW_STEPS_AHEAD 2

/* What differs between the training steps of a session that have as many examples. Where a step is
 * recorded its kernels read this, not LwStep's seed and iteration nor LwUpdate's numbers. */
typedef struct {
  int32_t n;
  int32_t whole, first; /* as LwStep's */
  bool absent;
  const void *kept; /* whose make_batch makes the input; NULL: it was uploaded */
  uint64_t seed;
  int64_t iteration;
  /* Nobody knows yet how the step before came out. Where its loss was not finite, neither this step
   * nor any that follows it so changes the network: no update, no running statistics. */
  bool follows;
  const LwUpdate *update;
} LwStepNumbers;

/* Labelled images as bytes, [n][channels][height][width], and the tables by which they are resized
 * (engine/data/resize.h), one entry for each row and column of the result. Host memory. */
typedef struct {
  const uint8_t *images, *labels;
  int32_t n, channels, height, width;
  const int32_t *row, *column;   /* of the image, before it */
  const float *row_t, *column_t; /* its way to the next one */
  const LwNormalization *normalization;
  bool augments; /* send_examples may come with transforms */
} LwImages;

/* What a device can do at most, in the precision it was opened for. 0: not known. */
typedef struct {
  double flops;   /* operations a second: each multiply-add is two */
  double bytes_s; /* that its memory reads and writes in a second */
} LwPeaks;

/* What all programs together use of a device now. */
typedef struct {
  int64_t used_bytes, total_bytes; /* of its memory; 0: not known */
  double load; /* share of the last moments in which it computed; < 0: not known */
} LwDeviceUse;

typedef struct LwBackend LwBackend;
struct LwBackend {
  const char *name;  /* "reference" */
  const char *title; /* "Reference (plain C)" */
  /* Maps are stored with a pixel's channels together, so flattening one moves its numbers: it is
   * a step like others then, with memory of its own. */
  bool channels_last;
  /* Backward may follow an inference forward, of steps by themselves (not linked): batch
   * normalization's statistics are constants then and dropout is the identity. What
   * engine/explain.h needs. */
  bool explains;
  /* Kernels heed LwStep's `whole`, `first`, `absent`, `collective`. */
  bool synchronizes;
  /* Number of devices; 0 is no error; −1 and a sentence when the backend cannot work here. */
  int (*count) (GError **error);
  char *(*describe) (int index); /* "2 threads"; g_free */
  /* (optional) the table that computes as these options say, before anything else is asked of it;
   * this one where there is no other. */
  const LwBackend *(*variant) (const LwDeviceOptions *options);
  /* The options' texts and choices stay until `adapt` is over. */
  LwDevice *(*open) (int index, const LwDeviceOptions *options, GError **error);
  void (*close) (LwDevice *device);
  /* (optional) once, before memory is planned: the device may choose layouts and algorithms for
   * this graph and batch (of inference, where nothing is trained). */
  bool (*adapt) (LwDevice *device, const LwGraph *graph, int32_t batch, bool training,
                 GError **error);
  void *(*alloc) (LwDevice *device, size_t bytes, GError **error); /* aligned to LW_ALIGNMENT */
  void (*free) (LwDevice *device, void *memory, size_t bytes);
  bool (*zero) (LwDevice *device, void *memory, size_t bytes, GError **error);
  /* (optional) bytes that alloc could still give; without it memory is the machine's own
   * (lw_backend_is_in_host_memory) */
  int64_t (*free_bytes) (LwDevice *device);
  /* (optional) bytes that it takes by itself for a session, besides what it is asked for: copies of
   * weights in another precision, tables */
  size_t (*own_bytes) (LwDevice *device, const LwGraph *graph, bool training);
  size_t (*value_bytes) (LwDevice *device, LwShape shape, int32_t batch);
  size_t (*tensor_bytes) (LwDevice *device, const LwTensorInfo *tensor);
  bool (*upload_value) (LwDevice *device, void *value, LwShape shape, int32_t n, const float *host,
                        GError **error);
  bool (*download_value) (LwDevice *device, const void *value, LwShape shape, int32_t n,
                          float *host, GError **error);
  /* (optional) How many bytes a number of a map takes where this operation's kernel reads and
   * writes maps, and their gradients, that are some channels of a wider map; 0: it cannot. Then
   * what a concat joins is computed in place: x[i] of the concat points into y, dx[i] into dy, and
   * its kernel finds nothing to move. Of such a map a pixel's channels lie together, x_pixel
   * numbers from the next pixel's. */
  size_t (*slice_bytes) (LwDevice *device, LwOp op);
  /* As download_value, of such a map. */
  bool (*download_slice) (LwDevice *device, const void *value, int64_t pixel, LwShape shape,
                          int32_t n, float *host, GError **error);
  bool (*upload_tensor) (LwDevice *device, void *memory, const LwTensorInfo *tensor,
                         const void *host, GError **error);
  bool (*download_tensor) (LwDevice *device, const void *memory, const LwTensorInfo *tensor,
                           void *host, GError **error);
  /* (optional) A name for how this device lays out tensors: devices of one backend that name the
   * same have the same bytes. NULL: there is one layout only. */
  const char *(*layout) (LwDevice *device);
  /* (optional) Of a float32 tensor of several dimensions what has the index `row` in its first one,
   * in PyTorch's order: the weights of one unit. Without it all of the tensor is copied for that.
   */
  bool (*download_row) (LwDevice *device, const void *memory, const LwTensorInfo *tensor,
                        int64_t row, float *host, GError **error);
  /* (optional, all or none) Between begin_look and end_look the downloads above need not wait: what
   * they read is put aside, in the order of the device's work, and brought to the host beside what
   * follows. The host's arrays have their numbers after finish_look, which waits for them; no other
   * look is begun before. end_look also ends one in which something failed. */
  bool (*begin_look) (LwDevice *device, GError **error);
  bool (*end_look) (LwDevice *device, GError **error);
  bool (*finish_look) (LwDevice *device, GError **error);
  bool (*upload_labels) (LwDevice *device, void *memory, const int32_t *host, int32_t n,
                         GError **error);
  /* (optional, all or none) A data set that stays on the device; NULL and an error where it cannot.
   * make_batch writes what upload_value and upload_labels would of the images that send_examples
   * named, changed by `transforms` (data/augment_pixel.h; NULL: not), resized to `shape`, scaled to
   * [0, 1] and normalized: the same bits.
   * It may be part of a recorded step. */
  void *(*keep_images) (LwDevice *device, const LwImages *images, LwShape shape, int32_t batch,
                        GError **error);
  void (*drop_images) (LwDevice *device, void *kept);
  bool (*send_examples) (LwDevice *device, const void *kept, const int32_t *examples,
                         const LwTransform *transforms, int32_t n, GError **error);
  bool (*make_batch) (LwDevice *device, const void *kept, int32_t n, void *value, int32_t *labels,
                      GError **error);
  bool (*download_loss) (LwDevice *device, const void *y, float ret[2], GError **error);
  /* Of a batch-normalization step whose training forward just ran: the batch's mean and biased
   * variance, [c] each, to host memory. */
  bool (*batch_statistics) (LwDevice *device, const LwStep *step, float *mean, float *variance,
                            GError **error);
  bool (*synchronize) (LwDevice *device, GError **error);
  /* (optional) its roofline (engine/roofline.h); may measure for half a second; 0: not known */
  LwPeaks (*peaks) (LwDevice *device);
  /* (optional) beside a device that another thread uses; false: nothing is known */
  bool (*use) (int index, LwDeviceUse *ret_use);
  bool (*update) (LwDevice *device, const LwUpdate *update, GError **error);
  /* (optional, all or none) A device with memory of its own that adds up float32 numbers there over
   * the processes of a collective; without, or where processes have different backends or layouts,
   * the session takes them through host memory. `join`: once, after open; it makes what it needs
   * with the collective's verbs, and all processes succeed or fail (lw_collective_agree); with
   * LW_ERROR_UNSUPPORTED sums go through host memory after all. begin_sum
   * comes in the order of the device's work behind what writes `values` and runs beside what
   * follows; work after finish_sums comes behind all sums that were begun. Neither waits, and both
   * may be part of a recorded step. A process that is gone makes a call that waits for the device
   * fail. */
  bool (*join) (LwDevice *device, LwCollective *collective, GError **error);
  bool (*begin_sum) (LwDevice *device, float *values, int64_t n, GError **error);
  bool (*finish_sums) (LwDevice *device, GError **error);
  /* (optional) once for each pass, when its steps [n] are bound and prepared, in order, the loss
   * last. These are copies for passes in which nobody looks at values between two steps: by what it
   * leaves in `link`, the backend may let one kernel do the work of others, as a convolution that
   * of the activation behind it. Linked or not, a training's results are the same bits (evaluation
   * may round differently), each kernel is called in the same order, and batch_statistics works.
   * unlink frees what link made. */
  bool (*link) (LwDevice *device, LwStep *steps, int32_t n, GError **error);
  void (*unlink) (LwDevice *device, LwStep *steps, int32_t n);
  /* (optional, all or none) A training step that nobody watches, as one piece: what the session
   * does between begin_step and end_step (gradients to zero, forward, backward, update) asks the
   * host for nothing, so that the backend may record it. Of the same `n` nothing differs later but
   * LwStepNumbers: where begin_step says that it was replayed, the session leaves all that out.
   * The update looks at the loss itself: one that is not finite changes no weights.
   * end_step returns before the step is over. step_result waits for the earliest step that was not
   * asked for; LW_STEPS_AHEAD may wait for it. drop_step in place of end_step: something between
   * failed. */
  bool (*begin_step) (LwDevice *device, const LwStepNumbers *numbers, bool *ret_replayed,
                      GError **error);
  bool (*end_step) (LwDevice *device, GError **error);
  void (*drop_step) (LwDevice *device);
  bool (*step_result) (LwDevice *device, float ret[2], GError **error);
  LwKernel kernels[LW_N_OPS]; /* forward NULL: unsupported; the session names the layer */
};

/* Whether what alloc gives is this program's own memory, which the processor reads and writes as it
 * lies. A device whose memory is another has to say how much of it is free; one without that answer
 * takes the machine's. */
static inline bool
lw_backend_is_in_host_memory (const LwBackend *backend)
{
  return backend->free_bytes == NULL;
}

G_END_DECLS
