/* Charts: layout, mapping, sizes, odd data, words and files. */
#include "tests/draw/chart-run.h"
#include "ui/draw/export.h"

#include <math.h>
#include <string.h>

static void
test_layout (Run *run, gconstpointer data)
{
  cairo_rectangle_t area = { 18.0, 2.0, 722.0, 475.0 };
  LwChartLayout layout;

  (void)data;
  lw_charts_layout (&run->stack, run->text, area, &layout);
  g_assert_cmpint (layout.n_plots, ==, 2);
  g_assert_cmpfloat (layout.x_min, ==, 0.0);
  g_assert_cmpfloat (layout.x_max, ==, 3.0);
  for (int c = 0; c < 2; c++) {
    const LwChartPlot *plot = &layout.plots[c];

    assert_inside (&plot->plot, &plot->area);
    assert_inside (&plot->area, &area);
    g_assert_cmpfloat (plot->plot.height, >, 150.0);
    /* One x axis: the same columns of pixels. */
    g_assert_cmpfloat (plot->plot.x, ==, layout.plots[0].plot.x);
    g_assert_cmpfloat (plot->plot.width, ==, layout.plots[0].plot.width);
    g_assert_false (plot->empty);
    g_assert_cmpuint (plot->n_outside, ==, 0);
  }
  g_assert_cmpfloat (layout.plots[1].plot.y, >,
                     layout.plots[0].plot.y + layout.plots[0].plot.height);
  /* Loss from 0 to a tick above its largest value, accuracy as fixed. */
  g_assert_cmpfloat (layout.plots[0].y_min, ==, 0.0);
  g_assert_cmpfloat (layout.plots[0].y_max, >=,
                     lw_series_extremes_in (run->train[0], 0.0, 3.0).max);
  g_assert_cmpstr (layout.plots[1].y_ticks.tick[layout.plots[1].y_ticks.n - 1].text, ==, "1.0");
  g_assert_cmpint (lw_charts_at (&layout, 300.0, layout.plots[1].plot.y + 5.0), ==, 1);
  g_assert_cmpint (lw_charts_at (&layout, 300.0, layout.plots[0].plot.y + 5.0), ==, 0);
  g_assert_cmpint (lw_charts_at (&layout, 300.0, -5.0), ==, -1);
}

static void
test_mapping (Run *run, gconstpointer data)
{
  (void)data;
  for (int log = 0; log < 2; log++) {
    LwChartLayout layout;
    const LwChartPlot *plot = &layout.plots[0];

    run->charts[0].y = (LwChartAxis){ NAN, NAN, log };
    run->stack.x = (LwChartAxis){ log ? 0.01 : 0.0, NAN, log };
    lw_charts_layout (&run->stack, run->text, (cairo_rectangle_t){ 0, 0, 800, 600 }, &layout);
    for (double share = 0.0; share <= 1.0; share += 0.125) {
      double x = plot->plot.x + share * plot->plot.width;
      double y = plot->plot.y + share * plot->plot.height;

      g_assert_cmpfloat_with_epsilon (lw_chart_pixel_x (&layout, lw_chart_data_x (&layout, x)), x,
                                      1e-6);
      g_assert_cmpfloat_with_epsilon (lw_chart_pixel_y (plot, lw_chart_data_y (plot, y)), y, 1e-6);
    }
    g_assert_cmpfloat_with_epsilon (lw_chart_pixel_y (plot, plot->y_max), plot->plot.y, 1e-6);
    g_assert_cmpfloat_with_epsilon (lw_chart_pixel_x (&layout, layout.x_min), plot->plot.x, 1e-6);
    g_assert_cmpint (isnan (lw_chart_pixel_y (plot, -1.0)), ==, log);
  }
}

static void
test_sizes (Run *run, gconstpointer data)
{
  static const int sizes[][2] = { { 0, 0 },   { 1, 1 },     { 40, 30 },   { 30, 400 },  { 400, 30 },
                                  { 90, 90 }, { 160, 120 }, { 754, 477 }, { 1600, 900 } };
  const LwChartEvent events[] = { { 0.5, "learning rate 1 → 0.1", false },
                                  { 0.51, "batch size 128", false },
                                  { 2.9, "a rather long text at the right end", true } };

  (void)data;
  run->stack.events = events;
  run->stack.n_events = G_N_ELEMENTS (events);
  run->stack.diverged_text = "NaN from iteration 7 on";
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    for (int dark = 0; dark < 2; dark++) {
      for (int diverged = 0; diverged < 2; diverged++) {
        const LwTheme *theme = lw_theme (dark);
        Canvas canvas = canvas_new (sizes[i][0], sizes[i][1], theme->canvas);
        LwChartLayout layout;
        g_autofree char *name = g_strdup_printf ("train-%dx%d%s%s", sizes[i][0], sizes[i][1],
                                                 dark ? "-dark" : "", diverged ? "-diverged" : "");

        run->stack.diverged_x = diverged ? 2.55 : NAN;
        run->stack.rule_x = 1.4;
        run->stack.pointer_y = sizes[i][1] / 3.0;
        lw_charts_layout (&run->stack, run->text,
                          (cairo_rectangle_t){ 0, 0, sizes[i][0], sizes[i][1] }, &layout);
        lw_charts_paint (canvas.cr, theme, run->text, &run->stack, &layout, theme->canvas);
        canvas_finish (&canvas, name);
      }
    }
  }
}

static void
test_odd_data (Run *run, gconstpointer data)
{
  static const double values[][4] = { { NAN, NAN, NAN, NAN },
                                      { INFINITY, 1, -INFINITY, 2 },
                                      { 1e300, -1e300, 0, 1 },
                                      { 0, 0, 0, 0 },
                                      { -5, -5, -5, -5 },
                                      { 1e-300, 1e-300, 2e-300, 0 },
                                      { 1e38, NAN, 1e-38, INFINITY } };

  (void)data;
  for (guint v = 0; v <= G_N_ELEMENTS (values); v++) {
    for (int log = 0; log < 4; log++) {
      for (int form = LW_LINE_CURVE; form <= LW_LINE_BAND; form++) {
        g_autoptr (LwSeries) series = lw_series_new ();
        Single single = { .line = { .series = series, .form = form, .marker = LW_MARKER_DOT } };

        /* Once without any point. */
        for (int i = 0; v < G_N_ELEMENTS (values) && i < 4; i++)
          lw_series_append (series, i - 1, values[v][i]);
        single.chart.y = (LwChartAxis){ NAN, NAN, log & 1 };
        single.chart.empty_text = "Press Train";
        single_paint (&single, run->text, 300, 200);
        canvas_finish (&single.canvas, NULL);
        lw_chart_stack_init (&single.stack);
        single.stack.charts = &single.chart;
        single.stack.n_charts = 1;
        single.stack.x.log = log & 2;
        single.stack.rule_x = 1.0;
        single.canvas = canvas_new (300, 200, lw_theme (false)->canvas);
        lw_charts_layout (&single.stack, run->text, (cairo_rectangle_t){ 0, 0, 300, 200 },
                          &single.layout);
        g_assert_cmpfloat (single.layout.x_max, >, single.layout.x_min);
        g_assert_cmpfloat (single.layout.plots[0].y_max, >, single.layout.plots[0].y_min);
        lw_charts_paint (single.canvas.cr, lw_theme (false), run->text, &single.stack,
                         &single.layout, lw_theme (false)->canvas);
        canvas_finish (&single.canvas, NULL);
      }
    }
  }
}

/* While there is nothing, a sentence says what to do; the first point takes it away. */
static void
test_empty_text (Run *run, gconstpointer data)
{
  g_autoptr (LwSeries) series = lw_series_new ();
  Single single = { .line = { .series = series }, .chart = { .empty_text = "Press Train" } };
  LwColour ground = lw_theme (false)->canvas;
  int n[2];

  (void)data;
  for (int filled = 0; filled < 2; filled++) {
    const cairo_rectangle_t *plot = &single.layout.plots[0].plot;

    if (filled)
      lw_series_append (series, 0.0, 0.0);
    single.chart.y = (LwChartAxis){ 0.0, 1.0, false };
    single_paint (&single, run->text, 400, 300);
    g_assert_cmpint (single.layout.plots[0].empty, ==, !filled);
    n[filled] = canvas_count_painted (&single.canvas, plot->x + plot->width / 2.0 - 30.0,
                                      plot->y + plot->height / 2.0 - 7.0, 60.0, 14.0, ground);
    canvas_finish (&single.canvas, NULL);
  }
  g_assert_cmpint (n[0], >, n[1] + 50);
}

static void
test_hidden_line (Run *run, gconstpointer data)
{
  LwChartLayout layout;
  LwColour orange = lw_theme (false)->series[1];
  const cairo_rectangle_t *plot = &layout.plots[0].plot;
  int n[2];

  (void)data;
  for (int hidden = 0; hidden < 2; hidden++) {
    Canvas canvas = canvas_new (750, 480, lw_theme (false)->canvas);

    run->lines[0][1].hidden = hidden;
    lw_charts_layout (&run->stack, run->text, (cairo_rectangle_t){ 0, 0, 750, 480 }, &layout);
    lw_charts_paint (canvas.cr, lw_theme (false), run->text, &run->stack, &layout,
                     lw_theme (false)->canvas);
    n[hidden] = canvas_count_colour (&canvas, plot->x, plot->y, plot->width, plot->height, orange);
    canvas_finish (&canvas, NULL);
    /* The x axis stays. */
    g_assert_cmpfloat (layout.x_max, ==, 3.0);
  }
  g_assert_cmpint (n[0], >, 50);
  g_assert_cmpint (n[1], ==, 0);
}

/* --- words and files */

static void
test_describe (Run *run, gconstpointer data)
{
  g_autofree char *empty = NULL, *some = NULL, *diverged = NULL, *text = NULL;
  g_autoptr (LwSeries) train = lw_series_new (), test = lw_series_new ();

  (void)data;
  run->lines[0][0].series = train;
  run->lines[0][1].series = test;
  empty = lw_chart_describe (&run->stack, 0);
  g_assert_cmpstr (empty, ==, "Loss chart, no values yet");
  lw_series_append (train, 2.55, 0.398);
  lw_series_append (test, 2.0, 0.46);
  some = lw_chart_describe (&run->stack, 0);
  g_assert_cmpstr (some, ==, "Loss chart, train 0.40, test 0.46, epoch 2.5");
  lw_series_append (train, 2.6, NAN);
  run->stack.diverged_x = 2.6;
  run->stack.diverged_text = text = lw_chart_diverged_text (7);
  diverged = lw_chart_describe (&run->stack, 0);
  g_assert_nonnull (strstr (diverged, "train 0.40"));
  g_assert_true (g_str_has_suffix (diverged, "loss not finite from iteration 8 on"));
}

/* Of all lines together, as far as they are shown; what is no number or not positive has none. */
static void
test_decades (Run *run, gconstpointer data)
{
  g_autoptr (LwSeries) small = lw_series_new (), large = lw_series_new ();
  LwChartLine lines[] = { { .series = small }, { .series = large } };
  g_autofree char *remark = lw_chart_log_remark (5.9);

  (void)run;
  (void)data;
  g_assert_cmpfloat (lw_chart_decades (lines, 2), ==, 0);
  lw_series_append (small, 1, 0.1);
  lw_series_append (small, 2, 1);
  lw_series_append (large, 1, 0);
  lw_series_append (large, 2, 1e5);
  lw_series_append (large, 3, NAN);
  g_assert_cmpfloat_with_epsilon (lw_chart_decades (lines, 1), 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (lw_chart_decades (lines, 2), 6, 1e-9);
  lines[1].hidden = true;
  g_assert_cmpfloat_with_epsilon (lw_chart_decades (lines, 2), 1, 1e-9);
  lines[0].high = large;
  g_assert_cmpfloat_with_epsilon (lw_chart_decades (lines, 2), 6, 1e-9);
  g_assert_cmpstr (remark, ==, "logarithmic, because the loss spans 5 decades");
}

static void
paint_document (cairo_t *cr, gpointer data)
{
  Run *run = data;

  const LwChartDocument document = { .heading = "LeNet + BN",
                                     .subheading = "learning rate 1.0, batch size 256, seed 42" };

  lw_charts_paint_document (cr, run->text, &run->stack, 800.0, 560.0, &document);
}

static void
test_documents (Run *run, gconstpointer data)
{
  static const char *const words[] = {
    ">LeNet + BN<", ">learning rate 1.0, batch size 256, seed 42<",
    ">Loss<",       ">Accuracy<",
    ">train<",      ">test<",
    ">epoch<",      ">best: 0.836 at epoch 2<",
    ">2.5<",        ">1.0<"
  };
  g_autoptr (GError) error = NULL;

  (void)data;
  /* The rule belongs to the screen. */
  run->stack.rule_x = 1.4;
  for (int format = LW_PICTURE_PNG; format <= LW_PICTURE_PDF; format++) {
    g_autoptr (GBytes) file =
        lw_render_picture (format, 800.0, 560.0, 1.0, paint_document, run, &error);
    g_autofree char *content = NULL;
    gsize size;
    const char *bytes;

    g_assert_no_error (error);
    bytes = g_bytes_get_data (file, &size);
    g_assert_cmpuint (size, >, 5000);
    content = g_strndup (bytes, size);
    if (format == LW_PICTURE_PDF)
      g_assert_true (g_str_has_prefix (content, "%PDF"));
    if (format != LW_PICTURE_SVG)
      continue;
    for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
      if (strstr (content, words[i]) == NULL)
        g_error ("the SVG has no text %s", words[i]);
    }
    g_assert_null (strstr (content, "smoothed"));
  }
}

/* Exports of a long run stay small: columns, not points. */
static void
test_large_document (Run *run, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (9);
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GError) error = NULL;

  (void)data;
  for (int i = 0; i < 300000; i++)
    lw_series_append (run->train[0], 3.0 + i * 1e-4, 0.4 + 0.05 * normal (random));
  run->lines[0][0].series = lw_smoothing_update (run->smoothing[0], run->train[0]);
  file = lw_render_picture (LW_PICTURE_SVG, 800.0, 560.0, 1.0, paint_document, run, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (file), <, 1500000);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*function) (Run *, gconstpointer);
  } tests[] = {
    { "/chart/layout", test_layout },         { "/chart/mapping", test_mapping },
    { "/chart/sizes", test_sizes },           { "/chart/odd-data", test_odd_data },
    { "/chart/empty-text", test_empty_text }, { "/chart/hidden-line", test_hidden_line },
    { "/chart/describe", test_describe },     { "/chart/decades", test_decades },
    { "/chart/documents", test_documents },   { "/chart/large-document", test_large_document },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Run, NULL, run_set_up, tests[i].function, run_tear_down);
  return g_test_run ();
}
