/* What a training's numbers say about its layers: badges a layer, and the symptoms of the whole
 * network, worst first. Rules of thumb, each with its source; pure functions of numbers.
 *
 *   update     length of a step by length of the weight: about 1 ‰, healthy 0.5 to 20 ‰ (Karpathy,
 *              notes of CS231n, "Ratio of weights:updates": 1e-3; Deeplearning4j's guide to its
 *              training page, "update: parameter ratio": the same, within a factor of ten or so).
 *              A symptom from 100 ‰ on: the book's own recipes make steps of 20 to 60 ‰ at first
 *   dead       channels (units) of a ReLU that are 0 for all of the images: they get no gradient
 *              (CS231n, "Commonly used activation functions"); warned from 20 %
 *   saturated  outputs of a sigmoid or tanh where its slope is under a fifth of its largest: warned
 *              from 40 % (Glorot and Bengio 2010, section 3)
 *   gradient   of a layer by that of the last one: warned below 1 % and above a hundred times;
 *              vanishing and exploding gradients (Glorot and Bengio 2010, section 4.2)
 *   spread     deviation of what enters an activation: 0.5 to 2, near 1 by initialization (Glorot
 *              and Bengio 2010; He et al. 2015, section 2.2) or by normalization (Ioffe and Szegedy
 *              2015); not of the network's outputs */
#pragma once

#include "engine/record_health.h"
#include "engine/run_log.h"

G_BEGIN_DECLS

typedef enum {
  LW_LEVEL_NONE, /* does not apply, or not known */
  LW_LEVEL_GOOD,
  LW_LEVEL_WARNING,
  LW_LEVEL_ERROR,
} LwHealthLevel;

typedef enum {
  LW_CHECK_UPDATE,
  LW_CHECK_GRADIENT,
  LW_CHECK_DEAD,
  LW_CHECK_SATURATED,
  LW_CHECK_SPREAD,
  LW_N_CHECKS
} LwHealthCheck;

typedef struct {
  LwHealthLevel level;
  bool high;    /* above the healthy range; else below, or within */
  double value; /* ratio, share, deviation; gradient: its length. NAN: none */
} LwHealthBadge;

/* By the numbers alone; NAN is LW_LEVEL_NONE. */
LwHealthBadge lw_judge_update (double ratio);
LwHealthBadge lw_judge_dead (double share);
LwHealthBadge lw_judge_saturated (double share);
LwHealthBadge lw_judge_gradient (double norm, double last_norm);
LwHealthBadge lw_judge_spread (double deviation);

typedef enum {
  LW_SYMPTOM_NOT_LEARNING,
  LW_SYMPTOM_EXPLODING,
  LW_SYMPTOM_DEAD,
  LW_SYMPTOM_VANISHING,
  LW_SYMPTOM_SATURATED,
  LW_SYMPTOM_LARGE_STEPS,
  LW_SYMPTOM_SMALL_STEPS,
  LW_SYMPTOM_WIDE,   /* what enters activations is spread too far */
  LW_SYMPTOM_NARROW, /* it hardly differs */
  LW_N_SYMPTOMS
} LwSymptom;

typedef struct {
  LwSymptom symptom;
  LwHealthLevel level; /* WARNING or ERROR */
  LwNodeId layer;      /* the worst; LW_NO_NODE: not known */
  int32_t row;         /* its row in the record; −1 */
  int32_t n_layers;    /* that have it */
  double value;        /* the worst's, as its badge; VANISHING: by the last layer's */
} LwFinding;

typedef struct {
  int32_t n_layers;
  LwNodeId *layers;                     /* a copy: the record may be gone before */
  LwHealthBadge (*badges)[LW_N_CHECKS]; /* [layers] */
  float *variation;                     /* [layers] */
  int32_t n_findings;
  LwFinding findings[LW_N_SYMPTOMS]; /* errors first; then in the order of LwSymptom */
} LwHealthReport;

/* `values`: [LW_HEALTH_N_FIELDS][layers], as they are lately. */
LwHealthReport *lw_health_judge (const LwGraph *graph, const LwNodeId *layers, int32_t n_layers,
                                 const float *values);
/* Of a record's newest moments, or of its divergence. NULL: neither says anything yet; the first
 * two moments are of a network that has hardly begun. */
LwHealthReport *lw_health_report_new (LwHealthRecord *record, const LwGraph *graph);
void lw_health_report_free (LwHealthReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwHealthReport, lw_health_report_free)
/* Outputs that vary less, as a share of their size, are the same for every image. (LeNet's vary by
 * 0.0005 while it has not begun to learn, and by 0 when it never will.) */
#define LW_HEALTH_CONSTANT 1e-4
/* Adds LW_SYMPTOM_NOT_LEARNING with the first layer whose outputs no longer vary, else the one
 * whose vary least; the finding's value is its variation. */
void lw_health_report_add_not_learning (LwHealthReport *report);

/* The train loss was within 1 % of ln (classes), what guessing gives, in each quarter of the last
 * half epoch. At too high a rate networks more often die like this than reach NaN. */
bool lw_is_not_learning (const LwRunLog *run_log, int32_t classes, int64_t steps_per_epoch);

G_END_DECLS
