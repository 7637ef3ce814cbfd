/* The charts: a run's loss and accuracy, those of all runs, and a batch normalization's channel. */
#include "ui/report/report-private.h"

#include "ui/draw/chart.h"
#include "ui/draw/setting-words.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define WIDTH  860
#define HEIGHT 560

enum { LOSS, ACCURACY, N_CHARTS };

/* A stack of charts that owns what it points at. */
typedef struct {
  LwText *text;
  GPtrArray *series, *strings;
  LwChartLine *lines[N_CHARTS];
  LwChartSpec charts[N_CHARTS];
  LwChartStar star;
  GArray *events; /* LwChartEvent */
  LwChartStack stack;
} Charts;

static void
free_series (gpointer series)
{
  lw_series_free (series);
}

static void
free_charts (gpointer data)
{
  Charts *charts = data;

  for (int i = 0; i < N_CHARTS; i++)
    g_free (charts->lines[i]);
  g_ptr_array_unref (charts->series);
  g_ptr_array_unref (charts->strings);
  g_array_unref (charts->events);
  lw_text_free (charts->text);
  g_free (charts);
}

static void
paint_charts (cairo_t *cr, gpointer data)
{
  const Charts *charts = data;

  lw_charts_paint_document (cr, charts->text, &charts->stack, WIDTH, HEIGHT,
                            &(LwChartDocument){ 0 });
}

/* `most`: lines of a chart. */
static Charts *
charts_new (guint most)
{
  Charts *charts = g_new0 (Charts, 1);

  charts->text = lw_report_text ();
  charts->series = g_ptr_array_new_with_free_func (free_series);
  charts->strings = g_ptr_array_new_with_free_func (g_free);
  charts->events = g_array_new (FALSE, TRUE, sizeof (LwChartEvent));
  lw_chart_stack_init (&charts->stack);
  for (int i = 0; i < N_CHARTS; i++)
    charts->charts[i].lines = charts->lines[i] = g_new0 (LwChartLine, most);
  charts->stack.charts = charts->charts;
  charts->stack.n_charts = N_CHARTS;
  charts->stack.x = (LwChartAxis){ 0, NAN, false };
  charts->stack.x_name = _ ("epoch");
  charts->charts[LOSS].title = _ ("Loss");
  charts->charts[LOSS].y = (LwChartAxis){ 0, NAN, false };
  charts->charts[ACCURACY].title = _ ("Accuracy");
  charts->charts[ACCURACY].y = (LwChartAxis){ 0, 1, false };
  return charts;
}

static const char *
keep (Charts *charts, char *string)
{
  g_ptr_array_add (charts->strings, string);
  return string;
}

static LwSeries *
add_line (Charts *charts, int chart, const char *name, int colour, bool test)
{
  LwChartSpec *spec = &charts->charts[chart];
  LwSeries *series = lw_series_new ();

  g_ptr_array_add (charts->series, series);
  charts->lines[chart][spec->n_lines++] = (LwChartLine){
    .form = LW_LINE_CURVE,
    .series = series,
    .name = name,
    .colour = lw_theme (false)->series[colour],
    .at = test ? LW_AT_LAST_BEFORE : LW_AT_NEAREST,
  };
  return series;
}

static void
fill (const LwRun *run, LwSeries *const train[N_CHARTS], LwSeries *const test[N_CHARTS])
{
  for (int64_t i = 0; i < lw_run_log_length (run->log); i++) {
    const LwEvent *event = lw_run_log_get (run->log, i);

    if (event->kind == LW_EVENT_STEP) {
      lw_series_append (train[LOSS], event->epoch, event->loss);
      lw_series_append (train[ACCURACY], event->epoch, event->accuracy);
    } else if (event->kind == LW_EVENT_EPOCH) {
      lw_series_append (test[LOSS], event->epoch, event->test_loss);
      lw_series_append (test[ACCURACY], event->epoch, event->test_accuracy);
    }
  }
}

/* Marks of one run: its best test, changes, where it diverged. */
static void
add_marks (Charts *charts, const LwRun *run)
{
  const LwEvent *best = lw_report_best (run);

  if (best != NULL) {
    charts->star = (LwChartStar){
      .x = best->epoch,
      .y = best->test_accuracy,
      .text = keep (charts, g_strdup_printf (_ ("best: %.3f at epoch %d"), best->test_accuracy,
                                             run->best_epoch)),
    };
    charts->charts[ACCURACY].stars = &charts->star;
    charts->charts[ACCURACY].n_stars = 1;
  }
  for (int64_t i = 0; i < lw_run_log_length (run->log); i++) {
    const LwEvent *event = lw_run_log_get (run->log, i);

    if (event->kind == LW_EVENT_SETTING) {
      const LwChartEvent mark = {
        .x = event->epoch,
        .text = keep (charts, lw_setting_change_text (event)),
      };

      g_array_append_val (charts->events, mark);
    } else if (event->kind == LW_EVENT_END && event->state == LW_RUN_DIVERGED) {
      charts->stack.diverged_x = event->epoch;
      charts->stack.diverged_text = keep (charts, lw_chart_diverged_text (event->step));
    }
  }
  charts->stack.events = (const LwChartEvent *)(const void *)charts->events->data;
  charts->stack.n_events = (int)charts->events->len;
}

static void
choose_axes (Charts *charts)
{
  LwChartSpec *loss = &charts->charts[LOSS];
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
    loss->remark = keep (charts, lw_chart_log_remark (decades));
  }
}

static void
add_single (Charts *charts, const LwRun *run)
{
  LwSeries *train[N_CHARTS], *test[N_CHARTS];

  for (int chart = 0; chart < N_CHARTS; chart++) {
    train[chart] = add_line (charts, chart, _ ("train"), 0, false);
    test[chart] = add_line (charts, chart, _ ("test"), 1, true);
    charts->lines[chart][1].dash = LW_DASH_TEST;
    charts->lines[chart][1].marker = LW_MARKER_CIRCLE;
  }
  fill (run, train, test);
  add_marks (charts, run);
}

/* A colour a run: training thin, the tests strong. */
static void
add_several (Charts *charts, LwReportRun *const *runs, guint n)
{
  static const LwMarker markers[] = { LW_MARKER_CIRCLE, LW_MARKER_SQUARE, LW_MARKER_DIAMOND,
                                      LW_MARKER_TRIANGLE, LW_MARKER_DOT };

  for (guint i = 0; i < n; i++) {
    const int colour = (int)(i % 6);
    LwSeries *train[N_CHARTS], *test[N_CHARTS];

    for (int chart = 0; chart < N_CHARTS; chart++) {
      LwChartLine *line;

      train[chart] = add_line (charts, chart, NULL, colour, false);
      line = &charts->lines[chart][charts->charts[chart].n_lines - 1];
      line->width = 1;
      line->colour.a = 0.45;
      /* One legend, above the first chart, is of both. */
      test[chart] =
          add_line (charts, chart,
                    chart == LOSS ? keep (charts, g_strdup_printf (_ ("run %u"), i + 1)) : NULL,
                    colour, true);
      line = &charts->lines[chart][charts->charts[chart].n_lines - 1];
      line->dash = colour;
      line->marker = markers[i / 6 % G_N_ELEMENTS (markers)];
    }
    fill (runs[i]->run, train, test);
  }
  charts->stack.legend_above = true;
}

void
lw_report_add_curves (LwReportDocument *document, LwReportRun *const *runs, guint n)
{
  g_autofree char *loss = NULL, *accuracy = NULL;
  Charts *charts;

  if (n == 1 && lw_run_log_length (runs[0]->run->log) == 0) {
    lw_report_add_note (document, g_strdup (_ ("The run has not trained yet: there is no curve.")));
    return;
  }
  charts = charts_new (2 * n);
  if (n == 1)
    add_single (charts, runs[0]->run);
  else
    add_several (charts, runs, n);
  choose_axes (charts);
  loss = lw_chart_describe (&charts->stack, LOSS);
  accuracy = lw_chart_describe (&charts->stack, ACCURACY);
  lw_report_add_picture (
      document, WIDTH, HEIGHT, paint_charts, charts, free_charts,
      n == 1 ? _ ("Loss and accuracy over the epochs.")
             : _ ("Loss and accuracy of all runs; training thin, the tests strong. Runs are "
                  "numbered as in the table."),
      g_strdup_printf ("%s. %s", loss, accuracy));
}

/* --- batch normalization -----------------------------------------------------------------------
 */

static LwNodeId
first_norm (const LwGraph *graph)
{
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    if (lw_graph_node (graph, id)->op == LW_OP_BATCH_NORM)
      return id;
  return LW_NO_NODE;
}

static void
add_field (Charts *charts, LwBnHistory *history, LwNodeId node, int chart, LwBnField field,
           const char *name, int colour)
{
  LwSeries *series = add_line (charts, chart, name, colour, false);
  double epochs[LW_BN_MOMENTS];
  float values[LW_BN_MOMENTS];
  const int32_t n = lw_bn_history_series (history, node, field, 0, NULL, epochs, values);

  for (int32_t i = 0; i < n; i++)
    lw_series_append (series, epochs[i], values[i]);
}

void
lw_report_add_norm_curves (LwReportDocument *document, const LwReportRun *run)
{
  const LwNodeId node = first_norm (run->run->graph);
  g_autofree char *path = g_build_filename (run->run->folder, "bn-history.safetensors", NULL);
  LwBnHistory *history =
      node != LW_NO_NODE ? lw_bn_history_load (run->run->graph, path, NULL) : NULL;
  g_autofree char *caption = NULL, *mean = NULL, *variance = NULL;
  Charts *charts;

  if (history == NULL)
    return;
  charts = charts_new (2);
  charts->charts[0].title = _ ("Mean");
  charts->charts[1].title = _ ("Variance");
  charts->charts[0].y = charts->charts[1].y = (LwChartAxis){ NAN, NAN, false };
  add_field (charts, history, node, 0, LW_BN_BATCH_MEAN, _ ("batch"), 0);
  add_field (charts, history, node, 0, LW_BN_RUNNING_MEAN, _ ("running"), 1);
  add_field (charts, history, node, 1, LW_BN_BATCH_VAR, _ ("batch"), 0);
  add_field (charts, history, node, 1, LW_BN_RUNNING_VAR, _ ("running"), 1);
  charts->stack.x_round = true;
  lw_bn_history_free (history);
  caption =
      g_strdup_printf (_ ("Batch normalization %s, channel 0: the batches' statistics and the "
                          "running ones, which tests use."),
                       lw_graph_node (run->run->graph, node)->name);
  mean = lw_chart_describe (&charts->stack, 0);
  variance = lw_chart_describe (&charts->stack, 1);
  lw_report_add_picture (document, WIDTH, HEIGHT, paint_charts, charts, free_charts, caption,
                         g_strdup_printf ("%s. %s", mean, variance));
}
