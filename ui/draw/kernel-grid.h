/* LwKernelGrid: the kernels of a layer as pictures. A layer that reads one channel, or three as
 * colours, has one picture for each of its channels, in rows that fill the width. A deeper one has
 * a kernel for each pair: rows are its input channels, columns its output channels, with their
 * numbers at the edge. A linear layer behind a flatten has kernels, too: its weights over each
 * channel's map.
 *
 * Units: logical pixels. Threads: the LwText's. Nothing is kept; values are read while painting. */
#pragma once

#include "ui/draw/tiles.h"

G_BEGIN_DECLS

typedef struct {
  const float *values; /* [outputs][inputs][rows][columns] */
  int outputs, inputs, rows, columns;
  bool colours; /* three inputs are red, green and blue */
  LwScale scale;
  double side; /* of a kernel's longer edge */
  double gap;
  int output, input; /* the selected one; −1: none */
} LwKernelGrid;

/* Whether there is one picture for each output. */
bool lw_kernel_grid_is_row (const LwKernelGrid *grid);
/* A comfortable side: larger for few kernels, a few pixels a weight for thousands. */
double lw_kernel_grid_side (const LwKernelGrid *grid, double width);
void
lw_kernel_grid_size (const LwKernelGrid *grid, double width, double *ret_width, double *ret_height);
cairo_rectangle_t
lw_kernel_grid_place (const LwKernelGrid *grid, double width, int output, int input);
/* The kernel under a point; false beside them. */
bool lw_kernel_grid_at (const LwKernelGrid *grid, double width, double x, double y, int *ret_output,
                        int *ret_input);
/* One kernel; of colours the three together, each from its least to its largest weight of all. */
LwTile lw_kernel_grid_tile (const LwKernelGrid *grid, int output, int input);
/* Paints what is in `view`, in the grid's pixels, whose corner is where `cr` has its origin; the
 * numbers stick to the view's edges. */
void lw_kernel_grid_paint (cairo_t *cr, const LwTheme *theme, LwText *text,
                           const LwKernelGrid *grid, double width, cairo_rectangle_t view);
/* "6 kernels of 5 × 5, of each of 1 input channels; output 3, input 0 selected". g_free. */
char *lw_kernel_grid_describe (const LwKernelGrid *grid);

G_END_DECLS
