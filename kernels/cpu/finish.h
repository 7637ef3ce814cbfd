/* The last step of a product: a tile of sums, still in registers, goes to memory.
 *
 *   y ← s + bias (+ the sums so far) (+ y),  then  y ← max (0, y)  or  y ← mask > 0 ? y : 0
 *
 * The mask is the gradient of a ReLU: of its output, where that is positive. Private to this
 * folder. */
#pragma once

#include "kernels/cpu/simd.h"
#include "kernels/cpu/stretch_sums.h"

#include <stdbool.h>
#include <stddef.h>

enum {
  LW_LINE = 64 / sizeof (LwNumber), /* numbers in a line of the caches */
  LW_STREAM_BYTES = 16 << 20,       /* outputs that large are written past the caches */
};

/* Of one panel of columns. A row's numbers lie at y + its offset; those of the mask likewise. */
typedef struct {
  void *y;              /* of LwNumber, or, if `sums`, of float32 */
  const float *bias;    /* of the panel's columns; or NULL */
  const LwNumber *mask; /* or NULL */
  const float *partial; /* sums so far of whole panels, or NULL */
  int64_t partial_row;  /* numbers from a row of them to the next */
  int64_t columns;      /* of the panel that are there */
  bool sums;            /* y holds gradients of parameters or incomplete sums: not rounded */
  bool add, relu;
  bool stream; /* y goes past the caches; its rows are aligned to vectors */
  /* Or NULL; the sums of y's stretch, to whole vectors, and numbers from one kind to the next. */
  float *stretch;
  int64_t stretch_width;
  bool begins; /* with this tile, the stretch */
} LwFinish;

/* Is y float32? Known to the compiler where all numbers are. */
LW_INLINE bool
lw_finish_exact (const LwFinish *finish)
{
  return sizeof (LwNumber) == sizeof (float) || finish->sums;
}

#ifdef LW_BF16
/* Two vectors, a line of the caches; past them, if it is one. */
LW_INLINE void
lw_store_line (LwNumber *at, const LwVec value[2], bool past)
{
  const __m512i line = (__m512i)_mm512_cvtne2ps_pbh ((__m512)value[1], (__m512)value[0]);

  if (past)
    _mm512_stream_si512 ((__m512i *)(void *)at, line);
  else
    _mm512_storeu_si512 (at, line);
}
#endif

/* Asks for the lines of y that will be read and written when the sums are ready. */
LW_INLINE void
lw_finish_begin (int rows, int vectors, const LwFinish *finish, const int64_t *offset)
{
  if (finish->stream)
    return;
  if (lw_finish_exact (finish))
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
      for (int i = 0; i < vectors * LW_LANES; i += 64 / (int)sizeof (float))
        __builtin_prefetch ((float *)finish->y + offset[r] + i, 1, 3);
  else
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++)
      __builtin_prefetch ((LwNumber *)finish->y + offset[r], 1, 3);
}

/* `columns` [vectors]: how many numbers of each vector are there; NULL: all. `exact`, a constant:
 * lw_finish_exact. */
LW_INLINE void
lw_finish_sums (int rows, int vectors, const int64_t *columns, LwVec sum[][2],
                const LwFinish *finish, const int64_t *offset, bool exact)
{
#define LOAD(at, i)    (columns == NULL ? lw_vec_load (at) : lw_vec_load_part (at, columns[i]))
#define NUMBERS(at, i) (columns == NULL ? lw_load (at) : lw_load_part (at, columns[i]))
  float *const sums = finish->y;
  LwNumber *const y = finish->y;

  if (finish->bias)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++) {
      const LwVec bias = LOAD (finish->bias + i * LW_LANES, i);

#pragma GCC unroll 16
      for (int r = 0; r < rows; r++)
        sum[r][i] += bias;
    }
  if (finish->partial)
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
      for (int i = 0; i < vectors; i++)
        sum[r][i] += lw_vec_load (finish->partial + r * finish->partial_row + i * LW_LANES);
  if (finish->add)
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
      for (int i = 0; i < vectors; i++)
        sum[r][i] += exact ? LOAD (sums + offset[r] + i * LW_LANES, i)
                           : NUMBERS (y + offset[r] + i * LW_LANES, i);
  if (finish->relu)
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
      for (int i = 0; i < vectors; i++)
        sum[r][i] = lw_vec_relu (sum[r][i]);
  if (finish->mask)
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
      for (int i = 0; i < vectors; i++)
        sum[r][i] =
            lw_vec_where_positive (NUMBERS (finish->mask + offset[r] + i * LW_LANES, i), sum[r][i]);
#ifdef LW_BF16
  if (!exact && columns == NULL && vectors == 2) {
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++)
      lw_store_line (y + offset[r], sum[r], finish->stream);
    return;
  }
#endif
  if (finish->stream && columns == NULL)
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
      for (int i = 0; i < vectors; i++)
        lw_store_past (y + offset[r] + i * LW_LANES, sum[r][i]);
  else
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
      for (int i = 0; i < vectors; i++) {
        const int64_t at = offset[r] + i * LW_LANES;

        if (exact && columns == NULL)
          lw_vec_store (sums + at, sum[r][i]);
        else if (exact)
          lw_vec_store_part (sums + at, sum[r][i], columns[i]);
        else if (columns == NULL)
          lw_store (y + at, sum[r][i]);
        else
          lw_store_part (y + at, sum[r][i], columns[i]);
      }
#undef LOAD
#undef NUMBERS
}

/* What was written is added to its stretch. */
LW_INLINE void
lw_finish_stretch (int rows, int vectors, LwVec sum[][2], const LwFinish *finish)
{
#pragma GCC unroll 2
  for (int i = 0; i < vectors; i++) {
    float *at = finish->stretch + i * LW_LANES;
    LwStretch stretch = lw_stretch_load (at, finish->stretch_width, finish->begins);

    if (finish->begins)
      lw_stretch_begin (&stretch, rows, &sum[0][i], 2);
    lw_stretch_add (&stretch, rows, &sum[0][i], 2);
    lw_stretch_store (&stretch, at, finish->stretch_width);
  }
}

LW_INLINE void
lw_finish_tile_as (int rows, int vectors, LwVec sum[][2], const LwFinish *finish,
                   const int64_t *offset, bool exact)
{
  const int64_t there = finish->columns;

  if (there >= vectors * LW_LANES) {
    lw_finish_sums (rows, vectors, NULL, sum, finish, offset, exact);
    if (finish->stretch)
      lw_finish_stretch (rows, vectors, sum, finish);
    return;
  }

  /* Seldom: row by row, through memory. */
  const int64_t columns[2] = { there < LW_LANES ? there : LW_LANES,
                               there > LW_LANES ? there - LW_LANES : 0 };
  LwVec copy[16][2];
  LwFinish row = *finish;

#pragma GCC unroll 16
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      copy[r][i] = sum[r][i];
#pragma GCC unroll 1
  for (int r = 0; r < rows; r++) {
    lw_finish_sums (1, vectors, columns, &copy[r], &row, offset + r, exact);
    if (row.partial)
      row.partial += row.partial_row;
  }
  if (finish->stretch)
    lw_finish_stretch (rows, vectors, copy, finish);
}

/* `offset` [rows] */
LW_INLINE void
lw_finish_tile (int rows, int vectors, LwVec sum[][2], const LwFinish *finish,
                const int64_t *offset)
{
  if (lw_finish_exact (finish))
    lw_finish_tile_as (rows, vectors, sum, finish, offset, true);
  else
    lw_finish_tile_as (rows, vectors, sum, finish, offset, false);
}
