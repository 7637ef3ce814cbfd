/* Pixels to points: V = Bᵀ d B, D = A dY Aᵀ, for one tile and 16 channels at a time. A matrix on
 * both sides is applied to the columns and then to the rows. */
#include "kernels/cpu/winograd_1d.h"

#include <immintrin.h>
#include <string.h>

/* The pixels d [side][side] under a tile, all channels. Rows outside of the image are rows of zeros
 * that do not move from pixel to pixel; so are the columns before left and from right on. With a
 * mask, what it does not have above 0 is zero, too. */
typedef struct {
  const LwNumber *row[8], *mask[8];
  int64_t moves[8]; /* all bits, or none */
  int64_t pixel;    /* numbers from one to the next */
  int left, right;
} Patch;

static const LwNumber outside[LW_PANEL] __attribute__ ((aligned (64)));

/* half [rows][side] = T d for 16 channels from `channel` on; sum += all numbers of d, if wanted. */
LW_INLINE void
transform_columns (LwWinogradMatrix t, int side, const Patch *d, int64_t channel, bool masked,
                   float *half, LwVec *sum)
{
  for (int j = 0; j < side; j++)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      const int64_t offset = channel + j * d->pixel;
      LwVec from[8], to[8];

      if (j < d->left || j >= d->right) {
        LW_UNROLL
        for (int i = 0; i < t.rows; i++)
          lw_vec_store (half + (i * side + j) * LW_PANEL + lane, (LwVec){ 0 });
        continue;
      }
      LW_UNROLL
      for (int i = 0; i < t.columns; i++) {
        from[i] = lw_load (d->row[i] + (offset & d->moves[i]) + lane);
        if (masked) {
          const LwVecBits counts = lw_load (d->mask[i] + (offset & d->moves[i]) + lane) > 0;

          from[i] = (LwVec)((LwVecBits)from[i] & counts);
        }
        if (sum)
          *sum += from[i];
      }
      lw_winograd_apply (t, to, from);
      LW_UNROLL
      for (int i = 0; i < t.rows; i++)
        lw_vec_store (half + (i * side + j) * LW_PANEL + lane, to[i]);
    }
}

/* out [α][α], `step` numbers apart, = T d Tᵀ for 16 channels from `channel` on of LW_FACTORS tiles;
 * T is Bᵀ or A, down and across the image; `paired` as in winograd_stages.h; sum += all numbers of
 * d, if wanted. */
LW_INLINE void
transform (LwWinogradMatrix down, LwWinogradMatrix across, LwWinogradPoints points, const Patch *d,
           int64_t channel, bool masked, LwNumber *out, int64_t step, bool paired, LwVec *sum)
{
  const int side = across.columns;
  float half[LW_FACTORS][64 * LW_PANEL] __attribute__ ((aligned (64)));

  for (int k = 0; k < LW_FACTORS; k++)
    transform_columns (down, side, &d[k], channel, masked, half[k], sum);
  for (int i = 0; i < points.rows; i++)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      LwVec to[LW_FACTORS][8];

      LW_UNROLL
      for (int k = 0; k < LW_FACTORS; k++) {
        LwVec from[8];

        LW_UNROLL
        for (int j = 0; j < side; j++)
          from[j] = lw_vec_load (half[k] + (i * side + j) * LW_PANEL + lane);
        lw_winograd_apply (across, to[k], from);
      }
      LW_UNROLL
      for (int j = 0; j < across.rows; j++)
        if (j < points.columns)
          lw_winograd_store (out + (i * across.rows + j) * step + lane, to[0][j],
                             to[LW_FACTORS - 1][j], paired);
    }
}

/* Copies `channels` channels of the patch, the mask applied, to [rows][columns][16], zeros behind.
 */
static Patch
gather (const Patch *patch, int64_t channel, int channels, int rows, int columns, LwNumber *to)
{
  Patch copied = { .pixel = LW_PANEL, .right = columns };

  memset (to, 0, (size_t)(rows * columns) * LW_PANEL * sizeof *to);
  for (int i = 0; i < rows; i++) {
    copied.row[i] = to + i * columns * LW_PANEL;
    copied.moves[i] = -1;
    for (int j = patch->left; j < patch->right && patch->moves[i]; j++) {
      const int64_t from = channel + j * patch->pixel;

      for (int c = 0; c < channels; c++)
        if (!patch->mask[i] || lw_number (patch->mask[i][from + c]) > 0)
          to[(i * columns + j) * LW_PANEL + c] = patch->row[i][from + c];
    }
  }
  return copied;
}

typedef struct {
  int h, w, c, padding, phases;
  int64_t stride;
} Image;

static Patch
patch_at (Image image, LwWinogradPhase phase, LwWinogradSource source, LwWinogradTile tile,
          int rows, int columns)
{
  const LwNumber *pixels = source.pixels, *mask = source.mask;
  const int step = image.phases > 1 ? 2 : 1;
  const int y = step * tile.y - image.padding + phase.odd_y;
  const int x = step * tile.x - image.padding + phase.odd_x;
  Patch patch = { .pixel = step * image.stride };

  patch.left = lw_winograd_count (x, 0, step, columns);
  patch.right = lw_winograd_count (x, image.w, step, columns);
  for (int i = 0; i < rows; i++) {
    const int row = y + step * i;
    const int64_t at = ((tile.n * image.h + row) * image.w + x) * image.stride;
    const bool inside = row >= 0 && row < image.h;

    patch.row[i] = inside ? pixels + at : outside;
    patch.mask[i] = inside && mask ? mask + at : mask ? outside : NULL;
    patch.moves[i] = inside ? -1 : 0;
  }
  return patch;
}

/* A tile behind the last one. */
static Patch
no_patch (LwWinogradSource source, int rows)
{
  Patch patch = { 0 };

  for (int i = 0; i < rows; i++) {
    patch.row[i] = outside;
    patch.mask[i] = source.mask ? outside : NULL;
  }
  return patch;
}

/* The panels from … to − 1 of each phase. */
LW_INLINE void
transform_tiles (const LwWinogradPlan *plan, LwWinogradMatrix down, LwWinogradMatrix across,
                 LwWinogradSource source, Image image, int64_t first, int64_t count, int from,
                 int to, LwNumber *v, int64_t step, bool paired, float *sums)
{
  const int rows = down.columns, columns = across.columns;
  LwNumber copy[LW_FACTORS][64 * LW_PANEL] __attribute__ ((aligned (64)));

  for (int64_t number = 0; number < lw_winograd_divide_up (count, LW_FACTORS) * image.phases;
       number++) {
    const int64_t i = number / image.phases * LW_FACTORS;
    const int phase_number = (int)(number % image.phases);
    const LwWinogradPhase phase = lw_winograd_phase (image.phases, phase_number);
    const LwWinogradPoints points = lw_winograd_points (phase, down.rows, across.rows);
    Patch patch[LW_FACTORS];

    for (int k = 0; k < LW_FACTORS; k++)
      patch[k] = i + k < count ? patch_at (image, phase, source,
                                           lw_winograd_tile (plan, first + i + k), rows, columns)
                               : no_patch (source, rows);
    for (int panel = from; panel < to; panel++) {
      const int channel = panel * LW_PANEL, channels = image.c - channel;
      LwNumber *out = v + ((phase_number * to + panel) * plan->group + i) * LW_PANEL;
      LwVec sum = { 0 }, *wanted = sums ? &sum : NULL;

      if (channels < LW_PANEL) {
        Patch copied[LW_FACTORS];

        for (int k = 0; k < LW_FACTORS; k++)
          copied[k] = gather (&patch[k], channel, channels, rows, columns, copy[k]);
        transform (down, across, points, copied, 0, false, out, step, paired, wanted);
      } else if (source.mask)
        transform (down, across, points, patch, channel, true, out, step, paired, wanted);
      else
        transform (down, across, points, patch, channel, false, out, step, paired, wanted);
      if (wanted)
        lw_vec_store (sums + channel, lw_vec_load (sums + channel) + sum);
    }
  }
}

void
LW_CPU (winograd_input) (const LwWinogradPlan *plan, LwWinogradSource in, int64_t first,
                         int64_t count, bool paired, LwNumber *v)
{
  const Image image = { plan->in_h,    plan->in_w,      plan->in_c,
                        plan->padding, plan->in_phases, plan->in_stride };

#define INPUT(down, across)                                                                        \
  transform_tiles (plan, lw_winograd_bt (down), lw_winograd_bt (across), in, image, first, count,  \
                   0, plan->in_panels / plan->in_phases, v, plan->in_step, paired, NULL)
  LW_WINOGRAD_SWITCH (plan, INPUT)
}

void
LW_CPU (winograd_gradient) (const LwWinogradPlan *plan, LwWinogradSource out, int64_t first,
                            int64_t count, int from, int to, LwNumber *d, float *sums)
{
  const Image image = { plan->out_h, plan->out_w, plan->out_c, 0, 1, plan->out_stride };

#define GRADIENT(down, across)                                                                     \
  transform_tiles (plan, lw_winograd_a (down), lw_winograd_a (across), out, image, first, count,   \
                   from, to, d, plan->out_step, true, sums)
  LW_WINOGRAD_SWITCH (plan, GRADIENT)
}
