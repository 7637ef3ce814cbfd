#include "kernels/reference/unfold.h"
#include "kernels/reference/clones.h"

#include <string.h>

/* Sixteen columns of the unfolded matrix: for each the distance of its example from the first
 * column's, and the cell of the image under the window's cell (0, 0). */
typedef struct {
  int32_t image[LW_LANES];
  int32_t y[LW_LANES], x[LW_LANES];
} Columns;

static inline Columns
find_columns (const LwUnfold *unfold, int64_t column)
{
  const LwShape to = unfold->to;
  const int64_t positions = (int64_t)to.h * to.w, left = unfold->n * positions - column;
  const int32_t s = unfold->adjoint ? 1 : unfold->window.stride;
  const int32_t p = unfold->adjoint ? -unfold->window.padding : unfold->window.padding;
  int32_t i = (int32_t)(column % positions / to.w), j = (int32_t)(column % to.w);
  int32_t image = 0;
  Columns columns;

  for (int lane = 0; lane < LW_LANES; lane++) {
    columns.image[lane] = image;
    columns.y[lane] = s * i - p;
    columns.x[lane] = s * j - p;
    if (lane + 1 >= left)
      continue; /* the last column, again */
    if (++j == to.w)
      j = 0, i++;
    if (i == to.h)
      i = 0, image += (int32_t)lw_shape_size (unfold->from);
  }
  return columns;
}

/* What a row of the panel reads: places in the first channel, and whether they are inside the
 * image (−1, all bits set) or not (0); those outside point at its first number, so that reading
 * needs no branch. */
typedef struct {
  int32_t at[LW_LANES];
  int32_t inside[LW_LANES];
} Cells;

/* base + y · width + x, or 0. Far outside the image the sum may overflow, and is not used. */
static inline int32_t
place (int32_t base, int32_t y, int32_t x, int32_t width, int32_t inside)
{
  return inside & (int32_t)((uint32_t)base + (uint32_t)y * (uint32_t)width + (uint32_t)x);
}

/* Where the window's cell (u, v) lies for each column. */
static inline void
locate (const Columns *columns, LwShape from, int32_t u, int32_t v, Cells *cells)
{
  for (int lane = 0; lane < LW_LANES; lane++) {
    const int32_t y = columns->y[lane] + u, x = columns->x[lane] + v;

    cells->inside[lane] = -((y >= 0) & (y < from.h) & (x >= 0) & (x < from.w));
    cells->at[lane] = place (columns->image[lane], y, x, from.w, cells->inside[lane]);
  }
}

/* The same for Ũ with a stride: only each s-th row and column of the image is there. */
static inline void
locate_strided (const Columns *columns, LwShape from, int32_t stride, int32_t u, int32_t v,
                Cells *cells)
{
  for (int lane = 0; lane < LW_LANES; lane++) {
    const int32_t y = columns->y[lane] - u, x = columns->x[lane] - v;
    const int32_t row = y / stride, column = x / stride;

    cells->inside[lane] = -((y >= 0) & (row < from.h) & (x >= 0) & (column < from.w) &
                            (row * stride == y) & (column * stride == x));
    cells->at[lane] = place (columns->image[lane], row, column, from.w, cells->inside[lane]);
  }
}

/* Reads sixteen places of a plane; what lies outside loses all its bits, which makes it 0. */
static inline void
gather (const float *plane, const Cells *cells, float row[LW_LANES])
{
  union {
    float value[LW_LANES];
    int32_t bits[LW_LANES];
  } read;

  for (int lane = 0; lane < LW_LANES; lane++)
    read.value[lane] = plane[cells->at[lane]];
  for (int lane = 0; lane < LW_LANES; lane++)
    read.bits[lane] &= cells->inside[lane];
  memcpy (row, read.value, sizeof read.value);
}

/* Whether the sixteen lie one after another: the outer two do, inside the same row. */
static inline bool
contiguous (const Columns *columns, const Cells *cells)
{
  const int last = LW_LANES - 1;

  return columns->image[0] == columns->image[last] && columns->y[0] == columns->y[last] &&
         cells->inside[0] && cells->inside[last] && cells->at[last] - cells->at[0] == last;
}

LW_CLONES void
lw_ref_unfold_panel (const LwUnfold *unfold, int64_t column, float (*panel)[LW_LANES])
{
  const LwShape from = unfold->from;
  const LwWindow window = unfold->window;
  const int64_t plane = (int64_t)from.h * from.w;
  const Columns columns = find_columns (unfold, column);
  const float *x =
      unfold->x + column / ((int64_t)unfold->to.h * unfold->to.w) * lw_shape_size (from);
  Cells cells;

  for (int32_t u = 0; u < window.kernel; u++)
    for (int32_t v = 0; v < window.kernel; v++) {
      if (!unfold->adjoint)
        locate (&columns, from, u, v, &cells);
      else if (window.stride == 1)
        locate (&columns, from, -u, -v, &cells);
      else
        locate_strided (&columns, from, window.stride, u, v, &cells);

      const bool in_a_row = contiguous (&columns, &cells);

      for (int32_t c = 0; c < from.c; c++) {
        float *row = panel[((int64_t)c * window.kernel + u) * window.kernel + v];

        if (in_a_row)
          memcpy (row, x + c * plane + cells.at[0], sizeof (float) * LW_LANES);
        else
          gather (x + c * plane, &cells, row);
      }
    }
}

LW_CLONES void
lw_ref_unfold_rows (const LwUnfold *unfold, int64_t example, int64_t position, int64_t count,
                    int64_t k, float (*rows)[LW_LANES])
{
  const LwShape from = unfold->from, to = unfold->to;
  const int32_t kernel = unfold->window.kernel, stride = unfold->window.stride;
  const int64_t plane = (int64_t)from.h * from.w, depth = lw_ref_unfold_depth (unfold);
  const float *image = unfold->x + example * from.c * plane;
  int32_t i = (int32_t)(position / to.w), j = (int32_t)(position % to.w);
  int32_t channel[LW_LANES], y0[LW_LANES], x0[LW_LANES];

  for (int lane = 0; lane < LW_LANES; lane++) {
    const int64_t cell = MIN (k + lane, depth - 1);

    channel[lane] = (int32_t)(cell / (kernel * kernel) * plane);
    y0[lane] = (int32_t)(cell / kernel % kernel) - unfold->window.padding;
    x0[lane] = (int32_t)(cell % kernel) - unfold->window.padding;
  }
  for (int64_t n = 0; n < count; n++) {
    Cells cells;

    for (int lane = 0; lane < LW_LANES; lane++) {
      const int32_t y = y0[lane] + stride * i, x = x0[lane] + stride * j;

      cells.inside[lane] = -((y >= 0) & (y < from.h) & (x >= 0) & (x < from.w));
      cells.at[lane] = place (channel[lane], y, x, from.w, cells.inside[lane]);
    }
    gather (image, &cells, rows[n]);
    if (++j == to.w)
      j = 0, i++;
  }
}
