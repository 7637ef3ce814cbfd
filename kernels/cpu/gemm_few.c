/* A product of few rows and many columns, as of a linear layer: the weights are most of what is
 * read, and each is used a hundred times. The patches are packed once for all threads, which divide
 * the columns. While a thread multiplies with one block of packed weights, it packs the next, a
 * part behind each panel, and asks for a part's numbers one panel earlier: rows of weights often
 * lie powers of two apart, where the second cache holds no more than a part at once. For the same
 * reason sums that are not complete are kept in a compact block. */
#include "kernels/cpu/gemm_block.h"

enum { OWN_COLUMNS = 256 /* of an item, at most */ };

void
LW_CPU (divide_few) (LwDivision *d, int64_t threads)
{
  const int64_t depth = lw_most_depth (d->depth);

  d->block = MIN (d->rows, LW_BLOCK_ROWS);
  d->own = CLAMP (d->columns / (2 * threads) / LW_PANEL * LW_PANEL, LW_PANEL, OWN_COLUMNS);
  d->keeps = true;
  d->shared_bytes = lw_lines (d->rows * lw_strips (d->depth) * LW_STRIP, sizeof (LwNumber));
  d->scratch_bytes = lw_lines (2 * depth * d->own, sizeof (LwNumber)) +
                     lw_lines (d->rows * d->own, sizeof (float));
}

/* Items are stretches of depth: [strip][row][16]. */
static void
pack_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const LwDivision *d = data;

  (void)thread;
  for (; item < last; item++) {
    const int64_t first = item * LW_DEPTH, depth = MIN (LW_DEPTH, d->depth - first);

    LW_CPU (pack_patches)
    (&d->product->patches,
     &(LwPatchBlock){ 0, d->rows, first, depth, d->rows,
                      (LwNumber *)d->product->workspace + first * d->rows, false });
  }
}

/* --- the weights of one item ------------------------------------------------------------------ */

/* A block of weights: rows first …, columns left … right − 1, packed for one thread. */
typedef struct {
  int64_t first, depth, left, right;
  LwNumber *packed;
} Weights;

/* Part `part` of `parts`: rows of the matrix in memory, so that what is read lies together. */
static LwPanels
part_of (const LwWeights *weights, const Weights *block, int64_t part, int64_t parts)
{
  LwPanels panels = {
    block->first, block->depth, block->left, block->right, lw_paired (block->depth), 0, 0
  };

  if (weights->turned) {
    panels.left = MIN (block->left + part * LW_PANEL, block->right);
    panels.right = part + 1 < parts ? MIN (panels.left + LW_PANEL, block->right) : block->right;
    panels.to_column = panels.left - block->left;
    return panels;
  }
  panels.to_row = lw_pairs (block->depth) * part / parts * LW_PAIR;
  panels.first += panels.to_row;
  panels.depth =
      MIN (block->depth, lw_pairs (block->depth) * (part + 1) / parts * LW_PAIR) - panels.to_row;
  return panels;
}

/* What packing a part reads, if it is a matrix without a window. */
static LwAhead
part_ahead (const LwWeights *weights, const LwPanels *part)
{
  const int64_t columns = part->right - part->left, size = sizeof *weights->w;

  if (!weights->turned)
    return lw_ahead_bytes (weights->w + part->first * weights->columns + part->left, part->depth,
                           columns * size, weights->columns * size);
  if (weights->kernel == 1)
    return lw_ahead_bytes (weights->w + part->left * weights->inner + part->first, columns,
                           part->depth * size, weights->inner * size);
  return lw_ahead (NULL, 0, 0, 0);
}

/* The block after this one, of this item or the next; none: no depth. */
static Weights
next_of (const LwDivision *d, const Weights *block, bool last_item, LwNumber *packed)
{
  Weights next = { block->first + LW_DEPTH, 0, block->left, block->right, packed };

  if (next.first >= d->depth) {
    next.first = 0;
    next.left = block->right;
    next.right = MIN (block->right + d->own, d->columns);
    if (last_item)
      return next;
  }
  next.depth = MIN (LW_DEPTH, d->depth - next.first);
  return next;
}

/* --- the product ------------------------------------------------------------------------------ */

/* All rows, one panel of the present weights. `partial`: the sums so far, [rows][own]. */
static void
multiply_rows (const LwDivision *d, const Weights *weights, int64_t column, float *partial,
               LwAhead *ahead)
{
  const LwNumber *panel = weights->packed + (column - weights->left) * lw_paired (weights->depth);

  for (int64_t row = 0; row < d->rows; row += d->block) {
    LwRows block = { .patches = (const LwNumber *)d->product->workspace + weights->first * d->rows +
                                row * LW_STRIP,
                     .height = d->rows,
                     .first = weights->first,
                     .depth = weights->depth,
                     .ahead = *ahead };

    LW_CPU (place_rows) (d, &block, row);
    LW_CPU (multiply_panel)
    (d, &block, column, panel, partial + row * d->own + column - weights->left);
    *ahead = block.ahead;
  }
}

/* Items are groups of columns. */
static void
multiply_columns (const void *data, int64_t item, int64_t last, int thread)
{
  const LwDivision *d = data;
  const LwWeights *matrix = &d->product->weights;
  const int64_t size = lw_most_depth (d->depth) * d->own;
  char *own = (char *)d->product->workspace + d->shared_bytes + (size_t)thread * d->scratch_bytes;
  LwNumber *scratch = (LwNumber *)own;
  float *partial = (float *)(own + lw_lines (2 * size, sizeof (LwNumber)));
  Weights weights = { 0, MIN (LW_DEPTH, d->depth), item * d->own,
                      MIN ((item + 1) * d->own, d->columns), scratch };
  const LwPanels whole = part_of (matrix, &weights, 0, 1);

  LW_CPU (pack_weights) (matrix, &whole, weights.packed);
  while (item < last) {
    const Weights next = next_of (d, &weights, item + 1 == last,
                                  weights.packed == scratch ? scratch + size : scratch);
    const int64_t parts = (weights.right - weights.left + LW_PANEL - 1) / LW_PANEL;

    for (int64_t part = 0; part < parts; part++) {
      const LwPanels panels = part_of (matrix, &next, part, parts);
      LwAhead ahead = lw_ahead (NULL, 0, 0, 0);

      if (next.depth > 0)
        ahead = part_ahead (matrix, &panels);
      multiply_rows (d, &weights, weights.left + part * LW_PANEL, partial, &ahead);
      if (next.depth > 0)
        LW_CPU (pack_weights) (matrix, &panels, next.packed);
    }
    if (next.first == 0)
      item++;
    weights = next;
  }
  if (d->stream)
    lw_vec_stream_end ();
}

void
LW_CPU (multiply_few) (LwDevice *device, const LwDivision *d)
{
  lw_pool_run (device->pool, (d->depth + LW_DEPTH - 1) / LW_DEPTH, pack_rows, d);
  lw_pool_run (device->pool, (d->columns + d->own - 1) / d->own, multiply_columns, d);
}
