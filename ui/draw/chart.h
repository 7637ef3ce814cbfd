/* LwChart: line charts, one above another over one x axis (loss above accuracy), never with two y
 * axes. One painter serves the screen, the exports and the tests.
 *
 * The caller fills an LwChartStack, a plain struct that only points at texts and series, lays it
 * out with lw_charts_layout and paints it with lw_charts_paint. The layout holds each plot's
 * rectangle and ranges, so that a widget can turn a pointer into data and back. Cost: a few numbers
 * a pixel column and series, whatever its length (series.h). Where points are denser than pixels, a
 * column is painted from its lowest to its highest value; no extreme is lost.
 *
 * Units: logical pixels, data units. Threads: the one of its series and LwText. Nothing is kept:
 * all pointers in the specs must live only as long as a call. Texts in the specs are shown as they
 * are, already translated. */
#pragma once

#include "ui/draw/series.h"
#include "ui/draw/shapes.h"
#include "ui/draw/text.h"
#include "ui/draw/ticks.h"

G_BEGIN_DECLS

enum { LW_MAX_CHARTS = 8, LW_DASH_TEST = -1 /* 6-4, the test curve within a run */ };

typedef enum {
  LW_LINE_CURVE,  /* 2 px; `raw` faint under it */
  LW_LINE_POINTS, /* markers only */
  LW_LINE_BAND,   /* lowest to highest of each pixel column, and the mean as a line */
  LW_LINE_RANGE,  /* `low` to `high` at 20 %, `series` as a line in it: repeated seeds */
} LwLineForm;

typedef struct {
  LwLineForm form;
  const LwSeries *series;     /* the strong line, usually smoothed */
  const LwSeries *raw;        /* the values behind it, 1 px at 28 %; NULL or `series`: none */
  const LwSeries *low, *high; /* of LW_LINE_RANGE: the same x in both; NULL: none */
  const char *name;           /* in the legend: "train"; NULL: not in the legend */
  const char *readout_name;   /* in the table at the rule: "Train loss"; NULL: `name` */
  LwColour colour;            /* an alpha below 1 dims all of it */
  double width;               /* of the line; 0: 2 px */
  int dash;                   /* of lw_series_dash, or LW_DASH_TEST */
  LwMarker marker;
  LwSeriesAt at; /* test results: LW_AT_LAST_BEFORE */
  bool hidden;   /* toggled off in the legend */
} LwChartLine;

/* NAN as an end: from the data. Charts with log start from the lowest value > 0. */
typedef struct {
  double min, max;
  bool log;
  bool zero; /* ends that come from the data take 0 in; not with log */
} LwChartAxis;

typedef struct {
  double x, y;
  const char *text; /* in the legend: "best: 0.836 at epoch 2"; NULL: none */
  LwColour colour;  /* all 0: the theme's */
} LwChartStar;

/* A thin dashed vertical line through all charts, its text in the topmost. */
typedef struct {
  double x;
  const char *text;
  bool warning; /* bold, in the warning colour; else dim: a changed setting */
} LwChartEvent;

typedef struct {
  const char *title;
  const LwChartLine *lines;
  int n_lines;
  LwChartAxis y;
  const LwChartStar *stars;
  int n_stars;
  const char *remark;     /* dim, behind the legend: why the scale is logarithmic */
  const char *empty_text; /* while there is no point: "Press Train" */
  double weight;          /* share of the height; 0 counts as 1 */
} LwChartSpec;

typedef struct {
  const LwChartSpec *charts;
  int n_charts; /* at most LW_MAX_CHARTS */
  LwChartAxis x;
  const char *x_name; /* "epoch", below right */
  bool x_whole;       /* the data are whole numbers (iterations): no tick between */
  bool x_round;       /* an x.max of NAN becomes the next whole number (epochs) */
  const LwChartEvent *events;
  int n_events;
  double diverged_x;         /* red rule, hatched after it; NAN: none */
  const char *diverged_text; /* lw_chart_diverged_text; a sign is put before it */

  double rule_x;            /* the hover rule, in data; NAN: none */
  double pointer_y;         /* orders the rows of its table; NAN: none */
  bool compact_table;       /* only names and values */
  bool rule_pinned;         /* the table says how it is copied and closed */
  bool legend_above;        /* the first chart's legend in rows above its title: of all charts */
  cairo_rectangle_t bounds; /* the table stays inside; empty: the laid out area */
} LwChartStack;

/* Where a chart was put. Plot: the area of the data, without title and axis texts. */
typedef struct {
  cairo_rectangle_t area, plot;
  double y_min, y_max;
  bool log_y;
  LwTicks y_ticks;
  size_t n_outside;      /* points above or below the plot, or ≤ 0 on a log axis */
  size_t n_not_positive; /* of these, the last kind */
  bool empty;
} LwChartPlot;

typedef struct {
  cairo_rectangle_t area;
  int n_plots;
  LwChartPlot plots[LW_MAX_CHARTS];
  double x_min, x_max;
  bool log_x;
  LwTicks x_ticks;
  double legend_x; /* where legends begin, the same in all charts */
  int rows_above;  /* of the legend above the first title */
} LwChartLayout;

/* A stack without anything: NAN where it means none. */
void lw_chart_stack_init (LwChartStack *stack);

/* On a linear axis a loss that spans more powers of ten shows nothing but its explosion. */
#define LW_LINEAR_DECADES 4
/* How many the values of these lines span, as far as they are positive and not hidden; 0: none. */
double lw_chart_decades (const LwChartLine *lines, int n_lines);
/* "logarithmic, because the loss spans 6 decades"; g_free. */
char *lw_chart_log_remark (double decades);
/* "loss not finite from iteration 8 on", where iteration 7 had the last that was; g_free. */
char *lw_chart_diverged_text (int64_t last_step);

/* Any area, also empty: plots then have no size. */
void lw_charts_layout (const LwChartStack *stack, LwText *text, cairo_rectangle_t area,
                       LwChartLayout *ret_layout);
/* Does not paint the ground: `ground` says what lies there, for the rims of markers. */
void lw_charts_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwChartStack *stack,
                      const LwChartLayout *layout, LwColour ground);
/* A page for files; all zero: light, on its ground, without words above. */
typedef struct {
  const char *heading, *subheading; /* run, settings; NULL or "": none */
  bool dark;                        /* the stack's colours have to be those of that theme */
  bool transparent;                 /* no ground */
} LwChartDocument;
/* The stack without the rule. */
void lw_charts_paint_document (cairo_t *cr, LwText *text, const LwChartStack *stack, double width,
                               double height, const LwChartDocument *document);

/* Data and pixels. Values ≤ 0 on a log axis have no place: NAN. */
double lw_chart_pixel_x (const LwChartLayout *layout, double x);
double lw_chart_pixel_y (const LwChartPlot *plot, double y);
double lw_chart_data_x (const LwChartLayout *layout, double pixel_x);
double lw_chart_data_y (const LwChartPlot *plot, double pixel_y);
/* The chart whose area holds the point, or −1. */
int lw_charts_at (const LwChartLayout *layout, double x, double y);
/* The legend entry under a point: false when there is none. */
bool lw_charts_legend_at (const LwChartStack *stack, const LwChartLayout *layout, LwText *text,
                          double x, double y, int *ret_chart, int *ret_line);

/* A row of the table at the rule. */
typedef struct {
  int chart, line;
  double value, raw; /* raw: NAN when the line has none */
  double low, high;  /* of a range; NAN: it is none */
  double x;          /* of the point read out */
  double pixel_y;    /* of the line at the rule; NAN when outside of the plot */
  bool nearest;      /* to the pointer */
} LwReadout;

/* The rows at the rule, nearest to the pointer first, without a pointer in the order of the charts;
 * at most `max_rows`; returns their number. Lines that are hidden or have no finite value there
 * have no row. */
int lw_charts_readout (const LwChartStack *stack, const LwChartLayout *layout, LwReadout *ret_rows,
                       int max_rows);
/* The table's rectangle: 12 px from the rule, on the other side where there is no room, inside the
 * bounds. False when nothing is shown: no rule, no rows, or no room. */
bool lw_charts_readout_rectangle (const LwChartStack *stack, const LwChartLayout *layout,
                                  LwText *text, cairo_rectangle_t *ret_rectangle);
/* The same as text with tabs, a line a row, for the clipboard. NULL without rows. g_free. */
char *lw_charts_readout_text (const LwChartStack *stack, const LwChartLayout *layout);

/* "Loss chart, train 0.40, test 0.46, epoch 2.6": the newest values, for assistive tools. g_free.
 */
char *lw_chart_describe (const LwChartStack *stack, int chart);

G_END_DECLS
