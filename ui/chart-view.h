/* LwChartView: loss above accuracy over one x axis, live, of one run (train and test in colours of
 * their own) or of several (each with a colour and a dash). It pulls: the run items' `synced`
 * redraws it.
 *
 * Pointer: hover reads all curves out, a click pins that, a drag zooms the x axis, Shift+drag pans,
 * Ctrl+scroll zooms, a double click fits; a click on the legend toggles, a double click isolates, a
 * right click recolours. Keys: arrows move the rule and choose a curve, Enter pins, Ctrl+C copies,
 * Esc closes, + − F Backspace zoom, L is the log scale, the menu key opens the legend.
 *
 * Signals: `changed` (how it is drawn: for toolbars), `styles-changed` (a colour or what is hidden:
 * for tables that show the same keys). Property `zoomed`. Main thread. */
#pragma once

#include "ui/run-picture.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_CHART_VIEW (lw_chart_view_get_type ())
G_DECLARE_FINAL_TYPE (LwChartView, lw_chart_view, LW, CHART_VIEW, GtkWidget)

GtkWidget *lw_chart_view_new (void);

/* --- what is shown */
/* NULL: empty charts that say "Press Train", or what is on that button while another trains. */
void lw_chart_view_set_run (LwChartView *self, LwRunItem *run);
/* Runs that differ in their seed alone, as one: the mean of their training's curves and that of the
 * tests', each in its band from the lowest to the highest. */
void lw_chart_view_set_repeated (LwChartView *self, LwRunItem *const *runs, int n);
void lw_chart_view_set_queues (LwChartView *self, bool queues);

typedef struct {
  LwRunItem *run;
  const char *name; /* NULL: its title */
  int series;       /* colour and dash, see LwChartGroup */
} LwChartRun;
/* Several runs, each with its colour in legend, curves and stars; `curves`: which of each. None:
 * the charts say "Tick runs to plot them". Same runs in the same order keep what was hidden and
 * recoloured, and the zoom, also under other names. */
void
lw_chart_view_set_runs (LwChartView *self, const LwChartRun *runs, int n, LwChartCurves curves);
/* The same for runs and groups of repeated seeds: a group is one entry, the mean as a line in a
 * band from the lowest to the highest; its row at the rule has that range too. */
void lw_chart_view_set_groups (LwChartView *self, const LwChartGroup *groups, int n,
                               LwChartCurves curves);

/* --- how it is drawn */
/* One of the two charts alone and without a legend, for pages that have one of their own. */
void lw_chart_view_set_only (LwChartView *self, LwRunChart chart);
/* 0 to 0.999; 0 at first. */
void lw_chart_view_set_smoothing (LwChartView *self, double weight);
double lw_chart_view_smoothing (LwChartView *self);
/* Fits. By epoch at first; a run that diverges within its first epoch is shown by iteration as long
 * as nothing else was chosen. */
void lw_chart_view_set_x (LwChartView *self, LwChartX x);
LwChartX lw_chart_view_x (LwChartView *self);
void lw_chart_view_set_axes (LwChartView *self, const LwChartAxes *axes);
/* As drawn: with the logarithm that the data chose. */
LwChartAxes lw_chart_view_axes (LwChartView *self);
void lw_chart_view_set_log_loss (LwChartView *self, bool log_loss);
bool lw_chart_view_log_loss (LwChartView *self);

/* --- the x axis' range */
void lw_chart_view_fit (LwChartView *self);
bool lw_chart_view_is_zoomed (LwChartView *self); /* property "zoomed" */
/* NAN as both ends fits; see LwChartZoom. */
void lw_chart_view_zoom_to (LwChartView *self, double x_min, double x_max);
/* To the range before; false: there is none. */
bool lw_chart_view_zoom_back (LwChartView *self);
LwChartRange lw_chart_view_shown (LwChartView *self);
/* Following: fitted, while a run goes on. Off keeps the range as it is now. */
bool lw_chart_view_can_follow (LwChartView *self);
bool lw_chart_view_follows (LwChartView *self);
void lw_chart_view_set_follow (LwChartView *self, bool follow);

/* --- the legend: 0 train, 1 test for one run; else the runs in their order */
int lw_chart_view_n_keys (LwChartView *self);
const char *lw_chart_view_key_name (LwChartView *self, int key);
LwChartStyle lw_chart_view_style (LwChartView *self, int key);
void lw_chart_view_set_hidden (LwChartView *self, int key, bool hidden);
/* Hides all others; where they are hidden already, shows all. */
void lw_chart_view_isolate (LwChartView *self, int key);
/* 0 to 5, of the theme's series. */
void lw_chart_view_set_colour (LwChartView *self, int key, int colour);

/* --- reading out */
/* The rule at x; NAN: none. */
void lw_chart_view_set_rule (LwChartView *self, double x, bool pinned);
double lw_chart_view_rule (LwChartView *self, bool *ret_pinned);
/* The table at the rule with tabs; NULL without one. g_free. */
char *lw_chart_view_readout (LwChartView *self);
/* "Loss chart, …. Accuracy chart, …." g_free. */
char *lw_chart_view_describe (LwChartView *self);

G_END_DECLS
