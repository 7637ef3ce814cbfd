#include "ui/draw/change-bars.h"

#include "engine/analysis.h"
#include "ui/draw/shapes.h"

#include <math.h>

#define SIDE       12.0 /* left and right */
#define MARK       9.0
#define NUMBER     50.0 /* columns of numbers */
#define ARROW      16.0
#define BAR_LEAST  40.0
#define BAR_SHARE  0.26
#define BAR_HEIGHT 12.0
#define HEADING    22.0

static bool
begins_group (const LwChangeBar *bars, int32_t i)
{
  return bars[i].group != NULL && (i == 0 || g_strcmp0 (bars[i - 1].group, bars[i].group) != 0);
}

double
lw_change_bars_height (const LwChangeBar *bars, int32_t n)
{
  double height = n * LW_CHANGE_ROW;

  for (int32_t i = 0; i < n; i++)
    height += begins_group (bars, i) ? HEADING : 0;
  return height;
}

static char *
number (int64_t value)
{
  return value >= 0 ? lw_format_short ((double)value) : g_strdup ("–");
}

static void
paint_bar (cairo_t *cr, const LwTheme *theme, const LwChangeBar *bar, double x, double middle,
           double scale)
{
  const LwColour colour = theme->kind_line[bar->kind];
  const double book = MAX (bar->book, 0) * scale, yours = MAX (bar->yours, 0) * scale;
  const double y = round (middle - BAR_HEIGHT / 2);

  if (bar->yours > 0) {
    lw_set_colour (cr, colour, 1);
    cairo_rectangle (cr, x, y, MAX (yours, 1.2), BAR_HEIGHT);
    cairo_fill (cr);
  }
  if (bar->book > 0) {
    lw_set_colour (cr, theme->text, 0.62);
    cairo_set_line_width (cr, 1);
    cairo_rectangle (cr, x + 0.5, y + 0.5, MAX (book - 1, 1), BAR_HEIGHT - 1);
    cairo_stroke (cr);
  }
}

/* A name that is too long loses its end, a character each time. */
static char *
fitting (LwText *text, LwTextStyle style, const char *title, double width)
{
  char *words = g_strdup (title);

  for (glong n = g_utf8_strlen (title, -1) - 1; n > 1 && lw_text_width (text, style, words) > width;
       n--) {
    g_autofree char *part = g_utf8_substring (title, 0, n);

    g_free (words);
    words = g_strconcat (part, "…", NULL);
  }
  return words;
}

static void
paint_row (cairo_t *cr, LwText *text, const LwTheme *theme, const LwChangeBar *bar, double y,
           double width, double scale)
{
  const double middle = y + LW_CHANGE_ROW / 2, base = middle + lw_text_middle (LW_TEXT_TABLE);
  const double bar_width = MAX (width * BAR_SHARE, BAR_LEAST);
  const double bar_x = width - SIDE - bar_width, yours_x = bar_x - 9;
  const double arrow_x = yours_x - NUMBER - ARROW / 2, book_x = yours_x - NUMBER - ARROW;
  const double title_x = SIDE + MARK + 8;
  g_autofree char *book = number (bar->book), *yours = number (bar->yours);
  g_autofree char *title = fitting (text, LW_TEXT_TABLE, bar->title, book_x - NUMBER - title_x + 8);

  lw_path_rounded (cr, SIDE, middle - MARK / 2, MARK, MARK, 2);
  lw_set_colour (cr, theme->kind_line[bar->kind], 1);
  cairo_fill (cr);
  lw_text_paint (cr, text, LW_TEXT_TABLE, title, title_x, base, 0, theme->text, 1);
  lw_text_paint (cr, text, LW_TEXT_TABLE, book, book_x, base, 1, theme->dim, 1);
  lw_text_paint (cr, text, LW_TEXT_TABLE, "→", arrow_x, base, 0.5, theme->dim, 1);
  lw_text_paint (cr, text, LW_TEXT_TABLE_BOLD, yours, yours_x, base, 1, theme->text, 1);
  paint_bar (cr, theme, bar, bar_x, middle, scale * bar_width);
}

void
lw_change_bars_paint (cairo_t *cr, LwText *text, const LwTheme *theme, const LwChangeBar *bars,
                      int32_t n, double width)
{
  int64_t largest = 1;
  double y = 0;

  for (int32_t i = 0; i < n; i++)
    largest = MAX (largest, MAX (bars[i].book, bars[i].yours));
  for (int32_t i = 0; i < n; i++) {
    if (i > 0) {
      lw_set_colour (cr, theme->text, 0.07);
      cairo_rectangle (cr, 0, y, width, 1);
      cairo_fill (cr);
    }
    if (begins_group (bars, i)) {
      lw_text_paint (cr, text, LW_TEXT_CAPTION, bars[i].group, SIDE,
                     y + HEADING / 2 + 2 + lw_text_middle (LW_TEXT_CAPTION), 0, theme->dim, 1);
      y += HEADING;
    }
    paint_row (cr, text, theme, &bars[i], y, width, 1.0 / (double)largest);
    y += LW_CHANGE_ROW;
  }
}

char *
lw_change_bars_describe (const LwChangeBar *bars, int32_t n)
{
  GString *text = g_string_new (NULL);

  for (int32_t i = 0; i < n; i++) {
    g_autofree char *book = bars[i].book >= 0 ? lw_format_exact (bars[i].book) : NULL;
    g_autofree char *yours = bars[i].yours >= 0 ? lw_format_exact (bars[i].yours) : NULL;

    if (text->len > 0)
      g_string_append (text, "; ");
    if (bars[i].group != NULL)
      g_string_append_printf (text, "%s, ", bars[i].group);
    g_string_append_printf (text, "%s: %s, then %s", bars[i].title, book != NULL ? book : "none",
                            yours != NULL ? yours : "none");
  }
  return g_string_free (text, FALSE);
}
