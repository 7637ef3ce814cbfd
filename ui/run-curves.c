#include "ui/run-curves.h"

#include "engine/analysis.h"

#include <glib/gi18n.h>

/* Events taken in at once: some milliseconds. */
#define MOST_EVENTS 100000

struct LwRunCurves {
  LwRunItem *run;
  LwChartX x;
  LwSeries *series[LW_N_CURVES]; /* unless by epoch */
  int64_t cursor;                /* events taken in */
  double scale;                  /* x of one step, by examples and MACs */
  double end, best_x, best;
  bool any_best;
};

const char *
lw_chart_x_name (LwChartX x)
{
  static const char *const names[] = { N_ ("epoch"), N_ ("iteration"), N_ ("training time, s"),
                                       N_ ("examples"), N_ ("MACs") };

  return _ (names[x]);
}

const char *
lw_chart_x_title (LwChartX x)
{
  static const char *const titles[] = { N_ ("Epoch"), N_ ("Iteration"), N_ ("Time"),
                                        N_ ("Examples"), N_ ("MACs") };

  return _ (titles[x]);
}

static void
start_anew (LwRunCurves *curves)
{
  for (int i = 0; i < LW_N_CURVES; i++)
    lw_series_clear (curves->series[i]);
  curves->cursor = 0;
  curves->end = 0;
  curves->any_best = false;
}

LwRunCurves *
lw_run_curves_new (LwRunItem *run)
{
  LwRunCurves *curves = g_new0 (LwRunCurves, 1);

  curves->run = g_object_ref (run);
  for (int i = 0; i < LW_N_CURVES; i++)
    curves->series[i] = lw_series_new ();
  return curves;
}

void
lw_run_curves_free (LwRunCurves *curves)
{
  if (curves == NULL)
    return;
  for (int i = 0; i < LW_N_CURVES; i++)
    lw_series_free (curves->series[i]);
  g_object_unref (curves->run);
  g_free (curves);
}

LwRunItem *
lw_run_curves_run (LwRunCurves *curves)
{
  return curves->run;
}

void
lw_run_curves_set_x (LwRunCurves *curves, LwChartX x)
{
  if (x == curves->x)
    return;
  curves->x = x;
  curves->scale = lw_run_item_settings (curves->run)->batch;
  if (x == LW_X_MACS)
    curves->scale *= 3.0 * (double)lw_graph_cost (lw_run_item_graph (curves->run)).macs;
  start_anew (curves);
}

double
lw_chart_x_place (LwChartX x, double step, const LwEvent *event)
{
  switch (x) {
  case LW_X_STEP:
    return (double)event->step;
  case LW_X_TIME:
    return event->time_s;
  case LW_X_EXAMPLES:
  case LW_X_MACS:
    return (double)event->step * step;
  case LW_X_EPOCH:
  default:
    return event->epoch;
  }
}

double
lw_run_curves_place (LwRunCurves *curves, const LwEvent *event)
{
  return lw_chart_x_place (curves->x, curves->scale, event);
}

double
lw_run_curves_scale (LwRunCurves *curves)
{
  return curves->scale;
}

static void
read_event (LwRunCurves *curves, const LwEvent *event)
{
  const double x = lw_run_curves_place (curves, event);

  if (event->kind == LW_EVENT_STEP) {
    curves->end = MAX (curves->end, x);
    if (curves->x == LW_X_EPOCH)
      return;
    lw_series_append (curves->series[LW_CURVE_TRAIN_LOSS], x, event->loss);
    lw_series_append (curves->series[LW_CURVE_TRAIN_ACCURACY], x, event->accuracy);
  } else if (event->kind == LW_EVENT_EPOCH) {
    if (!curves->any_best || event->test_accuracy > curves->best) {
      curves->any_best = true;
      curves->best = event->test_accuracy;
      curves->best_x = x;
    }
    if (curves->x == LW_X_EPOCH)
      return;
    lw_series_append (curves->series[LW_CURVE_TEST_LOSS], x, event->test_loss);
    lw_series_append (curves->series[LW_CURVE_TEST_ACCURACY], x, event->test_accuracy);
  }
}

bool
lw_run_curves_update (LwRunCurves *curves)
{
  LwRunLog *log = lw_run_item_log (curves->run);
  const int64_t length = lw_run_log_length (log);
  const int64_t end = MIN (length, curves->cursor + MOST_EVENTS);

  for (; curves->cursor < end; curves->cursor++)
    read_event (curves, lw_run_log_get (log, curves->cursor));
  return curves->cursor == length;
}

const LwSeries *
lw_run_curves_series (LwRunCurves *curves, LwCurve curve)
{
  return curves->x == LW_X_EPOCH ? lw_run_item_series (curves->run, curve) : curves->series[curve];
}

bool
lw_run_curves_best (LwRunCurves *curves, double *ret_x, double *ret_accuracy)
{
  *ret_x = curves->best_x;
  *ret_accuracy = curves->best;
  return curves->any_best;
}

double
lw_run_curves_end (LwRunCurves *curves)
{
  return curves->end;
}
