#include "kernels/cpu/gemm.h"

enum {
  /* Most rows of patches that are packed at once. */
  BLOCK = 168,
  /* With fewer rows than this, each thread packs the weights it needs itself, while they are in
   * its cache; with more, they are packed once for all. */
  FEW_ROWS = 1024,
  /* Most columns of weights that a thread packs for itself at once. */
  OWN_COLUMNS = 256,
};

/* How a product is divided. Nothing here changes any sum's order. */
typedef struct {
  const LwProduct *product;
  int64_t rows, depth, columns;
  bool shared; /* are the weights packed once for all? */
  bool stream;
  int64_t block;       /* rows that are packed at once; of an item if shared */
  int64_t own;         /* columns of an item if not shared */
  size_t scratch_size; /* numbers, of a thread */
  size_t weights_size; /* numbers, of the shared weights */
} Division;

static int64_t
most_depth (int64_t depth)
{
  return MIN (LW_DEPTH, lw_strips (depth) * LW_STRIP);
}

/* Whole vectors, whole lines, and more of them than the caches hold, in one go. */
static bool
may_stream (const Division *d)
{
  const LwProduct *p = d->product;

  return p->y != NULL && !p->accumulate && d->depth <= LW_DEPTH && d->columns % LW_LINE == 0 &&
         (uintptr_t)p->y % 64 == 0 && p->example % LW_LINE == 0 && p->line % LW_LINE == 0 &&
         p->pixel % LW_LINE == 0 && d->rows * d->columns * 4 >= LW_STREAM_BYTES;
}

static Division
divide (const LwDevice *device, const LwProduct *product)
{
  Division d = { .product = product,
                 .rows = lw_patches_rows (&product->patches),
                 .depth = lw_patches_depth (&product->patches),
                 .columns = product->weights.columns };
  const int64_t threads = device->threads, wanted = 4 * threads; /* items, to end together */

  d.own = CLAMP (d.columns / (2 * threads) / LW_PANEL * LW_PANEL, LW_PANEL, OWN_COLUMNS);
  d.shared = d.rows >= FEW_ROWS || d.columns < 2 * threads * d.own;
  d.stream = may_stream (&d);
  d.block = BLOCK;
  if (d.shared) {
    const int64_t rows = CLAMP ((d.rows + wanted - 1) / wanted, LW_TILE, BLOCK);
    const int64_t items = ((d.rows + rows - 1) / rows + threads - 1) / threads * threads;

    d.block = MAX ((d.rows + items - 1) / items, 1);
    d.weights_size = (size_t)(lw_panels_width (d.columns) * lw_strips (d.depth) * LW_STRIP);
  }
  d.scratch_size = (size_t)((d.block + (d.shared ? 0 : d.own)) * most_depth (d.depth));
  return d;
}

/* An incomplete batch may have few rows where the whole one has many, and other blocks. */
size_t
LW_CPU (multiply_workspace) (const LwDevice *device, const LwProduct *product)
{
  const Division d = divide (device, product);
  const size_t scratch = (size_t)((BLOCK + d.own) * most_depth (d.depth));

  return sizeof (float) * (d.weights_size + scratch * (size_t)device->threads);
}

/* --- blocks ----------------------------------------------------------------------------------- */

/* Rows of packed patches and where their sums go. */
typedef struct {
  const float *patches;
  int64_t height; /* rows of a strip */
  int64_t rows;
  int64_t first, depth; /* columns of the patches */
  int64_t offset[BLOCK];
  LwAhead ahead;
} Block;

/* All rows of a block, one panel. */
static void
multiply_panel (const Division *d, Block *block, const float *panel, int64_t column)
{
  const LwProduct *product = d->product;
  const bool begins = block->first == 0, ends = block->first + block->depth == d->depth;
  const bool wide = lw_panel_width (d->columns, column) == LW_PANEL;
  const LwFinish finish = { .y = product->y + column,
                            .bias = begins && product->bias ? product->bias + column : NULL,
                            .mask = ends && product->mask ? product->mask + column : NULL,
                            .columns = MIN (LW_PANEL, d->columns - column),
                            .add = !begins || product->accumulate,
                            .relu = ends && product->relu,
                            .stream = d->stream };
  const int64_t tiles = (block->rows + LW_TILE - 1) / LW_TILE;

  for (int64_t tile = 0; tile < tiles; tile++) {
    const int64_t row = block->rows * tile / tiles, end = block->rows * (tile + 1) / tiles;

    LW_CPU (multiply_tile)
    (end - row, wide,
     &(LwTile){ .patches = block->patches + row * LW_STRIP,
                .strip = block->height * LW_STRIP,
                .panel = panel,
                .depth = block->depth,
                .finish = &finish,
                .offset = block->offset + row,
                .ahead = &block->ahead });
  }
}

/* Where the sums of rows row … of the patches go. */
static void
place_rows (const Division *d, Block *block, int64_t row)
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

/* Items are panels times stretches of depth: [stretch][panel][k][width]. */
static void
pack_shared (const void *data, int64_t item, int64_t last, int thread)
{
  const Division *d = data;
  const int64_t panels = (d->columns + LW_PANEL - 1) / LW_PANEL;
  const int64_t whole = lw_panels_width (d->columns);

  (void)thread;
  for (; item < last; item++) {
    const int64_t first = item / panels * LW_DEPTH, left = item % panels * LW_PANEL;
    const int64_t depth = MIN (LW_DEPTH, d->depth - first);

    LW_CPU (pack_weights)
    (&d->product->weights, &(LwPanels){ first, depth, left, MIN (left + LW_PANEL, d->columns) },
     d->product->workspace + first * whole + left * depth);
  }
}

/* Items are blocks of rows; the weights are packed. */
static void
multiply_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const Division *d = data;
  const LwPatches *patches = &d->product->patches;
  const float *weights = d->product->workspace;
  float *scratch = d->product->workspace + d->weights_size + (size_t)thread * d->scratch_size;
  const int64_t whole = lw_panels_width (d->columns);

  for (; item < last; item++) {
    const int64_t row = item * d->block;
    Block block = { .patches = scratch, .height = d->block };

    place_rows (d, &block, row);
    if (item + 1 < last)
      block.ahead = LW_CPU (patches_ahead) (
          patches, &(LwPatchBlock){ .row = row + d->block, .rows = d->block, .columns = d->depth });
    do {
      block.depth = MIN (LW_DEPTH, d->depth - block.first);
      LW_CPU (pack_patches)
      (patches, &(LwPatchBlock){ row, block.rows, block.first, block.depth, d->block, scratch });
      for (int64_t column = 0; column < d->columns; column += LW_PANEL)
        multiply_panel (d, &block, weights + block.first * whole + column * block.depth, column);
      block.first += LW_DEPTH;
    } while (block.first < d->depth);
  }
  if (d->stream)
    lw_vec_stream_end ();
}

/* What pack_weights reads of a matrix without a window. */
static LwAhead
weights_ahead (const LwWeights *weights, const LwPanels *panels)
{
  const int64_t columns = panels->right - panels->left;

  if (panels->depth <= 0 || columns <= 0)
    return lw_ahead (NULL, 0, 0, 0);
  if (!weights->turned)
    return lw_ahead (weights->w + panels->first * weights->columns + panels->left, panels->depth,
                     columns, weights->columns);
  if (weights->kernel == 1)
    return lw_ahead (weights->w + panels->left * weights->inner + panels->first, columns,
                     panels->depth, weights->inner);
  return lw_ahead (NULL, 0, 0, 0);
}

/* Items are groups of panels, which are packed on the way, for all rows. */
static void
multiply_columns (const void *data, int64_t item, int64_t last, int thread)
{
  const Division *d = data;
  const LwWeights *weights = &d->product->weights;
  float *scratch = d->product->workspace + (size_t)thread * d->scratch_size;
  float *packed = scratch + d->block * most_depth (d->depth);

  for (; item < last; item++) {
    const int64_t left = item * d->own, right = MIN (left + d->own, d->columns);
    Block block = { .patches = scratch, .height = d->block };

    do {
      const int64_t next = block.first + LW_DEPTH;

      block.depth = MIN (LW_DEPTH, d->depth - block.first);
      LW_CPU (pack_weights)
      (weights, &(LwPanels){ block.first, block.depth, left, right }, packed);
      if (next < d->depth)
        block.ahead = weights_ahead (
            weights, &(LwPanels){ next, MIN (LW_DEPTH, d->depth - next), left, right });
      else if (item + 1 < last)
        block.ahead = weights_ahead (weights, &(LwPanels){ 0, MIN (LW_DEPTH, d->depth), right,
                                                           MIN (right + d->own, d->columns) });
      for (int64_t row = 0; row < d->rows; row += d->block) {
        place_rows (d, &block, row);
        LW_CPU (pack_patches)
        (&d->product->patches,
         &(LwPatchBlock){ row, block.rows, block.first, block.depth, d->block, scratch });
        for (int64_t column = left; column < right; column += LW_PANEL)
          multiply_panel (d, &block, packed + (column - left) * block.depth, column);
      }
      block.first = next;
    } while (block.first < d->depth);
  }
  if (d->stream)
    lw_vec_stream_end ();
}

void
LW_CPU (multiply) (LwDevice *device, const LwProduct *product)
{
  const Division d = divide (device, product);

  if (d.shared) {
    const int64_t panels = (d.columns + LW_PANEL - 1) / LW_PANEL;

    lw_pool_run (device->pool, panels * ((d.depth + LW_DEPTH - 1) / LW_DEPTH), pack_shared, &d);
    lw_pool_run (device->pool, (d.rows + d.block - 1) / d.block, multiply_rows, &d);
  } else {
    lw_pool_run (device->pool, (d.columns + d.own - 1) / d.own, multiply_columns, &d);
  }
}
