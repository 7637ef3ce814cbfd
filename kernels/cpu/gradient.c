/* The weight gradient: a long sum over all positions of the window, of products that are only as
 * large as the weights. An item is a piece of dw, at most GROUP × SPAN, whose sums stay in the
 * second cache while blocks of packed patches and of dy pass by. Where dw has few pieces, the
 * positions are divided too, into slices whose number follows from the shapes alone, each with sums
 * of its own that are added up in order in the end. */
#include "kernels/cpu/gemm.h"
#include "kernels/cpu/gradient_tile.h"
#include "kernels/cpu/sums.h"

#include <string.h>

enum {
  GROUP = 16,        /* strips of patches of an item, at most */
  SPAN = 256,        /* columns of dy of an item, at most */
  SPAN_WINDOW = 512, /* the same where packing patches is more than copying them */
  ITEMS = 32,        /* at least, if there are enough rows */
  BLOCK_SIZE = (384 << 10) / sizeof (LwNumber), /* numbers that are packed at once */
  APART = 8, /* rows between strips: their lines lie in different sets of a cache */
  BLOCK_ROWS = 1024 / sizeof (LwNumber), /* the same, at most */
};

typedef struct {
  const LwGradient *gradient;
  int64_t rows, depth, columns, dy_pixel;
  int64_t block;         /* rows that are packed at once */
  int64_t height;        /* rows of a packed strip */
  int64_t group, groups; /* strips of an item; how many there are along dw's rows */
  int64_t span, spans;   /* columns of an item; how many there are along dw's columns */
  int64_t slices;
  int64_t blocks;       /* of all rows */
  size_t bias_bytes;    /* of the sums of dbias: [slices][columns], in double precision */
  size_t partial_bytes; /* of a slice's sums of dw; one slice needs none of its own */
  size_t scratch_bytes; /* of a thread */
} Division;

static Division
divide (const LwGradient *gradient)
{
  Division d = { .gradient = gradient,
                 .rows = lw_patches_rows (&gradient->patches),
                 .depth = lw_patches_depth (&gradient->patches),
                 .columns = gradient->columns,
                 .dy_pixel = gradient->dy_pixel > 0 ? gradient->dy_pixel : gradient->columns };
  const int64_t strips = lw_strips (d.depth), panels = (d.columns + LW_PANEL - 1) / LW_PANEL;
  const bool window = gradient->patches.window_h * gradient->patches.window_w > 1;

  d.groups = (strips + GROUP - 1) / GROUP;
  d.group = (strips + d.groups - 1) / d.groups;
  d.spans = (d.columns - 1) / (window ? SPAN_WINDOW : SPAN) + 1;
  d.span = (panels + d.spans - 1) / d.spans * LW_PANEL;
  d.spans = (d.columns + d.span - 1) / d.span;
  d.block = CLAMP (BLOCK_SIZE / (d.group * LW_STRIP + d.span) / 8 * 8, 64, BLOCK_ROWS);
  d.height = d.block + APART;
  d.blocks = (d.rows + d.block - 1) / d.block;
  d.slices = CLAMP ((ITEMS - 1) / (d.groups * d.spans) + 1, 1, d.blocks);
  d.bias_bytes = (size_t)(lw_strips (d.slices * d.columns) * LW_STRIP) * sizeof (double);
  d.partial_bytes =
      d.slices > 1 ? (size_t)(lw_strips (d.depth * d.columns) * LW_STRIP) * sizeof (float) : 0;
  d.scratch_bytes = (size_t)(d.height * d.group * LW_STRIP + d.block * d.span) * sizeof (LwNumber);
  return d;
}

size_t
LW_CPU (gradient_workspace) (const LwDevice *device, const LwGradient *gradient)
{
  const Division d = divide (gradient);

  return d.bias_bytes + (size_t)d.slices * d.partial_bytes +
         (size_t)device->threads * d.scratch_bytes;
}

static double *
bias_of (const Division *d, int64_t slice)
{
  return (double *)d->gradient->workspace + slice * d->columns;
}

static void *
partial_of (const Division *d, int64_t slice)
{
  return (char *)d->gradient->workspace + d->bias_bytes + (size_t)slice * d->partial_bytes;
}

/* --- blocks ----------------------------------------------------------------------------------- */

/* What of dw is computed, and from which rows. */
typedef struct {
  int64_t first, depth;    /* rows of dw */
  int64_t left, right;     /* columns */
  int64_t row, rows;       /* of the patches and of dy */
  const LwNumber *patches; /* packed */
  const LwNumber *panels;  /* dy, [panel][row / LW_PAIR][width][LW_PAIR], zeros beyond its end */
  LwAhead ahead[2];        /* for the next block: of the image, of dy */
} Block;

static void
pack_dy (const Division *d, const Block *block, LwNumber *panels)
{
  const LwNumber *dy = d->gradient->dy + block->row * d->dy_pixel;

  for (int64_t column = block->left; column < block->right; column += LW_PANEL) {
    const int64_t width = lw_panel_width (d->columns, column);
    const int64_t count = MIN (width, d->columns - column);
    LwNumber *panel = panels + (column - block->left) * lw_paired (block->rows);

    for (int64_t r = 0; r < block->rows; r += LW_PAIR)
      for (int64_t i = 0; i < width; i += LW_LANES) {
        const LwNumber *from = dy + r * d->dy_pixel + column + i;

        lw_copy_rows (from, r + 1 < block->rows ? from + d->dy_pixel : NULL,
                      MIN (count - i, LW_LANES), panel + r * width + i * LW_PAIR);
      }
  }
}

static void
add_bias (const Division *d, const Block *block, double *dbias)
{
  for (int64_t column = block->left; column < block->right; column += LW_LANES) {
    const int64_t left = column / LW_PANEL * LW_PANEL;

    lw_sum_packed_rows (
        block->panels + (left - block->left) * lw_paired (block->rows) + (column - left) * LW_PAIR,
        lw_panel_width (d->columns, left), block->rows, d->columns - column, dbias + column);
  }
}

/* dw ← or, if `add`, += patchesᵀ · dy */
static void
add_block (const Division *d, Block *block, float *dw, bool add)
{
  int64_t offset[LW_STRIP];
  int calls = 0;

  for (int i = 0; i < LW_STRIP; i++)
    offset[i] = i * d->columns;
  for (int64_t column = block->left; column < block->right; column += LW_PANEL) {
    const bool wide = lw_panel_width (d->columns, column) == LW_PANEL;
    const int64_t most = wide ? LW_TILE_WIDE : LW_TILE_NARROW;

    for (int64_t k = 0; k < block->depth; k += LW_STRIP) {
      const int64_t there = MIN (LW_STRIP, block->depth - k), tiles = (there + most - 1) / most;

      for (int64_t tile = 0; tile < tiles; tile++) {
        const int64_t c = there * tile / tiles, end = there * (tile + 1) / tiles;
        const LwFinish finish = { .y = dw + (block->first + k + c) * d->columns + column,
                                  .columns = MIN (LW_PANEL, d->columns - column),
                                  .sums = true,
                                  .add = add };

        LW_CPU (gradient_tile)
        (end - c, wide,
         &(LwGradientTile){ .strip = block->patches + k * d->height + c * LW_PAIR,
                            .panel =
                                block->panels + (column - block->left) * lw_paired (block->rows),
                            .rows = block->rows,
                            .finish = &finish,
                            .offset = offset,
                            .ahead = &block->ahead[calls++ % 2] });
      }
    }
  }
}

/* Item number: (slice × groups + group) × spans + span. */
static int64_t
slice_of (const Division *d, int64_t item)
{
  return item / (d->groups * d->spans);
}

/* Blocks of rows before those of a slice. */
static int64_t
first_block_of (const Division *d, int64_t slice)
{
  return d->blocks * slice / d->slices;
}

/* A block of an item. */
static Block
block_of (const Division *d, int64_t item, int64_t number)
{
  const int64_t group = item / d->spans % d->groups, span = item % d->spans;
  const int64_t first = group * d->group * LW_STRIP, row = number * d->block;

  return (Block){ .first = first,
                  .depth = MIN (d->group * LW_STRIP, d->depth - first),
                  .left = span * d->span,
                  .right = MIN ((span + 1) * d->span, d->columns),
                  .row = row,
                  .rows = MIN (d->block, d->rows - row) };
}

/* Asks for what the next block reads and this one does not. */
static void
look_ahead (const Division *d, Block *block, const Block *next)
{
  const LwPatchBlock patches = {
    .row = next->row, .rows = next->rows, .column = next->first, .columns = next->depth
  };

  if (next->row != block->row || next->first != block->first)
    block->ahead[0] = LW_CPU (patches_ahead) (&d->gradient->patches, &patches);
  block->ahead[1] = lw_ahead (d->gradient->dy + next->row * d->dy_pixel + next->left, next->rows,
                              next->right - next->left, d->dy_pixel);
}

static void
do_items (const void *data, int64_t item, int64_t last, int thread)
{
  const Division *d = data;
  const LwGradient *gradient = d->gradient;
  LwNumber *patches =
      (LwNumber *)((char *)partial_of (d, d->slices) + (size_t)thread * d->scratch_bytes);
  LwNumber *panels = patches + d->height * d->group * LW_STRIP;
  int64_t packed_row = -1, packed_first = -1; /* what the packed patches are */

  for (; item < last; item++) {
    const int64_t slice = slice_of (d, item);
    const int64_t first_block = first_block_of (d, slice);
    const int64_t last_block = first_block_of (d, slice + 1);
    const int64_t left = block_of (d, item, 0).left, right = block_of (d, item, 0).right;
    const bool first = item / d->spans % d->groups == 0; /* of those with these rows of dy */
    float *dw = d->slices > 1 ? partial_of (d, slice) : gradient->dw;
    double *dbias = bias_of (d, slice);

    if (first)
      memset (dbias + left, 0, sizeof (double) * (size_t)(right - left));
    for (int64_t i = first_block; i < last_block; i++) {
      Block block = block_of (d, item, i), next = { 0 };

      block.patches = patches;
      block.panels = panels;
      if (i + 1 < last_block)
        next = block_of (d, item, i + 1);
      else if (item + 1 < last)
        next = block_of (d, item + 1, first_block_of (d, slice_of (d, item + 1)));
      look_ahead (d, &block, &next);
      pack_dy (d, &block, panels);
      if (first && gradient->dbias)
        add_bias (d, &block, dbias);
      if (!gradient->dw)
        continue;
      if (packed_row != block.row || packed_first != block.first)
        LW_CPU (pack_patches)
      (&gradient->patches, &(LwPatchBlock){ block.row, block.rows, block.first, block.depth,
                                            d->height, patches, true });
      packed_row = block.row;
      packed_first = block.first;
      add_block (d, &block, dw, d->slices == 1 || i > first_block);
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
      const float *from = (const float *)partial_of (d, slice) + row * d->columns;

      for (int64_t i = 0; i < d->columns; i++)
        to[i] += from[i];
    }
  }
}

void
LW_CPU (gradient) (LwDevice *device, const LwGradient *gradient)
{
  const Division d = divide (gradient);

  lw_pool_run (device->pool, d.slices * d.groups * d.spans, do_items, &d);
  if (d.slices > 1 && gradient->dw)
    lw_pool_run (device->pool, d.depth, add_slices, &d);
  for (int64_t i = 0; gradient->dbias && i < d.columns; i++) {
    double sum = 0;

    for (int64_t slice = 0; slice < d.slices; slice++)
      sum += bias_of (&d, slice)[i];
    gradient->dbias[i] += (float)sum;
  }
}
