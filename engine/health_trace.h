/* LwHealthTrace: keeps of the last LW_DIVERGENCE_STEPS iterations of a training what explains a
 * divergence. Of a small network (tensors up to KEPT_BYTES, health_trace.c) it puts aside all
 * tensors before each step, a copy of some hundred kB, and passes the fatal batch through each of
 * them when it has to: exact, and 0.3 to 0.5 % of LeNet's step at batch 256. Of a large one it
 * looks at the outputs for the batch's first images before each step. Where either takes more than
 * a hundredth of the time (small batches, large networks), iterations are left out, but for the
 * first ones. Outputs are those of evaluation mode, with running averages for batch normalization.
 * All memory is taken when it is made; the trainer's thread. */
#pragma once

#include "engine/divergence.h"
#include "engine/health_pass.h"

G_BEGIN_DECLS

typedef struct LwHealthTrace LwHealthTrace;

/* `pass`: over `layers`; borrowed, as the arrays. */
LwHealthTrace *
lw_health_trace_new (LwGraph *graph, LwHealthPass *pass, const LwNodeId *layers, int32_t n_layers);
void lw_health_trace_free (LwHealthTrace *trace);
/* Before step number `step`. `train_us`: time that steps have taken so far. */
bool lw_health_trace_note (LwHealthTrace *trace, LwSession *session, const LwBatch *batch,
                           int64_t step, int64_t train_us, GError **error);
/* Whether it would look now: at outputs, where the session's tensors cannot be put aside. */
bool lw_health_trace_wants (const LwHealthTrace *trace, int64_t train_us);
/* Step `step` on `batch` made a loss that is no finite number. Tensors are as before afterwards. */
LwDivergence *
lw_health_trace_explain (LwHealthTrace *trace, LwSession *session, const LwBatch *batch,
                         int64_t step, double learning_rate, GError **error);

G_END_DECLS
