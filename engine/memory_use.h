/* LwMemoryUse: what a network holds in memory while it trains and while it only answers, on a
 * device and at a batch size: the plans that a session of this device makes, the tensors below
 * them, where the bytes go at the peak, and the largest batch that fits. The Memory page draws it.
 *
 * Sizes are bytes. A device is opened for the calculation and closed again; nothing is allocated on
 * it. Where the device times its algorithms, the plan is that of its fixed rule, so that a
 * workspace may differ from a session's. Immutable once made; any thread. */
#pragma once

#include "engine/analysis.h"
#include "engine/plan.h"

G_BEGIN_DECLS

enum { LW_N_MODES = 2, LW_LARGEST_BATCH = 65536 };

/* What is in the arena in its fullest step; the sum is the arena. */
typedef struct {
  int64_t activations; /* values, and what backward needs beside them */
  int64_t gradients;   /* of values */
  int64_t workspace;
  int64_t gaps; /* what no plan of these lifetimes would need: the arena less its lower bound */
} LwArenaSplit;

typedef struct {
  LwPlan *plan;
  /* Parameters with what the device keeps of them by itself; gradients, optimizer: 0 in inference
   */
  int64_t parameters, gradients, optimizer;
  int64_t fixed; /* the sum of these three: below the arena */
  int64_t total; /* fixed + arena: the peak */
  /* What a run takes beside the total, not in it: batches that it prepares ahead, and the copy of
   * parameters and optimizer that it makes while it saves them. On a device with memory of its own
   * these are the machine's, and `images` is the data set that the device keeps. */
  int64_t images, saving;
  int32_t peak_step; /* of the plan: the first in which the most is alive */
  LwArenaSplit split;
} LwMemoryPass;

typedef struct {
  LwMemoryPass pass[LW_N_MODES]; /* by LwMode */
} LwMemoryUse;

typedef struct {
  const LwBackend *backend; /* NULL: contiguous float32 without workspace, as in the analysis */
  int index;
  LwDeviceOptions options; /* its choices, where given, are kept to; `algorithms` is not read */
  int32_t optimizer_slots; /* copies of the parameters: 0 SGD, 1 momentum, 2 Adam */
  int64_t data_bytes;      /* of a run's images and labels, as bytes; 0: not known */
} LwMemoryDevice;

/* Fails when the batch is out of range (1 to LW_LARGEST_BATCH), when sizes overflow, or when the
 * device does not open. */
LwMemoryUse *
lw_memory_use_new (LwGraph *graph, const LwMemoryDevice *device, int32_t batch, GError **error);
void lw_memory_use_free (LwMemoryUse *use);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwMemoryUse, lw_memory_use_free)

/* Bytes that a program in this mode needs at most: the total and what comes beside it. */
int64_t lw_memory_use_needed (const LwMemoryUse *use, LwMode mode);

/* The same in the analysis's form, as a session counts what it takes: a workspace is what the arena
 * is larger by than without; `workspace` is training's. */
LwMemory lw_memory_use_summary (const LwMemoryUse *use);

/* Bytes that can be had on the device now; −1: unknown. */
int64_t lw_memory_available (const LwMemoryDevice *device);
/* The largest batch whose needed bytes are at most `available`, by bisection over plans: in small
 * steps for those who must not wait, or at once. It holds the device open. One thread at a time. */
typedef struct LwMemorySearch LwMemorySearch;

LwMemorySearch *lw_memory_search_new (LwGraph *graph, const LwMemoryDevice *device,
                                      int64_t available, GError **error);
void lw_memory_search_free (LwMemorySearch *search);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwMemorySearch, lw_memory_search_free)
/* Makes one plan; false once both answers are known. */
bool lw_memory_search_step (LwMemorySearch *search);
/* 0: not even one image; LW_LARGEST_BATCH: that or more; −1: not known yet. */
int32_t lw_memory_search_answer (const LwMemorySearch *search, LwMode mode);

G_END_DECLS
