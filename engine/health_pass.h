/* LwHealthPass: what a network's layers put out for some images, as a few numbers a layer, from
 * inference passes of a session that trains. Takes all memory when it is made. The session's
 * thread. */
#pragma once

#include "engine/session.h"

G_BEGIN_DECLS

/* The most images that one call looks at. */
#define LW_HEALTH_IMAGES 32

/* Of one layer's outputs, over images, channels and pixels; NAN where it is not known. */
typedef struct {
  double mean, deviation;
  /* How much it tells images apart: deviation over the images of each channel's mean, root mean
   * square over channels, as a share of the outputs' own root mean square. 0: the same for all. */
  double variation;
  double dead;      /* ReLU: share of channels (of a vector: units) that are 0 for every image */
  double saturated; /* sigmoid: share below 0.05 or above 0.95; tanh: beyond ±0.9, the same slope */
  double largest;   /* |value|; inf when one is infinite, NAN when one is no number */
} LwHealthStats;

typedef struct LwHealthPass LwHealthPass;

/* For these layers, in the graph's order. */
LwHealthPass *lw_health_pass_new (LwGraph *graph, const LwNodeId *layers, int32_t n_layers);
void lw_health_pass_free (LwHealthPass *pass);
/* How many images are looked at so that a large network's look stays short. */
int32_t lw_health_pass_images (const LwHealthPass *pass);
/* The first n images of a batch, n ≤ LW_HEALTH_IMAGES. `wanted` [layers]: these alone; NULL: all.
 * `ret_stats`: [layers], of what was not wanted unchanged. */
bool lw_health_pass_run (LwHealthPass *pass, LwSession *session, const LwBatch *batch, int32_t n,
                         const bool *wanted, LwHealthStats *ret_stats, GError **error);

G_END_DECLS
