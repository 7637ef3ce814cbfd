/* Parameters by layer, before and after: a row a layer with a square in its kind's colour, its
 * name, both numbers, and a bar: an outline as long as the book's, filled as far as yours. Rows of
 * one block stand under its name. Threads: the LwText's. */
#pragma once

#include "ui/draw/text.h"

G_BEGIN_DECLS

typedef struct {
  const char *title, *group; /* `group`: the block around it, or NULL */
  LwKind kind;
  int64_t book, yours; /* −1: that network has no such layer */
} LwChangeBar;

#define LW_CHANGE_ROW 25.0 /* height of a row */

/* Height of all rows, the names of blocks among them. */
double lw_change_bars_height (const LwChangeBar *bars, int32_t n);
/* From (0, 0), `width` wide; at least 260 are needed. */
void lw_change_bars_paint (cairo_t *cr, LwText *text, const LwTheme *theme, const LwChangeBar *bars,
                           int32_t n, double width);
/* "conv 1: 11,712, then 5,856; …" for assistive tools; g_free. */
char *lw_change_bars_describe (const LwChangeBar *bars, int32_t n);

G_END_DECLS
