#include "ui/draw/health-table.h"

#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define HEAD    22.0
#define ROW     23.0
#define MARK    9.0
#define SIGN    14.0
#define BAR     56.0
#define SPACE   22.0 /* between columns */
#define NAME    84.0 /* the least for names */
#define LONGEST 190.0

double
lw_health_table_height (const LwHealthTable *table)
{
  return HEAD + ROW * table->n_rows;
}

double
lw_sign_paint (cairo_t *cr, const LwTheme *theme, LwText *text, LwSign sign, double x,
               double middle)
{
  if (sign == LW_SIGN_GOOD) {
    lw_set_colour (cr, theme->good, 1);
    cairo_set_line_width (cr, 1.6);
    cairo_move_to (cr, x, middle);
    cairo_line_to (cr, x + 2.8, middle + 3);
    cairo_line_to (cr, x + 8, middle - 4);
    cairo_stroke (cr);
  } else if (sign != LW_SIGN_NONE)
    lw_text_paint (cr, text, LW_TEXT_TABLE_BOLD, "!", x + 3,
                   middle + lw_text_middle (LW_TEXT_TABLE_BOLD), 0,
                   sign == LW_SIGN_ERROR ? theme->error : theme->warning, 1);
  return SIGN;
}

/* --- places ------------------------------------------------------------------------------------
 */

typedef struct {
  double name;                      /* its width */
  double widths[LW_HEALTH_COLUMNS]; /* 0: left out */
  double words[LW_HEALTH_COLUMNS];  /* the widest of its words */
  bool has_bars[LW_HEALTH_COLUMNS];
} LwHealthPlaces;

static LwHealthPlaces
places (const LwHealthTable *table, LwText *text)
{
  LwHealthPlaces at = { .name = NAME };

  for (int32_t r = 0; r < table->n_rows; r++) {
    at.name = MAX (at.name, lw_text_width (text, LW_TEXT_TABLE, table->rows[r].name));
    for (int c = 0; c < LW_HEALTH_COLUMNS; c++) {
      const LwHealthCell *cell = &table->rows[r].cells[c];

      if (cell->words == NULL)
        continue;
      at.words[c] = MAX (at.words[c], lw_text_width (text, LW_TEXT_TABLE_BOLD, cell->words));
      at.has_bars[c] |= !isnan (cell->bar);
    }
  }
  at.name = MIN (at.name, LONGEST);
  for (int c = 0; c < LW_HEALTH_COLUMNS; c++)
    if (at.words[c] > 0)
      at.widths[c] = MAX (SIGN + at.words[c] + (at.has_bars[c] ? BAR + 8 : 0),
                          lw_text_width (text, LW_TEXT_CAPTION, table->titles[c]));
  return at;
}

double
lw_health_table_width (const LwHealthTable *table, LwText *text)
{
  const LwHealthPlaces at = places (table, text);
  double width = MARK + 8 + at.name;

  for (int c = 0; c < LW_HEALTH_COLUMNS; c++)
    width += at.widths[c] > 0 ? SPACE + at.widths[c] : 0;
  return ceil (width);
}

/* --- painting ----------------------------------------------------------------------------------
 */

static void
paint_cell (cairo_t *cr, const LwTheme *theme, LwText *text, const LwHealthCell *cell,
            const LwHealthPlaces *at, int c, double x, double middle)
{
  const LwTextStyle style = cell->sign > LW_SIGN_GOOD ? LW_TEXT_TABLE_BOLD : LW_TEXT_TABLE;
  const LwColour colour = cell->sign == LW_SIGN_ERROR     ? theme->error
                          : cell->sign == LW_SIGN_WARNING ? theme->warning
                                                          : theme->text;

  if (cell->words == NULL)
    return;
  lw_sign_paint (cr, theme, text, cell->sign, x, middle);
  lw_text_paint (cr, text, style, cell->words, x + SIGN + at->words[c],
                 middle + lw_text_middle (style), 1, colour, 1);
  if (isnan (cell->bar))
    return;
  x += SIGN + at->words[c] + 8;
  lw_path_rounded (cr, x, middle - 4, BAR, 8, 2);
  lw_set_colour (cr, theme->text, 0.08);
  cairo_fill (cr);
  lw_path_rounded (cr, x, middle - 4, MAX (BAR * CLAMP (cell->bar, 0, 1), 2), 8, 2);
  lw_set_colour (cr, cell->sign > LW_SIGN_GOOD ? colour : theme->series[0], 1);
  cairo_fill (cr);
}

static char *
fitting (LwText *text, const char *name, double width)
{
  char *words = g_strdup (name);

  for (glong n = g_utf8_strlen (name, -1) - 1;
       n > 1 && lw_text_width (text, LW_TEXT_TABLE, words) > width; n--) {
    /* The end tells layers apart: the beginning is the block's. */
    const char *end = name + strlen (name);

    g_free (words);
    for (glong k = 0; k < n; k++)
      end = g_utf8_prev_char (end);
    words = g_strconcat ("…", end, NULL);
  }
  return words;
}

void
lw_health_table_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwHealthTable *table,
                       double width)
{
  const LwHealthPlaces at = places (table, text);
  const double spare = MAX (width - lw_health_table_width (table, text), 0);
  double left, top, right, bottom, x;

  cairo_clip_extents (cr, &left, &top, &right, &bottom);
  x = MARK + 8 + at.name + spare + SPACE;
  for (int c = 0; c < LW_HEALTH_COLUMNS; c++) {
    if (at.widths[c] <= 0)
      continue;
    lw_text_paint (cr, text, LW_TEXT_CAPTION, table->titles[c], x,
                   HEAD / 2 + lw_text_middle (LW_TEXT_CAPTION) - 2, 0, theme->dim, 1);
    x += at.widths[c] + SPACE;
  }
  for (int32_t r = 0; r < table->n_rows; r++) {
    const LwHealthRow *row = &table->rows[r];
    const double y = HEAD + ROW * r, middle = y + ROW / 2;
    g_autofree char *name = NULL;

    if (y + ROW < top || y > bottom)
      continue;
    lw_set_colour (cr, theme->text, 0.08);
    cairo_rectangle (cr, 0, y, width, 1);
    cairo_fill (cr);
    lw_path_rounded (cr, 0, middle - MARK / 2, MARK, MARK, 2);
    lw_set_colour (cr, theme->kind_line[row->kind], 1);
    cairo_fill (cr);
    name = fitting (text, row->name, at.name + spare);
    lw_text_paint (cr, text, LW_TEXT_TABLE, name, MARK + 8, middle + lw_text_middle (LW_TEXT_TABLE),
                   0, theme->text, 1);
    x = MARK + 8 + at.name + spare + SPACE;
    for (int c = 0; c < LW_HEALTH_COLUMNS; c++) {
      if (at.widths[c] <= 0)
        continue;
      paint_cell (cr, theme, text, &row->cells[c], &at, c, x, middle);
      x += at.widths[c] + SPACE;
    }
  }
}

/* --- words -------------------------------------------------------------------------------------
 */

static const char *
sign_words (LwSign sign)
{
  switch (sign) {
  case LW_SIGN_GOOD:
    return _ ("good");
  case LW_SIGN_WARNING:
    return _ ("warning");
  case LW_SIGN_ERROR:
    return _ ("error");
  case LW_SIGN_NONE:
    break;
  }
  return "";
}

char *
lw_health_table_describe (const LwHealthTable *table)
{
  GString *text = g_string_new (NULL);

  for (int32_t r = 0; r < table->n_rows; r++) {
    g_string_append_printf (text, "%s%s:", r == 0 ? "" : "; ", table->rows[r].name);
    for (int c = 0; c < LW_HEALTH_COLUMNS; c++) {
      const LwHealthCell *cell = &table->rows[r].cells[c];

      if (cell->words != NULL)
        g_string_append_printf (text, " %s %s %s,", table->titles[c], cell->words,
                                sign_words (cell->sign));
    }
    if (text->str[text->len - 1] == ',')
      g_string_truncate (text, text->len - 1);
  }
  return g_string_free (text, FALSE);
}

void
lw_health_table_clear (LwHealthTable *table)
{
  for (int32_t r = 0; r < table->n_rows; r++) {
    g_free (table->rows[r].name);
    for (int c = 0; c < LW_HEALTH_COLUMNS; c++)
      g_free (table->rows[r].cells[c].words);
  }
  g_clear_pointer (&table->rows, g_free);
  table->n_rows = 0;
}
