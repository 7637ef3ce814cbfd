/* The table at the rule and the legend: rows, place, clicks. */
#include "tests/draw/chart-run.h"

#include <math.h>
#include <string.h>

static void
test_readout (Run *run, gconstpointer data)
{
  LwChartLayout layout;
  LwReadout rows[8];
  g_autofree char *copied = NULL;
  size_t at;

  (void)data;
  run->stack.rule_x = 1.4;
  lw_charts_layout (&run->stack, run->text, (cairo_rectangle_t){ 0, 0, 750, 480 }, &layout);
  g_assert_cmpint (lw_charts_readout (&run->stack, &layout, rows, 8), ==, 4);
  g_assert_true (lw_series_at_x (run->train[0], 1.4, LW_AT_NEAREST, &at));
  g_assert_cmpfloat (rows[0].value, ==, lw_series_y (run->lines[0][0].series)[at]);
  g_assert_cmpfloat (rows[0].raw, ==, lw_series_y (run->train[0])[at]);
  g_assert_cmpfloat_with_epsilon (rows[0].x, 1.4, 0.5 / 235.0);
  /* Test rows: the last test before the rule, without a batch value. */
  g_assert_cmpfloat (rows[1].value, ==, 0.766);
  g_assert_cmpfloat (rows[1].x, ==, 1.0);
  g_assert_true (isnan (rows[1].raw));
  g_assert_cmpint (rows[2].chart, ==, 1);
  g_assert_cmpfloat (rows[3].value, ==, 0.715);
  for (int i = 0; i < 4; i++)
    g_assert_false (rows[i].nearest);

  run->stack.pointer_y = lw_chart_pixel_y (&layout.plots[1], rows[2].value) + 2.0;
  lw_charts_readout (&run->stack, &layout, rows, 8);
  /* Nearest to the pointer first, whichever chart it is of. */
  g_assert_cmpint (rows[0].chart, ==, 1);
  g_assert_cmpint (rows[0].line, ==, 0);
  for (int i = 0; i < 4; i++) {
    g_assert_cmpint (rows[i].nearest, ==, i == 0);
    if (i > 0)
      g_assert_cmpfloat (fabs (rows[i].pixel_y - run->stack.pointer_y), >=,
                         fabs (rows[i - 1].pixel_y - run->stack.pointer_y));
  }

  copied = lw_charts_readout_text (&run->stack, &layout);
  g_assert_nonnull (strstr (copied, "Test loss\t0.766\t\t1\n"));

  /* Before the first test there is no test row; hidden lines have none. */
  run->stack.rule_x = 0.5;
  g_assert_cmpint (lw_charts_readout (&run->stack, &layout, rows, 8), ==, 2);
  run->lines[0][0].hidden = true;
  g_assert_cmpint (lw_charts_readout (&run->stack, &layout, rows, 8), ==, 1);
  run->stack.rule_x = NAN;
  g_assert_cmpint (lw_charts_readout (&run->stack, &layout, rows, 8), ==, 0);
  g_assert_null (lw_charts_readout_text (&run->stack, &layout));
}

static void
test_table_stays_inside (Run *run, gconstpointer data)
{
  int shown = 0, flipped = 0;

  (void)data;
  for (int width = 120; width <= 1200; width += 90) {
    for (int height = 90; height <= 700; height += 130) {
      cairo_rectangle_t area = { 10.0, 20.0, width, height }, table;
      LwChartLayout layout;

      lw_charts_layout (&run->stack, run->text, area, &layout);
      for (double x = -0.2; x <= 3.2; x += 0.1) {
        double rule = lw_chart_pixel_x (&layout, x), gap;

        run->stack.rule_x = x;
        run->stack.pointer_y = area.y + height / 2.0;
        if (!lw_charts_readout_rectangle (&run->stack, &layout, run->text, &table))
          continue;
        shown++;
        assert_inside (&table, &area);
        gap = table.x >= rule ? table.x - rule : rule - table.x - table.width;
        g_assert_cmpfloat_with_epsilon (gap, 12.0, 1e-6);
        flipped += table.x < rule;
      }
    }
  }
  g_assert_cmpint (shown, >, 1000);
  g_assert_cmpint (flipped, >, 100);
  g_assert_cmpint (flipped, <, shown);
}

static void
test_legend (Run *run, gconstpointer data)
{
  LwChartLayout layout;
  int chart, line, hits[2][2] = { { 0, 0 }, { 0, 0 } };

  (void)data;
  lw_charts_layout (&run->stack, run->text, (cairo_rectangle_t){ 0, 0, 750, 480 }, &layout);
  for (double y = 0.0; y < 480.0; y += 3.0) {
    for (double x = 0.0; x < 750.0; x += 3.0) {
      if (!lw_charts_legend_at (&run->stack, &layout, run->text, x, y, &chart, &line))
        continue;
      g_assert_cmpint (chart, ==, lw_charts_at (&layout, x, y));
      g_assert_cmpfloat (y, <, layout.plots[chart].plot.y);
      hits[chart][line]++;
    }
  }
  for (int c = 0; c < 2; c++) {
    g_assert_cmpint (hits[c][0], >, 20);
    g_assert_cmpint (hits[c][1], >, 20);
  }
  /* Eleven long names take rows of their own, and the plot makes room. */
  {
    g_autoptr (LwSeries) series = lw_series_new ();
    LwChartLine lines[11];
    LwChartSpec many = { .title = "Test accuracy", .lines = lines, .n_lines = 11 };
    double top = layout.plots[0].plot.y;

    for (int i = 0; i < 11; i++)
      lines[i] = (LwChartLine){ .series = series, .name = "LeNet + BN, learning rate 0.1" };
    run->stack.charts = &many;
    run->stack.n_charts = 1;
    lw_charts_layout (&run->stack, run->text, (cairo_rectangle_t){ 0, 0, 750, 480 }, &layout);
    g_assert_cmpfloat (layout.plots[0].plot.y, >, top + 30.0);
  }
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*function) (Run *, gconstpointer);
  } tests[] = {
    { "/chart-readout/readout", test_readout },
    { "/chart-readout/table-stays-inside", test_table_stays_inside },
    { "/chart-readout/legend", test_legend },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Run, NULL, run_set_up, tests[i].function, run_tear_down);
  return g_test_run ();
}
