/* LwDistributions: how the values of each layer were spread at up to LW_DISTRIBUTION_MOMENTS
 * moments of a training: its outputs, its weights and their gradients.
 *
 * Moment 0 is before the first step, with that step's gradients; the others are after a step, with
 * the gradients of the step just done, about twenty over the run as it was planned. When there is
 * room for no more, every second is dropped and the distance doubles, so that memory is constant
 * and the whole run is covered.
 *
 * Outputs are those of 8 to 32 images, evenly spread over the test set, in evaluation mode: dropout
 * does nothing, and batch normalization uses its running statistics, not those of the batch. Input,
 * dropout and flatten have none of their own. Weights and gradients are those of convolutions and
 * linear layers, and γ of batch normalizations; without biases.
 *
 * Cost: a moment waits while all before it took more than 2 % of the steps' time, but for 0.15
 * seconds, spread over the run, and the last step's. Memory: lw_distributions_bytes.
 *
 * Threads: the trainer writes; reading copies under a short lock, any thread. Saved as
 * distributions.safetensors; a file that does not fit the network is as none. */
#pragma once

#include "engine/distribution.h"
#include "engine/record.h"

G_BEGIN_DECLS

#define LW_DISTRIBUTION_MOMENTS 28

typedef enum { LW_OF_OUTPUTS, LW_OF_WEIGHTS, LW_OF_GRADIENTS, LW_N_DISTRIBUTIONS } LwDistributionOf;

typedef struct {
  int64_t step;         /* optimizer steps done; 0: before the first */
  double epoch;         /* fractional */
  double learning_rate; /* of the step whose gradients they are */
} LwDistributionMoment;

/* `record`: lw_records_get (records, LW_RECORD_DISTRIBUTIONS), not NULL. Arrays of
 * LW_DISTRIBUTION_MOMENTS; returns how many moments there are. */
int32_t lw_distributions_moments (LwRecord *record, LwDistributionMoment *ret_moments);
/* A layer over all moments, oldest first; 0 where it has none of the kind. Where there was no
 * memory to look at a tensor, its count is 0. Either array may be NULL. */
int32_t
lw_distributions_read (LwRecord *record, LwDistributionOf of, LwNodeId node,
                       LwDistributionMoment *ret_moments, LwDistribution *ret_distributions);
/* Whether the layer has one of the kind. */
bool lw_distributions_has (LwRecord *record, LwDistributionOf of, LwNodeId node);
/* Images whose outputs were measured. */
int32_t lw_distributions_images (LwRecord *record);
/* All memory that it takes, in a training. */
int64_t lw_distributions_bytes (LwRecord *record);

G_END_DECLS
