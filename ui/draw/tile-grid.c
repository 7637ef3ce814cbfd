/* Grids of feature maps. */
#include "ui/draw/tiles.h"

#include "ui/draw/shapes.h"
#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define CAPTION_HEIGHT 18.0

static double
tile_width (const LwTileGrid *grid)
{
  int longer = MAX (grid->rows, grid->columns);

  return longer > 0 ? grid->side * grid->columns / longer : 0.0;
}

static double
tile_height (const LwTileGrid *grid)
{
  int longer = MAX (grid->rows, grid->columns);

  return longer > 0 ? grid->side * grid->rows / longer : 0.0;
}

static double
pitch_x (const LwTileGrid *grid)
{
  return MAX (1.0, tile_width (grid) + grid->gap);
}

static double
pitch_y (const LwTileGrid *grid)
{
  return MAX (1.0, tile_height (grid) + grid->gap +
                       (grid->caption != LW_CAPTION_NONE ? CAPTION_HEIGHT : 0.0));
}

int
lw_tile_grid_columns (const LwTileGrid *grid, double width)
{
  return MAX (1, (int)MIN (1e6, (MAX (width, 0.0) + grid->gap) / pitch_x (grid)));
}

static int
grid_rows (const LwTileGrid *grid, double width)
{
  int columns = lw_tile_grid_columns (grid, width);

  return (MAX (grid->n, 0) + columns - 1) / columns;
}

double
lw_tile_grid_height (const LwTileGrid *grid, double width)
{
  int rows = grid_rows (grid, width);

  return rows > 0 ? rows * pitch_y (grid) - grid->gap : 0.0;
}

cairo_rectangle_t
lw_tile_grid_place (const LwTileGrid *grid, double width, int map)
{
  int columns = lw_tile_grid_columns (grid, width);

  return (cairo_rectangle_t){ map % columns * pitch_x (grid), map / columns * pitch_y (grid),
                              tile_width (grid), tile_height (grid) };
}

int
lw_tile_grid_at (const LwTileGrid *grid, double width, double x, double y)
{
  int columns = lw_tile_grid_columns (grid, width);
  double column = floor (x / pitch_x (grid)), row = floor (y / pitch_y (grid));
  double map = row * columns + column;

  if (!(x >= 0.0 && y >= 0.0) || column >= columns || map >= grid->n ||
      x - column * pitch_x (grid) > tile_width (grid) ||
      y - row * pitch_y (grid) > pitch_y (grid) - grid->gap)
    return -1;
  return (int)map;
}

static const float *
map_values (const LwTileGrid *grid, int map)
{
  return grid->values + (size_t)map * grid->rows * grid->columns;
}

LwTile
lw_tile_grid_tile (const LwTileGrid *grid, int map)
{
  LwTile tile = { .kind = LW_TILE_MAP,
                  .values = map_values (grid, map),
                  .rows = grid->rows,
                  .columns = grid->columns,
                  .scale = grid->scale };

  if (grid->scale_each)
    tile.scale = lw_scale_chosen (tile.values, (size_t)grid->rows * grid->columns, grid->colours);
  return tile;
}

double
lw_tile_grid_mean (const LwTileGrid *grid, int map)
{
  const float *values = map_values (grid, map);
  size_t n = (size_t)grid->rows * grid->columns;
  double sum = 0.0;

  for (size_t i = 0; i < n; i++)
    sum += values[i];
  return n > 0 ? sum / n : NAN;
}

static void
paint_caption (cairo_t *cr, const LwTheme *theme, LwText *text, const LwTileGrid *grid, int map,
               const cairo_rectangle_t *place)
{
  bool selected = map == grid->selected;
  LwTextStyle style = selected ? LW_TEXT_DETAIL_BOLD : LW_TEXT_DETAIL;
  double baseline = place->y + place->height + 11.0 + lw_text_middle (style);
  bool mean = grid->caption == LW_CAPTION_MEAN;
  char number[16], words[LW_TICK_TEXT];
  double free_width;

  g_snprintf (number, sizeof number, "%d", map);
  lw_text_paint (cr, text, style, number, place->x + (mean ? 0.0 : place->width / 2.0), baseline,
                 mean ? 0.0 : 0.5, selected ? theme->text : theme->dim, 1.0);
  if (!mean)
    return;
  lw_value_text_fixed (lw_tile_grid_mean (grid, map), lw_scale_decimals (&grid->scale), words);
  /* A tile of a few pixels has room for its number only. */
  free_width = place->width - lw_text_width (text, style, number) - 4.0;
  if (lw_text_width (text, LW_TEXT_DETAIL, words) <= free_width)
    lw_text_paint (cr, text, LW_TEXT_DETAIL, words, place->x + place->width, baseline, 1.0,
                   theme->dim, 1.0);
}

void
lw_tile_grid_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwTileGrid *grid,
                    double x, double y, double width)
{
  int columns = lw_tile_grid_columns (grid, width), rows = grid_rows (grid, width);
  double left, top, right, bottom;
  int first, last;

  if (grid->values == NULL || rows == 0 || !(tile_width (grid) > 0.0))
    return;
  cairo_clip_extents (cr, &left, &top, &right, &bottom);
  first = (int)CLAMP (floor ((top - y) / pitch_y (grid)), 0.0, rows);
  last = (int)CLAMP (floor ((bottom - y) / pitch_y (grid)), -1.0, rows - 1.0);
  for (int map = first * columns; map < MIN (grid->n, (last + 1) * columns); map++) {
    cairo_rectangle_t place = lw_tile_grid_place (grid, width, map);
    LwTile tile = lw_tile_grid_tile (grid, map);

    place.x += x;
    place.y += y;
    lw_tile_paint (cr, theme, &tile, place, 6.0);
    if (map == grid->selected)
      lw_paint_selection (cr, theme, place.x, place.y, place.width, place.height, 6.0, 0.75);
    if (grid->caption != LW_CAPTION_NONE)
      paint_caption (cr, theme, text, grid, map, &place);
  }
}

char *
lw_tile_grid_describe (const LwTileGrid *grid)
{
  char words[LW_TICK_TEXT];

  if (grid->values == NULL || grid->selected < 0 || grid->selected >= grid->n)
    return g_strdup_printf (ngettext ("%d map of %d × %d", "%d maps of %d × %d", grid->n), grid->n,
                            grid->rows, grid->columns);
  lw_value_text_fixed (lw_tile_grid_mean (grid, grid->selected), 2, words);
  return g_strdup_printf (ngettext ("%d map of %d × %d, map %d selected, mean %s",
                                    "%d maps of %d × %d, map %d selected, mean %s", grid->n),
                          grid->n, grid->rows, grid->columns, grid->selected, words);
}
