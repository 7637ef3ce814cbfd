/* LwHealthRecord: how a training's layers fare over the run: at up to LW_HEALTH_MOMENTS steps, for
 * each convolution, linear layer, batch normalization and activation, the numbers below; and after
 * a divergence, what led to it (divergence.h). Outputs are those of an inference pass over a fixed
 * batch of test images, 8 to 32 (by the network's size) evenly spread over the split. Moments begin
 * as far apart as spreads them over the run; where they would take more than 1 / 80 of the training
 * time, those after the first LW_HEALTH_LEAST are taken less often; when the record is full every
 * second one goes. Saved in the run's folder as health.safetensors. health.h says what the numbers
 * mean.
 *
 * A kind of record.h: one writer, the trainer; readers of any thread copy under a short lock. */
#pragma once

#include "engine/divergence.h"
#include "engine/record.h"

G_BEGIN_DECLS

#define LW_HEALTH_MOMENTS 240
#define LW_HEALTH_LEAST   3 /* before that nothing is judged; a run of so many steps has them */

/* NAN where a layer has no such number. */
typedef enum {
  LW_HEALTH_UPDATE,    /* length of the step just made by the weight's length before it */
  LW_HEALTH_GRADIENT,  /* √Σg² of all its parameters' gradients in that step's batch */
  LW_HEALTH_WEIGHT,    /* length of its weight, √Σw², before that step */
  LW_HEALTH_MEAN,      /* of its outputs, and the rest, after that step */
  LW_HEALTH_DEVIATION, /* */
  LW_HEALTH_VARIATION, /* how much its outputs differ from image to image (health_pass.h) */
  LW_HEALTH_DEAD,      /* ReLU: share of channels, of vectors units, that are 0 for all images */
  LW_HEALTH_SATURATED, /* sigmoid: share of outputs below 0.05 or above 0.95; tanh: beyond ±0.9 */
  LW_HEALTH_LARGEST,   /* |output| */
  LW_HEALTH_N_FIELDS
} LwHealthField;

typedef struct LwHealthRecord LwHealthRecord;

/* The record of a set, or NULL. */
LwHealthRecord *lw_records_health (const LwRecords *records);

/* The layers that it is of, in the graph's order; lives as long as the record. */
const LwNodeId *lw_health_record_layers (const LwHealthRecord *record, int32_t *ret_n);
/* Images that the outputs are of; 0: of a saved run, not known. */
int32_t lw_health_record_images (const LwHealthRecord *record);
int32_t lw_health_record_moments (LwHealthRecord *record);
/* One number of one layer (its row) over all moments; arrays of LW_HEALTH_MOMENTS. Returns the
 * number of moments. `ret_steps` and `ret_epochs` may be NULL. */
int32_t lw_health_record_series (LwHealthRecord *record, int32_t row, LwHealthField field,
                                 int64_t *ret_steps, double *ret_epochs, float *ret_values);
/* What it is lately: the median of the last `n` moments (those where it is known); [layers]. */
void
lw_health_record_recent (LwHealthRecord *record, LwHealthField field, int32_t n, float *ret_values);
/* What led to the divergence; NULL: it did not diverge, or not in a step. A copy. */
LwDivergence *lw_health_record_divergence (LwHealthRecord *record);

G_END_DECLS
