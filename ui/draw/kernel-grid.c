#include "ui/draw/kernel-grid.h"

#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>

#define CAPTION 18.0 /* below a picture of its own */
#define EDGE_X  30.0 /* numbers of rows, left */
#define EDGE_Y  18.0 /* numbers of columns, above */
#define LEAST   26.0 /* between two numbers */

bool
lw_kernel_grid_is_row (const LwKernelGrid *grid)
{
  return grid->inputs == 1 || grid->colours;
}

static double
kernel_width (const LwKernelGrid *grid)
{
  return grid->side * grid->columns / MAX (1, MAX (grid->rows, grid->columns));
}

static double
kernel_height (const LwKernelGrid *grid)
{
  return grid->side * grid->rows / MAX (1, MAX (grid->rows, grid->columns));
}

static double
pitch_x (const LwKernelGrid *grid)
{
  return MAX (1.0, kernel_width (grid) + grid->gap);
}

static double
pitch_y (const LwKernelGrid *grid)
{
  return MAX (1.0, kernel_height (grid) + grid->gap + (lw_kernel_grid_is_row (grid) ? CAPTION : 0));
}

static int
row_columns (const LwKernelGrid *grid, double width)
{
  return MAX (1, (int)((MAX (width, 0.0) + grid->gap) / pitch_x (grid)));
}

double
lw_kernel_grid_side (const LwKernelGrid *grid, double width)
{
  const int longer = MAX (1, MAX (grid->rows, grid->columns));
  int columns;

  if (!lw_kernel_grid_is_row (grid)) { /* fill the width where that is possible */
    const double fitting = (width - EDGE_X) / MAX (1, grid->outputs) - grid->gap;

    return CLAMP (floor (fitting / longer), 3.0, MAX (3.0, floor (40.0 / longer))) * longer;
  }
  columns = grid->outputs <= 6 ? 2 : grid->outputs <= 12 ? 3 : grid->outputs <= 64 ? 4 : 6;
  return MAX (3.0 * longer, floor ((width - (columns - 1) * grid->gap) / columns));
}

void
lw_kernel_grid_size (const LwKernelGrid *grid, double width, double *ret_width, double *ret_height)
{
  if (lw_kernel_grid_is_row (grid)) {
    const int columns = row_columns (grid, width);
    const int rows = (MAX (grid->outputs, 0) + columns - 1) / columns;

    *ret_width = width;
    *ret_height = rows > 0 ? rows * pitch_y (grid) - grid->gap : 0.0;
    return;
  }
  *ret_width = EDGE_X + grid->outputs * pitch_x (grid);
  *ret_height = EDGE_Y + grid->inputs * pitch_y (grid);
}

cairo_rectangle_t
lw_kernel_grid_place (const LwKernelGrid *grid, double width, int output, int input)
{
  const bool row = lw_kernel_grid_is_row (grid);
  const int columns = row ? row_columns (grid, width) : 1;

  return (cairo_rectangle_t){
    row ? output % columns * pitch_x (grid) : EDGE_X + output * pitch_x (grid),
    row ? output / columns * pitch_y (grid) : EDGE_Y + input * pitch_y (grid), kernel_width (grid),
    kernel_height (grid)
  };
}

bool
lw_kernel_grid_at (const LwKernelGrid *grid, double width, double x, double y, int *ret_output,
                   int *ret_input)
{
  const bool row = lw_kernel_grid_is_row (grid);
  const double column = floor ((x - (row ? 0.0 : EDGE_X)) / pitch_x (grid));
  const double line = floor ((y - (row ? 0.0 : EDGE_Y)) / pitch_y (grid));
  const int columns = row ? row_columns (grid, width) : grid->outputs;
  const double output = row ? line * columns + column : column, input = row ? 0.0 : line;

  if (!(column >= 0.0 && line >= 0.0) || column >= columns || output >= grid->outputs ||
      input >= MAX (grid->inputs, 1))
    return false;
  *ret_output = (int)output;
  *ret_input = (int)input;
  return true;
}

LwTile
lw_kernel_grid_tile (const LwKernelGrid *grid, int output, int input)
{
  const gsize area = (gsize)grid->rows * (gsize)grid->columns;
  LwTile tile = { .kind = grid->colours ? LW_TILE_RGB : LW_TILE_MAP,
                  .rows = grid->rows,
                  .columns = grid->columns,
                  .scale = grid->scale };

  tile.values = grid->values + ((gsize)output * (gsize)grid->inputs + (gsize)input) * area;
  if (grid->colours) /* grey where a weight is zero */
    tile.scale = (LwScale){ LW_MAP_GREY, -grid->scale.max, grid->scale.max };
  return tile;
}

/* The numbers of a matrix's rows and columns on a strip of the ground. */
static void
paint_edges (cairo_t *cr, const LwTheme *theme, LwText *text, const LwKernelGrid *grid,
             cairo_rectangle_t view)
{
  const int step_x = MAX (1, (int)ceil (LEAST / pitch_x (grid)));
  const int step_y = MAX (1, (int)ceil (LEAST * 0.6 / pitch_y (grid)));
  char number[16];

  lw_set_colour (cr, theme->canvas, 1.0);
  cairo_rectangle (cr, view.x, view.y, view.width, EDGE_Y);
  cairo_rectangle (cr, view.x, view.y, EDGE_X, view.height);
  cairo_fill (cr);
  for (int o = 0; o < grid->outputs; o += step_x) {
    const cairo_rectangle_t at = lw_kernel_grid_place (grid, 0, o, 0);

    if (at.x < view.x + EDGE_X - 1.0 || at.x > view.x + view.width)
      continue;
    g_snprintf (number, sizeof number, "%d", o);
    lw_text_paint (cr, text, o == grid->output ? LW_TEXT_DETAIL_BOLD : LW_TEXT_DETAIL, number,
                   at.x + at.width / 2.0, view.y + EDGE_Y / 2.0 + lw_text_middle (LW_TEXT_DETAIL),
                   0.5, o == grid->output ? theme->text : theme->dim, 1.0);
  }
  for (int i = 0; i < grid->inputs; i += step_y) {
    const cairo_rectangle_t at = lw_kernel_grid_place (grid, 0, 0, i);

    if (at.y < view.y + EDGE_Y - 1.0 || at.y > view.y + view.height)
      continue;
    g_snprintf (number, sizeof number, "%d", i);
    lw_text_paint (cr, text, i == grid->input ? LW_TEXT_DETAIL_BOLD : LW_TEXT_DETAIL, number,
                   view.x + EDGE_X - 6.0, at.y + at.height / 2.0 + lw_text_middle (LW_TEXT_DETAIL),
                   1.0, i == grid->input ? theme->text : theme->dim, 1.0);
  }
}

static void
paint_kernel (cairo_t *cr, const LwTheme *theme, LwText *text, const LwKernelGrid *grid,
              double width, int output, int input)
{
  const bool row = lw_kernel_grid_is_row (grid);
  const cairo_rectangle_t place = lw_kernel_grid_place (grid, width, output, input);
  const LwTile tile = lw_kernel_grid_tile (grid, output, input);
  const bool selected = output == grid->output && (row || input == grid->input);
  const double radius = row ? 6.0 : MIN (3.0, grid->side / 8.0);
  char number[16];

  lw_tile_paint (cr, theme, &tile, place, radius);
  if (selected)
    lw_paint_selection (cr, theme, place.x, place.y, place.width, place.height, radius, 0.75);
  if (!row)
    return;
  g_snprintf (number, sizeof number, "%d", output);
  lw_text_paint (cr, text, selected ? LW_TEXT_DETAIL_BOLD : LW_TEXT_DETAIL, number,
                 place.x + place.width / 2.0,
                 place.y + place.height + 11.0 + lw_text_middle (LW_TEXT_DETAIL), 0.5,
                 selected ? theme->text : theme->dim, 1.0);
}

void
lw_kernel_grid_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwKernelGrid *grid,
                      double width, cairo_rectangle_t view)
{
  const bool row = lw_kernel_grid_is_row (grid);
  const double edge_x = row ? 0.0 : EDGE_X, edge_y = row ? 0.0 : EDGE_Y;
  const int columns = row ? row_columns (grid, width) : grid->outputs;
  const int lines = row ? (grid->outputs + columns - 1) / columns : grid->inputs;
  int left, right, top, bottom;

  if (grid->values == NULL || grid->outputs <= 0 || grid->inputs <= 0 || grid->rows <= 0 ||
      grid->columns <= 0 || !(view.width > 0.0) || !(view.height > 0.0) || !(grid->side > 0.0))
    return;
  left = (int)CLAMP (floor ((view.x - edge_x) / pitch_x (grid)), 0, columns);
  right = (int)CLAMP (floor ((view.x + view.width - edge_x) / pitch_x (grid)), -1, columns - 1);
  top = (int)CLAMP (floor ((view.y - edge_y) / pitch_y (grid)), 0, lines);
  bottom = (int)CLAMP (floor ((view.y + view.height - edge_y) / pitch_y (grid)), -1, lines - 1);
  for (int line = top; line <= bottom; line++)
    for (int column = left; column <= right; column++) {
      const int output = row ? line * columns + column : column;

      if (output < grid->outputs)
        paint_kernel (cr, theme, text, grid, width, output, row ? 0 : line);
    }
  if (!row)
    paint_edges (cr, theme, text, grid, view);
}

char *
lw_kernel_grid_describe (const LwKernelGrid *grid)
{
  g_autofree char *all =
      g_strdup_printf (ngettext ("%d kernel of %d × %d", "%d kernels of %d × %d", grid->outputs),
                       grid->outputs, grid->rows, grid->columns);

  if (grid->output < 0)
    return g_steal_pointer (&all);
  if (lw_kernel_grid_is_row (grid))
    return g_strdup_printf (_ ("%s, kernel %d selected"), all, grid->output);
  return g_strdup_printf (_ ("%s for each of %d input channels, output %d, input %d selected"), all,
                          grid->inputs, grid->output, grid->input);
}
