/* Weights to points and back: U = G g Gᵀ and dg = Gᵀ dU G, for 16 × 16 channels at a time. */
#include "kernels/cpu/winograd_1d.h"

#include <string.h>

static inline int
present (int channels, int panel)
{
  const int left = channels - panel * LW_PANEL;

  return left < LW_PANEL ? left : LW_PANEL;
}

/* Input channels after the present one whose numbers memory is asked for. Points and taps lie far
 * apart, so that the processor does not see by itself what comes next. */
enum { AHEAD = 3 };

/* 16 × 16 channels: which tap of the whole kernel is number [a][b] of [r][r], -1 where it is none,
 * of which input and output channels from the first, and at how many points they have values. */
typedef struct {
  int taps[5][5];
  int in, out, inputs, outputs; /* first channels, and how many there are */
  int rows, columns;            /* points */
} Block;

/* A phase's number a of 2, down or across: taps 0 and 2, or tap 1 alone. */
static int
tap_of (const LwWinogradPlan *plan, bool turned, bool odd, int a)
{
  if (plan->window == plan->kernel)
    return turned ? plan->kernel - 1 - a : a;
  if (odd)
    return a == 0 ? 1 : -1;
  return turned ? 2 - 2 * a : 2 * a;
}

static Block
block_of (const LwWinogradPlan *plan, bool turned, int in, int out)
{
  const int in_panels = plan->in_panels / plan->in_phases;
  const int out_panels = plan->out_panels / plan->out_phases;
  const LwWinogradPhase phase = plan->out_phases > 1
                                    ? lw_winograd_phase (plan->out_phases, out / out_panels)
                                    : lw_winograd_phase (plan->in_phases, in / in_panels);
  Block block = { .in = in % in_panels * LW_PANEL,
                  .out = out % out_panels * LW_PANEL,
                  .inputs = present (plan->in_c, in % in_panels),
                  .outputs = present (plan->out_c, out % out_panels),
                  .rows = plan->m_y + plan->kernel - 1 - phase.odd_y,
                  .columns = plan->m_x + plan->kernel - 1 - phase.odd_x };

  for (int a = 0; a < plan->kernel; a++)
    for (int b = 0; b < plan->kernel; b++) {
      const int row = tap_of (plan, turned, phase.odd_y, a);
      const int column = tap_of (plan, turned, phase.odd_x, b);

      block.taps[a][b] = row < 0 || column < 0 ? -1 : row * plan->window + column;
    }
  return block;
}

/* Copies the weights of a block to weights [r²][16 in][16 out], zeros where there are none. */
static void
gather (const LwWinogradPlan *plan, const Block *block, const float *w, bool turned,
        float (*weights)[LW_PANEL][LW_PANEL])
{
  memset (weights, 0, (size_t)(plan->kernel * plan->kernel) * sizeof *weights);
  for (int number = 0; number < plan->kernel * plan->kernel; number++) {
    const int64_t tap = block->taps[number / plan->kernel][number % plan->kernel];

    if (tap < 0)
      continue;
    if (turned) {
      const float *from = w + (tap * plan->out_c + block->out) * plan->in_c;

      for (int o = 0; o < block->outputs; o++) {
        const float *row = from + (int64_t)o * plan->in_c + block->in;

        __builtin_prefetch (row + LW_PANEL);
        for (int i = 0; i < block->inputs; i++)
          weights[number][i][o] = row[i];
      }
    } else {
      const float *from = w + (tap * plan->in_c + block->in) * plan->out_c;

      for (int i = 0; i < block->inputs; i++) {
        const float *row = from + (int64_t)i * plan->out_c + block->out;

        __builtin_prefetch (row + (int64_t)LW_PANEL * plan->out_c);
        memcpy (weights[number][i], row, (size_t)block->outputs * sizeof (float));
      }
    }
  }
}

/* u [α][α], `step` apart, = G g Gᵀ for each of 16 input channels. */
LW_INLINE void
transform (const LwWinogradTable *down, const LwWinogradTable *across, const Block *block,
           float (*weights)[LW_PANEL][LW_PANEL], LwNumber *u, int64_t step)
{
  const int r = down->r;

  for (int i = 0; i < LW_PANEL; i += LW_FACTORS)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      LwVec half[LW_FACTORS][8][8]; /* [α][r] */

      LW_UNROLL
      for (int k = 0; k < LW_FACTORS; k++)
        LW_UNROLL
      for (int b = 0; b < r; b++) {
        LwVec from[8], to[8];

        LW_UNROLL
        for (int a = 0; a < r; a++)
          from[a] = lw_vec_load (&weights[a * r + b][i + k][lane]);
        lw_winograd_apply (lw_winograd_g (down), to, from);
        LW_UNROLL
        for (int a = 0; a < down->alpha; a++)
          half[k][a][b] = to[a];
      }
      LW_UNROLL
      for (int a = 0; a < down->alpha; a++) {
        LwVec to[LW_FACTORS][8];

        LW_UNROLL
        for (int k = 0; k < LW_FACTORS; k++)
          lw_winograd_apply (lw_winograd_g (across), to[k], half[k][a]);
        LW_UNROLL
        for (int b = 0; b < across->alpha; b++)
          if (a < block->rows && b < block->columns)
            lw_winograd_store (u + (a * across->alpha + b) * step + i * LW_PANEL + lane, to[0][b],
                               to[LW_FACTORS - 1][b], true);
      }
    }
}

void
LW_CPU (winograd_weights) (const LwWinogradPlan *plan, const float *w, bool turned, int in, int out,
                           LwNumber *u)
{
  const Block block = block_of (plan, turned, in, out);
  float weights[25][LW_PANEL][LW_PANEL] __attribute__ ((aligned (64)));

  gather (plan, &block, w, turned, weights);
  u += ((int64_t)out * plan->in_panels + in) * LW_PANEL * LW_PANEL;
#define TRANSFORM(down, across) transform (down, across, &block, weights, u, plan->weight_step)
  LW_WINOGRAD_SWITCH (plan, TRANSFORM)
}

/* The block's taps of dw, `tap` numbers apart, += Gᵀ (Σ du) G for one input channel. Chunks are
 * summed in their order. */
LW_INLINE void
transform_back (const LwWinogradTable *down, const LwWinogradTable *across,
                const LwWinogradPlan *plan, const Block *block, const float *du, float *dw,
                int64_t tap)
{
  const int r = down->r;

  for (int lane = 0; lane < block->outputs; lane += LW_LANES) {
    const int left = block->outputs - lane < LW_LANES ? block->outputs - lane : LW_LANES;
    LwVec half[8][8]; /* [r][α] */

    LW_UNROLL
    for (int b = 0; b < across->alpha; b++) {
      LwVec from[8], to[8];

      LW_UNROLL
      for (int a = 0; a < down->alpha; a++)
        from[a] = a < block->rows && b < block->columns
                      ? lw_vec_load (du + (a * across->alpha + b) * plan->weight_step + lane)
                      : (LwVec){ 0 };
      LW_UNROLL
      for (int a = 0; a < down->alpha; a++)
        __builtin_prefetch (du + (a * across->alpha + b) * plan->weight_step + AHEAD * LW_PANEL);
      for (int64_t chunk = 1; chunk < plan->chunks; chunk++) {
        const float *more = du + chunk * plan->weights + b * plan->weight_step + lane;

        LW_UNROLL
        for (int a = 0; a < down->alpha; a++)
          if (a < block->rows && b < block->columns)
            from[a] += lw_vec_load (more + a * across->alpha * plan->weight_step);
      }
      lw_winograd_apply_transposed (lw_winograd_g (down), to, from);
      LW_UNROLL
      for (int a = 0; a < r; a++)
        half[a][b] = to[a];
    }
    for (int a = 0; a < r; a++) {
      LwVec to[8];

      lw_winograd_apply_transposed (lw_winograd_g (across), to, half[a]);
      for (int b = 0; b < r; b++) {
        float *at = dw + block->taps[a][b] * tap + lane;

        if (block->taps[a][b] < 0)
          continue;
        __builtin_prefetch (at + (int64_t)AHEAD * plan->out_c, 1);
        if (left == LW_LANES)
          lw_vec_store (at, lw_vec_load (at) + to[b]);
        else
          for (int o = 0; o < left; o++)
            at[o] += to[b][o];
      }
    }
  }
}

void
LW_CPU (winograd_weight_gradient) (const LwWinogradPlan *plan, const float *du, int in, int out,
                                   float *dw)
{
  const int64_t tap = (int64_t)plan->in_c * plan->out_c;
  const Block block = block_of (plan, false, in, out);

  du += ((int64_t)out * plan->in_panels + in) * LW_PANEL * LW_PANEL;
  dw += (int64_t)block.in * plan->out_c + block.out;
#define TRANSFORM_BACK(down, across) transform_back (down, across, plan, &block, du, dw, tap)
  for (int i = 0; i < block.inputs; i++, du += LW_PANEL, dw += plan->out_c)
    LW_WINOGRAD_SWITCH (plan, TRANSFORM_BACK)
}
