/* No extreme is lost: every pixel column against brute force, up to ten million points, while
 * panning and on logarithmic axes; what lies outside is counted. */
#include "tests/draw/chart-run.h"
#include "ui/draw/chart-internal.h"

#include <math.h>

/* Noise with gaps and rare spikes, which sampling would miss. */
static LwSeries *
wild_series (int n, guint seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  LwSeries *series = lw_series_new ();
  double x = 0;

  for (int i = 0; i < n; i++) {
    const guint32 dice = g_rand_int (random);
    double y = 0.2 + 0.1 * (dice % 1000) / 1000.0;

    if (dice % 100003 == 0)
      y = 1.0 + dice % 7;
    else if (dice % 997 == 0)
      y = NAN;
    else if (dice % 991 == 0)
      y = -0.5;
    /* Points that share a place, and long ways without any. */
    x += dice % 13 == 0 ? 0.0 : dice % 5003 == 0 ? 300.0 : 1.0;
    lw_series_append (series, x, y);
  }
  return series;
}

/* The column from `left` to `right` by hand. */
static LwExtremes
by_hand (const LwSeries *series, size_t *cursor, double right, bool last)
{
  const double *xs = lw_series_x (series), *ys = lw_series_y (series);
  const size_t n = lw_series_length (series);
  LwExtremes sum = { NAN, NAN, 0.0, 0 };

  for (; *cursor < n && (last ? xs[*cursor] <= right : xs[*cursor] < right); (*cursor)++) {
    if (!isfinite (ys[*cursor]))
      continue;
    sum.min = fmin (sum.min, ys[*cursor]);
    sum.max = fmax (sum.max, ys[*cursor]);
    sum.n++;
  }
  return sum;
}

static void
check_columns (const LwSeries *series, const LwChartLayout *layout, double width)
{
  const LwChartPlot *plot = &layout->plots[0];
  int n, seen = 0;
  g_autofree LwColumn *columns = lw_chart_columns (layout, plot, series, width, &n);
  size_t cursor = lw_series_lower_bound (series, layout->x_min);

  for (int c = 0; c < n; c++) {
    const double right =
        c == n - 1 ? layout->x_max : lw_chart_data_x (layout, plot->plot.x + (c + 1) * width);
    const LwExtremes wanted = by_hand (series, &cursor, right, c == n - 1);
    const bool any = wanted.n > 0 && (!plot->log_y || wanted.max > 0);

    g_assert_cmpint (columns[c].any, ==, any);
    if (!any)
      continue;
    seen++;
    g_assert_cmpfloat (columns[c].top, ==, lw_chart_pixel_y (plot, wanted.max));
    if (!plot->log_y || wanted.min > 0)
      g_assert_cmpfloat (columns[c].bottom, ==, lw_chart_pixel_y (plot, wanted.min));
  }
  g_assert_cmpint (seen, >, 0);
}

static void
lay_out (const LwSeries *series, LwText *text, double from, double to, bool log_y, bool log_x,
         LwChartLayout *layout)
{
  const double end = lw_series_x (series)[lw_series_length (series) - 1];
  LwChartLine line = { .series = series };
  LwChartSpec chart = { .lines = &line, .n_lines = 1, .y = { NAN, NAN, log_y, false } };
  LwChartStack stack;

  lw_chart_stack_init (&stack);
  stack.charts = &chart;
  stack.n_charts = 1;
  stack.x = (LwChartAxis){ log_x ? 1.0 + from * end : from * end, to * end, log_x, false };
  lw_charts_layout (&stack, text, (cairo_rectangle_t){ 0, 0, 700, 300 }, layout);
}

static void
test_columns (void)
{
  static const int sizes[] = { 3000, 200000 };
  static const double parts[][2] = { { 0, 1 }, { 0.25, 0.75 }, { 0.5, 0.51 }, { 0.9, 1.1 } };
  g_autoptr (LwText) text = lw_text_new_fixed ();

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    g_autoptr (LwSeries) series = wild_series (sizes[s], s + 1);

    for (guint p = 0; p < G_N_ELEMENTS (parts); p++) {
      for (int log = 0; log < 4; log++) {
        LwChartLayout layout;

        lay_out (series, text, parts[p][0], parts[p][1], log & 1, log & 2, &layout);
        check_columns (series, &layout, 1.0);
        check_columns (series, &layout, 0.5);
      }
    }
  }
}

static void
test_ten_millions (void)
{
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autoptr (LwSeries) series = wild_series (10000000, 7);

  g_assert_cmpuint (lw_series_length (series), ==, 10000000);
  for (int step = 0; step < 6; step++) {
    LwChartLayout layout;

    lay_out (series, text, 0.1 * step, 0.1 * step + 0.5, false, false, &layout);
    check_columns (series, &layout, 1.0);
  }
}

static size_t
count_by_hand (const LwSeries *series, size_t begin, size_t end, double low, double high)
{
  const double *ys = lw_series_y (series);
  size_t n = 0;

  for (size_t i = begin; i < end; i++)
    n += isfinite (ys[i]) && (ys[i] < low || ys[i] > high);
  return n;
}

/* While panning, zooming and growing the count is the same as anew. */
static void
test_counts_while_panning (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autoptr (LwSeries) series = lw_series_new ();
  double from = 0, to = 2000;

  for (int i = 0; i < 20000; i++)
    lw_series_append (series, i, g_rand_double (random));
  for (int step = 0; step < 600; step++) {
    const double low = step < 300 ? 0.3 : 0.4, high = 0.6;
    const size_t begin = lw_series_lower_bound (series, from);
    const size_t end = lw_series_upper_bound (series, to);

    g_assert_cmpuint (lw_series_count_outside (series, from, to, low, high), ==,
                      count_by_hand (series, begin, end, low, high));
    g_assert_cmpuint (lw_series_count_outside (series, from, to, 0.5, 2.0), ==,
                      count_by_hand (series, begin, end, 0.5, 2.0));
    from += g_rand_double_range (random, -100, 130);
    to += g_rand_double_range (random, -100, 130);
    if (to < from || step % 97 == 0)
      to = from + 500;
    lw_series_append (series, 20000 + step, 0.9);
    if (step == 450)
      lw_series_clear (series);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chart-columns/columns", test_columns);
  g_test_add_func ("/chart-columns/ten-millions", test_ten_millions);
  g_test_add_func ("/chart-columns/counts-while-panning", test_counts_while_panning);
  return g_test_run ();
}
