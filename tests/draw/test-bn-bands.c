/* How running values come about: the band over the run, the line, the last batches one by one. */
#include "tests/draw/canvas.h"
#include "ui/draw/bn-bands.h"
#include "ui/draw/glyphs.h"
#include "ui/draw/histogram.h"

#include <math.h>
#include <string.h>

enum { N = 100, RECENT = 60 };

static double epochs[N];
static int64_t steps[RECENT];
static float low[N], high[N], batch[N], running[N], recent[RECENT], recent_running[RECENT];

/* The band lies from 1 to 2, the line at 3; the last batches at 5 and their line at 4. */
static LwBnBands
make_bands (void)
{
  LwBnBands bands = { .n_rows = 2,
                      .n = N,
                      .n_recent = RECENT,
                      .epochs = epochs,
                      .steps = steps,
                      .until = NAN,
                      .names = { "batch", "running", "last 60 batches" },
                      .rule_x = NAN,
                      .rule_y = NAN };
  const LwBnBand row = { .title = "Mean",
                         .low = low,
                         .high = high,
                         .batch = batch,
                         .running = running,
                         .recent = recent,
                         .recent_running = recent_running,
                         .start = NAN };

  for (int i = 0; i < N; i++) {
    epochs[i] = (i + 1) / 10.0;
    low[i] = 1;
    high[i] = 2;
    batch[i] = 1.5f;
    running[i] = 3;
  }
  for (int i = 0; i < RECENT; i++) {
    steps[i] = 941 + i;
    recent[i] = 5;
    recent_running[i] = 4;
  }
  bands.rows[0] = bands.rows[1] = row;
  bands.rows[1].title = "Variance";
  bands.rows[1].never_negative = true;
  return bands;
}

static double
y_of (const LwBnPlot *plot, double value)
{
  return plot->plot.y + plot->plot.height * (plot->y_max - value) / (plot->y_max - plot->y_min);
}

static void
test_places (void)
{
  g_autoptr (LwText) text = lw_text_new ("Cantarell", NULL);
  const LwTheme *theme = lw_theme (false);
  Canvas canvas = canvas_new (460, 360, theme->canvas);
  const LwBnBands bands = make_bands ();
  LwBnBandsLayout layout;

  lw_bn_bands_layout (&bands, (cairo_rectangle_t){ 0, 0, 460, 360 }, &layout);
  lw_bn_bands_paint (canvas.cr, theme, text, &bands, &layout);
  for (int row = 0; row < 2; row++) {
    const LwBnPlot *run = &layout.plots[row][0], *last = &layout.plots[row][1];
    const double x = run->plot.x + 20, width = run->plot.width - 40;
    const double band = y_of (run, 2) - y_of (run, 1);

    g_assert_cmpfloat (run->plot.x + run->plot.width, <, last->plot.x);
    g_assert_cmpfloat (last->plot.x + last->plot.width, <=, 460);
    /* The strip is filled all over, and nothing but the grid is above it up to the line. */
    g_assert_cmpint (
        canvas_count_painted (&canvas, x, y_of (run, 2) + 2, width, -band - 4, theme->canvas), >=,
        (int)(0.98 * width * floor (-band - 4)));
    g_assert_cmpint (
        canvas_count_colour (&canvas, x, y_of (run, 3) - 2, width, 4, theme->series[1]), >,
        (int)width);
    g_assert_cmpint (
        canvas_count_colour (&canvas, x, y_of (run, 2) - 6, width, 4, theme->series[1]), ==, 0);
    /* Sixty dots, and the line below them. */
    g_assert_cmpint (canvas_count_painted (&canvas, last->plot.x, y_of (last, 5) - 3,
                                           last->plot.width, 6, theme->canvas),
                     >, 60);
    g_assert_cmpint (canvas_count_colour (&canvas, last->plot.x, y_of (last, 4) - 2,
                                          last->plot.width, 4, theme->series[1]),
                     >, (int)last->plot.width / 2);
  }
  canvas_finish (&canvas, "bn-bands");
}

/* A rare peak does not flatten all else, and it is counted; of means nothing is left out. */
static void
test_peaks (void)
{
  LwBnBands bands = make_bands ();
  LwBnBandsLayout layout;

  high[40] = high[41] = 500;
  lw_bn_bands_layout (&bands, (cairo_rectangle_t){ 0, 0, 460, 360 }, &layout);
  g_assert_cmpfloat (layout.plots[0][0].y_max, >=, 500);
  g_assert_cmpint (layout.plots[0][0].outside, ==, 0);
  g_assert_cmpfloat (layout.plots[1][0].y_max, <, 10);
  g_assert_cmpfloat (layout.plots[1][0].y_max, >=, 3);
  g_assert_cmpfloat (layout.plots[1][0].y_min, ==, 0);
  g_assert_cmpint (layout.plots[1][0].outside, ==, 2);
}

static void
test_readout (void)
{
  LwBnBands bands = make_bands ();
  LwBnBandsLayout layout;
  g_autofree char *none = NULL, *run = NULL, *last = NULL, *words = NULL;

  lw_bn_bands_layout (&bands, (cairo_rectangle_t){ 0, 0, 460, 360 }, &layout);
  none = lw_bn_bands_readout (&bands, &layout);
  g_assert_null (none);
  bands.rule_x = layout.plots[0][0].plot.x + layout.plots[0][0].plot.width;
  bands.rule_y = layout.plots[0][0].plot.y + 10;
  run = lw_bn_bands_readout (&bands, &layout);
  g_assert_cmpstr (run, ==, "epoch 10: batch 1.500 (1.000 to 2.000), running 3.000");
  bands.rule_x = layout.plots[1][1].plot.x;
  bands.rule_y = layout.plots[1][1].plot.y + 10;
  last = lw_bn_bands_readout (&bands, &layout);
  g_assert_cmpstr (last, ==, "iteration 941: batch 5.000, running 4.000");
  words = lw_bn_bands_describe (&bands, 0);
  g_assert_cmpstr (words, ==, "Mean, batch 1.500, running 3.000, epoch 10");
}

/* An epoch in the midst is looked at: what came later is faint, and what is said is of it. */
static void
test_until (void)
{
  g_autoptr (LwText) text = lw_text_new ("Cantarell", NULL);
  const LwTheme *theme = lw_theme (false);
  Canvas canvas = canvas_new (460, 360, theme->canvas);
  LwBnBands bands = make_bands ();
  LwBnBandsLayout layout;
  g_autofree char *words = NULL;

  bands.until = 5;
  for (int row = 0; row < 2; row++)
    bands.rows[row].recent = bands.rows[row].recent_running = NULL;
  lw_bn_bands_layout (&bands, (cairo_rectangle_t){ 0, 0, 460, 360 }, &layout);
  lw_bn_bands_paint (canvas.cr, theme, text, &bands, &layout);
  for (int row = 0; row < 2; row++) {
    const LwBnPlot *run = &layout.plots[row][0];
    const double half = run->plot.width / 2, y = y_of (run, 3) - 2;

    g_assert_cmpint (canvas_count_colour (&canvas, run->plot.x, y, half, 4, theme->series[1]), >,
                     (int)half * 9 / 10);
    g_assert_cmpint (
        canvas_count_colour (&canvas, run->plot.x + half + 2, y, half - 2, 4, theme->series[1]), ==,
        0);
    g_assert_cmpint (
        canvas_count_painted (&canvas, run->plot.x + half + 2, y, half - 2, 4, theme->canvas), >,
        (int)half * 9 / 10);
  }
  words = lw_bn_bands_describe (&bands, 0);
  g_assert_cmpstr (words, ==, "Mean, batch 1.500, running 3.000, epoch 5");
  canvas_finish (&canvas, "bn-bands-until");
}

/* Nothing recorded yet, one moment, values that are no numbers, any size: no crash, no error. */
static void
test_odd (void)
{
  g_autoptr (LwText) text = lw_text_new ("Cantarell", NULL);
  static const int counts[] = { 0, 1, 2, N };
  static const double sizes[][2] = { { 0, 0 }, { 1, 1 }, { 60, 400 }, { 500, 30 }, { 460, 360 } };

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
      Canvas canvas = canvas_new ((int)sizes[s][0], (int)sizes[s][1], lw_theme (true)->canvas);
      LwBnBands bands = make_bands ();
      LwBnBandsLayout layout;

      bands.n = counts[i];
      bands.n_recent = MIN (counts[i], RECENT);
      running[0] = high[1] = NAN;
      recent[0] = INFINITY;
      if (s == 3)
        bands.rows[0].recent = bands.rows[1].recent = NULL;
      bands.rule_x = sizes[s][0] / 2;
      bands.rule_y = sizes[s][1] / 2;
      lw_bn_bands_layout (&bands, (cairo_rectangle_t){ 0, 0, sizes[s][0], sizes[s][1] }, &layout);
      lw_bn_bands_paint (canvas.cr, lw_theme (true), text, &bands, &layout);
      canvas_finish (&canvas, NULL);
    }
}

/* The marked channel's slice is filled, wherever it stands. */
static void
test_block (void)
{
  g_autoptr (LwText) text = lw_text_new ("Cantarell", NULL);
  const LwTheme *theme = lw_theme (false);
  int left = 0, right = 0;

  for (int channel = 0; channel < 16; channel += 15) {
    const LwBatchBlock block = { 256, 16, 8, 8, channel };
    Canvas canvas = canvas_new (240, 108, theme->canvas);
    const LwColour fill =
        blend ((LwColour){ theme->series[0].r, theme->series[0].g, theme->series[0].b, 0.75 },
               theme->canvas);

    lw_batch_block_paint (canvas.cr, theme, text, &block, (cairo_rectangle_t){ 0, 0, 240, 108 });
    left = canvas_count_colour (&canvas, 0, 0, 90, 108, fill);
    right = canvas_count_colour (&canvas, 90, 0, 150, 108, fill);
    g_assert_cmpint (channel == 0 ? left : right, >, 200);
    g_assert_cmpint (channel == 0 ? right : left, ==, 0);
    canvas_finish (&canvas, NULL);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bn-bands/places", test_places);
  g_test_add_func ("/bn-bands/peaks", test_peaks);
  g_test_add_func ("/bn-bands/until", test_until);
  g_test_add_func ("/bn-bands/readout", test_readout);
  g_test_add_func ("/bn-bands/odd", test_odd);
  g_test_add_func ("/bn-bands/block", test_block);
  return g_test_run ();
}
