/* What a training step should take on a graphics card, from what each kernel of it computes and
 * moves:
 *
 *   t = Σ over kernels of  max (FLOPs / (a · peak), bytes / (b · bandwidth)) + launches · l
 *
 * peak and bandwidth are the datasheet's; a, b and l are assumptions (LwAssumptions). A model of
 * what kernels/cuda is meant to be, not a measurement; docs/cuda.md has its table.
 *
 * Two counts. LW_COUNT_FLOOR is the least: products alone (maps and weights in and out once, all
 * else folded into them), a batch normalization 7 passes over its map, SGD 3 over the parameters,
 * no launches. LW_COUNT_KERNELS has every kernel of the step; by which rules stands in
 * step_model.c. Pure functions of the graph. */
#pragma once

#include "engine/backend.h"
#include "engine/graph.h"

typedef struct {
  const char *name;  /* "h100" */
  const char *title; /* "H100 SXM 80 GB" */
  const char *source;
  double flops[3]; /* a second, by LwPrecision */
  double bytes;    /* a second, to and from memory */
  double tensor;   /* assumed: of the tensor cores' peak, with the instructions that are used */
} LwDatasheet;

enum { LW_N_PEAKS = 3 };
extern const LwDatasheet lw_peaks[LW_N_PEAKS];

typedef struct {
  double products[3]; /* of the peak, by LwPrecision */
  double memory;      /* of the bandwidth */
  double launch_s;    /* between two kernels of one graph */
} LwAssumptions;

LwAssumptions lw_assumptions_of (const LwDatasheet *peaks); /* what is expected of kernels/cuda */
extern const LwAssumptions lw_best_measured; /* what libraries reach on large sizes; of the floor */

typedef enum { LW_COUNT_FLOOR, LW_COUNT_KERNELS } LwCount;

typedef struct {
  LwNodeId node;    /* LW_NO_NODE: of the whole step */
  const char *what; /* "forward", "data gradient" */
  bool product;     /* by tensor cores where the precision has them; else fp32 lanes */
  int launches;
  double flops, bytes;
} LwKernelWork;

/* [*ret_n], in the order of the step; g_free. */
LwKernelWork *lw_step_kernels (const LwGraph *graph, int32_t batch, LwPrecision precision,
                               LwCount count, int *ret_n);

/* One kernel's seconds with its launches. */
double lw_kernel_seconds (const LwKernelWork *kernel, const LwDatasheet *peaks,
                          const LwAssumptions *assumptions, LwPrecision precision);

/* Of a whole step: seconds, and whose they are. */
typedef struct {
  double seconds, arithmetic, memory, launching;
  double flops, bytes;
  int launches;
} LwStepTime;

LwStepTime lw_step_time (const LwGraph *graph, int32_t batch, LwPrecision precision, LwCount count,
                         const LwDatasheet *peaks, const LwAssumptions *assumptions);

/* The seven networks of the comparison with PyTorch, their sides and batches. */
typedef struct {
  const char *model;
  int32_t side, batch;
} LwBenchNetwork;

enum { LW_N_BENCH_NETWORKS = 7 };
extern const LwBenchNetwork lw_bench_networks[LW_N_BENCH_NETWORKS];

/* NULL and an error where there is no such model or size. */
LwGraph *lw_bench_network (const LwBenchNetwork *network, GError **error);

/* Tables in Markdown for all networks and devices, as docs/cuda.md has them; g_free. */
char *lw_step_tables (void);
/* A document with `tables` between its two marks; NULL: it has them not. g_free. */
char *lw_step_document (const char *document, const char *tables);
