/* Canvas, frames, edges, labels, rings: everything but the boxes themselves. */
#include "ui/draw/diagram-paint-private.h"

#include <math.h>

#define FULL_DETAIL    0.70
#define NAMES_DETAIL   0.45
#define DOT_STEP       20.0
#define CORNER         8.0
#define ARROW_WIDTH    6.0
#define ARROW_LENGTH   7.0
#define EDGE_WIDTH     1.5
#define STRESSED_WIDTH 2.5
#define DOT_RADIUS     3.0
#define REACH          12.0 /* how far rings, sheets and badges stand out */

void
lw_rounded_path (cairo_t *cr, double x, double y, double width, double height, double radius,
                 int corners)
{
  const double r = MIN (radius, MIN (width, height) / 2);
  const double xs[] = { x, x + width, x + width, x }, ys[] = { y, y, y + height, y + height };
  const double dx[] = { 0, 1, 0, -1 }, dy[] = { -1, 0, 1, 0 }; /* along the side into a corner */
  const double k = r * (1 - 0.5523); /* a quarter circle as one Bézier curve */
  cairo_new_sub_path (cr);
  for (int i = 0; i < 4; i++) {
    const int out = (i + 1) % 4;
    const double cx = xs[i], cy = ys[i];
    if (!(corners & (1 << i)) || r <= 0) {
      cairo_line_to (cr, cx, cy);
      continue;
    }
    cairo_line_to (cr, cx - dx[i] * r, cy - dy[i] * r);
    cairo_curve_to (cr, cx - dx[i] * k, cy - dy[i] * k, cx + dx[out] * k, cy + dy[out] * k,
                    cx + dx[out] * r, cy + dy[out] * r);
  }
  cairo_close_path (cr);
}

void
lw_paint_chevron (cairo_t *cr, double x, double y, bool down)
{
  const double a = 3.5, b = 2;
  if (down) {
    cairo_move_to (cr, x - a, y - b);
    cairo_line_to (cr, x, y + b);
    cairo_line_to (cr, x + a, y - b);
  } else {
    cairo_move_to (cr, x - b, y - a);
    cairo_line_to (cr, x + b, y);
    cairo_line_to (cr, x - b, y + a);
  }
  cairo_set_line_width (cr, 1.6);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
}

bool
lw_diagram_is_visible (const LwDiagramPainter *p, const cairo_rectangle_t *rect)
{
  const cairo_rectangle_t *v = p->paint->visible;
  const double m = REACH;
  return !v || (rect->x - m < v->x + v->width && rect->x + rect->width + m > v->x &&
                rect->y - m < v->y + v->height && rect->y + rect->height + m > v->y);
}

void
lw_diagram_paint_canvas (cairo_t *cr, const LwTheme *theme, const cairo_rectangle_t *area,
                         double zoom)
{
  lw_set_colour (cr, theme->canvas, 1);
  cairo_rectangle (cr, area->x, area->y, area->width, area->height);
  cairo_fill (cr);
  if (zoom < NAMES_DETAIL)
    return; /* they would blur into a tint */
  /* Squares on whole pixels, all in one fill: far cheaper than circles. */
  cairo_save (cr);
  lw_set_colour (cr, theme->dots, 1);
  double unit_x = 1, unit_y = 0;
  cairo_user_to_device_distance (cr, &unit_x, &unit_y);
  const double size = MAX (1, round (1.5 * unit_x)) / unit_x;
  /* fewer where they would stand closer than 14 pixels */
  const double step = zoom < FULL_DETAIL ? 2 * DOT_STEP : DOT_STEP, half = DOT_STEP / 2;
  for (double y = floor (area->y / step) * step + half; y < area->y + area->height; y += step)
    for (double x = floor (area->x / step) * step + half; x < area->x + area->width; x += step) {
      double dot_x = x, dot_y = y;
      cairo_user_to_device (cr, &dot_x, &dot_y);
      dot_x = round (dot_x);
      dot_y = round (dot_y);
      cairo_device_to_user (cr, &dot_x, &dot_y);
      cairo_rectangle (cr, dot_x, dot_y, size, size);
    }
  cairo_fill (cr);
  cairo_restore (cr);
}

/* --- frames --- */

static void
paint_frame (const LwDiagramPainter *p, const LwDiagramFrame *frame)
{
  cairo_t *cr = p->cr;
  const cairo_rectangle_t *r = &frame->rect;
  const double radius = frame->depth == 0 ? 12 : 10;
  lw_rounded_path (cr, r->x, r->y, r->width, r->height, radius, LW_ROUND_ALL);
  lw_set_colour (cr, p->theme->canvas, 1);
  cairo_fill_preserve (cr);
  if (frame->depth % 2 == 0) {
    lw_set_colour (cr, p->theme->text, 0.04);
    cairo_fill (cr);
  }
  lw_rounded_path (cr, r->x + 0.5, r->y + 0.5, r->width - 1, r->height - 1, radius - 0.5,
                   LW_ROUND_ALL);
  lw_set_colour (cr, p->theme->text, frame->depth % 2 == 0 ? 0.14 : 0.26);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

/* Where the header's words begin and end: at its ends or, if these are out of view and the words
 * are to stay in it, there, as far as the trunk leaves room. */
static void
find_header_ends (const LwDiagramPainter *p, const LwDiagramFrame *frame, double *ret_left,
                  double *ret_right)
{
  const cairo_rectangle_t *r = &frame->header, *visible = p->paint->visible;
  const double title = LW_HEADER_TITLE + lw_text_width (p->text, LW_TEXT_NAME, frame->title);
  const double totals = LW_PAD_LEFT + lw_text_width (p->text, LW_TEXT_CAPTION, frame->totals);

  *ret_left = r->x;
  *ret_right = r->x + r->width;
  if (!visible || !p->paint->keep_titles)
    return;
  if (visible->x > r->x)
    *ret_left = fmax (r->x, fmin (visible->x, frame->axis - LW_PAD_LEFT - title));
  if (visible->x + visible->width < *ret_right)
    *ret_right =
        fmin (*ret_right, fmax (visible->x + visible->width, frame->axis + LW_PAD_LEFT + totals));
}

/* After the edges: the trunk runs through the header, beside the words. */
static void
paint_header (const LwDiagramPainter *p, const LwDiagramFrame *frame)
{
  cairo_t *cr = p->cr;
  const cairo_rectangle_t *r = &frame->header;
  const LwDiagramMark mark =
      lw_diagram_mark_of (p, (LwDiagramSpot){ LW_NO_NODE, frame->block }, NULL);
  lw_diagram_paint_ring (p, &frame->rect, mark.ring);
  if (p->paint->silent || !lw_diagram_is_visible (p, r))
    return;
  const double middle = r->y + r->height / 2;
  if (p->detail == LW_DETAIL_BOXES) {
    /* 11 px on screen, where that fits; left and right in turn, since it may be higher than the
     * header and the next frame begins right below */
    const double scale = 1 / p->zoom;
    const bool right = frame->depth % 2 == 1;
    if (lw_text_width (p->text, LW_TEXT_DETAIL_BOLD, frame->title) * scale + 12 > r->width / 2)
      return;
    cairo_save (cr);
    cairo_translate (cr, right ? r->x + r->width - 7 : r->x + 7,
                     middle + lw_text_middle (LW_TEXT_DETAIL_BOLD) * scale);
    cairo_scale (cr, scale, scale);
    lw_text_paint (cr, p->text, LW_TEXT_DETAIL_BOLD, frame->title, 0, 0, right ? 1 : 0,
                   p->theme->text, mark.alpha);
    cairo_restore (cr);
    return;
  }
  double left, right;
  find_header_ends (p, frame, &left, &right);
  lw_set_colour (cr, p->theme->text, 0.8 * mark.alpha);
  lw_paint_chevron (cr, left + 18, middle, true);
  lw_text_paint (cr, p->text, LW_TEXT_NAME, frame->title, left + LW_HEADER_TITLE,
                 middle + lw_text_middle (LW_TEXT_NAME), 0, p->theme->text, mark.alpha);
  if (p->detail == LW_DETAIL_ALL)
    lw_text_paint (cr, p->text, LW_TEXT_CAPTION, frame->totals, right - LW_PAD_LEFT,
                   middle + lw_text_middle (LW_TEXT_CAPTION), 1, p->theme->dim, mark.alpha);
}

/* --- edges --- */

/* Rounds the corner at b on the way from a to c; ends on the curve's far side. */
static void
round_corner (cairo_t *cr, LwDiagramPoint a, LwDiagramPoint b, LwDiagramPoint c)
{
  const double in = hypot (b.x - a.x, b.y - a.y), out = hypot (c.x - b.x, c.y - b.y);
  const double r = MIN (CORNER, MIN (in, out) / 2);
  const double k = 1 - 0.5523; /* a quarter circle as one Bézier */
  const double ix = (b.x - a.x) / in, iy = (b.y - a.y) / in;
  const double ox = (c.x - b.x) / out, oy = (c.y - b.y) / out;
  cairo_line_to (cr, b.x - ix * r, b.y - iy * r);
  cairo_curve_to (cr, b.x - ix * r * k, b.y - iy * r * k, b.x + ox * r * k, b.y + oy * r * k,
                  b.x + ox * r, b.y + oy * r);
}

void
lw_diagram_paint_edge (const LwDiagramPainter *p, const LwDiagramEdge *edge)
{
  cairo_t *cr = p->cr;
  const int n = edge->n_points;
  LwDiagramPoint points[LW_EDGE_POINTS];
  double min_x = INFINITY, min_y = INFINITY, max_x = -INFINITY, max_y = -INFINITY;
  for (int i = 0; i < n; i++) {
    points[i] = edge->points[i];
    min_x = MIN (min_x, points[i].x);
    max_x = MAX (max_x, points[i].x);
    min_y = MIN (min_y, points[i].y);
    max_y = MAX (max_y, points[i].y);
  }
  const cairo_rectangle_t around = { min_x, min_y, max_x - min_x, max_y - min_y };
  if (!lw_diagram_is_visible (p, &around))
    return;

  LwDiagramEdgeMark mark = { .alpha = 1 };
  if (p->paint->edge_mark)
    p->paint->edge_mark (edge, &mark, p->paint->mark_data);
  const LwDiagramPoint tip = points[n - 1], before = points[n - 2];
  const double length = hypot (tip.x - before.x, tip.y - before.y);
  const double dx = (tip.x - before.x) / length, dy = (tip.y - before.y) / length;
  if (edge->arrow) { /* the line ends inside the head */
    points[n - 1].x -= dx * (ARROW_LENGTH - 1);
    points[n - 1].y -= dy * (ARROW_LENGTH - 1);
  }
  lw_set_colour (cr, mark.stressed ? p->theme->accent : p->theme->edge, mark.alpha);
  cairo_set_line_width (cr, mark.stressed ? MAX (STRESSED_WIDTH, 1.5 / p->zoom)
                                          : MAX (EDGE_WIDTH, 0.9 / p->zoom));
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  cairo_move_to (cr, points[0].x, points[0].y);
  for (int i = 1; i < n - 1; i++)
    round_corner (cr, points[i - 1], points[i], points[i + 1]);
  cairo_line_to (cr, points[n - 1].x, points[n - 1].y);
  cairo_stroke (cr);
  if (!edge->arrow)
    return;
  cairo_move_to (cr, tip.x, tip.y);
  cairo_line_to (cr, tip.x - dx * ARROW_LENGTH - dy * ARROW_WIDTH / 2,
                 tip.y - dy * ARROW_LENGTH + dx * ARROW_WIDTH / 2);
  cairo_line_to (cr, tip.x - dx * ARROW_LENGTH + dy * ARROW_WIDTH / 2,
                 tip.y - dy * ARROW_LENGTH - dx * ARROW_WIDTH / 2);
  cairo_close_path (cr);
  cairo_fill (cr);
}

static void
paint_dots (const LwDiagramPainter *p, const GArray *found)
{
  int32_t n;
  const LwDiagramPoint *dots = lw_diagram_layout_dots (p->layout, &n);
  for (guint i = 0; i < found->len; i++) {
    const LwDiagramPoint *dot = &dots[g_array_index (found, int32_t, i)];
    cairo_new_sub_path (p->cr);
    cairo_arc (p->cr, dot->x, dot->y, DOT_RADIUS, 0, 2 * G_PI);
  }
  lw_set_colour (p->cr, p->theme->edge, 1);
  cairo_fill (p->cr);
}

static void
paint_labels (const LwDiagramPainter *p, const GArray *found)
{
  int32_t n;
  const LwDiagramLabel *labels = lw_diagram_layout_labels (p->layout, &n);
  for (guint i = 0; i < found->len; i++) {
    const LwDiagramLabel *label = &labels[g_array_index (found, int32_t, i)];
    const cairo_rectangle_t around = { label->x, label->y - 7, label->width, 14 };
    if (lw_diagram_is_visible (p, &around))
      lw_text_paint (p->cr, p->text, LW_TEXT_DETAIL, label->text, label->x,
                     label->y + lw_text_middle (LW_TEXT_DETAIL), 0, p->theme->dim, 1);
  }
}

/* --- the selection --- */

static void
paint_selection (const LwDiagramPainter *p)
{
  cairo_rectangle_t r;
  const LwDiagramSpot spot = lw_diagram_layout_visible (p->layout, p->paint->selected);
  if (!lw_diagram_layout_spot_rect (p->layout, spot, &r) || !lw_diagram_is_visible (p, &r))
    return;
  const double width = MAX (2.5, 2 / p->zoom);
  /* strips lie within their box: a tight ring leaves their neighbours legible */
  const bool strip = r.height < LW_STRIP_HEIGHT + 0.5;
  const double out = strip ? 0.5 : 3.5, radius = strip ? 4 : 7;
  lw_rounded_path (p->cr, r.x - out, r.y - out, r.width + 2 * out, r.height + 2 * out, radius + out,
                   LW_ROUND_ALL);
  lw_set_colour (p->cr, p->theme->accent, 1);
  cairo_set_line_width (p->cr, width);
  cairo_stroke (p->cr);
}

void
lw_diagram_paint (cairo_t *cr, const LwDiagramLayout *layout, const LwTheme *theme,
                  const LwDiagramPaint *paint)
{
  const double zoom = paint->zoom > 0 ? paint->zoom : 1;
  LwDiagramPainter p = { cr,  layout, theme, paint, lw_diagram_layout_text (layout), LW_DETAIL_ALL,
                         zoom };
  if (paint->silent || zoom < NAMES_DETAIL)
    p.detail = LW_DETAIL_BOXES;
  else if (zoom < FULL_DETAIL)
    p.detail = LW_DETAIL_NAMES;

  const double top = paint->visible ? paint->visible->y - REACH : -INFINITY;
  const double bottom =
      paint->visible ? paint->visible->y + paint->visible->height + REACH : INFINITY;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (int32_t));
  g_autoptr (GArray) found_frames = g_array_new (FALSE, FALSE, sizeof (int32_t));
  int32_t n_frames, n_edges, n_boxes;
  const LwDiagramFrame *frames = lw_diagram_layout_frames (layout, &n_frames);
  const LwDiagramEdge *edges = lw_diagram_layout_edges (layout, &n_edges);
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (layout, &n_boxes);
  cairo_save (cr);
  lw_diagram_layout_between (layout, LW_DIAGRAM_FRAMES, top, bottom, found_frames);
  for (guint i = 0; i < found_frames->len; i++) {
    const LwDiagramFrame *frame = &frames[g_array_index (found_frames, int32_t, i)];
    if (lw_diagram_is_visible (&p, &frame->rect))
      paint_frame (&p, frame);
  }
  lw_diagram_layout_between (layout, LW_DIAGRAM_EDGES, top, bottom, found);
  for (guint i = 0; i < found->len; i++)
    lw_diagram_paint_edge (&p, &edges[g_array_index (found, int32_t, i)]);
  lw_diagram_layout_between (layout, LW_DIAGRAM_DOTS, top, bottom, found);
  paint_dots (&p, found);
  for (guint i = 0; i < found_frames->len; i++) {
    const LwDiagramFrame *frame = &frames[g_array_index (found_frames, int32_t, i)];
    if (lw_diagram_is_visible (&p, &frame->rect))
      paint_header (&p, frame);
  }
  lw_diagram_layout_between (layout, LW_DIAGRAM_BOXES, top, bottom, found);
  for (guint i = 0; i < found->len; i++) {
    const LwDiagramBox *box = &boxes[g_array_index (found, int32_t, i)];
    if (lw_diagram_is_visible (&p, &box->rect))
      lw_diagram_paint_box (&p, box);
  }
  if (p.detail == LW_DETAIL_ALL) {
    lw_diagram_layout_between (layout, LW_DIAGRAM_LABELS, top, bottom, found);
    paint_labels (&p, found);
  }
  paint_selection (&p);
  cairo_restore (cr);
}
