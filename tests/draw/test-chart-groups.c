/* Charts of several runs: bands of repeated seeds, the legend above, many rows at the rule, axes
 * with zero, pages for files. */
#include "tests/draw/chart-run.h"
#include "ui/draw/export.h"
#include "ui/draw/spread.h"

#include <math.h>
#include <string.h>

/* --- the spread of several curves */

static void
test_spread (void)
{
  g_autoptr (LwSpread) spread = lw_spread_new ();
  g_autoptr (LwSeries) a = lw_series_new (), b = lw_series_new (), c = lw_series_new ();
  const LwSeries *const curves[] = { a, b, c };
  const double inf = INFINITY;

  for (int i = 0; i < 4; i++) {
    lw_series_append (a, i, i == 2 ? NAN : i);
    lw_series_append (b, i, i == 2 ? inf : i + 1.0);
  }
  lw_series_append (c, 0, 5);
  g_assert_true (lw_spread_update (spread, curves, 3, 0));
  g_assert_cmpuint (lw_series_length (lw_spread_mean (spread)), ==, 4);
  g_assert_cmpfloat (lw_series_y (lw_spread_mean (spread))[0], ==, 2.0);
  g_assert_cmpfloat (lw_series_y (lw_spread_low (spread))[0], ==, 0.0);
  g_assert_cmpfloat (lw_series_y (lw_spread_high (spread))[0], ==, 5.0);
  /* The third has ended. */
  g_assert_cmpfloat (lw_series_y (lw_spread_mean (spread))[1], ==, 1.5);
  /* Nothing finite: a gap in all. */
  g_assert_true (isnan (lw_series_y (lw_spread_mean (spread))[2]));
  g_assert_true (isnan (lw_series_y (lw_spread_low (spread))[2]));
  g_assert_true (isnan (lw_series_y (lw_spread_high (spread))[2]));
  g_assert_cmpfloat (lw_series_y (lw_spread_high (spread))[3], ==, 4.0);

  /* The third goes on below the end: the spread is made anew, a moment later at the earliest. */
  lw_series_append (c, 1, 7);
  while (!lw_spread_update (spread, curves, 3, g_get_monotonic_time () + G_USEC_PER_SEC))
    ;
  g_assert_cmpfloat (lw_series_y (lw_spread_high (spread))[1], ==, 7.0);
  g_assert_cmpfloat (lw_series_y (lw_spread_mean (spread))[1], ==, 10.0 / 3.0);

  /* All go on at the end: what is there stays. */
  {
    const guint generation = lw_series_generation (lw_spread_mean (spread));

    for (int i = 2; i < 4; i++)
      lw_series_append (c, i, 1);
    while (!lw_spread_update (spread, curves, 3, G_MAXINT64 / 2))
      ;
    g_assert_cmpuint (generation, !=, lw_series_generation (lw_spread_mean (spread)));
  }
  {
    const guint generation = lw_series_generation (lw_spread_mean (spread));

    lw_series_append (a, 4, 1);
    lw_series_append (b, 5, 2);
    lw_series_append (c, 6, 3);
    g_assert_true (lw_spread_update (spread, curves, 3, 0));
    g_assert_cmpuint (generation, ==, lw_series_generation (lw_spread_mean (spread)));
    g_assert_cmpfloat (lw_series_x (lw_spread_mean (spread))[4], ==, 5.0);
    g_assert_cmpfloat (lw_series_y (lw_spread_mean (spread))[4], ==, 2.0);
  }
}

/* --- a band */

typedef struct {
  LwSeries *mean, *low, *high;
} Band;

static Band
make_band (int n)
{
  Band band = { lw_series_new (), lw_series_new (), lw_series_new () };

  for (int i = 0; i <= n; i++) {
    const double x = (double)i / n;
    const bool gap = x > 0.45 && x < 0.55;

    lw_series_append (band.mean, x, gap ? NAN : 0.5);
    lw_series_append (band.low, x, gap ? NAN : 0.3);
    lw_series_append (band.high, x, gap ? NAN : 0.8);
  }
  return band;
}

static void
free_band (Band *band)
{
  lw_series_free (band->mean);
  lw_series_free (band->low);
  lw_series_free (band->high);
}

static void
test_band (Run *run, gconstpointer data)
{
  static const int sizes[] = { 60, 50000 };

  (void)data;
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    Band band = make_band (sizes[s]);
    Single single = {
      .line = { .form = LW_LINE_RANGE, .series = band.mean, .low = band.low, .high = band.high }
    };
    const LwColour ground = lw_theme (false)->canvas;
    LwReadout row;
    double x, y[4];

    single.chart.y = (LwChartAxis){ 0.0, 1.0, false };
    single_paint (&single, run->text, 500, 300);
    x = lw_chart_pixel_x (&single.layout, 0.22);
    for (int i = 0; i < 4; i++)
      y[i] = lw_chart_pixel_y (&single.layout.plots[0], (double[]){ 0.72, 0.34, 0.88, 0.12 }[i]);
    /* Tinted within, nothing above and below (and no grid line at these places). */
    for (int i = 0; i < 4; i++) {
      const int painted = canvas_count_painted (&single.canvas, x, y[i], 3.0, 2.0, ground);

      g_assert_true (i < 2 ? painted >= 6 : painted == 0);
    }
    x = lw_chart_pixel_x (&single.layout, 0.475);
    g_assert_cmpint (canvas_count_colour (&single.canvas, x - 1.0, y[0], 3.0, 2.0, ground), >=, 4);
    canvas_finish (&single.canvas, s == 0 ? "band" : NULL);

    single.stack.rule_x = 0.25;
    g_assert_cmpint (lw_charts_readout (&single.stack, &single.layout, &row, 1), ==, 1);
    g_assert_cmpfloat (row.value, ==, 0.5);
    g_assert_cmpfloat (row.low, ==, 0.3);
    g_assert_cmpfloat (row.high, ==, 0.8);
    {
      g_autofree char *text = lw_charts_readout_text (&single.stack, &single.layout);

      g_assert_nonnull (strstr (text, "\tmin\tmax\n"));
      g_assert_true (g_str_has_suffix (text, "\t0.3\t0.8\n"));
    }
    /* The axis has room for all of it. */
    single.chart.y = (LwChartAxis){ NAN, NAN, false, false };
    lw_charts_layout (&single.stack, run->text, (cairo_rectangle_t){ 0, 0, 500, 300 },
                      &single.layout);
    g_assert_cmpfloat (single.layout.plots[0].y_min, <=, 0.3 + 1e-9);
    g_assert_cmpfloat (single.layout.plots[0].y_max, >=, 0.8 - 1e-9);
    free_band (&band);
  }
}

/* --- axes */

static void
test_zero (Run *run, gconstpointer data)
{
  LwChartLayout layout;
  const cairo_rectangle_t area = { 0, 0, 600, 400 };

  (void)data;
  run->charts[1].y = (LwChartAxis){ NAN, NAN, false, false };
  run->stack.x.min = 1.5;
  lw_charts_layout (&run->stack, run->text, area, &layout);
  g_assert_cmpfloat (layout.plots[1].y_min, >, 0.3);
  run->charts[1].y.zero = true;
  lw_charts_layout (&run->stack, run->text, area, &layout);
  g_assert_cmpfloat (layout.plots[1].y_min, ==, 0.0);
  /* A typed end and a logarithm go before. */
  run->charts[1].y.min = 0.5;
  lw_charts_layout (&run->stack, run->text, area, &layout);
  g_assert_cmpfloat (layout.plots[1].y_min, ==, 0.5);
  run->charts[1].y = (LwChartAxis){ NAN, NAN, true, true };
  lw_charts_layout (&run->stack, run->text, area, &layout);
  g_assert_cmpfloat (layout.plots[1].y_min, >, 0.0);
}

/* --- many runs */

enum { MANY = 24 };

static void
fill_many (Run *run, LwChartLine *lines, char (*names)[16])
{
  for (int i = 0; i < MANY; i++) {
    g_snprintf (names[i], sizeof names[i], "run %d", i);
    lines[i] = (LwChartLine){ .series = run->test[1],
                              .name = names[i],
                              .colour = lw_theme (false)->series[i % 6] };
  }
  run->charts[0] = (LwChartSpec){ .title = "Test loss", .lines = lines, .n_lines = MANY };
  run->stack.legend_above = true;
}

static void
test_legend_above (Run *run, gconstpointer data)
{
  const cairo_rectangle_t area = { 0, 0, 500, 600 };
  LwChartLine lines[MANY];
  char names[MANY][16];
  LwChartLayout layout;
  bool found[MANY] = { false };
  double lowest = 0;

  (void)data;
  fill_many (run, lines, names);
  lw_charts_layout (&run->stack, run->text, area, &layout);
  g_assert_cmpint (layout.rows_above, >=, 2);
  for (double y = 0; y < 600; y += 3) {
    for (double x = 0; x < 500; x += 3) {
      int chart, line;

      if (!lw_charts_legend_at (&run->stack, &layout, run->text, x, y, &chart, &line) || chart > 0)
        continue;
      found[line] = true;
      lowest = fmax (lowest, y);
    }
  }
  for (int i = 0; i < MANY; i++)
    g_assert_true (found[i]);
  /* The title has a row of its own between the legend and the plot. */
  g_assert_cmpfloat (lowest + 18.0, <, layout.plots[0].plot.y);
}

/* Rows without room are counted at the table's foot; the nearest are those that stay. */
static void
test_many_rows (Run *run, gconstpointer data)
{
  const cairo_rectangle_t area = { 0, 0, 500, 300 };
  LwChartLine lines[MANY];
  char names[MANY][16];
  LwChartLayout layout;
  cairo_rectangle_t table, pinned;

  (void)data;
  fill_many (run, lines, names);
  run->stack.n_charts = 1;
  run->stack.rule_x = 1.5;
  run->stack.pointer_y = 200;
  lw_charts_layout (&run->stack, run->text, area, &layout);
  g_assert_true (lw_charts_readout_rectangle (&run->stack, &layout, run->text, &table));
  assert_inside (&table, &area);
  run->charts[0].n_lines = 3;
  lw_charts_layout (&run->stack, run->text, area, &layout);
  g_assert_true (lw_charts_readout_rectangle (&run->stack, &layout, run->text, &table));
  run->stack.rule_pinned = true;
  g_assert_true (lw_charts_readout_rectangle (&run->stack, &layout, run->text, &pinned));
  g_assert_cmpfloat (pinned.height, >, table.height + 10.0);
  assert_inside (&pinned, &area);
}

/* --- pages */

static void
test_pages (Run *run, gconstpointer data)
{
  for (int dark = 0; dark < 2; dark++) {
    for (int transparent = 0; transparent < 2; transparent++) {
      const LwChartDocument page = { .heading = "Six runs",
                                     .dark = dark,
                                     .transparent = transparent };
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 600, 400);
      cairo_t *cr = cairo_create (surface);
      const guint32 *pixel;

      (void)data;
      lw_charts_paint_document (cr, run->text, &run->stack, 600, 400, &page);
      cairo_surface_flush (surface);
      pixel = (const guint32 *)(const void *)cairo_image_surface_get_data (surface);
      g_assert_cmphex (*pixel, ==, transparent ? 0u : dark ? 0xff1e1e1eu : 0xffffffffu);
      g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }
  }
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*function) (Run *, gconstpointer);
  } tests[] = {
    { "/chart-groups/band", test_band },
    { "/chart-groups/zero", test_zero },
    { "/chart-groups/legend-above", test_legend_above },
    { "/chart-groups/many-rows", test_many_rows },
    { "/chart-groups/pages", test_pages },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chart-groups/spread", test_spread);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Run, NULL, run_set_up, tests[i].function, run_tear_down);
  return g_test_run ();
}
