/* LwBnStudy: one batch of training images on its way through one batch normalization: what arrives,
 * what it is once normalized, and once scaled and shifted, of each channel, with the batch's own
 * statistics and with the running ones:
 *
 *   x,   x̂ = (x − μ) / √(σ² + ε),   y = γ x̂ + β
 *
 * The two ways are two passes of the same weights and images: with running statistics the layers
 * above use theirs as well, so x itself differs but in the first layer. Immutable, any thread. */
#pragma once

#include "engine/bn_pass.h"

G_BEGIN_DECLS

#define LW_BN_BINS 48

typedef enum { LW_BN_ARRIVES, LW_BN_NORMALIZED, LW_BN_SHIFTED, LW_N_BN_STAGES } LwBnStage;

/* Both ways over one axis, which depends on the channel and the stage alone. */
typedef struct {
  double min, max;
  double counts[LW_N_BN_STATISTICS][LW_BN_BINS]; /* of values within the axis */
  double outside[LW_N_BN_STATISTICS];            /* values beyond its ends */
  double mean[LW_N_BN_STATISTICS], deviation[LW_N_BN_STATISTICS];
} LwBnSpread;

typedef struct {
  double gamma, beta;
  double mean[LW_N_BN_STATISTICS], variance[LW_N_BN_STATISTICS]; /* that it is normalized with */
  LwBnSpread stages[LW_N_BN_STAGES];
} LwBnChannel;

typedef struct {
  LwNodeId layer;
  LwShape shape;
  int32_t images;
  int64_t step;          /* optimizer steps that the weights had gone through */
  LwBnChannel *channels; /* [shape.c] */
} LwBnStudy;

/* How many images a study of this network takes: the batch, but no more than a second or two of
 * computing and 400 MiB. */
int32_t lw_bn_study_images (const LwGraph *graph, int32_t batch);
/* The images are the batch that the training takes after `step` steps, or its first ones; all there
 * are where a batch of the session takes more. Fails with LW_ERROR_CANCELLED when `progress`, which
 * may be NULL, says so. */
LwBnStudy *
lw_bn_study_new (LwSession *session, LwDataset *dataset, const LwSettings *settings, int64_t step,
                 LwNodeId layer, const LwBnProgress *progress, GError **error);
void lw_bn_study_free (LwBnStudy *study);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwBnStudy, lw_bn_study_free)

G_END_DECLS
