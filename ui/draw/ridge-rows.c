#include "ui/draw/ridge-rows.h"

#include <math.h>

#define MARGIN      12.0
#define LABEL_WIDTH 108.0
#define GAP         22.0
#define TOP         8.0
#define BOTTOM      4.0
#define LINE        18.0

LwRidgePanel
lw_ridge_panel (double x, double width, int n_columns)
{
  LwRidgePanel panel = { .x = x, .width = width, .n_columns = n_columns };
  const double first = x + MARGIN + LABEL_WIDTH;
  const double room = x + width - MARGIN - first;

  panel.cell_width = floor (MAX ((room - GAP * (n_columns - 1)) / MAX (n_columns, 1), 1));
  for (int i = 0; i < n_columns; i++)
    panel.cell_x[i] = first + i * (panel.cell_width + GAP);
  return panel;
}

cairo_rectangle_t
lw_ridge_cell (const LwRidgePanel *panel, int column, double y)
{
  return (cairo_rectangle_t){ panel->cell_x[column], y + TOP, panel->cell_width,
                              LW_RIDGE_ROW_HEIGHT - TOP - BOTTOM };
}

int
lw_ridge_column_at (const LwRidgePanel *panel, double x)
{
  for (int i = 0; i < panel->n_columns; i++)
    if (x >= panel->cell_x[i] && x <= panel->cell_x[i] + panel->cell_width)
      return i;
  return -1;
}

/* The words, or as many of their characters as fit, and "…". */
static void
paint_fitting (cairo_t *cr, LwText *text, LwTextStyle style, const char *words, double x,
               double baseline, double width, LwColour colour)
{
  g_autofree char *shorter = NULL;
  glong n = g_utf8_strlen (words, -1);

  while (n > 1 && lw_text_width (text, style, shorter != NULL ? shorter : words) > width) {
    g_autofree char *part = g_utf8_substring (words, 0, --n);

    g_free (shorter);
    shorter = g_strconcat (part, "…", NULL);
  }
  lw_text_paint (cr, text, style, shorter != NULL ? shorter : words, x, baseline, 0, colour, 1);
}

void
lw_ridge_head_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwRidgeHead *head,
                     const LwRidgePanel *panel, double y)
{
  const double first = y + 16 + lw_text_middle (LW_TEXT_NAME);
  const double second = y + 36 + lw_text_middle (LW_TEXT_CAPTION);
  const double right = panel->x + panel->width - MARGIN;
  double x = panel->x + MARGIN;

  lw_text_paint (cr, text, LW_TEXT_NAME, head->title, x, first, 0, theme->text, 1);
  x += lw_text_width (text, LW_TEXT_NAME, head->title) + 10;
  if (x + lw_text_width (text, LW_TEXT_CAPTION, head->subtitle) < right)
    lw_text_paint (cr, text, LW_TEXT_CAPTION, head->subtitle, x, first, 0, theme->dim, 1);
  x += lw_text_width (text, LW_TEXT_CAPTION, head->subtitle) + 16;
  if (head->remark != NULL && x + lw_text_width (text, LW_TEXT_CAPTION, head->remark) < right)
    lw_text_paint (cr, text, LW_TEXT_CAPTION, head->remark, right, first, 1, theme->dim, 1);
  for (int i = 0; i < panel->n_columns; i++)
    paint_fitting (cr, text, LW_TEXT_CAPTION, head->columns[i], panel->cell_x[i], second,
                   panel->cell_width + GAP - 6, theme->dim);
}

static void
paint_badge (cairo_t *cr, const LwTheme *theme, LwText *text, const LwRidgeBadge *badge, double x,
             double middle)
{
  const LwColour colour = badge->warns ? theme->warning : theme->good;

  if (badge->warns) {
    lw_text_paint (cr, text, LW_TEXT_TABLE_BOLD, "!", x + 4,
                   middle + lw_text_middle (LW_TEXT_TABLE_BOLD), 0.5, colour, 1);
  } else {
    cairo_move_to (cr, x + 0.5, middle + 0.5);
    cairo_line_to (cr, x + 3, middle + 3.5);
    cairo_line_to (cr, x + 8, middle - 4);
    lw_set_colour (cr, colour, 1);
    cairo_set_line_width (cr, 1.6);
    cairo_stroke (cr);
  }
  lw_text_paint (cr, text, LW_TEXT_CAPTION, badge->text, x + 14,
                 middle + lw_text_middle (LW_TEXT_CAPTION), 0, theme->text, 1);
}

void
lw_ridge_row_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwRidgeRow *row,
                    const LwRidgePanel *panel, double y, bool ruled)
{
  const double x = panel->x + MARGIN;
  double top = y + 38;

  cairo_save (cr);
  cairo_new_path (cr);
  if (ruled) {
    cairo_move_to (cr, x, floor (y) + 0.5);
    cairo_line_to (cr, panel->x + panel->width - MARGIN, floor (y) + 0.5);
    lw_set_colour (cr, theme->grid, 1);
    cairo_set_line_width (cr, 1);
    cairo_stroke (cr);
  }
  paint_fitting (cr, text, LW_TEXT_NAME, row->name, x, y + 18 + lw_text_middle (LW_TEXT_NAME),
                 LABEL_WIDTH - 8, theme->text);
  if (row->place[0] != '\0') {
    paint_fitting (cr, text, LW_TEXT_DETAIL, row->place, x,
                   y + 34 + lw_text_middle (LW_TEXT_DETAIL), LABEL_WIDTH - 8, theme->dim);
    top += 14;
  }
  for (int i = 0; i < row->n_badges; i++)
    paint_badge (cr, theme, text, &row->badges[i], x, top + i * LINE);
  for (int i = 0; i < panel->n_columns; i++)
    if (row->cells[i].n > 0)
      lw_ridges_paint (cr, theme, text, &row->cells[i], lw_ridge_cell (panel, i, y));
  cairo_restore (cr);
}
