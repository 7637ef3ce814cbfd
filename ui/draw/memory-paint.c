#include "ui/draw/memory-private.h"

#include "engine/analysis.h"
#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>
#include <pango/pango.h>

/* A name stands in a bar from this size on. */
#define NAME_HEIGHT 14.0
#define NAME_WIDTH  64.0
#define RADIUS      3.0
#define HATCH       5.0 /* from stripe to stripe */
#define THIN        3.0 /* bars below this height are a line */
#define SHADE       0.045
#define BOOK        24.0 /* the sign beside the sentences, and its distance */

typedef struct {
  cairo_t *cr;
  const LwTheme *theme;
  LwText *text;
  const LwMemoryPicture *p;
} Painter;

void
lw_memory_hatch (cairo_t *cr, cairo_rectangle_t place, LwColour colour)
{
  cairo_save (cr);
  cairo_rectangle (cr, place.x, place.y, place.width, place.height);
  cairo_clip (cr);
  /* The stripes of neighbours are one pattern: they lie on x + y = k · HATCH. */
  for (double k = ceil ((place.x + place.y) / HATCH) * HATCH;
       k < place.x + place.width + place.y + place.height; k += HATCH) {
    cairo_move_to (cr, k - place.y, place.y);
    cairo_line_to (cr, k - place.y - place.height, place.y + place.height);
  }
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_width (cr, 1);
  lw_set_colour (cr, colour, 1);
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* --- bars ------------------------------------------------------------------------------------- */

typedef struct {
  LwColour line, fill;
  bool hatched;
} Look;

static Look
look_of (const Painter *a, const LwMemoryBar *bar)
{
  const LwKind kind = lw_memory_bar_kind (a->p, bar);

  if (lw_memory_bar_is_workspace (a->p, bar))
    return (Look){ a->theme->kind_line[LW_KIND_ACTIVATION], a->theme->kind_line[LW_KIND_ACTIVATION],
                   false };
  if (bar->kind == LW_MEMORY_PARAMETER_GRADIENTS)
    return (Look){ a->theme->kind_line[LW_KIND_JOIN], a->theme->kind_fill[LW_KIND_JOIN], true };
  if (bar->kind == LW_MEMORY_OPTIMIZER)
    return (Look){ a->theme->kind_line[LW_KIND_JOIN], a->theme->kind_fill[LW_KIND_JOIN], false };
  return (Look){ a->theme->kind_line[kind], a->theme->kind_fill[kind],
                 lw_memory_bar_is_gradient (a->p, bar) };
}

static void
paint_name (const Painter *a, const LwMemoryBar *bar)
{
  const LwTextStyle style = bar->buffer < 0 ? LW_TEXT_TABLE_BOLD : LW_TEXT_DETAIL;
  const double x = bar->place.x + (bar->buffer < 0 ? 10 : 7);
  const double middle = bar->place.y + bar->place.height / 2;
  const Look look = look_of (a, bar);
  g_autofree char *name = NULL;
  double width;

  if (bar->place.height < NAME_HEIGHT || bar->place.width < NAME_WIDTH)
    return;
  name = lw_memory_bar_short_name (a->p, bar);
  width = lw_text_width (a->text, style, name);
  if (width > bar->place.width - 12)
    return;
  if (lw_memory_bar_is_gradient (a->p, bar)) { /* stripes do not run through words */
    lw_path_rounded (a->cr, x - 3, middle - 7, width + 6, 14, 3);
    lw_set_colour (a->cr, look.fill, 1);
    cairo_fill (a->cr);
  }
  lw_text_paint (a->cr, a->text, style, name, x, middle + lw_text_middle (style), 0,
                 lw_memory_bar_is_workspace (a->p, bar) ? lw_contrast (look.fill) : a->theme->text,
                 1);
}

static void
paint_bar (const Painter *a, const LwMemoryBar *bar)
{
  const Look look = look_of (a, bar);
  const cairo_rectangle_t r = bar->place;
  const double radius = bar->buffer < 0 ? 0 : MIN (RADIUS, MIN (r.width, r.height) / 3);
  cairo_t *cr = a->cr;

  if (r.height < THIN) {
    cairo_rectangle (cr, r.x, r.y + MIN (r.height - 1, 0) / 2, r.width, MAX (r.height, 1));
    lw_set_colour (cr, look.line, r.height < 0.5 ? 0.6 : 1);
    cairo_fill (cr);
    return;
  }
  lw_path_rounded (cr, r.x, r.y, r.width, r.height, radius);
  lw_set_colour (cr, look.fill, 1);
  cairo_fill_preserve (cr);
  if (look.hatched) {
    cairo_path_t *outline = cairo_copy_path (cr);

    cairo_save (cr);
    cairo_clip (cr);
    lw_memory_hatch (cr, r, (LwColour){ look.line.r, look.line.g, look.line.b, 0.5 });
    cairo_restore (cr);
    cairo_new_path (cr);
    cairo_append_path (cr, outline);
    cairo_path_destroy (outline);
  }
  cairo_new_path (cr);
  lw_path_rounded (cr, r.x + 0.5, r.y + 0.5, MAX (r.width - 1, 0.5), MAX (r.height - 1, 0.5),
                   radius);
  cairo_set_line_width (cr, 1);
  lw_set_colour (cr, look.line, 1);
  cairo_stroke (cr);
  paint_name (a, bar);
}

/* --- axes ------------------------------------------------------------------------------------- */

static void
stroke_line (const Painter *a, double x0, double y0, double x1, double y1, LwColour colour)
{
  cairo_move_to (a->cr, x0, y0);
  cairo_line_to (a->cr, x1, y1);
  cairo_set_line_width (a->cr, 1);
  lw_set_colour (a->cr, colour, 1);
  cairo_stroke (a->cr);
}

static void
paint_title (const Painter *a, const char *title, const char *words, double y)
{
  const double x = 12, base = y + lw_text_middle (LW_TEXT_NAME);

  lw_text_paint (a->cr, a->text, LW_TEXT_NAME, title, x, base, 0, a->theme->text, 1);
  lw_text_paint (a->cr, a->text, LW_TEXT_CAPTION, words,
                 x + lw_text_width (a->text, LW_TEXT_NAME, title) + 14, base, 0, a->theme->dim, 1);
}

static void
paint_grid (const Painter *a, LwMode mode)
{
  const LwMemoryPlot *plot = &a->p->plots[mode];
  const cairo_rectangle_t r = plot->place;

  for (int i = 0; i < plot->ticks.n; i++) {
    const double value = plot->ticks.tick[i].value * (double)plot->unit;
    const double y = floor (lw_memory_picture_y (a->p, mode, value)) + 0.5;

    stroke_line (a, r.x, y, r.x + r.width, y, a->theme->grid);
    lw_text_paint (a->cr, a->text, LW_TEXT_DETAIL, plot->ticks.tick[i].text, r.x - 8,
                   y + lw_text_middle (LW_TEXT_DETAIL), 1, a->theme->dim, 1);
  }
}

static void
paint_axis (const Painter *a, LwMode mode)
{
  const cairo_rectangle_t r = a->p->plots[mode].place;
  const double y = floor (r.y + r.height) + 0.5;

  stroke_line (a, r.x, y, r.x + r.width, y, a->theme->axis);
}

/* Turned by a quarter, read from below. */
static void
paint_labels (const Painter *a, LwMode mode)
{
  const LwMemoryPlot *plot = &a->p->plots[mode];

  for (guint i = 0; i < plot->labels->len; i++) {
    const LwMemoryLabel *label = &g_array_index (plot->labels, LwMemoryLabel, i);
    const double width = lw_text_width (a->text, LW_TEXT_DETAIL, label->words);

    cairo_save (a->cr);
    cairo_translate (a->cr, plot->place.x + label->middle * a->p->step,
                     plot->place.y + plot->place.height + 7);
    cairo_rotate (a->cr, -G_PI_2);
    if (width > LW_MEMORY_LABELS) /* narrower letters, never cut */
      cairo_scale (a->cr, LW_MEMORY_LABELS / width, 1);
    lw_text_paint (a->cr, a->text, LW_TEXT_DETAIL, label->words, 0, lw_text_middle (LW_TEXT_DETAIL),
                   1, a->theme->dim, 1);
    cairo_restore (a->cr);
  }
}

/* |—— forward ——| */
static void
paint_brace (const Painter *a, const char *words, double x0, double x1, double y)
{
  const double width = lw_text_width (a->text, LW_TEXT_CAPTION, words);
  const double middle = (x0 + x1) / 2;

  if (x1 - x0 < width + 30)
    return;
  stroke_line (a, x0 + 0.5, y - 4, x0 + 0.5, y + 4, a->theme->axis);
  stroke_line (a, x0, y, middle - width / 2 - 8, y, a->theme->axis);
  stroke_line (a, middle + width / 2 + 8, y, x1, y, a->theme->axis);
  stroke_line (a, x1 - 0.5, y - 4, x1 - 0.5, y + 4, a->theme->axis);
  lw_text_paint (a->cr, a->text, LW_TEXT_CAPTION, words, middle,
                 y + lw_text_middle (LW_TEXT_CAPTION), 0.5, a->theme->text, 1);
}

static void
paint_phases (const Painter *a)
{
  const cairo_rectangle_t r = a->p->plots[LW_MODE_TRAINING].place;
  const double forward = r.x + a->p->step * a->p->steps.n_forward;
  const double update = forward + a->p->step * a->p->steps.n_forward;
  const double y = floor (r.y - 9) + 0.5;

  cairo_rectangle (a->cr, forward, r.y, update - forward, r.height);
  lw_set_colour (a->cr, a->theme->dark ? (LwColour){ 1, 1, 1, 1 } : (LwColour){ 0, 0, 0, 1 },
                 SHADE);
  cairo_fill (a->cr);
  paint_brace (a, _ ("forward"), r.x, forward - 2, y);
  paint_brace (a, _ ("backward"), forward + 2, update, y);
}

static void
paint_turn (const Painter *a)
{
  static const double dash[] = { 3, 3 };
  const cairo_rectangle_t r = a->p->plots[LW_MODE_TRAINING].place;
  const double x = floor (r.x + a->p->step * a->p->steps.n_forward) + 0.5;

  cairo_set_dash (a->cr, dash, 2, 0);
  stroke_line (a, x, r.y, x, r.y + r.height, a->theme->axis);
  cairo_set_dash (a->cr, NULL, 0, 0);
}

static void
paint_peak (const Painter *a, LwMode mode)
{
  static const double dash[] = { 6, 3 };
  const LwMemoryPlot *plot = &a->p->plots[mode];
  const cairo_rectangle_t r = plot->place;
  const int64_t total = a->p->use->pass[mode].total;
  const double y = floor (lw_memory_picture_y (a->p, mode, (double)total)) + 0.5;
  g_autofree char *bytes = lw_format_bytes (total);
  g_autofree char *words = mode == LW_MODE_TRAINING
                               ? g_strdup_printf (_ ("peak %s, in step %d"), bytes, plot->peak_step)
                               : g_strdup_printf (_ ("peak %s"), bytes);
  const double width = lw_text_width (a->text, LW_TEXT_DETAIL_BOLD, words);
  const double x = MAX (r.x + 6, MIN (r.x + 6, r.x + r.width - width - 4));
  const double middle = y - 9;

  cairo_set_dash (a->cr, dash, 2, 0);
  cairo_move_to (a->cr, r.x, y);
  cairo_line_to (a->cr, r.x + r.width, y);
  cairo_set_line_width (a->cr, 1.5);
  lw_set_colour (a->cr, a->theme->error, 1);
  cairo_stroke (a->cr);
  cairo_set_dash (a->cr, NULL, 0, 0);
  cairo_rectangle (a->cr, x - 3, middle - 7, width + 6, 14);
  lw_set_colour (a->cr, a->theme->canvas, 0.85);
  cairo_fill (a->cr);
  lw_text_paint (a->cr, a->text, LW_TEXT_DETAIL_BOLD, words, x,
                 middle + lw_text_middle (LW_TEXT_DETAIL_BOLD), 0, a->theme->error, 1);
}

/* --- words beside the inference --------------------------------------------------------------- */

/* Breaks where the script allows it: at spaces, or between the characters of Chinese; returns the
 * baseline of the next line. Only measured where `visible` is false. */
static double
paint_paragraph (const Painter *a, LwTextStyle style, const char *words, double x, double y,
                 double width, LwColour colour, bool visible)
{
  const int n = (int)g_utf8_strlen (words, -1);
  g_autofree PangoLogAttr *attrs = g_new0 (PangoLogAttr, n + 1);
  g_autoptr (GString) line = g_string_new (NULL);
  const double height = 1.36 * lw_text_size (style);
  const char *part = words, *end = words;

  pango_get_log_attrs (words, -1, -1, pango_language_get_default (), attrs, n + 1);
  for (int i = 1; i <= n; i++) {
    const gsize length = line->len;

    end = g_utf8_next_char (end);
    if (i < n && !attrs[i].is_line_break)
      continue;
    g_string_append_len (line, part, end - part);
    if (length > 0) {
      g_autofree char *seen = g_strchomp (g_strdup (line->str));

      if (lw_text_width (a->text, style, seen) > width) {
        g_string_truncate (line, length);
        g_strchomp (line->str);
        if (visible)
          lw_text_paint (a->cr, a->text, style, line->str, x, y, 0, colour, 1);
        y += height;
        g_string_truncate (line, 0);
        g_string_append_len (line, part, end - part);
      }
    }
    part = end;
  }
  if (visible)
    lw_text_paint (a->cr, a->text, style, line->str, x, y, 0, colour, 1);
  return y + height;
}

/* An open book: what follows explains. */
static void
paint_book (const Painter *a, double x, double y)
{
  for (int side = -1; side <= 1; side += 2) {
    cairo_move_to (a->cr, x + 7 + side * 0.7, y + 2);
    cairo_line_to (a->cr, x + 7 + side * 7, y);
    cairo_line_to (a->cr, x + 7 + side * 7, y + 9);
    cairo_line_to (a->cr, x + 7 + side * 0.7, y + 11);
    cairo_close_path (a->cr);
  }
  lw_set_colour (a->cr, a->theme->accent_text, 1);
  cairo_fill (a->cr);
}

static void
paint_reason (const Painter *a)
{
  cairo_rectangle_t r = a->p->reason;
  const char *note = _ ("An activation writes over its input, so it needs no bar.");
  g_autofree char *words = lw_memory_picture_reason (a->p);
  double y;

  if (r.width < 120)
    return;
  paint_book (a, r.x, r.y + 3);
  r.x += BOOK;
  r.width -= BOOK;
  y = 4 + paint_paragraph (a, LW_TEXT_TABLE, words, r.x, r.y + 12, r.width, a->theme->text, true);
  if (paint_paragraph (a, LW_TEXT_CAPTION, note, r.x, y, r.width, a->theme->dim, false) <=
      r.y + r.height + 10)
    paint_paragraph (a, LW_TEXT_CAPTION, note, r.x, y, r.width, a->theme->dim, true);
}

/* --- all -------------------------------------------------------------------------------------- */

void
lw_memory_picture_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwMemoryPicture *p)
{
  const Painter a = { cr, theme, text, p };
  const LwMemoryPlot *training = &p->plots[LW_MODE_TRAINING];
  g_autofree char *words =
      g_strdup_printf (_ ("address in %s over the %d steps of one iteration"),
                       lw_memory_unit_name (training->unit), training->n_steps);

  g_autofree char *lower =
      g_strdup_printf (_ ("in %s; an output is dropped once the next layer has read it"),
                       lw_memory_unit_name (p->plots[LW_MODE_INFERENCE].unit));

  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  paint_title (&a, _ ("Training"), words, 20);
  paint_title (&a, _ ("Inference"), lower, p->split + 19);
  stroke_line (&a, 0, p->split, p->width, p->split, theme->border);
  paint_phases (&a);
  for (int mode = 0; mode < LW_N_MODES; mode++)
    paint_grid (&a, (LwMode)mode);
  for (int32_t i = 0; i < lw_memory_picture_n_bars (p); i++)
    paint_bar (&a, lw_memory_picture_bar (p, i));
  paint_turn (&a);
  for (int mode = 0; mode < LW_N_MODES; mode++) {
    paint_axis (&a, (LwMode)mode);
    paint_peak (&a, (LwMode)mode);
  }
  paint_labels (&a, LW_MODE_TRAINING);
  paint_reason (&a);
  cairo_restore (cr);
}

void
lw_memory_picture_paint_marks (cairo_t *cr, const LwTheme *theme, LwText *text,
                               const LwMemoryPicture *p, const LwMemoryMarks *marks)
{
  cairo_save (cr);
  for (int32_t i = 0; i < lw_memory_picture_n_bars (p); i++) {
    const cairo_rectangle_t r = lw_memory_picture_bar (p, i)->place;

    if (marks->selected != LW_NO_NODE && lw_memory_picture_belongs (p, i, marks->selected))
      lw_paint_selection (cr, theme, r.x, r.y, r.width, r.height, RADIUS, 0);
    if (marks->focus == i)
      lw_paint_selection (cr, theme, r.x, r.y, r.width, r.height, RADIUS, 3.5);
  }
  if (marks->card >= 0)
    lw_memory_card_paint (cr, theme, text, p, marks);
  cairo_restore (cr);
}
