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

/* Copies 16 × 16 channels of all weights to block [kernel²][16 in][16 out], zeros beyond the last.
 */
static void
gather (const LwWinogradPlan *plan, const float *w, bool turned, int in, int out,
        float (*block)[LW_PANEL][LW_PANEL])
{
  const int taps = plan->kernel * plan->kernel;
  const int inputs = present (plan->in_c, in), outputs = present (plan->out_c, out);

  memset (block, 0, (size_t)taps * sizeof *block);
  for (int tap = 0; tap < taps; tap++)
    if (turned) {
      const float *from =
          w + ((int64_t)(taps - 1 - tap) * plan->out_c + out * LW_PANEL) * plan->in_c;

      for (int o = 0; o < outputs; o++) {
        const float *row = from + (int64_t)o * plan->in_c + in * LW_PANEL;

        __builtin_prefetch (row + LW_PANEL);
        for (int i = 0; i < inputs; i++)
          block[tap][i][o] = row[i];
      }
    } else {
      const float *from = w + ((int64_t)tap * plan->in_c + in * LW_PANEL) * plan->out_c;

      for (int i = 0; i < inputs; i++) {
        const float *row = from + (int64_t)i * plan->out_c + out * LW_PANEL;

        __builtin_prefetch (row + (int64_t)LW_PANEL * plan->out_c);
        memcpy (block[tap][i], row, (size_t)outputs * sizeof (float));
      }
    }
}

/* u [α][α], `step` apart, = G g Gᵀ for each of 16 input channels. */
LW_INLINE void
transform (const LwWinogradTable *down, const LwWinogradTable *across,
           float (*block)[LW_PANEL][LW_PANEL], LwNumber *u, int64_t step)
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
          from[a] = lw_vec_load (&block[a * r + b][i + k][lane]);
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
          lw_winograd_store (u + (a * across->alpha + b) * step + i * LW_PANEL + lane, to[0][b],
                             to[LW_FACTORS - 1][b], true);
      }
    }
}

void
LW_CPU (winograd_weights) (const LwWinogradPlan *plan, const float *w, bool turned, int in, int out,
                           LwNumber *u)
{
  float block[25][LW_PANEL][LW_PANEL] __attribute__ ((aligned (64)));

  gather (plan, w, turned, in, out, block);
  u += ((int64_t)out * plan->in_panels + in) * LW_PANEL * LW_PANEL;
#define TRANSFORM(down, across) transform (down, across, block, u, plan->weight_step)
  LW_WINOGRAD_SWITCH (plan, TRANSFORM)
}

/* dw [r][r], `tap` numbers apart, += Gᵀ (Σ du) G for one input channel and `outputs` of 16 output
 * channels. Chunks are summed in their order. */
LW_INLINE void
transform_back (const LwWinogradTable *down, const LwWinogradTable *across,
                const LwWinogradPlan *plan, const float *du, float *dw, int64_t tap, int outputs)
{
  const int r = down->r;

  for (int lane = 0; lane < outputs; lane += LW_LANES) {
    const int left = outputs - lane < LW_LANES ? outputs - lane : LW_LANES;
    LwVec half[8][8]; /* [r][α] */

    LW_UNROLL
    for (int b = 0; b < across->alpha; b++) {
      LwVec from[8], to[8];

      LW_UNROLL
      for (int a = 0; a < down->alpha; a++)
        from[a] = lw_vec_load (du + (a * across->alpha + b) * plan->weight_step + lane);
      LW_UNROLL
      for (int a = 0; a < down->alpha; a++)
        __builtin_prefetch (du + (a * across->alpha + b) * plan->weight_step + AHEAD * LW_PANEL);
      for (int64_t chunk = 1; chunk < plan->chunks; chunk++) {
        const float *more = du + chunk * plan->weights + b * plan->weight_step + lane;

        LW_UNROLL
        for (int a = 0; a < down->alpha; a++)
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
        float *at = dw + (a * r + b) * tap + lane;

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
  const int inputs = present (plan->in_c, in), outputs = present (plan->out_c, out);

  du += ((int64_t)out * plan->in_panels + in) * LW_PANEL * LW_PANEL;
  dw += (int64_t)in * LW_PANEL * plan->out_c + out * LW_PANEL;
#define TRANSFORM_BACK(down, across) transform_back (down, across, plan, du, dw, tap, outputs)
  for (int i = 0; i < inputs; i++, du += LW_PANEL, dw += plan->out_c)
    LW_WINOGRAD_SWITCH (plan, TRANSFORM_BACK)
}
