/* Boxes: layers with their strips, closed blocks, bars, circles, the pill. */
#include "ui/draw/diagram-paint-private.h"

#define RADIUS     7.0
#define BAR_RADIUS 6.0
#define LINE_1     12.0 /* middles of a box's two lines, from its top */
#define LINE_2     27.0
#define LINE_MORE  LW_MORE_HEIGHT
#define NEW_TINT   0.28 /* new channels in a dense bar */
#define STRIP_TINT 0.16 /* the line between strips */
#define FAR_FILL   0.62
#define FAR_BLOCK  0.40

/* Numbers of search hits stand black on it in both themes. */
static const LwColour badge_ground = { 0.898, 0.647, 0.039, 1 };

/* The colours of one box or strip after its mark. */
typedef struct {
  LwColour fill, line, words, dim;
  bool stripe;
  double alpha;
} Look;

static Look
look_of (const LwDiagramPainter *p, LwKind kind, const LwDiagramMark *mark)
{
  Look look = { p->theme->kind_fill[kind],
                p->theme->kind_line[kind],
                p->theme->text,
                p->theme->dim,
                true,
                mark->alpha };
  if (p->detail == LW_DETAIL_BOXES) { /* from afar the colour is all there is */
    look.fill = look.line;
    look.fill.a = kind == LW_KIND_JOIN ? FAR_BLOCK : FAR_FILL;
    look.stripe = false;
  }
  if (mark->has_fill) {
    look.fill = mark->fill;
    look.words = look.dim = lw_contrast (mark->fill); /* no room for dim on a map's middle */
    look.line = look.words;
    look.line.a = 0.45;
    look.stripe = false;
  }
  return look;
}

LwDiagramMark
lw_diagram_mark_of (const LwDiagramPainter *p, LwDiagramSpot spot, const LwDiagramMark *from)
{
  LwDiagramMark mark = { .alpha = 1 };
  if (from) {
    mark.has_fill = from->has_fill;
    mark.fill = from->fill;
    mark.alpha = from->alpha;
  }
  if (p->paint->mark)
    p->paint->mark (spot, &mark, p->paint->mark_data);
  return mark;
}

static void
words_at (const LwDiagramPainter *p, LwTextStyle style, const char *words, double x, double middle,
          double align, LwColour colour, double alpha)
{
  lw_text_paint (p->cr, p->text, style, words, x, middle + lw_text_middle (style), align, colour,
                 alpha);
}

/* What `colour` makes on the canvas: one opaque fill instead of two, which also hides the edges
 * below a dimmed box. */
static LwColour
on_canvas (const LwDiagramPainter *p, LwColour colour, double alpha)
{
  const LwColour ground = p->theme->canvas;
  const double a = colour.a * alpha;
  return (LwColour){ ground.r + (colour.r - ground.r) * a, ground.g + (colour.g - ground.g) * a,
                     ground.b + (colour.b - ground.b) * a, 1 };
}

/* A filled piece of a box with its stripe; `corners`: those that are the box's own. */
static void
paint_piece (const LwDiagramPainter *p, const cairo_rectangle_t *r, const Look *look, int corners,
             double radius)
{
  cairo_t *cr = p->cr;
  const double stripe = look->stripe ? LW_STRIPE : 0;
  if (look->stripe) {
    lw_rounded_path (cr, r->x, r->y, LW_STRIPE + radius, r->height, radius,
                     corners & LW_ROUND_LEFT);
    lw_set_colour (cr, on_canvas (p, look->line, look->alpha), 1);
    cairo_fill (cr);
    corners &= LW_ROUND_RIGHT;
  }
  lw_rounded_path (cr, r->x + stripe, r->y, r->width - stripe, r->height, radius, corners);
  lw_set_colour (cr, on_canvas (p, look->fill, look->alpha), 1);
  cairo_fill (cr);
}

static void
outline (const LwDiagramPainter *p, const cairo_rectangle_t *r, const Look *look, double radius)
{
  if (p->detail == LW_DETAIL_BOXES)
    return; /* less than half a pixel wide */
  lw_rounded_path (p->cr, r->x + 0.5, r->y + 0.5, r->width - 1, r->height - 1, radius - 0.5,
                   LW_ROUND_ALL);
  lw_set_colour (p->cr, look->line, look->alpha * (look->stripe ? 0.85 : 1));
  cairo_set_line_width (p->cr, 1);
  cairo_stroke (p->cr);
}

/* --- what stands out of a box --- */

void
lw_diagram_paint_ring (const LwDiagramPainter *p, const cairo_rectangle_t *r, LwDiagramRing ring)
{
  if (ring == LW_RING_NONE)
    return;
  /* strips lie within their box: a tight ring leaves their neighbours legible */
  const bool strip = r->height < LW_STRIP_HEIGHT + 0.5;
  const double width = MAX (2.5, 2 / p->zoom), selection = strip ? 0.5 : 3.5;
  /* the current hit is usually selected, too: its ring stands outside of the selection's */
  const double out = ring == LW_RING_MATCH     ? selection - (strip ? 0 : 2)
                     : ring == LW_RING_CURRENT ? selection + width
                                               : selection;
  lw_rounded_path (p->cr, r->x - out, r->y - out, r->width + 2 * out, r->height + 2 * out,
                   (strip ? 4 : RADIUS) + out, LW_ROUND_ALL);
  lw_set_colour (p->cr, ring == LW_RING_ERROR ? p->theme->error : p->theme->search, 1);
  cairo_set_line_width (p->cr, width);
  cairo_stroke (p->cr);
}

static void
paint_badge (const LwDiagramPainter *p, const LwDiagramBox *box, const LwDiagramMark *mark)
{
  if (!mark->badge)
    return;
  const double width = MAX (18, lw_text_width (p->text, LW_TEXT_DETAIL_BOLD, mark->badge) + 11);
  const double x = box->rect.x + box->rect.width + (box->sheet ? LW_SHEET : 0);
  const double y = box->rect.y - (box->sheet ? LW_SHEET : 0);
  const LwColour ground = mark->ring == LW_RING_ERROR ? p->theme->error : badge_ground;
  lw_rounded_path (p->cr, x - width / 2, y - 9, width, 18, 9, LW_ROUND_ALL);
  lw_set_colour (p->cr, ground, 1);
  cairo_fill (p->cr);
  words_at (p, LW_TEXT_DETAIL_BOLD, mark->badge, x, y, 0.5, lw_contrast (ground), 1);
}

/* --- layers --- */

static void
paint_lines (const LwDiagramPainter *p, const LwDiagramBox *box, const Look *look)
{
  const cairo_rectangle_t *r = &box->body;
  const bool thin = box->type == LW_BOX_THIN, folds = box->block >= 0;
  const double right = r->x + r->width - LW_PAD_RIGHT;
  const bool two = p->detail == LW_DETAIL_ALL && (box->left || box->right || box->more[0]);
  const double middle = two ? r->y + LINE_1 : r->y + r->height / 2;
  const LwTextStyle style = thin ? LW_TEXT_DETAIL : LW_TEXT_NAME;
  double x = r->x + LW_PAD_LEFT;
  if (folds) {
    lw_set_colour (p->cr, look->words, look->alpha * 0.85);
    lw_paint_chevron (p->cr, x + 4, middle, false);
    x += LW_CHEVRON;
  }
  words_at (p, style, box->name, x, middle, 0, look->words, look->alpha);
  if (p->detail == LW_DETAIL_NAMES) {
    const double room = right - x - lw_text_width (p->text, style, box->name) - LW_WORD_GAP;
    if (!folds && lw_text_width (p->text, LW_TEXT_DETAIL, box->shape) <= room)
      words_at (p, LW_TEXT_DETAIL, box->shape, right, middle, 1, look->words, look->alpha);
    return;
  }
  x += lw_text_width (p->text, style, box->name) + LW_WORD_GAP;
  words_at (p, LW_TEXT_DETAIL, box->detail, x, middle, 0, look->dim, look->alpha);
  const bool quiet = folds || box->narrow;
  words_at (p, LW_TEXT_DETAIL, box->aside, right, middle, 1, quiet ? look->dim : look->words,
            look->alpha);
  words_at (p, LW_TEXT_DETAIL, box->left, r->x + LW_PAD_LEFT, r->y + LINE_2, 0, look->dim,
            look->alpha);
  words_at (p, LW_TEXT_DETAIL, box->right, right, r->y + LINE_2, 1, look->dim, look->alpha);
  for (int i = 0; i + 1 < LW_MORE; i += 2) {
    const double line = r->y + LINE_2 + LINE_MORE * (i / 2 + 1);
    words_at (p, LW_TEXT_DETAIL, box->more[i], r->x + LW_PAD_LEFT, line, 0, look->dim, look->alpha);
    words_at (p, LW_TEXT_DETAIL, box->more[i + 1], right, line, 1, look->dim, look->alpha);
  }
}

static void
paint_strip (const LwDiagramPainter *p, const LwDiagramBox *box, const LwDiagramStrip *strip,
             const LwDiagramMark *from)
{
  cairo_t *cr = p->cr;
  const LwDiagramMark mark = lw_diagram_mark_of (p, (LwDiagramSpot){ strip->node, -1 }, from);
  const Look look = look_of (p, strip->kind, &mark);
  const cairo_rectangle_t *r = &strip->rect;
  const bool above = r->y < box->body.y;
  int corners = 0;
  if (above)
    corners = (r->x <= box->rect.x + 0.01 ? LW_ROUND_TOP_LEFT : 0) |
              (r->x + r->width >= box->rect.x + box->rect.width - 0.01 ? LW_ROUND_TOP_RIGHT : 0);
  else if (r->y + r->height >= box->rect.y + box->rect.height - 0.01)
    corners = LW_ROUND_BOTTOM;
  paint_piece (p, r, &look, corners, RADIUS);
  if (p->detail == LW_DETAIL_BOXES)
    return;
  lw_set_colour (cr, p->theme->text, STRIP_TINT);
  cairo_rectangle (cr, r->x + (look.stripe ? LW_STRIPE : 0), above ? r->y + r->height - 1 : r->y,
                   r->width - (look.stripe ? LW_STRIPE : 0), 1);
  cairo_fill (cr);
  if (p->detail != LW_DETAIL_ALL)
    return;
  const double middle = r->y + r->height / 2;
  words_at (p, LW_TEXT_DETAIL, strip->title, r->x + LW_PAD_LEFT, middle, 0, look.words, look.alpha);
  words_at (p, LW_TEXT_DETAIL, strip->value, r->x + r->width - LW_PAD_RIGHT, middle, 1, look.dim,
            look.alpha);
}

/* After all strips and the box's outline, which would cover them. */
static void
paint_strip_rings (const LwDiagramPainter *p, const LwDiagramBox *box, const LwDiagramMark *from)
{
  int32_t n;
  const LwDiagramStrip *strips = lw_diagram_layout_strips (p->layout, &n) + box->first_strip;
  for (int32_t i = 0; p->paint->mark && i < box->n_strips; i++) {
    const LwDiagramMark mark = lw_diagram_mark_of (p, (LwDiagramSpot){ strips[i].node, -1 }, from);
    lw_diagram_paint_ring (p, &strips[i].rect, mark.ring);
  }
}

static void
paint_layer (const LwDiagramPainter *p, const LwDiagramBox *box, const LwDiagramMark *mark)
{
  const Look look = look_of (p, box->kind, mark);
  int32_t n_strips;
  const LwDiagramStrip *strips = lw_diagram_layout_strips (p->layout, &n_strips) + box->first_strip;
  if (box->sheet) {
    const cairo_rectangle_t back = { box->rect.x + LW_SHEET, box->rect.y - LW_SHEET,
                                     box->rect.width, box->rect.height };
    Look plain = look;
    plain.stripe = false;
    paint_piece (p, &back, &plain, LW_ROUND_ALL, RADIUS);
    plain.line.a *= 0.85;
    outline (p, &back, &plain, RADIUS);
  }
  int corners = LW_ROUND_ALL;
  if (box->body.y > box->rect.y + 0.01)
    corners &= ~LW_ROUND_TOP;
  if (box->body.y + box->body.height < box->rect.y + box->rect.height - 0.01)
    corners &= ~LW_ROUND_BOTTOM;
  paint_piece (p, &box->body, &look, corners, RADIUS);
  for (int32_t i = 0; i < box->n_strips; i++)
    paint_strip (p, box, &strips[i], mark);
  outline (p, &box->rect, &look, RADIUS);
  if (p->detail != LW_DETAIL_BOXES)
    paint_lines (p, box, &look);
}

/* --- bars, circles, the pill --- */

/* Carried channels grey with a thin line between their sources, new ones in convolution's colour.
 */
static void
paint_shares (const LwDiagramPainter *p, const LwDiagramBox *box, const Look *look)
{
  const cairo_rectangle_t *r = &box->rect;
  int32_t n;
  const LwDiagramShare *shares = lw_diagram_layout_shares (p->layout, &n) + box->first_share;
  double all = 0, x = r->x;
  for (int32_t i = 0; i < box->n_shares; i++)
    all += shares[i].channels;
  for (int32_t i = 0; i < box->n_shares; i++) {
    const double width = r->width * shares[i].channels / all;
    const int corners =
        (i == 0 ? LW_ROUND_LEFT : 0) | (i == box->n_shares - 1 ? LW_ROUND_RIGHT : 0);
    if (shares[i].is_new) {
      lw_rounded_path (p->cr, x, r->y, width, r->height, BAR_RADIUS, corners);
      lw_set_colour (p->cr, p->theme->kind_line[LW_KIND_CONVOLUTION], NEW_TINT * look->alpha);
      cairo_fill (p->cr);
    }
    if (i > 0) {
      const bool border = shares[i].is_new != shares[i - 1].is_new;
      cairo_rectangle (p->cr, x - 0.5, r->y + 1, 1, r->height - 2);
      lw_set_colour (p->cr,
                     border ? p->theme->kind_line[LW_KIND_CONVOLUTION]
                            : p->theme->kind_line[LW_KIND_JOIN],
                     look->alpha * (border ? 0.9 : 0.22));
      cairo_fill (p->cr);
    }
    x += width;
  }
}

static void
paint_bar (const LwDiagramPainter *p, const LwDiagramBox *box, const LwDiagramMark *mark)
{
  Look look = look_of (p, box->kind, mark);
  look.stripe = false;
  paint_piece (p, &box->rect, &look, LW_ROUND_ALL, BAR_RADIUS);
  if (box->n_shares > 0 && !mark->has_fill)
    paint_shares (p, box, &look);
  outline (p, &box->rect, &look, BAR_RADIUS);
  if (p->detail == LW_DETAIL_ALL)
    words_at (p, LW_TEXT_DETAIL_BOLD, box->name, box->rect.x + box->rect.width / 2,
              box->rect.y + box->rect.height / 2, 0.5, look.words, look.alpha);
}

static void
paint_sum (const LwDiagramPainter *p, const LwDiagramBox *box, const LwDiagramMark *mark)
{
  cairo_t *cr = p->cr;
  const Look look = look_of (p, box->kind, mark);
  const double r = box->rect.width / 2, x = box->rect.x + r, y = box->rect.y + r;
  cairo_new_path (cr);
  cairo_arc (cr, x, y, r - 0.75, 0, 2 * G_PI);
  lw_set_colour (cr, p->theme->canvas, 1);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, look.fill, look.alpha);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, mark->has_fill ? look.words : look.line, look.alpha);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_width (cr, 1.8);
  cairo_move_to (cr, x - r * 0.42, y);
  cairo_line_to (cr, x + r * 0.42, y);
  cairo_move_to (cr, x, y - r * 0.42);
  cairo_line_to (cr, x, y + r * 0.42);
  lw_set_colour (cr, look.words, look.alpha);
  cairo_stroke (cr);
}

static void
paint_pill (const LwDiagramPainter *p, const LwDiagramBox *box, const LwDiagramMark *mark)
{
  Look look = look_of (p, box->kind, mark);
  look.stripe = false;
  paint_piece (p, &box->rect, &look, LW_ROUND_ALL, box->rect.height / 2);
  outline (p, &box->rect, &look, box->rect.height / 2);
  if (p->detail != LW_DETAIL_BOXES)
    words_at (p, LW_TEXT_NAME, box->name, box->rect.x + box->rect.width / 2,
              box->rect.y + box->rect.height / 2, 0.5, look.words, look.alpha);
}

void
lw_diagram_paint_box (const LwDiagramPainter *p, const LwDiagramBox *box)
{
  const LwDiagramMark mark = lw_diagram_mark_of (p, (LwDiagramSpot){ box->node, box->block }, NULL);
  if (box->type == LW_BOX_CONCAT)
    paint_bar (p, box, &mark);
  else if (box->type == LW_BOX_SUM)
    paint_sum (p, box, &mark);
  else if (box->type == LW_BOX_INPUT)
    paint_pill (p, box, &mark);
  else
    paint_layer (p, box, &mark);
  lw_diagram_paint_ring (p, &box->rect, mark.ring);
  paint_strip_rings (p, box, &mark);
  if (p->detail != LW_DETAIL_BOXES)
    paint_badge (p, box, &mark);
}
