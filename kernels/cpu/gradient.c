/* The weight gradient: a long sum over all positions of the window, of products that are only as
 * large as the weights. Strips of 16 columns of the patches are divided among the threads, so that
 * each packs only what it needs; where there are few strips, the positions are divided too, into
 * slices whose number follows from the shapes alone, each with sums of its own that are added up in
 * order in the end. */
#include "kernels/cpu/gemm.h"

#include <string.h>

enum {
  GROUP = 8,  /* strips of an item */
  ITEMS = 32, /* at least, if there are enough rows */
};

typedef struct {
  const LwGradient *gradient;
  int64_t rows, depth, columns;
  int64_t block; /* rows that are packed at once */
  int64_t groups, slices;
  int64_t blocks;      /* of all rows */
  size_t bias_size;    /* numbers, of the sums of dbias: [slices][columns], in double precision */
  size_t partial_size; /* numbers, of a slice's sums of dw; one slice needs none of its own */
  size_t scratch_size; /* numbers, of a thread */
} Division;

static Division
divide (const LwGradient *gradient)
{
  Division d = { .gradient = gradient,
                 .rows = lw_patches_rows (&gradient->patches),
                 .depth = lw_patches_depth (&gradient->patches),
                 .columns = gradient->columns };

  d.block = CLAMP (65536 / d.columns / 8 * 8, 64, 256);
  d.blocks = (d.rows + d.block - 1) / d.block;
  d.groups = (lw_strips (d.depth) + GROUP - 1) / GROUP;
  d.slices = CLAMP ((ITEMS + d.groups - 1) / d.groups, 1, d.blocks);
  d.bias_size = (size_t)(lw_strips (d.slices * d.columns) * LW_STRIP) * 2;
  d.partial_size = d.slices > 1 ? (size_t)(lw_strips (d.depth * d.columns) * LW_STRIP) : 0;
  d.scratch_size = (size_t)(d.block * (GROUP * LW_STRIP + lw_panels_width (d.columns)));
  return d;
}

size_t
LW_CPU (gradient_workspace) (const LwDevice *device, const LwGradient *gradient)
{
  const Division d = divide (gradient);

  return sizeof (float) * (d.bias_size + (size_t)d.slices * d.partial_size +
                           (size_t)device->threads * d.scratch_size);
}

/* --- the kernel ------------------------------------------------------------------------------- */

/* sums[rows][vectors] = Σ over n of strip[n][16], `rows` of them, × panel[n][vectors]. */
LW_INLINE void
multiply_strip (int rows, int vectors, const float *strip, const float *panel, int64_t n,
                float *sums)
{
  LwVec sum[8][2];

#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      sum[r][i] = (LwVec){ 0 };

#pragma GCC unroll 4
  for (int64_t k = 0; k < n; k++, strip += LW_STRIP, panel += vectors * LW_LANES) {
    LwVec dy[2];

#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      dy[i] = lw_vec_load (panel + i * LW_LANES);
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
      for (int i = 0; i < vectors; i++)
        sum[r][i] += strip[r] * dy[i];
  }

#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      lw_vec_store (sums + r * LW_PANEL + i * LW_LANES, sum[r][i]);
}

#define MULTIPLY_STRIP(rows, vectors)                                                              \
  static __attribute__ ((noinline)) void multiply_##rows##_##vectors (                             \
      const float *strip, const float *panel, int64_t n, float *sums)                              \
  {                                                                                                \
    multiply_strip (rows, vectors, strip, panel, n, sums);                                         \
  }

/* The sixteen rows of a strip, as many at once as the registers hold. */
#if LW_LANES == 16
MULTIPLY_STRIP (8, 1)
MULTIPLY_STRIP (8, 2)

static void
multiply_all (bool wide, const float *strip, const float *panel, int64_t n, float *sums)
{
  for (int r = 0; r < LW_STRIP; r += 8)
    (wide ? multiply_8_2 : multiply_8_1) (strip + r, panel, n, sums + r * LW_PANEL);
}
#else
MULTIPLY_STRIP (6, 1)
MULTIPLY_STRIP (6, 2)
MULTIPLY_STRIP (4, 1)
MULTIPLY_STRIP (4, 2)

static void
multiply_all (bool wide, const float *strip, const float *panel, int64_t n, float *sums)
{
  for (int r = 0; r < 12; r += 6)
    (wide ? multiply_6_2 : multiply_6_1) (strip + r, panel, n, sums + r * LW_PANEL);
  (wide ? multiply_4_2 : multiply_4_1) (strip + 12, panel, n, sums + 12 * LW_PANEL);
}
#endif

/* --- blocks ----------------------------------------------------------------------------------- */

/* panels [panel][row][width] ← rows of dy; zeros beyond the last column. */
static void
pack_dy (const Division *d, int64_t row, int64_t rows, float *panels)
{
  const float *dy = d->gradient->dy + row * d->columns;

  for (int64_t column = 0; column < d->columns; column += LW_PANEL) {
    const int64_t width = lw_panel_width (d->columns, column);
    const int64_t count = MIN (width, d->columns - column);
    float *panel = panels + column * rows;

    for (int64_t r = 0; r < rows; r++) {
      const float *from = dy + r * d->columns + column;

      if (count == LW_PANEL) {
        for (int i = 0; i < LW_PANEL; i += LW_LANES)
          lw_vec_store (panel + r * LW_PANEL + i, lw_vec_load (from + i));
        continue;
      }
      for (int64_t i = 0; i < width; i++)
        panel[r * width + i] = i < count ? from[i] : 0;
    }
  }
}

/* dbias += Σ of the packed rows: often much less than its parts, hence the double precision. */
static void
add_bias (const Division *d, int64_t rows, const float *panels, double *dbias)
{
  for (int64_t column = 0; column < d->columns; column += LW_PANEL) {
    const int64_t width = lw_panel_width (d->columns, column);
    const int64_t count = MIN (width, d->columns - column);
    const float *panel = panels + column * rows;
    double sum[LW_PANEL] = { 0 };

    for (int64_t r = 0; r < rows; r++)
      for (int64_t i = 0; i < width; i++)
        sum[i] += (double)panel[r * width + i];
    for (int64_t i = 0; i < count; i++)
      dbias[column + i] += sum[i];
  }
}

/* dw, strips of 16 rows from row `first` on, += patchesᵀ · dy of one block. */
static void
add_block (const Division *d, int64_t first, int64_t depth, int64_t rows, const float *patches,
           const float *panels, float *dw)
{
  float sums[LW_STRIP * LW_PANEL] __attribute__ ((aligned (64)));

  for (int64_t column = 0; column < d->columns; column += LW_PANEL) {
    const bool wide = lw_panel_width (d->columns, column) == LW_PANEL;
    const int64_t count = MIN (LW_PANEL, d->columns - column);

    for (int64_t k = 0; k < depth; k += LW_STRIP) {
      float *to = dw + (first + k) * d->columns + column;

      multiply_all (wide, patches + k * d->block, panels + column * rows, rows, sums);
      for (int64_t r = 0; r < MIN (LW_STRIP, depth - k); r++)
        if (count == LW_PANEL)
          for (int64_t i = 0; i < LW_PANEL; i++)
            to[r * d->columns + i] += sums[r * LW_PANEL + i];
        else
          for (int64_t i = 0; i < count; i++)
            to[r * d->columns + i] += sums[r * LW_PANEL + i];
    }
  }
}

static double *
bias_of (const Division *d, int64_t slice)
{
  return (double *)d->gradient->workspace + slice * d->columns;
}

static float *
partial_of (const Division *d, int64_t slice)
{
  return d->gradient->workspace + d->bias_size + (size_t)slice * d->partial_size;
}

/* Item number: slice × groups + group. */
static void
do_items (const void *data, int64_t item, int64_t last, int thread)
{
  const Division *d = data;
  const LwGradient *gradient = d->gradient;
  float *patches = partial_of (d, d->slices) + (size_t)thread * d->scratch_size;
  float *panels = patches + d->block * GROUP * LW_STRIP;

  for (; item < last; item++) {
    const int64_t slice = item / d->groups, group = item % d->groups;
    const int64_t first = group * GROUP * LW_STRIP;
    const int64_t depth = MIN (GROUP * LW_STRIP, d->depth - first);
    float *dw = gradient->dw;
    double *dbias = bias_of (d, slice);

    if (d->slices > 1) {
      dw = partial_of (d, slice);
      memset (dw + first * d->columns, 0, sizeof (float) * (size_t)(depth * d->columns));
    }
    if (group == 0)
      memset (dbias, 0, sizeof (double) * (size_t)d->columns);
    for (int64_t block = d->blocks * slice / d->slices; block < d->blocks * (slice + 1) / d->slices;
         block++) {
      const int64_t row = block * d->block, rows = MIN (d->block, d->rows - row);

      pack_dy (d, row, rows, panels);
      if (group == 0 && gradient->dbias)
        add_bias (d, rows, panels, dbias);
      if (!gradient->dw)
        continue;
      LW_CPU (pack_patches)
      (&gradient->patches, &(LwPatchBlock){ row, rows, first, depth, d->block, patches });
      add_block (d, first, depth, rows, patches, panels, dw);
    }
  }
}

/* Items are rows of dw. */
static void
add_slices (const void *data, int64_t row, int64_t last, int thread)
{
  const Division *d = data;

  (void)thread;
  for (; row < last; row++) {
    float *to = d->gradient->dw + row * d->columns;

    for (int64_t slice = 0; slice < d->slices; slice++) {
      const float *from = partial_of (d, slice) + row * d->columns;

      for (int64_t i = 0; i < d->columns; i++)
        to[i] += from[i];
    }
  }
}

void
LW_CPU (gradient) (LwDevice *device, const LwGradient *gradient)
{
  const Division d = divide (gradient);

  lw_pool_run (device->pool, d.groups * d.slices, do_items, &d);
  if (d.slices > 1 && gradient->dw)
    lw_pool_run (device->pool, d.depth, add_slices, &d);
  for (int64_t i = 0; gradient->dbias && i < d.columns; i++) {
    double sum = 0;

    for (int64_t slice = 0; slice < d.slices; slice++)
      sum += bias_of (&d, slice)[i];
    gradient->dbias[i] += (float)sum;
  }
}
