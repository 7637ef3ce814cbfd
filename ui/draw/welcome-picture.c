#include "ui/draw/welcome-picture.h"

#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>

#define MARGIN 18

static void
paint_ground (cairo_t *cr, const LwTheme *theme, LwKind kind, double width, double height)
{
  lw_set_colour (cr, theme->kind_fill[kind], theme->dark ? 0.55 : 0.6);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_fill (cr);
}

/* --- curves ------------------------------------------------------------------------------------
 */

/* A loss falls steeply and then slowly, and wobbles from batch to batch. */
static double
loss_at (double t)
{
  return 0.16 + 0.72 * exp (-t * 16) + 0.12 * exp (-t * 3) + 0.012 * sin (t * 173) * cos (t * 71);
}

static double
accuracy_at (double t)
{
  return 0.86 - 0.62 * exp (-t * 14) - 0.12 * exp (-t * 3) + 0.012 * cos (t * 157) * sin (t * 67);
}

static void
paint_curve (cairo_t *cr, LwColour colour, double (*value) (double t), cairo_rectangle_t r)
{
  const int n = MAX (2, (int)r.width / 2);

  lw_set_colour (cr, colour, 1);
  for (int i = 0; i <= n; i++)
    cairo_line_to (cr, r.x + r.width * i / n, r.y + r.height * (1 - value ((double)i / n)));
  cairo_stroke (cr);
}

static void
paint_curves (cairo_t *cr, const LwTheme *theme, LwText *text, double width, double height)
{
  const cairo_rectangle_t r = { MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN };
  const LwColour loss = theme->series[0], accuracy = theme->series[2];
  double dash[4];

  paint_ground (cr, theme, LW_KIND_CONVOLUTION, width, height);
  cairo_set_line_width (cr, 1);
  lw_set_colour (cr, theme->grid, 1);
  for (int i = 0; i < 4; i++) {
    const double y = floor (r.y + r.height * i / 3) + 0.5;

    cairo_move_to (cr, r.x, y);
    cairo_line_to (cr, r.x + r.width, y);
  }
  cairo_stroke (cr);
  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  paint_curve (cr, loss, loss_at, r);
  cairo_set_dash (cr, dash, lw_series_dash (2, dash), 0);
  paint_curve (cr, accuracy, accuracy_at, r);
  cairo_set_dash (cr, NULL, 0, 0);
  lw_text_paint (cr, text, LW_TEXT_DETAIL_BOLD, _ ("train accuracy"), r.x + r.width,
                 r.y + r.height * 0.34, 1, lw_colour_for_text (theme, accuracy), 1);
  lw_text_paint (cr, text, LW_TEXT_DETAIL_BOLD, _ ("train loss"), r.x + r.width,
                 r.y + r.height * 0.72, 1, lw_colour_for_text (theme, loss), 1);
}

/* --- a residual block --------------------------------------------------------------------------
 */

static void
paint_box (cairo_t *cr, const LwTheme *theme, LwText *text, const char *name, double x, double y,
           double width)
{
  const cairo_rectangle_t r = { x - width / 2, y, width, 28 };

  lw_path_rounded (cr, r.x, r.y, r.width, r.height, 7);
  lw_set_colour (cr, theme->canvas, 1);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, theme->kind_fill[LW_KIND_CONVOLUTION], 1);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, theme->kind_line[LW_KIND_CONVOLUTION], 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_save (cr);
  lw_path_rounded (cr, r.x, r.y, r.width, r.height, 7);
  cairo_clip (cr);
  lw_set_colour (cr, theme->kind_line[LW_KIND_CONVOLUTION], 1);
  cairo_rectangle (cr, r.x, r.y, 4, r.height);
  cairo_fill (cr);
  cairo_restore (cr);
  lw_text_paint (cr, text, LW_TEXT_NAME, name, r.x + 13,
                 r.y + r.height / 2 + lw_text_middle (LW_TEXT_NAME), 0, theme->text, 1);
}

static void
paint_line (cairo_t *cr, double x, double from, double to)
{
  cairo_move_to (cr, x, from);
  cairo_line_to (cr, x, to);
  cairo_stroke (cr);
}

static void
paint_block (cairo_t *cr, const LwTheme *theme, LwText *text, double width, double height)
{
  const double x = width * 0.38, side = width * 0.79, top = height / 2 - 56;
  const double sum = top + 98, radius = 10;

  paint_ground (cr, theme, LW_KIND_NORMALIZATION, width, height);
  lw_set_colour (cr, theme->edge, 1);
  cairo_set_line_width (cr, 1.5);
  paint_line (cr, x, 0, height);
  cairo_move_to (cr, x, top - 4);
  cairo_line_to (cr, side - 8, top - 4);
  cairo_arc (cr, side - 8, top + 4, 8, -G_PI / 2, 0);
  cairo_line_to (cr, side, sum - 8);
  cairo_arc (cr, side - 8, sum - 8, 8, 0, G_PI / 2);
  cairo_line_to (cr, x + radius, sum);
  cairo_stroke (cr);
  paint_box (cr, theme, text, _ ("conv 3×3"), x, top + 8, MIN (118, width * 0.42));
  paint_box (cr, theme, text, _ ("conv 3×3"), x, top + 48, MIN (118, width * 0.42));
  paint_box (cr, theme, text, _ ("conv 1×1"), side, top + 28, MIN (84, width * 0.32));
  cairo_arc (cr, x, sum, radius, 0, 2 * G_PI);
  lw_set_colour (cr, theme->canvas, 1);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, theme->edge, 1);
  cairo_stroke (cr);
  cairo_move_to (cr, x - 5, sum);
  cairo_line_to (cr, x + 5, sum);
  paint_line (cr, x, sum - 5, sum + 5);
}

/* --- bars --------------------------------------------------------------------------------------
 */

static void
paint_bars (cairo_t *cr, const LwTheme *theme, LwText *text, const LwWelcomeBar bars[2],
            double width, double height)
{
  const double x = MARGIN, length = width - 2 * MARGIN, top = height / 2 - 42;
  const double most =
      MAX (bars[0].convolution + bars[0].linear, bars[1].convolution + bars[1].linear);

  paint_ground (cr, theme, LW_KIND_LINEAR, width, height);
  for (int i = 0; i < 2; i++) {
    const double y = top + i * 50;
    const double convolution = MAX (2, length * bars[i].convolution / MAX (most, 1));
    const double linear = length * bars[i].linear / MAX (most, 1);

    lw_text_paint (cr, text, LW_TEXT_NAME, bars[i].title, x, y + 10, 0, theme->text, 1);
    lw_text_paint (cr, text, LW_TEXT_CAPTION, bars[i].words, x + length, y + 10, 1, theme->dim, 1);
    lw_path_rounded (cr, x, y + 17, convolution, 16, MIN (3, convolution / 2));
    lw_set_colour (cr, theme->kind_line[LW_KIND_CONVOLUTION], 1);
    cairo_fill (cr);
    if (linear < 1)
      continue;
    lw_path_rounded (cr, x + convolution + 1.5, y + 17, MAX (linear - 1.5, 1), 16,
                     MIN (3, linear / 2));
    lw_set_colour (cr, theme->kind_line[LW_KIND_LINEAR], 1);
    cairo_fill (cr);
  }
}

void
lw_welcome_picture_paint (cairo_t *cr, const LwTheme *theme, LwText *text, LwWelcomePicture which,
                          const LwWelcomeBar bars[2], double width, double height)
{
  switch (which) {
  case LW_WELCOME_CURVES:
    paint_curves (cr, theme, text, width, height);
    break;
  case LW_WELCOME_BLOCK:
    paint_block (cr, theme, text, width, height);
    break;
  default:
    paint_bars (cr, theme, text, bars, width, height);
  }
}
