/* LwPlan: a graph bound to a batch size and a mode: the order of steps, what lives when, who may
 * share memory, which gradients are accumulated. Pure integers; no device memory in it. The Memory
 * page draws exactly this. Immutable, any thread.
 *
 * Time: forward of node i is step i, the loss is step N (number of nodes), backward of the loss is
 * N + 1, backward of node i is 2N + 1 − i; the update is 2N + 2. */
#pragma once

#include "engine/backend.h"
#include "engine/memplan.h"

G_BEGIN_DECLS

typedef enum { LW_MODE_TRAINING, LW_MODE_INFERENCE } LwMode;

typedef enum {
  LW_BUFFER_VALUE,
  LW_BUFFER_GRADIENT,
  LW_BUFFER_STATE,
  LW_BUFFER_WORKSPACE
} LwBufferKind;

typedef struct {
  LwBufferKind kind;
  LwNodeId node; /* whose value, gradient, state or workspace; the loss, and a workspace that all
                  * steps share: number of nodes */
  LwLifetime life;
  int64_t offset; /* in the arena */
} LwBuffer;

typedef struct LwPlan LwPlan;

/* `backend` and `device` size the buffers; both NULL: contiguous float32 without workspace, for
 * analysis. Batch 1 to 65536. Fails when a buffer's size overflows. */
LwPlan *lw_plan_new (LwGraph *graph, int32_t batch, LwMode mode, const LwBackend *backend,
                     LwDevice *device, GError **error);
void lw_plan_free (LwPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwPlan, lw_plan_free)

LwGraph *lw_plan_graph (const LwPlan *plan);
int32_t lw_plan_batch (const LwPlan *plan);
LwMode lw_plan_mode (const LwPlan *plan);
int32_t lw_plan_n_steps (const LwPlan *plan); /* forward steps: nodes + 1 for the loss */
LwArenaSize lw_plan_arena (const LwPlan *plan);
int32_t lw_plan_n_buffers (const LwPlan *plan);
const LwBuffer *lw_plan_buffer (const LwPlan *plan, int32_t index);
/* The most that is alive at one step, as the arena rounds it, without workspaces. */
int64_t lw_plan_kept_bytes (const LwPlan *plan);
/* Buffer index of a node's value, gradient, state or workspace; −1: none. Aliased values share one,
 * and in training all steps share one workspace. */
int32_t lw_plan_value (const LwPlan *plan, LwNodeId id);
int32_t lw_plan_gradient (const LwPlan *plan, LwNodeId id);
int32_t lw_plan_state (const LwPlan *plan, LwNodeId id);
int32_t lw_plan_workspace (const LwPlan *plan, LwNodeId id);
/* Where in its buffer a node's value or gradient lies: some channels of the concat that reads it.
 */
typedef struct {
  int32_t channel; /* the first */
  int64_t pixel;   /* numbers from pixel to pixel: the channels of the whole; 0: it is the whole */
  int64_t offset;  /* bytes from the buffer's begin */
} LwSlice;
LwSlice lw_plan_value_slice (const LwPlan *plan, LwNodeId id);
LwSlice lw_plan_gradient_slice (const LwPlan *plan, LwNodeId id);
/* Bit i: backward of `id` adds into the gradient of its input i. */
uint32_t lw_plan_accumulate (const LwPlan *plan, LwNodeId id);
/* Fills shapes and flags of step `id` (number of nodes: the loss); pointers stay NULL. */
void lw_plan_describe_step (const LwPlan *plan, LwNodeId id, LwStep *ret_step);

G_END_DECLS
