#include "ui/run-picture.h"

#include "ui/draw/setting-words.h"

#include <glib/gi18n.h>
#include <math.h>

/* So few points are marked one by one. */
#define FEW_POINTS       20
#define DIMMED           0.22
#define ROOM_AFTER       1.43 /* the end of a run that diverged: 10 for 7 */
#define N_COLOURS        6
#define MOST_EVENT_TEXTS 12

LwChartAxes
lw_chart_axes_default (void)
{
  return (LwChartAxes){ .loss = { NAN, NAN, false, true }, .accuracy = { 0, 1, false, true } };
}

void
lw_run_picture_clear (LwRunPicture *picture)
{
  for (int c = 0; c < LW_N_RUN_CHARTS; c++) {
    g_free (picture->lines[c]);
    g_free (picture->keys[c]);
  }
  g_clear_pointer (&picture->stars, g_array_unref);
  g_clear_pointer (&picture->events, g_array_unref);
  g_clear_pointer (&picture->texts, g_ptr_array_unref);
}

/* Keeps a text as long as the picture. */
static const char *
keep (LwRunPicture *picture, char *text)
{
  g_ptr_array_add (picture->texts, text);
  return text;
}

static LwColour
colour_of (const LwRunPictureOptions *options, const LwTheme *theme, int key)
{
  LwColour colour = theme->series[options->styles[key].colour % N_COLOURS];

  if (options->highlighted >= 0 && options->highlighted != key)
    colour.a *= DIMMED;
  return colour;
}

static void
add_line (LwRunPicture *picture, LwRunChart chart, int key, LwChartLine line)
{
  LwChartSpec *spec = &picture->charts[chart];

  picture->keys[chart][spec->n_lines] = key;
  picture->lines[chart][spec->n_lines++] = line;
}

static LwCurve
curve_of (LwRunChart chart, bool test)
{
  if (chart == LW_RUN_CHART_LOSS)
    return test ? LW_CURVE_TEST_LOSS : LW_CURVE_TRAIN_LOSS;
  return test ? LW_CURVE_TEST_ACCURACY : LW_CURVE_TRAIN_ACCURACY;
}

static void
take_curve (LwChartLine *line, const LwRunPictureOptions *options, const LwChartEntry *entry,
            LwCurve curve)
{
  const LwEntryCurve data = lw_chart_entry_curve (entry, curve);
  const bool test = curve == LW_CURVE_TEST_LOSS || curve == LW_CURVE_TEST_ACCURACY;

  line->series = data.smoothed;
  line->raw = data.raw;
  line->low = data.low;
  line->high = data.high;
  line->form = data.low != NULL ? LW_LINE_RANGE : LW_LINE_CURVE;
  line->at = test ? LW_AT_LAST_BEFORE : LW_AT_NEAREST;
  if (options->by_role && line->marker == LW_MARKER_NONE && data.raw != NULL &&
      lw_series_length (data.raw) <= FEW_POINTS)
    line->marker = LW_MARKER_DOT;
}

/* --- one run, or the same with several seeds: train and test */

static void
add_roles (LwRunPicture *picture, const LwRunPictureOptions *options, const LwTheme *theme)
{
  static const char *const readout[LW_N_RUN_CHARTS][2] = {
    { N_ ("Train loss"), N_ ("Test loss") }, { N_ ("Train accuracy"), N_ ("Test accuracy") }
  };
  const LwChartEntry *entry = options->entries->len > 0 ? options->entries->pdata[0] : NULL;
  const bool ended =
      entry != NULL &&
      lw_run_item_state (lw_run_curves_run (lw_chart_entry_run (entry, 0))) > LW_RUN_PAUSED;

  for (int chart = 0; chart < LW_N_RUN_CHARTS; chart++) {
    for (int test = 0; test < 2; test++) {
      LwChartLine line = { .name = test ? _ ("test") : _ ("train"),
                           .readout_name = _ (readout[chart][test]),
                           .colour = colour_of (options, theme, test),
                           .dash = test ? LW_DASH_TEST : 0,
                           .marker = test ? LW_MARKER_CIRCLE : LW_MARKER_NONE,
                           .hidden = options->styles[test].hidden };

      if (entry != NULL)
        take_curve (&line, options, entry, curve_of ((LwRunChart)chart, test));
      if (entry != NULL && lw_chart_entry_n_runs (entry) > 1)
        line.name = keep (picture, g_strdup_printf (_ ("%s, %u seeds"), line.name,
                                                    (guint)lw_chart_entry_n_runs (entry)));
      if (options->no_legend || (ended && lw_series_length (line.series) == 0))
        line.name = NULL; /* a run that diverged in its first epoch was never tested */
      add_line (picture, (LwRunChart)chart, test, line);
    }
  }
}

/* --- several runs: a colour and a dash each */

static void
add_entry (LwRunPicture *picture, const LwRunPictureOptions *options, const LwTheme *theme, int key)
{
  static const LwMarker later[] = { LW_MARKER_SQUARE, LW_MARKER_DIAMOND, LW_MARKER_TRIANGLE };
  const LwChartEntry *entry = options->entries->pdata[key];
  const int series = lw_chart_entry_series (entry);
  const bool both = options->curves == LW_CURVES_BOTH;

  for (int chart = 0; chart < LW_N_RUN_CHARTS; chart++) {
    for (int test = 1; test >= 0; test--) {
      LwChartLine line = { .colour = colour_of (options, theme, key),
                           .dash = series % N_COLOURS,
                           .width = both && !test ? 1.1 : 2.0,
                           .hidden = options->styles[key].hidden };

      if ((options->curves & (test ? LW_CURVES_TEST : LW_CURVES_TRAIN)) == 0)
        continue;
      if (series >= N_COLOURS)
        line.marker = later[(series / N_COLOURS - 1) % (int)G_N_ELEMENTS (later)];
      take_curve (&line, options, entry, curve_of ((LwRunChart)chart, test));
      if (options->only != 0 && test && line.series != NULL &&
          lw_series_length (line.series) <= FEW_POINTS)
        line.marker = LW_MARKER_CIRCLE;
      if (chart == LW_RUN_CHART_LOSS && !options->no_legend && (test || !both))
        line.name = lw_chart_entry_name (entry);
      line.readout_name = lw_chart_entry_name (entry);
      /* Translators: a run's name and which of its two curves. */
      if (both)
        line.readout_name = keep (picture, g_strdup_printf (test ? _ ("%s, test") : _ ("%s, train"),
                                                            lw_chart_entry_name (entry)));
      add_line (picture, (LwRunChart)chart, key, line);
    }
  }
}

/* --- what happened: changed settings, best results, the end */

static void
add_events (LwRunPicture *picture, const LwRunPictureOptions *options)
{
  const bool named = !options->by_role && options->entries->len > 1;

  for (guint e = 0; e < options->entries->len; e++) {
    LwChartEntry *entry = options->entries->pdata[e];

    if (!options->by_role && options->styles[e].hidden)
      continue;
    for (int r = 0; r < lw_chart_entry_n_runs (entry); r++) {
      LwRunCurves *run = lw_chart_entry_run (entry, r);
      guint n;
      const LwEvent *changes = lw_run_item_changes (lw_run_curves_run (run), &n);

      for (guint i = 0; i < n; i++) {
        LwChartEvent event = { .x = lw_run_curves_place (run, &changes[i]) };

        /* Of very many the lines alone can be told apart. */
        if (i < MOST_EVENT_TEXTS) {
          g_autofree char *text = lw_setting_change_text (&changes[i]);

          event.text =
              keep (picture, named ? g_strdup_printf ("%s: %s", lw_chart_entry_name (entry), text)
                                   : g_strdup (text));
        }
        g_array_append_val (picture->events, event);
      }
    }
  }
  picture->stack.events = (const LwChartEvent *)(const void *)picture->events->data;
  picture->stack.n_events = (int)picture->events->len;
}

static void
add_stars (LwRunPicture *picture, const LwRunPictureOptions *options, const LwTheme *theme)
{
  for (guint e = 0; e < options->entries->len; e++) {
    LwChartEntry *entry = options->entries->pdata[e];
    const int key = options->by_role ? 1 : (int)e;
    LwChartStar star = { 0 };

    if (options->styles[key].hidden || lw_chart_entry_n_runs (entry) > 1 ||
        (!options->by_role && (options->curves & LW_CURVES_TEST) == 0) ||
        !lw_run_curves_best (lw_chart_entry_run (entry, 0), &star.x, &star.y))
      continue;
    if (options->by_role && !options->no_legend) {
      const LwRunProgress progress =
          lw_run_item_progress (lw_run_curves_run (lw_chart_entry_run (entry, 0)));

      star.text =
          keep (picture, g_strdup_printf (_ ("best: %.3f at epoch %d"), progress.best_test_accuracy,
                                          progress.best_epoch));
    }
    if (!options->by_role)
      star.colour = colour_of (options, theme, key);
    g_array_append_val (picture->stars, star);
  }
  picture->charts[LW_RUN_CHART_ACCURACY].stars =
      (const LwChartStar *)(const void *)picture->stars->data;
  picture->charts[LW_RUN_CHART_ACCURACY].n_stars = (int)picture->stars->len;
}

/* A run alone that diverged ends at a red rule, with room after it to see that it ended. */
static void
add_end (LwRunPicture *picture, const LwRunPictureOptions *options)
{
  LwRunCurves *run;
  double end;

  if (!options->by_role || options->entries->len == 0 ||
      lw_chart_entry_n_runs (options->entries->pdata[0]) > 1)
    return;
  run = lw_chart_entry_run (options->entries->pdata[0], 0);
  if (lw_run_item_state (lw_run_curves_run (run)) != LW_RUN_DIVERGED)
    return;
  end = lw_run_curves_end (run);
  picture->stack.diverged_x = end;
  picture->stack.diverged_text =
      keep (picture, lw_chart_diverged_text (lw_run_item_progress (lw_run_curves_run (run)).step));
  if (options->x == LW_X_EPOCH || !isnan (options->range.max))
    return;
  picture->stack.x.max = options->x == LW_X_STEP ? ceil (end * ROOM_AFTER) : end * ROOM_AFTER;
  if (options->x == LW_X_STEP && end <= FEW_POINTS && isnan (options->range.min))
    picture->stack.x.min = 1;
}

/* Of the curves that are drawn. */
static double
loss_decades (const LwRunPictureOptions *options)
{
  g_autofree LwChartLine *lines = g_new0 (LwChartLine, 2 * MAX (options->entries->len, 1u));
  int n = 0;

  for (guint e = 0; e < options->entries->len; e++)
    for (int test = 0; test < 2; test++) {
      if (!options->by_role && (options->curves & (test ? LW_CURVES_TEST : LW_CURVES_TRAIN)) == 0)
        continue;
      lines[n].hidden = options->styles[options->by_role ? test : (int)e].hidden;
      take_curve (&lines[n++], options, options->entries->pdata[e],
                  curve_of (LW_RUN_CHART_LOSS, test));
    }
  return lw_chart_decades (lines, n);
}

bool
lw_run_picture_log_loss (const LwRunPictureOptions *options)
{
  return options->axes.log_chosen ? options->axes.loss.log
                                  : loss_decades (options) > LW_LINEAR_DECADES;
}

static void
fill_charts (LwRunPicture *picture, const LwRunPictureOptions *options)
{
  static const char *const titles[LW_N_RUN_CHARTS][4] = {
    { N_ ("Loss"), N_ ("Train loss"), N_ ("Test loss"), N_ ("Loss") },
    { N_ ("Accuracy"), N_ ("Train accuracy"), N_ ("Test accuracy"), N_ ("Accuracy") }
  };
  const LwChartAxis *axes[] = { &options->axes.loss, &options->axes.accuracy };

  for (int chart = 0; chart < LW_N_RUN_CHARTS; chart++)
    picture->charts[chart] =
        (LwChartSpec){ .title = _ (titles[chart][options->by_role ? 0 : options->curves]),
                       .lines = picture->lines[chart],
                       .y = *axes[chart],
                       .empty_text = options->only != 0          ? _ ("Nothing trained yet")
                                     : !options->by_role         ? _ ("Tick runs to plot them")
                                     : options->entries->len > 0 ? _ ("Getting ready…")
                                     : options->queues           ? _ ("Press Queue")
                                                                 : _ ("Press Train") };
  picture->charts[LW_RUN_CHART_LOSS].y.log = lw_run_picture_log_loss (options);
  if (picture->charts[LW_RUN_CHART_LOSS].y.log && !options->axes.log_chosen)
    picture->charts[LW_RUN_CHART_LOSS].remark =
        keep (picture, lw_chart_log_remark (loss_decades (options)));
}

/* One of the charts alone; the other's lines stay owned by the picture. */
static void
keep_only (LwRunPicture *picture, int chart)
{
  LwChartSpec spec = picture->charts[chart];
  LwChartLine *lines = picture->lines[chart];
  int *keys = picture->keys[chart];

  picture->charts[chart] = picture->charts[0];
  picture->lines[chart] = picture->lines[0];
  picture->keys[chart] = picture->keys[0];
  picture->charts[0] = spec;
  picture->lines[0] = lines;
  picture->keys[0] = keys;
  picture->stack.n_charts = 1;
}

void
lw_run_picture_fill (LwRunPicture *picture, const LwRunPictureOptions *options,
                     const LwTheme *theme)
{
  const guint most = 2 * MAX (options->entries->len, 1u);
  LwChartStack *stack = &picture->stack;

  picture->stars = g_array_new (FALSE, FALSE, sizeof (LwChartStar));
  picture->events = g_array_new (FALSE, FALSE, sizeof (LwChartEvent));
  picture->texts = g_ptr_array_new_with_free_func (g_free);
  for (int chart = 0; chart < LW_N_RUN_CHARTS; chart++) {
    picture->lines[chart] = g_new0 (LwChartLine, most);
    picture->keys[chart] = g_new0 (int, most);
  }
  lw_chart_stack_init (stack);
  fill_charts (picture, options);
  if (options->by_role)
    add_roles (picture, options, theme);
  else
    for (guint i = 0; i < options->entries->len; i++)
      add_entry (picture, options, theme, (int)i);
  stack->charts = picture->charts;
  stack->n_charts = LW_N_RUN_CHARTS;
  stack->x = (LwChartAxis){ options->range.min, options->range.max, options->axes.log_x, false };
  if (isnan (stack->x.min) && !stack->x.log)
    stack->x.min = 0;
  stack->x_round = options->x == LW_X_EPOCH;
  stack->x_whole = options->x == LW_X_STEP || options->x == LW_X_EXAMPLES;
  stack->x_name = lw_chart_x_name (options->x);
  stack->rule_x = options->rule_x;
  stack->pointer_y = options->pointer_y;
  stack->rule_pinned = options->pinned;
  stack->legend_above = !options->by_role && !options->no_legend;
  add_events (picture, options);
  add_stars (picture, options, theme);
  add_end (picture, options);
  if (options->only != 0)
    keep_only (picture, options->only - 1);
}
