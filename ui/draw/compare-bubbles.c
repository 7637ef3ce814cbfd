#include "ui/draw/compare-bubbles.h"

#include "engine/analysis.h"
#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define LEFT           46.0 /* numbers of the y axis */
#define TOP            36.0 /* the title */
#define RIGHT          26.0
#define BOTTOM         46.0 /* numbers and name of the x axis */
#define LARGEST        34.0 /* radius of the most parameters */
#define SMALLEST       5.0
#define FULL_SIZE      1e6 /* below this even the largest bubble is not drawn at its largest */
#define LABEL_HEIGHT   15.0
#define LABEL_GAP      7.0
#define LEADER         22.0
#define LEADER_SAMPLES 24
#define MOST_STEPS     6
#define NOWHERE        (-1e6) /* a label that has no place yet */
#define Y_ROOM         0.25   /* of the data's range, free above and below */

static double
x_of (const LwBubbleChart *chart, const LwBubble *bubble)
{
  return MAX (bubble->x[chart->by], chart->by == LW_BUBBLE_TIME ? 0.01 : 1);
}

/* --- axes --------------------------------------------------------------------------------------
 */

static void
make_scale (const LwBubbleChart *chart, double width, double height, LwBubbleScale *scale)
{
  double most = 0, low = 1, high = 0, x_min = INFINITY, x_max = 0;
  for (int i = 0; i < chart->n; i++) {
    most = MAX (most, chart->bubbles[i].x[LW_BUBBLE_PARAMETERS]);
    low = MIN (low, chart->bubbles[i].accuracy);
    high = MAX (high, chart->bubbles[i].accuracy);
    x_min = MIN (x_min, x_of (chart, &chart->bubbles[i]));
    x_max = MAX (x_max, x_of (chart, &chart->bubbles[i]));
  }
  if (chart->n == 0) {
    x_min = 1e5;
    x_max = 1e9;
    low = 0;
    high = 1;
  }
  const double room = MAX ((high - low) * Y_ROOM, 0.02);
  *scale = (LwBubbleScale){ .x0 = LEFT,
                            .y0 = TOP,
                            .x1 = MAX (width - RIGHT, LEFT + 1),
                            .y1 = MAX (height - BOTTOM, TOP + 1),
                            .x_min = x_min / 2,
                            .x_max = x_max * 2,
                            .y_min = MAX (low - room, 0),
                            .y_max = MIN (high + room, 1),
                            .per_root = LARGEST / sqrt (MAX (most, FULL_SIZE)) };
  lw_ticks_round_log (&scale->x_min, &scale->x_max);
  lw_ticks_round_linear (&scale->y_min, &scale->y_max, lw_ticks_room (scale->y1 - scale->y0, 44));
  scale->y_max = MIN (scale->y_max, 1);
}

static double
to_x (const LwBubbleScale *s, double value)
{
  return s->x0 + (s->x1 - s->x0) * log (value / s->x_min) / log (s->x_max / s->x_min);
}

static double
to_y (const LwBubbleScale *s, double value)
{
  return s->y1 - (s->y1 - s->y0) * (value - s->y_min) / (s->y_max - s->y_min);
}

/* --- labels ------------------------------------------------------------------------------------
 */

static bool
meets_circle (const LwBubblePlace *label, const LwBubblePlace *circle)
{
  const double x = CLAMP (circle->x, label->label_x, label->label_x + label->label_width);
  const double y =
      CLAMP (circle->y, label->label_y - LABEL_HEIGHT / 2, label->label_y + LABEL_HEIGHT / 2);
  return hypot (circle->x - x, circle->y - y) < circle->radius + 2;
}

static bool
meets_label (const LwBubblePlace *a, const LwBubblePlace *b)
{
  return a->label_x < b->label_x + b->label_width + 4 &&
         b->label_x < a->label_x + a->label_width + 4 &&
         fabs (a->label_y - b->label_y) < LABEL_HEIGHT;
}

/* Where a leader meets its label. */
static void
leader_end (const LwBubblePlace *place, double *ret_x, double *ret_y)
{
  *ret_x = CLAMP (place->x, place->label_x - 3, place->label_x + place->label_width + 3);
  *ret_y = CLAMP (place->y, place->label_y - LABEL_HEIGHT / 2, place->label_y + LABEL_HEIGHT / 2);
}

/* On which side of the line from a to b the point is: the sign of the cross product. */
static double
side_of (double ax, double ay, double bx, double by, double x, double y)
{
  return (bx - ax) * (y - ay) - (by - ay) * (x - ax);
}

static bool
leaders_cross (const LwBubblePlace *a, const LwBubblePlace *b)
{
  double ax, ay, bx, by;

  if (!a->leader || !b->leader)
    return false;
  leader_end (a, &ax, &ay);
  leader_end (b, &bx, &by);
  return side_of (a->x, a->y, ax, ay, b->x, b->y) * side_of (a->x, a->y, ax, ay, bx, by) < 0 &&
         side_of (b->x, b->y, bx, by, a->x, a->y) * side_of (b->x, b->y, bx, by, ax, ay) < 0;
}

/* Whether the leader of one goes through the label of another. */
static bool
leader_meets_label (const LwBubblePlace *from, const LwBubblePlace *label)
{
  double x, y;

  if (!from->leader)
    return false;
  leader_end (from, &x, &y);
  for (int i = 0; i <= LEADER_SAMPLES; i++) {
    const double t = (double)i / LEADER_SAMPLES;
    const double at_x = from->x + t * (x - from->x), at_y = from->y + t * (y - from->y);

    if (at_x > label->label_x - 2 && at_x < label->label_x + label->label_width + 2 &&
        fabs (at_y - label->label_y) < LABEL_HEIGHT / 2)
      return true;
  }
  return false;
}

static bool
is_tangled (const LwBubblePlace *places, int n, int index)
{
  const LwBubblePlace *label = &places[index];

  for (int i = 0; i < n; i++)
    if (i != index &&
        (leaders_cross (label, &places[i]) || leader_meets_label (label, &places[i]) ||
         leader_meets_label (&places[i], label)))
      return true;
  return false;
}

static bool
is_free (const LwBubbleScale *s, const LwBubblePlace *places, int n, int index)
{
  const LwBubblePlace *label = &places[index];
  if (label->label_x < s->x0 + 2 || label->label_x + label->label_width > s->x1 + RIGHT - 2 ||
      label->label_y < s->y0 - 2 || label->label_y > s->y1 - LABEL_HEIGHT / 2)
    return false;
  for (int i = 0; i < n; i++)
    if (meets_circle (label, &places[i]) || (i != index && meets_label (label, &places[i])))
      return false;
  return true;
}

/* Right, left, above, below and the diagonals, `far` steps away; then flat and steep ones. */
static bool
place_away (const LwBubbleScale *s, LwBubblePlace *places, int n, int index, int far,
            LwBubblePlace *tangled)
{
  static const double directions[][2] = { { 1, 0 },        { -1, 0 },       { 0, -1 },
                                          { 0, 1 },        { 0.7, -0.7 },   { -0.7, -0.7 },
                                          { 0.7, 0.7 },    { -0.7, 0.7 },   { 0.92, -0.38 },
                                          { 0.92, 0.38 },  { 0.38, -0.92 }, { 0.38, 0.92 },
                                          { 0.12, -0.99 }, { 0.12, 0.99 } };
  LwBubblePlace *place = &places[index];

  for (guint d = 0; d < G_N_ELEMENTS (directions); d++) {
    const double away = place->radius + LABEL_GAP + far * LEADER;
    const double x = place->x + directions[d][0] * away;
    const double y = place->y + directions[d][1] * (away + (directions[d][0] == 0 ? 5 : 0));
    place->label_x = directions[d][0] > 0   ? x
                     : directions[d][0] < 0 ? x - place->label_width
                                            : x - place->label_width / 2;
    place->label_y = y;
    place->leader = far > 0;
    if (!is_free (s, places, n, index))
      continue;
    if (!is_tangled (places, n, index))
      return true;
    if (tangled->label_width <= 0)
      *tangled = *place;
  }
  place->label_x = place->label_y = NOWHERE;
  place->leader = false;
  return false;
}

/* With a leader, which crosses no other one where there is such a place. */
static void
place_far (const LwBubbleScale *s, LwBubblePlace *places, int n, int index)
{
  LwBubblePlace *place = &places[index], tangled = { 0 };

  for (int far = 1; far <= MOST_STEPS; far++)
    if (place_away (s, places, n, index, far, &tangled))
      return;
  if (tangled.label_width > 0) {
    *place = tangled;
    return;
  }
  place->label_x = place->x + place->radius + LABEL_GAP;
  place->label_y = place->y;
}

void
lw_bubbles_place (const LwBubbleChart *chart, LwText *text, double width, double height,
                  LwBubbleScale *ret_scale, LwBubblePlace *ret_places)
{
  make_scale (chart, width, height, ret_scale);
  for (int i = 0; i < chart->n; i++) {
    const LwBubble *bubble = &chart->bubbles[i];
    ret_places[i] = (LwBubblePlace){
      .x = to_x (ret_scale, x_of (chart, bubble)),
      .y = to_y (ret_scale, bubble->accuracy),
      .radius = MAX (SMALLEST, ret_scale->per_root * sqrt (bubble->x[LW_BUBBLE_PARAMETERS])),
      .label_width = lw_text_width (
          text, bubble->series >= 0 ? LW_TEXT_DETAIL_BOLD : LW_TEXT_DETAIL, bubble->label)
    };
  }
  for (int i = 0; i < chart->n; i++)
    ret_places[i].label_x = ret_places[i].label_y = NOWHERE;
  /* Those beside their bubbles first: leaders go around them. */
  for (int i = 0; i < chart->n; i++)
    if (chart->bubbles[i].label != NULL)
      place_away (ret_scale, ret_places, chart->n, i, 0, &(LwBubblePlace){ 0 });
  for (int i = 0; i < chart->n; i++)
    if (chart->bubbles[i].label != NULL && ret_places[i].label_x == NOWHERE)
      place_far (ret_scale, ret_places, chart->n, i);
}

/* --- painting ----------------------------------------------------------------------------------
 */

/* "10 M", where three digits would be "10.0 M". */
static char *
round_number (double value)
{
  static const char *const units[] = { "", " k", " M", " G", " T" };
  guint unit = 0;
  while (value >= 1000 && unit + 1 < G_N_ELEMENTS (units)) {
    value /= 1000;
    unit++;
  }
  return g_strdup_printf ("%g%s", value, units[unit]);
}

static const char *
x_name (const LwBubbleChart *chart)
{
  return chart->by == LW_BUBBLE_PARAMETERS ? _ ("parameters (log)")
         : chart->by == LW_BUBBLE_TIME     ? _ ("training time, seconds (log)")
                                           : _ ("MACs per image (log)");
}

static void
paint_axes (cairo_t *cr, const LwBubbleChart *chart, const LwBubbleScale *s, const LwTheme *theme,
            LwText *text)
{
  LwTicks ticks;
  cairo_set_line_width (cr, 1);
  lw_ticks_linear (s->y_min, s->y_max, lw_ticks_room (s->y1 - s->y0, 44), false, false, &ticks);
  for (int i = 0; i < ticks.n; i++) {
    const double y = floor (to_y (s, ticks.tick[i].value)) + 0.5;
    cairo_move_to (cr, s->x0, y);
    cairo_line_to (cr, s->x1, y);
    lw_set_colour (cr, theme->grid, 1);
    cairo_stroke (cr);
    lw_text_paint (cr, text, LW_TEXT_DETAIL, ticks.tick[i].text, s->x0 - 8,
                   y + lw_text_middle (LW_TEXT_DETAIL), 1, theme->dim, 1);
  }
  lw_ticks_log (s->x_min, s->x_max, lw_ticks_room (s->x1 - s->x0, 70), &ticks);
  for (int i = 0; i < ticks.n; i++) {
    const double x = floor (to_x (s, ticks.tick[i].value)) + 0.5;
    if (ticks.tick[i].text[0] == '\0')
      continue;
    g_autofree char *plain = round_number (ticks.tick[i].value);
    cairo_move_to (cr, x, s->y0);
    cairo_line_to (cr, x, s->y1);
    lw_set_colour (cr, theme->grid, 1);
    cairo_stroke (cr);
    lw_text_paint (cr, text, LW_TEXT_DETAIL, plain, x, s->y1 + 16, 0.5, theme->dim, 1);
  }
  cairo_move_to (cr, s->x0, floor (s->y1) + 0.5);
  cairo_line_to (cr, s->x1, floor (s->y1) + 0.5);
  lw_set_colour (cr, theme->axis, 1);
  cairo_stroke (cr);
  lw_text_paint (cr, text, LW_TEXT_NAME, _ ("Best test accuracy by cost"), 8, 20, 0, theme->text,
                 1);
  lw_text_paint (cr, text, LW_TEXT_DETAIL, x_name (chart), s->x1, s->y1 + 34, 1, theme->dim, 1);
}

/* What the areas mean: two round numbers whose circles fit in the line. */
static void
paint_sizes (cairo_t *cr, const LwBubbleChart *chart, const LwBubbleScale *s, const LwTheme *theme,
             LwText *text)
{
  static const double steps[] = { 1, 2, 5 };
  const double baseline = s->y1 + 34;
  double values[2] = { 0 }, x = s->x0;
  int n = 0;
  for (int i = 0; i < 36; i++) { /* 1 to 5 × 10¹¹ */
    const double value = steps[i % 3] * pow (10, i / 3), radius = s->per_root * sqrt (value);
    if (radius < SMALLEST || radius > 12)
      continue; /* smaller ones are all drawn alike */
    values[0] = values[1];
    values[1] = value;
    n = MIN (n + 1, 2);
  }
  if (chart->n == 0)
    return;
  if (x + lw_text_width (text, LW_TEXT_DETAIL, _ ("area: parameters")) + 130 >
      s->x1 - lw_text_width (text, LW_TEXT_DETAIL, x_name (chart)))
    return; /* there is no room beside the axis' name */
  lw_text_paint (cr, text, LW_TEXT_DETAIL, _ ("area: parameters"), x, baseline, 0, theme->dim, 1);
  x += lw_text_width (text, LW_TEXT_DETAIL, _ ("area: parameters")) + 12;
  for (int i = 2 - n; i < 2; i++) {
    const double radius = s->per_root * sqrt (values[i]);
    g_autofree char *number = round_number (values[i]);
    cairo_new_path (cr);
    cairo_arc (cr, x + radius, baseline - 4, radius, 0, 2 * G_PI);
    lw_set_colour (cr, theme->dim, 1);
    cairo_set_line_width (cr, 1);
    cairo_stroke (cr);
    x += 2 * radius + 5;
    lw_text_paint (cr, text, LW_TEXT_DETAIL, number, x, baseline, 0, theme->dim, 1);
    x += lw_text_width (text, LW_TEXT_DETAIL, number) + 12;
  }
}

static void
paint_bubble (cairo_t *cr, const LwBubble *bubble, const LwBubblePlace *place, const LwTheme *theme,
              bool hovered)
{
  const LwColour colour = bubble->series >= 0 ? theme->series[bubble->series % 6] : theme->dim;
  cairo_new_path (cr);
  cairo_arc (cr, place->x, place->y, place->radius, 0, 2 * G_PI);
  lw_set_colour (cr, colour, bubble->series >= 0 ? 0.38 : 0.2);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, colour, 1);
  cairo_set_line_width (cr, hovered ? 2.5 : 1.4);
  cairo_stroke (cr);
}

static void
paint_label (cairo_t *cr, const LwBubble *bubble, const LwBubblePlace *place, const LwTheme *theme,
             LwText *text)
{
  const LwTextStyle style = bubble->series >= 0 ? LW_TEXT_DETAIL_BOLD : LW_TEXT_DETAIL;
  if (place->leader) {
    double end_x, end_y;
    leader_end (place, &end_x, &end_y);
    const double length = hypot (end_x - place->x, end_y - place->y);
    const double t = length > 0 ? place->radius / length : 0;
    cairo_move_to (cr, place->x + (end_x - place->x) * t, place->y + (end_y - place->y) * t);
    cairo_line_to (cr, end_x, end_y);
    lw_set_colour (cr, theme->dim, 0.8);
    cairo_set_line_width (cr, 1);
    cairo_stroke (cr);
  }
  lw_text_paint (cr, text, style, bubble->label, place->label_x,
                 place->label_y + lw_text_middle (style), 0, theme->text, 1);
}

void
lw_bubbles_paint (cairo_t *cr, const LwBubbleChart *chart, const LwTheme *theme, LwText *text,
                  double width, double height)
{
  LwBubbleScale scale;
  g_autofree LwBubblePlace *places = g_new0 (LwBubblePlace, MAX (chart->n, 1));
  g_autofree bool *done = g_new0 (bool, MAX (chart->n, 1));
  lw_bubbles_place (chart, text, width, height, &scale, places);
  paint_axes (cr, chart, &scale, theme, text);
  paint_sizes (cr, chart, &scale, theme, text);
  for (int i = 0; i < chart->n; i++) { /* large ones first: small ones lie on them */
    int largest = -1;
    for (int k = 0; k < chart->n; k++)
      if (!done[k] && (largest < 0 || places[k].radius > places[largest].radius))
        largest = k;
    done[largest] = true;
    paint_bubble (cr, &chart->bubbles[largest], &places[largest], theme, largest == chart->hovered);
  }
  for (int i = 0; i < chart->n; i++)
    if (chart->bubbles[i].label != NULL)
      paint_label (cr, &chart->bubbles[i], &places[i], theme, text);
}

int
lw_bubbles_hit (const LwBubblePlace *places, int n, double x, double y)
{
  int hit = -1;
  for (int i = 0; i < n; i++)
    if (hypot (places[i].x - x, places[i].y - y) <= places[i].radius + 2 &&
        (hit < 0 || places[i].radius < places[hit].radius))
      hit = i;
  return hit;
}

char *
lw_bubble_words (const LwBubble *bubble)
{
  g_autofree char *macs = lw_format_short (bubble->x[LW_BUBBLE_MACS]);
  g_autofree char *parameters = lw_format_short (bubble->x[LW_BUBBLE_PARAMETERS]);
  return g_strdup_printf (_ ("%s: accuracy %.3f, %s MACs, %s parameters"),
                          bubble->name != NULL ? bubble->name : bubble->label, bubble->accuracy,
                          macs, parameters);
}

char *
lw_bubbles_describe (const LwBubbleChart *chart)
{
  int best = -1;
  for (int i = 0; i < chart->n; i++)
    if (best < 0 || chart->bubbles[i].accuracy > chart->bubbles[best].accuracy)
      best = i;
  if (best < 0)
    return g_strdup (_ ("No finished runs yet"));
  g_autofree char *words = lw_bubble_words (&chart->bubbles[best]);
  return g_strdup_printf (ngettext ("%d run; best: %s", "%d runs; best: %s", (gulong)chart->n),
                          chart->n, words);
}
