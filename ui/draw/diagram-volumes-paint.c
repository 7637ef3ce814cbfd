/* Volumes in oblique projection: front, top and right faces, kernels, rays, arrows. */
#include "ui/draw/diagram-volumes-private.h"

#include <math.h>

#define EDGE        1.2
#define TOP_MIX     0.5  /* of the fill over the canvas: the light falls from above */
#define SIDE_TINT   0.16 /* of the line over the fill: the right face lies in shade */
#define LEAST_PATCH 7.0
#define ARROW       7.0
#define OVERHANG    80.0 /* links reach into the slot before */

/* The front face's corners follow from its left top corner. */
static double
front_top (const LwVolume *volume)
{
  return volume->rect.y - volume->depth_y;
}

static double
middle (const LwVolume *volume)
{
  return volume->rect.y + volume->rect.height / 2;
}

static void
face (cairo_t *cr, double x, double y, double ux, double uy, double vx, double vy)
{
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x + ux, y + uy);
  cairo_line_to (cr, x + ux + vx, y + uy + vy);
  cairo_line_to (cr, x + vx, y + vy);
  cairo_close_path (cr);
}

/* Fills the path, over the canvas, and outlines it. */
static void
finish_face (const LwVolumePainter *p, LwColour fill, double mix, LwColour line, double tint,
             LwDiagramMark mark)
{
  cairo_t *cr = p->cr;
  lw_set_colour (cr, p->theme->canvas, 1);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, fill, mix * mark.alpha);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, line, tint * mark.alpha);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, line, mark.alpha);
  cairo_set_line_width (cr, EDGE);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
}

/* From `from` to `to` of the thickness, with the right face where it ends the volume. */
static void
paint_slab (const LwVolumePainter *p, const LwVolume *volume, LwKind kind, double from, double to,
            bool ends, LwDiagramMark mark)
{
  const double x = volume->rect.x, y = front_top (volume);
  const double dx = volume->depth_x, dy = volume->depth_y;
  const LwColour line = p->theme->kind_line[kind];
  const LwColour fill = mark.has_fill ? mark.fill : p->theme->kind_fill[kind];
  if (dx > 0) {
    face (p->cr, x + from, y, to - from, 0, dx, dy);
    finish_face (p, fill, TOP_MIX, line, 0, mark);
    if (ends) {
      face (p->cr, x + to, y, dx, dy, 0, volume->side);
      finish_face (p, fill, 1, line, SIDE_TINT, mark);
    }
  }
  if (dx > 0)
    cairo_rectangle (p->cr, x + from, y, to - from, volume->side);
  else
    lw_rounded_path (p->cr, x + from, y, to - from, volume->side, 3, LW_ROUND_ALL);
  finish_face (p, fill, 1, line, 0, mark);
}

LwDiagramMark
lw_volumes_mark (const LwVolumePainter *p, LwDiagramSpot spot)
{
  LwDiagramMark mark = { .alpha = 1 };
  if (p->paint->mark)
    p->paint->mark (spot, &mark, p->paint->mark_data);
  return mark;
}

static void
paint_image (const LwVolumePainter *p, const LwVolume *volume, cairo_surface_t *image)
{
  const double width = cairo_image_surface_get_width (image);
  const double height = cairo_image_surface_get_height (image);
  if (width < 1 || height < 1 || volume->depth_x <= 0)
    return;
  cairo_matrix_t m;
  cairo_matrix_init (&m, volume->depth_x / width, volume->depth_y / width, 0, volume->side / height,
                     volume->rect.x + volume->thickness, front_top (volume));
  cairo_save (p->cr);
  cairo_transform (p->cr, &m);
  cairo_set_source_surface (p->cr, image, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (p->cr), CAIRO_FILTER_NEAREST);
  cairo_rectangle (p->cr, 0, 0, width, height);
  cairo_fill (p->cr);
  cairo_restore (p->cr);
}

static void
paint_band (const LwVolumePainter *p, const LwVolume *volume, int index, LwDiagramMark mark)
{
  LwDiagramMark band = lw_volumes_mark (p, (LwDiagramSpot){ volume->band_nodes[index], -1 });
  const double at = lw_volumes_band_at (volume, index);
  if (!band.has_fill && mark.has_fill) {
    band.has_fill = true;
    band.fill = mark.fill;
  }
  paint_slab (p, volume, volume->bands[index], at, at + LW_BAND_WIDTH, false, band);
}

static void
paint_volume (const LwVolumePainter *p, const LwVolume *volume, cairo_surface_t *image)
{
  LwDiagramMark mark = lw_volumes_mark (p, volume->spot);
  const double from = volume->n_lead * LW_BAND_WIDTH;
  const double to = volume->thickness - (volume->n_bands - volume->n_lead) * LW_BAND_WIDTH;
  for (int i = 0; i < volume->n_lead; i++)
    paint_band (p, volume, i, mark);
  paint_slab (p, volume, volume->kind, from, to, true, mark);
  if (image && volume->kind == LW_KIND_DATA)
    paint_image (p, volume, image);
  for (int i = volume->n_lead; i < volume->n_bands; i++)
    paint_band (p, volume, i, mark);
  if (to < volume->thickness && volume->depth_x > 0) { /* its own colour ends the volume */
    LwColour fill = mark.has_fill ? mark.fill : p->theme->kind_fill[volume->kind];
    face (p->cr, volume->rect.x + volume->thickness, front_top (volume), volume->depth_x,
          volume->depth_y, 0, volume->side);
    finish_face (p, fill, 1, p->theme->kind_line[volume->kind], SIDE_TINT, mark);
  }
}

/* The window on the input's right face, and rays from it to the convolution's output. */
static void
paint_kernel (const LwVolumePainter *p, const LwVolume *input, const LwVolume *output)
{
  cairo_t *cr = p->cr;
  const LwColour line = p->theme->kind_line[LW_KIND_CONVOLUTION];
  const double share = MIN (1, (double)output->kernel / MAX (1, input->shape.w));
  const double height = MIN (input->side, MAX (LEAST_PATCH, share * input->side));
  const double across = height / input->side;
  const double ux = input->depth_x * across, uy = input->depth_y * across;
  const double x = input->rect.x + input->thickness + (input->depth_x - ux) / 2;
  const double y = front_top (input) + (input->depth_y - uy) / 2 + (input->side - height) / 2;
  face (cr, x, y, ux, uy, 0, height);
  lw_set_colour (cr, line, 0.25);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, line, 1);
  cairo_set_line_width (cr, EDGE);
  cairo_stroke (cr);
  const double tip_x = output->rect.x, tip_y = front_top (output) + output->side / 2;
  cairo_move_to (cr, x + ux, y + uy);
  cairo_line_to (cr, tip_x, tip_y);
  cairo_line_to (cr, x + ux, y + uy + height);
  lw_set_colour (cr, line, 0.85);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

/* Every input value reaches every output value. */
static void
paint_full (const LwVolumePainter *p, const LwVolume *input, const LwVolume *output)
{
  cairo_t *cr = p->cr;
  const double from = input->rect.x + input->rect.width + 3, to = output->rect.x - 3;
  const double dash[] = { 3, 3 };
  cairo_move_to (cr, from, input->rect.y);
  cairo_line_to (cr, to, output->rect.y);
  cairo_move_to (cr, from, input->rect.y + input->side); /* the right face's lower back corner */
  cairo_line_to (cr, to, output->rect.y + output->side);
  lw_set_colour (cr, p->theme->edge, 1);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, dash, 2, 0);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

static void
paint_arrow (const LwVolumePainter *p, const LwVolume *input, const LwVolume *output)
{
  cairo_t *cr = p->cr;
  const double from = input->rect.x + input->rect.width + 4, to = output->rect.x - 4;
  const double y = middle (output);
  if (to - from < ARROW + 2)
    return;
  lw_set_colour (cr, p->theme->edge, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_move_to (cr, from, y);
  cairo_line_to (cr, to - ARROW + 1, y);
  cairo_stroke (cr);
  cairo_move_to (cr, to, y);
  cairo_line_to (cr, to - ARROW, y - 3);
  cairo_line_to (cr, to - ARROW, y + 3);
  cairo_close_path (cr);
  cairo_fill (cr);
}

/* What runs from a volume to the next. */
static void
paint_link (const LwVolumePainter *p, const LwVolume *from, const LwVolume *to)
{
  const double alpha =
      MIN (lw_volumes_mark (p, from->spot).alpha, lw_volumes_mark (p, to->spot).alpha);
  if (alpha < 1)
    cairo_push_group (p->cr);
  if (to->kernel > 0 && !from->shape.flat)
    paint_kernel (p, from, to);
  else if (to->kind == LW_KIND_LINEAR)
    paint_full (p, from, to);
  else
    paint_arrow (p, from, to);
  if (alpha < 1) {
    cairo_pop_group_to_source (p->cr);
    cairo_paint_with_alpha (p->cr, alpha);
  }
}

void
lw_volumes_paint (cairo_t *cr, const LwVolumes *volumes, const LwTheme *theme,
                  const LwDiagramPaint *paint, cairo_surface_t *image)
{
  const LwVolumePainter p = {
    cr, volumes, theme, paint, lw_volumes_text (volumes), paint->zoom > 0 ? paint->zoom : 1
  };
  int32_t n;
  const LwVolume *items = lw_volumes_items (volumes, &n);
  cairo_save (cr);
  for (int32_t i = 0; i < n; i++) {
    const cairo_rectangle_t *v = paint->visible;
    if (v && (items[i].slot.x > v->x + v->width + OVERHANG ||
              items[i].slot.x + items[i].slot.width < v->x - OVERHANG))
      continue;
    paint_volume (&p, &items[i], image);
    if (i > 0)
      paint_link (&p, &items[i - 1], &items[i]);
    if (!paint->silent && p.zoom >= 0.45)
      lw_volumes_paint_words (&p, i);
  }
  lw_volumes_paint_marks (&p);
  cairo_restore (cr);
}
