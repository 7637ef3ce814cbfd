/* What a chart paints of a series: extremes, gaps, points outside, logarithms. */
#include "tests/draw/chart-run.h"

#include <math.h>

/* Bluish pixels: the line, faint or full, but neither grid nor text. */
static int
count_line (const Canvas *canvas, double x, double y, double width, double height)
{
  int n = 0;

  for (double row = floor (y); row < y + height; row++) {
    for (double column = floor (x); column < x + width; column++) {
      guint32 pixel = canvas_pixel (canvas, column, row);

      n += (int)(pixel & 255) - (int)(pixel >> 16 & 255) > 20;
    }
  }
  return n;
}

/* A single spike among many points is seen, whatever the number of points and the line's form. */
static void
test_spike (Run *run, gconstpointer data)
{
  static const int sizes[] = { 300, 5000, 300000 };
  g_autoptr (GRand) random = g_rand_new_with_seed (8);

  (void)data;
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    for (int form = 0; form < 4; form++) {
      g_autoptr (LwSeries) series = lw_series_new (), flat = lw_series_new ();
      int spike = g_rand_int_range (random, sizes[s] / 10, sizes[s] - 1);
      Single single = { .line = { .series = series } };
      double x, y;

      for (int i = 0; i < sizes[s]; i++) {
        lw_series_append (series, i, i == spike ? 0.9 : 0.1);
        lw_series_append (flat, i, 0.1);
      }
      single.chart.y = (LwChartAxis){ 0.0, 1.0, false };
      if (form == 1)
        single.line.dash = 2;
      if (form == 2)
        single.line.form = LW_LINE_POINTS;
      if (form == 3) {
        single.line.series = flat;
        single.line.raw = series;
      }
      single_paint (&single, run->text, 500, 300);
      x = lw_chart_pixel_x (&single.layout, spike);
      y = lw_chart_pixel_y (&single.layout.plots[0], 0.9);
      if (count_line (&single.canvas, x - 2.0, y - 2.0, 5.0, 6.0) == 0)
        g_error ("%d points, form %d: the spike is lost", sizes[s], form);
      /* And only there. */
      g_assert_cmpint (count_line (&single.canvas, single.layout.plots[0].plot.x, y - 2.0,
                                   x - 8.0 - single.layout.plots[0].plot.x, 5.0),
                       ==, 0);
      canvas_finish (&single.canvas, NULL);
    }
  }
}

/* NaN is a gap, with few points and with many; what lies around it is painted. */
static void
test_gap (Run *run, gconstpointer data)
{
  static const int sizes[] = { 100, 100000 };

  (void)data;
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    for (int dash = 0; dash < 2; dash++) {
      g_autoptr (LwSeries) series = lw_series_new ();
      Single single = { .line = { .series = series, .dash = dash } };
      const cairo_rectangle_t *plot = &single.layout.plots[0].plot;
      double x;

      for (int i = 0; i <= sizes[s]; i++) {
        double share = (double)i / sizes[s];

        lw_series_append (series, share, share > 0.4 && share < 0.6 ? NAN : 0.5);
      }
      single.chart.y = (LwChartAxis){ 0.0, 1.0, false };
      single_paint (&single, run->text, 500, 300);
      x = lw_chart_pixel_x (&single.layout, 0.5);
      g_assert_cmpint (count_line (&single.canvas, x - 30.0, plot->y, 60.0, plot->height), ==, 0);
      g_assert_cmpint (count_line (&single.canvas, plot->x, plot->y, 60.0, plot->height), >, 20);
      g_assert_cmpint (
          count_line (&single.canvas, plot->x + plot->width - 60.0, plot->y, 60.0, plot->height), >,
          20);
      canvas_finish (&single.canvas, NULL);
    }
  }
}

/* A single value between two gaps is a dot. */
static void
test_lonely_value (Run *run, gconstpointer data)
{
  g_autoptr (LwSeries) series = lw_series_new ();
  Single single = { .line = { .series = series } };

  (void)data;
  lw_series_append (series, 0.0, NAN);
  lw_series_append (series, 1.0, 0.5);
  lw_series_append (series, 2.0, NAN);
  single.chart.y = (LwChartAxis){ 0.0, 1.0, false };
  single_paint (&single, run->text, 300, 200);
  g_assert_cmpint (count_line (&single.canvas, lw_chart_pixel_x (&single.layout, 1.0) - 3.0,
                               lw_chart_pixel_y (&single.layout.plots[0], 0.5) - 3.0, 6.0, 6.0),
                   >, 0);
  canvas_finish (&single.canvas, NULL);
}

static void
test_log_axis (Run *run, gconstpointer data)
{
  g_autoptr (LwSeries) series = lw_series_new ();
  Single single = { .line = { .series = series } };
  LwChartPlot *plot = &single.layout.plots[0];

  (void)data;
  for (int i = 0; i < 100; i++)
    lw_series_append (series, i, i < 10 ? -1.0 : i < 15 ? 0.0 : pow (10.0, i / 10.0));
  single.chart.y = (LwChartAxis){ NAN, NAN, true };
  single_paint (&single, run->text, 500, 300);
  g_assert_cmpuint (plot->n_not_positive, ==, 15);
  g_assert_cmpuint (plot->n_outside, ==, 15);
  g_assert_cmpfloat_with_epsilon (plot->y_min, 10.0, 1e-9);
  g_assert_cmpfloat_with_epsilon (plot->y_max, 1e10, 1.0);
  /* A power law is a straight line: the middle of the plot at the middle of the decades. */
  g_assert_cmpint (count_line (&single.canvas, lw_chart_pixel_x (&single.layout, 55.0) - 3.0,
                               lw_chart_pixel_y (plot, pow (10.0, 5.5)) - 3.0, 6.0, 6.0),
                   >, 0);
  g_assert_cmpint (count_line (&single.canvas, plot->plot.x, plot->plot.y,
                               lw_chart_pixel_x (&single.layout, 13.0) - plot->plot.x,
                               plot->plot.height),
                   ==, 0);
  canvas_finish (&single.canvas, NULL);
  /* Typed limits leave points outside, which are counted. */
  single.chart.y = (LwChartAxis){ 100.0, 1e6, true };
  single_paint (&single, run->text, 500, 300);
  g_assert_cmpfloat (plot->y_min, ==, 100.0);
  g_assert_cmpuint (plot->n_outside, ==, 15 + 5 + 39);
  canvas_finish (&single.canvas, NULL);
}

static void
test_outside_is_counted (Run *run, gconstpointer data)
{
  g_autoptr (LwSeries) series = lw_series_new ();
  Single single = { .line = { .series = series } };

  (void)data;
  for (int i = 0; i < 1000; i++)
    lw_series_append (series, i, i % 100 == 0 ? 5.0 : 0.5);
  single.chart.y = (LwChartAxis){ 0.0, 1.0, false };
  single_paint (&single, run->text, 500, 300);
  g_assert_cmpuint (single.layout.plots[0].n_outside, ==, 10);
  /* Nothing is painted above the plot but the title and the note in its row. */
  g_assert_cmpint (
      count_line (&single.canvas, 0.0, 0.0, 500.0, single.layout.plots[0].plot.y - 2.0), ==, 0);
  canvas_finish (&single.canvas, NULL);
}

/* By more than blending twice rounds. */
static bool
differ (guint32 a, guint32 b)
{
  for (int shift = 0; shift < 24; shift += 8) {
    if (ABS ((int)(a >> shift & 255) - (int)(b >> shift & 255)) > 4)
      return true;
  }
  return false;
}

/* GTK records what a widget paints and plays it back: within the plots, where there is no text,
 * these are the same pixels as painted at once. */
static void
test_recording (Run *run, gconstpointer data)
{
  const LwTheme *theme = lw_theme (false);
  const cairo_rectangle_t area = { 0, 0, 600, 400 };
  cairo_surface_t *recording = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, &area);
  cairo_t *cr = cairo_create (recording);
  Canvas at_once = canvas_new (600, 400, theme->canvas);
  Canvas played = canvas_new (600, 400, theme->canvas);
  LwChartLayout layout;
  int n_different = 0;

  (void)data;
  for (int i = 0; i < 30000; i++)
    lw_series_append (run->train[0], 2.6 + i * 1e-5, i % 7 * 0.2);
  lw_charts_layout (&run->stack, run->text, area, &layout);
  lw_charts_paint (at_once.cr, theme, run->text, &run->stack, &layout, theme->canvas);
  lw_charts_paint (cr, theme, run->text, &run->stack, &layout, theme->canvas);
  cairo_set_source_surface (played.cr, recording, 0.0, 0.0);
  cairo_paint (played.cr);
  for (int c = 0; c < 2; c++) {
    const cairo_rectangle_t *plot = &layout.plots[c].plot;

    for (double y = plot->y; y < plot->y + plot->height; y++) {
      for (double x = plot->x; x < plot->x + plot->width; x++)
        n_different += differ (canvas_pixel (&at_once, x, y), canvas_pixel (&played, x, y));
    }
  }
  g_assert_cmpint (n_different, ==, 0);
  cairo_destroy (cr);
  cairo_surface_destroy (recording);
  canvas_finish (&at_once, NULL);
  canvas_finish (&played, NULL);
}

/* Pixels clearly more red than blue and green. */
static int
count_red (const Canvas *canvas, double x, double y, double width, double height)
{
  int n = 0;

  for (double row = floor (y); row < y + height; row++) {
    for (double column = floor (x); column < x + width; column++) {
      guint32 pixel = canvas_pixel (canvas, column, row);

      n += (int)(pixel >> 16 & 255) - (int)(pixel >> 8 & 255) > 25 &&
           (int)(pixel >> 16 & 255) - (int)(pixel & 255) > 25;
    }
  }
  return n;
}

/* A diverged run: a red rule where it ended, hatched from there on, in every chart. */
static void
test_diverged (Run *run, gconstpointer data)
{
  const LwTheme *theme = lw_theme (false);
  Canvas canvas = canvas_new (750, 480, theme->canvas);
  LwChartLayout layout;

  (void)data;
  for (int c = 0; c < 2; c++)
    run->charts[c].n_lines = 1;
  run->charts[1].n_stars = 0;
  run->stack.diverged_x = 2.6;
  run->stack.diverged_text = "NaN from iteration 7 on";
  lw_charts_layout (&run->stack, run->text, (cairo_rectangle_t){ 0, 0, 750, 480 }, &layout);
  lw_charts_paint (canvas.cr, theme, run->text, &run->stack, &layout, theme->canvas);
  for (int c = 0; c < 2; c++) {
    const cairo_rectangle_t *plot = &layout.plots[c].plot;
    double x = lw_chart_pixel_x (&layout, 2.6), right = plot->x + plot->width;

    g_assert_cmpint (
        canvas_count_colour (&canvas, x - 2.0, plot->y, 5.0, plot->height, theme->error), >,
        (int)plot->height);
    g_assert_cmpint (count_red (&canvas, x + 4.0, plot->y + 40.0, right - x - 4.0, 100.0), >, 500);
    g_assert_cmpint (count_red (&canvas, plot->x, plot->y + 40.0, x - plot->x - 4.0, 100.0), ==, 0);
  }
  /* The text stands beside the rule in the first chart, inside of the plot. */
  g_assert_cmpint (canvas_count_colour (&canvas, layout.plots[0].plot.x,
                                        layout.plots[0].plot.y + 8.0, layout.plots[0].plot.width,
                                        20.0, theme->error),
                   >, 1500);
  canvas_finish (&canvas, "diverged");
}

/* A star at the best result takes the place of its circle; an event is a line through both charts.
 */
static void
test_marks (Run *run, gconstpointer data)
{
  const LwTheme *theme = lw_theme (false);
  const LwChartEvent event = { 0.5, "learning rate 0.1", true };
  LwChartLayout layout;
  int with[2], lines[2], circle[2];

  (void)data;
  for (int marked = 0; marked < 2; marked++) {
    Canvas canvas = canvas_new (750, 480, theme->canvas);
    double x, y;

    run->charts[1].n_stars = marked;
    run->stack.events = &event;
    run->stack.n_events = marked;
    lw_charts_layout (&run->stack, run->text, (cairo_rectangle_t){ 0, 0, 750, 480 }, &layout);
    lw_charts_paint (canvas.cr, theme, run->text, &run->stack, &layout, theme->canvas);
    x = lw_chart_pixel_x (&layout, 2.0);
    y = lw_chart_pixel_y (&layout.plots[1], 0.836);
    with[marked] = canvas_count_colour (&canvas, x - 8.0, y - 8.0, 16.0, 16.0, theme->star);
    circle[marked] = canvas_count_colour (&canvas, x - 5.0, y - 5.0, 10.0, 10.0, theme->series[1]);
    x = lw_chart_pixel_x (&layout, 0.5);
    lines[marked] = 0;
    for (int c = 0; c < 2; c++)
      lines[marked] += canvas_count_colour (&canvas, x - 2.0, layout.plots[c].plot.y, 4.0,
                                            layout.plots[c].plot.height, theme->warning) > 50;
    canvas_finish (&canvas, NULL);
  }
  g_assert_cmpint (with[0], ==, 0);
  g_assert_cmpint (with[1], >, 30);
  g_assert_cmpint (circle[0], >, circle[1] + 10);
  g_assert_cmpint (lines[0], ==, 0);
  g_assert_cmpint (lines[1], ==, 2);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*function) (Run *, gconstpointer);
  } tests[] = {
    { "/chart-lines/spike", test_spike },
    { "/chart-lines/gap", test_gap },
    { "/chart-lines/lonely-value", test_lonely_value },
    { "/chart-lines/log-axis", test_log_axis },
    { "/chart-lines/outside-is-counted", test_outside_is_counted },
    { "/chart-lines/diverged", test_diverged },
    { "/chart-lines/marks", test_marks },
    { "/chart-lines/recording", test_recording },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Run, NULL, run_set_up, tests[i].function, run_tear_down);
  return g_test_run ();
}
