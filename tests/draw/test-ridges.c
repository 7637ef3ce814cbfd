/* Ridges: order, heights, tints, reading under the pointer; rows; the chart by depth. */
#include "tests/draw/canvas.h"
#include "ui/draw/depth-chart.h"
#include "ui/draw/ridge-rows.h"

#include <math.h>
#include <string.h>

#define N 6

static const LwColour white = { 1, 1, 1, 1 };

/* Near normal around `mean`, of a sigmoid's outputs when `op` says so. */
static LwDistribution
make (LwOp op, double mean, double deviation, int seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32)seed);
  float values[4000];
  LwDistribution d;
  LwTally tally;

  for (int i = 0; i < 4000; i++) {
    values[i] = (float)(normal (random) * deviation + mean);
    if (op == LW_OP_SIGMOID)
      values[i] = CLAMP (values[i], 0.0f, 1.0f);
  }
  lw_tally_begin (&tally, op);
  lw_tally_add (&tally, values, 4000);
  lw_tally_end (&tally, &d);
  return d;
}

static void
fill (LwRidges *ridges, LwDistribution *d, LwOp op)
{
  for (int i = 0; i < N; i++)
    d[i] = op == LW_OP_SIGMOID ? make (op, 0.5, 0.3, i) : make (op, 0, 1.0 / (i + 1), i);
  *ridges = (LwRidges){ .ridges = d,
                        .n = N,
                        .min = op == LW_OP_SIGMOID ? 0 : -2,
                        .max = op == LW_OP_SIGMOID ? 1 : 2,
                        .colour = lw_theme (false)->kind_line[LW_KIND_CONVOLUTION],
                        .ground = white };
}

/* The oldest has the highest base, the newest lies on the axis; heights are roots of densities. */
static void
test_order (void)
{
  const cairo_rectangle_t place = { 20, 20, 300, 138 };
  LwDistribution d[N];
  LwRidges ridges;
  double highest = 0;

  fill (&ridges, d, LW_OP_CONV2D);
  g_assert_cmpfloat (lw_ridges_base (&ridges, place, N - 1), ==, 140);
  for (int i = 1; i < N; i++)
    g_assert_cmpfloat (lw_ridges_base (&ridges, place, i), >,
                       lw_ridges_base (&ridges, place, i - 1));
  for (int i = 0; i < N; i++)
    for (int b = 0; b < LW_DISTRIBUTION_BINS; b++) {
      const double density = d[i].bins[b] / (double)(d[i].high - d[i].low);
      const double height = lw_ridges_height (&ridges, place, i, b);

      highest = MAX (highest, height);
      g_assert_cmpfloat_with_epsilon (
          height * height * d[0].bins[32] / (double)(d[0].high - d[0].low),
          pow (lw_ridges_height (&ridges, place, 0, 32), 2) * density, 1e-3 * (1 + density) * 4000);
      g_assert_cmpfloat (lw_ridges_base (&ridges, place, i) - height, >=, 20 - 1e-9);
    }
  g_assert_cmpfloat (highest, >, 40);
}

/* Painted within its place but for the numbers' 8 px; the newest is strongest. */
static void
test_paint (void)
{
  const cairo_rectangle_t place = { 30, 20, 300, 138 };
  g_autoptr (LwText) text = lw_text_new_fixed ();
  LwDistribution d[N];
  LwRidges ridges;

  for (int dark = 0; dark < 2; dark++) {
    const LwTheme *theme = lw_theme (dark);
    Canvas canvas = canvas_new (360, 180, theme->canvas);

    fill (&ridges, d, LW_OP_CONV2D);
    ridges.ground = theme->canvas;
    ridges.colour = theme->kind_line[LW_KIND_CONVOLUTION];
    lw_ridges_paint (canvas.cr, theme, text, &ridges, place);
    g_assert_cmpint (canvas_count_painted (&canvas, 30, 20, 300, 120, theme->canvas), >, 4000);
    g_assert_cmpint (canvas_count_painted (&canvas, 0, 0, 21, 180, theme->canvas), ==, 0);
    g_assert_cmpint (canvas_count_painted (&canvas, 339, 0, 21, 180, theme->canvas), ==, 0);
    g_assert_cmpint (canvas_count_painted (&canvas, 0, 0, 360, 17, theme->canvas), ==, 0);
    g_assert_cmpint (canvas_count_painted (&canvas, 0, 159, 360, 21, theme->canvas), ==, 0);
    /* The full colour is the newest's alone. */
    g_assert_cmpint (canvas_count_colour (&canvas, 30, 20, 300, 40, ridges.colour), ==, 0);
    g_assert_cmpint (canvas_count_colour (&canvas, 30, 100, 300, 41, ridges.colour), >, 100);
    canvas_finish (&canvas, dark ? "ridges-dark" : "ridges");
  }
}

static void
test_tints (void)
{
  const cairo_rectangle_t place = { 20, 20, 400, 138 };
  const LwTheme *theme = lw_theme (false);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  LwDistribution d[N];
  LwRidges ridges;

  for (int tints = 0; tints < 2; tints++) {
    Canvas canvas = canvas_new (440, 180, white);
    int ends, middle;

    fill (&ridges, d, LW_OP_SIGMOID);
    if (tints) {
      ridges.n_tints = 2;
      ridges.tints[0] = (LwRidgeTint){ 0, 0.05 };
      ridges.tints[1] = (LwRidgeTint){ 0.95, 1 };
    }
    /* Above all curves: 0.05 of 400 px at each end. */
    ridges.n = 1;
    d[0] = make (LW_OP_SIGMOID, 0.5, 0.1, 1);
    lw_ridges_paint (canvas.cr, theme, text, &ridges, place);
    ends = canvas_count_painted (&canvas, 23, 30, 16, 60, white) +
           canvas_count_painted (&canvas, 402, 30, 16, 60, white);
    middle = canvas_count_painted (&canvas, 41, 30, 20, 60, white);
    g_assert_cmpint (ends, ==, tints ? 2 * 16 * 60 : 0);
    g_assert_cmpint (middle, ==, 0);
    canvas_finish (&canvas, tints ? "ridges-tinted" : "ridges-plain");
  }
}

static void
test_reading (void)
{
  const cairo_rectangle_t place = { 20, 20, 400, 138 };
  const LwTheme *theme = lw_theme (false);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  LwDistribution d[N];
  LwRidges ridges;
  double value, from, to, share;
  Canvas canvas = canvas_new (440, 180, white);
  g_autofree char *words = NULL, *nothing = NULL;

  fill (&ridges, d, LW_OP_CONV2D);
  /* On each curve's base, far from the middle, is that curve. */
  for (int i = 0; i < N; i++) {
    g_assert_cmpint (lw_ridges_at (&ridges, place, 24, lw_ridges_base (&ridges, place, i), &value),
                     ==, i);
    g_assert_cmpfloat_with_epsilon (value, -2 + 4 * 4 / 400.0, 1e-9);
  }
  /* In the middle the newest covers what is behind it. */
  g_assert_cmpint (lw_ridges_at (&ridges, place, 220, 135, &value), ==, N - 1);
  g_assert_cmpint (lw_ridges_at (&ridges, place, 10, 100, &value), ==, -1);
  g_assert_cmpint (lw_ridges_at (&ridges, place, 220, 150, &value), ==, -1);

  g_assert_true (lw_ridges_bin (&ridges, N - 1, 0.001, &from, &to, &share));
  g_assert_cmpfloat (from, ==, 0);
  g_assert_cmpfloat (share, ==, d[N - 1].bins[32] / 4000.0);
  words = lw_ridges_words (&ridges, N - 1, 0.001);
  g_assert_nonnull (strstr (words, "% of the values"));
  g_assert_false (lw_ridges_bin (&ridges, N - 1, 1.9, &from, &to, &share));
  nothing = lw_ridges_words (&ridges, N - 1, 1.9);
  g_assert_cmpstr (nothing, ==, "No value here");
  /* The card stays within its bounds. */
  lw_ridges_paint_hover (canvas.cr, theme, text, &ridges, place, N - 1, 0.5, "epoch 3",
                         (cairo_rectangle_t){ 40, 10, 380, 140 });
  g_assert_cmpint (canvas_count_painted (&canvas, 20, 20, 400, 120, white), >, 2000);
  g_assert_cmpint (canvas_count_painted (&canvas, 424, 0, 16, 180, white), ==, 0);
  canvas_finish (&canvas, "ridges-hover");
}

/* Another run's newest changes the picture by its outline, and may make the scale lower. */
static void
test_other (void)
{
  const cairo_rectangle_t place = { 20, 20, 400, 138 };
  const LwTheme *theme = lw_theme (false);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  LwDistribution d[N], other = make (LW_OP_CONV2D, 1, 0.3, 9);
  LwRidges ridges;
  Canvas canvas = canvas_new (440, 180, white);

  fill (&ridges, d, LW_OP_CONV2D);
  ridges.other = &other;
  ridges.other_colour = theme->error;
  lw_ridges_paint (canvas.cr, theme, text, &ridges, place);
  g_assert_cmpint (canvas_count_colour (&canvas, 260, 60, 140, 80, theme->error), >, 40);
  g_assert_cmpint (canvas_count_colour (&canvas, 20, 20, 100, 100, theme->error), ==, 0);
  canvas_finish (&canvas, "ridges-other");
}

/* Without values, without room, with numbers that are none: nothing, and no error of Cairo. */
static void
test_nothing (void)
{
  const LwTheme *theme = lw_theme (false);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  LwDistribution empty[2] = { { .high = 1 }, { .count = 4, .not_finite = 4, .high = 1 } };
  LwRidges ridges = { .ridges = empty, .n = 2, .min = 0, .max = 1, .ground = white };
  Canvas canvas = canvas_new (200, 100, white);
  double value;

  lw_ridges_paint (canvas.cr, theme, text, &ridges, (cairo_rectangle_t){ 0, 0, 0, 0 });
  lw_ridges_paint (canvas.cr, theme, text, &ridges, (cairo_rectangle_t){ 10, 10, 180, 80 });
  g_assert_cmpint (lw_ridges_at (&ridges, (cairo_rectangle_t){ 10, 10, 180, 80 }, 50, 50, &value),
                   ==, -1);
  ridges.max = NAN;
  lw_ridges_paint (canvas.cr, theme, text, &ridges, (cairo_rectangle_t){ 10, 10, 180, 80 });
  canvas_finish (&canvas, "ridges-nothing");
}

/* Cells beside each other do not meet, for all widths that a window may have. */
static void
test_rows (void)
{
  const LwTheme *theme = lw_theme (false);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  LwDistribution d[N];
  LwRidgeRow row = { .name = "conv 1",
                     .place = "Stage 2 · Residual 1",
                     .badges = { { "45 % saturated", true }, { "update 3.8 ‰", false } },
                     .n_badges = 2 };

  for (int width = 320; width <= 1040; width += 240)
    for (int columns = 1; columns <= LW_RIDGE_COLUMNS; columns++) {
      const LwRidgePanel panel = lw_ridge_panel (0, width, columns);
      Canvas canvas = canvas_new (width, LW_RIDGE_ROW_HEIGHT, white);

      for (int c = 0; c < columns; c++) {
        const cairo_rectangle_t cell = lw_ridge_cell (&panel, c, 0);

        g_assert_cmpfloat (cell.width, >, 30);
        g_assert_cmpfloat (cell.x + cell.width, <=, width);
        if (c > 0)
          g_assert_cmpfloat (panel.cell_x[c - 1] + cell.width + 16, <=, cell.x);
        g_assert_cmpint (lw_ridge_column_at (&panel, cell.x + cell.width / 2), ==, c);
        fill (&row.cells[c], d, LW_OP_CONV2D);
      }
      g_assert_cmpint (lw_ridge_column_at (&panel, 20), ==, -1);
      lw_ridge_row_paint (canvas.cr, theme, text, &row, &panel, 0, true);
      g_assert_cmpint (canvas_count_colour (&canvas, 0, 30, 40, 60, theme->warning), >, 3);
      canvas_finish (&canvas, "ridge-row");
    }
}

static void
test_depth (void)
{
  static const char *const layers[] = { "conv 1", "conv 2", "linear 1" };
  static const double values[2][3] = { { 0.001, 0.02, 0.5 }, { NAN, 0, 2 } };
  const LwTheme *theme = lw_theme (false);
  const LwDepthLine lines[] = { { "LeNet", values[0], theme->series[0], 0, LW_MARKER_CIRCLE },
                                { "LeNet + BN", values[1], theme->series[3], 2,
                                  LW_MARKER_CIRCLE } };
  LwDepthChart chart = { "Gradient norm by depth", layers, layers, 3, lines, 2, -1, -1, white };
  const cairo_rectangle_t place = { 0, 0, 400, 180 };
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autofree char *words = lw_depth_chart_describe (&chart);

  g_assert_cmpstr (words, ==,
                   "Gradient norm by depth; LeNet: conv 1 0.001 to linear 1 0.500; "
                   "LeNet + BN: linear 1 2.000 to linear 1 2.000");
  for (int i = 0; i < 3; i++)
    g_assert_cmpint (lw_depth_chart_at (&chart, place, 52 + 334 * (i + 0.5) / 3, 90), ==, i);
  g_assert_cmpint (lw_depth_chart_at (&chart, place, 20, 90), ==, -1);
  for (chart.hovered = -1; chart.hovered < 3; chart.hovered++) {
    Canvas canvas = canvas_new (400, 180, white);

    lw_depth_chart_paint (canvas.cr, theme, text, &chart, place);
    g_assert_cmpint (canvas_count_colour (&canvas, 52, 24, 334, 140, theme->series[0]), >, 120);
    canvas_finish (&canvas, "depth");
  }
  chart.n_lines = chart.n_layers = 0;
  {
    Canvas canvas = canvas_new (400, 180, white);

    lw_depth_chart_paint (canvas.cr, theme, text, &chart, place);
    canvas_finish (&canvas, "depth-empty");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ridges/order", test_order);
  g_test_add_func ("/ridges/paint", test_paint);
  g_test_add_func ("/ridges/tints", test_tints);
  g_test_add_func ("/ridges/reading", test_reading);
  g_test_add_func ("/ridges/other", test_other);
  g_test_add_func ("/ridges/nothing", test_nothing);
  g_test_add_func ("/ridges/rows", test_rows);
  g_test_add_func ("/ridges/depth", test_depth);
  return g_test_run ();
}
