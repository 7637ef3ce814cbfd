#include "ui/run-picture.h"

#include "ui/draw/setting-words.h"

#include <glib/gi18n.h>
#include <math.h>

void
lw_run_picture_clear (LwRunPicture *picture)
{
  g_free (picture->star_text);
  g_free (picture->diverged_text);
  g_free (picture->events);
  g_clear_pointer (&picture->event_texts, g_ptr_array_unref);
}

static LwChartLine
line_of (const LwRunPictureOptions *options, LwCurve curve, const LwTheme *theme,
         const char *readout_name)
{
  const bool test = curve == LW_CURVE_TEST_LOSS || curve == LW_CURVE_TEST_ACCURACY;
  LwChartLine line = { .form = LW_LINE_CURVE,
                       .name = test ? _ ("test") : _ ("train"),
                       .readout_name = readout_name,
                       .colour = theme->series[test ? 1 : 0],
                       .dash = test ? LW_DASH_TEST : 0,
                       .marker = test ? LW_MARKER_CIRCLE : LW_MARKER_NONE,
                       .at = test ? LW_AT_LAST_BEFORE : LW_AT_NEAREST };

  if (options->run != NULL) {
    line.raw = lw_run_item_series (options->run, curve);
    line.series = test ? line.raw : lw_smoothing_update (options->smoothing[curve], line.raw);
  }
  return line;
}

/* A setting that was changed while running: a dashed line with its text. */
static void
add_events (const LwRunPictureOptions *options, LwRunPicture *picture)
{
  guint n;
  const LwEvent *changes = lw_run_item_changes (options->run, &n);

  picture->event_texts = g_ptr_array_new_with_free_func (g_free);
  picture->events = g_new0 (LwChartEvent, n);
  for (guint i = 0; i < n; i++) {
    char *text = lw_setting_change_text (&changes[i]);

    g_ptr_array_add (picture->event_texts, text);
    picture->events[i] = (LwChartEvent){ .x = changes[i].epoch, .text = text };
  }
  picture->stack.events = picture->events;
  picture->stack.n_events = (int)n;
}

static void
add_outcome (const LwRunPictureOptions *options, LwRunPicture *picture)
{
  const LwRunProgress progress = lw_run_item_progress (options->run);

  if (progress.best_epoch > 0) {
    picture->star_text = g_strdup_printf (_ ("best: %.3f at epoch %d"), progress.best_test_accuracy,
                                          progress.best_epoch);
    picture->star = (LwChartStar){
      progress.best_epoch, progress.best_test_accuracy, picture->star_text, { 0 }
    };
    picture->charts[LW_RUN_CHART_ACCURACY].stars = &picture->star;
    picture->charts[LW_RUN_CHART_ACCURACY].n_stars = 1;
  }
  if (lw_run_item_state (options->run) == LW_RUN_DIVERGED) {
    picture->stack.diverged_x = progress.epoch;
    picture->diverged_text = g_strdup_printf (
        _ ("loss not finite from iteration %" G_GINT64_FORMAT " on"), progress.step);
    picture->stack.diverged_text = picture->diverged_text;
  }
}

bool
lw_run_picture_log_loss (const LwRunPictureOptions *options)
{
  LwExtremes extremes;

  if (options->log_chosen || options->run == NULL)
    return options->log_loss;
  extremes = lw_series_extremes (
      lw_run_item_series (options->run, LW_CURVE_TRAIN_LOSS), 0,
      lw_series_length (lw_run_item_series (options->run, LW_CURVE_TRAIN_LOSS)));
  return extremes.max > 0 && extremes.min > 0 && extremes.max / extremes.min > 1e4;
}

void
lw_run_picture_fill (LwRunPicture *picture, const LwRunPictureOptions *options,
                     const LwTheme *theme)
{
  const bool log_loss = lw_run_picture_log_loss (options);
  LwChartStack *stack = &picture->stack;

  lw_chart_stack_init (stack);
  picture->lines[LW_RUN_CHART_LOSS][0] =
      line_of (options, LW_CURVE_TRAIN_LOSS, theme, _ ("Train loss"));
  picture->lines[LW_RUN_CHART_LOSS][1] =
      line_of (options, LW_CURVE_TEST_LOSS, theme, _ ("Test loss"));
  picture->lines[LW_RUN_CHART_ACCURACY][0] =
      line_of (options, LW_CURVE_TRAIN_ACCURACY, theme, _ ("Train accuracy"));
  picture->lines[LW_RUN_CHART_ACCURACY][1] =
      line_of (options, LW_CURVE_TEST_ACCURACY, theme, _ ("Test accuracy"));
  picture->charts[LW_RUN_CHART_LOSS] =
      (LwChartSpec){ .title = _ ("Loss"),
                     .lines = picture->lines[LW_RUN_CHART_LOSS],
                     .n_lines = 2,
                     .y = { log_loss ? NAN : 0, NAN, log_loss },
                     .empty_text =
                         options->run == NULL ? _ ("Press Train") : _ ("Getting ready…") };
  picture->charts[LW_RUN_CHART_ACCURACY] =
      (LwChartSpec){ .title = _ ("Accuracy"),
                     .lines = picture->lines[LW_RUN_CHART_ACCURACY],
                     .n_lines = 2,
                     .y = { 0, 1, false } };
  if (log_loss && !options->log_chosen)
    picture->charts[LW_RUN_CHART_LOSS].remark =
        _ ("logarithmic, because the loss spans more than four decades");
  stack->charts = picture->charts;
  stack->n_charts = LW_N_RUN_CHARTS;
  stack->x = (LwChartAxis){ isnan (options->x_min) ? 0 : options->x_min, options->x_max, false };
  stack->x_round = true;
  stack->x_name = _ ("epoch");
  stack->rule_x = options->rule_x;
  stack->pointer_y = options->pointer_y;
  if (options->run != NULL) {
    add_events (options, picture);
    add_outcome (options, picture);
  }
}
