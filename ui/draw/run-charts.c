#include "ui/draw/run-charts.h"

#include "ui/draw/setting-words.h"

#include <glib/gi18n.h>
#include <math.h>

static void
free_series (gpointer series)
{
  lw_series_free (series);
}

/* Takes `text`. `n_charts` over one axis of epochs, each of at most `most_lines`. */
static LwRunCharts *
charts_new (LwText *text, int n_charts, int most_lines)
{
  LwRunCharts *charts = g_new0 (LwRunCharts, 1);

  charts->text = text;
  charts->series = g_ptr_array_new_with_free_func (free_series);
  charts->strings = g_ptr_array_new_with_free_func (g_free);
  charts->events = g_array_new (FALSE, TRUE, sizeof (LwChartEvent));
  lw_chart_stack_init (&charts->stack);
  for (int i = 0; i < n_charts; i++)
    charts->charts[i].lines = charts->lines[i] = g_new0 (LwChartLine, most_lines);
  charts->stack.charts = charts->charts;
  charts->stack.n_charts = n_charts;
  charts->stack.x = (LwChartAxis){ 0, NAN, false };
  charts->stack.x_name = _ ("epoch");
  return charts;
}

void
lw_run_charts_free (LwRunCharts *charts)
{
  if (charts == NULL)
    return;
  for (int i = 0; i < charts->stack.n_charts; i++)
    g_free (charts->lines[i]);
  g_ptr_array_unref (charts->series);
  g_ptr_array_unref (charts->strings);
  g_array_unref (charts->events);
  lw_text_free (charts->text);
  g_free (charts);
}

const char *
lw_run_charts_keep (LwRunCharts *charts, char *string)
{
  g_ptr_array_add (charts->strings, string);
  return string;
}

static LwSeries *
series_of (LwRunCharts *charts, int chart, int line)
{
  return (LwSeries *)charts->lines[chart][line].series;
}

LwChartLine *
lw_run_charts_add_line (LwRunCharts *charts, int chart, const char *name, int colour)
{
  LwChartLine *line = &charts->lines[chart][charts->charts[chart].n_lines++];

  *line = (LwChartLine){ .form = LW_LINE_CURVE,
                         .series = lw_series_new (),
                         .name = name,
                         .colour = lw_theme (false)->series[colour],
                         .at = LW_AT_NEAREST };
  g_ptr_array_add (charts->series, (gpointer)line->series);
  return line;
}

/* --- curves -------------------------------------------------------------------------------------
 */

LwRunCharts *
lw_run_charts_new_curves (LwText *text, int n_runs)
{
  LwRunCharts *charts = charts_new (text, LW_RUN_N_CURVES, 2 * n_runs);

  charts->charts[LW_RUN_LOSS].title = _ ("Loss");
  charts->charts[LW_RUN_LOSS].y = (LwChartAxis){ 0, NAN, false };
  charts->charts[LW_RUN_ACCURACY].title = _ ("Accuracy");
  charts->charts[LW_RUN_ACCURACY].y = (LwChartAxis){ 0, 1, false };
  return charts;
}

void
lw_run_charts_fill (LwRunCharts *charts, const LwRunLog *run_log)
{
  LwSeries *train[LW_RUN_N_CURVES], *test[LW_RUN_N_CURVES];

  for (int chart = 0; chart < LW_RUN_N_CURVES; chart++) {
    const int n = charts->charts[chart].n_lines;

    train[chart] = series_of (charts, chart, n - 2);
    test[chart] = series_of (charts, chart, n - 1);
    charts->lines[chart][n - 1].at = LW_AT_LAST_BEFORE;
  }
  for (int64_t i = 0; i < lw_run_log_length (run_log); i++) {
    const LwEvent *event = lw_run_log_get (run_log, i);

    if (event->kind == LW_EVENT_STEP) {
      lw_series_append (train[LW_RUN_LOSS], event->epoch, event->loss);
      lw_series_append (train[LW_RUN_ACCURACY], event->epoch, event->accuracy);
    } else if (event->kind == LW_EVENT_EPOCH) {
      lw_series_append (test[LW_RUN_LOSS], event->epoch, event->test_loss);
      lw_series_append (test[LW_RUN_ACCURACY], event->epoch, event->test_accuracy);
    }
  }
}

static void
add_marks (LwRunCharts *charts, const LwRunLog *run_log)
{
  for (int64_t i = 0; i < lw_run_log_length (run_log); i++) {
    const LwEvent *event = lw_run_log_get (run_log, i);

    if (event->kind == LW_EVENT_SETTING) {
      const LwChartEvent mark = {
        .x = event->epoch,
        .text = lw_run_charts_keep (charts, lw_setting_change_text (event)),
      };

      g_array_append_val (charts->events, mark);
    } else if (event->kind == LW_EVENT_END && event->state == LW_RUN_DIVERGED) {
      charts->stack.diverged_x = event->epoch;
      charts->stack.diverged_text =
          lw_run_charts_keep (charts, lw_chart_diverged_text (event->step));
    }
  }
  charts->stack.events = (const LwChartEvent *)(const void *)charts->events->data;
  charts->stack.n_events = (int)charts->events->len;
}

LwRunCharts *
lw_run_charts_of_run (LwText *text, const LwRunLog *run_log, int best_epoch,
                      double best_test_accuracy)
{
  LwRunCharts *charts = lw_run_charts_new_curves (text, 1);

  for (int chart = 0; chart < LW_RUN_N_CURVES; chart++) {
    LwChartLine *test;

    lw_run_charts_add_line (charts, chart, _ ("train"), 0);
    test = lw_run_charts_add_line (charts, chart, _ ("test"), 1);
    test->dash = LW_DASH_TEST;
    test->marker = LW_MARKER_CIRCLE;
  }
  lw_run_charts_fill (charts, run_log);
  add_marks (charts, run_log);
  if (best_epoch > 0) {
    charts->star = (LwChartStar){
      .x = best_epoch,
      .y = best_test_accuracy,
      .text = lw_run_charts_keep (
          charts, g_strdup_printf (_ ("best: %.3f at epoch %d"), best_test_accuracy, best_epoch)),
    };
    charts->charts[LW_RUN_ACCURACY].stars = &charts->star;
    charts->charts[LW_RUN_ACCURACY].n_stars = 1;
  }
  lw_run_charts_choose_axes (charts);
  return charts;
}

void
lw_run_charts_choose_axes (LwRunCharts *charts)
{
  LwChartSpec *loss = &charts->charts[LW_RUN_LOSS];
  const double decades = lw_chart_decades (loss->lines, loss->n_lines);
  double end = 0;

  for (int i = 0; i < loss->n_lines; i++) {
    const LwSeries *series = loss->lines[i].series;
    const size_t n = lw_series_length (series);

    if (n > 0)
      end = fmax (end, lw_series_x (series)[n - 1]);
  }
  charts->stack.x_round = end >= 1;
  if (decades > LW_LINEAR_DECADES) {
    loss->y = (LwChartAxis){ NAN, NAN, true };
    loss->remark = lw_run_charts_keep (charts, lw_chart_log_remark (decades));
  }
}

/* --- batch normalization ------------------------------------------------------------------------
 */

LwRunCharts *
lw_run_charts_of_norm (LwText *text, LwBnHistory *history, LwNodeId node, int32_t channel,
                       bool parameters)
{
  const struct {
    int chart;
    LwBnField field;
    const char *name;
  } lines[] = {
    { 0, LW_BN_BATCH_MEAN, _ ("batch") },
    { 0, LW_BN_RUNNING_MEAN, _ ("running") },
    { 1, LW_BN_BATCH_VAR, _ ("batch") },
    { 1, LW_BN_RUNNING_VAR, _ ("running") },
    { 2, LW_BN_GAMMA, "γ" },
    { 2, LW_BN_BETA, "β" },
  };
  const char *const titles[] = { _ ("Mean"), _ ("Variance"), _ ("γ and β") };
  const int n_charts = parameters ? 3 : 2;
  LwRunCharts *charts = charts_new (text, n_charts, 2);

  for (int i = 0; i < n_charts; i++) {
    charts->charts[i].title = titles[i];
    charts->charts[i].y = (LwChartAxis){ NAN, NAN, false };
  }
  for (int i = 0; i < 2 * n_charts; i++) {
    LwChartLine *line = lw_run_charts_add_line (charts, lines[i].chart, lines[i].name, i % 2);
    double epochs[LW_BN_MOMENTS];
    float values[LW_BN_MOMENTS];
    const int32_t n =
        lw_bn_history_series (history, node, lines[i].field, channel, NULL, epochs, values);

    line->dash = i % 2 == 1 ? LW_DASH_TEST : 0;
    for (int32_t k = 0; k < n; k++)
      lw_series_append (series_of (charts, lines[i].chart, i % 2), epochs[k], values[k]);
  }
  return charts;
}
