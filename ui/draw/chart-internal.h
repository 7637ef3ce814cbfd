/* What the files of the chart painter share; nobody else includes this. */
#pragma once

#include "ui/draw/chart.h"

G_BEGIN_DECLS

typedef struct {
  cairo_t *cr;
  const LwTheme *theme;
  LwText *text;
  const LwChartStack *stack;
  const LwChartLayout *layout;
  LwColour ground;
} LwChartPainter;

enum {
  LW_CHART_TITLE_HEIGHT = 30, /* above the first plot; each further legend row adds one below */
  LW_CHART_LEGEND_ROW = 18,
  LW_CHART_GAP = 8,     /* between a plot and the title of the next */
  LW_CHART_BOTTOM = 34, /* numbers and name of the x axis */
  LW_CHART_READOUT_ROWS = 128,
};

/* --- chart-legend.c */
double
lw_chart_legend_start (const LwChartStack *stack, LwText *text, const cairo_rectangle_t *area);
/* Rows below the title's own, or all of them where the legend stands above the title. */
int lw_chart_legend_rows (const LwChartStack *stack, int chart, LwText *text,
                          const LwChartLayout *layout);
void lw_chart_paint_title (const LwChartPainter *painter, int chart);
/* The stroke that stands for a line in the legend and in the table, `width` long. */
void lw_chart_paint_key (const LwChartPainter *painter, const LwChartLine *line, double x, double y,
                         double width, double alpha);

/* --- chart-columns.c: a series as one entry a pixel column */
typedef struct {
  double x;                   /* the column's middle, in pixels */
  double top, bottom, middle; /* pixels of the highest, lowest and mean value */
  double first, last;         /* pixels of the first and last value; NAN: a gap */
  bool any;                   /* false: no value > its axis in this column */
} LwColumn;

/* Indices of the points within the x range and one more on either side. */
void lw_chart_visible (const LwChartLayout *layout, const LwSeries *series, size_t *ret_begin,
                       size_t *ret_end);
/* Columns `width` pixels wide from the plot's left end on. Free with g_free. */
LwColumn *lw_chart_columns (const LwChartLayout *layout, const LwChartPlot *plot,
                            const LwSeries *series, double width, int *ret_n);
/* Exact strips, for noisy values: each column from top to bottom and on to where the one before
 * ended, at least `thickness` high. Fills with the current source. */
void
lw_chart_fill_strips (const LwChartPainter *painter, const LwChartPlot *plot,
                      const LwColumn *columns, int n, double width, double thickness, bool connect);
/* From the highest of `high` to the lowest of `low` in each column, of two series with the same x.
 * Fills with the current source. */
void lw_chart_fill_between (const LwChartPainter *painter, const LwChartPlot *plot,
                            const LwSeries *low, const LwSeries *high);
/* The same as a polygon with smooth edges, for curves that change little within a column. */
void lw_chart_fill_ribbon (const LwChartPainter *painter, const LwChartPlot *plot,
                           const LwColumn *columns, int n, double thickness);

/* --- chart-lines.c: painted in three passes, so that no raw value covers a curve */
typedef enum { LW_PASS_BEHIND, LW_PASS_LINE, LW_PASS_MARKERS } LwChartPass;

void lw_chart_paint_line (const LwChartPainter *painter, const LwChartPlot *plot,
                          const LwChartSpec *chart, const LwChartLine *line, LwChartPass pass);
void lw_chart_set_dash (cairo_t *cr, int dash);

/* --- chart-marks.c */
void lw_chart_paint_grid (const LwChartPainter *painter, const LwChartPlot *plot, bool last);
void lw_chart_paint_marks (const LwChartPainter *painter, const LwChartPlot *plot, bool first);
void lw_chart_paint_stars (const LwChartPainter *painter, const LwChartPlot *plot,
                           const LwChartSpec *chart);

/* --- chart-readout.c */
void lw_chart_paint_readout (const LwChartPainter *painter);

G_END_DECLS
