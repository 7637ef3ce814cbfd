/* How a training's layers fare: a row a layer with what is measured of it, each number with a sign
 * for good, warning or error, gradients with a bar over powers of ten. Columns in which no layer
 * has a number are left out. Threads: the LwText's. */
#pragma once

#include "engine/op.h"
#include "ui/draw/text.h"

G_BEGIN_DECLS

enum { LW_HEALTH_COLUMNS = 5 };

typedef enum { LW_SIGN_NONE, LW_SIGN_GOOD, LW_SIGN_WARNING, LW_SIGN_ERROR } LwSign;

typedef struct {
  char *words; /* "3.8 ‰"; NULL: has none */
  LwSign sign;
  double bar; /* 0 to 1; NAN: none */
} LwHealthCell;

typedef struct {
  char *name;
  LwKind kind;
  LwHealthCell cells[LW_HEALTH_COLUMNS];
} LwHealthRow;

typedef struct {
  const char *titles[LW_HEALTH_COLUMNS]; /* translated */
  LwHealthRow *rows;
  int32_t n_rows;
} LwHealthTable;

double lw_health_table_height (const LwHealthTable *table);
double lw_health_table_width (const LwHealthTable *table, LwText *text);
/* From (0, 0). What the clip leaves out costs nothing. */
void lw_health_table_paint (cairo_t *cr, const LwTheme *theme, LwText *text,
                            const LwHealthTable *table, double width);
/* "conv 1: Update 3.8 ‰, good; …", for assistive tools; g_free. */
char *lw_health_table_describe (const LwHealthTable *table);
/* Of the rows; the struct is the caller's. */
void lw_health_table_clear (LwHealthTable *table);

/* A tick or "!" in the sign's colour, `x` its left end; returns how wide it is. */
double lw_sign_paint (cairo_t *cr, const LwTheme *theme, LwText *text, LwSign sign, double x,
                      double middle);

G_END_DECLS
