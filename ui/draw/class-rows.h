/* LwClassRows: a data set class by class: a row has the class's name, a bar for its training and
 * one for its test images with their numbers, and some of its images. Painting takes time in
 * proportion to what the clip shows, so that hundreds of classes scroll. Units: logical pixels.
 * Threads: the LwText's. */
#pragma once

#include "ui/draw/text.h"
#include "ui/draw/tiles.h"

G_BEGIN_DECLS

typedef struct {
  int32_t classes;
  const char *const *names; /* [classes] */
  const int32_t *counts[2]; /* training, test: [classes] */
  int32_t per_class;
  const LwTile
      *tiles; /* [classes][per_class]; one without values and bytes: no image. NULL: none */
  int32_t row, column; /* the marked image; −1: none */
} LwClassRows;

typedef struct {
  double names, bars, numbers; /* widths */
  double left;                 /* of the first image */
  double head, row;            /* heights */
  double side;                 /* of an image */
  int32_t columns;             /* images that fit beside each other */
  double width, height;        /* of all */
} LwClassRowsLayout;

/* `room`: the width there is. */
void lw_class_rows_layout (const LwClassRows *rows, LwText *text, double room,
                           LwClassRowsLayout *ret_layout);
void lw_class_rows_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwClassRows *rows,
                          const LwClassRowsLayout *layout);
cairo_rectangle_t
lw_class_rows_place (const LwClassRowsLayout *layout, int32_t row, int32_t column);
/* The row under a point, and the image, −1 beside one; false beside the rows. */
bool lw_class_rows_at (const LwClassRows *rows, const LwClassRowsLayout *layout, double x, double y,
                       int32_t *ret_row, int32_t *ret_column);
/* "dress: 6,000 training and 1,000 test images"; g_free. */
char *lw_class_rows_describe (const LwClassRows *rows, int32_t row);

G_END_DECLS
