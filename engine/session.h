/* LwSession: a network on a device: its tensors, gradients, optimizer state, and the memory of one
 * training step and one inference pass, all allocated when it is made; a step allocates nothing.
 * The two passes never run at once and share one arena.
 *
 * Threads: one thread at a time. Ownership: the session holds a reference on the graph and owns the
 * device. */
#pragma once

#include "engine/algorithms.h"
#include "engine/analysis.h"
#include "engine/data/dataset.h"
#include "engine/plan.h"
#include "engine/tensor_part.h"

G_BEGIN_DECLS

typedef struct LwSession LwSession;

/* When a step may do the work of others (LwBackend's link): results are the same, but of the values
 * between such steps only the last one is ever stored. */
typedef enum {
  LW_LINKS_UNWATCHED, /* in training, and in inference without a hook */
  LW_LINKS_ALWAYS,    /* for hooks that do not look at values */
  LW_LINKS_NEVER      /* for hooks that look at a training's values */
} LwLinks;

typedef struct {
  int32_t batch;           /* training batch; 0: inference only */
  int32_t inference_batch; /* 0: as batch, or 64 */
  LwOptimizer optimizer;
  bool momentum; /* SGD keeps a momentum copy */
  LwLinks links;
  LwDeviceOptions device; /* read while the session is made, not later */
  /* With whom batches are shared (NULL: nobody): all make their sessions and begin their steps
   * together, and the session adds up losses and gradients. `batch` and `inference_batch` are this
   * process's parts then. Borrowed; outlives the session. Where a step fails, it is given up
   * (lw_collective_abort) before the session is freed: it may still add up what is freed. */
  LwCollective *collective;
  bool synchronizes;   /* batch normalization's statistics are the whole batch's */
  size_t bucket_bytes; /* of gradients that are added up together, at least; 0: 4 MiB */
} LwSessionOptions;

typedef struct {
  double loss_sum; /* Σ of the examples' losses */
  int32_t correct;
  int32_t n;
} LwBatchResult;

/* Called right after a step ran, while its values are fresh. `backward`: its backward ran. Download
 * with lw_session_download (of a training's step: see LwLinks). Returning false ends the pass with
 * `error` set. */
typedef bool (*LwStepHook) (LwSession *session, const LwStep *step, bool backward, void *data,
                            GError **error);

LwSession *lw_session_new (LwGraph *graph, const LwBackend *backend, int device_index,
                           const LwSessionOptions *options, GError **error);
void lw_session_free (LwSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwSession, lw_session_free)

LwGraph *lw_session_graph (const LwSession *session);
const LwPlan *lw_session_plan (const LwSession *session, LwMode mode);
LwMemory lw_session_memory (const LwSession *session); /* what was really taken */

/* Xavier-uniform weights for convolution and linear layers (Glorot and Bengio 2010), biases uniform
 * in ±1/√fan_in (PyTorch's default), γ = 1, β = 0, running mean 0, running variance 1, batches 0;
 * optimizer state 0. From LW_STREAM_WEIGHTS, a = the tensor's index. */
bool lw_session_initialize (LwSession *session, uint64_t seed, GError **error);

/* With a collective: all tensors and optimizer state become process 0's; batch normalization's
 * running statistics alone. */
bool lw_session_share (LwSession *session, GError **error);
bool lw_session_share_statistics (LwSession *session, GError **error);

/* Contiguous host data of tensor `index` of the graph: float32, or int64 for LW_I64. */
bool lw_session_set_tensor (LwSession *session, int32_t index, const void *data, GError **error);
bool lw_session_get_tensor (LwSession *session, int32_t index, void *ret_data, GError **error);
/* A part of a tensor (tensor_part.h), float32; ret_data has lw_tensor_part_size numbers. */
bool lw_session_get_part (LwSession *session, LwTensorPart part, float *ret_data, GError **error);
/* Optimizer state of a trained tensor: slot 0 momentum or first moment, 1 second moment. Slots that
 * this optimizer lacks fail with LW_ERROR_INVALID. */
int32_t lw_session_optimizer_slots (const LwSession *session);
/* Gives SGD the copy for its momentum, zero, that a session made without has not (options'
 * `momentum`); takes its memory, or fails and is as before. Nothing where there is one, or for
 * Adam. */
bool lw_session_keep_momentum (LwSession *session, GError **error);
/* Sets all slots to zero, as at the beginning. */
bool lw_session_clear_slots (LwSession *session, GError **error);
bool lw_session_set_slot (LwSession *session, int32_t index, int32_t slot, const float *data,
                          GError **error);
bool lw_session_get_slot (LwSession *session, int32_t index, int32_t slot, float *ret_data,
                          GError **error);
/* The gradient of the last training step; PyTorch's order. */
bool lw_session_get_gradient (LwSession *session, int32_t index, float *ret_data, GError **error);

typedef struct {
  const float *images;   /* [n][C][H][W] in [0, 1], host; the session normalizes (graph.h) */
  const int32_t *labels; /* [n], host, 0 ≤ label < classes */
  int32_t n;
  /* Instead of images, where the session keeps them: their numbers in `split`, [n], host; and what
   * is done to each, [n] (NULL: nothing), where they are kept for that. Of images it is done. */
  const int32_t *examples;
  LwSplit split;
  const LwTransform *transforms;
  /* Of a batch that several processes share: its examples (0: n), the place of the first one of
   * these n among them, and whether these only go along (LwStep). */
  int32_t whole, first;
  bool absent;
} LwBatch;

/* `n` of its examples from `first`; `size`: numbers of an image. */
LwBatch lw_batch_part (const LwBatch *batch, int64_t size, int32_t first, int32_t n);

/* Puts the first n images of a split where the device makes batches of them, resized to the
 * network's input (and changed by batches' transforms, if it `augments`) and normalized, so that
 * batches may name examples. False: it cannot, or they would take more
 * than half of its free memory; batches bring their images as always. */
bool lw_session_keep_data (LwSession *session, LwDataset *dataset, LwSplit split, int32_t n,
                           bool augments);

typedef struct {
  float learning_rate, momentum, weight_decay;
  bool nesterov;
  uint64_t seed;
  int64_t iteration; /* from 0: dropout's stream and Adam's t */
  bool again; /* the step's loss was not finite, and others ran after it: for its gradients */
} LwStepSettings;

/* Forward, loss, backward, update. `hook` may be NULL. The result is of before the update. When the
 * loss is not finite, no update is made and the call still succeeds. With a collective the result
 * is the whole batch's, and the gradients are when the update is made: sums over the processes,
 * each begun as soon as backward has passed the layers that it is of. */
bool lw_session_train (LwSession *session, const LwBatch *batch, const LwStepSettings *settings,
                       LwStepHook hook, void *data, LwBatchResult *ret_result, GError **error);
/* The same without a hook, in two halves. The first one gives the step to the device; the second
 * one waits for the earliest step whose result was not read. Where the device runs ahead, a step
 * may be begun before the result of the one before was read, no more than one; between its steps it
 * never stands still then. A step that follows one whose loss turns out not to be finite changes
 * nothing of the network. Elsewhere the first half does it all. */
bool lw_session_train_begin (LwSession *session, const LwBatch *batch,
                             const LwStepSettings *settings, GError **error);
bool lw_session_train_result (LwSession *session, LwBatchResult *ret_result, GError **error);
bool lw_session_runs_ahead (const LwSession *session);
/* Whether its tensors are those after the last step that was begun with success: false once one
 * failed in its midst. */
bool lw_session_is_whole (const LwSession *session);
/* Evaluation mode. `labels` may be NULL (no result then); `ret_logits` [n][classes] may be NULL. */
bool lw_session_infer (LwSession *session, const LwBatch *batch, LwStepHook hook, void *data,
                       float *ret_logits, LwBatchResult *ret_result, GError **error);

/* From a hook: the step's value y, [n][C][H][W]; `n` at most step->n. */
bool lw_session_download (LwSession *session, const LwStep *step, int32_t n, float *ret_values,
                          GError **error);
/* Whether values can be looked at without waiting. Between lw_session_begin_look and
 * lw_session_end_look what an inference pass, its hook and lw_session_get_part,
 * lw_session_get_tensor write to arrays is there only after lw_session_finish_look; steps may be
 * begun in between. */
bool lw_session_looks_later (const LwSession *session);
bool lw_session_begin_look (LwSession *session, GError **error);
bool lw_session_end_look (LwSession *session, GError **error);
bool lw_session_finish_look (LwSession *session, GError **error);
/* From a hook: how the step is computed on this device; the backend's name where it has one way
 * only; NULL where it computes nothing in this direction. Lives as long as the session. */
const char *lw_session_algorithm (LwSession *session, const LwStep *step, LwDirection direction);
/* The layers for which the device has chosen among several algorithms, in order, as the training
 * pass computes them (inference, where nothing is trained). */
LwAlgorithmList *lw_session_algorithms (LwSession *session);
/* What the device can do at most; may take half a second; 0: not known. */
LwPeaks lw_session_peaks (LwSession *session);
/* Returns when the device has done all that it was given: from a hook or after a pass, for those
 * who measure time. */
bool lw_session_synchronize (LwSession *session, GError **error);

/* From a hook of a training pass, after a batch normalization's forward: [c] each. */
bool lw_session_batch_statistics (LwSession *session, const LwStep *step, float *ret_mean,
                                  float *ret_variance, GError **error);
/* The same after a training step, where the device runs ahead and no other step was begun. */
bool lw_session_last_statistics (LwSession *session, LwNodeId id, float *ret_mean,
                                 float *ret_variance, GError **error);

G_END_DECLS
