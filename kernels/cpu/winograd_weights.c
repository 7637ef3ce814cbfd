/* Weights to points and back: U = G g Gᵀ and dg = Gᵀ dU G, for 16 × 16 channels at a time. */
#include "kernels/cpu/winograd_1d.h"

#include <string.h>

static inline int
present (int channels, int panel)
{
  const int left = channels - panel * LW_PANEL;

  return left < LW_PANEL ? left : LW_PANEL;
}

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

      for (int o = 0; o < outputs; o++)
        for (int i = 0; i < inputs; i++)
          block[tap][i][o] = from[(int64_t)o * plan->in_c + in * LW_PANEL + i];
    } else {
      const float *from = w + ((int64_t)tap * plan->in_c + in * LW_PANEL) * plan->out_c;

      for (int i = 0; i < inputs; i++)
        memcpy (block[tap][i], from + (int64_t)i * plan->out_c + out * LW_PANEL,
                (size_t)outputs * sizeof (float));
    }
}

/* u [α][α], `step` apart, = G g Gᵀ for each of 16 input channels. */
LW_INLINE void
transform (const LwWinogradTable *t, float (*block)[LW_PANEL][LW_PANEL], float *u, int64_t step)
{
  for (int i = 0; i < LW_PANEL; i++)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      LwVec half[8][8]; /* [α][r] */

      LW_UNROLL
      for (int b = 0; b < t->r; b++) {
        LwVec from[8], to[8];

        LW_UNROLL
        for (int a = 0; a < t->r; a++)
          from[a] = lw_vec_load (&block[a * t->r + b][i][lane]);
        lw_winograd_apply (t->g, t->alpha, t->r, t->pairs, to, from);
        LW_UNROLL
        for (int a = 0; a < t->alpha; a++)
          half[a][b] = to[a];
      }
      LW_UNROLL
      for (int a = 0; a < t->alpha; a++) {
        LwVec to[8];

        lw_winograd_apply (t->g, t->alpha, t->r, t->pairs, to, half[a]);
        LW_UNROLL
        for (int b = 0; b < t->alpha; b++)
          lw_vec_store (u + (a * t->alpha + b) * step + i * LW_PANEL + lane, to[b]);
      }
    }
}

#define TABLE(variant) (&lw_winograd_tables[LW_WINOGRAD_##variant])

void
LW_CPU (winograd_weights) (const LwWinogradPlan *plan, const float *w, bool turned, int in, int out,
                           float *u)
{
  float block[25][LW_PANEL][LW_PANEL] __attribute__ ((aligned (64)));

  gather (plan, w, turned, in, out, block);
  u += ((int64_t)out * plan->in_panels + in) * LW_PANEL * LW_PANEL;
  switch (plan->variant) {
  case LW_WINOGRAD_F63:
    transform (TABLE (F63), block, u, plan->weight_step);
    break;
  case LW_WINOGRAD_F43:
    transform (TABLE (F43), block, u, plan->weight_step);
    break;
  case LW_WINOGRAD_F33:
    transform (TABLE (F33), block, u, plan->weight_step);
    break;
  default:
    transform (TABLE (F45), block, u, plan->weight_step);
  }
}

/* dw [r][r], `tap` numbers apart, += Gᵀ (Σ du) G for one input channel and `outputs` of 16 output
 * channels. Chunks are summed in their order. */
LW_INLINE void
transform_back (const LwWinogradTable *t, const LwWinogradPlan *plan, const float *du, float *dw,
                int64_t tap, int outputs)
{
  for (int lane = 0; lane < outputs; lane += LW_LANES) {
    const int left = outputs - lane < LW_LANES ? outputs - lane : LW_LANES;
    LwVec half[8][8]; /* [r][α] */

    LW_UNROLL
    for (int b = 0; b < t->alpha; b++) {
      LwVec from[8], to[8];

      LW_UNROLL
      for (int a = 0; a < t->alpha; a++)
        from[a] = lw_vec_load (du + (a * t->alpha + b) * plan->weight_step + lane);
      for (int64_t chunk = 1; chunk < plan->chunks; chunk++) {
        const float *more = du + chunk * plan->weights + b * plan->weight_step + lane;

        LW_UNROLL
        for (int a = 0; a < t->alpha; a++)
          from[a] += lw_vec_load (more + a * t->alpha * plan->weight_step);
      }
      lw_winograd_apply_transposed (t->g, t->alpha, t->r, t->pairs, to, from);
      LW_UNROLL
      for (int a = 0; a < t->r; a++)
        half[a][b] = to[a];
    }
    for (int a = 0; a < t->r; a++) {
      LwVec to[8];

      lw_winograd_apply_transposed (t->g, t->alpha, t->r, t->pairs, to, half[a]);
      for (int b = 0; b < t->r; b++) {
        float *at = dw + (a * t->r + b) * tap + lane;

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
  for (int i = 0; i < inputs; i++, du += LW_PANEL, dw += plan->out_c)
    switch (plan->variant) {
    case LW_WINOGRAD_F63:
      transform_back (TABLE (F63), plan, du, dw, tap, outputs);
      break;
    case LW_WINOGRAD_F43:
      transform_back (TABLE (F43), plan, du, dw, tap, outputs);
      break;
    case LW_WINOGRAD_F33:
      transform_back (TABLE (F33), plan, du, dw, tap, outputs);
      break;
    default:
      transform_back (TABLE (F45), plan, du, dw, tap, outputs);
    }
}
