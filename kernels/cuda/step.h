/* A training step as one piece: recorded as a graph when a number of examples comes for the second
 * time, replayed from then on. The first time runs as it comes, so that libraries load their
 * kernels, for which they may take memory, when nothing is recorded.
 *
 * A graph's nodes have their arguments for good. What differs from step to step they read from
 * LwCudaStep in device memory, which the host writes before each step; `lost` is the device's own.
 * Two slots by turns: while a step runs, the next one is prepared. Private to this folder. */
#pragma once

#include "kernels/cuda/device.h"

G_BEGIN_DECLS

typedef struct {
  uint64_t seed;
  uint32_t iteration;
  uint32_t slot;    /* of this step: its number % LW_STEPS_AHEAD */
  uint32_t follows; /* LwStepNumbers' */
  /* Of the update, as optimizer.cu has its formulas. */
  uint32_t first, nesterov;
  float rate, momentum, decay, root;
} LwCudaNumbers;

typedef struct {
  LwCudaNumbers numbers;
  /* By slot: the step's loss was not finite, or it followed such a step. Written by the update. */
  uint32_t lost[LW_STEPS_AHEAD];
} LwCudaStep;

/* What kernels read in a step between begin_step and end_step; NULL outside of one: what they are
 * told by LwStep and LwUpdate holds. Device memory. */
LwCudaStep *lw_cuda_step (const LwDevice *device);
/* step.c's part of a device: made when it is opened, freed (also half made) when it is closed. */
bool lw_cuda_open_steps (LwDevice *device, GError **error);
void lw_cuda_close_steps (LwDevice *device);
/* What was recorded has old pointers or sizes: records anew. */
void lw_cuda_forget_steps (LwDevice *device);

bool lw_cuda_begin_step (LwDevice *device, const LwStepNumbers *numbers, bool *ret_replayed,
                         GError **error);
bool lw_cuda_end_step (LwDevice *device, GError **error);
void lw_cuda_drop_step (LwDevice *device);
bool lw_cuda_step_result (LwDevice *device, float ret[2], GError **error);

/* optimizer.cu: the update's part of the numbers; the table of tensors, which takes memory when it
 * sees them for the first time. */
void lw_cuda_put_update (LwCudaNumbers *numbers, const LwUpdate *update);
bool lw_cuda_ready_update (LwDevice *device, const LwUpdate *update, GError **error);
void lw_cuda_close_update (LwDevice *device);

G_END_DECLS
