/* What the charts' export window writes: the charts of a view as a picture, or the numbers in them;
 * of two views of one chart each, one below the other, under one legend.
 * Main thread, but for lw_chart_numbers_write. */
#pragma once

#include "ui/chart-view.h"

G_BEGIN_DECLS

typedef enum {
  LW_CHART_SVG,
  LW_CHART_PDF,
  LW_CHART_PNG,
  LW_CHART_CSV,
  LW_CHART_TABLE_MARKDOWN, /* a table beside the charts, where the window has one */
  LW_CHART_TABLE_CSV,
  LW_N_CHART_FORMATS
} LwChartFormat;

typedef struct {
  LwChartView *below; /* whose chart stands below; NULL: one view alone */
  LwChartFormat format;
  int width, height;    /* logical pixels: points of SVG and PDF */
  double scale;         /* of PNG */
  const char *title;    /* NULL or "": none */
  const char *subtitle; /* NULL: the run's settings; "": none */
  bool dark, transparent, no_legend;
} LwChartExport;

#define LW_CHART_LEAST_SIZE 240
#define LW_CHART_MOST_SIZE  4000

/* 900 × 640, light, the PNG twice as large, titled by the run; texts live as long as the view's
 * runs are shown. */
LwChartExport lw_chart_export_default (LwChartView *view);
/* "lr 1 · seed 42" of a single run; NULL: of several. g_free. */
char *lw_chart_export_subtitle (LwChartView *view);
/* "svg" */
const char *lw_chart_export_ending (LwChartFormat format);

/* The page, `width` × `height`. Not for text. */
void lw_chart_export_paint (cairo_t *cr, LwChartView *view, const LwChartExport *export);
/* Writes a picture, beside and renamed. Its kind is that of the ending of `path`; for a "csv" the
 * numbers, on this thread. */
bool lw_chart_export_write (LwChartView *view, const LwChartExport *export, const char *path,
                            GError **error);

/* All that is visible as numbers: the runs that are shown, their curves that are, within the x
 * range that is. In the long form: run,step,epoch,wall_time_s,split,metric,value. */
typedef struct LwChartNumbers LwChartNumbers;

/* `below`: of another view, too; or NULL. */
LwChartNumbers *lw_chart_numbers_new (LwChartView *view, LwChartView *below);
void lw_chart_numbers_free (LwChartNumbers *numbers);
/* Any thread: logs may grow meanwhile. */
bool lw_chart_numbers_write (const LwChartNumbers *numbers, const char *path, GError **error);
/* The first `most` bytes or some more, for a preview. g_free. */
char *lw_chart_numbers_text (const LwChartNumbers *numbers, gsize most);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwChartNumbers, lw_chart_numbers_free)
G_END_DECLS
