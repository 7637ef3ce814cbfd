/* How fast several processes train a network together (engine/collective.h), beside one of them
 * alone with its part of the batch, measured in the same run while the others rest. One thread. */
#pragma once

#include "app/bench.h"
#include "app/json-writer.h"

G_BEGIN_DECLS

typedef struct {
  int64_t steps;
  int32_t workers, threads, batch, part; /* images of all, of a worker */
  double alone_ms, step_ms;              /* medians */
  double summing_ms; /* a step: in which gradients were on their way; 0: the device does not say */
  double waited_ms;  /* of these the training stood still */
} LwTogetherResult;

/* `options`: batch is all workers'. Called by all processes; the same answer in process 0. */
bool lw_bench_together (LwCollective *collective, LwGraph *graph, const LwBenchOptions *options,
                        LwTogetherResult *ret_result, GError **error);
/* Of process 0; `json` NULL: a table for people. */
void lw_bench_together_report (const char *model, LwGraph *graph, const LwBenchOptions *options,
                               const LwTogetherResult *result, LwJson *json);

G_END_DECLS
