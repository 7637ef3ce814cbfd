/* How a product is divided, and a block of its rows: what gemm.c and gemm_few.c share. Nothing here
 * changes any sum's order. Private to this folder. */
#pragma once

#include "kernels/cpu/gemm.h"

G_BEGIN_DECLS

enum {
  /* Of patches that are packed at once, at most: a multiple of LW_STRETCH_ROWS. */
  LW_BLOCK_ROWS = 168,
};

typedef struct {
  const LwProduct *product;
  int64_t rows, depth, columns;
  bool few; /* few rows: gemm_few.c */
  bool stream;
  int64_t block;        /* rows of a block */
  int64_t own;          /* columns whose sums are completed together: of few rows, an item's */
  bool keeps;           /* incomplete sums are kept aside, not in y */
  size_t shared_bytes;  /* that all threads read: packed weights, or, of few rows, patches */
  size_t scratch_bytes; /* of a thread */
} LwDivision;

/* Rows of packed patches and where their sums go. */
typedef struct {
  const LwNumber *patches;
  int64_t height;                /* rows of a strip */
  int64_t row, rows;             /* the first; a stretch of sums begins with it */
  int64_t first, depth;          /* columns of the patches */
  int64_t offset[LW_BLOCK_ROWS]; /* of y */
  LwAhead ahead;
} LwRows;

/* The depth of a packed block, a multiple of LW_STRIP. */
static inline int64_t
lw_most_depth (int64_t depth)
{
  return MIN (LW_DEPTH, lw_strips (depth) * LW_STRIP);
}

/* Bytes of so many numbers, to whole lines of the caches. */
static inline size_t
lw_lines (int64_t numbers, size_t size)
{
  return ((size_t)numbers * size + 63) / 64 * 64;
}

/* Says where the sums of rows row … go. */
void LW_CPU (place_rows) (const LwDivision *d, LwRows *block, int64_t row);
/* All rows of a block times the panel of weights that begins at `column`. `sums`: where this
 * panel's sums are kept while they are not complete, [rows][own]; NULL: in y. */
void LW_CPU (multiply_panel) (const LwDivision *d, LwRows *block, int64_t column,
                              const LwNumber *panel, float *sums);

/* Few rows: the workspace and the product. */
void LW_CPU (divide_few) (LwDivision *d, int64_t threads);
void LW_CPU (multiply_few) (LwDevice *device, const LwDivision *d);

G_END_DECLS
