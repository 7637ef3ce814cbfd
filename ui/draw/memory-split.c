#include "ui/draw/memory-split.h"

#include "ui/draw/memory-private.h"
#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>

#define SQUARE 9.0
#define GAP    2.0

const char *
lw_memory_part_title (LwMemoryPart part)
{
  static const char *const titles[LW_N_MEMORY_PARTS] = {
    N_ ("Parameters"),      N_ ("Parameter gradients"), N_ ("Optimizer"),       N_ ("Activations"),
    N_ ("Their gradients"), N_ ("Workspace"),           N_ ("Gaps of the plan")
  };

  return _ (titles[part]);
}

int64_t
lw_memory_part_bytes (const LwMemoryPass *pass, LwMemoryPart part)
{
  switch (part) {
  case LW_MEMORY_PART_PARAMETERS:
    return pass->parameters;
  case LW_MEMORY_PART_GRADIENTS:
    return pass->gradients;
  case LW_MEMORY_PART_OPTIMIZER:
    return pass->optimizer;
  case LW_MEMORY_PART_ACTIVATIONS:
    return pass->split.activations;
  case LW_MEMORY_PART_THEIR_GRADIENTS:
    return pass->split.gradients;
  case LW_MEMORY_PART_WORKSPACE:
    return pass->split.workspace;
  case LW_MEMORY_PART_GAPS:
  case LW_N_MEMORY_PARTS:
    break;
  }
  return pass->split.gaps;
}

static void
paint_part (cairo_t *cr, const LwTheme *theme, LwMemoryPart part, cairo_rectangle_t r,
            double radius)
{
  static const LwKind kinds[LW_N_MEMORY_PARTS] = { LW_KIND_DATA,        LW_KIND_JOIN,
                                                   LW_KIND_JOIN,        LW_KIND_CONVOLUTION,
                                                   LW_KIND_CONVOLUTION, LW_KIND_ACTIVATION,
                                                   LW_KIND_DATA };
  const LwColour line = theme->kind_line[kinds[part]];
  const bool solid = part == LW_MEMORY_PART_WORKSPACE || r.width < 3;
  const bool hatched = part == LW_MEMORY_PART_GRADIENTS || part == LW_MEMORY_PART_THEIR_GRADIENTS;

  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  lw_path_rounded (cr, r.x, r.y, r.width, r.height, radius);
  lw_set_colour (cr,
                 solid                         ? line
                 : part == LW_MEMORY_PART_GAPS ? theme->canvas
                                               : theme->kind_fill[kinds[part]],
                 1);
  cairo_fill (cr);
  if (hatched && !solid)
    lw_memory_hatch (cr, r, (LwColour){ line.r, line.g, line.b, 0.75 });
  if (r.width >= 2) {
    lw_path_rounded (cr, r.x + 0.5, r.y + 0.5, r.width - 1, r.height - 1, radius);
    cairo_set_line_width (cr, 1);
    lw_set_colour (cr, line, 1);
    cairo_stroke (cr);
  }
  cairo_restore (cr);
}

void
lw_memory_part_paint (cairo_t *cr, const LwTheme *theme, LwMemoryPart part, cairo_rectangle_t place)
{
  const cairo_rectangle_t square = { floor (place.x + (place.width - SQUARE) / 2),
                                     floor (place.y + (place.height - SQUARE) / 2), SQUARE,
                                     SQUARE };

  paint_part (cr, theme, part, square, 2);
}

void
lw_memory_split_paint (cairo_t *cr, const LwTheme *theme, const LwMemoryPass *pass, int64_t whole,
                       cairo_rectangle_t place)
{
  double x = place.x;

  if (whole <= 0)
    return;
  for (int part = 0; part < LW_N_MEMORY_PARTS; part++) {
    const int64_t bytes = lw_memory_part_bytes (pass, (LwMemoryPart)part);
    const double width = place.width * (double)bytes / (double)whole;

    /* Too narrow to be seen: the table says it. */
    if (width >= 0.75)
      paint_part (cr, theme, (LwMemoryPart)part,
                  (cairo_rectangle_t){ x, place.y, MAX (width - GAP, 1), place.height }, 2.5);
    x += width;
  }
}
