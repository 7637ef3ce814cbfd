/* What dropout is in every layout. Private to this folder. */
#pragma once

#include "engine/rng.h"
#include "kernels/cpu/kernels.h"

G_BEGIN_DECLS

/* Positions count in the whole batch, where processes share one. */
enum { LW_DROPOUT_DRAWN = 1024 };

/* keep[LW_DROPOUT_DRAWN] of positions first, first + 1, …, 1: kept; first is a multiple of four. */
void LW_CPU (dropout_draw) (const LwStream *stream, uint64_t first, uint32_t threshold,
                            uint8_t *keep);

static inline LwStream
lw_dropout_stream (const LwStep *step)
{
  return lw_stream (step->seed, LW_STREAM_DROPOUT, (uint32_t)step->id, (uint32_t)step->iteration);
}

static inline bool
lw_dropout_drops (const LwStep *step)
{
  return step->training && step->node->dropout > 0;
}

/* The smallest 24-bit number m for which m · 2⁻²⁴ ≥ p, exactly as the comparison of floats: numbers
 * from it on are kept. */
static inline uint32_t
lw_dropout_threshold (const LwStep *step)
{
  const float scaled = step->node->dropout * 0x1p24f;
  const uint32_t whole = (uint32_t)scaled;

  return whole + ((float)whole < scaled);
}

G_END_DECLS
