/* The charts: a run's loss and accuracy, those of all runs, and a batch normalization's channel. */
#include "ui/report/report-private.h"

#include "ui/draw/run-charts.h"

#include <glib/gi18n.h>

#define WIDTH  860
#define HEIGHT 560

static void
free_charts (gpointer charts)
{
  lw_run_charts_free (charts);
}

static void
paint_charts (cairo_t *cr, gpointer data)
{
  const LwRunCharts *charts = data;

  lw_charts_paint_document (cr, charts->text, &charts->stack, WIDTH, HEIGHT,
                            &(LwChartDocument){ 0 });
}

/* Takes the charts. */
static void
add_picture (LwReportDocument *document, LwRunCharts *charts, const char *caption)
{
  g_autofree char *upper = lw_chart_describe (&charts->stack, 0);
  g_autofree char *lower = lw_chart_describe (&charts->stack, 1);

  lw_report_add_picture (document, WIDTH, HEIGHT, paint_charts, charts, free_charts, caption,
                         g_strdup_printf ("%s. %s", upper, lower));
}

/* A colour a run: training thin, the tests strong. */
static LwRunCharts *
charts_of_several (LwReportRun *const *runs, guint n)
{
  static const LwMarker markers[] = { LW_MARKER_CIRCLE, LW_MARKER_SQUARE, LW_MARKER_DIAMOND,
                                      LW_MARKER_TRIANGLE, LW_MARKER_DOT };
  LwRunCharts *charts = lw_run_charts_new_curves (lw_report_text (), (int)n);

  for (guint i = 0; i < n; i++) {
    const int colour = (int)(i % 6);

    for (int chart = 0; chart < LW_RUN_N_CURVES; chart++) {
      LwChartLine *line = lw_run_charts_add_line (charts, chart, NULL, colour);

      line->width = 1;
      line->colour.a = 0.45;
      line = lw_run_charts_add_line (charts, chart, NULL, colour);
      line->dash = colour;
      line->marker = markers[i / 6 % G_N_ELEMENTS (markers)];
      /* One legend, above the first chart, is of both. */
      if (chart == LW_RUN_LOSS)
        line->name = lw_run_charts_keep (charts, g_strdup_printf (_ ("run %u"), i + 1));
    }
    lw_run_charts_fill (charts, runs[i]->run->log);
  }
  charts->stack.legend_above = true;
  lw_run_charts_choose_axes (charts);
  return charts;
}

void
lw_report_add_curves (LwReportDocument *document, LwReportRun *const *runs, guint n)
{
  const LwRun *run = runs[0]->run;

  if (n > 1) {
    add_picture (document, charts_of_several (runs, n),
                 _ ("Loss and accuracy of all runs; training thin, the tests strong. Runs are "
                    "numbered as in the table."));
    return;
  }
  if (lw_run_log_length (run->log) == 0) {
    lw_report_add_note (document, g_strdup (_ ("The run has not trained yet: there is no curve.")));
    return;
  }
  add_picture (
      document,
      lw_run_charts_of_run (lw_report_text (), run->log, run->best_epoch, run->best_test_accuracy),
      _ ("Loss and accuracy over the epochs."));
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

void
lw_report_add_norm_curves (LwReportDocument *document, const LwReportRun *run)
{
  const LwNodeId node = first_norm (run->run->graph);
  g_autofree char *path = g_build_filename (run->run->folder, "bn-history.safetensors", NULL);
  LwBnHistory *history =
      node != LW_NO_NODE ? lw_bn_history_load (run->run->graph, path, NULL) : NULL;
  g_autofree char *caption = NULL;
  LwRunCharts *charts;

  if (history == NULL)
    return;
  charts = lw_run_charts_of_norm (lw_report_text (), history, node, 0, false);
  charts->stack.x_round = true;
  lw_bn_history_free (history);
  caption =
      g_strdup_printf (_ ("Batch normalization %s, channel 0: the batches' statistics and the "
                          "running ones, which tests use."),
                       lw_graph_node (run->run->graph, node)->name);
  add_picture (document, charts, caption);
}
