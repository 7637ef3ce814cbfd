/* A product of many rows: the weights are packed once for all threads, blocks of rows are divided
 * among them. */
#include "kernels/cpu/gemm_block.h"

enum {
  FEW_ROWS = 512,        /* with fewer, and … */
  MANY_COLUMNS = 256,    /* … with more than this, see gemm_few.c */
  SMALL_WEIGHTS = 65536, /* numbers that are packed before other threads could wake up */
};

/* Whole vectors, whole lines, and more of them than the caches hold, in one go. */
static bool
may_stream (const LwDivision *d)
{
  const LwProduct *p = d->product;

  return p->y != NULL && !p->accumulate && d->depth <= LW_DEPTH && d->columns % LW_LINE == 0 &&
         (uintptr_t)p->y % 64 == 0 && p->example % LW_LINE == 0 && p->line % LW_LINE == 0 &&
         p->pixel % LW_LINE == 0 && d->rows * d->columns * 4 >= LW_STREAM_BYTES;
}

static void
divide_many (LwDivision *d, int64_t threads)
{
  const int64_t wanted = 4 * threads; /* items, to end together */
  const int64_t rows = CLAMP ((d->rows + wanted - 1) / wanted, LW_TILE, LW_BLOCK_ROWS);
  const int64_t items = ((d->rows + rows - 1) / rows + threads - 1) / threads * threads;

  d->block = items > 0 ? (d->rows + items - 1) / items : 1;
  d->shared_size = (size_t)(lw_panels_width (d->columns) * lw_strips (d->depth) * LW_STRIP);
  d->scratch_size = (size_t)(d->block * lw_most_depth (d->depth));
}

static LwDivision
divide (const LwDevice *device, const LwProduct *product)
{
  LwDivision d = { .product = product,
                   .rows = lw_patches_rows (&product->patches),
                   .depth = lw_patches_depth (&product->patches),
                   .columns = product->weights.columns };

  d.few = d.rows < FEW_ROWS && d.columns > MANY_COLUMNS && d.depth > 0;
  d.stream = may_stream (&d);
  if (d.few)
    LW_CPU (divide_few) (&d, device->threads);
  else
    divide_many (&d, device->threads);
  return d;
}

/* An incomplete batch may have few rows where the whole one has many, and other blocks. */
size_t
LW_CPU (multiply_workspace) (const LwDevice *device, const LwProduct *product)
{
  const size_t threads = (size_t)device->threads;
  const int64_t rows = lw_patches_rows (&product->patches);
  LwDivision d = { .depth = lw_patches_depth (&product->patches),
                   .columns = product->weights.columns,
                   .rows = MIN (rows, FEW_ROWS - 1) };
  size_t numbers = 0;

  if (d.columns > MANY_COLUMNS && d.depth > 0) {
    LW_CPU (divide_few) (&d, device->threads);
    numbers = d.shared_size + threads * d.scratch_size;
    if (rows < FEW_ROWS)
      return sizeof (float) * numbers;
  }
  d.rows = rows;
  divide_many (&d, device->threads);
  d.scratch_size = (size_t)(LW_BLOCK_ROWS * lw_most_depth (d.depth));
  return sizeof (float) * MAX (numbers, d.shared_size + threads * d.scratch_size);
}

/* --- blocks ----------------------------------------------------------------------------------- */

LwFinish
LW_CPU (finish_of) (const LwDivision *d, const LwRows *block, int64_t column)
{
  const LwProduct *product = d->product;
  const bool begins = block->first == 0, ends = block->first + block->depth == d->depth;

  return (LwFinish){ .y = product->y + column,
                     .bias = begins && product->bias ? product->bias + column : NULL,
                     .mask = ends && product->mask ? product->mask + column : NULL,
                     .columns = MIN (LW_PANEL, d->columns - column),
                     .add = !begins || product->accumulate,
                     .relu = ends && product->relu,
                     .stream = d->stream };
}

void
LW_CPU (place_rows) (const LwDivision *d, LwRows *block, int64_t row)
{
  const LwProduct *product = d->product;
  const LwPatches *patches = &product->patches;
  const int64_t positions = (int64_t)patches->rows * patches->columns;
  int64_t n = row / positions, i = row % positions / patches->columns, j = row % patches->columns;

  block->rows = MIN (d->block, d->rows - row);
  for (int64_t r = 0; r < block->rows; r++) {
    block->offset[r] = n * product->example + i * product->line + j * product->pixel;
    if (++j == patches->columns)
      j = 0, i++;
    if (i == patches->rows)
      i = 0, n++;
  }
}

void
LW_CPU (multiply_panel) (LwRows *block, bool wide, const float *panel, const LwFinish *finish,
                         const int64_t *offset)
{
  const int64_t tiles = (block->rows + LW_TILE - 1) / LW_TILE;

  for (int64_t tile = 0; tile < tiles; tile++) {
    const int64_t row = block->rows * tile / tiles, end = block->rows * (tile + 1) / tiles;
    LwFinish part = *finish;

    if (part.partial)
      part.partial += row * part.partial_row;
    LW_CPU (multiply_tile)
    (end - row, wide,
     &(LwTile){ .patches = block->patches + row * LW_STRIP,
                .strip = block->height * LW_STRIP,
                .panel = panel,
                .depth = block->depth,
                .finish = &part,
                .offset = offset + row,
                .ahead = &block->ahead });
  }
}

/* --- many rows -------------------------------------------------------------------------------- */

/* Items are panels times stretches of depth: [stretch][panel][k][width]. */
static void
pack_shared (const void *data, int64_t item, int64_t last, int thread)
{
  const LwDivision *d = data;
  const int64_t panels = (d->columns + LW_PANEL - 1) / LW_PANEL;
  const int64_t whole = lw_panels_width (d->columns);

  (void)thread;
  for (; item < last; item++) {
    const int64_t first = item / panels * LW_DEPTH, left = item % panels * LW_PANEL;
    const int64_t depth = MIN (LW_DEPTH, d->depth - first);

    LW_CPU (pack_weights)
    (&d->product->weights,
     &(LwPanels){ first, depth, left, MIN (left + LW_PANEL, d->columns), depth },
     d->product->workspace + first * whole + left * depth);
  }
}

/* Items are blocks of rows; the weights are packed. */
static void
multiply_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const LwDivision *d = data;
  const LwPatches *patches = &d->product->patches;
  const float *weights = d->product->workspace;
  float *scratch = d->product->workspace + d->shared_size + (size_t)thread * d->scratch_size;
  const int64_t whole = lw_panels_width (d->columns);

  for (; item < last; item++) {
    const int64_t row = item * d->block;
    LwRows block = { .patches = scratch, .height = d->block };

    LW_CPU (place_rows) (d, &block, row);
    if (item + 1 < last)
      block.ahead = LW_CPU (patches_ahead) (
          patches, &(LwPatchBlock){ .row = row + d->block, .rows = d->block, .columns = d->depth });
    do {
      block.depth = MIN (LW_DEPTH, d->depth - block.first);
      LW_CPU (pack_patches)
      (patches, &(LwPatchBlock){ row, block.rows, block.first, block.depth, d->block, scratch });
      for (int64_t column = 0; column < d->columns; column += LW_PANEL) {
        const LwFinish finish = LW_CPU (finish_of) (d, &block, column);

        LW_CPU (multiply_panel)
        (&block, lw_panel_width (d->columns, column) == LW_PANEL,
         weights + block.first * whole + column * block.depth, &finish, block.offset);
      }
      block.first += LW_DEPTH;
    } while (block.first < d->depth);
  }
  if (d->stream)
    lw_vec_stream_end ();
}

void
LW_CPU (multiply) (LwDevice *device, const LwProduct *product)
{
  const LwDivision d = divide (device, product);
  const int64_t panels = (d.columns + LW_PANEL - 1) / LW_PANEL;
  const int64_t packs = panels * ((d.depth + LW_DEPTH - 1) / LW_DEPTH);

  if (d.rows == 0) /* pixels of a class that a small image has none of */
    return;
  if (d.few) {
    LW_CPU (multiply_few) (device, &d);
    return;
  }
  if (d.shared_size <= SMALL_WEIGHTS)
    pack_shared (&d, 0, packs, 0);
  else
    lw_pool_run (device->pool, packs, pack_shared, &d);
  lw_pool_run (device->pool, (d.rows + d.block - 1) / d.block, multiply_rows, &d);
}
