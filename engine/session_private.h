/* What the session's files share. Not for anybody else. */
#pragma once

#include "engine/free_memory.h"
#include "engine/session.h"

G_BEGIN_DECLS

/* One pass over the graph, bound to memory. */
typedef struct {
  LwPlan *plan;   /* NULL: an inference-only session's training */
  LwStep *steps;  /* [n_nodes + 1], the loss last */
  LwStep *linked; /* the same, where one may do the work of others; `steps` itself without links */
  int32_t n_prepared;
} LwPass;

/* How gradients are added up over processes: where they lie, in the machine's memory; by the device
 * (LwBackend's begin_sum); in PyTorch's order, in a copy. */
typedef enum { LW_SUMS_IN_PLACE, LW_SUMS_ON_DEVICE, LW_SUMS_BY_COPY } LwSumPath;

/* Gradients that are added up together: of tensors that follow each other. */
typedef struct {
  LwNodeId from;     /* the first of their layers: complete when backward has passed it */
  int32_t tensor, n; /* tensors of the graph, some of them perhaps not trained */
  size_t offset, bytes;
} LwBucket;

struct LwSession {
  LwGraph *graph;
  const LwBackend *backend;
  LwDevice *device;
  LwSessionOptions options; /* batches filled in */
  int32_t n_slots;
  LwPass training, inference;
  LwMemory memory;

  /* Four blocks of device memory; tensors stand in the first three at `offsets`. */
  size_t tensors_bytes, trained_bytes, arena_bytes, labels_bytes;
  char *tensors;   /* all tensors of the graph */
  char *gradients; /* trained tensors only; one block, so that one call sets it to zero */
  char *slots[2];  /* as gradients */
  char *arena;     /* shared by the two passes */
  int32_t *labels;
  size_t *offsets;         /* [n_tensors], in `tensors` */
  size_t *trained_offsets; /* [n_tensors], in `gradients` and `slots`; of trained tensors */

  LwUpdate update; /* its arrays are made once */

  float *normalized; /* a batch's images, once one was sent to a network that normalizes */
  struct {
    void *images; /* the backend's; NULL: none */
    int32_t n;
    bool augments;
  } kept[2]; /* by LwSplit */

  /* Steps begun, and those whose results were read; results of devices that do not run ahead, and
   * how many examples each had, by number % LW_STEPS_AHEAD. */
  int64_t begun, read;
  bool torn; /* a step failed after it had begun to change tensors, perhaps */
  LwBatchResult results[LW_STEPS_AHEAD];

  /* With a collective (session_shared.c): in the order in which backward completes them. */
  LwAlgorithmList *choices; /* process 0's algorithms, in the others */
  LwSumPath path;
  LwBucket *buckets;
  int32_t n_buckets, n_begun; /* of the step that runs */
  float *copies;              /* all trained tensors' gradients, at trained_offsets; or NULL */
  float loss[2];              /* by copy */
};

/* session_memory.c: both plans and the sizes; fails when it does not fit, before any is taken. */
bool lw_session_plan_memory (LwSession *session, GError **error);

/* session_bind.c: fills in every step's pointers, then prepares the kernels. */
bool lw_session_bind (LwSession *session, LwPass *pass, GError **error);
void lw_session_unbind (LwSession *session, LwPass *pass);

/* session_shared.c: what sessions of several processes do together. Once, when all is bound; then
 * of each step: the loss, buckets as backward passes step `id`, and before the update. */
bool lw_session_join (LwSession *session, GError **error);
/* By which algorithms process 0 computes, which it may have measured, the others do too: they wait
 * for it before their device is opened; it tells them when its own is ready. */
bool lw_session_take_choices (LwSession *session, GError **error);
bool lw_session_give_choices (LwSession *session, GError **error);
void lw_session_leave (LwSession *session);
bool lw_session_sum_loss (LwSession *session, bool absent, GError **error);
bool lw_session_sum_gradients (LwSession *session, LwNodeId id, GError **error);
bool lw_session_finish_sums (LwSession *session, GError **error);

/* session_data.c: what comes before the kernels. Sent by the host; made by the device, of what it
 * keeps: part of a step that is one piece. */
bool lw_session_check_batch (const LwSession *session, const LwPass *pass, const LwBatch *batch,
                             GError **error);
/* A batch's images as the first layer reads them; valid until the next call. NULL and an error: no
 * memory, or numbers that do not suit the images. */
const float *lw_session_normalize (LwSession *session, const LwBatch *batch, GError **error);
bool lw_session_send_batch (LwSession *session, const LwPass *pass, const LwBatch *batch,
                            GError **error);
bool lw_session_make_batch (LwSession *session, const LwPass *pass, const LwBatch *batch,
                            GError **error);
void lw_session_drop_data (LwSession *session);

G_END_DECLS
