#include "ui/draw/memory-private.h"

#include "engine/analysis.h"
#include "ui/draw/shapes.h"

#include <math.h>

#define PADDING 12.0
#define HEAD    20.0
#define LINE    15.5
#define AWAY    12.0 /* from the pointer */
#define MARK    9.0

typedef struct {
  char *name, *bytes;
  char **lines;
  double width, height;
} Card;

static Card
make_card (const LwMemoryPicture *p, LwText *text, int32_t index)
{
  const LwMemoryBar *bar = lw_memory_picture_bar (p, index);
  Card card = { .name = lw_memory_bar_name (p, index),
                .bytes = lw_format_bytes (bar->bytes),
                .lines = lw_memory_bar_lines (p, bar) };

  card.width = MARK + 7 + lw_text_width (text, LW_TEXT_TABLE_BOLD, card.name) + 24 +
               lw_text_width (text, LW_TEXT_TABLE_BOLD, card.bytes);
  card.height = 2 * PADDING - 4 + HEAD;
  for (char **line = card.lines; *line != NULL; line++) {
    card.width = MAX (card.width, lw_text_width (text, LW_TEXT_CAPTION, *line));
    card.height += LINE;
  }
  card.width += 2 * PADDING;
  return card;
}

/* Right below the pointer, on its other side where there is no room; beside its bar without one. */
static void
place_card (const LwMemoryPicture *p, const LwMemoryMarks *marks, const Card *card, double *x,
            double *y)
{
  const cairo_rectangle_t r = lw_memory_picture_bar (p, marks->card)->place;
  const bool pointer = isfinite (marks->x) && isfinite (marks->y);
  const double at_x = pointer ? marks->x : r.x + MIN (r.width, 80) / 2;
  const double at_y = pointer ? marks->y : r.y + r.height;

  *x = at_x + AWAY;
  if (*x + card->width > p->width - 4)
    *x = at_x - AWAY - card->width;
  *y = at_y + AWAY;
  if (*y + card->height > p->height - 4)
    *y = (pointer ? at_y : r.y) - AWAY - card->height;
  *x = CLAMP (*x, 4, MAX (p->width - card->width - 4, 4));
  *y = CLAMP (*y, 4, MAX (p->height - card->height - 4, 4));
}

static void
paint_mark (cairo_t *cr, const LwTheme *theme, const LwMemoryPicture *p, const LwMemoryBar *bar,
            double x, double y)
{
  const LwKind kind = lw_memory_bar_is_workspace (p, bar) ? LW_KIND_ACTIVATION
                      : bar->kind == LW_MEMORY_BUFFER     ? lw_memory_bar_kind (p, bar)
                                                          : LW_KIND_DATA;

  lw_path_rounded (cr, x, y, MARK, MARK, 2);
  lw_set_colour (cr, theme->kind_line[kind], 1);
  cairo_fill (cr);
}

void
lw_memory_card_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwMemoryPicture *p,
                      const LwMemoryMarks *marks)
{
  Card card = make_card (p, text, marks->card);
  double x, y, base;

  place_card (p, marks, &card, &x, &y);
  x = floor (x);
  y = floor (y);
  lw_paint_card (cr, theme, x, y, card.width, card.height, 9);
  base = y + PADDING + 5 + lw_text_middle (LW_TEXT_TABLE_BOLD);
  paint_mark (cr, theme, p, lw_memory_picture_bar (p, marks->card), x + PADDING,
              y + PADDING + 5 - MARK / 2);
  lw_text_paint (cr, text, LW_TEXT_TABLE_BOLD, card.name, x + PADDING + MARK + 7, base, 0,
                 theme->text, 1);
  lw_text_paint (cr, text, LW_TEXT_TABLE_BOLD, card.bytes, x + card.width - PADDING, base, 1,
                 theme->text, 1);
  base += HEAD;
  for (char **line = card.lines; *line != NULL; line++, base += LINE)
    lw_text_paint (cr, text, LW_TEXT_CAPTION, *line, x + PADDING, base, 0, theme->dim, 1);
  g_free (card.name);
  g_free (card.bytes);
  g_strfreev (card.lines);
}
