/* LwBench: how fast a device trains a network, or runs it: whole steps first, undisturbed; then a
 * few more with a clock between the layers. Images and labels are drawn from a counter-based stream
 * before any clock runs.
 *
 * Threads: one. Ownership: a result owns all it points to. Units: ms are milliseconds of the wall's
 * clock, bytes are bytes. */
#pragma once

#include "engine/roofline.h"
#include "engine/session.h"

G_BEGIN_DECLS

typedef struct {
  const LwBackend *backend;
  int device_index;
  LwDeviceOptions device;
  int32_t batch;
  bool inference; /* only forward, in evaluation mode */
  int64_t steps;  /* measured steps; 0: as many as a few seconds hold */
} LwBenchOptions;

/* One direction of a layer. */
typedef struct {
  double ms; /* median; 0: it does not run in this direction */
  LwWork work;
} LwBenchPass;

typedef struct {
  LwNodeId id;
  LwBenchPass forward, backward;
  /* How the device computes it; NULL: not in this direction. */
  char *algorithms[LW_N_DIRECTIONS];
} LwBenchLayer;

typedef struct {
  int64_t steps; /* that were measured */
  double step_ms_median, step_ms_min, examples_per_second;
  double loss_ms;  /* softmax and cross-entropy, both directions */
  double other_ms; /* images to the device, gradients to zero, update */
  int64_t peak_memory_bytes, planned_memory_bytes; /* peak 0: cannot be measured here */
  bool own_memory;   /* the device has memory of its own: other than what `machine` measures */
  bool keeps_images; /* it made its batches of images that it keeps, as in a training */
  LwPeaks peaks;     /* of a device with memory of its own */
  int32_t n_layers;
  LwBenchLayer *layers; /* in the order of execution, without the input */
} LwBenchResult;

/* Between steps: which share of the time is over, about. */
typedef void (*LwBenchProgress) (double fraction, void *data);

LwBenchResult *lw_bench_run (LwGraph *graph, const LwBenchOptions *options,
                             LwBenchProgress progress, void *data, GError **error);
void lw_bench_result_free (LwBenchResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwBenchResult, lw_bench_result_free)

/* 10⁹ operations a second; 0 where there are none. */
double lw_bench_gflops (double flops, double ms);

G_END_DECLS
