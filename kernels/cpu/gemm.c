/* A product of many rows: the weights are packed once for all threads, blocks of rows are divided
 * among them. */
#include "kernels/cpu/gemm_block.h"

enum {
  FEW_ROWS = 512,        /* with fewer, and … */
  MANY_COLUMNS = 256,    /* … with more than this, see gemm_few.c */
  SMALL_WEIGHTS = 65536, /* numbers that are packed before other threads could wake up */
  KEPT_COLUMNS = 512,    /* whose sums are kept aside: in the second cache, with the patches */
};

/* Whole vectors, whole lines, and more of them than the caches hold, in one go. */
static bool
may_stream (const LwDivision *d)
{
  const LwProduct *p = d->product;

  return p->y != NULL && !p->accumulate && (d->depth <= LW_DEPTH || d->keeps) &&
         d->columns % LW_LINE == 0 && (uintptr_t)p->y % 64 == 0 && p->example % LW_LINE == 0 &&
         p->line % LW_LINE == 0 && p->pixel % LW_LINE == 0 &&
         d->rows * d->columns * (int64_t)sizeof *p->y >= LW_STREAM_BYTES;
}

/* Packed patches, then sums. */
static size_t
scratch_bytes (const LwDivision *d, int64_t rows)
{
  return lw_lines (rows * lw_most_depth (d->depth), sizeof (LwNumber)) +
         (d->keeps ? lw_lines (rows * d->own, sizeof (float)) : 0);
}

static void
divide_many (LwDivision *d, int64_t threads)
{
  const int64_t wanted = 4 * threads; /* items, to end together */
  const int64_t rows = CLAMP ((d->rows + wanted - 1) / wanted, LW_TILE, LW_BLOCK_ROWS);
  const int64_t items = ((d->rows + rows - 1) / rows + threads - 1) / threads * threads;
  const int64_t columns = lw_panels_width (d->columns);

  d->block = items > 0 ? (d->rows + items - 1) / items : 1;
  if (d->product && d->product->sums.at)
    d->block = (d->block + LW_STRETCH_ROWS - 1) / LW_STRETCH_ROWS * LW_STRETCH_ROWS;
  d->keeps = sizeof (LwNumber) < sizeof (float) && d->depth > LW_DEPTH;
  d->own = d->keeps ? MIN (columns, KEPT_COLUMNS) : columns;
  d->shared_bytes = lw_lines (columns * lw_strips (d->depth) * LW_STRIP, sizeof (LwNumber));
  d->scratch_bytes = scratch_bytes (d, d->block);
}

static LwDivision
divide (const LwDevice *device, const LwProduct *product)
{
  LwDivision d = { .product = product,
                   .rows = lw_patches_rows (&product->patches),
                   .depth = lw_patches_depth (&product->patches),
                   .columns = product->weights.columns };

  d.few = d.rows < FEW_ROWS && d.columns > MANY_COLUMNS && d.depth > 0;
  if (d.few)
    LW_CPU (divide_few) (&d, device->threads);
  else
    divide_many (&d, device->threads);
  d.stream = may_stream (&d);
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
  size_t bytes = 0;

  if (d.columns > MANY_COLUMNS && d.depth > 0) {
    LW_CPU (divide_few) (&d, device->threads);
    bytes = d.shared_bytes + threads * d.scratch_bytes;
    if (rows < FEW_ROWS)
      return bytes;
  }
  d.rows = rows;
  divide_many (&d, device->threads);
  return MAX (bytes, d.shared_bytes + threads * scratch_bytes (&d, LW_BLOCK_ROWS));
}

/* --- blocks ----------------------------------------------------------------------------------- */

/* How the block's sums, of the panel that begins at `column`, leave the registers. */
static LwFinish
finish_of (const LwDivision *d, const LwRows *block, int64_t column, float *sums)
{
  const LwProduct *product = d->product;
  const bool begins = block->first == 0, ends = block->first + block->depth == d->depth;
  LwFinish finish = { .y = product->y + column,
                      .bias = begins && product->bias ? product->bias + column : NULL,
                      .mask = ends && product->mask ? product->mask + column : NULL,
                      .columns = MIN (LW_PANEL, d->columns - column),
                      .add = !begins || product->accumulate,
                      .relu = ends && product->relu,
                      .stream = ends && d->stream };

  if (sums == NULL)
    return finish;
  finish.add = ends && product->accumulate;
  if (!begins) {
    finish.partial = sums;
    finish.partial_row = d->own;
  }
  if (!ends) {
    finish.y = sums;
    finish.sums = true;
    finish.columns = lw_panel_width (d->columns, column);
  }
  return finish;
}

void
LW_CPU (place_rows) (const LwDivision *d, LwRows *block, int64_t row)
{
  const LwProduct *product = d->product;
  const LwPatches *patches = &product->patches;
  const int64_t positions = (int64_t)patches->rows * patches->columns;
  int64_t n = row / positions, i = row % positions / patches->columns, j = row % patches->columns;

  block->row = row;
  block->rows = MIN (d->block, d->rows - row);
  for (int64_t r = 0; r < block->rows; r++) {
    block->offset[r] = n * product->example + i * product->line + j * product->pixel;
    if (++j == patches->columns)
      j = 0, i++;
    if (i == patches->rows)
      i = 0, n++;
  }
}

/* Rows first … end − 1 of a block; with sums they are one stretch. */
static void
multiply_rows_of_panel (const LwDivision *d, LwRows *block, int64_t first, int64_t end,
                        int64_t column, const LwNumber *panel, LwFinish finish,
                        const int64_t *offset)
{
  const LwSums *sums = &d->product->sums;
  const int64_t rows = end - first, tiles = (rows + LW_TILE - 1) / LW_TILE;
  const bool wide = lw_panel_width (d->columns, column) == LW_PANEL;

  if (sums->at && !finish.sums && block->first + block->depth == d->depth) {
    const int64_t stretch = (block->row + first) / LW_STRETCH_ROWS;

    finish.stretch = sums->at + 3 * stretch * sums->width + column;
    finish.stretch_width = sums->width;
  }
  for (int64_t tile = 0; tile < tiles; tile++) {
    const int64_t row = first + rows * tile / tiles;
    LwFinish part = finish;

    part.begins = tile == 0;
    if (part.partial)
      part.partial += row * part.partial_row;
    LW_CPU (multiply_tile)
    (first + rows * (tile + 1) / tiles - row, wide,
     &(LwTile){ .patches = block->patches + row * LW_STRIP,
                .strip = block->height * LW_STRIP,
                .panel = panel,
                .depth = block->depth,
                .finish = &part,
                .offset = offset + row,
                .ahead = &block->ahead });
  }
}

void
LW_CPU (multiply_panel) (const LwDivision *d, LwRows *block, int64_t column, const LwNumber *panel,
                         float *sums)
{
  const LwFinish finish = finish_of (d, block, column, sums);
  const int64_t rows = d->product->sums.at ? LW_STRETCH_ROWS : block->rows;
  const int64_t *offset = block->offset;
  int64_t compact[LW_BLOCK_ROWS];

  if (finish.sums) {
    for (int64_t r = 0; r < block->rows; r++)
      compact[r] = r * d->own;
    offset = compact;
  }
  for (int64_t row = 0; row < block->rows; row += rows)
    multiply_rows_of_panel (d, block, row, MIN (row + rows, block->rows), column, panel, finish,
                            offset);
}

/* --- many rows -------------------------------------------------------------------------------- */

/* Items are panels times stretches of depth: [stretch][panel], each packed. */
static void
pack_shared (const void *data, int64_t item, int64_t last, int thread)
{
  const LwDivision *d = data;
  const int64_t panels = (d->columns + LW_PANEL - 1) / LW_PANEL;
  const int64_t whole = lw_panels_width (d->columns);

  (void)thread;
  for (; item < last; item++) {
    const int64_t first = item / panels * LW_DEPTH, left = item % panels * LW_PANEL;
    const int64_t depth = MIN (LW_DEPTH, d->depth - first), height = lw_paired (depth);

    LW_CPU (pack_weights)
    (&d->product->weights,
     &(LwPanels){ first, depth, left, MIN (left + LW_PANEL, d->columns), height },
     (LwNumber *)d->product->workspace + first * whole + left * height);
  }
}

/* Columns left … right − 1 of a block of rows from `row` on. */
static void
multiply_group (const LwDivision *d, LwRows *block, int64_t row, int64_t left, int64_t right,
                LwNumber *patches, float *sums)
{
  const LwNumber *weights = d->product->workspace;
  const int64_t whole = lw_panels_width (d->columns);

  block->first = 0;
  do {
    block->depth = MIN (LW_DEPTH, d->depth - block->first);
    LW_CPU (pack_patches)
    (&d->product->patches,
     &(LwPatchBlock){ row, block->rows, block->first, block->depth, d->block, patches, false });
    for (int64_t column = left; column < right; column += LW_PANEL)
      LW_CPU (multiply_panel)
    (d, block, column, weights + block->first * whole + column * lw_paired (block->depth),
     sums ? sums + column - left : NULL);
    block->first += LW_DEPTH;
  } while (block->first < d->depth);
}

/* Items are blocks of rows; the weights are packed. */
static void
multiply_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const LwDivision *d = data;
  char *scratch =
      (char *)d->product->workspace + d->shared_bytes + (size_t)thread * d->scratch_bytes;
  LwNumber *patches = (LwNumber *)scratch;
  float *sums = NULL;

  if (d->keeps)
    sums = (float *)(scratch + lw_lines (d->block * lw_most_depth (d->depth), sizeof (LwNumber)));
  for (; item < last; item++) {
    const int64_t row = item * d->block;
    LwRows block = { .patches = patches, .height = d->block };

    LW_CPU (place_rows) (d, &block, row);
    if (item + 1 < last)
      block.ahead = LW_CPU (patches_ahead) (
          &d->product->patches,
          &(LwPatchBlock){ .row = row + d->block, .rows = d->block, .columns = d->depth });
    for (int64_t left = 0; left < d->columns; left += d->own)
      multiply_group (d, &block, row, left, MIN (left + d->own, d->columns), patches, sums);
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
  if (d.shared_bytes / sizeof (LwNumber) <= SMALL_WEIGHTS)
    pack_shared (&d, 0, packs, 0);
  else
    lw_pool_run (device->pool, packs, pack_shared, &d);
  lw_pool_run (device->pool, (d.rows + d.block - 1) / d.block, multiply_rows, &d);
}
