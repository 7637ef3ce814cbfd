#include "kernels/cpu/patches.h"

#include <string.h>

enum {
  SHORT = 256, /* numbers of a patch that is put together in one piece */
  AHEAD = (256 << 10) / sizeof (LwNumber), /* numbers that are asked for ahead, at most */
};

/* Where the next numbers of a packed row go. */
typedef struct {
  LwNumber *at;  /* of the present strip */
  int64_t used;  /* numbers in the present strip */
  int64_t strip; /* from a strip to the next */
} Cursor;

LW_INLINE void
copy_strip (LwNumber *to, const LwNumber *from)
{
  for (int i = 0; i < LW_STRIP; i += LW_LANES)
    lw_copy_vec (to + i, from + i);
}

/* Appends n numbers; from NULL: zeros. */
static inline void
append (Cursor *cursor, const LwNumber *from, int64_t n)
{
  static const LwNumber zeros[LW_STRIP] = { 0 };

  while (n > 0) {
    if (cursor->used == 0 && n >= LW_STRIP) {
      copy_strip (cursor->at, from ? from : zeros);
      cursor->at += cursor->strip;
      from = from ? from + LW_STRIP : NULL;
      n -= LW_STRIP;
      continue;
    }

    const int64_t count = MIN (n, LW_STRIP - cursor->used);

    for (int64_t i = 0; i < count; i++)
      cursor->at[cursor->used + i] = from ? from[i] : 0;
    cursor->used += count;
    from = from ? from + count : NULL;
    n -= count;
    if (cursor->used == LW_STRIP) {
      cursor->used = 0;
      cursor->at += cursor->strip;
    }
  }
}

/* Appends columns first … last − 1 of one row of the window, whose first cell is (y, x). */
static inline void
append_window_row (const LwPatches *patches, const LwNumber *image, int64_t y, int64_t x,
                   int64_t first, int64_t last, Cursor *cursor)
{
  const LwShape shape = patches->shape;

  if (y < 0 || y >= shape.h) {
    append (cursor, NULL, last - first);
    return;
  }
  if (lw_patches_pixel (patches) > shape.c) {
    while (first < last) {
      const int64_t cell = first / shape.c, c = first % shape.c;
      const int64_t count = MIN (shape.c - c, last - first);
      const bool inside = x + cell >= 0 && x + cell < shape.w;
      const LwNumber *pixel = image + (y * shape.w + x + cell) * patches->pixel_stride;

      append (cursor, inside ? pixel + c : NULL, count);
      first += count;
    }
    return;
  }

  /* The cells inside the image are one stretch of memory. */
  const int64_t inside_first = CLAMP (-x * shape.c, first, last);
  const int64_t inside_last = CLAMP ((shape.w - x) * shape.c, inside_first, last);

  append (cursor, NULL, inside_first - first);
  if (inside_last > inside_first)
    append (cursor, image + (y * shape.w + x) * shape.c + inside_first, inside_last - inside_first);
  append (cursor, NULL, last - inside_last);
}

#ifdef LW_BF16
/* A window of one cell, without a border, as pairs of rows. */
static void
pack_pixel_pairs (const LwPatches *patches, const LwPatchBlock *block)
{
  const int64_t pixel = lw_patches_pixel (patches);

  for (int64_t row = 0; row < block->rows; row += LW_PAIR) {
    const LwNumber *first = patches->image + (block->row + row) * pixel + block->column;
    const LwNumber *second = row + 1 < block->rows ? first + pixel : NULL;
    LwNumber *to = block->to + row * LW_STRIP;
    int64_t i = 0;

    if (second)
      for (; i + LW_STRIP <= block->columns; i += LW_STRIP, to += block->height * LW_STRIP)
        lw_copy_rows (first + i, second + i, LW_STRIP, to);
    for (; i < block->columns; i += LW_STRIP, to += block->height * LW_STRIP)
      lw_copy_rows (first + i, second ? second + i : NULL, MIN (LW_STRIP, block->columns - i), to);
  }
}

/* Two rows of packed strips, or one and zeros. */
static void
pair_rows (const LwPatchBlock *block, int64_t row)
{
  const __mmask32 there = row + 1 < block->rows ? 0xffffffffU : 0xffffU;
  LwNumber *at = block->to + row * LW_STRIP;

  for (int64_t i = 0; i < block->columns; i += LW_STRIP, at += block->height * LW_STRIP)
    _mm512_storeu_si512 (at, lw_interleave (_mm512_maskz_loadu_epi16 (there, at)));
}
#endif

/* A window of one cell, without a border: rows are pixels. */
static void
pack_pixels (const LwPatches *patches, const LwPatchBlock *block)
{
  const int64_t pixel = lw_patches_pixel (patches), whole = block->columns / LW_STRIP;
  const int64_t rest = block->columns % LW_STRIP;

  for (int64_t row = 0; row < block->rows; row++) {
    const LwNumber *from = patches->image + (block->row + row) * pixel + block->column;
    LwNumber *to = block->to + row * LW_STRIP;

    for (int64_t strip = 0; strip < whole; strip++)
      copy_strip (to + strip * block->height * LW_STRIP, from + strip * LW_STRIP);
    for (int64_t i = 0; i < rest; i += LW_LANES)
      lw_copy_part (to + whole * block->height * LW_STRIP + i, from + whole * LW_STRIP + i,
                    MIN (rest - i, LW_LANES));
  }
}

/* Windows whose whole patch is one block, and short rows: it is put together in one stretch of
 * memory, rows of the window one after another, and cut into strips in the end. */
static void
pack_short (const LwPatches *patches, const LwPatchBlock *block)
{
  const LwShape shape = patches->shape;
  const int64_t width = (int64_t)patches->window_w * shape.c, line = (int64_t)shape.w * shape.c;
  const int64_t positions = (int64_t)patches->rows * patches->columns;
  const int64_t strips = lw_strips (block->columns);
  int64_t n = block->row / positions;
  int64_t i = block->row % positions / patches->columns, j = block->row % patches->columns;
  LwNumber row[SHORT + LW_STRIP] __attribute__ ((aligned (64)));

  memset (row, 0, sizeof row);
  for (int64_t r = 0; r < block->rows; r++) {
    const int64_t y = patches->stride * i + patches->top, x = patches->stride * j + patches->left;
    const LwNumber *image = patches->image + n * lw_shape_size (shape);
    const int64_t first = CLAMP (-x * shape.c, 0, width);
    const int64_t last = CLAMP ((shape.w - x) * shape.c, first, width);

    if (first > 0 || last < width || y < 0 || y + patches->window_h > shape.h)
      memset (row, 0, sizeof *row * (size_t)(width * patches->window_h));
    for (int64_t u = MAX (0, -y); u < MIN (patches->window_h, shape.h - y); u++) {
      const LwNumber *from = image + (y + u) * line + x * shape.c;
      LwNumber *to = row + u * width;

      for (int64_t k = first; k < last; k++)
        to[k] = from[k];
    }
    for (int64_t strip = 0; strip < strips; strip++)
      copy_strip (block->to + (strip * block->height + r) * LW_STRIP, row + strip * LW_STRIP);
    if (++j == patches->columns)
      j = 0, i++;
    if (i == patches->rows)
      i = 0, n++;
  }
}

static bool
are_pixels (const LwPatches *patches)
{
  return patches->window_h == 1 && patches->window_w == 1 && patches->stride == 1 &&
         patches->top == 0 && patches->left == 0 && patches->rows == patches->shape.h &&
         patches->columns == patches->shape.w;
}

static void
pack_along (const LwPatches *patches, const LwPatchBlock *block)
{
  const LwShape shape = patches->shape;
  const int64_t width = (int64_t)patches->window_w * shape.c; /* of a row of the window */
  const int64_t end = block->column + block->columns;
  const int64_t image_size = (int64_t)shape.h * shape.w * lw_patches_pixel (patches);
  const int64_t positions = (int64_t)patches->rows * patches->columns;
  int64_t n = block->row / positions;
  int64_t i = block->row % positions / patches->columns, j = block->row % patches->columns;

  if (are_pixels (patches)) {
    pack_pixels (patches, block);
    return;
  }
  if (block->column == 0 && block->columns == lw_patches_depth (patches) && end <= SHORT &&
      lw_patches_pixel (patches) == shape.c) {
    pack_short (patches, block);
    return;
  }
  for (int64_t row = 0; row < block->rows; row++) {
    const LwNumber *image = patches->image + n * image_size;
    const int64_t y = patches->stride * i + patches->top, x = patches->stride * j + patches->left;
    Cursor cursor = { block->to + row * LW_STRIP, 0, block->height * LW_STRIP };

    for (int64_t u = block->column / width; u * width < end; u++)
      append_window_row (patches, image, y + u, x, MAX (block->column - u * width, 0),
                         MIN (end - u * width, width), &cursor);
    if (cursor.used % LW_PAIR > 0)
      cursor.at[cursor.used] = 0;
    if (++j == patches->columns)
      j = 0, i++;
    if (i == patches->rows)
      i = 0, n++;
  }
}

void
LW_CPU (pack_patches) (const LwPatches *patches, const LwPatchBlock *block)
{
#ifdef LW_BF16
  if (block->down && are_pixels (patches)) {
    pack_pixel_pairs (patches, block);
    return;
  }
#endif
  pack_along (patches, block);
#ifdef LW_BF16
  for (int64_t row = 0; block->down && row < block->rows; row += LW_PAIR)
    pair_rows (block, row);
#endif
}

/* --- ahead ------------------------------------------------------------------------------------ */

/* The number, through the batch, of the first or the last pixel that a row sees. */
static int64_t
pixel_of (const LwPatches *patches, int64_t row, bool last)
{
  const int64_t positions = (int64_t)patches->rows * patches->columns;
  const int64_t n = row / positions, i = row % positions / patches->columns;
  const int64_t j = row % patches->columns;
  const int64_t y = patches->stride * i + patches->top + (last ? patches->window_h - 1 : 0);
  const int64_t x = patches->stride * j + patches->left + (last ? patches->window_w - 1 : 0);
  const int64_t h = patches->shape.h, w = patches->shape.w;

  return (n * h + CLAMP (y, 0, h - 1)) * w + CLAMP (x, 0, w - 1);
}

LwAhead
LW_CPU (patches_ahead) (const LwPatches *patches, const LwPatchBlock *block)
{
  const int64_t row = block->row, last_row = MIN (row + block->rows, lw_patches_rows (patches));
  const int64_t pixel = lw_patches_pixel (patches), c = patches->shape.c, w = patches->shape.w;

  if (row >= last_row || block->columns == 0)
    return lw_ahead (NULL, 0, 0, 0);
  if (are_pixels (patches))
    return lw_ahead (patches->image + row * pixel + block->column,
                     MIN (last_row - row, AHEAD / block->columns + 1), block->columns, pixel);

  const int64_t before = row > 0 ? pixel_of (patches, row - 1, true) + 1 : 0;
  const int64_t first = MAX (pixel_of (patches, row, false), before);
  const int64_t pixels = MIN (pixel_of (patches, last_row - 1, true) + 1 - first, AHEAD / c);
  const LwNumber *from = patches->image + first * pixel;

  if (patches->window_h < patches->stride) /* lines in between are not read */
    return lw_ahead (from, (pixels + w - 1) / (w * patches->stride), w * pixel,
                     patches->stride * w * pixel);
  return pixel > c ? lw_ahead (from, pixels, c, pixel) : lw_ahead (from, 1, pixels * c, 0);
}
