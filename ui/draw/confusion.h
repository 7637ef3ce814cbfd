/* LwConfusion: the confusion matrix: rows are true classes, columns predictions. Right answers are
 * grey and bold, mistakes on the cost map, zeros empty; beside each row the share of it that was
 * found (recall), below each column the share of it that was right (precision).
 *
 * Up to 40 classes cells shrink from 41 px to fit the room; beyond, they have the least size and
 * the matrix is as large as it gets. Painting takes time in proportion to what the clip shows, so
 * 1000 classes scroll. Units: logical pixels. Threads: the LwText's. */
#pragma once

#include "ui/draw/text.h"

#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define LW_CONFUSION_CELL       41.0
#define LW_CONFUSION_LEAST_CELL 14.0
#define LW_CONFUSION_FITS       40 /* classes that are made to fit */

/* Classes are meant by their number, wherever they stand. */
typedef struct {
  int32_t classes;
  const int32_t *counts;    /* [classes][classes]: true, predicted */
  const char *const *names; /* [classes] */
  const int32_t *order;     /* [classes]: which class stands first, …; NULL: as numbered */
  int32_t row, column;      /* the marked cell; −1: none */
} LwConfusion;

typedef struct {
  double cell, left, top; /* the first cell's corner */
  double width, height;   /* of all */
  double names_width, head;
  bool upright;   /* columns' names are written upwards */
  int32_t most;   /* the most frequent mistake's count */
  int32_t images; /* of each row, where all have as many; else 0 */
} LwConfusionLayout;

/* `room`: the width there is; 0: as much as cells of full size take. */
void lw_confusion_layout (const LwConfusion *confusion, LwText *text, double room,
                          LwConfusionLayout *ret_layout);
void lw_confusion_paint (cairo_t *cr, const LwTheme *theme, LwText *text,
                         const LwConfusion *confusion, const LwConfusionLayout *layout);
/* The place of a cell. */
cairo_rectangle_t lw_confusion_cell (const LwConfusion *confusion, const LwConfusionLayout *layout,
                                     int32_t row, int32_t column);
/* The cell under a point; false beside the matrix. */
bool lw_confusion_at (const LwConfusion *confusion, const LwConfusionLayout *layout, double x,
                      double y, int32_t *ret_row, int32_t *ret_column);
/* The class that stands `by` places after `label`, clamped to the ends. */
int32_t lw_confusion_beside (const LwConfusion *confusion, int32_t label, int32_t by);
/* "true pullover, predicted shirt, 218 images"; g_free. */
char *lw_confusion_describe (const LwConfusion *confusion, int32_t row, int32_t column);

/* What share of a class was found, and of its predictions was right; NaN where there are none. */
double lw_confusion_recall (const LwConfusion *confusion, int32_t label);
double lw_confusion_precision (const LwConfusion *confusion, int32_t label);

typedef enum {
  LW_CONFUSION_AS_NUMBERED,
  LW_CONFUSION_BY_RECALL,    /* least first; classes without images last */
  LW_CONFUSION_BY_PRECISION, /* likewise */
  LW_CONFUSION_BY_NAME,
} LwConfusionOrder;

/* [classes]; g_free. */
int32_t *lw_confusion_order (const LwConfusion *confusion, LwConfusionOrder order);

G_END_DECLS
