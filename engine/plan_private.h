/* The plan's memory, shared by the files that make and read it; nobody else includes this. */
#pragma once

#include "engine/plan.h"

struct LwPlan {
  LwGraph *graph;
  int32_t n; /* nodes; the loss has this number */
  int32_t batch;
  LwMode mode;
  bool channels_last; /* the backend's: maps have another order than vectors */
  GArray *buffers;    /* LwBuffer */
  LwArenaSize arena;
  /* Of node i, [n + 1], the loss last; buffer indices, or −1. */
  int32_t *values, *gradients, *states, *workspaces;
  uint32_t *accumulate;
  /* Who shares memory, [n]: */
  LwNodeId *contents; /* the node whose numbers these are: flatten mostly only reads them anew */
  LwNodeId *value_owners; /* the first node that wrote into this memory, or the concat around it */
  LwNodeId *gradient_peers; /* the last node whose gradient lies in this memory */
  LwSlice *value_slices, *gradient_slices;
};

/* Of a content: the nodes outside that read it, and the backward that reaches it first. */
typedef struct {
  int32_t n_reads; /* a node that reads twice counts twice */
  LwNodeId last;   /* the last reader; the loss is the very last */
} LwReaders;

/* Fills contents, value_owners, gradient_peers and accumulate. */
void lw_plan_share_memory (LwPlan *plan, const LwBackend *backend, LwDevice *device);
/* Afterwards: lays what concats join into them, where the backend's kernels can do it. */
void lw_plan_slice_concats (LwPlan *plan, const LwReaders *readers, const LwBackend *backend,
                            LwDevice *device);

static inline int32_t
lw_plan_backward_step (const LwPlan *plan, LwNodeId id)
{
  return 2 * plan->n + 1 - id;
}
