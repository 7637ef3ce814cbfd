/* Pictures made of line charts: a run's curves, and batch normalization over the run. */
#include "app/picture.h"

#include "ui/draw/chart.h"
#include "ui/draw/setting-words.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>

#define WIDTH      860
#define HEIGHT     620
#define MAX_LINES  4
#define MAX_CHARTS 3

/* A stack of charts that owns what it points at. */
typedef struct {
  LwText *text;
  LwSeries *series[MAX_CHARTS * MAX_LINES];
  int n_series;
  LwChartLine lines[MAX_CHARTS][MAX_LINES];
  LwChartSpec charts[MAX_CHARTS];
  LwChartStar star;
  GArray *events; /* of LwChartEvent */
  GPtrArray *strings;
  LwChartStack stack;
  const char *heading, *subheading;
} Charts;

static void
free_charts (gpointer data)
{
  Charts *charts = data;

  for (int i = 0; i < charts->n_series; i++)
    lw_series_free (charts->series[i]);
  g_array_unref (charts->events);
  g_ptr_array_unref (charts->strings);
  lw_text_free (charts->text);
  g_free (charts);
}

static void
paint_charts (cairo_t *cr, gpointer data)
{
  const Charts *charts = data;

  lw_charts_paint_document (
      cr, charts->text, &charts->stack, WIDTH, HEIGHT,
      &(LwChartDocument){ .heading = charts->heading, .subheading = charts->subheading });
}

static Charts *
charts_new (LwPicture *picture, int n_charts)
{
  Charts *charts = g_new0 (Charts, 1);

  charts->text = lw_picture_text ();
  charts->events = g_array_new (FALSE, TRUE, sizeof (LwChartEvent));
  charts->strings = g_ptr_array_new_with_free_func (g_free);
  lw_chart_stack_init (&charts->stack);
  for (int i = 0; i < n_charts; i++)
    charts->charts[i].lines = charts->lines[i];
  charts->stack.charts = charts->charts;
  charts->stack.n_charts = n_charts;
  charts->stack.x = (LwChartAxis){ 0, NAN, false };
  charts->stack.x_name = _ ("epoch");
  *picture = (LwPicture){ WIDTH, HEIGHT, paint_charts, charts, free_charts };
  return charts;
}

/* Whole epochs on the x axis, unless there is not even one. */
static void
round_axis (Charts *charts, const LwSeries *series)
{
  const size_t n = lw_series_length (series);

  charts->stack.x_round = n > 0 && lw_series_x (series)[n - 1] >= 1;
}

/* A string that lives as long as the picture. */
static const char *
keep (Charts *charts, char *string)
{
  g_ptr_array_add (charts->strings, string);
  return string;
}

static LwSeries *
add_line (Charts *charts, int chart, const char *name, bool second)
{
  const LwTheme *theme = lw_theme (false);
  LwChartSpec *spec = &charts->charts[chart];
  LwSeries *series = charts->series[charts->n_series++] = lw_series_new ();

  charts->lines[chart][spec->n_lines++] = (LwChartLine){
    .form = LW_LINE_CURVE,
    .series = series,
    .name = name,
    .colour = theme->series[second ? 1 : 0],
    .dash = second ? LW_DASH_TEST : 0,
  };
  return series;
}

/* --- a run's curves --------------------------------------------------------------------------- */

enum { LOSS, ACCURACY };

static void
add_best (Charts *charts, const LwRun *run)
{
  if (run->best_epoch == 0)
    return;
  charts->star = (LwChartStar){
    .x = run->best_epoch,
    .y = run->best_test_accuracy,
    .text = keep (charts, g_strdup_printf (_ ("best: %.3f at epoch %d"), run->best_test_accuracy,
                                           run->best_epoch)),
  };
  charts->charts[ACCURACY].stars = &charts->star;
  charts->charts[ACCURACY].n_stars = 1;
}

static void
add_change (Charts *charts, const LwEvent *event)
{
  const LwChartEvent mark = {
    .x = event->epoch,
    .text = keep (charts, lw_setting_change_text (event)),
  };

  g_array_append_val (charts->events, mark);
}

static void
fill_curves (Charts *charts, const LwRun *run)
{
  LwSeries *train_loss = add_line (charts, LOSS, _ ("train"), false);
  LwSeries *test_loss = add_line (charts, LOSS, _ ("test"), true);
  LwSeries *train_accuracy = add_line (charts, ACCURACY, _ ("train"), false);
  LwSeries *test_accuracy = add_line (charts, ACCURACY, _ ("test"), true);

  for (int64_t i = 0; i < lw_run_log_length (run->log); i++) {
    const LwEvent *event = lw_run_log_get (run->log, i);

    if (event->kind == LW_EVENT_STEP) {
      lw_series_append (train_loss, event->epoch, event->loss);
      lw_series_append (train_accuracy, event->epoch, event->accuracy);
    } else if (event->kind == LW_EVENT_EPOCH) {
      lw_series_append (test_loss, event->epoch, event->test_loss);
      lw_series_append (test_accuracy, event->epoch, event->test_accuracy);
    } else if (event->kind == LW_EVENT_SETTING) {
      add_change (charts, event);
    } else if (event->kind == LW_EVENT_END && event->state == LW_RUN_DIVERGED) {
      charts->stack.diverged_x = event->epoch;
      charts->stack.diverged_text = keep (charts, lw_chart_diverged_text (event->step));
    }
  }
}

bool
lw_picture_curves (LwPicture *picture, const LwRun *run, GError **error)
{
  Charts *charts;
  const LwSettings *settings = run->settings;
  double decades;

  if (lw_run_log_length (run->log) == 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("the run %s has not trained yet"),
                 run->folder);
    return false;
  }
  charts = charts_new (picture, 2);
  charts->charts[LOSS].title = _ ("Loss");
  charts->charts[LOSS].y = (LwChartAxis){ 0, NAN, false };
  charts->charts[ACCURACY].title = _ ("Accuracy");
  charts->charts[ACCURACY].y = (LwChartAxis){ 0, 1, false };
  fill_curves (charts, run);
  for (int chart = LOSS; chart <= ACCURACY; chart++) {
    charts->lines[chart][1].marker = LW_MARKER_CIRCLE;
    charts->lines[chart][1].at = LW_AT_LAST_BEFORE;
  }
  decades = lw_chart_decades (charts->lines[LOSS], charts->charts[LOSS].n_lines);
  if (decades > LW_LINEAR_DECADES) {
    charts->charts[LOSS].y = (LwChartAxis){ NAN, NAN, true };
    charts->charts[LOSS].remark = keep (charts, lw_chart_log_remark (decades));
  }
  round_axis (charts, charts->series[0]);
  add_best (charts, run);
  charts->stack.events = (const LwChartEvent *)(const void *)charts->events->data;
  charts->stack.n_events = (int)charts->events->len;
  charts->heading = lw_options_model (settings->options)->title;
  charts->subheading =
      keep (charts,
            g_strdup_printf (_ ("%s · batch %d · learning rate %g · seed %" PRIu64), settings->data,
                             settings->batch, settings->learning_rate, settings->seed));
  return true;
}

/* --- batch normalization ---------------------------------------------------------------------- */

static LwNodeId
find_layer (const LwRun *run, const char *name, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (run->graph); id++) {
    const LwNode *node = lw_graph_node (run->graph, id);

    if (node->op != LW_OP_BATCH_NORM)
      continue;
    if (name == NULL || g_str_equal (name, node->name))
      return id;
    g_strv_builder_add (builder, node->name);
  }
  names = g_strv_builder_end (builder);
  if (names[0] == NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%s has no batch normalization; try a run of lenet-bn or resnet18"),
                 lw_options_model (run->settings->options)->title);
  else
    lw_args_unknown (error, _ ("batch normalization"), name, (const char *const *)names);
  return LW_NO_NODE;
}

static void
add_field (Charts *charts, LwBnHistory *history, LwNodeId node, int32_t channel, int chart,
           LwBnField field, const char *name, bool second)
{
  LwSeries *series = add_line (charts, chart, name, second);
  double epochs[LW_BN_MOMENTS];
  float values[LW_BN_MOMENTS];
  const int32_t n = lw_bn_history_series (history, node, field, channel, NULL, epochs, values);

  for (int32_t i = 0; i < n; i++)
    lw_series_append (series, epochs[i], values[i]);
}

bool
lw_picture_bn (LwPicture *picture, const LwRun *run, const char *layer, int32_t channel,
               GError **error)
{
  g_autofree char *path = g_build_filename (run->folder, "bn-history.safetensors", NULL);
  const LwNodeId node = find_layer (run, layer, error);
  LwBnHistory *history;
  Charts *charts;

  if (node == LW_NO_NODE)
    return false;
  if (channel >= lw_graph_node (run->graph, node)->shape.c) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("%s has %d channels, counted from 0"),
                 lw_graph_node (run->graph, node)->name, lw_graph_node (run->graph, node)->shape.c);
    return false;
  }
  history = lw_bn_history_load (run->graph, path, error);
  if (history == NULL)
    return false;
  charts = charts_new (picture, 3);
  charts->charts[0].title = _ ("Mean");
  charts->charts[1].title = _ ("Variance");
  charts->charts[2].title = _ ("γ and β");
  for (int i = 0; i < 3; i++)
    charts->charts[i].y = (LwChartAxis){ NAN, NAN, false };
  add_field (charts, history, node, channel, 0, LW_BN_BATCH_MEAN, _ ("batch"), false);
  add_field (charts, history, node, channel, 0, LW_BN_RUNNING_MEAN, _ ("running"), true);
  add_field (charts, history, node, channel, 1, LW_BN_BATCH_VAR, _ ("batch"), false);
  add_field (charts, history, node, channel, 1, LW_BN_RUNNING_VAR, _ ("running"), true);
  add_field (charts, history, node, channel, 2, LW_BN_GAMMA, "γ", false);
  add_field (charts, history, node, channel, 2, LW_BN_BETA, "β", true);
  lw_bn_history_free (history);
  charts->heading =
      keep (charts, g_strdup_printf (_ ("%s: batch normalization %s, channel %d"),
                                     lw_options_model (run->settings->options)->title,
                                     lw_graph_node (run->graph, node)->name, channel));
  return true;
}
