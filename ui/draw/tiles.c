/* One tile: pixels, values in cells, frames. */
#include "ui/draw/tiles.h"

#include "ui/draw/shapes.h"
#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

/* No network of the book has larger maps; larger images are sampled. */
#define MAX_SIDE 2048

static bool
drawable (const LwTile *tile, const cairo_rectangle_t *place)
{
  return (tile->values != NULL || tile->bytes != NULL) && tile->rows > 0 && tile->columns > 0 &&
         place->width > 0.0 && place->height > 0.0 && isfinite (place->x) && isfinite (place->y) &&
         place->width < 1e5 && place->height < 1e5;
}

static size_t
cell_count (const LwTile *tile)
{
  size_t all = (size_t)tile->rows * tile->columns;

  return tile->count > 0 ? MIN ((size_t)tile->count, all) : all;
}

void
lw_tile_fold (int n, int *ret_rows, int *ret_columns)
{
  int columns = MAX (1, (int)ceil (sqrt (MAX (n, 0))));

  *ret_columns = columns;
  *ret_rows = MAX (1, (n + columns - 1) / columns);
}

cairo_rectangle_t
lw_tile_fit (const LwTile *tile, cairo_rectangle_t room)
{
  double cell = MIN (room.width / MAX (tile->columns, 1), room.height / MAX (tile->rows, 1));
  double width, height;

  /* Whole pixels a cell look even; below one that would be nothing. */
  if (cell >= 2.0)
    cell = floor (cell);
  width = cell * tile->columns;
  height = cell * tile->rows;
  return (cairo_rectangle_t){ floor (room.x + (room.width - width) / 2.0),
                              floor (room.y + (room.height - height) / 2.0), width, height };
}

static guint8
to_byte (double v)
{
  return (guint8)(CLAMP (v, 0.0, 1.0) * 255.0 + 0.5);
}

static guint32
pack (double r, double g, double b)
{
  return 0xff000000u | (guint32)to_byte (r) << 16 | (guint32)to_byte (g) << 8 | to_byte (b);
}

/* Plane `plane` of an image at a cell, 0 black to 1 white; NaN stays NaN. */
static double
brightness (const LwTile *tile, int plane, size_t cell)
{
  size_t at = (size_t)plane * tile->rows * tile->columns + cell;
  double value;

  if (tile->bytes != NULL)
    return tile->bytes[at] / 255.0;
  value = tile->values[at];
  if (!(tile->scale.max > tile->scale.min))
    return CLAMP (value, 0.0, 1.0);
  return (value - tile->scale.min) / (tile->scale.max - tile->scale.min);
}

static guint32
cell_pixel (const LwTile *tile, bool dark, size_t cell)
{
  LwColour colour;

  if (cell >= cell_count (tile))
    return 0;
  if (tile->kind == LW_TILE_MAP && tile->values != NULL) {
    colour = lw_scale_colour (&tile->scale, dark, tile->values[cell]);
  } else {
    int green = tile->kind == LW_TILE_RGB ? 1 : 0, blue = 2 * green;
    double r = brightness (tile, 0, cell);

    if (isfinite (r))
      return pack (r, brightness (tile, green, cell), brightness (tile, blue, cell));
    colour = lw_map_colour (LW_MAP_SEQUENTIAL, dark, NAN);
  }
  return pack (colour.r, colour.g, colour.b);
}

/* A picture of the cells. Files get several pixels a cell: their viewers blend pixels when they
 * enlarge, whatever the file says. */
static cairo_surface_t *
picture_of (const LwTile *tile, bool dark, bool for_file)
{
  int step = (MAX (tile->rows, tile->columns) + MAX_SIDE - 1) / MAX_SIDE;
  int rows = (tile->rows + step - 1) / step, columns = (tile->columns + step - 1) / step;
  int times = for_file ? MAX (1, 512 / MAX (rows, columns)) : 1;
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_ARGB32, columns * times, rows * times);
  guint8 *data;
  int stride;

  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    return surface;
  cairo_surface_flush (surface);
  data = cairo_image_surface_get_data (surface);
  stride = cairo_image_surface_get_stride (surface);
  for (int y = 0; y < rows * times; y++) {
    guint32 *row = (guint32 *)(void *)(data + (size_t)y * stride);

    for (int x = 0; x < columns * times; x++)
      row[x] = cell_pixel (tile, dark,
                           (size_t)(y / times * step) * tile->columns + (size_t)(x / times * step));
  }
  cairo_surface_mark_dirty (surface);
  return surface;
}

void
lw_tile_paint (cairo_t *cr, const LwTheme *theme, const LwTile *tile, cairo_rectangle_t place,
               double radius)
{
  cairo_surface_t *picture;

  if (!drawable (tile, &place))
    return;
  picture = picture_of (tile, theme->dark, !lw_paints_pixels (cr));
  if (cairo_surface_status (picture) == CAIRO_STATUS_SUCCESS) {
    cairo_save (cr);
    cairo_new_path (cr);
    lw_path_rounded (cr, place.x, place.y, place.width, place.height, radius);
    cairo_translate (cr, place.x, place.y);
    cairo_scale (cr, place.width / cairo_image_surface_get_width (picture),
                 place.height / cairo_image_surface_get_height (picture));
    cairo_set_source_surface (cr, picture, 0.0, 0.0);
    /* Cells smaller than a device pixel are averaged, else most would be left out. */
    cairo_pattern_set_filter (cairo_get_source (cr),
                              place.width * lw_device_scale (cr) < tile->columns
                                  ? CAIRO_FILTER_GOOD
                                  : CAIRO_FILTER_NEAREST);
    cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
    cairo_fill (cr);
    cairo_restore (cr);
  }
  cairo_surface_destroy (picture);
}

cairo_rectangle_t
lw_tile_cell (const LwTile *tile, cairo_rectangle_t place, int row, int column)
{
  double width = place.width / MAX (tile->columns, 1), height = place.height / MAX (tile->rows, 1);

  return (cairo_rectangle_t){ place.x + column * width, place.y + row * height, width, height };
}

bool
lw_tile_at (const LwTile *tile, cairo_rectangle_t place, double x, double y, int *ret_row,
            int *ret_column)
{
  double column = floor ((x - place.x) / place.width * tile->columns);
  double row = floor ((y - place.y) / place.height * tile->rows);

  if (!(column >= 0.0 && column < tile->columns && row >= 0.0 && row < tile->rows) ||
      row * tile->columns + column >= (double)cell_count (tile))
    return false;
  *ret_row = (int)row;
  *ret_column = (int)column;
  return true;
}

static void
cell_text (double value, int decimals, char ret_text[LW_TICK_TEXT])
{
  if (fabs (value) < 99.995)
    lw_value_text_fixed (value, decimals, ret_text);
  else
    lw_value_text (value, ret_text);
}

/* As many decimals as the scale asks for; two, where one of the values has no room for them. */
static int
cell_decimals (LwText *text, const LwTile *tile, double width)
{
  const int wanted = lw_scale_decimals (&tile->scale);
  char words[LW_TICK_TEXT];

  for (size_t i = 0; i < cell_count (tile) && wanted > 2; i++) {
    cell_text (tile->values[i], wanted, words);
    if (lw_text_width (text, LW_TEXT_DETAIL, words) > width)
      return 2;
  }
  return wanted;
}

void
lw_tile_paint_values (cairo_t *cr, const LwTheme *theme, LwText *text, const LwTile *tile,
                      cairo_rectangle_t place)
{
  int decimals;

  if (!drawable (tile, &place) || tile->values == NULL || tile->kind == LW_TILE_RGB ||
      place.width / tile->columns < LW_TILE_TEXT_CELL ||
      place.height / tile->rows < LW_TILE_TEXT_CELL / 2.0)
    return;
  decimals = cell_decimals (text, tile, place.width / tile->columns - 2.0);
  for (size_t i = 0; i < cell_count (tile); i++) {
    cairo_rectangle_t cell =
        lw_tile_cell (tile, place, (int)(i / tile->columns), (int)(i % tile->columns));
    guint32 pixel = cell_pixel (tile, theme->dark, i);
    LwColour ground = { (pixel >> 16 & 255) / 255.0, (pixel >> 8 & 255) / 255.0,
                        (pixel & 255) / 255.0, 1.0 };
    char words[LW_TICK_TEXT];

    cell_text (tile->values[i], decimals, words);
    if (lw_text_width (text, LW_TEXT_DETAIL, words) > cell.width - 2.0)
      continue;
    lw_text_paint (cr, text, LW_TEXT_DETAIL, words, cell.x + cell.width / 2.0,
                   cell.y + cell.height / 2.0 + lw_text_middle (LW_TEXT_DETAIL), 0.5,
                   lw_contrast (ground), 1.0);
  }
}

void
lw_tile_paint_unit (cairo_t *cr, const LwTheme *theme, const LwTile *tile, cairo_rectangle_t place,
                    int row, int column)
{
  static const LwColour white = { 1.0, 1.0, 1.0, 1.0 };
  cairo_rectangle_t cell;

  if (!drawable (tile, &place) || row < 0 || row >= tile->rows || column < 0 ||
      column >= tile->columns)
    return;
  cell = lw_tile_cell (tile, place, row, column);
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0.0);
  /* White on both sides of the accent: the frame shows on every colour of the map. */
  for (int layer = 0; layer < 2; layer++) {
    lw_set_colour (cr, layer == 0 ? white : theme->accent, 1.0);
    cairo_set_line_width (cr, layer == 0 ? 5.5 : 2.5);
    cairo_rectangle (cr, cell.x, cell.y, cell.width, cell.height);
    cairo_stroke (cr);
  }
  cairo_restore (cr);
}

void
lw_tile_paint_field (cairo_t *cr, const LwTile *tile, cairo_rectangle_t place, int row, int column,
                     int rows, int columns)
{
  double left, top, right, bottom;

  if (!drawable (tile, &place) || rows <= 0 || columns <= 0)
    return;
  left = CLAMP (column, 0, tile->columns) * place.width / tile->columns;
  right = CLAMP (column + columns, 0, tile->columns) * place.width / tile->columns;
  top = CLAMP (row, 0, tile->rows) * place.height / tile->rows;
  bottom = CLAMP (row + rows, 0, tile->rows) * place.height / tile->rows;
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0.0);
  cairo_rectangle (cr, place.x + left + 0.75, place.y + top + 0.75, MAX (0.0, right - left - 1.5),
                   MAX (0.0, bottom - top - 1.5));
  /* The dark theme's star on both: images are black grounds. */
  lw_set_colour (cr, lw_theme (true)->star, 1.0);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  cairo_restore (cr);
}

char *
lw_tile_describe (const LwTile *tile, int map, int row, int column)
{
  size_t cell = (size_t)row * tile->columns + column;
  char words[LW_TICK_TEXT];

  if (row < 0 || column < 0 || column >= tile->columns || cell >= cell_count (tile))
    return g_strdup_printf (_ ("Map %d"), map);
  if (tile->values != NULL)
    cell_text (tile->values[cell], lw_scale_decimals (&tile->scale), words);
  else
    lw_value_text_fixed (tile->bytes[cell], 0, words);
  return g_strdup_printf (_ ("Map %d, row %d, column %d, value %s"), map, row, column, words);
}
