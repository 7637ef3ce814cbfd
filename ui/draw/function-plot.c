#include "ui/draw/function-plot.h"

#include "ui/draw/shapes.h"

#include <math.h>

static double
function_value (LwOp op, double x)
{
  return op == LW_OP_RELU ? fmax (x, 0) : op == LW_OP_SIGMOID ? 1 / (1 + exp (-x)) : tanh (x);
}

/* The curve, and the point on it that the input leads to. */
void
lw_function_paint (cairo_t *cr, const LwTheme *theme, LwOp op, double x, double top)
{
  static const double dash[] = { 3, 3 };
  const double range = fmax (4, fabs (x) * 1.2);
  const double low = op == LW_OP_TANH ? -1.15 : op == LW_OP_RELU ? -0.3 * range : -0.15;
  const double high = op == LW_OP_RELU ? range : 1.15;
  const double width = LW_FUNCTION_WIDTH, height = LW_FUNCTION_HEIGHT;
  const double left = 0.5 + width / 2, zero = top + height * high / (high - low);
  const double at_x = left + x / range * width / 2;
  const double at_y = top + height * (high - function_value (op, x)) / (high - low);

  if (!isfinite (x))
    return;
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_line_width (cr, 1);
  lw_set_colour (cr, theme->axis, 1);
  cairo_move_to (cr, 0, floor (zero) + 0.5);
  cairo_line_to (cr, width, floor (zero) + 0.5);
  cairo_move_to (cr, floor (left) + 0.5, top);
  cairo_line_to (cr, floor (left) + 0.5, top + height);
  cairo_stroke (cr);
  cairo_set_line_width (cr, 2);
  lw_set_colour (cr, theme->kind_line[LW_KIND_ACTIVATION], 1);
  for (int i = 0; i <= 66; i++) {
    const double t = (i / 33.0 - 1) * range;

    cairo_line_to (cr, left + t / range * width / 2,
                   top + height * (high - function_value (op, t)) / (high - low));
  }
  cairo_stroke (cr);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, dash, 2, 0);
  lw_set_colour (cr, theme->text, 0.8);
  cairo_move_to (cr, at_x, zero);
  cairo_line_to (cr, at_x, at_y);
  cairo_line_to (cr, left, at_y);
  cairo_stroke (cr);
  cairo_restore (cr);
  lw_paint_marker (cr, LW_MARKER_DOT, at_x, at_y, theme->text, theme->canvas);
}
