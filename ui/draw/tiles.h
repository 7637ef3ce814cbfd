/* LwTile: a feature map, kernel or image as a square of pixels with rounded corners, and grids of
 * them. Pixels are never blended with their neighbours: each stands for one number.
 *
 * Units: logical pixels. Threads: the LwText's. Nothing is kept; values are read while painting. */
#pragma once

#include "ui/draw/scale.h"

#include <stdint.h>

G_BEGIN_DECLS

/* Cells from this side on have room for their value. */
#define LW_TILE_TEXT_CELL 34.0

typedef enum {
  LW_TILE_MAP,  /* values through `scale` */
  LW_TILE_GREY, /* scale.min is black, scale.max white */
  LW_TILE_RGB,  /* three planes, [3][rows][columns], each as grey */
} LwTileKind;

/* Exactly one of `values` and `bytes` is set; bytes (GREY, RGB) run from 0 to 255 and need no
 * scale. */
typedef struct {
  LwTileKind kind;
  const float *values;
  const uint8_t *bytes;
  int rows, columns;
  int count; /* cells that exist, row by row; 0: all. For vectors folded into rows */
  LwScale scale;
} LwTile;

/* Folds a vector of `n` values into a near square, at least as wide as high. */
void lw_tile_fold (int n, int *ret_rows, int *ret_columns);
/* The largest rectangle of square cells within `room`, centred. */
cairo_rectangle_t lw_tile_fit (const LwTile *tile, cairo_rectangle_t room);

/* Fills `place`; `radius` 6 for tiles. Empty tiles and places paint nothing. */
void lw_tile_paint (cairo_t *cr, const LwTheme *theme, const LwTile *tile, cairo_rectangle_t place,
                    double radius);
/* Writes the values into the cells, when these are large enough, in black or white by contrast. */
void lw_tile_paint_values (cairo_t *cr, const LwTheme *theme, LwText *text, const LwTile *tile,
                           cairo_rectangle_t place);
/* A frame around cells: the chosen unit. */
void lw_tile_paint_unit (cairo_t *cr, const LwTheme *theme, const LwTile *tile,
                         cairo_rectangle_t place, int row, int column);
/* A yellow frame around a stretch of cells that may reach beyond the image: a receptive field. */
void lw_tile_paint_field (cairo_t *cr, const LwTile *tile, cairo_rectangle_t place, int row,
                          int column, int rows, int columns);
cairo_rectangle_t lw_tile_cell (const LwTile *tile, cairo_rectangle_t place, int row, int column);
/* The cell under a point; false beside the tile and where no cell exists. */
bool lw_tile_at (const LwTile *tile, cairo_rectangle_t place, double x, double y, int *ret_row,
                 int *ret_column);
/* "Map 7, row 4, column 3, value 1.99". g_free. */
char *lw_tile_describe (const LwTile *tile, int map, int row, int column);

typedef enum {
  LW_CAPTION_NONE,
  LW_CAPTION_NUMBER, /* centred: "7" */
  LW_CAPTION_MEAN,   /* left and right: "7  1.42" */
} LwTileCaption;

/* A layer's output for one example: `n` maps of one size, as it is downloaded. */
typedef struct {
  const float *values; /* [n][rows][columns] */
  int n, rows, columns;
  LwScale scale;     /* of the layer */
  bool scale_each;   /* each map by its own scale instead */
  LwColours colours; /* of those */
  double side;       /* of a tile's longer edge */
  double gap;        /* between tiles */
  LwTileCaption caption;
  int selected; /* or −1 */
} LwTileGrid;

int lw_tile_grid_columns (const LwTileGrid *grid, double width);
double lw_tile_grid_height (const LwTileGrid *grid, double width);
/* The tile of a map, relative to the grid's corner. */
cairo_rectangle_t lw_tile_grid_place (const LwTileGrid *grid, double width, int map);
/* The map whose tile or caption is under a point, or −1. */
int lw_tile_grid_at (const LwTileGrid *grid, double width, double x, double y);
LwTile lw_tile_grid_tile (const LwTileGrid *grid, int map);
double lw_tile_grid_mean (const LwTileGrid *grid, int map);
/* Paints what the clip shows, so a grid of 1024 maps scrolls as fast as one of 16. */
void lw_tile_grid_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwTileGrid *grid,
                         double x, double y, double width);
/* "16 maps of 8 × 8, map 7 selected, mean 1.42". g_free. */
char *lw_tile_grid_describe (const LwTileGrid *grid);

G_END_DECLS
