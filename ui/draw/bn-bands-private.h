/* What the files of the bands share. */
#pragma once

#include "ui/draw/bn-bands.h"

G_BEGIN_DECLS

#define LW_BN_TITLE 25.0 /* above each plot */

static inline double
lw_bn_plot_x (const LwBnPlot *plot, double x)
{
  return plot->plot.x + plot->plot.width * (x - plot->x_min) / (plot->x_max - plot->x_min);
}

/* The chart under the pointer, and the nearest of its points; −1: none. */
int lw_bn_bands_point (const LwBnBands *bands, const LwBnBandsLayout *layout, int *ret_row,
                       int *ret_column);

G_END_DECLS
