/* The matrix products at the α² points, where nearly all of the time goes.
 *
 *   forward          s[t, o]  = Σ_c v[t, c] · u[c, o]
 *   weight gradient  du[c, o] = Σ_t v[t, c] · d[t, o]
 *
 * A micro-kernel keeps a block of sums in registers; each step reads one row of 16 or 32 numbers
 * and multiplies it by one number a row of the block. Operands lie in the order in which they are
 * read, so that nothing is copied first. With bfloat16 a step takes two channels, or two tiles.
 * (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008.)
 */
#include "kernels/cpu/winograd_ahead.h"

/* Vectors' places are aligned. */
LW_INLINE LwVec
load (const LwNumber *at)
{
  return *(const LwVec __attribute__ ((may_alias)) *)at;
}

/* s [wide][rows][16], panels `s_panel` apart, = v [panels][rows][16] · u [wide][16 · panels][16].
 */
LW_INLINE void
multiply (int rows, int wide, int panels, const LwNumber *v, int64_t v_panel, const LwNumber *u,
          int64_t u_panel, float *s, int64_t s_panel)
{
  LwVec sum[LW_TALL][LW_WIDE * LW_VECS];

  LW_UNROLL
  for (int i = 0; i < rows; i++)
    LW_UNROLL
  for (int h = 0; h < wide * LW_VECS; h++)
    sum[i][h] = (LwVec){ 0 };

  for (int panel = 0; panel < panels; panel++, v += v_panel, u += LW_PANEL * LW_PANEL)
    LW_UNROLL_SOME
  for (int c = 0; c < LW_PANEL; c += LW_FACTORS) {
    LwVec row[LW_WIDE * LW_VECS];

    LW_UNROLL
    for (int h = 0; h < wide * LW_VECS; h++)
      row[h] = load (u + h / LW_VECS * u_panel + c * LW_PANEL + h % LW_VECS * LW_LANES);
    LW_UNROLL
    for (int i = 0; i < rows; i++)
      LW_UNROLL
    for (int h = 0; h < wide * LW_VECS; h++)
      sum[i][h] = lw_winograd_add (sum[i][h], v + i * LW_PANEL + c, row[h]);
  }

  LW_UNROLL
  for (int i = 0; i < rows; i++)
    LW_UNROLL
  for (int h = 0; h < wide * LW_VECS; h++)
    *(LwVec *)(s + h / LW_VECS * s_panel + i * LW_PANEL + h % LW_VECS * LW_LANES) = sum[i][h];
}

#define MICRO_KERNEL(name, rows, wide)                                                             \
  static __attribute__ ((noinline)) void name (int panels, const LwNumber *v, int64_t v_panel,     \
                                               const LwNumber *u, int64_t u_panel, float *s,       \
                                               int64_t s_panel)                                    \
  {                                                                                                \
    multiply (rows, wide, panels, v, v_panel, u, u_panel, s, s_panel);                             \
  }

MICRO_KERNEL (multiply_tall, LW_TALL, LW_WIDE)
MICRO_KERNEL (multiply_short, LW_SHORT, LW_WIDE)
#if LW_WIDE > 1
MICRO_KERNEL (multiply_tall_narrow, LW_TALL, 1)
MICRO_KERNEL (multiply_short_narrow, LW_SHORT, 1)
#endif

/* The output panels from … to − 1 that have values at a point. */
static LwWinogradPanels
out_panels (const LwWinogradPlan *plan, int point, int from, int to)
{
  LwWinogradPanels panels = lw_winograd_panels (plan, point, plan->out_panels, plan->out_phases);

  panels.from = panels.from < from ? from : panels.from;
  panels.to = panels.to > to ? to : panels.to;
  return panels;
}

/* Into how many shares what is asked for is divided: one for each block of columns. */
static int64_t
shares_of (const LwWinogradPlan *plan, int from, int to)
{
  int64_t shares = 0;

  for (int point = 0; point < plan->points; point++) {
    const LwWinogradPanels out = out_panels (plan, point, from, to);

    shares += out.from < out.to ? (out.to - out.from + LW_WIDE - 1) / LW_WIDE : 0;
  }
  return shares;
}

void
LW_CPU (winograd_product) (const LwWinogradPlan *plan, const LwNumber *v, const LwNumber *u,
                           int64_t count, int from, int to, float *s,
                           const LwWinogradAhead ahead[LW_AHEAD])
{
  const int64_t v_panel = plan->group * LW_PANEL;
  const int64_t u_panel = (int64_t)plan->in_panels * LW_PANEL * LW_PANEL;
  const int64_t shares = shares_of (plan, from, to);
  int64_t share = 0;

  for (int point = 0; point < plan->points; point++) {
    const LwWinogradPanels in = lw_winograd_panels (plan, point, plan->in_panels, plan->in_phases);
    const LwWinogradPanels out = out_panels (plan, point, from, to);

    for (int panel = out.from; panel < out.to; panel += LW_WIDE) {
      const LwNumber *rows = v + point * plan->in_step + in.from * v_panel;
      const LwNumber *columns =
          u + point * plan->weight_step + panel * u_panel + (int64_t)in.from * LW_PANEL * LW_PANEL;
      float *sums = s + point * plan->out_step + panel * v_panel;
      int64_t done = 0;

      for (int i = 0; i < LW_AHEAD; i++)
        lw_winograd_ask (plan, &ahead[i], share, shares);
      share++;
      while (done < count) {
        const bool is_short = lw_winograd_block (count - done, LW_TALL, LW_SHORT) == LW_SHORT;
        const LwNumber *at = rows + done * LW_PANEL;
        float *result = sums + done * LW_PANEL;

#if LW_WIDE > 1
        if (panel + LW_WIDE > out.to)
          (is_short ? multiply_short_narrow : multiply_tall_narrow) (
              in.to - in.from, at, v_panel, columns, u_panel, result, v_panel);
        else
#endif
          (is_short ? multiply_short : multiply_tall) (in.to - in.from, at, v_panel, columns,
                                                       u_panel, result, v_panel);
        done += is_short ? LW_SHORT : LW_TALL;
      }
    }
  }
}

/* du [wide][depth][16], panels `du_panel` apart, = or += vᵀ d over `count` tiles. */
LW_INLINE void
multiply_outer (int depth, int wide, int64_t count, const LwNumber *v, const LwNumber *d,
                int64_t d_panel, float *du, int64_t du_panel, bool add)
{
  LwVec sum[LW_DEPTH][LW_WIDE * LW_VECS];

  LW_UNROLL
  for (int i = 0; i < depth; i++)
    LW_UNROLL
  for (int h = 0; h < wide * LW_VECS; h++)
    sum[i][h] = (LwVec){ 0 };

  LW_UNROLL_SOME
  for (int64_t tile = 0; tile < count; tile += LW_FACTORS) {
    LwVec row[LW_WIDE * LW_VECS];

    LW_UNROLL
    for (int h = 0; h < wide * LW_VECS; h++)
      row[h] = load (d + h / LW_VECS * d_panel + tile * LW_PANEL + h % LW_VECS * LW_LANES);
    LW_UNROLL
    for (int i = 0; i < depth; i++)
      LW_UNROLL
    for (int h = 0; h < wide * LW_VECS; h++)
      sum[i][h] = lw_winograd_add (sum[i][h], v + tile * LW_PANEL + i * LW_FACTORS, row[h]);
  }

  LW_UNROLL
  for (int i = 0; i < depth; i++)
    LW_UNROLL
  for (int h = 0; h < wide * LW_VECS; h++) {
    LwVec *at = (LwVec *)(du + h / LW_VECS * du_panel + i * LW_PANEL + h % LW_VECS * LW_LANES);

    *at = add ? *at + sum[i][h] : sum[i][h];
  }
}

#define OUTER_MICRO_KERNEL(name, depth, wide)                                                      \
  static __attribute__ ((noinline)) void name (int64_t count, const LwNumber *v,                   \
                                               const LwNumber *d, int64_t d_panel, float *du,      \
                                               int64_t du_panel, bool add)                         \
  {                                                                                                \
    multiply_outer (depth, wide, count, v, d, d_panel, du, du_panel, add);                         \
  }

/* A panel's 16 input channels are 8 + 8, or 6 + 6 + 4 rows. */
OUTER_MICRO_KERNEL (outer_deep, LW_DEPTH, LW_WIDE)
#if LW_WIDE > 1
OUTER_MICRO_KERNEL (outer_deep_narrow, LW_DEPTH, 1)
#else
OUTER_MICRO_KERNEL (outer_rest, LW_PANEL % LW_DEPTH, LW_WIDE)
#endif

void
LW_CPU (winograd_outer_product) (const LwWinogradPlan *plan, const LwNumber *v, const LwNumber *d,
                                 int64_t count, int from, int to, bool add, float *du,
                                 const LwWinogradAhead ahead[LW_AHEAD])
{
  const int64_t panel_size = plan->group * LW_PANEL;
  const int64_t du_panel = (int64_t)plan->in_panels * LW_PANEL * LW_PANEL;
  const int64_t shares = shares_of (plan, from, to);
  int64_t share = 0;

  for (int point = 0; point < plan->points; point++) {
    const LwWinogradPanels inputs =
        lw_winograd_panels (plan, point, plan->in_panels, plan->in_phases);

    for (int panel = from; panel < to; panel += LW_WIDE) {
      const LwNumber *columns = d + point * plan->out_step + panel * panel_size;

      for (int i = 0; i < LW_AHEAD; i++)
        lw_winograd_ask (plan, &ahead[i], share, shares);
      share++;

      for (int in = inputs.from; in < inputs.to; in++) {
        const LwNumber *rows = v + point * plan->in_step + in * panel_size;
        float *sums = du + point * plan->weight_step + panel * du_panel + in * LW_PANEL * LW_PANEL;

#if LW_WIDE > 1
        for (int c = 0; c < LW_PANEL; c += LW_DEPTH)
          (panel + LW_WIDE > to ? outer_deep_narrow
                                : outer_deep) (count, rows + c * LW_FACTORS, columns, panel_size,
                                               sums + c * LW_PANEL, du_panel, add);
#else
        for (int c = 0; c < LW_PANEL; c += LW_DEPTH)
          (c + LW_DEPTH > LW_PANEL ? outer_rest : outer_deep) (count, rows + c * LW_FACTORS,
                                                               columns, panel_size,
                                                               sums + c * LW_PANEL, du_panel, add);
#endif
      }
    }
  }
}
