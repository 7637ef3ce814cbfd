/* What stands around the volumes: words, open blocks' lines, shortcuts, brackets, the selection. */
#include "ui/draw/diagram-volumes-private.h"

#include <math.h>

#define CORNER       8.0
#define ARROW_LENGTH 7.0
#define ARROW_WIDTH  6.0

static const LwVolume *
item (const LwVolumePainter *p, int32_t index)
{
  return &lw_volumes_items (p->volumes, NULL)[index];
}

/* The volume that is marked; an open block is marked at its own line. */
static int32_t
selected_item (const LwVolumePainter *p)
{
  int32_t n;
  const LwVolumeFrame *frames = lw_volumes_frames (p->volumes, &n);
  for (int32_t i = 0; i < n; i++)
    if (p->paint->selected.block == frames[i].block)
      return -1;
  return lw_volumes_find (p->volumes, p->paint->selected);
}

void
lw_volumes_paint_words (const LwVolumePainter *p, int32_t index)
{
  static const LwTextStyle styles[] = { LW_TEXT_CAPTION, LW_TEXT_DETAIL, LW_TEXT_DETAIL };
  const LwVolume *volume = item (p, index);
  const double alpha = lw_volumes_mark (p, volume->spot).alpha;
  const LwColour colour = index == selected_item (p) ? p->theme->accent_text : p->theme->text;
  const double x = volume->slot.x + volume->slot.width / 2;
  double y = volume->slot.y + volume->slot.height - LW_VOLUME_WORDS + 21;
  double name_x = x;
  if (volume->chevron_x > 0) {
    lw_set_colour (p->cr, colour, 0.8 * alpha);
    lw_paint_chevron (p->cr, volume->chevron_x, y - lw_text_middle (LW_TEXT_TABLE_BOLD), false);
    name_x += LW_CHEVRON / 2;
  }
  lw_text_paint (p->cr, p->text, LW_TEXT_TABLE_BOLD, volume->name, name_x, y, 0.5, colour, alpha);
  for (int i = 0; p->zoom >= 0.70 && i < 3; i++) {
    y += LW_VOLUME_LINE;
    lw_text_paint (p->cr, p->text, styles[i], volume->words[i], x, y, 0.5,
                   i == 0 ? p->theme->text : p->theme->dim, alpha);
  }
}

/* Chevron and title in the middle of a line with ends that point down to the volumes. */
static void
paint_frame (const LwVolumePainter *p, const LwVolumeFrame *frame)
{
  cairo_t *cr = p->cr;
  const cairo_rectangle_t *r = &frame->rect;
  const bool chosen = p->paint->selected.block == frame->block;
  const LwColour colour = chosen ? p->theme->accent_text : p->theme->text;
  const bool words = !p->paint->silent && p->zoom >= 0.45;
  const double y = r->y + r->height / 2, end = r->x + r->width;
  const double width =
      words ? lw_text_width (p->text, LW_TEXT_DETAIL_BOLD, frame->title) + LW_CHEVRON + 12 : 0;
  /* A title of a long block stays in sight while a part of it is. */
  double left = r->x, right = end;
  if (p->paint->visible) {
    left = MAX (left, p->paint->visible->x);
    right = MIN (right, p->paint->visible->x + p->paint->visible->width);
  }
  const double middle = CLAMP ((left + right) / 2, r->x + width / 2, end - width / 2);
  cairo_move_to (cr, r->x, r->y + r->height);
  cairo_line_to (cr, r->x, y);
  cairo_line_to (cr, middle - width / 2, y);
  cairo_move_to (cr, middle + width / 2, y);
  cairo_line_to (cr, end, y);
  cairo_line_to (cr, end, r->y + r->height);
  lw_set_colour (cr, chosen ? p->theme->accent : p->theme->axis, 1);
  cairo_set_line_width (cr, chosen ? 2 : 1);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  cairo_stroke (cr);
  if (!words)
    return;
  lw_set_colour (cr, colour, 0.8);
  lw_paint_chevron (cr, middle - width / 2 + 11, y, true);
  lw_text_paint (cr, p->text, LW_TEXT_DETAIL_BOLD, frame->title,
                 middle - width / 2 + 6 + LW_CHEVRON, y + lw_text_middle (LW_TEXT_DETAIL_BOLD), 0,
                 colour, 1);
}

/* x of a volume's top edge's middle. */
static double
top_middle (const LwVolume *volume)
{
  return volume->rect.x + (volume->rect.width + volume->depth_x) / 2;
}

static void
paint_skip (const LwVolumePainter *p, const LwVolumeSkip *skip)
{
  cairo_t *cr = p->cr;
  const LwVolume *from = item (p, skip->from), *to = item (p, skip->to);
  const double x0 = top_middle (from) + 5, x1 = top_middle (to) - 5;
  const double y0 = from->rect.y - 2, y1 = to->rect.y - 2;
  const double alpha =
      MIN (lw_volumes_mark (p, from->spot).alpha, lw_volumes_mark (p, to->spot).alpha);
  const double radius = MIN (CORNER, MIN (MIN (y0, y1) - skip->top, (x1 - x0) / 2));
  const bool words = !p->paint->silent && p->zoom >= 0.70;
  const double middle = (x0 + x1) / 2;
  const double half = words ? lw_text_width (p->text, LW_TEXT_DETAIL, skip->words) / 2 + 5 : 0;
  const bool broken = half > 0 && x1 - x0 > 2 * (half + radius); /* the words interrupt the line */
  lw_set_colour (cr, p->theme->edge, alpha);
  cairo_set_line_width (cr, MAX (1.5, 0.9 / p->zoom));
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  cairo_move_to (cr, x0, y0);
  cairo_arc (cr, x0 + radius, skip->top + radius, radius, G_PI, 1.5 * G_PI);
  if (broken) {
    cairo_line_to (cr, middle - half, skip->top);
    cairo_move_to (cr, middle + half, skip->top);
  }
  cairo_arc (cr, x1 - radius, skip->top + radius, radius, -G_PI_2, 0);
  cairo_line_to (cr, x1, y1 - ARROW_LENGTH + 1);
  cairo_stroke (cr);
  cairo_move_to (cr, x1, y1);
  cairo_line_to (cr, x1 - ARROW_WIDTH / 2, y1 - ARROW_LENGTH);
  cairo_line_to (cr, x1 + ARROW_WIDTH / 2, y1 - ARROW_LENGTH);
  cairo_close_path (cr);
  cairo_fill (cr);
  if (broken)
    lw_text_paint (cr, p->text, LW_TEXT_DETAIL, skip->words, middle,
                   skip->top + lw_text_middle (LW_TEXT_DETAIL), 0.5, p->theme->dim, alpha);
}

static void
paint_bracket (const LwVolumePainter *p, const LwVolumeBracket *bracket, double y)
{
  cairo_t *cr = p->cr;
  cairo_move_to (cr, bracket->x, y);
  cairo_line_to (cr, bracket->x, y + 5);
  cairo_line_to (cr, bracket->x + bracket->width, y + 5);
  cairo_line_to (cr, bracket->x + bracket->width, y);
  lw_set_colour (cr, p->theme->axis, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  double x = bracket->words_x;
  if (p->paint->visible) { /* in sight while enough of the bracket is */
    const cairo_rectangle_t *v = p->paint->visible;
    const double left = MAX (bracket->x, v->x);
    const double right = MIN (bracket->x + bracket->width, v->x + v->width);
    if (right - left >= lw_text_width (p->text, LW_TEXT_TABLE_BOLD, bracket->words))
      x = (left + right) / 2;
  }
  lw_text_paint (cr, p->text, LW_TEXT_TABLE_BOLD, bracket->words, x, y + 20, 0.5, p->theme->text,
                 1);
}

static void
paint_selection (const LwVolumePainter *p)
{
  const int32_t index = selected_item (p);
  if (index < 0)
    return;
  const cairo_rectangle_t *r = &item (p, index)->rect;
  lw_rounded_path (p->cr, r->x - 5, r->y - 5, r->width + 10, r->height + 10, 7, LW_ROUND_ALL);
  lw_set_colour (p->cr, p->theme->accent, 1);
  cairo_set_line_width (p->cr, MAX (2.5, 2 / p->zoom));
  cairo_stroke (p->cr);
}

void
lw_volumes_paint_marks (const LwVolumePainter *p)
{
  int32_t n, n_brackets, n_frames, n_skips;
  const LwVolume *items = lw_volumes_items (p->volumes, &n);
  const LwVolumeBracket *brackets = lw_volumes_brackets (p->volumes, &n_brackets);
  const LwVolumeFrame *frames = lw_volumes_frames (p->volumes, &n_frames);
  const LwVolumeSkip *skips = lw_volumes_skips (p->volumes, &n_skips);
  for (int32_t i = 0; i < n_frames; i++)
    paint_frame (p, &frames[i]);
  for (int32_t i = 0; i < n_skips; i++)
    paint_skip (p, &skips[i]);
  if (n > 0 && !p->paint->silent && p->zoom >= 0.70)
    for (int32_t i = 0; i < n_brackets; i++)
      paint_bracket (p, &brackets[i], items[0].slot.y + items[0].slot.height + 2);
  paint_selection (p);
}
