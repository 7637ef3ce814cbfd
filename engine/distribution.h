/* LwDistribution: how the values of a layer are spread: counts over equal bins and the numbers that
 * say the rest. LwTally makes one of values that come in parts.
 *
 * The axis follows the values: it ends at the largest of their absolute values, rounded up to five,
 * six, seven or eight eighths of a power of two; it begins at 0 where no value is negative, else it
 * is symmetric. A tally may thus begin before it knows how far the values reach: bins of a narrower
 * axis are halves, quarters… of a wider one's, to the bit. After a sigmoid it ends at 1 at least,
 * so that 0.05 and 0.95 are always on it.
 *
 * Pure values and functions, any thread. */
#pragma once

#include "engine/graph.h"

G_BEGIN_DECLS

#define LW_DISTRIBUTION_BINS 64

typedef struct {
  int64_t count; /* of all values; 0: nothing was measured */
  int64_t not_finite; /* NaN, ±∞ and what is beyond ±2¹²⁶: in no bin, and in no other number here */
  /* On the flat part of the activation that made them: sigmoid below 0.05 or above 0.95, where its
   * slope is under a fifth of the largest (y (1 − y) < 0.19 · ¼); tanh beyond ±0.9, the same of it;
   * ReLU: exactly 0. Of other layers 0. */
  int64_t flat;
  /* Channels, or numbers of a vector, and how many of an activation's never change over all places
   * and images: by more than 1e-4 (sigmoid, tanh), or at all above 0 (ReLU). */
  int32_t units, dead;
  float low, high; /* the axis: bin i is [low + i w, low + (i + 1) w), w = (high − low) / 64; the
                    * last one has its end too */
  float min, max, mean, deviation; /* of the finite values; 0 without any */
  uint32_t bins[LW_DISTRIBUTION_BINS];
} LwDistribution;

/* The root of the mean square: a norm is this times √count. */
double lw_distribution_rms (const LwDistribution *distribution);
/* The share of the finite values between two ends, as if each bin were even in itself. */
double lw_distribution_share (const LwDistribution *distribution, double from, double to);
/* The least x such that at most a share `outside` of the values has |value| > x, to a bin. */
double lw_distribution_reach (const LwDistribution *distribution, double outside);
/* Whether the numbers can be those of values: for what comes from a file. */
bool lw_distribution_is_sound (const LwDistribution *distribution);

#define LW_TALLY_BINS 1024

/* A plain value. The fine bins cover [−reach, reach]; one more has the values that are `reach`. */
typedef struct {
  LwOp op; /* whose values: decides `flat` and where the axis ends at least */
  int64_t count, not_finite, flat;
  double sum, squares;
  float min, max, reach;
  uint32_t fine[LW_TALLY_BINS + 1];
} LwTally;

void lw_tally_begin (LwTally *tally, LwOp op);
void lw_tally_add (LwTally *tally, const float *values, int64_t n);
/* All but the units. */
void lw_tally_end (const LwTally *tally, LwDistribution *ret_distribution);

/* How far each unit's values reach: `lows` and `highs` begin as +∞ and −∞, [units]. `values`:
 * [n][units][places]. NaN counts for nothing. */
void lw_units_add (const float *values, int32_t n, int32_t units, int64_t places, float *lows,
                   float *highs);
int32_t lw_units_dead (LwOp op, int32_t units, const float *lows, const float *highs);

G_END_DECLS
