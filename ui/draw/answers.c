#include "ui/draw/answers.h"

#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>

#define LINE   15.0
#define NUMBER 25.0 /* "0.90" and its gap */
#define BAR    14.0

LwColour
lw_answer_predicted_colour (const LwTheme *theme)
{
  return theme->series[1];
}

LwColour
lw_answer_label_colour (const LwTheme *theme)
{
  return theme->series[0];
}

static double
image_height (double width, bool small)
{
  return small ? width : floor (width * 0.75);
}

double
lw_answer_height (double width, bool small)
{
  return image_height (width, small) + (small ? 3 : 2) * LINE + 6;
}

/* As much of a name as there is room for. */
static char *
fit (LwText *text, LwTextStyle style, const char *name, double room)
{
  glong n = g_utf8_strlen (name, -1);
  char *words = g_strdup (name);

  while (n > 1 && lw_text_width (text, style, words) > room) {
    g_autofree char *part = g_utf8_substring (name, 0, --n);

    g_free (words);
    words = g_strconcat (part, "…", NULL);
  }
  return words;
}

static void
paint_line (cairo_t *cr, const LwTheme *theme, LwText *text, LwTextStyle style, const char *name,
            double share, LwColour colour, double x, double baseline, double width)
{
  g_autofree char *words = fit (text, style, name, width - NUMBER - BAR - 4);
  const double bar = x + width - NUMBER - BAR, middle = baseline - lw_text_middle (style);
  char number[16];

  lw_text_paint (cr, text, style, words, x, baseline, 0, theme->text, 1);
  if (isnan (share))
    return;
  lw_path_rounded (cr, bar, middle - 3, BAR, 6, 2);
  lw_set_colour (cr, theme->grid, 1);
  cairo_fill (cr);
  lw_path_rounded (cr, bar, middle - 3, MAX (BAR * share, 1), 6, 2);
  lw_set_colour (cr, colour, 1);
  cairo_fill (cr);
  g_snprintf (number, sizeof number, "%.2f", share);
  lw_text_paint (cr, text, LW_TEXT_DETAIL, number, x + width, baseline, 1, theme->text, 1);
}

static void
paint_small_words (cairo_t *cr, const LwTheme *theme, LwText *text, const LwAnswer *a, double x,
                   double y, double width)
{
  g_autofree char *truth = g_strdup_printf (_ ("is %s"), a->label);
  const double middle = x + width / 2;
  g_autofree char *first = fit (text, LW_TEXT_DETAIL_BOLD, a->predicted, width + 6);
  g_autofree char *second = fit (text, LW_TEXT_DETAIL, truth, width + 6);
  char number[16];

  g_snprintf (number, sizeof number, "%.3f", a->predicted_share);
  lw_text_paint (cr, text, LW_TEXT_DETAIL_BOLD, first, middle, y + LINE - 2, 0.5, theme->text, 1);
  lw_text_paint (cr, text, LW_TEXT_DETAIL, second, middle, y + 2 * LINE - 2, 0.5, theme->dim, 1);
  lw_text_paint (cr, text, LW_TEXT_DETAIL, number, middle, y + 3 * LINE - 2, 0.5, theme->dim, 1);
}

void
lw_answer_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwAnswer *a, double x,
                 double y, double width, bool small)
{
  const double height = image_height (width, small);
  const cairo_rectangle_t room = { x, y, width, height };

  /* The image whole, on black as most sets have it, so that tiles are of one size. */
  lw_path_rounded (cr, x, y, width, height, 6);
  cairo_set_source_rgb (cr, 0, 0, 0);
  cairo_fill (cr);
  lw_tile_paint (cr, theme, &a->image, lw_tile_fit (&a->image, room), small ? 6 : 0);
  if (a->marked)
    lw_paint_selection (cr, theme, x, y, width, height, 6, 1);
  y += height + 2;
  if (small) {
    paint_small_words (cr, theme, text, a, x, y, width);
    return;
  }
  paint_line (cr, theme, text, LW_TEXT_DETAIL_BOLD, a->predicted, a->predicted_share,
              lw_answer_predicted_colour (theme), x, y + LINE - 3, width);
  if (!a->right)
    paint_line (cr, theme, text, LW_TEXT_DETAIL, a->label, a->label_share,
                lw_answer_label_colour (theme), x, y + 2 * LINE - 3, width);
}

char *
lw_answer_describe (const LwAnswer *a)
{
  if (a->right)
    return g_strdup_printf (_ ("%s, predicted with probability %.3f"), a->label,
                            a->predicted_share);
  return g_strdup_printf (_ ("%s taken for %s, probability %.3f, of %s %.3f"), a->label,
                          a->predicted, a->predicted_share, a->label, a->label_share);
}
