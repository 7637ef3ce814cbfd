#include "kernels/cpu/gemm.h"

#include <string.h>

/* Most rows of patches that are packed at once, a multiple of LW_TILE. */
enum { BLOCK = 12 * LW_TILE };
/* With fewer rows than this, each thread packs the weights it needs itself, while they are in its
 * cache; with more, they are packed once for all. */
enum { FEW_ROWS = 1024 };
/* Columns of weights that a thread packs for itself at once. */
enum { OWN_COLUMNS = 8 * 32 };

/* How a product is divided. Nothing here changes any sum's order. */
typedef struct {
  const LwProduct *product;
  int64_t rows, depth, columns;
  bool shared;         /* are the weights packed once for all? */
  int64_t block;       /* rows of an item if shared */
  int64_t own;         /* columns of an item if not */
  size_t scratch_size; /* numbers, of a thread */
  size_t weights_size; /* numbers, of the shared weights */
} Division;

static Division
divide (const LwDevice *device, const LwProduct *product)
{
  Division d = { .product = product,
                 .rows = lw_patches_rows (&product->patches),
                 .depth = lw_patches_depth (&product->patches),
                 .columns = product->weights.columns };
  const int64_t wanted = 4 * device->threads; /* items, to end at the same time */
  const int64_t depth = MIN (LW_DEPTH, lw_strips (d.depth) * LW_STRIP);

  d.shared = d.rows >= FEW_ROWS;
  d.block = CLAMP ((d.rows / wanted + LW_TILE - 1) / LW_TILE * LW_TILE, LW_TILE, BLOCK);
  d.own = CLAMP (d.columns / (2 * device->threads) / LW_PANEL * LW_PANEL, LW_PANEL, OWN_COLUMNS);
  if (!d.shared)
    d.block = BLOCK;
  d.scratch_size = (size_t)((d.block + (d.shared ? 0 : d.own)) * depth);
  if (d.shared)
    d.weights_size = (size_t)(lw_panels_width (d.columns) * lw_strips (d.depth) * LW_STRIP);
  return d;
}

size_t
LW_CPU (multiply_workspace) (const LwDevice *device, const LwProduct *product)
{
  const Division d = divide (device, product);
  const size_t depth = (size_t)MIN (LW_DEPTH, lw_strips (d.depth) * LW_STRIP);
  const size_t few = (BLOCK + (size_t)d.own) * depth; /* an incomplete batch may have few rows */

  return sizeof (float) * (d.weights_size + MAX (d.scratch_size, few) * (size_t)device->threads);
}

/* --- packing weights -------------------------------------------------------------------------- */

/* panel[k][width] ← rows first … first + depth − 1 of the matrix, columns from `column` on; zeros
 * beyond the last one. */
static void
pack_plain (const LwWeights *weights, int64_t first, int64_t depth, int64_t column, int64_t width,
            float *panel)
{
  const int64_t count = MIN (width, weights->columns - column);

  for (int64_t k = 0; k < depth; k++) {
    const float *from = weights->w + (first + k) * weights->columns + column;

    if (count == LW_PANEL) {
      for (int i = 0; i < LW_PANEL; i += LW_LANES)
        lw_vec_store (panel + k * LW_PANEL + i, lw_vec_load (from + i));
      continue;
    }
    for (int64_t i = 0; i < width; i++)
      panel[k * width + i] = i < count ? from[i] : 0;
  }
}

static void
pack_turned (const LwWeights *weights, int64_t first, int64_t depth, int64_t column, int64_t width,
             float *panel)
{
  const int64_t count = MIN (width, weights->columns - column);

  for (int64_t k = 0; k < depth;) {
    const int64_t cell = (first + k) / weights->inner, o = (first + k) % weights->inner;
    const int64_t u = weights->first_u - weights->step * (cell / weights->window_w);
    const int64_t v = weights->first_v - weights->step * (cell % weights->window_w);
    const float *from =
        weights->w + ((u * weights->kernel + v) * weights->columns + column) * weights->inner + o;
    const int64_t end = MIN (k + weights->inner - o, depth);

    /* Squares of sixteen, so that neither side leaves the cache. */
    for (; k < end; k += LW_STRIP, from += LW_STRIP) {
      const int64_t square = MIN (LW_STRIP, end - k);

      for (int64_t i = 0; i < width; i++)
        for (int64_t j = 0; j < square; j++)
          panel[(k + j) * width + i] = i < count ? from[i * weights->inner + j] : 0;
    }
    k = end;
  }
}

void
LW_CPU (pack_panel) (const LwWeights *weights, int64_t first, int64_t depth, int64_t column,
                     float *panel)
{
  const int64_t width = lw_panel_width (weights->columns, column);

  (weights->turned ? pack_turned : pack_plain) (weights, first, depth, column, width, panel);
}

/* Items are panels; each is packed for all depths: [block of LW_DEPTH][panel][k][width]. */
static void
pack_panels (const void *data, int64_t first, int64_t last, int thread)
{
  const Division *d = data;
  const int64_t whole = lw_panels_width (d->columns);

  (void)thread;
  for (int64_t panel = first; panel < last; panel++)
    for (int64_t k = 0; k < d->depth; k += LW_DEPTH) {
      const int64_t depth = MIN (LW_DEPTH, d->depth - k);

      LW_CPU (pack_panel)
      (&d->product->weights, k, depth, panel * LW_PANEL,
       d->product->workspace + k * whole + panel * LW_PANEL * depth);
    }
}

/* --- the kernel ------------------------------------------------------------------------------- */

/* sums[LW_TILE][vectors] = patches [strip][row][16] · panel [k][vectors]. `strip`: numbers from a
 * strip to the next. The loops with constant bounds vanish; the sums live in registers. */
LW_INLINE void
multiply_tile (int vectors, const float *patches, int64_t strip, const float *panel, int64_t depth,
               float *sums)
{
  LwVec sum[LW_TILE][2];

#pragma GCC unroll 16
  for (int r = 0; r < LW_TILE; r++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      sum[r][i] = (LwVec){ 0 };

  for (; depth > 0; depth -= LW_STRIP, patches += strip) {
    const int64_t columns = MIN (depth, LW_STRIP);

#pragma GCC unroll 4
    for (int64_t k = 0; k < columns; k++, panel += vectors * LW_LANES) {
      LwVec weight[2];

#pragma GCC unroll 2
      for (int i = 0; i < vectors; i++)
        weight[i] = lw_vec_load (panel + i * LW_LANES);
#pragma GCC unroll 16
      for (int r = 0; r < LW_TILE; r++)
#pragma GCC unroll 2
        for (int i = 0; i < vectors; i++)
          sum[r][i] += patches[r * LW_STRIP + k] * weight[i];
    }
  }

#pragma GCC unroll 16
  for (int r = 0; r < LW_TILE; r++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      lw_vec_store (sums + r * LW_PANEL + i * LW_LANES, sum[r][i]);
}

static __attribute__ ((noinline)) void
multiply_wide (const float *patches, int64_t strip, const float *panel, int64_t depth, float *sums)
{
  multiply_tile (2, patches, strip, panel, depth, sums);
}

static __attribute__ ((noinline)) void
multiply_narrow (const float *patches, int64_t strip, const float *panel, int64_t depth,
                 float *sums)
{
  multiply_tile (1, patches, strip, panel, depth, sums);
}

/* --- blocks ----------------------------------------------------------------------------------- */

/* A block of packed rows and where its sums go. */
typedef struct {
  const float *patches;
  int64_t height; /* rows of a strip */
  int64_t rows;
  float *const *y;
} Block;

/* All rows of a block, one panel, `depth` columns of the patches from `first` on. */
static void
multiply_panel (const Division *d, const Block *block, const float *panel, int64_t first,
                int64_t depth, int64_t column)
{
  const LwProduct *product = d->product;
  const int64_t count = MIN (LW_PANEL, d->columns - column);
  const bool begins = first == 0, ends = first + depth == d->depth;
  const LwFinish finish = { begins && product->bias ? product->bias + column : NULL,
                            !begins || product->accumulate, ends && product->relu };
  float sums[LW_TILE * LW_PANEL] __attribute__ ((aligned (64)));

  for (int64_t row = 0; row < block->rows; row += LW_TILE) {
    const float *patches = block->patches + row * LW_STRIP;
    const int64_t rows = MIN (LW_TILE, block->rows - row);

    if (lw_panel_width (d->columns, column) == LW_PANEL)
      multiply_wide (patches, block->height * LW_STRIP, panel, depth, sums);
    else
      multiply_narrow (patches, block->height * LW_STRIP, panel, depth, sums);
    if (count == LW_PANEL)
      for (int64_t r = 0; r < rows; r++)
        lw_finish_row (sums + r * LW_PANEL, block->y[row + r] + column, LW_PANEL, finish);
    else
      for (int64_t r = 0; r < rows; r++)
        lw_finish_row (sums + r * LW_PANEL, block->y[row + r] + column, count, finish);
  }
}

/* Packs rows `row` …, columns first …, and says where their sums go. */
static Block
pack_block (const Division *d, int64_t row, int64_t first, int64_t depth, float *scratch,
            float *y[BLOCK])
{
  const LwProduct *product = d->product;
  const LwPatches *patches = &product->patches;
  const int64_t rows = MIN (d->block, d->rows - row);
  const int64_t positions = (int64_t)patches->rows * patches->columns;
  int64_t n = row / positions, i = row % positions / patches->columns, j = row % patches->columns;

  LW_CPU (pack_patches)
  (patches, &(LwPatchBlock){ row, rows, first, depth, d->block, scratch });
  for (int64_t r = 0; r < rows; r++) {
    y[r] = product->y + n * product->example + i * product->line + j * product->pixel;
    if (++j == patches->columns)
      j = 0, i++;
    if (i == patches->rows)
      i = 0, n++;
  }
  return (Block){ scratch, d->block, rows, y };
}

/* Items are blocks of rows; the weights are packed. */
static void
multiply_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const Division *d = data;
  const float *weights = d->product->workspace;
  float *scratch = d->product->workspace + d->weights_size + (size_t)thread * d->scratch_size;
  const int64_t whole = lw_panels_width (d->columns);
  float *y[BLOCK];

  for (; item < last; item++)
    for (int64_t k = 0; k < d->depth; k += LW_DEPTH) {
      const int64_t depth = MIN (LW_DEPTH, d->depth - k);
      const Block block = pack_block (d, item * d->block, k, depth, scratch, y);

      for (int64_t column = 0; column < d->columns; column += LW_PANEL)
        multiply_panel (d, &block, weights + k * whole + column * depth, k, depth, column);
    }
}

/* Items are groups of panels, which are packed on the way, for all rows. */
static void
multiply_columns (const void *data, int64_t item, int64_t last, int thread)
{
  const Division *d = data;
  const int64_t most = MIN (LW_DEPTH, lw_strips (d->depth) * LW_STRIP);
  float *scratch = d->product->workspace + (size_t)thread * d->scratch_size;
  float *weights = scratch + d->block * most;
  float *y[BLOCK];

  for (; item < last; item++) {
    const int64_t left = item * d->own, right = MIN (left + d->own, d->columns);

    for (int64_t k = 0; k < d->depth; k += LW_DEPTH) {
      const int64_t depth = MIN (LW_DEPTH, d->depth - k);

      for (int64_t column = left; column < right; column += LW_PANEL)
        LW_CPU (pack_panel)
      (&d->product->weights, k, depth, column, weights + (column - left) * depth);
      for (int64_t row = 0; row < d->rows; row += d->block) {
        const Block block = pack_block (d, row, k, depth, scratch, y);

        for (int64_t column = left; column < right; column += LW_PANEL)
          multiply_panel (d, &block, weights + (column - left) * depth, k, depth, column);
      }
    }
  }
}

void
LW_CPU (multiply) (LwDevice *device, const LwProduct *product)
{
  const Division d = divide (device, product);

  if (d.shared) {
    lw_pool_run (device->pool, (d.columns + LW_PANEL - 1) / LW_PANEL, pack_panels, &d);
    lw_pool_run (device->pool, (d.rows + d.block - 1) / d.block, multiply_rows, &d);
  } else {
    lw_pool_run (device->pool, (d.columns + d.own - 1) / d.own, multiply_columns, &d);
  }
}
