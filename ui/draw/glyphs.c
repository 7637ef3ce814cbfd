#include "ui/draw/glyphs.h"

#include "ui/draw/ticks.h"

#include <glib/gi18n.h>

enum { MOST_SLICES = 12 };

typedef struct {
  double x, y, width, height; /* the front */
  double dx, dy;              /* depth: images */
  int slices, marked;
} BlockShape;

static BlockShape
block_shape (const LwBatchBlock *block, LwText *text, cairo_rectangle_t place)
{
  BlockShape shape = { .slices = CLAMP (block->channels, 1, MOST_SLICES) };
  /* Below: "channels"; left: the size of a map; right: what "images" needs beyond the edge. */
  double width = place.width - 26.0, height = place.height - 22.0;
  int first;

  shape.dx = width * 0.30;
  width -= MAX (0.0, lw_text_width (text, LW_TEXT_DETAIL, _ ("images")) + 8.0 - shape.dx / 2.0);
  shape.dy = -MIN (height * 0.38, shape.dx * 0.66);
  shape.width = width - shape.dx;
  shape.height = height + shape.dy;
  shape.x = place.x + 24.0;
  shape.y = place.y + 1.0 - shape.dy;
  /* Of many channels, a stretch that holds the marked one. */
  first = CLAMP (block->channel - shape.slices / 2, 0, MAX (0, block->channels - shape.slices));
  shape.marked = CLAMP (block->channel - first, 0, shape.slices - 1);
  return shape;
}

static void
fill_slice (cairo_t *cr, const LwTheme *theme, const BlockShape *shape)
{
  double step = shape->width / shape->slices;
  double left = shape->x + shape->marked * step;

  cairo_rectangle (cr, left, shape->y, step, shape->height);
  lw_set_colour (cr, theme->series[0], 0.75);
  cairo_fill (cr);
  cairo_move_to (cr, left, shape->y);
  cairo_line_to (cr, left + shape->dx, shape->y + shape->dy);
  cairo_line_to (cr, left + step + shape->dx, shape->y + shape->dy);
  cairo_line_to (cr, left + step, shape->y);
  cairo_close_path (cr);
  lw_set_colour (cr, theme->series[0], 0.45);
  cairo_fill (cr);
}

static void
stroke_block (cairo_t *cr, const LwTheme *theme, const BlockShape *shape)
{
  double right = shape->x + shape->width, bottom = shape->y + shape->height;

  for (int i = 0; i <= shape->slices; i++) {
    double x = shape->x + i * shape->width / shape->slices;

    cairo_move_to (cr, x, bottom);
    cairo_line_to (cr, x, shape->y);
    cairo_line_to (cr, x + shape->dx, shape->y + shape->dy);
  }
  cairo_move_to (cr, shape->x, shape->y);
  cairo_line_to (cr, right, shape->y);
  cairo_move_to (cr, shape->x, bottom);
  cairo_line_to (cr, right, bottom);
  cairo_line_to (cr, right + shape->dx, bottom + shape->dy);
  cairo_line_to (cr, right + shape->dx, shape->y + shape->dy);
  cairo_line_to (cr, shape->x + shape->dx, shape->y + shape->dy);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, 1.0);
  lw_set_colour (cr, theme->edge, 1.0);
  cairo_stroke (cr);
}

void
lw_batch_block_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwBatchBlock *block,
                      cairo_rectangle_t place)
{
  g_autofree char *map = NULL;
  BlockShape shape;
  double middle;

  if (place.width < 60.0 || place.height < 40.0)
    return;
  shape = block_shape (block, text, place);
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0.0);
  fill_slice (cr, theme, &shape);
  stroke_block (cr, theme, &shape);
  middle = shape.y + shape.height / 2.0;
  lw_text_paint (cr, text, LW_TEXT_DETAIL, _ ("channels"), shape.x + shape.width / 2.0,
                 shape.y + shape.height + 16.0, 0.5, theme->dim, 1.0);
  lw_text_paint (cr, text, LW_TEXT_DETAIL, _ ("images"),
                 shape.x + shape.width + shape.dx / 2.0 + 8.0,
                 shape.y + shape.height + shape.dy / 2.0 + 14.0, 0.0, theme->dim, 1.0);
  map = g_strdup_printf ("%d × %d", block->height, block->width);
  cairo_translate (cr, place.x + 10.0, middle);
  cairo_rotate (cr, -G_PI_2);
  lw_text_paint (cr, text, LW_TEXT_DETAIL, map, 0.0, lw_text_middle (LW_TEXT_DETAIL), 0.5,
                 theme->dim, 1.0);
  cairo_restore (cr);
}

char *
lw_batch_block_describe (const LwBatchBlock *block)
{
  char values[LW_TICK_TEXT];

  lw_position_text ((double)block->images * block->height * block->width, values);
  return g_strdup_printf (_ ("%d images × %d channels × %d × %d, channel %d marked: %s values"),
                          block->images, block->channels, block->height, block->width,
                          block->channel, values);
}
