#include "tests/draw/chart-run.h"

#include <math.h>
#include <string.h>

void
run_set_up (Run *run, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  static const double tests[2][2] = { { 0.766, 0.46 }, { 0.715, 0.836 } };
  const LwTheme *theme = lw_theme (false);

  (void)data;
  memset (run, 0, sizeof *run);
  run->text = lw_text_new ("Cantarell", NULL);
  for (int c = 0; c < 2; c++) {
    run->train[c] = lw_series_new ();
    run->test[c] = lw_series_new ();
    run->smoothing[c] = lw_smoothing_new (0.9);
    for (int i = 1; i <= 600; i++) {
      double epoch = i / 235.0, fall = exp (-3.0 * epoch);
      double value = c == 0 ? (0.4 + 2.0 * fall) * exp (0.08 * normal (random))
                            : CLAMP (0.86 - 0.75 * fall + 0.02 * normal (random), 0.0, 1.0);

      lw_series_append (run->train[c], epoch, value);
    }
    for (int i = 0; i < 2; i++)
      lw_series_append (run->test[c], i + 1, tests[c][i]);
    run->lines[c][0] = (LwChartLine){
      .series = lw_smoothing_update (run->smoothing[c], run->train[c]),
      .raw = run->train[c],
      .name = "train",
      .readout_name = c == 0 ? "Train loss" : "Train accuracy",
      .colour = theme->series[0],
    };
    run->lines[c][1] = (LwChartLine){
      .series = run->test[c],
      .name = "test",
      .readout_name = c == 0 ? "Test loss" : "Test accuracy",
      .colour = theme->series[1],
      .dash = LW_DASH_TEST,
      .marker = LW_MARKER_CIRCLE,
      .at = LW_AT_LAST_BEFORE,
    };
  }
  run->star = (LwChartStar){ .x = 2.0, .y = 0.836, .text = "best: 0.836 at epoch 2" };
  run->charts[0] = (LwChartSpec){
    .title = "Loss", .lines = run->lines[0], .n_lines = 2, .y = { 0.0, NAN, false }
  };
  run->charts[1] = (LwChartSpec){ .title = "Accuracy",
                                  .lines = run->lines[1],
                                  .n_lines = 2,
                                  .y = { 0.0, 1.0, false },
                                  .stars = &run->star,
                                  .n_stars = 1 };
  lw_chart_stack_init (&run->stack);
  run->stack.charts = run->charts;
  run->stack.n_charts = 2;
  run->stack.x.min = 0.0;
  run->stack.x_round = true;
  run->stack.x_name = "epoch";
}

void
run_tear_down (Run *run, gconstpointer data)
{
  (void)data;
  for (int c = 0; c < 2; c++) {
    lw_series_free (run->train[c]);
    lw_series_free (run->test[c]);
    lw_smoothing_free (run->smoothing[c]);
  }
  lw_text_free (run->text);
}

void
single_paint (Single *single, LwText *text, int width, int height)
{
  const LwTheme *theme = lw_theme (false);

  single->line.colour = theme->series[0];
  single->chart.lines = &single->line;
  single->chart.n_lines = 1;
  lw_chart_stack_init (&single->stack);
  single->stack.charts = &single->chart;
  single->stack.n_charts = 1;
  lw_charts_layout (&single->stack, text, (cairo_rectangle_t){ 0, 0, width, height },
                    &single->layout);
  single->canvas = canvas_new (width, height, theme->canvas);
  lw_charts_paint (single->canvas.cr, theme, text, &single->stack, &single->layout, theme->canvas);
  cairo_surface_flush (single->canvas.surface);
}

void
assert_inside (const cairo_rectangle_t *inner, const cairo_rectangle_t *outer)
{
  g_assert_cmpfloat (inner->x, >=, outer->x);
  g_assert_cmpfloat (inner->y, >=, outer->y);
  g_assert_cmpfloat (inner->x + inner->width, <=, outer->x + outer->width + 1e-9);
  g_assert_cmpfloat (inner->y + inner->height, <=, outer->y + outer->height + 1e-9);
}
